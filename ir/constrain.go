package ir

// This file holds the constraint generator for every instruction but calls.
//
// The analysis is Andersen's (1994): flow- and context-insensitive, inclusion-
// based. Fields are told apart as by Pearce, Kelly and Hankin (2007), but by
// byte offset instead of field number, since LLVM's types do not say what is in
// memory. mem(c) is what the pointers stored in cell c point to, c+s the cells
// that step s leads to from c (cell.go). Values of pointer type have points-to
// sets, and so have integers of pointer width or more, doubles, and vectors and
// structs of these, since memory is copied through them.
//
//	(P1) address: %x = alloca, @g, @f        pts(x) ∋ o
//	(P2) copy: bitcast, freeze, phi, select, extractvalue, insertvalue and the
//	     vector operations                   pts(x) ⊇ pts(y)
//	(P3) %x = getelementptr %y, s            c ∈ pts(y) ⇒ pts(x) ∋ c+s
//	(P4) %x = load %y                        c ∈ pts(y) ⇒ pts(x) ⊇ mem(c+s)
//	     for each place s in the loaded type that may hold a pointer
//	(P5) store %x, %y                        c ∈ pts(y) ⇒ mem(c+s) ⊇ pts(x)
//	(P6) copy n bytes from %y to %x          c ∈ pts(y), d ∈ pts(x), c+s within n
//	                                         bytes of c ⇒ mem(d+s) ⊇ mem(c+s)
//	(P7) call %f(%a...)                      g ∈ pts(f) ⇒ pts(param) ⊇ pts(a), pts(x) ⊇ ret(g)
//	(P8) ptrtoint lets the targets escape, unless the number is only compared,
//	     subtracted from another such, or made a pointer again. A number keeps the
//	     targets it was loaded or made with as long as it is only copied; if
//	     anything else is computed from it, they escape and the result is unknown.
//	     inttoptr gives unknown, except of ptrtoint.
//	(P9) u is the unknown. c ∈ pts(x) escapes ⇒ o(c) escapes. If o escapes, then
//	     mem(c) ∋ u for every cell of o that can be written, and all of mem(c)
//	     escapes; if o is a function, its parameters may be u and its result escapes.
//	(P10) u ∈ pts(y): a load gives u; a value stored escapes; a call lets its
//	     arguments escape and gives u.
//	(P11) Globals start with what their initializers say, u if they have none here.
//	(P12) A load of an integer narrower than a pointer lets the pointers escape
//	     of which it may take a part, and a store of one, unless it is constant,
//	     may complete an unknown pointer: so memory that is copied piece by piece
//	     by hand is seen. Accesses tagged as numbers are left out (A3).
//
// u in a set stands for all cells of all objects that escape, so those are left
// out of it: by (P9) and (P10) nothing follows from them that does not follow
// from u. This is what keeps sets small in a program that is not complete.
//
// What is taken for granted, besides rules (C3) to (C5) about arrays:
//
//	(A1) The difference of two pointers is not turned back into a pointer by
//	     adding it to a number, unless that happens in the same function.
//	(A2) No pointer is rebuilt by arithmetic from pieces that are tagged as
//	     numbers.
//	(A3) Accesses obey the types in !tbaa: what is stored as a `long` is not
//	     loaded as a pointer, nor is what is stored as a pointer, and has never
//	     been through ptrtoint, loaded as a `long`. Without the tags numbers may be
//	     pointers.
//	(A4) An address printed as text is not read back, unless the format says %p.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// A node is a set variable: a value or the contents of cells. Nodes found equal
// are united; find gives the one that stands for all.
type node int32

const (
	noNode      node = -1
	unknownNode node = 0 // pts = {u}
	escapeNode  node = 1 // every member escapes
)

// funcNodes are a function's nodes.
type funcNodes struct {
	params []node  // noNode if the parameter holds no pointer
	byval  []int32 // object of a byval parameter, 0 if it is not byval
	ret    node    // noNode if no pointer is returned
	va     int32   // object of the variadic arguments, 0 if nobody asks for them
}

type constraintKind uint8

const (
	conLoad     constraintKind = iota // (P4): node is the result, arg the step
	conStore                          // (P5): node is the value stored, arg the step
	conStep                           // (P3): node is the result, arg the step
	conCompute                        // (P8): node is the result
	conCall                           // (P7): arg is the call
	conCallback                       // (P7): arg is the callBack
	conCopyFrom                       // (P6): arg is the copy
	conTaint                          // unknown pointers within reach: arg is the copy
	conReadAll                        // all contents of the object flow to node
	conWriteAll                       // node flows to all contents of the object
)

// A constraint waits at a node for members of its set.
type constraint struct {
	kind constraintKind
	node node
	arg  int32
}

