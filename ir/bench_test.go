package ir_test

import (
	"fmt"
	"io"
	"math/rand"
	"os"
	"testing"

	"quasi/ir"
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

// BenchmarkModule loads, checks and prints the module that $QUASI_BENCH_LL
// names, such as sqlite3's.
func BenchmarkModule(b *testing.B) {
	path := os.Getenv("QUASI_BENCH_LL")
	if path == "" {
		b.Skip("QUASI_BENCH_LL is not set")
	}
	src, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	var p *ir.Program
	b.Run("Load", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		for range b.N {
			if p, err = ir.Load(path, src); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Check", func(b *testing.B) {
		for range b.N {
			for _, f := range p.Funcs {
				f.Invalidate()
			}
			ir.Check(p)
		}
	})
	b.Run("Fprint", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		for range b.N {
			if err := ir.Fprint(io.Discard, p); err != nil {
				b.Fatal(err)
			}
		}
	})
}
