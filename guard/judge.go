package guard

// This file judges one write against one term, by rules (D1) to (D6).

import (
	"fmt"
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// An access is what an instruction writes: n bytes from addr.
type access struct {
	pt   ir.Point
	inst ir.User
	addr value.Value
	n    int64 // farEnd: not known
	how  How   // ByField for a plain store
	tag  *ir.TBAATag
	what string // the operation, for reasons
	free bool   // it ends the life of the object
	// member tells that it writes no more than the member that addr points to, though n
	// is not known: strings, scanf's results, scalars.
	member bool
	text   bool // it is a string: only an array of char ends it
}

// A verdict on a write. The zero verdict is none: no row.
type verdict struct {
	row    bool
	class  Class
	how    How
	reason string
	root   []path // the ways by which it may write the term
	open   bool   // types do not say that it writes it
}

// judge decides whether w may write t, by the ways to its address.
func (s *scan) judge(t *target, w access, paths []path) verdict {
	word := t.tag(w.tag, w.n)
	var best verdict
	var open []path // ways that types do not decide
	for _, p := range paths {
		v, decided := s.judgePath(t, w, p, word)
		if !decided {
			open = append(open, p)
			continue
		}
		best = stronger(best, v)
	}
	if len(open) > 0 {
		best = stronger(best, s.judgeOpen(t, w, open, word))
	}
	return best
}

// stronger is the verdict of two that a row shows, with the ways of both if both
// may write.
func stronger(a, b verdict) verdict {
	switch {
	case !b.row || a.row && a.class < b.class:
		return a
	case !a.row || b.class < a.class:
		return b
	}
	a.root = append(a.root, b.root...)
	return a
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// judgePath decides by the types along one way, if they do: (D2), (D3).
func (s *scan) judgePath(t *target, w access, p path, word tbaaWord) (verdict, bool) {
	hit := func(c Class, how How, reason string) (verdict, bool) {
		if w.how != ByField {
			how = w.how
		}
		return verdict{row: true, class: c, how: how, reason: reason, root: []path{p}}, true
	}
	if t.global != nil && p.root == value.Value(t.global) {
		if t.blind {
			return verdict{}, true // digest tells of it
		}
		return s.judgeVariable(t, w, p)
	}
	if t.blind && slices.ContainsFunc(p.views, func(v view) bool { return t.isBlindRecord(t.typeOf(v)) }) {
		return verdict{}, true
	}
	var other, holder *view
	inside := false
	may := false
	for i := range p.views {
		v := &p.views[i]
		n := w.n
		if w.member && v.lo == v.hi {
			n = room(t.typeOf(*v), v.lo, w.text)
		}
		r := t.relate(*v, n)
		if v.object && r == relOther && s.retyped(t, p.root) {
			continue
		}
		if w.free && r == relMay && v.lo == v.hi {
			r = relHits
		}
		if r == relOther && t.confused[s.recordOf(*v)] && v.lo < t.end && v.hi+w.n > t.off {
			return hit(MayWrite, ByUnknown, fmt.Sprintf("%s %s, and a cast makes one of the other", w.what, s.recordOf(*v)))
		}
		switch {
		case r == relHits:
			return hit(MustGuard, ByField, w.what+" "+s.member(t, *v))
		case r == relMay:
			may = true
		case r == relInside:
			inside = true
		case r == relBeside && !v.loose:
			holder = v
		case r == relOther && !v.loose && !s.overruns(*v, n) && !(v.lo == v.hi && mayAlias(w.tag, t.typeOf(*v), v.lo)):
			if other == nil || v.object || s.prog.Layout.Size(v.typ) < s.prog.Layout.Size(other.typ) && !other.object {
				other = v
			}
		}
	}
	if holder != nil && holder.object && holder.lo == holder.hi {
		return verdict{}, true // clang's tags can be wrong about neighbours: (&s.x)[1] has that of s.x
	}
	if word.rel == relHits {
		return hit(MustGuard, ByTBAA, fmt.Sprintf("its type tag names %s", t.text))
	}
	switch {
	case may && word.rel != relBeside && word.rel != relOther:
		return hit(MayWrite, ByField, w.what+" some part of "+t.typ.String())
	case holder != nil:
		return verdict{}, true
	case other != nil:
		for _, v := range p.views {
			if t.relate(v, w.n) == relOther && !v.object {
				s.other(OtherWrite{Record: s.recordOf(v), Lo: v.lo, Hi: v.hi + w.n, Tagged: w.tag != nil})
			}
		}
		return s.judgeOther(t, w, *other), true
	case inside:
		return verdict{}, false
	}
	switch g := p.root.(type) {
	case *llir.InstAlloca, *llir.Global:
		return verdict{}, !s.storage(t, g)
	case *llir.Func:
		return verdict{}, true
	}
	return verdict{}, false
}

// judgeVariable decides on a way to the term's variable.
func (s *scan) judgeVariable(t *target, w access, p path) (verdict, bool) {
	lo, hi := p.lo, p.hi
	for _, v := range p.views {
		if v.object && v.hi-v.lo < hi-lo {
			lo, hi = v.lo, v.hi
		}
	}
	v := verdict{row: true, how: ByField, root: []path{p}}
	if w.how != ByField {
		v.how = w.how
	}
	switch {
	case lo >= t.end || hi+w.n <= t.off:
		return verdict{}, true
	case lo+w.n > t.off && hi < t.end:
		v.class, v.reason = MustGuard, w.what+" "+t.text
	default:
		v.class, v.reason = MayWrite, w.what+" some part of '"+t.head()+"'"
	}
	return v, true
}

// judgeOther is the verdict on a write of an object of another type (D3): a row if it
// looks like one of the term.
func (s *scan) judgeOther(t *target, w access, v view) verdict {
	if v.object {
		return verdict{}
	}
	c := t.typeOf(v)
	same := t.member != "" && t.global == nil && w.n == t.end-t.off && v.lo == v.hi && memberName(c, v.lo) == t.member
	if !same {
		return verdict{}
	}
	return verdict{row: true, class: ProvenDisjoint, how: ByField, reason: fmt.Sprintf("another type: %s.%s", recordOfType(c), t.member)}
}

// other enters a write of something else, in the opinion of this module.
func (s *scan) other(o OtherWrite) {
	if !slices.ContainsFunc(s.others, func(p OtherWrite) bool {
		return p.Record == o.Record && p.Scalar == o.Scalar && p.Lo == o.Lo && p.Hi == o.Hi
	}) {
		s.others = append(s.others, o)
	}
}

// flushOthers enters what other has collected of one instruction.
func (s *scan) flushOthers(w access) {
	for _, o := range s.others {
		if o.Record == "" && o.Scalar == "" {
			continue
		}
		if o.Row = s.row(noTerm, w.pt, MayWrite, w.how, ""); o.Record == "" && w.how == ByField {
			o.Row.How = ByUnknown
		}
		s.sum.Others = append(s.sum.Others, o)
	}
	s.others = s.others[:0]
}

// noTerm is the target of rows without a term.
var noTerm = &target{location: &location{}}

// judgeOpen decides on ways that types leave open: by TBAA (D4), points-to (D5), or not (D6).
func (s *scan) judgeOpen(t *target, w access, open []path, word tbaaWord) verdict {
	v := verdict{row: true, class: MayWrite, how: ByUnknown, root: open, open: true}
	if w.how != ByField {
		v.how = w.how
	}
	scalar := w.n == t.end-t.off || w.n == farEnd
	switch word.rel {
	case relHits:
		v.class, v.how, v.reason, v.open = MustGuard, ByTBAA, "its type tag names "+t.text, false
		return v
	case relOther, relBeside:
		if word.rel == relOther && t.global == nil {
			o := OtherWrite{Record: word.record, Lo: w.tag.Offset, Hi: w.tag.Offset + w.n, Tagged: true}
			if o.Record == "" {
				o = OtherWrite{Scalar: w.tag.Access.Name(), Hi: w.n, Tagged: true}
			}
			s.other(o)
		}
		if !scalar || word.rel == relBeside || !strings.Contains(word.text, "cannot alias") {
			return verdict{}
		}
		v.class, v.reason = ProvenDisjoint, word.text
		return v
	}
	if s.points != nil {
		if reason, disjoint := s.elsewhere(t, w.addr, w.n); disjoint {
			v.class, v.reason = ProvenDisjoint, reason
			return v
		}
	} else if t.global != nil && !s.addressTaken[t.global] {
		return verdict{} // no pointer leads to it
	}
	switch v.reason = w.what + " through a pointer of unknown origin"; w.how {
	case ByFree:
		v.reason = w.what + " what a pointer of unknown origin leads to"
	case ByAsm:
		v.reason = w.what + " something of unknown origin"
	}
	for _, p := range open {
		for _, x := range p.views {
			if t.relate(x, w.n) == relInside {
				v.reason = fmt.Sprintf("%s %s, which may be a part of %s", w.what, recordOfType(t.typeOf(x)), t.head())
			}
		}
	}
	if s.points != nil {
		if o, hits := s.only(t, w.addr, w.n); o != nil {
			v.how = ByObject
			if w.how != ByField {
				v.how = w.how
			}
			if v.reason = "points-to: " + o.String(); hits {
				v.class = MustGuard
			}
		}
	}
	return v
}

// overruns reports whether a write of n bytes goes beyond the object that v tells of, so that
// this is a part of a larger one (D3).
func (s *scan) overruns(v view, n int64) bool {
	size := s.prog.Layout.Size(v.typ)
	return !v.object && n < farEnd && size > 0 && v.hi+n > size && !flexible(v.typ)
}

// room is how many bytes the scalar or array at a place in an object of type typ has
// from there on; at least one. Text that does not begin in an array of char has any number.
func room(typ *ir.CType, off int64, text bool) int64 {
	for depth := 0; typ != nil && depth < 20; depth++ {
		switch {
		case typ.Kind == ir.CArray && typ.Elem.IsRecord() && typ.Elem.Size > 0:
			off %= typ.Elem.Size
			typ = typ.Elem
			continue
		case !typ.IsRecord():
			if typ.Size == 0 || text && !isText(typ) {
				return farEnd
			}
			return max(typ.Size-off, 1)
		}
		i := slices.IndexFunc(typ.Fields, func(f ir.CField) bool {
			return f.Off <= off && (off < f.Off+max(f.Type.Size, f.UnitSize) || f.Type.Kind == ir.CArray && f.Type.Size == 0)
		})
		if i < 0 {
			return 1
		}
		typ, off = typ.Fields[i].Type, off-typ.Fields[i].Off
	}
	return 1
}

// isText reports whether typ is char or an array of it.
func isText(typ *ir.CType) bool {
	for typ.Kind == ir.CArray {
		typ = typ.Elem
	}
	return typ.IsInteger() && typ.Size == 1
}

// head is the record or variable of a target.
func (t *target) head() string {
	switch {
	case t.global != nil:
		return t.names.ValueName(t.global)
	case t.blind:
		return t.object
	}
	return recordOfType(t.typ)
}

// member says what part of which record a view that hits the term means.
func (s *scan) member(t *target, v view) string {
	c := t.typeOf(v)
	if sameRecord(c, t.typ) || t.global != nil {
		return t.text
	}
	if r := recordOfType(c); r != "" {
		return t.text + " inside " + r
	}
	return t.text
}

// recordOf names the record of a view.
func (s *scan) recordOf(v view) string { return recordOfType(s.targets[0].typeOf(v)) }

// recordOfType names a record, also one without a name.
func recordOfType(c *ir.CType) string {
	if c == nil || !c.IsRecord() {
		return ""
	}
	if n := recordName(c); n != "" {
		// The IR calls a union of which there is no debug information a struct.
		if u, ok := strings.CutPrefix(n, "struct union."); ok {
			return "union " + u
		}
		return n
	}
	return c.String()
}
