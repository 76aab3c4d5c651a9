package pe

// This file holds the delayed stores: static stores to public memory (globals,
// and stack objects that have leaked) that are executed and not emitted yet.
//
// Nothing but residual code can see that such a store is late. So before residual
// code that may read or write memory, before a residual return, and where paths
// part or meet, the bytes that are still dirty are stored: once each, with their
// last values. Known accesses of other places do not count.

import (
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// delays reports whether a static store to id may be delayed: to a private
// object until its content is asked for, to a public one until anything may see it.
func (j *job) delays(id ObjID) bool {
	o := j.s.obj(id)
	switch o.kind {
	case objStack, objHeap:
		return true
	case objGlobal:
		return !o.ro && !o.global.ExternallyInitialized && o.global.Section == ""
	}
	return false
}

// putLater executes a store of v that is not emitted, if that is possible.
func (j *job) putLater(in *inst, id ObjID, off int64, v Value) bool {
	if !j.delays(id) || !v.static() || !j.putAny(in, id, off, v, tagDirty) {
		return false
	}
	j.delayed(in, id)
	return true
}

// delayed notes that in has made bytes of id dirty. Symbolic instances may be
// the same memory.
func (j *job) delayed(in *inst, id ObjID) {
	if j.private(id) {
		return
	}
	j.clobber(in, id, true)
	m := &j.st.mem
	if s := m.edit(id); !s.late {
		s.late = true
		m.late = append(m.late, id)
	}
}

// settle makes run-time memory right for every public object.
func (j *job) settle() {
	m := &j.st.mem
	late := m.late
	if len(late) == 0 {
		return
	}
	m.late = nil
	for _, id := range late {
		if s := m.get(id); s != nil && s.late {
			m.edit(id).late = false
			j.flush(id, 0, j.s.obj(id).size)
		}
	}
}

// settleFor makes run-time memory right for the objects in pts.
func (j *job) settleFor(pts ir.Pts) {
	m := &j.st.mem
	kept := m.late[:0:0]
	for _, id := range m.late {
		s := m.get(id)
		if s == nil || !s.late {
			continue
		}
		if !mayPoint(j.s.cfg.PT, pts, j.s.obj(id).site) {
			kept = append(kept, id)
			continue
		}
		m.edit(id).late = false
		j.flush(id, 0, j.s.obj(id).size)
	}
	m.late = kept
}

// beforeEmit sees every residual instruction just before it is emitted.
func (j *job) beforeEmit(node llir.Instruction) {
	if len(j.st.mem.late) == 0 || !touches(node) {
		return
	}
	if j.direct {
		j.direct = false
		return
	}
	j.settle()
}

// touches reports whether an instruction may read or write memory, or let other
// code do so.
func touches(node llir.Instruction) bool {
	switch t := node.(type) {
	case *llir.InstLoad, *llir.InstStore, *llir.InstCmpXchg, *llir.InstAtomicRMW, *llir.InstFence, *llir.InstVAArg:
		return true
	case *llir.InstCall:
		if asm, ok := t.Callee.(*llir.InlineAsm); ok {
			return strings.Contains(asm.Constraint, "memory") || slices.ContainsFunc(t.Args, isPointer)
		}
		f, ok := t.Callee.(*llir.Func)
		return !ok || !ir.IsDebug(t) && !hasAttr(f.FuncAttrs, enum.FuncAttrReadNone)
	}
	return false
}

func isPointer(v value.Value) bool { return types.IsPointer(v.Type()) }

// longRun is the number of dirty bytes from which one call stores them all.
const longRun = 64

// flushRun stores a long run of dirty bytes at off by one memset or memcpy. It
// returns the length of the run, 0 if it is not long.
func (j *job) flushRun(id ObjID, o *object, off, hi int64) int64 {
	s := j.st.mem.get(id)
	var run []byte
	same := true
	for off+int64(len(run)) < hi {
		tag, data := s.byteAt(o, off+int64(len(run)))
		if tag != tagByte|tagDirty {
			break
		}
		same = same && (len(run) == 0 || data == run[0])
		run = append(run, data)
	}
	n := int64(len(run))
	if n < longRun {
		return 0
	}
	j.clean(id, o, off, n)
	dst := j.lift(ptrValue(id, off), types.I8Ptr)
	if same {
		j.emitMemset(dst, run[0], n)
		return n
	}
	text := constant.NewCharArray(run)
	g := llir.NewGlobalDef(j.s.cfg.Prog.FreshName(j.rf.name+".data"), text)
	g.Linkage = enum.LinkagePrivate
	g.UnnamedAddr = enum.UnnamedAddrUnnamedAddr
	g.Immutable = true
	j.data = append(j.data, g)
	src := j.rf.constant(addressOf(g, 0, types.I8Ptr))
	f := j.s.memcpyFunc()
	node := &llir.InstCall{Callee: f, Typ: types.Void, Args: []value.Value{
		constant.NewNull(types.I8Ptr), constant.NewNull(types.I8Ptr), constant.NewInt(types.I64, n), constant.False}}
	j.rf.append(j.b, node, nil, false, 0, dst, src)
	j.rf.insts += int(n / 8) // what it costs, as stores of eight bytes
	return n
}

// emitMemset emits llvm.memset of a constant size.
func (j *job) emitMemset(d rval, x byte, size int64) {
	f := j.s.intrinsic("llvm.memset.p0i8.i64", types.I8Ptr, types.I8, types.I64, types.I1)
	node := &llir.InstCall{Callee: f, Typ: types.Void, Args: []value.Value{
		constant.NewNull(types.I8Ptr), scalar(uint64(x), types.I8), constant.NewInt(types.I64, size), constant.False}}
	j.rf.append(j.b, node, nil, false, 0, d)
}

// intrinsic declares an intrinsic whose last parameter is an immediate, if the
// module does not.
func (s *specializer) intrinsic(name string, params ...types.Type) *llir.Func {
	m := s.cfg.Prog.Module
	for _, f := range m.Funcs {
		if f.Name() == name {
			return f
		}
	}
	var list []*llir.Param
	for _, t := range params {
		list = append(list, llir.NewParam("", t))
	}
	f := llir.NewFunc(name, types.Void, list...)
	last := list[len(list)-1]
	last.Attrs = append(last.Attrs, enum.ParamAttrImmArg)
	f.Parent = m
	m.Funcs = append(m.Funcs, f)
	return f
}
