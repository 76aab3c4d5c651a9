package bta

// This file runs the analysis again with remedies taken for granted, to find out
// whether they help, and which of them are needed.

import (
	"fmt"
	"slices"
	"strings"

	"quasi/ir"
	"quasi/ir/spec"
)

// assumed is what an analysis takes for granted beside the specification.
type assumed struct {
	params map[int]bool      // have static values
	static []Cell            // are static at entry
	named  []Cell            // have a symbol at entry, as if a predicate read them
	conds  map[spec.Sym]bool // are static
	ignore map[ir.Point]bool // have no effect that is not known: calls, writes, volatile accesses
}

// ignored reports whether what is done at pt is taken to be harmless.
func (a *analysis) ignored(pt ir.Point) bool { return a.cfg.assumed != nil && a.cfg.assumed.ignore[pt] }

// holds reports whether sym is taken to be static.
func (a *analysis) holds(sym spec.Sym) bool { return a.cfg.assumed != nil && a.cfg.assumed.conds[sym] }

// assume adds to the entry division what is taken for granted.
func (a *analysis) assume(e *entry) {
	as := a.cfg.assumed
	if as == nil {
		return
	}
	for i := range as.params {
		e.args[i].bt = Static
		if isPointer(a.cfg.Variant.Fn.LL.Params[i]) && e.args[i].refs == nil {
			e.args[i].refs = a.refs.one(a.constantObject(-1), 0)
		}
	}
	for _, c := range as.named {
		a.enterCell(e, c, Dynamic)
	}
	for _, c := range as.static {
		a.enterCell(e, c, Static)
	}
}

// enterCell puts a cell with its symbol into the memory at entry, where none is.
func (a *analysis) enterCell(e *entry, c Cell, bt BindingTime) {
	p, size := c.place(), c.Hi-c.Lo
	if p.obj != nil && p.obj.Const {
		return
	}
	val := value{bt: bt}
	if base := a.start(p); base != spec.NoSym && size <= 8 {
		val.sym = a.facts.Load(a.facts.Op(spec.OpAdd, 64, base, a.facts.Const(uint64(c.Lo), 64)), size)
	}
	val = a.settle(val)
	cs := cut(e.mem.cells(p), c.Lo, c.Hi)
	if len(over(cs, c.Lo, c.Hi)) > 0 || bt == Dynamic && len(over(e.mem.cells(p), c.Lo, c.Hi)) > 0 {
		return
	}
	key := termKey{p, c.Lo, size}
	e.mem = e.mem.with(p, put(cs, cell{lo: c.Lo, hi: c.Hi, val: val, tag: a.termTags[key]}))
	a.terms[key] = true
	if p.obj == nil {
		a.bases[p.base] = true
	}
}

// A verdict is what an explanation is about: register r as seen at pt of v or,
// with ir.NoReg, what is done at pt.
type verdict struct {
	v  *Variant
	pt ir.Point
	r  ir.Reg
}

// dynamic reports whether the verdict is dynamic for v, another variant of the
// function.
func (g verdict) dynamic(v *Variant) bool {
	if v.in[v.an.prog.BlockAt(g.pt).ID] == nil {
		return false
	}
	if g.r == ir.NoReg {
		return v.Exec(g.pt) == Dynamic
	}
	f := v.replay(g.pt)
	return f != nil && f.operand(v.Fn.Values[g.r]).bt == Dynamic
}

// in are the variants of res that stand for g's: those called from where it is,
// else all of its function.
func (g verdict) in(res *Result) []*Variant {
	var all, same []*Variant
	for _, w := range res.Variants {
		if w.Fn != g.v.Fn {
			continue
		}
		all = append(all, w)
		if w.calledLike(g.v) {
			same = append(same, w)
		}
	}
	if len(same) > 0 {
		return same
	}
	return all
}

// calledLike reports whether some call of w stands where one of v does.
func (w *Variant) calledLike(v *Variant) bool {
	if v == v.an.entry {
		return w == w.an.entry
	}
	for _, c := range v.callers {
		for _, d := range w.callers {
			if c.v.live && d.v.live && c.b == d.b {
				return true
			}
		}
	}
	return false
}

