package pe

// This file holds benchmarks, each in three sizes.

import (
	"fmt"
	"strings"
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

// filter is a table of n tests of dynamic bytes, run by an interpreter: residual
// code grows with n.
func filter(n int) string {
	var sb strings.Builder
	fmt.Fprintf(&sb, "@code = constant [%d x [3 x i32]] [", n+1)
	for i := range n {
		fmt.Fprintf(&sb, "[3 x i32] [i32 %d, i32 %d, i32 %d], ", 1+i%3, i*7%64, i*31%256)
	}
	sb.WriteString(`[3 x i32] zeroinitializer]
define i32 @f(i8* %p) {
entry:
  br label %next
next:
  %pc = phi i64 [ 0, %entry ], [ %pc1, %go ]
  %sum = phi i32 [ 0, %entry ], [ %sum1, %go ]
  %opp = getelementptr [COUNT x [3 x i32]], [COUNT x [3 x i32]]* @code, i64 0, i64 %pc, i64 0
  %op = load i32, i32* %opp
  %offp = getelementptr i32, i32* %opp, i64 1
  %off = load i32, i32* %offp
  %kp = getelementptr i32, i32* %opp, i64 2
  %k = load i32, i32* %kp
  %pc1 = add i64 %pc, 1
  switch i32 %op, label %stop [ i32 1, label %test
                                i32 2, label %add
                                i32 3, label %mix ]
test:
  %at = getelementptr i8, i8* %p, i32 %off
  %b = load i8, i8* %at
  %x = zext i8 %b to i32
  %same = icmp eq i32 %x, %k
  br i1 %same, label %stop, label %go
add:
  %at2 = getelementptr i8, i8* %p, i32 %off
  %b2 = load i8, i8* %at2
  %y = sext i8 %b2 to i32
  %sum2 = add i32 %sum, %y
  br label %go
mix:
  %sum3 = xor i32 %sum, %k
  br label %go
go:
  %sum1 = phi i32 [ %sum, %test ], [ %sum2, %add ], [ %sum3, %mix ]
  br label %next
stop:
  ret i32 %sum
}
`)
	return strings.ReplaceAll(sb.String(), "COUNT", fmt.Sprint(n+1))
}

// BenchmarkSpecialize reports residual instructions made a second.
func BenchmarkSpecialize(b *testing.B) {
	for _, n := range []int{30, 300, 3000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			src, insts := filter(n), 0
			b.ReportAllocs()
			for range b.N {
				b.StopTimer()
				cfg := configure(b, src, "f")
				cfg.Budget.LoopInsts = 1 << 30
				b.StartTimer()
				res, err := Specialize(cfg)
				if err != nil {
					b.Fatal(err)
				}
				if insts += res.Stats.Insts; res.Stats.Insts < n {
					b.Fatalf("%d residual instructions for a table of %d", res.Stats.Insts, n)
				}
			}
			b.ReportMetric(float64(insts)/b.Elapsed().Seconds(), "instrs/s")
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
