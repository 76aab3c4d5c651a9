package main

// This file analyzes and specializes one program in one mode, and measures what
// comes out: divisions, sizes, times.

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"

	"quasi/bta"
	"quasi/ir"
	"quasi/ir/spec"
	"quasi/pe"
)

// A compareMode is one row of a comparison: a mode of the analysis on one form of
// the program, or the pipeline as the other commands have it.
type compareMode struct {
	bta.Mode
	form       form
	production bool // peeled copies; the full analysis
}

// A form is how the program's C variables are given to the analysis. All modes
// see the same program points in one form.
type form uint8

const (
	inRegisters form = iota // after opt -passes=sroa, as the other commands have it
	inMemory                // every variable is a slot, which a uniform division is about
)

func (f form) String() string { return [...]string{"registers", "memory"}[f] }

// formOf is the form in which a mode is compared if nothing else is said.
func formOf(m bta.Mode) form {
	if m.Uniform {
		return inMemory
	}
	return inRegisters
}

// production is the name of the row of the pipeline as it is.
const production = "production"

// String is the mode's name, with the form before it if it is not that of formOf.
func (m compareMode) String() string {
	switch {
	case m.production:
		return production
	case m.form != formOf(m.Mode):
		return m.form.String() + ":" + m.Mode.String()
	}
	return m.Mode.String()
}

// defaultModes are the pipeline as it is, the full analysis and it without each
// sensitivity, and in memory the full analysis, a uniform division, and that
// without any sensitivity.
func defaultModes() []compareMode {
	all := bta.Mode{Uniform: true, Monovariant: true, NoUse: true, NoReturn: true}
	return []compareMode{
		{production: true},
		{}, {Mode: bta.Mode{Monovariant: true}}, {Mode: bta.Mode{NoUse: true}}, {Mode: bta.Mode{NoReturn: true}},
		{form: inMemory}, {form: inMemory, Mode: bta.Mode{Uniform: true}}, {form: inMemory, Mode: all},
	}
}

// parseModes reads the value of --modes.
func parseModes(list string) ([]compareMode, error) {
	if list == "" {
		return defaultModes(), nil
	}
	known := map[string]compareMode{production: {production: true}}
	wanted, names := []string{production, "full", "memory:full"}, []string{}
	for _, m := range bta.Modes() {
		for _, f := range []form{inRegisters, inMemory} {
			known[f.String()+":"+m.String()] = compareMode{Mode: m, form: f}
		}
		known[m.String()] = compareMode{Mode: m, form: formOf(m)}
		names = append(names, m.String())
		if m != (bta.Mode{}) {
			wanted = append(wanted, m.String())
		}
	}
	if list != "all" {
		wanted = strings.Split(list, ",")
	}
	var modes []compareMode
	for _, name := range wanted {
		m, ok := known[strings.TrimSpace(name)]
		switch {
		case !ok:
			return nil, fmt.Errorf("--modes: there is no mode %q; it is all, or some of %s, %s, with registers: or memory: before it to say where variables are",
				name, production, strings.Join(names, ", "))
		case slices.Contains(modes, m):
			return nil, fmt.Errorf("--modes: %s is there twice", name)
		}
		modes = append(modes, m)
	}
	return modes, nil
}

// A modeRow is what one mode came to on one program.
type modeRow struct {
	Mode        string      `json:"mode"`
	Form        string      `json:"variables"`          // registers, memory
	Points      *shares     `json:"points,omitempty"`   // none for production: its points are others
	Executed    *shares     `json:"executed,omitempty"` // the same, each point as often as it is executed; none without a run
	Variants    int         `json:"variants"`           // functions under a division of their arguments and memory
	Functions   int         `json:"residualFunctions"`
	Insts       int         `json:"residualInstructions"`          // as the specializer leaves them
	Optimized   int         `json:"residualInstructionsOptimized"` // after -O2
	Text        int         `json:"residualBytes"`                 // of machine code, after -O2
	AnalysisMS  float64     `json:"analysisMs,omitempty"`          // processor time
	EvaluateMS  float64     `json:"specializationMs,omitempty"`
	Speedup     float64     `json:"speedup,omitempty"` // time of generic by time of residual, geometric mean over the cases
	Spread      float64     `json:"spreadPercent,omitempty"`
	Cases       []*caseTime `json:"cases,omitempty"`
	SameAs      string      `json:"sameCodeAs,omitempty"` // an earlier mode that gave the same code, which was measured
	Generalized int         `json:"generalized"`          // decisions that gave up something static to end
	Spent       []string    `json:"budgetsSpent"`         // limits of the specializer that were reached
	Notes       []string    `json:"notes"`
}

