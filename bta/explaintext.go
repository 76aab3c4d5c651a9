package bta

// This file names values and memory in explanations, by the names of C where
// debug information has them.

import (
	"strings"

	llir "github.com/llir/llvm/ir"
	irvalue "github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/spec"
)

// speller writes symbolic values of the entry state as C.
func (a *analysis) speller() *spec.Speller {
	if a.spell == nil {
		a.spell = spec.NewSpeller(a.prog, a.cfg.Variant, a.facts)
	}
	return a.spell
}

// start is the symbol of the address at which p begins, NoSym if p is no memory that
// a predicate can name.
func (a *analysis) start(p place) spec.Sym {
	if p.obj == nil {
		return p.base
	}
	if g, ok := p.obj.Site.(*llir.Global); ok {
		return a.facts.Addr(g)
	}
	return spec.NoSym
}

// spelledCell is c as a predicate would name it; ok is false if none can.
func (a *analysis) spelledCell(c Cell) (text string, ok bool) {
	return a.speller().Cell(a.start(c.place()), c.Lo, c.Hi-c.Lo)
}

// holdsPointer reports whether c, which a predicate can name, holds a pointer.
func (a *analysis) holdsPointer(c Cell) bool {
	return a.speller().HoldsPointer(a.start(c.place()), c.Lo, c.Hi-c.Lo)
}

// bitFields are the bit-fields that c is the unit of, as predicates name them; full
// tells that they are all bits of it.
func (a *analysis) bitFields(c Cell) (names []string, full bool) {
	return a.speller().BitFields(a.start(c.place()), c.Lo, c.Hi-c.Lo)
}

// nameable reports whether a predicate can name c.
func (e *explainer) nameable(c Cell) bool {
	_, ok := e.spelledCell(c)
	if !ok {
		bits, _ := e.bitFields(c)
		ok = len(bits) > 0
	}
	return ok
}

// cellName is c for people: as C if that is known, else as listings show it.
func (a *analysis) cellName(c Cell) string {
	if text, ok := a.spelledCell(c); ok {
		return text
	}
	if bits, _ := a.bitFields(c); bits != nil {
		return strings.Join(bits, ", ")
	}
	if c.Obj == nil {
		if text, ok := a.speller().Value(c.Base); ok {
			return "memory at " + text
		}
		return "memory at " + a.facts.String(c.Base)
	}
	d := a.prog.Debug()
	if d == nil || c.Obj.Site == nil {
		return c.String()
	}
	switch site := c.Obj.Site.(type) {
	case *llir.InstAlloca:
		if name := d.Vars(c.Obj.Fn.LL)[site]; name != "" {
			if text, ok := a.speller().Inside(name, d.IRType(site.ElemType), c.Lo, c.Hi-c.Lo); ok {
				return text
			}
			return name
		}
	case *llir.Global:
		if name := d.ValueName(site); name != "" && !strings.HasPrefix(name, ".") {
			return name
		}
	}
	return c.String()
}

// objectText is o for people.
func objectText(p *ir.Program, o *ir.Object) string {
	if d := p.Debug(); d != nil && o.Site != nil {
		if name := d.ValueName(o.Site); name != "" {
			return name
		}
	}
	return objectName(o)
}

// valueName is register r of fn for people: `i (%inc)`, or %inc without debug
// information.
func (a *analysis) valueName(fn *ir.Func, r ir.Reg) string {
	x := fn.Values[r]
	ident := x.Ident()
	d := a.prog.Debug()
	if d == nil {
		return ident
	}
	switch name := d.Vars(fn.LL)[irvalue.Value(x)]; {
	case name == "":
		return ident
	case "%"+name == ident:
		return name
	default:
		return name + " (" + ident + ")"
	}
}

// operandText says which operand makes a residual instruction so.
func operandText(u ir.User) string {
	switch u.(type) {
	case *llir.TermRet:
		return "the returned value is dynamic"
	case *llir.TermCondBr, *llir.TermSwitch, *llir.TermIndirectBr:
		return "the condition is dynamic"
	case *llir.InstStore:
		return "the value or the address stored to is dynamic"
	}
	return "an operand is dynamic"
}
