package bta

// This file holds the forward analysis: blocks of variants are interpreted over
// abstract states until nothing changes.

import (
	"slices"

	irvalue "github.com/llir/llvm/ir/value"

	"github.com/llir/llvm/ir/constant"

	"quasi/ir"
)

// A state is what holds at a point of a variant beside the values of registers
// at their definitions. Its slices are immutable and shared.
type state struct {
	mem    memory
	gen    []ir.Reg     // registers that were generalized after their definition, ascending
	leaked []*ir.Object // single stack slots whose address residual code may hold, by ID
}

// An exit is the state in which a variant returns.
type exit struct {
	reached bool
	ret     value
	state
}

// joinState joins two states at the same point.
func (a *analysis) joinState(x, y *state, at origin, widen bool) state {
	return state{
		mem:    a.joinMemory(x.mem, y.mem, at, widen),
		gen:    unionRegs(x.gen, y.gen),
		leaked: unionObjects(x.leaked, y.leaked),
	}
}

func sameState(x, y *state) bool {
	return slices.Equal(x.gen, y.gen) && slices.Equal(x.leaked, y.leaked) && sameMemory(x.mem, y.mem)
}

func unionRegs(x, y []ir.Reg) []ir.Reg {
	if len(y) == 0 || slices.Equal(x, y) {
		return x
	}
	if len(x) == 0 {
		return y
	}
	z := append(slices.Clone(x), y...)
	slices.Sort(z)
	return slices.Compact(z)
}

func unionObjects(x, y []*ir.Object) []*ir.Object {
	if len(y) == 0 || slices.Equal(x, y) {
		return x
	}
	if len(x) == 0 {
		return y
	}
	z := append(slices.Clone(x), y...)
	slices.SortFunc(z, func(p, q *ir.Object) int { return p.ID - q.ID })
	return slices.Compact(z)
}

// A flow interprets one block of a variant.
type flow struct {
	*analysis
	v  *Variant
	b  *ir.Block
	pt ir.Point
	s  state

	quiet   bool // replaying: registers, callers and callees are not touched
	changed []ir.Reg
	leaking []*ir.Object // whose content is being leaked
}

// startOf replays b, which is reached, from its start.
func (v *Variant) startOf(b *ir.Block) *flow {
	return &flow{analysis: v.an, v: v, b: b, pt: b.First, s: *v.in[b.ID], quiet: true}
}

// endOf replays the terminator of b, which control gets to.
func (v *Variant) endOf(b *ir.Block) *flow {
	return &flow{analysis: v.an, v: v, b: b, pt: b.TermPoint(), s: *v.out[b.ID], quiet: true}
}

// solve runs the worklist until it is empty. With the usual order a block comes
// before its successors and a callee before its callers go on; any order gives
// the same result, since transfer functions are monotone and joins are computed
// from scratch.
func (a *analysis) solve() {
	for len(a.pending) > 0 {
		i := len(a.pending) - 1
		if a.shuffle != nil {
			i = a.shuffle.IntN(len(a.pending))
		}
		v := a.pending[i]
		a.pending = slices.Delete(a.pending, i, i+1)
		v.queued = false
		a.run(v)
	}
}

// wake has all of v analyzed again if it is asleep; it reports whether it was.
func (a *analysis) wake(v *Variant) bool {
	if !v.asleep {
		return false
	}
	v.asleep = false
	a.enqueueAll(v)
	return true
}

// enqueue puts a block on its variant's list, and the variant on the worklist.
func (a *analysis) enqueue(v *Variant, b *ir.Block) {
	if v.asleep {
		return
	}
	if !v.dirty[b.ID] {
		v.dirty[b.ID] = true
		v.ndirty++
	}
	if !v.queued && !v.running {
		v.queued = true
		a.pending = append(a.pending, v)
	}
}

// run interprets the pending blocks of v.
func (a *analysis) run(v *Variant) {
	if v.running {
		return
	}
	v.running = true
	if a.shuffle != nil {
		a.runShuffled(v)
	}
	for v.ndirty > 0 {
		a.pass(v, v.fi.order)
	}
	v.running = false
}

// pass interprets the pending blocks among items in their order, those of a loop
// until it has settled; it reports whether there were any.
func (a *analysis) pass(v *Variant, items []*item) bool {
	found := false
	for _, it := range items {
		switch {
		case it.b == nil:
			for a.pass(v, it.loop) {
				found = true
			}
		case v.dirty[it.b.ID]:
			a.visit(v, it.b)
			found = true
		}
	}
	return found
}

