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
	results, memory, err := c.runModes(in, rep)
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
	return rep, c.runProgram(cr, in, rep, results, memory)
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

// runModes runs all modes on inputs and counts their points. The text is that
// of the program that all modes but production have.
func (c *comparer) runModes(in *inputs, rep *programReport) ([]*modeResult, *moduleText, error) {
	file, err := c.specification()
	if err != nil {
		return nil, nil, err
	}
	memory, registers, err := c.compileBoth(in)
	if err != nil {
		return nil, nil, err
	}
	var results []*modeResult
	for i, m := range c.modes {
		mod := memory
		if m.production {
			mod = registers
		}
		r, err := c.runMode(m, mod, file, fmt.Sprintf("mode%d", i))
		if err != nil {
			return nil, nil, fmt.Errorf("mode %s: %w", m, err)
		}
		results = append(results, r)
		rep.Modes = append(rep.Modes, r.row)
	}
	return results, memory, c.countPoints(memory, file, results, rep)
}

// countPoints counts the points of the functions that the analysis enters in any
// of the modes, by what each mode makes of them.
func (c *comparer) countPoints(mod *moduleText, file *spec.File, results []*modeResult, rep *programReport) error {
	p, err := c.loadMode(compareMode{}, mod, file)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for i := range p.variants {
		var entered []int
		for id, f := range p.prog.Funcs {
			if slices.ContainsFunc(results, func(r *modeResult) bool { return !r.production && r.divisions[i][id] != nil }) {
				entered = append(entered, id)
				names[f.Name()] = true
			}
		}
		for _, r := range results {
			if r.production {
				continue
			}
			if r.row.Points == nil {
				r.row.Points = &shares{}
			}
			r.row.Points.addAll(r.divisions[i].count(p.prog, entered))
		}
	}
	rep.Specializations, rep.Functions = len(p.variants), len(names)
	for _, r := range results {
		if r.row.Points != nil {
			rep.Points = r.row.Points.total()
		}
	}
	return nil
}

// An execution is what one run of a program did.
type execution struct {
	stdout string
	code   int
	ns     float64 // processor time
}

// maxExecution is how long one run of a program may last.
const maxExecution = 2 * time.Minute

// execute runs a program once.
func (c *comparer) execute(program string, call programCall) (*execution, error) {
	cmd := exec.CommandContext(c.ctx, program, call.args...)
	timer := time.AfterFunc(maxExecution, func() { cmd.Cancel() })
	defer timer.Stop()
	var out bytes.Buffer
	cmd.Stdout = &out
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
func (c *comparer) runProgram(cr *compareRequest, in *inputs, rep *programReport, results []*modeResult, memory *moduleText) error {
	link := func(name, module string) (string, error) {
		c.bar.enter("linking")
		program := c.ws.path(name)
		args := slices.Concat([]string{"-O3", "-Wno-override-module", module}, in.objects, c.clang.codegen, c.clang.link)
		return program, c.tc.link(c.ctx, program, args)
	}
	p, err := ir.Load(memory.name, memory.text)
	if err != nil {
		return err
	}
	if f := p.FuncByName("main"); f == nil || f.IsDecl() {
		return errors.New("--run: the inputs have no function main")
	}
	source := c.ws.path("generic.ll")
	if err := os.WriteFile(source, memory.text, 0o666); err != nil {
		return err
	}
	generic, err := link("generic", source)
	if err != nil {
		return err
	}
	programs := make([]string, len(results))
	for i, r := range results {
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
	rep.Runs = len(cr.runs)
	for i, r := range results {
		r.row.finish(results, same[i])
	}
	return nil
}

// runCall compares and measures one call of main, in interleaved rounds.
func (c *comparer) runCall(call programCall, generic string, programs []string, results []*modeResult, same []int) error {
	c.bar.enter("checking main " + call.text)
	want, err := c.execute(generic, call)
	if err != nil {
		return err
	}
	for i, r := range results {
		got, err := c.execute(programs[i], call)
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
				if same[at-1] >= 0 {
					continue
				}
				program = programs[at-1]
			}
			e, err := c.execute(program, call)
			if err != nil {
				return err
			}
			times[at] = append(times[at], e.ns)
		}
	}
	for i, r := range results {
		if same[i] >= 0 {
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
		text, err := os.ReadFile(r.module)
		if err != nil {
			return nil, err
		}
		same[i] = slices.IndexFunc(texts, func(t []byte) bool { return bytes.Equal(t, text) })
		texts = append(texts, text)
	}
	return same, nil
}
