package bta

// This file holds what a Variant answers: binding times of registers, uses and
// instructions, and its specialized points.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	irvalue "github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// finalInfo caches answers of a variant.
type finalInfo struct {
	exec   []BindingTime   // by Point from Fn.First
	lifted []bool          // by Reg: residual code uses the static value
	uses   [][]BindingTime // by Point, then operand
	joins  []*Join         // by Block.ID
	exit   *Join
	exited bool
}

// Reached reports whether the analysis reaches b. Of other blocks it says that
// all is dynamic.
func (v *Variant) Reached(b *ir.Block) bool { return b.Fn == v.Fn && v.in[b.ID] != nil }

// Returns reports whether the analysis reaches a return.
func (v *Variant) Returns() bool { return v.exit.reached }

// Result is the binding time of the returned value; Static for void.
func (v *Variant) Result() BindingTime { return v.exit.ret.bt }

// Reg is the binding time of r where it is defined: StaticDynamic if it is static
// and residual code needs it too, Dynamic if the definition is not reached.
func (v *Variant) Reg(r ir.Reg) BindingTime {
	if r < 0 || !v.has[r] || v.regs[r].bt == Dynamic {
		return Dynamic
	}
	if v.finish().lifted[r] {
		return StaticDynamic
	}
	return Static
}

// Use is the binding time of one operand, counted as in ir.Operands, where it is
// used: StaticDynamic for a static value that goes into residual code.
func (v *Variant) Use(pt ir.Point, operand int) BindingTime {
	if u := v.finish().uses[pt-v.Fn.First]; operand < len(u) {
		return u[operand]
	}
	return Dynamic
}

// Exec is Static if the instruction at pt is executed by the specializer and
// leaves nothing, Dynamic if it is residual, StaticDynamic if both.
func (v *Variant) Exec(pt ir.Point) BindingTime { return v.finish().exec[pt-v.Fn.First] }

// finish computes exec, uses and lifted in one pass over the function.
func (v *Variant) finish() *finalInfo {
	if v.final != nil && v.final.exec != nil {
		return v.final
	}
	if v.final == nil {
		v.final = &finalInfo{}
	}
	n := int(v.Fn.End - v.Fn.First)
	fin := v.final
	fin.exec, fin.uses, fin.lifted = make([]BindingTime, n), make([][]BindingTime, n), make([]bool, len(v.Fn.Values))
	for i := range fin.exec {
		fin.exec[i] = Dynamic
	}
	for _, b := range v.Fn.RPO() {
		if v.in[b.ID] == nil {
			continue
		}
		f := v.startOf(b)
		for pt := b.First; pt < b.End(); pt++ {
			f.pt = pt
			k := pt - v.Fn.First
			fin.exec[k] = f.execution(v.an.prog.UserAt(pt))
			fin.uses[k] = f.operandTimes(fin)
			if i := v.instAt(pt); i != nil && phiAt(b, pt) == nil && !f.inst(i) {
				break
			}
		}
	}
	return fin
}

// operandTimes is the binding time of each operand at f's point.
func (f *flow) operandTimes(fin *finalInfo) []BindingTime {
	u := f.prog.UserAt(f.pt)
	exec := fin.exec[f.pt-f.fn().First]
	phi, _ := u.(*llir.InstPhi)
	ops := ir.Operands(u)
	out := make([]BindingTime, len(ops))
	for k, op := range ops {
		if _, isBlock := (*op).(*llir.Block); isBlock {
			continue
		}
		x := f.operand(*op)
		if phi != nil {
			x = f.incoming(phi, *op)
		}
		out[k] = x.bt
		if x.bt == Static && exec != Static {
			out[k] = StaticDynamic
			if r := f.fn().Reg(strip(*op)); r != ir.NoReg && exec == Dynamic {
				fin.lifted[r] = true
			}
		}
	}
	return out
}

