package spec

// This file holds the canonical forms of arithmetic (F5).

import "math/bits"

// Op is the value of op on a and b, canonical. width is that of the result;
// comparisons take operands of one width and have width 1, casts ignore b. It
// is 0 if an operand is, if the widths do not fit, if LLVM leaves the result
// undefined, and for values that nest too deep.
func (f *Facts) Op(op Op, width int, a, b Sym) Sym {
	if a == NoSym || width < 1 || width > 64 {
		return NoSym
	}
	a = f.find(a)
	if op.IsCast() {
		return f.cast(op, width, a)
	}
	if b == NoSym || f.Width(a) != f.Width(b) {
		return NoSym
	}
	b = f.find(b)
	switch {
	case op.IsCompare():
		if width != 1 {
			return NoSym
		}
		if x, y, w, ok := f.consts(a, b); ok {
			v, _ := fold(op, w, w, x, y)
			return f.Const(v, 1)
		}
		return f.compare(op, a, b)
	case op.IsBinary():
		if width != f.Width(a) {
			return NoSym
		}
		if x, y, w, ok := f.consts(a, b); ok {
			v, ok := fold(op, w, w, x, y)
			if !ok {
				return NoSym
			}
			return f.Const(v, w)
		}
		return f.binary(op, width, a, b)
	}
	return NoSym
}

// consts are the values of a and b if both are known.
func (f *Facts) consts(a, b Sym) (x, y uint64, width int, ok bool) {
	x, width, ok = f.Value(a)
	if !ok {
		return 0, 0, 0, false
	}
	y, _, ok = f.Value(b)
	return x, y, width, ok
}

// match takes s apart if it is an op; operands are canonical.
func (f *Facts) match(s Sym, op Op) (a, b Sym, ok bool) {
	k := f.nodes[f.find(s)].key
	if k.op != op {
		return NoSym, NoSym, false
	}
	if k.b != NoSym {
		k.b = f.find(k.b)
	}
	return f.find(k.a), k.b, true
}

// matchConst is match for an op whose second operand is a constant.
func (f *Facts) matchConst(s Sym, op Op) (a Sym, c uint64, ok bool) {
	a, b, ok := f.match(s, op)
	if !ok {
		return NoSym, 0, false
	}
	c, _, ok = f.Value(b)
	return a, c, ok
}

// make interns an operation that has its canonical form.
func (f *Facts) make(op Op, width int, a, b Sym) Sym {
	if a == NoSym || b == NoSym && !op.IsCast() {
		return NoSym
	}
	return f.intern(nodeKey{op: op, width: int16(width), a: a, b: b})
}

// not is the negation of a value of width 1.
func (f *Facts) not(s Sym) Sym { return f.Op(OpXor, 1, s, f.Const(1, 1)) }

func commutes(op Op) bool {
	switch op {
	case OpAdd, OpMul, OpAnd, OpOr, OpXor, OpEq, OpNe:
		return true
	}
	return false
}

// binary brings op on a and b, not both constant, into its canonical form.
func (f *Facts) binary(op Op, w int, a, b Sym) Sym {
	if _, _, isConst := f.Value(a); commutes(op) && (isConst || !f.isConst(b) && a > b) {
		a, b = b, a
	}
	switch op {
	case OpAdd:
		return f.add(w, a, b)
	case OpSub:
		return f.sub(w, a, b)
	case OpMul:
		return f.mul(w, a, b)
	case OpAnd, OpOr, OpXor:
		return f.bitwise(op, w, a, b)
	case OpShl, OpLShr, OpAShr:
		return f.shift(op, w, a, b)
	}
	return f.divide(op, w, a, b)
}

func (f *Facts) isConst(s Sym) bool { _, _, ok := f.Value(s); return ok }

// plus is s + c.
func (f *Facts) plus(w int, s Sym, c uint64) Sym { return f.Op(OpAdd, w, s, f.Const(c, w)) }

// offset takes s apart into base + c.
func (f *Facts) offset(s Sym) (base Sym, c uint64) {
	if a, c, ok := f.matchConst(s, OpAdd); ok {
		return a, c
	}
	return f.find(s), 0
}

// add: constants are gathered at the right; (x - y) + y is x.
func (f *Facts) add(w int, a, b Sym) Sym {
	if w == 1 {
		return f.Op(OpXor, 1, a, b)
	}
	x, c := f.offset(a)
	if d, _, ok := f.Value(b); ok {
		if (c+d)&mask(w) == 0 {
			return x
		}
		return f.make(OpAdd, w, x, f.Const(c+d, w))
	}
	y, d := f.offset(b)
	if c != 0 || d != 0 {
		return f.plus(w, f.Op(OpAdd, w, x, y), c+d)
	}
	if p, q, ok := f.match(a, OpSub); ok && q == b {
		return p
	}
	if p, q, ok := f.match(b, OpSub); ok && q == a {
		return p
	}
	return f.make(OpAdd, w, a, b)
}

