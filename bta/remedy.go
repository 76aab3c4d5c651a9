package bta

// This file holds Explain: the chain of causes of a dynamic verdict, and what
// would make it static. Candidates come from the graph of causes; they are
// assumed, the analysis runs again, and tells whether that is enough (whatif.go).

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"

	"quasi/ir"
	"quasi/ir/spec"
)

// A RemedyKind classifies remedies.
type RemedyKind uint8

// Remedies. The zero kind says that none is known.
const (
	NoRemedy       RemedyKind = iota // nothing that a user can state or change is known to help
	FixParam                         // state the value of a parameter of the entry function
	StateCell                        // state what memory holds at entry, a quasi-invariant
	StateCondition                   // state that a condition holds, a quasi-invariant
	GiveBody                         // give the body of a function, by linking its source
	RuleOutAlias                     // rule out that a write or pointer means some memory
	RemoveVolatile                   // take away volatile or atomic
	RaiseBudget                      // raise a limit
	NothingLost                      // nothing static needs it: there is nothing to gain
)

var remedyNames = [...]string{
	NoRemedy: "none", FixParam: "fix-parameter", StateCell: "state-memory", StateCondition: "state-condition",
	GiveBody: "give-body", RuleOutAlias: "rule-out-alias", RemoveVolatile: "remove-volatile",
	RaiseBudget: "raise-budget", NothingLost: "nothing-lost",
}

// String is the kind as JSON has it, such as `fix-parameter`.
func (k RemedyKind) String() string { return remedyNames[k] }

// A Remedy is something that a user can state or change so that a cause of a
// dynamic verdict is gone. Of the kinds NoRemedy and NothingLost Text says why
// there is none.
type Remedy struct {
	Kind RemedyKind
	Text string      // for people, such as `fix parameter n`, without the flag
	Flag string      // what to add to the command line, such as `--static n=VALUE`; may be empty
	Pt   ir.Point    // the cause that it removes
	Pos  ir.Position // of Pt
}

// String is the text with the flag.
func (r Remedy) String() string {
	if r.Flag == "" {
		return r.Text
	}
	return r.Text + ": " + r.Flag
}

// An Explanation tells why something is dynamic: a shortest chain of causes,
// and the remedies that together, not each alone, make it static.
type Explanation struct {
	Chain    []Cause
	Remedies []Remedy

	// Checked tells that the analysis, run again with what the remedies state taken
	// for granted, finds it static, and that none of them can be left out.
	// Where it is false there may be more causes than those that the remedies remove.
	Checked bool
}

// Explain tells why register r is dynamic as seen at pt of v or, with ir.NoReg,
// why the instruction at pt is residual, and what would make it static. It
// returns nil where Why does. It may run the analysis again, a bounded number of
// times for one Result.
func Explain(v *Variant, pt ir.Point, r ir.Reg) *Explanation {
	e := newExplainer(v, pt, r)
	chain := e.search()
	if chain == nil {
		return nil
	}
	x := &Explanation{}
	goal := verdict{v: v, pt: pt, r: r}
	if ret, ok := v.an.prog.UserAt(pt).(*llir.TermRet); ok && r == ir.NoReg && ret.X != nil {
		goal.r = v.Fn.Reg(ret.X) // what is returned, as the return itself stays
	}
	cures, checked, named := v.an.remedies(goal, e)
	x.Chain, x.Checked = chain, checked
	if named != nil && len(named) <= len(chain) {
		x.Chain = v.an.ofOurs(named)
	}
	slices.SortStableFunc(cures, func(c, d cure) int {
		return cmp.Or(cmp.Compare(c.kind, d.kind), cmp.Compare(c.param, d.param))
	})
	for _, c := range cures {
		r := c.remedy(v.an)
		if !slices.ContainsFunc(x.Remedies, func(o Remedy) bool { return o.Kind == r.Kind && o.String() == r.String() }) {
			x.Remedies = append(x.Remedies, r)
		}
	}
	return x
}

// ofOurs is a chain of another run of the analysis, with our variants in it.
func (a *analysis) ofOurs(chain []Cause) []Cause {
	for i := range chain {
		theirs := chain[i].In
		if theirs == nil {
			continue
		}
		chain[i].In = nil
		for _, w := range a.variants {
			if w.live && w.Fn == theirs.Fn && w.calledLike(theirs) {
				chain[i].In = w
				break
			}
		}
	}
	return chain
}