// generate makes the constraints of the whole program.
func (s *solver) generate() {
	for _, f := range s.prog.Funcs {
		s.declare(f)
	}
	s.globals()
	for _, f := range s.prog.Funcs {
		g := &generator{solver: s, fn: f}
		for _, b := range f.Blocks {
			for _, inst := range b.LL.Insts {
				g.inst(inst)
			}
			g.term(b.LL.Term)
		}
	}
}

// declare makes the nodes of f and its values.
func (s *solver) declare(f *Func) {
	fn := &funcNodes{ret: noNode}
	s.funcs = append(s.funcs, fn)
	if s.carries(f.LL.Sig.RetType) {
		fn.ret = s.newNode()
	}
	for _, p := range f.LL.Params {
		n, obj := noNode, int32(0)
		if s.carries(p.Type()) {
			n = s.newNode()
			s.nodes[p] = n
		}
		if t := byvalType(p.Typ, p.Attrs); t != nil && !f.IsDecl() {
			obj = s.newObject(&Object{Kind: ObjStack, Site: p, Fn: f, Size: s.lay.Size(t)}, t, false)
			s.addCell(n, s.plain(obj, 0))
		}
		fn.params = append(fn.params, n)
		fn.byval = append(fn.byval, obj)
	}
	for _, v := range f.Values[len(f.LL.Params):] {
		if s.carries(v.Type()) {
			s.nodes[v] = s.newNode()
		}
	}
	for _, b := range f.Blocks {
		for _, inst := range b.LL.Insts {
			if call, ok := inst.(*llir.InstCall); ok && fn.va == 0 && calls(call, "llvm.va_start") {
				fn.va = s.newObject(&Object{Kind: ObjStack, Site: call, Fn: f, Size: -1}, nil, false)
			}
		}
	}
}

// byvalType is the type of the copy that is passed for a parameter or argument of
// type t, nil if none is.
func byvalType(t types.Type, attrs []llir.ParamAttribute) types.Type {
	for _, a := range attrs {
		if a, ok := a.(llir.Byval); ok {
			if a.Typ != nil {
				return a.Typ
			}
			if t, ok := t.(*types.PointerType); ok {
				return t.ElemType
			}
		}
	}
	return nil
}

func calls(call *llir.InstCall, name string) bool {
	f, ok := call.Callee.(*llir.Func)
	return ok && f.Name() == name
}

// carries reports whether a value of type t may hold a pointer.
func (s *solver) carries(t types.Type) bool {
	switch t := t.(type) {
	case *types.PointerType:
		return true
	case *types.IntType:
		return t.BitSize >= 64
	case *types.FloatType:
		return t.Kind == types.FloatKindDouble
	case *types.VectorType:
		return s.carries(t.ElemType) || s.lay.Bits(t) >= 64
	case *types.ArrayType:
		return s.carries(t.ElemType)
	case *types.StructType:
		for _, f := range t.Fields {
			if s.carries(f) {
				return true
			}
		}
	}
	return false
}

// maxSlots bounds the array elements that are looked at one by one.
const maxSlots = 64

// slots returns the steps to the places in a value of type t that may hold a
// pointer.
func (s *solver) slots(t types.Type) []stepID {
	if _, isPtr := t.(*types.PointerType); isPtr {
		return []stepID{noStep}
	}
	return s.slotsAt(t, step{kind: stepMember, typ: t}, nil)
}

// slotsAt appends the steps to the places in t, which lies at the end of step at.
func (s *solver) slotsAt(t types.Type, at step, to []stepID) []stepID {
	if !s.carries(t) {
		return to
	}
	k := at.k
	switch t := t.(type) {
	case *types.PointerType, *types.FloatType:
		return append(to, s.stepOf(at))
	case *types.StructType:
		for i, f := range t.Fields {
			at.k = k + s.lay.Offset(t, i)
			to = s.slotsAt(f, at, to)
		}
		return to
	case *types.ArrayType:
		size := s.lay.Size(t.ElemType)
		if t.Len > maxSlots {
			at.stride, at.count, at.kind = gcd(size, at.stride), int64(t.Len), stepArray
			return s.slotsAt(t.ElemType, at, to)
		}
		for i := range int64(t.Len) {
			at.k = k + i*size
			to = s.slotsAt(t.ElemType, at, to)
		}
		return to
	}
	for i := int64(0); i < max(s.lay.Bits(t)/64, 1); i++ {
		at.k = k + 8*i
		to = append(to, s.stepOf(at))
	}
	return to
}

// nodeOf returns the node of an operand, noNode if it holds no pointer.
func (s *solver) nodeOf(v value.Value) node {
	v = Unwrap(v)
	if n, ok := s.nodes[v]; ok {
		return n
	}
	if c, ok := v.(constant.Constant); ok {
		return s.constNode(c)
	}
	return noNode
}

// A generator makes the constraints of one function.
type generator struct {
	*solver
	fn *Func
}

