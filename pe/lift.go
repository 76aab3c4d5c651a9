package pe

// This file turns static values into residual code (lift), and makes run-time
// memory right where it is not yet (flush, leak).

import (
	"fmt"
	"math/big"
	"reflect"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// lift returns residual code for the static value v of type typ, at the end of
// the current block. Constants of memory addresses of private objects need an
// instruction or two; all else is a constant.
func (j *job) lift(v Value, typ types.Type) rval {
	switch v.kind {
	case kPtr:
		o := j.s.obj(v.obj)
		if o.local() {
			return j.stackAddress(v, typ)
		}
		return j.rf.constant(addressOf(o.symbol(), v.off(), typ))
	case kUndef, kNone:
		return j.rf.undef(typ)
	case kPoison:
		return j.rf.constant(constant.NewPoison(typ))
	case kConst:
		return j.rf.constant(j.s.opaques[v.bits])
	case kInt:
		return j.rf.constant(scalar(v.bits, typ))
	case kWide:
		return j.rf.constant(j.s.scalarConstant(v, typ))
	case kList:
		return j.liftList(j.s.leaves(v, 0), typ)
	}
	panic(fmt.Sprintf("lift: %v is not static", v))
}

// symbol is the constant that is the address of o, which is no stack object.
func (o *object) symbol() constant.Constant {
	switch o.kind {
	case objFunc:
		return o.fn
	case objLabel:
		return o.label
	}
	return o.global
}

// scalar is the constant of type typ whose bit pattern is bits.
func scalar(bits uint64, typ types.Type) constant.Constant {
	switch t := typ.(type) {
	case *types.IntType:
		if t.BitSize == 1 {
			return constant.NewBool(bits&1 == 1)
		}
		x := new(big.Int).SetUint64(bits)
		if t.BitSize <= 64 && bits>>(t.BitSize-1)&1 == 1 {
			x = big.NewInt(sext(bits, uint(t.BitSize)))
		}
		return &constant.Int{Typ: t, X: x}
	case *types.PointerType:
		if bits == 0 {
			return constant.NewNull(t)
		}
		return constant.NewIntToPtr(scalar(bits, types.I64), t)
	case *types.FloatType:
		width := uint(64)
		if t.Kind == types.FloatKindFloat {
			width = 32
		}
		if isNaN(bits, width) { // llir has no payloads
			return constant.NewBitCast(scalar(bits, types.NewInt(uint64(width))), t)
		}
		return constant.NewFloat(t, toFloat(bits, width))
	}
	panic(fmt.Sprintf("lift: a bit pattern has no constant of type %v", typ))
}

// addressOf is the constant base + off as typ, a pointer or i64.
func addressOf(base constant.Constant, off int64, typ types.Type) constant.Constant {
	c := base
	if off != 0 {
		c = constant.NewGetElementPtr(types.I8, castPtr(base, types.I8Ptr), constant.NewInt(types.I64, off))
	}
	if _, ok := typ.(*types.IntType); ok {
		return constant.NewPtrToInt(c, typ)
	}
	return castPtr(c, typ)
}

func castPtr(c constant.Constant, typ types.Type) constant.Constant {
	if c.Type().Equal(typ) {
		return c
	}
	return constant.NewBitCast(c, typ)
}

// stackAddress emits the address of a private object plus an offset.
func (j *job) stackAddress(v Value, typ types.Type) rval {
	if j.s.obj(v.obj).kind == objStack {
		if r := j.stackSlot(v.obj); v.off() == 0 && typ.Equal(j.rf.vals[r].typ) {
			return r
		}
	}
	r := j.stackBase(v.obj)
	if off := v.off(); off != 0 {
		r = j.moved(r, off, false)
	}
	if _, ok := typ.(*types.IntType); ok {
		return j.rf.emit(j.b, &llir.InstPtrToInt{To: typ}, typ, true, r)
	}
	if typ.Equal(types.I8Ptr) {
		return r
	}
	return j.rf.emit(j.b, &llir.InstBitCast{To: typ}, typ, true, r)
}

// moved emits the address off bytes from r, an i8*.
func (j *job) moved(r rval, off int64, inBounds bool) rval {
	g := &llir.InstGetElementPtr{InBounds: inBounds, ElemType: types.I8, Indices: []value.Value{constant.NewInt(types.I64, off)}, Typ: types.I8Ptr}
	return j.rf.emit(j.b, g, types.I8Ptr, true, r)
}

// stackBase returns the i8* of the residual memory of id.
func (j *job) stackBase(id ObjID) rval {
	if j.s.obj(id).kind == objHeap {
		return j.heapBase(id)
	}
	return j.slotBase(id)
}

// slotBase returns the i8* of the residual stack slot of id.
func (j *job) slotBase(id ObjID) rval {
	if r, ok := j.rf.stack[id]; ok {
		return r
	}
	r := j.stackSlot(id)
	if !j.rf.vals[r].typ.Equal(types.I8Ptr) {
		r = j.rf.emit(j.rf.entry, &llir.InstBitCast{To: types.I8Ptr}, types.I8Ptr, true, r)
	}
	j.rf.stack[id] = r
	return r
}

// stackSlot returns the residual stack slot of id. Slots live in the residual
// function's entry block: an unfolded activation has one per call context, and
// its content is undefined anew whenever the context is entered.
func (j *job) stackSlot(id ObjID) rval {
	if r, ok := j.rf.slots[id]; ok {
		return r
	}
	o := j.s.obj(id)
	if o.outer {
		r := j.environment(id)
		j.rf.slots[id] = r
		return r
	}
	a := &llir.InstAlloca{ElemType: o.elem, Typ: types.NewPointer(o.elem), Align: llir.Align(o.align)}
	if o.name != "" {
		a.SetName(o.name)
	}
	r := j.rf.emit(j.rf.entry, a, a.Typ, true)
	j.rf.slots[id] = r
	return r
}

// private reports whether id is a stack object whose address no residual code holds.
func (j *job) private(id ObjID) bool {
	if !j.s.obj(id).local() {
		return false
	}
	s := j.st.mem.get(id)
	return s == nil || !s.leaked
}

// leakValue leaks the object that v points to or into.
func (j *job) leakValue(v Value) {
	if v.kind == kList || v.kind == kDyn && v.bits != 0 {
		for _, x := range j.s.leaves(v, 0) {
			j.leakValue(x)
		}
		return
	}
	if id := based(v); id != 0 {
		j.leak(id)
	}
}

// leak lets residual code know the address of id: from here on its run-time
// memory is kept right, and whatever writes through unknown pointers may change it.
func (j *job) leak(id ObjID) {
	if !j.private(id) {
		return
	}
	if j.s.obj(id).kind == objHeap {
		if j.st.mem.get(id) == nil {
			return // freed
		}
		if j.s.obj(id).place == 0 {
			j.mustBeReal(id)
		}
	}
	j.leaks++
	j.st.mem.edit(id).leaked = true
	j.flush(id, 0, j.s.obj(id).size)
}

// flush stores the bytes in [lo, hi) of id that run-time memory does not have
// yet, and the rest of pointers of which a part lies in the range.
func (j *job) flush(id ObjID, lo, hi int64) {
	s := j.st.mem.get(id)
	if s == nil || !s.anyDirty() {
		return
	}
	o := j.s.obj(id)
	hi = min(hi, o.size)
	for off := max(lo-7, 0); off < hi; { // a pointer may start before lo
		i := int(off >> pageShift)
		if i >= len(s.pages) {
			break
		}
		if s.pages[i] == nil {
			off = int64(i+1) << pageShift
			continue
		}
		switch tag, _ := s.byteAt(o, off); {
		case tag == tagPtr|tagDirty:
			e, ok := s.entryAt(off)
			if !ok { // the middle of a pointer that starts before lo
				off++
				continue
			}
			if off+int64(e.size) > lo {
				j.flushEntry(id, o, off, e)
			}
			off += int64(e.size)
		case tag == tagByte|tagDirty && off >= lo:
			if n := j.flushRun(id, o, off, hi); n > 0 {
				off += n
			} else {
				off += j.flushBytes(id, o, off, hi)
			}
		default:
			off++
		}
		s = j.st.mem.get(id)
	}
}

// flushEntry stores a pointer; what it points to leaks.
func (j *job) flushEntry(id ObjID, o *object, off int64, e entry) {
	j.leakValue(e.val)
	j.clean(id, o, off, int64(e.size))
	j.emitStore(id, off, j.lift(e.val, types.I8Ptr), types.I8Ptr)
}

// flushBytes stores a naturally aligned power of two of dirty bytes at off and
// returns how many it was.
func (j *job) flushBytes(id ObjID, o *object, off, hi int64) int64 {
	s := j.st.mem.get(id)
	n := int64(0)
	x := uint64(0)
	for n < 8 && off+n < hi {
		tag, data := s.byteAt(o, off+n)
		if tag != tagByte|tagDirty {
			break
		}
		x |= uint64(data) << (8 * n)
		n++
	}
	size := int64(8)
	for size > n || off%size != 0 {
		size >>= 1
	}
	j.clean(id, o, off, size)
	typ := types.NewInt(uint64(size) * 8)
	j.emitStore(id, off, j.rf.constant(scalar(x&mask(uint(size)*8), typ)), typ)
	return size
}

// clean clears the dirty bits of [off, off+size).
func (j *job) clean(id ObjID, o *object, off, size int64) {
	s := j.st.mem.edit(id)
	for k := off; k < off+size; k++ {
		j.st.mem.page(o, s, int(k>>pageShift)).tag[k&(pageSize-1)] &^= tagDirty
	}
}

// emitStore emits a store of v, of type typ, to id at off.
func (j *job) emitStore(id ObjID, off int64, v rval, typ types.Type) {
	addr := j.lift(ptrValue(id, off), types.NewPointer(typ))
	j.rf.append(j.b, &llir.InstStore{Align: j.alignAt(id, off)}, nil, false, v, addr)
}

// alignAt is the alignment that the address of offset off of id certainly has.
func (j *job) alignAt(id ObjID, off int64) llir.Align {
	a := j.alignOf(id) | uint64(off)
	return llir.Align(a & -a)
}

// cloneResidual copies an instruction for residual code. Metadata that speaks of
// the generic function's scopes is dropped: debug locations belong to its
// subprogram, alias scopes to one activation; so are tail markers, since the
// residual function's frame holds the objects of what was unfolded into it.
func cloneResidual(i llir.Instruction) llir.Instruction {
	c := ir.CloneInst(i)
	if from, ok := i.(value.Named); ok {
		ir.SetName(c, namedOnly(from))
	}
	if md := metadataOf(c); md != nil {
		kept := (*md)[:0]
		for _, a := range *md {
			switch a.Name {
			case "dbg", "noalias", "alias.scope", "heapallocsite", "srcloc":
				continue
			}
			kept = append(kept, a)
		}
		*md = kept
	}
	if c, ok := c.(*llir.InstCall); ok {
		c.Tail = enum.TailNone
	}
	return c
}

// metadataOf is where the attachments of an instruction are, nil if it has none.
func metadataOf(i any) *llir.Metadata {
	f := reflect.ValueOf(i).Elem().FieldByName("Metadata")
	if !f.IsValid() {
		return nil
	}
	return f.Addr().Interface().(*llir.Metadata)
}

// namedOnly is the name of a value, empty if it is only a number.
func namedOnly(v value.Named) string {
	if n, ok := v.(interface{ IsUnnamed() bool }); ok && n.IsUnnamed() {
		return ""
	}
	return v.Name()
}
