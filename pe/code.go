package pe

// This file compiles a function, once, into the compact form that the
// specializer executes: dense registers, resolved types, sizes and offsets.

import (
	"math"
	"math/big"
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// class tells how values of a type are held.
type class uint8

const (
	clsVoid  class = iota
	clsInt         // an integer of at most 64 bits
	clsPtr         // a pointer of address space 0
	clsFloat       // float or double, as a bit pattern
	clsOther       // everything else: dynamic or an opaque constant
	clsWide        // an integer of 65 to 128 bits
	clsList        // a vector, struct or array of few scalars (list.go)
)

// An operand is a register (>= 0) or constant number -1-x of its code.
type operand int32

type opcode uint8

const (
	opOther opcode = iota // emitted, with the memory effects that mod/ref knows
	opBinary
	opICmp
	opCast
	opSelect
	opFreeze
	opGEP
	opAlloca
	opArray // an alloca while the function runs
	opLoad
	opStore
	opCall
	opNop
	opPure // no memory effect, never computed
	opLanes
	opExtractValue
	opInsertValue
	opExtractElement
	opInsertElement
	opShuffle
	opSelectLanes
	opBitCast
	opBr
	opCondBr
	opSwitch
	opGoto
	opRet
	opUnreachable
)

// An inst is one compiled instruction or terminator.
type inst struct {
	op    opcode
	sub   uint8 // binary: binop; icmp: icmpPred; cast: castOp; lanes: whichever of these
	exact bool  // binary: exact
	nuw   bool
	nsw   bool
	width uint // of the operands (icmp, cast, binary) in bits, 1..64; 0 if not computable; of lanes 1..128
	to    uint // cast, lanes: width of the result; load, store: bytes
	dst   ir.Reg
	args  []operand
	off   int64 // gep: constant part
	scale []int64
	cls   class // load, store: class of the value; otherwise of the result
	pt    ir.Point
	node  llir.Instruction // nil for terminators
	term  llir.Terminator
	succs []int
	cases []uint64 // switch: one a successor but the first (the default)
	call  *callee
	x     *extra      // of what is in exec_list.go
	tag   *ir.TBAATag // of loads and stores
}

// A regInfo describes a register.
type regInfo struct {
	typ   types.Type
	cls   class
	width uint // bits, for clsInt, clsPtr, clsFloat and clsWide
}

type cblock struct {
	phis  []cphi
	insts []inst // the last is the terminator
	preds int
	from  []int       // the blocks that lead here, each once
	edges map[int]int // place in from, if from is long
	live  []uint64    // bit set of registers live on entry, the block's phis included
	llir  *ir.Block
	loop  bool   // header of a loop
	latch []bool // of a loop header, by edge: it comes from inside
}

type cphi struct {
	dst  ir.Reg
	args []operand // by edge
}

// manyEdges is from how many edges on a block has a map of them.
const manyEdges = 8

// lead fills in the edges to a block.
func (b *cblock) lead(preds []*ir.Block) {
	b.preds = len(preds)
	for _, p := range preds {
		if !slices.Contains(b.from, p.ID) {
			b.from = append(b.from, p.ID)
		}
	}
	if len(b.from) < manyEdges {
		return
	}
	b.edges = make(map[int]int, len(b.from))
	for i, p := range b.from {
		b.edges[p] = i
	}
}

// edge is the number of the edge from block from, -1 if there is none.
func (b *cblock) edge(from int) int {
	if b.edges != nil {
		if i, ok := b.edges[from]; ok {
			return i
		}
		return -1
	}
	return slices.Index(b.from, from)
}

// A code is a compiled function.
type code struct {
	fn      *ir.Func
	blocks  []cblock
	regs    []regInfo
	consts  []cconst
	refusal string // why it cannot be unfolded or specialized, "" if it can
	size    int
	gotos   []ir.Reg     // operands of its computed gotos
	byVal   []types.Type // by parameter: what it is passed a copy of, nil if it is not
	host    *code        // a function that it was found to run in
	spare   []*frame     // frames that have been left

	variadic bool     // it can be unfolded, but has no residual function of its own
	features []string // see features
	mode     ir.FloatMode
	floats   bool // floating point is evaluated
}

// A cconst is a constant operand.
type cconst struct {
	val Value
	typ types.Type
	c   value.Value
}

// classOf tells how values of typ are held and how many bits they have.
func (s *specializer) classOf(typ types.Type) (class, uint) {
	switch t := typ.(type) {
	case *types.VoidType:
		return clsVoid, 0
	case *types.IntType:
		switch {
		case t.BitSize <= 64:
			return clsInt, uint(t.BitSize)
		case t.BitSize <= 128:
			return clsWide, uint(t.BitSize)
		}
	case *types.PointerType:
		if t.AddrSpace == 0 {
			return clsPtr, 64
		}
	case *types.FloatType:
		switch t.Kind {
		case types.FloatKindFloat:
			return clsFloat, 32
		case types.FloatKindDouble:
			return clsFloat, 64
		}
	case *types.VectorType, *types.StructType, *types.ArrayType:
		if s.shapeOf(typ) != nil {
			return clsList, 0
		}
	}
	return clsOther, 0
}

// compile returns the compact form of f, which has a body.
func (s *specializer) compile(f *ir.Func) *code {
	if c := s.codes[f]; c != nil {
		return c
	}
	c := &code{fn: f, variadic: f.LL.Sig.Variadic, features: features(f.LL.FuncAttrs), mode: ir.FloatModeOf(f.LL.FuncAttrs)}
	c.floats = s.floats && c.mode.Other == ""
	s.codes[f] = c
	for _, p := range f.LL.Params {
		c.byVal = append(c.byVal, byVal(p))
	}
	if hasAttr(f.LL.FuncAttrs, enum.FuncAttrNaked) {
		c.refuse("it is naked")
	}
	for _, v := range f.Values {
		cls, w := s.classOf(v.Type())
		c.regs = append(c.regs, regInfo{typ: v.Type(), cls: cls, width: w})
	}
	consts := make(map[value.Value]operand)
	arg := func(v value.Value) operand {
		if a, ok := v.(*llir.Arg); ok {
			v = a.Value
		}
		if r := f.Reg(v); r != ir.NoReg {
			return operand(r)
		}
		if o, ok := consts[v]; ok {
			return o
		}
		c.consts = append(c.consts, cconst{val: s.constValue(v), typ: v.Type(), c: v})
		o := operand(-len(c.consts))
		consts[v] = o
		return o
	}
	for _, b := range f.Blocks {
		cb := cblock{llir: b}
		cb.lead(b.Preds)
		pt := b.First
		for _, li := range b.LL.Insts {
			if phi, ok := li.(*llir.InstPhi); ok {
				p := cphi{dst: f.Reg(phi), args: make([]operand, len(cb.from))}
				for _, in := range phi.Incs {
					if pred, ok := in.Pred.(*llir.Block); ok {
						if k := cb.edge(f.BlockOf(pred).ID); k >= 0 {
							p.args[k] = arg(in.X)
						}
					}
				}
				cb.phis = append(cb.phis, p)
			} else {
				cb.insts = append(cb.insts, s.compileInst(c, li, pt, arg))
			}
			pt++
		}
		cb.insts = append(cb.insts, s.compileTerm(c, b, pt, arg))
		c.size += len(cb.insts)
		c.blocks = append(c.blocks, cb)
	}
	for _, b := range f.Blocks {
		if l := f.Loops().Of(b); l != nil && (l.Header == b || l.Irreducible) {
			cb := &c.blocks[b.ID]
			cb.loop = true
			cb.latch = make([]bool, len(cb.from))
			for _, p := range b.Preds {
				cb.latch[cb.edge(p.ID)] = l.Contains(p)
			}
		}
	}
	if why := s.refused[f]; why != "" {
		c.refuse(why)
	}
	c.liveness()
	return c
}

func (c *code) refuse(why string) {
	if c.refusal == "" {
		c.refusal = why
	}
}

// constValue gives the Value of a constant operand.
func (s *specializer) constValue(v value.Value) Value {
	cls, w := s.classOf(v.Type())
	switch c := v.(type) {
	case *constant.Undef:
		return Value{kind: kUndef}
	case *constant.Poison:
		return Value{kind: kPoison}
	case *constant.Int:
		switch cls {
		case clsInt:
			return intValue(bigBits(c.X), w)
		case clsWide:
			return integer(bigWide(c.X), w)
		}
	case *constant.Null:
		return Value{kind: kInt}
	case *constant.Float:
		if cls == clsFloat {
			if bits, ok := floatBits(c); ok {
				return Value{kind: kInt, bits: bits}
			}
		}
	case *constant.ZeroInitializer:
		switch cls {
		case clsInt, clsFloat, clsPtr:
			return Value{kind: kInt}
		case clsWide:
			return integer(u128{}, w)
		}
	case *constant.ExprBitCast:
		if from, ok := c.From.(*constant.Int); ok && cls == clsFloat { // a NaN, see ir
			return intValue(bigBits(from.X), w)
		}
	}
	if c, ok := v.(constant.Constant); ok {
		switch cls {
		case clsPtr:
			if base, off, ok := s.cfg.Prog.ConstAddr(c); ok {
				if base == nil {
					return intValue(uint64(off), 64)
				}
				if v, ok := s.address(base, off); ok {
					return v
				}
			}
		case clsInt:
			if x, ok := s.cfg.Prog.Layout.ConstInt(c); ok {
				return intValue(bigBits(x), w)
			}
			if e, ok := c.(*constant.ExprPtrToInt); ok && w == 64 {
				if base, off, ok := s.cfg.Prog.ConstAddr(e.From); ok {
					if v, ok := s.address(base, off); ok {
						return v
					}
				}
			}
		case clsWide:
			if x, ok := s.cfg.Prog.Layout.ConstInt(c); ok {
				return integer(bigWide(x), w)
			}
		case clsList:
			if xs, ok := s.constLeaves(nil, c, c.Type()); ok {
				return s.list(xs)
			}
		}
	}
	return s.opaque(v)
}

// address is the address off bytes into the global or function base, ok false if
// base is none that has an object.
func (s *specializer) address(base constant.Constant, off int64) (v Value, ok bool) {
	if o := s.constObject(base); o != 0 {
		return ptrValue(o, off), true
	}
	return Value{}, false
}

// opaque numbers a value that is moved but not computed with.
func (s *specializer) opaque(v value.Value) Value {
	n, ok := s.opaqueIDs[v]
	if !ok {
		n = uint64(len(s.opaques))
		s.opaques = append(s.opaques, v)
		s.opaqueIDs[v] = n
	}
	return Value{kind: kConst, bits: n}
}

// bigBits returns the 64 low bits of x in two's complement.
func bigBits(x *big.Int) uint64 {
	if x.Sign() >= 0 {
		return new(big.Int).And(x, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
	}
	return uint64(-new(big.Int).Neg(x).Uint64())
}

// floatBits returns the bit pattern of a float or double constant. A NaN is the
// canonical one: others are bitcasts of integers.
func floatBits(c *constant.Float) (uint64, bool) {
	x := ir.FloatBits(c)
	if x == nil {
		return 0, false
	}
	return x.Uint64(), true
}

const (
	bAdd uint8 = iota
	bSub
	bMul
	bUDiv
	bSDiv
	bURem
	bSRem
	bShl
	bLShr
	bAShr
	bAnd
	bOr
	bXor
)

const (
	cTrunc uint8 = iota
	cZExt
	cSExt
	cBitCast
	cPtrToInt
	cIntToPtr
)

func flags(in *inst, fs []enum.OverflowFlag) {
	for _, f := range fs {
		switch f {
		case enum.OverflowFlagNSW:
			in.nsw = true
		case enum.OverflowFlagNUW:
			in.nuw = true
		}
	}
}

func (s *specializer) compileInst(c *code, li llir.Instruction, pt ir.Point, arg func(value.Value) operand) inst {
	in := inst{op: opPure, pt: pt, node: li, dst: ir.NoReg}
	if v, ok := li.(value.Value); ok {
		in.dst = c.fn.Reg(v)
		if in.dst != ir.NoReg {
			in.cls = c.regs[in.dst].cls
		}
	}
	binary := func(op uint8, x, y value.Value) {
		in.op, in.sub = opBinary, op
		in.args = []operand{arg(x), arg(y)}
		if cls, w := s.classOf(x.Type()); cls == clsInt {
			in.width = w
		} else {
			s.byLanes(&in, laneBinary, x.Type(), x.Type(), isInteger)
		}
	}
	cast := func(op uint8, x value.Value, to types.Type) {
		in.op, in.sub = opCast, op
		in.args = []operand{arg(x)}
		fc, fw := s.classOf(x.Type())
		tc, tw := s.classOf(to)
		switch {
		case fc < clsOther && tc < clsOther:
			in.width, in.to = fw, tw
		case op == cBitCast:
			s.compileBitCast(&in, x.Type(), to)
		default:
			s.byLanes(&in, laneCast, x.Type(), to, isAddress)
		}
	}
	switch t := li.(type) {
	case *llir.InstAdd:
		binary(bAdd, t.X, t.Y)
		flags(&in, t.OverflowFlags)
	case *llir.InstSub:
		binary(bSub, t.X, t.Y)
		flags(&in, t.OverflowFlags)
	case *llir.InstMul:
		binary(bMul, t.X, t.Y)
		flags(&in, t.OverflowFlags)
	case *llir.InstShl:
		binary(bShl, t.X, t.Y)
		flags(&in, t.OverflowFlags)
	case *llir.InstUDiv:
		binary(bUDiv, t.X, t.Y)
		in.exact = t.Exact
	case *llir.InstSDiv:
		binary(bSDiv, t.X, t.Y)
		in.exact = t.Exact
	case *llir.InstURem:
		binary(bURem, t.X, t.Y)
	case *llir.InstSRem:
		binary(bSRem, t.X, t.Y)
	case *llir.InstLShr:
		binary(bLShr, t.X, t.Y)
		in.exact = t.Exact
	case *llir.InstAShr:
		binary(bAShr, t.X, t.Y)
		in.exact = t.Exact
	case *llir.InstAnd:
		binary(bAnd, t.X, t.Y)
	case *llir.InstOr:
		binary(bOr, t.X, t.Y)
	case *llir.InstXor:
		binary(bXor, t.X, t.Y)
	case *llir.InstICmp:
		in.op, in.sub = opICmp, uint8(t.Pred)
		in.args = []operand{arg(t.X), arg(t.Y)}
		if cls, w := s.classOf(t.X.Type()); cls == clsInt || cls == clsPtr {
			in.width = w
		} else {
			s.byLanes(&in, laneICmp, t.X.Type(), t.Type(), isAddress)
		}
	case *llir.InstTrunc:
		cast(cTrunc, t.From, t.To)
	case *llir.InstZExt:
		cast(cZExt, t.From, t.To)
	case *llir.InstSExt:
		cast(cSExt, t.From, t.To)
	case *llir.InstBitCast:
		cast(cBitCast, t.From, t.To)
	case *llir.InstPtrToInt:
		cast(cPtrToInt, t.From, t.To)
	case *llir.InstIntToPtr:
		cast(cIntToPtr, t.From, t.To)
	case *llir.InstSelect:
		in.op = opSelect
		in.args = []operand{arg(t.Cond), arg(t.ValueTrue), arg(t.ValueFalse)}
		if cls, _ := s.classOf(t.Cond.Type()); cls == clsInt {
			in.width = 1
		} else if sh := s.shapeOf(t.Type()); sh != nil {
			in.op, in.x = opSelectLanes, &extra{shape: sh}
		}
	case *llir.InstFreeze:
		in.op = opFreeze
		in.args = []operand{arg(t.X)}
	case *llir.InstGetElementPtr:
		s.compileGEP(&in, t, arg)
	case *llir.InstAlloca:
		in.op = opAlloca
		if t.InAlloca {
			c.refuse("it passes arguments in memory that it allocates")
		}
		if n, ok := t.NElems.(*constant.Int); t.NElems != nil && (!ok || !n.X.IsInt64()) || c.fn.Blocks[0].LL != blockHolding(c.fn, pt) {
			in.op = opArray
		}
		if t.NElems != nil {
			in.args = []operand{arg(t.NElems)}
		}
	case *llir.InstLoad:
		in.args = []operand{arg(t.Src)}
		s.compileAccess(&in, opLoad, t.ElemType, t.Atomic || t.Volatile)
	case *llir.InstStore:
		in.args = []operand{arg(t.Src), arg(t.Dst)}
		in.cls, _ = s.classOf(t.Src.Type())
		s.compileAccess(&in, opStore, t.Src.Type(), t.Atomic || t.Volatile)
	case *llir.InstCall:
		if f, ok := t.Callee.(*llir.Func); ok && strings.HasPrefix(f.Name(), "llvm.dbg.") {
			in.op = opNop
			break
		}
		in.op = opCall
		in.call = s.compileCall(c, t)
		in.args = append(in.args, arg(t.Callee))
		for _, a := range t.Args {
			in.args = append(in.args, arg(ir.Unwrap(a)))
		}
	case *llir.InstFence, *llir.InstCmpXchg, *llir.InstAtomicRMW, *llir.InstVAArg:
		in.op = opOther
		in.args = operands(li, arg)
	case *llir.InstLandingPad, *llir.InstCatchPad, *llir.InstCleanupPad:
		in.op = opOther
		c.refuse("it handles exceptions")
	default:
		in.args = operands(li, arg)
		s.compileLanes(c, &in, li)
	}
	if in.op == opOther {
		in.args = operands(li, arg)
	}
	return in
}

// compileAccess makes in the load or store op of a value of type typ, if it may be
// executed.
func (s *specializer) compileAccess(in *inst, op opcode, typ types.Type, ordered bool) {
	in.op, in.tag = op, s.cfg.Prog.TBAA(in.node)
	in.to = uint(s.cfg.Prog.Layout.StoreSize(typ))
	sh := s.shapeOf(typ)
	if sh != nil {
		in.x = &extra{shape: sh}
	}
	if ordered || !wholeBytes(typ) || sh != nil && !sh.whole {
		in.op = opOther
	}
}

// wholeBytes reports whether a value of typ fills the bytes that a store of it writes.
func wholeBytes(typ types.Type) bool {
	t, ok := typ.(*types.IntType)
	return !ok || t.BitSize%8 == 0
}

// blockHolding returns the llir block that holds pt.
func blockHolding(f *ir.Func, pt ir.Point) *llir.Block { return f.Prog.BlockAt(pt).LL }

func operands(x any, arg func(value.Value) operand) []operand {
	var args []operand
	for _, o := range x.(interface{ Operands() []*value.Value }).Operands() {
		args = append(args, arg(*o))
	}
	return args
}

func (s *specializer) compileGEP(in *inst, t *llir.InstGetElementPtr, arg func(value.Value) operand) {
	off, vars, ok := s.cfg.Prog.Layout.GEP(t.ElemType, t.Indices)
	if !ok || in.cls != clsPtr {
		in.args = operands(t, arg)
		return
	}
	in.op, in.off = opGEP, off
	in.args = []operand{arg(t.Src)}
	for _, v := range vars {
		in.args = append(in.args, arg(v.Index))
		in.scale = append(in.scale, v.Scale)
	}
}

func (s *specializer) compileTerm(c *code, b *ir.Block, pt ir.Point, arg func(value.Value) operand) inst {
	in := inst{op: opUnreachable, pt: pt, term: b.LL.Term, dst: ir.NoReg}
	for _, t := range b.Succs {
		in.succs = append(in.succs, t.ID)
	}
	switch t := b.LL.Term.(type) {
	case *llir.TermBr:
		in.op = opBr
	case *llir.TermCondBr:
		in.op = opCondBr
		in.args = []operand{arg(t.Cond)}
	case *llir.TermSwitch:
		in.op = opSwitch
		in.args = []operand{arg(t.X)}
		if cls, w := s.classOf(t.X.Type()); cls == clsInt {
			in.width = w
		}
		for _, k := range t.Cases {
			x, ok := s.cfg.Prog.Layout.ConstInt(k.X.(constant.Constant))
			if !ok {
				c.refuse("it switches over constants that are not numbers")
				x = new(big.Int)
			}
			in.cases = append(in.cases, bigBits(x))
		}
	case *llir.TermIndirectBr:
		in.op = opGoto
		in.args = []operand{arg(t.Addr)}
		if r := in.args[0]; r >= 0 {
			c.gotos = append(c.gotos, ir.Reg(r))
		}
	case *llir.TermRet:
		in.op = opRet
		if t.X != nil {
			in.args = []operand{arg(t.X)}
		}
	case *llir.TermUnreachable:
	default:
		c.refuse("it has control flow that is not structured by branches (exceptions or asm goto)")
	}
	return in
}
