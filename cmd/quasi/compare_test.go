package main

// This file tests the command compare: what it counts, against figures worked out
// by hand, and its forms of output.

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"quasi/ir"
	"quasi/ir/spec"
)

// modePipeline is a module analyzed for the function entry with its first
// parameter 5.
func modePipeline(t *testing.T, text string) *pipeline {
	t.Helper()
	s := &session{request: &request{clang: &clangFlags{}}, bar: newProgress(io.Discard, false)}
	f, err := spec.FromFlags("entry", []string{"s=5"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &pipeline{session: s}
	if p.prog, err = ir.Load("test.ll", []byte(text)); err == nil {
		err = p.resolve(f)
	}
	if err == nil {
		err = p.analyze()
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// twiceLL calls twice with something static and with something dynamic, and has
// a block that the specification excludes.
const twiceLL = `
declare void @llvm.lifetime.start.p0i8(i64, i8*)
define i32 @twice(i32 %x) {
	%r = mul i32 %x, %x
	ret i32 %r
}
define i32 @entry(i32 %s, i32 %d) {
	%slot = alloca i8
	call void @llvm.lifetime.start.p0i8(i64 1, i8* %slot)
	%a = call i32 @twice(i32 %s)
	%b = call i32 @twice(i32 %d)
	%c = add i32 %a, %b
	%other = icmp ne i32 %s, 5
	br i1 %other, label %never, label %always
never:
	%n = add i32 %c, 1
	ret i32 %n
always:
	ret i32 %c
}
define i32 @main() {
	%r = call i32 @entry(i32 5, i32 3)
	%q = call i32 @entry(i32 6, i32 3)
	ret i32 %r
}
`

// Points of a function are joined over its variants; what does not count is not
// counted, what the analysis does not enter is dynamic.
func TestDivisionOf(t *testing.T) {
	p := modePipeline(t, twiceLL)
	d := divisionOf(p.variants[0].bta)
	twice, entry, main := p.prog.FuncByName("twice"), p.prog.FuncByName("entry"), p.prog.FuncByName("main")
	for _, c := range []struct {
		f    *ir.Func
		want shares
	}{
		{twice, shares{Both: 2}},
		{entry, shares{Static: 5, Dynamic: 2, Cut: 2}}, // slot, two calls, comparison, branch; sum and return
		{main, shares{Dynamic: 3}},
	} {
		if got := d.count(p.prog, []int{c.f.ID}); got != c.want {
			t.Errorf("@%s: got %+v, want %+v", c.f.Name(), got, c.want)
		}
	}
}

// What is executed has the binding time of the variant that it is executed
// under: twice is static at the one call, dynamic at the other.
func TestContexts(t *testing.T) {
	p := modePipeline(t, twiceLL)
	c := newContexts(p)
	if len(c.weights) != firstVariantContext+3 || len(c.transitions) != 2 || len(c.entries) != 1 {
		t.Fatalf("%d contexts, transitions %v, entries %v; want 5, 2 and 1", len(c.weights), c.transitions, c.entries)
	}
	numbers, n := blockNumbers(p.prog)
	block := func(f string) int { return numbers[p.prog.FuncByName(f).Blocks[0]] }
	var text strings.Builder
	line := func(context, block, n int) {
		for _, x := range []int{context, block, n} {
			text.WriteString(" " + string(rune('0'+x)))
		}
		text.WriteString("\n")
	}
	line(c.entries[0], block("entry"), 1)
	for _, x := range c.transitions {
		line(x[3], block("twice"), 2)
	}
	line(genericContext, block("twice"), 3)
	got := c.sum(text.String(), map[int]int{block("twice"): 2})
	// entry: 5 static and the sum; twice: both points in each of the contexts, and 3 times 2 in generic code.
	if want := (shares{Static: 5 + 4, Dynamic: 1 + 4 + 6}); got != want {
		t.Errorf("%d blocks: got %+v, want %+v", n, got, want)
	}
}

// comparisonOf runs compare and reads its JSON.
func comparisonOf(t *testing.T, args ...string) *comparison {
	t.Helper()
	c := &comparison{}
	if err := json.Unmarshal([]byte(mustQuasi(t, append([]string{"compare", "-q", "--quick", "--json"}, args...)...)), c); err != nil {
		t.Fatal(err)
	}
	return c
}

// The counts of whole programs, in registers and in memory.
func TestCompareCounts(t *testing.T) {
	needLLVM(t)
	inDir(t)
	writeFile(t, ".", "twice.ll", twiceLL)
	t.Run("contexts", func(t *testing.T) {
		p := comparisonOf(t, "-e", "entry", "--static", "s=5", "--run", "", "twice.ll", "--no-times", "--modes", "full").Programs[0]
		// The second call is not the specialized one. The return of entry is the eleventh.
		if got, want := *p.Modes[0].Executed, (shares{Static: 5 + 2, Dynamic: 2 + 2}); got != want {
			t.Errorf("executed %+v, want %+v", got, want)
		}
		if got, want := *p.Modes[0].Points, (shares{Static: 5, Both: 2, Dynamic: 2, Cut: 2}); got != want {
			t.Errorf("points %+v, want %+v", got, want)
		}
		if p.Modes[0].Variants != 3 {
			t.Errorf("%d variants, want 3", p.Modes[0].Variants)
		}
	})
	t.Run("loop", func(t *testing.T) {
		writeFile(t, ".", "loop.c", strings.Replace(powerC, "argc, 3", "argc, argc * 0 + 3", 1))
		c := comparisonOf(t, "-e", "power", "--static", "n=3", "--run", "a b", "--run", "< power.c", "loop.c", "--", "-DX")
		p := c.Programs[0]
		// A call: branch; 4 times two phis, n - 1, comparison, branch; 3 times product, branch; return.
		// Dynamic are the phi of r, the product and the return.
		want := shares{Static: 2 * (1 + 4*4 + 3), Dynamic: 2 * (4 + 3 + 1)}
		for _, m := range p.Modes {
			if m.Mode == "full" && (m.Executed == nil || *m.Executed != want) {
				t.Errorf("executed %+v, want %+v", m.Executed, want)
			}
			for _, f := range p.Forms {
				if m.Mode == production || f.Form != m.Form {
					continue
				}
				if m.Points.total() != f.Points || m.Executed.total() != f.Executed || f.Executed == 0 {
					t.Errorf("%s in %s: %d points of %d, %d executed of %d", m.Mode, m.Form, m.Points.total(), f.Points, m.Executed.total(), f.Executed)
				}
			}
			if m.Insts == 0 || m.Optimized == 0 || m.Text == 0 || m.Speedup == 0 || len(m.Cases) != 2 {
				t.Errorf("%s: %+v", m.Mode, m)
			}
		}
		if len(p.Modes) != len(defaultModes()) || len(p.Forms) != 2 || p.Runs != 2 {
			t.Errorf("%d modes, %d forms, %d runs", len(p.Modes), len(p.Forms), p.Runs)
		}
	})
}

// The three forms of output, and that nothing but times differs between runs.
func TestCompareOutput(t *testing.T) {
	needLLVM(t)
	inDir(t)
	args := []string{"compare", "-q", "--quick", "-e", "power", "--static", "n=3", "power.c"}
	// A uniform division makes `r = 1` dynamic, since r is dynamic after the loop's first round.
	table := mustQuasi(t, append(args, "--no-times", "--modes", "full,memory:full,uniform,production", "--html", "a.html")...)
	for _, want := range []string{`(?m)^power: 9 points in 1 function with variables in registers; 21 points`, `(?m)^  full +66\.7 +0\.0 +33\.3 +0\.0 +- +- +- +1 `, `(?m)^  memory:full +66\.7`, `(?m)^  uniform +61\.9`, `(?m)^  production +- +-`, `power was not run`} {
		if !regexp.MustCompile(want).MatchString(table) {
			t.Errorf("the table has no %q:\n%s", want, table)
		}
	}
	if again := mustQuasi(t, append(args, "--no-times", "--modes", "full,memory:full,uniform,production", "--html", "b.html")...); again != table {
		t.Errorf("another run gives\n%s", again)
	}
	a, _ := os.ReadFile("a.html")
	if b, _ := os.ReadFile("b.html"); !bytes.Equal(a, b) {
		t.Error("another run gives another page")
	}
	checkComparePage(t, a)

	rows, err := csv.NewReader(strings.NewReader(mustQuasi(t, append(args, "--csv", "--modes", "all")...))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1+16+2 {
		t.Errorf("%d rows, want a head, the modes, memory:full and production", len(rows))
	}
	for i, name := range csvColumns {
		if rows[0][i] != name {
			t.Errorf("column %d is %s, want %s", i, rows[0][i], name)
		}
	}
	if p := comparisonOf(t, "-e", "power", "--static", "n=3", "power.c", "--modes", "full").Programs[0]; p.Modes[0].AnalysisMS == 0 || p.Modes[0].Executed != nil || p.Forms[0].Executed != 0 {
		t.Errorf("without a run: %+v", p.Modes[0])
	}
}

// checkComparePage checks that a page is well-formed, loads nothing and has a table
// behind each plot.
func checkComparePage(t *testing.T, page []byte) {
	t.Helper()
	text := regexp.MustCompile(`(?s)<(script|style)[^>]*>.*?</(script|style)>`).ReplaceAllString(string(page), "")
	text = regexp.MustCompile(`<(meta|link)([^>]*)>`).ReplaceAllString(text, "<$1$2/>")
	d := xml.NewDecoder(strings.NewReader(text))
	d.Entity = xml.HTMLEntity
	ids := map[string]bool{}
	var refers []string
	figures := 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the page is not well-formed: %v", err)
		}
		e, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		if e.Name.Local == "figure" {
			figures++
		}
		for _, a := range e.Attr {
			switch a.Name.Local {
			case "id":
				if ids[a.Value] {
					t.Errorf("id %s is there twice", a.Value)
				}
				ids[a.Value] = true
			case "aria-labelledby", "aria-describedby":
				refers = append(refers, a.Value)
			case "style", "src":
				t.Errorf("<%s %s=%q>", e.Name.Local, a.Name.Local, a.Value)
			case "href":
				if strings.HasPrefix(a.Value, "#") {
					refers = append(refers, a.Value[1:])
				} else if a.Value != "data:," {
					t.Errorf("the page refers to %s", a.Value)
				}
			}
		}
	}
	tables := 0
	for _, id := range refers {
		if !ids[id] {
			t.Errorf("nothing has the id %s", id)
		}
		if strings.HasSuffix(id, "-table") {
			tables++
		}
	}
	if figures == 0 || tables != figures {
		t.Errorf("%d plots, %d tables behind them", figures, tables)
	}
}

// What is wrong with a command line, and a program that does not do what the
// generic one does.
func TestCompareErrors(t *testing.T) {
	needLLVM(t)
	inDir(t)
	writeFile(t, ".", "pid.c", "#include <stdio.h>\n#include <unistd.h>\nint f(int x)\n{\n    return x + (int)getpid();\n}\nint main(void)\n{\n    printf(\"%d\\n\", f(1));\n    return 0;\n}\n")
	for _, c := range []struct {
		name, args string
		code       int
		want       string
	}{
		{"nothing", "compare", exitUsage, `nothing to compare`},
		{"unknown subject", "compare nosuch", exitUsage, `there is no subject "nosuch"`},
		{"no specification", "compare power.c", exitUsage, `nothing to specialize in power\.c`},
		{"unknown mode", "compare --modes=ful -e power power.c", exitUsage, `there is no mode "ful"`},
		{"mode twice", "compare --modes=full,full -e power power.c", exitUsage, `full is there twice`},
		{"two formats", "compare --json --csv -e power power.c", exitUsage, `exclude`},
		{"page without a name", "compare --html= -e power power.c", exitUsage, `--html needs a file`},
		{"all and more", "compare --all power.c", exitUsage, `--all takes no other`},
		{"run without function", "compare --run 3 nosuch", exitUsage, `--run goes with`},
		{"bad run", "compare -e power --run ' power.c", exitUsage, `unfinished quote`},
		{"flags for a subject", "compare nosuch -- -DX", exitUsage, `clang flags go with`},
		{"bad budget", "compare -e power --budget x=1 power.c", exitUsage, `no limit called`},
		{"page in no folder", "compare -e power --html no/page.html power.c", exitInput, `cannot write no/page\.html`},
		{"no main", "compare -e power --modes=full --run 3 power.ll", exitInput, `no function main`},
		{"no input", "compare -e power --modes=full --run 3<nosuch.txt power.c", exitInput, `nosuch\.txt: no such file`},
		{"difference", "compare -e f --modes=full --static x=1 --run 1 --html out.html pid.c", exitInput, `mode full: main 1 does not do what the generic program does`},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := strings.Fields(c.args)
			for i := range args {
				args[i] = strings.Replace(args[i], "3<", "3 < ", 1)
			}
			code, stdout, stderr := quasi(args...)
			if code != c.code || !regexp.MustCompile(c.want).MatchString(stderr) {
				t.Errorf("exit code %d, want %d; stderr %q, want %q", code, c.code, stderr, c.want)
			}
			if stdout != "" {
				t.Errorf("stdout %q", stdout)
			}
			if _, err := os.Stat("out.html"); err == nil {
				t.Error("a failed run left its page")
			}
		})
	}
}

// writeTiny writes a subject of the smallest kind, fetched nothing, one case, with
// more lines in its subject.yaml.
func writeTiny(t *testing.T, drivers, name, more string) string {
	t.Helper()
	dir := filepath.Join("testdata", name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(drivers, filepath.Join("testdata", "subject")); err != nil && !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
	writeFile(t, dir, "subject.yaml", `
title: A power.
sources: [ $src/power.c ]
cases:
  - { name: cube, note: the third, handwritten: false, inputs: [ of seven ] }
checks: 50
`+more)
	writeFile(t, dir, "power.c", strings.Replace(powerC, "int main(", "int unused(", 1))
	writeFile(t, dir, "harness.c", `
int power(int x, int n);
long cube(const void *in, long n, void *out)
{
    *(int *)out = power(*(const int *)in, 3);
    return sizeof(int);
}
`)
	writeFile(t, dir, "spec.yaml", "specialize:\n  - { function: cube, as: residual_cube }\n")
	writeFile(t, dir, "inputs.c", `
#include "subject.h"
long check_input(const char *name, struct random *r, unsigned i, void *in)
{
    *(int *)in = (int)random_below(r, 100);
    return 1;
}
long bench_input(const char *name, int input, void *in)
{
    *(int *)in = 7;
    return 1;
}
`)
	return dir
}

// subjectDrivers is the folder with what subjects share.
func subjectDrivers(t *testing.T) string {
	t.Helper()
	drivers, err := filepath.Abs("../../testdata/subject")
	if err != nil {
		t.Fatal(err)
	}
	return drivers
}

// A subject by its name, its folder and its file.
func TestCompareSubject(t *testing.T) {
	needLLVM(t)
	drivers := subjectDrivers(t)
	inDir(t)
	dir := writeTiny(t, drivers, "tiny", "")
	for _, name := range []string{"tiny", dir, filepath.Join(dir, subjectFile)} {
		p := comparisonOf(t, name, "--modes", "full,memory:full").Programs[0]
		full := p.Modes[0]
		if p.Name != "tiny" || p.Runs != 1 || len(full.Cases) != 1 || full.Cases[0].NS <= 0 || full.Speedup <= 0 {
			t.Errorf("%+v, %+v", p, full)
		}
		// What power executes is counted above; cube has a cast, a load, a call, a store, a cast and a return.
		if got := full.Executed; got == nil || got.total() < 28+6 || got.Static < 20 {
			t.Errorf("executed %+v", got)
		}
		if t.Failed() {
			break
		}
	}
}

// afterWrite is an output that calls something after each write.
type afterWrite struct {
	bytes.Buffer
	call func()
}

func (w *afterWrite) Write(b []byte) (int, error) {
	defer w.call()
	return w.Buffer.Write(b)
}

// Several subjects: the slow one is the last, each is printed once it is done, and
// interrupted after the first, the command keeps what it has.
func TestCompareSeveral(t *testing.T) {
	needLLVM(t)
	drivers := subjectDrivers(t)
	inDir(t)
	writeTiny(t, drivers, "first", "slow: true\n")
	writeTiny(t, drivers, "second", "")
	args := []string{"quasi", "compare", "-q", "--all", "--modes", "full,uniform", "--no-times", "--html", "out.html"}
	onPage := func() string {
		page, err := os.ReadFile("out.html")
		if err != nil {
			t.Fatal(err)
		}
		checkComparePage(t, page)
		return strings.Join(regexp.MustCompile(`<h2 id="program-\d" tabindex="-1">(\w+)<`).FindAllString(string(page), -1), " ")
	}
	rows := regexp.MustCompile(`(?m)^( +points S .*|\w+: \d+ points .*)$`)

	var errs bytes.Buffer
	ctx, cancel := context.WithCancel(context.Background())
	part := &afterWrite{call: cancel}
	code := run(ctx, args, part, &errs)
	if want := "interrupted; what there is covers second alone"; code != exitInput || !strings.Contains(errs.String(), want) {
		t.Errorf("interrupted: exit code %d, %q; want %q", code, errs.String(), want)
	}
	if got := rows.FindAllString(part.String(), -1); len(got) != 2 || !strings.HasPrefix(got[1], "second: ") {
		t.Errorf("interrupted, it prints %q", got)
	}
	if got := onPage(); strings.Contains(got, "first") || !strings.Contains(got, "second") {
		t.Errorf("interrupted, the page has %s", got)
	}

	errs.Reset()
	whole := &afterWrite{call: func() {}}
	if code := run(context.Background(), args, whole, &errs); code != exitDone {
		t.Fatalf("exit code %d, %s", code, errs.String())
	}
	if got := rows.FindAllString(whole.String(), -1); len(got) != 3 || !strings.HasPrefix(got[1], "second: ") || !strings.HasPrefix(got[2], "first: ") {
		t.Errorf("it prints %q", got)
	}
	if !strings.HasPrefix(whole.String(), part.String()) {
		t.Errorf("another run prints other rows for second:\n%s\n%s", part, whole)
	}
	if got := onPage(); !strings.Contains(got, "first") || !strings.Contains(got, "second") {
		t.Errorf("the page has %s", got)
	}
}

// A module that is too large for LLVM, and limits of the specializer that are too
// small: the row says so, and shows what there is.
func TestCompareLimits(t *testing.T) {
	needLLVM(t)
	inDir(t)
	args := []string{"compare", "-q", "--no-times", "-e", "power", "--static", "n=3", "--run", "a b", "--modes", "full", "power.c"}
	if got := mustQuasi(t, append(args, "--budget", "iterations=1")...); !regexp.MustCompile(`(?m)^  full .* past the limits of `).MatchString(got) {
		t.Errorf("with a limit of one round:\n%s", got)
	}
	defer func(n int64) { maxModule = n }(maxModule)
	maxModule = 10
	if got := mustQuasi(t, args...); !regexp.MustCompile(`(?m)^  full +66\.7 .* past the limits: a module of 0 MB is neither optimized nor measured`).MatchString(got) {
		t.Errorf("with a limit of ten bytes a module:\n%s", got)
	}
}

// The page of two programs in a browser: it says and asks for nothing, fits
// narrow windows in both themes, and each plot opens its table by the keyboard.
func TestComparePage(t *testing.T) {
	needBrowser(t)
	program := func(name string, faster float64) *programReport {
		p := &programReport{Name: name, Title: "A program <with> & in its title.", Runs: 1}
		for _, f := range []form{inRegisters, inMemory} {
			p.Forms = append(p.Forms, &formReport{Form: f.String(), Specializations: 1, Functions: 2, Points: 100, Executed: 4000})
		}
		for i, m := range defaultModes() {
			n := uint64(10 * i)
			r := &modeRow{Mode: m.String(), Form: m.form.String(), Variants: 3 + i, Functions: 2, Insts: 90 + i, Optimized: 40, Text: 1000 * (i + 1),
				AnalysisMS: 1.5, EvaluateMS: 0.5, Cases: []*caseTime{{Case: "a", Input: "of one", NS: 2, Generic: 2 * faster, Speedup: faster}}}
			if !m.production {
				r.Points, r.Executed = &shares{100 - n, n / 2, n / 2, 0}, &shares{4000 - 40*n, 0, 40 * n, 0}
			}
			r.finish(nil, -1)
			p.Modes = append(p.Modes, r)
		}
		return p
	}
	page, err := (&comparison{Programs: []*programReport{program("first", 2.5), program("second", 0.9)}}).page()
	if err != nil {
		t.Fatal(err)
	}
	checkComparePage(t, page)
	file := filepath.Join(t.TempDir(), "compare.html")
	if err := os.WriteFile(file, page, 0o666); err != nil {
		t.Fatal(err)
	}
	p := openPage(t, file, 1440, 900)
	p.shot("compare-light")
	p.wantContrast("light")
	p.want(`document.querySelectorAll("figure").length === 6 * 2 + 7 + 8`, "the number of plots")
	p.want(`[...document.querySelectorAll("svg.plot text")].every((e) => { const b = e.getBBox(), v = e.ownerSVGElement.viewBox.baseVal; return b.x >= 0 && b.x + b.width <= v.width && b.y + b.height <= v.height; })`, "text lies inside its plot")
	p.want(`!document.querySelector("figure table").checkVisibility()`, "a table is hidden at first")
	eval[any](p, `document.querySelector("figure summary").focus()`)
	p.press(keyEnter)
	p.want(`document.querySelector("figure table").checkVisibility()`, "Enter opens the table of a plot")
	for _, width := range []int64{320, 390, 700, 1000} {
		p.size(width, 800)
		p.want(`document.documentElement.scrollWidth <= innerWidth`, "a narrow window scrolls sideways")
	}
	p.scheme("dark")
	p.size(1440, 900)
	p.shot("compare-dark")
	p.wantContrast("dark")
	p.wantQuiet()
}
