package pe

// This file tests integers of up to 128 bits against math/big.

import (
	"math/big"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/llir/llvm/ir/enum"
)

var wideWidths = []uint{1, 7, 24, 33, 48, 63, 64, 65, 72, 96, 100, 127, 128}

// wideOperand is an extreme or random number of w bits.
func wideOperand(r *rand.Rand, w uint) u128 {
	x := u128{r.Uint64(), r.Uint64()}
	switch r.IntN(7) {
	case 0:
		x = wideOf(1).shl(uint(r.IntN(int(w))))
	case 1:
		x = wideOf(1).shl(uint(r.IntN(int(w)))).neg()
	case 2:
		x = wideOf(uint64(r.IntN(5))).sub(wideOf(2))
	case 3:
		x = maskOf(w).shr(1)
	case 4:
		x = x.shr(uint(r.IntN(128)))
	}
	return x.and(maskOf(w))
}

// wideModel is what LangRef says of an operation: the result, and whether it is
// defined with these flags.
func wideModel(op uint8, x, y u128, w uint, nuw, nsw, exact bool) (want *big.Int, ok bool) {
	ux, uy, sx, sy := x.big(), y.big(), x.signed(w), y.signed(w)
	u, s := new(big.Int), new(big.Int)
	rest := new(big.Int)
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
	case bAnd:
		u.And(ux, uy)
	case bOr:
		u.Or(ux, uy)
	case bXor:
		u.Xor(ux, uy)
	case bUDiv, bURem, bSDiv, bSRem:
		if uy.Sign() == 0 {
			return nil, false
		}
		a, b := ux, uy
		if op == bSDiv || op == bSRem {
			a, b = sx, sy
		}
		q, m := new(big.Int).QuoRem(a, b, rest)
		if !inRange(q, w, op == bSDiv || op == bSRem) {
			return nil, false
		}
		if op == bURem || op == bSRem {
			return m, true
		}
		return q, !exact || m.Sign() == 0
	default:
		if uy.Cmp(big.NewInt(int64(w))) >= 0 {
			return nil, false
		}
		n := uint(uy.Uint64())
		switch op {
		case bShl:
			u.Lsh(ux, n)
			s.Lsh(sx, n)
		case bLShr:
			u.Rsh(ux, n)
		case bAShr:
			u.Rsh(sx, n)
		}
		if op != bShl {
			return u, !exact || new(big.Int).Lsh(rest.Rsh(ux, n), n).Cmp(ux) == 0
		}
	}
	return u, (!nuw || inRange(u, w, false)) && (!nsw || inRange(s, w, true))
}

func checkWide(t *testing.T, r *rand.Rand) {
	t.Helper()
	w := wideWidths[r.IntN(len(wideWidths))]
	x, y := wideOperand(r, w), wideOperand(r, w)
	b := binops[r.IntN(len(binops))]
	in := &inst{sub: b.op}
	if b.op == bShl || b.op == bLShr || b.op == bAShr {
		y = wideOf(uint64(r.IntN(int(w) + 2))).and(maskOf(w))
	}
	if b.wraps {
		in.nuw, in.nsw = r.IntN(2) == 0, r.IntN(2) == 0
	}
	in.exact = b.exact && r.IntN(2) == 0
	want, ok := wideModel(b.op, x, y, w, in.nuw, in.nsw, in.exact)
	for _, eval := range []func() (u128, bool){
		func() (u128, bool) { return evalInteger(in, w, x, y) },
		func() (u128, bool) { return evalWide(in, w, x, y) },
	} {
		got, evaluated := eval()
		if evaluated != ok || ok && got != bigWide(want).and(maskOf(w)) {
			t.Fatalf("%s i%d %v, %v (nuw=%v nsw=%v exact=%v): got %v, %v, want %v, %v",
				b.name, w, x.big(), y.big(), in.nuw, in.nsw, in.exact, got.big(), evaluated, want, ok)
		}
	}
	ux, uy, sx, sy := x.big(), y.big(), x.signed(w), y.signed(w)
	for pred, want := range map[enum.IPred]bool{
		enum.IPredEQ: ux.Cmp(uy) == 0, enum.IPredNE: ux.Cmp(uy) != 0,
		enum.IPredULT: ux.Cmp(uy) < 0, enum.IPredULE: ux.Cmp(uy) <= 0, enum.IPredUGT: ux.Cmp(uy) > 0, enum.IPredUGE: ux.Cmp(uy) >= 0,
		enum.IPredSLT: sx.Cmp(sy) < 0, enum.IPredSLE: sx.Cmp(sy) <= 0, enum.IPredSGT: sx.Cmp(sy) > 0, enum.IPredSGE: sx.Cmp(sy) >= 0,
	} {
		if got := compareIntegers(pred, x, y, w); got != want {
			t.Fatalf("icmp %v i%d %v, %v: got %v, want %v", pred, w, ux, uy, got, want)
		}
	}
	if got := bigWide(sx); got != x.extended(w) {
		t.Fatalf("sext i%d %v: got %v", w, ux, x.extended(w).big())
	}
	if v := integer(x, w); v.kind == kWide != (w > 64) {
		t.Fatalf("i%d is held as %v", w, v.kind)
	} else if n, ok := v.number(); !ok || n != x {
		t.Fatalf("i%d %v: its value holds %v", w, ux, n.big())
	}
	if got, want := leadingZeros(x, w), w-uint(ux.BitLen()); got != want {
		t.Fatalf("ctlz i%d %v: got %d, want %d", w, ux, got, want)
	}
	if got, want := trailingZeros(x, w), min(ux.TrailingZeroBits(), w); !x.isZero() && got != want || x.isZero() && got != w {
		t.Fatalf("cttz i%d %v: got %d, want %d", w, ux, got, want)
	}
	if got := bits.OnesCount64(x.lo) + bits.OnesCount64(x.hi); got > int(w) {
		t.Fatalf("i%d %v has %d bits set", w, ux, got)
	}
}

func TestWideRandom(t *testing.T) {
	for seed := range uint64(200_000) {
		checkWide(t, rand.New(rand.NewPCG(seed, 3)))
	}
}

func FuzzWide(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, a, b uint64) { checkWide(t, rand.New(rand.NewPCG(a, b))) })
}
