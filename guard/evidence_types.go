package guard

// This file holds what types say: how bytes of an object of one type relate to a
// term of a record of another, rules (D2) to (D4).

import (
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"

	"quasi/ir"
)

// A relation is that of some bytes of an object of a known type to a term.
type relation uint8

const (
	relUnknown relation = iota // the type says nothing
	relOther                   // the type has nothing to do with the term's record
	relBeside                  // the object is, holds, or may be a part of an instance, but the bytes are not the term's
	relInside                  // the object may be a part of an instance, and the bytes the term's
	relMay                     // the object is or holds instances, and the bytes may be the term's
	relHits                    // they are
)

// A part is a record type inside the term's record: bytes [lo, hi) of one of its
// objects are the term, or a part of it.
type part struct {
	typ    *ir.CType
	ir     types.Type // instead of typ
	lo, hi int64
}

// A target is a location with what is asked of it again and again.
type target struct {
	*location
	index    int
	names    *ir.DebugInfo
	layout   *ir.Layout
	parts    []part
	holding  map[*ir.CType]bool
	siblings []*ir.CType // records that share a union with the term's record, or a part of it
	shared   []string    // TBAA's names of the scalars that do
	confused map[string]bool
	byName   map[string]*ir.CType // see tagged
	scalars  map[string]bool      // TBAA's names of the types in the term; nil: anything aliases it
	related  map[types.Type]relation
	leading  map[*ir.CType]bool
	blind    bool                // the module does not know the term
	twins    map[types.Type]bool // see addTwins

	named     string // see scan.named
	namedDone bool
}

func newTarget(p *ir.Program, loc *location, index int) *target {
	t := &target{location: loc}
	t.init(p, index)
	t.addParts(loc.typ, loc.off, loc.end, loc.global != nil)
	t.addIRParts(loc.irType, loc.off, loc.end, loc.global != nil)
	t.scalars = make(map[string]bool)
	t.addScalars(loc.typ, loc.off, loc.end)
	t.findSiblings(p)
	t.addTwins(p)
	return t
}

func (t *target) init(p *ir.Program, index int) {
	t.index, t.names, t.layout = index, p.Names(), p.Layout
	t.holding, t.leading = make(map[*ir.CType]bool), make(map[*ir.CType]bool)
	t.byName = make(map[string]*ir.CType)
	t.confused, t.related = make(map[string]bool), make(map[types.Type]relation)
}

// addParts enters the record types of the parts of an object of type typ that
// bytes [lo, hi) meet, and the type itself if self is set.
func (t *target) addParts(typ *ir.CType, lo, hi int64, self bool) {
	lo = max(lo, 0)
	if typ.Size > 0 {
		hi = min(hi, typ.Size)
	}
	switch {
	case typ.Kind == ir.CArray && typ.Elem.Size > 0:
		n := typ.Elem.Size
		if typ.Size == 0 {
			hi = min(hi, lo+2*n)
		}
		for i := lo / n; i*n < hi; i++ {
			a, b := max(lo-i*n, 0), min(hi-i*n, n)
			t.addParts(typ.Elem, a, b, true)
			if i > lo/n && b == n {
				i = max(i, (hi-1)/n-1) // those between are as this one
			}
		}
	case typ.IsRecord():
		if self && !t.hasPart(part{typ: typ, lo: lo, hi: hi}) {
			t.parts = append(t.parts, part{typ: typ, lo: lo, hi: hi})
		}
		for _, f := range typ.Fields {
			size := f.Type.Size
			if f.Type.Kind == ir.CArray && size == 0 {
				size = farEnd
			}
			if f.BitSize > 0 {
				continue
			}
			if a, b := max(lo, f.Off), min(hi, f.Off+size); a < b {
				t.addParts(f.Type, a-f.Off, b-f.Off, true)
			}
		}
	}
}

func (t *target) hasPart(p part) bool {
	for _, q := range t.parts {
		if q == p {
			return true
		}
	}
	return false
}

