package bta

// This file holds the decisions between two runs of the forward analysis: which
// blocks are specialized points, what is generalized there, and which calls are
// not worth unfolding. Every decision only adds dynamic values, so there are
// finitely many rounds.

import (
	"slices"

	llir "github.com/llir/llvm/ir"

	"quasi/ir"
)

// round takes the decisions that follow from the present state; it reports
// whether the forward analysis has to run again.
func (a *analysis) round(live []*Variant) bool {
	a.replays, a.addresses, a.seeds = flow{}, nil, make(map[*Variant][]seed)
	if a.sensitivities(live) {
		return true
	}
	again := false
	for _, v := range live {
		again = a.placeJoins(v) || again
	}
	if again {
		return true
	}
	a.writes = a.indexWrites(live)
	d := a.newDemand(nil)
	for _, v := range live {
		d.seed(v, true)
	}
	// Copies are told apart by what is left when the joins of dynamic branches
	// are settled. Then all their joins are placed before any of them
	// generalizes, since which loops run on depends on them.
	for _, v := range live {
		again = v.settled && a.placeCopyJoins(v, d) || again
	}
	if again {
		return true
	}
	for _, v := range live {
		again = a.generalizeJoins(v, d, live) || again
	}
	if again {
		return true
	}
	for _, v := range live {
		again = again || !v.settled
		v.settled = true
	}
	if again {
		return true
	}
	return a.refuseGotos(live) || a.settleCalls(live) || a.limitVariants(live)
}

// branches are the blocks of v from which dynamic control goes several
// ways, and those that static control does with a condition that differs between
// residual copies. In reverse postorder.
func (v *Variant) branches() (dyn, vary []*ir.Block) {
	for _, b := range v.Fn.RPO() {
		if v.out[b.ID] == nil || len(v.takenSuccs(b)) < 2 {
			continue
		}
		c := condition(b.LL.Term)
		if c == nil {
			dyn = append(dyn, b)
			continue
		}
		f := v.endOf(b)
		switch x := f.operand(c); {
		case x.bt == Dynamic:
			dyn = append(dyn, b)
		case x.vary:
			vary = append(vary, b)
		}
	}
	return dyn, vary
}

// placeJoins applies the rules (J1) to (J3): the specialized points that dynamic
// branches need.
func (a *analysis) placeJoins(v *Variant) bool {
	dyn, _ := v.branches()
	res := v.control(dyn)
	again := false
	mark := func(b *ir.Block, kind ReasonKind, pt ir.Point, splits bool) *joinPoint {
		j, made := v.joinAt(b, Reason{Kind: kind, Pt: pt})
		if made || splits && !j.splits {
			j.splits = j.splits || splits
			a.enqueue(v, b)
			again = true
		}
		return j
	}
	for _, b := range v.Fn.RPO() {
		if pt, ok := res.meets[b]; ok {
			mark(b, DynamicBranch, pt, true)
		}
	}
	for _, l := range v.Fn.Loops().All {
		pt, ok := res.loops[l]
		if !ok {
			continue
		}
		for _, b := range l.Entries {
			if v.in[b.ID] != nil {
				mark(b, LoopControl, pt, false)
			}
		}
		for _, b := range v.takenExits(l) {
			j := mark(b, LoopControl, pt, true)
			if !slices.Contains(j.leaves, l) {
				j.leaves = append(j.leaves, l)
				again = true
			}
		}
		if !v.divergentLoops[l] {
			v.divergentLoops[l] = true
			again = true
			a.enqueueAll(v)
		}
	}
	if res.atExit && v.exitJoin == nil {
		v.exitJoin = newJoinPoint(Reason{Kind: DynamicBranch, Pt: res.exitBy})
		v.exitJoin.splits = true
		a.enqueueReturns(v)
		again = true
	}
	return again
}

// enqueueAll puts every block of v that is reached on the worklist.
func (a *analysis) enqueueAll(v *Variant) {
	for _, b := range v.Fn.RPO() {
		if v.in[b.ID] != nil {
			a.enqueue(v, b)
		}
	}
}

// enqueueReturns makes v compute its exit again.
func (a *analysis) enqueueReturns(v *Variant) {
	for _, b := range v.Fn.RPO() {
		if _, ok := b.LL.Term.(*llir.TermRet); ok && v.out[b.ID] != nil {
			v.out[b.ID] = nil
			a.enqueue(v, b)
		}
	}
}

