package main

// This file prints a ledger for people, in the form of a compiler's diagnostics.

import (
	"bytes"
	"fmt"
	"strings"

	"quasi/guard"
)

// classTitles say what is to be done about a row.
var classTitles = map[guard.Class]string{
	guard.MustGuard:      "must be guarded",
	guard.MayWrite:       "guarded conservatively",
	guard.NotVisible:     "cannot be guarded",
	guard.Fresh:          "needs no guard",
	guard.ProvenDisjoint: "writes something else",
}

// needsGuard reports whether rows of a class are of interest to who wants to know what
// may break a quasi-invariant.
func needsGuard(c guard.Class) bool { return c != guard.Fresh && c != guard.ProvenDisjoint }

// text prints the ledger of each term: a line with its figures, the warnings, the
// rows.
func (g *discovery) text(out *bytes.Buffer, rep *guardReport) {
	d := newDiagnostics(out, wantsColour(g.stdout))
	for i, t := range rep.Terms {
		if i > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(out, "%s %s\n", d.palette.bold.Sprint(t.Term+":"), t.figures())
		for _, w := range rep.Warnings {
			if w.Term == t.Term {
				d.guardWarning(w)
			}
		}
		var rows []guard.Row
		for _, r := range rep.Rows {
			if r.Term == t.Term && (g.all || needsGuard(r.Class)) {
				rows = append(rows, r)
			}
		}
		for i := 0; i < len(rows); {
			n := 1
			for i+n < len(rows) && sameLine(rows[i], rows[i+n]) {
				n++
			}
			d.guardRow(rows[i], n)
			i += n
		}
	}
}

// figures counts the rows of a term.
func (t *termReport) figures() string {
	var parts []string
	total := 0
	for _, c := range guardClasses {
		n := t.Classes[c.String()]
		total += n
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, c))
		}
	}
	text := plural(total, "row")
	if len(parts) > 0 {
		text += " (" + strings.Join(parts, ", ") + ")"
	}
	if t.Warnings > 0 {
		text += ", " + plural(t.Warnings, "warning")
	}
	if t.Complete {
		return text + "; complete"
	}
	return text + "; not complete"
}

// sameLine reports whether two rows read the same: copies of an instruction, as
// inlining and unrolling make them, or a store of each member.
func sameLine(a, b guard.Row) bool {
	return a.File == b.File && a.Line == b.Line && a.Col == b.Col && a.Line > 0 && a.Function == b.Function &&
		a.Class == b.Class && a.How == b.How && a.Reason == b.Reason
}

// guardRow prints a row that stands for n instructions.
func (d *diagnostics) guardRow(r guard.Row, n int) {
	kind := "remark"
	if r.Class == guard.NotVisible {
		kind = "warning"
	}
	text := classTitles[r.Class] + ": " + r.Reason
	if n > 1 {
		text += fmt.Sprintf(" (%d instructions)", n)
	}
	text += fmt.Sprintf(" [%s, %s]", r.Class, r.How)
	if r.Line == 0 {
		text += " " + r.Place
	}
	d.print(diagnostic{kind: kind, file: r.File, line: r.Line, col: r.Col, text: text, code: d.sourceLine(r.File, r.Line)})
	for _, at := range r.Inlined {
		file, line, col := splitPlace(at)
		d.print(diagnostic{kind: "note", file: file, line: line, col: col, text: "inlined here", code: d.sourceLine(file, line)})
	}
}

// guardWarning prints a warning with its notes.
func (d *diagnostics) guardWarning(w guard.Warning) {
	text := fmt.Sprintf("%s [%s]", w.Text, w.Kind)
	if w.Line == 0 {
		text += " " + w.Place
	}
	d.print(diagnostic{kind: "warning", file: w.File, line: w.Line, col: w.Col, text: text, code: d.sourceLine(w.File, w.Line), hint: w.Hint})
}

// splitPlace splits file:line:col; what is missing is 0.
func splitPlace(at string) (file string, line, col int) {
	var numbers []int
	for len(numbers) < 2 {
		i := strings.LastIndexByte(at, ':')
		var n int
		if i < 0 {
			break
		}
		if _, err := fmt.Sscanf(at[i+1:], "%d", &n); err != nil {
			break
		}
		at, numbers = at[:i], append([]int{n}, numbers...)
	}
	if len(numbers) > 0 {
		line = numbers[0]
	}
	if len(numbers) > 1 {
		col = numbers[1]
	}
	return at, line, col
}
