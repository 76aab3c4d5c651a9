package ir

// This file holds steps, what a getelementptr does to a cell (rules C3 to C5 of
// cell.go), and how cells lie to each other when memory is copied.

import (
	"math/bits"
	"slices"

	"github.com/llir/llvm/ir/types"
)

// A step is the effect of address arithmetic: add k, then an unknown multiple
// of stride.
type step struct {
	k      int64
	stride int64 // 0 if the step is constant
	count  int64 // of a named array: the number of its elements, 0 if open
	named  bool  // the stride goes through a named array
	ahead  bool  // the stride goes forward only
	bytes  bool  // arithmetic on a char pointer
	loose  bool  // not inbounds: may leave the object and come back
}

// A stepID numbers a step.
type stepID = int32

const noStep stepID = 0 // adds nothing

// anyStep is the step to any offset.
var anyStep = step{stride: 1, bytes: true}

// maxImages bounds the cells that one step from one cell leads to.
const maxImages = 64

func (s *solver) stepOf(st step) stepID {
	id, ok := s.stepIDs[st]
	if !ok {
		id = stepID(len(s.steps))
		s.steps = append(s.steps, st)
		s.stepIDs[st] = id
	}
	return id
}

// move returns the cells that step id leads to from c. The caller must not
// change the result.
func (s *solver) move(c cellID, id stepID) []cellID {
	if id == noStep {
		return s.single(c)
	}
	key := uint64(c)<<32 | uint64(id)
	if to, ok := s.moves[key]; ok {
		return to
	}
	from, st := s.cells[c], s.steps[id]
	o := s.objs[from.obj]
	var to []cellID
	switch {
	case c == unknownCell || o.Kind == ObjFunc:
		to = s.single(c)
	case from.stride == 1 && from.end == endless:
		to = s.single(c)
	case o.typ == nil:
		to = s.moveRaw(from, st)
	case from.stride > 0:
		to = s.single(s.moveWalk(from, st))
	default:
		to = s.moveTyped(from, st)
	}
	slices.Sort(to)
	to = slices.Compact(to)
	s.moves[key] = to
	return to
}

// single returns the one-element slice of c.
func (s *solver) single(c cellID) []cellID {
	for len(s.singles) <= int(c) {
		s.singles = append(s.singles, cellID(len(s.singles)))
	}
	return s.singles[c : c+1 : c+1]
}

// moveRaw steps in an object without a type.
func (s *solver) moveRaw(from cell, st step) (to []cellID) {
	obj := from.obj
	if from.stride == 0 {
		off := from.off + st.k
		switch {
		case st.stride == 0:
			return []cellID{s.plain(obj, off)}
		case st.named || st.ahead:
			return []cellID{s.run(obj, off, off, st.stride, endOf(off, st))}
		}
		return []cellID{s.run(obj, 0, mod(off, st.stride), st.stride, endless)}
	}
	if st.k != 0 {
		rel := from.off - from.base + st.k
		c := from
		c.off = from.base + mod(rel, from.stride)
		to = append(to, s.run(obj, c.base, c.off, c.stride, c.end))
		if rel < 0 { // before the array, as seen from its first elements
			for off := from.base + rel; off < from.base; off += from.stride {
				if len(to) > maxImages {
					return []cellID{s.anywhere(obj)}
				}
				to = append(to, s.plain(obj, off))
			}
		}
		if rel >= from.stride && from.end != endless && st.k%from.stride != 0 {
			// After the array, as seen from its last elements.
			for off := from.end - 1 - mod(from.end-1-from.off, from.stride) + st.k; off >= from.end; off -= from.stride {
				if len(to) > maxImages {
					return []cellID{s.anywhere(obj)}
				}
				to = append(to, s.plain(obj, off))
			}
		}
	} else {
		to = append(to, s.intern(from.key()))
	}
	if st.stride == 0 {
		return to
	}
	for i, id := range to {
		c := s.cells[id]
		switch {
		case c.stride == 0:
			to[i] = s.moveRaw(c, step{stride: st.stride, count: st.count, named: st.named, ahead: st.ahead})[0]
		case st.stride%c.stride != 0 && (st.named || st.ahead):
			g := gcd(st.stride, c.stride)
			to[i] = s.run(obj, c.base, c.base+mod(c.off-c.base, g), g, endless)
		case st.stride%c.stride != 0:
			g := gcd(st.stride, c.stride)
			to[i] = s.run(obj, 0, mod(c.off, g), g, endless)
		}
	}
	return to
}

