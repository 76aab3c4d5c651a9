package pe

// This file executes arithmetic, comparisons, casts and select. What LangRef
// calls poison or undefined is never evaluated: the instruction is emitted as
// it is, with its constant operands.

import (
	"math/bits"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"

	"quasi/ir"
	"quasi/ir/spec"
)

// factOps are the operations whose symbolic form Facts knows.
var factOps = [...]spec.Op{
	bAdd: spec.OpAdd, bSub: spec.OpSub, bMul: spec.OpMul, bShl: spec.OpShl, bLShr: spec.OpLShr, bAShr: spec.OpAShr,
	bAnd: spec.OpAnd, bOr: spec.OpOr, bXor: spec.OpXor,
}

// factPreds are Facts' names of the icmp predicates.
var factPreds = map[enum.IPred]spec.Op{
	enum.IPredEQ: spec.OpEq, enum.IPredNE: spec.OpNe,
	enum.IPredULT: spec.OpULT, enum.IPredULE: spec.OpULE, enum.IPredUGT: spec.OpUGT, enum.IPredUGE: spec.OpUGE,
	enum.IPredSLT: spec.OpSLT, enum.IPredSLE: spec.OpSLE, enum.IPredSGT: spec.OpSGT, enum.IPredSGE: spec.OpSGE,
}

// symOf is the symbolic value of operand value v of width bits, NoSym if it has none.
func (j *job) symOf(v Value, width uint) spec.Sym {
	switch {
	case j.facts == nil || width == 0:
		return spec.NoSym
	case v.kind == kDyn:
		return v.sym
	case v.kind == kInt:
		return j.facts.Const(v.bits, int(width))
	case v.kind == kPtr && width == 64:
		o := j.s.obj(v.obj)
		var a spec.Sym
		switch o.kind {
		case objGlobal:
			a = j.facts.Addr(o.global)
		case objFunc:
			a = j.facts.Addr(o.fn)
		default:
			return spec.NoSym
		}
		if v.off() == 0 {
			return a
		}
		return j.facts.Op(spec.OpAdd, 64, a, j.facts.Const(v.bits, 64))
	}
	return spec.NoSym
}

// decide gives register dst of width bits the symbolic value sym if the facts
// know its constant, and reports whether they do.
func (j *job) decide(dst ir.Reg, sym spec.Sym) bool {
	if sym == spec.NoSym {
		return false
	}
	v := j.symbolic(sym, j.f.code.regs[dst])
	if v.kind == kDyn {
		return false
	}
	j.setStatic(dst, v)
	return true
}

// label notes the symbol of register dst, which residual code has just defined.
func (j *job) label(dst ir.Reg, sym spec.Sym) {
	if sym == spec.NoSym {
		return
	}
	j.f.at(dst).sym = sym
	if rv := j.b.defs[j.key(dst)]; rv != 0 {
		j.rf.vals[rv].sym = sym
	}
}

func (j *job) binary(in *inst) {
	x, y := j.val(in.args[0]), j.val(in.args[1])
	if in.width > 0 {
		if x.kind == kInt && y.kind == kInt {
			if r, ok := evalBinary(in, x.bits, y.bits); ok {
				j.f.put(in.dst, Value{kind: kInt, bits: r})
				return
			}
		} else if v, ok := pointerArith(in, x, y); ok {
			j.setStatic(in.dst, v)
			return
		} else if v, ok := j.maskAddress(in, x, y); ok {
			j.setStatic(in.dst, v)
			return
		} else if v, ok := absorbed(in, x, y); ok {
			j.setStatic(in.dst, v)
			return
		}
	}
	var sym spec.Sym
	if j.facts != nil && (x.sym != 0 || y.sym != 0) && int(in.sub) < len(factOps) && factOps[in.sub] != spec.OpNone {
		if a, b := j.symOf(x, in.width), j.symOf(y, in.width); a != 0 && b != 0 {
			sym = j.facts.Op(factOps[in.sub], int(in.width), a, b)
			if j.decide(in.dst, sym) {
				return
			}
		}
	}
	j.emitUse(in, true)
	j.label(in.dst, sym)
}

// absorbed evaluates operations with one known operand that decides the result. An
// undefined operand of a mask may be taken for zero, as bit-fields need that are
// set in memory that was never written.
func absorbed(in *inst, x, y Value) (Value, bool) {
	c, other := y, x
	if x.kind == kInt {
		c, other = x, y
	}
	if c.kind != kInt {
		return Value{}, false
	}
	switch {
	case (in.sub == bAnd || in.sub == bMul) && c.bits == 0:
		return Value{kind: kInt}, true
	case in.sub == bOr && (c.bits == mask(in.width) || other.kind == kUndef):
		return c, true
	case in.sub == bAnd && other.kind == kUndef:
		return Value{kind: kInt}, true
	}
	return Value{}, false
}