// Bounds of the search for remedies: analyses that one Result runs again, fewer where
// each interprets many instructions; rounds for one verdict; and remedies of which
// each is tried without.
const (
	maxTries  = 64
	minTries  = 6
	maxWork   = 10_000_000
	maxRounds = 4
	maxNeeded = 8
)

// tries is how many analyses may be run again.
func (a *analysis) tries() int {
	if a.cfg.MaxTries == 0 {
		return min(max(maxWork/max(a.work, 1), minTries), maxTries)
	}
	return max(a.cfg.MaxTries, 0)
}

// A trial is an attempt to make a verdict static.
type trial struct {
	cures   []cure
	checked bool
	hope    bool // nothing stands against it that cannot be removed
}

// weight compares trials: it prefers few cures, values to code.
func (t trial) weight() int {
	w := 0
	for _, c := range t.cures {
		switch c.kind {
		case FixParam:
			w += 10
		case StateCell:
			w += 12
		case StateCondition:
			w += 15
		default:
			w += 30
		}
	}
	return w
}

// remedies finds what makes g static, e being the question about it. named is the
// chain of causes where memory at entry has symbols, nil if there is none.
func (a *analysis) remedies(g verdict, e *explainer) (cures []cure, checked bool, named []Cause) {
	s := &search{analysis: a, goal: g}
	complete := e.explore()
	// Where memory at entry has symbols, more of it can be told apart, and
	// conditions on it can be stated.
	for range maxRounds {
		asked := g.r
		if len(e.nodes) > 0 && e.nodes[0].q.kind == askPoint {
			asked = ir.NoReg
		}
		next := s.further(e, asked)
		if next == nil {
			break
		}
		e = next
		named = e.search()
		complete = e.explore()
	}
	if len(e.nodes) == 0 {
		return nil, false, nil
	}
	best := better(s.attempt(e.cures(false), false), s.attempt(e.cures(true), true))
	if best.checked && len(best.cures) > 1 && len(best.cures) <= maxNeeded {
		best.cures = fewest(best.cures, func(cs []cure) bool {
			res := s.run(cs)
			return res != nil && s.stillDynamic(res) == nil
		})
	}
	if slices.ContainsFunc(best.cures, a.partly) {
		best.checked = false
	}
	if !best.hope {
		best.cures = slices.DeleteFunc(best.cures, cure.assumable)
	}
	return best.cures, best.checked && complete, named
}

// further asks the question of e again, about r, where memory at entry has the
// symbols that e gives reason for; nil if there are no more of them, or the
// verdict is static then.
func (s *search) further(e *explainer, r ir.Reg) *explainer {
	if !s.name(e.cures(false)) {
		return nil
	}
	res := s.run(nil)
	if res == nil {
		return nil
	}
	if w := s.stillDynamic(res); w != nil {
		return newExplainer(w, s.goal.pt, r)
	}
	return nil
}

// ExplainLeft tells why the call of fn at pt of v is left as it is, and what would
// have the analysis follow it and find no point of at, which are in fn, dynamic.
func ExplainLeft(v *Variant, pt ir.Point, fn *ir.Func, at []ir.Point) *Explanation {
	a := v.an
	e := newExplainer(v, pt, ir.NoReg)
	chain := e.search()
	if chain == nil {
		return nil
	}
	x := &Explanation{Chain: chain}
	s := &search{analysis: a, goal: verdict{v: v, pt: pt, r: ir.NoReg}}
	for range maxRounds {
		e.explore()
		next := s.further(e, ir.NoReg)
		if next == nil {
			break
		}
		e = next
	}
	follows := func(cs []cure) bool {
		res := s.run(cs)
		if res == nil {
			return false
		}
		reached := false
		for _, w := range res.Variants {
			if w.Fn != fn {
				continue
			}
			reached = reached || len(at) == 0
			for _, q := range at {
				if w.in[a.prog.BlockAt(q).ID] != nil {
					reached = true
					if w.Exec(q) == Dynamic {
						return false
					}
				}
			}
		}
		return reached
	}
	all := slices.DeleteFunc(e.cures(false), func(c cure) bool { return !c.assumable() })
	var tries [][]cure // each alone, then all together
	for i := range all {
		tries = append(tries, all[i:i+1])
	}
	if len(all) > 1 {
		tries = append(tries, all)
	}
	for _, cs := range tries {
		if !follows(cs) {
			continue
		}
		for _, c := range fewest(cs, follows) {
			x.Remedies = append(x.Remedies, c.remedy(a))
		}
		x.Checked = true
		return x
	}
	x.Remedies = []Remedy{{Kind: NoRemedy, Text: "nothing that could be said of its arguments is known to decide this", Pt: pt, Pos: a.prog.Position(pt)}}
	return x
}

