package main

// This file measures MemGuard (testdata/runtime/memguard.c): writes to guarded pages.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// memguardPaper is what the paper's MemGuard took for a write, in cycles of its machine.
const memguardPaper = "1624 / 1971 / 2434"

// memguardRuns is how often the program runs; figures are medians over the runs.
const memguardRuns = 5

var memguardRows = []struct{ key, head string }{
	{"plain", "plain store"},
	{"bare", "empty SIGSEGV round trip"},
	{"neighbour", "neighbour"},
	{"neighbour, lock inc", "neighbour, lock inc"},
	{"hit without callers", "hit, callers not asked for"},
	{"hit", "hit"},
	{"hit, 10 callers", "hit, with ten callers"},
	{"hit, lock inc", "hit, lock inc"},
	{"hit, 64 bytes", "hit, 64 bytes by memset"},
	{"sanctioned", "sanctioned write"},
}

// memguardTable has ticks of the time stamp counter.
func (b *bench) memguardTable() (string, error) {
	library, err := b.tc.makeRuntime(b.ctx, b.ws, nil)
	if err != nil {
		return "", err
	}
	program := b.made("memguard")
	if err := b.tc.run(b.ctx, "clang", "-std=c11", "-O2", "-w", "-o", program, b.source("memguard.c"), "-I"+b.dir, library, "-pthread"); err != nil {
		return "", err
	}
	all := make(map[string][][]float64)
	for range memguardRuns {
		for _, args := range [][]string{{program, "bare"}, {program, "guarded"}, {"env", "QUASI_MEMGUARD_CALLERS=0", program, "guarded"}} {
			out, err := b.output(args[0], args[1:]...)
			if err != nil {
				return "", err
			}
			if err := memguardFigures(all, string(out), args[0] == "env"); err != nil {
				return "", err
			}
		}
	}
	rows := [][]string{{"ticks of a write: median; min / average of 99 % / p99 / max", "median", "1 thread", "median", "another writes to the page"},
		{"the paper's MemGuard: min / average / max, cycles at 100 MHz", "", memguardPaper, "", ""}}
	for _, r := range memguardRows {
		row := []string{r.head}
		for _, threads := range []string{"/1", "/2"} {
			median, cell := memguardCell(all[r.key+threads])
			row = append(row, median, cell)
		}
		rows = append(rows, row)
	}
	return table(rows), nil
}

// memguardFigures reads the program's lines. Without callers it is the hit that matters.
func memguardFigures(all map[string][][]float64, out string, callers bool) error {
	for line := range strings.Lines(out) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		key, threads, found := strings.Cut(fields[0], "/")
		if !found {
			threads = "1"
		}
		if callers {
			if key != "hit" {
				continue
			}
			key = "hit without callers"
		}
		var figures []float64
		for _, f := range fields[1:] {
			n, err := strconv.ParseFloat(f, 64)
			if err != nil {
				return fmt.Errorf("the program printed %q", line)
			}
			figures = append(figures, n)
		}
		if len(figures) != 5 {
			return fmt.Errorf("the program printed %q", line)
		}
		all[key+"/"+threads] = append(all[key+"/"+threads], figures)
	}
	return nil
}

// memguardCell has the smallest minimum, and medians of the rest. The maximum is what the scheduler did in between.
func memguardCell(runs [][]float64) (mid, rest string) {
	if len(runs) == 0 {
		return "", ""
	}
	column := func(i int) []float64 {
		var c []float64
		for _, r := range runs {
			c = append(c, r[i])
		}
		return c
	}
	return fmt.Sprintf("%.0f", median(column(2))),
		fmt.Sprintf("%.0f / %.0f / %.0f / %.0f", slices.Min(column(0)), median(column(1)), median(column(3)), median(column(4)))
}