// pointerArith evaluates sums and differences of the numbers that ptrtoint makes
// of addresses of known objects, as long as the result does not depend on where
// the object lies.
func pointerArith(in *inst, x, y Value) (Value, bool) {
	if in.width != 64 {
		return Value{}, false
	}
	switch {
	case in.sub == bAdd && x.kind == kPtr && y.kind == kInt:
		return ptrValue(x.obj, x.off()+int64(y.bits)), true
	case in.sub == bAdd && x.kind == kInt && y.kind == kPtr:
		return ptrValue(y.obj, y.off()+int64(x.bits)), true
	case in.sub == bSub && x.kind == kPtr && y.kind == kInt:
		return ptrValue(x.obj, x.off()-int64(y.bits)), true
	case in.sub == bSub && x.kind == kPtr && y.kind == kPtr && x.obj == y.obj:
		return intValue(uint64(x.off()-y.off()), 64), true
	}
	return Value{}, false
}

// maskAddress evaluates the low bits of an address, and an address without them, as
// far as the alignment of its object decides them.
func (j *job) maskAddress(in *inst, x, y Value) (Value, bool) {
	if x.kind == kInt {
		x, y = y, x
	}
	if in.sub != bAnd || in.width != 64 || x.kind != kPtr || y.kind != kInt {
		return Value{}, false
	}
	low := j.alignOf(x.obj) - 1
	switch {
	case y.bits <= low:
		return intValue(x.bits&y.bits, 64), true
	case ^y.bits <= low:
		return ptrValue(x.obj, x.off()&int64(y.bits)), true
	}
	return Value{}, false
}

// alignOf is the alignment that the address of id certainly has.
func (j *job) alignOf(id ObjID) uint64 {
	o := j.s.obj(id)
	switch {
	case o.local() && o.align > 0:
		return o.align
	case o.kind == objGlobal && o.global.Init != nil && definitive(o.global.Linkage) && o.global.Align > 0:
		return uint64(o.global.Align)
	}
	return 1
}

// evalBinary computes a binary operation on width-bit numbers; it refuses what
// traps or is poison.
func evalBinary(in *inst, x, y uint64) (r uint64, ok bool) {
	w := in.width
	m := mask(w)
	sx, sy := sext(x, w), sext(y, w)
	switch in.sub {
	case bAdd:
		r = (x + y) & m
		if in.nuw && r < x || in.nsw && (sx >= 0) == (sy >= 0) && (sext(r, w) >= 0) != (sx >= 0) {
			return 0, false
		}
		return r, true
	case bSub:
		r = (x - y) & m
		if in.nuw && x < y || in.nsw && (sx >= 0) != (sy >= 0) && (sext(r, w) >= 0) != (sx >= 0) {
			return 0, false
		}
		return r, true
	case bMul:
		r = (x * y) & m
		if in.nuw {
			if hi, lo := bits.Mul64(x, y); hi != 0 || lo > m {
				return 0, false
			}
		}
		if in.nsw && !mulFits(sx, sy, w) {
			return 0, false
		}
		return r, true
	case bUDiv:
		if y == 0 || in.exact && x%y != 0 {
			return 0, false
		}
		return x / y, true
	case bURem:
		if y == 0 {
			return 0, false
		}
		return x % y, true
	case bSDiv:
		if sy == 0 || sy == -1 && x == 1<<(w-1) || in.exact && sx%sy != 0 {
			return 0, false
		}
		return uint64(sx/sy) & m, true
	case bSRem:
		if sy == 0 || sy == -1 && x == 1<<(w-1) {
			return 0, false
		}
		return uint64(sx%sy) & m, true
	case bShl:
		if y >= uint64(w) {
			return 0, false
		}
		r = (x << y) & m
		if in.nuw && r>>y != x || in.nsw && sext(r, w)>>y != sx {
			return 0, false
		}
		return r, true
	case bLShr:
		if y >= uint64(w) || in.exact && (x>>y)<<y != x {
			return 0, false
		}
		return x >> y, true
	case bAShr:
		if y >= uint64(w) || in.exact && (x>>y)<<y != x {
			return 0, false
		}
		return uint64(sx>>y) & m, true
	case bAnd:
		return x & y, true
	case bOr:
		return x | y, true
	case bXor:
		return x ^ y, true
	}
	return 0, false
}