// generalizeJoins applies rule (J5) at every specialized point of v: values that
// differ between the ways in and that nothing static needs become dynamic.
func (a *analysis) generalizeJoins(v *Variant, d *demand, live []*Variant) bool {
	again := false
	loops := make(map[*ir.Loop]*demand)
	for _, b := range v.Fn.RPO() {
		if l := v.carriedBy(b); l != nil && v.joins[b.ID] != nil && v.in[b.ID] != nil && loops[l] == nil {
			loops[l] = a.demandIn(v, l)
		}
	}
	programLoops := a.programLoops(v, d, loops)
	goesOn := v.goesOn()
	for _, b := range v.Fn.RPO() {
		j := v.joins[b.ID]
		if j == nil || v.in[b.ID] == nil || !goesOn[b.ID] {
			continue
		}
		g := &generalizer{analysis: a, v: v, b: b, j: j, all: d, why: Reason{Kind: JoinDiffers, Pt: j.by.Pt}}
		if programLoops[v.Fn.Loops().Of(b)] {
			g.all = a.addressDemand(live)
		}
		if l := v.carriedBy(b); l != nil {
			g.loop, g.around, g.program = loops[l], l, programLoops[l]
		}
		if g.phis() || g.live() || g.cells() {
			again = true
			a.enqueue(v, b)
		}
	}
	return a.uniform == nil && a.mergeSelects(v, d) || a.generalizeExit(v, d) || again
}

// goesOn is, by Block.ID, whether control gets from there to a return or round a
// loop, as far as is known. Elsewhere it ends, in a call that does not return or in
// undefined behaviour, and nothing is needed; but that may turn out otherwise when
// more is dynamic, so it is no reason to generalize.
func (v *Variant) goesOn() []bool {
	on := make([]bool, len(v.Fn.Blocks))
	var work []*ir.Block
	add := func(b *ir.Block) {
		if !on[b.ID] {
			on[b.ID] = true
			work = append(work, b)
		}
	}
	for _, b := range v.Fn.RPO() {
		if v.out[b.ID] == nil {
			continue
		}
		if len(b.Succs) == 0 {
			if _, ok := b.LL.Term.(*llir.TermRet); ok {
				add(b)
			}
			continue
		}
		for l := v.Fn.Loops().Of(b); l != nil; l = l.Parent {
			for _, e := range l.Entries {
				if v.feasible(b, e) {
					add(b)
				}
			}
		}
	}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		for _, p := range b.Preds {
			if v.feasible(p, b) {
				add(p)
			}
		}
	}
	return on
}

// carriedBy is the loop whose entry b is, if what b's phis carry round it must be
// needed by static control inside it: dynamic control decides on the loop, or
// nothing ends it.
func (v *Variant) carriedBy(b *ir.Block) *ir.Loop {
	l := v.Fn.Loops().Of(b)
	if l == nil || !slices.Contains(l.Entries, b) {
		return nil
	}
	if v.divergentLoops[l] || len(v.takenExits(l)) == 0 {
		return l
	}
	return nil
}

// A generalizer decides at one specialized point.
type generalizer struct {
	*analysis
	v       *Variant
	b       *ir.Block
	j       *joinPoint
	all     *demand  // everything that static computation needs
	loop    *demand  // what static control inside the loop around b needs; nil if b is no such header
	around  *ir.Loop // that loop
	program bool     // it runs a static program, see programLoops
	why     Reason
}

// differs reports whether the ways in bring phi r different static values.
func (g *generalizer) differs(phi *llir.InstPhi, r ir.Reg) bool {
	v := g.v
	if !v.has[r] || v.regs[r].bt == Dynamic || g.decided(v.regs[r]) {
		return false
	}
	return v.regs[r].vary || !v.samePhi(phi, g.b)
}

func (g *generalizer) phis() bool {
	again := false
	v := g.v
	for pt := g.b.First; ; pt++ {
		phi := phiAt(g.b, pt)
		if phi == nil {
			return again
		}
		r := v.Fn.Reg(phi)
		if g.differs(phi, r) && !g.keeps(r) {
			again = g.j.addPhi(r, g.why) || again
		}
	}
}

// keeps reports whether phi r, whose values differ between the ways in, stays
// static: static computation needs it and, if the loop around b carries it, static
// control inside the loop does, or it is the state of a table, or it goes along
// with the program counter of a static program.
func (g *generalizer) keeps(r ir.Reg) bool {
	if g.uniform != nil && g.loop == nil { // (U4)
		return true
	}
	if !g.all.reg(g.v, r) {
		return false
	}
	if g.loop == nil || g.program {
		return true
	}
	return g.loop.reg(g.v, r) && g.bounded(r) || g.tableState(r)
}

// live generalizes registers that differ between the copies that meet here and
// that nothing static needs from here on.
func (g *generalizer) live() bool {
	if g.uniform != nil { // (U4)
		return false
	}
	again := false
	v := g.v
	gen := v.in[g.b.ID].gen
	for _, r := range v.fi.liveIn(v.Fn, g.b) {
		x := v.regAt(r, g.b, gen)
		if !v.has[r] || x.bt == Dynamic || !x.vary || g.decided(x) || v.fi.defs[r] == g.b {
			continue
		}
		if !g.all.liveAt(v, r, g.b) {
			again = g.j.addLive(r, g.why) || again
		}
	}
	return again
}

