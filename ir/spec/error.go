package spec

// This file holds positions in specifications and the errors that show them.

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Pos is a place in a specification. The zero Pos is nowhere.
type Pos struct {
	File      string
	Line, Col int // from 1; Col counts bytes
}

// String writes p as compilers do: `kill.yaml:4:9`.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// An Error is a fault of a specification.
type Error struct {
	Pos   Pos
	Msg   string
	Hint  string // what to do about it; may be empty
	Line  string // the source line
	Width int    // bytes to underline, at least 1

	// Note tells of a second place, such as the other half of a contradiction.
	Note *Error
}

// Error shows the message, the source line with a caret, the hint and the
// note, as a compiler does.
func (e *Error) Error() string {
	var b strings.Builder
	e.write(&b, "error")
	return strings.TrimSuffix(b.String(), "\n")
}

func (e *Error) write(b *strings.Builder, kind string) {
	if s := e.Pos.String(); s != "" {
		b.WriteString(s + ": ")
	}
	fmt.Fprintf(b, "%s: %s\n", kind, e.Msg)
	if e.Line != "" && e.Pos.Col > 0 {
		fmt.Fprintf(b, "%s\n%s%s\n", e.Line, blank(e.Line, e.Pos.Col-1), e.caret())
	}
	if e.Hint != "" {
		fmt.Fprintf(b, "hint: %s\n", e.Hint)
	}
	if e.Note != nil {
		e.Note.write(b, "note")
	}
}

// blank is as much white space as the first n bytes of line take up.
func blank(line string, n int) string {
	var b strings.Builder
	for _, r := range line[:min(n, len(line))] {
		if r == '\t' {
			b.WriteRune('\t')
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// caret underlines Width bytes, no further than the line goes.
func (e *Error) caret() string {
	from := min(e.Pos.Col-1, len(e.Line))
	to := min(from+max(e.Width, 1), len(e.Line))
	n := utf8.RuneCountInString(e.Line[from:to])
	return "^" + strings.Repeat("~", max(n-1, 0))
}

// maxErrors bounds how many errors one run reports.
const maxErrors = 20

// errorList collects errors up to maxErrors.
type errorList struct{ errs []error }

func (l *errorList) add(e *Error) {
	if len(l.errs) < maxErrors {
		l.errs = append(l.errs, e)
	}
}

// err joins what was collected; nil if nothing was.
func (l *errorList) err() error { return errors.Join(l.errs...) }
