package bta

// This file holds the rules for computation: arithmetic, comparisons, casts,
// addresses, select, and terminators.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	irvalue "github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/spec"
)

// transfer applies the rule of one instruction; it returns false if control does not
// get past it, as far as is known.
func (f *flow) transfer(inst llir.Instruction) bool {
	switch i := inst.(type) {
	case *llir.InstAlloca:
		f.alloca(i)
	case *llir.InstLoad:
		return f.load(i)
	case *llir.InstStore:
		return f.store(i)
	case *llir.InstCall:
		return f.call(i)
	case *llir.InstGetElementPtr:
		f.compute(i, f.gep(i))
	case *llir.InstSelect:
		f.compute(i, f.selects(i))
	case *llir.InstICmp:
		f.compute(i, f.icmp(i))
	case *llir.InstBitCast:
		f.compute(i, f.bitcast(i.From, i.To))
	case *llir.InstAddrSpaceCast:
		f.compute(i, f.bitcast(i.From, i.To))
	case *llir.InstPtrToInt:
		f.compute(i, f.ptrToInt(i))
	case *llir.InstIntToPtr:
		f.compute(i, f.intToPtr(i))
	case *llir.InstTrunc:
		f.compute(i, f.cast(spec.OpTrunc, i.From, i.To))
	case *llir.InstZExt:
		f.compute(i, f.cast(spec.OpZExt, i.From, i.To))
	case *llir.InstSExt:
		f.compute(i, f.cast(spec.OpSExt, i.From, i.To))
	case *llir.InstFreeze:
		f.compute(i, f.operand(i.X))
	case *llir.InstExtractValue:
		f.compute(i, f.extractValue(i))
	case *llir.InstInsertValue:
		f.compute(i, f.insertValue(i))
	case *llir.InstCmpXchg:
		f.atomic(i, i.Ptr, i.New)
	case *llir.InstAtomicRMW:
		f.atomic(i, i.Dst, i.X)
	default:
		if op, x, y, ok := binaryOp(inst); ok {
			f.compute(inst, f.binary(op, x, y))
			break
		}
		if v, ok := f.lane(inst); ok {
			f.compute(inst, v)
			break
		}
		// Rule (B3): va_arg, exceptions: left to run time.
		f.compute(inst, dynamic)
	}
	return true
}

// compute defines the result of a computation. If it is residual, the addresses
// that go into it leak.
func (f *flow) compute(inst llir.Instruction, val value) {
	v, ok := inst.(irvalue.Value)
	if !ok || !ir.HasResult(inst) {
		return
	}
	if val = f.settle(val); val.bt == Dynamic {
		for _, op := range ir.Operands(inst.(ir.User)) {
			if x := f.operand(*op); x.bt == Static {
				f.leak(x.refs)
			}
		}
	}
	f.def(f.fn().Reg(v), val)
}

// binaryOp takes an integer operation apart.
func binaryOp(inst llir.Instruction) (op spec.Op, x, y irvalue.Value, ok bool) {
	switch i := inst.(type) {
	case *llir.InstAdd:
		return spec.OpAdd, i.X, i.Y, true
	case *llir.InstSub:
		return spec.OpSub, i.X, i.Y, true
	case *llir.InstMul:
		return spec.OpMul, i.X, i.Y, true
	case *llir.InstSDiv:
		return spec.OpSDiv, i.X, i.Y, true
	case *llir.InstUDiv:
		return spec.OpUDiv, i.X, i.Y, true
	case *llir.InstSRem:
		return spec.OpSRem, i.X, i.Y, true
	case *llir.InstURem:
		return spec.OpURem, i.X, i.Y, true
	case *llir.InstAnd:
		return spec.OpAnd, i.X, i.Y, true
	case *llir.InstOr:
		return spec.OpOr, i.X, i.Y, true
	case *llir.InstXor:
		return spec.OpXor, i.X, i.Y, true
	case *llir.InstShl:
		return spec.OpShl, i.X, i.Y, true
	case *llir.InstLShr:
		return spec.OpLShr, i.X, i.Y, true
	case *llir.InstAShr:
		return spec.OpAShr, i.X, i.Y, true
	}
	return 0, nil, nil, false
}

// binary applies rule (B3), bt(r) = bt(x) ⊔ bt(y), on the symbols too.
func (f *flow) binary(op spec.Op, xv, yv irvalue.Value) value {
	w := width(xv.Type())
	if w == 0 {
		return f.lanes(xv, yv)
	}
	x, y := f.operand(xv), f.operand(yv)
	v := value{bt: x.bt.Join(y.bt), vary: x.vary || y.vary, sym: f.facts.Op(op, w, x.sym, y.sym)}
	if x.addr || y.addr {
		return f.addrArith(op, x, y, v)
	}
	return v
}

