package bta

// This file holds the rules for values that have no symbol: floating point, wide
// integers, vectors, structs and arrays in registers, which the specializer
// evaluates leaf by leaf.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	irvalue "github.com/llir/llvm/ir/value"
)

// Bounds of what the specializer evaluates.
const (
	maxWidth  = 128 // bits of an integer
	maxLeaves = 64  // scalars in a vector, struct or array
)

// computable reports whether the specializer evaluates operations on values of
// type t.
func computable(t types.Type) bool {
	n := leavesOf(t)
	return n > 0 && n <= maxLeaves
}

// leavesOf is the number of scalars in a value of type t; it is more than
// maxLeaves if there are too many, or one cannot be evaluated.
func leavesOf(t types.Type) int {
	switch t := t.(type) {
	case *types.IntType:
		if t.BitSize <= maxWidth {
			return 1
		}
	case *types.PointerType:
		return 1
	case *types.FloatType:
		if t.Kind == types.FloatKindFloat || t.Kind == types.FloatKindDouble {
			return 1
		}
	case *types.VectorType:
		if !t.Scalable && t.Len <= maxLeaves {
			return min(int(t.Len)*leavesOf(t.ElemType), maxLeaves+1)
		}
	case *types.ArrayType:
		if t.Len <= maxLeaves {
			return min(int(t.Len)*leavesOf(t.ElemType), maxLeaves+1)
		}
	case *types.StructType:
		n := 0
		for _, f := range t.Fields {
			if n += leavesOf(f); n > maxLeaves {
				break
			}
		}
		if !t.Opaque {
			return n
		}
	}
	return maxLeaves + 1
}

// A fieldSet is what is known of the fields of a struct or array in a register.
// Sets are immutable and hash-consed, so == compares them.
type fieldSet struct{ fields []value }

// internFields returns the set of fs, which is kept; nil if nothing in it is
// static.
func (a *analysis) internFields(fs []value) *fieldSet {
	if !slices.ContainsFunc(fs, func(v value) bool { return v.bt == Static }) {
		return nil
	}
	h := uint64(len(fs))
	for _, v := range fs {
		h = mix(h ^ v.hash())
	}
	for _, s := range a.fields[h] {
		if slices.Equal(s.fields, fs) {
			return s
		}
	}
	s := &fieldSet{fs}
	a.fields[h] = append(a.fields[h], s)
	return s
}

// fieldsOf are the n fields of v, to be changed.
func fieldsOf(v value, n int) []value {
	if v.fields != nil && len(v.fields.fields) == n {
		fs := slices.Clone(v.fields.fields)
		for i := range fs {
			fs[i].vary = fs[i].vary || v.vary && fs[i].bt == Static
		}
		return fs
	}
	fs := make([]value, n)
	for i := range fs {
		fs[i] = dynamic
		if v.bt == Static {
			fs[i] = value{vary: v.vary, refs: v.refs}
		}
	}
	return fs
}

// joinFields joins the fields of two values.
func (a *analysis) joinFields(x, y value, widen bool) *fieldSet {
	if x.fields == nil && y.fields == nil {
		return nil
	}
	n := 0
	if x.fields != nil {
		n = len(x.fields.fields)
	} else {
		n = len(y.fields.fields)
	}
	fs, gs := fieldsOf(x, n), fieldsOf(y, n)
	for i := range fs {
		fs[i] = a.joinValue(fs[i], gs[i], widen)
	}
	return a.internFields(fs)
}

// fieldCount is the number of fields that a value of type t has at its top, 0 if
// its fields are not told apart.
func fieldCount(t types.Type) int {
	if !computable(t) {
		return 0
	}
	switch t := t.(type) {
	case *types.StructType:
		return len(t.Fields)
	case *types.ArrayType:
		return int(t.Len)
	}
	return 0
}

// extractValue applies rule (B3) to one field. What is deeper than one field is
// not told apart.
func (f *flow) extractValue(i *llir.InstExtractValue) value {
	x := f.operand(i.X)
	n := fieldCount(i.X.Type())
	if n == 0 {
		return f.pieces(i.X)
	}
	v := fieldsOf(x, n)[i.Indices[0]]
	if len(i.Indices) > 1 {
		v = value{bt: v.bt, vary: v.vary}
	}
	return v
}

func (f *flow) insertValue(i *llir.InstInsertValue) value {
	n := fieldCount(i.X.Type())
	if n == 0 {
		return f.pieces(i.X, i.Elem)
	}
	fs := fieldsOf(f.operand(i.X), n)
	k := i.Indices[0]
	e := f.operand(i.Elem)
	if len(i.Indices) > 1 {
		e = value{bt: e.bt.Join(fs[k].bt), vary: e.vary || fs[k].vary}
	}
	e.fields = nil
	fs[k] = e
	return f.fromFields(fs)
}

// fromFields is the value with these fields.
func (f *flow) fromFields(fs []value) value {
	v := value{fields: f.internFields(fs)}
	for _, e := range fs {
		v.bt, v.vary = v.bt.Join(e.bt), v.vary || e.vary
	}
	return v
}

// lanes applies rule (B3) to operations without symbols; the numbers that
// addresses are cannot be computed with.
func (f *flow) lanes(xs ...irvalue.Value) value {
	for _, x := range xs {
		if !computable(strip(x).Type()) || f.operand(x).addr {
			return dynamic
		}
	}
	return f.pieces(xs...)
}

// floating is lanes for floating point, which is only evaluated where nothing
// changes what it means.
func (f *flow) floating(xs ...irvalue.Value) value {
	if !f.floats() {
		return dynamic
	}
	return f.lanes(xs...)
}

// floats reports whether the specializer evaluates floating point here.
func (f *flow) floats() bool { return f.plainFloats && f.info(f.fn()).floats }

// lane applies rule (B3) to the instructions that have no rule of their own; ok
// is false if inst is none of them.
func (f *flow) lane(inst llir.Instruction) (v value, ok bool) {
	switch i := inst.(type) {
	case *llir.InstFAdd:
		return f.floating(i.X, i.Y), true
	case *llir.InstFSub:
		return f.floating(i.X, i.Y), true
	case *llir.InstFMul:
		return f.floating(i.X, i.Y), true
	case *llir.InstFDiv:
		return f.floating(i.X, i.Y), true
	case *llir.InstFRem:
		return f.floating(i.X, i.Y), true
	case *llir.InstFNeg:
		return f.floating(i.X), true
	case *llir.InstFCmp:
		return f.floating(i.X, i.Y), true
	case *llir.InstFPToSI:
		return f.converted(i.From, i.To), true
	case *llir.InstFPToUI:
		return f.converted(i.From, i.To), true
	case *llir.InstSIToFP:
		return f.converted(i.From, i.To), true
	case *llir.InstUIToFP:
		return f.converted(i.From, i.To), true
	case *llir.InstFPTrunc:
		return f.converted(i.From, i.To), true
	case *llir.InstFPExt:
		return f.converted(i.From, i.To), true
	case *llir.InstExtractElement:
		return f.lanes(i.X, i.Index), true
	case *llir.InstInsertElement:
		return f.lanes(i.X, i.Elem, i.Index), true
	case *llir.InstShuffleVector:
		if _, ok := i.Mask.(constant.Constant); ok {
			return f.lanes(i.X, i.Y), true
		}
	}
	return value{}, false
}

// converted is a conversion from or to floating point.
func (f *flow) converted(from irvalue.Value, to types.Type) value {
	if !computable(to) {
		return dynamic
	}
	return f.floating(from)
}
