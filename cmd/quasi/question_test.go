package main

// This file tests what --why says of IR that clang has optimized and named anew.

import (
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
