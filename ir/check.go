package ir

// This file holds Check: the rules of the IR's structure. typecheck.go holds
// those of operand types.

import (
	"fmt"
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// Check returns all faults of p, each an *Error, in module order. The rules:
//
//	(V1) global names are unique, so are those of types and the local names of
//	     a function;
//	(V2) the numbering is that of the module: nothing was edited since;
//	(V3) the entry block has no predecessors;
//	(V4) phis begin their block and have one edge for each edge into it, with
//	     one value for each predecessor;
//	(V5) an operand is a constant or a value or block of the same function, and
//	     a definition dominates its uses (for a phi, the end of the incoming
//	     block);
//	(V6) a value has a type that a register can have, operand types fit the
//	     instruction, and what is allocated, loaded or
//	     stored has a size;
//	(V7) ret has the function's type, and arguments and result of a call have
//	     the callee's;
//	(V8) constants have the elements that their types say.
//
// Unreachable blocks are legal, and in them (V5) asks for no dominance.
func Check(p *Program) []error {
	c := &checker{p: p, layout: p.Layout, typed: make(map[types.Type]bool)}
	c.module()
	for _, f := range p.Funcs {
		c.function(f)
	}
	return c.errs
}

type checker struct {
	p      *Program
	layout *Layout
	errs   []error
	typed  map[types.Type]bool // see formed
	pos    func() Position     // of what is being checked

	f   *Func
	b   *Block
	pt  Point
	def []defPoint // by Reg
}

// A defPoint is where a register is defined: block is nil for a parameter.
type defPoint struct {
	block *Block
	pt    Point
}

func (c *checker) errorf(format string, args ...any) {
	c.errs = append(c.errs, &Error{Pos: c.pos(), Err: fmt.Errorf(format, args...)})
}

// module checks globals, aliases and names.
func (c *checker) module() {
	m := c.p.Module
	seen := make(map[string]bool, len(m.Globals)+len(m.Funcs))
	var ident string
	c.pos = func() Position { return Position{File: c.p.Source, Value: ident} }
	name := func(g llir.GlobalIdent) {
		ident = g.Ident()
		if seen[ident] {
			c.errorf("defined more than once") // (V1)
		}
		seen[ident] = true
	}
	named := make(map[string]bool, len(m.TypeDefs))
	for _, t := range m.TypeDefs {
		ident = t.String()
		if named[ident] {
			c.errorf("names more than one type") // (V1): an alias has the name of what it stands for
		}
		named[ident] = true
	}
	for _, g := range m.Globals {
		name(g.GlobalIdent)
		c.formed(g.Typ)
		if g.Init == nil {
			continue
		}
		if !same(g.Init.Type(), g.ContentType) {
			c.errorf("initializer has type %v, not %v", g.Init.Type(), g.ContentType)
		}
		c.constant(g.Init, 0)
	}
	for _, a := range m.Aliases {
		name(a.GlobalIdent)
		if a.Typ != nil && !same(a.Aliasee.Type(), a.Typ) {
			c.errorf("aliasee has type %v, not %v", a.Aliasee.Type(), a.Typ)
		}
	}
	for _, i := range m.IFuncs {
		name(i.GlobalIdent)
	}
	for _, f := range m.Funcs {
		name(f.GlobalIdent)
	}
	if len(m.Funcs) != len(c.p.Funcs) {
		ident = ""
		c.errorf("the module has %d functions, %d of them numbered", len(m.Funcs), len(c.p.Funcs)) // (V2)
	}
}

func (c *checker) function(f *Func) {
	c.f = f
	c.pos = func() Position { return c.p.PositionOf(f) }
	sig := f.LL.Sig
	if len(sig.Params) != len(f.LL.Params) {
		c.errorf("signature has %d parameters, definition %d", len(sig.Params), len(f.LL.Params))
		return
	}
	c.formed(sig)
	for i, p := range f.LL.Params {
		if !same(p.Typ, sig.Params[i]) {
			c.errorf("parameter %s has type %v, not %v", p.Ident(), p.Typ, sig.Params[i])
		}
	}
	if f.IsDecl() || !c.numbered(f) {
		return
	}
	c.names(f)
	if preds := f.Blocks[0].Preds; len(preds) > 0 { // (V3)
		c.errorf("entry block %s has predecessor %s", f.Blocks[0].LL.Ident(), preds[0].LL.Ident())
	}
	c.defs(f)
	f.Dom()
	c.pos = func() Position { return c.p.Position(c.pt) }
	for _, b := range f.Blocks {
		c.b = b
		c.block(b)
	}
}

// numbered applies (V2).
func (c *checker) numbered(f *Func) bool {
	if len(f.Blocks) != len(f.LL.Blocks) {
		c.errorf("%d blocks are numbered, there are %d", len(f.Blocks), len(f.LL.Blocks))
		return false
	}
	for i, b := range f.Blocks {
		if b.LL != f.LL.Blocks[i] || b.LL.Term == nil {
			c.errorf("block %d was replaced or has no terminator", i)
			return false
		}
		end := f.End
		if i+1 < len(f.Blocks) {
			end = f.Blocks[i+1].First
		}
		if b.End() != end {
			c.errorf("block %s has %d instructions, other than when it was numbered", b.LL.Ident(), len(b.LL.Insts))
			return false
		}
		succs := b.LL.Term.Succs()
		if !slices.EqualFunc(b.Succs, succs, func(x *Block, y *llir.Block) bool { return x.LL == y }) {
			c.errorf("block %s branches elsewhere than when it was numbered", b.LL.Ident())
			return false
		}
	}
	return true
}

// names applies (V1) inside f.
func (c *checker) names(f *Func) {
	seen := make(map[string]bool, len(f.Values)+len(f.Blocks))
	check := func(unnamed bool, ident string) {
		if !unnamed && seen[ident] {
			c.errorf("%s is defined more than once", ident)
		}
		seen[ident] = true
	}
	for _, v := range f.Values {
		if n, ok := v.(interface {
			value.Value
			IsUnnamed() bool
		}); ok && !n.IsUnnamed() {
			check(false, n.Ident())
		}
	}
	for _, b := range f.Blocks {
		if !b.LL.IsUnnamed() {
			check(false, b.LL.Ident())
		}
	}
}

// defs notes where each register is defined.
func (c *checker) defs(f *Func) {
	c.def = make([]defPoint, len(f.Values))
	for _, v := range f.Values {
		c.first(v.Type(), "%s", v.Ident()) // (V6)
	}
	r := Reg(len(f.LL.Params))
	for _, b := range f.Blocks {
		for i, inst := range b.LL.Insts {
			if HasResult(inst) {
				c.def[r] = defPoint{b, b.First + Point(i)}
				r++
			}
		}
		if HasResult(b.LL.Term) {
			c.def[r] = defPoint{b, b.TermPoint()}
			r++
		}
	}
}

func (c *checker) block(b *Block) {
	phis := true
	for i, inst := range b.LL.Insts {
		c.pt = b.First + Point(i)
		if phi, ok := inst.(*llir.InstPhi); ok {
			if !phis {
				c.errorf("phi %s follows another instruction", phi.Ident())
			}
			c.phi(b, phi)
			continue
		}
		phis = false
		c.operands(inst)
		c.inst(inst)
	}
	c.pt = b.TermPoint()
	c.operands(b.LL.Term)
	c.term(b.LL.Term)
}

// phi applies (V4), and (V5) at the end of each incoming block.
func (c *checker) phi(b *Block, phi *llir.InstPhi) {
	edges := make(map[*llir.Block]int, len(b.Preds))
	for _, p := range b.Preds {
		for _, s := range p.Succs {
			if s == b {
				edges[p.LL]++
			}
		}
	}
	value := make(map[*llir.Block]value.Value, len(phi.Incs))
	for _, inc := range phi.Incs {
		pred, ok := inc.Pred.(*llir.Block)
		if !ok {
			c.errorf("phi %s: %s is not a block", phi.Ident(), inc.Pred.Ident())
			continue
		}
		if edges[pred]--; edges[pred] < 0 {
			c.errorf("phi %s has more edges from %s than the block has", phi.Ident(), pred.Ident())
			continue
		}
		if first, ok := value[pred]; ok && !sameOperand(first, inc.X) {
			c.errorf("phi %s has two values from %s", phi.Ident(), pred.Ident())
		}
		value[pred] = inc.X
		if !same(inc.X.Type(), phi.Typ) {
			c.errorf("phi %s has type %v, but %s from %s has %v", phi.Ident(), phi.Typ, inc.X.Ident(), pred.Ident(), inc.X.Type())
		}
		c.operand(inc.X, c.f.BlockOf(pred))
	}
	for _, p := range b.Preds {
		if edges[p.LL] > 0 {
			c.errorf("phi %s has no value for the edge from %s", phi.Ident(), p.LL.Ident())
		}
	}
}

// sameOperand compares two operands; equal constants may be different nodes.
func sameOperand(a, b value.Value) bool {
	if a == b {
		return true
	}
	_, isConst := a.(constant.Constant)
	return isConst && a.Ident() == b.Ident()
}

// operands applies (V5) to the operands of u, which is no phi.
func (c *checker) operands(u value.User) {
	for _, op := range u.Operands() {
		if *op != nil {
			c.operand(*op, nil)
		}
	}
	for _, b := range bundles(u) {
		for _, v := range b.Inputs {
			c.operand(v, nil)
		}
	}
}

// operand applies (V5) to one use of v: at c.pt, or at the end of pred.
func (c *checker) operand(v value.Value, pred *Block) {
	switch v := Unwrap(v).(type) {
	case *llir.Block:
		if c.f.BlockOf(v) == nil {
			c.errorf("%s is a block of another function", v.Ident())
		}
	case *llir.Func:
		if c.p.FuncOf(v) == nil {
			c.errorf("%s is not in the module", v.Ident())
		}
	case constant.Constant:
		if shaped(v) {
			c.constant(v, 0)
		}
	case *metadata.Value, *llir.InlineAsm:
	default:
		c.local(v, pred)
	}
}

func (c *checker) local(v value.Value, pred *Block) {
	r, ok := c.f.regs[v]
	if !ok {
		c.errorf("%s is not a value of this function", v.Ident())
		return
	}
	def := c.def[r]
	if def.block == nil {
		return
	}
	at := c.b
	if pred != nil {
		at = pred
	}
	if !at.Reachable() {
		return
	}
	if def.pt != def.block.TermPoint() {
		if def.block == at {
			if pred == nil && def.pt >= c.pt {
				c.errorf("%s is used before it is defined", v.Ident())
			}
			return
		}
		if !c.f.facts.dom.Dominates(def.block, at) {
			c.errorf("%s is used where it may not be defined", v.Ident())
		}
		return
	}
	if !c.termDominates(def.block, at, pred) {
		c.errorf("%s is used where it may not be defined", v.Ident())
	}
}

// termDominates reports whether the result of def's terminator, which only the
// edge to its first successor defines, is there in at, or at the end of pred on
// the edge into c.b.
func (c *checker) termDominates(def, at, pred *Block) bool {
	if _, ok := def.LL.Term.(*llir.TermCatchSwitch); ok {
		return def != at && c.f.facts.dom.Dominates(def, at)
	}
	normal := def.Succs[0]
	if pred == def && c.b == normal {
		return true
	}
	if !c.f.facts.dom.Dominates(normal, at) {
		return false
	}
	for _, p := range normal.Preds {
		if p != def && p.Reachable() && !c.f.facts.dom.Dominates(normal, p) {
			return false
		}
	}
	return true
}

// shaped reports whether c has elements of its own to check.
func shaped(c constant.Constant) bool {
	switch c.(type) {
	case *constant.Array, *constant.Struct, *constant.Vector, *constant.CharArray:
		return true
	}
	return false
}

// constant applies (V8).
func (c *checker) constant(k constant.Constant, depth int) {
	if depth > maxConstDepth {
		c.errorf("constant is nested too deeply")
		return
	}
	switch k := k.(type) {
	case *constant.CharArray:
		if uint64(len(k.X)) != k.Typ.Len {
			c.errorf("string of %d bytes for %v", len(k.X), k.Typ)
		}
	case *constant.Array:
		c.elements(k.Elems, k.Typ.Len, k.Typ.ElemType, k.Typ, depth)
	case *constant.Vector:
		c.elements(k.Elems, k.Typ.Len, k.Typ.ElemType, k.Typ, depth)
	case *constant.Struct:
		if len(k.Fields) != len(k.Typ.Fields) {
			c.errorf("%d fields for %v", len(k.Fields), k.Typ)
			return
		}
		for i, f := range k.Fields {
			if !same(f.Type(), k.Typ.Fields[i]) {
				c.errorf("field %d of %v has type %v", i, k.Typ, f.Type())
			}
			c.constant(f, depth+1)
		}
	}
}

func (c *checker) elements(elems []constant.Constant, n uint64, elem, whole types.Type, depth int) {
	if uint64(len(elems)) != n {
		c.errorf("%d elements for %v", len(elems), whole)
	}
	for _, e := range elems {
		if !same(e.Type(), elem) {
			c.errorf("element of %v has type %v", whole, e.Type())
		}
		if shaped(e) {
			c.constant(e, depth+1)
		}
	}
}

// same is type equality; the same node is the common case.
func same(a, b types.Type) bool {
	return a == b || (a != nil && b != nil && a.Equal(b))
}
