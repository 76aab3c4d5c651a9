package pe

// This file holds what simplification (simplify.go) knows of dynamic integers:
// linear forms, and difference constraints in the scope of a walk over the
// dominator tree.
//
// All of it speaks of raw values: u(v) is the unsigned integer that v's
// operation gives modulo 2^width, flags (nsw, nuw, exact) left out. Where v is
// not poison, that is v. Where it is poison, the original program may only pass
// it on, and what is said of u(v) concerns other values only through a branch
// that would be undefined.
//
//   - (B1) Every integer has a form u(p) - u(m) + c over the integers, where p and
//     m are bases: parameters, loads, phis and all else without a form, or none.
//     zext keeps u; trunc and sext keep it if the bounds say that it fits.
//   - (B2) add and sub add and subtract forms if no wrap is proven: an upper bound
//     of the sum is below 2^width, a lower bound of the difference is not
//     negative. The proof may use what holds where the form is asked for, since
//     the value does not change after that.
//   - (B3) The definition of a base bounds it: and, or, xor, shl, lshr, udiv, urem,
//     mul, select, phi. The bound holds wherever the base is available.
//   - (B4) On the edge of a branch its condition is true, or false: a comparison is
//     a constraint p - m <= k, for everything that the edge dominates. SSA values
//     of one activation do not change between the edge and what it dominates.
//     Signed comparisons of what has no sign bit are unsigned ones; a <s b with
//     a not negative makes b not negative.
//   - (B5) Where paths meet, the constraints of all edges hold, each weakened to
//     the largest constant.
//   - (B6) p - m <= k holds if constraints add up to it: from m to p there is a path
//     of length at most k. Bounds are constraints against zero.
//   - (B10) Facts of the variant (package spec) bound and compare the values that
//     have a symbol: they are about the entry state, and so hold everywhere.

import (
	"math/bits"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"

	"quasi/ir/spec"
)

// A form is the integer u(pos) - u(neg) + c; 0 is no base.
type form struct {
	pos, neg rval
	c        int64
}

// unbounded is a bound that says nothing, also for values that are too large to
// be counted in an int64.
const unbounded = 1 << 62

// Bounded searches keep the work a condition takes constant.
const (
	maxSearch    = 64 // constraints followed by one question
	maxPropagate = 32 // bounds tightened by one constraint
	maxReform    = 6  // definitions looked through by one form
)

// A diff says that the base to is at most the base of its list plus c.
type diff struct {
	to rval
	c  int64
}

// A known is what is known of one value.
type known struct {
	form   form
	lo, hi int64  // of a base
	up     []diff // to - base <= c
	down   []diff // base - to <= c
	set    bool
	sure   bool // not poison, since a branch depended on it
}

// A constraint says that pos - neg <= k.
type constraint struct {
	pos, neg rval
	k        int64
}

type undo struct {
	v    rval
	what undoKind
	form form
	n    int64
}

type undoKind uint8

const (
	undoForm undoKind = iota
	undoLo
	undoHi
	undoUp
	undoDown
	undoSure
)

// bounds are the facts in scope.
type bounds struct {
	rf    *rfunc
	known []known
	trail []undo
	log   []constraint // learned from branches, in scope
}

func newBounds(rf *rfunc) *bounds {
	return &bounds{rf: rf, known: make([]known, len(rf.vals), len(rf.vals)+len(rf.vals)/4)}
}

// A mark is a point in time to which restore goes back.
type mark struct{ trail, log int }

func (s *bounds) mark() mark { return mark{len(s.trail), len(s.log)} }

func (s *bounds) restore(m mark) {
	for len(s.trail) > m.trail {
		u := s.trail[len(s.trail)-1]
		s.trail = s.trail[:len(s.trail)-1]
		k := &s.known[u.v]
		switch u.what {
		case undoForm:
			k.form = u.form
		case undoLo:
			k.lo = u.n
		case undoHi:
			k.hi = u.n
		case undoUp:
			k.up = k.up[:len(k.up)-1]
		case undoDown:
			k.down = k.down[:len(k.down)-1]
		case undoSure:
			k.sure = false
		}
	}
	s.log = s.log[:m.log]
}

