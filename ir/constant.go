package ir

// This file evaluates constants: integers, addresses, and the byte offsets of
// getelementptr.

import (
	"fmt"
	"math/big"
	"reflect"

	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	llir "github.com/llir/llvm/ir"
)

// maxConstDepth bounds the nesting of a constant expression that is evaluated.
const maxConstDepth = 256

// A Scaled is a variable part of an address: sext(Index) * Scale bytes.
type Scaled struct {
	Index value.Value
	Scale int64
}

// GEP evaluates the indices of a getelementptr over element type elem. The
// address is base + off + the sum of sext(v.Index)*v.Scale over vars, modulo
// 2^64. Constant expressions among the indices are evaluated. ok is false if
// an index is a vector or the types do not allow the indices.
func (l *Layout) GEP(elem types.Type, indices []value.Value) (off int64, vars []Scaled, ok bool) {
	cur := elem
	for i, index := range indices {
		index = Unwrap(index)
		if i > 0 {
			if st, isStruct := cur.(*types.StructType); isStruct {
				c, isConst := index.(constant.Constant)
				if !isConst {
					return 0, nil, false
				}
				n, known := l.ConstInt(c)
				if !known || !n.IsInt64() || n.Int64() >= int64(len(st.Fields)) {
					return 0, nil, false
				}
				o := l.Offset(st, int(n.Int64()))
				if o < 0 {
					return 0, nil, false
				}
				off += o
				cur = st.Fields[n.Int64()]
				continue
			}
			switch t := cur.(type) {
			case *types.ArrayType:
				cur = t.ElemType
			case *types.VectorType:
				cur = t.ElemType
			default:
				return 0, nil, false
			}
		}
		it, isInt := index.Type().(*types.IntType)
		scale := l.Size(cur)
		if !isInt || scale < 0 {
			return 0, nil, false
		}
		if c, isConst := index.(constant.Constant); isConst {
			if n, known := l.ConstInt(c); known {
				off += signed64(n, it.BitSize) * scale
				continue
			}
		}
		if scale != 0 {
			vars = append(vars, Scaled{index, scale})
		}
	}
	return off, vars, true
}

// Unwrap returns the value inside the wrappers that llir puts around operands:
// call arguments with attributes and getelementptr indices with inrange.
func Unwrap(v value.Value) value.Value {
	for {
		switch w := v.(type) {
		case *llir.Arg:
			v = w.Value
		case *constant.Index:
			v = w.Constant
		default:
			return v
		}
	}
}

// signed64 reads n, a number of width bits, as a signed one, and keeps its low
// 64 bits.
func signed64(n *big.Int, width uint64) int64 {
	if width < 64 {
		u := n.Uint64()
		shift := 64 - width
		return int64(u<<shift) >> shift
	}
	return int64(low64(n))
}

// low64 is n modulo 2^64 for any n.
func low64(n *big.Int) uint64 {
	if n.Sign() >= 0 {
		return new(big.Int).And(n, maxUint64).Uint64()
	}
	return -low64(new(big.Int).Neg(n))
}

var maxUint64 = new(big.Int).SetUint64(^uint64(0))

// ConstInt is the value of an integer constant or constant expression, as an
// unsigned number of its type's width: 0 <= n < 2^width, so `i32 -1` is
// 4294967295. Null pointers and other addresses that are known numbers count
// as integers of pointer width. ok is false for anything else (the caller must
// not change n).
func (l *Layout) ConstInt(c constant.Constant) (n *big.Int, ok bool) {
	return l.constInt(c, 0)
}

// ConstInt64 is ConstInt as a signed number, if it has at most 64 bits.
func (l *Layout) ConstInt64(c constant.Constant) (int64, bool) {
	n, ok := l.ConstInt(c)
	w := l.Bits(c.Type())
	if !ok || w > 64 || w <= 0 {
		return 0, false
	}
	return signed64(n, uint64(w)), true
}

