package pe

// This file undoes C's promotions in a finished residual function: arithmetic on
// widened integers that is cut to their width again, and comparisons of them. LLVM
// does so too, but not always before it widens the phis that the results go to; what
// a loop counts is opaque then, and a check against the counter stays in the loop.
//
//   - (N1) icmp p (zext x), c is icmp p x, c, p unsigned, if c fits the width of x.
//     So are comparisons of two values widened from one type, and of equality of two
//     sign-extended ones.
//   - (N2) trunc (op (ext x), (ext y)) to the type of x and y is op x, y, for op
//     whose low bits depend on low bits only, without flags; a constant may be y.
//     The wide operation must have no other use: it would have to stay.

import (
	"math/big"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// narrow applies (N1) and (N2). What they leave unused is for sweep.
func (rf *rfunc) narrow() {
	uses := make([]int, len(rf.vals))
	for _, b := range rf.blocks {
		if b.cond != 0 {
			uses[rf.resolve(b.cond)]++
		}
		for _, list := range [][]*rinst{b.phis, b.insts} {
			for _, i := range list {
				for _, o := range i.ops {
					uses[rf.resolve(o)]++
				}
			}
		}
	}
	for _, b := range rf.blocks {
		for _, i := range b.insts {
			switch n := i.node.(type) {
			case *llir.InstICmp:
				rf.narrowCompare(i, n)
			case *llir.InstTrunc:
				if wide := rf.resolve(i.ops[0]); uses[wide] == 1 {
					rf.narrowTrunc(i, n, wide)
				}
			}
		}
	}
}

// A widening is a value that has been extended, or a constant.
type widening struct {
	from   rval       // what was extended; 0 for a constant
	typ    types.Type // its type
	signed bool
	c      *big.Int
}

// widened looks through the extension that r is.
func (rf *rfunc) widened(r rval) (widening, bool) {
	v := rf.vals[rf.resolve(r)]
	if c, ok := v.val.(*constant.Int); ok {
		return widening{c: c.X}, true
	}
	if v.inst == nil || v.inst.node == nil || len(v.inst.ops) != 1 {
		return widening{}, false
	}
	x := rf.resolve(v.inst.ops[0])
	w := widening{from: x, typ: rf.vals[x].typ}
	if _, ok := w.typ.(*types.IntType); !ok {
		return widening{}, false
	}
	switch v.inst.node.(type) {
	case *llir.InstZExt:
		return w, true
	case *llir.InstSExt:
		w.signed = true
		return w, true
	}
	return widening{}, false
}

// narrowCompare applies (N1).
func (rf *rfunc) narrowCompare(i *rinst, n *llir.InstICmp) {
	x, ok1 := rf.widened(i.ops[0])
	y, ok2 := rf.widened(i.ops[1])
	if !ok1 || !ok2 || x.from == 0 && y.from == 0 {
		return
	}
	one := x
	if x.from == 0 {
		one = y
	}
	equality := n.Pred == enum.IPredEQ || n.Pred == enum.IPredNE
	unsigned := equality || n.Pred == enum.IPredULT || n.Pred == enum.IPredULE || n.Pred == enum.IPredUGT || n.Pred == enum.IPredUGE
	if !unsigned || one.signed && !equality {
		return
	}
	a, ok1 := rf.operandOf(x, one, true)
	b, ok2 := rf.operandOf(y, one, true)
	if !ok1 || !ok2 {
		return
	}
	c := &llir.InstICmp{LocalIdent: n.LocalIdent, Pred: n.Pred, Typ: types.I1, Metadata: n.Metadata}
	i.node, i.ops = c, []rval{a, b}
	rf.vals[i.res].val = c
}

// operandOf is w as a value of the type that like was extended from; exact wants
// a constant to be the extension of what it becomes.
func (rf *rfunc) operandOf(w, like widening, exact bool) (rval, bool) {
	if w.from != 0 {
		return w.from, w.typ.Equal(like.typ) && (!exact || w.signed == like.signed)
	}
	bits := like.typ.(*types.IntType).BitSize
	if bits > 64 || exact && (like.signed || w.c.Sign() < 0 || uint64(w.c.BitLen()) > bits) {
		return 0, false
	}
	low := new(big.Int).And(w.c, new(big.Int).SetUint64(mask(uint(bits))))
	return rf.constant(scalar(low.Uint64(), like.typ)), true
}

// narrowTrunc applies (N2).
func (rf *rfunc) narrowTrunc(i *rinst, n *llir.InstTrunc, wide rval) {
	op := rf.vals[wide].inst
	if op == nil || op.node == nil || len(op.ops) != 2 {
		return
	}
	x, ok1 := rf.widened(op.ops[0])
	y, ok2 := rf.widened(op.ops[1])
	to := widening{from: x.from, typ: n.To}
	if !ok1 || !ok2 || x.from == 0 && y.from == 0 {
		return
	}
	if t, ok := n.To.(*types.IntType); !ok || t.BitSize < 8 {
		return
	}
	a, ok1 := rf.operandOf(x, to, false)
	b, ok2 := rf.operandOf(y, to, false)
	if !ok1 || !ok2 {
		return
	}
	var node llir.Instruction
	switch op.node.(type) {
	case *llir.InstAdd:
		node = &llir.InstAdd{LocalIdent: n.LocalIdent, Typ: n.To, Metadata: n.Metadata}
	case *llir.InstSub:
		node = &llir.InstSub{LocalIdent: n.LocalIdent, Typ: n.To, Metadata: n.Metadata}
	case *llir.InstMul:
		node = &llir.InstMul{LocalIdent: n.LocalIdent, Typ: n.To, Metadata: n.Metadata}
	case *llir.InstAnd:
		node = &llir.InstAnd{LocalIdent: n.LocalIdent, Typ: n.To, Metadata: n.Metadata}
	case *llir.InstOr:
		node = &llir.InstOr{LocalIdent: n.LocalIdent, Typ: n.To, Metadata: n.Metadata}
	case *llir.InstXor:
		node = &llir.InstXor{LocalIdent: n.LocalIdent, Typ: n.To, Metadata: n.Metadata}
	default:
		return
	}
	i.node, i.ops = node, []rval{a, b}
	rf.vals[i.res].val = node.(value.Value)
}