// width is the width of integer v, 0 if it is none that is tracked.
func (s *bounds) width(v rval) uint {
	if t, ok := s.rf.vals[v].typ.(*types.IntType); ok && t.BitSize <= 64 {
		return uint(t.BitSize)
	}
	return 0
}

// largest is the largest integer of a width.
func largest(width uint) int64 {
	if width >= 62 {
		return unbounded
	}
	return 1<<width - 1
}

// plus adds bounds; a sum with an unbounded one is unbounded.
func plus(a, b int64) int64 {
	switch {
	case a >= unbounded || b >= unbounded:
		return unbounded
	case a <= -unbounded || b <= -unbounded:
		return -unbounded
	}
	return max(-unbounded, min(unbounded, a+b))
}

// grow makes room for values that were added to the function.
func (s *bounds) grow() {
	for len(s.known) < len(s.rf.vals) {
		s.known = append(s.known, known{})
	}
}

// number numbers a constant.
func (s *bounds) number(c constant.Constant) rval {
	v := s.rf.constant(c)
	s.grow()
	return v
}

// get returns what is known of v, which is not a constant.
func (s *bounds) get(v rval) *known {
	k := &s.known[v]
	if !k.set {
		k.set, k.form, k.hi = true, form{pos: v}, largest(s.width(v))
		if sym := s.rf.vals[v].sym; sym != spec.NoSym && s.width(v) > 0 {
			lo, hi := s.rf.facts.Range(sym)
			k.lo = int64(min(lo, unbounded))
			if hi < unbounded {
				k.hi = min(k.hi, int64(hi))
			}
		}
	}
	return k
}

// constantOf returns the constant that v is, as an unsigned integer.
func (s *bounds) constantOf(v rval) (n uint64, ok bool) {
	c, ok := s.rf.vals[v].val.(*constant.Int)
	if w := s.width(v); ok && w > 0 {
		if n = c.X.Uint64(); c.X.Sign() < 0 {
			n = uint64(c.X.Int64())
		}
		return n & (1<<w - 1), true
	}
	return 0, false
}

// form returns the form of v (B1). A base may have got a form since it was
// defined (B2).
func (s *bounds) form(v rval) form { return s.reform(v, maxReform) }

func (s *bounds) reform(v rval, depth int) form {
	v = s.rf.resolve(v)
	if n, ok := s.constantOf(v); ok && n < unbounded {
		return form{c: int64(n)}
	}
	k := s.get(v)
	i := s.rf.vals[v].inst
	if k.form.pos != v {
		return s.expand(k.form, depth)
	}
	if depth == 0 || i == nil || s.width(v) == 0 {
		return k.form
	}
	switch i.node.(type) {
	case *llir.InstAdd, *llir.InstSub, *llir.InstTrunc, *llir.InstSExt, *llir.InstZExt:
		if f := s.linear(i, depth-1); f != k.form {
			s.trail = append(s.trail, undo{v: v, what: undoForm, form: k.form})
			s.known[v].form = f
			return f
		}
	}
	return s.known[v].form
}

// expand replaces the bases of f that have got forms of their own.
func (s *bounds) expand(f form, depth int) form {
	if depth == 0 {
		return f
	}
	if f.pos != 0 {
		if g := s.reform(f.pos, depth-1); g.pos != f.pos {
			if h, ok := combine(g, form{neg: f.neg, c: f.c}, 1); ok {
				f = h
			}
		}
	}
	if f.neg != 0 {
		if g := s.reform(f.neg, depth-1); g.pos != f.neg {
			if h, ok := combine(form{pos: f.pos, c: f.c}, g, -1); ok {
				f = h
			}
		}
	}
	return f
}

