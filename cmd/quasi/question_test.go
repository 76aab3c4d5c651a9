package main

// This file tests what --why says of IR that clang has optimized and named anew.

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhyOfIR asks of IR without names, with debug information and without: C names
// and lines where there are any, otherwise numbers of parameters.
func TestWhyOfIR(t *testing.T) {
	tc := needLLVM(t)
	inDir(t)
	// Line 5 is in another file as well, from where code is inlined.
	writeFile(t, ".", "thrice.h", "\n\n\nstatic inline int thrice(int x) {\n    return x * 3; }\n")
	writeFile(t, ".", "main.c", "#include \"thrice.h\"\nint f(int x, int n)\n{\n    int y = thrice(n);\n    return x + y;\n}\n")
	for name, flags := range map[string][]string{"plain.ll": {"-O1"}, "debug.ll": {"-O1", "-g"}} {
		args := append(flags, "-fdiscard-value-names", "-S", "-emit-llvm", "-o", name, "main.c")
		if err := tc.run(t.Context(), "clang", args...); err != nil {
			t.Fatal(err)
		}
	}
	abs, err := filepath.Abs("main.c")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ file, question, want, never string }{
		{"plain.ll", "%0", "parameter %0 of @f is not fixed", ""},
		{"plain.ll", "%1", "plain.ll: remark: static: it rests on #1 = 2 [@f]\n", ""},
		{"debug.ll", "n", "main.c:2:18: remark: static: it rests on n = 2\nint f(int x, int n)\n                 ^\n", "[@f"},
		{"debug.ll", "f:5", "main.c:5:5: remark: dynamic", "thrice.h"},
		{"debug.ll", abs + ":5", "main.c:5:5: remark: dynamic", "thrice.h"},
		{"debug.ll", "thrice.h:5", "thrice.h:5:14: remark: static: it rests on n = 2\n", "main.c"},
	} {
		got := mustQuasi(t, "analyze", "-e", "f", "--static", "#1=2", "--why", c.question, c.file)
		if !strings.Contains(got, c.want) || c.never != "" && strings.Contains(got, c.never) {
			t.Errorf("%s: --why %s:\n%s\nwant %q, and no %q", c.file, c.question, got, c.want, c.never)
		}
	}
	mustQuasi(t, "analyze", "-e", "f", "--static", "#1=2", "--expect", "5=dynamic", "--expect", "thrice.h:5=static", "debug.ll")
}

// TestWhyLines asks for lines of two files: a bare one is of the file of the specialized
// function; what has code that is not reached is told from what has none.
func TestWhyLines(t *testing.T) {
	needLLVM(t)
	inDir(t)
	writeFile(t, ".", "one.c", "static int helper(int k) { return k * 2; }\nstatic int never(int k) { return k - 1; }\nint other(int k, int d);\n"+
		"int work(int k, int d)\n{\n    int a = helper(k);\n\n    if (k > 100)\n        a = never(a);\n    return a + other(k, d);\n}\n")
	writeFile(t, ".", "two.c", "static int helper(int k)\n{\n    return k + 3;\n}\nint other(int k, int d)\n{\n    return d + helper(k);\n\n    //\n}\nint main(void)\n{ return other(1, 2); }\n")
	for _, c := range []struct {
		question string
		code     int
		want     string
	}{
		{"6", exitDone, "one.c:6:13: remark: static: "},
		{"7", exitDone, "two.c:7:5: remark: dynamic: "},
		{"two.c:7", exitDone, "two.c:7:5: remark: dynamic: "},
		{"9", exitInput, "line 9 is never reached: what is known decides against it\n"},
		{"work:9", exitInput, "line 9 is never reached"},
		{"2", exitInput, "line 2 is in function 'never', which the analysis does not reach\n"},
		{"never:2", exitInput, "the analysis does not reach function 'never'\n"},
		{"work:7", exitInput, "the analysis reaches no code of 'work' on line 7; the nearest line of work with code is 6\n"},
		{"two.c:9", exitInput, "the analysis reaches no code on line 9; the nearest line with code is 7\n"},
		{"helper:k", exitDone, "one.c:1:23: remark: static: it rests on k = 3\nstatic int helper(int k) { return k * 2; }\n                      ^\ntwo.c:1:23: remark: static: it rests on k = 3\n"},
	} {
		code, stdout, stderr := quasi("analyze", "-e", "work", "--static", "k=3", "one.c", "two.c", "--why", c.question)
		if code != c.code || !strings.Contains(stdout+stderr, c.want) {
			t.Errorf("--why %s: exit code %d\n%s%s\nwant %d and %q", c.question, code, stdout, stderr, c.code, c.want)
		}
	}
}

// TestAbsoluteInput: the source is found where an input has an absolute path that has
// something in common with the folder at hand.
func TestAbsoluteInput(t *testing.T) {
	needLLVM(t)
	dir := inDir(t)
	work := filepath.Join(dir, "build")
	if err := os.Mkdir(work, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Chdir(work)
	path := filepath.Join(dir, "power.c")
	for _, c := range []struct{ how, want string }{
		{"-q", "D      5 |         r *= x;\n"},
		{"--why=5", path + ":5:11: remark: dynamic: "},
		{"--why=power.c:5", path + ":5:11: remark: dynamic: "},
		{"--why=" + path + ":5", "        r *= x;\n          ^\n"},
		{"--expect=power.c:5=dynamic", "power.v1"},
	} {
		if got := mustQuasi(t, "analyze", "-e", "power", "--static", "n=3", c.how, path); !strings.Contains(got, c.want) {
			t.Errorf("%s:\n%s\nwant %q", c.how, got, c.want)
		}
	}
	_, page := pageOf(t, "-e", "power", "--static", "n=3", path)
	if d := dataOf(t, page); len(d.Funcs[0].Sections) != 1 {
		t.Errorf("the page has %d sections of source", len(d.Funcs[0].Sections))
	}
}

// TestSourceMissing lists IR where the source is not, and says why.
func TestSourceMissing(t *testing.T) {
	tc := needLLVM(t)
	inDir(t)
	if err := tc.run(t.Context(), "clang", "-O1", "-g", "-S", "-emit-llvm", "-o", "debug.ll", "power.c"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove("power.c"); err != nil {
		t.Fatal(err)
	}
	if got := mustQuasi(t, "analyze", "-e", "power", "debug.ll"); !strings.Contains(got, "; power.c cannot be read: the IR instead\n; @power variant 0") {
		t.Errorf("got\n%s", got)
	}
}
