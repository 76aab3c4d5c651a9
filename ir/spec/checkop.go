package spec

// This file type-checks operators: members, arithmetic, comparisons, logic,
// casts.

import (
	"strings"

	"quasi/ir"
)

// member checks a.name, a->name and their forms with a number.
func (c *checker) member(n *syntax) operand {
	o := c.operand(n.a)
	t := o.typ
	if n.op == "->" {
		if t.IsRecord() {
			c.memberOf(n, t)
		}
		e := c.load(o)
		if t = e.Type; t.Kind != ir.CPointer {
			c.memberOf(n, o.typ)
		}
		t = t.Elem
		o = operand{expr: e, lval: true, typ: t}
	}
	if t == nil || !t.IsRecord() || !o.lval {
		c.memberOf(n, o.typ)
	}
	if t.Incomplete {
		c.fail(n.a, "%s is only declared: its members are not known", t)
	}
	var f ir.CField
	if n.kind == synElement {
		if n.val >= uint64(len(t.Fields)) {
			panic(c.text.errorAt(n.nameFrom, n.to-1, "%s has %s", t, plural(len(t.Fields), "member")))
		}
		f = t.Fields[n.val]
	} else {
		var ok bool
		if f, ok = t.Field(n.name); !ok {
			names := t.FieldNames()
			e := c.text.errorAt(n.nameFrom, n.nameFrom+len(n.name), "%s has no member '%s'", t, n.name)
			if suggest(e, n.name, names); len(names) == 0 {
				hint(e, "without debug information members have numbers: %s[0]", n.op)
			}
			panic(e)
		}
	}
	r := operand{syn: n, typ: f.Type, lval: true, global: o.global, record: t, off: f.Off, field: &f}
	r.expr = offset(o.expr, f.Off, pointerTo(f.Type))
	return r
}

// memberOf reports a member of what has none.
func (c *checker) memberOf(n *syntax, t *ir.CType) {
	e := c.text.errorAt(n.opFrom, n.opFrom+len(n.op), "'%s' has type '%s'", c.source(n.a), t)
	switch {
	case n.op == "." && t.Kind == ir.CPointer && t.Elem.IsRecord():
		hint(e, "did you mean '->'?")
	case n.op == "->" && t.IsRecord():
		hint(e, "did you mean '.'?")
	case n.op == "->":
		e.Msg += ", not a pointer to a struct or union"
	default:
		e.Msg += ", not a struct or union"
	}
	panic(e)
}

// index checks a[b]. An element of an array that is a member belongs to the
// member.
func (c *checker) index(n *syntax) operand {
	a := c.operand(n.a)
	base, i := c.load(a), c.integer(n.b)
	if !base.IsPointer() {
		c.fail(n.a, "'%s' has type '%s', not an array or pointer", c.source(n.a), base.Type)
	}
	o := operand{syn: n, typ: base.Type.Elem, lval: true, expr: c.advance(n, base, i, 1)}
	if base.Op == OpAddr {
		o.global = base.Sym
	}
	if a.lval && a.typ.Kind == ir.CArray {
		o.global, o.record, o.field, o.off = a.global, a.record, a.field, a.off
		if i.Op == OpConst {
			o.off += i.Int * o.typ.Size
		}
	}
	return o
}

// advance is the address base + sign*i elements.
func (c *checker) advance(n *syntax, base, i *Expr, sign int64) *Expr {
	elem := base.Type.Elem
	if elem == nil || elem.Size == 0 {
		c.fail(n, "the size of '%s' is not known", elem)
	}
	i = convert(promote(i), cLong)
	if i.Op == OpConst {
		return offset(base, i.Int*elem.Size*sign, base.Type)
	}
	return &Expr{Op: OpIndex, Type: base.Type, Width: 64, Args: []*Expr{base, i}, Off: elem.Size * sign, Pos: c.pos(n)}
}

