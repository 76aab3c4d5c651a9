package spec

// This file holds expectations: binding times that a specification demands.

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// An Expectation demands a binding time of something that Key names: a line, a
// variable, a result, a function. Who has analyzed the program finds it and
// compares.
type Expectation struct {
	Key  Text
	Time Text // one of Times
}

// Times are the binding times that can be demanded.
var Times = []string{"static", "dynamic", "static-and-dynamic"}

// expect reads what is demanded.
func (r *reader) expect(e *Entry, n ast.Node) {
	m, ok := n.(ast.MapNode)
	if !ok {
		r.errs.add(hint(r.at(n, "expected binding times"), "write expect: { \"FUNCTION:LINE\": static, result: static }"))
		return
	}
	for it := m.MapRange(); it.Next(); {
		key := r.key(it.Key())
		s, ok := it.Value().(ast.ScalarNode)
		if !ok || s.Type() == ast.NullType {
			r.errs.add(hint(key.Errorf("'%s' has no binding time", key), "binding times are %s", strings.Join(Times, ", ")))
			continue
		}
		e.setExpect(Expectation{Key: key, Time: r.text(s)}, &r.errs)
	}
}

// setExpect adds a demand.
func (e *Entry) setExpect(x Expectation, errs *errorList) {
	if strings.TrimSpace(x.Key.Value) == "" {
		errs.add(x.Key.Errorf("the key is empty"))
		return
	}
	for _, old := range e.Expect {
		if old.Key.Value == x.Key.Value {
			err := x.Key.Errorf("'%s' is given twice", x.Key)
			err.Note = old.Key.Errorf("it is given here, too")
			errs.add(err)
			return
		}
	}
	for _, t := range Times {
		if x.Time.Value == t {
			e.Expect = append(e.Expect, x)
			return
		}
	}
	errs.add(hint(suggest(x.Time.Errorf("'%s' is no binding time", x.Time), x.Time.Value, Times), "binding times are %s", strings.Join(Times, ", ")))
}

// trimmed is text at offset at of s, without spaces round it.
func trimmed(s *source, at int, text string) Text {
	inner := strings.TrimLeft(text, " ")
	return plainText(s, at+len(text)-len(inner), strings.TrimRight(inner, " "))
}

// ExpectFlags adds to the only entry of f, which FromFlags has made, what `--expect
// KEY=TIME` demands.
func (f *File) ExpectFlags(flags []string) error {
	var errs errorList
	for _, text := range flags {
		s := newSource("--expect", text)
		i := strings.LastIndexByte(text, '=')
		if i < 0 {
			errs.add(hint(s.errorAt(0, len(text), "expected KEY=TIME"), "for example --expect result=static"))
			continue
		}
		f.Entries[0].setExpect(Expectation{Key: trimmed(s, 0, text[:i]), Time: trimmed(s, i+1, text[i+1:])}, &errs)
	}
	return errs.err()
}