func (l *Layout) constInt(c constant.Constant, depth int) (*big.Int, bool) {
	if depth > maxConstDepth || c == nil {
		return nil, false
	}
	depth++
	switch c := c.(type) {
	case *constant.Int:
		return wrap(c.X, c.Typ.BitSize), true
	case *constant.Index:
		return l.constInt(c.Constant, depth)
	case *constant.ZeroInitializer:
		_, isInt := c.Typ.(*types.IntType)
		return new(big.Int), isInt
	case *constant.Null:
		return new(big.Int), true
	case *constant.ExprTrunc:
		return l.cast(c.From, c.To, false, depth)
	case *constant.ExprZExt:
		return l.cast(c.From, c.To, false, depth)
	case *constant.ExprSExt:
		return l.cast(c.From, c.To, true, depth)
	case *constant.ExprBitCast:
		if !scalarInt(c.From.Type()) || !scalarInt(c.To) {
			return l.knownAddress(c, depth)
		}
		return l.cast(c.From, c.To, false, depth)
	case *constant.ExprPtrToInt:
		return l.cast(c.From, c.To, false, depth)
	case *constant.ExprIntToPtr, *constant.ExprGetElementPtr:
		return l.knownAddress(c, depth)
	case *constant.ExprSelect:
		cond, ok := l.constInt(c.Cond, depth)
		if !ok {
			return nil, false
		}
		if cond.Sign() != 0 {
			return l.constInt(c.X, depth)
		}
		return l.constInt(c.Y, depth)
	case *constant.ExprICmp:
		return l.compare(c, depth)
	}
	if op, x, y := binaryExpr(c); op != OpNone {
		return l.binary(op, x, y, depth)
	}
	return nil, false
}

func scalarInt(t types.Type) bool {
	_, ok := t.(*types.IntType)
	return ok
}

// knownAddress is the number of an address without a base.
func (l *Layout) knownAddress(c constant.Constant, depth int) (*big.Int, bool) {
	if _, isPtr := c.Type().(*types.PointerType); !isPtr {
		return nil, false
	}
	base, off, ok := l.constAddr(c, depth)
	if !ok || base != nil {
		return nil, false
	}
	return wrap(big.NewInt(off), uint64(l.Bits(c.Type()))), true
}

// wrap is n modulo 2^width.
func wrap(n *big.Int, width uint64) *big.Int {
	if n.Sign() >= 0 && uint64(n.BitLen()) <= width {
		return n
	}
	if width > 1<<24 {
		return n // wider than any LLVM integer; Check refuses it
	}
	mod := new(big.Int).Lsh(big.NewInt(1), uint(width))
	return mod.And(mod.Sub(mod, big.NewInt(1)), n)
}

// toSigned reads n of width bits as a signed number.
func toSigned(n *big.Int, width uint64) *big.Int {
	if width == 0 || width > 1<<24 || n.Bit(int(width-1)) == 0 {
		return n
	}
	return new(big.Int).Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(width)))
}

// cast converts between integers and pointers of any width.
func (l *Layout) cast(from constant.Constant, to types.Type, signed bool, depth int) (*big.Int, bool) {
	n, ok := l.constInt(from, depth)
	fw, tw := l.Bits(from.Type()), l.Bits(to)
	if !ok || fw <= 0 || tw <= 0 || !scalarInt(to) {
		return nil, false
	}
	if signed {
		n = toSigned(n, uint64(fw))
	}
	return wrap(n, uint64(tw)), true
}

