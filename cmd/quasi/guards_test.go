package main

// This file holds what tests of guards share.

import (
	"fmt"
	"os"
	"strings"
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
