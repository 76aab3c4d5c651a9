package pe

// This file evaluates arithmetic intrinsics and the functions of <math.h> that
// IEEE 754 or the C standard fix to the last bit, on scalars and lane by lane on
// vectors. What C leaves open (the sign of fmax(0, -0), NaNs) or reports through
// errno is not evaluated.

import (
	"math"
	"math/bits"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"

	"quasi/ir"
)

// A laneCall is a call on scalars: its arguments, or one lane of each.
type laneCall struct {
	args     [3]Value
	from, to uint // bits of the first argument and of the result
	fast     fastMath
	fused    bool
}

// number is integer argument i.
func (c *laneCall) number(i int) u128 { x, _ := c.args[i].number(); return x }

// float is floating-point argument i.
func (c *laneCall) float(i int) float64 { return toFloat(c.args[i].bits, c.from) }

// byLane makes a builtin of a function of scalars, all of which have to be known.
func byLane(float bool, f func(c *laneCall) (Value, bool)) builtin {
	return func(j *job, in *inst) bool {
		if float && !j.f.code.floats || in.dst == ir.NoReg {
			return false
		}
		args := in.args[1:]
		_, from, _ := j.s.laneClass(j.typeOf(args[0]))
		typ := j.f.code.regs[in.dst].typ
		_, to, lanes := j.s.laneClass(typ)
		c := laneCall{from: from, to: to, fused: j.f.code.mode.Fused}
		if node, ok := in.node.(*llir.InstCall); ok {
			c.fast = fastMathOf(node.FastMathFlags)
		}
		rs := make([]Value, max(lanes, 1))
		for k := range rs {
			if !j.laneArgs(&c, args, k) {
				return false
			}
			r, ok := f(&c)
			if !ok || float && !c.fast.allows(c.from, c.args[0].bits, c.args[1].bits, c.args[2].bits) {
				return false
			}
			rs[k] = r
		}
		v := rs[0]
		if lanes > 0 {
			v = j.s.list(rs)
		}
		if v.static() {
			j.setStatic(in.dst, v)
		}
		return v.static()
	}
}

// laneArgs takes lane k of every argument; those that are no vectors are the same
// in all lanes. It reports whether all are known numbers.
func (j *job) laneArgs(c *laneCall, args []operand, k int) bool {
	if len(args) > len(c.args) {
		return false
	}
	for i, a := range args {
		v := j.val(a)
		if sh := j.s.shapeOf(j.typeOf(a)); sh != nil {
			xs := j.s.leaves(v, len(sh.leaves))
			if xs == nil || k >= len(xs) {
				return false
			}
			v = xs[k]
		}
		if v.kind != kInt && v.kind != kWide {
			return false
		}
		c.args[i] = v
	}
	return true
}

// An intrinsic is a family of overloaded intrinsics.
type intrinsic struct {
	prefix string
	run    builtin
}

func integers(f func(c *laneCall) (u128, bool)) builtin {
	return byLane(false, func(c *laneCall) (Value, bool) {
		r, ok := f(c)
		return integer(r, c.to), ok
	})
}

// choice is a minimum or maximum.
func choice(pred enum.IPred) builtin {
	return byLane(false, func(c *laneCall) (Value, bool) {
		if compareIntegers(pred, c.number(0), c.number(1), c.from) {
			return c.args[0], true
		}
		return c.args[1], true
	})
}

// saturated is an addition or subtraction that stops at the ends of the range.
func saturated(op uint8, signed bool) builtin {
	return integers(func(c *laneCall) (u128, bool) {
		x, y := c.number(0), c.number(1)
		r, ok := evalInteger(&inst{sub: op, nsw: signed, nuw: !signed}, c.from, x, y)
		top := wideOf(1).shl(c.from - 1)
		switch {
		case ok:
			return r, true
		case signed && x.sign(c.from):
			return top, true
		case signed:
			return top.sub(wideOf(1)), true
		case op == bAdd:
			return maskOf(c.from), true
		}
		return u128{}, true
	})
}

