package main

// This file holds the differential tests over testdata/c in the modes of the
// analysis (bta.Mode): each gives correct residual programs.

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
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

// modeNamed is the mode that name names, as Mode.String does.
func modeNamed(name string) (bta.Mode, bool) {
	for _, m := range bta.Modes() {
		if m.String() == name {
			return m, true
		}
	}
	return bta.Mode{}, false
}

// drawMode is the mode that division asks for: any for one that the seeds choose, a
// mode's name, or empty for the full analysis.
func drawMode(division string, seeds ...uint64) (bta.Mode, error) {
	switch division {
	case "":
		return bta.Mode{}, nil
	case "any":
		var h uint64
		for _, s := range seeds {
			h = (h ^ s) * 0x9e3779b97f4a7c15
		}
		return bta.Modes()[rand.New(rand.NewPCG(h, 0)).IntN(len(bta.Modes()))], nil
	}
	m, ok := modeNamed(division)
	if !ok {
		return m, fmt.Errorf("no division %q: any, or a mode such as uniform+no-use", division)
	}
	return m, nil
}

// textSeed is a number that tells texts apart.
func textSeed(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	return h.Sum64()
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
		m, ok := modeNamed(name)
		if !ok {
			t.Fatalf("-modes: no mode %q", name)
		}
		modes = append(modes, m)
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

// modeBuilds are the ways in which p is built in a mode: all that it lists, and the one
// with nothing static if it lists none or -modes is given.
func (p *program) modeBuilds() [][]string {
	if *testModes == "" && len(p.builds) > 1 {
		return p.builds[1:]
	}
	return p.builds
}

func (p *program) testModes(t *testing.T, tc *toolchain, modes []bta.Mode) {
	dir := t.TempDir()
	want := p.outcomes(t, tc, dir)
	for _, m := range modes {
		for i, build := range p.modeBuilds() {
			t.Run(m.String()+":"+strings.Join(build, "_"), func(t *testing.T) {
				special := filepath.Join(dir, fmt.Sprintf("%v%d", m, i))
				mustQuasi(t, slices.Concat([]string{"build", "-q", "-o", special, p.path}, build, modeArgs(m), []string{"--", "-O1", "-lm", "-w"})...)
				p.compare(t, special, want)
			})
		}
	}
}

// TestModeDivisions checks the divisions of every program of testdata/c in each mode:
// they are congruent, and, for some programs, in whatever order work is taken up the
// specialized module has the same bytes.
func TestModeDivisions(t *testing.T) {
	modes := modesUnderTest(t)
	tc := *needLLVM(t)
	tc.memory = true
	n := 0
	eachSource(t, func(t *testing.T, p *program) {
		sampled := n%8 == 0
		n++
		t.Parallel()
		s := p.compiled(t, &tc)
		for _, m := range modes {
			for _, build := range p.modeBuilds() {
				t.Run(m.String()+":"+strings.Join(build, "_"), func(t *testing.T) {
					r := readRequest(t, build)
					want := s.modeText(t, r, m, nil, sampled)
					if !sampled {
						return
					}
					if err := sameText(want, s.modeText(t, r, m, rand.New(rand.NewPCG(1, 0)), true)); err != nil {
						t.Errorf("another order of work: %v", err)
					}
				})
			}
		}
	})
}

// modeText analyzes a program in mode m and checks the division; it returns the
// specialized module if that is wanted.
func (s *subjectIR) modeText(t *testing.T, r *headRequest, m bta.Mode, shuffle *rand.Rand, wanted bool) string {
	t.Helper()
	p := newTestPipeline(s.load(t))
	p.mode, p.shuffle = m, shuffle
	limits, err := parseBudget(r.budget)
	if err == nil {
		err = p.bind(r.file(t))
	}
	if err == nil {
		err = p.analyze()
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range p.variants {
		for _, err := range bta.Check(v.bta) {
			t.Errorf("not congruent: %v", err)
		}
	}
	if !wanted {
		return ""
	}
	if err := p.specialize(limits); err != nil {
		t.Fatal(err)
	}
	text, err := p.text()
	if err != nil {
		t.Fatal(err)
	}
	return text
}
