package spec

// This file type-checks expressions and makes Exprs of them: names, members,
// loads.

import (
	"sort"
	"strings"

	"github.com/llir/llvm/ir/constant"

	"quasi/ir"
)

// checker checks one expression. Its methods abort by a panic with *Error,
// which pred and constExpr recover.
type checker struct {
	*binder
	text     Text
	constant bool // only constants are allowed
}

// An operand is a checked subexpression: a value, or an object that can be
// loaded or have its address taken.
type operand struct {
	syn  *syntax
	typ  *ir.CType
	expr *Expr // the value, or the address of the object
	lval bool

	field  *ir.CField // the member that the object is
	record *ir.CType  // that it is a member of
	off    int64      // from the start of record
	global constant.Constant
}

// fail aborts with an error that underlines n.
func (c *checker) fail(n *syntax, format string, args ...any) {
	panic(c.text.errorAt(n.from, n.to, format, args...))
}

func (c *checker) pos(n *syntax) Pos { return c.text.posAt(n.from) }

// source is n as written.
func (c *checker) source(n *syntax) string { return c.text.Value[n.from:n.to] }

// isTypedef tells the parser which names are types: a parameter or variable of
// that name comes first.
func (c *checker) isTypedef(name string) bool {
	for _, p := range c.params {
		if p.Name == name {
			return false
		}
	}
	return c.names.Typedef(name) != nil
}

// run parses the text and applies f, turning aborts into errors.
func (c *checker) run(f func(n *syntax)) (err *Error) {
	n, err := parseExpr(c.text, c.isTypedef)
	if err != nil {
		return err
	}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	f(n)
	return nil
}

// pred checks a predicate.
func (c *checker) pred() (*Pred, *Error) {
	p := &Pred{Text: oneLine(c.text.Value), Pos: c.text.Pos, text: c.text}
	err := c.run(func(n *syntax) {
		p.Expr = c.condition(n)
		if p.Expr.Op == OpConst && p.Expr.Int == 0 {
			c.fail(n, "'%s' is never true", p.Text)
		}
	})
	if err != nil {
		return nil, err
	}
	params := make(map[int]bool)
	seen := make(map[string]bool)
	p.Expr.Walk(func(e *Expr) {
		if e.Op == OpParam && !params[e.Param] {
			params[e.Param] = true
			p.Params = append(p.Params, e.Param)
		}
		if t := e.term; t != nil && !seen[e.String()+t.Field] {
			seen[e.String()+t.Field] = true
			p.Terms = append(p.Terms, t)
		}
	})
	sort.Ints(p.Params)
	return p, nil
}

// oneLine is s without line breaks.
func oneLine(s string) string {
	if s = strings.TrimSpace(s); strings.Contains(s, "\n") {
		s = strings.Join(strings.Fields(s), " ")
	}
	return s
}

// constExpr checks an integer constant expression.
func (c *checker) constExpr() (e *Expr, err *Error) {
	err = c.run(func(n *syntax) {
		e = promote(c.integer(n))
		if e.Op != OpConst {
			c.fail(n, "'%s' is not a constant", c.source(n))
		}
	})
	return e, err
}

// condition is n as a truth value, of Width 1.
func (c *checker) condition(n *syntax) *Expr { return truth(c.value(n)) }

// value is n as an integer or pointer value.
func (c *checker) value(n *syntax) *Expr { return c.load(c.operand(n)) }

// integer is n as an integer value.
func (c *checker) integer(n *syntax) *Expr {
	e := c.value(n)
	if e.IsPointer() {
		panic(hint(c.text.errorAt(n.from, n.to, "'%s' is a pointer of type '%s', an integer is needed", c.source(n), e.Type),
			"cast it to unsigned long if its bits are meant"))
	}
	return e
}

// operand checks n.
func (c *checker) operand(n *syntax) operand {
	o := operand{syn: n}
	switch n.kind {
	case synInt:
		o.expr = c.intConst(n)
	case synChar:
		o.expr = constInt(int64(n.val), cInt, c.pos(n))
	case synIdent:
		return c.ident(n)
	case synParam:
		if n.val >= uint64(len(c.params)) {
			c.fail(n, "'%s' has %s", c.fn.Name(), plural(len(c.params), "parameter"))
		}
		return c.parameter(n, &c.params[n.val])
	case synUnary:
		return c.unary(n)
	case synBinary:
		o.expr = c.binary(n)
	case synCond:
		o.expr = c.cond(n)
	case synCast:
		o.expr = c.cast(n)
	case synSizeof:
		o.expr = c.sizeof(n)
	case synIndex:
		return c.index(n)
	case synMember, synElement:
		return c.member(n)
	}
	o.typ = o.expr.Type
	return o
}

