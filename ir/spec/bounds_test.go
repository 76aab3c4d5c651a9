package spec

import (
	"math/rand"
	"testing"
)

// randomBounds are facts that need not fit together.
func randomBounds(r *rand.Rand, width int) bounds {
	b := anything(width)
	m := mask(width)
	if r.Intn(2) == 0 {
		b.zeros = r.Uint64() & r.Uint64() & m
	}
	if r.Intn(2) == 0 {
		b.ones = r.Uint64() & r.Uint64() & m &^ b.zeros
	}
	if r.Intn(2) == 0 {
		b.ulo = uint64(r.Intn(int(m) + 1))
		b.uhi = b.ulo + uint64(r.Intn(int(m-b.ulo)+1))
	}
	if r.Intn(2) == 0 {
		b.slo = signed(r.Uint64()&m, width)
		b.shi = min(b.shi, b.slo+int64(r.Intn(int(m)+1)))
	}
	for range r.Intn(4) {
		b.exclude(r.Uint64() & m)
	}
	return b
}

// members are the values within b.
func members(b *bounds) map[uint64]bool {
	in := make(map[uint64]bool)
	for v := uint64(0); v <= mask(b.width) && !b.empty; v++ {
		if !b.excludes(v) {
			in[v] = true
		}
	}
	return in
}

// TestTighten checks on all values of a few bits that tighten neither loses
// nor invents one, and finds out that there is none.
func TestTighten(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 100000 {
		raw := randomBounds(r, 1+r.Intn(5))
		tight := raw
		tight.tighten()
		want, got := members(&raw), members(&tight)
		if len(got) != len(want) {
			t.Fatalf("%+v has %d values, as %+v it has %d", raw, len(want), tight, len(got))
		}
		for v := range want {
			if !got[v] {
				t.Fatalf("%+v loses %d as %+v", raw, v, tight)
			}
		}
		if c, ok := tight.single(); ok && !want[c] {
			t.Fatalf("%+v is %d as %+v", raw, c, tight)
		}
	}
}

// TestCompute checks on all operands of a few bits that the result of each
// operation is within the bounds that compute gives.
func TestCompute(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	for range 100000 {
		w := 1 + r.Intn(5)
		op := OpAdd + Op(r.Intn(int(OpAShr-OpAdd)+1))
		if r.Intn(4) == 0 {
			op = OpZExt + Op(r.Intn(3))
		}
		to := w
		switch op {
		case OpZExt, OpSExt:
			to = w + 1 + r.Intn(3)
		case OpTrunc:
			if w == 1 {
				continue
			}
			to = 1 + r.Intn(w-1)
		}
		a, b := randomBounds(r, w), randomBounds(r, w)
		a.tighten()
		b.tighten()
		if a.empty || b.empty {
			continue
		}
		second := &b
		if op.IsCast() {
			second = nil
		}
		res := compute(op, to, &a, second)
		for x := range members(&a) {
			for y := range members(&b) {
				width := to
				if op.IsBinary() {
					width = w
				}
				v, ok := fold(op, width, w, x, y)
				if ok && (res.empty || res.excludes(v)) {
					t.Fatalf("%s i%d %d, %d to i%d is %d, outside %+v\na %+v\nb %+v", op, w, x, y, to, v, res, a, b)
				}
			}
		}
	}
}