// addrArith applies rule (B4) for integers that are addresses: only distances,
// sums with an offset and low bits can be computed, since the number itself is
// not known before run time.
func (f *flow) addrArith(op spec.Op, x, y, v value) value {
	switch {
	case op == spec.OpSub && x.addr && y.addr:
		return v
	case op == spec.OpAdd && x.addr != y.addr, op == spec.OpSub && x.addr:
		if y.addr {
			x, y = y, x
		}
		v.addr = true
		d, _, ok := f.facts.Value(y.sym)
		switch {
		case !ok:
			v.refs = f.refs.scale(x.refs, 1, 0)
		case op == spec.OpSub:
			v.refs = f.refs.shift(x.refs, -int64(d))
		default:
			v.refs = f.refs.shift(x.refs, int64(d))
		}
		return v
	case op == spec.OpAnd && x.addr != y.addr:
		if y.addr {
			x, y = y, x
		}
		m, _, ok := f.facts.Value(y.sym)
		if ok && m < 16 {
			return v
		}
		if ok && ^m < 16 {
			v.addr, v.refs = true, f.refs.scale(x.refs, 1, 0)
			return v
		}
	}
	v.bt = Dynamic
	return v
}

var icmpOps = map[enum.IPred]spec.Op{
	enum.IPredEQ: spec.OpEq, enum.IPredNE: spec.OpNe,
	enum.IPredULT: spec.OpULT, enum.IPredULE: spec.OpULE, enum.IPredUGT: spec.OpUGT, enum.IPredUGE: spec.OpUGE,
	enum.IPredSLT: spec.OpSLT, enum.IPredSLE: spec.OpSLE, enum.IPredSGT: spec.OpSGT, enum.IPredSGE: spec.OpSGE,
}

func (f *flow) icmp(i *llir.InstICmp) value {
	if width(i.X.Type()) == 0 {
		return f.lanes(i.X, i.Y)
	}
	x, y := f.operand(i.X), f.operand(i.Y)
	return value{bt: x.bt.Join(y.bt), vary: x.vary || y.vary, sym: f.facts.Op(icmpOps[i.Pred], 1, x.sym, y.sym)}
}

func (f *flow) cast(op spec.Op, from irvalue.Value, to types.Type) value {
	x := f.operand(from)
	w := width(to)
	if w == 0 || width(from.Type()) == 0 {
		if !computable(to) {
			return dynamic
		}
		return f.lanes(from)
	}
	v := value{bt: x.bt, vary: x.vary, sym: f.facts.Op(op, w, x.sym, spec.NoSym)}
	if x.addr {
		v.bt = Dynamic
	}
	return v
}

// bitcast moves bits; between types that have no common symbol only the binding
// time is kept.
func (f *flow) bitcast(from irvalue.Value, to types.Type) value {
	x := f.operand(from)
	if _, ok := to.(*types.PointerType); ok {
		return x
	}
	if types.IsInt(to) && types.IsInt(from.Type()) {
		return x
	}
	if x.addr {
		return dynamic
	}
	return value{bt: x.bt, vary: x.vary}
}

func (f *flow) ptrToInt(i *llir.InstPtrToInt) value {
	x := f.operand(i.From)
	w := width(i.To)
	if w == 0 {
		return dynamic
	}
	if _, _, ok := f.facts.Value(x.sym); ok {
		return value{sym: f.facts.Op(spec.OpTrunc, w, x.sym, spec.NoSym)}.orSame(x, w)
	}
	if w != 64 {
		return dynamic
	}
	x.addr = true
	return x
}

// orSame is x itself for width 64, else v.
func (v value) orSame(x value, w int) value {
	if w == 64 {
		return x
	}
	return v
}

func (f *flow) intToPtr(i *llir.InstIntToPtr) value {
	x := f.operand(i.From)
	if width(i.From.Type()) != 64 {
		return value{bt: x.bt, vary: x.vary}
	}
	if !x.addr {
		x.refs = nil
		if n, _, ok := f.facts.Value(x.sym); ok && n == 0 {
			x.refs = f.refs.empty
		}
	}
	x.addr = false
	return x
}

// pieces is the value of an aggregate, or a part of one: static if all is.
func (f *flow) pieces(xs ...irvalue.Value) value {
	var v value
	for _, x := range xs {
		o := f.operand(x)
		v.bt, v.vary = v.bt.Join(o.bt), v.vary || o.vary
	}
	return v
}

// gep applies rule (B4): the address is static if base and indices are; an index
// that is static but unknown moves it over the array.
func (f *flow) gep(i *llir.InstGetElementPtr) value {
	v := f.operand(i.Src)
	v.addr = false
	if _, ok := i.Type().(*types.PointerType); !ok {
		return dynamic
	}
	typ := i.ElemType
	lay := f.prog.Layout
	for k, idx := range i.Indices {
		if k > 0 {
			if st, ok := typ.(*types.StructType); ok {
				n, ok := lay.ConstInt64(constOf(idx))
				if !ok || n < 0 || n >= int64(len(st.Fields)) {
					return dynamic
				}
				v = f.move(v, lay.Offset(st, int(n)))
				typ = st.Fields[n]
				continue
			}
		}
		count := int64(0)
		if k > 0 {
			at, ok := typ.(*types.ArrayType)
			if !ok {
				return dynamic
			}
			typ = at.ElemType
			count = int64(at.Len)
		}
		v = f.step(v, idx, lay.Size(typ), count)
	}
	return v
}

