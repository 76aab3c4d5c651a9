package ir

// This file holds rules (V6) and (V7) of Check: operand types by kind of
// instruction.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// want reports a fault at the current instruction unless ok.
func (c *checker) want(ok bool, format string, args ...any) {
	if !ok {
		c.errorf(format, args...)
	}
}

func (c *checker) inst(inst llir.Instruction) {
	switch inst := inst.(type) {
	case *llir.InstAlloca:
		c.sized(inst.ElemType)
		if inst.NElems != nil {
			c.want(isInt(inst.NElems.Type()), "number of elements %s is not an integer", inst.NElems.Ident())
		}
	case *llir.InstLoad:
		c.access(inst.Src, inst.ElemType)
	case *llir.InstStore:
		c.access(inst.Dst, inst.Src.Type())
	case *llir.InstCmpXchg:
		c.access(inst.Ptr, inst.New.Type())
		c.equal(inst.Cmp, inst.New)
	case *llir.InstAtomicRMW:
		c.access(inst.Dst, inst.X.Type())
		c.result(inst.Typ, inst.X)
	case *llir.InstGetElementPtr:
		c.gep(inst)
	case *llir.InstICmp:
		c.equal(inst.X, inst.Y)
		c.sameLen(inst.Typ, inst.X)
		t := scalar(inst.X.Type())
		c.want(isInt(t) || isPointer(t), "icmp of %v", inst.X.Type())
	case *llir.InstFCmp:
		c.equal(inst.X, inst.Y)
		c.sameLen(inst.Typ, inst.X)
		c.want(isFloat(scalar(inst.X.Type())), "fcmp of %v", inst.X.Type())
	case *llir.InstSelect:
		c.equal(inst.ValueTrue, inst.ValueFalse)
		c.result(inst.Typ, inst.ValueTrue)
		c.want(scalar(inst.Cond.Type()).Equal(types.I1), "condition %s has type %v, not i1", inst.Cond.Ident(), inst.Cond.Type())
	case *llir.InstFreeze:
		c.result(inst.Typ, inst.X)
	case *llir.InstCall:
		c.call(inst.Callee, inst.Args, inst.Typ)
	case *llir.InstVAArg:
		c.want(isPointer(inst.ArgList.Type()), "va_arg of %v", inst.ArgList.Type())
	case *llir.InstFNeg:
		c.result(inst.Typ, inst.X)
		c.want(isFloat(scalar(inst.X.Type())), "fneg of %v", inst.X.Type())
	case *llir.InstExtractValue:
		elem, ok := elementType(inst.X.Type(), inst.Indices)
		c.want(ok && same(elem, inst.Typ), "%v has no element %v of type %v", inst.X.Type(), inst.Indices, inst.Typ)
	case *llir.InstInsertValue:
		elem, ok := elementType(inst.X.Type(), inst.Indices)
		c.want(ok && same(elem, inst.Elem.Type()), "%v has no element %v of type %v", inst.X.Type(), inst.Indices, inst.Elem.Type())
		c.result(inst.Typ, inst.X)
	case *llir.InstExtractElement, *llir.InstInsertElement, *llir.InstShuffleVector:
		c.vector(inst)
	default:
		if op, ok := OpOf(inst); ok && op.Binary() {
			c.binary(inst, op)
		} else if from, to, ok := castOf(inst); ok {
			c.cast(inst, from, to)
		}
	}
}

func (c *checker) sized(t types.Type) {
	c.want(c.layout.Size(t) >= 0, "type %v has no size", t)
}

// first: what is called so has a type that registers can have.
func (c *checker) first(t types.Type, format string, args ...any) {
	switch t.(type) {
	case *types.VoidType, *types.MetadataType, *types.LabelType, *types.FuncType:
		c.errorf(format+" has type %v, which no value has", append(args, t)...)
	default:
		c.formed(t)
	}
}

