package ir_test

import (
	"fmt"
	"strings"
	"testing"

	"quasi/ir"
	"quasi/ir/irtest"
)

// manyFunctions is a module of n functions with loops, memory and calls, as clang
// compiles C: a list walked by each, a table of pointers to them.
func manyFunctions(n int) string {
	var sb strings.Builder
	sb.WriteString("%node = type { %node*, i32, [4 x i8*] }\n@head = global %node* null\n")
	fmt.Fprintf(&sb, "@table = global [%d x i32 (%%node*, i32)*] [", n)
	for i := range n {
		if i > 0 {
			sb.WriteString(", ")
		}
		fmt.Fprintf(&sb, "i32 (%%node*, i32)* @walk%d", i)
	}
	sb.WriteString("]\n")
	for i := range n {
		fmt.Fprintf(&sb, `
define i32 @walk%d(%%node* %%start, i32 %%key) {
entry:
  %%own = alloca %%node
  %%first = icmp eq %%node* %%start, null
  br i1 %%first, label %%global, label %%loop
global:
  %%h = load %%node*, %%node** @head
  br label %%loop
loop:
  %%n = phi %%node* [ %%start, %%entry ], [ %%h, %%global ], [ %%next, %%more ]
  %%sum = phi i32 [ 0, %%entry ], [ 0, %%global ], [ %%sum1, %%more ]
  %%end = icmp eq %%node* %%n, null
  br i1 %%end, label %%done, label %%more
more:
  %%kp = getelementptr inbounds %%node, %%node* %%n, i64 0, i32 1
  %%k = load i32, i32* %%kp
  %%sum1 = add nsw i32 %%sum, %%k
  %%np = getelementptr inbounds %%node, %%node* %%n, i64 0, i32 0
  %%next = load %%node*, %%node** %%np
  br label %%loop
done:
  %%op = getelementptr inbounds %%node, %%node* %%own, i64 0, i32 0
  store %%node* null, %%node** %%op
  %%r = call i32 @walk%d(%%node* %%own, i32 %%sum)
  ret i32 %%r
}
`, i, (i+1)%n)
	}
	return sb.String()
}

// BenchmarkLoad reports how fast modules of three sizes are read and checked.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{30, 300, 3000} {
		src := []byte(manyFunctions(n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for range b.N {
				if _, err := ir.Load("many.ll", src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPointsTo reports how fast points-to, call graph and mod/ref are.
func BenchmarkPointsTo(b *testing.B) {
	for _, n := range []int{30, 300, 3000} {
		p := irtest.LoadString(b, manyFunctions(n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				pt := ir.SolvePointsTo(p)
				ir.ComputeModRef(p, pt, ir.BuildCallGraph(p, pt))
			}
			b.ReportMetric(float64(b.N)*float64(n)*18/b.Elapsed().Seconds(), "instrs/s")
		})
	}
}
