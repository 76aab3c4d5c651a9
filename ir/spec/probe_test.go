package spec

import (
	"fmt"
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/irtest"
)

// reader of a function body: values as Facts sees them, no memory written.
type body struct {
	p *ir.Program
	f *Facts
	v *Variant
}

// sym is the symbolic value of v.
func (b *body) sym(v value.Value) Sym {
	arg := func(op Op, x, y value.Value) Sym {
		w := bitsOf(v.Type())
		if y == nil {
			return b.f.Op(op, w, b.sym(x), NoSym)
		}
		return b.f.Op(op, w, b.sym(x), b.sym(y))
	}
	switch v := ir.Unwrap(v).(type) {
	case *llir.Param:
		for i, p := range b.v.Fn.LL.Params {
			if p == v {
				return b.f.Param(i, bitsOf(v.Typ))
			}
		}
	case *constant.Int:
		return b.f.Const(uint64(v.X.Int64()), bitsOf(v.Typ))
	case *constant.Null:
		return b.f.Const(0, 64)
	case *llir.Global, *llir.Func:
		return b.f.Addr(v.(constant.Constant))
	case constant.Constant:
		if base, off, ok := b.p.ConstAddr(v); ok && base != nil {
			return b.f.Op(OpAdd, 64, b.f.Addr(base), b.f.Const(uint64(off), 64))
		}
	case *llir.InstLoad:
		addr := b.sym(v.Src)
		base, off := b.f.Split(addr)
		size := b.p.Layout.StoreSize(v.ElemType)
		for _, t := range b.f.Terms() {
			if t.Base == base && t.Off == off && t.Size == size {
				return t.Value
			}
		}
		return b.f.Load(addr, size)
	case *llir.InstGetElementPtr:
		off, vars, ok := b.p.Layout.GEP(v.ElemType, v.Indices)
		if !ok {
			return NoSym
		}
		s := b.f.Op(OpAdd, 64, b.sym(v.Src), b.f.Const(uint64(off), 64))
		for _, x := range vars {
			i := b.f.Op(OpSExt, 64, b.sym(x.Index), NoSym)
			s = b.f.Op(OpAdd, 64, s, b.f.Op(OpMul, 64, i, b.f.Const(uint64(x.Scale), 64)))
		}
		return s
	case *llir.InstBitCast:
		return b.sym(v.From)
	case *llir.InstPtrToInt:
		return b.sym(v.From)
	case *llir.InstTrunc:
		return arg(OpTrunc, v.From, nil)
	case *llir.InstZExt:
		return arg(OpZExt, v.From, nil)
	case *llir.InstSExt:
		return arg(OpSExt, v.From, nil)
	case *llir.InstAdd:
		return arg(OpAdd, v.X, v.Y)
	case *llir.InstSub:
		return arg(OpSub, v.X, v.Y)
	case *llir.InstMul:
		return arg(OpMul, v.X, v.Y)
	case *llir.InstAnd:
		return arg(OpAnd, v.X, v.Y)
	case *llir.InstOr:
		return arg(OpOr, v.X, v.Y)
	case *llir.InstXor:
		return arg(OpXor, v.X, v.Y)
	case *llir.InstShl:
		return arg(OpShl, v.X, v.Y)
	case *llir.InstLShr:
		return arg(OpLShr, v.X, v.Y)
	case *llir.InstAShr:
		return arg(OpAShr, v.X, v.Y)
	case *llir.InstURem:
		return arg(OpURem, v.X, v.Y)
	case *llir.InstSRem:
		return arg(OpSRem, v.X, v.Y)
	case *llir.InstUDiv:
		return arg(OpUDiv, v.X, v.Y)
	case *llir.InstSDiv:
		return arg(OpSDiv, v.X, v.Y)
	case *llir.InstICmp:
		ops := map[enum.IPred]Op{enum.IPredEQ: OpEq, enum.IPredNE: OpNe, enum.IPredULT: OpULT, enum.IPredULE: OpULE, enum.IPredUGT: OpUGT,
			enum.IPredUGE: OpUGE, enum.IPredSLT: OpSLT, enum.IPredSLE: OpSLE, enum.IPredSGT: OpSGT, enum.IPredSGE: OpSGE}
		return arg(ops[v.Pred], v.X, v.Y)
	}
	return NoSym
}

