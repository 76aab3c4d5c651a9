package main

// This file answers `quasi analyze --why`: what makes a line or value dynamic,
// and what would make it static.

import (
	"fmt"
	"io"
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"

	"quasi/bta"
	"quasi/ir"
)

// An answer is what the analysis says of one point that a question means.
type answer struct {
	of      *variant     // the specialization
	v       *bta.Variant // of the function that is asked about
	at      asked
	explain *bta.Explanation // nil: it is static
}

// answers asks the analysis about everything that q means.
func (p *pipeline) answers(q question) (all []answer) {
	for _, v := range p.variants {
		for _, bv := range v.bta.Variants {
			for _, a := range p.askedFor(bv, p.inFile(v, q)) {
				w := answer{of: v, v: bv, at: a}
				if a.dynamic(bv) {
					w.explain = a.explain(bv)
				}
				all = append(all, w)
			}
		}
	}
	if len(all) > 0 {
		return all
	}
	for _, v := range p.variants { // a result, a function, or something in one that is not followed
		for _, f := range p.expected(v, q) {
			if f.time != bta.Static {
				f.explain = f.why()
			}
			all = append(all, f.answer)
		}
	}
	return all
}

// inFile is q, of a bare line in the file of v's function if that has code on it.
func (p *pipeline) inFile(v *variant, q question) question {
	own := p.prog.PositionOf(v.Fn).File
	if q.line > 0 && q.file == "" && q.fn == "" && withLine(p.prog, own, q.line, nil) != nil {
		q.file = own
	}
	return q
}

// why answers --why on w, as text or JSON.
func (p *pipeline) why(w io.Writer, arg string, asJSON bool) error {
	q, err := parseQuestion(arg)
	if err != nil {
		return err
	}
	all := p.answers(q)
	if len(all) == 0 {
		return p.names(p.variants...).missing(fmt.Sprintf("--why %s", arg), p.inFile(p.variants[0], q))
	}
	if asJSON {
		return p.encodeAnswers(w, arg, all)
	}
	if q.line > 0 {
		all = ofLine(all, func(a answer) answer { return a })
	}
	d := newDiagnostics(w, wantsColour(w))
	printed := 0
	for _, v := range p.variants {
		var dynamic, static []answer
		for _, a := range all {
			switch {
			case a.of != v:
			case a.explain != nil:
				dynamic = append(dynamic, a)
			default:
				static = append(static, a)
			}
		}
		if len(p.variants) > 1 && len(dynamic)+len(static) > 0 {
			fmt.Fprintf(w, "%s:\n", v.Name)
		}
		for _, g := range groups(dynamic) {
			if printed++; printed > 1 {
				fmt.Fprintln(w)
			}
			p.printGroup(d, g, "remark")
		}
		if len(static) > 0 && len(dynamic) == 0 {
			p.printStatic(d, static)
		}
	}
	return nil
}

// A group is dynamic points with the same remedies.
type group struct {
	answers  []answer
	remedies []bta.Remedy
	checked  bool
}

// groups puts together answers with the same remedies, and drops those whose
// chain of causes is part of another's.
func groups(answers []answer) []group {
	texts := make([][]string, len(answers))
	for i, a := range answers {
		for _, c := range a.explain.Chain {
			texts[i] = append(texts[i], c.String())
		}
	}
	var all []group
	for i, a := range answers {
		part := slices.ContainsFunc(texts[:i], func(t []string) bool { return ends(t, texts[i]) }) ||
			slices.ContainsFunc(texts[i+1:], func(t []string) bool { return ends(t, texts[i]) && !ends(texts[i], t) })
		if part {
			continue
		}
		k := slices.IndexFunc(all, func(g group) bool {
			return g.checked == a.explain.Checked && slices.EqualFunc(g.remedies, a.explain.Remedies, func(x, y bta.Remedy) bool { return x.String() == y.String() })
		})
		if k < 0 {
			k = len(all)
			all = append(all, group{remedies: a.explain.Remedies, checked: a.explain.Checked})
		}
		all[k].answers = append(all[k].answers, a)
	}
	return all
}

// ofLine is the elements of all without those about values that others of them use:
// what a line does is what becomes of them.
func ofLine[T any](all []T, answerOf func(T) answer) []T {
	type place struct {
		v  *bta.Variant
		pt ir.Point
	}
	asked := map[place]bool{}
	for _, x := range all {
		a := answerOf(x)
		asked[place{a.v, a.at.pt}] = true
	}
	var rest []T
	for _, x := range all {
		a := answerOf(x)
		used := a.at.reg != ir.NoReg && slices.ContainsFunc(a.v.Fn.Uses().Of(a.at.reg), func(u ir.Use) bool { return asked[place{a.v, u.Pt}] })
		if !used || int(a.at.reg) < len(a.v.Fn.LL.Params) {
			rest = append(rest, x)
		}
	}
	return rest
}

// ends reports whether long ends with short.
func ends(long, short []string) bool {
	return len(short) <= len(long) && slices.Equal(long[len(long)-len(short):], short)
}