// linear is the form of an instruction, its own result if it has none.
func (s *bounds) linear(i *rinst, depth int) form {
	own := form{pos: i.res}
	w := s.width(i.res)
	for _, o := range i.ops {
		if w == 0 || o == 0 || s.width(s.rf.resolve(o)) == 0 {
			return own
		}
	}
	x := s.reform(i.ops[0], depth)
	switch i.node.(type) {
	case *llir.InstZExt:
		return x
	case *llir.InstTrunc:
		if fits(s.upper(x), w) {
			return x
		}
	case *llir.InstSExt:
		if fits(s.upper(x), s.width(s.rf.resolve(i.ops[0]))-1) {
			return x
		}
	case *llir.InstAdd:
		if n, ok := s.constantOf(s.rf.resolve(i.ops[1])); ok && w > 1 && n>>(w-1) != 0 {
			// Adding 2^w - n subtracts n.
			n = -n & (1<<w - 1)
			if n < unbounded && s.lower(x) >= int64(n) {
				if f, ok := combine(x, form{c: int64(n)}, -1); ok {
					return f
				}
			}
		}
		y := s.reform(i.ops[1], depth)
		if f, ok := combine(x, y, 1); ok && (fits(s.upper(f), w) || fits(plus(s.upper(x), s.upper(y)), w)) {
			return f
		}
	case *llir.InstSub:
		y := s.reform(i.ops[1], depth)
		if f, ok := combine(x, y, -1); ok && s.lower(f) >= 0 {
			return f
		}
	}
	return own
}

// fits reports whether an upper bound is that of an integer of a width.
func fits(upper int64, width uint) bool { return upper < unbounded && upper <= largest(width) }

// combine is x + y or x - y, if that has at most one base of each sign.
func combine(x, y form, sign int64) (form, bool) {
	if sign < 0 {
		y.pos, y.neg, y.c = y.neg, y.pos, -y.c
	}
	f := form{c: x.c + y.c}
	if f.c >= unbounded || f.c <= -unbounded {
		return f, false
	}
	if x.pos == y.neg {
		x.pos, y.neg = 0, 0
	}
	if y.pos == x.neg {
		y.pos, x.neg = 0, 0
	}
	if x.pos != 0 && y.pos != 0 || x.neg != 0 && y.neg != 0 {
		return f, false
	}
	f.pos, f.neg = x.pos|y.pos, x.neg|y.neg
	return f, true
}

func (s *bounds) upper(f form) int64 { return plus(s.least(f.pos, f.neg, -unbounded), f.c) }

func (s *bounds) lower(f form) int64 { return plus(-s.least(f.neg, f.pos, -unbounded), f.c) }

// implied reports whether pos - neg <= k holds here (B6).
func (s *bounds) implied(pos, neg rval, k int64) bool { return s.least(pos, neg, k) <= k }

// least is a k such that pos - neg <= k: the least that a bounded search finds,
// or one that is at most enough.
func (s *bounds) least(pos, neg rval, enough int64) int64 {
	switch {
	case pos == neg:
		return 0
	case neg == 0:
		return s.get(pos).hi
	case pos == 0:
		return -s.get(neg).lo
	}
	hi := s.get(pos).hi
	best := plus(hi, -s.get(neg).lo)
	if best <= enough || len(s.known[neg].up) == 0 || len(s.known[pos].down) == 0 {
		return best
	}
	var dist [maxSearch + 1]diff
	dist[0] = diff{neg, 0}
	n, steps := 1, 0
	for at := 0; at < n; at++ {
		x := dist[at]
		for _, e := range s.known[x.to].up {
			if steps++; steps > maxSearch {
				return best
			}
			d := plus(x.c, e.c)
			if e.to == pos {
				best = min(best, d)
			}
			best = min(best, plus(plus(d, -s.known[e.to].lo), hi))
			if best <= enough {
				return best
			}
			seen := false
			for j := 0; j < n && !seen; j++ {
				if dist[j].to == e.to && (j > at || d >= dist[j].c) {
					dist[j].c = min(dist[j].c, d)
					seen = true
				}
			}
			if !seen && e.to != pos && n < len(dist) {
				dist[n] = diff{e.to, d}
				n++
			}
		}
	}
	return best
}

