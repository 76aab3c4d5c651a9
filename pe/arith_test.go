package pe

// This file tests arithmetic against math/big: at width 8 every pair of
// operands, at other widths random and extreme ones.

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/llir/llvm/ir/enum"
)

var binops = []struct {
	op    uint8
	name  string
	exact bool // has the flag exact rather than nsw and nuw
	wraps bool // has nsw and nuw
}{
	{bAdd, "add", false, true}, {bSub, "sub", false, true}, {bMul, "mul", false, true}, {bShl, "shl", false, true},
	{bUDiv, "udiv", true, false}, {bSDiv, "sdiv", true, false}, {bLShr, "lshr", true, false}, {bAShr, "ashr", true, false},
	{bURem, "urem", false, false}, {bSRem, "srem", false, false},
	{bAnd, "and", false, false}, {bOr, "or", false, false}, {bXor, "xor", false, false},
}

func unsigned(x uint64) *big.Int { return new(big.Int).SetUint64(x) }

// signed is the number of w bits that x stands for in two's complement.
func signed(x *big.Int, w uint) *big.Int {
	if x.Bit(int(w)-1) == 0 {
		return x
	}
	return new(big.Int).Sub(x, new(big.Int).Lsh(big.NewInt(1), w))
}

// modelBinary is LangRef's meaning: the result, whether it is defined, and
// whether it fits unsigned and signed, and exactly.
func modelBinary(op uint8, ux, uy *big.Int, w uint) (r *big.Int, defined, nuw, nsw, exact bool) {
	sx, sy := signed(ux, w), signed(uy, w)
	u, s := new(big.Int), new(big.Int)
	shift := uint(0)
	if op == bShl || op == bLShr || op == bAShr {
		if uy.Cmp(big.NewInt(int64(w))) >= 0 {
			return nil, false, false, false, false
		}
		shift = uint(uy.Uint64())
	}
	exact = true
	switch op {
	case bAdd:
		u.Add(ux, uy)
		s.Add(sx, sy)
	case bSub:
		u.Sub(ux, uy)
		s.Sub(sx, sy)
	case bMul:
		u.Mul(ux, uy)
		s.Mul(sx, sy)
	case bShl:
		u.Lsh(ux, shift)
		s.Lsh(sx, shift)
	case bUDiv, bURem:
		if uy.Sign() == 0 {
			return nil, false, false, false, false
		}
		q, m := new(big.Int).QuoRem(ux, uy, new(big.Int))
		exact = m.Sign() == 0
		u = q
		if op == bURem {
			u = m
		}
		s = u
	case bSDiv, bSRem:
		if uy.Sign() == 0 {
			return nil, false, false, false, false
		}
		q, m := new(big.Int).QuoRem(sx, sy, new(big.Int))
		exact = m.Sign() == 0
		s = q
		if !inRange(q, w, true) {
			return nil, false, false, false, false
		}
		if op == bSRem {
			s = m
		}
		u = s
	case bLShr:
		u.Rsh(ux, shift)
		s = u
		exact = new(big.Int).Lsh(u, shift).Cmp(ux) == 0
	case bAShr:
		s.Rsh(sx, shift)
		u = s
		exact = new(big.Int).Lsh(s, shift).Cmp(sx) == 0
	case bAnd:
		u.And(ux, uy)
	case bOr:
		u.Or(ux, uy)
	case bXor:
		u.Xor(ux, uy)
	}
	return u, true, inRange(u, w, false), inRange(s, w, true), exact
}

// inRange reports whether x is a w-bit number.
func inRange(x *big.Int, w uint, signed bool) bool {
	lo, hi := new(big.Int), new(big.Int).Lsh(big.NewInt(1), w)
	if signed {
		hi.Rsh(hi, 1)
		lo.Neg(hi)
	}
	return x.Cmp(lo) >= 0 && x.Cmp(hi) < 0
}

func checkBinary(t *testing.T, k int, x, y uint64, w uint) {
	t.Helper()
	b := binops[k]
	want, defined, nuw, nsw, exact := modelBinary(b.op, unsigned(x), unsigned(y), w)
	bits := uint64(0)
	if defined {
		bits = bigBits(want) & mask(w)
	}
	for flags := range 4 {
		in := &inst{sub: b.op, width: w}
		ok := defined
		switch {
		case b.wraps:
			in.nuw, in.nsw = flags&1 != 0, flags&2 != 0
			ok = ok && (!in.nuw || nuw) && (!in.nsw || nsw)
		case b.exact && flags < 2:
			in.exact = flags == 1
			ok = ok && (!in.exact || exact)
		case flags > 0:
			return
		}
		got, evaluated := evalBinary(in, x, y)
		if evaluated != ok || ok && got != bits {
			t.Fatalf("%s i%d %d, %d (nuw=%v nsw=%v exact=%v): got %d, %v, want %d, %v", b.name, w, x, y, in.nuw, in.nsw, in.exact, got, evaluated, bits, ok)
		}
	}
}