// addIRParts does the same for IR types: anonymous structs have names there that
// debug information does not know.
func (t *target) addIRParts(typ types.Type, lo, hi int64, self bool) {
	switch x := typ.(type) {
	case *types.ArrayType:
		n := t.layout.Size(x.ElemType)
		if n <= 0 {
			return
		}
		if x.Len > 0 {
			hi = min(hi, int64(x.Len)*n)
		} else {
			hi = min(hi, lo+2*n)
		}
		for i := lo / n; i*n < hi; i++ {
			a, b := max(lo-i*n, 0), min(hi-i*n, n)
			t.addIRParts(x.ElemType, a, b, true)
			if i > lo/n && b == n {
				i = max(i, (hi-1)/n-1)
			}
		}
	case *types.StructType:
		if p := (part{ir: x, lo: lo, hi: hi}); self && x.Name() != "" && !t.hasPart(p) {
			t.parts = append(t.parts, p)
		}
		for i, f := range x.Fields {
			off := t.layout.Offset(x, i)
			size := t.layout.Size(f)
			if _, isArray := f.(*types.ArrayType); isArray && size == 0 {
				size = farEnd
			}
			if a, b := max(lo, off), min(hi, off+size); a < b {
				t.addIRParts(f, a-off, b-off, true)
			}
		}
	}
}

// holds reports whether objects of type typ are or hold instances of the term's
// record. A variable holds no other.
func (t *target) holds(typ *ir.CType) bool {
	if t.global != nil || t.blind || typ == nil {
		return false
	}
	if h, ok := t.holding[typ]; ok {
		return h
	}
	t.holding[typ] = false // types do not hold themselves
	h := sameRecord(typ, t.typ)
	switch {
	case h:
	case typ.Kind == ir.CArray:
		h = t.holds(typ.Elem)
	case typ.IsRecord():
		for _, f := range typ.Fields {
			h = h || f.BitSize == 0 && t.holds(f.Type)
		}
	}
	t.holding[typ] = h
	return h
}

// meets reports whether bytes [lo, hi) of an object of type typ meet the term of
// an instance in it.
func (t *target) meets(typ *ir.CType, lo, hi int64) bool {
	if !t.holds(typ) {
		return false
	}
	if sameRecord(typ, t.typ) && lo < t.end && hi > t.off {
		return true
	}
	switch {
	case typ.Kind == ir.CArray:
		n := typ.Elem.Size
		if n <= 0 {
			return true
		}
		first, last := max(lo, 0)/n, (hi-1)/n
		if typ.Count > 0 {
			last = min(last, typ.Count-1)
		}
		switch {
		case last-first > 1:
			return true // a whole element
		case first > last:
			return false
		}
		return t.meets(typ.Elem, lo-first*n, hi-first*n) || last > first && t.meets(typ.Elem, lo-last*n, hi-last*n)
	case typ.IsRecord():
		for _, f := range typ.Fields {
			if f.BitSize > 0 {
				continue
			}
			end := f.Off + f.Type.Size
			if f.Type.Kind == ir.CArray && f.Type.Size == 0 {
				end = farEnd
			}
			if lo < end && hi > f.Off && t.meets(f.Type, lo-f.Off, hi-f.Off) {
				return true
			}
		}
	}
	return false
}

// typeRelation is relBeside for a type whose bytes matter, relOther or relUnknown for
// others.
func (t *target) typeRelation(typ types.Type) relation {
	if r, ok := t.related[typ]; ok {
		return r
	}
	r := relOther
	c := t.names.IRType(typ)
	switch {
	case t.holds(c) || t.isPart(typ, c) != nil:
		r = relBeside
	case t.isSibling(c), isAnonymous(typ), isOpaque(typ), t.isBlindRecord(c):
		r = relUnknown
	}
	t.related[typ] = r
	return r
}

// isPart are the parts of the type.
func (t *target) isPart(typ types.Type, c *ir.CType) []part {
	var ps []part
	for _, p := range t.parts {
		if p.typ != nil && sameRecord(p.typ, c) || p.ir != nil && typ != nil && p.ir.Equal(typ) {
			ps = append(ps, p)
		}
	}
	return ps
}

func (t *target) isSibling(c *ir.CType) bool {
	for _, s := range t.siblings {
		if sameRecord(s, c) {
			return true
		}
	}
	return false
}

// isAnonymous reports whether typ is of an anonymous struct or union: which one, the
// IR does not tell.
func isAnonymous(typ types.Type) bool {
	if _, isStruct := typ.(*types.StructType); isStruct && typ.Name() == "" {
		return true
	}
	_, rest, ok := strings.Cut(typ.Name(), ".")
	return ok && (rest == "anon" || strings.HasPrefix(rest, "anon."))
}

