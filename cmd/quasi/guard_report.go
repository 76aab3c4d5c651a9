package main

// This file holds the ledger of a run as it is reported: what the text, the table and
// the JSON of guard are made of.

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"quasi/guard"
)

// A guardReport is the ledger of a run.
type guardReport struct {
	Terms    []termReport    `json:"terms"`
	Units    []string        `json:"units"`
	Unseen   []string        `json:"unseen"`  // files that are compiled into the program, and no units
	Refused  []refusal       `json:"refused"` // of predicates, no terms
	Rows     []guard.Row     `json:"rows"`
	Warnings []guard.Warning `json:"warnings"`
}

// A termReport counts the rows of one term.
type termReport struct {
	Term     string         `json:"term"`
	Complete bool           `json:"complete"`
	Classes  map[string]int `json:"classes"`
	How      map[string]int `json:"how"`
	Warnings int            `json:"warnings"`
}

// The classes and kinds of writes, in the order of tables.
var (
	guardClasses = []guard.Class{guard.MustGuard, guard.MayWrite, guard.NotVisible, guard.Fresh, guard.ProvenDisjoint}
	guardHows    = []guard.How{guard.ByField, guard.ByTBAA, guard.ByObject, guard.ByCopy, guard.ByFill, guard.ByAtomic,
		guard.ByCall, guard.ByAsm, guard.ByFree, guard.ByValue, guard.ByUnknown}
)

// ledger joins the summaries and prints the ledger.
func (g *discovery) ledger() error {
	var rep *guardReport
	err := g.phase("joining", "", func() error {
		var err error
		rep, err = g.report()
		return err
	})
	if err != nil {
		return err
	}
	g.bar.enter("printing")
	var out bytes.Buffer
	switch g.form {
	case "json":
		err = printJSON(&out, rep)
	case "sarif":
		err = g.sarif(&out, rep)
	case "summary":
		rep.table(&out)
	default:
		g.text(&out, rep)
	}
	g.bar.enter("")
	if err != nil {
		return err
	}
	if g.verbose {
		g.printTimes()
	}
	if _, err := g.stdout.Write(out.Bytes()); err != nil {
		return err
	}
	return g.verdict(rep)
}

// report joins the summaries.
func (g *discovery) report() (*guardReport, error) {
	rep := &guardReport{Terms: []termReport{}, Unseen: []string{}, Refused: []refusal{}, Rows: []guard.Row{}, Warnings: []guard.Warning{}}
	rep.Unseen = append(rep.Unseen, g.other...)
	rep.Refused = append(rep.Refused, g.refused...)
	var sums []*guard.Summary
	names := newPlaces()
	for _, u := range g.units {
		sums = append(sums, u.sum.Summary)
		rep.Units = append(rep.Units, u.name)
		names.dirs[u.name] = u.sum.Dir
	}
	join := guard.Join
	if g.closed || g.whole {
		join = guard.JoinAll
	}
	l, err := join(sums)
	if err != nil {
		return nil, err
	}
	index := make(map[string]int)
	for i, t := range l.Terms {
		index[t] = i
		rep.Terms = append(rep.Terms, termReport{Term: t, Complete: len(rep.Unseen) == 0, Classes: map[string]int{}, How: map[string]int{}})
		for _, c := range guardClasses {
			rep.Terms[i].Classes[c.String()] = 0
		}
	}
	for _, r := range l.Rows {
		t := &rep.Terms[index[r.Term]]
		t.Classes[r.Class.String()]++
		t.How[r.How.String()]++
		if r.Class == guard.NotVisible {
			t.Complete = false
		}
		r.File = names.of(r.Unit, r.File)
		for i, at := range r.Inlined {
			r.Inlined[i] = names.at(r.Unit, at)
		}
		rep.Rows = append(rep.Rows, r)
	}
	for _, w := range l.Warnings {
		rep.Terms[index[w.Term]].Warnings++
		w.File = names.of(w.Unit, w.File)
		rep.Warnings = append(rep.Warnings, w)
	}
	unit := make(map[string]int)
	for i, u := range rep.Units {
		unit[u] = i
	}
	slices.SortStableFunc(rep.Rows, func(a, b guard.Row) int {
		return cmp.Or(index[a.Term]-index[b.Term], cmp.Compare(a.File, b.File), a.Line-b.Line, a.Col-b.Col,
			unit[a.Unit]-unit[b.Unit], comparePlaces(a.Place, b.Place))
	})
	slices.SortStableFunc(rep.Warnings, func(a, b guard.Warning) int {
		return cmp.Or(index[a.Term]-index[b.Term], cmp.Compare(a.File, b.File), a.Line-b.Line, a.Col-b.Col,
			unit[a.Unit]-unit[b.Unit], comparePlaces(a.Place, b.Place), int(a.Kind)-int(b.Kind), cmp.Compare(a.Text, b.Text))
	})
	return rep, nil
}

