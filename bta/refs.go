package bta

// This file holds refs: the set of addresses that a pointer may have.

import (
	"slices"

	"github.com/llir/llvm/ir/types"

	llir "github.com/llir/llvm/ir"

	"quasi/ir"
)

// anyCount as the count of a ref stands for every offset of the object.
const anyCount = -1

// A ref is a set of addresses in one object: off + k*stride for 0 <= k < count.
// A ref of one address has stride 0.
type ref struct {
	obj                *ir.Object
	off, stride, count int64
}

// exact reports whether r is one address.
func (r ref) exact() bool { return r.count == 1 }

// last is the greatest offset of r, which has a count.
func (r ref) last() int64 { return r.off + (r.count-1)*r.stride }

// has reports whether the address at off is in r.
func (r ref) has(off int64) bool {
	switch {
	case r.count == anyCount:
		return true
	case r.exact():
		return off == r.off
	}
	return r.off <= off && off <= r.last() && (off-r.off)%r.stride == 0
}

// A refSet is a set of addresses, one ref an object, by object id. A nil set is
// an unknown one (ask points-to), an empty set has no address in it: null, or
// undefined content. Sets are immutable and hash-consed, so == compares them.
type refSet struct{ refs []ref }

// A refTable hash-conses refSets.
type refTable struct {
	prog   *ir.Program
	empty  *refSet
	byHash map[uint64][]*refSet
}

func newRefTable(p *ir.Program) *refTable {
	return &refTable{prog: p, empty: &refSet{}, byHash: make(map[uint64][]*refSet)}
}

// intern returns the set of rs, which must be sorted and is kept.
func (t *refTable) intern(rs []ref) *refSet {
	if len(rs) == 0 {
		return t.empty
	}
	h := uint64(len(rs))
	for _, r := range rs {
		for _, x := range [...]int64{int64(r.obj.ID), r.off, r.stride, r.count} {
			h = mix(h ^ uint64(x))
		}
	}
	for _, s := range t.byHash[h] {
		if slices.Equal(s.refs, rs) {
			return s
		}
	}
	s := &refSet{refs: rs}
	t.byHash[h] = append(t.byHash[h], s)
	return s
}

// mix is a bijection with good avalanche (the finalizer of splitmix64).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// one is the set of a single address.
func (t *refTable) one(o *ir.Object, off int64) *refSet {
	return t.intern([]ref{{obj: o, off: off, count: 1}})
}

// join is the union of a and b. With widen, which loop headers ask for so that
// moving pointers have finitely many sets, two addresses of an object become
// all of their distance in the array around them.
func (t *refTable) join(a, b *refSet, widen bool) *refSet {
	if a == b || a == nil || b == nil {
		if a == nil || b == nil {
			return nil
		}
		return a
	}
	out := make([]ref, 0, len(a.refs)+len(b.refs))
	i, j := 0, 0
	for i < len(a.refs) || j < len(b.refs) {
		switch {
		case j == len(b.refs) || i < len(a.refs) && a.refs[i].obj.ID < b.refs[j].obj.ID:
			out = append(out, a.refs[i])
			i++
		case i == len(a.refs) || b.refs[j].obj.ID < a.refs[i].obj.ID:
			out = append(out, b.refs[j])
			j++
		default:
			r := joinRef(a.refs[i], b.refs[j])
			if widen {
				r = t.widen(r)
			}
			out = append(out, r)
			i, j = i+1, j+1
		}
	}
	return t.intern(out)
}

// joinRef is the least arithmetic progression that holds two refs of one object.
func joinRef(a, b ref) ref {
	if a == b {
		return a
	}
	if a.count == anyCount || b.count == anyCount {
		return ref{obj: a.obj, count: anyCount}
	}
	stride := gcd(gcd(a.stride, b.stride), abs(a.off-b.off))
	lo, hi := min(a.off, b.off), max(a.last(), b.last())
	if stride == 0 {
		return a
	}
	return ref{obj: a.obj, off: lo, stride: stride, count: (hi-lo)/stride + 1}
}

