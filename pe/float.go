package pe

// This file evaluates float and double. A result is evaluated only if IEEE 754
// (round to nearest even, no traps) fixes its bits: no NaN comes into being, and
// none is computed with but a single quiet one, which passes through. What code
// that looks at the floating-point environment does is never evaluated.

import (
	"math"
	"math/big"
	"slices"

	"github.com/llir/llvm/ir/enum"
)

const (
	fAdd uint8 = iota
	fSub
	fMul
	fDiv
	fRem
)

const (
	cFPToSI uint8 = iota + 32 // after the integer casts
	cFPToUI
	cSIToFP
	cUIToFP
	cFPTrunc
	cFPExt
)

// toFloat reads width bits, 32 or 64, as a number; every float is a double.
func toFloat(bits uint64, width uint) float64 {
	if width == 32 {
		return float64(math.Float32frombits(uint32(bits)))
	}
	return math.Float64frombits(bits)
}

// rounded is the Value of x rounded to width bits. x is exact, or the result of
// one operation on doubles; for float see narrow.
func rounded(x float64, width uint) Value {
	if width == 32 {
		return Value{kind: kInt, bits: uint64(math.Float32bits(float32(x)))}
	}
	return Value{kind: kInt, bits: math.Float64bits(x)}
}

// isNaN tells NaNs by their bits; conversions between widths may change them.
func isNaN(bits uint64, width uint) bool {
	if width == 32 {
		return bits&0x7fffffff > 0x7f800000
	}
	return bits&(1<<63-1) > 0x7ff<<52
}

func isQuiet(bits uint64, width uint) bool {
	if width == 32 {
		return bits>>22&1 == 1
	}
	return bits>>51&1 == 1
}

func isInf(bits uint64, width uint) bool {
	if width == 32 {
		return bits&0x7fffffff == 0x7f800000
	}
	return bits&(1<<63-1) == 0x7ff<<52
}

// A fastMath holds the flags that make results poison.
type fastMath struct{ nnan, ninf bool }

func fastMathOf(flags []enum.FastMathFlag) fastMath {
	fast := slices.Contains(flags, enum.FastMathFlagFast)
	return fastMath{
		nnan: fast || slices.Contains(flags, enum.FastMathFlagNNaN),
		ninf: fast || slices.Contains(flags, enum.FastMathFlagNInf),
	}
}

// allows reports whether none of these operands or results of width bits makes
// the result poison.
func (f fastMath) allows(width uint, xs ...uint64) bool {
	for _, x := range xs {
		if f.nnan && isNaN(x, width) || f.ninf && isInf(x, width) {
			return false
		}
	}
	return true
}

// floatBinary computes an operation on width-bit numbers.
func floatBinary(op uint8, width uint, xb, yb uint64) (uint64, bool) {
	switch xn, yn := isNaN(xb, width), isNaN(yb, width); {
	case xn && yn:
		return 0, false
	case xn:
		return xb, isQuiet(xb, width) && op != fRem
	case yn:
		return yb, isQuiet(yb, width) && op != fRem
	}
	x, y := toFloat(xb, width), toFloat(yb, width)
	var r float64
	// A double holds the sum, difference, product and quotient of two floats
	// with enough bits that rounding twice is rounding once (Figueroa 1995).
	switch op {
	case fAdd:
		r = x + y
	case fSub:
		r = x - y
	case fMul:
		r = x * y
	case fDiv:
		r = x / y
	case fRem:
		if math.IsInf(x, 0) || y == 0 {
			return 0, false
		}
		r = math.Mod(x, y) // exact
	}
	if r != r {
		return 0, false
	}
	return rounded(r, width).bits, true
}

func laneFloat(j *job, in *inst, x, y Value) (Value, bool) {
	if x.kind != kInt || y.kind != kInt {
		return Value{}, false
	}
	r, ok := floatBinary(in.sub, in.width, x.bits, y.bits)
	if !ok || !in.x.fast.allows(in.width, x.bits, y.bits, r) {
		return Value{}, false
	}
	return Value{kind: kInt, bits: r}, true
}

func laneFNeg(j *job, in *inst, x, _ Value) (Value, bool) {
	if x.kind != kInt || !in.x.fast.allows(in.width, x.bits) {
		return Value{}, false
	}
	return Value{kind: kInt, bits: x.bits ^ 1<<(in.width-1)}, true
}

