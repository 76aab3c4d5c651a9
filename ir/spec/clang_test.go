package spec

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"quasi/ir/irtest"
)

// clangDecls are objects and parameters with every kind of type.
const clangDecls = `
#include <stdint.h>
#include <stddef.h>
enum color { RED, GREEN = 5, BLUE = -1 };
enum big { BIG = 0x80000000u };
struct in { short s; unsigned char c[3]; };
struct S {
  _Bool ok; signed char sc; unsigned char uc; short ss; unsigned short us;
  int i; unsigned u; long l; unsigned long ul;
  unsigned f3 : 3, f5 : 5; int g4 : 4; unsigned long wide : 40; long slong : 20; unsigned u32 : 32; _Bool b1 : 1; int s1 : 1;
  unsigned a24 : 12; unsigned b24 : 12;
  union { int ua; struct { short lo, hi; }; unsigned ub : 5; };
  enum color col; enum big e; struct in in[2]; struct S *next; uint32_t grid[2][3];
} __attribute__((aligned(8)));
struct S a, b; struct S *p = &a; struct S *const q = &b;
`

var clangExprs = []string{
	// conversions
	"sc == uc", "sc < uc", "ss < us", "ss == us", "i < u", "i < l", "u < l", "l < ul", "i == -1", "u == -1", "uc == -1", "sc == -1", "us == 65535",
	"sc + uc > 100", "us * us > 0", "u - 1 < 5", "i - 1 < 5", "(unsigned char)i == uc", "(signed char)i < 0", "(short)u == ss", "(long)u == l", "(unsigned long)i == ul",
	"(_Bool)i == ok", "ok", "!ok", "ok == 1", "ok + ok == 2", "-u > 5", "-i < 3", "~uc == -1", "~u > 7", "!i == ok", "!!l == 1", "+sc == sc", "(int)ul < 0", "(uint16_t)l > 100",
	"i & 1", "(i & 4) == 4", "(u | 3) == u", "(sc ^ uc) == 0", "i << 3 == 8", "u >> 4 == 0", "i >> 31 == -1", "l >> 40 < 0", "uc << 24 < 0", "1u << 31 > 0", "i << (uc & 7) == 4",
	"i / 7 == 0", "i % 7 == -1", "u / 7 > 3", "u % 8 == 3", "l % 10 == -3", "ul / 3 == 1", "sc / 2 == 1", "i > 0 ? uc : sc", "(ok ? i : u) > 3", "(ok ? uc : l) < 0", "0x80000000 > i", "2147483648 > u", "-2147483648 < i", "'a' == uc", "'\\xff' == sc",
	// fields through pointers
	"p->i == i", "p->u == q->u", "p->us == q->us", "a.ss < b.us", "p->ok", "p->ok == q->ok", "p->sc < q->sc", "(*p).l == ul", "p[0].i < 2", "(&a)->u & 3", "p->col == GREEN", "p->col < 0", "col == BLUE", "p->col == RED || p->i", "p->e == BIG", "p->e > 3", "p->col == col",
	// bit-fields
	"p->f3 == 3", "p->f5 > p->f3", "p->g4 < 0", "p->g4 == q->g4", "p->wide > 0xffffffff", "p->wide == q->wide", "p->slong < 0", "p->slong * 2 < 7", "p->u32 < -1", "p->u32 == u", "p->b1", "p->b1 == q->b1", "p->s1 == -1", "p->f3 - 4 < 0", "p->wide - 1 < 0", "~p->f3 < 0", "a.f3 == b.f3 && a.f5 != b.f5", "p->a24 < q->b24", "p->b24 & 0x800", "p->ub == 3", "-p->u32 > 3",
	// anonymous members, arrays, indices
	"p->ua == q->ua", "p->lo < p->hi", "p->in[1].c[2] == uc", "p->in[uc & 1].s < 0", "p->grid[1][2] == p->grid[0][1]", "p->grid[ok][i & 1] < 9", "*p->grid[1] == 3", "p->in[0].c[ss & 1] == 0", "(p->in + 1)->s == ss", "&p->in[1] - &p->in[0] == 1", "*(p->in[1].c + 1) > 7", "sizeof(struct S) > 100", "sizeof p->in == 12", "sizeof(int) * 2 == 8",
	// pointers
	"p", "!p", "p == q", "p == &a", "p != NULL", "p->next == 0", "p->next != p", "p < q || p > q", "(unsigned long)p & 7", "p + 1 == &a + 1", "p - 1 < p", "(char *)p == (char *)&p->ok", "(char *)&p->i - (char *)p == 8", "p ? p->i : 0",
	// logic
	"i && u", "i || u", "!(i && u)", "(i == 0) == (u == 0)", "(i < 3) + (u < 3) == 1", "i && (u || l)", "(sc < 0) & (uc > 3)", "((i & 2) != 0) ^ ok", "-(i < u) == -1", "(_Bool)(i & 2) == ok",
}

