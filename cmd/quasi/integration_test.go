package main

// This file holds the differential tests over testdata/c: the specialized
// program does what clang -O0 makes of the same source.
//
// The head of each C file says what to try:
//
//	// quasi: FLAGS    one build with these flags (besides one with nothing static)
//	// run: ARGS       one run, or ARGS < "TEXT" for a run with standard input
//	// lacks: REGEXP   no residual function of any build matches
//	// has: REGEXP     a residual function of every build matches
//	// reports: REGEXP what specialize -v prints of some build matches

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A program is one file of testdata/c.
type program struct {
	path    string
	builds  [][]string
	runs    []programRun
	lacks   []*regexp.Regexp
	has     []*regexp.Regexp
	reports []*regexp.Regexp
}

// A programRun is one run of a program.
type programRun struct {
	args  []string
	stdin string
}

// readProgram reads the head of a C file.
func readProgram(path string) (*program, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p := &program{path: path, builds: [][]string{{"-e", "main"}}}
	for line := range strings.Lines(string(src)) {
		text, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "//")
		if !ok {
			break
		}
		key, arg, ok := strings.Cut(strings.TrimSpace(text), ": ")
		if !ok {
			continue
		}
		switch key {
		case "quasi":
			build, err := splitWords(arg)
			if err != nil {
				return nil, err
			}
			for i, w := range build {
				if strings.HasSuffix(w, ".yaml") {
					build[i] = filepath.Join(filepath.Dir(path), w)
				}
			}
			if !slices.Equal(build, p.builds[0]) {
				p.builds = append(p.builds, build)
			}
		case "run":
			var r programRun
			args, stdin, ok := strings.Cut(arg, " < ")
			if ok {
				if r.stdin, err = strconv.Unquote(stdin); err != nil {
					return nil, fmt.Errorf("%s: standard input %s: %v", path, stdin, err)
				}
			}
			r.args = strings.Fields(args)
			p.runs = append(p.runs, r)
		case "lacks", "has", "reports":
			re, err := regexp.Compile("(?m)" + arg)
			if err != nil {
				return nil, fmt.Errorf("%s: %v", path, err)
			}
			list := map[string]*[]*regexp.Regexp{"lacks": &p.lacks, "has": &p.has, "reports": &p.reports}[key]
			*list = append(*list, re)
		}
	}
	if len(p.runs) == 0 {
		return nil, fmt.Errorf("%s: no run: line", path)
	}
	return p, nil
}

// TestPrograms builds every program of testdata/c in each of its ways and
// compares what it does with the generic program.
func TestPrograms(t *testing.T) {
	tc := needLLVM(t)
	eachSource(t, func(t *testing.T, p *program) {
		t.Parallel()
		dir := t.TempDir()
		want := p.outcomes(t, tc, dir)
		said := ""
		for i, build := range p.builds {
			t.Run(strings.Join(build, "_"), func(t *testing.T) {
				special := filepath.Join(dir, fmt.Sprintf("special%d", i))
				mustQuasi(t, slices.Concat([]string{"build", "-q", "-o", special, p.path}, build, []string{"--", "-lm", "-w"})...)
				p.compare(t, special, want)
				if i > 0 {
					said += p.checkResidual(t, build)
				}
			})
		}
		for _, re := range p.reports {
			if !re.MatchString(said) {
				t.Errorf("no report matches %v\n%s", re, said)
			}
		}
	})
}

// eachSource runs a test for every program of testdata/c.
func eachSource(t *testing.T, test func(t *testing.T, p *program)) {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/c/*.c")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".c"), func(t *testing.T) {
			p, err := readProgram(path)
			if err != nil {
				t.Fatal(err)
			}
			test(t, p)
		})
	}
}

// outcomes are what the program does in every run, built with clang -O0 in dir.
func (p *program) outcomes(t *testing.T, tc *toolchain, dir string) []outcome {
	t.Helper()
	exe := filepath.Join(dir, "generic")
	compileC(t, tc, exe, "-O0", p.path, "-lm")
	var all []outcome
	for _, r := range p.runs {
		o, err := runProgram(10*time.Second, r.stdin, exe, r.args...)
		if err != nil {
			t.Fatalf("generic program on %q: %v", r.args, err)
		}
		all = append(all, o)
	}
	return all
}

// compare runs a specialized program and compares it with want.
func (p *program) compare(t *testing.T, special string, want []outcome) {
	t.Helper()
	for i, r := range p.runs {
		got, err := runProgram(10*time.Second, r.stdin, special, r.args...)
		if err != nil {
			t.Errorf("specialized program on %q: %v", r.args, err)
		} else if got != want[i] {
			t.Errorf("specialized program on %q\ngot  %q, exit code %d\nwant %q, exit code %d",
				r.args, got.stdout, got.code, want[i].stdout, want[i].code)
		}
	}
}

// checkResidual checks what the head of the program claims of residual code, and
// returns what is reported of the build.
func (p *program) checkResidual(t *testing.T, build []string) (said string) {
	if len(p.lacks)+len(p.has)+len(p.reports) == 0 {
		return ""
	}
	code, text, said := quasi(slices.Concat([]string{"specialize", "-v", "--residual", p.path}, build, []string{"--", "-w"})...)
	if code != exitDone {
		t.Fatalf("exit code %d\n%s", code, said)
	}
	for _, re := range p.lacks {
		if found := re.FindString(text); found != "" {
			t.Errorf("residual code has %q\n%s", found, text)
		}
	}
	for _, re := range p.has {
		if !re.MatchString(text) {
			t.Errorf("residual code lacks %v\n%s", re, text)
		}
	}
	return said
}

// TestSplitWords checks the quoting of the heads.
func TestSplitWords(t *testing.T) {
	got, err := splitWords(`-e f --static 's="a b"'  --when "x == 1" ''`)
	want := []string{"-e", "f", "--static", `s="a b"`, "--when", "x == 1", ""}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := splitWords("'open"); err == nil {
		t.Error("an open quote is no error")
	}
}
