package main

// This file checks scenarios: what a specification expects of binding times is
// compared with what the analysis finds, before anything is written.

import (
	"errors"
	"slices"

	llir "github.com/llir/llvm/ir"

	"quasi/bta"
	"quasi/ir"
	"quasi/ir/spec"
)

// An unmet is an expectation that the analysis does not meet, with the reasons.
type unmet struct {
	fault   *spec.Error
	p       *pipeline
	answers []answer // of what is dynamic against expectation
}

// Error is what is not as expected, without the reasons.
func (u *unmet) Error() string { return u.fault.Error() }

// report prints the error, and the causes and remedies as notes.
func (u *unmet) report(d *diagnostics) {
	d.printSpec("error", u.fault)
	for _, g := range groups(u.answers) {
		u.p.printGroup(d, g, "note")
	}
}

// checkExpectations compares what the specification expects with what the
// analysis says; the errors are joined. An analysis without some sensitivity is for
// comparison, and need not find what is expected of the full one.
func (p *pipeline) checkExpectations() error {
	if p.mode != (bta.Mode{}) {
		if !p.quiet && slices.ContainsFunc(p.variants, func(v *variant) bool { return len(v.Expect) > 0 }) {
			p.diag.print(diagnostic{kind: "note", text: "what is expected of binding times is not checked: it is expected of the full analysis"})
		}
		return nil
	}
	var errs []error
	for _, v := range p.variants {
		for _, x := range v.Expect {
			if err := p.checkExpectation(v, x); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// checkExpectation checks one expectation of v.
func (p *pipeline) checkExpectation(v *variant, x spec.Expectation) error {
	q, err := parseQuestion(x.Key.Value)
	if err != nil {
		return x.Key.Errorf("%v", err)
	}
	found := p.expected(v, q)
	if len(found) == 0 {
		n := p.names(v)
		n.entry = v.Fn
		msg, hint := n.nothing(q)
		e := x.Key.Errorf("%s", msg)
		e.Hint = hint
		return e
	}
	matters := found
	if q.line > 0 {
		matters = ofLine(found, func(f finding) answer { return f.answer })
	}
	not := func(t bta.BindingTime) func(finding) bool { return func(f finding) bool { return f.time != t } }
	got := "static-and-dynamic"
	switch {
	case !slices.ContainsFunc(matters, not(bta.Static)):
		got = "static"
	case !slices.ContainsFunc(found, not(bta.Dynamic)):
		got = "dynamic"
	}
	if got == x.Time.Value {
		return nil
	}
	u := &unmet{fault: x.Key.Errorf("'%s' is %s, not %s as expected", x.Key, got, x.Time), p: p}
	for _, f := range matters {
		if f.time != bta.Dynamic || x.Time.Value == "dynamic" {
			continue
		}
		if f.explain = f.why(); f.explain != nil {
			u.answers = append(u.answers, f.answer)
		}
	}
	switch {
	case got == "static" || x.Time.Value == "dynamic":
		u.fault.Hint = "if that is well, expect " + got
	case len(u.answers) == 0:
		u.fault.Hint = "some of it is done at both times: what it writes outlives specialization"
	}
	return u
}

// A finding is something that an expectation names, with its binding time.
type finding struct {
	answer
	time bta.BindingTime
	ask  ir.Reg // what an explanation is about, ir.NoReg: the instruction

	left  *ir.Func   // whose call it is, if that is left to run time
	doing []ir.Point // what of it is asked about, if not the call
}

// why explains a dynamic finding.
func (f finding) why() *bta.Explanation {
	if f.left != nil {
		return bta.ExplainLeft(f.v, f.at.pt, f.left, f.doing)
	}
	if f.ask != ir.NoReg {
		return bta.Explain(f.v, f.at.pt, f.ask)
	}
	return f.at.explain(f.v)
}

// expected lists what q names in the analysis of v.
func (p *pipeline) expected(v *variant, q question) (found []finding) {
	line := q
	if q.file == "" && q.fn == "" {
		line.file = p.prog.PositionOf(v.Fn).File // a bare line is one of the function's own file
	}
	for _, bv := range v.bta.Variants {
		entry := bv == v.bta.Entry
		switch {
		case q.line > 0:
			for _, a := range p.askedFor(bv, line) {
				found = append(found, finding{answer: answer{of: v, v: bv, at: a}, time: bv.Exec(a.pt), ask: ir.NoReg})
			}
		case q.value == "result" && (q.fn == "" && entry || q.fn != "" && p.isFunction(bv.Fn, q.fn)):
			found = append(found, p.results(v, bv)...)
		case q.fn == "" && !entry:
		case q.fn != "" && !p.isFunction(bv.Fn, q.fn):
		default:
			for _, a := range p.valuesCalled(bv, q.value) {
				time := bv.Exec(a.pt)
				if a.reg != ir.NoReg {
					time = valueTime(bv.Reg(a.reg))
				}
				found = append(found, finding{answer: answer{of: v, v: bv, at: a}, time: time, ask: ir.NoReg})
			}
		}
	}
	if len(found) == 0 && q.line == 0 && q.fn == "" {
		found = p.callsOf(v, q.value)
	}
	if len(found) == 0 {
		found = p.generic(v, q)
	}
	return found
}

// generic are the calls of the function that q names something in, if the analysis does
// not follow them: then all of it is left to run time.
func (p *pipeline) generic(v *variant, q question) []finding {
	n := p.names(v)
	name := q.fn
	if name == "" && q.line > 0 {
		name = q.file
	}
	f := n.function(name)
	switch {
	case name == "" || f == nil || f.IsDecl() || n.reach[f]:
		return nil
	case q.line > 0 && !hasLine(f, q.line):
		return nil
	case q.line == 0 && q.value != "result" && !slices.Contains(n.variablesOf(f), q.value):
		return nil
	}
	calls := p.callsOf(v, name)
	var at []ir.Point
	for pt := f.First; pt < f.End && q.line > 0; pt++ {
		if onLine(f, pt, q.line) {
			at = append(at, pt)
		}
	}
	for i := range calls {
		calls[i].left, calls[i].doing = f, p.doing(f, at)
	}
	return calls
}

// doing are those of the points of f whose values no other of them uses.
func (p *pipeline) doing(f *ir.Func, at []ir.Point) []ir.Point {
	return slices.DeleteFunc(slices.Clone(at), func(pt ir.Point) bool {
		r := p.regAt(f, pt)
		return r != ir.NoReg && slices.ContainsFunc(f.Uses().Of(r), func(u ir.Use) bool { return slices.Contains(at, u.Pt) })
	})
}

// valueTime is the binding time of a value: that residual code needs it, too, makes
// it no less static.
func valueTime(bt bta.BindingTime) bta.BindingTime {
	if bt.IsStatic() {
		return bta.Static
	}
	return bta.Dynamic
}

// results are the values that bv returns.
func (p *pipeline) results(v *variant, bv *bta.Variant) (found []finding) {
	for _, b := range bv.Fn.Blocks {
		ret, ok := b.LL.Term.(*llir.TermRet)
		if !ok || !bv.Reached(b) || ret.X == nil {
			continue
		}
		f := finding{answer: answer{of: v, v: bv, at: asked{b.TermPoint(), ir.NoReg}}, time: valueTime(bv.Use(b.TermPoint(), 0)), ask: bv.Fn.Reg(ret.X)}
		if bv.Result() == bta.Dynamic && f.time == bta.Static {
			f.time = bta.StaticDynamic // known here, and merged with what is not
		}
		found = append(found, f)
	}
	return found
}

// callsOf are the calls of a function: static where they leave no residual call.
func (p *pipeline) callsOf(v *variant, name string) (found []finding) {
	for _, bv := range v.bta.Variants {
		for _, b := range bv.Fn.Blocks {
			for pt := b.First; pt < b.TermPoint() && bv.Reached(b); pt++ {
				call, ok := p.prog.InstAt(pt).(*llir.InstCall)
				if !ok {
					continue
				}
				callee, ok := ir.Unwrap(call.Callee).(*llir.Func)
				if !ok || callee.Name() != name && p.prog.Names().ValueName(callee) != name {
					continue
				}
				f := finding{answer: answer{of: v, v: bv, at: asked{pt, p.regAt(bv.Fn, pt)}}, time: bta.Static, ask: ir.NoReg}
				switch fn := p.prog.FuncOf(callee); {
				case fn == nil || fn.IsDecl(): // of the C library
					f.time = bv.Exec(pt)
				case bv.Call(pt, fn).Action != bta.Unfold:
					f.time, f.left = bta.Dynamic, fn
				}
				found = append(found, f)
			}
		}
	}
	return found
}
