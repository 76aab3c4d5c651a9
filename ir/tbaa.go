package ir

// This file holds TBAA tags and the struct-path disjointness test of LLVM's
// TypeBasedAliasAnalysis.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/metadata"
)

// A TBAATag is the type-based alias information of one access: an access of
// type Access, Offset bytes into an object of type Base. For a scalar access
// Base and Access are the same node.
type TBAATag struct {
	Base, Access TBAAType
	Offset       int64
	Const        bool // the memory is never written while the program can read it

	sized bool // the tag is of the format that records access sizes
}

// A TBAAType is a node of the type tree: a scalar type with its parent, or a
// struct type with its members. Nodes are compared by identity; the zero value
// is no type.
type TBAAType struct{ node *metadata.Tuple }

// A tbaaField is one edge of a type node: of a struct its member and the
// offset, of a scalar its parent.
type tbaaField struct {
	typ TBAAType
	off int64
}

// Name is the name of the type, such as "omnipotent char", "int" or a struct's
// tag; empty for an anonymous one.
func (t TBAAType) Name() string {
	if t.node == nil {
		return ""
	}
	i := 0
	if t.sized() {
		i = 2
	}
	if i < len(t.node.Fields) {
		if s, ok := t.node.Fields[i].(*metadata.String); ok {
			return s.Value
		}
	}
	return ""
}

// Parent is the next more general type of a scalar type; of a struct type it
// is the first member's. The root has none.
func (t TBAAType) Parent() TBAAType {
	i := 1
	if t.sized() {
		i = 0
	}
	if t.node == nil || len(t.node.Fields) <= i {
		return TBAAType{}
	}
	return asType(t.node.Fields[i])
}

// sized reports whether t is a node of the format that records access sizes:
// !{parent, size, id, (member, offset, size)*}.
func (t TBAAType) sized() bool {
	if t.node == nil || len(t.node.Fields) < 3 {
		return false
	}
	return asType(t.node.Fields[0]).node != nil
}

// TBAA returns the alias tag of a load, store or memory intrinsic, nil if it
// has none. Tags of the time before struct paths, which no clang since 3.4
// writes, count as none.
func (p *Program) TBAA(inst llir.Instruction) *TBAATag {
	md, ok := inst.(interface{ MDAttachments() []*metadata.Attachment })
	if !ok {
		return nil
	}
	for _, a := range md.MDAttachments() {
		if a.Name == "tbaa" {
			if t, ok := a.Node.(*metadata.Tuple); ok {
				return tbaaTag(t)
			}
		}
	}
	return nil
}

func tbaaTag(t *metadata.Tuple) *TBAATag {
	if len(t.Fields) < 3 || asType(t.Fields[0]).node == nil {
		return nil
	}
	off, ok := asInt(t.Fields[2])
	tag := &TBAATag{Base: asType(t.Fields[0]), Access: asType(t.Fields[1]), Offset: off}
	if !ok || tag.Access.node == nil {
		return nil
	}
	constAt := 3
	if tag.sized = len(t.Fields) >= 4 && tag.Access.sized(); tag.sized {
		constAt = 4
	}
	if len(t.Fields) > constAt {
		n, _ := asInt(t.Fields[constAt])
		tag.Const = n&1 != 0
	}
	return tag
}

// TBAANoAlias reports whether accesses with the tags a and b cannot overlap
// under C's type rules. It is false if either is nil.
//
//	(TB1) Access types of different roots, or accesses without tag, may alias.
//	(TB2) An access to a scalar type that is the least common type of both
//	      accesses may alias: `omnipotent char` aliases everything.
//	(TB3) Otherwise one access must be a member, at the same offset, of the
//	      object that the other is part of: walking from the one's base type
//	      along its offset meets the other's base type with equal offsets.
//
// The walk goes on from a scalar to its parents, as in LLVM's old format, which
// is what clang emits for C.
func TBAANoAlias(a, b *TBAATag) bool {
	if a == nil || b == nil || *a == *b {
		return false
	}
	common, ok := leastCommon(a.Access, b.Access)
	if !ok {
		return false
	}
	if alias, decided := subobject(a, b, common); decided {
		return !alias
	}
	if alias, decided := subobject(b, a, common); decided {
		return !alias
	}
	return true
}

// leastCommon is the deepest type that both a and b descend from.
func leastCommon(a, b TBAAType) (TBAAType, bool) {
	if a == b {
		return a, true
	}
	pa, pb := a.path(), b.path()
	var common TBAAType
	for i, j := len(pa)-1, len(pb)-1; i >= 0 && j >= 0 && pa[i] == pb[j]; i, j = i-1, j-1 {
		common = pa[i]
	}
	return common, common.node != nil
}

// maxTBAADepth bounds walks along type nodes; malformed metadata has cycles.
const maxTBAADepth = 1000

// path is t, its parent, and so on to the root.
func (t TBAAType) path() []TBAAType {
	var path []TBAAType
	for ; t.node != nil && len(path) < maxTBAADepth; t = t.Parent() {
		path = append(path, t)
	}
	return path
}

// subobject decides whether sub may be an access to part of the object that
// base accesses; decided is false if the walk from base never meets sub.
func subobject(base, sub *TBAATag, common TBAAType) (alias, decided bool) {
	if base.Access == base.Base && base.Access == common {
		return true, true
	}
	t, off := base.Base, base.Offset
	for i := 0; t.node != nil && i < maxTBAADepth; i++ {
		if t == sub.Base {
			return off == sub.Offset, true
		}
		if base.sized && t == base.Access {
			break
		}
		t, off = t.field(off)
	}
	if base.sized && hasField(t, sub.Base, 0) {
		return true, true
	}
	return false, false
}

// hasField reports whether t has a direct or indirect member of type f.
func hasField(t, f TBAAType, depth int) bool {
	if depth > maxTBAADepth {
		return true
	}
	for _, m := range t.fields() {
		if m.typ == f || hasField(m.typ, f, depth+1) {
			return true
		}
	}
	return false
}

// fields are the members of a struct node, the parent of a scalar node of the
// old format.
func (t TBAAType) fields() []tbaaField {
	if t.node == nil {
		return nil
	}
	first, step := 1, 2
	if t.sized() {
		first, step = 3, 3
	}
	var fs []tbaaField
	for i := first; i < len(t.node.Fields); i += step {
		f := tbaaField{typ: asType(t.node.Fields[i])}
		if i+1 < len(t.node.Fields) {
			f.off, _ = asInt(t.node.Fields[i+1])
		}
		fs = append(fs, f)
	}
	return fs
}

// field follows the edge of t that off lies on: the last member that starts at
// or before off. The result's offset is relative to that member.
func (t TBAAType) field(off int64) (TBAAType, int64) {
	fs := t.fields()
	if len(fs) == 0 {
		return TBAAType{}, 0
	}
	at := len(fs) - 1
	for i, f := range fs {
		if f.off > off {
			at = max(i-1, 0)
			break
		}
	}
	return fs[at].typ, off - fs[at].off
}

func asType(f metadata.Field) TBAAType {
	t, _ := f.(*metadata.Tuple)
	return TBAAType{t}
}

func asInt(f metadata.Field) (int64, bool) {
	if v, ok := f.(*metadata.Value); ok {
		f = v.Value
	}
	c, ok := f.(*constant.Int)
	if !ok {
		return 0, false
	}
	return c.X.Int64(), true
}
