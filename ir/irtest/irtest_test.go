package irtest_test

import (
	"strings"
	"testing"

	"quasi/ir/irtest"
)

// TestMatch runs the matcher on texts that match and texts that do not; want is
// part of the error.
func TestMatch(t *testing.T) {
	tests := []struct {
		name, text, checks, want string
	}{
		{"found", "a\nb\n", "CHECK: b", ""},
		{"blanks", "a  =\tb\n", "CHECK: a = b", ""},
		{"order", "b\na\n", "CHECK: a\nCHECK: b", "line 2: CHECK: b: not found from line 2 on"},
		{"next", "a\nb\nc\n", "CHECK: a\nCHECK-NEXT: b\nCHECK-NEXT: c", ""},
		{"next_not_adjacent", "a\nb\nc\n", "CHECK: a\nCHECK-NEXT: c", "matches line 3, not the line after 1"},
		{"same", "a b\n", "CHECK: a\nCHECK-SAME: b", ""},
		{"same_elsewhere", "a\nb\n", "CHECK: a\nCHECK-SAME: b", "matches line 2, not line 1"},
		{"not_between", "a\nx\nb\n", "CHECK: a\nCHECK-NOT: x\nCHECK: b", "excluded text is at line 2"},
		{"not_after", "a\nb\nx\n", "CHECK: a\nCHECK-NOT: x\nCHECK: b", ""},
		{"not_at_end", "a\nb\nx\n", "CHECK: b\nCHECK-NOT: x", "excluded text is at line 3"},
		{"dag", "b\na\nc\n", "CHECK-DAG: a\nCHECK-DAG: b\nCHECK: c", ""},
		{"dag_once", "a\n", "CHECK-DAG: a\nCHECK-DAG: a", "not found"},
		{"dag_then_not", "x\nb\na\n", "CHECK-NOT: x\nCHECK-DAG: a\nCHECK-DAG: b", "excluded text is at line 1"},
		{"label", "@f\nx\n@g\ny\n", "CHECK-LABEL: @f\nCHECK: x\nCHECK-LABEL: @g\nCHECK: y", ""},
		{"label_splits", "@f\nx\n@g\ny\n", "CHECK-LABEL: @f\nCHECK: y\nCHECK-LABEL: @g", "CHECK: y: not found"},
		{"label_limits_not", "@f\nx\n@g\ny\n", "CHECK-LABEL: @f\nCHECK-NOT: y\nCHECK-LABEL: @g", ""},
		{"regexp", "add i32 %x, 1\n", "CHECK: add {{i(32|64)}} %x", ""},
		{"quoted_meta", "a(b)[c]\n", "CHECK: a(b)[c]", ""},
		{"variable", "%x = add\nret %x\n", "CHECK: [[V:%[a-z]+]] = add\nCHECK: ret [[V]]", ""},
		{"variable_differs", "%x = add\nret %y\n", "CHECK: [[V:%[a-z]+]] = add\nCHECK: ret [[V]]", "not found"},
		{"variable_unset", "a\n", "CHECK: [[V]]", "variable V is not set"},
		{"count", "a\na\nb\n", "CHECK-COUNT-2: a\nCHECK-NEXT: b", ""},
		{"count_less", "a\nb\n", "CHECK-COUNT-2: a", "not found"},
		{"empty", "a\n\nb\n", "CHECK: a\nCHECK-EMPTY:\nCHECK-NEXT: b", ""},
		{"empty_not", "a\nc\n\nb\n", "CHECK: a\nCHECK-EMPTY:", "not the line after"},
		{"no_lines", "a\n", "nothing", "no CHECK lines"},
		{"no_pattern", "a\n", "CHECK:", "without a pattern"},
		{"bad_regexp", "a\n", "CHECK: {{(}}", "missing closing )"},
		{"other_words", "a\n", "; XCHECK: b\n; CHECK: a", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := irtest.Match(test.text, test.checks, "CHECK")
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}

// TestRun: a module calls C and is called by it.
func TestRun(t *testing.T) {
	text := `
declare i32 @twice(i32)
define i32 @f(i32 %x) {
  %y = call i32 @twice(i32 %x)
  %z = add i32 %y, 1
  ret i32 %z
}`
	irtest.Verify(t, text)
	out, status := irtest.Run(t, text, irtest.RunOptions{
		C:    "#include <stdio.h>\n#include <stdlib.h>\nint f(int); int twice(int x) { return 2 * x; }\nint main(int c, char **v) { printf(\"%d\\n\", f(atoi(v[1]))); return 3; }\n",
		Args: []string{"20"},
	})
	if out != "41\n" || status != 3 {
		t.Errorf("got %q, status %d, want 41, status 3", out, status)
	}
}

// TestCompileC: what it makes loads.
func TestCompileC(t *testing.T) {
	p := irtest.LoadString(t, irtest.CompileC(t, "int f(int n) { int s = 0; for (int i = 0; i < n; i++) s += i; return s; }"))
	if f := irtest.Func(t, p, "f"); len(f.Loops().All) != 1 {
		t.Errorf("got %d loops, want 1", len(f.Loops().All))
	}
}
