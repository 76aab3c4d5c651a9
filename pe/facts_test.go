package pe

import (
	"fmt"
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"

	"quasi/bta"
	"quasi/ir"
	"quasi/ir/irtest"
	"quasi/ir/spec"
)

// factDecls precede the functions of TestFactsDecide.
const factDecls = `
#include <stddef.h>
struct task { int uid, gid; unsigned flags, len; struct task *parent; unsigned char prio; long time; char name[8]; };
struct pair { struct task a, b; };
extern void unknown(void);
extern void take(struct task *);
extern int limit;
static int same(const struct task *x, const struct task *y) { return x->uid == y->uid; }
static int owner(const struct task *x, int uid) { if (!x) return 0; return x->uid == uid; }
__attribute__((noinline)) static int busy(int *out) { int s = 0; for (int i = 0; i < 40; i++) s += *out; *out = s; return s; }
`

// factCases are functions of which the predicates decide all conditions, or of
// which something that looks alike must stay.
var factCases = []struct {
	name    string
	when    string // predicates, apart by ;
	params  string
	body    string
	decided bool
}{
	// one fact
	{"equal", "a == b", "int a, int b", "if (a == b) return 1; return 2;", true},
	{"equal_difference", "a == b", "int a, int b", "if (a - b) return 1; return a ^ b;", true},
	{"equal_memory", "p->uid == q->uid", "struct task *p, struct task *q", "if (p->uid != q->uid) return 1; return 2;", true},
	{"unequal", "a != b", "int a, int b", "if (a == b) return 1; return 2;", true},
	{"unequal_swapped", "a != b", "int a, int b", "if (!(b - a)) return 1; return 2;", true},
	{"less_constant", "x < 10", "unsigned x", "if (x > 20) return 1; if (x == 10) return 3; return 2;", true},
	{"less_constant_open", "x < 10", "unsigned x", "if (x > 8) return 1; return 2;", false},
	{"mask", "(p->flags & 12) == 0", "struct task *p", "if (p->flags & 4) return 1; return 2;", true},
	{"mask_open", "(p->flags & 12) == 0", "struct task *p", "if (p->flags & 2) return 1; return 2;", false},
	{"mask_set", "(p->flags & 12) == 8", "struct task *p", "if (!(p->flags & 8) || p->flags < 8) return 1; return 2;", true},
	{"not_null", "p != 0", "struct task *p", "if (!p) return 1; return 2;", true},
	{"not_null_field", "p != 0; p->parent != 0", "struct task *p", "if (p && p->parent) return 1; return 2;", true},
	{"fields_ordered", "p->len <= q->len", "struct task *p, struct task *q", "if (p->len > q->len) return 1; return 2;", true},
	{"fields_ordered_open", "p->len <= q->len", "struct task *p, struct task *q", "if (p->len >= q->len) return 1; return 2;", false},
	{"byte", "p->prio < 3", "struct task *p", "if (p->prio + 1 > 3) return 1; if ((unsigned char)(p->prio + 5) > 7) return 3; return 2;", true},
	{"global", "limit > 100", "int x", "if (limit < 50) return x; return 2;", true},

	// through arithmetic and casts
	{"sum", "x < 10", "unsigned x", "if (x + 1 < 11) return 1; return 2;", true},
	{"sum_wraps", "x > 10", "unsigned x", "if (x + 1 > 11) return 1; return 2;", false},
	{"mask_fits", "x < 1000", "unsigned x", "if ((x & 1023) != x) return 1; return 2;", true},
	{"widened", "x >= 0; x < 100", "int x", "long y = x; if (y >= 0 && (unsigned long)y < 200 && (short)y < 100) return 1; return 2;", true},
	{"narrowed", "x < 256", "unsigned x", "unsigned char c = x; if (c == x) return 1; return 2;", true},
	{"narrowed_open", "x < 257", "unsigned x", "unsigned char c = x; if (c == x) return 1; return 2;", false},
	{"shifted", "x < 64", "unsigned x", "if (x >> 6) return 1; if ((x << 2) > 255) return 3; return 2;", true},
	{"divided", "x < 64", "unsigned x", "if (x / 8 > 7) return 1; if (x % 100 >= 64) return 3; return 2;", true},

	// several facts
	{"equal_chain", "a == b; b == c", "int a, int b, int c", "if (a != c) return 1; return 2;", true},
	{"less_chain", "a < b; b < c", "int a, int b, int c", "if (a >= c || c == a) return 1; return 2;", true},
	{"less_chain_open", "a < c; b < c", "int a, int b, int c", "if (a < b) return 1; return 2;", false},
	{"less_chain_memory", "p->len < q->len; q->len <= m", "struct task *p, struct task *q, unsigned m", "if (p->len >= m) return 1; return 2;", true},
	{"both_ways", "a <= b; b <= a", "int a, int b", "if (a != b) return 1; return 2;", true},
	{"or_excluded", "a == 1 || b == 1; a != 1", "int a, int b", "if (b == 1) return 1; return 2;", true},

	// through copies and control
	{"local_copy", "a == b", "int a, int b", "int c = a, d = b; unknown(); if (c == d) return 1; return 2;", true},
	{"struct_copy", "p->uid == 3; (p->flags & 4) == 0", "struct task *p", "struct task l = *p; if (l.uid == 3 && !(l.flags & 4)) return 1; return 2;", true},
	{"struct_copy_kept", "p->uid == 3; (p->flags & 4) == 0", "struct task *p", "struct task l = *p; unknown(); if (l.uid == 3 && !(l.flags & 4)) return 1; return 2;", true},
	{"struct_copy_written", "p->uid == 3", "struct task *p, int x", "struct task l = *p; l.uid = x; if (l.uid == 3) return 1; return 2;", false},
	{"nested_copy", "p->uid == q->uid", "struct task *p, struct task *q", "struct pair l; l.a = *p; l.b = *q; struct pair m = l; if (m.a.uid == m.b.uid) return 1; return 2;", true},
	{"select", "a < 3; b < 7", "unsigned a, unsigned b, int k", "unsigned x = k ? a : b; return x < 7 ? 1 : 2;", true},
	{"select_open", "a < 3; b < 7", "unsigned a, unsigned b, int k", "unsigned x = k ? a : b; return x < 6 ? 1 : 2;", false},
	{"phi_fields", "p->len < 3; p->flags < 10", "struct task *p, int k", "unsigned x; if (k) x = p->len; else { x = p->flags; } if (x < 10) return 1; return 2;", true},
	{"phi_ordered", "a < b; b < c", "unsigned a, unsigned b, unsigned c, int k", "unsigned x; if (k) x = a; else x = b; if (x < c) return 1; return 2;", true},
	{"loop", "p->uid == 3", "struct task *p, int n", "int s = 0; for (int i = 0; i < n; i++) if (p->uid != 3) s ^= i; else s += i; return s;", true},
	{"loop_written", "p->uid == 3", "struct task *p, int n", "int s = 0; for (int i = 0; i < n; i++) { if (p->uid != 3) s ^= i; else s += i; p->uid = n; } return s;", false},

	// across calls and stores
	{"callee", "p->uid == q->uid", "struct task *p, struct task *q", "if (same(p, q)) return 1; return 2;", true},
	{"callee_argument", "p != 0; p->uid == k", "struct task *p, int k", "return owner(p, k);", true},
	{"harmless_call", "p->uid == 3", "struct task *p, int k", "busy(&k); if (p->uid == 3) return 1; return 2;", true},
	{"unknown_call", "p->uid == 3", "struct task *p", "unknown(); if (p->uid == 3) return 1; return 2;", false},
	{"unknown_call_copy", "p->uid == 3", "struct task *p", "int u = p->uid; unknown(); if (u == 3) return 1; return 2;", true},
	{"other_field", "p->uid == 3", "struct task *p, struct task *q, int k", "q->gid = k; if (p->uid == 3) return 1; return 2;", true},
	{"aliasing_store", "p->uid == 3", "struct task *p, struct task *q, int k", "q->uid = k; if (p->uid == 3) return 1; return 2;", false},
	{"aliasing_bytes", "p->uid == 3", "struct task *p, char *q", "*q = 0; if (p->uid == 3) return 1; return 2;", false},
	{"other_type", "p->uid == 3", "struct task *p, short *q", "*q = 0; if (p->uid == 3) return 1; return 2;", true},
	{"own_store", "p->uid == 3", "struct task *p", "p->uid = 4; if (p->uid == 4) return 1; return 2;", true},
	{"own_store_dynamic", "p->uid == 3", "struct task *p, int k", "p->uid = k; if (p->uid == 3) return 1; return 2;", false},
	{"pointer_replaced", "p->parent != 0; p->parent->uid == 3", "struct task *p, struct task *q", "p->parent = q; if (p->parent->uid == 3) return 1; return 2;", false},
	{"volatile", "p->uid == 3", "struct task *p", "if (*(volatile int *)&p->uid == 3) return 1; return 2;", false},
}

