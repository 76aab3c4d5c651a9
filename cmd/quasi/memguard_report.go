package main

// This file holds the command memguard: what programs under MemGuard have reported, put
// together and printed in the forms of guard.

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/urfave/cli/v2"
)

func memguardCommand() *cli.Command {
	return &cli.Command{
		Name:  "memguard",
		Usage: "print the writes that ledgers have missed, from reports of programs that ran under MemGuard",
		UsageText: `quasi memguard [--json | --sarif | --summary] REPORT...

   quasi build --memguard --spec kill.yaml -o kill signal.c main.c
   ./kill                                               prints what its ledger missed at exit
   QUASI_MEMGUARD_REPORT=$PWD/writes make check         or has all runs of a test suite append to a file,
   quasi memguard writes                                whose lines are counted together here
   quasi memguard --sarif writes >memguard.sarif        for editors and code scanning
   quasi memguard --strict -q writes                    exit code 1 if anything was missed`,
		Description: "A program of `quasi build --memguard` protects what its quasi-invariants read: the variables, and each\n" +
			"instance that a call of a specialized function tests. It looks every write to them up in the ledger that\n" +
			"`quasi guard` would print. A write of the modules is missed if its instruction has no row of the term, or a\n" +
			"row that says that it writes something else, or an instance that cannot be bound. A write by code that is\n" +
			"in no module (libraries, the kernel) belongs to the call by which the modules have come there.",
		Flags: []cli.Flag{
			boolFlag("summary", "", "print the figures alone"),
			boolFlag("json", "", "print one object of JSON"),
			boolFlag("sarif", "", "print SARIF 2.1.0"),
			boolFlag("strict", "", "exit code 1 if a write was missed"),
			boolFlag("quiet", "q", "print nothing but what was missed"),
		},
		OnUsageError: onUsageError,
		Action:       memguardAction,
	}
}

func memguardAction(c *cli.Context) error {
	form, err := formFlag(c, "summary", "json", "sarif")
	if err != nil {
		return err
	}
	if !c.Args().Present() {
		return usagef(c, "no report: set QUASI_MEMGUARD_REPORT to a file's full name when the program runs")
	}
	rep := newWriteReport()
	files := c.Args().Slice()
	for i, file := range files {
		if slices.Contains(files[:i], file) {
			return fmt.Errorf("%s: is given twice", file)
		}
		if err := rep.read(file); err != nil {
			return err
		}
	}
	rep.sort()
	s := &session{request: &request{quiet: c.Bool("quiet")}, stdout: c.App.Writer, diag: newDiagnostics(c.App.ErrWriter, wantsColour(c.App.ErrWriter))}
	var out bytes.Buffer
	switch form {
	case "json":
		err = printJSON(&out, rep)
	case "sarif":
		err = rep.sarif(&out, s.diag)
	case "summary":
		rep.figures(&out)
	default:
		rep.text(&out, wantsColour(c.App.Writer))
		if !s.quiet {
			rep.figures(&out)
		}
	}
	if err != nil {
		return err
	}
	if _, err := s.stdout.Write(out.Bytes()); err != nil {
		return err
	}
	if c.Bool("strict") && rep.Missed > 0 {
		return fmt.Errorf("the ledger missed %s", plural(int(rep.Missed), "write"))
	}
	return nil
}

// A writeReport is what programs have reported.
type writeReport struct {
	Writes      uint64            `json:"writes"` // to terms
	Known       uint64            `json:"known"`  // of them, by rows of the ledger
	Missed      uint64            `json:"missed"`
	Lost        uint64            `json:"lost,omitempty"`        // missed, and no longer told apart
	Unprotected map[string]uint64 `json:"unprotected,omitempty"` // times that locations were read that could not be protected, by the reason
	Terms       []termWrites      `json:"terms"`                 // that were protected
	Misses      []missedWrite     `json:"misses"`
	index       map[string]int
}

// termWrites is what was seen of a term.
type termWrites struct {
	Term      string `json:"term"`
	Locations uint64 `json:"locations"` // that were protected; one that ended and came back again
	Writes    uint64 `json:"writes"`
	Known     uint64 `json:"known"`
}

