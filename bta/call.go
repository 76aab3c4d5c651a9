package bta

// This file holds calls: what is done with one, and its effect on the caller.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	irvalue "github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/spec"
)

// An Action is what is done with a call.
type Action uint8

// Actions. The zero value leaves the call as it is.
const (
	ResidualCall   Action = iota // call the generic function
	Unfold                       // continue inside the callee, under CallPlan.Callee
	SpecializeCall               // call a residual function of CallPlan.Callee, shared by equal static states
)

// String names the action as listings show it.
func (a Action) String() string {
	switch a {
	case Unfold:
		return "unfold"
	case SpecializeCall:
		return "specialize"
	}
	return "residual"
}

// A CallPlan says what is done with one call of one callee.
type CallPlan struct {
	Action Action
	Callee *Variant // nil for ResidualCall
	Reason Reason
}

// Call is the plan for the call at pt if callee is what it calls. Without a
// verdict, where the analysis does not get to or takes another callee, the call
// is residual.
func (v *Variant) Call(pt ir.Point, callee *ir.Func) CallPlan {
	for _, c := range v.plans[pt] {
		if c.fn != callee {
			continue
		}
		switch {
		case c.v == nil:
			return CallPlan{Action: ResidualCall, Reason: c.reason}
		case c.v.own:
			return CallPlan{Action: SpecializeCall, Callee: c.v, Reason: Reason{Kind: Recursion, Pt: pt, Text: "recursion under dynamic control"}}
		}
		return CallPlan{Action: Unfold, Callee: c.v, Reason: c.reason}
	}
	return CallPlan{Reason: Reason{Kind: UnknownCall, Pt: pt}}
}

// call applies the rules (C1) to (C5).
func (f *flow) call(i *llir.InstCall) bool {
	if ir.IsDebug(i) {
		return true
	}
	if f.ignored(f.pt) {
		if ir.HasResult(i) {
			f.def(f.fn().Reg(i), value{})
		}
		return true
	}
	if done, ok := f.library(i); ok {
		return done
	}
	plans, ok := f.plansFor(i)
	if !ok {
		f.residualCall(i)
		return true
	}
	var out state
	var ret value
	any := false
	before := f.s
	for _, c := range plans {
		f.s = before
		var x value
		returns := true
		if c.v == nil {
			x = f.residualEffect(i)
		} else {
			x, returns = f.apply(i, c.v)
		}
		switch {
		case !returns:
		case !any:
			out, ret, any = f.s, x, true
		default:
			out = f.joinState(&out, &f.s, writtenAt(f.pt), false)
			ret = f.joinValue(ret, x, false)
		}
	}
	if !any {
		f.s = before
		return false
	}
	f.s = out
	if ir.HasResult(i) {
		f.def(f.fn().Reg(i), ret)
	}
	return true
}

// plansFor decides what is done with a call, one plan a callee; ok is false if
// the callee is not known.
func (f *flow) plansFor(i *llir.InstCall) (plans []callee, ok bool) {
	if f.quiet {
		plans = f.v.plans[f.pt]
		return plans, len(plans) > 0
	}
	fns, _ := f.callees(i)
	for _, fn := range fns {
		c := callee{fn: fn}
		c.reason, ok = f.unfolds(i, fn)
		if ok {
			c.v = f.variantOf(i, fn)
			if c.v.useless {
				c.v = nil
				c.reason = Reason{Kind: NoStaticInput, Pt: f.pt, Text: "unfolding @" + fn.Name() + " would gain nothing"}
			}
		}
		plans = append(plans, c)
	}
	for _, old := range f.v.plans[f.pt] {
		if old.v != nil && !slices.ContainsFunc(plans, func(c callee) bool { return c.v == old.v }) && !f.v.callsElsewhere(f.b, f.pt, old.v) {
			old.v.callers = slices.DeleteFunc(old.v.callers, func(c callSite) bool { return c.v == f.v && c.b == f.b })
		}
	}
	f.v.plans[f.pt] = plans
	return plans, len(plans) > 0
}

// callsElsewhere reports whether b calls w at another point than pt.
func (v *Variant) callsElsewhere(b *ir.Block, pt ir.Point, w *Variant) bool {
	for at := b.First; at < b.End(); at++ {
		if at == pt {
			continue
		}
		for _, c := range v.plans[at] {
			if c.v == w {
				return true
			}
		}
	}
	return false
}