func (g *generalizer) cells() bool {
	again := false
	at := mergedAt(g.b.First)
	for _, r := range g.v.in[g.b.ID].mem {
		for _, c := range r.cells {
			if c.val.bt == Dynamic || c.fill == undef || c.org != at && !c.val.vary && !g.v.leftBehind(g.j, c.org) {
				continue
			}
			if c.fill == whole && g.decided(c.val) || c.fill == zero && c.org != at {
				continue
			}
			keep := g.all.cell(r.place, c.lo, c.hi) || g.uniform != nil && (g.loop == nil || c.org != at) // (U4)
			if keep && g.loop != nil && !g.program && c.org == at {
				keep = g.loop.cell(r.place, c.lo, c.hi)
			}
			if !keep {
				again = g.j.addCell(Cell{Obj: r.obj, Base: r.base, Lo: c.lo, Hi: c.hi}, g.why) || again
			}
		}
	}
	return again
}

// leftBehind reports whether content of origin o was written in a loop that
// dynamic control leaves for the specialized point j.
func (v *Variant) leftBehind(j *joinPoint, o origin) bool {
	pt, ok := o.point()
	if !ok || len(j.leaves) == 0 || pt < v.Fn.First || pt >= v.Fn.End {
		return false
	}
	b := v.an.prog.BlockAt(pt)
	for _, l := range j.leaves {
		if l.Contains(b) {
			return true
		}
	}
	return false
}

// mergeSelects generalizes the selects with a dynamic condition and two static
// values that nothing static needs.
func (a *analysis) mergeSelects(v *Variant, d *demand) bool {
	again := false
	for _, b := range v.Fn.RPO() {
		if v.in[b.ID] == nil {
			continue
		}
		for k, inst := range b.LL.Insts {
			i, ok := inst.(*llir.InstSelect)
			if !ok {
				continue
			}
			pt, r := b.First+ir.Point(k), v.Fn.Reg(i)
			if v.mergedSelects[pt] || !v.split(pt) || d.reg(v, r) {
				continue
			}
			v.mergedSelects[pt] = true
			a.enqueue(v, b)
			again = true
		}
	}
	return again
}

// split reports whether the instruction at pt is a select that stays static
// though its condition is dynamic.
func (v *Variant) split(pt ir.Point) bool {
	i, ok := v.instAt(pt).(*llir.InstSelect)
	if !ok {
		return false
	}
	r := v.Fn.Reg(i)
	if !v.has[r] || v.regs[r].bt == Dynamic || v.an.decided(v.regs[r]) {
		return false
	}
	f := v.registersAt(pt)
	return f.operand(i.Cond).bt == Dynamic && !f.sameValue(i.ValueTrue, i.ValueFalse, f.operand(i.ValueTrue), f.operand(i.ValueFalse))
}

// generalizeExit decides what is merged where v returns: what differs between
// returns survives only if a caller's static computation needs it.
func (a *analysis) generalizeExit(v *Variant, d *demand) bool {
	if v.exitJoin == nil && v.own {
		v.exitJoin = newJoinPoint(Reason{Kind: Recursion, Pt: v.Fn.First})
	}
	j := v.exitJoin
	if j == nil || !v.exit.reached || a.uniform != nil && !v.own { // (U4)
		return false
	}
	again := false
	why := Reason{Kind: JoinDiffers, Pt: j.by.Pt}
	// A function of its own returns in one state: what differs between its copies
	// does not survive.
	differs := v.exit.ret.vary || j.splits && v.returnsDiffer()
	if v.exit.ret.bt == Static && !a.decided(v.exit.ret) && differs && (v.own || !d.rets[v]) {
		again = j.addPhi(0, why) || again
	}
	at := mergedAt(v.Fn.End - 1)
	for _, r := range v.exit.mem {
		for _, c := range r.cells {
			if c.org != at && !c.val.vary || c.val.bt == Dynamic || c.fill == undef || c.fill == whole && a.decided(c.val) {
				continue
			}
			if !v.own && d.cell(r.place, c.lo, c.hi) {
				continue
			}
			again = j.addCell(Cell{Obj: r.obj, Base: r.base, Lo: c.lo, Hi: c.hi}, why) || again
		}
	}
	if again {
		a.enqueueReturns(v)
	}
	return again
}

// demandIn is what static control inside l needs, in v and in what l unfolds.
func (a *analysis) demandIn(v *Variant, l *ir.Loop) *demand {
	inside := make(map[*Variant]bool)
	var order []*Variant
	var add func(w *Variant)
	add = func(w *Variant) {
		if inside[w] {
			return
		}
		inside[w] = true
		order = append(order, w)
		w.eachPlan(func(_ *ir.Block, _ ir.Point, c callee) {
			if c.v != nil {
				add(c.v)
			}
		})
	}
	v.eachPlan(func(b *ir.Block, _ ir.Point, c callee) {
		if c.v != nil && l.Contains(b) {
			add(c.v)
		}
	})
	d := a.newDemand(func(w *Variant, b *ir.Block) bool { return inside[w] || w == v && l.Contains(b) })
	d.seed(v, false)
	for _, w := range order {
		if w != v {
			d.seed(w, false)
		}
	}
	return d
}
