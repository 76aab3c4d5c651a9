package ir

// This file holds the constraints of address computation: getelementptr,
// arithmetic on numbers that may be addresses, and constants.

import (
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// gep is rule (P3).
func (g *generator) gep(inst *llir.InstGetElementPtr) {
	y := g.nodeOf(inst.Src)
	steps := g.gepSteps(inst.ElemType, inst.Indices, inst.Src)
	if y == noNode {
		return
	}
	if len(steps) == 0 {
		g.same(inst, y)
		return
	}
	for _, st := range steps[:len(steps)-1] {
		y = g.stepNode(y, st)
	}
	g.constrain(y, constraint{conStep, g.nodes[inst], g.stepOf(steps[len(steps)-1])})
}

// gepSteps takes a getelementptr over element type elem apart.
func (s *solver) gepSteps(elem types.Type, indices []value.Value, src value.Value) (steps []step) {
	if _, _, ok := s.lay.GEP(elem, indices); !ok || len(indices) == 0 {
		return []step{anyStep}
	}
	add := func(st step) {
		if st.k != 0 || st.stride != 0 {
			steps = append(steps, st)
		}
	}
	if n, ok := s.constIndex(indices[0]); ok {
		add(step{k: n * s.lay.Size(elem), kind: stepPointer, typ: elem})
	} else if st, ok := s.decayed(elem, indices, src); ok {
		add(st)
	} else {
		add(step{stride: s.lay.Size(elem), kind: stepPointer, typ: elem})
	}
	entered, cur, k := elem, elem, int64(0)
	for i := 1; i < len(indices); i++ {
		n, isConst := s.constIndex(indices[i])
		if st, ok := cur.(*types.StructType); ok {
			k += s.lay.Offset(st, int(n))
			cur = st.Fields[n]
			continue
		}
		inner, count := sequence(cur)
		if isConst {
			k += n * s.lay.Size(inner)
			cur = inner
			continue
		}
		add(step{k: k, kind: stepMember, typ: entered})
		add(step{stride: s.lay.Size(inner), count: s.closed(elem, indices, i, count), kind: stepArray, typ: cur})
		entered, cur, k = inner, inner, 0
	}
	add(step{k: k, kind: stepMember, typ: entered})
	return steps
}

// constIndex is an index as a number, if it is constant.
func (s *solver) constIndex(v value.Value) (int64, bool) {
	if c, ok := Unwrap(v).(constant.Constant); ok {
		return s.lay.ConstInt64(c)
	}
	return 0, false
}

// decayed is the step of `gep T, q, i` where q is an array's first element,
// `gep ..., 0`: it names the array.
func (s *solver) decayed(elem types.Type, indices []value.Value, src value.Value) (step, bool) {
	decay, ok := src.(*llir.InstGetElementPtr)
	if !ok || len(indices) != 1 || len(decay.Indices) < 2 {
		return step{}, false
	}
	last := len(decay.Indices) - 1
	array := indexed(decay.ElemType, decay.Indices[:last])
	inner, n := sequence(array)
	if inner == nil || !isZeroIndex(decay.Indices[last]) || !sameType(inner, elem) {
		return step{}, false
	}
	return step{stride: s.lay.Size(elem), count: s.closed(decay.ElemType, decay.Indices, last, n), kind: stepArray, typ: array}, true
}

func isZeroIndex(v value.Value) bool {
	c, ok := Unwrap(v).(*constant.Int)
	return ok && c.X.Sign() == 0
}

// indexed is the type that indices lead to, nil if they are not understood.
func indexed(elem types.Type, indices []value.Value) types.Type {
	for i, index := range indices {
		if i == 0 {
			continue
		}
		switch t := elem.(type) {
		case *types.ArrayType:
			elem = t.ElemType
		case *types.VectorType:
			elem = t.ElemType
		case *types.StructType:
			c, ok := Unwrap(index).(*constant.Int)
			if !ok || !c.X.IsInt64() || c.X.Int64() >= int64(len(t.Fields)) {
				return nil
			}
			elem = t.Fields[c.X.Int64()]
		default:
			return nil
		}
	}
	return elem
}

// closed is n, the length of the array that indices[at] goes into, or 0 if the
// array may be longer than declared: with one element or none, or when it is
// the last member of all structs around it.
func (s *solver) closed(elem types.Type, indices []value.Value, at int, n int64) int64 {
	if n <= 1 {
		return 0
	}
	inStruct := false
	for i := 1; i < at; i++ {
		st, ok := indexed(elem, indices[:i]).(*types.StructType)
		if !ok {
			continue
		}
		c, ok := Unwrap(indices[i]).(*constant.Int)
		if !ok || c.X.Int64() != int64(len(st.Fields))-1 {
			return n
		}
		inStruct = true
	}
	if inStruct {
		return 0
	}
	return n
}

// arithmetic is rule (P8) for x, the result of an integer or floating-point
// operation.
func (g *generator) arithmetic(x value.Value, inst llir.Instruction) {
	if harmless(g, inst) {
		return
	}
	to := noNode
	if n, ok := g.nodes[x]; ok {
		to = n
	}
	for _, op := range Operands(inst) {
		v := Unwrap(*op)
		if _, isFloat := v.Type().(*types.FloatType); isFloat {
			continue
		}
		n := g.nodeOf(v)
		switch {
		case n == noNode:
		case to == noNode:
			g.edge(n, escapeNode)
		default:
			g.constrain(n, constraint{conCompute, to, 0})
		}
	}
}

// harmless reports whether the result of an operation on addresses cannot be
// made an address again: pointer differences, assumption (A1), and the low bits.
func harmless(g *generator, inst llir.Instruction) bool {
	switch inst := inst.(type) {
	case *llir.InstSub:
		return isPtrToInt(inst.X) && isPtrToInt(inst.Y) && !g.rebuilt(inst, 0)
	case *llir.InstAnd:
		return g.small(inst.X) || g.small(inst.Y)
	case *llir.InstURem:
		return g.small(inst.Y)
	}
	return false
}

func isPtrToInt(v value.Value) bool {
	switch v.(type) {
	case *llir.InstPtrToInt, *constant.ExprPtrToInt:
		return true
	}
	return false
}

// small reports whether v is a constant below the size of a page.
func (s *solver) small(v value.Value) bool {
	c, ok := v.(constant.Constant)
	if !ok {
		return false
	}
	n, ok := s.lay.ConstInt64(c)
	return ok && n >= 0 && n < 4096
}

// rebuilt reports whether a number computed from v becomes a pointer in the
// same function.
func (g *generator) rebuilt(v value.Value, depth int) bool {
	if depth > 16 {
		return true
	}
	reg := g.fn.Reg(v)
	if reg == NoReg {
		return false
	}
	for _, use := range g.fn.Uses().Of(reg) {
		switch user := g.prog.UserAt(use.Pt).(type) {
		case *llir.InstIntToPtr:
			return true
		case *llir.InstICmp, *llir.InstStore, *llir.InstCall, *llir.InstGetElementPtr, *llir.InstLoad:
		case *llir.InstPhi:
			if depth > 4 || g.rebuilt(user, depth+8) {
				return true
			}
		case value.Value:
			if g.carries(user.Type()) && g.rebuilt(user, depth+1) {
				return true
			}
		}
	}
	return false
}

// keptPrivate reports whether all that is done with the number of a pointer lets
// nobody find the pointer, rule (P8).
func (g *generator) keptPrivate(v *llir.InstPtrToInt) bool {
	for _, use := range g.fn.Uses().Of(g.fn.Reg(v)) {
		switch user := g.prog.UserAt(use.Pt).(type) {
		case *llir.InstICmp:
		case *llir.InstIntToPtr:
			if !g.carries(v.To) {
				return false
			}
		case llir.Instruction:
			if !harmless(g, user) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// addressNode returns the node that points to cell c and nothing else.
func (s *solver) addressNode(c cellID) node {
	if n, ok := s.address[c]; ok {
		return n
	}
	n := s.newNode()
	s.addCell(n, c)
	s.address[c] = n
	return n
}

// constNode returns a node with the targets of a constant, noNode if it has
// none.
func (s *solver) constNode(c constant.Constant) node {
	switch c := c.(type) {
	case *llir.Global, *llir.Func:
		return s.addressNode(s.plain(s.siteObj[c], 0))
	case *constant.Int, *constant.Float, *constant.Null, *constant.Undef, *constant.Poison, *constant.ZeroInitializer, *constant.CharArray:
		return noNode
	}
	if _, isPtr := c.Type().(*types.PointerType); isPtr {
		// Constant folding rewrites getelementptrs into ones over other types, so
		// they say nothing about arrays: the offset is all there is.
		if base, off, ok := s.prog.ConstAddr(c); ok {
			return s.symbolNode(base, off)
		}
	} else if _, ok := s.lay.ConstInt(c); ok {
		return noNode
	}
	return s.exprNode(c)
}

// symbolNode returns the node of base + off.
func (s *solver) symbolNode(base constant.Constant, off int64) node {
	switch base := base.(type) {
	case nil:
		if off > -4096 && off < 4096 {
			return noNode // nothing is mapped there
		}
		return unknownNode
	case *llir.Global, *llir.Func:
		return s.addressNode(s.exact(s.siteObj[base], off))
	case *llir.Alias:
		return s.stepNode(s.constNode(base.Aliasee), step{k: off})
	case *llir.IFunc:
		return s.stepNode(s.ifuncNode(base), step{k: off})
	}
	return unknownNode
}

// stepNode returns the node of n plus a step.
func (s *solver) stepNode(n node, st step) node {
	id := s.stepOf(st)
	if n == noNode || id == noStep {
		return n
	}
	x := s.newNode()
	s.constrain(n, constraint{conStep, x, id})
	return x
}

// ifuncNode returns the node of what an ifunc's resolver returns.
func (s *solver) ifuncNode(i *llir.IFunc) node {
	base, _, ok := s.prog.ConstAddr(i.Resolver)
	if f, isFunc := base.(*llir.Func); ok && isFunc {
		if n := s.funcs[s.prog.FuncOf(f).ID].ret; n != noNode && len(f.Blocks) > 0 {
			return n
		}
	}
	return unknownNode
}

// exprNode is constNode for expressions that are not symbol + offset.
func (s *solver) exprNode(c constant.Constant) node {
	switch c := c.(type) {
	case *constant.ExprBitCast:
		return s.constNode(c.From)
	case *constant.ExprAddrSpaceCast:
		return s.constNode(c.From)
	case *constant.ExprPtrToInt:
		n := s.constNode(c.From)
		s.edge(n, escapeNode)
		return n
	case *constant.DSOLocalEquivalent:
		return s.constNode(c.Func)
	case *constant.NoCFI:
		return s.constNode(c.Func)
	case *constant.BlockAddress:
		return noNode
	case *constant.ExprGetElementPtr:
		return s.stepNode(s.constNode(c.Src), anyStep)
	case *constant.ExprSelect:
		return s.unionNode(c.X, c.Y)
	case *constant.ExprExtractValue:
		return s.constNode(c.X)
	case *constant.ExprExtractElement:
		return s.constNode(c.X)
	case *constant.ExprInsertValue:
		return s.unionNode(c.X, c.Elem)
	case *constant.ExprInsertElement:
		return s.unionNode(c.X, c.Elem)
	case *constant.ExprShuffleVector:
		return s.unionNode(c.X, c.Y)
	case *constant.Struct:
		return s.unionNode(c.Fields...)
	case *constant.Array:
		return s.unionNode(c.Elems...)
	case *constant.Vector:
		return s.unionNode(c.Elems...)
	case *constant.ExprSub:
		if isPtrToInt(c.X) && isPtrToInt(c.Y) {
			return noNode // (A1)
		}
	}
	if s.exposeSymbols(c) {
		return unknownNode
	}
	return noNode
}

// unionNode returns a node with the targets of all cs.
func (s *solver) unionNode(cs ...constant.Constant) node {
	x := noNode
	for _, c := range cs {
		if n := s.constNode(c); n != noNode {
			if x == noNode {
				x = s.newNode()
			}
			s.edge(n, x)
		}
	}
	return x
}

// exposeSymbols lets every symbol in an expression escape, rule (P8), and
// reports whether there is one.
func (s *solver) exposeSymbols(c constant.Constant) bool {
	switch c := c.(type) {
	case *llir.Global, *llir.Func, *llir.Alias, *llir.IFunc:
		s.edge(s.constNode(c), escapeNode)
		return true
	}
	found := false
	for _, op := range constOperands(c) {
		found = s.exposeSymbols(op) || found
	}
	return found
}

// constOperands are the operands of a constant expression or aggregate.
func constOperands(c constant.Constant) []constant.Constant {
	if _, x, y := binaryExpr(c); x != nil {
		return []constant.Constant{x, y}
	}
	switch c := c.(type) {
	case *constant.Struct:
		return c.Fields
	case *constant.Array:
		return c.Elems
	case *constant.Vector:
		return c.Elems
	case *constant.ExprGetElementPtr:
		return append([]constant.Constant{c.Src}, c.Indices...)
	case *constant.Index:
		return []constant.Constant{c.Constant}
	case *constant.ExprSelect:
		return []constant.Constant{c.Cond, c.X, c.Y}
	case *constant.ExprICmp:
		return []constant.Constant{c.X, c.Y}
	case *constant.ExprBitCast:
		return []constant.Constant{c.From}
	case *constant.ExprAddrSpaceCast:
		return []constant.Constant{c.From}
	case *constant.ExprPtrToInt:
		return []constant.Constant{c.From}
	case *constant.ExprIntToPtr:
		return []constant.Constant{c.From}
	case *constant.ExprTrunc:
		return []constant.Constant{c.From}
	case *constant.ExprZExt:
		return []constant.Constant{c.From}
	case *constant.ExprSExt:
		return []constant.Constant{c.From}
	case *constant.ExprExtractElement:
		return []constant.Constant{c.X, c.Index}
	case *constant.ExprInsertElement:
		return []constant.Constant{c.X, c.Elem, c.Index}
	case *constant.ExprShuffleVector:
		return []constant.Constant{c.X, c.Y}
	case *constant.ExprExtractValue:
		return []constant.Constant{c.X}
	case *constant.ExprInsertValue:
		return []constant.Constant{c.X, c.Elem}
	}
	return nil
}

// asmNames returns the words of all assembly in the module: what it names is
// used where the module does not show it.
func (s *solver) asmNames() map[string]bool {
	names := make(map[string]bool)
	add := func(text string) {
		for _, word := range strings.FieldsFunc(text, func(r rune) bool {
			return !(r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
		}) {
			names[word] = true
		}
	}
	for _, text := range s.prog.Module.ModuleAsms {
		add(text)
	}
	for _, f := range s.prog.Funcs {
		for _, b := range f.Blocks {
			for _, inst := range b.LL.Insts {
				if call, ok := inst.(*llir.InstCall); ok {
					if asm, ok := call.Callee.(*llir.InlineAsm); ok {
						add(asm.Asm)
					}
				}
			}
		}
	}
	return names
}

// globals is rule (P11), and (P9) for what code outside the module can name.
func (s *solver) globals() {
	inAsm := s.asmNames()
	for _, g := range s.prog.Module.Globals {
		obj := s.siteObj[g]
		if g.Init == nil {
			s.escape(obj)
			continue
		}
		if strings.HasPrefix(g.Name(), "llvm.") {
			if strings.HasSuffix(g.Name(), "used") {
				s.exposeSymbols(g.Init)
			}
			continue
		}
		s.initialize(obj, 0, g.Init)
		if s.cfg.Entry == nil && !local(g.Linkage) || g.Section != "" || g.ExternallyInitialized || inAsm[g.Name()] {
			s.escape(obj)
		}
	}
	for _, f := range s.prog.Funcs {
		if f.IsDecl() || s.cfg.Entry == nil && !local(f.LL.Linkage) || inAsm[f.Name()] {
			s.escape(s.siteObj[f.LL])
		}
	}
	for _, a := range s.prog.Module.Aliases {
		if s.cfg.Entry == nil && !local(a.Linkage) {
			s.edge(s.constNode(a), escapeNode)
		}
	}
	for _, i := range s.prog.Module.IFuncs {
		if s.cfg.Entry == nil && !local(i.Linkage) {
			s.edge(s.ifuncNode(i), escapeNode)
		}
	}
	for _, f := range s.cfg.Entry {
		s.enter(s.funcs[f.ID])
	}
}

// local reports whether a symbol cannot be named outside its module.
func local(l enum.Linkage) bool {
	return l == enum.LinkageInternal || l == enum.LinkagePrivate
}

// initialize stores constant c at offset off of an object.
func (s *solver) initialize(obj int32, off int64, c constant.Constant) {
	switch c := c.(type) {
	case *constant.Struct:
		t, ok := c.Type().(*types.StructType)
		for i, f := range c.Fields {
			if ok {
				s.initialize(obj, off+s.lay.Offset(t, i), f)
			}
		}
		return
	case *constant.Array:
		for i, e := range c.Elems {
			s.initialize(obj, off+int64(i)*s.lay.Size(e.Type()), e)
		}
		return
	case *constant.Vector:
		for i, e := range c.Elems {
			s.initialize(obj, off+int64(i)*s.lay.Size(e.Type()), e)
		}
		return
	case *constant.Int, *constant.Float, *constant.Null, *constant.Undef, *constant.Poison, *constant.ZeroInitializer, *constant.CharArray:
		return
	}
	if !s.carries(c.Type()) {
		s.exposeSymbols(c) // a table of differences between symbols
		return
	}
	if n := s.constNode(c); n != noNode {
		s.edge(n, s.cells[s.plain(obj, off)].mem)
	}
}
