package ir

// This file holds steps, what a getelementptr does to a cell: rules (C3) to
// (C5) of cell.go.

import (
	"math/bits"
	"slices"

	"github.com/llir/llvm/ir/types"
)

// A step is one part of an address computation: the way into a struct or array
// by constant indices, one index into a named array, or the index of a pointer.
type step struct {
	k      int64
	stride int64 // 0 if the step is constant
	count  int64 // of a named array: the number of its elements, 0 if open
	kind   stepKind
	// typ is what the step takes to be at the cell: the struct or array entered,
	// or the element type of a pointer step. Nil conforms to nothing.
	typ types.Type
}

type stepKind uint8

const (
	stepMember  stepKind = iota // into typ, by k bytes
	stepArray                   // a variable index into typ, an array
	stepPointer                 // a constant or variable number of elements of typ
	stepAhead                   // a stepPointer that never goes back
)

// A stepID numbers a step.
type stepID = int32

const noStep stepID = 0 // adds nothing

// anyStep is the step to any offset.
var anyStep = step{stride: 1, kind: stepPointer}

func (s *solver) stepOf(st step) stepID {
	if st.k == 0 && st.stride == 0 {
		return noStep
	}
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
	case c == unknownCell || o.Kind == ObjFunc || from.stride == 1 && from.end == endless:
		to = s.single(c)
	case st == anyStep:
		to = s.single(s.anywhere(from.obj))
	case o.typ == nil || from.raw:
		to = s.moveRaw(from, st)
	default:
		to = s.moveTyped(o, from, st)
	}
	to = slices.Clone(to)
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

// moveTyped steps from a plain canonical cell.
func (s *solver) moveTyped(o *objState, from cell, st step) []cellID {
	off := from.off
	parts, _ := s.parts(o, off)
	switch {
	case s.conforms(parts, off, st) && st.kind == stepMember:
		return []cellID{s.plain(from.obj, off+st.k)}
	case s.conforms(parts, off, st):
		return s.single(s.intern(from.key()))
	case st.stride > 0 && st.kind == stepPointer:
		return []cellID{s.walk(from.obj, parts, off, st)}
	}
	// The cell may mean an element of the arrays it lies in, or something else
	// that begins there, such as the whole that an array is the first part of.
	from.raw = true
	return append(s.moveRaw(s.elements(from, parts), st), s.moveRaw(from, st)...)
}

// conforms is rule (C3) for a step from off, which lies in parts.
func (s *solver) conforms(parts []part, off int64, st step) bool {
	switch st.kind {
	case stepMember:
		return st.k >= 0 && st.typ != nil && st.k <= s.lay.Size(st.typ) &&
			slices.ContainsFunc(parts, func(p part) bool { return p.lo == off && sameType(p.typ, st.typ) })
	case stepArray:
		return slices.ContainsFunc(parts, func(p part) bool { return p.lo == off && s.holdsArray(p, parts[0], st) })
	}
	// From element to element. If a struct whose first member is the array
	// begins here too, a pointer to the struct, or to another member of a union,
	// looks the same; it may go further. So may a byte pointer that goes back.
	if st.typ == nil || st.k < 0 && s.lay.Size(st.typ) == 1 {
		return false
	}
	for i, p := range parts {
		if p.lo == off && isStruct(p.typ) {
			return false
		}
		if p.isArray() && i+1 < len(parts) && parts[i+1].lo == off && sameType(parts[i+1].typ, st.typ) {
			return true
		}
	}
	return false
}

func isStruct(t types.Type) bool {
	_, ok := t.(*types.StructType)
	return ok
}

// sameType reports whether t and u are one type. llir makes one type value for
// each named struct and several for any other type.
func sameType(t, u types.Type) bool {
	if t == u {
		return true
	}
	switch t := t.(type) {
	case *types.StructType:
		return t.TypeName == "" && u != nil && t.Equal(u)
	case nil:
		return false
	}
	return u != nil && t.Equal(u)
}

