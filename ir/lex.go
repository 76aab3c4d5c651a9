package ir

// This file holds what the pre-pass needs to find its way in IR.

import "strings"

// A span is a piece of a line.
type span struct{ from, to int }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isWord reports whether c may be part of a keyword, number or unquoted name.
func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || isDigit(c) || c == '_' || c == '.' || c == '$' || c == '-'
}

func skipBlanks(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	return i
}

// skipSpace is skipBlanks that goes on behind ends of lines and comments.
func skipSpace(s string, i int) int {
	for i < len(s) {
		switch s[i] {
		case ' ', '\t', '\r', '\n':
			i++
		case ';':
			end := strings.IndexByte(s[i:], '\n')
			if end < 0 {
				return len(s)
			}
			i += end
		default:
			return i
		}
	}
	return i
}

// skipString returns the end of the quoted string at s[i]. Quotes inside are
// written \22 in IR.
func skipString(s string, i int) int {
	for i++; i < len(s); i++ {
		if s[i] == '"' {
			return i + 1
		}
	}
	return len(s)
}

// skipParens returns the end of the parenthesis, bracket, brace or angle at
// s[i] with everything inside, -1 if it does not end.
func skipParens(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '(', '[', '{', '<':
			depth++
		case ')', ']', '}', '>':
			depth--
			if depth == 0 {
				return i + 1
			}
		case '"':
			i = skipString(s, i) - 1
		}
	}
	return -1
}

// skipType returns the start of what follows the type at s[i].
func skipType(s string, i int) int {
	i = skipSpace(s, i)
	switch {
	case i == len(s):
		return i
	case s[i] == '[' || s[i] == '{' || s[i] == '<':
		end := skipParens(s, i)
		if end < 0 {
			return len(s)
		}
		i = end
	case s[i] == '%' && i+1 < len(s) && s[i+1] == '"':
		i = skipString(s, i+1)
	default:
		for i++; i < len(s) && isWord(s[i]); i++ {
		}
	}
	for {
		i = skipSpace(s, i)
		switch {
		case i < len(s) && s[i] == '*':
			i++
		case i < len(s) && s[i] == '(': // function type
			end := skipParens(s, i)
			if end < 0 {
				return len(s)
			}
			i = end
		default:
			return i
		}
	}
}

// splitTop splits s from i on at commas that are not inside parentheses, up to
// the closing parenthesis of what encloses s[i] or a comment.
func splitTop(s string, i int) []span {
	var out []span
	from := i
	for ; i < len(s); i++ {
		switch s[i] {
		case '(', '[', '{', '<':
			end := skipParens(s, i)
			if end < 0 {
				return out
			}
			i = end - 1
		case '"':
			i = skipString(s, i) - 1
		case ',':
			out = append(out, span{from, i})
			from = i + 1
		case ')', ']', '}', '>', ';':
			return append(out, span{from, i})
		}
	}
	return append(out, span{from, len(s)})
}
