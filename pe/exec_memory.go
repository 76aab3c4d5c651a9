package pe

// This file executes loads and stores, and ends knowledge about memory that
// residual code may write.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"

	"quasi/ir"
	"quasi/ir/spec"
)

// locate returns the object and offset that the address v names, 0 if it is not
// known: the object of a static pointer, or the symbolic instance of a dynamic one.
func (j *job) locate(v Value) (ObjID, int64) {
	switch {
	case v.kind == kPtr:
		return v.obj, v.off()
	case v.kind == kDyn && v.sym != spec.NoSym:
		base, off := j.facts.Split(v.sym)
		return j.instance(base, off, false)
	}
	return 0, 0
}

// within reports whether [off, off+size) lies in the memory of o.
func within(o *object, off, size int64) bool {
	return o.kind != objFunc && o.kind != objLabel && off >= 0 && size >= 0 && off+size <= o.size
}

// load reads memory. It reports whether the path ends: see loadLabel.
func (j *job) load(in *inst) (done bool) {
	v := j.val(in.args[0])
	size := int64(in.to)
	info := j.f.code.regs[in.dst]
	id, off := j.locate(v)
	var sym spec.Sym
	var known uint64
	switch {
	case id != 0 && within(j.s.obj(id), off, size):
		x, ok := j.content(id, off, size, info, in.tag)
		if ok && x.static() {
			j.setStatic(in.dst, x)
			return false
		}
		if x.kind == kDyn {
			sym, known = x.sym, x.bits
		}
		j.flush(id, off, off+size)
		j.direct = v.kind == kPtr
	case id != 0:
		j.leak(id)
	case v.obj != 0:
		if j.loadLabel(in, v) {
			return true
		}
		j.flush(v.obj, 0, j.s.obj(v.obj).size)
		j.direct = true
	default:
		j.settleFor(j.s.cfg.PT.Of(in.node.(*llir.InstLoad).Src))
		j.direct = true
	}
	j.emitPure(in)
	j.direct = false
	j.label(in.dst, sym)
	if known != 0 {
		j.f.at(in.dst).bits = known
	}
	return false
}

// content is what is known of size bytes at off of id, as a value for a
// register: static, or dynamic with a symbol. tag is the alias tag of the access.
func (j *job) content(id ObjID, off, size int64, info regInfo, tag *ir.TBAATag) (Value, bool) {
	o := j.s.obj(id)
	if info.cls > clsOther {
		return j.wideContent(id, off, size, info, tag)
	}
	if o.ro {
		return j.imageContent(o, off, size, info)
	}
	s := j.st.mem.get(id)
	if o.kind == objInstance && s != nil && s.retyped && !j.s.readable(id, off, size, tag) {
		return Value{}, false
	}
	first, _ := s.byteAt(o, off)
	switch first & tagKind {
	case tagByte:
		if info.cls == clsOther || size > 8 {
			return Value{}, false
		}
		if x, ok := s.bytes(o, off, size); ok {
			return Value{kind: kInt, bits: x}, true
		}
		return s.partlyWritten(o, off, size, info)
	case tagPtr, tagSym:
		e, ok := s.entryAt(off)
		if !ok || int64(e.size) != size || info.cls != clsInt && info.cls != clsPtr || int64(info.width) != size*8 {
			return Value{}, false
		}
		return e.val, true
	case tagUndef:
		for k := int64(1); k < size; k++ {
			if t, _ := s.byteAt(o, off+k); t&tagKind != tagUndef {
				return s.partlyWritten(o, off, size, info)
			}
		}
		return Value{kind: kUndef}, true
	}
	return Value{}, false
}

// partlyWritten is the value of bytes some of which are known and the others were
// never written: these are as good as zero. Unions, bit-fields and padding are read so.
func (s *objState) partlyWritten(o *object, off, size int64, info regInfo) (Value, bool) {
	if info.cls != clsInt && info.cls != clsFloat || size > 8 {
		return Value{}, false
	}
	var x uint64
	for k := size - 1; k >= 0; k-- {
		t, b := s.byteAt(o, off+k)
		switch t & tagKind {
		case tagByte:
		case tagUndef:
			b = 0
		default:
			return Value{}, false
		}
		x = x<<8 | uint64(b)
	}
	return Value{kind: kInt, bits: x}, true
}

