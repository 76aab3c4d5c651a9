package guard

// This file joins the summaries of the modules of a program.

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"quasi/ir/spec"
)

// Join makes the ledger of a program of the summaries of its modules (D15). They must
// be about the same terms. It is an error if no module knows a term; one module
// alone need not know it. The rows are in the order of terms, then of units as
// given.
func Join(units []*Summary) (*Ledger, error) { return join(units, false) }

// JoinAll is Join of all modules of a program but for libraries (D16).
func JoinAll(units []*Summary) (*Ledger, error) { return join(units, true) }

func join(units []*Summary, all bool) (*Ledger, error) {
	l := &Ledger{Rows: []Row{}, Warnings: []Warning{}}
	if len(units) == 0 {
		return l, nil
	}
	l.Terms = units[0].Terms
	order := make(map[string]int)
	for i, t := range l.Terms {
		order[t] = i
	}
	for _, u := range units {
		l.Units = append(l.Units, u.Unit)
		if !slices.Equal(u.Terms, l.Terms) {
			return nil, fmt.Errorf("%s is summarized for other terms than %s: %s, not %s", u.Unit, units[0].Unit, strings.Join(u.Terms, ", "), strings.Join(l.Terms, ", "))
		}
	}
	if err := unknownTerms(l.Terms, units); err != nil {
		return nil, err
	}
	j := newJoint(l.Terms, units, all)
	for _, u := range units {
		calls, warnings := j.calls(u)
		rows := slices.Concat(u.Rows, calls, j.otherWrites(u))
		for _, t := range l.Terms {
			rows = append(rows, j.unnamed[t][u]...)
		}
		rows = oneEach(append(rows, conditionalRows(u, j.shapes, j.taken)...))
		j.allocators(rows)
		l.Rows = append(l.Rows, rows...)
		l.Warnings = append(append(l.Warnings, u.Warnings...), warnings...)
	}
	slices.SortStableFunc(l.Rows, func(a, b Row) int { return order[a.Term] - order[b.Term] })
	l.layouts(units)
	slices.SortStableFunc(l.Warnings, func(a, b Warning) int { return order[a.Term] - order[b.Term] })
	return l, nil
}

// A joint is what all modules together know.
type joint struct {
	terms   []string
	closed  bool // they are all of the program (D16)
	defined map[string]bool
	outside []string // see outsideProtos
	// confused has, by term and record, what casts make of the term's record; sharing the
	// records and scalars that share a union with it, and "" if some member of one does.
	confused, sharing map[[2]string]bool
	shapes            map[string]Shape
	taken             map[string]bool // terms whose variables' addresses are taken
	unnamed           map[string]map[*Summary][]Row
	once              map[[3]string]bool // calls that have their one row, by term, callee and prototype
}

func newJoint(terms []string, units []*Summary, closed bool) *joint {
	j := &joint{
		terms: terms, closed: closed, defined: make(map[string]bool), confused: make(map[[2]string]bool), sharing: make(map[[2]string]bool),
		shapes: make(map[string]Shape), taken: make(map[string]bool), unnamed: make(map[string]map[*Summary][]Row), once: make(map[[3]string]bool),
	}
	for _, u := range units {
		for _, f := range u.Defines {
			j.defined[f] = true
		}
		for term, records := range u.Confused {
			for _, r := range records {
				j.confused[[2]string{term, r}] = true
			}
		}
		for term, records := range u.Unions {
			for _, r := range records {
				j.sharing[[2]string{term, r}] = true
				for _, v := range units {
					for _, m := range v.Members[r] {
						j.sharing[[2]string{term, m}], j.sharing[[2]string{term, ""}] = true, true
					}
				}
			}
		}
	}
	for _, t := range terms {
		j.shapes[t], j.taken[t] = knowledge(t, units)
		j.unnamed[t] = unnamed(t, units)
	}
	j.outside = outsideProtos(units, j.defined)
	return j
}

// visible reports whether all that c may call is in the modules.
func (j *joint) visible(c OutsideCall) bool {
	if c.Proto == "" {
		return j.defined[c.Callee]
	}
	return j.closed && !slices.ContainsFunc(j.outside, func(f string) bool { return fits(c.Proto, f) })
}