func laneFCmp(j *job, in *inst, x, y Value) (Value, bool) {
	if x.kind != kInt || y.kind != kInt || !in.x.fast.allows(in.width, x.bits, y.bits) {
		return Value{}, false
	}
	r := compareFloats(enum.FPred(in.sub), toFloat(x.bits, in.width), toFloat(y.bits, in.width))
	return intValue(b2i(r), 1), true
}

func compareFloats(pred enum.FPred, x, y float64) bool {
	unordered := x != x || y != y
	switch pred {
	case enum.FPredTrue:
		return true
	case enum.FPredOEQ:
		return x == y
	case enum.FPredOGT:
		return x > y
	case enum.FPredOGE:
		return x >= y
	case enum.FPredOLT:
		return x < y
	case enum.FPredOLE:
		return x <= y
	case enum.FPredONE:
		return !unordered && x != y
	case enum.FPredORD:
		return !unordered
	case enum.FPredUEQ:
		return unordered || x == y
	case enum.FPredUGT:
		return unordered || x > y
	case enum.FPredUGE:
		return unordered || x >= y
	case enum.FPredULT:
		return unordered || x < y
	case enum.FPredULE:
		return unordered || x <= y
	case enum.FPredUNE:
		return x != y
	case enum.FPredUNO:
		return unordered
	}
	return false
}

// laneFloatCast converts between floating point and integers.
func laneFloatCast(j *job, in *inst, x, _ Value) (Value, bool) {
	switch in.sub {
	case cSIToFP, cUIToFP:
		n, ok := x.number()
		if !ok {
			return Value{}, false
		}
		return integerToFloat(n, in.width, in.sub == cSIToFP, in.to), true
	}
	if x.kind != kInt || isNaN(x.bits, in.width) {
		return Value{}, false
	}
	f := toFloat(x.bits, in.width)
	switch in.sub {
	case cFPToSI, cFPToUI:
		n, ok := floatToInteger(f, in.to, in.sub == cFPToSI)
		return integer(n, in.to), ok
	}
	return rounded(f, in.to), true
}

// integerToFloat rounds n of from bits to a number of to bits.
func integerToFloat(n u128, from uint, signed bool, to uint) Value {
	if from <= 64 && (signed || n.lo < 1<<63) { // what the machine converts with one rounding
		i := int64(n.lo)
		if signed {
			i = sext(n.lo, from)
		}
		if to == 32 {
			return Value{kind: kInt, bits: uint64(math.Float32bits(float32(i)))}
		}
		return Value{kind: kInt, bits: math.Float64bits(float64(i))}
	}
	x := new(big.Float).SetPrec(128)
	if signed {
		x.SetInt(n.signed(from))
	} else {
		x.SetInt(n.big())
	}
	if to == 32 {
		f, _ := x.Float32()
		return Value{kind: kInt, bits: uint64(math.Float32bits(f))}
	}
	f, _ := x.Float64()
	return Value{kind: kInt, bits: math.Float64bits(f)}
}

// floatToInteger truncates f; ok is false if width bits do not hold the result.
func floatToInteger(f float64, width uint, signed bool) (n u128, ok bool) {
	if f != f || math.IsInf(f, 0) {
		return n, false
	}
	f = math.Trunc(f)
	lo, hi := 0.0, math.Ldexp(1, int(width))
	if signed {
		hi = math.Ldexp(1, int(width)-1)
		lo = -hi
	}
	if f < lo || f >= hi {
		return n, false
	}
	if -1<<63 <= f && f < 1<<63 {
		return wideOf(uint64(int64(f))).extended(64).and(maskOf(width)), true
	}
	x, _ := big.NewFloat(f).Int(nil)
	return bigWide(x).and(maskOf(width)), true
}

// fusedMultiplyAdd is x*y + z rounded once to width bits.
func fusedMultiplyAdd(x, y, z float64, width uint) float64 {
	if width == 64 {
		return math.FMA(x, y, z)
	}
	// The product of two floats is exact. The sum is rounded to odd, which leaves
	// enough of what was lost to round again to a float (Boldo, Melquiond 2008).
	p := float64(x * y) // the conversion forbids Go to fuse
	s := p + z
	if math.IsInf(s, 0) || s != s {
		return s
	}
	t := s - p
	lost := (p - (s - t)) + (z - t)
	if lost != 0 && math.Float64bits(s)&1 == 0 {
		if (lost > 0) == (s > 0) {
			s = math.Float64frombits(math.Float64bits(s) + 1)
		} else {
			s = math.Float64frombits(math.Float64bits(s) - 1)
		}
	}
	return float64(float32(s))
}
