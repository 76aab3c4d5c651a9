package guard

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quasi/ir"
	"quasi/ir/irtest"
)

// unit compiles C text with -O1 -disable-llvm-passes and other flags.
func unit(t *testing.T, name, src string, flags ...string) *ir.Program {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-g", "-S", "-emit-llvm", "-w", "-O1", "-Xclang", "-disable-llvm-passes", "-o", "-", file}, flags...)
	out := run(t, run(t, nil, irtest.Tool(t, "clang"), args...), irtest.Tool(t, "opt"), "-passes=sroa", "-S")
	p, err := ir.Load(name, out)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// joined is the ledger of several units, by name.
func joined(t *testing.T, terms []string, cfg Config, units ...*ir.Program) (*Ledger, error) {
	t.Helper()
	var ts []Term
	for _, text := range terms {
		term, err := ParseTerm(text)
		if err != nil {
			t.Fatal(err)
		}
		ts = append(ts, term)
	}
	var sums []*Summary
	for _, p := range units {
		s, err := Summarize(p, ts, cfg)
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, s)
	}
	return Join(sums)
}

// rowsOf writes the rows as `UNIT:LINE CLASS HOW`.
func rowsOf(l *Ledger) []string {
	var rows []string
	for _, r := range l.Rows {
		rows = append(rows, fmt.Sprintf("%s:%d %v %v", r.Unit, r.Line, r.Class, r.How))
	}
	return rows
}

type joinTest struct {
	name  string
	term  string
	flags []string
	units []string
	want  []string
}

