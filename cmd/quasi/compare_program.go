package main

// This file compares the modes on programs given as files: with runs of their
// main, or without any run.

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"quasi/ir"
	"quasi/ir/spec"
)

// A programCall is one call of main.
type programCall struct {
	text  string
	args  []string
	stdin string // a file; empty: no input
}

// parseCall reads a value of --run.
func parseCall(text string) (programCall, error) {
	args, stdin, _ := strings.Cut(text, " < ")
	words, err := splitWords(args)
	return programCall{text: strings.TrimSpace(text), args: words, stdin: strings.TrimSpace(stdin)}, err
}

// splitWords splits as a shell does, with single and double quotes.
func splitWords(s string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord, quote := false, rune(0)
	for _, r := range s {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == ' ':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("unfinished quote in %s", s)
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// program compares the modes on the files of a request.
func (c *comparer) program(cr *compareRequest) (*programReport, error) {
	in, err := sortInputs(cr.files, len(cr.runs) > 0)
	if err != nil {
		return nil, err
	}
	rep := &programReport{Name: programName(cr.files), Title: "the functions that " + specName(cr.request) + " names in " + strings.Join(cr.files, ", ")}
	results, forms, err := c.runModes(in, rep)
	if err != nil || len(cr.runs) == 0 {
		return rep, err
	}
	for _, call := range cr.runs {
		if call.stdin != "" {
			if _, err := os.Stat(call.stdin); err != nil {
				return nil, fmt.Errorf("%s: %w", call.stdin, cause(err))
			}
		}
	}
	return rep, c.runProgram(cr, in, rep, results, forms)
}

func programName(files []string) string {
	name := filepath.Base(files[0])
	return strings.TrimSuffix(name, filepath.Ext(name))
}

// specName is what the specification of a request is called in a title.
func specName(r *request) string {
	if r.entry != "" {
		return "-e " + r.entry
	}
	return strings.Join(r.specs, ", ")
}

// runModes runs all modes on inputs and counts their points. It also returns the
// program in each form.
func (c *comparer) runModes(in *inputs, rep *programReport) ([]*modeResult, map[form]*moduleText, error) {
	file, err := c.specification()
	if err != nil {
		return nil, nil, err
	}
	forms, err := c.compileForms(in)
	if err != nil {
		return nil, nil, err
	}
	var results []*modeResult
	for i, m := range c.modes {
		r, err := c.runMode(m, forms[m.form], file, fmt.Sprintf("mode%d", i))
		if err != nil {
			return nil, nil, fmt.Errorf("mode %s: %w", m, err)
		}
		results = append(results, r)
		rep.Modes = append(rep.Modes, r.row)
	}
	for _, f := range []form{inRegisters, inMemory} {
		if some := ofForm(results, f); len(some) > 0 {
			fr, err := c.countPoints(forms[f], file, some)
			if err != nil {
				return nil, nil, err
			}
			fr.Form = f.String()
			rep.Forms = append(rep.Forms, fr)
		}
	}
	return results, forms, nil
}

// ofForm are the modes that have a form, but for production, whose points may
// be others.
func ofForm(results []*modeResult, f form) []*modeResult {
	var some []*modeResult
	for _, r := range results {
		if r.form == f && !r.production {
			some = append(some, r)
		}
	}
	return some
}

// countPoints counts the points of the functions that the analysis enters in any
// of the modes, by what each mode makes of them.
func (c *comparer) countPoints(mod *moduleText, file *spec.File, results []*modeResult) (*formReport, error) {
	p, err := c.loadMode(compareMode{}, mod, file)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, r := range results {
		r.row.Points = &shares{}
	}
	for i := range p.variants {
		var entered []int
		for id, f := range p.prog.Funcs {
			if slices.ContainsFunc(results, func(r *modeResult) bool { return r.divisions[i][id] != nil }) {
				entered = append(entered, id)
				names[f.Name()] = true
			}
		}
		for _, r := range results {
			r.row.Points.addAll(r.divisions[i].count(p.prog, entered))
		}
	}
	return &formReport{Specializations: len(p.variants), Functions: len(names), Points: results[0].row.Points.total()}, nil
}

// An execution is what one run of a program did.
type execution struct {
	stdout string
	code   int
	ns     float64 // processor time
}

// maxExecution is how long one run of a program may last.
const maxExecution = 2 * time.Minute

// execute runs a program once, in an environment, that of quasi if it is nil.
func (c *comparer) execute(program string, call programCall, env []string) (*execution, error) {
	cmd := exec.CommandContext(c.ctx, program, call.args...)
	timer := time.AfterFunc(maxExecution, func() { cmd.Cancel() })
	defer timer.Stop()
	var out bytes.Buffer
	cmd.Stdout, cmd.Env = &out, env
	if call.stdin != "" {
		f, err := os.Open(call.stdin)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", call.stdin, cause(err))
		}
		defer f.Close()
		cmd.Stdin = f
	}
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	if !timer.Stop() {
		return nil, fmt.Errorf("main %s has not ended after %v", call.text, maxExecution)
	}
	st := cmd.ProcessState
	return &execution{out.String(), st.ExitCode(), float64(st.UserTime() + st.SystemTime())}, nil
}

// runProgram links the program of every mode, compares what they do with the
// generic program, and measures them.
func (c *comparer) runProgram(cr *compareRequest, in *inputs, rep *programReport, results []*modeResult, forms map[form]*moduleText) error {
	link := func(name, module string) (string, error) {
		c.bar.enter("linking")
		program := c.ws.path(name)
		args := slices.Concat([]string{"-O3", "-Wno-override-module", module}, in.objects, c.clang.codegen, c.clang.link)
		return program, c.tc.link(c.ctx, program, args)
	}
	text := forms[results[0].form]
	p, err := ir.Load(text.name, text.text)
	if err != nil {
		return err
	}
	if f := p.FuncByName("main"); f == nil || f.IsDecl() {
		return errors.New("--run: the inputs have no function main")
	}
	source := c.ws.path("generic.ll")
	if err := os.WriteFile(source, text.text, 0o666); err != nil {
		return err
	}
	generic, err := link("generic", source)
	if err != nil {
		return err
	}
	programs := make([]string, len(results))
	for i, r := range results {
		if r.module == "" {
			continue
		}
		if programs[i], err = link(fmt.Sprintf("program%d", i), r.module); err != nil {
			return err
		}
	}
	same, err := sameModules(results)
	if err != nil {
		return err
	}
	for _, call := range cr.runs {
		if err := c.runCall(call, generic, programs, results, same); err != nil {
			return err
		}
	}
	if err := c.countProgram(cr.runs, in, forms, results, rep); err != nil {
		return err
	}
	rep.Runs = len(cr.runs)
	for i, r := range results {
		r.row.finish(results, same[i])
	}
	return nil
}

// runCall compares and measures one call of main, in interleaved rounds.
func (c *comparer) runCall(call programCall, generic string, programs []string, results []*modeResult, same []int) error {
	c.bar.enter("checking main " + call.text)
	want, err := c.execute(generic, call, nil)
	if err != nil {
		return err
	}
	for i, r := range results {
		if r.module == "" {
			continue
		}
		got, err := c.execute(programs[i], call, nil)
		if err != nil {
			return err
		}
		if got.stdout != want.stdout || got.code != want.code {
			return fmt.Errorf("mode %s: main %s does not do what the generic program does: it prints %q with exit code %d, the generic one %q with %d",
				r, call.text, beginning(got.stdout), got.code, beginning(want.stdout), want.code)
		}
	}
	if c.noTimes {
		return nil
	}
	rounds := 15
	if c.quick {
		rounds = 3
	}
	times := make([][]float64, len(results)+1)
	for round := range rounds {
		c.bar.enter(fmt.Sprintf("measuring main %s, round %d of %d", call.text, round+1, rounds))
		for k := range times {
			at := (k + round) % len(times)
			program := generic
			if at > 0 {
				if same[at-1] >= 0 || results[at-1].module == "" {
					continue
				}
				program = programs[at-1]
			}
			e, err := c.execute(program, call, nil)
			if err != nil {
				return err
			}
			times[at] = append(times[at], e.ns)
		}
	}
	for i, r := range results {
		if same[i] >= 0 || r.module == "" {
			continue
		}
		ratios := make([]float64, rounds)
		for k := range ratios {
			ratios[k] = times[0][k] / times[i+1][k]
		}
		r.row.Cases = append(r.row.Cases, &caseTime{Case: "main", Input: call.text, NS: median(times[i+1]), Generic: median(times[0]), Speedup: median(ratios)})
	}
	return nil
}

func beginning(s string) string {
	if len(s) > 80 {
		return s[:80] + "..."
	}
	return s
}

// sameModules tells for each result the first one before it that gave the same
// program, -1 for none.
func sameModules(results []*modeResult) ([]int, error) {
	same := make([]int, len(results))
	var texts [][]byte
	for i, r := range results {
		if r.module == "" {
			same[i] = -1
			texts = append(texts, nil)
			continue
		}
		text, err := os.ReadFile(r.module)
		if err != nil {
			return nil, err
		}
		same[i] = slices.IndexFunc(texts, func(t []byte) bool { return bytes.Equal(t, text) })
		texts = append(texts, text)
	}
	return same, nil
}