// assume adds the constraint pos - neg <= k and what it says of bounds.
func (s *bounds) assume(pos, neg rval, k int64) {
	if pos == neg || k >= unbounded {
		return
	}
	left := maxPropagate
	switch {
	case neg == 0:
		s.setHi(pos, k, &left)
	case pos == 0:
		s.setLo(neg, -k, &left)
	default:
		s.get(pos)
		s.get(neg)
		s.known[neg].up = append(s.known[neg].up, diff{pos, k})
		s.known[pos].down = append(s.known[pos].down, diff{neg, k})
		s.trail = append(s.trail, undo{v: neg, what: undoUp}, undo{v: pos, what: undoDown})
		s.setHi(pos, plus(s.known[neg].hi, k), &left)
		s.setLo(neg, plus(s.known[pos].lo, -k), &left)
	}
}

func (s *bounds) setHi(v rval, hi int64, left *int) {
	k := s.get(v)
	if hi >= k.hi || *left == 0 {
		return
	}
	*left--
	s.trail = append(s.trail, undo{v: v, what: undoHi, n: k.hi})
	k.hi = hi
	for _, e := range k.up {
		s.setHi(e.to, plus(hi, e.c), left)
	}
}

func (s *bounds) setLo(v rval, lo int64, left *int) {
	k := s.get(v)
	if lo <= k.lo || *left == 0 {
		return
	}
	*left--
	s.trail = append(s.trail, undo{v: v, what: undoLo, n: k.lo})
	k.lo = lo
	for _, e := range k.down {
		s.setLo(e.to, plus(lo, -e.c), left)
	}
}

// define notes what the definition of i says of its result (B2, B3).
func (s *bounds) define(i *rinst) {
	w := s.width(i.res)
	if i.res == 0 || w == 0 || !arithmetic(i.node) && !ranged(i.node) {
		return
	}
	for _, o := range i.ops {
		if o == 0 {
			return
		}
	}
	k := s.get(i.res)
	if f := s.linear(i, maxReform); f != k.form {
		s.trail = append(s.trail, undo{v: i.res, what: undoForm, form: k.form})
		k.form = f
	}
	if k.form.pos != i.res {
		return
	}
	s.limit(i, w)
}

// within sets the range of a base at its definition.
func (s *bounds) within(v rval, lo, hi int64) {
	s.assume(0, v, -lo)
	s.assume(v, 0, hi)
}

// atMost notes that x <= y + c.
func (s *bounds) atMost(x, y form, c int64) {
	if f, ok := combine(x, y, -1); ok && c < unbounded {
		s.assume(f.pos, f.neg, c-f.c)
	}
}

// ranged reports whether limit knows n besides what is arithmetic.
func ranged(n llir.Instruction) bool {
	switch n.(type) {
	case *llir.InstUDiv, *llir.InstURem, *llir.InstSelect:
		return true
	}
	return false
}

