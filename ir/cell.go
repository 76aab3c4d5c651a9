package ir

// This file holds cells, the places inside objects that pointers point to, and
// the arithmetic on them: rules (C1) to (C6).
//
// A cell is either plain, one offset, or a run: the offsets off, off+stride, ...
// below end. Contents are kept by cell; cells of one object that have an offset
// in common share them.
//
//	(C1) In an object with a type offsets are canonical: an offset inside an
//	     array is that of the same place in the first element, at every level.
//	     A plain canonical cell so stands for one place in every element.
//	(C2) An object without a type (memory from malloc, variadic arguments) has
//	     raw cells: offsets are as they are, and arrays are runs that appear
//	     where an address is computed with a variable index.
//	(C3) An access conforms to an object's type if the type it names is that of
//	     a part of the object which begins at the cell. Steps that conform lead
//	     to canonical cells.
//	(C4) A variable step that names an array (gep [8 x T], p, 0, i), or steps from
//	     element to element of one, stays in the array: C has no other meaning
//	     for it. In an object without a type such an array is a run that ends
//	     where the array ends, or, if it has one element or none or is the last
//	     member (a flexible array), where the object ends.
//	(C5) Steps that do not conform (a member of a union, container_of, a walk
//	     over bytes) lead to raw cells, in an object with a type too. A raw cell
//	     overlaps the canonical ones that stand for any of its offsets. If the
//	     step is variable and names no array, it may reach every congruent offset:
//	     of the part that begins at the cell, or else of the object.
//	(C6) An object with more than maxCells cells is merged into one. This bounds
//	     the work, and ends loops that step through memory by a constant.

import (
	"math"

	"github.com/llir/llvm/ir/types"
)

// maxCells bounds the cells of an object without a type; one with a type may
// have as many more as its type has members.
const maxCells = 128

// endless is the End of a run that goes on to the end of its object.
const endless = math.MaxInt64

// A cellID numbers a cell; it is the member of points-to sets. Cell 0 is the
// unknown.
type cellID = int32

const unknownCell cellID = 0

// A cell is a place in an object. A plain cell has Stride 0.
type cell struct {
	obj    int32
	raw    bool  // in an object with a type: its offsets are not canonical
	mem    node  // what the pointers stored there point to
	off    int64 // the first offset
	base   int64 // of a run: where its array starts; off-base < stride
	stride int64
	end    int64
}

// objState is the solver's side of an Object.
type objState struct {
	*Object
	typ      types.Type // nil: no type (C2)
	repeat   bool       // an array of unknown length of typ
	maxCells int
	cells    []cellID
	index    map[cell]cellID // used when there are many cells
	any      cellID          // the cell of all offsets, 0 if there is none
	images   []image         // of the raw cells, if there is a type
	escaped  bool
	watch    []watcher
	watching map[watcher]bool // the members of watch
}

// span is the extent of typ; endless if it is repeated, 0 without a type.
func (s *solver) span(o *objState) int64 {
	switch {
	case o.typ == nil:
		return 0
	case o.repeat:
		return endless
	}
	return s.lay.Size(o.typ)
}

// A part is a subobject on the way from a typed object to an offset in it.
type part struct {
	lo    int64
	typ   types.Type // nil of an array of unknown length
	elem  int64      // of an array: size of an element, else 0
	count int64      // of an array: number of elements, 0 if not known
}

func (p part) isArray() bool { return p.elem > 0 }

// parts lists the subobjects of typed o that hold canonical off, outermost
// first, and the canonical form of off. It is empty if off lies outside o.
func (s *solver) parts(o *objState, off int64) (parts []part, canon int64) {
	if off < 0 || off >= s.span(o) {
		return nil, off
	}
	lo, t := int64(0), o.typ
	if o.repeat {
		size := s.lay.Size(t)
		parts = append(parts, part{elem: size})
		off %= size
	}
	for {
		switch u := t.(type) {
		case *types.ArrayType, *types.VectorType:
			elem, n := sequence(t)
			size := s.lay.Size(elem)
			if size <= 0 || n == 0 {
				return append(parts, part{lo: lo, typ: t}), off
			}
			parts = append(parts, part{lo: lo, typ: t, elem: size, count: n})
			off = lo + (off-lo)%size
			t = elem
			continue
		case *types.StructType:
			parts = append(parts, part{lo: lo, typ: t})
			i := s.lay.FieldAt(u, off-lo)
			if i < 0 {
				return parts, off
			}
			flo := lo + s.lay.Offset(u, i)
			if off >= flo+s.lay.Size(u.Fields[i]) {
				return parts, off // padding
			}
			lo, t = flo, u.Fields[i]
			continue
		}
		return append(parts, part{lo: lo, typ: t}), off
	}
}

// sequence takes an array or vector type apart.
func sequence(t types.Type) (elem types.Type, n int64) {
	switch t := t.(type) {
	case *types.ArrayType:
		return t.ElemType, int64(min(t.Len, math.MaxInt32))
	case *types.VectorType:
		return t.ElemType, int64(t.Len)
	}
	return nil, 0
}

// canon is the canonical form of off in o (C1).
func (s *solver) canon(o *objState, off int64) int64 {
	if o.typ == nil {
		return off
	}
	_, off = s.parts(o, off)
	return off
}