// A missedWrite is a place that has written a term without a row.
type missedWrite struct {
	Term     string   `json:"term"`
	Kind     string   `json:"kind"` // user, kernel
	File     string   `json:"file,omitempty"`
	Line     int      `json:"line,omitempty"`
	Col      int      `json:"column,omitempty"`
	Function string   `json:"function,omitempty"`
	Inlined  []string `json:"inlined,omitempty"`
	By       string   `json:"by,omitempty"`     // the function that wrote, if it is of no module
	Class    string   `json:"class,omitempty"`  // of the row that says otherwise
	Reason   string   `json:"reason,omitempty"` // of that row
	Offset   uint64   `json:"offset"`           // of what was written, from the term's start
	Size     uint64   `json:"size"`
	Old      string   `json:"old"`
	New      string   `json:"new"`
	Count    uint64   `json:"count"`
}

func newWriteReport() *writeReport {
	return &writeReport{Unprotected: make(map[string]uint64), Terms: []termWrites{}, Misses: []missedWrite{}, index: make(map[string]int)}
}

// read adds the lines of a file: misses, and one of figures a process.
func (r *writeReport) read(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("%s: %w", file, cause(err))
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if err := r.line(lines.Bytes()); err != nil {
			return fmt.Errorf("%s:%d: is no line of a report of MemGuard: %w", file, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", file, cause(err))
	}
	return nil
}

func (r *writeReport) line(text []byte) error {
	var figures map[string]json.RawMessage
	if err := json.Unmarshal(text, &figures); err != nil {
		return err
	}
	if _, ok := figures["term"]; ok {
		if _, ok := figures["locations"]; ok {
			return r.term(text)
		}
		var m missedWrite
		if err := json.Unmarshal(text, &m); err != nil {
			return err
		}
		if m.Term == "" || m.Count == 0 {
			return errors.New("it names no term")
		}
		r.add(m)
		return nil
	}
	if _, ok := figures["writes"]; !ok {
		return errors.New("it names no term")
	}
	for name, raw := range figures {
		var n uint64
		if err := json.Unmarshal(raw, &n); err != nil {
			return err
		}
		switch name {
		case "writes":
			r.Writes += n
		case "known":
			r.Known += n
		case "missed":
			r.Missed += n
		case "lost":
			r.Lost += n
		default:
			r.Unprotected[name] += n
		}
	}
	return nil
}

func (r *writeReport) term(text []byte) error {
	var t termWrites
	if err := json.Unmarshal(text, &t); err != nil {
		return err
	}
	i := slices.IndexFunc(r.Terms, func(o termWrites) bool { return o.Term == t.Term })
	if i < 0 {
		r.Terms = append(r.Terms, t)
		return nil
	}
	known := &r.Terms[i]
	known.Locations += t.Locations
	known.Writes += t.Writes
	known.Known += t.Known
	return nil
}

// add counts a miss together with those that read the same. Which values are shown does
// not depend on the order of the processes.
func (r *writeReport) add(m missedWrite) {
	of := m
	of.Count, of.Old, of.New, of.Offset, of.Size = 0, "", "", 0, 0
	key := fmt.Sprintf("%#v", of)
	i, ok := r.index[key]
	if !ok {
		r.index[key] = len(r.Misses)
		r.Misses = append(r.Misses, m)
		return
	}
	known := &r.Misses[i]
	count := known.Count + m.Count
	if cmp.Or(cmp.Compare(m.Offset, known.Offset), cmp.Compare(m.Size, known.Size), cmp.Compare(m.Old, known.Old), cmp.Compare(m.New, known.New)) < 0 {
		*known = m
	}
	known.Count = count
}

func (r *writeReport) sort() {
	slices.SortFunc(r.Terms, func(a, b termWrites) int { return cmp.Compare(a.Term, b.Term) })
	slices.SortStableFunc(r.Misses, func(a, b missedWrite) int {
		return cmp.Or(cmp.Compare(a.File, b.File), a.Line-b.Line, a.Col-b.Col, cmp.Compare(a.Term, b.Term), slices.Compare(a.Inlined, b.Inlined),
			cmp.Compare(a.By, b.By), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Function, b.Function), cmp.Compare(a.Reason, b.Reason))
	})
}

