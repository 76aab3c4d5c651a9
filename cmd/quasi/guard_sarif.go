package main

// This file writes a ledger as SARIF 2.1.0, the form that editors and code scanning
// read.

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"quasi/guard"
)

// fingerprintName names how fingerprints are computed: rule, term, function and the
// text of the line, so that a result is the same one after edits elsewhere.
const fingerprintName = "quasiGuard/v1"

// A sarifRule describes results of one kind.
type sarifRule struct {
	id, level, kind string
	about           string
}

// sarifRules has a rule for each class of rows.
var sarifRules = map[guard.Class]sarifRule{
	guard.MustGuard:      {"must-guard", "note", "fail", "An instruction writes a term of a quasi-invariant; it is to be guarded."},
	guard.MayWrite:       {"may-write", "note", "fail", "An instruction may write a term of a quasi-invariant; it is guarded conservatively."},
	guard.NotVisible:     {"not-visible", "warning", "fail", "Code that is not there may write a term of a quasi-invariant; it cannot be guarded."},
	guard.Fresh:          {"fresh", "none", "informational", "An instruction writes a term of an instance that cannot be bound yet; no guard is needed."},
	guard.ProvenDisjoint: {"proven-disjoint", "none", "pass", "An instruction looks as if it could write a term of a quasi-invariant, but does not."},
}

// warningPrefix begins the rules of warnings, so that they differ from those of rows.
const warningPrefix = "warning/"

// A sarifWriter makes one run.
type sarifWriter struct {
	run   *sarif.Run
	index map[string]int // of rules
	diag  *diagnostics   // for source lines
	seen  map[string]int // fingerprints
}

func newSarifWriter(tool string, d *diagnostics) *sarifWriter {
	run := sarif.NewRun().WithColumnKind("unicodeCodePoints").WithDefaultSourceLanguage("c")
	run.Tool = sarif.NewTool()
	run.Tool.Driver = sarif.NewToolComponent().WithName(tool).WithVersion(version)
	return &sarifWriter{run: run, index: make(map[string]int), diag: d, seen: make(map[string]int)}
}

// print writes the run, with notes that belong to no place.
func (w *sarifWriter) print(out io.Writer, notes []string) error {
	inv := sarif.NewInvocation().WithExecutionSuccessful(true)
	for _, n := range notes {
		inv.AddToolExecutionNotification(sarif.NewNotification().WithLevel("warning").WithMessage(sarif.NewMessage().WithText(n)))
	}
	w.run.AddInvocation(inv)
	doc := sarif.NewReport()
	doc.AddRun(w.run)
	text, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	return compactJSON(out, text)
}

// sarif writes the ledger as SARIF.
func (g *discovery) sarif(out io.Writer, rep *guardReport) error {
	w := newSarifWriter("quasi guard", g.diag)
	for _, c := range guardClasses {
		w.rule(sarifRules[c])
	}
	for _, k := range guard.Kinds() {
		w.rule(sarifRule{id: warningPrefix + k.String(), level: "warning", about: kindTitles[k]})
	}
	for _, t := range rep.Terms {
		for _, r := range rep.Rows {
			if r.Term == t.Term {
				w.row(r)
			}
		}
		for _, x := range rep.Warnings {
			if x.Term == t.Term {
				w.warning(x)
			}
		}
	}
	return w.print(out, rep.faults())
}

// kindTitles says what each kind of warnings is about.
var kindTitles = map[guard.Kind]string{
	guard.WarnCastFrom:      "A pointer to the record of a term becomes a pointer to another type.",
	guard.WarnCastTo:        "A pointer to another type becomes a pointer to the record of a term.",
	guard.WarnCastInteger:   "A pointer to the record of a term becomes an integer, or an integer such a pointer.",
	guard.WarnUnion:         "A term lies in a union: writes of its other members change it.",
	guard.WarnAddressTaken:  "The address of a term is taken.",
	guard.WarnAddressEscape: "The address of a term is taken and goes where it is not followed.",
	guard.WarnArithmetic:    "Arithmetic on the address of a term leaves it.",
	guard.WarnMemory:        "A function that fills or copies memory writes over a term.",
	guard.WarnAssembly:      "Inline assembly may write a term.",
	guard.WarnNotVisible:    "The address of a term, or of the object with it, is passed to code that is not visible.",
	guard.WarnEvidence:      "Optimization has destroyed evidence of what is written.",
	guard.WarnLayout:        "Units disagree on the layout of the record of a term.",
}