func leadingZeros(x u128, w uint) uint {
	if x.hi != 0 {
		return uint(bits.LeadingZeros64(x.hi)) + w - 128
	}
	return uint(bits.LeadingZeros64(x.lo)) + w - 64
}

func trailingZeros(x u128, w uint) uint {
	if x.lo != 0 {
		return uint(bits.TrailingZeros64(x.lo))
	}
	return min(64+uint(bits.TrailingZeros64(x.hi)), w)
}

// zeros counts zero bits; the second argument says that none for 0 are poison.
func zeros(count func(x u128, w uint) uint) builtin {
	return integers(func(c *laneCall) (u128, bool) {
		x := c.number(0)
		return wideOf(uint64(count(x, c.from))), !x.isZero() || c.args[1].bits == 0
	})
}

// funnelShift shifts the double-width number made of its two first arguments.
func funnelShift(left bool) builtin {
	return integers(func(c *laneCall) (u128, bool) {
		x, y := c.number(0), c.number(1)
		_, rest := c.number(2).divMod(wideOf(uint64(c.from)))
		k := uint(rest.lo)
		switch {
		case left && k == 0:
			return x, true
		case k == 0:
			return y, true
		case !left:
			k = c.from - k
		}
		return x.shl(k).or(y.shr(c.from - k)), true
	})
}

var integerIntrinsics = []intrinsic{
	{"llvm.bswap.", integers(func(c *laneCall) (u128, bool) {
		return c.number(0).swapped(c.from), c.from%16 == 0
	})},
	{"llvm.bitreverse.", integers(func(c *laneCall) (u128, bool) {
		x := c.number(0)
		return u128{bits.Reverse64(x.lo), bits.Reverse64(x.hi)}.shr(128 - c.from), true
	})},
	{"llvm.ctpop.", integers(func(c *laneCall) (u128, bool) {
		x := c.number(0)
		return wideOf(uint64(bits.OnesCount64(x.lo) + bits.OnesCount64(x.hi))), true
	})},
	{"llvm.ctlz.", zeros(leadingZeros)},
	{"llvm.cttz.", zeros(trailingZeros)},
	{"llvm.abs.", integers(func(c *laneCall) (u128, bool) {
		x := c.number(0)
		return x.abs(c.from), c.args[1].bits == 0 || x != wideOf(1).shl(c.from-1)
	})},
	{"llvm.smax.", choice(enum.IPredSGT)},
	{"llvm.smin.", choice(enum.IPredSLT)},
	{"llvm.umax.", choice(enum.IPredUGT)},
	{"llvm.umin.", choice(enum.IPredULT)},
	{"llvm.fshl.", funnelShift(true)},
	{"llvm.fshr.", funnelShift(false)},
	{"llvm.sadd.sat.", saturated(bAdd, true)},
	{"llvm.uadd.sat.", saturated(bAdd, false)},
	{"llvm.ssub.sat.", saturated(bSub, true)},
	{"llvm.usub.sat.", saturated(bSub, false)},
	{"llvm.sadd.with.overflow.", overflow(bAdd, true)},
	{"llvm.uadd.with.overflow.", overflow(bAdd, false)},
	{"llvm.ssub.with.overflow.", overflow(bSub, true)},
	{"llvm.usub.with.overflow.", overflow(bSub, false)},
	{"llvm.smul.with.overflow.", overflow(bMul, true)},
	{"llvm.umul.with.overflow.", overflow(bMul, false)},
	{"llvm.vector.reduce.add.", reduce(bAdd)},
	{"llvm.vector.reduce.mul.", reduce(bMul)},
	{"llvm.vector.reduce.and.", reduce(bAnd)},
	{"llvm.vector.reduce.or.", reduce(bOr)},
	{"llvm.vector.reduce.xor.", reduce(bXor)},
}

