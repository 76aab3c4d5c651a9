package ir

// This file holds where the x86-64 ABI (System V) passes variable arguments, as
// va_start shows it: a register save area of 6 general registers of 8 bytes and 8
// vector registers of 16, and an overflow area on the stack.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"
)

// Sizes of the register save area.
const (
	vaGeneral   = 6 * 8
	VaRegisters = vaGeneral + 8*16
)

// Offsets in a va_list, and its size.
const (
	VaListGP    = 0  // gp_offset
	VaListFP    = 4  // fp_offset
	VaListStack = 8  // overflow_arg_area
	VaListSave  = 16 // reg_save_area
	VaListSize  = 24
)

// A VarArg is where one variable argument is passed.
type VarArg struct {
	Index int        // among the call's arguments
	Stack bool       // in the overflow area, else in the register save area
	Off   int64      // in that area
	Size  int64      // of the argument
	Slot  int64      // bytes of its place; those after Size are not defined
	Copy  types.Type // of a struct passed by value: the argument is its address
}

// A VarList is what va_start puts into a va_list, and where the arguments are.
type VarList struct {
	GP, FP    int64 // gp_offset and fp_offset
	Stack     int64 // of overflow_arg_area, in the overflow area
	StackSize int64
	Args      []VarArg
}

// VarNamed is the VarList of variadic function f without variable arguments; ok is
// false if a parameter is of a type whose place is not known.
func (l *Layout) VarNamed(f *llir.Func) (VarList, bool) {
	v := VarList{FP: vaGeneral}
	for i, p := range f.Params {
		if _, ok := v.place(l, i, p.Typ, byvalType(p.Typ, p.Attrs), p.Attrs); !ok {
			return VarList{}, false
		}
	}
	v.Stack = v.StackSize
	return v, true
}

// VarArgs is the VarList of a call of variadic function f.
func (l *Layout) VarArgs(f *llir.Func, call *llir.InstCall) (VarList, bool) {
	v, ok := l.VarNamed(f)
	if !ok {
		return v, false
	}
	named := v
	for i := len(f.Params); i < len(call.Args); i++ {
		var attrs []llir.ParamAttribute
		var copied types.Type
		if a, ok := call.Args[i].(*llir.Arg); ok {
			attrs = a.Attrs
			copied = byvalType(a.Value.Type(), a.Attrs)
		}
		arg, ok := v.place(l, i, Unwrap(call.Args[i]).Type(), copied, attrs)
		if !ok {
			return VarList{}, false
		}
		named.Args = append(named.Args, arg)
	}
	named.StackSize = v.StackSize
	return named, true
}

// place gives the next argument its place.
func (v *VarList) place(l *Layout, i int, t, copied types.Type, attrs []llir.ParamAttribute) (VarArg, bool) {
	a := VarArg{Index: i, Size: l.StoreSize(t), Slot: 8, Copy: copied}
	stack := func(size, align int64) VarArg {
		v.StackSize = (v.StackSize + align - 1) &^ (align - 1)
		a.Stack, a.Off = true, v.StackSize
		a.Slot = (size + 7) &^ 7
		v.StackSize += a.Slot
		return a
	}
	if copied != nil {
		align := max(8, l.Align(copied))
		for _, x := range attrs {
			if n, ok := x.(llir.Align); ok {
				align = max(align, int64(n))
			}
		}
		a.Size = l.Size(copied)
		return stack(a.Size, align), true
	}
	switch t := t.(type) {
	case *types.IntType:
		if t.BitSize > 64 {
			return a, false
		}
	case *types.PointerType:
	case *types.FloatType:
		switch t.Kind {
		case types.FloatKindFloat, types.FloatKindDouble:
			if v.FP == VaRegisters {
				return stack(8, 8), true
			}
			a.Off, a.Slot = v.FP, 16
			v.FP += 16
			return a, true
		case types.FloatKindX86_FP80:
			a.Size = 10
			return stack(16, 16), true
		}
		return a, false
	default:
		return a, false
	}
	if v.GP == vaGeneral {
		return stack(8, 8), true
	}
	a.Off = v.GP
	v.GP += 8
	return a, true
}

// VaStart is the call of llvm.va_start in f, nil if there is none.
func VaStart(f *Func) *llir.InstCall {
	for _, b := range f.Blocks {
		for _, inst := range b.LL.Insts {
			if call, ok := inst.(*llir.InstCall); ok && calls(call, "llvm.va_start") {
				return call
			}
		}
	}
	return nil
}
