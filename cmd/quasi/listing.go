package main

// This file holds the annotated listing of a division: source lines with the
// binding times of what they became, in a form that survives pipes.

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"

	"quasi/bta"
	"quasi/ir"
)

// A lineMark is the binding time of a source line: what its instructions have
// in common.
type lineMark struct {
	Line   int          `json:"line"`
	Mark   string       `json:"mark"` // S, D, or SD where both are on the line
	Points []pointMark  `json:"points"`
	branch map[int]byte // by column: the signs of branches alone, which are in Points too
	other  map[int]byte // and of all else
}

// A pointMark is the binding time at one column.
type pointMark struct {
	Col  int    `json:"col"`
	Mark string `json:"mark"` // S executed, D residual, + both
}

// A sourceListing is the division of one variant by source lines.
type sourceListing struct {
	Function  string       `json:"function"`
	Variant   int          `json:"variant"`
	Params    []string     `json:"parameters"` // as sig:S
	File      string       `json:"file"`
	First     int          `json:"firstLine"`
	Lines     []lineMark   `json:"lines"`
	Elsewhere []sourcePart `json:"elsewhere,omitempty"`
	unreached map[int]bool // lines all of whose code the analysis never gets to
}

// A sourcePart is code of a variant that stems from another file, or from a
// function that was inlined before the analysis.
type sourcePart struct {
	File     string     `json:"file"`
	Function string     `json:"function,omitempty"` // that was inlined
	Lines    []lineMark `json:"lines"`
}

// markOf is the sign of an instruction's binding time in a listing.
func markOf(bt bta.BindingTime) byte {
	switch bt {
	case bta.Static:
		return 'S'
	case bta.Dynamic:
		return 'D'
	}
	return '+'
}

// joinMark combines two signs at one place: different ones give '+'.
func joinMark(a, b byte) byte {
	if a == b || a == 0 {
		return b
	}
	return '+'
}

// listSource makes the listing of v, nil if its function has no debug info.
func listSource(p *ir.Program, v *bta.Variant) *sourceListing {
	l := &sourceListing{Function: v.Fn.Name(), Variant: v.ID}
	at := p.PositionOf(v.Fn)
	if at.Line == 0 {
		return nil
	}
	l.File, l.First = at.File, at.Line
	l.Params = paramMarks(p, v)
	parts, unreached := sourceColumns(p, v)
	own := sourceOrigin{file: l.File}
	l.Lines, l.unreached = makeLines(parts[own]), map[int]bool{}
	for line := range unreached[own] {
		l.unreached[line] = parts[own][line] == nil
	}
	for o, columns := range parts {
		if o != own {
			l.Elsewhere = append(l.Elsewhere, sourcePart{o.file, o.fn, makeLines(columns)})
		}
	}
	slices.SortFunc(l.Elsewhere, func(x, y sourcePart) int {
		return compareOrigins(sourceOrigin{x.File, x.Function}, sourceOrigin{y.File, y.Function})
	})
	return l
}

// A sourceOrigin is where code of a function stems from: a file and, if it is not
// the function's own, the function that was inlined.
type sourceOrigin struct{ file, fn string }

func originOf(frames []ir.Frame) sourceOrigin {
	o := sourceOrigin{file: frames[0].File}
	if len(frames) > 1 {
		o.fn = frames[0].Func
	}
	return o
}

// compareOrigins orders origins by file, then by function.
func compareOrigins(x, y sourceOrigin) int {
	return cmp.Or(cmp.Compare(x.file, y.file), cmp.Compare(x.fn, y.fn))
}

// sourceColumns gathers the signs of v by origin, line and column, and the lines of
// code that is not reached.
func sourceColumns(p *ir.Program, v *bta.Variant) (parts map[sourceOrigin]map[int]*lineColumns, unreached map[sourceOrigin]map[int]bool) {
	parts, unreached = map[sourceOrigin]map[int]*lineColumns{}, map[sourceOrigin]map[int]bool{}
	for _, b := range v.Fn.Blocks {
		for pt := b.First; pt < b.End(); pt++ {
			frames := p.Frames(pt)
			if len(frames) == 0 || frames[0].Line == 0 || !listed(p, pt) {
				continue
			}
			at, o := frames[0], originOf(frames)
			if !v.Reached(b) {
				if unreached[o] == nil {
					unreached[o] = map[int]bool{}
				}
				unreached[o][at.Line] = true
				continue
			}
			if parts[o] == nil {
				parts[o] = map[int]*lineColumns{}
			}
			if parts[o][at.Line] == nil {
				parts[o][at.Line] = &lineColumns{map[int]byte{}, map[int]byte{}}
			}
			signs := parts[o][at.Line].other
			if p.InstAt(pt) == nil {
				signs = parts[o][at.Line].branch
			}
			signs[at.Col] = joinMark(signs[at.Col], markOf(v.Exec(pt)))
		}
	}
	return parts, unreached
}

// lineColumns are the signs of a line by column: of branches, and of all else.
type lineColumns struct{ branch, other map[int]byte }

// makeLines are the marks of lines, in order.
func makeLines(columns map[int]*lineColumns) []lineMark {
	lines := []lineMark{}
	for line, c := range columns {
		all := maps.Clone(c.other)
		for col, sign := range c.branch {
			all[col] = joinMark(all[col], sign)
		}
		m := makeLine(line, all)
		m.branch, m.other = c.branch, c.other
		lines = append(lines, m)
	}
	slices.SortFunc(lines, func(x, y lineMark) int { return cmp.Compare(x.Line, y.Line) })
	return lines
}

