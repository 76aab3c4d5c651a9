package guard

// This file is about modules that have been linked: llvm-link makes one of record
// types with the same elements, whatever their names. There an IR struct stands for
// every record of its layout (D14).

import (
	"github.com/llir/llvm/ir/types"

	"quasi/ir"
)

// addTwins enters the IR structs that may stand for the term's record, for one that
// holds it, or for a part of it, though they have the name of another.
func (t *target) addTwins(p *ir.Program) {
	if t.names.Units() <= 1 {
		return
	}
	t.twins = make(map[types.Type]bool)
	bySize := make(map[int64][]*types.StructType)
	for _, def := range p.Module.TypeDefs {
		if st, ok := def.(*types.StructType); ok && !st.Opaque && !t.holds(t.names.IRType(st)) {
			bySize[t.layout.Size(st)] = append(bySize[t.layout.Size(st)], st)
		}
	}
	enter := func(c *ir.CType, lo, hi int64) {
		for _, st := range bySize[c.Size] {
			if !t.alike(st, c, 0) {
				continue
			}
			t.twins[st] = true
			if q := (part{ir: st, lo: lo, hi: hi}); !t.hasPart(q) {
				t.parts = append(t.parts, q)
			}
		}
	}
	for _, q := range t.parts {
		if q.typ != nil {
			enter(q.typ, q.lo, q.hi)
		}
	}
	for _, c := range t.names.Records() {
		if t.holds(c) {
			if sameRecord(c, t.typ) {
				enter(c, t.off, t.end)
			} else {
				enter(c, 0, c.Size)
			}
		}
	}
}

// alike reports whether an IR struct may stand for c at offset base: no scalar of c
// is of another size or kind than what the struct has there.
func (t *target) alike(st types.Type, c *ir.CType, base int64) bool {
	switch {
	case c.Kind == ir.CUnion:
		return true
	case c.Kind == ir.CStruct:
		for _, f := range c.Fields {
			if f.BitSize == 0 && !t.alike(st, f.Type, base+f.Off) {
				return false
			}
		}
		return true
	case c.Kind == ir.CArray:
		return c.Size == 0 || t.alike(st, c.Elem, base)
	}
	scalar := scalarAt(t.layout, st, base)
	if scalar == nil || t.layout.Size(scalar) != c.Size {
		return false
	}
	switch scalar.(type) {
	case *types.PointerType:
		return c.Kind == ir.CPointer
	case *types.FloatType:
		return c.Kind == ir.CFloat
	}
	return c.IsInteger()
}

// scalarAt is the scalar type at a place in an object of type typ, nil if there is
// none that begins there.
func scalarAt(l *ir.Layout, typ types.Type, off int64) types.Type {
	for {
		switch x := typ.(type) {
		case *types.StructType:
			i := l.FieldAt(x, off)
			if i < 0 {
				return nil
			}
			typ, off = x.Fields[i], off-l.Offset(x, i)
		case *types.ArrayType:
			n := l.Size(x.ElemType)
			if n <= 0 {
				return nil
			}
			typ, off = x.ElemType, off%n
		default:
			if off != 0 {
				return nil
			}
			return typ
		}
	}
}

// isTwin reports whether typ is an IR struct that may stand for another record, or an
// array of such.
func (t *target) isTwin(typ types.Type) bool {
	if t.twins == nil {
		return false
	}
	for {
		a, ok := typ.(*types.ArrayType)
		if !ok {
			return t.twins[typ]
		}
		typ = a.ElemType
	}
}

// relateTwin is relate for n bytes at a view of such a type: it may be the term's.
func (t *target) relateTwin(v view, n int64) relation {
	typ, lo, hi := v.typ, v.lo, v.hi+n
	for {
		a, ok := typ.(*types.ArrayType)
		if !ok {
			break
		}
		typ = a.ElemType
		if size := t.layout.Size(typ); size > 0 && lo >= 0 && lo/size == (hi-1)/size {
			lo, hi = lo%size, lo%size+hi-lo
		} else {
			return relInside
		}
	}
	for _, p := range t.parts {
		if p.ir != nil && p.ir.Equal(typ) && lo < p.hi && hi > p.lo {
			return relInside
		}
	}
	if size := t.layout.Size(typ); hi > size {
		return relInside
	}
	return relBeside
}