// formed: the parts of t are of types that such parts can have.
func (c *checker) formed(t types.Type) {
	if c.typed[t] {
		return
	}
	c.typed[t] = true
	switch t := t.(type) {
	case *types.PointerType:
		switch t.ElemType.(type) {
		case *types.VoidType, *types.MetadataType, *types.LabelType:
			c.errorf("type %v points to no value", t)
		default:
			c.formed(t.ElemType)
		}
	case *types.ArrayType:
		c.first(t.ElemType, "an element of %v", t)
	case *types.VectorType:
		c.first(t.ElemType, "an element of %v", t)
	case *types.StructType:
		for _, f := range t.Fields {
			c.first(f, "a field of %v", t)
		}
	case *types.FuncType:
		for _, p := range t.Params {
			if _, is := p.(*types.MetadataType); !is { // of intrinsics
				c.first(p, "a parameter of %v", t)
			}
		}
		if _, void := t.RetType.(*types.VoidType); !void {
			c.first(t.RetType, "the result of %v", t)
		}
	}
}

// access: addr points to a value of type t, which has a size.
func (c *checker) access(addr value.Value, t types.Type) {
	c.sized(t)
	pt, ok := addr.Type().(*types.PointerType)
	c.want(ok && same(pt.ElemType, t), "%s has type %v, not %v*", addr.Ident(), addr.Type(), t)
}

func (c *checker) equal(x, y value.Value) {
	c.want(same(x.Type(), y.Type()), "%s has type %v, but %s has %v", x.Ident(), x.Type(), y.Ident(), y.Type())
}

// result: the result type t is x's.
func (c *checker) result(t types.Type, x value.Value) {
	c.want(t == nil || same(t, x.Type()), "%s has type %v, not %v", x.Ident(), x.Type(), t)
}

// sameLen: the result type t has as many elements as x. That of a comparison is
// made of the type which the text gives for x.
func (c *checker) sameLen(t types.Type, x value.Value) {
	c.want(t == nil || vectorLen(t) == vectorLen(x.Type()), "%s has type %v, which compares to no %v", x.Ident(), x.Type(), t)
}

func (c *checker) binary(inst llir.Instruction, op Op) {
	ops := inst.Operands()
	x, y := *ops[0], *ops[1]
	c.equal(x, y)
	c.result(inst.(value.Value).Type(), x)
	t := scalar(x.Type())
	if op.Float() {
		c.want(isFloat(t), "%v of %v", op, x.Type())
	} else {
		c.want(isInt(t), "%v of %v", op, x.Type())
	}
}

func (c *checker) gep(inst *llir.InstGetElementPtr) {
	pt, ok := scalar(inst.Src.Type()).(*types.PointerType)
	if !ok || !same(pt.ElemType, inst.ElemType) {
		c.errorf("%s has type %v, not %v*", inst.Src.Ident(), inst.Src.Type(), inst.ElemType)
		return
	}
	lanes := vectorLen(inst.Src.Type())
	for _, index := range inst.Indices {
		c.want(isInt(scalar(index.Type())), "index %s has type %v", index.Ident(), index.Type())
		lanes = max(lanes, vectorLen(index.Type()))
	}
	if inst.Typ != nil {
		c.want(sameSpace(scalar(inst.Typ), pt), "%s has type %v, the result %v", inst.Src.Ident(), inst.Src.Type(), inst.Typ)
	}
	c.want(inst.Typ == nil || vectorLen(inst.Typ) == lanes, "the operands have %d elements, the result has type %v", lanes, inst.Typ)
	c.sized(inst.ElemType)
	c.members(inst)
}