// binaryExpr takes an integer operation apart, OpNone if c is none.
func binaryExpr(c constant.Constant) (op Op, x, y constant.Constant) {
	switch c := c.(type) {
	case *constant.ExprAdd:
		return OpAdd, c.X, c.Y
	case *constant.ExprSub:
		return OpSub, c.X, c.Y
	case *constant.ExprMul:
		return OpMul, c.X, c.Y
	case *constant.ExprUDiv:
		return OpUDiv, c.X, c.Y
	case *constant.ExprSDiv:
		return OpSDiv, c.X, c.Y
	case *constant.ExprURem:
		return OpURem, c.X, c.Y
	case *constant.ExprSRem:
		return OpSRem, c.X, c.Y
	case *constant.ExprShl:
		return OpShl, c.X, c.Y
	case *constant.ExprLShr:
		return OpLShr, c.X, c.Y
	case *constant.ExprAShr:
		return OpAShr, c.X, c.Y
	case *constant.ExprAnd:
		return OpAnd, c.X, c.Y
	case *constant.ExprOr:
		return OpOr, c.X, c.Y
	case *constant.ExprXor:
		return OpXor, c.X, c.Y
	}
	return OpNone, nil, nil
}

// binary evaluates an integer operation. Division by zero and overlong shifts
// have no value. The difference of two addresses in one object has one although
// neither address is a number.
func (l *Layout) binary(op Op, x, y constant.Constant, depth int) (*big.Int, bool) {
	it, isInt := x.Type().(*types.IntType)
	if !isInt {
		return nil, false
	}
	w := it.BitSize
	a, okA := l.constInt(x, depth)
	b, okB := l.constInt(y, depth)
	if !okA || !okB {
		if op == OpSub && w == uint64(l.PointerBits()) {
			return l.difference(x, y, depth)
		}
		return nil, false
	}
	r := new(big.Int)
	switch op {
	case OpAdd:
		r.Add(a, b)
	case OpSub:
		r.Sub(a, b)
	case OpMul:
		r.Mul(a, b)
	case OpAnd:
		r.And(a, b)
	case OpOr:
		r.Or(a, b)
	case OpXor:
		r.Xor(a, b)
	case OpShl, OpLShr, OpAShr:
		if !b.IsUint64() || b.Uint64() >= w {
			return nil, false
		}
		n := uint(b.Uint64())
		switch op {
		case OpShl:
			r.Lsh(a, n)
		case OpLShr:
			r.Rsh(a, n)
		default:
			r.Rsh(toSigned(a, w), n)
		}
	default:
		return divide(op, a, b, w)
	}
	return wrap(r, w), true
}

// divide evaluates the four divisions; a zero divisor and the one signed
// overflow have no value.
func divide(op Op, a, b *big.Int, w uint64) (*big.Int, bool) {
	if b.Sign() == 0 {
		return nil, false
	}
	r := new(big.Int)
	switch op {
	case OpUDiv:
		r.Quo(a, b)
	case OpURem:
		r.Rem(a, b)
	default:
		sa, sb := toSigned(a, w), toSigned(b, w)
		if sb.IsInt64() && sb.Int64() == -1 && sa.Sign() < 0 && a.TrailingZeroBits() == uint(w-1) {
			return nil, false
		}
		if op == OpSDiv {
			r.Quo(sa, sb)
		} else {
			r.Rem(sa, sb)
		}
	}
	return wrap(r, w), true
}

// difference is ptrtoint(x) - ptrtoint(y) for two addresses over one base.
func (l *Layout) difference(x, y constant.Constant, depth int) (*big.Int, bool) {
	px, ok1 := x.(*constant.ExprPtrToInt)
	py, ok2 := y.(*constant.ExprPtrToInt)
	if !ok1 || !ok2 {
		return nil, false
	}
	bx, ox, ok1 := l.constAddr(px.From, depth)
	by, oy, ok2 := l.constAddr(py.From, depth)
	if !ok1 || !ok2 || bx != by {
		return nil, false
	}
	return wrap(big.NewInt(ox-oy), uint64(l.PointerBits())), true
}