// printGroup prints the chains of a group, the first cause of each as first, and
// then, once, its remedies.
func (p *pipeline) printGroup(d *diagnostics, g group, first string) {
	shown := map[string]bool{}
	for _, a := range g.answers {
		for i, c := range a.explain.Chain {
			if shown[c.String()] {
				continue // how another point of the group goes on, too
			}
			shown[c.String()] = true
			if i > 0 && c.Kind == bta.OperandDynamic && c.Pos.Line > 0 && samePlace(c.Pos, a.explain.Chain[i-1].Pos) {
				continue // a step of computing an address or a conversion
			}
			kind, text := "note", c.Text
			if i == 0 {
				kind, text = first, "dynamic"+p.within(a)+": "+c.Text
			}
			d.print(d.ofCause(kind, text, c.Pos, c.Text))
		}
	}
	for _, line := range remedyLines(g.remedies, g.checked) {
		fmt.Fprintln(d.w, line)
	}
}

// samePlace reports whether two positions are one place of the source.
func samePlace(x, y ir.Position) bool {
	return x.File == y.File && x.Line == y.Line && x.Col == y.Col
}

// within names the variant of a, if its function has several.
func (p *pipeline) within(a answer) string {
	n := 0
	for _, v := range a.of.bta.Variants {
		if v.Fn == a.v.Fn {
			n++
		}
	}
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(" in variant %d of %s", a.v.ID, a.v.Fn.Name())
}

// ofCause is a note at a position with its source line; the caret of a cause that
// has no column is below the parameter that it names.
func (d *diagnostics) ofCause(kind, text string, pos ir.Position, cause string) diagnostic {
	g := diagnostic{kind: kind, file: pos.File, line: pos.Line, col: pos.Col, text: text, code: d.sourceLine(pos.File, pos.Line)}
	if name, ok := strings.CutPrefix(cause, "parameter "); ok && g.col == 0 {
		name, _, _ = strings.Cut(name, " ")
		head, _, _ := strings.Cut(g.code, "{")
		if at := words(head, name); len(at) > 0 {
			g.col, g.width = at[len(at)-1].from+1, len(name)
		}
	}
	if g.line == 0 {
		pos.File = ""
		g.text += " [" + pos.String() + "]"
	}
	return g
}

// remedyLines is what would make a verdict static, for people.
func remedyLines(remedies []bta.Remedy, checked bool) []string {
	var useful, none []bta.Remedy
	for _, r := range remedies {
		if r.Kind == bta.NoRemedy || r.Kind == bta.NothingLost {
			none = append(none, r)
		} else {
			useful = append(useful, r)
		}
	}
	var lines []string
	if len(none) > 0 || len(useful) == 0 {
		why := "no remedy is known"
		for i, r := range none {
			sep := ": "
			if i > 0 {
				sep = "; "
			}
			why += sep + r.Text
		}
		return append(lines, why)
	}
	head := "to make it static"
	if len(useful) == 2 {
		head += ", both"
	} else if len(useful) > 2 {
		head += ", all of"
	}
	if !checked {
		head = "in the way of its being static" + strings.TrimPrefix(head, "to make it static") + ", and perhaps more"
	}
	lines = append(lines, head+":")
	for _, r := range useful {
		line := "    " + r.Text
		if r.Flag != "" {
			line += ": " + r.Flag
		} else if r.Pos.Line > 0 {
			line += fmt.Sprintf(" (%s:%d)", r.Pos.File, r.Pos.Line)
		}
		lines = append(lines, line)
	}
	return lines
}

// printStatic says of static points what they rest on, once a line; of what has no
// line, such as the joins of a loop, only what is not said already.
func (p *pipeline) printStatic(d *diagnostics, answers []answer) {
	type saying struct {
		text, file string
		line       int
	}
	said := map[saying]bool{}
	for _, placed := range []bool{true, false} {
		for _, a := range answers {
			pos, what := p.prog.Position(a.at.pt), ""
			if r := a.at.asks(a.v); r != ir.NoReg {
				pos, what = p.prog.PositionOf(a.v.Fn), "parameter "+paramName(a.v.Fn, int(r))
			}
			if pos.Line > 0 != placed {
				continue
			}
			text := "static" + p.within(a) + ": " + basisText(a)
			here, anywhere := saying{text, pos.File, pos.Line}, saying{text: text}
			if !said[here] && (placed || !said[anywhere]) {
				d.print(d.ofCause("remark", text, pos, what))
			}
			said[here], said[anywhere] = true, true
		}
	}
}

// basisText tells what makes a static.
func basisText(a answer) string {
	needed, program := bta.Basis(a.v, a.at.pt, a.at.asks(a.v))
	switch {
	case program:
		return "the program itself decides it"
	case len(needed) == 0:
		return "several of the values and quasi-invariants given decide it, each alone"
	}
	var given []string
	for _, g := range needed {
		if g.Binding != nil {
			given = append(given, bindingText(a.of, *g.Binding))
		} else {
			given = append(given, g.Pred.Text)
		}
	}
	return "it rests on " + strings.Join(given, ", ")
}

// An asked is an instruction or a parameter that a question means.
type asked struct {
	pt  ir.Point
	reg ir.Reg // ir.NoReg where the instruction yields no value
}

