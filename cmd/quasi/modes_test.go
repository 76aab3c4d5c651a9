package main

// This file holds the differential tests over testdata/c in the modes of the
// analysis (bta.Mode): each gives correct residual programs.

import (
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"quasi/bta"
)

var testModes = flag.String("modes", "", "modes that TestModes tries, as bta.Mode.String names them, separated by commas; all: every mode; empty: every single switch, and all together")

// modeArgs are the flags of quasi that choose m.
func modeArgs(m bta.Mode) []string {
	var args []string
	if m.Uniform {
		args = append(args, "--division=uniform")
	}
	if m.Monovariant {
		args = append(args, "--monovariant")
	}
	if m.NoUse {
		args = append(args, "--no-use-sensitivity")
	}
	if m.NoReturn {
		args = append(args, "--no-return-sensitivity")
	}
	return args
}

// singleSwitches are the modes with one switch, and the one with all.
func singleSwitches() []bta.Mode {
	return []bta.Mode{{Uniform: true}, {Monovariant: true}, {NoUse: true}, {NoReturn: true},
		{Uniform: true, Monovariant: true, NoUse: true, NoReturn: true}}
}

// modesUnderTest are the modes that -modes names.
func modesUnderTest(t *testing.T) []bta.Mode {
	switch *testModes {
	case "":
		return singleSwitches()
	case "all":
		return bta.Modes()
	}
	var modes []bta.Mode
	for _, name := range strings.Split(*testModes, ",") {
		i := slices.IndexFunc(bta.Modes(), func(m bta.Mode) bool { return m.String() == name })
		if i < 0 {
			t.Fatalf("-modes: no mode %q", name)
		}
		modes = append(modes, bta.Modes()[i])
	}
	return modes
}

// TestModes builds every program of testdata/c in each of its ways and in each mode
// and compares what it does with the generic program.
func TestModes(t *testing.T) {
	tc := needLLVM(t)
	paths, err := filepath.Glob("../../testdata/c/*.c")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	modes := modesUnderTest(t)
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".c"), func(t *testing.T) {
			t.Parallel()
			p, err := readProgram(path)
			if err != nil {
				t.Fatal(err)
			}
			p.testModes(t, tc, modes)
		})
	}
}

func (p *program) testModes(t *testing.T, tc *toolchain, modes []bta.Mode) {
	dir := t.TempDir()
	want := p.outcomes(t, tc, dir)
	for _, m := range modes {
		for i, build := range p.builds {
			t.Run(m.String()+":"+strings.Join(build, "_"), func(t *testing.T) {
				special := filepath.Join(dir, fmt.Sprintf("%v%d", m, i))
				mustQuasi(t, slices.Concat([]string{"build", "-q", "-o", special, p.path}, build, modeArgs(m), []string{"--", "-O1", "-lm", "-w"})...)
				p.compare(t, special, want)
			})
		}
	}
}

// outcomes are what the generic program does in every run.
func (p *program) outcomes(t *testing.T, tc *toolchain, dir string) []outcome {
	t.Helper()
	generic := filepath.Join(dir, "generic")
	compileC(t, tc, generic, "-O0", p.path, "-lm")
	var want []outcome
	for _, r := range p.runs {
		o, err := runProgram(10*time.Second, r.stdin, generic, r.args...)
		if err != nil {
			t.Fatalf("generic program on %q: %v", r.args, err)
		}
		want = append(want, o)
	}
	return want
}

// compare runs a specialized program and compares it with want.
func (p *program) compare(t *testing.T, special string, want []outcome) {
	t.Helper()
	for j, r := range p.runs {
		got, err := runProgram(10*time.Second, r.stdin, special, r.args...)
		if err != nil {
			t.Errorf("specialized program on %q: %v", r.args, err)
		} else if got != want[j] {
			t.Errorf("specialized program on %q\ngot  %q, exit code %d\nwant %q, exit code %d",
				r.args, got.stdout, got.code, want[j].stdout, want[j].code)
		}
	}
}
