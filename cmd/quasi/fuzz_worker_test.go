package main

// This file tries one program in a process of its own, so that whatever
// becomes of the specializer there ends that process alone.

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"quasi/bta"
	"quasi/guard"
	"quasi/ir"
	"quasi/ir/spec"
)

// A fuzzFailure is one way in which a program failed.
type fuzzFailure struct {
	Way  string
	Kind string // crash, mismatch or slow
	Text string
	Kept string // folder with all that it takes to see it again
}

// A verdict is what became of one program.
type verdict struct {
	Seed      int
	Shape     string
	Discarded string // why the program says nothing, empty if it does
	Builds    int    // that agree
	Guards    guardCounts
	Inserted  guard.Inserted
	Failures  []fuzzFailure
	Times     map[string]time.Duration // by phase
}

// What a worker is told, by the environment.
const (
	envFuzzSeed = "QUASI_FUZZ_SEED" // of the program; its presence makes a worker
	envFuzzDir  = "QUASI_FUZZ_DIR"  // where the objects are, and where to work
)

// verdictFile is where a worker leaves its verdict.
const verdictFile = "verdict.json"

// TestCsmithWorker is no test: it is what the processes of TestCsmith run.
func TestCsmithWorker(t *testing.T) {
	seed, err := strconv.Atoi(os.Getenv(envFuzzSeed))
	if err != nil {
		t.Skip("not a worker")
	}
	objects := os.Getenv(envFuzzDir)
	dir := filepath.Join(objects, strconv.Itoa(seed))
	m, err := newFuzzMaker(&toolchain{}, objects, cacheFolder())
	if err != nil {
		t.Fatal(err)
	}
	w := &worker{fuzzMaker: m, dir: dir, v: verdict{Seed: seed, Times: make(map[string]time.Duration)}}
	if err := w.try(); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(w.v)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, verdictFile), text, 0o666); err != nil {
		t.Fatal(err)
	}
}

// A worker tries one program.
type worker struct {
	*fuzzMaker
	dir string
	p   *fuzzProgram
	v   verdict

	mode bta.Mode // of the build that is tried
}

// timed adds what f takes to a phase.
func (w *worker) timed(phase string, f func() error) error {
	began := time.Now()
	err := f()
	w.v.Times[phase] += time.Since(began)
	return err
}

// try makes the program and builds it in each way.
func (w *worker) try() error {
	err := w.timed("make", func() (err error) {
		w.p, err = w.program(w.v.Seed, w.dir)
		return err
	})
	if err != nil {
		return err
	}
	w.v.Shape, w.v.Discarded = w.p.Shape, w.p.Discarded
	if w.p.Discarded != "" || *csmithPrepare {
		return nil
	}
	for _, way := range fuzzWays {
		if *csmithMode == way.name || *csmithMode == "" && w.v.Seed%way.every == 0 {
			if err := w.tryWay(way); err != nil {
				return err
			}
		}
	}
	return nil
}

// A fuzzWay is one thing to try with a program.
type fuzzWay struct {
	name  string
	every int // a campaign tries it with one in so many programs
	plan  func(c *chooser) *fuzzPlan
	try   func(w *worker, prog *ir.Program, plan *fuzzPlan) (kind string, err error)
}

var fuzzWays = []fuzzWay{
	{"outer", 1, (*chooser).outer, (*worker).build},
	{"inner", 1, (*chooser).inner, (*worker).build},
	{"halves", 4, (*chooser).inner, (*worker).halves},
	{"twice", 5, (*chooser).inner, (*worker).twice},
}

func wayNames() string {
	var names []string
	for _, w := range fuzzWays {
		names = append(names, w.name)
	}
	return strings.Join(names, ", ")
}

// tryWay tries one way and notes what becomes of it.
func (w *worker) tryWay(way fuzzWay) error {
	plan := &fuzzPlan{way: way.name}
	w.mode = bta.Mode{}
	prog, err := w.load()
	if err != nil {
		w.fail(plan, "crash", err)
		return nil
	}
	if plan = way.plan(newChooser(prog, w.p, way.name)); plan == nil {
		return nil
	}
	plan.way = way.name
	if plan.mode, err = drawMode(*csmithDiv, uint64(w.v.Seed), textSeed(way.name)); err != nil {
		return err
	}
	if w.mode = plan.mode; w.mode.Uniform {
		if prog, err = w.load(); err != nil {
			return err
		}
	}
	if err := w.keep(plan, "crash"); err != nil { // for the case that this process ends
		return err
	}
	if kind, err := way.try(w, prog, plan); err != nil {
		w.fail(plan, kind, err)
		return nil
	}
	w.v.Builds++
	return os.RemoveAll(w.keptIn(plan))
}

// load reads the program's IR, for a uniform division that in which its variables are
// in memory.
func (w *worker) load() (prog *ir.Program, err error) {
	text := []byte(w.p.IR)
	if w.mode.Uniform {
		if text, err = w.variablesInMemory(); err != nil {
			return nil, err
		}
	}
	err = w.timed("load", func() error {
		return protect("loading", "", func() error {
			prog, err = ir.Load("x.ll", text)
			return err
		})
	})
	return prog, err
}

// variablesInMemory is the program's IR as --division=uniform takes it.
func (w *worker) variablesInMemory() ([]byte, error) {
	src, module := filepath.Join(w.dir, "memory.c"), filepath.Join(w.dir, "memory.ll")
	if err := os.WriteFile(src, []byte(w.p.C), 0o666); err != nil {
		return nil, err
	}
	tc := *w.tc
	tc.memory = true
	ctx, cancel := context.WithTimeout(context.Background(), fuzzToolLimit)
	defer cancel()
	if err := tc.compile(ctx, &workspace{dir: w.dir}, src, module, []string{"-w"}); err != nil {
		return nil, err
	}
	return os.ReadFile(module)
}