// isOpaque reports whether typ is a struct that is only declared.
func isOpaque(typ types.Type) bool {
	st, ok := typ.(*types.StructType)
	return ok && st.Opaque
}

// relate is the relation of n bytes from a place that v tells, by (D2) and (D3).
func (t *target) relate(v view, n int64) relation {
	if v.c == nil && t.isTwin(v.typ) && !t.holds(t.typeOf(v)) {
		return t.relateTwin(v, n)
	}
	r := t.viewRelation(v, n)
	if r != relBeside {
		return r
	}
	return t.relateType(v.typ, t.typeOf(v), v.lo, v.hi, n)
}

// typeOf is the type of a view in C.
func (t *target) typeOf(v view) *ir.CType {
	if v.c != nil {
		return v.c
	}
	return t.names.IRType(v.typ)
}

// viewRelation is typeRelation for n bytes at a view. A variable is no part of an instance that
// it does not hold, but it may be memory for one.
func (t *target) viewRelation(v view, n int64) relation {
	c := t.typeOf(v)
	switch {
	case !v.object:
		return t.typeRelation(v.typ)
	case t.holds(c), v.c == nil && t.isTwin(v.typ):
		return relBeside
	case t.blind && t.typeRelation(v.typ) == relUnknown, t.storage(c, v.lo, v.hi+n):
		return relUnknown
	}
	return relOther
}

// storage reports whether bytes [lo, hi) of a variable of type c, which holds no
// instance, may be memory for one: they lie in an array of integers that has room for
// the record up to the term (D3).
func (t *target) storage(c *ir.CType, lo, hi int64) bool {
	switch {
	case c == nil || c.Incomplete:
		return true
	case c.Kind == ir.CArray && c.Elem != nil:
		if c.Elem.IsInteger() {
			return c.Size >= t.end || c.Count <= 0
		}
		if n := c.Elem.Size; n > 0 && lo >= 0 && lo/n == (hi-1)/n {
			return t.storage(c.Elem, lo%n, lo%n+hi-lo)
		}
		return t.storage(c.Elem, 0, farEnd)
	case c.IsRecord():
		for _, f := range c.Fields {
			end := f.Off + f.Type.Size
			if f.Type.Size == 0 {
				end = farEnd
			}
			if lo < end && hi > f.Off && f.BitSize == 0 && t.storage(f.Type, lo-f.Off, hi-f.Off) {
				return true
			}
		}
	}
	return false
}

// relateType is relate for a type that is the term's record, holds it or is a part
// of it.
func (t *target) relateType(typ types.Type, c *ir.CType, lo, hi, n int64) relation {
	if t.holds(c) {
		switch {
		case lo == hi && t.meets(c, lo, lo+n) && n < farEnd:
			return relHits
		case lo == hi && lo >= t.off && lo < t.end && sameRecord(c, t.typ):
			return relHits // so many bytes that it cannot miss it
		case sameRecord(c, t.typ) && lo+n > t.off && hi < t.end && n < farEnd:
			return relHits
		case t.meets(c, lo, min(hi+n, farEnd)):
			return relMay
		case c.Size > 0 && hi+n > c.Size && n > 1 && !flexible(typ) && t.meets(c, 0, min(hi+n, farEnd)-c.Size):
			return relMay // in the instance behind it
		}
		return relBeside
	}
	for _, p := range t.isPart(typ, c) {
		if lo < p.hi && hi+n > p.lo || c.Size > 0 && hi+n > c.Size {
			return relInside
		}
	}
	return relBeside
}

// findSiblings finds the records that share a union with the term's: they are not believed (D3).
func (t *target) findSiblings(p *ir.Program) {
	if t.global != nil {
		return
	}
	seen := make(map[*ir.CType]bool)
	for _, def := range p.Module.TypeDefs {
		if st, ok := def.(*types.StructType); ok && !st.Opaque {
			t.siblingsIn(t.names.IRType(st), seen)
		}
	}
}

func (t *target) siblingsIn(typ *ir.CType, seen map[*ir.CType]bool) {
	if typ == nil || seen[typ] {
		return
	}
	seen[typ] = true
	switch {
	case typ.Kind == ir.CArray:
		t.siblingsIn(typ.Elem, seen)
	case typ.IsRecord():
		for _, f := range typ.Fields {
			t.siblingsIn(f.Type, seen)
		}
		if typ.Kind != ir.CUnion || sameRecord(typ, t.typ) {
			return
		}
		for _, f := range typ.Fields {
			t.eachPlace(f.Type, 0, func(lo, hi int64) {
				// A write of another member, of whatever type, is one of the term.
				t.union, t.within, t.scalars = typ, f, nil
				for _, g := range typ.Fields {
					if !t.holds(g.Type) {
						t.addSiblings(g.Type, lo, hi)
					}
				}
			})
		}
	}
}

