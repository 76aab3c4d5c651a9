package spec

// This file holds C's conversions: promotions, usual arithmetic conversions,
// casts; each is an explicit node.

import "quasi/ir"

// Types of arithmetic.
var (
	cInt   = &ir.CType{Kind: ir.CInt, Name: "int", Size: 4, Signed: true}
	cUInt  = &ir.CType{Kind: ir.CInt, Name: "unsigned int", Size: 4}
	cLong  = &ir.CType{Kind: ir.CInt, Name: "long", Size: 8, Signed: true}
	cULong = &ir.CType{Kind: ir.CInt, Name: "unsigned long", Size: 8}
	cBool  = &ir.CType{Kind: ir.CBool, Name: "_Bool", Size: 1}
)

// intTypeOf is the type of integers of size 4 or 8.
func intTypeOf(size int64, isSigned bool) *ir.CType {
	switch {
	case size == 8 && isSigned:
		return cLong
	case size == 8:
		return cULong
	case isSigned:
		return cInt
	}
	return cUInt
}

// constInt makes an integer constant; val is cut to the type.
func constInt(val int64, t *ir.CType, pos Pos) *Expr {
	w := t.Bits()
	return &Expr{Op: OpConst, Type: t, Width: w, Int: signed(uint64(val)&mask(w), w), Pos: pos}
}

// build makes a node and folds it if its operands are constants. For
// comparisons and logic width is 1 and typ int.
func build(op Op, typ *ir.CType, width int, pos Pos, args ...*Expr) *Expr {
	e := &Expr{Op: op, Type: typ, Width: width, Pos: pos, Args: args}
	for _, a := range args {
		if a.Op != OpConst || a.IsPointer() {
			return e
		}
	}
	bits := func(i int) uint64 { return uint64(args[i].Int) & mask(args[i].Width) }
	v, ok := uint64(0), true
	switch {
	case op == OpLogNot:
		v = bits(0) ^ 1
	case op == OpLogAnd:
		v = bits(0) & bits(1)
	case op == OpLogOr:
		v = bits(0) | bits(1)
	case op == OpCond:
		return args[2-bits(0)]
	case op.IsCast():
		v, ok = fold(op, width, args[0].Width, bits(0), 0)
	case op.IsBinary() || op.IsCompare():
		v, ok = fold(op, args[0].Width, args[0].Width, bits(0), bits(1))
	default:
		ok = false
	}
	if !ok {
		return e
	}
	return &Expr{Op: OpConst, Type: typ, Width: width, Int: signed(v, width), Pos: pos}
}

// truth is e != 0, of Width 1.
func truth(e *Expr) *Expr {
	switch {
	case e.Width == 1:
		return e
	case e.Op == OpZExt && e.Args[0].Width == 1:
		return e.Args[0]
	case e.Op == OpCond:
		return build(OpCond, cInt, 1, e.Pos, e.Args[0], truth(e.Args[1]), truth(e.Args[2]))
	}
	zero := &Expr{Op: OpConst, Type: e.Type, Width: e.Width, Pos: e.Pos}
	return build(OpNe, cInt, 1, e.Pos, e, zero)
}

// promote applies the integer promotions, and gives truth values the width of
// int.
func promote(e *Expr) *Expr {
	switch {
	case e.Width == 1 || e.Type.Kind == ir.CBool:
		return build(OpZExt, cInt, 32, e.Pos, e)
	case e.Type.Size < 4:
		op := OpZExt
		if e.Type.Signed {
			op = OpSExt
		}
		return build(op, cInt, 32, e.Pos, e)
	case e.Type.Kind == ir.CEnum:
		return retype(e, intTypeOf(e.Type.Size, e.Type.Signed))
	}
	return e
}

// retype is e as a value of another type of the same representation.
func retype(e *Expr, t *ir.CType) *Expr {
	if e.Type == t {
		return e
	}
	c := *e
	c.Type = t
	return &c
}

// convert converts an integer to an integer type.
func convert(e *Expr, t *ir.CType) *Expr {
	if t.Kind == ir.CBool {
		return retype(truth(e), cBool)
	}
	w := t.Bits()
	switch {
	case e.Width > w:
		return build(OpTrunc, t, w, e.Pos, e)
	case e.Width < w && e.Type.Signed && e.Width > 1:
		return build(OpSExt, t, w, e.Pos, e)
	case e.Width < w:
		return build(OpZExt, t, w, e.Pos, e)
	}
	return retype(e, t)
}

// usual applies the usual arithmetic conversions to two integers.
func usual(a, b *Expr) (x, y *Expr, t *ir.CType) {
	a, b = promote(a), promote(b)
	switch {
	case a.Type.Size > b.Type.Size:
		t = a.Type
	case a.Type.Size < b.Type.Size:
		t = b.Type
	default:
		t = intTypeOf(a.Type.Size, a.Type.Signed && b.Type.Signed)
	}
	t = intTypeOf(t.Size, t.Signed)
	return convert(a, t), convert(b, t), t
}

// offset is the address addr + off.
func offset(addr *Expr, off int64, t *ir.CType) *Expr {
	switch {
	case off == 0:
		return retype(addr, t)
	case addr.Op == OpAddr || addr.Op == OpOffset:
		c := *addr
		c.Off += off
		c.Type = t
		return &c
	}
	return &Expr{Op: OpOffset, Type: t, Width: 64, Args: []*Expr{addr}, Off: off, Pos: addr.Pos}
}

// pointerTo is the type of pointers to t.
func pointerTo(t *ir.CType) *ir.CType { return &ir.CType{Kind: ir.CPointer, Size: 8, Elem: t} }