// message says what has happened, as guard/rt/report.c does.
func (m *missedWrite) message() string {
	text := "wrote "
	if m.Kind == "kernel" {
		text = "had the kernel write "
	}
	if m.By != "" {
		text = "'" + m.By + "' " + text
	}
	text += fmt.Sprintf("%s (%s -> %s)", m.Term, m.Old, m.New)
	if m.Count > 1 {
		text += fmt.Sprintf(", %d times", m.Count)
	}
	switch {
	case m.File == "":
		text += ", called by no code of the program's modules"
	case m.Line == 0 && m.Function != "":
		text += " in " + m.Function
	}
	if m.Reason != "" {
		text += "; the ledger has: " + m.Reason
	}
	return text
}

// tags are the rule and the class of the row that says otherwise.
func (m *missedWrite) tags() string {
	if m.Class != "" {
		return "missed, " + m.Class
	}
	return "missed"
}

func (r *writeReport) text(out *bytes.Buffer, colour bool) {
	d := newDiagnostics(out, colour)
	for i := range r.Misses {
		m := &r.Misses[i]
		d.print(diagnostic{kind: "warning", file: m.File, line: m.Line, col: m.Col, text: m.message() + " [" + m.tags() + "]", code: d.sourceLine(m.File, m.Line)})
		for _, at := range m.Inlined {
			file, line, col := splitPlace(at)
			d.print(diagnostic{kind: "note", file: file, line: line, col: col, text: "inlined here", code: d.sourceLine(file, line)})
		}
	}
}

// figures prints what was seen.
func (r *writeReport) figures(out *bytes.Buffer) {
	for _, t := range r.Terms {
		fmt.Fprintf(out, "%s: %s, %d missed; protected at %s\n", t.Term, plural(int(t.Writes), "write"), t.Writes-t.Known, plural(int(t.Locations), "location"))
	}
	fmt.Fprintf(out, "%s to terms, %d of them by rows of the ledger, %d missed", plural(int(r.Writes), "write"), r.Known, r.Missed)
	if len(r.Misses) > 0 {
		fmt.Fprintf(out, " at %s", plural(len(r.Misses), "place"))
	}
	if r.Lost > 0 {
		fmt.Fprintf(out, "; for %d there was no room", r.Lost)
	}
	out.WriteByte('\n')
	for _, line := range r.unprotected() {
		fmt.Fprintln(out, line)
	}
}

// unprotected says how often what was read could not be protected.
func (r *writeReport) unprotected() []string {
	var lines []string
	for _, why := range slices.Sorted(maps.Keys(r.Unprotected)) {
		lines = append(lines, fmt.Sprintf("%s a location was read that is not protected: %s", plural(int(r.Unprotected[why]), "time"), why))
	}
	return lines
}

// missedRules has a rule for each of what tags may say.
var missedRules = []sarifRule{
	{"missed", "warning", "fail", "An instruction has written a term of a quasi-invariant, and has no row in the ledger."},
	{"missed, fresh", "warning", "fail", "An instruction has written a term of an instance that is bound; its row in the ledger says that none can be."},
	{"missed, proven-disjoint", "warning", "fail", "An instruction has written a term of a quasi-invariant; its row in the ledger says that it writes something else."},
}

// sarif writes the misses as SARIF.
func (r *writeReport) sarif(out *bytes.Buffer, d *diagnostics) error {
	w := newSarifWriter("quasi memguard", d)
	id := func(tags string) string { return strings.ReplaceAll(tags, ", ", "/") }
	for _, rule := range missedRules {
		rule.id = id(rule.id)
		w.rule(rule)
	}
	for i := range r.Misses {
		m := &r.Misses[i]
		text := *m
		text.Count, text.Old, text.New = 1, "", "" // a result is the same one whatever the run
		res := w.result(id(m.tags()), "warning", strings.Replace(text.message(), " ( -> )", "", 1), position{File: m.File, Line: m.Line, Col: m.Col, Function: m.Function, Place: m.By})
		res.WithKind("fail")
		props := sarif.NewPropertyBag()
		props.Add("term", m.Term)
		props.Add("kind", m.Kind)
		props.Add("old", m.Old)
		props.Add("new", m.New)
		props.Add("count", m.Count)
		res.WithProperties(props)
		for k, at := range m.Inlined {
			file, line, col := splitPlace(at)
			res.AddRelatedLocation(w.location(position{File: file, Line: line, Col: col}).WithID(k).WithMessage(sarif.NewMessage().WithText("inlined here")))
		}
		w.run.AddResult(res)
	}
	return w.print(out, r.unprotected())
}
