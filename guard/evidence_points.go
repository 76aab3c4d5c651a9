package guard

// This file asks points-to, rule (D5).

import (
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// elsewhere reports whether points-to shows that n bytes from addr are not the
// term's, and how.
func (s *scan) elsewhere(t *target, addr value.Value, n int64) (reason string, ok bool) {
	p := s.points.Of(addr)
	if p.Unknown {
		if t.global == nil {
			return "", false
		}
		if o := s.points.ObjectOf(t.global); o == nil || s.points.MayPoint(p, o) {
			return "", false
		}
		return "points-to: no pointer of unknown origin leads to " + t.head(), true
	}
	var names []string
	for _, target := range s.points.Targets(addr) {
		if s.mayHold(t, target, n) {
			return "", false
		}
		if name := target.Obj.String(); len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	const most = 3
	switch {
	case len(names) == 0:
		return "points-to: no object", true
	case len(names) > most:
		names = append(names[:most], "others")
	}
	return "points-to: " + strings.Join(names, ", ") + " only", true
}

// mayHold reports whether n bytes from a place may be the term's.
func (s *scan) mayHold(t *target, at ir.Target, n int64) bool {
	o := at.Obj
	switch o.Kind {
	case ir.ObjFunc:
		return false
	case ir.ObjUnknown:
		return o.ID == 0
	}
	if t.global != nil {
		return o.Site == value.Value(t.global) && s.covers(at, t.off, t.end, n)
	}
	if o.Kind == ir.ObjHeap {
		return s.instances(t)[o.ID] || s.points.Escapes(o)
	}
	typ, c := s.declaredType(o.Site)
	if typ == nil {
		return s.instances(t)[o.ID]
	}
	if !t.holds(c) {
		if t.isTwin(typ) || s.retyped(t, o.Site) {
			return true
		}
		lo, hi := at.Off, at.Off+n
		if at.Off < 0 || at.Stride != 0 || at.EachElement {
			lo, hi = 0, farEnd
		}
		return (s.instances(t)[o.ID] || s.otherName(o.Site, c)) && t.storage(c, lo, min(hi, farEnd))
	}
	const most = 512
	if at.Off < 0 && at.Stride == 0 || n > most || o.Size > 4096 {
		return true
	}
	if !at.EachElement && at.Stride == 0 {
		return t.meets(c, at.Off, at.Off+n)
	}
	for off := int64(0); off < o.Size; off++ {
		if s.points.Covers(at, off) && t.meets(c, off, off+n) {
			return true
		}
	}
	return false
}

// otherName reports whether a variable of another module may have another type there: it is
// declared as bytes of no number here, or its type has no members.
func (s *scan) otherName(site value.Value, c *ir.CType) bool {
	g, ok := site.(*llir.Global)
	return ok && g.Init == nil && !s.cfg.Whole && c != nil && (c.Incomplete || c.Kind == ir.CArray && c.Count <= 0 && c.Elem.Size == 1)
}

// covers reports whether n bytes from some place of at meet [off, end).
func (s *scan) covers(at ir.Target, off, end, n int64) bool {
	const most = 4096
	if n > most || end-off > most {
		return at.Off < end || at.Off < 0
	}
	for b := max(off-n+1, 0); b < end; b++ {
		if s.points.Covers(at, b) {
			return true
		}
	}
	return false
}

// declared is the declared type of a variable, nil for what has none.
func declared(site value.Value) types.Type {
	switch x := site.(type) {
	case *llir.Global:
		return x.ContentType
	case *llir.InstAlloca:
		if x.NElems != nil {
			return types.NewArray(0, x.ElemType)
		}
		return x.ElemType
	case *llir.Param:
		for _, a := range x.Attrs {
			if b, ok := a.(llir.Byval); ok {
				return b.Typ
			}
		}
	}
	return nil
}

// declaredType is the declared type of a variable in the IR and in C.
func (s *scan) declaredType(site value.Value) (types.Type, *ir.CType) {
	typ := declared(site)
	if typ == nil {
		return nil, nil
	}
	if g, ok := site.(*llir.Global); ok {
		if c := variableType(s.prog, g); c != nil {
			return typ, c
		}
	}
	return typ, s.prog.Names().IRType(typ)
}

// instances are the objects, by ID, that pointers to the term's record, or to one
// that holds it, may point to, or accesses that say so by their tags.
func (s *scan) instances(t *target) map[int]bool {
	if m := s.held[t]; m != nil {
		return m
	}
	m := make(map[int]bool)
	s.held[t] = m
	unknown := false
	see := func(v value.Value) {
		p := s.points.Of(v)
		unknown = unknown || p.Unknown
		for _, o := range p.Objs {
			m[o.ID] = true
		}
	}
	for _, f := range s.prog.Funcs {
		if f.IsDecl() {
			continue
		}
		for _, v := range f.Values {
			if s.pointsToInstance(t, v.Type()) {
				see(v)
			}
		}
		for pt := f.First; pt < f.End; pt++ {
			if addr, tag := s.accessAt(pt); tag != nil && tag.Base != tag.Access && t.holds(t.tagged(tag.Base.Name())) {
				see(addr) // its type may be gone
			}
		}
	}
	for g, as := range s.castGlobals {
		for _, typ := range as {
			if s.pointsToInstance(t, typ) {
				if o := s.points.ObjectOf(g); o != nil {
					m[o.ID] = true
				}
			}
		}
	}
	if unknown {
		for _, o := range s.points.Objects() {
			if s.points.Escapes(o) && o.ID != 0 {
				m[o.ID] = true
			}
		}
	}
	return m
}

// accessAt is the address and the tag of a load or a store.
func (s *scan) accessAt(pt ir.Point) (value.Value, *ir.TBAATag) {
	switch x := s.prog.UserAt(pt).(type) {
	case *llir.InstLoad:
		return x.Src, s.prog.TBAA(x)
	case *llir.InstStore:
		return x.Dst, s.prog.TBAA(x)
	}
	return nil, nil
}

// pointsToInstance reports whether typ is a pointer to the term's record or to one
// that holds it.
func (s *scan) pointsToInstance(t *target, typ types.Type) bool {
	p, ok := typ.(*types.PointerType)
	if !ok {
		return false
	}
	if _, isStruct := p.ElemType.(*types.StructType); !isStruct {
		return false
	}
	return t.holds(t.names.IRType(p.ElemType))
}

// only is the one object that addr may point to, nil if there is not exactly one;
// hits tells that n bytes from there are the term's.
func (s *scan) only(t *target, addr value.Value, n int64) (o *ir.Object, hits bool) {
	p := s.points.Of(addr)
	if p.Unknown || len(p.Objs) != 1 {
		return nil, false
	}
	o = p.Objs[0]
	ts := s.points.Targets(addr)
	if len(ts) != 1 || ts[0].Off < 0 || ts[0].Stride != 0 || ts[0].EachElement || n >= farEnd {
		return o, false
	}
	at := ts[0].Off
	if t.global != nil {
		return o, o.Site == value.Value(t.global) && at < t.end && at+n > t.off
	}
	typ, c := s.declaredType(o.Site)
	return o, typ != nil && t.meets(c, at, at+n)
}