// dynamic reports whether a is dynamic in v.
func (a asked) dynamic(v *bta.Variant) bool {
	if a.reg != ir.NoReg {
		return v.Reg(a.reg) == bta.Dynamic
	}
	return v.Exec(a.pt) == bta.Dynamic
}

// asks is the register that an explanation of a is about, ir.NoReg for the
// instruction as a whole.
func (a asked) asks(v *bta.Variant) ir.Reg {
	if a.reg != ir.NoReg && int(a.reg) < len(v.Fn.LL.Params) {
		return a.reg
	}
	return ir.NoReg
}

// explain asks the analysis: for a parameter what makes it dynamic at the entry,
// for an instruction why it is residual.
func (a asked) explain(v *bta.Variant) *bta.Explanation {
	if r := a.asks(v); r != ir.NoReg {
		return bta.Explain(v, a.pt, r)
	}
	if x := bta.Explain(v, a.pt, ir.NoReg); x != nil || a.reg == ir.NoReg {
		return x
	}
	return bta.Explain(v, a.pt+1, a.reg) // executed, but its value is not known
}

// A pointJSON is one point of a program with its binding time, for machines.
type pointJSON struct {
	Variant     int          `json:"variant"`
	File        string       `json:"file"`
	Line        int          `json:"line"` // 0 if not known
	Col         int          `json:"col"`
	Function    string       `json:"function"`
	Block       string       `json:"block"`
	Instruction string       `json:"instruction"` // the opcode
	Value       string       `json:"value,omitempty"`
	Variable    string       `json:"variable,omitempty"`
	Mark        string       `json:"mark"`
	Causes      []causeJSON  `json:"causes,omitempty"`
	Remedies    []remedyJSON `json:"remedies,omitempty"`
	Checked     bool         `json:"checked,omitempty"`
	RestsOn     string       `json:"restsOn,omitempty"`
}

// A causeJSON is one link of a chain.
type causeJSON struct {
	Kind     string `json:"kind"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Col      int    `json:"col"`
	Function string `json:"function"`
	Text     string `json:"text"`
}

// A remedyJSON is something to state or change.
type remedyJSON struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
	Flag string `json:"flag,omitempty"`
	File string `json:"file"`
	Line int    `json:"line"`
}

// point is what JSON says of a.
func (p *pipeline) point(v *bta.Variant, a asked) pointJSON {
	pos := p.prog.Position(a.pt)
	x := pointJSON{
		Variant: v.ID, File: pos.File, Line: pos.Line, Col: pos.Col, Function: v.Fn.Name(), Block: pos.Block,
		Instruction: opcode(p.prog, a.pt), Mark: string(markOf(v.Exec(a.pt))),
	}
	if a.reg != ir.NoReg {
		val := v.Fn.Values[a.reg]
		x.Value = val.Ident()
		if d := p.prog.Debug(); d != nil {
			x.Variable = d.ValueName(val)
		}
		if int(a.reg) < len(v.Fn.LL.Params) {
			x.Instruction, x.Mark = "parameter", string(markOf(v.Reg(a.reg)))
		}
	}
	return x
}

// opcode is LLVM's name of what is done at pt.
func opcode(p *ir.Program, pt ir.Point) string {
	text := ""
	if t, ok := p.UserAt(pt).(llir.Terminator); ok {
		text = t.LLString()
	} else {
		text = p.InstAt(pt).LLString()
		if _, after, ok := strings.Cut(text, " = "); ok && strings.HasPrefix(text, "%") {
			text = after
		}
	}
	for _, word := range strings.Fields(text) {
		switch word {
		case "tail", "musttail", "notail":
		default:
			return word
		}
	}
	return ""
}

// explained adds causes and remedies to x.
func (x *pointJSON) explained(e *bta.Explanation) {
	for _, c := range e.Chain {
		x.Causes = append(x.Causes, causeJSON{c.Kind.String(), c.Pos.File, c.Pos.Line, c.Pos.Col, c.Pos.Func, c.Text})
	}
	for _, r := range e.Remedies {
		x.Remedies = append(x.Remedies, remedyJSON{r.Kind.String(), r.Text, r.Flag, r.Pos.File, r.Pos.Line})
	}
	x.Checked = e.Checked
}

// encodeAnswers writes the answers to a question as JSON.
func (p *pipeline) encodeAnswers(w io.Writer, arg string, all []answer) error {
	type specialization struct {
		Name     string      `json:"name"`
		Function string      `json:"function"`
		Points   []pointJSON `json:"points"`
	}
	out := struct {
		Why             string           `json:"why"`
		Specializations []specialization `json:"specializations"`
	}{Why: arg}
	for _, v := range p.variants {
		s := specialization{Name: v.Name, Function: v.Fn.Name(), Points: []pointJSON{}}
		for _, a := range all {
			if a.of != v {
				continue
			}
			x := p.point(a.v, a.at)
			if a.explain != nil {
				x.explained(a.explain)
			} else {
				x.RestsOn = basisText(a)
			}
			s.Points = append(s.Points, x)
		}
		out.Specializations = append(out.Specializations, s)
	}
	return printJSON(w, out)
}
