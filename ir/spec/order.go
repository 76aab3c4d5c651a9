package spec

// This file decides comparisons by chains of known ones (F6): a < b and b < c
// make a < c.

import (
	"cmp"
	"slices"
)

// A gap says that one value is at most another plus most. Both are read as
// integers, either unsigned or signed.
type gap struct {
	from Sym   // the other value; NoSym is zero
	most int64 // saturated at far
}

// orders are the gaps that known comparisons give, by the value that is
// at most the other plus the distance.
type orders struct {
	unsigned, signed map[Sym][]gap
}

// far is a distance that says nothing. Constants beyond large stay as they are,
// so that what a question asks for is never cut off.
const (
	far   = 1 << 62
	large = 1 << 59
)

// maxPaths bounds the gaps that one question follows.
const maxPaths = 64

// findOrders collects the comparisons of which the predicates decide the truth,
// once they are asserted: what later questions add follows from these.
func (f *Facts) findOrders() {
	f.order = &orders{unsigned: make(map[Sym][]gap), signed: make(map[Sym][]gap)}
	for s := Sym(1); int(s) < len(f.nodes); s++ {
		k := f.nodes[s].key
		if k.op != OpULT && k.op != OpSLT {
			continue
		}
		c, _, ok := f.Value(s)
		if !ok {
			continue
		}
		low, high, most := k.a, k.b, int64(-1) // a <= b - 1
		if c == 0 {
			low, high, most = k.b, k.a, 0 // b <= a
			if a, b := f.find(low), f.find(high); a != b {
				if equal, ok := f.decide(OpEq, min(a, b), max(a, b)); ok && !equal {
					most = -1
				} else if equal, ok = f.lookup(OpEq, min(a, b), max(a, b)); ok && !equal {
					most = -1
				}
			}
		}
		isSigned := k.op == OpSLT
		f.addOrder(isSigned, low, high, most)
		if f.boundsOf(low).slo >= 0 && f.boundsOf(high).slo >= 0 {
			f.addOrder(!isSigned, low, high, most)
		}
	}
}

// addOrder notes that low <= high + most.
func (f *Facts) addOrder(isSigned bool, low, high Sym, most int64) {
	x, c := f.linear(isSigned, low)
	y, d := f.linear(isSigned, high)
	if x == y {
		return
	}
	list := f.order.unsigned
	if isSigned {
		list = f.order.signed
	}
	list[x] = append(list[x], gap{y, add3(most, d, -c)})
}

// linear writes s, read as an integer, as a base plus c, without wrapping: a
// sum with a constant that the bounds keep from wrapping, an extension, and a
// truncation that loses nothing.
func (f *Facts) linear(isSigned bool, s Sym) (base Sym, c int64) {
	for range maxDepth {
		s = f.find(s)
		k := f.nodes[s].key
		switch {
		case k.op == OpConst:
			n := signed(k.bits, int(k.width))
			if n >= large || n < 0 && (!isSigned || n <= -large) {
				return s, c
			}
			return NoSym, c + n
		case k.op == OpAdd:
			n, w, ok := f.Value(k.b)
			if !ok {
				return s, c
			}
			b, d := f.boundsOf(k.a), signed(n, w)
			switch {
			case d <= -large || d >= large || c <= -large || c >= large,
				isSigned && (d < 0 && (b.slo+d > b.slo || !fits(b.slo+d, w)) || d > 0 && (b.shi+d < b.shi || !fits(b.shi+d, w))),
				!isSigned && d >= 0 && b.uhi > mask(w)-uint64(d),
				!isSigned && d < 0 && b.ulo < uint64(-d):
				return s, c
			}
			c += d
		case k.op == OpZExt && (!isSigned || f.boundsOf(k.a).slo >= 0), k.op == OpSExt && (isSigned || f.boundsOf(k.a).slo >= 0):
		case k.op == OpTrunc && !isSigned && f.boundsOf(k.a).uhi <= mask(int(k.width)),
			k.op == OpTrunc && isSigned && fits(f.boundsOf(k.a).slo, int(k.width)) && fits(f.boundsOf(k.a).shi, int(k.width)):
		default:
			return s, c
		}
		s = k.a
	}
	return s, c
}