// runShuffled is run in random order: a few blocks, from anywhere on, at a time.
func (a *analysis) runShuffled(v *Variant) {
	rpo := v.Fn.RPO()
	steps := 0
	for v.ndirty > 0 {
		start := a.shuffle.IntN(len(rpo))
		for i := range rpo {
			b := rpo[(i+start)%len(rpo)]
			if !v.dirty[b.ID] {
				continue
			}
			a.visit(v, b)
			if steps++; steps%3 == 0 {
				break
			}
		}
	}
}

// An item is a block, or a loop.
type item struct {
	b    *ir.Block
	loop []*item // its blocks and the loops in it, if b is nil
}

// inOrder is the blocks of f in the order in which they are interpreted: that of
// reverse postorder, but what is in a loop comes together. Origins need that: where a
// loop goes on before the one in it has settled, the origins that come round by both
// may differ in every round, for ever.
func inOrder(f *ir.Func) []*item {
	top := &item{}
	loops := map[*ir.Loop]*item{nil: top}
	var of func(l *ir.Loop) *item
	of = func(l *ir.Loop) *item {
		it := loops[l]
		if it == nil {
			it = &item{}
			loops[l] = it
			around := of(l.Parent)
			around.loop = append(around.loop, it)
		}
		return it
	}
	for _, b := range f.RPO() {
		around := of(f.Loops().Of(b))
		around.loop = append(around.loop, &item{b: b})
	}
	return top.loop
}

// visit interprets b and passes on what changed.
func (a *analysis) visit(v *Variant, b *ir.Block) {
	v.dirty[b.ID] = false
	v.ndirty--
	a.work += int(b.TermPoint()-b.First) + 1
	f := &flow{analysis: a, v: v, b: b}
	v.touched = true
	if !f.enter() {
		return
	}
	in := f.s
	v.in[b.ID] = &in
	done := true
	for f.pt = f.start(); f.pt < b.TermPoint() && done; f.pt++ {
		done = f.inst(b.LL.Insts[f.pt-b.First])
	}
	grew := false
	if done {
		grew = f.leave()
	}
	v.stuck[b.ID] = !done
	for _, r := range f.changed {
		for _, u := range v.Fn.Uses().Of(r) {
			if ub := a.prog.BlockAt(u.Pt); ub != b && v.in[ub.ID] != nil || ub == b && phiAt(b, u.Pt) != nil {
				a.enqueue(v, ub)
			}
		}
	}
	if done && grew {
		for i, s := range b.Succs {
			if v.edges[b.ID]&(1<<min(i, 63)) != 0 {
				a.enqueue(v, s)
			}
		}
	}
}

// start is the point of b's first instruction that is no phi.
func (f *flow) start() ir.Point {
	pt := f.b.First
	for phiAt(f.b, pt) != nil {
		pt++
	}
	return pt
}

// feasible reports whether the analysis takes the edge from p to b.
func (v *Variant) feasible(p, b *ir.Block) bool {
	if v.out[p.ID] == nil {
		return false
	}
	for i, s := range p.Succs {
		if s == b && v.edges[p.ID]&(1<<min(i, 63)) != 0 {
			return true
		}
	}
	return false
}

// enter computes the state in which b begins, its phis included, by rule (B9);
// ok is false if b is not reached.
func (f *flow) enter() (ok bool) {
	v, b := f.v, f.b
	at := mergedAt(b.First)
	widen := f.isHeader(b)
	if b.ID == 0 {
		f.s, ok = state{mem: v.entry.mem, leaked: v.entry.leaked}, true
	}
	for _, p := range b.Preds {
		if !v.feasible(p, b) {
			continue
		}
		if !ok {
			f.s, ok = *v.out[p.ID], true
			continue
		}
		f.s = f.joinState(&f.s, v.out[p.ID], at|freshBit, widen)
	}
	if !ok {
		return false
	}
	f.s.mem = f.s.mem.settleOrigins(at)
	f.restrict(nil)
	f.phis(widen)
	f.generalize()
	if v.visits[b.ID]++; v.visits[b.ID] > maxVisits && v.in[b.ID] != nil {
		f.s = f.joinState(&f.s, v.in[b.ID], at|freshBit, true)
		f.s.mem = f.s.mem.settleOrigins(at)
	}
	return true
}

