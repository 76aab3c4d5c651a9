package main

// This file prints a ledger for people, in the form of a compiler's diagnostics.

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
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

// text prints the ledger of each term: a line with its figures, then rows and warnings
// in the order of the source. A warning about an instruction that has a row is part of
// the row.
func (g *discovery) text(out *bytes.Buffer, rep *guardReport) {
	d := newDiagnostics(out, wantsColour(g.stdout))
	for i, t := range rep.Terms {
		if i > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(out, "%s %s\n", d.palette.bold.Sprint(t.Term+":"), t.figures())
		items := rep.items(t.Term, g.all)
		for i := 0; i < len(items); {
			n := 1
			for i+n < len(items) && items[i].readsAs(items[i+n]) {
				n++
			}
			d.guardItem(items[i], n)
			i += n
		}
	}
}

// A guardItem is a row, a warning, or both about one instruction.
type guardItem struct {
	row     *guard.Row
	warning *guard.Warning
	file    string
	line    int
	col     int
}

// items are the rows and warnings of a term, in the order of the source; without all,
// of the rows those that need a guard.
func (rep *guardReport) items(term string, all bool) []guardItem {
	var found []guardItem
	rows := make(map[[2]string]int) // by unit and place
	for i := range rep.Rows {
		r := &rep.Rows[i]
		if r.Term == term && (all || needsGuard(r.Class)) {
			rows[[2]string{r.Unit, r.Place}] = len(found)
			found = append(found, guardItem{row: r, file: r.File, line: r.Line, col: r.Col})
		}
	}
	for i := range rep.Warnings {
		w := &rep.Warnings[i]
		if w.Term != term {
			continue
		}
		at, same := rows[[2]string{w.Unit, w.Place}]
		if same && found[at].warning == nil {
			found[at].warning = w
			continue
		}
		found = append(found, guardItem{warning: w, file: w.File, line: w.Line, col: w.Col})
	}
	slices.SortStableFunc(found, func(a, b guardItem) int {
		return cmp.Or(cmp.Compare(a.file, b.file), a.line-b.line, a.col-b.col)
	})
	return found
}

// readsAs reports whether two items read the same: copies of an instruction, as
// inlining and unrolling make them, or a store of each member.
func (f guardItem) readsAs(g guardItem) bool {
	if f.file != g.file || f.line != g.line || f.col != g.col || f.line == 0 || (f.row == nil) != (g.row == nil) || (f.warning == nil) != (g.warning == nil) {
		return false
	}
	if f.row != nil && (f.row.Function != g.row.Function || f.row.Class != g.row.Class || f.row.How != g.row.How ||
		f.row.Reason != g.row.Reason || !slices.Equal(f.row.Inlined, g.row.Inlined)) {
		return false
	}
	return f.warning == nil || f.warning.Kind == g.warning.Kind && f.warning.Text == g.warning.Text
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

// guardItem prints an item that stands for n instructions.
func (d *diagnostics) guardItem(f guardItem, n int) {
	g := diagnostic{kind: "remark", file: f.file, line: f.line, col: f.col, code: d.sourceLine(f.file, f.line)}
	var tags []string
	place := ""
	if w := f.warning; w != nil {
		g.kind, g.text, g.hint, place = "warning", w.Text, w.Hint, w.Place
		tags = append(tags, w.Kind.String())
	}
	if r := f.row; r != nil {
		g.text, place = classTitles[r.Class]+": "+r.Reason, r.Place
		tags = append([]string{r.Class.String(), r.How.String()}, tags...)
		if r.Class == guard.NotVisible {
			g.kind = "warning"
		}
	}
	if n > 1 {
		g.text += fmt.Sprintf(" (%d instructions)", n)
	}
	g.text += " [" + strings.Join(tags, ", ") + "]"
	if f.line == 0 && place != "" {
		g.text += " " + place
	}
	d.print(g)
	if f.row == nil {
		return
	}
	for _, at := range f.row.Inlined {
		file, line, col := splitPlace(at)
		d.print(diagnostic{kind: "note", file: file, line: line, col: col, text: "inlined here", code: d.sourceLine(file, line)})
	}
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