// same makes x equal to y, its only source.
func (g *generator) same(x value.Value, y node) {
	n, ok := g.nodes[x]
	if !ok || y == noNode {
		return
	}
	if g.cfg.NoCollapse {
		g.edge(y, n)
		return
	}
	g.unify(n, y)
}

// flowsTo is rule (P2) for operands.
func (g *generator) flowsTo(x value.Value, from ...value.Value) {
	n, ok := g.nodes[x]
	if !ok {
		return
	}
	for _, v := range from {
		g.edge(g.nodeOf(v), n)
	}
}

func (g *generator) inst(inst llir.Instruction) {
	switch inst := inst.(type) {
	case *llir.InstAlloca:
		g.alloca(inst)
	case *llir.InstLoad:
		if g.accessCarries(inst, inst.ElemType) {
			g.load(g.nodes[inst], g.nodeOf(inst.Src), inst.ElemType)
		} else if g.piece(inst, inst.ElemType) {
			g.constrain(g.nodeOf(inst.Src), constraint{conLoad, escapeNode, g.stepOf(step{kind: stepMember, typ: inst.ElemType})})
		}
	case *llir.InstStore:
		switch n := g.nodeOf(inst.Src); {
		case n == noNode:
			if _, known := inst.Src.(constant.Constant); !known && g.piece(inst, inst.Src.Type()) {
				g.constrain(g.nodeOf(inst.Dst), constraint{conStore, unknownNode, g.stepOf(step{kind: stepMember, typ: inst.Src.Type()})})
			}
		case g.accessCarries(inst, inst.Src.Type()):
			g.store(n, g.nodeOf(inst.Dst), inst.Src.Type())
		default:
			g.edge(n, escapeNode) // (A3): it will be loaded as a number
		}
	case *llir.InstGetElementPtr:
		g.gep(inst)
	case *llir.InstBitCast:
		g.convert(inst, inst.From)
	case *llir.InstFreeze:
		g.same(inst, g.nodeOf(inst.X))
	case *llir.InstAddrSpaceCast:
		g.same(inst, g.nodeOf(inst.From))
	case *llir.InstPtrToInt:
		g.convert(inst, inst.From)
		if !g.keptPrivate(inst) {
			g.edge(g.nodeOf(inst.From), escapeNode)
		}
	case *llir.InstIntToPtr:
		g.intToPtr(inst)
	case *llir.InstTrunc:
		g.convert(inst, inst.From)
	case *llir.InstZExt:
		g.convert(inst, inst.From)
	case *llir.InstSExt:
		g.convert(inst, inst.From)
	case *llir.InstPhi:
		g.phi(inst)
	case *llir.InstSelect:
		g.flowsTo(inst, inst.ValueTrue, inst.ValueFalse)
	case *llir.InstExtractValue:
		g.same(inst, g.nodeOf(inst.X))
	case *llir.InstInsertValue:
		g.flowsTo(inst, inst.X, inst.Elem)
	case *llir.InstExtractElement:
		g.same(inst, g.nodeOf(inst.X))
	case *llir.InstInsertElement:
		g.flowsTo(inst, inst.X, inst.Elem)
	case *llir.InstShuffleVector:
		g.flowsTo(inst, inst.X, inst.Y)
	case *llir.InstCmpXchg:
		n := g.nodeOf(inst.Ptr)
		if x, ok := g.nodes[inst]; ok {
			g.load(x, n, inst.New.Type())
			g.store(g.nodeOf(inst.New), n, inst.New.Type())
		}
	case *llir.InstAtomicRMW:
		g.atomicRMW(inst)
	case *llir.InstCall:
		if !IsDebug(inst) {
			g.call(inst, inst.Callee, inst.Args)
		}
	case *llir.InstVAArg:
		g.vaArg(inst)
	case *llir.InstLandingPad:
		g.edge(unknownNode, g.nodes[inst])
	case *llir.InstICmp, *llir.InstFCmp, *llir.InstFence:
	default:
		if x, ok := inst.(value.Value); ok {
			g.arithmetic(x, inst)
		}
	}
}

func (g *generator) term(term llir.Terminator) {
	switch term := term.(type) {
	case *llir.TermRet:
		if ret := g.funcs[g.fn.ID].ret; term.X != nil && ret != noNode {
			g.edge(g.nodeOf(term.X), ret)
		}
	case *llir.TermInvoke:
		g.call(term, term.Invokee, term.Args)
	case *llir.TermCallBr:
		g.call(term, term.Callee, term.Args)
	case *llir.TermResume:
		g.edge(g.nodeOf(term.X), escapeNode)
	}
}