func (w *sarifWriter) rule(r sarifRule) {
	w.index[r.id] = len(w.index)
	rule := sarif.NewReportingDescriptor().WithID(r.id).
		WithShortDescription(sarif.NewMultiformatMessageString().WithText(r.about)).
		WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel(r.level))
	w.run.Tool.Driver.AddRule(rule)
}

func (w *sarifWriter) row(r guard.Row) {
	rule := sarifRules[r.Class]
	res := w.result(rule.id, rule.level, r.Term+" "+classTitles[r.Class]+": "+r.Reason, position{r.Unit, r.File, r.Line, r.Col, r.Function, r.Place})
	res.WithKind(rule.kind)
	props := sarif.NewPropertyBag()
	props.Add("term", r.Term)
	props.Add("class", r.Class.String())
	props.Add("how", r.How.String())
	props.Add("unit", r.Unit)
	props.Add("place", r.Place)
	res.WithProperties(props)
	for i, at := range r.Inlined {
		file, line, col := splitPlace(at)
		res.AddRelatedLocation(w.location(position{File: file, Line: line, Col: col}).WithID(i).
			WithMessage(sarif.NewMessage().WithText("inlined here")))
	}
	w.run.AddResult(res)
}

func (w *sarifWriter) warning(x guard.Warning) {
	text := x.Text
	if x.Hint != "" {
		text += "; " + x.Hint
	}
	res := w.result(warningPrefix+x.Kind.String(), "warning", text, position{x.Unit, x.File, x.Line, x.Col, x.Function, x.Place})
	props := sarif.NewPropertyBag()
	props.Add("term", x.Term)
	props.Add("unit", x.Unit)
	if x.Place != "" {
		props.Add("place", x.Place)
	}
	res.WithProperties(props)
	w.run.AddResult(res)
}

// A position is where a row or warning is.
type position struct {
	Unit, File string
	Line, Col  int
	Function   string
	Place      string
}

func (w *sarifWriter) result(rule, level, text string, at position) *sarif.Result {
	res := sarif.NewResult().WithRuleID(rule).WithRuleIndex(w.index[rule]).WithLevel(level).
		WithMessage(sarif.NewMessage().WithText(text)).
		AddLocation(w.location(at))
	// Of several results that are alike, each has a number.
	code := strings.Join(strings.Fields(w.diag.sourceLine(at.File, at.Line)), " ")
	if code == "" {
		code = at.Place
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{rule, text, at.File, at.Function, code}, "\x00")))
	print := hex.EncodeToString(sum[:16])
	w.seen[print]++
	return res.WithPartialFingerprints(map[string]string{fingerprintName: fmt.Sprintf("%s:%d", print, w.seen[print])})
}

func (w *sarifWriter) location(at position) *sarif.Location {
	place := sarif.NewPhysicalLocation().WithArtifactLocation(sarif.NewArtifactLocation().WithURI(fileURI(at.File)))
	if at.Line > 0 {
		region := sarif.NewRegion().WithStartLine(at.Line)
		line := w.diag.sourceLine(at.File, at.Line)
		if at.Col > 0 {
			region.WithStartColumn(codePoint(line, at.Col))
		}
		if line != "" {
			region.WithSnippet(sarif.NewArtifactContent().WithText(line))
		}
		place.WithRegion(region)
	}
	loc := sarif.NewLocation().WithPhysicalLocation(place)
	if at.Function != "" {
		loc.AddLogicalLocation(sarif.NewLogicalLocation().WithName(at.Function).WithKind("function"))
	}
	return loc
}

// fileURI is the reference of a file: relative if the name is.
func fileURI(file string) string {
	u := url.URL{Path: filepath.ToSlash(file)}
	if filepath.IsAbs(file) {
		u.Scheme = "file"
	}
	return u.String()
}

// codePoint turns a column in bytes into one in characters.
func codePoint(line string, col int) int {
	return utf8.RuneCountInString(line[:min(col-1, len(line))]) + max(col-1-len(line), 0) + 1
}

// compactJSON writes JSON of SARIF without the members that have their default value:
// empty arrays but those that must be there, and -1.
func compactJSON(out io.Writer, text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err != nil {
		return err
	}
	return printJSON(out, compacted(doc))
}

func compacted(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			switch m := member.(type) {
			case []any:
				if len(m) == 0 && name != "results" {
					delete(v, name)
				}
			case json.Number:
				if m == "-1" {
					delete(v, name)
				}
			case nil:
				delete(v, name)
			}
			compacted(member)
		}
		for name, member := range v {
			if m, ok := member.(map[string]any); ok && len(m) == 0 {
				delete(v, name)
			}
		}
	case []any:
		for _, e := range v {
			compacted(e)
		}
	}
	return v
}