// incoming is the value of an incoming operand of a phi at the end of the
// predecessors that bring it.
func (f *flow) incoming(phi *llir.InstPhi, x irvalue.Value) value {
	v := value{}
	for _, inc := range phi.Incs {
		p := f.fn().BlockOf(blockOf(inc.Pred))
		if inc.X != x || p == nil || !f.v.feasible(p, f.b) {
			continue
		}
		g := flow{analysis: f.analysis, v: f.v, b: p, pt: p.TermPoint(), s: *f.v.out[p.ID]}
		v.bt = v.bt.Join(g.operand(x).bt)
	}
	return v
}

// execution is Exec of u at f's point.
func (f *flow) execution(u ir.User) BindingTime {
	switch i := u.(type) {
	case *llir.InstStore:
		if (i.Volatile || i.Atomic) && !f.ignored(f.pt) {
			return Dynamic
		}
		return f.writeTime(f.operand(i.Dst), f.operand(i.Src).bt, i.Dst, f.prog.Layout.StoreSize(i.Src.Type()))
	case *llir.InstFence:
		return Dynamic
	case *llir.InstCall:
		return f.callTime(i)
	case *llir.TermRet:
		if f.v == f.entry || f.v.own || i.X != nil && f.operand(i.X).bt == Dynamic {
			return Dynamic
		}
		return Static
	case *llir.TermBr, *llir.TermUnreachable:
		return Static
	}
	if t, ok := u.(llir.Terminator); ok {
		if c := condition(t); c != nil {
			return f.operand(c).bt
		}
		return Dynamic
	}
	if r := f.v.resultOf(f.pt); r != ir.NoReg && f.v.has[r] {
		return f.v.regs[r].bt
	}
	return Dynamic
}

// writeTime is how a write of a value of binding time bt is executed: in static
// memory only, and as residual code too if the memory outlives specialization. It
// is of size bytes, -1 if that is not known.
func (f *flow) writeTime(addr value, bt BindingTime, dst irvalue.Value, size int64) BindingTime {
	p, _, ok := f.place(addr)
	if bt == Dynamic || addr.bt == Dynamic && !ok || f.forbidsWrite(dst, size) {
		return Dynamic
	}
	if ok && p.obj == nil {
		return StaticDynamic
	}
	refs, unknown := f.targets(addr, dst)
	if unknown || f.reachesOutside(refs, addr.bt) {
		return StaticDynamic
	}
	for _, r := range refs.refs {
		if hasObject(f.s.leaked, r.obj) {
			return StaticDynamic
		}
	}
	return Static
}

func (f *flow) callTime(i *llir.InstCall) BindingTime {
	if ir.IsDebug(i) || f.ignored(f.pt) {
		return Static
	}
	switch libraryKind(i) {
	case libNothing, libBegin:
		return Static
	case libString:
		v := f.pieces(i.Args...)
		return f.writeTime(f.operand(i.Args[0]), v.bt.Join(f.stretch(f.operand(i.Args[1]), strip(i.Args[1]), -1).bt), strip(i.Args[0]), -1)
	case libFree:
		return f.freeTime(f.operand(i.Args[0]))
	case libVaStart, libVaCopy:
		return f.writeTime(f.operand(i.Args[0]), Static, strip(i.Args[0]), ir.VaListSize)
	case libCopy:
		src := f.operand(i.Args[1])
		bt := f.operand(i.Args[2]).bt
		if p, off, ok := f.place(src); ok {
			if n, known := f.known(strip(i.Args[2])); known && n > 0 {
				bt = bt.Join(f.readPlace(p, off, n, 0).bt)
			}
		} else {
			bt = bt.Join(src.bt)
		}
		return f.writeTime(f.operand(i.Args[0]), bt, strip(i.Args[0]), f.knownOr(strip(i.Args[2]), -1))
	case libSet:
		return f.writeTime(f.operand(i.Args[0]), f.operand(i.Args[1]).bt.Join(f.operand(i.Args[2]).bt), strip(i.Args[0]), f.knownOr(strip(i.Args[2]), -1))
	case libNone:
	default:
		if r := f.fn().Reg(i); r != ir.NoReg && f.v.has[r] {
			return f.v.regs[r].bt
		}
	}
	plans := f.v.plans[f.pt]
	bt := Static
	for _, c := range plans {
		if c.v == nil || c.v.own {
			bt = Dynamic
		}
	}
	if len(plans) == 0 {
		return Dynamic
	}
	return bt
}

