package pe

// This file executes allocations on the stack while a function runs: arrays of
// variable length and alloca. One of a static size is an object; it dies where the
// stack is restored to what it was before, or when the function returns. A function
// with one of a dynamic size, or under control that would need several at run time
// for one object, is left to the generic code.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// maxArray is the size of the largest array that becomes a slot of a residual function.
const maxArray = 1 << 16

const whyAllocates = "it allocates on the stack while it runs, as much as is not known"

// An arrayKey names an object: the place among those of its call context that live
// at one time, in the order in which they were allocated.
type arrayKey struct {
	ctx   ctxID
	call  ir.Point
	size  int64
	place int
}

// height is the number of places of arrays that are taken in the current context.
func (j *job) height() int {
	h := 0
	for _, id := range j.s.arraysIn[j.f.ctx] {
		if j.st.mem.get(id) != nil {
			h = max(h, j.s.obj(id).place)
		}
	}
	return h
}

// allocateArray executes an alloca outside the entry block, or of a number of
// elements that is no constant. It reports whether the path ends.
func (j *job) allocateArray(in *inst) (done bool) {
	a := in.node.(*llir.InstAlloca)
	n := uint64(1)
	if len(in.args) > 0 {
		v := j.val(in.args[0])
		if v.kind != kInt {
			return j.refuseArrays(j.f.code.fn)
		}
		n = v.bits
	}
	elem := j.s.cfg.Prog.Layout.Size(a.ElemType)
	if n > maxArray || elem > maxArray || int64(n)*elem > maxArray || j.spent {
		return j.refuseArrays(j.f.code.fn)
	}
	key := arrayKey{j.f.ctx, in.pt, int64(n) * elem, j.height() + 1}
	if key.place > maxLive {
		return j.refuseArrays(j.f.code.fn)
	}
	id, ok := j.s.arrays[key]
	if !ok {
		id = j.s.addObject(object{kind: objHeap, ctx: j.f.ctx, size: key.size, align: max(16, uint64(a.Align)), elem: arrayOf(int64(n), a.ElemType),
			site: j.s.cfg.PT.ObjectOf(value.Value(a)), single: true, place: key.place, name: namedOnly(a)})
		j.s.arrays[key] = id
		j.s.arraysIn[j.f.ctx] = append(j.s.arraysIn[j.f.ctx], id)
		j.s.inContext[j.f.ctx] = append(j.s.inContext[j.f.ctx], id)
	}
	j.st.mem.edit(id)
	j.setStatic(in.dst, ptrValue(id, 0))
	return false
}

// refuseArrays leaves f, an unfolded function, to the generic code.
func (j *job) refuseArrays(f *ir.Func) bool {
	j.s.refuse(f, whyAllocates)
	j.b.term = llir.NewUnreachable()
	return true
}

// stackSave executes llvm.stacksave: its result is the number of places taken.
func stackSave(j *job, in *inst) bool {
	if in.dst != ir.NoReg {
		j.setStatic(in.dst, Value{kind: kInt, bits: uint64(j.height())})
	}
	return true
}

// stackRestore executes llvm.stackrestore.
func stackRestore(j *job, in *inst) bool {
	v := j.val(in.args[1])
	if v.kind != kInt {
		j.s.refuse(j.f.code.fn, whyAllocates)
		return true
	}
	for _, id := range j.s.arraysIn[j.f.ctx] {
		if uint64(j.s.obj(id).place) > v.bits {
			j.st.mem.drop(id)
		}
	}
	return true
}
