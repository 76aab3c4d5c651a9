package main

// This file holds the tests over testdata/sensitivity: small programs in which one
// sensitivity of the analysis matters, with the binding time of every line.
//
// A line that does something in the function that is specialized, or in what that unfolds,
// ends in a comment `//: S`, which is its binding time in the full analysis and in
// every mode with one switch but those that follow, as in `//: S, no-use D`. Of a
// line the stores, calls, branches and returns count:
//
//	S   the specializer executes them, and they leave nothing
//	D   they are residual
//	SD  some are this and some that, in it or in different variants, or one is both
//	-   control does not get there
//
// TestSensitivities -update writes the comments that it finds.
//
// The head of the file says in which modes anything differs from the full analysis,
// `// matters: MODE, ...`, besides what TestPrograms reads.

import (
	"cmp"
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"

	"quasi/bta"
	"quasi/ir"
)

var updateSensitivities = flag.Bool("update", false, "write the comments of testdata/sensitivity")

// TestSensitivities compares the division of each program in every mode with one
// switch with its comments.
func TestSensitivities(t *testing.T) {
	needLLVM(t)
	for _, path := range sensitivityPrograms(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".c"), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			p, err := readProgram(path)
			if err != nil {
				t.Fatal(err)
			}
			if len(p.builds) != 2 {
				t.Fatalf("%s: want one quasi: line", path)
			}
			modes := append([]bta.Mode{{}}, singleSwitches()[:4]...)
			times := make(map[bta.Mode]map[int]string)
			for _, m := range modes {
				times[m] = lineTimes(t, path, p.builds[1], m)
			}
			got, matters := annotated(string(src), modes, times)
			if *updateSensitivities {
				if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(src) {
				t.Errorf("the division is\n%s", got)
			}
			if want := "// matters: " + strings.Join(matters, ", ") + "\n"; !strings.Contains(string(src), want) {
				t.Errorf("the head lacks the line\n%s", want)
			}
		})
	}
}

// TestSensitivityPrograms compares what these programs do, specialized in every mode
// of singleSwitches, with what the generic ones do.
func TestSensitivityPrograms(t *testing.T) {
	tc := needLLVM(t)
	for _, path := range sensitivityPrograms(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".c"), func(t *testing.T) {
			t.Parallel()
			p, err := readProgram(path)
			if err != nil {
				t.Fatal(err)
			}
			p.testModes(t, tc, modesUnderTest(t))
		})
	}
}

func sensitivityPrograms(t *testing.T) []string {
	paths, err := filepath.Glob("../../testdata/sensitivity/*.c")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	return paths
}

// annotated is the source with the comments that the binding times of its lines ask
// for, and the modes in which any differs from the full analysis, the first one.
func annotated(src string, modes []bta.Mode, times map[bta.Mode]map[int]string) (text string, matters []string) {
	const column = 48
	var out []string
	for n, line := range strings.Split(src, "\n") {
		code, _, _ := strings.Cut(line, "//:")
		code = strings.TrimRight(code, " ")
		full := times[modes[0]][n+1]
		note := full
		for _, m := range modes[1:] {
			if bt := times[m][n+1]; bt != full {
				if note == "" {
					note = "-"
				}
				note += ", " + m.String() + " " + cmp.Or(bt, "-")
				if !slices.Contains(matters, m.String()) {
					matters = append(matters, m.String())
				}
			}
		}
		if note != "" {
			code += strings.Repeat(" ", max(1, column-len(code))) + "//: " + note
		}
		out = append(out, code)
	}
	slices.SortFunc(matters, func(a, b string) int {
		at := func(name string) int {
			return slices.IndexFunc(modes, func(m bta.Mode) bool { return m.String() == name })
		}
		return at(a) - at(b)
	})
	return strings.Join(out, "\n"), matters
}

// lineTimes analyzes a program in one mode, every variable in memory, and returns the
// binding time of each line that does something.
func lineTimes(t *testing.T, path string, build []string, m bta.Mode) map[int]string {
	t.Helper()
	r := &request{mode: m, clang: &clangFlags{compile: []string{"-w"}}}
	for i := 0; i+1 < len(build); i += 2 {
		switch build[i] {
		case "-e":
			r.entry = build[i+1]
		case "--static":
			r.static = append(r.static, build[i+1])
		case "--when":
			r.when = append(r.when, build[i+1])
		}
	}
	s := &session{request: r, tc: &toolchain{memory: true}, ws: &workspace{dir: t.TempDir()}, bar: newProgress(nil, false)}
	p, err := s.load(context.Background(), &inputs{modules: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.analyze(); err != nil {
		t.Fatal(err)
	}
	for _, err := range bta.Check(p.variants[0].bta) {
		t.Errorf("%v: %v", m, err)
	}
	times := make(map[int]string)
	for _, v := range p.variants[0].bta.Variants {
		for _, b := range v.Fn.Blocks {
			for pt := b.First; pt < b.End() && v.At(pt).Reached(); pt++ {
				line := p.prog.Position(pt).Line
				if line == 0 || !acts(p.prog.UserAt(pt)) {
					continue
				}
				if bt := v.Exec(pt).String(); times[line] == "" {
					times[line] = bt
				} else if times[line] != bt {
					times[line] = bta.StaticDynamic.String()
				}
			}
		}
	}
	return times
}

// acts reports whether u is what the binding time of its line is made of.
func acts(u ir.User) bool {
	switch i := u.(type) {
	case *llir.InstStore, *llir.TermCondBr, *llir.TermSwitch, *llir.TermRet:
		return true
	case *llir.InstCall:
		f, ok := i.Callee.(*llir.Func)
		return !ok || !strings.HasPrefix(f.Name(), "llvm.")
	}
	return false
}
