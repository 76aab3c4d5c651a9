package pe

// This file tests integers of up to 128 bits against math/big.

import (
	"math/bits"
	"math/rand/v2"
	"testing"
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
	want, ok, nuw, nsw, exact := modelBinary(b.op, x.big(), y.big(), w)
	ok = ok && (!in.nuw || nuw) && (!in.nsw || nsw) && (!in.exact || exact)
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
	ux, sx := x.big(), x.signed(w)
	if want := signed(ux, w); sx.Cmp(want) != 0 {
		t.Fatalf("i%d %v: signed is %v, want %v", w, ux, sx, want)
	}
	for pred, want := range modelICmp(ux, y.big(), w) {
		if got := compareIntegers(pred, x, y, w); got != want {
			t.Fatalf("icmp %v i%d %v, %v: got %v, want %v", pred, w, ux, y.big(), got, want)
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
