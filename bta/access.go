package bta

// This file holds the rules for memory access: alloca, load, store and what a
// write may destroy.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	irvalue "github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/spec"
)

// maxElements bounds the elements of an array that are treated one by one; more
// are treated as one stretch of bytes.
const maxElements = 256

// place is the one place that an address of value v names, by rule (B5): a known
// offset in one object, or an offset from a symbolic base.
func (a *analysis) place(v value) (p place, off int64, ok bool) {
	if v.refs != nil {
		if len(v.refs.refs) == 1 && v.refs.refs[0].exact() && (v.bt == Static || a.single(v.refs.refs[0].obj)) {
			r := v.refs.refs[0]
			return place{obj: r.obj}, r.off, true
		}
		return place{}, 0, false
	}
	if v.sym == spec.NoSym || a.decided(v) {
		return place{}, 0, false
	}
	base, off := a.facts.Split(v.sym)
	return place{base: base}, off, true
}

// single reports whether at most one instance of o exists at a time while the
// variant's entry function runs, so that a write to it is a strong update.
func (a *analysis) single(o *ir.Object) bool {
	if s, ok := a.singles[o]; ok {
		return s
	}
	s := false
	switch o.Kind {
	case ir.ObjGlobal, ir.ObjFunc:
		s = true
	case ir.ObjStack:
		s = !a.cg.Recursive(o.Fn)
		if al, ok := o.Site.(*llir.InstAlloca); ok && s {
			pt, _ := o.Fn.PointOf(al)
			s = o.Fn.Loops().Of(a.prog.BlockAt(pt)) == nil
		}
	}
	a.singles[o] = s
	return s
}

// alloca applies rule (B6): the address is static, the content undefined.
func (f *flow) alloca(i *llir.InstAlloca) {
	o := f.pts.ObjectOf(i)
	if o == nil {
		f.compute(i, dynamic)
		return
	}
	if i.NElems != nil && f.operand(i.NElems).bt == Dynamic {
		f.compute(i, value{bt: Dynamic, refs: f.refs.one(o, 0)})
		return
	}
	p := place{obj: o}
	_, old := f.s.mem.index(p)
	// Of a recursive function's slot, the cells stand for all activations: a
	// further one, undefined, adds nothing to them.
	if o.Size != 0 && (f.single(o) || !old && (f.cg.Recursive(o.Fn) || o.Size < 0)) {
		f.s.mem = f.s.mem.with(p, []cell{{hi: extentOf(o), fill: undef, val: value{refs: f.refs.empty}, org: writtenAt(f.pt)}})
	}
	f.compute(i, value{refs: f.refs.one(o, 0)})
}

// load applies rule (B5).
func (f *flow) load(i *llir.InstLoad) bool {
	r := f.fn().Reg(i)
	if (i.Volatile || i.Atomic) && !f.ignored(f.pt) {
		f.leakAddress(i.Src)
		f.def(r, dynamic)
		return true
	}
	addr := f.operand(i.Src)
	if nowhere(addr, f.prog.Layout.StoreSize(i.ElemType)) {
		return false
	}
	if f.splitsLabels(i, addr) {
		f.def(r, value{vary: f.varying})
		return true
	}
	v, ok := f.readVariable(addr, i.ElemType)
	if !ok {
		v = f.read(addr, i.Src, f.prog.Layout.StoreSize(i.ElemType), width(i.ElemType))
	}
	if _, ok := i.ElemType.(*types.PointerType); ok {
		v.addr = false
	}
	f.def(r, v)
	return true
}

// nowhere reports whether an address is null or undefined on every path, or outside
// its slot: an access of size bytes there is undefined behaviour, so control does
// not get past it.
func nowhere(addr value, size int64) bool {
	if addr.bt == Dynamic || addr.refs == nil {
		return false
	}
	for _, r := range addr.refs.refs {
		if !r.misses(size) {
			return false
		}
	}
	return true
}

// misses reports whether r is one address, at which size bytes are not in its slot.
func (r ref) misses(size int64) bool {
	return r.exact() && r.obj.Kind == ir.ObjStack && r.obj.Size >= 0 && (r.off < 0 || r.off+size > r.obj.Size)
}

