package pe

// This file evaluates integers of any width up to 128 bits: arithmetic and
// comparisons of wide ones (65 to 128 bits), and one representation of all of
// them for the rest of the specializer, where speed does not matter.

import (
	"math/big"
	"math/bits"

	"github.com/llir/llvm/ir/enum"

	"quasi/ir/spec"
)

// A u128 is an unsigned number of at most 128 bits.
type u128 struct{ hi, lo uint64 }

func wideOf(x uint64) u128 { return u128{0, x} }

// bigWide returns the 128 low bits of x in two's complement.
func bigWide(x *big.Int) u128 {
	m := new(big.Int).Lsh(big.NewInt(1), 128)
	m.Mod(x, m)
	return u128{bigBits(new(big.Int).Rsh(m, 64)), bigBits(m)}
}

func (x u128) big() *big.Int {
	z := new(big.Int).SetUint64(x.hi)
	return z.Or(z.Lsh(z, 64), new(big.Int).SetUint64(x.lo))
}

// signed is x of width bits as a two's complement number.
func (x u128) signed(width uint) *big.Int {
	z := x.big()
	if x.sign(width) {
		z.Sub(z, new(big.Int).Lsh(big.NewInt(1), width))
	}
	return z
}

func (x u128) isZero() bool { return x.hi|x.lo == 0 }

func (x u128) less(y u128) bool { return x.hi < y.hi || x.hi == y.hi && x.lo < y.lo }

func (x u128) add(y u128) u128 {
	lo, c := bits.Add64(x.lo, y.lo, 0)
	hi, _ := bits.Add64(x.hi, y.hi, c)
	return u128{hi, lo}
}

func (x u128) sub(y u128) u128 {
	lo, b := bits.Sub64(x.lo, y.lo, 0)
	hi, _ := bits.Sub64(x.hi, y.hi, b)
	return u128{hi, lo}
}

func (x u128) neg() u128 { return u128{}.sub(x) }

func (x u128) mul(y u128) u128 {
	hi, lo := bits.Mul64(x.lo, y.lo)
	return u128{hi + x.hi*y.lo + x.lo*y.hi, lo}
}

// mulFits reports whether the product of x and y is at most limit.
func (x u128) mulFits(y, limit u128) bool {
	if x.isZero() || y.isZero() {
		return true
	}
	q, _ := limit.divMod(x)
	return !q.less(y)
}

func (x u128) shl(n uint) u128 {
	switch {
	case n >= 128:
		return u128{}
	case n >= 64:
		return u128{x.lo << (n - 64), 0}
	}
	return u128{x.hi<<n | x.lo>>(64-n), x.lo << n}
}

func (x u128) shr(n uint) u128 {
	switch {
	case n >= 128:
		return u128{}
	case n >= 64:
		return u128{0, x.hi >> (n - 64)}
	}
	return u128{x.hi >> n, x.lo>>n | x.hi<<(64-n)}
}

// divMod divides by y, which is not zero.
func (x u128) divMod(y u128) (q, r u128) {
	if y.hi == 0 {
		q.hi, r.lo = bits.Div64(0, x.hi, y.lo)
		q.lo, r.lo = bits.Div64(r.lo, x.lo, y.lo)
		return q, r
	}
	// Knuth's estimate with a normalized divisor: at most one too small.
	n := uint(bits.LeadingZeros64(y.hi))
	v, u := y.shl(n), x.shr(1)
	est, _ := bits.Div64(u.hi, u.lo, v.hi)
	if est >>= 63 - n; est != 0 {
		est--
	}
	q = wideOf(est)
	r = x.sub(y.mul(q))
	if !r.less(y) {
		q, r = q.add(wideOf(1)), r.sub(y)
	}
	return q, r
}

// maskOf has the width low bits set; width is 1..128.
func maskOf(width uint) u128 {
	if width <= 64 {
		return u128{0, mask(width)}
	}
	return u128{mask(width - 64), ^uint64(0)}
}

func (x u128) and(y u128) u128 { return u128{x.hi & y.hi, x.lo & y.lo} }

func (x u128) or(y u128) u128 { return u128{x.hi | y.hi, x.lo | y.lo} }

// swapped is x of width bits with its bytes in the opposite order.
func (x u128) swapped(width uint) u128 {
	return u128{bits.ReverseBytes64(x.lo), bits.ReverseBytes64(x.hi)}.shr(128 - width)
}

// sign is the top bit of x of width bits.
func (x u128) sign(width uint) bool { return x.shr(width-1).lo&1 == 1 }

// extended is x of width bits, sign-extended to 128.
func (x u128) extended(width uint) u128 {
	if x.sign(width) {
		m := maskOf(width)
		return u128{x.hi | ^m.hi, x.lo | ^m.lo}
	}
	return x
}

// abs is the magnitude of x of width bits, read as a signed number.
func (x u128) abs(width uint) u128 {
	if x.sign(width) {
		return x.extended(width).neg()
	}
	return x
}

// lessSigned compares numbers of width bits.
func (x u128) lessSigned(y u128, width uint) bool {
	if a, b := x.sign(width), y.sign(width); a != b {
		return a
	}
	return x.less(y)
}

// integer is the Value of the width low bits of x.
func integer(x u128, width uint) Value {
	x = x.and(maskOf(width))
	if width <= 64 {
		return Value{kind: kInt, bits: x.lo}
	}
	return Value{kind: kWide, bits: x.lo, obj: ObjID(int32(uint32(x.hi))), sym: spec.Sym(int32(uint32(x.hi >> 32)))}
}