// calls are the rows and warnings of the calls of u that leave the modules.
func (j *joint) calls(u *Summary) (rows []Row, warnings []Warning) {
	for _, c := range u.Calls {
		switch {
		case j.visible(c):
		case c.Once && j.once[[3]string{c.Row.Term, c.Callee, c.Proto}]:
		case c.Row != nil:
			if c.Once {
				j.once[[3]string{c.Row.Term, c.Callee, c.Proto}] = true
			}
			rows = append(rows, *c.Row)
		case c.Warning != nil:
			warnings = append(warnings, *c.Warning)
		}
	}
	return rows, warnings
}

// otherWrites are the rows of writes of u to other records and scalars that are writes of
// a term by what other modules do with these (D3).
func (j *joint) otherWrites(u *Summary) []Row {
	var rows []Row
	for _, o := range u.Others {
		for _, t := range j.terms {
			sh, r := j.shapes[t], o.Row
			key := [2]string{t, o.Record + o.Scalar}
			switch {
			case slices.Contains(u.Unions[t], o.Record+o.Scalar):
				continue // the unit knows the union
			case j.sharing[key] || o.Record == "" && j.sharing[[2]string{t, ""}]:
				r.Reason = "writes " + o.Record + o.Scalar + ", which shares a union with it elsewhere"
			case !o.Tagged && j.confused[key] && o.Lo < sh.Off+sh.Size && o.Hi > sh.Off:
				r.Reason = "writes " + o.Record + ", and a cast makes one of the other"
			default:
				continue
			}
			r.Term = t
			rows = append(rows, r)
		}
	}
	return rows
}

// allocators takes back what was concluded from functions that no module defines, where one does (D10).
func (j *joint) allocators(rows []Row) {
	for i := range rows {
		r := &rows[i]
		for _, f := range r.Allocators {
			if j.defined[f] {
				r.Class, r.Reason = MustGuard, "'"+f+"' is visible, and may return memory that is bound"
			}
		}
		r.Allocators = nil
	}
}

// oneEach sorts the rows of a unit by place, and keeps the strongest of several for
// one instruction and term; that it may write what cannot be guarded is kept as well. Rows that have been read from JSON have no Pt; the
// order is that of their places then, which are compared as text.
func oneEach(rows []Row) []Row {
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Term, b.Term), cmp.Compare(a.Pt, b.Pt), cmp.Compare(a.Place, b.Place), cmp.Compare(a.Class, b.Class))
	})
	return slices.CompactFunc(rows, func(a, b Row) bool {
		same := a.Term == b.Term && a.Place == b.Place && a.Pt == b.Pt
		return same && (max(a.Class, b.Class) != NotVisible || a.Class == b.Class)
	})
}

// unknownTerms are the terms that no module knows (D13).
func unknownTerms(terms []string, units []*Summary) error {
	var errs []error
	for _, t := range terms {
		known, reason := false, (*spec.Error)(nil)
		for _, u := range units {
			why, unknown := u.Unknown[t]
			known = known || !unknown
			if unknown && (reason == nil || nearer(why, reason)) {
				reason = why
			}
		}
		if !known {
			errs = append(errs, reason)
		}
	}
	return errors.Join(errs...)
}

// nearer reports whether a says more of what is wrong with a term than b: it comes
// further in the text, or has a suggestion.
func nearer(a, b *spec.Error) bool {
	const suggestion = "did you mean"
	return cmp.Or(cmp.Compare(a.Pos.Col, b.Pos.Col), strings.Count(a.Msg, suggestion)-strings.Count(b.Msg, suggestion)) > 0
}

// layouts warns of terms that do not lie at the same place in all units (D13).
func (l *Ledger) layouts(units []*Summary) {
	for _, t := range l.Terms {
		var first *Summary
		for _, u := range units {
			s, ok := u.Shapes[t]
			if !ok {
				continue
			}
			if first == nil {
				first = u
			}
			if f := first.Shapes[t]; f.Off != s.Off || f.Size != s.Size {
				l.Warnings = append(l.Warnings, Warning{Kind: WarnLayout, Term: t, Unit: u.Unit, File: u.Unit,
					Text: fmt.Sprintf("'%s' is %d bytes at %d here, but %d bytes at %d in %s", t, s.Size, s.Off, f.Size, f.Off, first.Unit),
					Hint: "the units do not agree on the type"})
			}
		}
	}
}

// sortedKeys are the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
