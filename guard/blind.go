package guard

// This file is about modules that do not know a term (D11): it may have a record type
// that they never mention, or be a variable of another module. They can write it
// all the same, through pointers whose type says nothing, or as a part that they
// know by itself. What they may write is joined with what other modules know.

import (
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"

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

// A PartWrite is a write of bytes [Lo, Hi) of a record or variable, of a module that
// does not know some term: the record may be a part of the term's, or the term's itself,
// of which the module has no debug information.
type PartWrite struct {
	Object string `json:"object"` // as a term begins
	Lo     int64  `json:"lo"`
	Hi     int64  `json:"hi"`
	Some   bool   `json:"some,omitempty"` // it writes some of these bytes, not all
	Row    Row    `json:"row"`            // without a term
}

// A Shape is what a module knows of a term.
type Shape struct {
	Off  int64 `json:"off"` // in its record or variable
	Size int64 `json:"size"`
	// Scalars are TBAA's names of the types in it; none: everything aliases it.
	Scalars []string    `json:"scalars,omitempty"`
	Parts   []ShapePart `json:"parts,omitempty"`
	// Variable tells that it is a variable or a part of one, Defined that the module defines it,
	// with other names for it, and Symbol how it is called in object files.
	Variable bool     `json:"variable,omitempty"`
	Defined  bool     `json:"defined,omitempty"`
	Names    []string `json:"names,omitempty"`
	Symbol   string   `json:"symbol,omitempty"`
}

// A ShapePart is a record that may be a part of the term's: bytes [Lo, Hi) of it are
// the term, or a part of it.
type ShapePart struct {
	Record string `json:"record"`
	Lo     int64  `json:"lo"`
	Hi     int64  `json:"hi"`
}

// blindTarget is the target of a term that the module does not know: everything
// aliases it. The module may all the same have its variable, or its record without
// the names of members.
func blindTarget(p *ir.Program, t Term, index int) *target {
	b := &target{location: &location{text: t.String(), end: farEnd, object: t.head}, blind: true}
	b.init(p, index)
	if !strings.Contains(t.head, " ") {
		b.global, _ = b.names.Global(t.head)
	}
	return b
}

// isBlindRecord reports whether typ is the record of a term that the module does not
// know, by its name.
func (t *target) isBlindRecord(c *ir.CType) bool {
	return t.blind && t.global == nil && recordOfType(c) == t.object
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
	object := t.object
	if t.global != nil {
		sh.Variable, sh.Symbol, sh.Defined, sh.Names = true, t.global.Name(), t.global.Init != nil, otherNames(s.prog, t.global)
	}
	if t.global == nil {
		object = recordOfType(t.typ) // a typedef may have named it
	}
	sh.Parts = append(sh.Parts, ShapePart{object, t.off, t.end})
	return sh
}

// with is a shape with what another says of the same term.
func (sh Shape) with(s Shape) Shape {
	if sh.Size == 0 {
		return s
	}
	if len(sh.Scalars) > 0 && len(s.Scalars) > 0 {
		sh.Scalars = slices.Concat(sh.Scalars, s.Scalars)
	} else {
		sh.Scalars = nil
	}
	for _, p := range s.Parts {
		if !slices.Contains(sh.Parts, p) {
			sh.Parts = slices.Insert(sh.Parts, 0, p)
		}
	}
	return sh
}

// digest enters the records and variables that a write says it writes, if some term
// is not known.
func (s *scan) digest(w access, ways []path) {
	if !slices.ContainsFunc(s.targets, func(t *target) bool { return t.blind }) {
		return
	}
	var parts []PartWrite
	enter := func(object string, lo, hi int64, some bool) {
		p := PartWrite{Object: object, Lo: max(lo, 0), Hi: min(hi, farEnd), Some: some}
		for _, q := range parts {
			if q.Object == p.Object && q.Lo == p.Lo && q.Hi == p.Hi {
				return
			}
		}
		parts = append(parts, p)
	}
	for _, p := range ways {
		for _, v := range p.views {
			some := v.lo != v.hi || w.n >= farEnd
			s.records(v.typ, v.lo, v.hi+w.n, some, enter)
			if g, ok := p.root.(*llir.Global); ok && v.object {
				enter(s.prog.Names().ValueName(g), v.lo, v.hi+w.n, some)
			}
		}
	}
	for _, p := range parts {
		p.Row = s.row(noTerm, w.pt, MayWrite, w.how, w.what)
		s.sum.Parts = append(s.sum.Parts, p)
	}
}

// records enters the named records in an object of type typ of which bytes [lo, hi)
// are written.
func (s *scan) records(typ types.Type, lo, hi int64, some bool, enter func(string, int64, int64, bool)) {
	l := s.prog.Layout
	switch x := typ.(type) {
	case *types.ArrayType:
		n := l.Size(x.ElemType)
		if _, isStruct := x.ElemType.(*types.StructType); n <= 0 || !isStruct {
			return
		}
		if lo/n == (hi-1)/n && lo >= 0 {
			s.records(x.ElemType, lo%n, lo%n+hi-lo, some, enter)
		} else {
			s.records(x.ElemType, 0, n, some, enter)
		}
	case *types.StructType:
		if isAnonymous(x) && x.Name() == "" {
			return
		}
		if name := recordOfType(s.prog.Names().IRType(x)); name != "" && x.Name() != "" {
			enter(name, lo, hi, some)
		}
		for i, f := range x.Fields {
			off := l.Offset(x, i)
			if a, b := max(lo, off), min(hi, off+l.Size(f)); a < b {
				s.records(f, a-off, b-off, some, enter)
			}
		}
	}
}

// knowledge is what all modules together know of a term; taken tells whether one
// takes the address of its variable (D12).
func knowledge(term string, units []*Summary) (sh Shape, taken bool) {
	for _, u := range units {
		if s, ok := u.Shapes[term]; ok {
			sh = sh.with(s)
		}
		taken = taken || slices.Contains(u.Taken, term)
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
		case b.Access != "" && b.Access != "omnipotent char" && len(sh.Scalars) > 0 && !slices.Contains(sh.Scalars, b.Access):
		default:
			rows = append(rows, b.Row)
		}
	}
	for _, term := range u.Terms {
		if _, blind := u.Unknown[term]; !blind {
			continue
		}
		sh := shapes[term]
		for _, w := range u.Parts {
			for i, p := range sh.Parts {
				if p.Record != w.Object || w.Lo >= p.Hi || w.Hi <= p.Lo {
					continue
				}
				r := w.Row
				r.Term = term
				switch head := i == len(sh.Parts)-1; {
				case head && !w.Some:
					r.Class, r.Reason = MustGuard, r.Reason+" "+term
				case head:
					r.Reason += " some part of " + p.Record
				case sh.Variable && !taken[term]:
					continue
				default:
					r.Reason += " " + p.Record + ", which may be a part of it"
				}
				rows = append(rows, r)
				break
			}
		}
	}
	return rows
}