// sub: x - c is x + -c; constants move out; what cancels is cancelled.
func (f *Facts) sub(w int, a, b Sym) Sym {
	if w == 1 {
		return f.Op(OpXor, 1, a, b)
	}
	if c, _, ok := f.Value(b); ok {
		return f.plus(w, a, -c)
	}
	x, c := f.offset(a)
	y, d := f.offset(b)
	if x == y {
		return f.Const(c-d, w)
	}
	if p, q, ok := f.match(x, OpAdd); ok {
		switch y {
		case p:
			return f.plus(w, q, c-d)
		case q:
			return f.plus(w, p, c-d)
		}
	}
	if c != 0 || d != 0 {
		return f.plus(w, f.Op(OpSub, w, x, y), c-d)
	}
	return f.make(OpSub, w, a, b)
}

// mul: constants are at the right and distributed over sums with constants.
func (f *Facts) mul(w int, a, b Sym) Sym {
	if w == 1 {
		return f.Op(OpAnd, 1, a, b)
	}
	c, _, ok := f.Value(b)
	if !ok {
		return f.make(OpMul, w, a, b)
	}
	switch c {
	case 0:
		return b
	case 1:
		return a
	}
	if x, d, ok := f.matchConst(a, OpMul); ok {
		return f.Op(OpMul, w, x, f.Const(c*d, w))
	}
	if x, d, ok := f.matchConst(a, OpAdd); ok {
		return f.plus(w, f.Op(OpMul, w, x, b), c*d)
	}
	return f.make(OpMul, w, a, b)
}

// bitwise: constants are at the right and merged; operations on values that
// are extended in the same way are done before the extension; a mask of a
// whole number of bytes is a truncation that is extended again.
func (f *Facts) bitwise(op Op, w int, a, b Sym) Sym {
	if a == b {
		if op == OpXor {
			return f.Const(0, w)
		}
		return a
	}
	c, _, isConst := f.Value(b)
	if isConst {
		if s, ok := f.bitwiseConst(op, w, a, c); ok {
			return s
		}
	} else if p, q, ok := f.match(b, OpXor); ok && op == OpXor {
		switch a {
		case p:
			return q
		case q:
			return p
		}
	}
	if p, q, ok := f.match(a, OpXor); ok && op == OpXor && !isConst {
		switch b {
		case p:
			return q
		case q:
			return p
		}
	}
	if w == 1 && !isConst && op != OpXor && f.not(a) == b {
		return f.Const(uint64(op-OpAnd), 1) // x and not x is 0, x or not x is 1
	}
	for _, ext := range [...]Op{OpZExt, OpSExt} {
		x, _, ok := f.match(a, ext)
		if !ok {
			continue
		}
		n := f.Width(x)
		if y, _, ok := f.match(b, ext); ok && f.Width(y) == n {
			return f.Op(ext, w, f.Op(op, n, x, y), NoSym)
		}
		if isConst && ext == OpZExt && (op == OpAnd || c <= mask(n)) ||
			isConst && ext == OpSExt && fits(signed(c, w), n) {
			return f.Op(ext, w, f.Op(op, n, x, f.Const(c, n)), NoSym)
		}
	}
	return f.make(op, w, a, b)
}

// bitwiseConst simplifies a op c; ok is false if nothing applies.
func (f *Facts) bitwiseConst(op Op, w int, a Sym, c uint64) (s Sym, ok bool) {
	if x, d, ok := f.matchConst(a, op); ok {
		v, _ := fold(op, w, w, c, d)
		return f.Op(op, w, x, f.Const(v, w)), true
	}
	b := f.boundsOf(a)
	switch op {
	case OpAnd:
		switch c &^ b.zeros {
		case mask(w) &^ b.zeros: // the mask clears nothing
			return a, true
		case 0:
			return f.Const(0, w), true
		}
		if m := c &^ b.zeros; m != c { // bits that are clear need no mask
			return f.Op(OpAnd, w, a, f.Const(m, w)), true
		}
		if x, k, ok := f.matchConst(a, OpLShr); ok {
			m := f.Op(OpAnd, w, x, f.Const(c<<k, w))
			return f.Op(OpLShr, w, m, f.Const(k, w)), true
		}
		if n := bits.Len64(c); (n == 8 || n == 16 || n == 32) && c == mask(n) {
			return f.Op(OpZExt, w, f.Op(OpTrunc, n, a, NoSym), NoSym), true
		}
	case OpOr:
		if c&^b.ones == 0 {
			return a, true
		}
	case OpXor:
		if c == 0 {
			return a, true
		}
	}
	return NoSym, false
}

