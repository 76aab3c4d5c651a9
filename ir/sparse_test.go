package ir

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSparse compares sparse with a map on random operations.
func TestSparse(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 2000 {
		size := int32(1) << (3 + round%12)
		random := func() (sparse, map[int32]bool) {
			var s sparse
			m := make(map[int32]bool)
			for range rng.IntN(40) {
				x := rng.Int32N(size)
				if s.add(x) == m[x] {
					t.Fatalf("add(%d) reports the opposite", x)
				}
				m[x] = true
			}
			return s, m
		}
		a, am := random()
		b, bm := random()
		mask, mm := random()
		fresh := sparse{}
		want := make(map[int32]bool)
		for x := range bm {
			if !mm[x] && !am[x] {
				want[x] = true
				am[x] = true
			}
		}
		if got := a.unionNew(&b, &mask, &fresh); got != (len(want) > 0) {
			t.Fatalf("unionNew: %v, want %v", got, len(want) > 0)
		}
		for name, c := range map[string]struct {
			s sparse
			m map[int32]bool
		}{"union": {a, am}, "fresh": {fresh, want}} {
			members := slices.Collect(c.s.all())
			if len(members) != len(c.m) || c.s.len() != len(c.m) || !slices.IsSorted(members) {
				t.Fatalf("%s has members %v, want %v", name, members, c.m)
			}
			for _, x := range members {
				if !c.m[x] || !c.s.has(x) {
					t.Fatalf("%s has %d", name, x)
				}
			}
		}
		if c := a.clone(); !c.equal(&a) {
			t.Fatal("clone differs")
		}
	}
}