// A cure is a Remedy as the search has it: comparable, so that causes with the
// same one share it.
type cure struct {
	kind  RemedyKind
	param int      // of FixParam
	cell  Cell     // of StateCell
	sym   spec.Sym // of StateCondition
	pt    ir.Point // of the cause
	text  string   // what Text is if the kind does not say it
	flag  string
}

// key is c without what tells causes with one remedy apart.
func (c cure) key() cure {
	switch c.kind {
	case FixParam, StateCell, StateCondition:
		c.pt, c.text = 0, ""
	}
	return c
}

// assumable reports whether the analysis can take c for granted.
func (c cure) assumable() bool {
	switch c.kind {
	case FixParam, StateCell, StateCondition, GiveBody, RuleOutAlias, RemoveVolatile:
		return true
	}
	return false
}

// unqualified is the cure of a volatile or atomic access.
func unqualified(atomic bool) cure {
	if atomic {
		return cure{kind: RemoveVolatile, text: "make the access a plain one, if no other thread takes part"}
	}
	return cure{kind: RemoveVolatile, text: "remove the qualifier volatile, if nothing else reads or writes the object"}
}

// aliasOf is the cure of a write that may hit a cell.
func aliasOf(name string) cure {
	return cure{kind: RuleOutAlias, text: fmt.Sprintf("rule out that this store writes %s: copy %s to a local variable before it, or keep the pointer away from it", name, name)}
}

// bodyOf is the cure of a residual call of c; p is the plan that leaves it, nil
// if the callee is not known.
func (e *explainer) bodyOf(c *llir.InstCall, p *callee) cure {
	if p == nil {
		if _, asm := c.Callee.(*llir.InlineAsm); asm {
			return cure{text: "inline assembly is never known"}
		}
		return cure{kind: RuleOutAlias, text: "let the analysis know what is called: give the function pointer a static value"}
	}
	switch p.reason.Kind {
	case UnknownCall:
		return cure{kind: GiveBody, text: fmt.Sprintf("give the body of @%s: add the file that defines it to the inputs", p.fn.Name())}
	case NoStaticInput:
		return cure{kind: NothingLost, text: p.reason.Text}
	}
	return cure{text: p.reason.Text}
}

// remedy is c for people.
func (c cure) remedy(a *analysis) Remedy {
	if c.kind == NoRemedy && c.text == "" {
		c.text = unexplained
	}
	r := Remedy{Kind: c.kind, Text: c.text, Flag: c.flag, Pt: c.pt, Pos: a.prog.Position(c.pt)}
	if c.kind == FixParam || c.kind == StateCell {
		r.Pos = a.prog.PositionOf(a.entry.Fn)
	}
	switch c.kind {
	case FixParam:
		name, ok := a.speller().Param(c.param)
		if !ok {
			name = a.entry.Fn.LL.Params[c.param].Ident()
			r.Text = fmt.Sprintf("parameter %s would have to be fixed, which no specification can: it is a piece of a C parameter", name)
			r.Kind = NoRemedy
			return r
		}
		r.Text = "fix parameter " + name
		value := "VALUE"
		if isPointer(a.entry.Fn.LL.Params[c.param]) {
			value = "'&VARIABLE'"
			r.Text += " to the address of constant data"
		}
		if name[0] == '#' {
			name = "'" + name + "'"
		}
		r.Flag = "--static " + name + "=" + value
	case StateCell:
		text, ok := a.spelledCell(c.cell)
		bits, _ := a.bitFields(c.cell)
		switch {
		case ok:
			r.Text = "state what " + text + " holds"
			r.Flag = "--when '" + text + " == VALUE'"
			if a.holdsPointer(c.cell) {
				r.Flag = "--when '" + text + " == &VARIABLE'"
			}
		case bits != nil:
			r.Text = "state what " + strings.Join(bits, ", ") + " hold"
			for i, b := range bits {
				if i > 0 {
					r.Flag += " "
				}
				r.Flag += "--when '" + b + " == VALUE'"
			}
		case c.cell.Obj != nil:
			r.Text = fmt.Sprintf("give %s constant contents: declare it const, with its values", objectText(a.prog, c.cell.Obj))
		default:
			r.Kind = NoRemedy
			r.Text = fmt.Sprintf("no predicate can say what %s holds", a.cellName(c.cell))
		}
	case StateCondition:
		text, _ := a.condition(c.sym)
		r.Text = "state how " + text + " turns out"
		r.Flag = "--when '" + text + "'"
	case RaiseBudget:
		if r.Text == "" {
			r.Text = "raise the limit of the specializer that was spent"
		} else {
			r.Text = "raise the limit: " + r.Text
		}
	}
	return r
}

