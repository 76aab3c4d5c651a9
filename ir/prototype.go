package ir

// This file compares calls with the functions that they call.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"
)

// Fits reports whether f can take the values that call passes, and call the
// value that f returns, as they stand or with another pointer type: C calls
// through prototypes that say void * or nothing (bool_t (*)(XDR *, ...)) where the
// function says int *. What such a call passes beyond the parameters of f is
// not seen there. A call without a result does with any that f returns.
func Fits(call *llir.InstCall, f *llir.Func) bool {
	sig := call.Sig()
	n := len(f.Params)
	if call.CallingConv != f.CallingConv || len(call.Args) < n || len(call.Args) > n && !(sig.Variadic && len(sig.Params) <= n) {
		return false
	}
	if !sig.RetType.Equal(types.Void) && !SameBits(sig.RetType, f.Sig.RetType) {
		return false
	}
	for i, p := range f.Params {
		if !SameBits(Unwrap(call.Args[i]).Type(), p.Typ) {
			return false
		}
	}
	return true
}

// SameBits reports whether a register of type a holds the same in type b: the types
// are equal, or both are pointers in one address space.
func SameBits(a, b types.Type) bool {
	p, ok := a.(*types.PointerType)
	q, both := b.(*types.PointerType)
	return a.Equal(b) || ok && both && p.AddrSpace == q.AddrSpace
}