// intConst gives an integer constant the first type of C's list that holds it.
func (c *checker) intConst(n *syntax) *Expr {
	decimal := !strings.HasPrefix(n.op, "x")
	isUnsigned, isLong := strings.Contains(n.op, "u"), strings.Contains(n.op, "l")
	t := cULong
	switch {
	case !isLong && !isUnsigned && n.val <= mask(31):
		t = cInt
	case !isLong && (isUnsigned || !decimal) && n.val <= mask(32):
		t = cUInt
	case !isUnsigned && n.val <= mask(63):
		t = cLong
	}
	return constInt(int64(n.val), t, c.pos(n))
}

// ident finds a name: parameters, then variables, functions, enumerators.
func (c *checker) ident(n *syntax) operand {
	if !c.constant {
		for i := range c.params {
			p := &c.params[i]
			if p.Name == n.name || p.Param != nil && !p.Param.IsUnnamed() && p.Param.Name() == n.name {
				return c.parameter(n, p)
			}
		}
		if g, t := c.names.GlobalIn(c.fn.LL, n.name); g != nil {
			addr := &Expr{Op: OpAddr, Type: pointerTo(t), Width: 64, Sym: g, Pos: c.pos(n)}
			return operand{syn: n, typ: t, expr: addr, lval: true, global: g}
		}
		if sym, isFunc := c.symbol(n.name); isFunc {
			t := &ir.CType{Kind: ir.CFunc}
			return operand{syn: n, typ: t, expr: &Expr{Op: OpAddr, Type: pointerTo(t), Width: 64, Sym: sym, Pos: c.pos(n)}, lval: true}
		}
	}
	if v, ok := c.names.Enumerator(n.name); ok {
		t := cInt
		if v != int64(int32(v)) {
			t = cLong
		}
		return operand{syn: n, typ: t, expr: constInt(v, t, c.pos(n))}
	}
	switch n.name {
	case "NULL", "null", "nullptr":
		t := pointerTo(&ir.CType{Kind: ir.CVoid})
		return operand{syn: n, typ: t, expr: &Expr{Op: OpConst, Type: t, Width: 64, Pos: c.pos(n)}}
	case "true", "false":
		return operand{syn: n, typ: cInt, expr: constInt(int64(len("false")-len(n.name)), cInt, c.pos(n))}
	}
	c.unknown(n)
	return operand{}
}

// unknown reports a name that nothing has.
func (c *checker) unknown(n *syntax) {
	what, names := "constant", c.names.Enumerators()
	if !c.constant {
		what = "parameter, variable or constant"
		names = append(append(c.paramNames(), names...), c.symbols()...)
	}
	e := suggest(c.text.errorAt(n.from, n.to, "there is no %s '%s'", what, n.name), n.name, names)
	if !strings.Contains(e.Msg, ";") {
		switch {
		case strings.ToUpper(n.name) == n.name:
			hint(e, "macros are known only if the input was compiled with -fdebug-macro; write the number")
		case !c.constant && len(c.paramNames()) == 0 && len(c.params) > 0:
			hint(e, "without debug information parameters are #0 to #%d", len(c.params)-1)
		}
	}
	panic(e)
}

// parameter is the value of a parameter, or the object that it is for a
// struct passed by value in memory.
func (c *checker) parameter(n *syntax, p *ir.CParam) operand {
	if c.constant {
		c.fail(n, "'%s' is not a constant", c.source(n))
	}
	if p.Param == nil {
		panic(c.inPieces(c.text, n.from, n.to, p))
	}
	e := &Expr{Op: OpParam, Type: p.Type, Width: bitsOf(p.Param.Typ), Param: c.binder.index(p), Pos: c.pos(n)}
	if p.ByVal {
		e.Type = pointerTo(p.Type)
		return operand{syn: n, typ: p.Type, expr: e, lval: true}
	}
	switch e.Width {
	case 1, 8, 16, 32, 64:
	default:
		c.fail(n, "'%s' has type '%s': predicates are about integers of up to 64 bits and pointers", c.source(n), p.Type)
	}
	switch p.Type.Kind {
	case ir.CArray:
		e.Type = pointerTo(p.Type.Elem)
	case ir.CFunc:
		e.Type = pointerTo(p.Type)
	}
	return operand{syn: n, typ: e.Type, expr: e}
}