func TestBinaryExhaustive(t *testing.T) {
	for k := range binops {
		for x := range uint64(256) {
			for y := range uint64(256) {
				if testing.Short() && (x*7+y)%5 != 0 {
					continue
				}
				checkBinary(t, k, x, y, 8)
			}
		}
	}
}

func TestBinaryRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, w := range []uint{1, 7, 16, 24, 32, 33, 63, 64} {
		extremes := []uint64{0, 1, 2, mask(w), mask(w) >> 1, mask(w)>>1 + 1, uint64(w), uint64(w - 1), mask(w) - 1}
		number := func() uint64 {
			if r.IntN(2) == 0 {
				return extremes[r.IntN(len(extremes))] & mask(w)
			}
			return r.Uint64() & mask(w) >> r.UintN(w)
		}
		for k := range binops {
			for range 1500 {
				checkBinary(t, k, number(), number(), w)
			}
		}
	}
}

// TestMulFits checks products at the edge of the signed range, where the
// magnitude of the smallest number is not a number.
func TestMulFits(t *testing.T) {
	edge := []int64{0, 1, -1, 2, -2, 3, 1 << 31, -1 << 31, 1<<31 - 1, 1 << 32, -1 << 32, 1 << 62, -1 << 62, 1<<63 - 1, -1 << 63}
	for _, w := range []uint{8, 32, 63, 64} {
		for _, a := range edge {
			for _, b := range edge {
				if !inRange(big.NewInt(a), w, true) || !inRange(big.NewInt(b), w, true) {
					continue
				}
				want := inRange(new(big.Int).Mul(big.NewInt(a), big.NewInt(b)), w, true)
				if got := mulFits(a, b, w); got != want {
					t.Errorf("mulFits(%d, %d, %d): got %v, want %v", a, b, w, got, want)
				}
			}
		}
	}
}

// modelICmp is what every predicate says of two numbers of w bits.
func modelICmp(ux, uy *big.Int, w uint) map[enum.IPred]bool {
	u, s := ux.Cmp(uy), signed(ux, w).Cmp(signed(uy, w))
	return map[enum.IPred]bool{
		enum.IPredEQ: u == 0, enum.IPredNE: u != 0,
		enum.IPredULT: u < 0, enum.IPredULE: u <= 0, enum.IPredUGT: u > 0, enum.IPredUGE: u >= 0,
		enum.IPredSLT: s < 0, enum.IPredSLE: s <= 0, enum.IPredSGT: s > 0, enum.IPredSGE: s >= 0,
	}
}

func TestICmp(t *testing.T) {
	for _, w := range []uint{1, 8, 33, 64} {
		values := []uint64{0, 1, mask(w), mask(w) >> 1, mask(w)>>1 + 1, 5 & mask(w)}
		for _, x := range values {
			for _, y := range values {
				for pred, want := range modelICmp(unsigned(x), unsigned(y), w) {
					if got := evalICmp(pred, x, y, w); got != want {
						t.Errorf("icmp %v i%d %d, %d: got %v", pred, w, x, y, got)
					}
				}
			}
		}
	}
}

// TestPointerArith checks what may be computed of addresses without knowing
// where objects lie.
func TestPointerArith(t *testing.T) {
	p, q, five := ptrValue(1, 8), ptrValue(2, 8), intValue(5, 64)
	for _, c := range []struct {
		op   uint8
		x, y Value
		want string
	}{
		{bAdd, p, five, "&1+13"}, {bAdd, five, p, "&1+13"}, {bSub, p, five, "&1+3"}, {bSub, p, ptrValue(1, 2), "6"},
		{bSub, five, p, ""}, {bSub, p, q, ""}, {bAdd, p, q, ""}, {bMul, p, five, ""}, {bAnd, p, five, ""}, {bXor, p, p, ""},
		{bAdd, p, dynValue, ""}, {bSub, p, intValue(^uint64(0), 64), "&1+9"},
	} {
		v, ok := pointerArith(&inst{sub: c.op, width: 64}, c.x, c.y)
		got := ""
		if ok {
			got = fmt.Sprint(v)
		}
		if got != c.want {
			t.Errorf("%s %v, %v: got %q, want %q", binops[indexOf(c.op)].name, c.x, c.y, got, c.want)
		}
	}
}

func indexOf(op uint8) int {
	for i, b := range binops {
		if b.op == op {
			return i
		}
	}
	return -1
}
