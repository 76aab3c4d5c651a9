package guard

// This file holds terms: their text, and what they are in a module.

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"

	"quasi/ir"
	"quasi/ir/spec"
)

// A Term is a memory location that a quasi-invariant reads: a part of every
// instance of a record type, or a variable or a part of one. The zero Term is
// none. Its text is one of
//
//	struct task_struct.uid    a member of a struct or union, by tag
//	task_t.uid                or by the name of a typedef
//	struct s.a.b              nested members; those of anonymous structs as in C
//	struct s.arr[2].x         an element; struct s.arr is all elements
//	struct s.[3]              the member number 3, for modules without debug information
//	struct s                  all of an instance
//	jiffies, table[3].x       a variable, a part of it
//	f.counter                 a static local variable, as the IR names it
type Term struct {
	head  string // struct s, union u, or a name
	steps []step
	// symbol tells that head is the name of one variable in the IR; else it is all variables at
	// file scope that C calls so.
	symbol bool
}

// A step goes from an object to a part of it.
type step struct {
	name   string // of a member; empty for a number
	num    int64  // of a member or element
	member bool
}

// String is the canonical text.
func (t Term) String() string {
	var b strings.Builder
	b.WriteString(t.head)
	for _, s := range t.steps {
		switch {
		case s.name != "":
			b.WriteString("." + s.name)
		case s.member:
			fmt.Fprintf(&b, ".[%d]", s.num)
		default:
			fmt.Fprintf(&b, "[%d]", s.num)
		}
	}
	return b.String()
}

// MarshalText writes a Term as its text.
func (t Term) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the text of a Term.
func (t *Term) UnmarshalText(text []byte) (err error) {
	*t, err = ParseTerm(string(text))
	return err
}

// ParseTerm reads the text of a term. Whether there is such a thing is found out
// where a module is looked at. The error is a *spec.Error that shows the place.
func ParseTerm(text string) (Term, error) {
	p := termParser{text: text}
	return p.parse()
}

type termParser struct {
	text string
	at   int
}

func (p *termParser) parse() (t Term, err error) {
	p.blank()
	from := p.at
	name := p.name()
	if name == "struct" || name == "union" {
		p.blank()
		tag := p.name()
		if tag == "" {
			return Term{}, p.fail(p.at, 1, "there is no tag after '%s'", name)
		}
		name += " " + tag
	}
	if name == "" {
		e := p.fail(from, 1, "a term begins with 'struct TAG', the name of a typedef or that of a variable")
		e.Hint = "such as 'struct task_struct.uid' or 'table[3].x'"
		return Term{}, e
	}
	t.head = name
	for p.blank(); p.at < len(p.text); p.blank() {
		from := p.at
		switch {
		case p.take("."):
			if p.blank(); p.take("[") {
				n, err := p.number()
				if err != nil {
					return Term{}, err
				}
				t.steps = append(t.steps, step{num: n, member: true})
				continue
			}
			name := p.name()
			if name == "" {
				return Term{}, p.fail(p.at, 1, "there is no name of a member after '.'")
			}
			t.steps = append(t.steps, step{name: name, member: true})
		case p.take("["):
			n, err := p.number()
			if err != nil {
				return Term{}, err
			}
			t.steps = append(t.steps, step{num: n})
		case p.take("->"):
			e := p.fail(from, 2, "a term is a part of one object: it cannot follow a pointer")
			e.Hint = "name the type that the pointer points to, as in 'struct task_struct.uid'"
			return Term{}, e
		default:
			return Term{}, p.fail(p.at, 1, "'.' or '[' is expected")
		}
	}
	return t, nil
}

func (p *termParser) blank() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t') {
		p.at++
	}
}

func (p *termParser) take(s string) bool {
	if strings.HasPrefix(p.text[p.at:], s) {
		p.at += len(s)
		return true
	}
	return false
}

func (p *termParser) name() string {
	from := p.at
	for ; p.at < len(p.text); p.at++ {
		c := p.text[p.at]
		if c != '_' && c != '$' && (c|0x20 < 'a' || c|0x20 > 'z') && (p.at == from || c < '0' || c > '9') {
			break
		}
	}
	return p.text[from:p.at]
}

// number reads an index and the bracket that ends it.
func (p *termParser) number() (int64, error) {
	p.blank()
	from := p.at
	for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
		p.at++
	}
	digits := p.text[from:p.at]
	if digits == "" {
		e := p.fail(p.at, 1, "an index is a decimal number")
		if strings.HasPrefix(p.text[p.at:], "]") {
			e.Hint = "all elements are meant without an index"
		}
		return 0, e
	}
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil {
		return 0, p.fail(from, len(digits), "the index %s is too large", digits)
	}
	if p.blank(); !p.take("]") {
		return 0, p.fail(p.at, 1, "']' is expected")
	}
	return n, nil
}