const probeDecls = `
#include <stdint.h>
struct cred { unsigned short uid, euid; unsigned char cap; _Bool root; };
struct task { int pid; unsigned flags; unsigned mode : 3, kind : 5; int pri : 6; struct cred *cred; struct task *next; signed char c; long tab[4]; unsigned long ul; };
enum color { RED, GREEN = 5, BLUE };
struct task *current; int limit; const int table[3] = {1, 2, 3};
void handler(void) {}
void probe(long);
`
const probeParams = "struct task *a, struct task *b, int x, int y, unsigned u, unsigned v, unsigned char c, unsigned char d, _Bool ok, long n, char *s, void (*fn)(void)"

// TestProbe checks what Facts decides of conditions in the form that clang
// gives them.
func TestProbe(t *testing.T) {
	cases := []struct {
		static, when string // separated by ;
		probes       string // `expr = value` or `expr ?` where nothing is to be decided
	}{
		{"", "x == 3", "x = 3; x == 3 = 1; x != 3 = 0; x < 4 = 1; x + 1 = 4; x * 2 = 6; y ?; x == y ?; 3 == x = 1; (x ^ 3) = 0; x & 1 = 1; -x = -3; x << 2 = 12"},
		{"x=3; ok=1; c=7; fn=handler; a=null", "", "x = 3; ok = 1; !ok = 0; c = 7; fn == handler = 1; a == 0 = 1; !a = 1; fn != 0 = 1"},
		// equal values are one
		{"", "x == y", "x == y = 1; x != y = 0; x ^ y = 0; x - y = 0; x < y = 0; x <= y = 1; x + 1 == y + 1 = 1; x * 3 == y * 3 = 1; (long)x - y = 0; x > y = 0; (x & 7) == (y & 7) = 1; -x == -y = 1; x == 0 ?"},
		{"", "c == d", "c == d = 1; c ^ d = 0; c - d = 0; (unsigned char)(c ^ d) = 0; c < d = 0; (c & 1) == (d & 1) = 1; c == x ?"},
		{"", "a->cred->euid == b->cred->uid", "a->cred->euid == b->cred->uid = 1; a->cred->euid ^ b->cred->uid = 0; a->cred->uid == b->cred->uid ?; !(a->cred->euid ^ b->cred->uid) = 1"},
		{"", "a->cred == b->cred", "a->cred == b->cred = 1; a->cred->euid == b->cred->euid = 1; a->cred->euid ^ b->cred->euid = 0; a == b ?"},
		{"", "a == current", "a == current = 1; a->pid == current->pid = 1; &a->flags == &current->flags = 1; a->tab[x] == current->tab[x] = 1; a->tab[x] == current->tab[y] ?"},
		// what is not equal
		{"", "x != y", "x == y = 0; x != y = 1; y == x = 0; x ^ y ?; (x ^ y) == 0 = 0; x - y == 0 = 0; x + 1 == y + 1 = 0; x < y ?"},
		{"", "a != 0; x != 3", "a = -; !a = 0; a == 0 = 0; a ? 1 : 0 ?; x == 3 = 0; x - 3 == 0 = 0; x == 4 ?; x > 3 ?"},
		{"", "a->pid != b->pid", "a->pid == b->pid = 0; a == b ?"},
		// order
		{"", "x < 10", "x < 10 = 1; x < 11 = 1; x <= 9 = 1; x >= 10 = 0; x == 10 = 0; x == 9 ?; x < 9 ?; x == 1000 = 0; x + 1 < 20 = 1; y + 1 < 20 ?; 10 > x = 1; !(x >= 10) = 1"},
		{"", "u < 10; u > 3", "u < 10 = 1; u <= 3 = 0; u + 1 < 11 = 1; u == 0 = 0; u * 2 < 20 = 1; u >> 4 = 0; u & 16 = 0; (u & 15) == u = 1; u == 5 ?; (int)u < 0 = 0; (long)u < 10 = 1; u % 16 == u = 1"},
		{"", "x >= 0; x < 8", "x < 0 = 0; x & 8 = 0; (unsigned)x < 8 = 1; (x & 7) == x = 1; x >> 3 = 0; x / 8 = 0; x % 8 == x = 1; (long)x < 8 = 1; (unsigned char)x == x = 1; x == -1 = 0"},
		{"", "x < y", "x < y = 1; y > x = 1; y < x = 0; x == y = 0; x >= y = 0; y <= x = 0; x <= y = 1; u < v ?"},
		{"", "x <= y; x >= y", "x == y = 1; x ^ y = 0"},
		{"", "u <= v; u != v", "u < v = 1; v > u = 1; v <= u = 0"},
		{"", "c < d", "c < d = 1; c == d = 0; d > c = 1; d == 0 = 0; c == 255 = 0"},
		{"", "n > 100; n <= 200", "n > 50 = 1; n < 0 = 0; n == 300 = 0; (n & ~255) = 0; (int)n == n = 1"},
		// bits
		{"", "(u & 6) == 0", "u & 2 = 0; u & 4 = 0; u & 1 ?; (u & 6) == 0 = 1; u & 6 = 0; !(u & 2) = 1; (u >> 1) & 1 = 0; (u & 14) == (u & 8) = 1; (u | 1) & 2 = 0"},
		{"", "u & 4", "u & 4 = 4; (u & 4) != 0 = 1; u == 0 = 0; (u & 4) == 4 = 1; u > 3 = 1; (u >> 2) & 1 = 1; u & 8 ?"},
		{"", "(u & 0xf0) == 0x30", "u & 0x40 = 0; (u & 0x30) >> 4 = 3; (u >> 4) & 15 = 3; u & 0x10 = 16; (u & 0x10) && 1 ?"},
		{"", "!(a->flags & 0x100)", "a->flags & 0x100 = 0; (a->flags & 0x300) == (a->flags & 0x200) = 1; a->flags & 0x200 ?; b->flags & 0x100 ?"},
		{"", "a->mode == 3; a->pri == -2", "a->mode = 3; a->mode == 3 = 1; a->mode & 1 = 1; a->pri = -2; a->pri < 0 = 1; a->kind ?; b->mode ?"},
		{"", "a->mode == b->mode", "a->mode == b->mode = 1; a->mode ^ b->mode = 0; a->kind == b->kind ?"},
		{"", "a->kind < 4", "a->kind < 4 = 1; a->kind == 9 = 0; a->kind & 16 = 0; a->mode < 4 ?"},
		// booleans
		{"", "ok", "ok = 1; !ok = 0; ok == 1 = 1; ok + 1 = 2"},
		{"", "!a->cred->root", "a->cred->root = 0; !a->cred->root = 1; a->cred->root == 1 = 0"},
		{"", "a->cred->root", "a->cred->root = 1; !a->cred->root = 0; a->cred->root != 0 = 1"},
		{"", "a->cred->root == b->cred->root", "a->cred->root == b->cred->root = 1; a->cred->root ^ b->cred->root = 0; a->cred->root <= 1 = 1; a->cred->root ?"},
		// logic
		{"", "x == 1 && y == 2", "x = 1; y = 2"},
		{"", "!(x == 1 || y == 2)", "x == 1 = 0; y == 2 = 0; x == 2 ?"},
		{"", "x == 1 || y == 2; x != 1", "y = 2"},
		{"", "x == 1 || x == 2", "x < 3 = 1; x == 0 = 0; x == 5 = 0; x == 1 ?; x & 4 = 0; x > 0 = 1"},
		{"", "c == 'a' || c == 'b' || c == 'd'", "c == 'z' = 0; c >= 'a' = 1; c == 'a' ?"},
		{"", "(x == 3) == (y == 4); x == 3", "y = 4"},
		{"", "ok ? x == 1 : x == 2; ok", "x = 1"},
		{"ok=0", "ok ? x == 1 : x == 2", "x = 2"},
		{"", "(u >= 5 && u < 9) || u == 20", "u < 21 = 1; u > 4 = 1; u == 100 = 0; u == 10 ?"},
		// memory and addresses
		{"", "current->pid == 7", "current->pid = 7; a->pid ?; current->pid + 1 = 8"},
		{"a=&current", "", "a == (struct task *)&current = 1"},
		{"", "current == a; a->pid == 5", "current->pid = 5; a->pid = 5"},
		{"", "limit == 50", "limit = 50; limit > 49 = 1; x ?"},
		{"", "a->next == b; b->pid == 3", "a->next->pid = 3; a->next == b = 1"},
		{"", "a->tab[2] == 9; a->tab[x] == 4", "a->tab[2] = 9; a->tab[x] = 4; a->tab[x + 0] = 4; a->tab[3] ?"},
		{"", "s[0] == 'q'; s[1] == 0", "*s = 113; s[1] = 0; s[0] == 'q' = 1; s[2] ?"},
		{"", "fn == handler", "fn == handler = 1; fn == 0 = 0"},
		{"", "a->pid == x; x == 4", "a->pid = 4"},
		{"", "a->ul == n", "a->ul == n = 1; (long)a->ul - n = 0"},
		{"", "x + y == 10", "x + y = 10; y + x = 10; x + y == 10 = 1; x ?"},
		{"", "x - y == 1", "x == y + 1 = 1; x - y = 1; x == y = 0; y - x = -1"},
		{"", "x % 4 == 0", "x % 4 = 0; x % 4 == 0 = 1; x & 3 ?"},
		{"", "u % 4 == 0", "u % 4 = 0; u & 3 = 0; (u & 1) == 0 = 1"},
		{"", "(unsigned)(x - 5) < 10", "x >= 5 = 1; x < 15 = 1; x == 4 = 0; x == 5 ?; x < 0 = 0"},
		{"", "(char)u == 'x'", "(char)u = 120; u & 255 = 120; u ?"},
	}
	src := probeDecls
	for i, c := range cases {
		src += fmt.Sprintf("void f%d(%s) {\n", i, probeParams)
		for _, p := range split(c.probes) {
			e, _ := probe(p)
			src += fmt.Sprintf("  probe((long)(%s));\n", e)
		}
		src += "}\n"
	}
	p := irtest.LoadString(t, irtest.CompileC(t, src))
	for i, c := range cases {
		t.Run(c.static+" "+c.when, func(t *testing.T) {
			runProbes(t, p, fmt.Sprintf("f%d", i), split(c.static), split(c.when), split(c.probes))
		})
	}
}

