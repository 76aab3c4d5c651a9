package main

// This file holds the ledgers of guard against what clang's AST shows, on SQLite, Redis
// and a Linux kernel: `make recall`.
//
// Every write that the oracle lists must be a row of the ledger, with two
// exceptions that the IR itself testifies: clang has made no code of it (it cannot
// be reached), or sroa has left no instruction of it (the struct was a local variable
// whose address is nowhere, hence no instance that anything can be bound to).

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

var (
	recallDir  = flag.String("recall.dir", "", "where testdata/recall/fetch.sh has put the programs; empty: no recall is measured")
	recallOnly = flag.String("recall.only", "", "only this program: sqlite, redis or linux")
	recallAll  = flag.Bool("recall.all", false, "list every row of the ledger that the oracle does not know")
)

// recallPrograms are the programs in the order of the report.
var recallPrograms = []string{"sqlite", "redis", "linux"}

func TestRecall(t *testing.T) {
	if *recallDir == "" {
		t.Skip("no -recall.dir (make recall)")
	}
	tc := needLLVM(t)
	dir, err := filepath.Abs(*recallDir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../testdata/recall/fields.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string][]string
	if err := yaml.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	quasi := filepath.Join(t.TempDir(), "quasi")
	if out, err := exec.Command("go", "build", "-o", quasi, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	h, err := newRecallTools(tc.found["clang"], tc.found["opt"], dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range recallPrograms {
		if *recallOnly != "" && *recallOnly != name {
			continue
		}
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			c, err := readCorpus(dir, name, fields[name])
			if err != nil {
				t.Fatal(err)
			}
			if err := h.prepare(dir, c); err != nil {
				t.Fatal(err)
			}
			c.prepared = time.Since(began).Seconds()
			recall(t, quasi, dir, c)
		})
	}
}

// recall runs guard on a program, prints the table, and fails where a row is missing.
func recall(t *testing.T, quasi, dir string, c *corpus) {
	l, err := runGuard(quasi, filepath.Join(dir, c.name), c)
	if err != nil {
		t.Fatal(err)
	}
	all := compareLedger(c, l.Rows)
	fmt.Print(recallTable(c, l, all))
	for _, r := range all {
		if len(r.missed) > 0 {
			t.Errorf("%s: %d writes are not in the ledger:\n%s", r.term, len(r.missed), strings.Join(r.missed, "\n"))
		}
		if r.writes == 0 {
			t.Errorf("%s: the oracle knows no write; it says nothing", r.term)
		}
		if *recallAll && len(r.unknown) > 0 {
			fmt.Printf("%s: rows that the oracle does not know:\n%s\n", r.term, strings.Join(r.unknown, "\n"))
		}
	}
}

// A recallLedger is what guard --json prints, as far as it matters here, and what it cost.
type recallLedger struct {
	Rows   []recallRow `json:"rows"`
	took   time.Duration
	cpu    time.Duration
	peakKB int64
}