// add3 adds distances.
func add3(a, b, c int64) int64 {
	clamp := func(x int64) int64 { return max(-far, min(far, x)) }
	if a >= far || b >= far || c >= far {
		return far
	}
	return clamp(clamp(clamp(a)+clamp(b)) + clamp(c))
}

// within reports whether the known comparisons and bounds make a <= b + most.
func (f *Facts) within(isSigned bool, a, b Sym, most int64) bool {
	if f.order == nil {
		return false
	}
	x, c := f.linear(isSigned, a)
	y, d := f.linear(isSigned, b)
	// x + c <= y + d + most
	most = add3(most, d, -c)
	if x == y {
		return most >= 0
	}
	list := f.order.unsigned
	if isSigned {
		list = f.order.signed
	}
	_, lowOfY := f.ends(isSigned, y)
	seen := map[Sym]int64{x: 0}
	pending := []Sym{x}
	for n := 0; n < len(pending) && len(pending) <= maxPaths; n++ {
		at := pending[n]
		dist := seen[at] // x <= at + dist
		if high, _ := f.ends(isSigned, at); add3(high, dist, -lowOfY) <= most {
			return true
		}
		for _, e := range list[at] {
			next := add3(dist, e.most, 0)
			if e.from == y && next <= most {
				return true
			}
			if old, ok := seen[e.from]; !ok || next < old {
				seen[e.from] = next
				pending = append(pending, e.from)
			}
		}
	}
	return false
}

// ends are the largest and the smallest value of s; NoSym is zero.
func (f *Facts) ends(isSigned bool, s Sym) (high, low int64) {
	if s == NoSym {
		return 0, 0
	}
	b := f.boundsOf(s)
	if isSigned {
		return min(b.shi, far), max(b.slo, -far)
	}
	return int64(min(b.uhi, far)), int64(min(b.ulo, far))
}

// chained is the truth of eq, ult or slt by chains of known comparisons.
func (f *Facts) chained(op Op, a, b Sym) (truth, ok bool) {
	switch op {
	case OpEq:
		for _, isSigned := range [...]bool{false, true} {
			if f.within(isSigned, a, b, -1) || f.within(isSigned, b, a, -1) {
				return false, true
			}
			if f.within(isSigned, a, b, 0) && f.within(isSigned, b, a, 0) {
				return true, true
			}
		}
	case OpULT, OpSLT:
		if f.within(op == OpSLT, a, b, -1) {
			return true, true
		}
		if f.within(op == OpSLT, b, a, 0) {
			return false, true
		}
	}
	return false, false
}

// Range is the smallest and the largest value of s, read as unsigned.
func (f *Facts) Range(s Sym) (lo, hi uint64) {
	b := f.boundsOf(s)
	return b.ulo, b.uhi
}

// Integer writes s, read as unsigned, as base plus off, without wrapping; base is
// NoSym for a constant.
func (f *Facts) Integer(s Sym) (base Sym, off int64) { return f.linear(false, s) }

// An Order says that Low is at most High plus Most, read as unsigned. NoSym is
// zero.
type Order struct {
	Low, High Sym
	Most      int64
}

// Orders lists the comparisons of variables that the predicates make true.
func (f *Facts) Orders() []Order {
	var all []Order
	for low, gaps := range f.order.unsigned {
		for _, g := range gaps {
			if low != NoSym && g.from != NoSym && g.most < far {
				all = append(all, Order{low, g.from, g.most})
			}
		}
	}
	slices.SortFunc(all, func(a, b Order) int {
		return cmp.Or(cmp.Compare(a.Low, b.Low), cmp.Compare(a.High, b.High), cmp.Compare(a.Most, b.Most))
	})
	return all
}
