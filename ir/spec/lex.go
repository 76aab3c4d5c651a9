package spec

// This file holds the lexer of C expressions.

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A tokenKind is the kind of a token.
type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokIdent
	tokInt    // val, and the suffix in text
	tokChar   // val
	tokParam  // #0 or $0: val is the number
	tokString // not allowed anywhere; for the message
	tokPunct
)

// A token is text[from:to] of an expression.
type token struct {
	kind     tokenKind
	text     string
	from, to int
	val      uint64
}

// maxExpr bounds the length of an expression in bytes.
const maxExpr = 4096

// puncts are the operators and brackets of C, longest first. Those that
// predicates cannot have are there for the messages.
var puncts = []string{
	"<<=", ">>=", "...",
	"->", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=",
	"(", ")", "[", "]", "{", "}", ".", ",", ";", "?", ":", "<", ">", "=", "+", "-", "*", "/", "%", "&", "|", "^", "~", "!",
}

// lex splits t into tokens, the last of which is tokEnd.
func lex(t Text) ([]token, *Error) {
	s := t.Value
	if len(s) > maxExpr {
		return nil, t.errorAt(0, 1, "expression is longer than %d bytes", maxExpr)
	}
	var toks []token
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case isIdentStart(c):
			j := i + 1
			for j < len(s) && isIdentPart(s[j]) {
				j++
			}
			toks = append(toks, token{kind: tokIdent, text: s[i:j], from: i, to: j})
		case isDigit(c):
			tok, err := lexNumber(t, i)
			if err != nil {
				return nil, err
			}
			toks = append(toks, tok)
		case c == '\'' || c == '"':
			tok, err := lexQuoted(t, i)
			if err != nil {
				return nil, err
			}
			toks = append(toks, tok)
		case c == '#' || c == '$':
			j := i + 1
			for j < len(s) && isDigit(s[j]) {
				j++
			}
			n, err := strconv.ParseUint(s[i+1:j], 10, 16)
			if err != nil {
				return nil, hint(t.errorAt(i, j, "expected the number of a parameter after '%c'", c), "the first is %c0", c)
			}
			toks = append(toks, token{kind: tokParam, text: s[i:j], from: i, to: j, val: n})
		default:
			tok, err := lexPunct(t, i)
			if err != nil {
				return nil, err
			}
			toks = append(toks, tok)
		}
		i = toks[len(toks)-1].to
	}
	return append(toks, token{kind: tokEnd, from: len(s), to: len(s)}), nil
}

func isIdentStart(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
func isIdentPart(c byte) bool { return isIdentStart(c) || isDigit(c) }
func isDigit(c byte) bool     { return '0' <= c && c <= '9' }

func lexPunct(t Text, i int) (token, *Error) {
	for _, p := range puncts {
		if strings.HasPrefix(t.Value[i:], p) {
			return token{kind: tokPunct, text: p, from: i, to: i + len(p)}, nil
		}
	}
	j := i + 1
	for j < len(t.Value) && t.Value[j]&0xC0 == 0x80 {
		j++
	}
	return token{}, t.errorAt(i, j, "character %q has no meaning in an expression", t.Value[i:j])
}

// lexNumber reads an integer constant: text becomes its suffix in lower case,
// with 'x' before it if the constant is not decimal.
func lexNumber(t Text, i int) (token, *Error) {
	s := t.Value
	j := i
	for j < len(s) && (isIdentPart(s[j]) || s[j] == '.') {
		j++
	}
	word := s[i:j]
	digits := strings.TrimRight(word, "uUlL")
	suffix := strings.ToLower(word[len(digits):])
	kind, base, body := "", 10, digits
	switch low := strings.ToLower(digits); {
	case strings.HasPrefix(low, "0x"):
		kind, base, body = "x", 16, digits[2:]
	case strings.HasPrefix(low, "0b"):
		kind, base, body = "x", 2, digits[2:]
	case len(digits) > 1 && digits[0] == '0':
		kind, base, body = "x", 8, digits[1:]
	}
	switch suffix {
	case "", "u", "l", "ul", "lu", "ll", "ull", "llu":
	default:
		return token{}, t.errorAt(i, j, "invalid suffix '%s' of an integer constant", word[len(digits):])
	}
	v, err := strconv.ParseUint(body, base, 64)
	if err == nil {
		return token{kind: tokInt, text: kind + suffix, from: i, to: j, val: v}, nil
	}
	if errors.Is(err, strconv.ErrRange) {
		return token{}, t.errorAt(i, j, "integer constant %s does not fit in 64 bits", word)
	}
	if strings.Contains(digits, ".") || base == 10 && strings.ContainsAny(digits, "eE") {
		return token{}, t.errorAt(i, j, "floating-point constant %s: predicates are about integers and pointers", word)
	}
	return token{}, t.errorAt(i, j, "%s is not an integer constant", word)
}

// lexQuoted reads a character constant or a string.
func lexQuoted(t Text, i int) (token, *Error) {
	s, q := t.Value, t.Value[i]
	j := i + 1
	for j < len(s) && s[j] != q {
		if s[j] == '\\' {
			j++
		}
		j++
	}
	if j >= len(s) {
		return token{}, t.errorAt(i, len(s), "missing %c", q)
	}
	tok := token{kind: tokString, text: s[i : j+1], from: i, to: j + 1}
	if q == '"' {
		return tok, nil
	}
	v, ok := charValue(s[i+1 : j])
	if !ok {
		return token{}, t.errorAt(i, j+1, "%s is not a character constant", s[i:j+1])
	}
	tok.kind, tok.val = tokChar, uint64(v)
	return tok, nil
}

// charValue is the value of the character constant with body s; char is
// signed.
func charValue(s string) (int64, bool) {
	if len(s) == 1 && s[0] != '\\' && s[0] != '\'' && s[0] < 0x80 {
		return int64(s[0]), true
	}
	if len(s) < 2 || s[0] != '\\' {
		return 0, false
	}
	if i := strings.IndexByte(`abfnrtv\'"?e`, s[1]); i >= 0 && len(s) == 2 {
		return int64("\a\b\f\n\r\t\v\\'\"?\x1b"[i]), true
	}
	base, body := 8, s[1:]
	if s[1] == 'x' {
		base, body = 16, s[2:]
	}
	v, err := strconv.ParseUint(body, base, 8)
	return int64(int8(v)), err == nil && (base == 16 || len(body) <= 3)
}

// hint adds a hint to e.
func hint(e *Error, format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}