func (c *checker) unary(n *syntax) operand {
	pos := c.pos(n)
	switch n.op {
	case "*":
		e := c.value(n.a)
		if !e.IsPointer() {
			c.fail(n.a, "'%s' has type '%s', not a pointer", c.source(n.a), e.Type)
		}
		o := operand{syn: n, typ: e.Type.Elem, expr: e, lval: true}
		if e.Op == OpAddr {
			o.global = e.Sym
		}
		return o
	case "&":
		o := c.operand(n.a)
		switch {
		case !o.lval:
			c.fail(n.a, "'%s' has no address", c.source(n.a))
		case o.field != nil && o.field.BitSize > 0:
			c.fail(n.a, "bit-field '%s' has no address", o.field.Name)
		case c.constant:
			c.fail(n, "'%s' is not an integer constant", c.source(n))
		}
		e := retype(o.expr, pointerTo(o.typ))
		return operand{syn: n, typ: e.Type, expr: e}
	}
	var e *Expr
	switch n.op {
	case "!":
		e = build(OpLogNot, cInt, 1, pos, c.condition(n.a))
	case "-":
		a := promote(c.integer(n.a))
		e = build(OpSub, a.Type, a.Width, pos, constInt(0, a.Type, pos), a)
	case "~":
		a := promote(c.integer(n.a))
		e = build(OpXor, a.Type, a.Width, pos, a, constInt(-1, a.Type, pos))
	default:
		e = promote(c.integer(n.a))
	}
	return operand{syn: n, typ: e.Type, expr: e}
}

// Operations of C's operators on unsigned and signed operands.
var (
	unsignedOps = map[string]Op{"+": OpAdd, "-": OpSub, "*": OpMul, "/": OpUDiv, "%": OpURem, "&": OpAnd, "|": OpOr, "^": OpXor,
		"==": OpEq, "!=": OpNe, "<": OpULT, "<=": OpULE, ">": OpUGT, ">=": OpUGE}
	signedOps = map[string]Op{"/": OpSDiv, "%": OpSRem, "<": OpSLT, "<=": OpSLE, ">": OpSGT, ">=": OpSGE}
)

func opOf(op string, isSigned bool) Op {
	if o, ok := signedOps[op]; ok && isSigned {
		return o
	}
	return unsignedOps[op]
}

func (c *checker) binary(n *syntax) *Expr {
	switch n.op {
	case "&&":
		return build(OpLogAnd, cInt, 1, c.pos(n), c.condition(n.a), c.condition(n.b))
	case "||":
		return build(OpLogOr, cInt, 1, c.pos(n), c.condition(n.a), c.condition(n.b))
	case "<<", ">>":
		return c.shift(n)
	}
	a, b := c.value(n.a), c.value(n.b)
	op := opOf(n.op, false)
	switch {
	case op.IsCompare() && (a.IsPointer() || b.IsPointer()):
		return build(op, cInt, 1, c.pos(n), c.asPointer(n.a, a, b), c.asPointer(n.b, b, a))
	case a.IsPointer() && b.IsPointer() && n.op == "-":
		return c.difference(n, a, b)
	case a.IsPointer() && !b.IsPointer() && n.op == "+":
		return c.advance(n, a, b, 1)
	case a.IsPointer() && !b.IsPointer() && n.op == "-":
		return c.advance(n, a, b, -1)
	case b.IsPointer() && !a.IsPointer() && n.op == "+":
		return c.advance(n, b, a, 1)
	case a.IsPointer() || b.IsPointer():
		panic(c.text.errorAt(n.opFrom, n.opFrom+len(n.op), "'%s' on '%s' and '%s'", n.op, a.Type, b.Type))
	}
	x, y, t := usual(a, b)
	op = opOf(n.op, t.Signed)
	if n.op == "/" || n.op == "%" {
		c.checkDivisor(n, y, t)
	}
	if op.IsCompare() {
		return build(op, cInt, 1, c.pos(n), x, y)
	}
	return build(op, t, t.Bits(), c.pos(n), x, y)
}

