package ir

// This file makes CTypes of debug information nodes and of IR types.

import (
	"strings"

	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/types"
)

// maxQualifiers bounds chains of typedefs and qualifiers: only those of a
// damaged module are longer, or have no end.
const maxQualifiers = 1000

// cVoid is the type of what has none.
var cVoid = &CType{Kind: CVoid}

// A typeCopy is a qualified copy of a type that was not complete when it was
// made.
type typeCopy struct{ to, from *CType }

// ctype is the type of a node, cVoid for none.
func (d *DebugInfo) ctype(n metadata.Field) *CType {
	d.depth++
	t := d.typeOf(n)
	d.depth--
	if d.depth == 0 {
		for _, c := range d.copies {
			volatile, atomic := c.to.Volatile, c.to.Atomic
			*c.to = *c.from
			c.to.Volatile, c.to.Atomic = volatile, atomic
		}
		d.copies = nil
	}
	return t
}

func (d *DebugInfo) typeOf(n metadata.Field) *CType {
	// Structs, pointers and arrays are entered before what they refer to, so that
	// a cycle through them ends here; a typedef or qualifier on the way is then
	// resolved twice, with the same result.
	if t, ok := d.types[n]; ok {
		return t
	}
	var t *CType
	switch n := n.(type) {
	case *metadata.DIBasicType:
		t = basicType(n)
	case *metadata.DIDerivedType:
		return d.derived(n)
	case *metadata.DICompositeType:
		return d.composite(n)
	case *metadata.DISubroutineType:
		t = &CType{Kind: CFunc}
		d.types[n] = t
		t.Elem = cVoid
		if n.Types != nil && len(n.Types.Fields) > 0 {
			t.Elem = d.ctype(n.Types.Fields[0])
		}
	default:
		return cVoid
	}
	d.types[n] = t
	return t
}

func basicType(n *metadata.DIBasicType) *CType {
	t := &CType{Kind: CInt, Name: n.Name, Size: int64(n.Size / 8)}
	switch n.Encoding {
	case enum.DwarfAttEncodingBoolean:
		t.Kind = CBool
	case enum.DwarfAttEncodingSigned, enum.DwarfAttEncodingSignedChar:
		t.Signed = true
	case enum.DwarfAttEncodingUnsigned, enum.DwarfAttEncodingUnsignedChar,
		enum.DwarfAttEncodingUTF, enum.DwarfAttEncodingAddress:
	case enum.DwarfAttEncodingFloat, enum.DwarfAttEncodingComplexFloat:
		t.Kind = CFloat
	default:
		if t.Size == 0 { // void and other unspecified types
			t.Kind = CVoid
		}
	}
	return t
}

// derived resolves pointers, qualifiers and typedefs.
func (d *DebugInfo) derived(n *metadata.DIDerivedType) *CType {
	switch n.Tag {
	case enum.DwarfTagPointerType, enum.DwarfTagReferenceType, enum.DwarfTagRvalueReferenceType:
		t := &CType{Kind: CPointer, Size: d.prog.Layout.PointerBits() / 8}
		d.types[n] = t
		t.Elem = d.ctype(n.BaseType)
		return t
	}
	base := n
	for i := 0; base != nil; i++ {
		if i > maxQualifiers {
			return cVoid
		}
		base, _ = base.BaseType.(*metadata.DIDerivedType)
		if base != nil && base.Tag == enum.DwarfTagPointerType {
			break
		}
	}
	t := d.ctype(n.BaseType)
	switch n.Tag {
	case enum.DwarfTagTypedef:
		if (t.IsRecord() || t.Kind == CEnum) && t.Name == "" && t.Typedef == "" {
			t.Typedef = n.Name
		}
	case enum.DwarfTagVolatileType, enum.DwarfTagAtomicType:
		q := new(CType)
		*q = *t
		q.Volatile = q.Volatile || n.Tag == enum.DwarfTagVolatileType
		q.Atomic = q.Atomic || n.Tag == enum.DwarfTagAtomicType
		d.copies = append(d.copies, typeCopy{to: q, from: t})
		t = q
	}
	d.types[n] = t
	return t
}