// A caseTime is what one case of a subject, or one run of a program, took.
type caseTime struct {
	Case    string  `json:"case"`
	Input   string  `json:"input"`
	NS      float64 `json:"ns"`
	Generic float64 `json:"genericNs"`
	Speedup float64 `json:"speedup"` // median of the ratios within a run
}

// A modeResult is a row, and what the others of its program need of it.
type modeResult struct {
	compareMode
	row       *modeRow
	divisions []pointDivision // by specialization
	contexts  *contextTable   // nil for production
	module    string          // the whole program, specialized and optimized, a file; none if it is too large
}

// A comparer compares the modes on one program after another.
type comparer struct {
	*session
	ctx     context.Context
	modes   []compareMode
	repeats int // of analysis and specialization, to time them; none of what takes long
	quick   bool
	noTimes bool
	budget  pe.Budget
}

// repeatBelow is the processor time of analysis and specialization, in ms, from
// which on once is enough: what takes that long differs little the next time.
const repeatBelow = 2000

// A moduleText is the program as IR.
type moduleText struct {
	name string
	text []byte
}

// compileForms compiles the inputs in the forms that the modes need. Inputs that
// are IR are what they are.
func (c *comparer) compileForms(in *inputs) (map[form]*moduleText, error) {
	forms := make(map[form]*moduleText)
	for _, m := range c.modes {
		if forms[m.form] != nil {
			continue
		}
		c.bar.enter("compiling")
		tc := *c.tc
		tc.memory = m.form == inMemory
		tc.quiet = tc.quiet || len(forms) > 0 // its warnings have been printed
		name, text, err := in.module(c.ctx, &tc, c.ws, c.compileFlags())
		if err != nil {
			return nil, err
		}
		forms[m.form] = &moduleText{name, text}
	}
	return forms, nil
}

// loadMode loads and resolves the program for one mode. Modes have no peeled
// copies, so that all of them are about the same points, and the specializer
// knows no more than the division says, so that their code tells what that is worth.
func (c *comparer) loadMode(m compareMode, mod *moduleText, file *spec.File) (*pipeline, error) {
	s, r := *c.session, *c.request
	r.mode = m.Mode
	s.request = &r
	p := &pipeline{session: &s, obey: !m.production}
	var err error
	if p.prog, err = s.read(mod.name, mod.text); err != nil {
		return nil, err
	}
	return p, p.phase("resolving the specification", "", func() error {
		if m.production {
			return p.bind(file)
		}
		return p.resolve(file)
	})
}

// runMode does one mode: analysis and specialization, as often as they are
// timed, then sizes, and the whole program in a file called name.
func (c *comparer) runMode(m compareMode, mod *moduleText, file *spec.File, name string) (*modeResult, error) {
	r := &modeResult{compareMode: m, row: &modeRow{Mode: m.String(), Form: m.form.String(), Spent: []string{}, Notes: []string{}}}
	var analysis, evaluation []float64
	var p *pipeline
	for n := 0; n == 0 || n < c.repeats && analysis[0]+evaluation[0] < repeatBelow; n++ {
		began := len(c.bar.times)
		var err error
		if p, err = c.loadMode(m, mod, file); err != nil {
			return nil, err
		}
		if err := p.analyze(); err != nil {
			return nil, err
		}
		if err := p.specialize(c.budget); err != nil {
			return nil, err
		}
		c.bar.enter("")
		a, e := 0.0, 0.0
		for _, t := range c.bar.times[began:] {
			switch {
			case strings.HasPrefix(t.Phase, "binding times"):
				a += t.CPU
			case strings.HasPrefix(t.Phase, "partial evaluation"):
				e += t.CPU
			}
		}
		analysis, evaluation = append(analysis, a), append(evaluation, e)
	}
	if !c.noTimes {
		r.row.AnalysisMS, r.row.EvaluateMS = median(analysis), median(evaluation)
	}
	if !m.production {
		r.contexts = newContexts(p)
	}
	r.describe(p)
	if ok, err := c.sizes(p, r.row); err != nil || !ok {
		return r, err
	}
	module, err := p.write(c.ctx, ".ll", moduleOptions{})
	if err != nil {
		return nil, err
	}
	r.module = c.ws.path(name + ".ll")
	return r, os.Rename(module, r.module)
}