// partly reports whether what c states is less than what was assumed: bit-fields that
// leave bits of their unit open.
func (a *analysis) partly(c cure) bool {
	if c.kind != StateCell {
		return false
	}
	bits, full := a.bitFields(c.cell)
	return bits != nil && !full
}

// name adds the cells that cs states to those that have symbols; it reports
// whether there are new ones.
func (s *search) name(cs []cure) bool {
	n := len(s.named)
	for _, c := range cs {
		if c.kind == StateCell && !slices.Contains(s.named, c.cell) {
			s.named = append(s.named, c.cell)
		}
	}
	return len(s.named) > n
}

func better(x, y trial) trial {
	switch {
	case !y.hope || y.checked != x.checked && x.checked:
		return x
	case !x.hope || y.checked && !x.checked || y.weight() < x.weight():
		return y
	}
	return x
}

// A search looks for cures of one verdict.
type search struct {
	*analysis
	goal  verdict
	named []Cell // all cells that some cure states
}

// attempt tries cs, and with what is still in the way as long as it is dynamic.
func (s *search) attempt(cs []cure, conditions bool) trial {
	for range maxRounds {
		s.name(cs)
		if slices.ContainsFunc(cs, func(c cure) bool { return !c.assumable() }) {
			return trial{cures: cs}
		}
		res := s.run(cs)
		if res == nil {
			return trial{cures: cs, hope: true}
		}
		w := s.stillDynamic(res)
		if w == nil {
			return trial{cures: cs, hope: true, checked: true}
		}
		e := newExplainer(w, s.goal.pt, s.goal.r)
		e.explore()
		if len(e.nodes) == 0 {
			break
		}
		more := s.distinct(append(slices.Clone(cs), e.cures(conditions)...))
		if len(more) == len(cs) {
			break
		}
		cs = more
	}
	return trial{cures: cs, hope: true}
}

// stillDynamic is a variant of res for which the verdict is dynamic, nil if
// there is none.
func (s *search) stillDynamic(res *Result) *Variant {
	for _, w := range s.goal.in(res) {
		if s.goal.dynamic(w) {
			return w
		}
	}
	return nil
}

// fewest leaves out of cs, which is enough, what is not needed; one of several stays.
func fewest(cs []cure, enough func([]cure) bool) []cure {
	for i := 0; i < len(cs) && len(cs) > 1; {
		if less := slices.Delete(slices.Clone(cs), i, i+1); enough(less) {
			cs = less
			continue
		}
		i++
	}
	return cs
}

// run analyzes again with cs taken for granted; nil if that has been done too
// often.
func (s *search) run(cs []cure) *Result {
	a := s.analysis
	as := &assumed{params: make(map[int]bool), conds: make(map[spec.Sym]bool), ignore: make(map[ir.Point]bool), named: s.named}
	var key strings.Builder
	for _, c := range cs {
		switch c.kind {
		case FixParam:
			as.params[c.param] = true
		case StateCell:
			as.static = append(as.static, c.cell)
		case StateCondition:
			as.conds[c.sym] = true
			as.conds[a.facts.Op(spec.OpXor, 1, c.sym, a.facts.Const(1, 1))] = true
		default:
			as.ignore[c.pt] = true
		}
		fmt.Fprint(&key, c.kind, c.param, c.cell, c.sym, c.pt, ";")
	}
	fmt.Fprint(&key, s.named)
	if res, ok := a.trials[key.String()]; ok {
		return res
	}
	if len(a.trials) >= a.tries() {
		return nil
	}
	delete(as.conds, spec.NoSym)
	cfg := a.cfg
	cfg.assumed, cfg.Log, cfg.Shuffle = as, nil, nil
	res, err := Analyze(cfg)
	if err != nil {
		res = nil
	}
	if a.trials == nil {
		a.trials = make(map[string]*Result)
	}
	a.trials[key.String()] = res
	return res
}