// TestFactsDecide specializes each function, with the division: of those that
// are decided no comparison of values is left but those on loop counters and on k.
func TestFactsDecide(t *testing.T) {
	var src strings.Builder
	src.WriteString(factDecls)
	for _, c := range factCases {
		fmt.Fprintf(&src, "int f_%s(%s)\n{\n    %s\n}\n", c.name, c.params, c.body)
	}
	text := irtest.CompileC(t, src.String(), "-fno-discard-value-names")
	for _, c := range factCases {
		t.Run(c.name, func(t *testing.T) {
			var when []string
			for _, w := range strings.Split(c.when, ";") {
				when = append(when, strings.TrimSpace(w))
			}
			left, residual := comparisonsLeft(t, text, "f_"+c.name, when)
			if decided := left == 0; decided != c.decided {
				t.Errorf("%d comparisons are left, decided should be %v:\n%s", left, c.decided, residual)
			}
			if left, residual = comparisonsLeft(t, text, "f_"+c.name, nil); left == 0 && c.name != "own_store" {
				t.Errorf("nothing is left without the predicates:\n%s", residual)
			}
		})
	}
}

// comparisonsLeft counts the comparisons in the residual function of fn that are
// not exempt.
func comparisonsLeft(t *testing.T, text, fn string, when []string) (left int, residual string) {
	t.Helper()
	p := irtest.LoadString(t, text)
	pt := ir.SolvePointsTo(p)
	cg := ir.BuildCallGraph(p, pt)
	mr := ir.ComputeModRef(p, pt, cg)
	file, err := spec.FromFlags(fn, nil, when)
	if err != nil {
		t.Fatal(err)
	}
	r, err := spec.Resolve(p, file)
	if err != nil {
		t.Fatal(err)
	}
	v := r.Variants[0]
	facts := spec.NewFacts(v)
	div, err := bta.Analyze(bta.Config{Prog: p, PT: pt, CG: cg, MR: mr, Variant: v, Facts: facts})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range bta.Check(div) {
		t.Error(err)
	}
	res, err := Specialize(Config{Prog: p, PT: pt, CG: cg, MR: mr, Variant: v, Facts: facts, BTA: div})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range res.Residual.Blocks {
		for _, i := range b.Insts {
			switch i := i.(type) {
			case *llir.InstICmp:
				if !exempt(i) {
					left++
				}
			case *llir.InstCall:
				if i.Callee.Ident() == "@owner" {
					left++ // has comparisons
				}
			}
		}
	}
	return left, res.Residual.LLString()
}

// exempt reports whether a comparison is one of a loop counter with n or of k
// with 0.
func exempt(cmp *llir.InstICmp) bool {
	return cmp.Y.Ident() == "%n" || cmp.X.Ident() == "%k"
}