// imageContent reads a read-only global.
func (j *job) imageContent(o *object, off, size int64, info regInfo) (Value, bool) {
	if info.cls == clsOther || size > 8 {
		return Value{}, false
	}
	img := o.image
	if img.Zero {
		return Value{kind: kInt}, true
	}
	if off+size > int64(len(img.Bytes)) {
		return Value{}, false
	}
	for _, u := range img.Undef {
		if u.Off < off+size && off < u.Off+u.Size {
			return Value{}, false
		}
	}
	if len(img.Relocs) > 0 {
		if r, ok := img.RelocAt(off); ok {
			if r.Size != size || size != 8 || info.cls == clsFloat {
				return Value{}, false
			}
			return j.s.address(r.Base, r.Addend)
		}
		for k := off - 7; k < off+size; k++ {
			if r, ok := img.RelocAt(k); ok && k+r.Size > off {
				return Value{}, false
			}
		}
	}
	x := uint64(0)
	for k := int64(0); k < size; k++ {
		x |= uint64(img.Bytes[off+k]) << (8 * k)
	}
	return Value{kind: kInt, bits: x}, true
}

func (j *job) store(in *inst) {
	v, p := j.val(in.args[0]), j.val(in.args[1])
	size := int64(in.to)
	id, off := j.locate(p)
	exact := id != 0 && within(j.s.obj(id), off, size)
	if exact && j.putLater(in, id, off, v) {
		return
	}
	// The store is residual. Its effect on what is known comes after it.
	if exact {
		j.flushPartial(id, off, size)
	} else if b := based(p); b != 0 {
		j.flush(b, 0, j.s.obj(b).size)
	}
	val := j.use(in.args[0])
	v = j.val(in.args[0])
	if id != 0 && !exact {
		j.leak(id)
	}
	addr := j.raw(in.args[1])
	j.direct = p.kind == kPtr && exact || id == 0 && based(p) != 0
	j.rf.emit(j.b, j.clone(in.node), nil, false, val, addr)
	j.direct = false
	j.written(in, p, id, off, size, exact)
	if exact && !j.s.obj(id).ro && j.putAny(in, id, off, v, 0) && in.cls != clsList {
		j.s.addCell(id, off, size, in.tag)
	}
}

// A cell is a range of a symbolic instance of which something may be known.
type cell struct {
	off, size int64
	tag       *ir.TBAATag // of the accesses that it belongs to, nil if they differ or are not known
	first     *ir.TBAATag // tag when the cell was made
}

// readable reports whether what is known of a range of an instance holds for an
// access with the given tag. A cell with a tag stays known when a store cannot
// alias that tag; the store may have given the memory another type, so that only
// accesses with the cell's own tag would be undefined then. See objState.retyped.
func (s *specializer) readable(id ObjID, off, size int64, tag *ir.TBAATag) bool {
	for _, c := range s.cells[id] {
		if c.off < off+size && off < c.off+c.size && c.first != nil && (tag == nil || *tag != *c.first) {
			return false
		}
	}
	return true
}

// addCell notes that something is known of a range of id.
func (s *specializer) addCell(id ObjID, off, size int64, tag *ir.TBAATag) {
	if s.obj(id).kind != objInstance {
		return
	}
	for i, c := range s.cells[id] {
		if c.off == off && c.size == size {
			if c.tag != nil && (tag == nil || *c.tag != *tag) {
				s.cells[id][i].tag = nil
			}
			return
		}
	}
	s.cells[id] = append(s.cells[id], cell{off, size, tag, tag})
}

// written ends what is known of memory that a residual store through p, which
// names offset off of id if that is exact, may have changed.
func (j *job) written(in *inst, p Value, id ObjID, off, size int64, exact bool) {
	switch {
	case exact:
		o := j.s.obj(id)
		if o.ro {
			return
		}
		j.st.mem.forget(o, id, off, off+size)
		if j.private(id) {
			return
		}
		j.clobber(in, id, p.kind == kPtr)
	case p.obj != 0 && p.kind != kInt:
		o := j.s.obj(p.obj)
		// Nothing is known of a stack object that is absent but that it is undefined.
		if o.kind != objFunc && !o.ro && (o.local() || j.st.mem.get(p.obj) != nil) {
			j.st.mem.forget(o, p.obj, 0, o.size)
		}
		if !j.private(p.obj) {
			j.clobber(in, p.obj, true)
		}
	default:
		j.clobber(in, 0, false)
	}
}