// compare evaluates icmp over numbers, and eq and ne over addresses of one
// base.
func (l *Layout) compare(c *constant.ExprICmp, depth int) (*big.Int, bool) {
	w := l.Bits(c.X.Type())
	a, okA := l.constInt(c.X, depth)
	b, okB := l.constInt(c.Y, depth)
	if _, isVec := c.X.Type().(*types.VectorType); isVec || w <= 0 {
		return nil, false
	}
	if !okA || !okB {
		if _, isPtr := c.X.Type().(*types.PointerType); !isPtr {
			return nil, false
		}
		bx, ox, ok1 := l.constAddr(c.X, depth)
		by, oy, ok2 := l.constAddr(c.Y, depth)
		if !ok1 || !ok2 || bx != by || (c.Pred != enum.IPredEQ && c.Pred != enum.IPredNE) {
			return nil, false
		}
		a, b = big.NewInt(ox), big.NewInt(oy)
	}
	r := new(big.Int)
	if holds(c.Pred, a, b, uint64(w)) {
		r.SetInt64(1)
	}
	return r, true
}

// holds reports whether `icmp pred a, b` is true.
func holds(pred enum.IPred, a, b *big.Int, w uint64) bool {
	switch pred {
	case enum.IPredSLT, enum.IPredSLE, enum.IPredSGT, enum.IPredSGE:
		a, b = toSigned(a, w), toSigned(b, w)
	}
	cmp := a.Cmp(b)
	switch pred {
	case enum.IPredEQ:
		return cmp == 0
	case enum.IPredNE:
		return cmp != 0
	case enum.IPredSLT, enum.IPredULT:
		return cmp < 0
	case enum.IPredSLE, enum.IPredULE:
		return cmp <= 0
	case enum.IPredSGT, enum.IPredUGT:
		return cmp > 0
	}
	return cmp >= 0
}

// ConstAddr takes a pointer constant apart into a symbol and a byte offset,
// through getelementptr, bitcast and integer round trips. The symbol is a
// *llir.Global, *llir.Func, *llir.Alias, *llir.IFunc or *constant.BlockAddress,
// of which there is one node for each block, so symbols can be compared. An
// address that is a plain number, null being the common case, has base nil and
// the number as off.
func (l *Layout) ConstAddr(c constant.Constant) (base constant.Constant, off int64, ok bool) {
	return l.constAddr(c, 0)
}

func (l *Layout) constAddr(c constant.Constant, depth int) (base constant.Constant, off int64, ok bool) {
	if depth > maxConstDepth {
		return nil, 0, false
	}
	depth++
	switch c := c.(type) {
	case *llir.Global, *llir.Func, *llir.Alias, *llir.IFunc:
		return c, 0, true
	case *constant.BlockAddress:
		one, _ := l.labels.LoadOrStore(label{c.Func, c.Block}, c)
		return one.(*constant.BlockAddress), 0, true
	case *constant.Null:
		return nil, 0, true
	case *constant.Index:
		return l.constAddr(c.Constant, depth)
	case *constant.ExprBitCast:
		if _, isPtr := c.From.Type().(*types.PointerType); !isPtr {
			return nil, 0, false
		}
		return l.constAddr(c.From, depth)
	case *constant.ExprGetElementPtr:
		base, off, ok = l.constAddr(c.Src, depth)
		if !ok {
			return nil, 0, false
		}
		indices := make([]value.Value, len(c.Indices))
		for i, index := range c.Indices {
			indices[i] = index
		}
		o, vars, ok := l.GEP(c.ElemType, indices)
		if !ok || len(vars) > 0 {
			return nil, 0, false
		}
		return base, off + o, true
	case *constant.ExprIntToPtr:
		return l.intAddr(c.From, depth)
	}
	return nil, 0, false
}

// intAddr takes an integer constant apart that inttoptr makes a pointer of.
func (l *Layout) intAddr(c constant.Constant, depth int) (base constant.Constant, off int64, ok bool) {
	if depth > maxConstDepth {
		return nil, 0, false
	}
	depth++
	if n, known := l.constInt(c, depth); known {
		return nil, int64(low64(n)), true
	}
	if l.Bits(c.Type()) != l.PointerBits() {
		return nil, 0, false
	}
	switch c := c.(type) {
	case *constant.ExprPtrToInt:
		return l.constAddr(c.From, depth)
	case *constant.ExprAdd:
		if n, known := l.constInt(c.Y, depth); known {
			base, off, ok = l.intAddr(c.X, depth)
			return base, off + int64(low64(n)), ok
		}
		if n, known := l.constInt(c.X, depth); known {
			base, off, ok = l.intAddr(c.Y, depth)
			return base, off + int64(low64(n)), ok
		}
	case *constant.ExprSub:
		if n, known := l.constInt(c.Y, depth); known {
			base, off, ok = l.intAddr(c.X, depth)
			return base, off - int64(low64(n)), ok
		}
	}
	return nil, 0, false
}

