package main

// This file prints errors as clang does: position, kind, message, the source
// line and a caret below it; in colour on terminals only.

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/fatih/color"
	"github.com/mattn/go-isatty"

	"quasi/ir"
	"quasi/ir/spec"
)

// maxReported bounds the errors of one run that are printed.
const maxReported = 20

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	if o, ok := w.(*output); ok {
		w = o.w
	}
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// wantsColour reports whether text for w is to be coloured: w is a terminal
// and $NO_COLOR is not set.
func wantsColour(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == ""
}

// A palette colours the parts of a diagnostic or listing.
type palette struct {
	bold, errors, warnings, notes, caret, static, dynamic, both, dim, plain *color.Color
}

func newPalette(on bool) *palette {
	p := &palette{
		bold:     color.New(color.Bold),
		errors:   color.New(color.FgHiRed, color.Bold),
		warnings: color.New(color.FgHiMagenta, color.Bold),
		notes:    color.New(color.FgHiCyan, color.Bold),
		caret:    color.New(color.FgHiGreen, color.Bold),
		static:   color.New(color.FgCyan),
		dynamic:  color.New(color.FgYellow),
		both:     color.New(color.FgMagenta),
		dim:      color.New(color.Faint),
		plain:    color.New(),
	}
	for _, c := range []*color.Color{p.bold, p.errors, p.warnings, p.notes, p.caret, p.static, p.dynamic, p.both, p.dim} {
		if on {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
	}
	p.plain.DisableColor()
	return p
}

// ofMark is the colour of a mark of a listing.
func (p *palette) ofMark(mark string) *color.Color {
	switch mark {
	case "S":
		return p.static
	case "D":
		return p.dynamic
	case "SD", "+":
		return p.both
	case "-":
		return p.dim
	}
	return p.plain
}

// diagnostics prints errors and remarks.
type diagnostics struct {
	w       io.Writer
	palette *palette
	sources map[string][]string // lines of files that were shown
}

func newDiagnostics(w io.Writer, colour bool) *diagnostics {
	return &diagnostics{w: w, palette: newPalette(colour), sources: map[string][]string{}}
}

// A diagnostic is one message. Any part but the text may be missing.
type diagnostic struct {
	kind      string // error, warning, note, remark
	file      string
	line, col int
	text      string
	code      string // the source line
	width     int    // bytes to underline
	hint      string
}

// report prints err; each of several joined errors by itself.
func (d *diagnostics) report(err error) {
	errs := flatten(err)
	for i, e := range errs {
		if i == maxReported {
			fmt.Fprintf(d.w, "quasi: %d more errors\n", len(errs)-i)
			return
		}
		d.reportOne(e)
	}
}

// flatten lists the errors that were joined into err.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, flatten(e)...)
	}
	return all
}

func (d *diagnostics) reportOne(err error) {
	var se *spec.Error
	var ie *ir.Error
	var internal *internalError
	var un *unmet
	switch {
	case errors.As(err, &un):
		un.report(d)
	case errors.As(err, &internal):
		d.print(diagnostic{kind: "error", text: internal.Error()})
		if os.Getenv("QUASI_STACK") != "" {
			d.w.Write(internal.stack)
		} else {
			fmt.Fprintln(d.w, "This is a fault of quasi, not of the input; with QUASI_STACK=1 the message has a stack trace.")
		}
	case errors.As(err, &se):
		d.printSpec("error", se)
	case errors.As(err, &ie):
		d.print(d.ofIR(ie))
	default:
		d.print(diagnostic{kind: "error", text: err.Error()})
	}
}

// printSpec prints an error of a specification, and the notes behind it.
func (d *diagnostics) printSpec(kind string, e *spec.Error) {
	d.print(diagnostic{
		kind: kind, file: e.Pos.File, line: e.Pos.Line, col: e.Pos.Col,
		text: e.Msg, code: e.Line, width: e.Width, hint: e.Hint,
	})
	if e.Note != nil {
		d.printSpec("note", e.Note)
	}
}

var atLine = regexp.MustCompile(`at line (\d+)`)

// ofIR is the diagnostic of an error about IR; the place in the IR follows the
// text, for the position in front is that of the source.
func (d *diagnostics) ofIR(e *ir.Error) diagnostic {
	g := diagnostic{kind: "error", file: e.Pos.File, line: e.Pos.Line, col: e.Pos.Col, text: e.Err.Error()}
	if m := atLine.FindStringSubmatch(g.text); g.line == 0 && m != nil {
		g.line, _ = strconv.Atoi(m[1])
	}
	where := e.Pos
	where.File, where.Line, where.Col = "", 0, 0
	if s := where.String(); s != "" {
		g.text += " [" + s + "]"
	}
	g.code = d.sourceLine(g.file, g.line)
	return g
}

// print writes one diagnostic.
func (d *diagnostics) print(g diagnostic) {
	p := d.palette
	where := "quasi"
	if g.file != "" {
		where = g.file
		if g.line > 0 {
			where += ":" + strconv.Itoa(g.line)
			if g.col > 0 {
				where += ":" + strconv.Itoa(g.col)
			}
		}
	}
	kind := p.notes
	switch g.kind {
	case "error":
		kind = p.errors
	case "warning":
		kind = p.warnings
	}
	fmt.Fprintf(d.w, "%s %s %s\n", p.bold.Sprint(where+":"), kind.Sprint(g.kind+":"), p.bold.Sprint(g.text))
	if g.code != "" {
		fmt.Fprintln(d.w, g.code)
		if g.col > 0 {
			fmt.Fprintln(d.w, indentTo(g.code, g.col)+p.caret.Sprint("^"+strings.Repeat("~", max(g.width-1, 0))))
		}
	}
	if g.hint != "" {
		fmt.Fprintf(d.w, "%s %s\n", p.notes.Sprint("hint:"), g.hint)
	}
}

// indentTo is white space as wide as what precedes column col of line.
func indentTo(line string, col int) string {
	var b strings.Builder
	for _, r := range line[:min(max(col-1, 0), len(line))] {
		if r == '\t' {
			b.WriteRune('\t')
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// sourceLine returns a line of a file, "" if there is none.
func (d *diagnostics) sourceLine(file string, line int) string {
	lines := d.lines(file)
	if line < 1 || line > len(lines) {
		return ""
	}
	return lines[line-1]
}

// lines returns the lines of a file, nil if it cannot be read.
func (d *diagnostics) lines(file string) []string {
	lines, ok := d.sources[file]
	if !ok && file != "" {
		if src, err := os.ReadFile(file); err == nil {
			lines = strings.Split(strings.TrimSuffix(string(src), "\n"), "\n")
		}
		d.sources[file] = lines
	}
	return lines
}
