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
	defined := make(map[string]bool)
	confused, sharing := make(map[[2]string]bool), make(map[[2]string]bool)
	for _, u := range units {
		for _, f := range u.Defines {
			defined[f] = true
		}
		for term, records := range u.Confused {
			for _, r := range records {
				confused[[2]string{term, r}] = true
			}
		}
		for term, records := range u.Unions {
			for _, r := range records {
				sharing[[2]string{term, r}] = true
				for _, v := range units {
					for _, m := range v.Members[r] {
						sharing[[2]string{term, m}], sharing[[2]string{term, ""}] = true, true
					}
				}
			}
		}
	}
	shapes, taken := make(map[string]Shape), make(map[string]bool)
	others := make(map[string]map[*Summary][]Row)
	for _, t := range l.Terms {
		shapes[t], taken[t] = knowledge(t, units)
		others[t] = unnamed(t, units)
	}
	outside := outsideProtos(units, defined)
	// visible reports whether all that c may call is in the modules.
	visible := func(c OutsideCall) bool {
		if c.Proto == "" {
			return defined[c.Callee]
		}
		return all && !slices.ContainsFunc(outside, func(f string) bool { return fits(c.Proto, f) })
	}
	seen := make(map[[3]string]bool)
	for _, u := range units {
		rows, warnings := slices.Clone(u.Rows), slices.Clone(u.Warnings)
		for _, c := range u.Calls {
			switch {
			case visible(c):
			case c.Once && seen[[3]string{c.Row.Term, c.Callee, c.Proto}]:
			case c.Row != nil:
				if c.Once {
					seen[[3]string{c.Row.Term, c.Callee, c.Proto}] = true
				}
				rows = append(rows, *c.Row)
			case c.Warning != nil:
				warnings = append(warnings, *c.Warning)
			}
		}
		for _, o := range u.Others {
			for _, t := range l.Terms {
				sh, r := shapes[t], o.Row
				key := [2]string{t, o.Record + o.Scalar}
				switch {
				case slices.Contains(u.Unions[t], o.Record+o.Scalar):
					continue // the unit knows the union
				case sharing[key] || o.Record == "" && sharing[[2]string{t, ""}]:
					r.Reason = "writes " + o.Record + o.Scalar + ", which shares a union with it elsewhere"
				case !o.Tagged && confused[key] && o.Lo < sh.Off+sh.Size && o.Hi > sh.Off:
					r.Reason = "writes " + o.Record + ", and a cast makes one of the other"
				default:
					continue
				}
				r.Term = t
				rows = append(rows, r)
			}
		}
		for _, t := range l.Terms {
			rows = append(rows, others[t][u]...)
		}
		rows = oneEach(append(rows, conditionalRows(u, shapes, taken)...))
		for i := range rows {
			r := &rows[i]
			for _, f := range r.Allocators {
				if defined[f] {
					r.Class, r.Reason = MustGuard, "'"+f+"' is visible, and may return memory that is bound"
				}
			}
			r.Allocators = nil
		}
		l.Rows = append(l.Rows, rows...)
		l.Warnings = append(l.Warnings, warnings...)
	}
	slices.SortStableFunc(l.Rows, func(a, b Row) int { return order[a.Term] - order[b.Term] })
	l.layouts(units)
	slices.SortStableFunc(l.Warnings, func(a, b Warning) int { return order[a.Term] - order[b.Term] })
	return l, nil
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