// widen extends r, with its stride, over the innermost array around it whose
// elements the stride can step through, else over the object.
func (t *refTable) widen(r ref) ref {
	if r.count == anyCount || r.count == 1 {
		return r
	}
	lo, hi := t.extent(r.obj, r.off, r.last(), r.stride)
	return spread(r.obj, r.off, r.stride, lo, hi)
}

// spread is every address of o congruent to off modulo stride in [lo, hi); all
// of o if that is not bounded.
func spread(o *ir.Object, off, stride, lo, hi int64) ref {
	if hi < 0 || stride <= 0 || hi <= lo {
		return ref{obj: o, count: anyCount}
	}
	first := lo + (off-lo)%stride
	if first < lo {
		first += stride
	}
	if first >= hi {
		return ref{obj: o, count: anyCount}
	}
	n := (hi-1-first)/stride + 1
	if n == 1 {
		return ref{obj: o, off: first, count: 1}
	}
	return ref{obj: o, off: first, stride: stride, count: n}
}

// extent is the bytes of the innermost array of o that holds offsets from and to
// and whose element size divides stride, else those of the whole object; hi is
// -1 if the size of o is unknown.
func (t *refTable) extent(o *ir.Object, from, to, stride int64) (lo, hi int64) {
	lo, hi = 0, o.Size
	var typ types.Type
	switch s := o.Site.(type) {
	case *llir.Global:
		typ = s.ContentType
	case *llir.InstAlloca:
		typ = s.ElemType
		if s.NElems != nil {
			return lo, hi
		}
	}
	base := int64(0)
	for typ != nil {
		switch tt := typ.(type) {
		case *types.StructType:
			if tt.Opaque || len(tt.Fields) == 0 || from < base {
				return lo, hi
			}
			i := t.prog.Layout.FieldAt(tt, from-base)
			if i < 0 {
				return lo, hi
			}
			base += t.prog.Layout.Offset(tt, i)
			typ = tt.Fields[i]
		case *types.ArrayType:
			size := t.prog.Layout.Size(tt.ElemType)
			end := base + size*int64(tt.Len)
			if size <= 0 || from < base || to >= end {
				return lo, hi
			}
			if stride%size == 0 && stride < end-base {
				lo, hi = base, end
			}
			if from-base >= size && (to-base)/size != (from-base)/size {
				return lo, hi
			}
			base += (from - base) / size * size
			typ = tt.ElemType
		default:
			return lo, hi
		}
		if to >= base+t.prog.Layout.Size(typ) {
			return lo, hi
		}
	}
	return lo, hi
}

// target is the addresses that a target of points-to stands for. Points-to does
// not tell the elements of arrays apart.
func (t *refTable) target(x ir.Target) ref {
	if x.Off < 0 {
		return ref{obj: x.Obj, count: anyCount}
	}
	if x.Stride > 0 {
		return spread(x.Obj, x.Off, x.Stride, x.Off, x.Obj.Size)
	}
	var typ types.Type
	switch s := x.Obj.Site.(type) {
	case *llir.Global:
		typ = s.ContentType
	case *llir.InstAlloca:
		if s.NElems == nil {
			typ = s.ElemType
		}
	}
	if typ == nil {
		if x.Obj.Kind == ir.ObjFunc || x.Obj.Kind == ir.ObjHeap && !x.EachElement {
			return ref{obj: x.Obj, off: x.Off, count: 1}
		}
		return ref{obj: x.Obj, count: anyCount}
	}
	r := ref{obj: x.Obj, off: x.Off, count: 1}
	at, last := x.Off, x.Off
	for typ != nil {
		switch tt := typ.(type) {
		case *types.StructType:
			i := -1
			if !tt.Opaque && len(tt.Fields) > 0 {
				i = t.prog.Layout.FieldAt(tt, at)
			}
			if i < 0 {
				typ = nil
				break
			}
			at -= t.prog.Layout.Offset(tt, i)
			typ = tt.Fields[i]
		case *types.ArrayType:
			size := t.prog.Layout.Size(tt.ElemType)
			if size > 0 && tt.Len > 1 {
				r.stride = gcd(r.stride, size)
				last += size * int64(tt.Len-1)
			}
			typ = tt.ElemType
		default:
			typ = nil
		}
	}
	if r.stride > 0 {
		r.count = (last-r.off)/r.stride + 1
	}
	return r
}

