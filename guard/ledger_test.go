package guard

// This file compares ledgers with what the comments of C programs expect.
//
// A program of testdata names its terms in lines `// term: TEXT`, what to assume in
// `// config: whole` or `variants NAME...`, and flags of clang in `// flags:`. Behind a line of code stand the rows and
// warnings that it makes, separated by semicolons:
//
//	t->uid = 1;  // guard: must-guard by-field
//	use(&t->uid); // guard: O0,O1: not-visible by-call; warn: address-escapes
//
// A list of modes before an expectation limits it to these: O0, O1 (before optimization, after
// sroa), O2. Several terms are told apart by [N], the number of the term, from 1. Rows where none is expected are faults, and so are warnings in
// a program that has a line `// warnings`.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"quasi/ir"
	"quasi/ir/irtest"
)

var modes = []string{"O0", "O1", "O2"}

// compile makes IR of a C program in one of the modes.
func compile(t *testing.T, file, mode string, flags ...string) *ir.Program {
	t.Helper()
	args := append([]string{"-g", "-S", "-emit-llvm", "-o", "-", "-w", file}, flags...)
	switch mode {
	case "O0":
		args = append(args, "-O0")
	case "O1":
		args = append(args, "-O1", "-Xclang", "-disable-llvm-passes")
	case "O2":
		args = append(args, "-O2", "-fno-inline")
	case "inlined":
		args = append(args, "-O2")
	case "small":
		args = append(args, "-Os")
	case "aliased":
		args = append(args, "-O2", "-fno-strict-aliasing")
	case "vectors":
		args = append(args, "-O3", "-march=skylake-avx512")
	}
	src := run(t, nil, irtest.Tool(t, "clang"), args...)
	if mode == "O1" {
		src = run(t, src, irtest.Tool(t, "opt"), "-passes=sroa", "-S")
	}
	p, err := ir.Load(file+"@"+mode, src)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func run(t *testing.T, in []byte, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, errs.String())
	}
	return out.Bytes()
}

// An expectation is what a program's comments say.
type expectation struct {
	terms    []Term
	cfg      Config
	warnings bool
	flags    []string
	lines    []string
	expect   map[string][]string // by mode: `LINE: [N] CLASS HOW` or `LINE: [N] KIND`
	warn     map[string][]string
}

var (
	comment = regexp.MustCompile(`//\s*guard:(.*)$`)
	prefix  = regexp.MustCompile(`^((?:O[012],?)+):\s*(.*)$`)
	number  = regexp.MustCompile(`^\[(\d+)\]\s*(.*)$`)
)

func readExpectation(t *testing.T, file string) expectation {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	e := expectation{expect: make(map[string][]string), warn: make(map[string][]string), lines: strings.Split(string(src), "\n")}
	for i, line := range e.lines {
		if text, ok := strings.CutPrefix(line, "// term: "); ok {
			term, err := ParseTerm(text)
			if err != nil {
				t.Fatal(err)
			}
			e.terms = append(e.terms, term)
		}
		if text, ok := strings.CutPrefix(line, "// config: "); ok {
			words := strings.Fields(text)
			switch words[0] {
			case "whole":
				e.cfg.Whole = true
			case "variants":
				e.cfg.Variants = append([]string{}, words[1:]...)
			default:
				t.Fatalf("%s:%d: config %q", file, i+1, text)
			}
		}
		if text, ok := strings.CutPrefix(line, "// flags: "); ok {
			e.flags = strings.Fields(text)
		}
		e.warnings = e.warnings || line == "// warnings"
		m := comment.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for _, part := range strings.Split(m[1], ";") {
			part = strings.TrimSpace(part)
			in := modes
			if m := prefix.FindStringSubmatch(part); m != nil {
				in, part = strings.Split(m[1], ","), m[2]
			}
			part, isWarning := strings.CutPrefix(part, "warn:")
			part = strings.TrimSpace(part)
			n := 1
			if m := number.FindStringSubmatch(part); m != nil {
				n, _ = strconv.Atoi(m[1])
				part = m[2]
			}
			for _, mode := range in {
				to := e.expect
				if isWarning {
					to = e.warn
				}
				to[mode] = append(to[mode], fmt.Sprintf("%d: [%d] %s", i+1, n, part))
			}
		}
	}
	return e
}

// ledgerOf is the ledger of one program, by way of JSON as a build system has it.
func ledgerOf(t *testing.T, p *ir.Program, terms []Term, cfg Config) *Ledger {
	t.Helper()
	s, err := Summarize(p, terms, cfg)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back Summary
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	l, err := Join([]*Summary{s})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Join([]*Summary{&back})
	if err != nil {
		t.Fatal(err)
	}
	for i := range l.Rows {
		l.Rows[i].Pt = 0
	}
	for i := range l.Warnings {
		l.Warnings[i].Pt = 0
	}
	key := func(r Row) string { return r.Term + r.Place }
	slices.SortStableFunc(l.Rows, func(a, b Row) int { return strings.Compare(key(a), key(b)) })
	slices.SortStableFunc(m.Rows, func(a, b Row) int { return strings.Compare(key(a), key(b)) })
	if !reflect.DeepEqual(l.Rows, m.Rows) {
		t.Errorf("the summary is another one when it has been written and read")
	}
	return l
}

// numbered is the number of a term, from 1.
func numbered(terms []Term, text string) int {
	return 1 + slices.IndexFunc(terms, func(t Term) bool { return t.String() == text })
}

func TestLedger(t *testing.T) {
	files, err := filepath.Glob("testdata/*.c")
	if err != nil || len(files) == 0 {
		t.Fatal("no programs", err)
	}
	for _, file := range files {
		e := readExpectation(t, file)
		if len(e.terms) == 0 {
			continue
		}
		for _, mode := range modes {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".c")+"/"+mode, func(t *testing.T) {
				p := compile(t, file, mode, e.flags...)
				l := ledgerOf(t, p, e.terms, e.cfg)
				reason := make(map[string]string)
				var rows, warns []string
				for _, r := range l.Rows {
					text := fmt.Sprintf("%d: [%d] %v %v", r.Line, numbered(e.terms, r.Term), r.Class, r.How)
					rows = append(rows, text)
					reason[text] = r.Reason + " at " + r.Place
				}
				compareLists(t, "row", rows, e.expect[mode], reason)
				if !e.warnings {
					return
				}
				for _, w := range l.Warnings {
					text := fmt.Sprintf("%d: [%d] %v", w.Line, numbered(e.terms, w.Term), w.Kind)
					warns = append(warns, text)
					reason[text] = w.Text + " at " + w.Place
				}
				compareLists(t, "warning", warns, e.warn[mode], reason)
			})
		}
	}
}

// compareLists reports what is got and not wanted, and the other way round. Several
// of one kind on one line count as one.
func compareLists(t *testing.T, what string, got, want []string, reason map[string]string) {
	t.Helper()
	line := func(s string) int { n, _ := strconv.Atoi(s[:strings.Index(s, ":")]); return n }
	sorted := func(s []string) []string {
		s = slices.Clone(s)
		slices.SortFunc(s, func(a, b string) int {
			if d := line(a) - line(b); d != 0 {
				return d
			}
			return strings.Compare(a, b)
		})
		return slices.Compact(s)
	}
	got, want = sorted(got), sorted(want)
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("line %s: no such %s is expected (%s)", g, what, reason[g])
		}
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("line %s: the %s is missing", w, what)
		}
	}
}