// callees are the functions that a call may call when its callee is static; ok
// is false if it is not, or they are not known.
func (f *flow) callees(i *llir.InstCall) (fns []*ir.Func, ok bool) {
	if c, ok := i.Callee.(constant.Constant); ok {
		if base, off, ok := f.prog.ConstAddr(c); ok && off == 0 {
			if lf, ok := base.(*llir.Func); ok {
				return []*ir.Func{f.prog.FuncOf(lf)}, true
			}
		}
	}
	if _, asm := i.Callee.(*llir.InlineAsm); asm {
		return nil, false
	}
	x := f.operand(i.Callee)
	if x.bt != Static {
		return nil, false
	}
	refs, unknown := f.targets(x, i.Callee)
	if unknown || len(refs.refs) == 0 {
		return nil, false
	}
	for _, r := range refs.refs {
		lf, isFunc := r.obj.Site.(*llir.Func)
		if !isFunc {
			continue
		}
		if fn := f.prog.FuncOf(lf); fn != nil && ir.Fits(i, lf) {
			fns = append(fns, fn)
		}
	}
	return fns, len(fns) > 0
}

// unfolds applies rule (C1): whether a call of fn is followed into it.
func (f *flow) unfolds(i *llir.InstCall, fn *ir.Func) (Reason, bool) {
	fi := f.info(fn)
	switch {
	case fn.IsDecl():
		return Reason{Kind: UnknownCall, Pt: f.pt, Text: "@" + fn.Name() + " is not defined here"}, false
	case !fi.unfoldable:
		return Reason{Kind: NotUnfoldable, Pt: f.pt, Text: "@" + fn.Name() + " cannot be unfolded"}, false
	case !ir.Fits(i, fn.LL):
		return Reason{Kind: NotUnfoldable, Pt: f.pt, Text: "@" + fn.Name() + " is called with another type"}, false
	}
	if (fi.small || fi.classifies) && !f.cg.Recursive(fn) || f.informs(i, fn) || f.variadicInforms(i, fn) {
		return Reason{Kind: StaticInput, Pt: f.pt}, true
	}
	return Reason{Kind: NoStaticInput, Pt: f.pt, Text: "nothing static reaches @" + fn.Name()}, false
}

// informs reports whether something static reaches fn through this call. Inside a
// recursion, constants of the program do not count, nor where there is much behind
// the call: a call with a flag is no news, and whole programs hang together by such calls.
func (f *flow) informs(i *llir.InstCall, fn *ir.Func) bool {
	in := f.interests(fn)
	inside := f.sameComponent(f.fn(), fn)
	far := f.extent(fn) > largeExtent && !(f.v == f.entry && f.wraps(f.fn()))
	for k, a := range i.Args {
		if _, undef := strip(a).(*constant.Undef); undef || k >= len(in) {
			continue
		}
		x := f.operand(a)
		if !f.news(a, x, inside, far) {
			continue
		}
		if f.usefulSym(x.sym) || x.bt == Static && (in[k]&decides != 0 || in[k]&follows != 0 && f.leadsToStatic(x, a, far && f.bare)) {
			return true
		}
	}
	for _, r := range f.s.mem {
		if !f.touches(fn, r) {
			continue
		}
		for _, c := range r.cells {
			switch plain := c.fill == whole && f.plainConstant(c.val); {
			case inside && (plain || c.fill != whole), far && f.bare && plain:
				continue
			}
			if c.fill != undef && (c.val.bt == Static || c.val.sym != spec.NoSym) {
				return true
			}
		}
	}
	return false
}

// news reports whether argument a, of value x, is more than a constant of the program
// where these do not count: literals do not inside a recursion, nor where there is much
// behind the call; if the specification states nothing, no constant does there, and
// string literals do in the entry function only.
func (f *flow) news(a irvalue.Value, x value, inside, far bool) bool {
	_, literal := strip(a).(constant.Constant)
	switch {
	case far && f.bare && f.v != f.entry && text(a):
		return false
	case inside && literal, far && literal, far && f.bare:
		return !f.plainConstant(x)
	}
	return true
}

// text reports whether x is a string literal.
func text(x irvalue.Value) bool {
	x = strip(x)
	if e, ok := x.(*constant.ExprGetElementPtr); ok {
		x = e.Src
	}
	g, ok := x.(*llir.Global)
	if !ok || !g.Immutable || g.Linkage != enum.LinkagePrivate {
		return false
	}
	_, ok = g.Init.(*constant.CharArray)
	return ok
}