// fail makes an error that shows the text. Its position has a column alone: the
// text is an argument, not a file.
func (p *termParser) fail(at, width int, format string, args ...any) *spec.Error {
	return &spec.Error{Pos: spec.Pos{Col: at + 1}, Msg: fmt.Sprintf(format, args...), Line: p.text, Width: max(width, 1)}
}

// TermOf is the term that a predicate over p reads. It is an error if it belongs to
// no record or variable, as *q does for a pointer to int, or to a record that
// cannot be named: writes of it cannot be told from others.
func TermOf(p *ir.Program, t *spec.Term) (Term, error) {
	if g, ok := t.Global.(*llir.Global); ok {
		term := Term{head: g.Name(), symbol: true}
		_, typ := p.Names().Global(g.Name())
		if off, ok := constantOffset(t.Addr); ok && typ != nil {
			term.steps = stepsTo(typ, off, t.Size)
		}
		return term, nil
	}
	if t.Record == nil {
		return Term{}, fmt.Errorf("'%s' is neither a member of a struct or union nor a variable", t.Text)
	}
	head := recordName(t.Record)
	if head == "" {
		return Term{}, fmt.Errorf("'%s' is a member of a %s that has no name", t.Text, t.Record.Kind)
	}
	return Term{head: head, steps: stepsAt(t)}, nil
}

// constantOffset is how far an address lies inside its variable, if that is
// constant.
func constantOffset(e *spec.Expr) (off int64, ok bool) {
	for ; e != nil; e = e.Args[0] {
		switch e.Op {
		case spec.OpAddr:
			return off + e.Off, true
		case spec.OpOffset:
			off += e.Off
		default:
			return 0, false
		}
	}
	return 0, false
}

// stepsTo are the steps to the part of an object of type t that has size bytes
// at off; they end where no part is as large.
func stepsTo(t *ir.CType, off, size int64) (steps []step) {
	for t != nil && (off != 0 || t.Size != size || t.IsRecord()) {
		switch {
		case t.Kind == ir.CArray && t.Elem.Size > 0 && off%t.Elem.Size+size <= t.Elem.Size:
			steps = append(steps, step{num: off / t.Elem.Size})
			t, off = t.Elem, off%t.Elem.Size
		case t.IsRecord():
			i := slices.IndexFunc(t.Fields, func(f ir.CField) bool {
				return f.Off <= off && off+size <= f.Off+max(f.Type.Size, f.UnitSize)
			})
			if i < 0 {
				return steps
			}
			f := t.Fields[i]
			steps = append(steps, step{name: f.Name, num: int64(i), member: true})
			if t, off = f.Type, off-f.Off; f.BitSize > 0 {
				return steps
			}
		default:
			return steps
		}
	}
	return steps
}

// stepsAt are the steps to the part of a record that a predicate reads.
func stepsAt(t *spec.Term) []step {
	for i, f := range t.Record.Fields {
		if f.Name != "" && f.Name == t.Field || t.Field == "" && f.Name == "" && f.Off == t.Off {
			s := step{name: f.Name, num: int64(i), member: true}
			steps := []step{s}
			// An element has an offset in the record only if its index is constant; of
			// one that is not, all of the member is the term.
			if f.Type.Kind == ir.CArray && f.Type.Elem.Size == t.Size && constantIndex(t.Addr) {
				if n := t.Off - f.Off; n >= 0 && n%t.Size == 0 {
					steps = append(steps, step{num: n / t.Size})
				}
			}
			return steps
		}
	}
	return []step{{name: t.Field, member: true}} // of an anonymous struct or union
}

// constantIndex reports whether an address has no part that varies but a pointer.
func constantIndex(e *spec.Expr) bool {
	for e != nil && e.Op == spec.OpOffset {
		e = e.Args[0]
	}
	return e == nil || e.Op != spec.OpIndex
}

// recordName is how a term names a record, empty if it has no name.
func recordName(t *ir.CType) string {
	switch {
	case t.Name != "":
		return t.Kind.String() + " " + t.Name
	default:
		return t.Typedef
	}
}

// farEnd is where a member ends that has no known size.
const farEnd = int64(1) << 40

// A location is a term in a module: bytes [off, end) of every instance of a record,
// or of one variable.
type location struct {
	text   string
	object string       // the record or variable, as the text begins
	global *llir.Global // nil for a member
	typ    *ir.CType    // the record, or the variable's type
	irType types.Type   // the same in the IR, nil if the IR does not have it
	off    int64
	end    int64
	leaf   *ir.CType // the type of the part
	member string    // its last name
	bits   bool      // it is the unit of a bit-field
	union  *ir.CType // a union that it lies in, nil if none
	within ir.CField // the member of that union that has it
}