// probe takes `expr = want` or `expr ?` apart.
func probe(p string) (expr, want string) {
	if e, ok := strings.CutSuffix(p, "?"); ok {
		return strings.TrimSpace(e), "?"
	}
	i := strings.LastIndex(p, " = ")
	return p[:i], p[i+3:]
}

func split(s string) []string {
	var parts []string
	for _, x := range strings.Split(s, ";") {
		if x = strings.TrimSpace(x); x != "" {
			parts = append(parts, x)
		}
	}
	return parts
}

func runProbes(t *testing.T, p *ir.Program, fn string, static, when, probes []string) {
	file, err := FromFlags(fn, static, when)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Resolve(p, file)
	if err != nil {
		t.Fatal(err)
	}
	v := r.Variants[0]
	b := &body{p: p, f: NewFacts(v), v: v}
	i := 0
	for _, blk := range v.Fn.LL.Blocks {
		for _, inst := range blk.Insts {
			call, ok := inst.(*llir.InstCall)
			if !ok || call.Callee.Ident() != "@probe" {
				continue
			}
			s := b.sym(call.Args[0])
			got := "?"
			if x, w, ok := b.f.Value(s); ok {
				got = fmt.Sprint(signed(x, w))
			}
			if expr, want := probe(probes[i]); got != want && want != "-" {
				t.Errorf("%s is %s, want %s: %s", expr, got, want, b.f.String(s))
			}
			i++
		}
	}
	if i != len(probes) {
		t.Fatalf("found %d of %d probes", i, len(probes))
	}
}