// maxVisits is the number of times that a block is interpreted before its state may
// only grow. Transfer functions are monotone but for what variants of callees
// differ in, and end long before.
const maxVisits = 500

// isHeader reports whether an edge goes back to b.
func (a *analysis) isHeader(b *ir.Block) bool {
	l := b.Fn.Loops().Of(b)
	return l != nil && slices.Contains(l.Entries, b)
}

// phis evaluates the phis of the block over the edges that are taken.
func (f *flow) phis(widen bool) {
	v, b := f.v, f.b
	j := v.joins[b.ID]
	for pt := b.First; ; pt++ {
		phi := phiAt(b, pt)
		if phi == nil {
			return
		}
		f.pt = pt
		var val value
		seen := false
		for _, inc := range phi.Incs {
			p := f.fn().BlockOf(blockOf(inc.Pred))
			if p == nil || !v.feasible(p, b) {
				continue
			}
			g := flow{analysis: f.analysis, v: v, b: p, pt: p.TermPoint(), s: *v.out[p.ID]}
			x := g.operand(inc.X)
			if x.bt == Static && f.unset(inc.X) {
				continue
			}
			if f.varying && x.bt == Static && !x.vary && !f.decided(x) {
				if r := f.fn().Reg(inc.X); r != ir.NoReg && v.temporal(r, b) {
					x.vary = true
				}
			}
			if !seen {
				val, seen = x, true
			} else {
				val = f.joinValue(val, x, widen)
			}
		}
		if !seen {
			val = value{refs: f.refs.empty}
		}
		r := f.fn().Reg(phi)
		if j != nil && val.bt == Static {
			if j.generalizes(r) {
				f.leak(val.refs)
				val = value{bt: Dynamic, refs: val.refs}
			} else if f.varying && j.splits && !f.samePhi(phi, b) {
				val.vary = true
			}
		} else if j != nil {
			val.fields = nil
		}
		f.def(r, val)
	}
}

// unset reports whether x is a register that has no value yet.
func (f *flow) unset(x irvalue.Value) bool {
	r := f.fn().Reg(x)
	return r != ir.NoReg && !f.v.has[r]
}

func (f *flow) fn() *ir.Func { return f.v.Fn }

// generalize makes dynamic what the block's join says, by rule (B10).
func (f *flow) generalize() {
	j := f.v.joins[f.b.ID]
	if j == nil {
		return
	}
	for _, r := range j.live {
		if f.v.has[r] {
			f.leak(f.v.regs[r].refs)
		}
	}
	f.s.gen = unionRegs(f.s.gen, j.live)
	for _, c := range j.cells {
		f.leakCells(c.place(), c.Lo, c.Hi)
		f.s.mem = f.s.mem.with(c.place(), cut(f.s.mem.cells(c.place()), c.Lo, c.Hi))
	}
	if !j.splits || !f.varying {
		return
	}
	for _, r := range f.s.mem {
		f.varyMerged(r)
	}
}

// varyMerged marks the cells of r whose content differs between the ways in.
func (f *flow) varyMerged(r *region) {
	at := mergedAt(f.b.First)
	for i, c := range r.cells {
		if c.org != at || c.val.vary || c.val.bt == Dynamic || f.decided(c.val) {
			continue
		}
		cs := slices.Clone(r.cells)
		for k := i; k < len(cs); k++ {
			if cs[k].org == at && cs[k].val.bt == Static && !f.decided(cs[k].val) {
				cs[k].val.vary = true
			}
		}
		f.s.mem = f.s.mem.with(r.place, cs)
		return
	}
}

// decided reports whether the facts know the value of v.
func (a *analysis) decided(v value) bool {
	if _, _, ok := a.facts.Value(v.sym); ok {
		return true
	}
	_, _, ok := a.facts.AddrConst(v.sym)
	return ok
}

// operand is the value of x here.
func (f *flow) operand(x irvalue.Value) value {
	x = strip(x)
	if c, ok := x.(constant.Constant); ok {
		return f.constant(c)
	}
	r := f.fn().Reg(x)
	if r == ir.NoReg {
		return value{}
	}
	return f.v.regAt(r, f.b, f.s.gen)
}

