package pe

// This file holds what conditions say: constraints learned from a branch, and
// conditions decided by constraints.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"
)

// maxCondition bounds the operations that one condition is followed through.
const maxCondition = 8

// learn adds what holds where condition v is truth (B4).
func (s *bounds) learn(v rval, truth bool) {
	s.depend(v, maxCondition)
	s.learnValue(v, truth, maxCondition)
}

func (s *bounds) learnValue(v rval, truth bool, depth int) {
	v = s.rf.resolve(v)
	if _, ok := s.constantOf(v); ok || depth == 0 || s.width(v) != 1 {
		return
	}
	if f := s.form(v); f == (form{pos: v}) {
		s.note(f, form{c: truthInt(truth)}, 0)
		s.note(form{c: truthInt(truth)}, f, 0)
	}
	i := s.rf.vals[v].inst
	if i == nil {
		return
	}
	is := func(k int, want uint64) bool {
		n, ok := s.constantOf(s.rf.resolve(i.ops[k]))
		return ok && n == want
	}
	switch n := i.node.(type) {
	case *llir.InstICmp:
		p := n.Pred
		if !truth {
			p = inverse[p]
		}
		s.learnCompare(p, i.ops[0], i.ops[1], depth)
	case *llir.InstXor:
		if is(1, 1) {
			s.learnValue(i.ops[0], !truth, depth-1)
		}
	case *llir.InstAnd:
		if truth {
			s.learnValue(i.ops[0], true, depth-1)
			s.learnValue(i.ops[1], true, depth-1)
		}
	case *llir.InstOr:
		if !truth {
			s.learnValue(i.ops[0], false, depth-1)
			s.learnValue(i.ops[1], false, depth-1)
		}
	case *llir.InstSelect:
		if truth && is(2, 0) || !truth && is(1, 1) {
			s.learnValue(i.ops[0], truth, depth-1)
			s.learnValue(i.ops[1+truthInt(!truth)], truth, depth-1)
		}
	}
}

// truthInt is the integer of a truth value.
func truthInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

var inverse = map[enum.IPred]enum.IPred{
	enum.IPredEQ: enum.IPredNE, enum.IPredNE: enum.IPredEQ,
	enum.IPredULT: enum.IPredUGE, enum.IPredUGE: enum.IPredULT,
	enum.IPredULE: enum.IPredUGT, enum.IPredUGT: enum.IPredULE,
	enum.IPredSLT: enum.IPredSGE, enum.IPredSGE: enum.IPredSLT,
	enum.IPredSLE: enum.IPredSGT, enum.IPredSGT: enum.IPredSLE,
}

// forward turns greater-than into less-than.
func forward(p enum.IPred, x, y rval) (enum.IPred, rval, rval) {
	switch p {
	case enum.IPredUGT:
		return enum.IPredULT, y, x
	case enum.IPredUGE:
		return enum.IPredULE, y, x
	case enum.IPredSGT:
		return enum.IPredSLT, y, x
	case enum.IPredSGE:
		return enum.IPredSLE, y, x
	}
	return p, x, y
}

// note adds the constraint x <= y + c as one that was learned.
func (s *bounds) note(x, y form, c int64) {
	f, ok := combine(x, y, -1)
	if !ok {
		return
	}
	if k := plus(c, -f.c); k < unbounded && k > -unbounded {
		s.assume(f.pos, f.neg, k)
		s.log = append(s.log, constraint{f.pos, f.neg, k})
	}
}

func (s *bounds) learnCompare(p enum.IPred, x, y rval, depth int) {
	p, x, y = forward(p, s.rf.resolve(x), s.rf.resolve(y))
	w := s.width(x)
	if w == 0 {
		return
	}
	a, b := s.form(x), s.form(y)
	strict := truthInt(p == enum.IPredULT || p == enum.IPredSLT)
	switch p {
	case enum.IPredEQ:
		s.note(a, b, 0)
		s.note(b, a, 0)
	case enum.IPredNE:
		if s.atMostHere(a, b, 0) {
			s.note(a, b, -1)
		} else if s.atMostHere(b, a, 0) {
			s.note(b, a, -1)
		}
	case enum.IPredULT, enum.IPredULE:
		s.note(a, b, -strict)
	case enum.IPredSLT, enum.IPredSLE:
		if fits(s.upper(a), w-1) {
			s.note(b, form{c: largest(w - 1)}, 0)
			s.note(a, b, -strict)
		} else if w < 62 && s.lower(b) > largest(w-1) {
			s.note(form{c: largest(w-1) + 1}, a, 0)
			s.note(a, b, -strict)
		}
	}
	// A truth value that was compared is known itself.
	for _, f := range []form{a, b} {
		if f.pos != 0 && s.width(f.pos) == 1 && s.rf.vals[f.pos].inst != nil {
			if k := s.get(f.pos); k.lo == k.hi {
				s.learnValue(f.pos, k.lo == 1, depth-1)
			}
		}
	}
}