// key is c without its contents, as intern wants it.
func (c cell) key() cell {
	c.mem = 0
	return c
}

// endOf is where the array that st names, beginning at off, ends.
func endOf(off int64, st step) int64 {
	if st.count == 0 {
		return endless
	}
	hi, lo := bits.Mul64(uint64(st.count), uint64(st.stride))
	if hi != 0 || lo > endless/4 {
		return endless
	}
	return off + int64(lo)
}

// moveWalk steps in a run over part of a typed object: the walk stays there,
// with a finer stride if need be.
func (s *solver) moveWalk(from cell, st step) cellID {
	g := gcd(gcd(from.stride, st.k), st.stride)
	return s.run(from.obj, from.base, from.base+mod(from.off-from.base, g), g, from.end)
}

// moveTyped steps from a plain cell of a typed object.
func (s *solver) moveTyped(from cell, st step) (to []cellID) {
	o := s.objs[from.obj]
	offs, ok := s.places(o, from.off, st)
	if !ok {
		return []cellID{s.anywhere(from.obj)}
	}
	for _, off := range offs {
		if st.stride == 0 {
			to = append(to, s.plain(from.obj, off))
			continue
		}
		if c, ok := s.index(o, from.obj, off, st); ok {
			to = append(to, c)
		}
	}
	return to
}

// places is rule (C3): the canonical offsets that off + st.k may be. ok is false
// if there are too many.
func (s *solver) places(o *objState, off int64, st step) (offs []int64, ok bool) {
	if st.k == 0 {
		return []int64{off}, true
	}
	to := off + st.k
	if to >= 0 && to <= s.span(o) {
		offs = append(offs, s.canon(o, to))
	} else if st.loose {
		return nil, false
	}
	parts, _ := s.parts(o, off)
	for _, p := range parts {
		if p.elem == 0 || p.count == 1 || to >= p.lo && to < p.lo+p.elem {
			continue
		}
		offs = append(offs, s.canon(o, p.lo+mod(to-p.lo, p.elem)))
		if !st.bytes || st.k > 0 {
			continue
		}
		for i, u := int64(1), to+p.elem; u < p.lo && (p.count == 0 || i < p.count); i, u = i+1, u+p.elem {
			if u >= 0 {
				offs = append(offs, s.canon(o, u))
			}
			if len(offs) > maxImages {
				return nil, false
			}
		}
	}
	return offs, true
}

// index is rules (C4) and (C5) for a variable step from canonical off of a
// typed object. ok is false if off is the object's end and the step is known to
// be back into its array, which places has found too.
func (s *solver) index(o *objState, obj int32, off int64, st step) (c cellID, ok bool) {
	parts, _ := s.parts(o, off)
	if len(parts) == 0 {
		outer, _ := s.parts(o, 0)
		if off == s.span(o) && len(outer) > 0 && outer[0].elem > 0 && st.stride%outer[0].elem == 0 {
			return 0, false
		}
		return s.anywhere(obj), true
	}
	begins := -1 // the outermost part that begins at off
	fits := -1   // the innermost array whose elements the stride fits
	for i, p := range parts {
		if begins < 0 && p.lo == off {
			begins = i
		}
		if p.elem > 0 && st.stride%p.elem == 0 {
			fits = i
		}
	}
	if fits >= 0 {
		// A char pointer to the first byte of a struct looks like one to an
		// array of char that is its first member, so the struct is walked.
		if st.named || !st.bytes || begins < 0 || begins > fits || s.inStruct(parts[begins:fits+1]) < 0 {
			return s.plain(obj, off), true
		}
		begins += s.inStruct(parts[begins : fits+1])
	}
	if begins < 0 || begins == len(parts)-1 {
		begins = 0
	}
	p := parts[begins]
	g := gcd(st.stride, s.strides(p.typ))
	if p.elem > 0 {
		g = gcd(g, p.elem)
	}
	return s.run(obj, p.lo, p.lo+mod(off-p.lo, g), g, p.lo+s.extent(p)), true
}