// checkDivisor makes sure that no division traps: C leaves division by zero
// undefined, but the specialized program must not fail where the generic one
// would not have divided.
func (c *checker) checkDivisor(n *syntax, d *Expr, t *ir.CType) {
	switch {
	case d.Op != OpConst:
		c.fail(n.b, "divisor '%s' is not a constant, it may be 0", c.source(n.b))
	case d.Int == 0:
		c.fail(n.b, "division by 0")
	case d.Int == -1 && t.Signed:
		c.fail(n.b, "division by -1 may overflow")
	}
}

// shift: the result has the promoted type of the left operand. A variable
// amount is masked to the width, which is the same where C defines the shift.
func (c *checker) shift(n *syntax) *Expr {
	a, b := promote(c.integer(n.a)), promote(c.integer(n.b))
	w := a.Width
	amount := convert(b, a.Type)
	if amount.Op == OpConst {
		if b.Int < 0 || b.Int >= int64(w) {
			c.fail(n.b, "shift of '%s' by %d bits", a.Type, b.Int)
		}
	} else {
		amount = build(OpAnd, a.Type, w, c.pos(n), amount, constInt(int64(w-1), a.Type, c.pos(n)))
	}
	op := OpShl
	if n.op == ">>" {
		op = OpLShr
		if a.Type.Signed {
			op = OpAShr
		}
	}
	return build(op, a.Type, w, c.pos(n), a, amount)
}

// asPointer is e as an operand of a comparison with other, one of which is a
// pointer.
func (c *checker) asPointer(n *syntax, e, other *Expr) *Expr {
	switch {
	case e.IsPointer():
		return e
	case e.Op == OpConst && e.Int == 0:
		return &Expr{Op: OpConst, Type: other.Type, Width: 64, Pos: e.Pos}
	}
	panic(hint(c.text.errorAt(n.from, n.to, "'%s' has type '%s', it cannot be compared with a pointer", c.source(n), e.Type),
		"cast the pointer to unsigned long"))
}

// difference is a - b in elements.
func (c *checker) difference(n *syntax, a, b *Expr) *Expr {
	elem := a.Type.Elem
	if elem == nil || elem.Size == 0 || b.Type.Elem == nil || b.Type.Elem.Size != elem.Size {
		panic(c.text.errorAt(n.opFrom, n.opFrom+1, "'-' on '%s' and '%s'", a.Type, b.Type))
	}
	pos := c.pos(n)
	d := build(OpSub, cLong, 64, pos, toInt(a), toInt(b))
	if elem.Size == 1 {
		return d
	}
	return build(OpSDiv, cLong, 64, pos, d, constInt(elem.Size, cLong, pos))
}

// toInt is the address e as a number.
func toInt(e *Expr) *Expr {
	if e.Op == OpConst {
		return retype(e, cULong)
	}
	return &Expr{Op: OpPtrToInt, Type: cULong, Width: 64, Args: []*Expr{e}, Pos: e.Pos}
}

// cond checks a ? b : c.
func (c *checker) cond(n *syntax) *Expr {
	test, a, b := c.condition(n.a), c.value(n.b), c.value(n.c)
	if a.IsPointer() || b.IsPointer() {
		a, b = c.asPointer(n.b, a, b), c.asPointer(n.c, b, a)
		return build(OpCond, a.Type, 64, c.pos(n), test, a, b)
	}
	x, y, t := usual(a, b)
	return build(OpCond, t, t.Bits(), c.pos(n), test, x, y)
}

func (c *checker) cast(n *syntax) *Expr {
	t := c.typeOf(n.typ)
	e := c.value(n.a)
	switch {
	case t.Kind == ir.CPointer && e.IsPointer():
		return retype(e, t)
	case t.Kind == ir.CPointer && e.Op == OpConst && e.Int == 0:
		return &Expr{Op: OpConst, Type: t, Width: 64, Pos: e.Pos}
	case t.Kind == ir.CPointer:
		c.fail(n, "a number cannot become a pointer in a predicate")
	case !t.IsInteger() || t.Size > 8:
		c.fail(n, "cast to '%s': only integers and pointers can be compared", t)
	case e.IsPointer() && t.Kind == ir.CBool:
		return retype(truth(e), cBool)
	case e.IsPointer():
		return convert(toInt(e), t)
	}
	return convert(e, t)
}