// A recallRow is a row of the ledger.
type recallRow struct {
	Term     string `json:"term"`
	Unit     string `json:"unit"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Function string `json:"function"`
	How      string `json:"how"`
	Class    string `json:"class"`
	Reason   string `json:"reason"`
}

// runGuard makes the ledger of all units at once.
func runGuard(quasi, dir string, c *corpus) (*recallLedger, error) {
	args := []string{"guard", "--json", "-q"}
	for _, term := range c.terms {
		args = append(args, "--term", term)
	}
	for _, u := range c.units {
		args = append(args, u.ll)
	}
	var out, said bytes.Buffer
	cmd := exec.Command(quasi, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &said
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("quasi guard: %v\n%s", err, said.Bytes())
	}
	l := &recallLedger{took: time.Since(began), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if use, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		l.peakKB = use.Maxrss
	}
	return l, json.Unmarshal(out.Bytes(), l)
}

// A termRecall is the outcome of one term.
type termRecall struct {
	term      string
	writes    int // of the oracle that have an instruction, and how many are found
	found     int
	maybe     int // those through pointers to inner structs, and members of the same union
	maybeHit  int
	addresses int // where the oracle sees an address taken or passed
	noCode    int
	promoted  int
	rows      int // of the ledger
	missed    []string
	unknown   []string
	classes   map[string]int // of the rows that the oracle does not know
}

// compareLedger holds the rows of the ledger against those of the oracle.
func compareLedger(c *corpus, ledger []recallRow) []*termRecall {
	type key struct {
		unit, term string
		place      place
	}
	rows := make(map[key]bool)
	lines := make(map[key]bool)
	for _, r := range ledger {
		unit := filepath.Base(r.Unit)
		rows[key{unit, r.Term, place{r.Function, r.Line, r.Column}}] = true
		lines[key{unit, r.Term, place{r.Function, r.Line, 0}}] = true
	}
	var all []*termRecall
	of := make(map[string]*termRecall)
	for _, term := range c.terms {
		r := &termRecall{term: term, classes: make(map[string]int)}
		all, of[term] = append(all, r), r
	}
	known := make(map[key]bool)
	for _, u := range c.units {
		unit := filepath.Base(u.ll)
		for i := range u.rows {
			o := &u.rows[i]
			r := of[o.Term]
			for line := o.First; line <= o.Last; line++ {
				known[key{unit, o.Term, place{o.Function, line, 0}}] = true
			}
			if o.Kind == "address" || o.Kind == "passed" {
				r.addresses++
				continue
			}
			found := rows[key{unit, o.Term, o.place()}]
			if !found && o.Kind != "assign" && o.Kind != "compound" && o.Kind != "incdec" {
				// Code of an aggregate is where its parts are.
				for line := o.First; line <= o.Last && !found; line++ {
					found = lines[key{unit, o.Term, place{o.Function, line, 0}}]
				}
			}
			maybe := o.Scope != "direct"
			switch {
			case found && maybe:
				r.maybe++
				r.maybeHit++
			case found:
				r.writes++
				r.found++
			case !u.instruction(u.before, o) && (o.Dead || !u.functions[o.Function]):
				r.noCode++
			case !u.instruction(u.after, o):
				r.promoted++
			case maybe:
				r.maybe++
			default:
				r.writes++
				r.missed = append(r.missed, fmt.Sprintf("  %s:%d:%d: %s: %s (%s)", o.File, o.Line, o.Column, o.Function, o.Kind, unit))
			}
		}
	}
	for _, l := range ledger {
		r := of[l.Term]
		if r == nil {
			continue
		}
		r.rows++
		unit := filepath.Base(l.Unit)
		if !known[key{unit, l.Term, place{l.Function, l.Line, 0}}] {
			r.classes[l.Class+" "+l.How]++
			r.unknown = append(r.unknown, fmt.Sprintf("  %s:%d:%d: %s: %s, %s: %s", l.File, l.Line, l.Column, l.Function, l.Class, l.How, l.Reason))
		}
	}
	return all
}

// instruction reports whether a write of the oracle has an instruction among some.
// The place of an aggregate is any of its lines.
func (u *corpusUnit) instruction(among map[place]writing, o *oracleRow) bool {
	least := byCall
	switch o.Kind {
	case "assign", "compound", "incdec":
		return among[o.place()] > 0
	case "copy", "init":
		least = byStore
	}
	for line := o.First; line <= o.Last; line++ {
		if among[place{o.Function, line, 0}] >= least {
			return true
		}
	}
	return false
}

// recallTable is the report of one program.
func recallTable(c *corpus, l *recallLedger, all []*termRecall) string {
	var out strings.Builder
	var size int64
	for _, u := range c.units {
		size += u.bytes
	}
	fmt.Fprintf(&out, "\n%s: %d units, %.1f MB of IR; IR and oracle %.0f s; guard %.1f s, %.1f s of processors, peak %d MB, %d rows\n",
		c.name, len(c.units), float64(size)/1e6, c.prepared, l.took.Seconds(), l.cpu.Seconds(), l.peakKB>>10, len(l.Rows))
	fmt.Fprintf(&out, "%-34s %7s %7s %8s %9s %7s %8s %6s %7s  %s\n",
		"term", "writes", "found", "recall", "maybe", "no code", "promoted", "addr", "rows", "rows that the oracle does not know")
	var sum termRecall
	sum.classes = make(map[string]int)
	for _, r := range all {
		out.WriteString(r.line())
		sum.writes, sum.found, sum.maybe, sum.maybeHit = sum.writes+r.writes, sum.found+r.found, sum.maybe+r.maybe, sum.maybeHit+r.maybeHit
		sum.noCode, sum.promoted, sum.addresses, sum.rows = sum.noCode+r.noCode, sum.promoted+r.promoted, sum.addresses+r.addresses, sum.rows+r.rows
		for k, n := range r.classes {
			sum.classes[k] += n
		}
	}
	sum.term = "all"
	out.WriteString(sum.line())
	return out.String()
}

func (r *termRecall) line() string {
	recall := "-"
	if r.writes > 0 {
		recall = fmt.Sprintf("%.1f %%", 100*float64(r.found)/float64(r.writes))
	}
	keys := slices.SortedFunc(maps.Keys(r.classes), func(a, b string) int {
		return cmp.Or(r.classes[b]-r.classes[a], cmp.Compare(a, b))
	})
	var parts []string
	for _, k := range keys {
		parts = append(parts, fmt.Sprintf("%d %s", r.classes[k], k))
	}
	return fmt.Sprintf("%-34s %7d %7d %8s %4d/%-4d %7d %8d %6d %7d  %s\n",
		r.term, r.writes, r.found, recall, r.maybeHit, r.maybe, r.noCode, r.promoted, r.addresses, r.rows, strings.Join(parts, ", "))
}
