package main

// This file measures the run-time (testdata/runtime), each part of it in a section of its
// own, and here what calls of slots and replacements cost.

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// A runtimeSection is a part that `quasi bench runtime` measures; what measure returns is
// printed under the heading.
type runtimeSection struct {
	heading string
	measure func(*bench) (string, error)
}

func runtimeSections() []runtimeSection {
	return []runtimeSection{
		{"Replugger: a call", (*bench).replugCalls},
		{"Replugger: a replacement", (*bench).replugReplacements},
		{"Guards", (*bench).runtimeGuards},
		{"MemGuard", (*bench).memguardTable},
	}
}

// runtime does the subject: build, measure, print.
func (b *bench) runtime() error {
	b.bar.enter("building")
	if err := writeHeader(b.made("quasi.h")); err != nil {
		return err
	}
	var out strings.Builder
	for i, s := range runtimeSections() {
		text, err := s.measure(b)
		if err != nil {
			return err
		}
		if i > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(&out, "%s\n%s", s.heading, text)
	}
	b.bar.Close()
	_, err := fmt.Fprint(b.stdout, out.String())
	return err
}

// runtimeGuards is the table of bench guards.
func (b *bench) runtimeGuards() (string, error) {
	g := *b
	g.src = filepath.Join(filepath.Dir(b.src), "guards")
	return g.guardTable()
}

// replugRows are what is called, with what programs print about it.
var replugRows = []struct{ key, head string }{
	{"inlined", "inlined"},
	{"direct", "direct call"},
	{"indirect", "indirect call"},
	{"atomic", "atomic increment"},
	{"pointer", "slot, pointer"},
	{"simple", "slot, simple"},
	{"counting", "slot, counting"},
	{"patched", "slot, patched"},
	{"bare", "patched, not counted"},
}

// replugWhens are what another thread does while one replaces.
var replugWhens = []struct{ key, head string }{
	{"alone", "alone"},
	{"asleep", "another asleep"},
	{"calling", "another calling"},
	{"same", "so, on one processor"},
}

// measureReplug runs the program once a layout; later calls get what the first one got.
func (b *bench) measureReplug() (*samples, error) {
	if b.replug != nil {
		return b.replug, nil
	}
	library, err := b.tc.makeRuntime(b.ctx, b.ws, nil)
	if err != nil {
		return nil, err
	}
	if err := b.object("replug.o", b.source("replug.c"), "-I"+b.dir); err != nil {
		return nil, err
	}
	b.replug, err = b.measureIn([]int{0, 80, 160, 1040, 2128, 4192, 8240, 20496}, []string{"replug.o"}, 1, library, "-pthread")
	return b.replug, err
}

// replugCalls is the table of calls: ns, and the ratio to a direct call.
func (b *bench) replugCalls() (string, error) {
	s, err := b.measureReplug()
	if err != nil {
		return "", err
	}
	rows := [][]string{{"ns a call (× direct)", "1 thread", "2 threads"}}
	for _, r := range replugRows {
		row := []string{r.head}
		for _, threads := range []string{"/1", "/2"} {
			cell := "-"
			if key := "call/" + r.key + threads; s.has(key) {
				cell = fmt.Sprintf("%.2f (%.2f)", s.median(key, 0), s.ratio(key, "call/direct"+threads, 0))
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return table(rows) + b.replugNote(s), nil
}

// replugReplacements is the table of replacements.
func (b *bench) replugReplacements() (string, error) {
	s, err := b.measureReplug()
	if err != nil {
		return "", err
	}
	rows := [][]string{{"µs, min / median / p99"}}
	for _, w := range replugWhens {
		rows[0] = append(rows[0], w.head)
	}
	for _, kind := range []string{"pointer", "simple", "counting", "patched"} {
		row := []string{kind}
		for _, w := range replugWhens {
			cell := "-"
			if key := "replace/" + kind + "/" + w.key; s.has(key) {
				cell = fmt.Sprintf("%.2f / %.2f / %.2f", s.median(key, 0)/1000, s.median(key, 1)/1000, s.median(key, 2)/1000)
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return table(rows), nil
}

// replugNote says what the figures of two threads suffer from, if they do.
func (b *bench) replugNote(s *samples) string {
	switch {
	case !s.has("call/direct/2"):
		return "There is one processor.\n"
	case s.median("policy", 0) == 0:
		return "Real-time priorities are not allowed here: threads that should run together do so for a part of the time only.\n"
	}
	return ""
}

// has reports whether every run printed a line.
func (s *samples) has(key string) bool {
	return !slices.ContainsFunc(s.layouts, func(run map[string][]float64) bool { return run[key] == nil })
}
