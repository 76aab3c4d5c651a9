package main

// This file holds the annotated listing of a division: source lines with the
// binding times of what they became, in a form that survives pipes.

import (
	"fmt"
	"io"
	"sort"
	"strings"

	llir "github.com/llir/llvm/ir"

	"quasi/bta"
	"quasi/ir"
)

// A lineMark is the binding time of a source line: what its instructions have
// in common.
type lineMark struct {
	Line   int         `json:"line"`
	Mark   string      `json:"mark"` // S, D, or SD where both are on the line
	Points []pointMark `json:"points"`
}

// A pointMark is the binding time at one column.
type pointMark struct {
	Col  int    `json:"col"`
	Mark string `json:"mark"` // S executed, D residual, + both
}

// A sourceListing is the division of one variant by source lines.
type sourceListing struct {
	Function string     `json:"function"`
	Variant  int        `json:"variant"`
	Params   []string   `json:"parameters"` // as sig:S
	File     string     `json:"file"`
	First    int        `json:"firstLine"`
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
	columns := map[int]map[int]byte{}
	for _, b := range v.Fn.Blocks {
		if !v.Reached(b) {
			continue
		}
		for pt := b.First; pt < b.End(); pt++ {
			if !listed(p, pt) {
				continue
			}
			pos := p.Position(pt)
			if pos.Line == 0 || pos.File != l.File {
				continue
			}
			if columns[pos.Line] == nil {
				columns[pos.Line] = map[int]byte{}
			}
			columns[pos.Line][pos.Col] = joinMark(columns[pos.Line][pos.Col], markOf(v.Exec(pt)))
		}
	}
	for line, cols := range columns {
		l.Lines = append(l.Lines, makeLine(line, cols))
	}
	sort.Slice(l.Lines, func(i, j int) bool { return l.Lines[i].Line < l.Lines[j].Line })
	return l
}

// makeLine sums up the signs of a line by column.
func makeLine(line int, cols map[int]byte) lineMark {
	m := lineMark{Line: line}
	var all byte
	for col, sign := range cols {
		m.Points = append(m.Points, pointMark{col, string(sign)})
		all = joinMark(all, sign)
	}
	sort.Slice(m.Points, func(i, j int) bool { return m.Points[i].Col < m.Points[j].Col })
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

// print writes the listing with the lines of the source.
func (l *sourceListing) print(w io.Writer, lines []string, p *palette) {
	fmt.Fprintf(w, "%s (variant %d: %s) %s:%d\n", p.bold.Sprint(l.Function), l.Variant, strings.Join(l.Params, " "), l.File, l.First)
	marks := map[int]lineMark{}
	last := l.First
	for _, m := range l.Lines {
		marks[m.Line] = m
		last = max(last, m.Line)
	}
	if last < len(lines) && strings.TrimSpace(lines[last]) == "}" {
		last++ // the brace that ends the function has no instruction of its own
	}
	for n := l.First; n <= last && n <= len(lines); n++ {
		m, code := marks[n], lines[n-1]
		fmt.Fprintf(w, "%-2s %5d | %s\n", m.Mark, n, colourLine(code, m, p))
		if m.Mark == "SD" {
			fmt.Fprintf(w, "   %5s | %s\n", "", signLine(code, m))
		}
	}
}

// colourLine colours a line by its binding time.
func colourLine(code string, m lineMark, p *palette) string {
	switch m.Mark {
	case "S":
		return p.static.Sprint(code)
	case "D":
		return p.dynamic.Sprint(code)
	}
	return code
}

// signLine puts the signs of a mixed line below their columns.
func signLine(code string, m lineMark) string {
	var b strings.Builder
	width := 0
	for _, pm := range m.Points {
		if pm.Col < 1 {
			continue
		}
		for width < pm.Col-1 {
			if width < len(code) && code[width] == '\t' {
				b.WriteByte('\t')
			} else {
				b.WriteByte(' ')
			}
			width++
		}
		b.WriteString(pm.Mark)
		width++
	}
	return b.String()
}