// build specializes the program by a plan, runs it and compares.
func (w *worker) build(prog *ir.Program, plan *fuzzPlan) (kind string, err error) {
	file, err := plan.file()
	if err != nil {
		return "crash", err
	}
	text, err := w.specialize(prog, file, plan.budget, *csmithGuards)
	if err != nil {
		return "crash", err
	}
	return w.compare(text, plan)
}

// compare compiles a specialized module, runs it and compares.
func (w *worker) compare(text string, plan *fuzzPlan) (kind string, err error) {
	module, exe := filepath.Join(w.dir, "special.ll"), filepath.Join(w.dir, "special")
	err = w.timed("clang", func() error {
		if !plan.debug {
			text = withoutDebug(text)
		}
		if err := os.WriteFile(module, []byte(text), 0o666); err != nil {
			return err
		}
		files := []string{module, w.checksum}
		if *csmithGuards != "" {
			files = append(files, w.runtime...)
		}
		return w.compile(w.dir, exe, []string{plan.level}, files...)
	})
	if err != nil {
		return "crash", err
	}
	stats := filepath.Join(w.dir, "stats")
	if *csmithGuards != "" {
		if err := errors.Join(os.Setenv("QUASI_STATS", stats), os.Setenv("QUASI_BACKOFF", "0")); err != nil {
			return "crash", err
		}
		defer func() {
			w.v.Guards.read(stats)
			os.Remove(stats)
		}()
	}
	err = w.timed("run", func() error {
		for i, args := range fuzzArgs {
			got, err := act(20*fuzzRunLimit, exe, args...)
			switch {
			case errors.Is(err, errTimeout):
				return errors.New("the specialized program does not end")
			case err != nil:
				return err
			case got != w.p.Want[i]:
				return fmt.Errorf("arguments %q: got %q, exit code %d, want %q, exit code %d", args,
					shorten(got.Out), got.Code, shorten(w.p.Want[i].Out), w.p.Want[i].Code)
			}
		}
		return nil
	})
	return "mismatch", err
}

// specialize does what quasi build does from the loaded program to the module
// that LLVM gets.
func (w *worker) specialize(prog *ir.Program, file *spec.File, budget []string, scheme string) (text string, err error) {
	limits, err := parseBudget(budget)
	if err != nil {
		return "", err
	}
	p := newTestPipeline(prog)
	p.mode = w.mode
	p.guards, p.checkGuards, p.whole = cmp.Or(scheme, guardsOff), true, true
	steps := []struct {
		phase string
		run   func() error
	}{
		{"resolve", func() error {
			return p.phase("resolving the specification", "", func() error { return p.bind(file) })
		}},
		{"analyze", p.analyze},
		{"specialize", func() error { return p.specialize(limits) }},
		{"print", func() error {
			text, err = p.text()
			return err
		}},
	}
	defer func() {
		if p.guarded != nil && p.guarded.Inserted != nil {
			addInserted(&w.v.Inserted, *p.guarded.Inserted)
		}
	}()
	for _, step := range steps {
		if err := w.timed(step.phase, step.run); err != nil {
			return "", err
		}
	}
	return text, nil
}

// newTestPipeline is a pipeline over a loaded program, silent and without a
// folder.
func newTestPipeline(prog *ir.Program) *pipeline {
	s := &session{request: &request{clang: &clangFlags{}}, bar: newProgress(io.Discard, false), stdout: io.Discard, diag: newDiagnostics(io.Discard, false)}
	return &pipeline{session: s, prog: prog}
}

// text installs the slots and prints the module.
func (p *pipeline) text() (string, error) {
	if err := p.installSlots(); err != nil {
		return "", err
	}
	var b strings.Builder
	err := p.phase("printing", "", func() error { return ir.Fprint(&b, p.prog) })
	return b.String(), err
}

// file is the specification that the plan's flags give.
func (p *fuzzPlan) file() (*spec.File, error) {
	if _, text := p.flags("spec.yaml"); text != "" {
		return spec.Parse("spec.yaml", []byte(text))
	}
	v := p.variants[0]
	return spec.FromFlags(v.fn, v.static, v.when)
}

// keptIn is the folder of a build that fails.
func (w *worker) keptIn(plan *fuzzPlan) string {
	root := *csmithKeep
	if root == "" {
		root = w.dir
	}
	return filepath.Join(root, fmt.Sprintf("%d-%s", w.v.Seed, plan.way))
}

// keep saves what it takes to see a failure again, as testdata/reduce.sh wants
// it: the program and what it is linked with, the flags, the specification.
func (w *worker) keep(plan *fuzzPlan, kind string) error {
	dir := w.keptIn(plan)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	flags, text := plan.flags("spec.yaml")
	flags = slices.Concat(flags, []string{"--"}, plan.clangFlags())
	checksum, err := os.ReadFile(filepath.Join(w.include, "checksum.c"))
	if err != nil {
		return err
	}
	files := map[string]string{
		"x.c": w.p.C, "original.c": w.p.C, "checksum.c": string(checksum), "kind": kind + "\n",
		"flags": strings.Join(flags, "\n") + "\n", "spec.yaml": text,
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// fail notes a failure and keeps it.
func (w *worker) fail(plan *fuzzPlan, kind string, err error) {
	text := err.Error()
	var internal *internalError
	if errors.As(err, &internal) {
		text += "\n" + shorten(string(internal.stack))
	}
	if err := w.keep(plan, kind); err != nil {
		text += "\n" + err.Error()
	}
	w.v.Failures = append(w.v.Failures, fuzzFailure{Way: plan.way, Kind: kind, Text: text, Kept: w.keptIn(plan)})
}
