package main

// This file tests the parts of the command line that need no program: order of
// arguments, clang flags, diagnostics, listings and outputs.

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quasi/bta"
	"quasi/ir"
	"quasi/ir/spec"
)

func TestReorder(t *testing.T) {
	app := newApp(io.Discard, io.Discard)
	for in, want := range map[string]string{
		"quasi":                                 "quasi",
		"quasi --help":                          "quasi --help",
		"quasi frob x":                          "quasi frob x",
		"quasi analyze x.c -e f":                "quasi analyze --entry f -- x.c",
		"quasi build a.c -v b.c -o x -- -DX -c": "quasi build --verbose --output x -- a.c b.c -- -DX -c",
		"quasi build --static=n=3 a.c":          "quasi build --static=n=3 -- a.c",
		"quasi build -e f -- -lm":               "quasi build --entry f -- -- -lm",
		"quasi specialize -o - a.c":             "quasi specialize --output - -- a.c",
		"quasi version":                         "quasi version",
	} {
		got, err := reorder(app, strings.Fields(in))
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s\ngot  %s, %v\nwant %s", in, strings.Join(got, " "), err, want)
		}
	}
}

func TestSortClangFlags(t *testing.T) {
	cf, err := sortClangFlags(strings.Fields("-DA -D B -I inc -Iinc2 -lm -L lib -Wall -Wl,-z,now -fPIC -mavx2 -O2 -g -pthread x.o -include h.h -static -std=c99 -w"))
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, got []string, want string) {
		t.Helper()
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: got %v, want %s", what, got, want)
		}
	}
	check("compile", cf.compile, "-DA -D B -I inc -Iinc2 -Wall -fPIC -mavx2 -g -pthread -include h.h -std=c99 -w")
	check("codegen", cf.codegen, "-fPIC -mavx2 -g -pthread")
	check("link", cf.link, "-lm -L lib -Wl,-z,now -fPIC -mavx2 -g -pthread -static")
	check("inputs", cf.inputs, "x.o")
	if cf.level != "-O2" || !cf.debug {
		t.Errorf("level %q, debug %v", cf.level, cf.debug)
	}
	for _, bad := range []string{"-c", "-S", "-E", "-o", "-flto", "-flto=thin", "-x", "-D", "-Xclang"} {
		if _, err := sortClangFlags([]string{bad}); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

// TestDiagnostics prints each kind of error over a small source file.
func TestDiagnostics(t *testing.T) {
	dir := t.TempDir()
	src := writeFile(t, dir, "a.c", "int f(void)\n{\n\treturn g();\n}\n")
	for _, c := range []struct {
		err  error
		want string
	}{
		{errors.New("plain"), "quasi: error: plain\n"},
		{&ir.Error{Pos: ir.Position{File: src, Line: 3, Col: 9, Func: "f", Block: "entry"}, Err: errors.New("no g")},
			src + ":3:9: error: no g [@f:%entry]\n\treturn g();\n\t       ^\n"},
		{&ir.Error{Pos: ir.Position{File: src}, Err: errors.New("syntax error at line 2")},
			src + ":2: error: syntax error at line 2\n{\n"},
		{&ir.Error{Pos: ir.Position{File: "gone.c", Line: 3, Col: 1}, Err: errors.New("no g")}, "gone.c:3:1: error: no g\n"},
		{&spec.Error{Pos: spec.Pos{File: "s.yaml", Line: 4, Col: 3}, Msg: "what is xy", Line: "  xy == 1", Width: 2, Hint: "there is xz",
			Note: &spec.Error{Pos: spec.Pos{File: "s.yaml", Line: 2, Col: 1}, Msg: "given here", Line: "abc", Width: 3}},
			"s.yaml:4:3: error: what is xy\n  xy == 1\n  ^~\nhint: there is xz\ns.yaml:2:1: note: given here\nabc\n^~~\n"},
		{errors.Join(errors.New("one"), errors.Join(errors.New("two"), errors.New("three"))),
			"quasi: error: one\nquasi: error: two\nquasi: error: three\n"},
	} {
		var b strings.Builder
		newDiagnostics(&b, false).report(c.err)
		if b.String() != c.want {
			t.Errorf("got\n%s\nwant\n%s", b.String(), c.want)
		}
	}
	var b strings.Builder
	newDiagnostics(&b, true).report(errors.New("plain"))
	if !strings.Contains(b.String(), "\x1b[") {
		t.Errorf("no colour in %q", b.String())
	}
	many := make([]error, 30)
	for i := range many {
		many[i] = errors.New("again")
	}
	b.Reset()
	newDiagnostics(&b, false).report(errors.Join(many...))
	if strings.Count(b.String(), "again") != maxReported || !strings.Contains(b.String(), "10 more errors") {
		t.Errorf("of 30 errors\n%s", b.String())
	}
}

func TestExplainText(t *testing.T) {
	for text, want := range map[string]string{
		"define i32 @f() {\n  ret i32 0\n}\n":                                "",
		"@ptr = global i32* null\ndefine void @g(i32 %ptr) {\n  ret void\n}": "",
		"; a ptr in a comment\ndeclare void @f()\n":                          "",
		"@s = constant [4 x i8] c\" ptr\"\n":                                 "",
		"#include <stdio.h>\n":                                               "not LLVM IR",
		"":                                                                   "not LLVM IR",
		"BC\xc0\xde5":                                                        "bitcode",
		"declare ptr @malloc(i64)\n":                                         "LLVM 15 or later (opaque pointers)",
		"define void @f() memory(none) {\n":                                  "LLVM 15 or later",
		"target triple = \"x\"\n!0 = !{!\"clang version 17.0.1\"}\n": "LLVM 17",
		"target triple = \"x\"\n!0 = !{!\"clang version 14.0.6\"}\n": "",
	} {
		err := explainText("x.ll", []byte(text))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

// TestInstall: an output replaces a file with the mode of what was made, keeps
// devices, and leaves nothing beside it.
func TestInstall(t *testing.T) {
	dir := t.TempDir()
	src := writeFile(t, dir, "made", "new")
	os.Chmod(src, 0o755)
	out := filepath.Join(dir, "sub", "out")
	os.Mkdir(filepath.Dir(out), 0o777)
	writeFile(t, filepath.Dir(out), "out", "old and longer")
	if err := install(src, out); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(out)
	info, _ := os.Stat(out)
	if string(got) != "new" || info.Mode().Perm() != 0o755 || listDir(t, filepath.Dir(out)) != "out" {
		t.Errorf("got %q, mode %v, files %s", got, info.Mode(), listDir(t, filepath.Dir(out)))
	}
	if err := install(src, os.DevNull); err != nil {
		t.Errorf("to a device: %v", err)
	}
	if err := install(src, filepath.Join(dir, "no", "out")); err == nil || !strings.Contains(err.Error(), "cannot write") {
		t.Errorf("into no folder: %v", err)
	}
}

// TestListing: marks in the gutter, and signs below a line that has both.
func TestListing(t *testing.T) {
	l := &sourceListing{Function: "f", File: "a.c", First: 1, Params: []string{"x:D"}, Lines: []lineMark{
		makeLine(2, map[int]byte{2: markOf(bta.Static)}),
		makeLine(3, map[int]byte{2: markOf(bta.Dynamic), 9: markOf(bta.Static), 11: markOf(bta.StaticDynamic)}),
	}}
	var b strings.Builder
	text := []string{"int f(int x) {", "\tint a = 1;", "\treturn x + a * 2;", "}", "int g;"}
	l.print(&b, func(string) []string { return text }, newPalette(false))
	want := "f (variant 0: x:D) a.c:1\n" +
		"       1 | int f(int x) {\n" +
		"S      2 | \tint a = 1;\n" +
		"SD     3 | \treturn x + a * 2;\n" +
		"         | \tD      S +\n" +
		"       4 | }\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// TestListingColours: in colour, the tokens of a line that has both; signs stand
// below their columns where a character has several bytes.
func TestListingColours(t *testing.T) {
	l := &sourceListing{Function: "f", File: "a.c", First: 1, Lines: []lineMark{
		makeLine(1, map[int]byte{4: markOf(bta.Static), 9: markOf(bta.Dynamic)}),
	}, unreached: map[int]bool{2: true}}
	text := []string{"\té+xy", "g();", "}"}
	var b strings.Builder
	l.print(&b, func(string) []string { return text }, newPalette(true))
	lines := strings.Split(b.String(), "\n")
	if want := "\té\x1b[36m+\x1b[0mxy"; !strings.Contains(lines[1], want) {
		t.Errorf("got %q, want %q", lines[1], want)
	}
	if want := "         | \t S"; lines[2] != want {
		t.Errorf("got %q, want %q", lines[2], want)
	}
	if want := "\x1b[2m- \x1b[0m     2 | \x1b[2mg();\x1b[0m"; !strings.Contains(strings.ReplaceAll(lines[3], "\x1b[22m", "\x1b[0m"), want) {
		t.Errorf("got %q, want %q", lines[3], want)
	}
}

// TestListingBranch: a branch has the place of its condition in debug information, and
// its sign stands at the keyword.
func TestListingBranch(t *testing.T) {
	code := "    if (a->x == 3 && b)"
	lines := makeLines(map[int]*lineColumns{7: {branch: map[int]byte{9: 'S', 19: 'D'}, other: map[int]byte{9: 'D', 14: 'S'}}})
	if got, want := signLine(code, lines[0]), "    S   D    S    D"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := lines[0].Points[0]; got != (pointMark{9, "+"}) || lines[0].Mark != "SD" {
		t.Errorf("in JSON: got %+v of a line marked %s", got, lines[0].Mark)
	}
}

// TestListingElsewhere: code of another file and inlined code are listed by
// themselves, behind the function.
func TestListingElsewhere(t *testing.T) {
	tc := needLLVM(t)
	dir := t.TempDir()
	t.Chdir(dir)
	writeFile(t, dir, "cases.inc", "case 0: return a;\ncase 1:\n    return a * n;\n")
	writeFile(t, dir, "main.c", "int putchar(int c);\nstatic int twice(int k)\n{\n    return putchar(k);\n}\nint f(int a, int n)\n{\n    switch (n) {\n#include \"cases.inc\"\n    }\n    return twice(a);\n}\n"+
		"int main(int argc, char **argv) { return f(argc, 1); }\n")
	got := mustQuasi(t, "analyze", "-e", "f", "--static", "n=1", "main.c")
	for _, want := range []string{"         in ./cases.inc:\nD      3 |     return a * n;\n", "S      8 |     switch (n) {\n", "-     11 |     return twice(a);\nD     12 | }\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	// Inlined by clang, before the analysis.
	if err := tc.run(t.Context(), "clang", "-O1", "-g", "-fno-discard-value-names", "-S", "-emit-llvm", "-o", "main.ll", "main.c"); err != nil {
		t.Fatal(err)
	}
	got = mustQuasi(t, "analyze", "-e", "f", "--static", "n=5", "main.ll")
	if want := "         twice, inlined, in main.c:\nD      4 |     return putchar(k);\n"; !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}

func TestParseQuestion(t *testing.T) {
	for s, want := range map[string]question{
		"12":         {line: 12},
		"a/b.c:12":   {file: "a/b.c", line: 12},
		"%x":         {value: "%x"},
		"@f:%x.addr": {fn: "f", value: "%x.addr"},
		"count":      {value: "count"},
		"f:count":    {fn: "f", value: "count"},
		"@f:12":      {fn: "f", line: 12},
		"f:12":       {file: "f", line: 12},
	} {
		if got, err := parseQuestion(s); got != want || err != nil {
			t.Errorf("%s: got %+v, want %+v", s, got, want)
		}
	}
	for _, s := range []string{"0", "-3", "f:0", "f:", ":12", ""} {
		if q, err := parseQuestion(s); err == nil {
			t.Errorf("%q: no error but %+v", s, q)
		}
	}
}

// TestProgressTimes: phases are recorded in order, and nothing is shown within
// the first seconds.
func TestProgressTimes(t *testing.T) {
	var b strings.Builder
	p := newProgress(&b, true)
	p.enter("one")
	p.enter("two")
	p.Close()
	if len(p.times) != 2 || p.times[0].Phase != "one" || p.times[1].Phase != "two" || b.Len() != 0 {
		t.Errorf("times %v, shown %q", p.times, b.String())
	}
}