// eachPlace visits the places of the term in an object of type typ at off, all elements of a long
// array at once.
func (t *target) eachPlace(typ *ir.CType, off int64, visit func(lo, hi int64)) {
	const most = 16
	switch {
	case !t.holds(typ):
	case sameRecord(typ, t.typ):
		visit(off+t.off, off+t.end)
	case typ.Kind == ir.CArray && (typ.Count < 0 || typ.Count > most):
		visit(off, farEnd)
	case typ.Kind == ir.CArray:
		for i := range typ.Count {
			t.eachPlace(typ.Elem, off+i*typ.Elem.Size, visit)
		}
	default:
		for _, f := range typ.Fields {
			if f.BitSize == 0 {
				t.eachPlace(f.Type, off+f.Off, visit)
			}
		}
	}
}

// addSiblings enters the records, and TBAA's names of the scalars, in bytes [lo, hi) of an object of
// type typ that shares a union with one that holds the term there.
func (t *target) addSiblings(typ *ir.CType, lo, hi int64) {
	if size := typ.Size; hi <= 0 || size > 0 && lo >= size {
		return
	}
	switch {
	case typ.Kind == ir.CArray && typ.Elem != nil:
		if n := typ.Elem.Size; n > 0 && lo >= 0 && lo/n == (hi-1)/n {
			t.addSiblings(typ.Elem, lo%n, lo%n+hi-lo)
		} else {
			t.addSiblings(typ.Elem, 0, farEnd)
		}
	case typ.IsRecord():
		if !t.isSibling(typ) {
			t.siblings = append(t.siblings, typ)
		}
		for _, f := range typ.Fields {
			t.addSiblings(f.Type, lo-f.Off, hi-f.Off)
		}
	default:
		if name := tbaaName(typ); name != "" && !slices.Contains(t.shared, name) {
			t.shared = append(t.shared, name)
		}
	}
}

