package ir_test

import (
	"os"
	"testing"
	"time"

	"quasi/ir"
	"quasi/ir/irtest"
)

// BenchmarkSQLite solves the whole of SQLite, which testdata/sqlite/fetch.sh makes, as one module and reports the time
// of each phase and the peak memory of the process.
func BenchmarkSQLite(b *testing.B) {
	src, err := os.ReadFile("../.cache/sqlite/sqlite3.ll")
	if err != nil {
		b.Skipf("%v (run make bench-sqlite)", err)
	}
	for b.Loop() {
		start := time.Now()
		lap := func(name string) {
			b.ReportMetric(time.Since(start).Seconds(), "s/"+name)
			start = time.Now()
		}
		p, err := ir.Load("sqlite3.ll", src)
		if err != nil {
			b.Fatal(err)
		}
		lap("load")
		if errs := ir.Check(p); len(errs) > 0 {
			b.Fatal(errs[0])
		}
		lap("check")
		pt := ir.SolvePointsTo(p)
		lap("pointsto")
		cg := ir.BuildCallGraph(p, pt)
		lap("callgraph")
		ir.ComputeModRef(p, pt, cg)
		lap("modref")
		b.ReportMetric(irtest.PeakMemory(b), "GiB-peak")
	}
}
