package irtest

// This file matches text with CHECK lines, a subset of LLVM's FileCheck, so
// that go test needs no LLVM.

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// Check matches a listing with the CHECK lines of a test file and fails t,
// printing the listing, if they do not match. Understood are CHECK:,
// CHECK-LABEL:, CHECK-NEXT:, CHECK-SAME:, CHECK-NOT:, CHECK-DAG:,
// CHECK-COUNT-n: and CHECK-EMPTY:, with {{regexp}}, [[VAR:regexp]] and [[VAR]].
// As in FileCheck, runs of blanks match any run of blanks.
func Check(t testing.TB, listing, checks string) {
	t.Helper()
	if err := Match(listing, checks, "CHECK"); err != nil {
		t.Errorf("%v\nlisting:\n%s", err, Numbered(listing))
	}
}

// Numbered is text with line numbers.
func Numbered(text string) string {
	var sb strings.Builder
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		fmt.Fprintf(&sb, "%4d  %s\n", i+1, line)
	}
	return sb.String()
}

// A directive is one CHECK line.
type directive struct {
	kind string // "", LABEL, NEXT, SAME, NOT, DAG, EMPTY
	pat  string
	line int // in the check file, from 1
}

var directiveRE = func(prefix string) *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[^-\w])` + regexp.QuoteMeta(prefix) + `(?:-(LABEL|NEXT|SAME|NOT|DAG|EMPTY|COUNT-\d+))?:(.*)$`)
}

// Match matches text with the lines of checks whose directives start with
// prefix; the error tells the first that fails.
func Match(text, checks, prefix string) error {
	ds, err := directives(checks, prefix)
	if err != nil {
		return err
	}
	if len(ds) == 0 {
		return fmt.Errorf("no %s lines", prefix)
	}
	m := &matcher{text: squeeze(text), vars: make(map[string]string), prefix: prefix}
	return m.run(ds)
}

func directives(checks, prefix string) ([]directive, error) {
	re := directiveRE(prefix)
	var ds []directive
	for i, line := range strings.Split(checks, "\n") {
		sub := re.FindStringSubmatch(line)
		if sub == nil {
			continue
		}
		d := directive{kind: sub[1], pat: squeeze(strings.TrimSpace(sub[2])), line: i + 1}
		if d.pat == "" && d.kind != "EMPTY" {
			return nil, fmt.Errorf("line %d: %s without a pattern", d.line, prefix)
		}
		var n int
		if _, err := fmt.Sscanf(d.kind, "COUNT-%d", &n); err == nil {
			d.kind = ""
			for range n {
				ds = append(ds, d)
			}
			continue
		}
		ds = append(ds, d)
	}
	return ds, nil
}

var blanks = regexp.MustCompile(`[ \t]+`)

// squeeze makes every run of blanks one space.
func squeeze(s string) string { return blanks.ReplaceAllString(s, " ") }

type matcher struct {
	text   string
	vars   map[string]string
	prefix string
}

// run matches the directives block by block: CHECK-LABEL lines are found first
// and split the text, so a failure in one block cannot match in another.
func (m *matcher) run(ds []directive) error {
	pos := 0
	for len(ds) > 0 {
		n := 0
		if ds[0].kind == "LABEL" {
			_, end, err := m.find(ds[0], pos, len(m.text))
			if err != nil {
				return err
			}
			pos = end
			n = 1
		}
		next := n
		for next < len(ds) && ds[next].kind != "LABEL" {
			next++
		}
		limit := len(m.text)
		if next < len(ds) {
			start, _, err := m.find(ds[next], pos, len(m.text))
			if err != nil {
				return err
			}
			limit = start
		}
		end, err := m.block(ds[n:next], pos, limit)
		if err != nil {
			return err
		}
		pos = end
		ds = ds[next:]
	}
	return nil
}

// block matches directives without labels in text[pos:limit].
func (m *matcher) block(ds []directive, pos, limit int) (int, error) {
	var nots []directive
	for i := 0; i < len(ds); i++ {
		d := ds[i]
		switch d.kind {
		case "NOT":
			nots = append(nots, d)
			continue
		case "DAG":
			j := i
			for j < len(ds) && ds[j].kind == "DAG" {
				j++
			}
			start, end, err := m.dag(ds[i:j], pos, limit)
			if err != nil {
				return 0, err
			}
			if err := m.absent(nots, pos, start); err != nil {
				return 0, err
			}
			nots, pos, i = nil, end, j-1
			continue
		}
		start, end, err := m.find(d, pos, limit)
		if err != nil {
			return 0, err
		}
		lines := strings.Count(m.text[pos:start], "\n")
		switch {
		case d.kind == "NEXT" && lines != 1, d.kind == "EMPTY" && lines != 0:
			return 0, m.fail(d, fmt.Sprintf("matches line %d, not the line after %d", m.lineOf(start), m.lineOf(pos)))
		case d.kind == "SAME" && lines != 0:
			return 0, m.fail(d, fmt.Sprintf("matches line %d, not line %d", m.lineOf(start), m.lineOf(pos)))
		}
		if err := m.absent(nots, pos, start); err != nil {
			return 0, err
		}
		nots, pos = nil, end
	}
	return pos, m.absent(nots, pos, limit)
}

// dag matches directives in any order without overlap and returns where the
// first match starts and the last one ends.
func (m *matcher) dag(ds []directive, pos, limit int) (start, end int, err error) {
	start, end = limit, pos
	var taken [][2]int
	for _, d := range ds {
		from := pos
		for {
			s, e, err := m.find(d, from, limit)
			if err != nil {
				return 0, 0, err
			}
			clash := -1
			for i, r := range taken {
				if s < r[1] && r[0] < e {
					clash = i
				}
			}
			if clash < 0 {
				taken = append(taken, [2]int{s, e})
				start, end = min(start, s), max(end, e)
				break
			}
			from = taken[clash][1]
		}
	}
	return start, end, nil
}

// absent fails if a CHECK-NOT matches in text[pos:limit].
func (m *matcher) absent(nots []directive, pos, limit int) error {
	for _, d := range nots {
		re, _, err := m.compile(d)
		if err != nil {
			return err
		}
		if loc := re.FindStringIndex(m.text[pos:max(pos, limit)]); loc != nil {
			return m.fail(d, fmt.Sprintf("excluded text is at line %d", m.lineOf(pos+loc[0])))
		}
	}
	return nil
}

// find returns where d matches first in text[pos:limit] and binds its
// variables.
func (m *matcher) find(d directive, pos, limit int) (start, end int, err error) {
	re, names, err := m.compile(d)
	if err != nil {
		return 0, 0, err
	}
	loc := re.FindStringSubmatchIndex(m.text[pos:limit])
	if loc == nil {
		return 0, 0, m.fail(d, fmt.Sprintf("not found from line %d on", m.lineOf(pos)))
	}
	for _, name := range names {
		if i := re.SubexpIndex(name); i >= 0 && loc[2*i] >= 0 {
			m.vars[name] = m.text[pos+loc[2*i] : pos+loc[2*i+1]]
		}
	}
	if d.kind == "EMPTY" { // leave the position on the empty line
		return pos + loc[0], pos + loc[0] + 1, nil
	}
	return pos + loc[0], pos + loc[1], nil
}

func (m *matcher) lineOf(pos int) int { return strings.Count(m.text[:pos], "\n") + 1 }

func (m *matcher) fail(d directive, what string) error {
	kind := m.prefix
	if d.kind != "" {
		kind += "-" + d.kind
	}
	return fmt.Errorf("line %d: %s: %s: %s", d.line, kind, d.pat, what)
}

var special = regexp.MustCompile(`\{\{(.*?)\}\}|\[\[(\w+)(?::(.*?))?\]\]`)

// compile makes a regexp of a pattern and names the variables it binds. A
// variable bound and used in the same pattern is not supported: Go's regexps
// have no back references.
func (m *matcher) compile(d directive) (*regexp.Regexp, []string, error) {
	if d.kind == "EMPTY" {
		re := regexp.MustCompile(`\n(?:\n|$)`)
		return re, nil, nil
	}
	var sb strings.Builder
	sb.WriteString("(?m)")
	var names []string
	last := 0
	for _, loc := range special.FindAllStringSubmatchIndex(d.pat, -1) {
		sb.WriteString(regexp.QuoteMeta(d.pat[last:loc[0]]))
		last = loc[1]
		switch {
		case loc[2] >= 0:
			sb.WriteString("(?:" + d.pat[loc[2]:loc[3]] + ")")
		case loc[6] >= 0:
			name := d.pat[loc[4]:loc[5]]
			names = append(names, name)
			sb.WriteString("(?P<" + name + ">" + d.pat[loc[6]:loc[7]] + ")")
		default:
			name := d.pat[loc[4]:loc[5]]
			value, ok := m.vars[name]
			if !ok {
				return nil, nil, m.fail(d, "variable "+name+" is not set")
			}
			sb.WriteString(regexp.QuoteMeta(value))
		}
	}
	sb.WriteString(regexp.QuoteMeta(d.pat[last:]))
	re, err := regexp.Compile(sb.String())
	if err != nil {
		return nil, nil, m.fail(d, err.Error())
	}
	return re, names, nil
}