// plainConstant reports whether the facts or the program fix v, and it is no
// address of read-only data or of a function.
func (f *flow) plainConstant(v value) bool {
	if v.bt == Dynamic || !f.decided(v) {
		return false
	}
	if v.refs == nil {
		return true
	}
	for _, r := range v.refs.refs {
		if r.obj.Const || r.obj.Kind == ir.ObjFunc {
			return false
		}
	}
	return true
}

// sameComponent reports whether f and g call each other.
func (a *analysis) sameComponent(f, g *ir.Func) bool {
	if !a.cg.Recursive(f) || !a.cg.Recursive(g) {
		return false
	}
	x, y := a.component(f), a.component(g)
	return &x[0] == &y[0]
}

// leadsToStatic reports whether x may point to something static, or into a slot of
// this activation, whose content then stays known. With plain, what is undefined or
// a constant of the program does not count.
func (f *flow) leadsToStatic(x value, a irvalue.Value, plain bool) bool {
	refs, unknown := f.targets(x, strip(a))
	if unknown || !isPointer(a) && len(refs.refs) == 0 {
		return !isPointer(a)
	}
	for _, r := range refs.refs {
		if r.obj.Const || r.obj.Kind == ir.ObjFunc {
			return true
		}
		for _, c := range f.s.mem.cells(place{obj: r.obj}) {
			if !plain || c.fill != undef && !f.plainConstant(c.val) {
				return true
			}
		}
	}
	return false
}

// usefulSym reports whether the predicates say something about memory at s, so
// that a callee that gets s may find it.
func (a *analysis) usefulSym(s spec.Sym) bool {
	if s == spec.NoSym {
		return false
	}
	base, _ := a.facts.Split(s)
	return a.bases[base]
}

// touches reports whether fn may access r.
func (a *analysis) touches(fn *ir.Func, r *region) bool {
	return r.obj == nil || a.mayAccess(fn, r.obj)
}

// variantOf is the variant of fn for the division at this call, by rule (C2).
func (f *flow) variantOf(i *llir.InstCall, fn *ir.Func) *Variant {
	recursive := f.cg.Recursive(fn) && f.cg.Recursive(f.fn())
	noConst := f.cg.Recursive(fn) || f.info(fn).noConst
	e := entry{args: make([]value, len(fn.LL.Params))}
	for k, a := range i.Args[:len(e.args)] {
		e.args[k] = f.abstract(f.operand(a), recursive, noConst)
	}
	byval := f.permittedMemory(append(f.passCopies(i, fn, &e), f.passVariable(i, fn)...))
	for _, r := range f.s.mem {
		if !f.touches(fn, r) {
			continue
		}
		cs := slices.Clone(r.cells)
		for k := range cs {
			cs[k].org = 0
			cs[k].val = f.abstract(cs[k].val, recursive, noConst)
		}
		cs = slices.DeleteFunc(cs, func(c cell) bool { return c.val == dynamic })
		e.mem = append(e.mem, &region{place: r.place, cells: tidy(cs)})
	}
	for _, o := range f.s.leaked {
		if f.mayAccess(fn, o) {
			e.leaked = append(e.leaked, o)
		}
	}
	e.mem = append(e.mem, byval...)
	slices.SortFunc(e.mem, func(x, y *region) int {
		if x.place.less(y.place) {
			return -1
		}
		return 1
	})
	w := f.sameButLeaks(fn, &e)
	if w == nil {
		w = f.variantFor(fn, e)
	}
	w.calledFrom(f.v, f.b)
	woken := f.wake(w)
	if f.shuffle == nil && (woken || !w.exit.reached) && f.depth < 400 {
		f.depth++
		f.run(w)
		f.depth--
	}
	return w
}

// sameButLeaks is the variant that the call at f's point had, if e only lacks leaks
// that it has: they are found again when what varies is settled.
func (f *flow) sameButLeaks(fn *ir.Func, e *entry) *Variant {
	if !f.varying {
		return nil
	}
	for _, c := range f.v.plans[f.pt] {
		if c.fn != fn || c.v == nil || len(c.v.entry.leaked) <= len(e.leaked) {
			continue
		}
		same := *e
		same.leaked = c.v.entry.leaked
		if c.v.entry.equal(&same) && len(unionObjects(e.leaked, same.leaked)) == len(same.leaked) {
			return c.v
		}
	}
	return nil
}

