package main

// This file holds analyze --dot: call graph, control flow and points-to of what the
// analysis reaches, in Graphviz's language. Colours are those of pages; what they
// say is in words or lines as well.

import (
	"bufio"
	"cmp"
	"fmt"
	"html"
	"io"
	"slices"
	"strconv"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/value"

	"quasi/bta"
	"quasi/ir"
)

// Colours of binding times, which have contrast enough on white.
var dotColours = map[bta.BindingTime]string{bta.Static: "#00558f", bta.Dynamic: "#9a3700", bta.StaticDynamic: "#6a3a9c"}

const dotMuted = "#545e6a"

// A dotWriter writes one graph.
type dotWriter struct {
	*bufio.Writer
}

// printDOT writes the graph that what names: callgraph, cfg, cfg:FUNC, cfg:FUNC:VARIANT
// or pointsto.
func (p *pipeline) printDOT(w io.Writer, what string) error {
	d := dotWriter{bufio.NewWriter(w)}
	kind, rest, _ := strings.Cut(what, ":")
	var err error
	switch kind {
	case "callgraph":
		p.dotCalls(d)
	case "pointsto":
		p.dotPointsTo(d)
	default:
		err = p.dotFlow(d, rest)
	}
	if err != nil {
		return err
	}
	return d.Flush()
}

// checkDOT says what is wrong with the argument of --dot, "" if nothing is.
func checkDOT(what string) string {
	kind, rest, more := strings.Cut(what, ":")
	_, id, one := strings.Cut(rest, ":")
	switch {
	case kind == "cfg" && one:
		if _, err := strconv.Atoi(id); err != nil {
			return fmt.Sprintf("--dot %s: a variant is a number, not %q", what, id)
		}
		return ""
	case kind == "cfg" && (!more || rest != ""), (kind == "callgraph" || kind == "pointsto") && !more:
		return ""
	}
	return fmt.Sprintf("--dot is callgraph, cfg, cfg:FUNC, cfg:FUNC:VARIANT or pointsto, not %q", what)
}

// begin writes the head of a graph: comments say what is seen.
func (d dotWriter) begin(comments ...string) {
	for _, c := range comments {
		fmt.Fprintf(d, "// %s\n", c)
	}
	d.WriteString("digraph quasi {\n\tnode [shape=box fontname=\"monospace\" fontsize=10]; edge [fontname=\"sans-serif\" fontsize=9];\n")
}

func (d dotWriter) end() { d.WriteString("}\n") }