func TestJoin(t *testing.T) {
	const header = "struct list { struct list *next; };\nstruct task { int pid; int uid; struct list all; float w; };\n"
	tests := []joinTest{
		{
			name: "a callee that another unit defines", term: "struct task.uid",
			units: []string{
				header + "void set(struct task *); void lost(struct task *); void run(struct task *t) {\n set(t);\n lost(t);\n}",
				header + "void set(struct task *t) {\n t->uid = 1;\n}",
			},
			want: []string{"a.c:5 not-visible by-call", "b.c:4 must-guard by-field"},
		},
		{
			name: "a term that accesses of every type may alias", term: "table[0]",
			units: []string{
				"struct s { short a; unsigned b : 3; } table[2]; void put(short *);\nint main(void) { put(&table[0].a); return 0; }",
				"void put(short *p) {\n *p = 1;\n}",
			},
			want: []string{"b.c:2 may-write by-unknown"},
		},
		{
			name: "a variable that is only declared", term: "server.dirty",
			units: []string{
				"struct s { int a; int dirty; };\nstruct s server; int main(void) { return server.dirty; }",
				"struct s { int a; int dirty; };\nextern struct s server; void f(void) {\n server.dirty++;\n server.a++;\n}",
			},
			want: []string{"b.c:3 must-guard by-field"},
		},
		{
			name: "a copy of a variable that is only declared", term: "server.dirty",
			units: []string{
				"struct s { int a; int dirty; };\nstruct s server; int main(void) { return server.dirty; }",
				"struct s { int a; int dirty; };\nextern struct s server; void f(struct s *p) {\n server = *p;\n}",
			},
			want: []string{"b.c:3 must-guard by-copy"},
		},
		{
			name: "a variable of the record that is declared without members", term: "struct task.uid",
			units: []string{
				header + "struct task first; int run(struct task *t) {\n return t->uid; }",
				"extern struct task first; void wipe(void) {\n __builtin_memset(&first, 0, 16);\n}",
			},
			want: []string{"b.c:2 must-guard by-fill"},
		},
		{
			name: "a variable of the record that is declared as bytes", term: "struct task.uid",
			units: []string{
				header + "struct task first; int run(struct task *t) {\n return t->uid; }",
				"extern char first[], few[8]; extern int ints[]; void put(void) {\n *(int *)(first + 4) = 0;\n *(int *)(few + 4) = 0;\n ints[1] = 0;\n}",
			},
			want: []string{"b.c:2 may-write by-object"},
		},
		{
			name: "bytes, in a unit that does not know the record", term: "struct task.uid",
			units: []string{
				header + "void wipe(void *, int); int run(struct task *t) {\n wipe(t, 4);\n return t->uid; }",
				"void wipe(char *p, int n) {\n while (n--)\n *p++ = 0;\n}",
			},
			want: []string{"b.c:3 may-write by-unknown"},
		},
		{
			name: "a scalar of another type, in a unit that does not know the record", term: "struct task.w",
			units: []string{
				header + "int run(struct task *t) {\n return t->w; }",
				"void put(int *p) {\n *p = 0;\n}",
			},
		},
		{
			name: "a part, in a unit that does not know the record", term: "struct task.all.next",
			units: []string{
				header + "int run(struct task *t) {\n return t->all.next != 0; }",
				"struct list { struct list *next; };\nstruct item { long n; struct list l; };\nvoid add(struct list *l) {\n l->next = 0;\n}\nvoid beside(struct item *i) {\n i->n = 0;\n}",
			},
			want: []string{"b.c:4 may-write by-field"},
		},
		{
			name: "a cast in one unit, a write in another", term: "struct task.uid", flags: []string{"-fno-strict-aliasing"},
			units: []string{
				header + "struct view { int a, b; }; void other(struct view *); int run(struct task *t) {\n other((struct view *)t);\n return t->uid; }",
				header + "struct view { int a, b; }; struct safe { int a, b; };\nvoid other(struct view *v) {\n v->b = 1;\n}\nvoid safe(struct safe *v) {\n v->b = 1;\n}",
			},
			want: []string{"b.c:5 may-write by-field"},
		},
		{
			name: "a callee that reaches an instance, called in two units", term: "struct task.uid",
			units: []string{
				header + "struct task *all; int hidden(void); int seen(void); int run(void) {\n hidden();\n return seen() + all->uid; }",
				header + "extern struct task *all; int hidden(void); int seen(void) {\n return hidden() + all->uid;\n}\nint look(struct task *t) { return t->uid; }",
			},
			want: []string{"a.c:4 not-visible by-call"},
		},
		{
			name: "an allocator that no unit defines", term: "struct task.uid",
			units: []string{
				header + "void *get(int) __attribute__((malloc)); void put(struct task *);\nvoid run(void) {\n struct task *t = get(4);\n t->uid = 1;\n put(t);\n}",
				"int other;",
			},
			want: []string{"a.c:6 fresh by-field", "a.c:7 not-visible by-call"},
		},
		{
			name: "an allocator that another unit defines", term: "struct task.uid",
			units: []string{
				header + "void *get(int) __attribute__((malloc)); void put(struct task *);\nvoid run(void) {\n struct task *t = get(4);\n t->uid = 1;\n put(t);\n}",
				"static void *pool; void *get(int n) { return pool; } void put(void *p) { pool = p; }",
			},
			want: []string{"a.c:6 must-guard by-field"},
		},
		{
			name: "a variable whose address no unit takes", term: "level",
			units: []string{
				"int level; int get(void) { return level; }",
				"void put(int *p) {\n *p = 1;\n}",
			},
		},
		{
			name: "a variable whose address another unit passes on", term: "level",
			units: []string{
				"int level; void put(int *); int get(void) {\n put(&level);\n return level; }",
				"extern int level; void put(int *p) {\n *p = 1;\n}\nint look(void) { return level; }",
			},
			want: []string{"b.c:2 may-write by-unknown"},
		},
		{
			name: "a variable whose address this unit takes", term: "level",
			units: []string{
				"int level; int get(void) { return level; }",
				"extern int level; void put(int *p) {\n *p = 1;\n}\nvoid all(void) {\n put(&level);\n}",
			},
			want: []string{"b.c:2 may-write by-unknown"},
		},
	}
	tests = append(tests, unionJoins...)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var units []*ir.Program
			for i, src := range test.units {
				units = append(units, unit(t, string(rune('a'+i))+".c", src, test.flags...))
			}
			l, err := joined(t, []string{test.term}, Config{}, units...)
			if err != nil {
				t.Fatal(err)
			}
			if got := rowsOf(l); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
				for _, r := range l.Rows {
					t.Log(r)
				}
			}
		})
	}
}

