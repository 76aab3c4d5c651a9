package pe

// This file tests the construction of SSA form: which phis go and which stay,
// also in long chains.

import (
	"testing"

	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
)

// diamonds makes a chain of n diamonds behind a block that defines variable k;
// unequal ones define it anew on one side.
func diamonds(n int, k varKey, unequal map[int]bool) (rf *rfunc, defs []rval, last *rblock) {
	rf = newRFunc("f")
	define := func(b *rblock, x int) {
		v := rf.constant(constant.NewInt(types.I32, int64(x)))
		rf.write(b, k, v)
		defs = append(defs, v)
	}
	define(rf.entry, -1)
	last = rf.entry
	for i := range n {
		left, right, join := rf.newBlock("left"), rf.newBlock("right"), rf.newBlock("join")
		for _, side := range []*rblock{left, right} {
			side.sealed, side.preds = true, []*rblock{last}
			last.succs = append(last.succs, side)
		}
		if unequal[i] {
			define(left, i)
		}
		rf.jump(left, join)
		rf.jump(right, join)
		rf.read(join, k, types.I32)
		last = join
	}
	return rf, defs, last
}

// TestTrivialPhiChain checks that a variable needs no phi where one definition
// reaches, however long the chain of joins. Quadratic work shows as a time-out.
func TestTrivialPhiChain(t *testing.T) {
	k := varKey{0, 0}
	rf, defs, last := diamonds(100_000, k, nil)
	r := rf.read(last, k, types.I32)
	rf.finish()
	if got := rf.resolve(r); got != defs[0] {
		t.Errorf("got value %d at the end, want %d", got, defs[0])
	}
	for _, b := range rf.blocks {
		if len(b.phis) > 0 {
			t.Fatalf("block %d keeps %d phis", b.id, len(b.phis))
		}
	}
}

// TestPhiKept checks that a phi stays exactly where two definitions meet, and
// that the joins after it use it.
func TestPhiKept(t *testing.T) {
	k := varKey{0, 0}
	rf, defs, last := diamonds(5, k, map[int]bool{2: true})
	r := rf.read(last, k, types.I32)
	rf.finish()
	phis := 0
	for _, b := range rf.blocks {
		phis += len(b.phis)
	}
	d := rf.vals[rf.resolve(r)].inst
	if phis != 1 || d == nil || len(d.ops) != 2 || rf.resolve(d.ops[0]) != defs[1] || rf.resolve(d.ops[1]) != defs[0] {
		t.Errorf("got %d phis and definition %+v, want one phi of %v", phis, d, defs)
	}
}

// TestPhiCircles checks that a variable needs no phi in a loop with two entries,
// where each of its two phis has the other one as an operand, however many such loops
// there are; and that both stay if the entries bring different values.
func TestPhiCircles(t *testing.T) {
	k := varKey{0, 0}
	build := func(loops int, differ bool) (*rfunc, rval, rval) {
		rf := newRFunc("f")
		v := rf.constant(constant.NewInt(types.I32, 1))
		rf.write(rf.entry, k, v)
		at := rf.entry
		var last rval
		for range loops {
			left, right := rf.newBlock("left"), rf.newBlock("right")
			a, b, out := rf.newBlock("a"), rf.newBlock("b"), rf.newBlock("out")
			rf.jump(at, left)
			rf.jump(at, right)
			if differ {
				rf.write(left, k, rf.constant(constant.NewInt(types.I32, 2)))
			}
			rf.jump(left, a)
			rf.jump(right, b)
			rf.jump(a, b)
			rf.jump(b, a)
			rf.jump(b, out)
			last = rf.read(out, k, types.I32)
			at = out
		}
		rf.finish()
		return rf, v, rf.resolve(last)
	}
	count := func(rf *rfunc) (n int) {
		for _, b := range rf.blocks {
			n += len(b.phis)
		}
		return n
	}
	if rf, v, last := build(10_000, false); last != v || count(rf) != 0 {
		t.Errorf("got value %d and %d phis, want %d and none", last, count(rf), v)
	}
	if rf, _, last := build(1, true); !rf.isPhi(last) || count(rf) != 2 {
		t.Errorf("got value %d and %d phis, want 2 phis", last, count(rf))
	}
}

// TestPhiLoopInvariant checks that a variable that a loop does not change needs
// no phi in it.
func TestPhiLoopInvariant(t *testing.T) {
	k := varKey{0, 0}
	rf := newRFunc("f")
	v := rf.constant(constant.NewInt(types.I32, 1))
	rf.write(rf.entry, k, v)
	header, body, inner := rf.newBlock("header"), rf.newBlock("body"), rf.newBlock("inner")
	rf.jump(rf.entry, header)
	r := rf.read(header, k, types.I32)
	rf.jump(header, inner)
	s := rf.read(inner, k, types.I32)
	rf.jump(inner, body)
	rf.jump(body, header)
	inner.preds = append(inner.preds, inner)
	rf.finish()
	if rf.resolve(r) != v || rf.resolve(s) != v {
		t.Errorf("got values %d and %d, want %d", rf.resolve(r), rf.resolve(s), v)
	}
}
