package main

// This file holds what a comparison found, as a table, as JSON and as
// comma-separated values.

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// A comparison is the modes side by side on some programs.
type comparison struct {
	Programs []*programReport `json:"programs"`
}

// A programReport is the modes side by side on one program.
type programReport struct {
	Name  string        `json:"name"`
	Title string        `json:"title"`
	Runs  int           `json:"runs"` // inputs that are measured
	Forms []*formReport `json:"forms"`
	Modes []*modeRow    `json:"modes"`
}

// A formReport is what the modes of one form are about.
type formReport struct {
	Form            string `json:"variables"`
	Specializations int    `json:"specializations"`
	Functions       int    `json:"functions"` // that the analysis enters in any of the modes
	Points          uint64 `json:"points"`    // of these, summed over the specializations
	Executed        uint64 `json:"executed"`  // instructions that the measured inputs execute inside of specialized functions; 0 without a run
}

// finish takes the times of an earlier mode with the same code, if there is one
// (at same, otherwise -1), and sums them up.
func (r *modeRow) finish(results []*modeResult, same int) {
	if same >= 0 {
		first := results[same].row
		r.SameAs, r.Cases, r.Spread = first.Mode, first.Cases, first.Spread
	}
	if len(r.Cases) == 0 {
		return
	}
	sum := 0.0
	for _, t := range r.Cases {
		sum += math.Log(t.Speedup)
	}
	r.Speedup = math.Exp(sum / float64(len(r.Cases)))
}

// label is the mode as tables show it.
func (r *modeRow) label() string {
	return strings.Replace(r.Mode, "uniform+monovariant+no-use+no-return", "all four", 1)
}

// heading says what the rows of a program are about.
func (p *programReport) heading() string {
	var forms []string
	for _, f := range p.Forms {
		text := fmt.Sprintf("%d points in %s with variables in %s", f.Points, plural(f.Functions, "function"), f.Form)
		if f.Executed > 0 {
			text += fmt.Sprintf(", %d executed", f.Executed)
		}
		forms = append(forms, text)
	}
	text := p.Name
	if len(p.Forms) > 0 && p.Forms[0].Specializations > 1 {
		text += fmt.Sprintf(", %d specializations", p.Forms[0].Specializations)
	}
	return text + ": " + strings.Join(forms, "; ")
}

// remarks are what a reader of the row has to know.
func (r *modeRow) remarks() string {
	all := append([]string(nil), r.Notes...)
	if r.SameAs != "" {
		all = append(all, "code as "+r.SameAs)
	}
	if r.Generalized > 0 {
		all = append(all, fmt.Sprintf("%d generalized", r.Generalized))
	}
	if len(r.Spent) > 0 {
		all = append(all, "past the limits of "+strings.Join(r.Spent, ", "))
	}
	return strings.Join(all, "; ")
}

// A compareTable prints the rows of one program after another.
type compareTable struct {
	w      io.Writer
	widths []int // of columns, at least; none if there is only one program
	begun  bool
}

// newCompareTable makes the table of a request. The columns of several programs are
// as wide as theirs are likely to be, since the first rows are printed before the
// last are known.
func newCompareTable(w io.Writer, cr *compareRequest) *compareTable {
	t := &compareTable{w: w}
	if len(cr.subjects) > 1 {
		t.widths = []int{0, 0, 4, 5, 4, 0, 4, 5, 0, 0, 6, 6, 6, 7, 7, 0}
		for _, m := range cr.modes {
			t.widths[0] = max(t.widths[0], len("  "+(&modeRow{Mode: m.String()}).label()))
		}
	}
	return t
}

// add prints the rows of a program, and before the first what columns mean.
func (t *compareTable) add(p *programReport) error {
	var out strings.Builder
	head := append([]string{""}, tableHead...)
	if !t.begun {
		out.WriteString(`S: computed by the specializer; SD: in one variant but not in another, or both at once; D: residual;
cut: excluded by the specification. Executed: the same, each point as often as the generic program executes it.
Residual IR: instructions as the specializer leaves them, after -O2, and bytes of machine code. BTA, PE: processor
time in ms. Faster: time of the generic code by that of the specialized, geometric mean.

`)
	}
	rows := [][]string{head, {p.heading()}}
	for _, r := range p.Modes {
		rows = append(rows, append([]string{"  " + r.label()}, r.cells()...))
	}
	text := alignedTable(rows, t.widths)
	if t.begun {
		_, text, _ = strings.Cut(text, "\n")
	}
	t.begun = true
	out.WriteString(text)
	if p.Runs == 0 {
		fmt.Fprintf(&out, "\n%s was not run: no weights, no speed; --run ARGS runs its main.\n", p.Name)
	}
	_, err := io.WriteString(t.w, out.String())
	return err
}