// Points-to proves writes of static variables' addresses, and a term whose units
// disagree is warned of.
func TestJoinWarnings(t *testing.T) {
	a := unit(t, "a.c", "struct s { int a; int b; }; int f(struct s *p) { return p->b; }")
	b := unit(t, "b.c", "struct s { long a; int b; }; int g(struct s *p) { return p->b; }")
	l, err := joined(t, []string{"struct s.b"}, Config{}, a, b)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Warnings) != 1 || l.Warnings[0].Kind != WarnLayout || l.Warnings[0].Unit != "b.c" {
		t.Errorf("got warnings %v, want one of the layout in b.c", l.Warnings)
	}
}

func TestUnknownTerm(t *testing.T) {
	a := unit(t, "a.c", "struct task { int uid; }; int f(struct task *p) { return p->uid; }")
	b := unit(t, "b.c", "int level[3]; int g(void) { return level[1]; }")
	for term, want := range map[string]string{
		"struct task.uit":   "struct task has no member 'uit'; did you mean 'uid'?",
		"struct tusk.uid":   "there is no struct tusk; did you mean 'task'?",
		"levels[1]":         "there is no variable, nor a typedef of a struct or union, 'levels'; did you mean 'level'?",
		"level[3]":          "'level' has 3 elements",
		"level.x":           "'level' has type 'int [3]', not a struct or union",
		"struct task[1]":    "'struct task' has type 'struct task', not an array",
		"struct task.uid.x": "'struct task.uid' has type 'int', not a struct or union",
	} {
		_, err := joined(t, []string{term}, Config{}, b, a)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", term, err, want)
		}
	}
}

func TestParseTerm(t *testing.T) {
	for text, want := range map[string]string{
		"struct task_struct.uid": "struct task_struct.uid",
		" struct  s . a[ 2 ].b ": "struct s.a[2].b",
		"table[3]":               "table[3]",
		"union u":                "union u",
		"struct s.[3]":           "struct s.[3]",
		"task_t.uid":             "task_t.uid",
	} {
		term, err := ParseTerm(text)
		if err != nil || term.String() != want {
			t.Errorf("%q: got %v, %v, want %s", text, term, err, want)
		}
	}
	for text, want := range map[string]string{
		"":               "error: a term begins with",
		"struct":         "error: there is no tag after 'struct'\nstruct\n      ^",
		"struct s.":      "error: there is no name of a member after '.'\nstruct s.\n         ^",
		"p->uid":         "error: a term is a part of one object: it cannot follow a pointer\np->uid\n ^~",
		"a[x]":           "error: an index is a decimal number\na[x]\n  ^",
		"a[]":            "error: an index is a decimal number\na[]\n  ^\nhint: all elements are meant without an index",
		"a[3":            "error: ']' is expected",
		"a[99999999999]": "error: the index 99999999999 is too large",
		"a+1":            "error: '.' or '[' is expected",
	} {
		_, err := ParseTerm(text)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// Vector stores in a module without debug information.
func TestVectors(t *testing.T) {
	src, err := os.ReadFile("testdata/vectors.ll")
	if err != nil {
		t.Fatal(err)
	}
	p, err := ir.Load("vectors.ll", src)
	if err != nil {
		t.Fatal(err)
	}
	l, err := joined(t, []string{"struct s.[1]"}, Config{}, p)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"vectors.ll:0 must-guard by-field", "vectors.ll:0 may-write by-call", "vectors.ll:0 must-guard by-field"}
	if got := rowsOf(l); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
