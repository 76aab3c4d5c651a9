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
	"regexp"
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
	recallLink = flag.Bool("recall.whole", false, "link the units of a program first: guard --whole-program")
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

// TestRecallOracle holds the oracle against the comments of a program.
func TestRecallOracle(t *testing.T) {
	if *recallDir == "" {
		t.Skip("no -recall.dir (make recall)")
	}
	tc := needLLVM(t)
	h, err := newRecallTools(tc.found["clang"], tc.found["opt"], *recallDir)
	if err != nil {
		t.Fatal(err)
	}
	const source = "../../testdata/recall/oracle_rows.c"
	letters := map[string]string{"a": "struct s.a", "n": "struct s.n.x", "u": "struct s.u", "b": "struct s.b", "y": "struct s.n.y[2]", "g": "g.a", "q": "q"}
	var args []string
	letter := make(map[string]string)
	for l, term := range letters {
		args, letter[term] = append(args, term), l
	}
	answers := filepath.Join(t.TempDir(), "rows")
	if err := toFile(answers, "", h.oracle, append(args, "--", "clang", "-resource-dir", h.resources, source)...); err != nil {
		t.Fatal(err)
	}
	rows, err := readOracle(answers)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[int][]string)
	for _, r := range rows {
		text := letter[r.Term] + ":" + r.Kind
		if r.Scope != "direct" {
			text += "/" + r.Scope
		}
		if r.Dead {
			text += "!"
		}
		if r.Local != "" {
			text += "="
		}
		got[r.Line] = append(got[r.Line], text)
	}
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	line := 0
	for code := range strings.Lines(string(text)) {
		line++
		_, comment, _ := strings.Cut(code, "//")
		want := strings.Fields(comment)
		if strings.HasPrefix(code, "//") {
			want = nil
		}
		slices.Sort(want)
		slices.Sort(got[line])
		if !slices.Equal(got[line], slices.Compact(want)) {
			t.Errorf("%s:%d: got %v, want %v", source, line, got[line], want)
		}
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
		if *recallAll {
			fmt.Printf("%s: writes that look like the term's and are proven to be none:\n%s\n", r.term, strings.Join(r.doubted, "\n"))
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
	if *recallLink {
		args = append(args, "--whole-program")
	}
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
	maybe     int // through pointers to inner structs, and members of the same union; maybeHit are rows
	maybeHit  int
	addresses int // where the oracle sees an address taken or passed
	noCode    int
	promoted  int
	rows      int // of the ledger
	missed    []string
	doubted   []string // those of maybe that the ledger proves to be another's
	unknown   []string
	// Of the rows that the oracle does not know, the classes, and why they are rows.
	classes, reasons map[string]int
}

// linkNumber is what linking adds to names that several units have.
var linkNumber = regexp.MustCompile(`\.\d+$`)

// compareLedger holds the rows of the ledger against those of the oracle.
func compareLedger(c *corpus, ledger []recallRow) []*termRecall {
	type key struct {
		unit, term string
		place      place
	}
	// A row that says that an instruction writes something else is none here.
	rows := make(map[key]bool)
	denied := make(map[key]bool)
	unitOf := filepath.Base
	if *recallLink { // then there is one
		unitOf = func(string) string { return "" }
	}
	for i := range ledger {
		r := &ledger[i]
		unit := unitOf(r.Unit)
		if *recallLink {
			r.Function = linkNumber.ReplaceAllString(r.Function, "")
		}
		for _, column := range []int{0, r.Column} {
			k := key{unit, r.Term, place{r.Function, r.Line, column}}
			if r.Class == "proven-disjoint" {
				denied[k] = true
			} else {
				rows[k] = true
			}
		}
	}
	var all []*termRecall
	of := make(map[string]*termRecall)
	for _, term := range c.terms {
		r := &termRecall{term: term, classes: make(map[string]int), reasons: make(map[string]int)}
		all, of[term] = append(all, r), r
	}
	known := make(map[key]bool)
	for _, u := range c.units {
		unit := unitOf(u.ll)
		for i := range u.rows {
			o := &u.rows[i]
			r := of[o.Term]
			for line := o.First; line <= o.Last; line++ {
				known[key{unit, o.Term, place{o.Function, line, 0}}] = true
			}
			if o.Kind == "address" || o.Kind == "passed" {
				if u.functions[o.Function] {
					r.addresses++
				}
				continue
			}
			found := rows[key{unit, o.Term, o.place()}]
			if !found && o.Kind != "assign" && o.Kind != "compound" && o.Kind != "incdec" {
				// Code of an aggregate is where its parts are.
				for line := o.First; line <= o.Last && !found; line++ {
					found = rows[key{unit, o.Term, place{o.Function, line, 0}}]
				}
			}
			// A struct on the stack whose address goes nowhere is another object than
			// any that can be bound.
			if o.Local != "" && denied[key{unit, o.Term, o.place()}] {
				found = true
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
			case maybe && denied[key{unit, o.Term, o.place()}]:
				r.maybe++
				r.doubted = append(r.doubted, o.String()+": "+o.Scope)
			default:
				r.writes++
				r.missed = append(r.missed, o.String()+" ("+filepath.Base(u.ll)+")")
			}
		}
	}
	for _, l := range ledger {
		r := of[l.Term]
		if r == nil {
			continue
		}
		r.rows++
		unit := unitOf(l.Unit)
		if !known[key{unit, l.Term, place{l.Function, l.Line, 0}}] {
			r.classes[l.Class]++
			r.reasons[reasonKind(l)]++
			r.unknown = append(r.unknown, fmt.Sprintf("  %s:%d:%d: %s: %s, %s: %s", l.File, l.Line, l.Column, l.Function, l.Class, l.How, l.Reason))
		}
	}
	return all
}

// instruction reports whether a write of the oracle has an instruction among some.
// The place of an aggregate is any of its lines.
func (u *corpusUnit) instruction(among map[place]writing, o *oracleRow) bool {
	least := byStore
	switch o.Kind {
	case "assign", "compound", "incdec":
		return among[o.place()] >= least
	case "memory", "atomic", "asm":
		least = byCall
	}
	for line := o.First; line <= o.Last; line++ {
		if among[place{o.Function, line, 0}] >= least {
			return true
		}
	}
	return false
}

// What a reason names, and the word for it in the report.
var reasonNames = []struct {
	name *regexp.Regexp
	text string
}{
	{regexp.MustCompile(`'[^']*'`), "..."},
	{regexp.MustCompile(`points-to: .* only$`), "points-to: other objects only"},
	{regexp.MustCompile(`points-to: (?:@|\S+:%|lib ).*`), "points-to: an object that may hold it"},
	{regexp.MustCompile(`TBAA: .* cannot alias .*`), "TBAA: types that cannot alias"},
	{regexp.MustCompile(`(struct|union) \S+|\S+\.\S+`), "..."},
}

// reasonKind is the reason of a row without the names in it.
func reasonKind(l recallRow) string {
	why := l.Reason
	for _, n := range reasonNames {
		why = n.name.ReplaceAllString(why, n.text)
	}
	return fmt.Sprintf("%-15s %-10s %s", l.Class, l.How, why)
}

// recallTable is the report of one program: its terms, and why the ledger has rows that
// the oracle does not know.
func recallTable(c *corpus, l *recallLedger, all []*termRecall) string {
	var out strings.Builder
	var size int64
	for _, u := range c.units {
		size += u.bytes
	}
	fmt.Fprintf(&out, "\n%s: %s, %.1f MB of IR (%.0f s with the oracle); guard: %.1f s of processors, %.1f s, peak %d MB, %d rows\n",
		c.name, plural(len(c.units), "unit"), float64(size)/1e6, c.prepared, l.cpu.Seconds(), l.took.Seconds(), l.peakKB>>10, len(l.Rows))
	fmt.Fprintf(&out, "%-35s %19s %9s %9s %8s %6s %6s  rows that the oracle does not know\n", "", "writes of the AST", "maybe", "no code", "promoted", "addr", "ledger")
	fmt.Fprintf(&out, "%-35s %5s %5s %7s %9s %9s %8s %6s %6s %6s %6s %8s %6s %8s\n", "term", "all", "found", "recall", "found/all", "", "", "taken", "rows",
		"must", "may", "unseen", "fresh", "disjoint")
	sum := termRecall{term: "all", classes: make(map[string]int), reasons: make(map[string]int)}
	for _, r := range all {
		out.WriteString(r.line())
		sum.writes, sum.found, sum.maybe, sum.maybeHit = sum.writes+r.writes, sum.found+r.found, sum.maybe+r.maybe, sum.maybeHit+r.maybeHit
		sum.noCode, sum.promoted, sum.addresses, sum.rows = sum.noCode+r.noCode, sum.promoted+r.promoted, sum.addresses+r.addresses, sum.rows+r.rows
		for k, n := range r.classes {
			sum.classes[k] += n
		}
		for k, n := range r.reasons {
			sum.reasons[k] += n
		}
	}
	out.WriteString(sum.line())
	unknown := 0
	for _, n := range sum.reasons {
		unknown += n
	}
	fmt.Fprintf(&out, "%d of %d rows (%.1f %%) are not known to the oracle:\n", unknown, sum.rows, 100*float64(unknown)/float64(max(1, sum.rows)))
	keys := slices.SortedFunc(maps.Keys(sum.reasons), func(a, b string) int {
		return cmp.Or(sum.reasons[b]-sum.reasons[a], cmp.Compare(a, b))
	})
	const shown = 16
	for i, k := range keys {
		if i == shown {
			fmt.Fprintf(&out, "%8d  for %d more reasons\n", unknown, len(keys)-shown)
			break
		}
		fmt.Fprintf(&out, "%8d  %s\n", sum.reasons[k], k)
		unknown -= sum.reasons[k]
	}
	return out.String()
}

func (r *termRecall) line() string {
	recall := "-"
	if r.writes > 0 {
		recall = fmt.Sprintf("%.1f %%", 100*float64(r.found)/float64(r.writes))
	}
	return fmt.Sprintf("%-35s %5d %5d %7s %9s %9d %8d %6d %6d %6d %6d %8d %6d %8d\n",
		r.term, r.writes, r.found, recall, fmt.Sprintf("%d/%d", r.maybeHit, r.maybe), r.noCode, r.promoted, r.addresses, r.rows,
		r.classes["must-guard"], r.classes["may-write"], r.classes["not-visible"], r.classes["fresh"], r.classes["proven-disjoint"])
}
