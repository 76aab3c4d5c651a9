package pe

// This file holds lists: the values of vectors, structs and arrays in registers.
// A list is flat: one scalar Value a leaf, in the order of the type.
//
//   - kList: every leaf is static.
//   - kDyn with a number in bits: the register has a residual value, and these
//     leaves of it are known; the others are dynamic.
//
// Lists are numbered and shared, so that a Value stays small and comparable. A
// list of nothing but undef is kUndef, of nothing but poison kPoison, and one of
// which nothing is known has no number.

import (
	"slices"

	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
)

// maxLeaves bounds the types whose values are lists.
const maxLeaves = 64

// A shape is a vector, struct or array type taken apart.
type shape struct {
	leaves []leaf
	bits   uint // of a vector: of one lane
	whole  bool // in memory, every leaf lies in bytes of its own
}

// A leaf is a scalar within a shape.
type leaf struct {
	regInfo
	off, size int64 // its bytes in memory
}

// shapeOf takes typ apart, nil if its values are no lists.
func (s *specializer) shapeOf(typ types.Type) *shape {
	switch typ.(type) {
	case *types.VectorType, *types.StructType, *types.ArrayType:
	default:
		return nil
	}
	if sh, ok := s.shapes[typ]; ok {
		return sh
	}
	sh := &shape{whole: true}
	if !s.flatten(sh, typ, 0) || len(sh.leaves) == 0 {
		sh = nil
	} else if v, ok := typ.(*types.VectorType); ok {
		sh.bits = uint(s.cfg.Prog.Layout.Bits(v.ElemType))
	}
	s.shapes[typ] = sh
	return sh
}

func (s *specializer) flatten(sh *shape, typ types.Type, off int64) bool {
	lay := s.cfg.Prog.Layout
	switch t := typ.(type) {
	case *types.StructType:
		if t.Opaque {
			return false
		}
		for i, f := range t.Fields {
			if !s.flatten(sh, f, off+lay.Offset(t, i)) {
				return false
			}
		}
		return true
	case *types.ArrayType:
		return t.Len <= maxLeaves && s.flattenElems(sh, t.ElemType, int64(t.Len), off, lay.Size(t.ElemType))
	case *types.VectorType:
		if t.Scalable || t.Len > maxLeaves {
			return false
		}
		n := lay.Bits(t.ElemType)
		sh.whole = sh.whole && n%8 == 0
		return s.flattenElems(sh, t.ElemType, int64(t.Len), off, n/8)
	}
	cls, w := s.classOf(typ)
	l := leaf{regInfo: regInfo{typ: typ, cls: cls, width: w}, off: off, size: lay.StoreSize(typ)}
	sh.whole = sh.whole && wholeBytes(typ) && l.size > 0
	sh.leaves = append(sh.leaves, l)
	return len(sh.leaves) <= maxLeaves
}

func (s *specializer) flattenElems(sh *shape, elem types.Type, n, off, step int64) bool {
	for i := range n {
		if !s.flatten(sh, elem, off+i*step) {
			return false
		}
	}
	return true
}

// leavesBefore is the place of a field among the leaves of typ: its first leaf,
// how many it has, and its type.
func (s *specializer) leavesBefore(typ types.Type, path []uint64) (first, count int, field types.Type, ok bool) {
	for _, k := range path {
		switch t := typ.(type) {
		case *types.StructType:
			if k >= uint64(len(t.Fields)) {
				return 0, 0, nil, false
			}
			for _, f := range t.Fields[:k] {
				first += s.countLeaves(f)
			}
			typ = t.Fields[k]
		case *types.ArrayType:
			if k >= t.Len {
				return 0, 0, nil, false
			}
			first += int(k) * s.countLeaves(t.ElemType)
			typ = t.ElemType
		default:
			return 0, 0, nil, false
		}
	}
	return first, s.countLeaves(typ), typ, true
}