// shift moves every address of s by delta.
func (t *refTable) shift(s *refSet, delta int64) *refSet {
	if s == nil || delta == 0 {
		return s
	}
	out := make([]ref, len(s.refs))
	for i, r := range s.refs {
		if r.count != anyCount {
			r.off += delta
		}
		out[i] = clip(r)
	}
	return t.intern(out)
}

// clip drops the addresses of a progression that lie outside its object, where no
// defined program goes; the one past its end stays.
func clip(r ref) ref {
	if r.count <= 1 || r.obj.Size < 0 {
		return r
	}
	if r.off < 0 {
		skip := (-r.off + r.stride - 1) / r.stride
		r.off, r.count = r.off+skip*r.stride, r.count-skip
	}
	if over := r.last() - r.obj.Size; over > 0 {
		r.count -= (over + r.stride - 1) / r.stride
	}
	if r.count < 1 {
		return ref{obj: r.obj, count: anyCount}
	}
	if r.count == 1 {
		r.stride = 0
	}
	return r
}

// scale adds k*stride to every address of s, for 0 <= k < n, or for every k that
// stays in the array around it if n is 0.
func (t *refTable) scale(s *refSet, stride, n int64) *refSet {
	if s == nil || stride == 0 {
		return s
	}
	out := make([]ref, len(s.refs))
	for i, r := range s.refs {
		switch {
		case r.count == anyCount || n == 1:
		case n > 0:
			last, g := r.last()+(n-1)*stride, gcd(r.stride, stride)
			r = clip(ref{obj: r.obj, off: r.off, stride: g, count: (last-r.off)/g + 1})
		default:
			g := gcd(r.stride, abs(stride))
			lo, hi := t.extent(r.obj, r.off, r.last(), g)
			r = spread(r.obj, r.off, g, lo, hi)
		}
		out[i] = r
	}
	return t.intern(out)
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return abs(a)
}

func abs(x int64) int64 {
	if x < 0 {
		return -x
	}
	return x
}

// elements makes every ref of s stand for a set that a recursion has few of: in
// read-only data for its place in every element of the array around it, else for
// its whole object. The beginning of what a call allocates is one address.
func (t *refTable) elements(s *refSet) *refSet {
	if s == nil {
		return nil
	}
	out := make([]ref, len(s.refs))
	for i, r := range s.refs {
		switch {
		case r.obj.Kind == ir.ObjFunc, r.obj.Kind == ir.ObjHeap && r.exact() && r.off == 0:
		case !r.obj.Const:
			r = ref{obj: r.obj, count: anyCount}
		case r.exact():
			r = t.inArray(r)
		default:
			r = t.widen(r)
		}
		out[i] = r
	}
	return t.intern(out)
}

// inArray is r, an address, in every element of the outermost array around it.
func (t *refTable) inArray(r ref) ref {
	g, ok := r.obj.Site.(*llir.Global)
	if !ok {
		return r
	}
	base, typ := int64(0), g.ContentType
	for {
		switch tt := typ.(type) {
		case *types.StructType:
			i := -1
			if !tt.Opaque && len(tt.Fields) > 0 {
				i = t.prog.Layout.FieldAt(tt, r.off-base)
			}
			if i < 0 {
				return r
			}
			base += t.prog.Layout.Offset(tt, i)
			typ = tt.Fields[i]
		case *types.ArrayType:
			size := t.prog.Layout.Size(tt.ElemType)
			if size <= 0 || tt.Len < 2 || r.off < base || r.off >= base+size*int64(tt.Len) {
				return r
			}
			return ref{obj: r.obj, off: base + (r.off-base)%size, stride: size, count: int64(tt.Len)}
		default:
			return r
		}
	}
}

// spread makes every ref of s stand for its whole object.
func (t *refTable) spread(s *refSet) *refSet {
	if s == nil {
		return nil
	}
	out := make([]ref, len(s.refs))
	for i, r := range s.refs {
		out[i] = r
		if r.obj.Kind != ir.ObjFunc {
			out[i] = ref{obj: r.obj, count: anyCount}
		}
	}
	return t.intern(out)
}
