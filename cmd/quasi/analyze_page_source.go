package main

// This file finds what of a C line a debug location means: locations have a
// column and no end, so the token that stands there is marked.

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A piece is a part of a line, in bytes, or a range of lines; to is excluded.
type piece struct{ from, to int }

// operators of more than one character, longer ones first.
var operators = []string{"<<=", ">>=", "...", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||",
	"+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "##"}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// tokenAt is the token that begins at byte i of a line.
func tokenAt(line string, i int) piece {
	c := line[i]
	switch {
	case isWordByte(c):
		j := i + 1
		for j < len(line) && (isWordByte(line[j]) || c >= '0' && c <= '9' && line[j] == '.') {
			j++
		}
		return piece{i, j}
	case c == '"' || c == '\'':
		for j := i + 1; j < len(line); j++ {
			switch line[j] {
			case '\\':
				j++
			case c:
				return piece{i, j + 1}
			}
		}
		return piece{i, len(line)}
	}
	for _, op := range operators {
		if strings.HasPrefix(line[i:], op) {
			return piece{i, i + len(op)}
		}
	}
	return piece{i, i + 1}
}

// words are the places of an identifier in a line, where it is no member that is
// selected, and outside of strings and comments that end on the line.
func words(line, name string) []piece {
	var found []piece
	for i := 0; i < len(line); {
		c := line[i]
		switch {
		case c == ' ' || c == '\t':
			i++
			continue
		case strings.HasPrefix(line[i:], "//"):
			return found
		case strings.HasPrefix(line[i:], "/*"):
			end := strings.Index(line[i+2:], "*/")
			if end < 0 {
				return found
			}
			i += end + 4
			continue
		}
		t := tokenAt(line, i)
		before := strings.TrimRight(line[:i], " \t")
		if line[t.from:t.to] == name && !strings.HasSuffix(before, ".") && !strings.HasSuffix(before, "->") {
			found = append(found, t)
		}
		i = t.to
	}
	return found
}

// A measuredLine is a source line as the page has it, with what its bytes came to.
type measuredLine struct {
	raw   string
	text  string // valid UTF-8
	units []int  // by byte of raw: the UTF-16 units of text before it; nil: as many as bytes
}

// measure makes a line that can be shown.
func measure(raw string) measuredLine {
	ascii := true
	for i := range len(raw) {
		ascii = ascii && raw[i] < utf8.RuneSelf && raw[i] != 0
	}
	raw = strings.TrimSuffix(raw, "\r")
	m := measuredLine{raw: raw, text: raw}
	if ascii {
		return m
	}
	var b strings.Builder
	n := 0
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRuneInString(raw[i:])
		if r == 0 {
			r = '\u2400' // a page cannot hold it
		}
		for range size {
			m.units = append(m.units, n)
		}
		b.WriteRune(r)
		n += utf16.RuneLen(r)
		i += size
	}
	m.units = append(m.units, n)
	m.text = b.String()
	return m
}

// unit is the UTF-16 unit of the text at byte i of the line.
func (m *measuredLine) unit(i int) int {
	if m.units == nil {
		return i
	}
	return m.units[i]
}

// span is a token in UTF-16 units: where it begins and how long it is.
func (m *measuredLine) span(t piece) (at, length int) {
	at = m.unit(t.from)
	return at, m.unit(t.to) - at
}

// tokenOf is the token at byte i of a line that stands for an instruction. A branch
// has the place where its condition begins, be that a name or a parenthesis: the
// keyword before it on the line stands for it.
func tokenOf(line string, i int, branch bool) piece {
	t := tokenAt(line, i)
	if !branch || isKeyword(line[t.from:t.to]) || !isWordByte(line[i]) && (t.to > i+1 || !strings.ContainsRune("(*!-~&", rune(line[i]))) {
		return t
	}
	for k := i - 1; k >= 0; k-- {
		if isWordByte(line[k]) && (k == 0 || !isWordByte(line[k-1])) {
			if w := tokenAt(line, k); isKeyword(line[w.from:w.to]) {
				return w
			}
		}
	}
	return t
}

// isKeyword reports whether a word begins a statement that branches.
func isKeyword(word string) bool {
	switch word {
	case "if", "while", "for", "switch", "do", "return":
		return true
	}
	return false
}