func (s *specializer) countLeaves(typ types.Type) int {
	if sh := s.shapeOf(typ); sh != nil {
		return len(sh.leaves)
	}
	switch typ.(type) {
	case *types.StructType, *types.ArrayType:
		return 0 // without fields: part of a type that has a shape
	}
	return 1
}

// A listTable numbers lists.
type listTable struct {
	lists [][]Value // by number; lists[0] is unused
	first map[uint64]uint32
	next  []uint32 // by number: another list of the same hash
}

// maxLists bounds the table. Lists are never forgotten, since any state may hold
// them; when the table is full, what would need a new one is left residual.
const maxLists = 1 << 21

func newListTable() listTable {
	return listTable{lists: make([][]Value, 1), next: make([]uint32, 1), first: make(map[uint64]uint32)}
}

// number returns the number of xs, which is kept; 0 if the table is full.
func (t *listTable) number(xs []Value) uint64 {
	h := uint64(len(xs))
	for _, x := range xs {
		h = x.hash(h)
	}
	for n := t.first[h]; n != 0; n = t.next[n] {
		if slices.Equal(t.lists[n], xs) {
			return uint64(n)
		}
	}
	n := len(t.lists)
	if n >= maxLists {
		return 0
	}
	t.lists = append(t.lists, xs)
	t.next = append(t.next, t.first[h])
	t.first[h] = uint32(n)
	return uint64(n)
}

// list is the Value of a register whose leaves are xs, which is kept. It is
// dynamic if one of them is.
func (s *specializer) list(xs []Value) Value {
	known, dyn := false, false
	for i := range xs {
		switch xs[i].kind {
		case kDyn, kNone:
			xs[i], dyn = dynValue, true
		case kUndef:
		default:
			known = true
		}
	}
	all := func(k kind) bool { return !slices.ContainsFunc(xs, func(x Value) bool { return x.kind != k }) }
	switch {
	case dyn && !known:
		return dynValue
	case all(kUndef), all(kPoison):
		return xs[0]
	}
	n := s.lists.number(xs)
	if dyn || n == 0 {
		return Value{kind: kDyn, bits: n}
	}
	return Value{kind: kList, bits: n}
}

// leaves are the n leaves of v, nil if nothing is known of them. They must not be
// changed.
func (s *specializer) leaves(v Value, n int) []Value {
	switch {
	case v.kind == kList, v.kind == kDyn && v.bits != 0:
		return s.lists.lists[v.bits]
	case v.kind == kUndef, v.kind == kPoison:
		xs := make([]Value, n)
		for i := range xs {
			xs[i] = v
		}
		return xs
	}
	return nil
}

// constLeaves appends the leaves of the constant c of type typ.
func (s *specializer) constLeaves(xs []Value, c constant.Constant, typ types.Type) ([]Value, bool) {
	sh := s.shapeOf(typ)
	if sh == nil {
		switch typ.(type) {
		case *types.StructType, *types.ArrayType:
			return xs, true
		}
		return append(xs, s.constValue(c)), true
	}
	var parts []constant.Constant
	switch c := c.(type) {
	case *constant.Undef:
		return append(xs, s.leaves(Value{kind: kUndef}, len(sh.leaves))...), true
	case *constant.Poison:
		return append(xs, s.leaves(Value{kind: kPoison}, len(sh.leaves))...), true
	case *constant.ZeroInitializer:
		for _, l := range sh.leaves {
			xs = append(xs, s.constValue(constant.NewZeroInitializer(l.typ)))
		}
		return xs, true
	case *constant.CharArray:
		for _, b := range c.X {
			xs = append(xs, intValue(uint64(b), 8))
		}
		return xs, true
	case *constant.Vector:
		parts = c.Elems
	case *constant.Struct:
		parts = c.Fields
	case *constant.Array:
		parts = c.Elems
	default:
		return nil, false
	}
	for _, p := range parts {
		var ok bool
		if xs, ok = s.constLeaves(xs, p, p.Type()); !ok {
			return nil, false
		}
	}
	return xs, true
}