// composite resolves structs, unions, enumerations and arrays.
func (d *DebugInfo) composite(n *metadata.DICompositeType) *CType {
	t := &CType{Name: n.Name, Size: int64(n.Size / 8)}
	switch n.Tag {
	case enum.DwarfTagArrayType:
		return d.array(n)
	case enum.DwarfTagEnumerationType:
		t.Kind, t.Enums = CEnum, enumerators(n)
		d.types[n] = t
		if base := d.ctype(n.BaseType); base.Kind == CInt {
			t.Signed = base.Signed
		}
		return t
	case enum.DwarfTagUnionType:
		t.Kind = CUnion
	default:
		t.Kind = CStruct
	}
	if n.Flags&enum.DIFlagFwdDecl != 0 {
		if def := d.definition(n); def != nil {
			full := d.ctype(def)
			d.types[n] = full
			return full
		}
		t.Incomplete = true
	}
	d.types[n] = t
	if n.Elements != nil {
		for _, e := range n.Elements.Fields {
			if m, ok := e.(*metadata.DIDerivedType); ok && m.Tag == enum.DwarfTagMember {
				t.Fields = append(t.Fields, d.member(m))
			}
		}
	}
	d.bitUnits(t)
	return t
}

// definition finds the struct or union that n declares: one of the same file
// before others, the first of several.
func (d *DebugInfo) definition(n *metadata.DICompositeType) *metadata.DICompositeType {
	var best *metadata.DICompositeType
	for _, def := range d.index().records[n.Name] {
		if def.Tag != n.Tag {
			continue
		}
		if sameFile(def.File, n.File) {
			return def
		}
		if best == nil {
			best = def
		}
	}
	return best
}

func sameFile(a, b *metadata.DIFile) bool {
	return a != nil && b != nil && a.Filename == b.Filename && a.Directory == b.Directory
}

// array makes one CType a dimension, the outermost first.
func (d *DebugInfo) array(n *metadata.DICompositeType) *CType {
	t := &CType{Kind: CArray, Count: -1}
	d.types[n] = t
	elem := d.ctype(n.BaseType)
	var counts []int64
	if n.Elements != nil {
		for _, e := range n.Elements.Fields {
			if s, ok := e.(*metadata.DISubrange); ok {
				counts = append(counts, count(s))
			}
		}
	}
	if len(counts) == 0 {
		counts = []int64{-1}
	}
	for i := len(counts) - 1; i >= 0; i-- {
		a := t
		if i > 0 {
			a = new(CType)
		}
		*a = CType{Kind: CArray, Elem: elem, Count: counts[i], Size: max(counts[i], 0) * elem.Size}
		elem = a
	}
	return t
}

// count is the number of elements of a dimension, -1 if it is not constant.
func count(s *metadata.DISubrange) int64 {
	switch c := s.Count.(type) {
	case metadata.IntLit:
		return int64(c)
	case metadata.UintLit:
		return int64(c)
	case *metadata.Value:
		return intOf(c)
	case *constant.Int:
		return intOf(c)
	}
	return -1
}

// intOf reads an integer constant that metadata holds, -1 if it is none.
func intOf(v any) int64 {
	for {
		switch x := v.(type) {
		case *metadata.Value:
			v = x.Value
		case *constant.Int:
			if x.X.IsInt64() {
				return x.X.Int64()
			}
			return -1
		default:
			return -1
		}
	}
}

// member makes a CField; the debug information counts a bit-field from the
// start of the struct, and tells where its storage unit starts.
func (d *DebugInfo) member(m *metadata.DIDerivedType) CField {
	f := CField{Name: m.Name, Type: d.ctype(m.BaseType), Off: int64(m.Offset / 8)}
	if m.File != nil && m.Line > 0 {
		f.File, f.Line = fileName(m.File, d.firstUnit()), int(m.Line)
	}
	if m.Flags&enum.DIFlagBitField != 0 {
		start := int64(m.Offset)
		if s := intOf(m.ExtraData); s >= 0 && s <= start {
			start = s
		}
		f.Off, f.BitOff, f.BitSize = start/8, int64(m.Offset)-start/8*8, int64(m.Size)
	}
	return f
}

// firstUnit is the first compile unit, nil if there is none.
func (d *DebugInfo) firstUnit() *metadata.DICompileUnit {
	if units := d.prog.Module.NamedMetadataDefs["llvm.dbg.cu"]; units != nil && len(units.Nodes) > 0 {
		unit, _ := units.Nodes[0].(*metadata.DICompileUnit)
		return unit
	}
	return nil
}