// members wants each index into a struct to be the number of a member, as i32.
func (c *checker) members(inst *llir.InstGetElementPtr) {
	t := inst.ElemType
	for _, index := range inst.Indices[min(1, len(inst.Indices)):] {
		st, ok := t.(*types.StructType)
		if !ok {
			if t, _ = sequence(t); t == nil {
				return
			}
			continue
		}
		it, is := scalar(index.Type()).(*types.IntType)
		n, known := int64(0), false
		if k, ok := Unwrap(index).(constant.Constant); ok && is && it.BitSize == 32 {
			if vec, ok := k.(*constant.Vector); ok && len(vec.Elems) > 0 {
				k = vec.Elems[0]
			}
			switch k := k.(type) {
			case *constant.Int:
				n, known = k.X.Int64(), true
			case *constant.ZeroInitializer:
				known = true
			}
		}
		if !known || n < 0 || n >= int64(len(st.Fields)) {
			c.errorf("index %s into a struct is not an i32 that numbers a member", index.Ident())
			return
		}
		t = st.Fields[n]
	}
}

// call applies (V7).
func (c *checker) call(callee value.Value, args []value.Value, result types.Type) {
	var sig *types.FuncType
	if pt, ok := callee.Type().(*types.PointerType); ok {
		sig, _ = pt.ElemType.(*types.FuncType)
	}
	if sig == nil {
		c.errorf("callee %s has type %v", callee.Ident(), callee.Type())
		return
	}
	if len(args) < len(sig.Params) || (len(args) > len(sig.Params) && !sig.Variadic) {
		c.errorf("%d arguments for %s of type %v", len(args), callee.Ident(), sig)
		return
	}
	for i, t := range sig.Params {
		if !same(args[i].Type(), t) {
			c.errorf("argument %d of %s has type %v, not %v", i, callee.Ident(), args[i].Type(), t)
		}
	}
	c.want(result == nil || same(result, sig.RetType), "%s returns %v, not %v", callee.Ident(), sig.RetType, result)
}

func (c *checker) vector(inst llir.Instruction) {
	vec := func(v value.Value) *types.VectorType {
		t, ok := v.Type().(*types.VectorType)
		if !ok {
			c.errorf("%s has type %v, not a vector's", v.Ident(), v.Type())
			return nil
		}
		return t
	}
	switch inst := inst.(type) {
	case *llir.InstExtractElement:
		if t := vec(inst.X); t != nil {
			c.want(isInt(inst.Index.Type()) && same(t.ElemType, inst.Typ), "element of %v at %v", t, inst.Index.Type())
		}
	case *llir.InstInsertElement:
		if t := vec(inst.X); t != nil {
			c.want(isInt(inst.Index.Type()) && same(t.ElemType, inst.Elem.Type()), "%v into %v at %v", inst.Elem.Type(), t, inst.Index.Type())
			c.result(inst.Typ, inst.X)
		}
	case *llir.InstShuffleVector:
		c.equal(inst.X, inst.Y)
		if x, mask := vec(inst.X), vec(inst.Mask); x != nil && mask != nil && inst.Typ != nil {
			c.want(same(inst.Typ, types.NewVector(mask.Len, x.ElemType)), "%v shuffled by %v is no %v", x, mask, inst.Typ)
		}
	}
}

// elementType follows the indices of extractvalue.
func elementType(t types.Type, indices []uint64) (types.Type, bool) {
	for _, i := range indices {
		switch a := t.(type) {
		case *types.ArrayType:
			if i >= a.Len {
				return nil, false
			}
			t = a.ElemType
		case *types.StructType:
			if i >= uint64(len(a.Fields)) {
				return nil, false
			}
			t = a.Fields[i]
		default:
			return nil, false
		}
	}
	return t, true
}

// castOf takes a conversion apart.
func castOf(inst llir.Instruction) (from value.Value, to types.Type, ok bool) {
	if op, isOp := OpOf(inst); !isOp || !op.Cast() {
		return nil, nil, false
	}
	return *inst.Operands()[0], inst.(value.Value).Type(), true
}

