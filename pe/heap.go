package pe

// This file executes the allocation functions of the C library. Memory that is
// allocated while specializing is an object like a stack slot: private until
// residual code may keep its address, and gone when it is freed before.
//
// An allocation that residual code never sees is taken to succeed, as LLVM takes
// it: it is legal for malloc to succeed. One whose address leaks has to be made at
// run time, where the call stands, and to be tested there, for it may fail. That
// it leaks is known too late; so the attempt is void, and in the next one that
// allocation is real: its residual call is emitted and tested once, and the path
// goes on with null and with the object.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/bta"
	"quasi/ir"
)

const (
	maxHeap      = 1 << 20 // bytes of one object
	maxHeapSlots = 4096    // bytes of a residual function's objects that are not real and need residual memory
	maxLive      = 128     // objects of one call under dynamic control
	maxVoid      = 6       // attempts that are void; after these, every allocation is left to run time
)

// A heapKey names objects: the call that allocates, in its context. A number tells
// those apart that live at one time. So equal states name their objects equally.
type heapKey struct {
	ctx  ctxID
	call ir.Point
	size int64
}

// placeHash names a call in its context, the same in every attempt.
func (s *specializer) placeHash(ctx ctxID, call ir.Point) uint64 {
	h := mix(uint64(call))
	for ctx != 0 {
		c := s.contexts[ctx-1]
		h = mix(h ^ uint64(c.call))
		ctx = c.parent
	}
	return h
}

// newHeap makes the object of an allocation, 0 if there are too many.
func (j *job) newHeap(in *inst, size int64) ObjID {
	key := heapKey{ctx: j.f.ctx, call: in.pt, size: size}
	ids := j.s.heap[key]
	n := slices.IndexFunc(ids, func(id ObjID) bool { return j.st.mem.get(id) == nil })
	if n < 0 {
		n = len(ids)
	}
	if n >= maxLive && j.underDynamicControl() {
		return 0
	}
	if n == len(ids) {
		ids = append(ids, j.s.addObject(object{kind: objHeap, ctx: j.f.ctx, size: size, align: 16, elem: arrayOf(size, types.I8),
			site: j.s.cfg.PT.ObjectOf(in.node.(value.Value)), single: true, heap: j.s.placeHash(j.f.ctx, in.pt)}))
		j.s.heap[key] = ids
	}
	j.st.mem.edit(ids[n])
	return ids[n]
}

// realCall reports whether the object of a call in the current context is made at run
// time.
func (j *job) realCall(in *inst) bool { return j.s.real[j.s.placeHash(j.f.ctx, in.pt)] }

// isReal reports whether id is made at run time.
func (j *job) isReal(id ObjID) bool { return j.s.real[j.s.obj(id).heap] }

// mustBeReal notes that residual code needs the memory of id.
func (j *job) mustBeReal(id ObjID) {
	if o := j.s.obj(id); !j.s.real[o.heap] {
		j.learned = append(j.learned, o.heap)
	}
}

// heapAlive reports whether v is the address at which a heap object begins that
// has not been freed.
func (j *job) heapAlive(v Value) bool {
	return v.kind == kPtr && v.off() == 0 && j.s.obj(v.obj).kind == objHeap && j.s.obj(v.obj).place == 0 && j.st.mem.get(v.obj) != nil
}

// allocateHeap executes a call that returns size bytes of new memory, which fill
// initializes: with the dirty bit where the memory is not real.
func (j *job) allocateHeap(in *inst, size int64, fill func(id ObjID, dirty byte)) bool {
	if j.spent || in.dst == ir.NoReg || size <= 0 || size > maxHeap {
		return false
	}
	if v := j.f.variant; v != nil {
		bt := v.Reg(in.dst)
		if bt == bta.Dynamic || bt == bta.StaticDynamic && j.underDynamicControl() {
			return false
		}
	}
	if j.s.tries > maxVoid {
		return false
	}
	if j.realCall(in) {
		return !j.notAlone() && j.allocateReal(in, size, fill)
	}
	id := j.newHeap(in, size)
	if id == 0 {
		return false
	}
	if fill != nil {
		fill(id, tagDirty)
	}
	j.setStatic(in.dst, ptrValue(id, 0))
	return true
}

// allocateReal emits the call, tests its result, and goes on with null in a task of
// its own and with the object here. This test puts only the path with null under
// dynamic control: it is not worth a loop or a call where a static one was.
func (j *job) allocateReal(in *inst, size int64, fill func(id ObjID, dirty byte)) bool {
	id := j.newHeap(in, size)
	if id == 0 {
		return false
	}
	j.st.mem.drop(id)
	j.emitUse(in, false)
	j.settle()
	r := j.raw(operand(in.dst))
	typ := j.f.code.regs[in.dst].typ
	base := j.toI8Ptr(r, typ)
	null := j.rf.emit(j.b, &llir.InstICmp{Pred: enum.IPredEQ, Typ: types.I1}, types.I1, true, base, j.rf.constant(constant.NewNull(types.I8Ptr)))
	from, st := j.b, j.st
	from.cond, from.term = null, j.placed(&llir.TermCondBr{})
	j.checkSize(st.top())
	failed, ok := j.rf.edge(from, "null"), j.rf.edge(from, "allocated")
	j.s.stats.Forks++
	other := st.fork(j.s.fresh)
	j.st, j.b = other, failed
	other.straight = nil
	j.f = other.editTop()
	j.f.dynamic = true
	j.setStatic(in.dst, Value{kind: kInt})
	j.pending = append(j.pending, task{other, failed})
	j.st, j.b = st, ok
	j.f = st.editTop()
	j.st.mem.edit(id)
	j.rf.write(j.b, heapVar(id), base)
	if fill != nil {
		fill(id, 0)
	}
	j.setStatic(in.dst, ptrValue(id, 0))
	return true
}