// regAt is the value of r in block b, where the registers gen are generalized.
func (v *Variant) regAt(r ir.Reg, b *ir.Block, gen []ir.Reg) value {
	if !v.has[r] {
		return value{refs: v.an.refs.empty}
	}
	val := v.regs[r]
	if val.bt == Dynamic {
		return val
	}
	if _, ok := slices.BinarySearch(gen, r); ok {
		return value{bt: Dynamic, refs: val.refs, addr: val.addr}
	}
	if !val.vary && v.temporal(r, b) && !v.an.decided(val) {
		val.vary = true
	}
	return val
}

// temporal reports whether r may hold values of different iterations in copies of
// b: it is defined in a loop that dynamic control leaves before b.
func (v *Variant) temporal(r ir.Reg, b *ir.Block) bool {
	if len(v.divergentLoops) == 0 || !v.an.varying || int(r) < len(v.Fn.LL.Params) {
		return false
	}
	for l := v.Fn.Loops().Of(v.defBlock(r)); l != nil && !l.Contains(b); l = l.Parent {
		if v.divergentLoops[l] {
			return true
		}
	}
	return false
}

// defBlock is the block that defines r, the entry for parameters.
func (v *Variant) defBlock(r ir.Reg) *ir.Block { return v.fi.defs[r] }

// def gives r its value.
func (f *flow) def(r ir.Reg, val value) {
	if i, ok := slices.BinarySearch(f.s.gen, r); ok {
		f.s.gen = slices.Delete(slices.Clone(f.s.gen), i, i+1)
	}
	if r == ir.NoReg || f.quiet {
		return
	}
	v := f.v
	val = f.settle(val)
	if slices.Contains(v.forced, r) || v.unlifted != nil && v.unlifted[r] {
		f.leak(val.refs)
		val = value{bt: Dynamic, refs: val.refs}
	}
	if val.bt == Dynamic {
		val.vary = false
	}
	if v.has[r] && v.visits[f.b.ID] > maxVisits {
		val = f.settle(f.joinValue(v.regs[r], val, true))
	}
	if !v.has[r] || v.regs[r] != val {
		v.has[r] = true
		v.regs[r] = val
		f.changed = append(f.changed, r)
	}
}

// leave interprets the terminator: it stores the state at the block's end and the
// edges taken, and reports whether either changed.
func (f *flow) leave() bool {
	v, b := f.v, f.b
	edges := f.terminator(b.LL.Term) | v.edges[b.ID]
	old := v.out[b.ID]
	if old != nil && v.edges[b.ID] == edges && sameState(old, &f.s) && len(b.Succs) > 0 {
		return false
	}
	out := f.s
	v.out[b.ID] = &out
	v.edges[b.ID] = edges
	if len(b.Succs) == 0 {
		f.updateExit()
	}
	return true
}

// leak records that residual code may hold addresses in s, and so whatever is
// reached from there.
func (f *flow) leak(s *refSet) {
	if s == nil {
		return
	}
	for _, r := range s.refs {
		f.leakObject(r.obj)
	}
}

// refsOf are the addresses that v may be, as far as they are told.
func refsOf(v value) []ref {
	if v.refs == nil {
		return nil
	}
	return v.refs.refs
}

// leakObject records one object, and what its content points to. Only single stack
// slots are recorded: the address of anything else may be known already.
func (f *flow) leakObject(o *ir.Object) {
	if f.use != nil && f.use.gathering == f && (place{obj: o}).local() {
		f.use.deny(place{obj: o}, f.pt, "residual code has its address")
	}
	switch {
	case !(place{obj: o}).local() || hasObject(f.s.leaked, o):
		return
	case f.single(o) || o.Kind == ir.ObjHeap:
		f.s.leaked = unionObjects(f.s.leaked, []*ir.Object{o})
	case slices.Contains(f.leaking, o):
		return
	}
	f.leaking = append(f.leaking, o)
	f.leakCells(place{obj: o}, 0, 1<<62)
	f.leaking = f.leaking[:len(f.leaking)-1]
}

// leakCells leaks what the cells of p in [lo, hi) point to.
func (f *flow) leakCells(p place, lo, hi int64) {
	for _, c := range over(f.s.mem.cells(p), lo, hi) {
		f.leak(c.val.refs)
	}
}

func hasObject(s []*ir.Object, o *ir.Object) bool {
	_, ok := slices.BinarySearchFunc(s, o, func(p, q *ir.Object) int { return p.ID - q.ID })
	return ok
}
