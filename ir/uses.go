package ir

// This file holds def-use chains and the operands of instructions.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/value"
)

// A User is an instruction or a terminator.
type User interface {
	value.User
	LLString() string
}

// UserAt returns the instruction or terminator at pt.
func (p *Program) UserAt(pt Point) User {
	b := p.BlockAt(pt)
	if i := int(pt - b.First); i < len(b.LL.Insts) {
		return b.LL.Insts[i]
	}
	return b.LL.Term
}

// Operands returns every operand place of u: those of llir's Operands, then
// the inputs of operand bundles, which llir leaves out. Use.Operand counts in
// this list. Blocks and callees are operands too; call arguments may be
// wrapped in *llir.Arg, and metadata arguments are *metadata.Value.
func Operands(u value.User) []*value.Value {
	ops := u.Operands()
	for _, b := range bundles(u) {
		for i := range b.Inputs {
			ops = append(ops, &b.Inputs[i])
		}
	}
	return ops
}

func bundles(u value.User) []*llir.OperandBundle {
	switch u := u.(type) {
	case *llir.InstCall:
		return u.OperandBundles
	case *llir.TermInvoke:
		return u.OperandBundles
	case *llir.TermCallBr:
		return u.OperandBundles
	}
	return nil
}

// A Use is one operand of one instruction or terminator; Operand is its index
// in Operands.
type Use struct {
	Pt      Point
	Operand int
}

// Uses holds the def-use chains of a function. Uses in metadata (debug
// intrinsics) do not count.
type Uses struct {
	first []int32 // by Reg, into all; one more at the end
	all   []Use
}

// Of returns the uses of r by Point, then Operand. The slice is shared and
// must not be changed.
func (u *Uses) Of(r Reg) []Use { return u.all[u.first[r]:u.first[r+1]] }

// Uses returns the def-use chains of f.
func (f *Func) Uses() *Uses {
	if f.facts.uses != nil {
		return f.facts.uses
	}
	u := &Uses{first: make([]int32, len(f.Values)+1)}
	type entry struct {
		r   Reg
		use Use
	}
	var entries []entry
	for _, b := range f.Blocks {
		note := func(pt Point, user value.User) {
			for i, op := range Operands(user) {
				if *op == nil {
					continue
				}
				if r := f.Reg(*op); r != NoReg {
					entries = append(entries, entry{r, Use{pt, i}})
					u.first[r+1]++
				}
			}
		}
		for i, inst := range b.LL.Insts {
			note(b.First+Point(i), inst)
		}
		note(b.TermPoint(), b.LL.Term)
	}
	for r := range f.Values {
		u.first[r+1] += u.first[r]
	}
	u.all = make([]Use, len(entries))
	next := append([]int32(nil), u.first...)
	for _, e := range entries {
		u.all[next[e.r]] = e.use
		next[e.r]++
	}
	f.facts.uses = u
	return u
}