// makeLine sums up the signs of a line by column.
func makeLine(line int, cols map[int]byte) lineMark {
	m := lineMark{Line: line}
	var all byte
	for col, sign := range cols {
		m.Points = append(m.Points, pointMark{col, string(sign)})
		all = joinMark(all, sign)
	}
	slices.SortFunc(m.Points, func(x, y pointMark) int { return cmp.Compare(x.Col, y.Col) })
	m.Mark = string(all)
	if all == '+' {
		m.Mark = "SD"
	}
	return m
}

// listed reports whether the point stands for something a reader wrote: not
// for debug intrinsics, stack slots, phis and plain jumps.
func listed(p *ir.Program, pt ir.Point) bool {
	switch inst := p.InstAt(pt).(type) {
	case nil:
		_, jump := p.BlockAt(pt).LL.Term.(*llir.TermBr)
		return !jump
	case *llir.InstAlloca, *llir.InstPhi:
		return false
	case *llir.InstCall:
		f, ok := inst.Callee.(*llir.Func)
		return !ok || !strings.HasPrefix(f.Name(), "llvm.dbg.") && !strings.HasPrefix(f.Name(), "llvm.lifetime.")
	}
	return true
}

// paramMarks lists the parameters of v with their binding times, by C names
// where there are some.
func paramMarks(p *ir.Program, v *bta.Variant) []string {
	names := map[*llir.Param]string{}
	if d := p.Debug(); d != nil {
		for _, cp := range d.Params(v.Fn.LL) {
			if cp.Param != nil {
				names[cp.Param] = cp.Name
			}
		}
	}
	marks := []string{}
	for i, param := range v.Fn.LL.Params {
		name := names[param]
		if name == "" {
			name = param.Ident()
		}
		marks = append(marks, name+":"+v.Reg(ir.Reg(i)).String())
	}
	return marks
}

// print writes the listing with the lines of the source, which lines knows by file.
func (l *sourceListing) print(w io.Writer, lines func(file string) []string, p *palette) {
	fmt.Fprintf(w, "%s (variant %d: %s) %s:%d\n", p.bold.Sprint(l.Function), l.Variant, strings.Join(l.Params, " "), l.File, l.First)
	marks := map[int]lineMark{}
	last := l.First
	for _, m := range l.Lines {
		marks[m.Line] = m
		last = max(last, m.Line)
	}
	for n, dead := range l.unreached {
		if dead {
			marks[n] = lineMark{Line: n, Mark: "-"}
			last = max(last, n)
		}
	}
	text := lines(l.File)
	if last < len(text) && strings.TrimSpace(text[last]) == "}" {
		last++ // the brace that ends the function has no instruction of its own
	}
	for n := l.First; n <= last && n <= len(text); n++ {
		printLine(w, n, text[n-1], marks[n], p)
	}
	for _, part := range l.Elsewhere {
		what := "in " + part.File
		if part.Function != "" {
			what = part.Function + ", inlined, " + what
		}
		fmt.Fprintf(w, "         %s\n", p.bold.Sprint(what+":"))
		text := lines(part.File)
		before := 0
		for _, m := range part.Lines {
			if before > 0 && m.Line > before+1 {
				fmt.Fprintln(w, "         |")
			}
			before = m.Line
			code := ""
			if m.Line <= len(text) {
				code = text[m.Line-1]
			}
			printLine(w, m.Line, code, m, p)
		}
	}
}

// signs are the signs of a line where a reader looks for them: that of a branch at
// the keyword, not where its condition begins.
func (m lineMark) signs(code string) []pointMark {
	if m.other == nil {
		return m.Points
	}
	at := maps.Clone(m.other)
	for col, sign := range m.branch {
		if col > 0 && col <= len(code) {
			col = tokenOf(code, col-1, true).from + 1
		}
		at[col] = joinMark(at[col], sign)
	}
	return makeLine(m.Line, at).Points
}

// printLine writes one line; below it the signs of its columns, if they differ.
func printLine(w io.Writer, n int, code string, m lineMark, p *palette) {
	fmt.Fprintf(w, "%s %5d | %s\n", p.ofMark(m.Mark).Sprintf("%-2s", m.Mark), n, colourLine(code, m, p))
	if m.Mark == "SD" {
		fmt.Fprintf(w, "   %5s | %s\n", "", signLine(code, m))
	}
}

// colourLine colours a line by its binding time, a mixed one by its tokens.
func colourLine(code string, m lineMark, p *palette) string {
	if m.Mark != "SD" {
		return p.ofMark(m.Mark).Sprint(code)
	}
	var b strings.Builder
	from := 0
	for _, pm := range m.signs(code) {
		at := pm.Col - 1
		if at < from || at >= len(code) {
			continue
		}
		t := tokenAt(code, at)
		b.WriteString(code[from:t.from])
		b.WriteString(p.ofMark(pm.Mark).Sprint(code[t.from:t.to]))
		from = t.to
	}
	b.WriteString(code[from:])
	return b.String()
}

// signLine puts the signs of a mixed line below their columns, which count bytes.
func signLine(code string, m lineMark) string {
	signs := map[int]string{}
	for _, pm := range m.signs(code) {
		signs[pm.Col-1] = pm.Mark
	}
	var b strings.Builder
	for i, r := range code {
		switch {
		case signs[i] != "":
			b.WriteString(signs[i])
		case r == '\t':
			b.WriteByte('\t')
		default:
			b.WriteByte(' ')
		}
	}
	return strings.TrimRight(b.String(), " \t")
}