// liftList returns residual code for the list of leaves xs, of type typ: a
// constant, but for the addresses of stack objects.
func (j *job) liftList(xs []Value, typ types.Type) rval {
	late := func(x Value) bool { return x.kind == kPtr && j.s.obj(x.obj).local() }
	if !slices.ContainsFunc(xs, late) {
		c, _ := j.s.listConstant(xs, typ)
		return j.rf.constant(c)
	}
	rest := slices.Clone(xs)
	for i, x := range xs {
		if late(x) {
			rest[i] = Value{kind: kUndef}
		}
	}
	c, _ := j.s.listConstant(rest, typ)
	r := j.rf.constant(c)
	sh := j.s.shapeOf(typ)
	for i, x := range xs {
		if late(x) {
			r = j.insertLeaf(r, typ, i, j.lift(x, sh.leaves[i].typ))
		}
	}
	return r
}

// insertLeaf puts x in place of leaf i of r, of type typ.
func (j *job) insertLeaf(r rval, typ types.Type, i int, x rval) rval {
	if _, ok := typ.(*types.VectorType); ok {
		node := newInsertElement(typ, i)
		return j.rf.emit(j.b, node, typ, true, r, x, 0)
	}
	path, elem, at := j.s.pathTo(typ, i)
	if v, ok := elem.(*types.VectorType); ok { // the leaf is a lane of a vector inside typ
		inner := j.rf.emit(j.b, newExtractValue(elem, path), elem, true, r)
		x = j.insertLeaf(inner, v, at, x)
	}
	return j.rf.emit(j.b, newInsertValue(typ, path), typ, true, r, x)
}

// pathTo is where leaf i of typ is: the indices of the scalar, or of the vector of
// which it is lane at.
func (s *specializer) pathTo(typ types.Type, i int) (path []uint64, elem types.Type, at int) {
	for {
		n := 0
		switch t := typ.(type) {
		case *types.StructType:
			for i >= s.countLeaves(t.Fields[n]) {
				i -= s.countLeaves(t.Fields[n])
				n++
			}
			typ = t.Fields[n]
		case *types.ArrayType:
			each := s.countLeaves(t.ElemType)
			n, i = i/each, i%each
			typ = t.ElemType
		default:
			return path, typ, i
		}
		path = append(path, uint64(n))
	}
}

// listConstant is the constant of type typ with the leaves xs, and what is left of xs.
func (s *specializer) listConstant(xs []Value, typ types.Type) (constant.Constant, []Value) {
	var fields []constant.Constant
	each := func(n int, elem func(i int) types.Type) {
		for i := range n {
			var c constant.Constant
			c, xs = s.listConstant(xs, elem(i))
			fields = append(fields, c)
		}
	}
	switch t := typ.(type) {
	case *types.StructType:
		each(len(t.Fields), func(i int) types.Type { return t.Fields[i] })
		return constant.NewStruct(t, fields...), xs
	case *types.ArrayType:
		each(int(t.Len), func(int) types.Type { return t.ElemType })
		return &constant.Array{Typ: t, Elems: fields}, xs
	case *types.VectorType:
		each(int(t.Len), func(int) types.Type { return t.ElemType })
		return &constant.Vector{Typ: t, Elems: fields}, xs
	}
	return s.scalarConstant(xs[0], typ), xs[1:]
}

// scalarConstant is the constant of a static scalar that is no stack address.
func (s *specializer) scalarConstant(v Value, typ types.Type) constant.Constant {
	switch v.kind {
	case kPtr:
		return addressOf(s.obj(v.obj).symbol(), v.off(), typ)
	case kPoison:
		return constant.NewPoison(typ)
	case kConst:
		if c, ok := s.opaques[v.bits].(constant.Constant); ok {
			return c
		}
	case kInt:
		return scalar(v.bits, typ)
	case kWide:
		return &constant.Int{Typ: typ.(*types.IntType), X: u128{v.hi(), v.bits}.signed(uint(typ.(*types.IntType).BitSize))}
	}
	return constant.NewUndef(typ)
}