// atMostHere reports whether x <= y + c.
func (s *bounds) atMostHere(x, y form, c int64) bool {
	if f, ok := combine(x, y, -1); ok {
		k := plus(c, -f.c)
		return k > -unbounded && s.implied(f.pos, f.neg, k)
	}
	u, l := s.upper(x), s.lower(y)
	return u < unbounded && l > -unbounded && u <= plus(l, c)
}

// truth decides condition v.
func (s *bounds) truth(v rval) (truth, ok bool) {
	v = s.rf.resolve(v)
	if n, ok := s.constantOf(v); ok {
		return n == 1, true
	}
	if s.width(v) != 1 {
		return false, false
	}
	if f := s.form(v); s.lower(f) == s.upper(f) {
		return s.lower(f) == 1, true
	}
	if i := s.rf.vals[v].inst; i != nil {
		if n, ok := i.node.(*llir.InstICmp); ok {
			return s.decide(n.Pred, i.ops[0], i.ops[1])
		}
	}
	return false, false
}

// decide decides a comparison.
func (s *bounds) decide(p enum.IPred, x, y rval) (truth, ok bool) {
	p, x, y = forward(p, s.rf.resolve(x), s.rf.resolve(y))
	w := s.width(x)
	if w == 0 {
		return false, false
	}
	a, b := s.form(x), s.form(y)
	switch p {
	case enum.IPredEQ, enum.IPredNE:
		ne := p == enum.IPredNE
		if s.atMostHere(a, b, -1) || s.atMostHere(b, a, -1) {
			return ne, true
		}
		if s.atMostHere(a, b, 0) && s.atMostHere(b, a, 0) {
			return !ne, true
		}
		return false, false
	case enum.IPredSLT, enum.IPredSLE:
		if w > 62 && (!fits(s.upper(a), w-1) || !fits(s.upper(b), w-1)) {
			return false, false
		}
		top := largest(w - 1)
		aSign, aKnown := s.sign(a, top)
		bSign, bKnown := s.sign(b, top)
		if !aKnown || !bKnown {
			return false, false
		}
		if aSign != bSign {
			return aSign, true
		}
	}
	strict := truthInt(p == enum.IPredULT || p == enum.IPredSLT)
	if s.atMostHere(a, b, -strict) {
		return true, true
	}
	if s.atMostHere(b, a, strict-1) {
		return false, true
	}
	return false, false
}

// sign reports whether f is beyond the largest integer without sign bit.
func (s *bounds) sign(f form, top int64) (negative, ok bool) {
	if u := s.upper(f); u < unbounded && u <= top {
		return false, true
	}
	return true, s.lower(f) > top
}

// depend notes that a branch depends on v: were v, or what v is made of by
// operations that pass poison on, poison, the branch would be undefined.
func (s *bounds) depend(v rval, depth int) {
	v = s.rf.resolve(v)
	i := s.rf.vals[v].inst
	if k := s.get(v); !k.sure {
		k.sure = true
		s.trail = append(s.trail, undo{v: v, what: undoSure})
	}
	if i == nil || depth == 0 || !arithmetic(i.node) {
		return
	}
	for _, o := range i.ops {
		if o != 0 {
			s.depend(o, depth-1)
		}
	}
}

// arithmetic reports whether an instruction is an integer operation that
// cannot trap and is poison if an operand is.
func arithmetic(n llir.Instruction) bool {
	switch n.(type) {
	case *llir.InstAdd, *llir.InstSub, *llir.InstMul, *llir.InstAnd, *llir.InstOr, *llir.InstXor,
		*llir.InstShl, *llir.InstLShr, *llir.InstAShr,
		*llir.InstZExt, *llir.InstSExt, *llir.InstTrunc, *llir.InstICmp:
		return true
	}
	return false
}

// defined reports whether v is not poison at the end of the current block, even
// if it is computed there first.
func (s *bounds) defined(v rval, depth int) bool {
	v = s.rf.resolve(v)
	if _, ok := s.constantOf(v); ok || s.get(v).sure {
		return true
	}
	i := s.rf.vals[v].inst
	if i == nil || depth == 0 || !arithmetic(i.node) {
		return false
	}
	switch n := i.node.(type) {
	case *llir.InstAdd:
		if len(n.OverflowFlags) > 0 {
			return false
		}
	case *llir.InstSub:
		if len(n.OverflowFlags) > 0 {
			return false
		}
	case *llir.InstMul:
		if len(n.OverflowFlags) > 0 {
			return false
		}
	case *llir.InstShl, *llir.InstLShr, *llir.InstAShr:
		// A shift by the width or more is poison.
		return false
	}
	for _, o := range i.ops {
		if o == 0 || !s.defined(o, depth-1) {
			return false
		}
	}
	return true
}