// SplitSelect reports whether the select at pt, whose condition is dynamic and
// whose operands are static and differ, is to become a branch because static
// computation needs its result.
func (v *Variant) SplitSelect(pt ir.Point) bool {
	if b := v.an.prog.BlockAt(pt); v.in[b.ID] == nil {
		return false
	}
	return v.split(pt)
}

// DynamicControl reports whether v has a branch that is dynamic, itself or in
// what it unfolds.
func (v *Variant) DynamicControl() bool { return v.dynamicControl(make(map[*Variant]bool)) }

func (v *Variant) dynamicControl(seen map[*Variant]bool) bool {
	if seen[v] {
		return false
	}
	seen[v] = true
	if dyn, _ := v.branches(); len(dyn) > 0 {
		return true
	}
	found := false
	v.eachPlan(func(_ *ir.Block, _ ir.Point, c callee) {
		found = found || c.v != nil && !c.v.own && c.v.dynamicControl(seen)
	})
	return found
}

// Meets are the blocks where the paths of the branch at the end of b meet, and
// the entries and exits of loops that some of its paths leave while others go on:
// the specialized points it needs if it is dynamic. For a specializer that finds
// a branch dynamic which the analysis holds static; others are joins already. By
// ID.
func (v *Variant) Meets(b *ir.Block) []*ir.Block {
	if v.out[b.ID] == nil {
		return nil
	}
	res := v.control([]*ir.Block{b})
	in := make(map[*ir.Block]bool)
	for m := range res.meets {
		in[m] = true
	}
	for l := range res.loops {
		for _, m := range l.Entries {
			in[m] = true
		}
		for _, m := range v.takenExits(l) {
			in[m] = true
		}
	}
	var out []*ir.Block
	for _, m := range v.Fn.Blocks {
		if in[m] {
			out = append(out, m)
		}
	}
	return out
}

// Join is nil unless b is a specialized point. For a block that the analysis does
// not reach it generalizes everything, if paths can meet there at all.
func (v *Variant) Join(b *ir.Block) *Join {
	if v.final == nil {
		v.final = &finalInfo{}
	}
	if v.final.joins == nil {
		v.final.joins = make([]*Join, len(v.Fn.Blocks))
	}
	if j := v.final.joins[b.ID]; j != nil {
		return j
	}
	jp := v.joins[b.ID]
	var j *Join
	switch {
	case v.in[b.ID] == nil && len(b.Preds) > 1:
		j = v.blindJoin(b)
	case v.in[b.ID] != nil && jp != nil:
		j = v.publicJoin(b, jp)
	}
	v.final.joins[b.ID] = j
	return j
}

// Joins are the specialized points of v in reverse postorder.
func (v *Variant) Joins() []*Join {
	var out []*Join
	for _, b := range v.Fn.RPO() {
		if v.in[b.ID] != nil && v.joins[b.ID] != nil {
			out = append(out, v.Join(b))
		}
	}
	return out
}

// blindJoin generalizes all registers.
func (v *Variant) blindJoin(b *ir.Block) *Join {
	j := &Join{Block: b, Reason: make(map[ir.Reg]Reason), By: Reason{Kind: NoReason, Pt: b.First, Text: "not reached by the analysis"}}
	for pt := b.First; phiAt(b, pt) != nil; pt++ {
		j.DynRegs = append(j.DynRegs, v.Fn.Reg(phiAt(b, pt)))
	}
	j.DynRegs = append(j.DynRegs, v.fi.liveIn(v.Fn, b)...)
	slices.Sort(j.DynRegs)
	for _, r := range j.DynRegs {
		j.Reason[r] = j.By
	}
	return j
}

