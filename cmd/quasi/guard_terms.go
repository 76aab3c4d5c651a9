package main

// This file finds the terms of the predicates of a specification.

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"quasi/guard"
	"quasi/ir"
	"quasi/ir/spec"
)

// A refusal is a part of a predicate that is no term: its writes cannot be told from
// others.
type refusal struct {
	Predicate string `json:"predicate"`
	At        string `json:"at"` // in the specification
	Why       string `json:"why"`
}

// addTerm adds t to terms if it is not among them.
func addTerm(terms []guard.Term, t guard.Term) []guard.Term {
	if slices.ContainsFunc(terms, func(o guard.Term) bool { return o.String() == t.String() }) {
		return terms
	}
	return append(terms, t)
}

// termsOf returns the terms of the quasi-invariants of a specification: each entry is
// resolved in the units that define its function.
func (s *summarizer) termsOf(ctx context.Context, units []*unit, file *spec.File) ([]guard.Term, error) {
	if err := s.each(ctx, "compiling", units, s.makeText); err != nil {
		return nil, err
	}
	var terms []guard.Term
	for _, e := range file.Entries {
		var found *unit
		for _, u := range units {
			has, err := defines(u.text, e.Function.Value)
			if err != nil {
				return nil, err
			}
			if !has {
				continue
			}
			found = u
			more, err := s.termsIn(u, &spec.File{Entries: []*spec.Entry{e}})
			if err != nil {
				return nil, err
			}
			for _, t := range more {
				terms = addTerm(terms, t)
			}
		}
		if found == nil { // the resolver has the message, with what the name may have meant
			if _, err := s.termsIn(units[0], &spec.File{Entries: []*spec.Entry{e}}); err != nil {
				return nil, err
			}
		}
	}
	return terms, nil
}

// termsIn resolves a specification in a unit.
func (s *summarizer) termsIn(u *unit, file *spec.File) ([]guard.Term, error) {
	var terms []guard.Term
	err := s.phase("resolving the specification", "", func() error {
		prog, err := s.loadUnit(u)
		if err != nil {
			return err
		}
		r, err := spec.Resolve(prog, file)
		if err != nil {
			return err
		}
		for _, v := range r.Variants {
			for _, p := range v.When {
				for _, st := range p.Terms {
					t, err := guard.TermOf(prog, st)
					if err != nil {
						s.refused = append(s.refused, refusal{Predicate: p.Text, At: p.Pos.String(), Why: err.Error()})
						continue
					}
					terms = addTerm(terms, t)
				}
			}
		}
		return nil
	})
	return terms, err
}

// summarizeKnown summarizes prog for those of the terms that it knows, since a ledger has no
// others; unknown says why of the rest.
func summarizeKnown(prog *ir.Program, terms []guard.Term, cfg guard.Config) (sum *guard.Summary, unknown map[string]*spec.Error, err error) {
	if sum, err = guard.Summarize(prog, terms, cfg); err != nil || len(sum.Unknown) == 0 {
		return sum, nil, err
	}
	unknown = sum.Unknown
	known := slices.DeleteFunc(slices.Clone(terms), func(t guard.Term) bool { return unknown[t.String()] != nil })
	sum, err = guard.Summarize(prog, known, cfg)
	return sum, unknown, err
}

// defines reports whether IR text defines a function.
func defines(file, name string) (bool, error) {
	f, err := os.Open(file)
	if err != nil {
		return false, fmt.Errorf("%s: %w", file, cause(err))
	}
	defer f.Close()
	lines := bufio.NewReaderSize(f, 1<<16)
	for {
		line, err := lines.ReadString('\n')
		if strings.HasPrefix(line, "define ") && (strings.Contains(line, "@"+name+"(") || strings.Contains(line, "@\""+name+"\"(")) {
			return true, nil
		}
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("%s: %w", file, cause(err))
		}
	}
}