// resolveAll finds the locations of t in p: a record of the term's tag may be declared again
// in a block, or in another unit of a linked module, with another layout; and files that have
// been linked may each have a static variable of the term's name.
func (t Term) resolveAll(p *ir.Program) ([]*location, error) {
	loc, err := t.resolve(p)
	if loc == nil {
		return nil, err
	}
	var all []*location
	if err == nil {
		all = append(all, loc)
	}
	if loc.global != nil && !t.symbol {
		for _, g := range p.Names().GlobalsOf(t.head) {
			_, typ := p.Names().Global(g.Name())
			other := &location{text: loc.text, object: loc.object, global: g, typ: typ, irType: g.ContentType, member: t.head}
			if g != loc.global && other.walk(t, t.steps) == nil {
				all, err = append(all, other), nil
			}
		}
	}
	if loc.global != nil || loc.typ.Name == "" {
		return all, err
	}
	seen := []*ir.CType{loc.typ}
	for _, c := range p.Names().RecordsOf(loc.typ.Name) {
		if c.Kind != loc.typ.Kind || c.Incomplete || slices.ContainsFunc(seen, func(s *ir.CType) bool { return sameShape(s, c) }) {
			continue
		}
		seen = append(seen, c)
		other := &location{text: loc.text, object: loc.object, typ: c, irType: irStructOf(p, c)}
		if other.walk(t, t.steps) == nil {
			all, err = append(all, other), nil
		}
	}
	return all, err
}

// resolve finds a location of t in p. With an error the record is known, if loc is not nil.
func (t Term) resolve(p *ir.Program) (loc *location, err error) {
	d := p.Names()
	loc = &location{text: t.String(), object: t.head}
	steps := t.steps
	tag, kind := t.head, ""
	if k, rest, ok := strings.Cut(t.head, " "); ok {
		kind, tag = k, rest
	}
	switch {
	case kind != "":
		loc.typ = d.Struct(tag)
		if loc.typ == nil || loc.typ.Kind.String() != kind {
			loc.typ = irRecord(p, kind+"."+tag)
		}
		if loc.typ == nil || loc.typ.Incomplete {
			return nil, noRecord(p, t.fail(0, "there is no %s %s", kind, tag), kind, tag)
		}
	default:
		g, typ := d.Global(tag)
		if g == nil && len(steps) > 0 && steps[0].name != "" {
			if g, typ = d.Global(tag + "." + steps[0].name); g != nil {
				steps = steps[1:]
			}
		}
		if g != nil {
			loc.global, loc.typ, loc.irType, loc.member = g, typ, g.ContentType, tag
			break
		}
		loc.typ = d.Typedef(tag)
		if loc.typ == nil || !loc.typ.IsRecord() {
			loc.typ = irRecord(p, "struct."+tag)
		}
		if loc.typ == nil || loc.typ.Incomplete {
			return nil, suggest(t.fail(0, "there is no variable, nor a typedef of a struct or union, '%s'", tag), tag, append(d.Globals(), recordTypedefs(d)...))
		}
	}
	if loc.irType == nil {
		loc.irType = irStructOf(p, loc.typ)
	}
	return loc, loc.walk(t, steps)
}

// walk follows the steps.
func (loc *location) walk(t Term, steps []step) error {
	cur := loc.typ
	loc.end = cur.Size
	at := len(t.steps) - len(steps)
	for i, s := range steps {
		if !s.member {
			switch {
			case cur.Kind != ir.CArray:
				return t.fail(at+i+1, "'%s' has type '%s', not an array", Term{head: t.head, steps: steps[:i]}, cur)
			case cur.Count >= 0 && s.num >= cur.Count:
				return t.fail(at+i+1, "'%s' has %d elements", Term{head: t.head, steps: steps[:i]}, cur.Count)
			}
			cur = cur.Elem
			loc.off += s.num * cur.Size
			loc.end = loc.off + cur.Size
			continue
		}
		if !cur.IsRecord() {
			return t.fail(at+i+1, "'%s' has type '%s', not a struct or union", Term{head: t.head, steps: steps[:i]}, cur)
		}
		f, ok := cur.Field(s.name)
		if s.name == "" {
			if ok = s.num < int64(len(cur.Fields)); ok {
				f = cur.Fields[s.num]
			}
		}
		if !ok {
			e := t.fail(at+i+1, "%s has no member '%s'", cur, Term{steps: []step{s}}.String()[1:])
			names := cur.FieldNames()
			if len(names) == 0 {
				e.Hint = fmt.Sprintf("without debug information members have numbers: '%s.[0]'", Term{head: t.head, steps: steps[:i]})
			}
			return suggest(e, s.name, names)
		}
		if u := unionAt(cur, f); u != nil {
			loc.union, loc.within = u, f
		}
		loc.off += f.Off
		record := cur
		cur, loc.member, loc.bits = f.Type, s.name, f.BitSize > 0
		loc.end = loc.off + cur.Size
		if loc.bits {
			loc.end = min(loc.off+f.UnitSize, loc.off-f.Off+record.Size) // units of unusual widths end with the record
		}
		if cur.Size == 0 && cur.Kind == ir.CArray {
			loc.end = farEnd
		}
	}
	loc.leaf = cur
	if loc.end <= loc.off {
		return t.fail(0, "'%s' has no size", t)
	}
	return nil
}