// tableHead names the columns of a table behind the mode.
var tableHead = []string{"points S", "SD", "D", "cut", "executed S", "SD", "D", "variants", "functions", "IR", "-O2", "bytes", "BTA", "PE", "faster", "remarks"}

// cells are the columns of a row.
func (r *modeRow) cells() []string {
	row := append(shareCells(r.Points, true), shareCells(r.Executed, false)...)
	return append(row, fmt.Sprint(r.Variants), fmt.Sprint(r.Functions), fmt.Sprint(r.Insts), orDash(float64(r.Optimized), 0), orDash(float64(r.Text), 0),
		orDash(r.AnalysisMS, 1), orDash(r.EvaluateMS, 1), orDash(r.Speedup, 2), r.remarks())
}

// shareCells are percentages, dashes for none.
func shareCells(s *shares, cut bool) []string {
	var cells []string
	if s == nil || s.total() == 0 {
		cells = []string{"-", "-", "-"}
		if cut {
			cells = append(cells, "-")
		}
		return cells
	}
	numbers := []uint64{s.Static, s.Both, s.Dynamic}
	if cut {
		numbers = append(numbers, s.Cut)
	}
	for _, n := range numbers {
		cells = append(cells, fmt.Sprintf("%.1f", s.percent(n)))
	}
	return cells
}

// orDash is a number that was measured, a dash if it was not.
func orDash(x float64, digits int) string {
	if x == 0 {
		return "-"
	}
	return fmt.Sprintf("%.*f", digits, x)
}

// alignedTable prints rows in columns: the first and the last to the left,
// the others to the right, each at least as wide as said. A row of one cell is a heading.
func alignedTable(rows [][]string, least []int) string {
	widths := slices.Clone(least)
	for _, r := range rows {
		for i, cell := range r {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if len(r) > 1 {
				widths[i] = max(widths[i], len([]rune(cell)))
			}
		}
	}
	var out strings.Builder
	for _, r := range rows {
		var line strings.Builder
		for i, cell := range r {
			pad := ""
			if len(r) > 1 {
				pad = strings.Repeat(" ", widths[i]-len([]rune(cell)))
			}
			switch {
			case i == 0:
				line.WriteString(cell + pad)
			case i == len(widths)-1:
				line.WriteString("  " + cell)
			default:
				line.WriteString("  " + pad + cell)
			}
		}
		out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return out.String()
}

// json writes all that is known.
func (c *comparison) json(w io.Writer) error {
	return printJSON(w, c)
}

// csvColumns are the columns of comma-separated values, a row a program and mode.
var csvColumns = []string{
	"program", "mode", "variables", "points", "points_static", "points_static_dynamic", "points_dynamic", "points_cut",
	"executed", "executed_static", "executed_static_dynamic", "executed_dynamic",
	"variants", "residual_functions", "residual_instructions", "residual_instructions_optimized", "residual_bytes",
	"analysis_ms", "specialization_ms", "speedup", "generalized", "budgets_spent", "same_code_as",
}

// csv writes a row a program and mode; what was not measured is empty.
func (c *comparison) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvColumns); err != nil {
		return err
	}
	number := func(x float64) string {
		if x == 0 {
			return ""
		}
		return fmt.Sprintf("%.4g", x)
	}
	counts := func(s *shares, cut bool) []string {
		switch {
		case s == nil && cut:
			return make([]string, 5)
		case s == nil:
			return make([]string, 4)
		}
		cells := []string{fmt.Sprint(s.total()), fmt.Sprint(s.Static), fmt.Sprint(s.Both), fmt.Sprint(s.Dynamic)}
		if cut {
			cells = append(cells, fmt.Sprint(s.Cut))
		}
		return cells
	}
	for _, p := range c.Programs {
		for _, r := range p.Modes {
			row := append([]string{p.Name, r.Mode, r.Form}, counts(r.Points, true)...)
			row = append(row, counts(r.Executed, false)...)
			row = append(row, fmt.Sprint(r.Variants), fmt.Sprint(r.Functions), fmt.Sprint(r.Insts), fmt.Sprint(r.Optimized), fmt.Sprint(r.Text),
				number(r.AnalysisMS), number(r.EvaluateMS), number(r.Speedup), fmt.Sprint(r.Generalized), strings.Join(r.Spent, "; "), r.SameAs)
			if err := out.Write(row); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}