// number is the integer that v holds.
func (v Value) number() (x u128, ok bool) {
	switch v.kind {
	case kInt:
		return u128{0, v.bits}, true
	case kWide:
		return u128{v.hi(), v.bits}, true
	}
	return u128{}, false
}

// hi is the upper half of a kWide value.
func (v Value) hi() uint64 { return uint64(uint32(v.obj)) | uint64(uint32(v.sym))<<32 }

// evalInteger computes a binary operation of any width as evalBinary does.
func evalInteger(in *inst, width uint, x, y u128) (u128, bool) {
	if width > 64 {
		return evalWide(in, width, x, y)
	}
	if width != in.width {
		sized := *in
		sized.width = width
		in = &sized
	}
	r, ok := evalBinary(in, x.lo, y.lo)
	return wideOf(r), ok
}

func evalWide(in *inst, w uint, x, y u128) (r u128, ok bool) {
	m := maskOf(w)
	switch in.sub {
	case bAdd:
		r = x.add(y).and(m)
		return r, !(in.nuw && r.less(x) || in.nsw && x.sign(w) == y.sign(w) && r.sign(w) != x.sign(w))
	case bSub:
		r = x.sub(y).and(m)
		return r, !(in.nuw && x.less(y) || in.nsw && x.sign(w) != y.sign(w) && r.sign(w) != x.sign(w))
	case bMul:
		if in.nuw && !x.mulFits(y, m) || in.nsw && !wideMulFits(x, y, w) {
			return r, false
		}
		return x.mul(y).and(m), true
	case bUDiv, bURem:
		if y.isZero() {
			return r, false
		}
		q, rem := x.divMod(y)
		if in.sub == bURem {
			return rem, true
		}
		return q, !in.exact || rem.isZero()
	case bSDiv, bSRem:
		if y.isZero() || y == m && x == wideOf(1).shl(w-1) {
			return r, false
		}
		q, rem := x.abs(w).divMod(y.abs(w))
		if in.sub == bSRem {
			if x.sign(w) {
				rem = rem.neg()
			}
			return rem.and(m), true
		}
		if x.sign(w) != y.sign(w) {
			q = q.neg()
		}
		return q.and(m), !in.exact || rem.isZero()
	case bShl, bLShr, bAShr:
		if y.hi != 0 || y.lo >= uint64(w) {
			return r, false
		}
		return wideShift(in, w, x, uint(y.lo))
	case bAnd:
		return x.and(y), true
	case bOr:
		return x.or(y), true
	case bXor:
		return u128{x.hi ^ y.hi, x.lo ^ y.lo}, true
	}
	return r, false
}

func wideShift(in *inst, w uint, x u128, n uint) (r u128, ok bool) {
	m := maskOf(w)
	switch in.sub {
	case bShl:
		r = x.shl(n).and(m)
		back := r.extended(w).shr(n).extended(128 - n)
		return r, !(in.nuw && r.shr(n) != x || in.nsw && back != x.extended(w))
	case bLShr:
		r = x.shr(n)
	case bAShr:
		r = x.extended(w).shr(n).extended(128 - n).and(m)
	}
	return r, !in.exact || x.shr(n).shl(n) == x
}

// wideMulFits reports whether the product of two numbers fits w bits signed.
func wideMulFits(x, y u128, w uint) bool {
	limit := wideOf(1).shl(w - 1)
	if x.sign(w) == y.sign(w) {
		limit = limit.sub(wideOf(1))
	}
	return x.abs(w).mulFits(y.abs(w), limit)
}

// compareIntegers is icmp of numbers of w bits.
func compareIntegers(pred enum.IPred, x, y u128, w uint) bool {
	switch pred {
	case enum.IPredEQ:
		return x == y
	case enum.IPredNE:
		return x != y
	case enum.IPredULT:
		return x.less(y)
	case enum.IPredULE:
		return !y.less(x)
	case enum.IPredUGT:
		return y.less(x)
	case enum.IPredUGE:
		return !x.less(y)
	case enum.IPredSLT:
		return x.lessSigned(y, w)
	case enum.IPredSLE:
		return !y.lessSigned(x, w)
	case enum.IPredSGT:
		return y.lessSigned(x, w)
	}
	return !x.lessSigned(y, w)
}

// A laneFunc evaluates an instruction on scalars: its operands, or one lane of
// each. y is the zero Value if there is one operand.
type laneFunc func(j *job, in *inst, x, y Value) (Value, bool)

func laneBinary(j *job, in *inst, x, y Value) (Value, bool) {
	a, ok1 := x.number()
	b, ok2 := y.number()
	if !ok1 || !ok2 {
		return Value{}, false
	}
	r, ok := evalInteger(in, in.width, a, b)
	return integer(r, in.width), ok
}

func laneICmp(j *job, in *inst, x, y Value) (Value, bool) {
	pred := enum.IPred(in.sub)
	a, ok1 := x.number()
	b, ok2 := y.number()
	if ok1 && ok2 {
		return intValue(b2i(compareIntegers(pred, a, b, in.width)), 1), true
	}
	r, ok := j.comparePointers(pred, x, y)
	return intValue(b2i(r), 1), ok
}

func laneCast(j *job, in *inst, x, _ Value) (Value, bool) {
	n, ok := x.number()
	switch {
	case !ok:
		// The number that an address is moves, no part of it is known.
		return x, x.kind == kPtr && in.width == 64 && in.to == 64 && (in.sub == cPtrToInt || in.sub == cIntToPtr)
	case in.sub == cSExt:
		n = n.extended(in.width)
	}
	return integer(n, in.to), true
}