// reduce folds the lanes of a vector of integers.
func reduce(op uint8) builtin {
	return func(j *job, in *inst) bool {
		sh := j.s.shapeOf(j.typeOf(in.args[1]))
		if sh == nil {
			return false
		}
		xs := j.s.leaves(j.val(in.args[1]), len(sh.leaves))
		var r u128
		for i, v := range xs {
			x, ok := v.number()
			if !ok {
				return false
			}
			if i > 0 {
				x, _ = evalInteger(&inst{sub: op}, sh.bits, r, x)
			}
			r = x
		}
		if xs == nil {
			return false
		}
		j.setStatic(in.dst, integer(r, sh.bits))
		return true
	}
}

// floating makes a builtin of a function on numbers, none of which is a NaN. A
// result that is one is not known.
func floating(f func(c *laneCall) (float64, bool)) builtin {
	return byLane(true, func(c *laneCall) (Value, bool) {
		for _, a := range c.args {
			if isNaN(a.bits, c.from) {
				return Value{}, false
			}
		}
		r, ok := f(c)
		return rounded(r, c.to), ok && r == r && c.fast.allows(c.to, rounded(r, c.to).bits)
	})
}

// exactly is floating for a function that is exact, or rounds once for floats as
// for doubles.
func exactly(f func(x float64) float64) builtin {
	return floating(func(c *laneCall) (float64, bool) { return f(c.float(0)), true })
}

// bitwise makes a builtin of a function on bit patterns.
func bitwise(f func(c *laneCall, sign uint64) uint64) builtin {
	return byLane(true, func(c *laneCall) (Value, bool) {
		return Value{kind: kInt, bits: f(c, 1<<(c.from-1))}, true
	})
}

// extreme is the smaller or greater of two numbers. Of a NaN and a number C takes
// the number, IEEE 754's newer operations the NaN.
func extreme(greater, zeros bool) builtin {
	return floating(func(c *laneCall) (float64, bool) {
		x, y := c.float(0), c.float(1)
		switch {
		case x == y && math.Signbit(x) != math.Signbit(y):
			if greater == math.Signbit(x) {
				x = y
			}
			return x, zeros
		case (x > y) == greater:
			return x, true
		}
		return y, true
	})
}

// toInteger rounds a number and converts it, if it fits.
func toInteger(round func(x float64) float64) builtin {
	return byLane(true, func(c *laneCall) (Value, bool) {
		n, ok := floatToInteger(round(c.float(0)), c.to, true)
		return integer(n, c.to), ok && !isNaN(c.args[0].bits, c.from)
	})
}

// saturate converts a number to the nearest integer of its range, a NaN to 0.
func saturate(signed bool) builtin {
	return byLane(true, func(c *laneCall) (Value, bool) {
		x := c.float(0)
		n, ok := floatToInteger(x, c.to, signed)
		top := wideOf(1).shl(c.to - 1)
		switch {
		case ok, x != x:
		case signed && x < 0:
			n = top
		case signed:
			n = top.sub(wideOf(1))
		case x > 0:
			n = maskOf(c.to)
		}
		return integer(n, c.to), true
	})
}

var (
	fabs     = bitwise(func(c *laneCall, sign uint64) uint64 { return c.args[0].bits &^ sign })
	copysign = bitwise(func(c *laneCall, sign uint64) uint64 {
		return c.args[0].bits&^sign | c.args[1].bits&sign
	})
	sqrt = exactly(math.Sqrt)
	fma  = floating(func(c *laneCall) (float64, bool) {
		return fusedMultiplyAdd(c.float(0), c.float(1), c.float(2), c.from), true
	})
	fmuladd = floating(multiplyAdd)
	fmod    = floating(func(c *laneCall) (float64, bool) {
		x, y := c.float(0), c.float(1)
		return math.Mod(x, y), y != 0 && !math.IsInf(x, 0)
	})
)

