package pe

// This file holds benchmarks, each in three sizes.

import (
	"fmt"
	"testing"

	"quasi/ir"
	"quasi/ir/irtest"
	"quasi/ir/spec"
)

// sumLoop is a static loop of a few instructions a round.
const sumLoop = `
define i32 @f(i32 %n) {
entry:
  %a = alloca i32
  store i32 0, i32* %a
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %i1, %loop ]
  %s = load i32, i32* %a
  %t = add i32 %s, %i
  store i32 %t, i32* %a
  %i1 = add i32 %i, 1
  %c = icmp ult i32 %i1, %n
  br i1 %c, label %loop, label %done
done:
  %r = load i32, i32* %a
  ret i32 %r
}
`

// BenchmarkSteps measures static execution.
func BenchmarkSteps(b *testing.B) {
	for _, n := range []int{1_000, 30_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			steps := 0
			for range b.N {
				b.StopTimer()
				cfg := configure(b, sumLoop, "f", fmt.Sprintf("#0=%d", n))
				b.StartTimer()
				res, err := Specialize(cfg)
				if err != nil {
					b.Fatal(err)
				}
				steps += res.Stats.Steps
			}
			b.ReportMetric(float64(steps)/b.Elapsed().Seconds(), "steps/s")
		})
	}
}

// configure makes the Config of one variant without a division.
func configure(t testing.TB, src, fn string, static ...string) Config {
	t.Helper()
	p := irtest.LoadString(t, src)
	pt := ir.SolvePointsTo(p)
	cg := ir.BuildCallGraph(p, pt)
	f, err := spec.FromFlags(fn, static, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := spec.Resolve(p, f)
	if err != nil {
		t.Fatal(err)
	}
	v := r.Variants[0]
	return Config{Prog: p, PT: pt, CG: cg, MR: ir.ComputeModRef(p, pt, cg), Variant: v, Facts: spec.NewFacts(v)}
}

// filled is a state with n objects of 256 known bytes.
func filled(n int) (*state, func() uint32) {
	owner := uint32(0)
	fresh := func() uint32 { owner++; return owner }
	st := &state{mem: memory{owner: fresh()}}
	o := object{kind: objGlobal, size: 256}
	for id := 1; id <= n; id++ {
		for off := int64(0); off < o.size; off += 8 {
			st.mem.putBytes(&o, ObjID(id), off, uint64(id), 8, 0)
		}
	}
	st.frames = []*frame{{regs: pagesFor(64)}}
	return st, fresh
}

// BenchmarkFork measures a fork of a state followed by one write to the copy.
func BenchmarkFork(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			st, fresh := filled(n)
			o := object{kind: objGlobal, size: 256}
			for i := range b.N {
				c := st.fork(fresh)
				c.mem.putBytes(&o, ObjID(1+i%n), 8, uint64(i), 8, 0)
			}
		})
	}
}

// BenchmarkLookup measures the hash and the comparison of a state that differs
// from a known one by one write.
func BenchmarkLookup(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			st, fresh := filled(n)
			st.sum()
			o := object{kind: objGlobal, size: 256}
			for range b.N {
				c := st.fork(fresh)
				c.mem.putBytes(&o, ObjID(n), 8, uint64(n), 8, 0)
				if c.sum() != st.sum() || !c.equal(st) {
					b.Fatal("the states are equal")
				}
			}
		})
	}
}