// holdsArray reports whether the array that st names lies in p: it has p's
// elements and no more of them, or p is all there is of the whole.
func (s *solver) holdsArray(p, whole part, st step) bool {
	elem, n := sequence(p.typ)
	named, m := sequence(st.typ)
	if elem == nil || named == nil || !sameType(elem, named) {
		return false
	}
	if m < n && st.count > 0 || m == n && n > 1 {
		return true
	}
	return !whole.isArray() && p.lo+s.lay.Size(p.typ) == s.lay.Size(whole.typ) || p == whole
}

// elements is the raw cell of all places that a canonical cell stands for.
func (s *solver) elements(c cell, parts []part) cell {
	lo, end, stride := c.off, c.off, int64(0)
	for i := len(parts) - 1; i >= 0; i-- {
		if p := parts[i]; p.isArray() {
			stride = gcd(stride, p.elem)
			lo = p.lo
			end = endless
			if p.count > 0 {
				end = p.lo + p.count*p.elem
			}
		}
	}
	c.raw = true
	c.stride, c.base, c.end = stride, lo, end
	if stride > 0 {
		c.off = lo + mod(c.off-lo, stride)
	}
	return c
}

// walk is rule (C5) for a variable step from a canonical cell.
func (s *solver) walk(obj int32, parts []part, off int64, st step) cellID {
	for _, p := range parts {
		if p.isArray() && (p.lo != off || p.count == 0) {
			break
		}
		if p.lo == off && (p.isArray() || isStruct(p.typ)) {
			return s.run(obj, off, off, st.stride, off+s.lay.Size(p.typ))
		}
	}
	g := st.stride
	for _, p := range parts {
		g = gcd(g, p.elem)
	}
	return s.run(obj, 0, mod(off, g), g, endless)
}

// moveRaw steps from a raw cell, or in an object without a type.
func (s *solver) moveRaw(from cell, st step) (to []cellID) {
	obj := from.obj
	if from.stride == 0 {
		off := from.off + st.k
		switch {
		case st.stride == 0:
			return []cellID{s.exact(obj, off)}
		case st.kind != stepPointer:
			return []cellID{s.run(obj, off, off, st.stride, endOf(off, st))}
		}
		return []cellID{s.run(obj, 0, mod(off, st.stride), st.stride, endless)}
	}
	to = s.shift(from, st.k)
	if st.stride == 0 {
		return to
	}
	for i, id := range to {
		c := s.cells[id]
		switch {
		case c.stride == 0:
			to[i] = s.moveRaw(c, step{stride: st.stride, count: st.count, kind: st.kind})[0]
		case st.stride%c.stride == 0: // stays in the array
		case st.kind != stepPointer:
			g := gcd(st.stride, c.stride)
			to[i] = s.run(obj, c.base, c.base+mod(c.off-c.base, g), g, endless)
		default:
			g := gcd(st.stride, c.stride)
			to[i] = s.run(obj, 0, mod(c.off, g), g, endless)
		}
	}
	return to
}

// shift adds k to the offsets of a run. They stay in the array, but for those
// that k takes out of it from the elements near its ends.
func (s *solver) shift(c cell, k int64) (to []cellID) {
	rel := c.off - c.base + k
	to = append(to, s.run(c.obj, c.base, c.base+mod(rel, c.stride), c.stride, c.end))
	if first := c.base + rel; first < c.base {
		if first < 0 {
			first = mod(first, c.stride)
		}
		if first < c.base {
			to = append(to, s.run(c.obj, first, first, c.stride, c.base))
		}
	}
	if rel >= c.stride && c.end != endless && k%c.stride != 0 {
		last := c.end - 1 - mod(c.end-1-c.off, c.stride) + k
		if last >= c.end {
			first := c.end + mod(last-c.end, c.stride)
			to = append(to, s.run(c.obj, first, first, c.stride, last+1))
		}
	}
	return to
}

// endOf is where the array that st enters at off ends.
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
