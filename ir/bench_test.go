package ir_test

import (
	"fmt"
	"math/rand"
	"testing"

	"quasi/ir/irtest"
)

// BenchmarkCFG runs what is derived from blocks on random graphs of growing
// size; time per block should stay about the same.
func BenchmarkCFG(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10000} {
		src := randomCFG(rand.New(rand.NewSource(1)), n)
		f := irtest.Func(b, irtest.LoadString(b, src), "f")
		run := func(name string, work func()) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for range b.N {
					f.Invalidate()
					work()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/block")
			})
		}
		run("Dom", func() { f.Dom() })
		run("PostDom", func() { f.PostDom() })
		run("Loops", func() { f.Loops() })
		run("ControlDeps", func() { f.ControlDeps(f.Blocks[0]) })
	}
}
