package guard

// This file holds warnings: operations after which types no longer tell what is
// written.

import (
	"fmt"
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// warning makes a Warning about an instruction.
func (s *scan) warning(t *target, pt ir.Point, kind Kind, text string) Warning {
	r := s.row(t, pt, MayWrite, ByUnknown, "")
	return Warning{Kind: kind, Term: t.text, Unit: r.Unit, File: r.File, Line: r.Line, Col: r.Col, Function: r.Function, Place: r.Place, Text: text, Pt: pt}
}

func (s *scan) warn(t *target, pt ir.Point, kind Kind, text, hint string) {
	w := s.warning(t, pt, kind, text)
	w.Hint = hint
	if n := len(s.sum.Warnings); n > 0 {
		last := s.sum.Warnings[n-1]
		if last.Pt == pt && last.Kind == kind && last.Term == w.Term && last.Text == text {
			return
		}
	}
	s.sum.Warnings = append(s.sum.Warnings, w)
}

// warnAt makes the warnings about one instruction.
func (s *scan) warnAt(pt ir.Point, u ir.User) {
	switch u := u.(type) {
	case *llir.InstBitCast:
		s.warnCast(pt, u)
	case *llir.InstPtrToInt:
		if !s.onlyCompared(u) {
			s.warnInteger(pt, u.From)
		}
	case *llir.InstIntToPtr:
		for _, t := range s.targets {
			if c := s.isInstance(t, u.To); c != nil {
				s.warn(t, pt, WarnCastInteger, fmt.Sprintf("an integer becomes a pointer to '%s'", recordOfType(c)), "")
			}
		}
	case *llir.InstGetElementPtr:
		s.warnArithmetic(pt, u)
	}
	if !s.anyMember() {
		return
	}
	s.away(u, func(v value.Value) { s.warnAddress(pt, u, v) })
}

// anyMember reports whether there is a term that is no whole object.
func (s *scan) anyMember() bool {
	return slices.ContainsFunc(s.targets, func(t *target) bool { return !t.blind })
}

// isInstance is the term's record if typ points to it, nil if not.
func (s *scan) isInstance(t *target, typ types.Type) *ir.CType {
	p, ok := typ.(*types.PointerType)
	if !ok || t.blind {
		return nil
	}
	if _, isStruct := p.ElemType.(*types.StructType); !isStruct {
		return nil
	}
	c := t.names.IRType(p.ElemType)
	if t.global != nil && t.typ.IsRecord() && sameRecord(c, t.typ) || t.global == nil && sameRecord(c, t.typ) {
		return c
	}
	return nil
}

// warnCast warns of a cast from or to a pointer to the term's record.
func (s *scan) warnCast(pt ir.Point, cast *llir.InstBitCast) {
	for _, t := range s.targets {
		from, to := s.isInstance(t, cast.From.Type()), s.isInstance(t, cast.To)
		switch {
		case from != nil && to == nil:
			elem := cast.To.(*types.PointerType).ElemType
			if t.typeRelation(elem) == relBeside || s.onlyMemory(cast) {
				continue // its first member, or one that holds it
			}
			s.warn(t, pt, WarnCastFrom, fmt.Sprintf("a pointer to '%s' becomes '%s'", recordOfType(from), s.cPointer(cast.To)),
				"writes through it are not known by their type")
		case to != nil && from == nil:
			p, ok := cast.From.Type().(*types.PointerType)
			if !ok || t.typeRelation(p.ElemType) == relBeside || s.wasInstance(t, cast.From) {
				continue
			}
			s.warn(t, pt, WarnCastTo, fmt.Sprintf("'%s' becomes a pointer to '%s'", s.cPointer(cast.From.Type()), recordOfType(to)),
				"what else points to it may have another type")
		}
	}
}

// cPointer writes a pointer type as C does; pointers to bytes are C's void *.
func (s *scan) cPointer(typ types.Type) string {
	if p, ok := typ.(*types.PointerType); ok {
		if i, ok := p.ElemType.(*types.IntType); ok && i.BitSize == 8 {
			return "void *"
		}
	}
	return s.prog.Names().IRType(typ).String()
}

// onlyMemory reports whether a cast is there for memcpy, memset, free and the like
// alone, which have rows of their own.
func (s *scan) onlyMemory(v value.Value) bool {
	uses := s.fn.Uses().Of(s.fn.Reg(v))
	for _, u := range uses {
		call, ok := s.prog.UserAt(u.Pt).(*llir.InstCall)
		if !ok {
			return false
		}
		f, ok := call.Callee.(*llir.Func)
		if !ok || len(f.Blocks) > 0 {
			return false
		}
		if sum, ok := ir.LibFunc(f); !ok || sum.Arg(u.Operand-1)&ir.ArgCapture != 0 {
			return false
		}
	}
	return len(uses) > 0
}

// wasInstance reports whether a pointer of another type is known to have been one
// to the record, or to new memory.
func (s *scan) wasInstance(t *target, v value.Value) bool {
	ways := s.tr.trace(v)
	return len(ways) > 0 && !slices.ContainsFunc(ways, func(p path) bool {
		if call, ok := p.root.(*llir.InstCall); ok && isAllocation(call) {
			return false
		}
		return !slices.ContainsFunc(p.views, func(v view) bool { return t.viewRelation(v, 1) == relBeside && t.holds(t.typeOf(v)) })
	})
}

// onlyCompared reports whether an address that was made an integer is subtracted
// or compared only.
func (s *scan) onlyCompared(v value.Value) bool {
	for _, u := range s.fn.Uses().Of(s.fn.Reg(v)) {
		switch s.prog.UserAt(u.Pt).(type) {
		case *llir.InstSub, *llir.InstICmp:
		default:
			return false
		}
	}
	return true
}

// warnInteger warns of a pointer to the record that becomes an integer.
func (s *scan) warnInteger(pt ir.Point, from value.Value) {
	for _, t := range s.targets {
		if c := s.isInstance(t, from.Type()); c != nil {
			s.warn(t, pt, WarnCastInteger, fmt.Sprintf("a pointer to '%s' becomes an integer", recordOfType(c)), "")
		}
	}
}

// atTerm reports whether a pointer points to a byte of the term as such, and not to
// the object that begins with it.
func (s *scan) atTerm(t *target, v value.Value) bool {
	for {
		c, ok := v.(*llir.InstBitCast)
		if !ok {
			break
		}
		v = c.From
	}
	p, ok := v.Type().(*types.PointerType)
	if !ok || t.blind {
		return false
	}
	if st, isStruct := p.ElemType.(*types.StructType); isStruct {
		c := t.names.IRType(st)
		if t.holds(c) || t.global != nil && sameRecord(c, t.typ) && t.leaf != t.typ {
			return false
		}
	}
	if _, isArray := p.ElemType.(*types.ArrayType); isArray && t.leaf.Kind != ir.CArray {
		return false
	}
	for _, way := range s.tr.trace(v) {
		if t.global != nil && way.root == value.Value(t.global) && way.lo == way.hi && way.lo >= t.off && way.lo < t.end {
			return true
		}
		for _, w := range way.views {
			if t.relate(w, 1) == relHits {
				return true
			}
		}
	}
	return false
}

// warnAddress warns of the term's address where it goes somewhere.
func (s *scan) warnAddress(pt ir.Point, u ir.User, v value.Value) {
	if call, ok := u.(*llir.InstCall); ok {
		if _, isAsm := call.Callee.(*llir.InlineAsm); isAsm {
			return // which has a warning of its own
		}
	}
	for _, t := range s.targets {
		if !s.atTerm(t, ir.Unwrap(v)) {
			continue
		}
		kind, text := WarnAddressEscape, fmt.Sprintf("the address of '%s' ", t.text)
		hint := "writes through it are found by points-to and the type of the access alone"
		switch u := u.(type) {
		case *llir.InstStore:
			text += "is stored"
		case *llir.TermRet:
			text += "is returned"
		case *llir.InstPtrToInt:
			text += "becomes an integer"
		case *llir.InstCall:
			f, ok := u.Callee.(*llir.Func)
			switch {
			case ok && len(f.Blocks) > 0:
				kind = WarnAddressTaken
				text += "is passed to '" + f.Name() + "'"
			case ok:
				text += "is passed to '" + f.Name() + "', which is not visible"
			default:
				text += "is passed to a function called through a pointer"
			}
		default:
			text += "goes where it is not followed"
		}
		s.warn(t, pt, kind, text, hint)
	}
}

// warnArithmetic warns of steps from the term's address out of the member.
func (s *scan) warnArithmetic(pt ir.Point, gep *llir.InstGetElementPtr) {
	if len(gep.Indices) != 1 {
		return // into the object, which types follow
	}
	n, known := s.tr.index(gep.Indices[0])
	size := s.prog.Layout.Size(gep.ElemType)
	if known && n == 0 {
		return
	}
	for _, t := range s.targets {
		if !s.atTerm(t, gep.Src) {
			continue
		}
		array := t.leaf.Kind == ir.CArray
		if array && (!known || n >= 0 && n*size <= t.end-t.off) {
			continue
		}
		s.warn(t, pt, WarnArithmetic, fmt.Sprintf("pointer arithmetic on the address of '%s' leaves the member", t.text),
			"a container of it, or a neighbour, is not known by its type")
	}
}

// warnMemory warns of a library function that writes over the term.
func (s *scan) warnMemory(pt ir.Point, name string, w access) {
	if call, ok := w.inst.(*llir.InstCall); ok && isAssignment(call) {
		return
	}
	for _, t := range s.targets {
		v := s.judge(t, w, s.ways(w.addr))
		if v.row && v.class <= MayWrite && !v.open {
			if _, isFresh := s.fresh(w, v.root); !isFresh {
				s.warn(t, pt, WarnMemory, fmt.Sprintf("'%s' writes over '%s'", name, t.text), "")
			}
		}
	}
}

// isAssignment reports whether a call of llvm.memcpy is an assignment of structs in
// C: clang says what is copied.
func isAssignment(call *llir.InstCall) bool {
	return slices.ContainsFunc(call.Metadata, func(a *metadata.Attachment) bool { return a.Name == "tbaa.struct" })
}

// unions warns of terms that lie in unions.
func (s *scan) unions() {
	for _, t := range s.targets {
		if t.blind || t.union == nil {
			continue
		}
		name := recordOfType(t.union)
		if strings.Contains(name, "anonymous") {
			name = "a union without a name"
		}
		s.sum.Warnings = append(s.sum.Warnings, Warning{Kind: WarnUnion, Term: t.text, Unit: s.sum.Unit, File: first(t.within.File, s.sum.Unit), Line: t.within.Line,
			Text: fmt.Sprintf("'%s' lies in a union, %s", t.text, name), Hint: "writes of its other members are writes of it"})
	}
}

// warnMerged warns of a store that writes the term together with its neighbours:
// optimization has made it of several, or of a copy.
func (s *scan) warnMerged(t *target, w access) {
	st, ok := w.inst.(*llir.InstStore)
	if !ok || w.n <= t.end-t.off || t.bits || t.leaf == nil || !t.leaf.IsScalar() {
		return
	}
	kind := "wider"
	switch st.Src.Type().(type) {
	case *types.VectorType:
		kind = "vector"
	case *types.StructType, *types.ArrayType:
		return
	}
	s.warn(t, w.pt, WarnEvidence, fmt.Sprintf("a %s store of %d bytes writes '%s' together with its neighbours", kind, w.n, t.text),
		"which of them the program writes can no longer be told")
}

// warnUntyped warns of a store of which optimization has left neither a type nor a
// tag, once in a function.
func (s *scan) warnUntyped(t *target, w access, v verdict) {
	st, ok := w.inst.(*llir.InstStore)
	if !ok || !v.open || w.tag != nil || v.class != MayWrite || t.blind {
		return
	}
	cast, ok := st.Dst.(*llir.InstBitCast)
	if !ok {
		return
	}
	gep, ok := cast.From.(*llir.InstGetElementPtr)
	if !ok {
		return
	}
	if i, ok := gep.ElemType.(*types.IntType); !ok || i.BitSize != 8 {
		return
	}
	s.warn(t, w.pt, WarnEvidence, "a store to an address computed in bytes has no type tag", "compile with debug information and strict aliasing, or give the code before optimization")
}
