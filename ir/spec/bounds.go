package spec

// This file holds bounds: what is known of a value that is not known, as bits,
// intervals and excluded constants (F4).

import "math/bits"

// maxExcluded bounds the constants that one value is known to differ from.
const maxExcluded = 16

// bounds are facts about a value of a given width. All of them hold at once.
// slo and shi are the value read as signed, sign-extended to 64 bits.
type bounds struct {
	width       int
	zeros, ones uint64 // bits known to be 0 and 1
	ulo, uhi    uint64
	slo, shi    int64
	ne          []uint64 // ascending
	empty       bool     // no value satisfies them
}

// anything is the bounds of an unknown value.
func anything(width int) bounds {
	return bounds{
		width: width, uhi: mask(width),
		slo: signed(1<<(width-1), width), shi: int64(mask(width) >> 1),
	}
}

// exactly is the bounds of a constant.
func exactly(c uint64, width int) bounds {
	s := signed(c, width)
	return bounds{width: width, zeros: ^c & mask(width), ones: c, ulo: c, uhi: c, slo: s, shi: s}
}

// tighten derives each kind of fact from the others, until nothing changes.
func (b *bounds) tighten() {
	m, sign := mask(b.width), uint64(1)<<(b.width-1)
	for {
		old := *b
		// Bits bound the intervals.
		lo, okLo := atLeast(b.ulo, b.zeros, b.ones, m)
		hi, okHi := atLeast(^b.uhi&m, b.ones, b.zeros, m)
		if !okLo || !okHi {
			b.empty = true
			return
		}
		b.ulo, b.uhi = lo, ^hi&m
		if b.zeros&sign != 0 { // not negative
			b.slo = max(b.slo, int64(b.ones))
			b.shi = min(b.shi, int64(m>>1&^b.zeros))
		} else if b.ones&sign != 0 {
			b.slo = max(b.slo, signed(b.ones, b.width))
			b.shi = min(b.shi, signed(m&^b.zeros, b.width))
		}
		// One interval bounds the other where it does not straddle the sign.
		if b.uhi < sign || b.ulo >= sign {
			b.slo = max(b.slo, signed(b.ulo, b.width))
			b.shi = min(b.shi, signed(b.uhi, b.width))
		}
		if b.slo >= 0 || b.shi < 0 {
			b.ulo = max(b.ulo, uint64(b.slo)&m)
			b.uhi = min(b.uhi, uint64(b.shi)&m)
		}
		// Excluded constants at the ends shorten the intervals.
		for _, c := range b.ne {
			if c == b.ulo && b.ulo < b.uhi {
				b.ulo++
			}
			if s := signed(c, b.width); s == b.slo && b.slo < b.shi {
				b.slo++
			}
		}
		for i := len(b.ne) - 1; i >= 0; i-- {
			c := b.ne[i]
			if c == b.uhi && b.ulo < b.uhi {
				b.uhi--
			}
			if s := signed(c, b.width); s == b.shi && b.slo < b.shi {
				b.shi--
			}
		}
		if b.ulo > b.uhi || b.slo > b.shi || b.zeros&b.ones != 0 || b.ulo == b.uhi && b.excludes(b.ulo) {
			b.empty = true
			return
		}
		// What the ends of the interval have in common is known.
		if n := bits.Len64(b.ulo ^ b.uhi); n < b.width {
			high := m &^ (1<<n - 1)
			b.ones |= b.ulo & high
			b.zeros |= ^b.ulo & high
		}
		if b.same(&old) {
			return
		}
	}
}

// atLeast is the smallest value from lo on that has the known bits; ok is false
// if there is none up to m.
func atLeast(lo, zeros, ones, m uint64) (v uint64, ok bool) {
	v = lo
	for {
		wrong := v&zeros | ^v&ones
		if wrong == 0 {
			return v, true
		}
		// The highest wrong bit: one that is missing is set, one that must not be
		// there is carried into the next; what is below starts from its least.
		i := bits.Len64(wrong) - 1
		bit := uint64(1) << i
		if v&bit == 0 {
			v = v&^(bit-1) | bit
		} else {
			carried := v&^(bit-1) + bit
			if carried < v || carried > m {
				return 0, false
			}
			v = carried
		}
	}
}

// join weakens b to what holds of b or of c.
func (b *bounds) join(c *bounds) {
	old := *b
	b.zeros &= c.zeros
	b.ones &= c.ones
	b.ulo, b.uhi = min(b.ulo, c.ulo), max(b.uhi, c.uhi)
	b.slo, b.shi = min(b.slo, c.slo), max(b.shi, c.shi)
	b.ne = nil
	for _, list := range [...][]uint64{old.ne, c.ne} {
		for _, n := range list {
			if old.excludes(n) && c.excludes(n) {
				b.exclude(n)
			}
		}
	}
}

// same compares all but the excluded constants.
func (b *bounds) same(c *bounds) bool {
	return b.zeros == c.zeros && b.ones == c.ones && b.ulo == c.ulo && b.uhi == c.uhi &&
		b.slo == c.slo && b.shi == c.shi && b.empty == c.empty && len(b.ne) == len(c.ne)
}

// excludes reports whether the value is known to differ from c.
func (b *bounds) excludes(c uint64) bool {
	for _, n := range b.ne {
		if n == c {
			return true
		}
	}
	return c < b.ulo || c > b.uhi || c&b.zeros != 0 || ^c&b.ones != 0 ||
		signed(c, b.width) < b.slo || signed(c, b.width) > b.shi
}

// exclude adds the fact that the value differs from c.
func (b *bounds) exclude(c uint64) {
	if b.excludes(c) || len(b.ne) >= maxExcluded {
		return
	}
	i := 0
	for i < len(b.ne) && b.ne[i] < c {
		i++
	}
	ne := append([]uint64(nil), b.ne[:i]...)
	b.ne = append(append(ne, c), b.ne[i:]...)
}