func (c *checker) sizeof(n *syntax) *Expr {
	var t *ir.CType
	if n.typ != nil {
		t = c.typeOf(n.typ)
	} else {
		o := c.operand(n.a)
		if t = o.typ; o.field != nil && o.field.BitSize > 0 {
			c.fail(n.a, "bit-field '%s' has no size", o.field.Name)
		}
	}
	if t.Size == 0 {
		c.fail(n, "the size of '%s' is not known", t)
	}
	return constInt(t.Size, cULong, c.pos(n))
}

// typeOf finds the type that n names.
func (c *checker) typeOf(n *typeName) *ir.CType {
	var t *ir.CType
	first := n.words[0]
	switch {
	case len(n.words) == 2 && (first == "struct" || first == "union"):
		if t = c.names.Struct(n.words[1]); t != nil && t.Kind.String() != first {
			t = nil
		}
	case len(n.words) == 2 && first == "enum":
		t = c.names.Enum(n.words[1])
	case len(n.words) == 1 && !isBasicWord(first):
		if t = c.names.Typedef(first); t == nil {
			t = stdType(first)
		}
	default:
		t = basicType(n.words)
	}
	if t == nil {
		panic(c.text.errorAt(n.from, n.to, "there is no type '%s'", strings.Join(n.words, " ")))
	}
	for range n.stars {
		t = pointerTo(t)
	}
	return t
}

func isBasicWord(w string) bool {
	for _, b := range basicTypeWords {
		if w == b {
			return true
		}
	}
	return false
}

// basicType is the type that a list of C's type words means, nil if none.
func basicType(words []string) *ir.CType {
	count := make(map[string]int)
	for _, w := range words {
		if !isBasicWord(w) {
			return nil
		}
		count[w]++
	}
	name := strings.Join(words, " ")
	base := len(words) - count["signed"] - count["unsigned"] - count["long"] - count["short"]
	integer := func(size int64) *ir.CType {
		if count["signed"]+count["unsigned"] > 1 {
			return nil
		}
		return &ir.CType{Kind: ir.CInt, Name: name, Size: size, Signed: count["unsigned"] == 0}
	}
	switch {
	case len(words) == 1 && count["void"] == 1:
		return &ir.CType{Kind: ir.CVoid}
	case len(words) == 1 && count["_Bool"]+count["bool"] == 1:
		return cBool
	case len(words) == 1 && count["float"] == 1:
		return &ir.CType{Kind: ir.CFloat, Name: name, Size: 4}
	case count["double"] == 1 && base == 1 && count["signed"]+count["unsigned"]+count["short"] == 0:
		return &ir.CType{Kind: ir.CFloat, Name: name, Size: 8}
	case count["char"] == 1 && base == 1 && count["long"]+count["short"] == 0:
		return integer(1)
	case base > 1 || base == 1 && count["int"] != 1 || count["short"] > 1 || count["long"] > 2 || count["short"]*count["long"] > 0:
		return nil
	case count["short"] == 1:
		return integer(2)
	case count["long"] > 0:
		return integer(8)
	}
	return integer(4)
}

// stdType is a type of <stdint.h> or <stddef.h>, which need not be in the
// debug information.
func stdType(name string) *ir.CType {
	switch name {
	case "size_t", "uintptr_t", "uintmax_t":
		return cULong
	case "ssize_t", "ptrdiff_t", "intptr_t", "intmax_t":
		return cLong
	}
	for i, size := range []int64{1, 2, 4, 8} {
		bits := []string{"8", "16", "32", "64"}[i]
		switch name {
		case "int" + bits + "_t":
			return &ir.CType{Kind: ir.CInt, Name: name, Size: size, Signed: true}
		case "uint" + bits + "_t":
			return &ir.CType{Kind: ir.CInt, Name: name, Size: size}
		}
	}
	return nil
}