const clangParams = "_Bool ok, signed char sc, unsigned char uc, short ss, unsigned short us, int i, unsigned u, long l, unsigned long ul, enum color col"

// TestClang checks that every predicate has the value that clang gives it.
func TestClang(t *testing.T) {
	const rounds = 60
	var c strings.Builder
	c.WriteString(clangDecls + "int printf(const char *, ...);\nvoid f(" + clangParams + ") {\n")
	for _, e := range clangExprs {
		fmt.Fprintf(&c, "  printf(\"%%d\", (%s) != 0);\n", e)
	}
	c.WriteString("  printf(\"\\n\");\n}\n")
	// Predicates wrap where C leaves signed overflow undefined.
	module := irtest.CompileC(t, c.String(), "-fwrapv")
	p := irtest.LoadString(t, module)
	file, err := FromFlags("f", nil, clangExprs)
	if err != nil {
		t.Fatal(err)
	}
	// Each on its own: together they contradict each other.
	var preds []*Pred
	for _, text := range file.Entries[0].When {
		entry := &Entry{Function: file.Entries[0].Function, When: []Text{text}}
		var errs errorList
		b := &binder{prog: p, names: p.Names(), entry: entry, errs: &errs}
		b.fn = b.function(entry.Function)
		b.params = b.names.Params(b.fn.LL)
		ps := b.preds(entry.When)
		if err := errs.err(); err != nil {
			t.Errorf("%v", err)
			continue
		}
		preds = append(preds, ps...)
	}
	if t.Failed() {
		return
	}
	main := clangExterns() + `
#include <string.h>
static unsigned long state;
static unsigned char byte(void) {
  state = state * 6364136223846793005ul + 1442695040888963407ul;
  return state >> 56 & (state >> 40 & 1 ? 3 : 255);
}
static void fill(void *o, int n) { for (int i = 0; i < n; i++) ((unsigned char *)o)[i] = byte(); *(unsigned char *)o &= 1; }
static unsigned long word(int n) { unsigned long v = 0; for (int i = 0; i < n; i++) v |= (unsigned long)byte() << 8 * i; return v; }
void f(` + clangParams + `);
int main(void) {
  for (int r = 0; r < 60; r++) {
    state = r; fill(&a, sizeof a); if (r & 1) fill(&b, sizeof b); else memcpy(&b, &a, sizeof a);
    unsigned long v[10]; int n[10] = {1, 1, 1, 2, 2, 4, 4, 8, 8, 4};
    for (int k = 0; k < 10; k++) v[k] = word(n[k]);
    f(v[0] & 1, v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]);
  }
}
`
	out, status := irtest.Run(t, module, irtest.RunOptions{C: main})
	if status != 0 {
		t.Fatalf("exit status %d", status)
	}
	lines := strings.Fields(out)
	size := p.Names().Struct("S").Size
	for r := 0; r < rounds; r++ {
		v := clangEnv(uint64(r), int(size))
		for k, pred := range preds {
			got, want := v.eval(pred.Expr), uint64(lines[r][k]-'0')
			if got != want {
				t.Errorf("round %d: %s is %d, clang says %d: %s", r, pred.Text, got, want, pred.Expr)
			}
		}
	}
}

// clangExterns is clangDecls with the objects only declared.
func clangExterns() string {
	return strings.Replace(clangDecls, "struct S a, b; struct S *p = &a; struct S *const q = &b;", "extern struct S a, b;", 1)
}

// clangEnv is the state that the C program makes for round r.
func clangEnv(r uint64, size int) *env {
	state := r
	next := func() byte {
		state = state*6364136223846793005 + 1442695040888963407
		if state>>40&1 != 0 {
			return byte(state >> 56 & 3)
		}
		return byte(state >> 56)
	}
	fill := func() []byte {
		m := make([]byte, size)
		for i := range m {
			m[i] = next()
		}
		m[0] &= 1
		return m
	}
	v := &env{addrs: map[string]uint64{"a": 0x1000, "b": 0x2000, "p": 0x3000, "q": 0x3008}}
	a := fill()
	b := a
	if r&1 != 0 {
		b = fill()
	}
	ptrs := binary.LittleEndian.AppendUint64(nil, 0x1000)
	ptrs = binary.LittleEndian.AppendUint64(ptrs, 0x2000)
	for _, n := range []int{1, 1, 1, 2, 2, 4, 4, 8, 8, 4} {
		x := uint64(0)
		for i := 0; i < n; i++ {
			x |= uint64(next()) << (8 * i)
		}
		v.params = append(v.params, x)
	}
	v.params[0] &= 1
	v.mem = func(addr uint64) byte {
		for base, m := range map[uint64][]byte{0x1000: a, 0x2000: b, 0x3000: ptrs} {
			if addr >= base && addr < base+uint64(len(m)) {
				return m[addr-base]
			}
		}
		panic(fmt.Sprintf("load outside of all objects at %#x", addr))
	}
	return v
}
