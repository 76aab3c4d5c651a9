package pe

// This file puts facts of the variant into the bounds of a residual function,
// rule (B10) of bounds.go.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"

	"quasi/ir/spec"
)

// maxSeeds bounds the values of which seed compares.
const maxSeeds = 256

// seed adds what the facts of the variant say of values over the entry state
// (B10).
func (s *bounds) seed() {
	if s.rf.facts == nil {
		return
	}
	first := make(map[spec.Sym]rval)
	for v := range s.rf.vals {
		r := rval(v)
		sym := s.rf.vals[v].sym
		if sym == spec.NoSym || s.rf.vals[v].forward != 0 || s.width(r) == 0 || len(first) >= maxSeeds || s.local(r, maxReform) {
			continue
		}
		base, _ := s.rf.facts.Integer(sym)
		if x, ok := first[base]; !ok {
			first[base] = r
		} else {
			s.relate(r, sym, x)
		}
	}
	for _, o := range s.rf.facts.Orders() {
		x, y := first[o.Low], first[o.High]
		if x != 0 && y != 0 {
			_, c := s.rf.facts.Integer(s.rf.vals[x].sym)
			_, d := s.rf.facts.Integer(s.rf.vals[y].sym)
			s.atMost(s.form(x), s.form(y), plus(o.Most, c-d))
		}
	}
}

// local reports whether the form of v may rest on a comparison that is decided:
// the constant is right where the comparison stands, not everywhere.
func (s *bounds) local(v rval, depth int) bool {
	r := s.rf.resolve(v)
	if _, ok := s.rf.vals[r].val.(constant.Constant); ok && r != v {
		return true
	}
	v = r
	i := s.rf.vals[v].inst
	if i == nil {
		return false
	}
	switch i.node.(type) {
	case *llir.InstAdd, *llir.InstSub, *llir.InstTrunc, *llir.InstSExt, *llir.InstZExt:
		for _, o := range i.ops {
			if o == 0 || depth == 0 || s.local(o, depth-1) {
				return true
			}
		}
	}
	return false
}

// relate notes the distance of v, whose symbol is sym, from x, of the same base.
func (s *bounds) relate(v rval, sym spec.Sym, x rval) {
	_, c := s.rf.facts.Integer(sym)
	_, d := s.rf.facts.Integer(s.rf.vals[x].sym)
	s.atMost(s.form(v), s.form(x), c-d)
	s.atMost(s.form(x), s.form(v), d-c)
}