// bitUnits finds the size of the unit that clang loads for each bit-field of
// t: that of the IR struct's element at the unit's start. Without such a
// struct it is the power of two that covers the bit-fields of the unit.
func (d *DebugInfo) bitUnits(t *CType) {
	end := make(map[int64]int64) // of the bits in a unit, by its offset
	for _, f := range t.Fields {
		if f.BitSize > 0 {
			if t.Kind == CUnion { // each member of a union is a unit
				end[f.Off] = 0
			}
			end[f.Off] = max(end[f.Off], f.BitOff+f.BitSize)
		}
	}
	if len(end) == 0 {
		return
	}
	var st *types.StructType
	if t.Kind == CStruct {
		st = d.irStruct(t)
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.BitSize == 0 {
			continue
		}
		bits := end[f.Off]
		if t.Kind == CUnion {
			bits = f.BitOff + f.BitSize
		}
		f.UnitSize = 1
		for f.UnitSize*8 < bits {
			f.UnitSize *= 2
		}
		if st == nil {
			continue
		}
		if j := d.prog.Layout.FieldAt(st, f.Off); j >= 0 && d.prog.Layout.Offset(st, j) == f.Off {
			if size := d.prog.Layout.Size(st.Fields[j]); size*8 >= bits && size <= 8 {
				f.UnitSize = size
			}
		}
	}
}

// irStruct finds the IR struct that clang made of t, nil if there is none.
// Names end in a number where several files or scopes use one.
func (d *DebugInfo) irStruct(t *CType) *types.StructType {
	if d.irByName == nil {
		d.irByName = make(map[string]*types.StructType)
		for _, def := range d.prog.Module.TypeDefs {
			if st, ok := def.(*types.StructType); ok && !st.Opaque {
				d.irByName[st.Name()] = st
			}
		}
	}
	name := t.Name
	if name == "" {
		name = t.Typedef
	}
	st := d.irByName[t.Kind.String()+"."+name]
	if st == nil || d.prog.Layout.Size(st) != t.Size {
		return nil
	}
	return st
}

// IRType is the C type that IR type t stands for. A struct that clang made
// from one with debug information has the C type of that; others have members
// without names, one an element.
func (d *DebugInfo) IRType(t types.Type) *CType {
	if c, ok := d.irTypes[t]; ok {
		return c
	}
	c := new(CType)
	d.irTypes[t] = c
	l := d.prog.Layout
	switch t := t.(type) {
	case *types.IntType:
		*c = CType{Kind: CInt, Name: intName(t), Size: (int64(t.BitSize) + 7) / 8, Signed: true}
		if t.BitSize == 1 {
			c.Kind, c.Signed = CBool, false
		}
	case *types.FloatType:
		*c = CType{Kind: CFloat, Name: t.Kind.String(), Size: l.Size(t)}
	case *types.PointerType:
		c.Kind, c.Size = CPointer, l.Size(t)
		c.Elem = d.IRType(t.ElemType)
	case *types.ArrayType:
		c.Kind, c.Size, c.Count = CArray, l.Size(t), int64(t.Len)
		c.Elem = d.IRType(t.ElemType)
	case *types.FuncType:
		c.Kind = CFunc
		c.Elem = d.IRType(t.RetType)
	case *types.StructType:
		if full := d.cStruct(t); full != nil {
			d.irTypes[t] = full
			return full
		}
		*c = CType{Kind: CStruct, Name: strings.TrimPrefix(t.Name(), "struct."), Incomplete: t.Opaque}
		if !t.Opaque {
			c.Size = l.Size(t)
			for i, f := range t.Fields {
				c.Fields = append(c.Fields, CField{Type: d.IRType(f), Off: l.Offset(t, i)})
			}
		}
	}
	return c
}

// intName is C's name of an integer type on x86-64.
func intName(t *types.IntType) string {
	names := map[uint64]string{1: "_Bool", 8: "char", 16: "short", 32: "int", 64: "long", 128: "__int128"}
	if n, ok := names[t.BitSize]; ok {
		return n
	}
	return t.LLString()
}

// cStruct finds the struct or union that clang made t of, nil if debug
// information has none of that name and size.
func (d *DebugInfo) cStruct(t *types.StructType) *CType {
	name, isRecord := strings.CutPrefix(t.Name(), "struct.")
	if !isRecord {
		name, isRecord = strings.CutPrefix(t.Name(), "union.")
	}
	if !isRecord || !d.any {
		return nil
	}
	size := int64(-1)
	if !t.Opaque {
		size = d.prog.Layout.Size(t)
	}
	if c := d.recordOf(name, size); c != nil {
		return c
	}
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		if c := d.recordOf(name[:i], size); c != nil {
			return c
		}
	}
	if c := d.Typedef(name); c != nil && c.IsRecord() && (size < 0 || c.Size == size) {
		return c
	}
	return nil
}

// recordOf finds a struct or union by its tag and size, any size if size is
// negative.
func (d *DebugInfo) recordOf(tag string, size int64) *CType {
	for _, def := range d.index().records[tag] {
		if c := d.ctype(def); size < 0 || c.Size == size {
			return c
		}
	}
	return nil
}