// mulFits reports whether the product of two numbers fits w bits signed.
func mulFits(a, b int64, w uint) bool {
	hi, lo := bits.Mul64(uint64(abs(a)), uint64(abs(b)))
	limit := uint64(1) << (w - 1)
	if hi != 0 {
		return false
	}
	if (a < 0) != (b < 0) {
		return lo <= limit
	}
	return lo < limit
}

// abs returns |a| as a bit pattern, so that the smallest number is right too.
func abs(a int64) int64 {
	if a < 0 {
		return -a
	}
	return a
}

func (j *job) icmp(in *inst) {
	x, y := j.val(in.args[0]), j.val(in.args[1])
	if in.width == 0 {
		j.emitUse(in, true)
		return
	}
	pred := enum.IPred(in.sub)
	if x.kind == kInt && y.kind == kInt {
		j.f.put(in.dst, intValue(b2i(evalICmp(pred, x.bits, y.bits, in.width)), 1))
		return
	}
	if r, ok := j.comparePointers(pred, x, y); ok {
		j.setStatic(in.dst, intValue(b2i(r), 1))
		return
	}
	var sym spec.Sym
	if j.facts != nil && (x.sym != 0 || y.sym != 0) {
		if a, b := j.symOf(x, in.width), j.symOf(y, in.width); a != 0 && b != 0 {
			sym = j.facts.Op(factPreds[pred], 1, a, b)
			if j.decide(in.dst, sym) {
				return
			}
		}
	}
	j.emitPure(in)
	j.label(in.dst, sym)
}