// putAny is put for the value that the store in writes.
func (j *job) putAny(in *inst, id ObjID, off int64, v Value, dirty byte) bool {
	if in.cls == clsList {
		return j.putList(in, id, off, v, in.x.shape, dirty)
	}
	return j.put(id, off, int64(in.to), v, in.cls, dirty)
}

// put records that size bytes at off of id hold v, if memory can hold it:
// with the dirty bit in place of a residual store, without after one.
func (j *job) put(id ObjID, off, size int64, v Value, cls class, dirty byte) bool {
	o := j.s.obj(id)
	m := &j.st.mem
	switch v.kind {
	case kInt:
		if cls == clsOther || size > 8 {
			return false
		}
		if dirty != 0 {
			j.flushPartial(id, off, size)
		}
		m.putBytes(o, id, off, v.bits, size, dirty)
	case kWide:
		if dirty != 0 {
			j.flushPartial(id, off, size)
		}
		j.putWide(o, id, off, v, size, dirty)
	case kPtr:
		if size != 8 {
			return false
		}
		if dirty != 0 {
			j.flushPartial(id, off, size)
		}
		m.putEntry(o, id, off, v, size, dirty)
	case kUndef, kPoison:
		if dirty != 0 {
			j.flushPartial(id, off, size)
			m.setTag(o, id, off, off+size, tagUndef)
		}
	case kDyn:
		if dirty != 0 || v.sym == spec.NoSym || cls != clsInt && cls != clsPtr || int64(j.facts.Width(v.sym)) != size*8 {
			return false
		}
		m.putEntry(o, id, off, v, size, 0)
	default:
		return false
	}
	return true
}

// flushPartial flushes pointers of which [off, off+size) covers a part only.
func (j *job) flushPartial(id ObjID, off, size int64) {
	s := j.st.mem.get(id)
	if s == nil || !s.anyEntry(off-7, off+size) {
		return
	}
	o := j.s.obj(id)
	for k := max(off-7, 0); k < off+size; k++ {
		if e, ok := s.entryAt(k); ok && k+int64(e.size) > off && (k < off || k+int64(e.size) > off+size) {
			if tag, _ := s.byteAt(o, k); tag&tagDirty != 0 {
				j.flushEntry(id, o, k, e)
				s = j.st.mem.get(id)
			}
		}
	}
}

// clobber ends what is known of every object that the residual store in may
// have written, but for except, which the caller has seen to. If the address is
// one of a known object (known), only symbolic instances can be others.
func (j *job) clobber(in *inst, except ObjID, known bool) {
	if known && len(j.s.instances) == 0 {
		return
	}
	var pts ir.Pts
	if !known {
		switch t := in.node.(type) {
		case *llir.InstStore:
			pts = j.s.cfg.PT.Of(t.Dst)
		case *llir.InstCall: // memcpy, memmove, memset
			pts = j.s.cfg.PT.Of(ir.Unwrap(t.Args[0]))
		}
	}
	tag := j.s.cfg.Prog.TBAA(in.node)
	j.st.mem.each(func(id ObjID, st *objState) {
		o := j.s.obj(id)
		switch {
		case id == except || o.local() && !st.leaked:
			return
		case o.kind == objInstance:
			j.clobberCells(id, o, tag)
			return
		case known:
			return
		}
		if mayPoint(j.s.cfg.PT, pts, o.site) {
			j.st.mem.forget(o, id, 0, o.size)
		}
	})
}

// mayPoint reports whether a pointer with the points-to set pts may point to o.
func mayPoint(pt *ir.PointsTo, pts ir.Pts, o *ir.Object) bool {
	if o == nil || pts.Unknown && pt.Escapes(o) {
		return true
	}
	for _, x := range pts.Objs {
		if x == o {
			return true
		}
	}
	return false
}

