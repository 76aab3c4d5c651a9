package guard

// This file is about modules that do not know a term: it may have a record type
// that they never mention, or be a variable of another module. They can write it
// all the same, through pointers whose type says nothing, or as a part that they
// know by itself. What they may write is joined with what other modules know.

import (
	"slices"

	"quasi/ir"
)

// A BlindWrite is a row that counts if what other modules know of the term does not
// exclude it: the module does not know the term, or not whether the address of the
// variable is taken elsewhere.
type BlindWrite struct {
	Access string `json:"access,omitempty"` // TBAA's name of the type of the access
	Size   int64  `json:"size"`
	Row    Row    `json:"row"`
}

// A PartWrite is a write of bytes [Lo, Hi) of a record, of a module that does not
// know some term: the record may be a part of the term's.
type PartWrite struct {
	Record string `json:"record"`
	Lo     int64  `json:"lo"`
	Hi     int64  `json:"hi"`
	Row    Row    `json:"row"` // without a term
}

// A Shape is what a module knows of a term.
type Shape struct {
	Off  int64 `json:"off"` // in its record or variable
	Size int64 `json:"size"`
	// Scalars are TBAA's names of the types in it; none: everything aliases it.
	Scalars []string    `json:"scalars,omitempty"`
	Parts   []ShapePart `json:"parts,omitempty"`
	// Variable tells that it is one that other modules can name, Taken that its
	// address is taken.
	Variable bool `json:"variable,omitempty"`
	Taken    bool `json:"taken,omitempty"`
}

// A ShapePart is a record that may be a part of the term's: bytes [Lo, Hi) of it are
// the term, or a part of it.
type ShapePart struct {
	Record string `json:"record"`
	Lo     int64  `json:"lo"`
	Hi     int64  `json:"hi"`
}

// blindTarget is the target of a term that the module does not know: no type has
// anything to do with it, and everything aliases it.
func blindTarget(p *ir.Program, t Term, index int) *target {
	b := &target{location: &location{text: t.String(), end: farEnd}, blind: true}
	b.init(p, index)
	return b
}

// shape is what the module knows of t.
func (t *target) shape(s *scan) Shape {
	sh := Shape{Off: t.off, Size: t.end - t.off, Scalars: sortedKeys(t.scalars)}
	for _, p := range t.parts {
		name := ""
		if p.typ != nil {
			name = recordName(p.typ)
		}
		if q := (ShapePart{name, p.lo, p.hi}); name != "" && !slices.Contains(sh.Parts, q) {
			sh.Parts = append(sh.Parts, q)
		}
	}
	if t.global != nil {
		sh.Variable = !isLocal(t.global.Linkage)
		sh.Taken = s.addressTaken[t.global]
	}
	return sh
}

// digest enters the records that a write says it writes, if some term is not
// known.
func (s *scan) digest(w access) {
	if !slices.ContainsFunc(s.targets, func(t *target) bool { return t.blind }) {
		return
	}
	seen := make(map[string]bool)
	for _, p := range s.tr.trace(w.addr) {
		for _, v := range p.views {
			name := s.recordOf(v)
			if v.object || name == "" || seen[name] || isAnonymous(v.typ) {
				continue
			}
			seen[name] = true
			r := s.row(&target{location: &location{}}, w.pt, MayWrite, w.how, w.what+" "+name+", which may be a part of it")
			s.sum.Parts = append(s.sum.Parts, PartWrite{Record: name, Lo: v.lo, Hi: min(v.hi+w.n, farEnd), Row: r})
		}
	}
}

// knowledge is what all modules together know of a term.
func knowledge(term string, units []*Summary) (sh Shape, taken bool) {
	known := false
	for _, u := range units {
		s, ok := u.Shapes[term]
		if ok && !known {
			sh, known = s, true
		}
		taken = taken || s.Taken
	}
	return sh, taken
}

// conditionalRows are the rows of a unit that others make count.
func conditionalRows(u *Summary, shapes map[string]Shape, taken map[string]bool) []Row {
	var rows []Row
	for _, b := range u.Blind {
		sh := shapes[b.Row.Term]
		switch {
		case sh.Variable && !taken[b.Row.Term]:
		case b.Access != "" && b.Access != "omnipotent char" && sh.Scalars != nil && !slices.Contains(sh.Scalars, b.Access):
		default:
			rows = append(rows, b.Row)
		}
	}
	for _, term := range u.Terms {
		if _, blind := u.Unknown[term]; !blind {
			continue
		}
		sh := shapes[term]
		if sh.Variable && !taken[term] {
			continue
		}
		for _, w := range u.Parts {
			for _, p := range sh.Parts {
				if p.Record == w.Record && w.Lo < p.Hi && w.Hi > p.Lo {
					r := w.Row
					r.Term = term
					rows = append(rows, r)
					break
				}
			}
		}
	}
	return rows
}
