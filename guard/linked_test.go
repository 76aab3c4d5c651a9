package guard

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
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