// clobberCells ends what is known of the cells of a symbolic instance that a
// store with the given tag may write.
func (j *job) clobberCells(id ObjID, o *object, tag *ir.TBAATag) {
	spared := false
	for _, c := range j.s.cells[id] {
		if tag != nil && c.tag != nil && ir.TBAANoAlias(tag, c.tag) {
			spared = true
			continue
		}
		j.st.mem.forget(o, id, c.off, c.off+c.size)
	}
	if s := j.st.mem.get(id); spared && s != nil && !s.retyped {
		j.st.mem.edit(id).retyped = true
	}
}

// retype supposes that other paths have retyped every instance.
func (j *job) retype() {
	if len(j.s.instances) == 0 {
		return
	}
	j.st.mem.each(func(id ObjID, s *objState) {
		if !s.retyped && j.s.obj(id).kind == objInstance {
			j.st.mem.edit(id).retyped = true
		}
	})
}

// effect ends what is known of memory that a call or another instruction may write.
func (j *job) effect(in *inst) {
	e := j.s.cfg.MR.Mod(in.node)
	if len(e.Objs) == 0 && !e.Unknown {
		return
	}
	j.st.mem.each(func(id ObjID, st *objState) {
		o := j.s.obj(id)
		switch {
		case o.local() && !st.leaked:
		case o.kind == objInstance:
			for _, c := range j.s.cells[id] {
				j.st.mem.forget(o, id, c.off, c.off+c.size)
			}
		case o.site == nil || e.May(o.site):
			j.st.mem.forget(o, id, 0, o.size)
		}
	})
}

// cellTag is the alias tag of accesses to the cell at off of an instance, as the
// program's own accesses to that member have it; nil if that is not clear. A
// store whose tag cannot alias it leaves the cell alone (P4).
func (j *job) cellTag(off, size int64) *ir.TBAATag {
	var found *ir.TBAATag
	for _, p := range append(append([]*spec.Pred(nil), j.s.cfg.Variant.When...), j.s.cfg.Variant.Always...) {
		for _, t := range p.Terms {
			if t.Off != off || t.Size != size || t.Global != nil {
				continue
			}
			if t.Record == nil || t.Record.Name == "" || t.BitSize != 0 {
				return nil
			}
			tag := j.s.memberTag(t.Record.Name, off)
			if tag == nil || found != nil && *found != *tag {
				return nil
			}
			found = tag
		}
	}
	return found
}

// memberTag finds the tag with which the program accesses the member at off of
// the struct called name.
func (s *specializer) memberTag(name string, off int64) *ir.TBAATag {
	for _, f := range s.cfg.Prog.Funcs {
		for _, b := range f.Blocks {
			for _, i := range b.LL.Insts {
				switch i.(type) {
				case *llir.InstLoad, *llir.InstStore:
					if t := s.cfg.Prog.TBAA(i); t != nil && t.Offset == off && t.Base.Name() == name {
						return t
					}
				}
			}
		}
	}
	return nil
}

// other emits an instruction that is never executed: volatile and atomic
// accesses, fences, va_arg. It stays in its place in the order of effects.
func (j *job) other(in *inst) {
	j.emitUse(in, false)
	switch t := in.node.(type) {
	case *llir.InstLoad:
		if !t.Atomic {
			return
		}
	case *llir.InstStore:
		if !t.Atomic {
			j.clobber(in, 0, false)
			return
		}
	}
	// Other threads may run here: what they can reach is not known any more.
	j.st.mem.each(func(id ObjID, st *objState) {
		if o := j.s.obj(id); !o.local() || st.leaked {
			j.st.mem.forget(o, id, 0, o.size)
		}
	})
}

// allocate makes the object of an alloca.
func (j *job) allocate(in *inst) {
	a := in.node.(*llir.InstAlloca)
	size := j.s.cfg.Prog.Layout.Size(a.ElemType)
	elem := a.ElemType
	if a.NElems != nil {
		n := a.NElems.(*constant.Int).X.Int64()
		elem = arrayOf(n, elem)
		size *= n
	}
	id := j.s.stackObject(j.f.ctx, in.dst, elem, uint64(a.Align), size, a)
	j.setStatic(in.dst, ptrValue(id, 0))
}