// describe records what the analysis and the specializer say of themselves.
func (r *modeResult) describe(p *pipeline) {
	spent := map[string]int{}
	for _, v := range p.variants {
		r.row.Variants += len(v.bta.Variants)
		if !r.production {
			r.divisions = append(r.divisions, divisionOf(v.bta))
		}
		if v.result.Residual == nil {
			r.row.Notes = append(r.row.Notes, v.Name+" stays generic")
		}
		for _, reason := range v.result.Reasons {
			switch reason.Kind {
			case pe.BudgetSpent:
				spent[reason.What] += max(reason.Count, 1)
			case pe.Generalized:
				r.row.Generalized += max(reason.Count, 1)
			}
		}
		r.row.Functions += len(v.result.Funcs)
	}
	for _, what := range slices.Sorted(maps.Keys(spent)) {
		r.row.Spent = append(r.row.Spent, fmt.Sprintf("%s (%d)", what, spent[what]))
	}
}

// maxModule is how large the text of a module may be, without debug information,
// that LLVM is given to optimize. Residual code whose joins have thousands of ways
// in is beyond what it can do in reasonable time.
var maxModule int64 = 64 << 20

// sizes measures the residual functions: as the specializer leaves them, and
// alone, each visible, after -O2. It reports false, with a note in the row, if
// there is too much for LLVM.
func (c *comparer) sizes(p *pipeline, row *modeRow) (bool, error) {
	funcs := p.residualFuncs()
	if len(funcs) == 0 {
		return true, nil
	}
	names := map[string]bool{}
	linkage := map[*llir.Func]enum.Linkage{}
	for _, f := range funcs {
		row.Insts += countInsts(f)
		names[f.Name()], linkage[f] = true, f.Linkage
		f.Linkage = enum.LinkageNone // LLVM would drop what nothing calls
	}
	whole, err := p.print("sizes.ll")
	for f, l := range linkage {
		f.Linkage = l
	}
	if err != nil {
		return false, err
	}
	p.bar.enter("optimizing")
	stripped, optimized, object := c.ws.path("stripped.ll"), c.ws.path("optimized.ll"), c.ws.path("optimized.o")
	if err := p.tc.stripDebug(c.ctx, stripped, whole); err != nil {
		return false, err
	}
	info, err := os.Stat(stripped)
	if err != nil {
		return false, err
	}
	if info.Size() > maxModule {
		row.Notes = append(row.Notes, fmt.Sprintf("past the limits: a module of %d MB is neither optimized nor measured", info.Size()>>20))
		return false, nil
	}
	if err := p.tc.finish(c.ctx, optimized, stripped, append([]string{"-O2"}, p.clang.codegen...)); err != nil {
		return false, err
	}
	text, err := os.ReadFile(optimized)
	if err != nil {
		return false, err
	}
	prog, err := ir.Load("optimized.ll", text)
	if err != nil {
		return false, err
	}
	for _, f := range prog.Funcs {
		if names[f.Name()] {
			row.Optimized += countInsts(f.LL)
		}
	}
	if err := p.tc.run(c.ctx, "llc", "-O2", "--filetype=obj", "--relocation-model=pic", "-o", object, optimized); err != nil {
		return false, err
	}
	found, err := p.tc.textSizes(c.ctx, object)
	if err != nil {
		return false, err
	}
	for name := range names {
		row.Text += found[name]
	}
	return true, nil
}