// ConstInt is Layout.ConstInt under the program's data layout.
func (p *Program) ConstInt(c constant.Constant) (*big.Int, bool) { return p.Layout.ConstInt(c) }

// ConstAddr is Layout.ConstAddr under the program's data layout.
func (p *Program) ConstAddr(c constant.Constant) (base constant.Constant, off int64, ok bool) {
	return p.Layout.ConstAddr(c)
}

// eachConstant visits every constant of m as it stands somewhere: what globals
// and aliases are, what functions carry besides their code, operands of
// instructions, elements of metadata. where says where that is, without a file.
func eachConstant(m *llir.Module, visit func(c constant.Constant, where func() Position)) {
	var pos Position
	var inst int
	where := func() Position {
		if pos.Block != "" {
			pos.Value = fmt.Sprintf("#%d", inst)
		}
		return pos
	}
	at := func(c constant.Constant) {
		if c != nil {
			visit(c, where)
		}
	}
	for _, g := range m.Globals {
		pos.Value = g.Ident()
		at(g.Init)
	}
	for _, a := range m.Aliases {
		pos.Value = a.Ident()
		at(a.Aliasee)
	}
	operands := func(u value.User) {
		for _, op := range Operands(u) {
			at(operandConstant(*op))
		}
	}
	for _, f := range m.Funcs {
		pos = Position{Func: f.Name()}
		at(f.Prefix)
		at(f.Prologue)
		at(f.Personality)
		for _, b := range f.Blocks {
			pos.Block = b.Name()
			for i := range b.Insts {
				inst = i
				operands(b.Insts[i])
			}
			inst = len(b.Insts)
			operands(b.Term)
		}
	}
	pos = Position{}
	for _, d := range m.MetadataDefs {
		if t, ok := d.(*metadata.Tuple); ok {
			pos.Value = d.Ident()
			for _, f := range t.Fields {
				if v, ok := f.(value.Value); ok {
					at(operandConstant(v))
				}
			}
		}
	}
}

// operandConstant is the constant that an operand is, nil for none.
func operandConstant(v value.Value) constant.Constant {
	v = Unwrap(v)
	if m, ok := v.(*metadata.Value); ok {
		v, _ = m.Value.(value.Value)
	}
	c, _ := v.(constant.Constant)
	return c
}

// walkConstant calls visit for c and every constant inside it, outer before
// inner. Symbols are not entered.
func walkConstant(c constant.Constant, visit func(constant.Constant)) {
	visit(c)
	switch c := c.(type) {
	case *constant.Array:
		for _, e := range c.Elems {
			walkConstant(e, visit)
		}
	case *constant.Vector:
		for _, e := range c.Elems {
			walkConstant(e, visit)
		}
	case *constant.Struct:
		for _, e := range c.Fields {
			walkConstant(e, visit)
		}
	case *constant.Index:
		walkConstant(c.Constant, visit)
	case constant.Expression:
		walkExpression(c, visit)
	}
}

// walkExpression is walkConstant for the operands of an expression: the fields
// of its node that are constants. There are some forty kinds of nodes, and
// expressions are rare enough for reflection.
func walkExpression(c constant.Expression, visit func(constant.Constant)) {
	node := reflect.ValueOf(c).Elem()
	for i := range node.NumField() {
		switch f := node.Field(i).Interface().(type) {
		case constant.Constant:
			walkConstant(f, visit)
		case []constant.Constant:
			for _, e := range f {
				walkConstant(e, visit)
			}
		}
	}
}