// unionAt is the union that the member f of t lies in: t itself, or one without a
// name inside t.
func unionAt(t *ir.CType, f ir.CField) *ir.CType {
	if t.Kind == ir.CUnion {
		return t
	}
	for _, m := range t.Fields {
		if m.Name == "" && m.BitSize == 0 && m.Type.IsRecord() {
			if in, ok := m.Type.Field(f.Name); ok && in.Off+m.Off == f.Off {
				return unionAt(m.Type, in)
			}
		}
	}
	return nil
}

// fail makes an error about what begins after some of t's steps.
func (t Term) fail(steps int, format string, args ...any) *spec.Error {
	text, at := t.String(), 0
	if steps > 0 {
		at = len(Term{head: t.head, steps: t.steps[:steps-1]}.String())
		at += len("."+t.steps[steps-1].name) - len(t.steps[steps-1].name)
	}
	return &spec.Error{Pos: spec.Pos{Col: at + 1}, Msg: fmt.Sprintf(format, args...), Line: text, Width: max(1, len(text)-at)}
}

// suggest adds the nearest of the names there are.
func suggest(e *spec.Error, name string, names []string) *spec.Error {
	if near := spec.Nearest(name, names); near != "" {
		e.Msg += fmt.Sprintf("; did you mean '%s'?", near)
	}
	return e
}

// noRecord says what a tag names instead, or what was meant.
func noRecord(p *ir.Program, e *spec.Error, kind, tag string) *spec.Error {
	if t := p.Names().Struct(tag); t != nil && t.Kind.String() != kind && !t.Incomplete {
		e.Hint = fmt.Sprintf("there is a %s %s", t.Kind, tag)
		return e
	}
	return suggest(e, tag, recordTags(p, kind))
}

// recordTypedefs are the names that typedefs give records without a tag.
func recordTypedefs(d *ir.DebugInfo) []string {
	var names []string
	for _, t := range d.Records() {
		if t.Name == "" {
			names = append(names, t.Typedef)
		}
	}
	return names
}

// irRecord is the record that the IR calls name, for modules without debug
// information.
func irRecord(p *ir.Program, name string) *ir.CType {
	for _, def := range p.Module.TypeDefs {
		if st, ok := def.(*types.StructType); ok && st.Name() == name && !st.Opaque && !isAnonymous(st) {
			return p.Names().IRType(st)
		}
	}
	return nil
}

// irStructOf is an IR struct that stands for t, nil if there is none.
func irStructOf(p *ir.Program, t *ir.CType) types.Type {
	for _, def := range p.Module.TypeDefs {
		if st, ok := def.(*types.StructType); ok && !st.Opaque && sameRecord(p.Names().IRType(st), t) {
			return st
		}
	}
	return nil
}

// recordTags are the tags of the structs or unions of a module, sorted, without the
// names that clang gives those that have none.
func recordTags(p *ir.Program, kind string) []string {
	var tags []string
	for _, def := range p.Module.TypeDefs {
		if tag, ok := strings.CutPrefix(def.Name(), kind+"."); ok && tag != "anon" && !strings.HasPrefix(tag, "anon.") {
			tags = append(tags, tag)
		}
	}
	sort.Strings(tags)
	return tags
}

// sameRecord reports whether two record types are one: debug information has a
// node for each unit, and types of different modules are never identical. Of records of one tag
// and size the IR does not tell which is which.
func sameRecord(a, b *ir.CType) bool {
	if a == nil || b == nil || a.Name == "" {
		return sameShape(a, b)
	}
	return a.Name == b.Name && a.Kind == b.Kind && a.IsRecord() && a.Size == b.Size
}

// sameShape reports whether two record types have the same name and members.
func sameShape(a, b *ir.CType) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || a.Kind != b.Kind || !a.IsRecord() || a.Size != b.Size || len(a.Fields) != len(b.Fields) {
		return false
	}
	if a.Name != b.Name || a.Name == "" && a.Typedef != b.Typedef {
		return false
	}
	for i, f := range a.Fields {
		if g := b.Fields[i]; f.Name != g.Name || f.Off != g.Off {
			return false
		}
	}
	return true
}