// alloca is rule (P1).
func (g *generator) alloca(inst *llir.InstAlloca) {
	t, size := inst.ElemType, g.lay.Size(inst.ElemType)
	repeat := false
	if inst.NElems != nil {
		n, known := int64(0), false
		if c, ok := inst.NElems.(constant.Constant); ok {
			n, known = g.lay.ConstInt64(c)
		}
		switch {
		case known && n == 1:
		case known && n > 0 && size > 0 && n < endless/size/16:
			t = types.NewArray(uint64(n), t)
			size *= n
		default:
			repeat, size = true, -1
		}
	}
	if it, ok := inst.ElemType.(*types.IntType); ok && it.BitSize == 8 && inst.NElems != nil {
		t = nil // alloca(n): bytes for anything
	}
	obj := g.newObject(&Object{Kind: ObjStack, Site: inst, Fn: g.fn, Size: size}, t, repeat)
	g.addCell(g.nodes[inst], g.plain(obj, 0))
}

// accessCarries reports whether a load or store of type t may move a pointer:
// not if its tag says that it accesses a number, rule (A3).
func (g *generator) accessCarries(inst llir.Instruction, t types.Type) bool {
	switch t.(type) {
	case *types.IntType, *types.FloatType:
		if !g.carries(t) {
			return false
		}
		if tag := g.prog.TBAA(inst); tag != nil {
			switch tag.Access.Name() {
			case "long", "long long", "__int128", "double":
				return false
			}
		}
		return true
	}
	return g.carries(t)
}

// piece reports whether a load or store of type t may move a part of a pointer,
// rule (P12): an integer narrower than a pointer that the access does not tag as
// a number.
func (g *generator) piece(inst llir.Instruction, t types.Type) bool {
	it, ok := t.(*types.IntType)
	if !ok || it.BitSize < 8 || g.carries(t) {
		return false
	}
	tag := g.prog.TBAA(inst)
	return tag == nil || tag.Access.Name() == "omnipotent char"
}

// load is rule (P4): x = *y.
func (s *solver) load(x, y node, t types.Type) {
	if y == noNode {
		return
	}
	for _, st := range s.slots(t) {
		s.constrain(y, constraint{conLoad, x, st})
	}
}

// store is rule (P5): *y = x.
func (s *solver) store(x, y node, t types.Type) {
	if x == noNode || y == noNode {
		return
	}
	for _, st := range s.slots(t) {
		s.constrain(y, constraint{conStore, x, st})
	}
}

// convert is a cast. Between types that hold pointers it is a copy; a cast to
// one that does not takes the pointer apart (P8).
func (g *generator) convert(x value.Value, from value.Value) {
	n := g.nodeOf(from)
	if g.carries(x.Type()) {
		g.same(x, n)
	} else if n != noNode {
		g.edge(n, escapeNode)
	}
}

// intToPtr is rule (P8).
func (g *generator) intToPtr(inst *llir.InstIntToPtr) {
	if cast, ok := inst.From.(*llir.InstPtrToInt); ok && g.carries(cast.To) {
		g.same(inst, g.nodeOf(cast.From))
		return
	}
	if g.small(inst.From) {
		return // nothing is mapped there
	}
	x := g.nodes[inst]
	g.edge(unknownNode, x)
	g.edge(g.nodeOf(inst.From), x)
}

func (g *generator) phi(inst *llir.InstPhi) {
	for _, inc := range inst.Incs {
		if inc.X != value.Value(inst) {
			g.flowsTo(inst, inc.X)
		}
	}
}

// atomicRMW exchanges, or computes on, what is in memory.
func (g *generator) atomicRMW(inst *llir.InstAtomicRMW) {
	x, ok := g.nodes[inst]
	if !ok {
		return
	}
	n, v := g.nodeOf(inst.Dst), g.nodeOf(inst.X)
	g.load(x, n, inst.X.Type())
	if inst.Op != enum.AtomicOpXChg {
		g.constrain(x, constraint{conCompute, x, 0})
		if v != noNode {
			g.constrain(v, constraint{conCompute, x, 0})
		}
		v = x
	}
	g.store(v, n, inst.X.Type())
}

// vaArg reads the next variadic argument through a va_list, wherever the ABI
// keeps the address of the arguments in it.
func (g *generator) vaArg(inst *llir.InstVAArg) {
	if x, ok := g.nodes[inst]; ok {
		g.constrain(g.vaArgs(g.nodeOf(inst.ArgList)), constraint{conReadAll, x, 0})
	}
}

// vaArgs returns a node that points to the arguments of a va_list.
func (s *solver) vaArgs(list node) node {
	args := s.newNode()
	if list != noNode {
		for _, off := range vaListSlots {
			s.constrain(list, constraint{conLoad, args, s.stepOf(step{k: off})})
		}
	}
	return args
}

// vaListSlots are where a va_list may hold the address of the arguments: its
// start if it is a plain pointer, overflow_arg_area and reg_save_area of x86-64.
var vaListSlots = []int64{0, VaListStack, VaListSave}
