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
	modes := modesUnderTest(t)
	eachSource(t, func(t *testing.T, p *program) {
		t.Parallel()
		p.testModes(t, tc, modes)
	})
}

func (p *program) testModes(t *testing.T, tc *toolchain, modes []bta.Mode) {
	dir := t.TempDir()
	want := p.generic(t, tc, dir)
	for _, m := range modes {
		for i, build := range p.builds {
			t.Run(m.String()+":"+strings.Join(build, "_"), func(t *testing.T) {
				special := filepath.Join(dir, fmt.Sprintf("%v%d", m, i))
				mustQuasi(t, slices.Concat([]string{"build", "-q", "-o", special, p.path}, build, modeArgs(m), []string{"--", "-O1", "-lm", "-w"})...)
				p.compare(t, want, special)
			})
		}
	}
}
