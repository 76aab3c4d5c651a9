package guard

// This file holds Summary, what one module says about terms.

import (
	"errors"
	"sort"

	"quasi/ir"
	"quasi/ir/spec"
)

// Config says what Summarize may assume and use.
type Config struct {
	// Unit names the module in the ledger; empty: the name it was loaded from.
	Unit string
	// Whole says that the module is the whole program but for the functions it
	// only declares: outside code names none of its symbols, and enters it at main
	// alone.
	Whole bool
	// Points is the solution of points-to for the module; nil: Summarize solves it.
	Points *ir.PointsTo
	// NoPoints does without points-to, for modules where it would take too long.
	NoPoints bool
	// Variants are the functions that have variants: an instance is bound where one
	// of them is called. Nil: any function may be one.
	Variants []string
}

// A Summary is what one module says about terms. It depends on the module, the
// terms and the Config alone, holds no pointer into the module, and can be written
// as JSON and read again.
type Summary struct {
	Unit     string                 `json:"unit"`
	Terms    []string               `json:"terms"`
	Rows     []Row                  `json:"rows,omitempty"`
	Warnings []Warning              `json:"warnings,omitempty"`
	Unknown  map[string]*spec.Error `json:"unknown,omitempty"` // terms that the module does not know, with the reason
	Shapes   map[string]Shape       `json:"shapes,omitempty"`  // of those it knows
	Defines  []string               `json:"defines,omitempty"` // functions that other modules can call
	Calls    []OutsideCall          `json:"calls,omitempty"`   // of functions that it does not define
	// Others are writes that types show to be none of the term, unless another module knows better.
	Others []OtherWrite `json:"others,omitempty"`
	// Confused are the records that casts make of the term's record, or the other
	// way round, by term.
	Confused map[string][]string `json:"confused,omitempty"`
	// Unions are the records and TBAA's names of the scalars that share a union with the term's
	// record, and unions of Members that it lies in, by term.
	Unions map[string][]string `json:"unions,omitempty"`
	// Members are the records that casts show to be members of a union without debug information.
	Members map[string][]string `json:"members,omitempty"`
	// Taken are the terms whose variables' addresses are taken.
	Taken []string     `json:"taken,omitempty"`
	Blind []BlindWrite `json:"blind,omitempty"` // see BlindWrite
	Parts []PartWrite  `json:"parts,omitempty"` // see PartWrite
	// Externs are the variables of other modules, if a term may be a variable; see names.go.
	Externs []Extern `json:"externs,omitempty"`
	// Outsiders are functions in no module that calls through pointers may reach.
	Outsiders []Outsider `json:"outsiders,omitempty"`
}

// An OutsideCall is a row or a warning that counts if no module defines the
// callee. That of a call through a pointer has the prototype of the call, and counts
// unless it is known that no function in no module can be called.
type OutsideCall struct {
	Callee  string   `json:"callee,omitempty"`
	Proto   string   `json:"proto,omitempty"`
	Once    bool     `json:"once,omitempty"` // one row for all calls of the callee
	Row     *Row     `json:"row,omitempty"`
	Warning *Warning `json:"warning,omitempty"`
}

// An OtherWrite is a write of bytes [Lo, Hi) of a record, or of a scalar of a type that TBAA
// names. It is none of any term, unless a module confuses the records, or knows a union of them.
type OtherWrite struct {
	Record string `json:"record,omitempty"`
	Scalar string `json:"scalar,omitempty"`
	Lo     int64  `json:"lo"`
	Hi     int64  `json:"hi"`
	Tagged bool   `json:"tagged,omitempty"` // a tag says so: only a union matters
	Row    Row    `json:"row"`              // without a term
}

// Summarize lists the instructions of p that may write the terms, and what takes
// the types' guarantees away. Terms that the module does not know are no error. It
// is deterministic.
func Summarize(p *ir.Program, terms []Term, cfg Config) (*Summary, error) {
	sum := &Summary{
		Unit: first(cfg.Unit, p.Source), Unknown: make(map[string]*spec.Error), Shapes: make(map[string]Shape),
		Confused: make(map[string][]string), Unions: make(map[string][]string), Members: make(map[string][]string),
	}
	s := newScan(p, cfg, sum)
	for i, t := range terms {
		text := t.String()
		if t.head == "" {
			return nil, errors.New("a term is empty")
		}
		sum.Terms = append(sum.Terms, text)
		locs, err := t.resolveAll(p)
		if err != nil {
			var why *spec.Error
			if !errors.As(err, &why) {
				why = &spec.Error{Msg: err.Error()}
			}
			sum.Unknown[text] = why
			s.targets = append(s.targets, blindTarget(p, t, i))
			continue
		}
		for _, loc := range locs {
			s.targets = append(s.targets, newTarget(p, loc, i))
		}
	}
	for _, f := range p.Funcs {
		if !f.IsDecl() && !isLocal(f.LL.Linkage) {
			sum.Defines = append(sum.Defines, f.Name())
		}
	}
	sort.Strings(sum.Defines)
	s.solve()
	s.prepare()
	for _, f := range p.Funcs {
		if !f.IsDecl() {
			s.function(f)
		}
	}
	s.finish()
	return sum, nil
}