// read is the value of size bytes at addr, the value of operand src; w is the
// width of the type read, 0 if it has no symbol.
func (f *flow) read(addr value, src irvalue.Value, size int64, w int) value {
	if size <= 0 {
		return dynamic
	}
	if p, off, ok := f.place(addr); ok {
		return f.readPlace(p, off, size, w)
	}
	if addr.bt == Dynamic {
		return dynamic
	}
	refs, unknown := f.targets(addr, src)
	if unknown {
		return dynamic
	}
	v, first, inexact := value{refs: f.refs.empty}, true, false
	for _, r := range refs.refs {
		if r.misses(size) {
			continue
		}
		x := f.readRef(r, size, w)
		inexact = inexact || !r.exact()
		if first {
			v, first = x, false
		} else {
			v = f.joinValue(v, x, false)
		}
		if v.bt == Dynamic {
			break
		}
	}
	if inexact && v.refs == f.refs.empty {
		v.refs = nil // nothing but numbers
	}
	if v.bt == Static {
		v.vary = v.vary || addr.vary
	}
	return v
}

func (f *flow) readPlace(p place, off, size int64, w int) value {
	if p.obj != nil && (p.obj.Const || p.obj.Kind == ir.ObjFunc) {
		return f.readConst(p.obj, off, size, w)
	}
	return f.content(f.view(f.s.mem.cells(p), off, off+size), w)
}

// readRef joins what size bytes at each address of r hold.
func (f *flow) readRef(r ref, size int64, w int) value {
	if r.exact() {
		return f.readPlace(place{obj: r.obj}, r.off, size, w)
	}
	if r.obj.Const {
		if f.forbidsRef(r, size) {
			return dynamic
		}
		v := value{bt: f.readConst(r.obj, 0, 1, 0).bt}
		if v.bt == Static && size == pointerSize && w == 8*pointerSize {
			v.refs = f.constTargets(r)
		}
		return v
	}
	cs := f.s.mem.cells(place{obj: r.obj})
	if r.count == anyCount {
		end := r.obj.Size
		if end < 0 && len(cs) > 0 && r.obj.Kind != ir.ObjGlobal {
			end = cs[len(cs)-1].hi
		}
		if end < 0 {
			return dynamic
		}
		return noRefs(f.view(cs, 0, end).val)
	}
	if r.count > maxElements {
		return noRefs(f.view(cs, r.off, r.last()+size).val)
	}
	v := f.content(f.view(cs, r.off, r.off+size), w)
	for k := int64(1); k < r.count && v.bt == Static; k++ {
		at := r.off + k*r.stride
		v = f.joinValue(v, f.content(f.view(cs, at, at+size), w), false)
	}
	return v
}

// pointerSize is the size of an address in bytes.
const pointerSize = 8

// constTargets are the addresses that read-only memory holds where r may be: in
// a table of structures that point to each other, as the instructions of a
// program do, an address read at an unknown one leads to the tables again.
func (a *analysis) constTargets(r ref) *refSet {
	if s, ok := a.targetSets[r]; ok {
		return s
	}
	out := a.refs.empty
	if img := a.image(r.obj); img != nil {
		for _, rel := range img.Relocs {
			if rel.Size != pointerSize || !r.has(rel.Off) {
				continue
			}
			if out = a.refs.join(out, a.addrOf(rel.Base, rel.Addend), false); out == nil {
				break
			}
		}
	}
	a.targetSets[r] = out
	return out
}

// noRefs is v with unknown targets and symbol.
func noRefs(v value) value { return value{bt: v.bt, vary: v.vary} }

// readConst is the value of size bytes of a read-only object: static, and known
// if the initializer has them as one number or address.
func (a *analysis) readConst(o *ir.Object, off, size int64, w int) value {
	if a.forbids(place{obj: o}, span{off, off + max(size, 1)}) {
		return dynamic
	}
	if o.Site == nil {
		return value{} // a string that the specification gives
	}
	img := a.image(o)
	if img == nil {
		return dynamic
	}
	if w == 0 || off < 0 || off+size > img.Size || int64(w) > size*8 {
		return value{}
	}
	if rel, ok := img.RelocAt(off); ok && rel.Off == off {
		if rel.Size != size {
			return value{}
		}
		return value{refs: a.addrOf(rel.Base, rel.Addend),
			sym: a.facts.Op(spec.OpAdd, 64, a.facts.Addr(rel.Base), a.facts.Const(uint64(rel.Addend), 64))}
	}
	var bits uint64
	for k := int64(0); k < size; k++ {
		if _, ok := img.RelocAt(off + k); ok {
			return value{}
		}
		if !img.Zero {
			bits |= uint64(img.Bytes[off+k]) << (8 * k)
		}
	}
	for _, u := range img.Undef {
		if u.Off < off+size && off < u.Off+u.Size {
			return value{refs: a.refs.empty}
		}
	}
	v := value{sym: a.facts.Const(bits, w)}
	if bits == 0 {
		v.refs = a.refs.empty
	}
	return v
}