// plain returns the canonical cell of an object for off.
func (s *solver) plain(obj int32, off int64) cellID {
	off = s.canon(s.objs[obj], off)
	return s.intern(cell{obj: obj, off: off, base: off, end: off})
}

// exact returns the raw cell of an object at off. Where off is canonical that
// is the canonical cell, which covers it.
func (s *solver) exact(obj int32, off int64) cellID {
	raw := s.canon(s.objs[obj], off) != off
	return s.intern(cell{obj: obj, raw: raw, off: off, base: off, end: off})
}

// run returns the raw cell of the offsets off, off+stride, ... below end. base
// is where the array they belong to starts.
func (s *solver) run(obj int32, base, off, stride, end int64) cellID {
	o := s.objs[obj]
	if o.Size >= 0 && end > o.Size && off < o.Size {
		end = o.Size
	}
	if stride <= 0 || end-off <= stride && end != endless {
		return s.exact(obj, off)
	}
	if end == o.Size {
		end = endless
	}
	if stride == 1 && off <= 0 && end == endless {
		return s.anywhere(obj)
	}
	return s.intern(cell{obj: obj, raw: o.typ != nil, off: off, base: base, stride: stride, end: end})
}

// anywhere returns the cell of all offsets of an object.
func (s *solver) anywhere(obj int32) cellID {
	o := s.objs[obj]
	if o.any == 0 {
		o.any = s.newCell(cell{obj: obj, raw: o.typ != nil, stride: 1, end: endless})
	}
	return o.any
}

// intern returns the cell that equals c, which has no mem, making it if the
// object has none. Once an object has a cell for all offsets no other is made.
func (s *solver) intern(c cell) cellID {
	o := s.objs[c.obj]
	if o.index != nil {
		if id, ok := o.index[c]; ok {
			return id
		}
	} else {
		for _, id := range o.cells {
			if s.cells[id].key() == c {
				return id
			}
		}
	}
	if o.any != 0 || len(o.cells) >= o.maxCells {
		return s.anywhere(c.obj)
	}
	return s.newCell(c)
}

// key is c without its contents, as intern wants it.
func (c cell) key() cell {
	c.mem = 0
	return c
}

// newCell makes c, with contents of its own unless it overlaps other cells.
func (s *solver) newCell(c cell) cellID {
	id := cellID(len(s.cells))
	key := c
	c.mem = s.newNode()
	s.cells = append(s.cells, c)
	o := s.objs[c.obj]
	if o.escaped {
		s.escapedCells.add(id)
	}
	o.cells = append(o.cells, id)
	if o.index == nil && len(o.cells) > 16 {
		o.index = make(map[cell]cellID, 64)
		for _, d := range o.cells[:len(o.cells)-1] {
			o.index[s.cells[d].key()] = d
		}
	}
	if o.index != nil {
		o.index[key] = id
	}
	if c.raw {
		o.images = append(o.images, image{id, s.canonicalSet(o, c)})
	}
	for _, d := range o.cells[:len(o.cells)-1] {
		if s.cells[d].raw == c.raw && overlap(c, s.cells[d]) {
			s.unify(c.mem, s.cells[d].mem)
		}
	}
	for _, im := range o.images {
		if !c.raw && im.has(c.off) {
			s.unify(c.mem, s.cells[im.raw].mem)
		}
		for _, d := range o.cells[:len(o.cells)-1] {
			if im.raw == id && !s.cells[d].raw && im.has(s.cells[d].off) {
				s.unify(c.mem, s.cells[d].mem)
			}
		}
	}
	if o.escaped {
		s.expose(id)
	}
	for _, w := range s.objs[c.obj].watch {
		s.notify(w, id)
	}
	return id
}

// An image says which canonical offsets a raw cell covers.
type image struct {
	raw  cellID
	offs map[int64]bool // nil: all
}

func (im image) has(off int64) bool { return im.offs == nil || im.offs[off] }

// maxImageSteps bounds the offsets of a run that are looked at one by one.
const maxImageSteps = 1 << 13

// canonicalSet returns the canonical offsets that raw cell c covers, nil for all.
func (s *solver) canonicalSet(o *objState, c cell) map[int64]bool {
	offs := make(map[int64]bool)
	if c.stride == 0 {
		offs[s.canon(o, c.off)] = true
		return offs
	}
	end := min(c.end, s.span(o))
	if end == endless || (end-c.off)/c.stride > maxImageSteps {
		return nil
	}
	for off := c.off; off < end; off += c.stride {
		offs[s.canon(o, off)] = true
	}
	return offs
}

// overlap reports whether two cells of one object, both canonical or both raw,
// may have an offset in common.
func overlap(a, b cell) bool {
	if a.stride == 0 && b.stride == 0 {
		return a.off == b.off
	}
	if a.stride == 0 {
		a, b = b, a
	}
	if b.stride == 0 {
		return b.off >= a.off && b.off < a.end && (b.off-a.off)%a.stride == 0 || a.stride == 1 && a.end == endless
	}
	if a.off >= b.end || b.off >= a.end {
		return false
	}
	return (a.off-b.off)%gcd(a.stride, b.stride) == 0
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, -a)
}

// mod is the non-negative remainder.
func mod(a, m int64) int64 { return ((a % m) + m) % m }