// dotString is a string of Graphviz's language; lines end left.
func dotString(lines ...string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, l := range lines {
		l = strings.ToValidUTF8(l, "\uFFFD")
		l = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ").Replace(l)
		b.WriteString(l)
		if i < len(lines)-1 {
			b.WriteString(`\n`)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// ---- Calls ----

// dotCalls writes the functions that the specialized ones may call, with what the
// analysis does with the calls.
func (p *pipeline) dotCalls(d dotWriter) {
	counts := map[*ir.Func]*[3]int{}
	variants := map[*ir.Func]int{}
	actions := map[[2]*ir.Func]map[bta.Action]bool{}
	var list []*ir.Func
	seen := map[*ir.Func]bool{}
	add := func(f *ir.Func) {
		if !seen[f] {
			seen[f] = true
			list = append(list, f)
		}
	}
	for _, v := range p.variants {
		add(v.bta.Entry.Fn)
		for _, bv := range v.bta.Variants {
			variants[bv.Fn]++
			p.countPoints(bv, counts, actions)
		}
	}
	unknown := false
	for i := 0; i < len(list); i++ {
		callees, u := p.cg.CalleesOf(list[i])
		unknown = unknown || u
		for _, g := range callees {
			add(g)
		}
	}
	slices.SortFunc(list, func(f, g *ir.Func) int { return cmp.Compare(f.ID, g.ID) })
	d.begin("What the specialized functions may call.",
		"Filled: analyzed, with the share of points that are static; dashed: declaration; plain: left generic.",
		"Edges: bold: a residual function of its own; solid: unfolded; dashed: stays a call; dotted: not reached.")
	for _, f := range list {
		label, style := []string{f.Name()}, ""
		switch {
		case f.IsDecl():
			style = " style=dashed"
		case counts[f] != nil:
			n := counts[f]
			label = append(label, fmt.Sprintf("%d %% static, %s", 100*n[0]/max(1, n[0]+n[1]+n[2]), plural(variants[f], "variant")))
			style = ` style=filled fillcolor="#e2f0fb"`
		}
		fmt.Fprintf(d, "\t%s [label=%s%s];\n", dotString("f."+f.Name()), dotString(label...), style)
	}
	if unknown {
		d.WriteString("\tunknown [label=\"unknown code\" shape=ellipse];\n")
	}
	for _, f := range list {
		callees, u := p.cg.CalleesOf(f)
		for _, g := range callees {
			fmt.Fprintf(d, "\t%s -> %s [%s];\n", dotString("f."+f.Name()), dotString("f."+g.Name()), dotEdge(counts[f] != nil, actions[[2]*ir.Func{f, g}]))
		}
		if u {
			fmt.Fprintf(d, "\t%s -> unknown [style=dashed];\n", dotString("f."+f.Name()))
		}
	}
	d.end()
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// dotEdge is the style of the calls of one function by another.
func dotEdge(analyzed bool, actions map[bta.Action]bool) string {
	switch {
	case actions[bta.SpecializeCall]:
		return fmt.Sprintf("style=bold color=%q label=\"specialize\"", dotColours[bta.StaticDynamic])
	case actions[bta.Unfold]:
		return fmt.Sprintf("style=solid color=%q label=\"unfold\"", dotColours[bta.Static])
	case actions[bta.ResidualCall]:
		return fmt.Sprintf("style=dashed color=%q label=\"call\"", dotColours[bta.Dynamic])
	case analyzed:
		return fmt.Sprintf("style=dotted color=%q", dotMuted)
	}
	return fmt.Sprintf("color=%q", dotMuted)
}

// countPoints adds the points of a variant, and what it does with its calls.
func (p *pipeline) countPoints(bv *bta.Variant, counts map[*ir.Func]*[3]int, actions map[[2]*ir.Func]map[bta.Action]bool) {
	n := counts[bv.Fn]
	if n == nil {
		n = &[3]int{}
		counts[bv.Fn] = n
	}
	for _, b := range bv.Fn.Blocks {
		if !bv.Reached(b) {
			continue
		}
		for pt := b.First; pt < b.End(); pt++ {
			if listed(p.prog, pt) {
				n[bv.Exec(pt)]++
			}
			inst, ok := p.prog.InstAt(pt).(*llir.InstCall)
			if !ok {
				continue
			}
			callees, _ := p.cg.Callees(inst)
			for _, g := range callees {
				key := [2]*ir.Func{bv.Fn, g}
				if actions[key] == nil {
					actions[key] = map[bta.Action]bool{}
				}
				actions[key][bv.Call(pt, g).Action] = true
			}
		}
	}
}

// ---- Control flow ----

// maxDotLines bounds the instructions of a block that are shown.
const maxDotLines = 24

// dotFlow writes the control flow of variants, each a cluster: of the entries, of
// every variant of a function, or of one.
func (p *pipeline) dotFlow(d dotWriter, which string) error {
	name, id, one := strings.Cut(which, ":")
	n, _ := strconv.Atoi(id) // checkDOT has looked at it
	d.begin("Control flow of variants. S: static, D: dynamic, SD: both; two borders: a specialized point;",
		"dashed: not reached. Edges: solid: dynamic control; bold: taken while specializing; dotted: never taken.")
	found := false
	var others []int // variants of the function that are not asked for
	for i, v := range p.variants {
		for _, bv := range v.bta.Variants {
			switch {
			case which == "" && bv != v.bta.Entry, which != "" && !p.isFunction(bv.Fn, name):
			case one && bv.ID != n:
				others = append(others, bv.ID)
			default:
				p.dotVariant(d, fmt.Sprintf("v%d_%d", i, bv.ID), v, bv)
				found = true
			}
		}
	}
	d.end()
	switch {
	case found:
		return nil
	case len(others) > 0:
		slices.Sort(others)
		return fmt.Errorf("--dot cfg:%s: there is no such variant of '%s', but %s", which, name, shortened(strings.Trim(fmt.Sprint(slices.Compact(others)), "[]"), 60))
	}
	return p.names(p.variants...).missing("--dot cfg:"+which, question{fn: name})
}

// dotVariant writes the blocks of one variant.
func (p *pipeline) dotVariant(d dotWriter, id string, v *variant, bv *bta.Variant) {
	fmt.Fprintf(d, "\tsubgraph cluster_%s {\n\t\tlabel=%s; labeljust=l; fontname=\"sans-serif\";\n", id,
		dotString(fmt.Sprintf("%s: @%s, variant %d: %s", v.Name, bv.Fn.Name(), bv.ID, strings.Join(paramMarks(p.prog, bv), " "))))
	lines := map[*ir.Block][]listedLine{}
	for _, l := range listFunc(bv.Fn) {
		if l.ok {
			b := p.prog.BlockAt(l.pt)
			lines[b] = append(lines[b], l)
		}
	}
	for _, b := range bv.Fn.Blocks {
		p.dotBlock(d, id, bv, b, lines[b])
	}
	for _, b := range bv.Fn.Blocks {
		for i, to := range b.Succs {
			fmt.Fprintf(d, "\t\t%s_%d -> %s_%d [%s];\n", id, b.ID, id, to.ID, dotFlowEdge(bv, b, i))
		}
	}
	d.WriteString("\t}\n")
}

// dotBlock writes a block with its instructions, one row each.
func (p *pipeline) dotBlock(d dotWriter, id string, bv *bta.Variant, b *ir.Block, lines []listedLine) {
	reached, join := bv.Reached(b), bv.Join(b)
	style := ""
	head := b.LL.Name()
	if !reached {
		style = fmt.Sprintf(" style=dashed color=%q", dotMuted)
	} else if join != nil {
		head += "   specialized point"
		style = " peripheries=2"
	}
	var rows strings.Builder
	row := func(sign, colour, text string) {
		fmt.Fprintf(&rows, `<tr><td align="left"><font color="%s">%s</font></td><td align="left"><font color="%s">%s</font></td></tr>`,
			colour, dotHTML(sign), colour, dotHTML(text))
	}
	row("", "#1a1f25", head+":")
	for i, l := range lines {
		if i == maxDotLines {
			row("", dotMuted, fmt.Sprintf("%d more", len(lines)-i))
			break
		}
		sign, colour := "–", dotMuted
		if reached {
			bt := bv.Exec(l.pt)
			sign, colour = bt.String(), dotColours[bt]
		}
		row(sign, colour, shortened(strings.TrimSpace(l.text), 100))
	}
	fmt.Fprintf(d, "\t\t%s_%d [label=<<table border=\"0\" cellborder=\"0\" cellspacing=\"0\" cellpadding=\"1\">%s</table>>%s];\n", id, b.ID, rows.String(), style)
}

// dotHTML is text inside an HTML-like label, which must not be empty.
func dotHTML(text string) string {
	if text == "" {
		return " "
	}
	text = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return html.EscapeString(text)
}

// shortened cuts a text to n characters.
func shortened(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return text
}

// dotFlowEdge is the style of the edge to successor i of b.
func dotFlowEdge(bv *bta.Variant, b *ir.Block, i int) string {
	var label string
	switch b.LL.Term.(type) {
	case *llir.TermCondBr, *llir.TermSwitch:
		label = " label=" + dotString(edgeName(b, i))
	}
	switch {
	case !bv.Reached(b) || !bv.Reached(b.Succs[i]):
		return fmt.Sprintf("style=dotted color=%q", dotMuted) + label
	case bv.Exec(b.TermPoint()) == bta.Dynamic:
		return fmt.Sprintf("color=%q", dotColours[bta.Dynamic]) + label
	}
	return fmt.Sprintf("style=bold color=%q", dotColours[bta.Static]) + label
}

// ---- Points-to ----

// maxDotObjects bounds the objects that are shown.
const maxDotObjects = 150

// dotPointsTo writes the objects that what the analysis reaches names, and what
// they may point to, in breadth.
func (p *pipeline) dotPointsTo(d dotWriter) {
	var list []*ir.Object
	seen := map[*ir.Object]bool{}
	left := 0
	add := func(o *ir.Object) {
		switch {
		case o == nil || seen[o]:
		case len(list) == maxDotObjects:
			seen[o] = true
			left++
		default:
			seen[o] = true
			list = append(list, o)
		}
	}
	type param struct {
		fn   *ir.Func
		name string
		pts  ir.Pts
	}
	var params []param
	done := map[*ir.Func]bool{}
	for _, v := range p.variants {
		for i, bv := range v.bta.Variants {
			if done[bv.Fn] {
				continue
			}
			done[bv.Fn] = true
			if i == 0 {
				for _, q := range bv.Fn.LL.Params {
					if pts := p.pt.Of(q); len(pts.Objs) > 0 || pts.Unknown {
						params = append(params, param{bv.Fn, q.Ident(), pts})
					}
				}
			}
		}
	}
	for _, q := range params {
		for _, o := range q.pts.Objs {
			add(o)
		}
	}
	for _, f := range p.prog.Funcs {
		if !done[f] {
			continue
		}
		for _, b := range f.Blocks {
			for pt := b.First; pt < b.End(); pt++ {
				u := p.prog.UserAt(pt)
				if site, ok := u.(value.Value); ok { // an alloca, or a call that allocates
					add(p.pt.ObjectOf(site))
				}
				for _, op := range ir.Operands(u) {
					if g, ok := ir.Unwrap(*op).(*llir.Global); ok {
						add(p.pt.ObjectOf(g))
					}
				}
			}
		}
	}
	for i := 0; i < len(list); i++ {
		for _, s := range p.pt.Contents(list[i]) {
			for _, o := range s.Pts.Objs {
				add(o)
			}
		}
	}
	comments := []string{"What objects may point to: those that the analyzed functions name, and on from there.",
		"Box: global; rounded: stack slot; octagon: heap; ellipse: function; dashed: code or memory that is not here; grey: never written."}
	if left > 0 {
		comments = append(comments, fmt.Sprintf("Left out: %d more objects.", left))
	}
	d.begin(comments...)
	shown := map[*ir.Object]bool{}
	for _, o := range list {
		shown[o] = true
	}
	for _, o := range list {
		fmt.Fprintf(d, "\to%d [label=%s%s];\n", o.ID, dotString(objectLabel(o)...), objectStyle(o))
	}
	if left > 0 {
		fmt.Fprintf(d, "\tleft [label=%s shape=plaintext];\n", dotString(fmt.Sprintf("%d more objects are left out", left)))
	}
	outside := false
	edge := func(from, label string, pts ir.Pts) {
		style := ""
		if label != "" {
			style = " [label=" + dotString(label) + "]"
		}
		for _, o := range pts.Objs {
			if shown[o] {
				fmt.Fprintf(d, "\t%s -> o%d%s;\n", from, o.ID, style)
			}
		}
		if pts.Unknown {
			outside = true
			fmt.Fprintf(d, "\t%s -> outside%s;\n", from, style)
		}
	}
	for i, q := range params {
		from := fmt.Sprintf("p%d", i)
		fmt.Fprintf(d, "\t%s [label=%s shape=plaintext];\n", from, dotString(q.name+" of @"+q.fn.Name()))
		edge(from, "", q.pts)
	}
	for _, o := range list {
		for _, s := range p.pt.Contents(o) {
			edge(fmt.Sprintf("o%d", o.ID), slotLabel(o, s), s.Pts)
		}
	}
	if outside {
		d.WriteString("\toutside [label=\"what escapes, and all that is not here\" style=dashed];\n")
	}
	d.end()
}

// objectLabel names an object and says how large it is.
func objectLabel(o *ir.Object) []string {
	label := []string{shortened(o.String(), 60)}
	if o.Size > 0 && o.Kind != ir.ObjFunc {
		label = append(label, fmt.Sprintf("%d bytes", o.Size))
	}
	return label
}

// objectStyle shows what kind of memory an object is.
func objectStyle(o *ir.Object) string {
	switch {
	case o.Kind == ir.ObjGlobal && o.Const:
		return ` style=filled fillcolor="#e8ebef"`
	case o.Kind == ir.ObjStack:
		return " style=rounded"
	case o.Kind == ir.ObjHeap:
		return " shape=octagon"
	case o.Kind == ir.ObjFunc:
		return " shape=ellipse"
	case o.Kind == ir.ObjUnknown:
		return " style=dashed"
	}
	return ""
}

// slotLabel is where in an object a pointer lies; nothing at its start.
func slotLabel(o *ir.Object, s ir.Slot) string {
	switch {
	case s.Off < 0:
		return "anywhere"
	case s.EachElement || s.Stride != 0:
		return fmt.Sprintf("+%d in each element", s.Off)
	case s.Off == 0 && o.Size <= 8:
		return ""
	}
	return fmt.Sprintf("+%d", s.Off)
}
