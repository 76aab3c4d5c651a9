package main

// This file measures the whole of the work on one big module.

import (
	"context"
	"os"
	"strings"
	"testing"

	"quasi/ir/irtest"
	"quasi/pe"
)

// BenchmarkBigModule takes a module of more than 40 MB (all of SQLite, which
// testdata/sqlite/fetch.sh makes) from its text to the specialized text, for the
// pattern matcher of SQL's GLOB with a static pattern, and reports the time of
// each phase in milliseconds, the processor time and the peak memory of the process.
func BenchmarkBigModule(b *testing.B) {
	const module = "../../.cache/sqlite/sqlite3-full.ll"
	info, err := os.Stat(module)
	if err != nil {
		b.Skipf("%v (run make bench-load)", err)
	}
	b.ReportMetric(float64(info.Size())/1e6, "MB")
	start := processorTime(b)
	for range b.N {
		s := &session{request: &request{entry: "sqlite3_strglob", static: []string{`zGlobPattern="*.[ch]"`}, clang: &clangFlags{}},
			tc: &toolchain{}, ws: &workspace{dir: b.TempDir()}, bar: newProgress(nil, false)}
		p, err := s.load(context.Background(), &inputs{modules: []string{module}})
		if err != nil {
			b.Fatal(err)
		}
		if err := p.analyze(); err != nil {
			b.Fatal(err)
		}
		if err := p.specialize(pe.Budget{}); err != nil {
			b.Fatal(err)
		}
		if err := p.installSlots(); err != nil {
			b.Fatal(err)
		}
		if _, err := p.print("specialized.ll"); err != nil {
			b.Fatal(err)
		}
		s.Close()
		for _, t := range s.bar.times {
			name, _, _ := strings.Cut(t.Phase, " of @")
			b.ReportMetric(t.MS, "ms-"+strings.ReplaceAll(name, " ", "-"))
		}
	}
	b.ReportMetric((processorTime(b)-start).Seconds()/float64(b.N), "s-processor")
	b.ReportMetric(irtest.PeakMemory(b), "GiB-peak")
}