// cast checks the kinds and widths of a conversion, element by element for
// vectors.
func (c *checker) cast(inst llir.Instruction, from value.Value, to types.Type) {
	s, d := scalar(from.Type()), scalar(to)
	sb, db := c.layout.Bits(s), c.layout.Bits(d)
	ok := vectorLen(from.Type()) == vectorLen(to)
	op, _ := OpOf(inst)
	switch op {
	case OpTrunc:
		ok = ok && isInt(s) && isInt(d) && sb > db
	case OpZExt, OpSExt:
		ok = ok && isInt(s) && isInt(d) && sb < db
	case OpFPTrunc:
		ok = ok && isFloat(s) && isFloat(d) && sb > db
	case OpFPExt:
		ok = ok && isFloat(s) && isFloat(d) && sb < db
	case OpFPToUI, OpFPToSI:
		ok = ok && isFloat(s) && isInt(d)
	case OpUIToFP, OpSIToFP:
		ok = ok && isInt(s) && isFloat(d)
	case OpPtrToInt:
		ok = ok && isPointer(s) && isInt(d)
	case OpIntToPtr:
		ok = ok && isInt(s) && isPointer(d)
	case OpAddrSpaceCast:
		ok = ok && isPointer(s) && isPointer(d)
	case OpBitCast:
		ok = isPointer(s) == isPointer(d) && sameSpace(s, d) && c.layout.Bits(from.Type()) == c.layout.Bits(to) && sb >= 0
	}
	c.want(ok, "%v from %v to %v", op, from.Type(), to)
}

// sameSpace reports whether s and d, if they are pointers, point into one
// address space.
func sameSpace(s, d types.Type) bool {
	sp, ok1 := s.(*types.PointerType)
	dp, ok2 := d.(*types.PointerType)
	return !ok1 || !ok2 || sp.AddrSpace == dp.AddrSpace
}

func (c *checker) term(term llir.Terminator) {
	switch term := term.(type) {
	case *llir.TermRet:
		want := c.f.LL.Sig.RetType
		if term.X == nil {
			c.want(same(want, types.Void), "ret void from a function that returns %v", want)
		} else {
			c.want(same(want, term.X.Type()), "ret %v from a function that returns %v", term.X.Type(), want)
		}
	case *llir.TermCondBr:
		c.want(term.Cond.Type().Equal(types.I1), "condition %s has type %v, not i1", term.Cond.Ident(), term.Cond.Type())
	case *llir.TermSwitch:
		c.switchCases(term)
	case *llir.TermIndirectBr:
		c.want(isPointer(term.Addr.Type()), "%s has type %v, not a pointer's", term.Addr.Ident(), term.Addr.Type())
	case *llir.TermInvoke:
		c.call(term.Invokee, term.Args, term.Typ)
	case *llir.TermCallBr:
		c.callBr(term)
	}
}

// callBr: the targets of the indirect edges are arguments of their own in LLVM
// 14, of type i8*, and count.
func (c *checker) callBr(term *llir.TermCallBr) { c.call(term.Callee, term.Args, term.Typ) }

func (c *checker) switchCases(term *llir.TermSwitch) {
	c.want(isInt(term.X.Type()), "switch on %v", term.X.Type())
	seen := make(map[uint64]bool, len(term.Cases))
	for _, k := range term.Cases {
		c.equal(k.X, term.X)
		n, ok := k.X.(*constant.Int)
		if !ok {
			continue
		}
		v := wrap(n.X, n.Typ.BitSize)
		if !v.IsUint64() {
			continue
		}
		c.want(!seen[v.Uint64()], "two cases for %s", k.X.Ident())
		seen[v.Uint64()] = true
	}
}

// scalar is the element type of a vector, any other type itself.
func scalar(t types.Type) types.Type {
	if v, ok := t.(*types.VectorType); ok {
		return v.ElemType
	}
	return t
}

// vectorLen is the number of elements of a vector, 0 for other types.
func vectorLen(t types.Type) uint64 {
	if v, ok := t.(*types.VectorType); ok {
		return v.Len
	}
	return 0
}

func isInt(t types.Type) bool {
	_, ok := t.(*types.IntType)
	return ok
}

func isPointer(t types.Type) bool {
	_, ok := t.(*types.PointerType)
	return ok
}

func isFloat(t types.Type) bool {
	_, ok := t.(*types.FloatType)
	return ok
}
