package ir

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/value"
)

// A Loan is what a call of a library function does with the object that an
// argument points to, if that is over when the call returns.
type Loan uint8

const (
	NotLent   Loan = iota // it may keep the address, or do other things with it than read and write
	LentRead              // it reads the object
	LentWrite             // it writes bytes there that are no pointers, and may read it
)

// Lends says what a call does with each of its arguments. It is nil if the callee
// is not known to be a function of LibSummary.
func (p *Program) Lends(call *llir.InstCall) []Loan {
	f, ok := call.Callee.(*llir.Func)
	if !ok || len(f.Blocks) > 0 {
		return nil
	}
	sum, ok := LibFunc(f)
	if !ok || sum.Twice || sum.Opaque || sum.Hidden {
		return nil
	}
	args := make([]value.Value, len(call.Args))
	for i, a := range call.Args {
		args[i] = Unwrap(a)
	}
	list := make([]Loan, len(args))
	for i, e := range p.argEffects(&sum, args)[:len(args)] {
		switch {
		case i == sum.Ret.Same || i == sum.Ret.Inside:
		case e == ArgRead:
			list[i] = LentRead
		case e&ArgWrite != 0 && e&^(ArgRead|ArgWrite) == 0:
			list[i] = LentWrite
		}
	}
	return list
}

// ArgEffects are what a call of a library function does with each argument, by its
// summary and, for printf and scanf, a format that is constant.
func (p *Program) ArgEffects(sum *Summary, args []value.Value) []ArgEffect {
	return p.argEffects(sum, args)[:len(args)]
}

// ConstOperands are the constants that c is made of.
func ConstOperands(c constant.Constant) []constant.Constant { return constOperands(c) }
