package spec

// This file holds what Resolve makes of a specification.

import (
	"fmt"
	"strconv"

	"github.com/llir/llvm/ir/constant"

	"quasi/ir"
)

// Resolved is a specification bound to a program.
type Resolved struct {
	Variants []*Variant // in the order of the file
}

// A Variant is one specialization that is asked for.
type Variant struct {
	Name   string // as:, or FUNCTION.v1, FUNCTION.v2 ... in order
	Fn     *ir.Func
	Static []Binding // one a static parameter, by Param
	// When are the quasi-invariants: evaluated in this order at entry, the first
	// that is false sends the call to the generic function, so that a predicate
	// may rely on those before it (`p != 0`, then `p->x == 1`).
	When []*Pred
	// Always are assumed at every entry and never evaluated.
	Always []*Pred
	Plug   string // pointer, simple, counting; empty if not said
	Expect []Expectation
	Pos    Pos // of the function's name in the specification
}

// A Binding gives a parameter its static value.
type Binding struct {
	Param int // index in Fn.LL.Params
	Value Const
	Pos   Pos

	text Text
}

// A ConstKind is the kind of a Const.
type ConstKind uint8

// Kinds of static values. The zero value is no value.
const (
	ConstNone ConstKind = iota
	ConstInt
	ConstString
	ConstNull
	ConstGlobal
	ConstFunc
	ConstFloat
)

// A Const is the static value of a parameter.
type Const struct {
	Kind  ConstKind
	Int   uint64            // of ConstInt and ConstFloat: the bits, zero above Width
	Width int               // bits of the parameter: of these two its LLVM type, else 64
	Str   string            // of ConstString, without the NUL that ends it in memory
	Sym   constant.Constant // of ConstGlobal and ConstFunc: the *llir.Global, *llir.Func or *llir.Alias
}

// String writes c as a specification does.
func (c Const) String() string {
	switch c.Kind {
	case ConstInt:
		if c.Width == 1 {
			return strconv.FormatUint(c.Int, 10)
		}
		return strconv.FormatInt(signed(c.Int, c.Width), 10)
	case ConstString:
		return strconv.Quote(c.Str)
	case ConstNull:
		return "null"
	case ConstGlobal:
		return "&" + symName(c.Sym)
	case ConstFunc:
		return symName(c.Sym)
	case ConstFloat:
		return floatString(c.Int, c.Width)
	}
	return "?"
}

// A Pred is a predicate over parameters and memory at entry.
type Pred struct {
	Text   string  // as written
	Expr   *Expr   // of Width 1
	Terms  []*Term // what it loads, each once, in evaluation order
	Params []int   // the parameters it reads, ascending
	Pos    Pos

	text Text
}

// String is the predicate as written.
func (p *Pred) String() string { return p.Text }

// A Term is a memory location that a predicate reads.
type Term struct {
	Addr *Expr // its address
	Size int64 // in bytes; for a bit-field that of the unit that is loaded
	Type *ir.CType
	Text string // as written, such as `current->euid`

	// Record and Field tell the member that the term is, or is an element of,
	// where it is one; Off counts from the start of Record (of the member, where
	// an index is not constant), BitOff and BitSize (0: no bit-field) as in
	// ir.CField.
	Record          *ir.CType
	Field           string
	Off             int64
	BitOff, BitSize int64
	// Global is the variable that holds the term, nil if it is reached through a
	// pointer.
	Global constant.Constant
}

// String is the term as written.
func (t *Term) String() string { return t.Text }

// symName is the name of a global value without @.
func symName(c constant.Constant) string {
	if n, ok := c.(interface{ Name() string }); ok {
		return n.Name()
	}
	return fmt.Sprint(c)
}
