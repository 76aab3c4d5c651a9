package spec

// This file holds source texts and pieces of them, so that every fault can be
// shown where it was written.

import (
	"fmt"
	"sort"
	"strings"
)

// A source is a file or a command-line flag.
type source struct {
	name, text string
	lines      []int // offset of each line's first byte
}

func newSource(name, text string) *source {
	s := &source{name: name, text: text, lines: []int{0}}
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// pos is the position of the byte at off.
func (s *source) pos(off int) Pos {
	off = max(0, min(off, len(s.text)))
	i := sort.SearchInts(s.lines, off+1) - 1
	return Pos{File: s.name, Line: i + 1, Col: off - s.lines[i] + 1}
}

// line is the text of line n, counted from 1.
func (s *source) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	l := s.text[s.lines[n-1]:]
	if i := strings.IndexByte(l, '\n'); i >= 0 {
		l = l[:i]
	}
	return strings.TrimSuffix(l, "\r")
}

// offset is the offset of a line and a column in characters, both from 1.
func (s *source) offset(line, column int) int {
	if line < 1 {
		return 0
	}
	if line > len(s.lines) {
		return len(s.text)
	}
	off := s.lines[line-1]
	for range column - 1 {
		if off >= len(s.text) || s.text[off] == '\n' {
			break
		}
		off++
		for off < len(s.text) && s.text[off]&0xC0 == 0x80 {
			off++
		}
	}
	return off
}

// errorAt makes an error that underlines the bytes from off to end.
func (s *source) errorAt(off, end int, format string, args ...any) *Error {
	pos := s.pos(off)
	return &Error{Pos: pos, Msg: fmt.Sprintf(format, args...), Line: s.line(pos.Line), Width: end - off}
}

// A Text is a scalar of a specification with where it stands.
type Text struct {
	Value string
	Pos   Pos

	src    *source
	at     []int // offset in src of each byte of Value, and of its end
	quoted byte  // ' or " if the scalar was in quotes, | for block scalars
}

// IsZero reports whether the scalar is missing.
func (t Text) IsZero() bool { return t.src == nil }

// String is the scalar's value.
func (t Text) String() string { return t.Value }

// errorAt makes an error that underlines Value[from:to].
func (t Text) errorAt(from, to int, format string, args ...any) *Error {
	if t.src == nil {
		return &Error{Pos: t.Pos, Msg: fmt.Sprintf(format, args...)}
	}
	from = max(0, min(from, len(t.Value)))
	to = max(from, min(to, len(t.Value)))
	end := t.at[from] + 1
	if to > from {
		end = t.at[to-1] + 1
	}
	return t.src.errorAt(t.at[from], end, format, args...)
}

// Errorf makes an error that underlines the scalar.
func (t Text) Errorf(format string, args ...any) *Error {
	return t.errorAt(0, len(t.Value), format, args...)
}

// posAt is the position of Value[i].
func (t Text) posAt(i int) Pos {
	if t.src == nil {
		return t.Pos
	}
	return t.src.pos(t.at[max(0, min(i, len(t.Value)))])
}

// plainText is a scalar that stands at off as it is.
func plainText(s *source, off int, value string) Text {
	t := Text{Value: value, Pos: s.pos(off), src: s}
	for i := 0; i <= len(value); i++ {
		t.at = append(t.at, off+i)
	}
	return t
}
