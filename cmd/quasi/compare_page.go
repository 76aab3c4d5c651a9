package main

// This file makes the page of a comparison: plots as SVG, with a table behind each.

import (
	"fmt"
	"slices"
	"strings"
)

// A comparePage is what page/compare.html shows.
type comparePage struct {
	Title    string
	Overview []*plot // over all programs; none for one
	Programs []*comparePageProgram
}

type comparePageProgram struct {
	Name, Anchor, Title, Heading string
	Plots                        []*plot
	Table                        figures
	Cases                        *figures // nil without times
}

// Figures are a table: the first column names the row, remarks are words, the rest numbers.
type figures struct {
	Head []string
	Rows [][]string
}

// Class is that of the cells of a column.
func (f figures) Class(column int) string {
	if f.Head[column] == "remarks" {
		return "words"
	}
	return "n"
}

// A plot is rows of horizontal bars with the same scale.
type plot struct {
	ID, Title     string
	Width, Height int
	Legend        []plotLegend
	Lines         []plotLine
	Rows          []plotRow
	Table         figures
}

type plotLegend struct{ Class, Text string }

// A plotLine is a vertical line.
type plotLine struct {
	Class  string
	X      float64
	Bottom int
}

type plotRow struct {
	Label, Value string
	Y, H         int
	LabelX       int
	TextY        int
	ValueX       float64
	Bars         []plotBar
}

type plotBar struct {
	Class, Title string
	X, W         float64
}

// The measures of plots: where labels end, how wide bars are, what is right of
// them for numbers, and the distance of rows.
const (
	plotLabels = 120
	plotBars   = 230
	plotValues = 160
	plotPitch  = 22
	plotThick  = 14
)

func newPlot(id, title string, head ...string) *plot {
	return &plot{ID: id, Title: title, Width: plotLabels + plotBars + plotValues, Table: figures{Head: head}}
}

// row adds a row of bars one behind the other. Sizes are parts of the whole width.
func (p *plot) row(label, value string, bars []plotBar) {
	y := len(p.Rows)*plotPitch + 4
	x := float64(plotLabels) + 8
	for i := range bars {
		bars[i].X, bars[i].W = round1(x), round1(bars[i].W*plotBars)
		x += bars[i].W
	}
	p.Rows = append(p.Rows, plotRow{Label: label, Value: value, Y: y, H: plotThick, LabelX: plotLabels, TextY: y + 11, ValueX: round1(x + 6), Bars: bars})
	p.Height = y + plotPitch
}

// line adds a vertical line at a part of the whole width, once all rows stand.
func (p *plot) line(class string, at float64) {
	p.Lines = append(p.Lines, plotLine{class, round1(float64(plotLabels) + 8 + at*plotBars), p.Height})
}

func round1(x float64) float64 { return float64(int(x*10+0.5)) / 10 }

// shareKinds are the parts of a stacked bar.
var shareKinds = []struct {
	class, short, text string
	of                 func(*shares) uint64
}{
	{"bar-static", "S", "static", func(s *shares) uint64 { return s.Static }},
	{"bar-both", "SD", "static and dynamic", func(s *shares) uint64 { return s.Both }},
	{"bar-dynamic", "D", "dynamic", func(s *shares) uint64 { return s.Dynamic }},
	{"bar-cut", "cut", "cut", func(s *shares) uint64 { return s.Cut }},
}

// sharePlot shows shares of every mode that has them, nil if none has.
func sharePlot(id, title string, modes []*modeRow, of func(*modeRow) *shares) *plot {
	p := newPlot(id, title, "mode")
	for _, k := range shareKinds {
		p.Legend = append(p.Legend, plotLegend{k.class, k.text})
		p.Table.Head = append(p.Table.Head, k.text+", %", k.text)
	}
	for _, r := range modes {
		s := of(r)
		if s == nil || s.total() == 0 {
			continue
		}
		var bars []plotBar
		var value []string
		cells := []string{r.label()}
		for _, k := range shareKinds {
			n := k.of(s)
			cells = append(cells, fmt.Sprintf("%.1f", s.percent(n)), fmt.Sprint(n))
			if n > 0 {
				text := fmt.Sprintf("%s %.1f", k.short, s.percent(n))
				bars = append(bars, plotBar{Class: k.class, Title: fmt.Sprintf("%s: %s %.1f %%", r.label(), k.text, s.percent(n)), W: s.percent(n) / 100})
				value = append(value, text)
			}
		}
		p.row(r.label(), strings.Join(value, "  "), bars)
		p.Table.Rows = append(p.Table.Rows, cells)
	}
	if len(p.Rows) == 0 {
		return nil
	}
	return p
}

// formClass colours the bar of a mode by what it is about.
func (r *modeRow) formClass() string {
	if r.Mode == production {
		return "bar-production"
	}
	return "bar-" + r.Form
}

var formLegend = []plotLegend{{"bar-production", "the pipeline as it is"}, {"bar-registers", "variables in registers"}, {"bar-memory", "variables in memory"}}

// A bar is one row of a numberPlot.
type bar struct {
	label, class string
	n            float64
}

// most is the largest number of bars.
func most(bars []bar) float64 {
	n := 0.0
	for _, b := range bars {
		n = max(n, b.n)
	}
	return n
}