// limit bounds a result that is a base (B3).
func (s *bounds) limit(i *rinst, w uint) {
	own := form{pos: i.res}
	arg := func(k int) (f form, lo, hi int64) {
		f = s.form(i.ops[k])
		return f, s.lower(f), s.upper(f)
	}
	shift := func() (uint, bool) {
		n, ok := s.constantOf(s.rf.resolve(i.ops[1]))
		return uint(n), ok && n < uint64(w)
	}
	switch i.node.(type) {
	case *llir.InstAdd:
		x, xlo, xhi := arg(0)
		y, ylo, yhi := arg(1)
		if fits(plus(xhi, yhi), w) {
			s.within(i.res, plus(xlo, ylo), plus(xhi, yhi))
			s.atMost(x, own, -ylo)
			s.atMost(y, own, -xlo)
			s.atMost(own, x, yhi)
			s.atMost(own, y, xhi)
		}
	case *llir.InstSub:
		x, xlo, xhi := arg(0)
		y, ylo, yhi := arg(1)
		if f, ok := combine(x, y, -1); xlo >= yhi && yhi < unbounded || ok && s.lower(f) >= 0 {
			s.within(i.res, max(0, plus(xlo, -yhi)), plus(xhi, -ylo))
			s.atMost(own, x, -ylo)
		}
	case *llir.InstAnd:
		x, _, xhi := arg(0)
		y, _, yhi := arg(1)
		s.within(i.res, 0, min(xhi, yhi))
		s.atMost(own, x, 0)
		s.atMost(own, y, 0)
	case *llir.InstOr:
		x, xlo, xhi := arg(0)
		y, ylo, yhi := arg(1)
		s.within(i.res, max(xlo, ylo), ones(max(xhi, yhi)))
		s.atMost(x, own, 0)
		s.atMost(y, own, 0)
	case *llir.InstXor:
		_, _, xhi := arg(0)
		_, _, yhi := arg(1)
		s.within(i.res, 0, ones(max(xhi, yhi)))
	case *llir.InstLShr:
		x, xlo, xhi := arg(0)
		if n, ok := shift(); ok {
			if xhi < unbounded {
				s.within(i.res, max(0, xlo)>>n, xhi>>n)
			} else if n > 0 {
				s.within(i.res, max(0, xlo)>>n, largest(w-n))
			}
			s.atMost(own, x, 0)
		}
	case *llir.InstAShr:
		x, xlo, xhi := arg(0)
		if n, ok := shift(); ok && fits(xhi, w-1) {
			s.within(i.res, max(0, xlo)>>n, xhi>>n)
			s.atMost(own, x, 0)
		}
	case *llir.InstShl:
		x, xlo, xhi := arg(0)
		if n, ok := shift(); ok && n < 62 && xhi < unbounded>>n && fits(xhi<<n, w) {
			s.within(i.res, max(0, xlo)<<n, xhi<<n)
			s.atMost(x, own, 0)
		}
	case *llir.InstMul:
		_, xlo, xhi := arg(0)
		_, ylo, yhi := arg(1)
		if xhi < 1<<31 && yhi < 1<<31 && fits(xhi*yhi, w) {
			s.within(i.res, max(0, xlo)*max(0, ylo), xhi*yhi)
		}
	case *llir.InstUDiv:
		x, _, xhi := arg(0)
		_, ylo, _ := arg(1)
		if xhi < unbounded {
			s.within(i.res, 0, xhi/max(1, ylo))
		}
		s.atMost(own, x, 0)
	case *llir.InstURem:
		x, _, xhi := arg(0)
		y, _, yhi := arg(1)
		s.within(i.res, 0, min(xhi, plus(yhi, -1)))
		s.atMost(own, x, 0)
		s.atMost(own, y, -1)
	case *llir.InstSelect:
		x, xlo, xhi := arg(1)
		y, ylo, yhi := arg(2)
		s.within(i.res, min(xlo, ylo), max(xhi, yhi))
		// The one that is at most the other by k bounds the result by k.
		if f, ok := combine(x, y, -1); ok {
			more, less := max(0, s.upper(f)), max(0, -s.lower(f))
			s.atMost(own, y, more)
			s.atMost(x, own, more)
			s.atMost(own, x, less)
			s.atMost(y, own, less)
		}
	}
}

// ones is the largest integer that has no more bits than n.
func ones(n int64) int64 {
	if n >= unbounded {
		return unbounded
	}
	return 1<<bits.Len64(uint64(max(n, 0))) - 1
}