// comparePlaces compares places in the IR as text, and the numbers at their ends as
// numbers.
func comparePlaces(a, b string) int {
	number := func(s string) (string, int) {
		i := strings.LastIndexByte(s, '#')
		n, err := strconv.Atoi(s[i+1:])
		if i < 0 || err != nil {
			return s, 0
		}
		return s[:i], n
	}
	blockA, na := number(a)
	blockB, nb := number(b)
	return cmp.Or(strings.Compare(blockA, blockB), na-nb)
}

// incomplete lists the terms whose ledgers are not complete.
func (r *guardReport) incomplete() []string {
	var terms []string
	for _, t := range r.Terms {
		if !t.Complete {
			terms = append(terms, t.Term)
		}
	}
	return terms
}

// faults says what keeps the ledger from accounting for all that the quasi-invariants
// read.
func (r *guardReport) faults() []string {
	var faults []string
	if terms := r.incomplete(); len(terms) == 1 {
		faults = append(faults, "the ledger of "+terms[0]+" is not complete: code that is not there may write it")
	} else if len(terms) > 1 {
		faults = append(faults, "the ledgers of "+strings.Join(terms, ", ")+" are not complete: code that is not there may write them")
	}
	if len(r.Unseen) > 0 {
		are := "are"
		if len(r.Unseen) == 1 {
			are = "is"
		}
		faults = append(faults, fmt.Sprintf("%s of the program %s not C: %s", plural(len(r.Unseen), "file"), are, strings.Join(r.Unseen, ", ")))
	}
	for _, x := range r.Refused {
		faults = append(faults, fmt.Sprintf("%s: %s: %s; the predicate cannot be guarded", x.At, x.Predicate, x.Why))
	}
	return faults
}

// verdict says on stderr if something is not accounted for; with --strict that is an
// error.
func (g *discovery) verdict(rep *guardReport) error {
	var errs []error
	for _, f := range rep.faults() {
		if g.strict {
			errs = append(errs, errors.New(f))
		} else if !g.quiet {
			g.diag.print(diagnostic{kind: "remark", text: f})
		}
	}
	return errors.Join(errs...)
}

// table prints a line for each term: rows by class, rows by how they were recognized
// (the ways that occur), warnings, and whether the ledger is complete.
func (r *guardReport) table(out *bytes.Buffer) {
	head := []string{"term"}
	for _, c := range guardClasses {
		head = append(head, c.String())
	}
	var hows []string
	for _, h := range guardHows {
		if slices.ContainsFunc(r.Terms, func(t termReport) bool { return t.How[h.String()] > 0 }) {
			hows = append(hows, h.String())
		}
	}
	head = append(append(head, hows...), "warnings", "complete")
	rows := [][]string{head}
	for _, t := range r.Terms {
		row := []string{t.Term}
		for _, c := range guardClasses {
			row = append(row, strconv.Itoa(t.Classes[c.String()]))
		}
		for _, h := range hows {
			row = append(row, strconv.Itoa(t.How[h]))
		}
		complete := "yes"
		if !t.Complete {
			complete = "no"
		}
		rows = append(rows, append(row, strconv.Itoa(t.Warnings), complete))
	}
	out.WriteString(alignedTable(rows, nil))
}

// places finds the files that debug information names.
type places struct {
	dirs  map[string]string // of units
	known map[[2]string]string
}

func newPlaces() *places {
	return &places{dirs: make(map[string]string), known: make(map[[2]string]string)}
}

// of is what a file of a unit is called from here: below the unit's folder if that
// has it, otherwise as the debug information says.
func (p *places) of(unit, file string) string {
	dir := p.dirs[unit]
	if file == "" || dir == "" || filepath.IsAbs(file) {
		if filepath.IsAbs(file) {
			return shortPath(file)
		}
		return file
	}
	key := [2]string{dir, file}
	found, ok := p.known[key]
	if !ok {
		found = file
		if at := filepath.Join(dir, file); exists(at) {
			found = shortPath(at)
		}
		p.known[key] = found
	}
	return found
}

// at is of for a place in a file, file:line:col.
func (p *places) at(unit, place string) string {
	file, _, _ := splitPlace(place)
	return p.of(unit, file) + strings.TrimPrefix(place, file)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