// image is the initializer of a read-only global, nil if it is not here.
func (a *analysis) image(o *ir.Object) *ir.Image {
	if m, ok := a.images[o]; ok {
		return m
	}
	var m *ir.Image
	if g, ok := o.Site.(*llir.Global); ok && g.Init != nil && fixed(g.Linkage) && !g.ExternallyInitialized {
		m = a.prog.Initializer(g.Init)
	}
	a.images[o] = m
	return m
}

// fixed reports whether a definition of this linkage is the one that runs.
func fixed(l enum.Linkage) bool {
	switch l {
	case enum.LinkageWeak, enum.LinkageLinkOnce, enum.LinkageExternWeak, enum.LinkageCommon, enum.LinkageAppending:
		return false
	}
	return true
}

// store applies rule (B6).
func (f *flow) store(i *llir.InstStore) bool {
	val, addr := f.operand(i.Src), f.operand(i.Dst)
	size := f.prog.Layout.StoreSize(i.Src.Type())
	if (i.Volatile || i.Atomic) && !f.ignored(f.pt) {
		f.leak(val.refs)
		f.leakAddress(i.Dst)
		f.write(addr, i.Dst, size, dynamic, nil)
		return true
	}
	if nowhere(addr, size) {
		return false
	}
	f.write(addr, i.Dst, size, val, f.tag(i))
	return true
}

// tag is the alias tag of an access, one pointer for equal tags.
func (a *analysis) tag(inst llir.Instruction) *ir.TBAATag {
	t := a.prog.TBAA(inst)
	if t == nil {
		return nil
	}
	if u, ok := a.tags[*t]; ok {
		return u
	}
	a.tags[*t] = t
	return t
}

// leakAddress leaks what operand x points to.
func (f *flow) leakAddress(x irvalue.Value) { f.leak(f.operand(x).refs) }

// write stores val in size bytes at addr, the value of operand dst.
func (f *flow) write(addr value, dst irvalue.Value, size int64, val value, tag *ir.TBAATag) {
	if size <= 0 {
		return
	}
	if p, off, ok := f.place(addr); ok {
		f.writePlace(p, off, size, val, tag, dst)
		return
	}
	refs, unknown := f.targets(addr, dst)
	if !unknown && addr.bt == Static {
		for _, r := range refs.refs {
			f.weakStore(r, size, val)
		}
	} else {
		f.leak(val.refs)
		f.clobber(refs, unknown, size, tag)
	}
	if unknown || f.reachesOutside(refs, addr.bt) {
		f.leak(val.refs)
		f.clobberInstances(place{}, tag)
	}
}

// writePlace is a write at one known place.
func (f *flow) writePlace(p place, off, size int64, val value, tag *ir.TBAATag, dst irvalue.Value) {
	c := cell{lo: off, hi: off + size, val: val, org: writtenAt(f.pt), tag: tag}
	if p.obj == nil {
		f.leak(val.refs)
		refs, unknown := f.targets(value{bt: Dynamic}, dst)
		f.clobber(refs, unknown, size, tag)
		f.clobberInstances(p, tag)
		f.s.mem = f.s.mem.with(p, put(f.s.mem.cells(p), c))
		return
	}
	if p.obj.Const || p.obj.Kind == ir.ObjFunc || p.obj.Kind == ir.ObjUnknown {
		return
	}
	if f.outside(p.obj) || hasObject(f.s.leaked, p.obj) {
		f.leak(val.refs)
	}
	cs := f.s.mem.cells(p)
	if f.single(p.obj) && p.obj.Kind != ir.ObjHeap {
		cs = put(cs, c)
	} else {
		cs = f.weaken(cs, off, off+size, val, c.org)
	}
	f.s.mem = f.s.mem.with(p, cs)
	if f.outside(p.obj) {
		f.clobberInstances(place{}, tag)
	}
}

// weakStore may write val at any address of r.
func (f *flow) weakStore(r ref, size int64, val value) {
	if r.obj.Const || r.obj.Kind == ir.ObjFunc {
		return
	}
	p := place{obj: r.obj}
	if f.outside(r.obj) || hasObject(f.s.leaked, r.obj) {
		f.leak(val.refs)
	}
	cs := f.s.mem.cells(p)
	org := writtenAt(f.pt)
	switch {
	case len(cs) == 0:
		return
	case r.count == anyCount:
		cs = f.weaken(cs, 0, max(r.obj.Size, cs[len(cs)-1].hi), blur(val), org)
	case r.count > maxElements:
		cs = f.weaken(cs, r.off, r.last()+size, blur(val), org)
	default:
		for k := int64(0); k < r.count; k++ {
			at := r.off + k*r.stride
			cs = f.weaken(cs, at, at+size, val, org)
		}
	}
	f.s.mem = f.s.mem.with(p, cs)
}

// blur is v as content of bytes.
func blur(v value) value { return value{bt: v.bt, vary: v.vary} }

