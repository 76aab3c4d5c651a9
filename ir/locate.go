package ir

// This file finds where in a module an error of llir's parser comes from. The
// parser does not say; the error tells at most a name.

import "strings"

// locate returns the function and line of what makes the parser fail with err
// on text: "" and 0 if it cannot tell. It parses again with half of the
// remaining function bodies emptied each time, so all of it costs about two
// parses.
func locate(name, text string, err error) (fn string, line int) {
	bodies := functionBodies(text)
	want := err.Error()
	fails := func(keep []body) bool {
		_, err := parse(name, emptyBodies(text, bodies, keep))
		return err != nil && err.Error() == want
	}
	ident := quotedName(want)
	if len(bodies) == 0 || fails(nil) {
		return "", lineOf(text, 0, len(text), ident)
	}
	for keep := bodies; ; {
		if len(keep) == 1 {
			return keep[0].name, lineOf(text, keep[0].from, keep[0].to, ident)
		}
		half := len(keep) / 2
		switch {
		case fails(keep[:half]):
			keep = keep[:half]
		case fails(keep[half:]):
			keep = keep[half:]
		default:
			return "", 0
		}
	}
}

// A body is the text between the braces of a function definition.
type body struct {
	name     string
	from, to int
}

// functionBodies finds `define ... {` lines and the `}` lines that end them.
func functionBodies(text string) []body {
	var out []body
	var cur *body
	for start := 0; start < len(text); {
		end := strings.IndexByte(text[start:], '\n')
		if end < 0 {
			end = len(text)
		} else {
			end += start
		}
		line := strings.TrimRight(text[start:end], " \t\r")
		switch {
		case cur == nil && strings.HasPrefix(line, "define ") && strings.HasSuffix(line, "{"):
			_, rest, _ := strings.Cut(line, "@")
			fn, _, _ := strings.Cut(rest, "(")
			cur = &body{name: strings.Trim(fn, `"`), from: end}
		case cur != nil && line == "}":
			cur.to = start
			out = append(out, *cur)
			cur = nil
		}
		start = end + 1
	}
	return out
}

// emptyBodies puts unreachable in the place of every body not in keep, a
// contiguous part of bodies.
func emptyBodies(text string, bodies, keep []body) string {
	var sb strings.Builder
	last := 0
	for _, b := range bodies {
		if len(keep) > 0 && keep[0].from <= b.from && b.from <= keep[len(keep)-1].from {
			continue
		}
		sb.WriteString(text[last:b.from])
		sb.WriteString("\nunreachable\n")
		last = b.to
	}
	sb.WriteString(text[last:])
	return sb.String()
}

// quotedName is the first name in a message that looks like one in IR.
func quotedName(msg string) string {
	for _, part := range strings.Split(msg, `"`) {
		if len(part) > 1 && strings.IndexByte("%@!#$", part[0]) >= 0 && !strings.ContainsAny(part, " \n") {
			return part
		}
	}
	return ""
}

// lineOf is the line of the first place in text[from:to] that has ident as a
// whole word, else of from; 0 without ident in a whole module.
func lineOf(text string, from, to int, ident string) int {
	for i := from; ident != ""; {
		j := strings.Index(text[i:to], ident)
		if j < 0 {
			break
		}
		i += j + len(ident)
		if i == to || !isWord(text[i]) {
			return strings.Count(text[:i], "\n") + 1
		}
	}
	if from == 0 {
		return 0
	}
	return strings.Count(text[:from], "\n") + 1
}
