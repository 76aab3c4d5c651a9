package main

// This file holds what tests of guards share.

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// guardCounts sums up what the run-time tells of variants.
type guardCounts struct {
	Variants, Armed, Refused, Kept, Held, Violated int
}

func (g *guardCounts) add(h guardCounts) {
	g.Variants += h.Variants
	g.Armed += h.Armed
	g.Refused += h.Refused
	g.Kept += h.Kept
	g.Held += h.Held
	g.Violated += h.Violated
}

func (g guardCounts) String() string {
	return fmt.Sprintf("%d variants armed %d times, refused %d times, unplugged %d times; %d writes left them plugged, %d held them",
		g.Variants, g.Armed, g.Refused, g.Violated, g.Kept, g.Held)
}

// read adds what programs have written to the file of QUASI_STATS; there is none if
// no variant was ever armed.
func (g *guardCounts) read(path string) {
	text, _ := os.ReadFile(path)
	for line := range strings.Lines(string(text)) {
		var plugged int
		h := guardCounts{Variants: 1}
		_, counts, _ := strings.Cut(line, ": plugged")
		if n, _ := fmt.Sscanf(counts, "%d, armed %d, refused %d, kept %d, held %d, violated %d", &plugged, &h.Armed, &h.Refused, &h.Kept, &h.Held, &h.Violated); n == 6 {
			g.add(h)
		}
	}
}

// TestGuards builds the programs guards_*.c of testdata/c with a guard for every write
// there is, whatever the ledger says. They do what clang -O0 makes of them, their
// variants are armed and unplugged, and no plugged one is ever called while a
// quasi-invariant does not hold (--check-guards).
func TestGuards(t *testing.T) {
	tc := needLLVM(t)
	eachSource(t, func(t *testing.T, p *program) {
		if !strings.HasPrefix(filepath.Base(p.path), "guards_") {
			t.Skip("not about guards")
		}
		t.Parallel()
		dir := t.TempDir()
		want := p.outcomes(t, tc, dir)
		for i, build := range p.builds {
			if i == 0 || !slices.ContainsFunc(build, func(s string) bool { return strings.HasPrefix(s, "--guards=") }) {
				continue
			}
			t.Run(strings.Join(build, "_"), func(t *testing.T) {
				for _, scheme := range []string{guardsTable, guardsEverything} {
					stats := filepath.Join(dir, fmt.Sprintf("stats%d-%s", i, scheme))
					guarded := filepath.Join(dir, fmt.Sprintf("guarded%d-%s", i, scheme))
					flags := slices.Clone(build)
					for i, f := range flags {
						if strings.HasPrefix(f, "--guards=") {
							flags[i] = "--guards=" + scheme
						}
					}
					mustQuasi(t, slices.Concat([]string{"build", "-q", "-o", guarded, p.path}, flags, []string{"--", "-w"})...)
					for i, r := range p.runs {
						args := append([]string{"QUASI_STATS=" + stats, "QUASI_BACKOFF=0", guarded}, r.args...)
						got, err := runProgram(20*time.Second, r.stdin, "env", args...)
						if err != nil || got != want[i] {
							t.Errorf("guards %s on %q: got %q, exit code %d, %v, want %q, exit code %d",
								scheme, r.args, got.stdout, got.code, err, want[i].stdout, want[i].code)
						}
					}
					var n guardCounts
					n.read(stats)
					if n.Armed == 0 || n.Violated == 0 {
						t.Errorf("guards %s: %v", scheme, n)
					}
				}
			})
		}
	})
}