// load is the value of o: objects are loaded, arrays and functions become
// their addresses.
func (c *checker) load(o operand) *Expr {
	if !o.lval {
		if o.typ.Kind == ir.CVoid {
			c.fail(o.syn, "'%s' has no value", c.source(o.syn))
		}
		return o.expr
	}
	t := o.typ
	switch {
	case t.Kind == ir.CArray:
		return retype(o.expr, pointerTo(t.Elem))
	case t.Kind == ir.CFunc:
		return retype(o.expr, pointerTo(t))
	case c.constant:
		c.fail(o.syn, "'%s' is not a constant", c.source(o.syn))
	case t.IsRecord():
		panic(hint(c.text.errorAt(o.syn.from, o.syn.to, "'%s' is a whole %s", c.source(o.syn), t), "compare its members"))
	case t.Kind == ir.CVoid:
		panic(hint(c.text.errorAt(o.syn.from, o.syn.to, "'%s' has type void", c.source(o.syn)), "cast the pointer first"))
	case t.Kind == ir.CFloat:
		c.fail(o.syn, "'%s' has type '%s': predicates are about integers and pointers", c.source(o.syn), t)
	case t.Volatile || t.Atomic:
		qualifier := map[bool]string{true: "volatile", false: "atomic"}[t.Volatile]
		c.fail(o.syn, "'%s' is %s: its value may change at any time", c.source(o.syn), qualifier)
	case t.Size != 1 && t.Size != 2 && t.Size != 4 && t.Size != 8:
		c.fail(o.syn, "'%s' has type '%s' of %d bytes: predicates are about integers of up to 8 bytes and pointers", c.source(o.syn), t, t.Size)
	}
	term := &Term{Addr: o.expr, Size: t.Size, Type: t, Text: c.source(o.syn), Record: o.record, Off: o.off, Global: o.global}
	load := &Expr{Op: OpLoad, Type: t, Width: t.Bits(), Args: []*Expr{o.expr}, Pos: c.pos(o.syn)}
	if o.field != nil {
		term.Field = o.field.Name
		if o.field.BitSize > 0 {
			return c.loadBits(o, term)
		}
	}
	load.term = term
	return load
}

// loadBits loads the unit of a bit-field and extracts it as clang does: shift
// left and arithmetically right if signed, else shift right and mask.
func (c *checker) loadBits(o operand, term *Term) *Expr {
	f, pos := o.field, c.pos(o.syn)
	w := int(f.UnitSize * 8)
	if f.UnitSize > 8 || f.BitOff+f.BitSize > int64(w) {
		c.fail(o.syn, "bit-field '%s' is wider than what one load can read", f.Name)
	}
	term.Size, term.BitOff, term.BitSize = f.UnitSize, f.BitOff, f.BitSize
	unit := &ir.CType{Kind: ir.CInt, Name: "unsigned long", Size: f.UnitSize}
	load := &Expr{Op: OpLoad, Type: unit, Width: w, Args: []*Expr{o.expr}, Pos: pos, term: term}
	shift := func(op Op, e *Expr, n int64) *Expr {
		if n == 0 {
			return e
		}
		amount := &Expr{Op: OpConst, Type: unit, Width: w, Int: n, Pos: pos}
		return build(op, unit, w, pos, e, amount)
	}
	e := load
	if f.Type.Signed {
		e = shift(OpShl, e, int64(w)-f.BitOff-f.BitSize)
		e = shift(OpAShr, e, int64(w)-f.BitSize)
		e = retype(e, &ir.CType{Kind: ir.CInt, Name: "long", Size: f.UnitSize, Signed: true})
	} else {
		e = shift(OpLShr, e, f.BitOff)
		if f.BitOff+f.BitSize < int64(w) {
			m := &Expr{Op: OpConst, Type: unit, Width: w, Int: signed(mask(int(f.BitSize)), w), Pos: pos}
			e = build(OpAnd, unit, w, pos, e, m)
		}
	}
	if f.Type.Kind == ir.CBool {
		return build(OpTrunc, cBool, 1, pos, e)
	}
	e = convert(e, intTypeOf(max(f.Type.Size, 4), f.Type.Signed))
	if f.BitSize < 32 {
		e = convert(e, cInt)
	}
	return e
}