// heapVar is the residual variable that holds the address of id.
func heapVar(id ObjID) varKey { return varKey{-1, ir.Reg(id)} }

// heapBase returns the i8* of the residual memory of id.
func (j *job) heapBase(id ObjID) rval {
	if j.s.obj(id).place > 0 {
		return j.slotBase(id)
	}
	if j.isReal(id) {
		return j.rf.read(j.b, heapVar(id), types.I8Ptr)
	}
	if _, ok := j.rf.stack[id]; !ok {
		if j.rf.heapBytes += j.s.obj(id).size; j.rf.heapBytes > maxHeapSlots {
			j.mustBeReal(id)
		}
	}
	return j.slotBase(id)
}

func malloc(j *job, in *inst) bool { return j.mallocSize(in, j.val(in.args[1])) }

func alignedAlloc(j *job, in *inst) bool { return j.mallocSize(in, j.val(in.args[2])) }

func (j *job) mallocSize(in *inst, n Value) bool {
	return n.kind == kInt && n.bits <= maxHeap && j.allocateHeap(in, int64(n.bits), nil)
}

func calloc(j *job, in *inst) bool {
	n, m := j.val(in.args[1]), j.val(in.args[2])
	if n.kind != kInt || m.kind != kInt || n.bits > maxHeap || m.bits > maxHeap || n.bits*m.bits > maxHeap {
		return false
	}
	size := int64(n.bits * m.bits)
	return j.allocateHeap(in, size, func(id ObjID, dirty byte) { j.fill(id, 0, size, 0, dirty) })
}

// realloc is executed where neither the old nor the new object is real.
func realloc(j *job, in *inst) bool {
	p, n := j.val(in.args[1]), j.val(in.args[2])
	if n.kind != kInt || n.bits == 0 || n.bits > maxHeap {
		return false
	}
	if p.isNull() {
		return j.mallocSize(in, n)
	}
	if !j.heapAlive(p) || !j.private(p.obj) || j.isReal(p.obj) || j.realCall(in) {
		return false
	}
	old := j.s.obj(p.obj).size
	return j.allocateHeap(in, int64(n.bits), func(id ObjID, _ byte) {
		j.copyBytes(in, ptrValue(id, 0), p, j.source(in.args[1]), min(old, int64(n.bits)), false)
		j.st.mem.drop(p.obj)
	})
}

// free ends the life of an object. One that is not real vanishes.
func free(j *job, in *inst) bool {
	p := j.val(in.args[1])
	if p.isNull() {
		return true
	}
	if !j.heapAlive(p) {
		return false
	}
	if !j.private(p.obj) {
		j.residualCall(in)
	} else if j.isReal(p.obj) {
		j.rf.emit(j.b, j.clone(in.node), nil, false, j.raw(in.args[0]), j.raw(in.args[1]))
	}
	j.st.mem.drop(p.obj)
	return true
}

func strdup(j *job, in *inst) bool { return j.duplicate(in, maxHeap) }

func strndup(j *job, in *inst) bool {
	n := j.val(in.args[2])
	return n.kind == kInt && j.duplicate(in, min(n.bits, maxHeap))
}

// duplicate allocates a copy of the string at the first argument, of which at most n
// bytes count.
func (j *job) duplicate(in *inst, n uint64) bool {
	s, ok := j.text(j.val(in.args[1]), n)
	if !ok {
		return false
	}
	s = append(s, 0)
	return j.allocateHeap(in, int64(len(s)), func(id ObjID, dirty byte) { j.putText(id, 0, s, dirty) })
}

// collect drops heap objects that nothing known leads to any more, so that states
// which differ in what is lost are equal. Public objects have no dirty bytes here.
// What is known of them is of no use: the addresses that residual code has are no
// addresses of a known object.
func (j *job) collect() {
	var heap []ObjID
	j.st.mem.each(func(id ObjID, s *objState) {
		if o := j.s.obj(id); o.kind == objHeap && !(o.place > 0 && s.leaked) {
			heap = append(heap, id)
		}
	})
	if len(heap) == 0 {
		return
	}
	reached := make(map[ObjID]bool)
	var work []ObjID
	var visit func(v Value)
	visit = func(v Value) {
		if v.kind == kList || v.kind == kDyn && v.bits != 0 {
			for _, x := range j.s.leaves(v, 0) {
				visit(x)
			}
			return
		}
		if id := based(v); id != 0 && j.s.obj(id).kind == objHeap && !reached[id] {
			reached[id] = true
			work = append(work, id)
		}
	}
	content := func(s *objState) {
		for _, p := range s.pages {
			if p == nil {
				continue
			}
			for _, e := range p.entries {
				visit(e.val)
			}
		}
	}
	for _, f := range j.st.frames {
		f.each(func(_ ir.Reg, v Value) { visit(v) })
	}
	j.st.mem.each(func(id ObjID, s *objState) {
		if o := j.s.obj(id); o.kind != objHeap || o.place > 0 && s.leaked {
			content(s)
		}
	})
	for len(work) > 0 {
		id := work[len(work)-1]
		work = work[:len(work)-1]
		if s := j.st.mem.get(id); s != nil {
			content(s)
		}
	}
	for _, id := range heap {
		if !reached[id] {
			j.st.mem.drop(id)
		}
	}
}