// shift: shl by a constant is a multiplication; right shifts are merged and
// done before an extension.
func (f *Facts) shift(op Op, w int, a, b Sym) Sym {
	c, _, ok := f.Value(b)
	switch {
	case !ok:
		return f.make(op, w, a, b)
	case c >= uint64(w):
		return NoSym
	case c == 0:
		return a
	case op == OpShl:
		return f.Op(OpMul, w, a, f.Const(1<<c, w))
	case op == OpAShr && f.boundsOf(a).slo >= 0:
		op = OpLShr
	}
	if x, d, ok := f.matchConst(a, op); ok {
		if c+d < uint64(w) {
			return f.Op(op, w, x, f.Const(c+d, w))
		}
		if op == OpLShr {
			return f.Const(0, w)
		}
		return f.Op(op, w, x, f.Const(uint64(w-1), w))
	}
	if x, _, ok := f.match(a, OpZExt); ok && op == OpLShr {
		n := f.Width(x)
		if c >= uint64(n) {
			return f.Const(0, w)
		}
		return f.Op(OpZExt, w, f.Op(OpLShr, n, x, f.Const(c, n)), NoSym)
	}
	return f.make(op, w, a, b)
}

// divide: division by a power of two is a shift or mask where the dividend is
// not negative; division by what is not a known number other than 0 is no
// value, since it may trap.
func (f *Facts) divide(op Op, w int, a, b Sym) Sym {
	d, _, ok := f.Value(b)
	if !ok || d == 0 {
		return NoSym
	}
	isSigned := op == OpSDiv || op == OpSRem
	if isSigned && signed(d, w) == -1 {
		return NoSym
	}
	if isSigned && signed(d, w) > 0 && f.boundsOf(a).slo >= 0 {
		op, isSigned = map[Op]Op{OpSDiv: OpUDiv, OpSRem: OpURem}[op], false
	}
	power := d&(d-1) == 0
	switch {
	case d == 1 && (op == OpSDiv || op == OpUDiv):
		return a
	case d == 1:
		return f.Const(0, w)
	case power && op == OpUDiv:
		return f.Op(OpLShr, w, a, f.Const(uint64(bits.TrailingZeros64(d)), w))
	case power && op == OpURem:
		return f.Op(OpAnd, w, a, f.Const(d-1, w))
	}
	return f.make(op, w, a, b)
}

// cast: extensions of extensions and truncations of extensions are merged; a
// truncation is done before the operation that it truncates; one to a single
// bit is a test of that bit.
func (f *Facts) cast(op Op, w int, a Sym) Sym {
	from := f.Width(a)
	if from == w {
		return a
	}
	if (op == OpTrunc) != (w < from) {
		return NoSym
	}
	if c, _, ok := f.Value(a); ok {
		v, _ := fold(op, w, from, c, 0)
		return f.Const(v, w)
	}
	if op == OpTrunc {
		return f.trunc(w, a)
	}
	if x, _, ok := f.match(a, OpZExt); ok {
		return f.make(OpZExt, w, x, NoSym)
	}
	if op == OpSExt {
		if x, _, ok := f.match(a, OpSExt); ok {
			return f.make(OpSExt, w, x, NoSym)
		}
		if f.boundsOf(a).slo < 0 {
			return f.make(OpSExt, w, a, NoSym)
		}
	}
	if from == 1 {
		return f.extendTest(w, a)
	}
	// zext(trunc x) is x where x has no bits above.
	if x, _, ok := f.match(a, OpTrunc); ok && f.boundsOf(x).uhi <= mask(from) {
		if f.Width(x) >= w {
			return f.Op(OpTrunc, w, x, NoSym)
		}
		return f.make(OpZExt, w, x, NoSym)
	}
	return f.make(OpZExt, w, a, NoSym)
}

// extendTest is zext of a single bit: of x != 0 and x == 0 it is x and x ^ 1
// where x is 0 or 1.
func (f *Facts) extendTest(w int, a Sym) Sym {
	inner, flip := a, uint64(1)
	if x, _, ok := f.matchConst(a, OpXor); ok {
		inner, flip = x, 0
	}
	if x, c, ok := f.matchConst(inner, OpEq); ok && c <= 1 && f.boundsOf(x).uhi <= 1 {
		if c == 1 {
			flip ^= 1
		}
		x = f.Op(OpXor, f.Width(x), x, f.Const(flip, f.Width(x)))
		if f.Width(x) > w {
			return f.Op(OpTrunc, w, x, NoSym)
		}
		return f.Op(OpZExt, w, x, NoSym)
	}
	return f.make(OpZExt, w, a, NoSym)
}

// trunc is cast for OpTrunc.
func (f *Facts) trunc(w int, a Sym) Sym {
	k := f.nodes[a].key
	switch k.op {
	case OpZExt, OpSExt:
		x := f.find(k.a)
		if f.Width(x) > w {
			return f.Op(OpTrunc, w, x, NoSym)
		}
		return f.Op(k.op, w, x, NoSym)
	case OpTrunc:
		return f.Op(OpTrunc, w, k.a, NoSym)
	}
	if w == 1 {
		low := f.Op(OpAnd, f.Width(a), a, f.Const(1, f.Width(a)))
		return f.Op(OpNe, 1, low, f.Const(0, f.Width(a)))
	}
	switch k.op {
	case OpAdd, OpSub, OpMul, OpAnd, OpOr, OpXor:
		return f.Op(k.op, w, f.Op(OpTrunc, w, k.a, NoSym), f.Op(OpTrunc, w, k.b, NoSym))
	}
	return f.make(OpTrunc, w, a, NoSym)
}