// numberPlot shows a number a row, nil if there is none. The whole width stands
// for most. With one, a line says where 1 is.
func numberPlot(id, title, head, format string, one bool, most float64, bars []bar) *plot {
	p := newPlot(id, title, "", head)
	if !slices.ContainsFunc(bars, func(b bar) bool { return b.n > 0 }) {
		return nil
	}
	if one {
		most = max(most, 1)
	}
	for _, b := range bars {
		if b.n == 0 {
			continue
		}
		text := fmt.Sprintf(format, b.n)
		p.row(b.label, text, []plotBar{{Class: b.class, Title: b.label + ": " + text, W: b.n / most}})
		p.Table.Rows = append(p.Table.Rows, []string{b.label, text})
	}
	p.line("line-axis", 0)
	if one {
		p.line("line-one", 1/most)
	}
	return p
}

// modePlot is a numberPlot with a row a mode.
func modePlot(id, title, head, format string, one bool, modes []*modeRow, of func(*modeRow) float64) *plot {
	var bars []bar
	for _, r := range modes {
		bars = append(bars, bar{r.label(), r.formClass(), of(r)})
	}
	p := numberPlot(id, title, head, format, one, most(bars), bars)
	if p != nil {
		p.Legend = formLegend
	}
	return p
}

// page makes the page of a comparison.
func (c *comparison) page() ([]byte, error) {
	content := &comparePage{Title: "Modes of the analysis compared"}
	if len(c.Programs) == 1 {
		content.Title = c.Programs[0].Name + ": modes of the analysis compared"
	}
	for i, p := range c.Programs {
		content.Programs = append(content.Programs, p.onPage(fmt.Sprintf("program-%d", i+1)))
	}
	if len(c.Programs) > 1 {
		content.Overview = c.overview()
	}
	return makePage("compare", content.Title, content, nil)
}

// onPage is what the page shows of one program.
func (p *programReport) onPage(id string) *comparePageProgram {
	out := &comparePageProgram{Name: p.Name, Anchor: id, Title: p.Title, Heading: p.heading()}
	for _, q := range []*plot{
		sharePlot(id+"-points", "Program points", p.Modes, func(r *modeRow) *shares { return r.Points }),
		sharePlot(id+"-executed", "Instructions executed", p.Modes, func(r *modeRow) *shares { return r.Executed }),
		modePlot(id+"-bytes", "Machine code of the residual functions, bytes", "bytes", "%.0f", false, p.Modes, func(r *modeRow) float64 { return float64(r.Text) }),
		modePlot(id+"-speed", "Faster than the generic program, times", "times", "%.2f", true, p.Modes, func(r *modeRow) float64 { return r.Speedup }),
		modePlot(id+"-variants", "Variants: functions under a division", "variants", "%.0f", false, p.Modes, func(r *modeRow) float64 { return float64(r.Variants) }),
		modePlot(id+"-time", "Analysis and specialization, ms", "ms", "%.1f", false, p.Modes, func(r *modeRow) float64 { return r.AnalysisMS + r.EvaluateMS }),
	} {
		if q != nil {
			out.Plots = append(out.Plots, q)
		}
	}
	out.Table.Head = append([]string{"mode"}, tableHead...)
	for _, r := range p.Modes {
		out.Table.Rows = append(out.Table.Rows, append([]string{r.label()}, r.cells()...))
	}
	cases := &figures{Head: []string{"mode", "case", "input", "generic, ns", "specialized, ns", "faster"}}
	for _, r := range p.Modes {
		for _, t := range r.Cases {
			cases.Rows = append(cases.Rows, []string{r.label(), t.Case, t.Input, fmt.Sprintf("%.2f", t.Generic), fmt.Sprintf("%.2f", t.NS), fmt.Sprintf("%.2f", t.Speedup)})
		}
	}
	if len(cases.Rows) > 0 {
		out.Cases = cases
	}
	return out
}

// overview compares programs, in each mode of the first: what is static of what is
// executed, and how fast the code is, with one scale for all modes.
func (c *comparison) overview() []*plot {
	of := func(mode string, n func(*modeRow) float64) []bar {
		var bars []bar
		for _, p := range c.Programs {
			for _, r := range p.Modes {
				if r.Mode == mode {
					bars = append(bars, bar{p.Name, r.formClass(), n(r)})
				}
			}
		}
		return bars
	}
	static := func(r *modeRow) float64 {
		if r.Executed == nil {
			return 0
		}
		return r.Executed.percent(r.Executed.Static)
	}
	faster := func(r *modeRow) float64 { return r.Speedup }
	fastest := 0.0
	for _, r := range c.Programs[0].Modes {
		fastest = max(fastest, most(of(r.Mode, faster)))
	}
	var plots []*plot
	for i, r := range c.Programs[0].Modes {
		plots = append(plots, numberPlot(fmt.Sprintf("overview-%d-static", i), r.label()+": static of the instructions executed, %", "%", "%.1f", false, 100, of(r.Mode, static)))
	}
	for i, r := range c.Programs[0].Modes {
		plots = append(plots, numberPlot(fmt.Sprintf("overview-%d-speed", i), r.label()+": faster than the generic program, times", "times", "%.2f", true, fastest, of(r.Mode, faster)))
	}
	return slices.DeleteFunc(plots, func(p *plot) bool { return p == nil })
}