// meet adds the facts of c, of the same width.
func (b *bounds) meet(c *bounds) {
	b.zeros |= c.zeros
	b.ones |= c.ones
	b.ulo, b.uhi = max(b.ulo, c.ulo), min(b.uhi, c.uhi)
	b.slo, b.shi = max(b.slo, c.slo), min(b.shi, c.shi)
	b.empty = b.empty || c.empty
	for _, n := range c.ne {
		b.exclude(n)
	}
	b.tighten()
}

// single is the only value within b, if there is one.
func (b *bounds) single() (uint64, bool) {
	if b.empty {
		return 0, false
	}
	if b.ulo == b.uhi {
		return b.ulo, true
	}
	if b.zeros|b.ones == mask(b.width) {
		return b.ones, true
	}
	return 0, false
}

// compute gives the bounds of op on operands within a and b, which are of one
// width unless op is a cast; it is exact for constants where fold is. A result
// of which nothing follows is anything.
func compute(op Op, width int, a, b *bounds) bounds {
	r := anything(width)
	c, isConst := uint64(0), false
	if b != nil {
		c, isConst = b.single()
		if ca, ok := a.single(); ok && isConst {
			if v, ok := fold(op, a.width, a.width, ca, c); ok {
				return exactly(v, width)
			}
		}
	}
	switch op {
	case OpAnd:
		r.zeros, r.ones = a.zeros|b.zeros, a.ones&b.ones
		r.uhi = min(a.uhi, b.uhi)
	case OpOr:
		r.zeros, r.ones = a.zeros&b.zeros, a.ones|b.ones
		r.ulo = max(a.ulo, b.ulo)
	case OpXor:
		known := (a.zeros | a.ones) & (b.zeros | b.ones)
		r.ones = known & (a.ones ^ b.ones)
		r.zeros = known &^ r.ones
	case OpAdd:
		addBounds(&r, a, b)
	case OpSub:
		subBounds(&r, a, b)
	case OpMul:
		z := bits.TrailingZeros64(^a.zeros) + bits.TrailingZeros64(^b.zeros)
		r.zeros = mask(min(z, 64)) & mask(width)
		if hi, lo := bits.Mul64(a.uhi, b.uhi); hi == 0 && lo <= mask(width) {
			r.ulo, r.uhi = a.ulo*b.ulo, lo
		}
	case OpUDiv:
		if b.ulo > 0 {
			r.ulo, r.uhi = a.ulo/b.uhi, a.uhi/b.ulo
		}
	case OpURem:
		if b.ulo > 0 {
			r.uhi = min(a.uhi, b.uhi-1)
		}
	case OpSDiv:
		if isConst && signed(c, width) > 0 {
			r.slo, r.shi = a.slo/signed(c, width), a.shi/signed(c, width)
		}
	case OpSRem:
		if d := signed(c, width); isConst && d > 0 {
			r.slo, r.shi = max(min(a.slo, 0), -(d-1)), min(max(a.shi, 0), d-1)
		}
	case OpLShr:
		if isConst && c < uint64(width) {
			r.zeros = a.zeros>>c | mask(width)&^(mask(width)>>c)
			r.ones = a.ones >> c
			r.ulo, r.uhi = a.ulo>>c, a.uhi>>c
		}
	case OpAShr:
		if isConst && c < uint64(width) {
			r.slo, r.shi = a.slo>>c, a.shi>>c
		}
	case OpZExt:
		r.zeros = a.zeros | mask(width)&^mask(a.width)
		r.ones, r.ulo, r.uhi = a.ones, a.ulo, a.uhi
	case OpSExt:
		r.slo, r.shi = a.slo, a.shi
		low := mask(a.width - 1)
		r.zeros, r.ones = a.zeros&low, a.ones&low
	case OpTrunc:
		r.zeros, r.ones = a.zeros&mask(width), a.ones&mask(width)
		if a.uhi <= mask(width) {
			r.ulo, r.uhi = a.ulo, a.uhi
		}
	}
	r.tighten()
	return r
}

// addBounds narrows r to a+b where the sum does not wrap.
func addBounds(r, a, b *bounds) {
	m := mask(r.width)
	hi, carryHi := bits.Add64(a.uhi, b.uhi, 0)
	lo, carryLo := bits.Add64(a.ulo, b.ulo, 0)
	wrapHi, wrapLo := carryHi != 0 || hi > m, carryLo != 0 || lo > m
	if wrapHi == wrapLo { // both ends wrap, or none: the interval stays one
		r.ulo, r.uhi = lo&m, hi&m
	}
	slo, shi := a.slo+b.slo, a.shi+b.shi
	if fits(slo, r.width) && fits(shi, r.width) && (slo < a.slo) == (b.slo < 0) && (shi < a.shi) == (b.shi < 0) {
		r.slo, r.shi = slo, shi
	}
}

// subBounds narrows r to a-b where the difference does not wrap.
func subBounds(r, a, b *bounds) {
	m := mask(r.width)
	wrapLo, wrapHi := a.ulo < b.uhi, a.uhi < b.ulo
	if wrapLo == wrapHi {
		r.ulo, r.uhi = (a.ulo-b.uhi)&m, (a.uhi-b.ulo)&m
	}
	slo, shi := a.slo-b.shi, a.shi-b.slo
	if fits(slo, r.width) && fits(shi, r.width) && (slo > a.slo) == (b.shi < 0) && (shi > a.shi) == (b.slo < 0) {
		r.slo, r.shi = slo, shi
	}
}

// fits reports whether v is a signed number of width bits.
func fits(v int64, width int) bool { return signed(uint64(v), width) == v }
