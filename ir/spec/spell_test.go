package spec

import (
	"slices"
	"strings"
	"testing"

	"quasi/ir"
	"quasi/ir/irtest"
)

// spelled resolves predicates for kill_proc and returns a Speller for them.
func spelled(t *testing.T, path string, when ...string) (*Speller, *Facts, *Variant) {
	t.Helper()
	p := irtest.Load(t, path)
	file, err := FromFlags("kill_proc", nil, when)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Resolve(p, file)
	if err != nil {
		t.Fatal(err)
	}
	v := r.Variants[0]
	f := NewFacts(v)
	return NewSpeller(p, v, f), f, v
}

// TestSpellCells: the cells that predicates read are written as the predicates have
// them.
func TestSpellCells(t *testing.T) {
	want := []string{
		"from->pid", "from->cred->uid", "from->last_sig_to->cred->euid", "from->cred->root", "from->high", "from->name[3]",
		"from->state", "current->pid", "limit", "calls", "counter", "from[2].pid", "why[4]", "*why",
	}
	var when []string
	for _, text := range want {
		when = append(when, text+" != 77")
	}
	s, f, _ := spelled(t, "testdata/kill.ll", when...)
	var got []string
	for _, c := range f.Terms() {
		text, ok := s.Cell(c.Base, c.Off, c.Size)
		if !ok {
			t.Errorf("%s has no text", f.String(c.Value))
		}
		got = append(got, text)
	}
	for _, text := range want {
		if !slices.Contains(got, text) {
			t.Errorf("%s is not among %s", text, strings.Join(got, ", "))
		}
	}
}

// TestSpellValues: values and conditions, which need not be written as they were.
func TestSpellValues(t *testing.T) {
	for _, test := range []struct{ when, want string }{
		{"pid == sig", "pid == sig"},
		{"from->pid < pid", "from->pid < pid"},
		{"current->cred->euid == from->cred->euid", "current->cred->euid == from->cred->euid"},
		{"from->cred->uid > 3", "3 < from->cred->uid"},
		{"level == 3", "level == 3"},
		{"(pid & 4) == 4", "(pid & 4) != 0"},
	} {
		plain, f, _ := spelled(t, "testdata/kill.ll")
		src := newSource("", test.when)
		c := &checker{binder: plain.bind, text: plainText(src, 0, test.when)}
		var sym Sym
		if err := c.run(func(n *syntax) { sym = f.Expr(c.condition(n)) }); err != nil {
			t.Fatal(err)
		}
		if got, ok := plain.Value(sym); !ok || got != test.want {
			t.Errorf("%s is written %q, %v, want %q", test.when, got, ok, test.want)
		}
	}
}

// TestSpellNothing: what no predicate can say is not written.
func TestSpellNothing(t *testing.T) {
	s, f, v := spelled(t, "testdata/kill.ll")
	from := NoSym
	for i := range v.Fn.LL.Params {
		if name, _ := s.Param(i); name == "from" {
			from = f.Param(i, 64)
		}
	}
	record := s.bind.names.Struct("task")
	field := func(name string) ir.CField { fd, _ := record.Field(name); return fd }
	for _, c := range []struct {
		what      string
		off, size int64
	}{
		{"a part of a member", field("pid").Off, 2},
		{"two members", field("pid").Off, 12},
		{"a double", field("load").Off, 8},
		{"a bit-field's unit", field("mode").Off, field("mode").UnitSize},
		{"before the object", -4, 4},
		{"sixteen bytes", field("wide").Off, 16},
	} {
		if text, ok := s.Cell(from, c.off, c.size); ok {
			t.Errorf("%s is written %s", c.what, text)
		}
	}
	if got, full := s.BitFields(from, field("mode").Off, field("mode").UnitSize); strings.Join(got, " ") != "from->mode from->kind from->prio" || full {
		t.Errorf("the bit-fields are %s, all bits %v", got, full)
	}
	if text, ok := s.Value(NoSym); ok {
		t.Errorf("no value is written %s", text)
	}
}