// passCopies makes the slots of by-value parameters, which hold copies of what the
// arguments point to.
func (f *flow) passCopies(i *llir.InstCall, fn *ir.Func, e *entry) memory {
	var out memory
	for k, p := range fn.LL.Params {
		o := f.pts.ObjectOf(p)
		if o == nil {
			continue
		}
		from, off, ok := f.place(f.operand(i.Args[k]))
		e.args[k] = value{refs: f.refs.one(o, 0)}
		if !ok || o.Size <= 0 || f.cg.Recursive(fn) {
			continue
		}
		var cs []cell
		for _, c := range f.copyOf(from, off, o.Size) {
			c.lo, c.hi, c.org = c.lo-off, c.hi-off, 0
			c.val = f.abstract(c.val, false, f.info(fn).noConst)
			if c.val != dynamic {
				cs = append(cs, c)
			}
		}
		out = append(out, &region{place: place{obj: o}, cells: tidy(cs)})
	}
	return out
}

// abstract is v as part of an entry division: it says no more than tells
// variants usefully apart, and takes finitely many values in a recursion.
func (f *flow) abstract(v value, recursive, noConst bool) value {
	v.vary, v.fields = false, nil
	if v.bt == Dynamic && v.refs != nil && len(v.refs.refs) == 0 {
		v.refs = nil
	}
	if noConst && f.decided(v) || !f.hasFacts && !f.decided(v) {
		v.sym = spec.NoSym
	}
	if recursive {
		v.sym = spec.NoSym
		v.refs = f.refs.elements(v.refs)
	}
	return v
}

// apply is the effect of a call of w: the exit of w, by rule (C3). It returns
// false if w does not return, as far as is known.
func (f *flow) apply(i *llir.InstCall, w *Variant) (ret value, returns bool) {
	if !w.exit.reached {
		return value{}, false
	}
	vary := false
	for _, a := range i.Args {
		x := f.operand(a)
		vary = vary || x.vary
	}
	before := f.s.mem
	for _, r := range before {
		if !f.touches(w.Fn, r) {
			continue
		}
		if i, ok := w.exit.mem.index(r.place); ok {
			f.s.mem = f.s.mem.with(r.place, f.returned(r.cells, w.exit.mem[i].cells, &vary))
		} else if r.obj == nil || f.mayWrite(w.Fn, r.obj) {
			f.s.mem = f.s.mem.with(r.place, nil)
		}
	}
	for _, r := range w.exit.mem {
		if _, ok := before.index(r.place); ok || r.obj != nil && r.obj.Kind == ir.ObjStack {
			continue
		}
		f.s.mem = f.s.mem.with(r.place, f.returned(nil, r.cells, &vary))
	}
	for _, o := range w.exit.leaked {
		f.leakObject(o)
	}
	ret = w.exit.ret
	if ret.bt == Static && vary && !f.decided(ret) {
		ret.vary = true
	}
	return ret, true
}

// returned is the content of a region after a call: old where the callee has not
// written, else what it leaves.
func (f *flow) returned(old, exit []cell, vary *bool) []cell {
	for _, c := range old {
		*vary = *vary || c.val.vary
	}
	var out []cell
	for _, c := range exit {
		if c.org != 0 {
			c.org = writtenAt(f.pt)
			if c.val.bt == Static && *vary && !f.decided(c.val) {
				c.val.vary = true
			}
			out = append(out, c)
			continue
		}
		for _, o := range over(old, c.lo, c.hi) {
			if p, ok := o.part(max(o.lo, c.lo), min(o.hi, c.hi)); ok {
				out = append(out, p)
			}
		}
	}
	return tidy(out)
}

// residualCall is a call that stays: of unknown code, or not worth following.
func (f *flow) residualCall(i *llir.InstCall) {
	ret := f.residualEffect(i)
	if ir.HasResult(i) {
		f.def(f.fn().Reg(i), ret)
	}
}

// lends is what a residual call does with its arguments, see ir.Loan.
func (a *analysis) lends(i *llir.InstCall) []ir.Loan {
	l, ok := a.loans[i]
	if !ok {
		l = a.prog.Lends(i)
		a.loans[i] = l
	}
	return l
}

