package ir

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// sqlitePath is where testdata/sqlite/fetch.sh puts SQLite's module.
func sqlitePath() string {
	if path := os.Getenv("QUASI_SQLITE_LL"); path != "" {
		return path
	}
	return "../.cache/sqlite/sqlite3.ll"
}

// BenchmarkSQLite solves the whole of SQLite as one module and reports the time
// of each phase and the peak memory of the process.
func BenchmarkSQLite(b *testing.B) {
	src, err := os.ReadFile(sqlitePath())
	if err != nil {
		b.Skipf("%v (run testdata/sqlite/fetch.sh)", err)
	}
	for b.Loop() {
		start := time.Now()
		lap := func(name string) {
			b.ReportMetric(time.Since(start).Seconds(), "s/"+name)
			start = time.Now()
		}
		p, err := Load("sqlite3.ll", src)
		if err != nil {
			b.Fatal(err)
		}
		lap("load")
		if errs := Check(p); len(errs) > 0 {
			b.Fatal(errs[0])
		}
		lap("check")
		pt := SolvePointsTo(p)
		lap("pointsto")
		cg := BuildCallGraph(p, pt)
		lap("callgraph")
		mr := ComputeModRef(p, pt, cg)
		lap("modref")
		_ = mr
		if peak := peakMemory(); peak > 0 {
			b.ReportMetric(peak, "GiB-peak")
		}
	}
}

// peakMemory is the most memory the process has had resident, in GiB; 0 if the
// system does not tell.
func peakMemory() float64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer f.Close()
	for scan := bufio.NewScanner(f); scan.Scan(); {
		var kb float64
		if line := scan.Text(); strings.HasPrefix(line, "VmHWM:") {
			fmt.Sscanf(strings.TrimPrefix(line, "VmHWM:"), "%f", &kb)
			return kb / (1 << 20)
		}
	}
	return 0
}