// outside reports whether o exists beyond the activation that is analyzed, so
// that memory at entry may hold its address and it may be read afterwards.
func (a *analysis) outside(o *ir.Object) bool {
	return o.Kind != ir.ObjStack && o.Kind != ir.ObjHeap
}

// reachesOutside reports whether one of s is outside. A dynamic address may also be
// that of heap memory from before the entry.
func (a *analysis) reachesOutside(s *refSet, bt BindingTime) bool {
	for _, r := range s.refs {
		if a.outside(r.obj) || bt == Dynamic && r.obj.Kind == ir.ObjHeap {
			return true
		}
	}
	return false
}

// clobber makes dynamic what a write of size bytes through a pointer with these
// targets may hit; cells whose last access is disjoint from tag by type stay.
func (f *flow) clobber(refs *refSet, unknown bool, size int64, tag *ir.TBAATag) {
	if f.ignored(f.pt) {
		return
	}
	mem := f.s.mem
	if refs != nil {
		for _, r := range refs.refs {
			p := place{obj: r.obj}
			cs := mem.cells(p)
			if len(cs) == 0 {
				continue
			}
			switch {
			case r.count == anyCount:
				cs = spare(cs, 0, 1<<62, tag)
			case r.count > maxElements:
				cs = spare(cs, r.off, r.last()+size, tag)
			default:
				for k := int64(0); k < r.count; k++ {
					cs = spare(cs, r.off+k*r.stride, r.off+k*r.stride+size, tag)
				}
			}
			mem = mem.with(p, cs)
		}
	}
	if unknown {
		for _, r := range f.s.mem {
			if r.obj != nil && f.exposed(r.obj) {
				mem = mem.with(r.place, spare(mem.cells(r.place), 0, 1<<62, tag))
			}
		}
	}
	f.s.mem = mem
}

// exposed reports whether an unknown pointer may point to o here.
func (f *flow) exposed(o *ir.Object) bool { return f.pts.Escapes(o) && f.revealed(o) }

// revealed reports whether residual code may hold the address of o here. Of a
// stack slot it can only if the address has leaked by now.
func (f *flow) revealed(o *ir.Object) bool {
	if o.Kind == ir.ObjHeap {
		return hasObject(f.s.leaked, o)
	}
	return o.Kind != ir.ObjStack || !f.single(o) || hasObject(f.s.leaked, o)
}

// clobberInstances makes dynamic the cells of symbolic instances other than keep,
// unless their type tells them apart.
func (f *flow) clobberInstances(keep place, tag *ir.TBAATag) {
	if f.ignored(f.pt) {
		return
	}
	mem := f.s.mem
	for _, r := range f.s.mem {
		if r.obj == nil && r.place != keep {
			mem = mem.with(r.place, spare(mem.cells(r.place), -1<<62, 1<<62, tag))
		}
	}
	f.s.mem = mem
}

// clobberAll is what code that may do anything leaves of memory.
func (f *flow) clobberAll() {
	f.clobber(nil, true, 1, nil)
	f.clobberInstances(place{}, nil)
}

// spare is cs without what [lo, hi) overlaps, except cells that an access with
// tag cannot be to.
func spare(cs []cell, lo, hi int64, tag *ir.TBAATag) []cell {
	hit := over(cs, lo, hi)
	if len(hit) == 0 {
		return cs
	}
	if tag == nil {
		return cut(cs, lo, hi)
	}
	var keep []cell
	for _, c := range hit {
		if c.tag != nil && ir.TBAANoAlias(c.tag, tag) {
			keep = append(keep, c)
		}
	}
	out := cut(cs, lo, hi)
	for _, c := range keep {
		out = put(out, c)
	}
	return out
}

// atomic is a read-modify-write: residual, its cell dynamic.
func (f *flow) atomic(i llir.Instruction, addr, val irvalue.Value) {
	if f.ignored(f.pt) {
		f.def(f.fn().Reg(i.(irvalue.Value)), value{})
		return
	}
	f.leakAddress(val)
	f.leakAddress(addr)
	f.write(f.operand(addr), addr, f.prog.Layout.StoreSize(val.Type()), dynamic, nil)
	f.def(f.fn().Reg(i.(irvalue.Value)), dynamic)
}

// known is the value of a length operand, if the facts or the program fix it.
func (f *flow) known(x irvalue.Value) (int64, bool) {
	n, _, ok := f.facts.Value(f.operand(x).sym)
	return int64(n), ok && int64(n) >= 0
}

// knownOr is the value of a length operand, other if it is not fixed.
func (f *flow) knownOr(x irvalue.Value, other int64) int64 {
	if n, ok := f.known(x); ok {
		return n
	}
	return other
}