// multiplyAdd is llvm.fmuladd as the code generator makes it: one instruction if
// the target has it, else two.
func multiplyAdd(c *laneCall) (float64, bool) {
	x, y, z := c.float(0), c.float(1), c.float(2)
	if c.fused {
		return fusedMultiplyAdd(x, y, z, c.from), true
	}
	return toFloat(rounded(x*y, c.from).bits, c.from) + z, true
}

var floatIntrinsics = []intrinsic{
	{"llvm.fabs.", fabs},
	{"llvm.copysign.", copysign},
	{"llvm.sqrt.", sqrt},
	{"llvm.fma.", fma},
	{"llvm.fmuladd.", fmuladd},
	{"llvm.floor.", exactly(math.Floor)},
	{"llvm.ceil.", exactly(math.Ceil)},
	{"llvm.trunc.", exactly(math.Trunc)},
	{"llvm.rint.", exactly(math.RoundToEven)},
	{"llvm.nearbyint.", exactly(math.RoundToEven)},
	{"llvm.roundeven.", exactly(math.RoundToEven)},
	{"llvm.round.", exactly(math.Round)},
	{"llvm.minnum.", extreme(false, false)},
	{"llvm.maxnum.", extreme(true, false)},
	{"llvm.minimum.", extreme(false, true)},
	{"llvm.maximum.", extreme(true, true)},
	{"llvm.fptosi.sat.", saturate(true)},
	{"llvm.fptoui.sat.", saturate(false)},
	{"llvm.lround.", toInteger(math.Round)},
	{"llvm.llround.", toInteger(math.Round)},
	{"llvm.lrint.", toInteger(math.RoundToEven)},
	{"llvm.llrint.", toInteger(math.RoundToEven)},
}

// A mathFunc is a function of <math.h> for doubles; with an f at the end of the
// name it is the one for floats.
type mathFunc struct {
	args int
	ret  byte // d: floating point as the arguments, i: an integer
	run  builtin
}

var mathFuncs = map[string]mathFunc{
	"fabs": {1, 'd', fabs}, "copysign": {2, 'd', copysign}, "sqrt": {1, 'd', sqrt}, "fma": {3, 'd', fma}, "fmod": {2, 'd', fmod},
	"floor": {1, 'd', exactly(math.Floor)}, "ceil": {1, 'd', exactly(math.Ceil)}, "trunc": {1, 'd', exactly(math.Trunc)},
	"rint": {1, 'd', exactly(math.RoundToEven)}, "nearbyint": {1, 'd', exactly(math.RoundToEven)},
	"roundeven": {1, 'd', exactly(math.RoundToEven)}, "round": {1, 'd', exactly(math.Round)},
	"fmin": {2, 'd', extreme(false, false)}, "fmax": {2, 'd', extreme(true, false)},
	"lround": {1, 'i', toInteger(math.Round)}, "llround": {1, 'i', toInteger(math.Round)},
	"lrint": {1, 'i', toInteger(math.RoundToEven)}, "llrint": {1, 'i', toInteger(math.RoundToEven)},
}

// mathBuiltin is the builtin for a function of <math.h>, nil if f is none.
func mathBuiltin(f *llir.Func) builtin {
	name, kind := f.Name(), types.FloatKindDouble
	m, ok := mathFuncs[name]
	if !ok && len(name) > 1 && name[len(name)-1] == 'f' {
		m, ok = mathFuncs[name[:len(name)-1]]
		kind = types.FloatKindFloat
	}
	if !ok || f.Sig.Variadic || len(f.Sig.Params) != m.args {
		return nil
	}
	float := func(t types.Type) bool { x, ok := t.(*types.FloatType); return ok && x.Kind == kind }
	for _, p := range f.Sig.Params {
		if !float(p) {
			return nil
		}
	}
	if m.ret == 'd' && !float(f.Sig.RetType) || m.ret == 'i' && !isA(f.Sig.RetType, 'i') {
		return nil
	}
	return m.run
}
