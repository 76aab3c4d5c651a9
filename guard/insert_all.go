package guard

// This file lists writes without looking at what they write.

import (
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"

	"quasi/ir"
)

// Everything is a row for every instruction of p that may write memory of the
// program, whatever the terms: a ledger without evidence. Inserting guards for it is
// a test of insertion, not a way to run programs.
func Everything(p *ir.Program) []Row {
	var rows []Row
	for _, f := range p.Funcs {
		if slices.ContainsFunc(f.LL.Params, func(q *llir.Param) bool { return byValue(q) != nil }) && len(f.Blocks) > 0 {
			r := Row{Function: f.Name(), How: ByValue, Class: MayWrite, Pt: f.First}
			if Insertable(p, &r) == nil {
				rows = append(rows, r)
			}
		}
		for _, b := range f.Blocks {
			for i, inst := range b.LL.Insts {
				r := Row{Function: f.Name(), Class: MayWrite, Pt: b.First + ir.Point(i)}
				if mayWrite(inst) && Insertable(p, &r) == nil {
					rows = append(rows, r)
				}
			}
		}
	}
	return rows
}

// mayWrite reports whether inst is a store, assembly, or a call of code that is not there and
// may write what its caller sees. Calls that do not come back are none.
func mayWrite(inst llir.Instruction) bool {
	switch i := inst.(type) {
	case *llir.InstStore, *llir.InstAtomicRMW, *llir.InstCmpXchg:
		return true
	case *llir.InstCall:
		if _, ok := i.Callee.(*llir.InlineAsm); ok {
			return true
		}
		f, ok := i.Callee.(*llir.Func)
		if !ok || len(f.Blocks) > 0 || ir.IsDebug(i) {
			return false
		}
		s, ok := ir.LibFunc(f)
		if !ok {
			return strings.HasPrefix(f.Name(), "llvm.")
		}
		if s.NoReturn || s.Twice {
			return false
		}
		for n := range i.Args {
			if s.Arg(n)&(ir.ArgWrite|ir.ArgFree) != 0 {
				return true
			}
		}
	}
	return false
}
