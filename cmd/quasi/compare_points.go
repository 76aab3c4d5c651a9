package main

// This file counts program points by what a division makes of them.

import (
	"strings"

	llir "github.com/llir/llvm/ir"

	"quasi/bta"
	"quasi/ir"
)

// A pointMarkSet is what becomes of a program point: bits, joined over the
// variants of a function. None of them: no variant reaches it.
type pointMarkSet uint8

const (
	markExecuted pointMarkSet = 1 << iota // the specializer computes it
	markResidual                          // it is left to run time
)

// marksOf are the bits of an instruction's binding time.
func marksOf(bt bta.BindingTime) pointMarkSet {
	switch bt {
	case bta.Static:
		return markExecuted
	case bta.Dynamic:
		return markResidual
	}
	return markExecuted | markResidual
}

// Shares are numbers of program points, or of instructions executed, by what
// becomes of them.
type shares struct {
	Static  uint64 `json:"static"`        // computed, in every variant
	Both    uint64 `json:"staticDynamic"` // computed in one variant and residual in another, or both at once
	Dynamic uint64 `json:"dynamic"`       // residual in every variant
	Cut     uint64 `json:"cut"`           // in no variant: what the specification says excludes it
}

// add counts n points that became what m says.
func (s *shares) add(m pointMarkSet, n uint64) {
	switch m {
	case 0:
		s.Cut += n
	case markExecuted:
		s.Static += n
	case markResidual:
		s.Dynamic += n
	default:
		s.Both += n
	}
}

func (s *shares) addAll(t shares) {
	s.Static += t.Static
	s.Both += t.Both
	s.Dynamic += t.Dynamic
	s.Cut += t.Cut
}

func (s *shares) total() uint64 { return s.Static + s.Both + s.Dynamic + s.Cut }

// percent is n of all, in percent; 0 of nothing.
func (s *shares) percent(n uint64) float64 {
	if t := s.total(); t > 0 {
		return 100 * float64(n) / float64(t)
	}
	return 0
}

// counted reports whether a point counts: all do but debug intrinsics and other
// calls that stand for no code.
func counted(p *ir.Program, pt ir.Point) bool {
	call, ok := p.InstAt(pt).(*llir.InstCall)
	if !ok {
		return true
	}
	f, ok := call.Callee.(*llir.Func)
	if !ok {
		return true
	}
	for _, prefix := range []string{"llvm.dbg.", "llvm.lifetime.", "llvm.experimental.noalias.scope.decl", "llvm.assume"} {
		if strings.HasPrefix(f.GlobalName, prefix) {
			return false
		}
	}
	return true
}

// A pointDivision is a division summed up over the variants of each function
// that the analysis enters: by Func.ID, the marks of its points from the first.
type pointDivision map[int][]pointMarkSet

// divisionOf sums up the variants of a result.
func divisionOf(res *bta.Result) pointDivision {
	d := pointDivision{}
	for _, v := range res.Variants {
		marks := d[v.Fn.ID]
		if marks == nil {
			marks = make([]pointMarkSet, v.Fn.End-v.Fn.First)
			d[v.Fn.ID] = marks
		}
		for _, b := range v.Fn.Blocks {
			if !v.Reached(b) {
				continue
			}
			for pt := b.First; pt < b.End(); pt++ {
				marks[pt-v.Fn.First] |= marksOf(v.Exec(pt))
			}
		}
	}
	return d
}

// count counts the points of functions, by Func.ID, under d. Those of functions
// that d does not enter are dynamic, blocks that no path leads to are left out.
func (d pointDivision) count(p *ir.Program, funcs []int) shares {
	var s shares
	for _, id := range funcs {
		f := p.Funcs[id]
		marks := d[id]
		for _, b := range f.RPO() {
			for pt := b.First; pt < b.End(); pt++ {
				switch {
				case !counted(p, pt):
				case marks == nil:
					s.add(markResidual, 1)
				default:
					s.add(marks[pt-f.First], 1)
				}
			}
		}
	}
	return s
}
