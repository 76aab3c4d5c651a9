package guard

import (
	"fmt"
	"slices"
	"testing"

	"quasi/ir"
)

// What calls through pointers may reach, if all modules are given (D16).
func TestJoinAll(t *testing.T) {
	const header = "struct task { int pid; int uid; };\ntypedef int (*op)(struct task *, long);\n"
	const run = header + "op get(void);\nint run(op f, struct task *t) {\n return f(t, 1);\n}"
	const open, closed = "a.c:5 not-visible by-call", "b.c:4 must-guard by-field"
	const set = "int set(struct task *t, long n) {\n t->uid = n; return 0; }\nint run(op, struct task *);\n"
	tests := []struct {
		name, b string
		want    []string
	}{
		{"a function of a module", "int main(void) { return run(set, 0); }", nil},
		{"one of another prototype outside", "void other(struct task *, long); int more(struct task *, long, int);\nvoid *kept[] = { other, more }; int main(void) { return run(set, 0); }", nil},
		{"a function outside", "int other(struct task *, long); int main(void) { return run(other, 0); }", []string{open}},
		{"a function outside in a table", "int other(void *, long); void *kept[] = { other }; int main(void) { return run(set, 0); }", []string{open}},
		{"a function without a prototype", "int other(); int main(void) { return run(other, 0); }", []string{open}},
		{"a function that another returns", "op found(void); int main(void) { return run(found(), 0); }", []string{open}},
		{"a record of functions that another returns", "struct ops { int n; op f; } *found(void); int main(void) { return run(found()->f, 0); }", []string{open}},
		{"a cast of what another returns", "void *found(void); int main(void) { return run(found(), 0); }", []string{open}},
		{"loaded code", "void *dlsym(void *, const char *); void *f; int main(void) { f = dlsym(0, \"f\"); return run(f, 0); }", []string{open}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var sums []*Summary
			term, err := ParseTerm("struct task.uid")
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range []*ir.Program{unit(t, "a.c", run), unit(t, "b.c", header+set+test.b)} {
				s, err := Summarize(p, []Term{term}, Config{})
				if err != nil {
					t.Fatal(err)
				}
				sums = append(sums, s)
			}
			for _, way := range []struct {
				join func([]*Summary) (*Ledger, error)
				want []string
			}{{Join, []string{open, closed}}, {JoinAll, append(slices.Clone(test.want), closed)}} {
				l, err := way.join(sums)
				if err != nil {
					t.Fatal(err)
				}
				if got := rowsOf(l); fmt.Sprint(got) != fmt.Sprint(way.want) {
					t.Errorf("got %q, want %q", got, way.want)
				}
			}
		})
	}
}