func (v *Variant) publicJoin(b *ir.Block, jp *joinPoint) *Join {
	s := v.in[b.ID]
	j := &Join{Block: b, Leaked: s.leaked, Reason: make(map[ir.Reg]Reason), By: jp.by}
	add := func(r ir.Reg) {
		j.DynRegs = append(j.DynRegs, r)
		why, ok := jp.why[r]
		if !ok {
			why = Reason{Kind: OperandDynamic, Pt: v.fi.points[r]}
		}
		j.Reason[r] = why
	}
	for pt := b.First; ; pt++ {
		phi := phiAt(b, pt)
		if phi == nil {
			break
		}
		r := v.Fn.Reg(phi)
		switch x := v.regs[r]; {
		case x.bt == Dynamic:
			add(r)
		case !v.an.decided(x) && !v.samePhi(phi, b):
			j.Split = append(j.Split, r)
		}
	}
	for _, r := range v.fi.liveIn(v.Fn, b) {
		if v.regAt(r, b, s.gen).bt == Dynamic {
			add(r)
		}
	}
	slices.Sort(j.DynRegs)
	j.DynMem = v.flushed(b, s)
	return j
}

// flushed are the cells that are dynamic at b and static at the end of some
// predecessor.
func (v *Variant) flushed(b *ir.Block, s *state) []Cell {
	var out []Cell
	for _, p := range b.Preds {
		if !v.feasible(p, b) {
			continue
		}
		for _, r := range v.out[p.ID].mem {
			for _, c := range r.cells {
				if c.val.bt == Static {
					out = append(out, dynamicParts(s.mem.cells(r.place), r.place, c)...)
				}
			}
		}
	}
	slices.SortFunc(out, compareCells)
	merged := out[:0]
	for _, c := range out {
		if n := len(merged); n > 0 && merged[n-1].place() == c.place() && c.Lo <= merged[n-1].Hi {
			merged[n-1].Hi = max(merged[n-1].Hi, c.Hi)
			continue
		}
		merged = append(merged, c)
	}
	return slices.Clip(merged)
}

// dynamicParts are the parts of the bytes of c that cs does not have static.
func dynamicParts(cs []cell, p place, c cell) []Cell {
	return partsWithout(cs, Cell{Obj: p.obj, Base: p.base, Lo: c.lo, Hi: c.hi}, func(v value) bool { return v.bt != Dynamic })
}

// partsWithout are the parts of c for which cs has no value that holds says yes to.
func partsWithout(cs []cell, c Cell, holds func(value) bool) []Cell {
	var out []Cell
	at := c.Lo
	for _, k := range over(cs, c.Lo, c.Hi) {
		if !holds(k.val) {
			continue
		}
		if k.lo > at {
			out = append(out, Cell{Obj: c.Obj, Base: c.Base, Lo: at, Hi: k.lo})
		}
		at = max(at, k.hi)
	}
	if at < c.Hi {
		out = append(out, Cell{Obj: c.Obj, Base: c.Base, Lo: at, Hi: c.Hi})
	}
	return out
}

// Exit is what is generalized where v returns; nil unless dynamic control, or
// copies, reach different returns.
func (v *Variant) Exit() *Join {
	if v.final == nil {
		v.final = &finalInfo{}
	}
	if v.final.exited {
		return v.final.exit
	}
	v.final.exited = true
	if v.exitJoin == nil || !v.exit.reached {
		return nil
	}
	j := &Join{By: v.exitJoin.by, Leaked: v.exit.leaked, Reason: make(map[ir.Reg]Reason)}
	j.DynMem = append(j.DynMem, v.exitJoin.cells...)
	v.final.exit = j
	return j
}