func b2i(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func evalICmp(pred enum.IPred, x, y uint64, w uint) bool {
	sx, sy := sext(x, w), sext(y, w)
	switch pred {
	case enum.IPredEQ:
		return x == y
	case enum.IPredNE:
		return x != y
	case enum.IPredULT:
		return x < y
	case enum.IPredULE:
		return x <= y
	case enum.IPredUGT:
		return x > y
	case enum.IPredUGE:
		return x >= y
	case enum.IPredSLT:
		return sx < sy
	case enum.IPredSLE:
		return sx <= sy
	case enum.IPredSGT:
		return sx > sy
	default:
		return sx >= sy
	}
}

// comparePointers compares addresses of known objects where the answer does not
// depend on where objects lie.
func (j *job) comparePointers(pred enum.IPred, x, y Value) (r, ok bool) {
	eq := pred == enum.IPredEQ || pred == enum.IPredNE
	switch {
	case x.kind == kPtr && y.kind == kPtr && x.obj == y.obj:
		size := j.s.obj(x.obj).size
		if !eq && (x.off() < 0 || y.off() < 0 || x.off() > size || y.off() > size) {
			return false, false
		}
		return evalICmp(pred, x.bits, y.bits, 64), true
	case !eq:
		return false, false
	case x.kind == kPtr && y.kind == kPtr:
		if !j.inside(x) || !j.inside(y) {
			return false, false
		}
	case x.kind == kPtr && y.isNull():
		if !j.notNull(x) {
			return false, false
		}
	case x.isNull() && y.kind == kPtr:
		if !j.notNull(y) {
			return false, false
		}
	default:
		return false, false
	}
	return pred == enum.IPredNE, true
}

// inside reports whether v points at a byte of an object that shares no byte
// with another.
func (j *job) inside(v Value) bool {
	o := j.s.obj(v.obj)
	return o.single && v.off() >= 0 && v.off() < o.size
}

// notNull reports whether v is certainly not the null pointer.
func (j *job) notNull(v Value) bool {
	o := j.s.obj(v.obj)
	strong := o.single || o.kind == objGlobal && ownLinkage(o.global.Linkage) || o.kind == objFunc && ownLinkage(o.fn.Linkage)
	return strong && v.off() >= 0 && v.off() <= o.size || o.kind == objLabel && v.off() == 0
}

func (j *job) cast(in *inst) {
	v := j.val(in.args[0])
	if in.to > 0 {
		switch v.kind {
		case kInt:
			switch in.sub {
			case cTrunc, cZExt, cPtrToInt, cIntToPtr:
				j.f.put(in.dst, Value{kind: kInt, bits: v.bits & mask(in.to)})
			case cSExt:
				j.f.put(in.dst, Value{kind: kInt, bits: uint64(sext(v.bits, in.width)) & mask(in.to)})
			default:
				j.f.put(in.dst, v)
			}
			return
		case kPtr:
			if in.width == 64 && in.to == 64 && in.cls != clsFloat {
				j.setStatic(in.dst, v)
				return
			}
		case kUndef, kPoison:
			if in.sub == cBitCast {
				j.setStatic(in.dst, v)
				return
			}
		}
	}
	var sym spec.Sym
	if v.sym != 0 && in.to > 0 {
		switch in.sub {
		case cTrunc:
			sym = j.facts.Op(spec.OpTrunc, int(in.to), v.sym, 0)
		case cZExt:
			sym = j.facts.Op(spec.OpZExt, int(in.to), v.sym, 0)
		case cSExt:
			sym = j.facts.Op(spec.OpSExt, int(in.to), v.sym, 0)
		default:
			if in.width == in.to && in.cls != clsFloat {
				sym = v.sym
			}
		}
		if j.decide(in.dst, sym) {
			return
		}
	}
	if in.sub == cBitCast && in.cls == clsPtr {
		j.emitPure(in)
		j.f.at(in.dst).obj = v.obj
	} else {
		j.emitUse(in, true)
	}
	j.label(in.dst, sym)
}

func (j *job) gep(in *inst) {
	base := j.val(in.args[0])
	off := in.off
	known := true
	for i, a := range in.args[1:] {
		x := j.val(a)
		if x.kind != kInt {
			known = false
			break
		}
		_, w := j.s.classOf(j.typeOf(a))
		off += sext(x.bits, w) * in.scale[i]
	}
	if known {
		switch base.kind {
		case kPtr:
			j.setStatic(in.dst, ptrValue(base.obj, base.off()+off))
			return
		case kInt:
			if base.bits == 0 && off == 0 {
				j.setStatic(in.dst, base)
				return
			}
		}
	}
	var sym spec.Sym
	if known && base.sym != 0 {
		sym = base.sym
		if off != 0 {
			sym = j.facts.Op(spec.OpAdd, 64, base.sym, j.facts.Const(uint64(off), 64))
		}
	}
	// An index that is an address in disguise leaks; the base does not, the
	// result is based on it.
	ops := j.gepOperands(in)
	v := Value{kind: kDyn, sym: sym}
	v.obj = based(base)
	j.setDyn(in.dst, j.rf.emit(j.b, j.clone(in.node), j.f.code.regs[in.dst].typ, true, ops...), v)
}

// gepOperands gives the residual operands of a getelementptr: its base, then
// every index in the instruction's own order.
func (j *job) gepOperands(in *inst) []rval {
	g := in.node.(*llir.InstGetElementPtr)
	ops := []rval{j.raw(in.args[0])}
	for _, idx := range g.Indices {
		if r := j.f.code.fn.Reg(ir.Unwrap(idx)); r != ir.NoReg {
			ops = append(ops, j.use(operand(r)))
		} else {
			ops = append(ops, 0)
		}
	}
	return ops
}

// selectValue chooses, or emits the select. Where the division keeps two static
// operands apart, it becomes a branch and the path ends.
func (j *job) selectValue(in *inst) (done bool) {
	c, x, y := j.val(in.args[0]), j.val(in.args[1]), j.val(in.args[2])
	if c.kind == kInt && in.width == 1 {
		if c.bits&1 == 1 {
			j.copyTo(in.dst, in.args[1])
		} else {
			j.copyTo(in.dst, in.args[2])
		}
		return false
	}
	if x == y && x.static() && x.kind != kUndef && x.kind != kPoison {
		j.setStatic(in.dst, x)
		return false
	}
	if in.width == 1 && x.static() && y.static() && j.f.variant != nil && !j.spent && j.f.variant.SplitSelect(in.pt) {
		j.splitSelect(in)
		return true
	}
	if xo, yo := based(x), based(y); xo != yo || x.kind == kConst || y.kind == kConst || in.cls == clsList {
		j.emitUse(in, true)
	} else {
		j.emitPure(in)
		j.f.at(in.dst).obj = xo
	}
	return false
}

// based is the object that v points into, 0 if that is not known.
func based(v Value) ObjID {
	if v.kind == kPtr || v.kind == kDyn {
		return v.obj
	}
	return 0
}

// splitSelect goes on once with each operand.
func (j *job) splitSelect(in *inst) {
	if j.notAlone() || j.tooDeep() {
		return
	}
	j.settle()
	j.b.cond = j.raw(in.args[0])
	j.b.term = j.placed(&llir.TermCondBr{})
	edges := []*rblock{j.rf.edge(j.b, "select"), j.rf.edge(j.b, "select")}
	j.part(edges, func(i int) bool { j.copyTo(in.dst, in.args[1+i]); return false })
}