// inStruct is the position of the first struct among nested parts, -1 if there
// is none.
func (s *solver) inStruct(parts []part) int {
	return slices.IndexFunc(parts, func(p part) bool {
		_, ok := p.typ.(*types.StructType)
		return ok && p.elem == 0
	})
}

// strides is the greatest common divisor of the element sizes of all arrays in
// t, 0 if there are none.
func (s *solver) strides(t types.Type) (g int64) {
	if g, ok := s.strideOf[t]; ok {
		return g
	}
	switch u := t.(type) {
	case *types.ArrayType, *types.VectorType:
		elem, _ := sequence(t)
		g = gcd(s.lay.Size(elem), s.strides(elem))
	case *types.StructType:
		for _, f := range u.Fields {
			g = gcd(g, s.strides(f))
		}
	}
	s.strideOf[t] = g
	return g
}

// between is how far `to` lies behind `from`, two cells of one object, within
// n bytes (n < 0: any number): the step from one to the other. ok is false if
// no offset of `to` is within reach.
func (s *solver) between(from, to cell, n int64) (st step, ok bool) {
	if n < 0 {
		n = endless
	}
	o := s.objs[from.obj]
	d := to.off - from.off
	period, count := to.stride, int64(0) // offsets of `to` repeat with period
	if to.stride > 0 && to.end != endless {
		count = (to.end - to.off + to.stride - 1) / to.stride
	}
	shared := from.stride // offsets of `from` repeat with shared
	if o.typ != nil {
		var p int64
		p, shared, count = s.periods(o, from, to, n)
		period = gcd(period, p)
		shared = gcd(shared, from.stride)
	}
	if shared > 0 {
		// From each element the same place is found in the same element, or, if
		// it lies before, in the next.
		g := gcd(shared, period)
		d = mod(d, g)
		if n <= g || n <= shared && period == 0 {
			return step{k: d}, d < n
		}
		period, count = g, 0
	}
	if period == 0 {
		return step{k: d}, d >= 0 && d < n
	}
	for d < 0 && period > 0 {
		skip := (-d + period - 1) / period
		d += skip * period
		if count > 0 {
			if count -= skip; count <= 0 {
				return step{}, false
			}
		}
	}
	if d >= n {
		return step{}, false
	}
	if n != endless {
		if m := (n - d + period - 1) / period; count == 0 || m < count {
			count = m
		}
	}
	if count == 1 {
		return step{k: d}, true
	}
	return step{k: d, stride: period, count: count, named: true}, true
}

// periods finds in which arrays of a typed object two cells lie: period is that
// of the arrays that hold `to` only, with its number of elements if it is one
// array, shared that of those which hold `from`. An array that holds both, of
// elements no shorter than n, counts in neither if the copy stays in one
// element.
func (s *solver) periods(o *objState, from, to cell, n int64) (period, shared, count int64) {
	a, _ := s.parts(o, from.off)
	b, _ := s.parts(o, to.off)
	arrays := 0
	for i, p := range b {
		both := i < len(a) && a[i].lo == p.lo && a[i].typ == p.typ
		if p.elem == 0 || both && n <= p.elem && to.off >= from.off {
			continue
		}
		if both {
			shared = gcd(shared, p.elem)
			continue
		}
		period = gcd(period, p.elem)
		count = p.count
		arrays++
	}
	for i, p := range a {
		if p.elem > 0 && !(i < len(b) && b[i].lo == p.lo && b[i].typ == p.typ) {
			shared = gcd(shared, p.elem)
		}
	}
	if arrays != 1 || to.stride > 0 {
		count = 0
	}
	return period, shared, count
}
