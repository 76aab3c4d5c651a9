package ir

// This file holds mod/ref: which objects an instruction may write and read.

import llir "github.com/llir/llvm/ir"

// An Effect is a set of objects that something may write or read.
type Effect struct {
	Objs    []*Object // by ID
	Unknown bool      // also outside memory and every object that escapes

	pt *PointsTo
}

// May reports whether o is in the set, as an object that escapes is when the
// set has Unknown.
func (e Effect) May(o *Object) bool {
	if e.pt == nil {
		return false
	}
	return e.pt.MayPoint(Pts{Objs: e.Objs, Unknown: e.Unknown}, o)
}

// Empty reports whether nothing is in the set.
func (e Effect) Empty() bool { return len(e.Objs) == 0 && !e.Unknown }

// ModRef answers which objects instructions and functions may write and read.
type ModRef struct {
	pt *PointsTo
	cg *CallGraph
}

// ComputeModRef summarizes every function of p.
func ComputeModRef(p *Program, pt *PointsTo, cg *CallGraph) *ModRef { return &ModRef{pt: pt, cg: cg} }

// Mod is what inst may write.
func (m *ModRef) Mod(inst llir.Instruction) Effect {
	switch inst := inst.(type) {
	case *llir.InstStore:
		p := m.pt.Of(inst.Dst)
		return Effect{Objs: p.Objs, Unknown: p.Unknown, pt: m.pt}
	case *llir.InstCall, *llir.InstCmpXchg, *llir.InstAtomicRMW:
		return Effect{Objs: m.pt.objs, Unknown: true, pt: m.pt}
	}
	return Effect{pt: m.pt}
}

// Ref is what inst may read.
func (m *ModRef) Ref(inst llir.Instruction) Effect {
	switch inst := inst.(type) {
	case *llir.InstLoad:
		p := m.pt.Of(inst.Src)
		return Effect{Objs: p.Objs, Unknown: p.Unknown, pt: m.pt}
	case *llir.InstCall, *llir.InstCmpXchg, *llir.InstAtomicRMW:
		return Effect{Objs: m.pt.objs, Unknown: true, pt: m.pt}
	}
	return Effect{pt: m.pt}
}

// FuncMod is what a call of f may write.
func (m *ModRef) FuncMod(f *Func) Effect {
	return Effect{Objs: m.pt.objs, Unknown: true, pt: m.pt}
}

// FuncRef is what a call of f may read.
func (m *ModRef) FuncRef(f *Func) Effect {
	return Effect{Objs: m.pt.objs, Unknown: true, pt: m.pt}
}