// siblingNames are the names of the records and scalars that share a union with the term's.
func (t *target) siblingNames() []string {
	names := slices.Clone(t.shared)
	for _, c := range t.siblings {
		if name := recordOfType(c); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// addScalars enters TBAA's names of the types in bytes [lo, hi) of an object of
// type typ.
func (t *target) addScalars(typ *ir.CType, lo, hi int64) {
	switch {
	case t.scalars == nil:
	case typ.Kind == ir.CArray && typ.Elem != nil:
		t.addScalars(typ.Elem, 0, max(typ.Elem.Size, 1))
	case typ.Kind == ir.CUnion:
		t.scalars = nil // accesses of members of unions are those of char
	case typ.Kind == ir.CStruct:
		for _, f := range typ.Fields {
			size := max(f.Type.Size, f.UnitSize)
			if f.Type.Size == 0 {
				size = farEnd
			}
			if lo < f.Off+size && hi > f.Off {
				if f.BitSize > 0 {
					t.scalars = nil // clang gives accesses of bit-fields no tags
					return
				}
				t.addScalars(f.Type, lo-f.Off, hi-f.Off)
			}
		}
	default:
		name := tbaaName(typ)
		if name == "" {
			t.scalars = nil
			return
		}
		t.scalars[name] = true
		if name == "long" && t.names.Units() == 0 {
			t.scalars["long long"] = true // without debug information it may be either
		}
	}
}

// tbaaName is what clang calls a scalar type of C in TBAA, empty if everything may
// alias it.
func tbaaName(t *ir.CType) string {
	switch t.Kind {
	case ir.CPointer:
		return "any pointer"
	case ir.CBool:
		return "_Bool"
	case ir.CInt, ir.CFloat:
		name := strings.TrimSuffix(strings.ReplaceAll(strings.ReplaceAll(t.Name, "unsigned", ""), "signed", ""), " int")
		name = strings.TrimSpace(strings.ReplaceAll(name, "  ", " "))
		switch name {
		case "":
			return "int"
		case "short", "int", "long", "long long", "__int128", "float", "double", "long double":
			return name
		}
	}
	return ""
}

// A tbaaWord is what a TBAA tag says of an access to a term.
type tbaaWord struct {
	rel    relation
	text   string // the argument, for relOther and relBeside
	record string // for relOther: the record that it names, if it names one
}

// tag judges the tag of an access of n bytes, by (D4).
func (t *target) tag(tag *ir.TBAATag, n int64) tbaaWord {
	if tag == nil {
		return tbaaWord{}
	}
	access := tag.Access.Name()
	if tag.Base != tag.Access {
		if name := tag.Base.Name(); name != "" {
			c := t.tagged(name)
			switch {
			case c == nil:
			case t.holds(c) || t.isPart(nil, c) != nil || t.isIRPart(name) != nil:
				r := t.relateType(t.isIRPart(name), c, tag.Offset, tag.Offset, n)
				return tbaaWord{rel: r, text: "TBAA: another member of struct " + name}
			case !t.isSibling(c):
				return tbaaWord{relOther, "TBAA: a member of struct " + name, recordOfType(c)}
			}
		}
	}
	if t.scalars == nil || access == "omnipotent char" || t.scalars[access] {
		return tbaaWord{}
	}
	return tbaaWord{rel: relOther, text: "TBAA: " + access + " cannot alias " + strings.Join(sortedKeys(t.scalars), ", ")}
}

// isIRPart is the IR type of a part that TBAA knows by name, nil if there is none.
func (t *target) isIRPart(name string) types.Type {
	for _, p := range t.parts {
		if p.ir != nil && p.ir.Name() == "struct."+name {
			return p.ir
		}
	}
	return nil
}

// tagged is the record that TBAA knows by name, nil if it is not known. Of several of that name
// it is one that concerns the term.
func (t *target) tagged(name string) *ir.CType {
	if c, ok := t.byName[name]; ok {
		return c
	}
	c := t.names.Struct(name)
	for _, r := range t.names.RecordsOf(name) {
		if t.holds(r) {
			c = r
		}
	}
	for _, p := range t.parts {
		if p.typ != nil && p.typ.Name == name {
			c = p.typ
		}
	}
	if t.global == nil && !t.blind && t.typ.Name == name {
		c = t.typ
	}
	t.byName[name] = c
	return c
}

// mayAlias reports whether a tag tells that the member at a place in an object of type typ
// may be anything: clang gives members char's tag if the type is declared to alias all others (may_alias).
func mayAlias(tag *ir.TBAATag, typ *ir.CType, off int64) bool {
	if tag == nil || tag.Base != tag.Access || tag.Access.Name() != "omnipotent char" {
		return false
	}
	for depth := 0; typ != nil && depth < 20; depth++ {
		switch {
		case typ.Kind == ir.CArray && typ.Elem.Size > 0:
			typ, off = typ.Elem, off%typ.Elem.Size
		case typ.Kind == ir.CStruct:
			i := slices.IndexFunc(typ.Fields, func(f ir.CField) bool { return f.BitSize == 0 && f.Off <= off && off < f.Off+f.Type.Size })
			if i < 0 {
				return false
			}
			typ, off = typ.Fields[i].Type, off-typ.Fields[i].Off
		default: // unions and enumerations have it anyway
			return typ.Kind == ir.CFloat || typ.Kind == ir.CPointer || typ.Kind == ir.CInt && typ.Size > 1
		}
	}
	return false
}

// memberName is the name of the member at a place in an object of type typ, that of
// the innermost one.
func memberName(typ *ir.CType, off int64) string {
	name := ""
	for depth := 0; typ != nil && depth < 20; depth++ {
		switch {
		case typ.Kind == ir.CArray && typ.Elem.Size > 0:
			off %= typ.Elem.Size
			typ = typ.Elem
			continue
		case !typ.IsRecord():
			return name
		}
		found := false
		for _, f := range typ.Fields {
			if f.Off <= off && off < f.Off+max(f.Type.Size, f.UnitSize) {
				if f.Name != "" {
					name = f.Name
				}
				typ, off, found = f.Type, off-f.Off, true
				break
			}
		}
		if !found {
			return name
		}
	}
	return name
}

// isVariable reports whether a root is a variable of the program.
func isVariable(v any) bool {
	switch v.(type) {
	case *llir.InstAlloca, *llir.Global:
		return true
	}
	return false
}
