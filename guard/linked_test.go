package guard

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quasi/ir"
)

// linked makes one module of several.
func linked(t *testing.T, modules []*ir.Program) *ir.Program {
	t.Helper()
	dir := t.TempDir()
	var files []string
	for i, src := range modules {
		var text bytes.Buffer
		if err := ir.Fprint(&text, src); err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.Join(dir, string(rune('a'+i))+".ll"))
		if err := os.WriteFile(files[i], text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, err := ir.Load("linked.ll", run(t, nil, "llvm-link-14", append([]string{"-S"}, files...)...))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Linking renames static variables of one name: a term is all of them, but for one that a
// predicate reads.
func TestLinkedVariables(t *testing.T) {
	a := "static struct { int n, m; } mode; void a(int x) { mode.n = x; mode.m = x; }"
	b := "struct { int n; } mode; void b(int x) { mode.n = x; }"
	c := "static int mode; void c(int x) { mode = x; } void l(int x) { static int mode; mode = x; }"
	p := linked(t, []*ir.Program{unit(t, "a.c", a), unit(t, "b.c", b), unit(t, "c.c", c)})
	symbol := Term{head: "mode", symbol: true}
	for _, q := range []struct {
		term Term
		want string
	}{
		{parsed(t, "mode"), "a a b c"}, {parsed(t, "mode.n"), "a b"}, {parsed(t, "mode.m"), "a"}, {symbol, "b"}, {parsed(t, "l.mode"), "l"},
	} {
		sum, err := Summarize(p, []Term{q.term}, Config{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range sum.Rows {
			if r.Class != ProvenDisjoint {
				got = append(got, r.Function)
			}
		}
		slices.Sort(got)
		if strings.Join(got, " ") != q.want {
			t.Errorf("%s: rows in %q, want %s", q.term, got, q.want)
		}
	}
}

func parsed(t *testing.T, text string) Term {
	t.Helper()
	term, err := ParseTerm(text)
	if err != nil {
		t.Fatal(err)
	}
	return term
}

// Linking makes one of record types with the same elements.
func TestLinked(t *testing.T) {
	a := `struct timev { long s, u; }; struct timev now;
struct only { long p; int q; };
void seta(struct timev *t) {
	t->s = 1;
}
void setu(struct timev *t) { t->u = 1; }
void seto(struct only *t) { t->p = 1; }
`
	b := `struct sid { long ms, seq; }; struct hold { int n; struct sid id; };
void copy(struct sid *a, struct sid *b) {
	*a = *b;
}
struct sid x, y;
void local(void) {
	struct sid z = x;
	copy(&z, &y);
	z.ms = 3;
	copy(&x, &z);
}
void held(struct hold *h, struct hold *g) {
	*h = *g;
}
int main(void) { copy(&x, &y); return x.ms; }
`
	p := linked(t, []*ir.Program{unit(t, "a.c", a, "-fno-strict-aliasing"), unit(t, "b.c", b, "-fno-strict-aliasing")})
	l, err := joined(t, []string{"struct sid.ms"}, Config{}, p)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range l.Rows {
		if r.Class == MustGuard || r.Class == MayWrite {
			lines = append(lines, r.Function)
		}
	}
	slices.Sort(lines)
	if got, want := slices.Compact(lines), []string{"copy", "held", "local", "seta"}; !slices.Equal(got, want) {
		t.Errorf("rows in %q, want %q", got, want)
		for _, r := range l.Rows {
			t.Log(r)
		}
	}
}