func constOf(x irvalue.Value) constant.Constant {
	if ix, ok := x.(*constant.Index); ok {
		return ix.Constant
	}
	c, _ := x.(constant.Constant)
	return c
}

// move is the address v plus a constant.
func (f *flow) move(v value, off int64) value {
	v.refs = f.refs.shift(v.refs, off)
	v.sym = f.facts.Op(spec.OpAdd, 64, v.sym, f.facts.Const(uint64(off), 64))
	return v
}

// step is the address v plus idx elements of size bytes; count is the length of
// the array that idx indexes, 0 if unknown.
func (f *flow) step(v value, idx irvalue.Value, size, count int64) value {
	x := f.operand(idx)
	w := width(idx.Type())
	if w == 0 {
		return dynamic
	}
	sym := x.sym
	switch {
	case w < 64:
		sym = f.facts.Op(spec.OpSExt, 64, sym, spec.NoSym)
	}
	if n, _, ok := f.facts.Value(sym); ok {
		return f.move(v, int64(n)*size)
	}
	v.bt, v.vary = v.bt.Join(x.bt), v.vary || x.vary
	if x.addr {
		v.refs = nil
	}
	v.refs = f.refs.scale(v.refs, size, count)
	v.sym = f.facts.Op(spec.OpAdd, 64, v.sym, f.facts.Op(spec.OpMul, 64, sym, f.facts.Const(uint64(size), 64)))
	return v
}

// selects applies rule (B8).
func (f *flow) selects(i *llir.InstSelect) value {
	c, x, y := f.operand(i.Cond), f.operand(i.ValueTrue), f.operand(i.ValueFalse)
	if !types.IsInt(i.Cond.Type()) {
		return f.lanes(i.Cond, i.ValueTrue, i.ValueFalse)
	}
	if n, _, ok := f.facts.Value(c.sym); ok && f.uniform == nil {
		if n == 0 {
			return y
		}
		return x
	}
	v := f.joinValue(x, y, false)
	v.vary = v.vary || c.vary
	if c.bt == Static || f.sameValue(i.ValueTrue, i.ValueFalse, x, y) {
		return v
	}
	v.sym = spec.NoSym
	if f.v.mergedSelects[f.pt] {
		v.bt = Dynamic
	}
	v.vary = f.varying && v.bt == Static
	return v
}

// sameValue reports whether two static operands certainly are the same value.
func (f *flow) sameValue(xv, yv irvalue.Value, x, y value) bool {
	if xv == yv {
		return true
	}
	if x.sym != y.sym || !f.decided(x) {
		return false
	}
	return true
}

// terminator returns the edges that may be taken, as a set of successor numbers.
func (f *flow) terminator(term llir.Terminator) uint64 {
	const all = ^uint64(0)
	switch t := term.(type) {
	case *llir.TermCondBr:
		c := f.operand(t.Cond)
		if n, _, ok := f.facts.Value(c.sym); ok && f.uniform == nil { // else (U3)
			return 1 << (1 - n&1)
		}
	case *llir.TermSwitch:
		x := f.operand(t.X)
		n, _, ok := f.facts.Value(x.sym)
		if !ok || f.uniform != nil { // (U3)
			return all
		}
		for k, c := range t.Cases {
			if m, ok := f.constBits(c.X); ok && m == n {
				return 1 << min(k+1, 63)
			}
		}
		return 1
	case *llir.TermIndirectBr:
		return f.gotoEdges(t)
	case *llir.TermInvoke:
		f.opaque(t)
	case *llir.TermCallBr:
		f.opaque(t)
	}
	return all
}

// constBits is the value of a constant, zero-extended.
func (f *flow) constBits(x irvalue.Value) (uint64, bool) {
	c, ok := x.(constant.Constant)
	if !ok {
		return 0, false
	}
	n, _, ok := f.facts.Value(f.constant(c).sym)
	return n, ok
}

// opaque is a terminator that calls: its result is dynamic and all memory that
// code elsewhere can reach is lost.
func (f *flow) opaque(t llir.Terminator) {
	for _, op := range ir.Operands(t) {
		f.leak(f.operand(*op).refs)
	}
	f.clobberAll()
	if v, ok := t.(irvalue.Value); ok && ir.HasResult(t) {
		f.def(f.fn().Reg(v), dynamic)
	}
}

// blockOf unwraps a block operand.
func blockOf(v irvalue.Value) *llir.Block {
	b, _ := v.(*llir.Block)
	return b
}
