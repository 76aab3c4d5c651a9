package pe

// This file executes functions with a variable number of arguments. An unfolded
// call lays its arguments out in two private objects, as the ABI has them: the
// register save area and the overflow area. va_start sets a va_list up over them,
// and what clang makes of va_arg and va_copy is computation on memory. Residual
// code that gets such a va_list finds the real thing.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// The areas of a call context, among its stack objects.
const (
	saveArea     ir.Reg = -2
	overflowArea ir.Reg = -3
)

// passVariable lays out the variable arguments of a call in the context ctx of the
// callee, whose named parameters it leaves alone.
func (j *job) passVariable(in *inst, list ir.VarList, c *code, ctx ctxID) {
	t := in.node.(*llir.InstCall)
	var site value.Value = c.fn.LL
	if start := ir.VaStart(c.fn); start != nil {
		site = start
	}
	area := func(reg ir.Reg, size int64) ObjID {
		return j.s.stackObject(ctx, reg, arrayOf(size, types.I8), 16, size, site)
	}
	save := area(saveArea, ir.VaRegisters)
	over := area(overflowArea, list.StackSize)
	for _, a := range list.Args {
		id := save
		if a.Stack {
			id = over
		}
		op := in.args[a.Index+1]
		if a.Copy != nil {
			j.copyBytes(in, ptrValue(id, a.Off), j.val(op), j.source(op), a.Size, false)
			continue
		}
		j.passOne(id, a, op, ir.Unwrap(t.Args[a.Index]).Type())
	}
}

// passOne stores one argument. Integers are stored with zeros above them: what is
// there is not defined, and code that reads an int as a long relies on that.
func (j *job) passOne(id ObjID, a ir.VarArg, op operand, typ types.Type) {
	cls, w := j.s.classOf(typ)
	v := j.val(op)
	size := a.Size
	if cls == clsInt && w < 64 && v.kind == kInt {
		size = 8
	}
	if v.static() && j.put(id, a.Off, size, v, cls, tagDirty) {
		return
	}
	r := j.use(op)
	v = j.val(op)
	if it, ok := typ.(*types.IntType); ok && it.BitSize < 64 {
		r = j.rf.emit(j.b, &llir.InstZExt{To: types.I64}, types.I64, true, r)
		typ, size = types.I64, 8
	}
	j.emitStore(id, a.Off, r, typ)
	j.st.mem.forget(j.s.obj(id), id, a.Off, a.Off+size)
	j.put(id, a.Off, a.Size, v, cls, 0)
}

// vaStart executes llvm.va_start in an unfolded function.
func vaStart(j *job, in *inst) bool {
	f := j.f
	save, ok1 := j.s.stacks[stackKey{f.ctx, saveArea}]
	over, ok2 := j.s.stacks[stackKey{f.ctx, overflowArea}]
	if !ok1 || !ok2 {
		return false
	}
	list, ok := j.s.cfg.Prog.Layout.VarNamed(f.code.fn.LL)
	if !ok {
		return false
	}
	p := j.val(in.args[1])
	id, off := j.locate(p)
	exact := id != 0 && within(j.s.obj(id), off, ir.VaListSize)
	if exact && j.private(id) {
		j.flushPartial(id, off, ir.VaListSize)
		j.put(id, off+ir.VaListGP, 4, intValue(uint64(list.GP), 32), clsInt, tagDirty)
		j.put(id, off+ir.VaListFP, 4, intValue(uint64(list.FP), 32), clsInt, tagDirty)
		j.put(id, off+ir.VaListStack, 8, ptrValue(over, list.Stack), clsPtr, tagDirty)
		j.put(id, off+ir.VaListSave, 8, ptrValue(save, 0), clsPtr, tagDirty)
		return true
	}
	j.leak(save)
	j.leak(over)
	if id != 0 && !exact {
		j.leak(id)
	}
	base := j.source(in.args[1])()
	field := func(off int64, v rval, typ types.Type) {
		to := types.NewPointer(typ)
		addr := j.rf.emit(j.b, &llir.InstBitCast{To: to}, to, true, j.moved(base, off, false))
		j.rf.emit(j.b, &llir.InstStore{Align: 1}, nil, false, v, addr)
	}
	field(ir.VaListGP, j.rf.constant(scalar(uint64(list.GP), types.I32)), types.I32)
	field(ir.VaListFP, j.rf.constant(scalar(uint64(list.FP), types.I32)), types.I32)
	field(ir.VaListStack, j.lift(ptrValue(over, list.Stack), types.I8Ptr), types.I8Ptr)
	field(ir.VaListSave, j.lift(ptrValue(save, 0), types.I8Ptr), types.I8Ptr)
	j.written(in, p, id, off, ir.VaListSize, exact)
	return true
}

// vaCopy executes llvm.va_copy where it is a copy from known to private memory.
func vaCopy(j *job, in *inst) bool {
	dst, src := j.val(in.args[1]), j.val(in.args[2])
	did, doff := j.locate(dst)
	sid, soff := j.locate(src)
	if did == 0 || sid == 0 || did == sid || !within(j.s.obj(did), doff, ir.VaListSize) || !within(j.s.obj(sid), soff, ir.VaListSize) || !j.private(did) {
		return false
	}
	return j.copyBytes(in, dst, src, j.source(in.args[2]), ir.VaListSize, false)
}
