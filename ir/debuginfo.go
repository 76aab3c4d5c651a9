package ir

// This file holds DebugInfo: names and C types of parameters, globals and
// values.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/value"
)

// DebugInfo answers questions about the module's debug information.
type DebugInfo struct {
	prog *Program
}

// A CParam is a parameter of a C function.
type CParam struct {
	Name  string
	Type  *CType
	Param *llir.Param // nil if clang passes it in pieces, or dropped it
}

// Debug returns the debug information of p, nil if the module has none.
func (p *Program) Debug() *DebugInfo { return nil }

// Global finds a global variable by its C name, nil if there is none.
func (d *DebugInfo) Global(name string) (*llir.Global, *CType) { return nil, nil }

// Globals are the names that Global finds, sorted.
func (d *DebugInfo) Globals() []string { return nil }

// Params are the C parameters of f in order.
func (d *DebugInfo) Params(f *llir.Func) []CParam { return nil }

// Enumerator is the value of an enumeration constant.
func (d *DebugInfo) Enumerator(name string) (int64, bool) { return 0, false }

// Struct finds a struct or union by its tag, nil if there is none.
func (d *DebugInfo) Struct(name string) *CType { return nil }

// ValueName is the C variable whose value v is, empty if not known.
func (d *DebugInfo) ValueName(v value.Value) string { return "" }