// residualEffect applies rule (C5).
func (f *flow) residualEffect(i *llir.InstCall) value {
	lends := f.lends(i)
	for k, a := range i.Args {
		refs := f.operand(a).refs
		if k >= len(lends) || lends[k] == ir.NotLent || refs == nil {
			f.leak(refs)
			continue
		}
		for _, r := range refs.refs {
			p := place{obj: r.obj}
			f.leakCells(p, 0, 1<<62)
			if lends[k] == ir.LentWrite {
				f.s.mem = f.s.mem.with(p, nil)
			}
		}
	}
	eff := f.mr.Mod(i)
	mem := f.s.mem
	for _, r := range f.s.mem {
		switch {
		case r.obj == nil:
			if eff.Unknown || slices.ContainsFunc(eff.Objs, f.outside) {
				mem = mem.with(r.place, nil)
			}
		case eff.May(r.obj) && f.revealed(r.obj):
			mem = mem.with(r.place, nil)
		}
	}
	f.s.mem = mem
	return dynamic
}

// updateExit joins the states at the returns that are reached, by rule (C4).
func (f *flow) updateExit() {
	v := f.v
	var e exit
	at := mergedAt(v.Fn.End - 1)
	for _, b := range v.Fn.RPO() {
		ret, ok := b.LL.Term.(*llir.TermRet)
		if !ok || v.out[b.ID] == nil {
			continue
		}
		var x value
		if ret.X != nil {
			g := flow{analysis: f.analysis, v: v, b: b, pt: b.TermPoint(), s: *v.out[b.ID]}
			x = g.operand(ret.X)
		}
		if !e.reached {
			e = exit{reached: true, ret: x, state: *v.out[b.ID]}
			continue
		}
		e.ret = f.joinValue(e.ret, x, false)
		e.state = f.joinState(&e.state, v.out[b.ID], at|freshBit, false)
	}
	e.mem = e.mem.settleOrigins(at)
	if !e.reached {
		return
	}
	f.generalizeExit(&e, at)
	e.gen = nil
	e.mem = slices.DeleteFunc(slices.Clone(e.mem), func(r *region) bool {
		_, passed := v.entry.mem.index(r.place)
		return !passed && r.obj != nil && r.obj.Kind == ir.ObjStack
	})
	e.leaked = slices.DeleteFunc(slices.Clone(e.leaked), func(o *ir.Object) bool {
		_, passed := v.entry.mem.index(place{obj: o})
		return o.Kind != ir.ObjHeap && !passed && !hasObject(v.entry.leaked, o)
	})
	if v.exit.reached && v.exit.ret == e.ret && sameState(&v.exit.state, &e.state) {
		return
	}
	v.exit = e
	for _, c := range v.callers {
		f.enqueue(c.v, c.b)
	}
}

// generalizeExit makes dynamic what the exit join says.
func (f *flow) generalizeExit(e *exit, at origin) {
	v := f.v
	if v.lostReturn && e.ret.bt == Static { // (R1)
		for _, r := range refsOf(e.ret) {
			if (place{obj: r.obj}).local() {
				e.leaked = unionObjects(e.leaked, []*ir.Object{r.obj})
			}
		}
		e.ret = value{bt: Dynamic, refs: e.ret.refs}
	}
	j := v.exitJoin
	if j == nil {
		return
	}
	if len(j.phis) > 0 || e.ret.bt == Dynamic {
		e.ret = value{bt: Dynamic, refs: e.ret.refs}
	} else if f.varying && j.splits && e.ret.bt == Static && !f.decided(e.ret) && v.returnsDiffer() {
		e.ret.vary = true
	}
	for _, c := range j.cells {
		e.mem = e.mem.with(c.place(), cut(e.mem.cells(c.place()), c.Lo, c.Hi))
	}
	if !j.splits || !f.varying {
		return
	}
	for _, r := range e.mem {
		cs := slices.Clone(r.cells)
		for k := range cs {
			if cs[k].org == at && cs[k].val.bt == Static && !f.decided(cs[k].val) {
				cs[k].val.vary = true
			}
		}
		e.mem = e.mem.with(r.place, cs)
	}
}

// returnsDiffer reports whether different returns may yield different values.
func (v *Variant) returnsDiffer() bool {
	var first irvalue.Value
	for _, b := range v.Fn.RPO() {
		ret, ok := b.LL.Term.(*llir.TermRet)
		if !ok || v.out[b.ID] == nil || ret.X == nil {
			continue
		}
		if first == nil {
			first = ret.X
		} else if first != ret.X {
			return true
		}
	}
	return false
}