// explore answers all questions, up to maxExplored, and reports whether that
// was all.
func (e *explainer) explore() bool {
	for i := 0; i < len(e.nodes); i++ {
		if i == maxExplored {
			return false
		}
		if e.nodes[i].cause == nil && e.nodes[i].next == nil {
			e.reply(i)
		}
	}
	return true
}

// maxExplored bounds the graph of causes.
const maxExplored = 4000

// cures collects what removes the roots of the graph: all of them, since each
// alone makes the verdict dynamic. With conditions, a condition that can be stated
// is not followed to its operands.
func (e *explainer) cures(conditions bool) []cure {
	var out, lost []cure
	seen := make([]bool, len(e.nodes))
	seen[0] = true
	queue := []int{0}
	for len(queue) > 0 {
		n := &e.nodes[queue[0]]
		queue = queue[1:]
		stop := false
		switch c := n.cure; {
		case c.kind == StateCondition:
			if stop = conditions && e.sayable(c.sym); stop {
				out = append(out, c)
			}
		case c.kind != NoRemedy && c.kind != NothingLost || len(n.next) == 0:
			stop = true
			out = append(out, c)
		case c.kind == NothingLost:
			lost = append(lost, c)
		}
		for _, k := range n.next {
			if !stop && !seen[k] {
				seen[k] = true
				queue = append(queue, k)
			}
		}
	}
	if len(out) == 0 {
		out = lost
	}
	return e.distinct(out)
}

// maxCellsStated is how many cells of one object are stated one by one.
const maxCellsStated = 4

// distinct is cs without repetitions. Where it states many cells of one object,
// one cure stands for them: the object as a whole, or the pointer to it.
func (a *analysis) distinct(cs []cure) []cure {
	var out []cure
	cells := make(map[place][]cure)
	add := func(c cure) {
		if !slices.ContainsFunc(out, func(o cure) bool { return o.key() == c.key() }) {
			out = append(out, c)
		}
	}
	for _, c := range cs {
		if c.kind != StateCell {
			add(c)
			continue
		}
		p := c.cell.place()
		if !slices.ContainsFunc(cells[p], func(o cure) bool { return o.cell == c.cell }) {
			cells[p] = append(cells[p], c)
		}
	}
	for _, c := range cs {
		if c.kind == StateCell {
			for _, c := range a.merged(cells[c.cell.place()]) {
				add(c)
			}
		}
	}
	return out
}

// merged is cs, the cells of one place, as few cures.
func (a *analysis) merged(cs []cure) []cure {
	spelled := true
	all := cs[0]
	for _, c := range cs {
		_, ok := a.spelledCell(c.cell)
		bits, _ := a.bitFields(c.cell)
		spelled = spelled && (ok || bits != nil)
		all.cell.Lo, all.cell.Hi = min(all.cell.Lo, c.cell.Lo), max(all.cell.Hi, c.cell.Hi)
	}
	if len(cs) <= maxCellsStated && spelled {
		return cs
	}
	if i, ok := a.paramAt(all.cell.Base); ok && all.cell.Obj == nil {
		return []cure{{kind: FixParam, param: i, pt: all.pt}}
	}
	return []cure{all}
}

// paramAt is the parameter whose value is sym.
func (a *analysis) paramAt(sym spec.Sym) (i int, ok bool) {
	for i, x := range a.entry.Fn.LL.Params {
		if isPointer(x) && a.facts.Param(i, 64) == sym && sym != spec.NoSym {
			return i, true
		}
	}
	return 0, false
}

// sayable reports whether a predicate can state sym.
func (e *explainer) sayable(sym spec.Sym) bool {
	_, ok := e.condition(sym)
	return ok
}

// condition writes a condition, or its opposite if that says that two values are equal.
func (a *analysis) condition(sym spec.Sym) (text string, ok bool) {
	text, ok = a.speller().Value(sym)
	if !ok || strings.Contains(text, " != ") {
		if opposite, ok := a.speller().Value(a.facts.Op(spec.OpXor, 1, sym, a.facts.Const(1, 1))); ok {
			return opposite, true
		}
	}
	return text, ok
}
