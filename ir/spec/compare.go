package spec

// This file holds the canonical forms of comparisons (F5) and how bounds and
// asserted comparisons decide them (F4). Only eq, ult and slt exist as nodes; the
// others are these with operands swapped or negated.

// compare brings a comparison of a and b, not both constant, into its
// canonical form.
func (f *Facts) compare(op Op, a, b Sym) Sym {
	switch op {
	case OpNe:
		return f.not(f.Op(OpEq, 1, a, b))
	case OpUGE:
		return f.not(f.Op(OpULT, 1, a, b))
	case OpSGE:
		return f.not(f.Op(OpSLT, 1, a, b))
	case OpUGT:
		return f.Op(OpULT, 1, b, a)
	case OpSGT:
		return f.Op(OpSLT, 1, b, a)
	case OpULE:
		return f.not(f.Op(OpULT, 1, b, a))
	case OpSLE:
		return f.not(f.Op(OpSLT, 1, b, a))
	}
	if a == b {
		return f.Const(b2u(op == OpEq), 1)
	}
	if f.Width(a) == 1 {
		return f.compareBits(op, a, b)
	}
	if t, ok := f.decide(op, a, b); ok {
		return f.Const(b2u(t), 1)
	}
	if s, ok := f.narrow(op, a, b); ok {
		return s
	}
	if op == OpEq {
		return f.equal(a, b)
	}
	return f.less(op, a, b)
}

func b2u(t bool) uint64 {
	if t {
		return 1
	}
	return 0
}

// compareBits compares single bits: 1 is -1 as signed.
func (f *Facts) compareBits(op Op, a, b Sym) Sym {
	switch op {
	case OpEq:
		return f.not(f.Op(OpXor, 1, a, b))
	case OpULT:
		return f.Op(OpAnd, 1, f.not(a), b)
	}
	return f.Op(OpAnd, 1, a, f.not(b))
}

// narrow compares values that are extended in the same way, or one that is
// extended with a constant, before the extension.
func (f *Facts) narrow(op Op, a, b Sym) (Sym, bool) {
	for _, ext := range [...]Op{OpZExt, OpSExt} {
		x, _, okA := f.match(a, ext)
		y, _, okB := f.match(b, ext)
		ca, w, constA := f.Value(a)
		cb, _, constB := f.Value(b)
		n := max(f.Width(x), f.Width(y))
		fit := func(c uint64) bool {
			if ext == OpZExt {
				return c <= mask(n)
			}
			return fits(signed(c, w), n)
		}
		switch {
		case okA && okB:
			x, y = f.cast(ext, n, x), f.cast(ext, n, y)
		case okA && constB:
			w = f.Width(b)
			if !fit(cb) {
				continue
			}
			y = f.Const(cb, n)
		case okB && constA:
			if !fit(ca) {
				continue
			}
			x = f.Const(ca, n)
		default:
			continue
		}
		if ext == OpZExt && op == OpSLT {
			op = OpULT
		}
		return f.Op(op, 1, x, y), true
	}
	return NoSym, false
}

// equal is eq of values that are not decided and cannot be narrowed:
// x + c == y + d is x == y + (d-c), with the older value at the left.
func (f *Facts) equal(a, b Sym) Sym {
	if f.isConst(a) {
		a, b = b, a
	}
	w := f.Width(a)
	if c, _, ok := f.Value(b); ok {
		if s, ok := f.equalConst(w, a, c); ok {
			return s
		}
		return f.make(OpEq, 1, a, b)
	}
	x, c := f.offset(a)
	y, d := f.offset(b)
	k := (d - c) & mask(w)
	if x == y {
		return f.Const(b2u(k == 0), 1)
	}
	if x > y {
		x, y, k = y, x, -k
	}
	if c == 0 && d == 0 {
		return f.make(OpEq, 1, x, y)
	}
	return f.make(OpEq, 1, x, f.plus(w, y, k))
}

// equalConst simplifies a == c.
func (f *Facts) equalConst(w int, a Sym, c uint64) (Sym, bool) {
	if x, d, ok := f.matchConst(a, OpXor); ok {
		return f.Op(OpEq, 1, x, f.Const(c^d, w)), true
	}
	if x, d, ok := f.matchConst(a, OpAdd); ok {
		return f.Op(OpEq, 1, x, f.Const(c-d, w)), true
	}
	if x, y, ok := f.match(a, OpSub); ok {
		return f.Op(OpEq, 1, x, f.plus(w, y, c)), true
	}
	if x, k, ok := f.matchConst(a, OpLShr); ok && c<<k>>k == c {
		// Bits of x that the shift drops are known to be zero after a mask.
		if f.boundsOf(x).zeros&mask(int(k)) == mask(int(k)) {
			return f.Op(OpEq, 1, x, f.Const(c<<k, w)), true
		}
	}
	if x, d, ok := f.matchConst(a, OpAnd); ok && c == d && d&(d-1) == 0 {
		bit := f.Op(OpAnd, w, x, f.Const(d, w))
		return f.not(f.Op(OpEq, 1, bit, f.Const(0, w))), true
	}
	if c != 0 {
		return NoSym, false
	}
	if x, y, ok := f.match(a, OpXor); ok {
		return f.Op(OpEq, 1, x, y), true
	}
	if x, y, ok := f.match(a, OpOr); ok {
		return f.Op(OpAnd, 1, f.Op(OpEq, 1, x, f.Const(0, w)), f.Op(OpEq, 1, y, f.Const(0, w))), true
	}
	return NoSym, false
}

// less is ult and slt of values that are not decided and cannot be narrowed.
// Signed comparison of values that are not negative is unsigned.
func (f *Facts) less(op Op, a, b Sym) Sym {
	if op == OpSLT && f.boundsOf(a).slo >= 0 && f.boundsOf(b).slo >= 0 {
		op = OpULT
	}
	w := f.Width(a)
	if c, _, ok := f.Value(b); ok && op == OpULT {
		switch c {
		case 1:
			return f.Op(OpEq, 1, a, f.Const(0, w))
		case mask(w):
			return f.Op(OpNe, 1, a, b)
		}
	}
	if c, _, ok := f.Value(a); ok && op == OpULT {
		switch c {
		case 0:
			return f.Op(OpNe, 1, b, a)
		case mask(w) - 1:
			return f.Op(OpEq, 1, b, f.Const(mask(w), w))
		}
	}
	return f.make(op, 1, a, b)
}

// decide is the truth of eq, ult or slt by bounds and by what is known of the
// same two values.
func (f *Facts) decide(op Op, a, b Sym) (truth, ok bool) {
	x, y := f.boundsOf(a), f.boundsOf(b)
	less, lessOK := f.lookup(op, a, b)
	more, moreOK := f.lookup(op, b, a)
	switch op {
	case OpEq:
		if x.uhi < y.ulo || y.uhi < x.ulo || x.shi < y.slo || y.shi < x.slo ||
			x.zeros&y.ones != 0 || x.ones&y.zeros != 0 {
			return false, true
		}
		if c, isConst := y.single(); isConst && x.excludes(c) {
			return false, true
		}
		if c, isConst := x.single(); isConst && y.excludes(c) {
			return false, true
		}
		for _, order := range [...]Op{OpULT, OpSLT} {
			l, lOK := f.lookup(order, a, b)
			m, mOK := f.lookup(order, b, a)
			if lOK && l || mOK && m {
				return false, true
			}
			if lOK && mOK {
				return true, true
			}
		}
		if f.distinct(a, b) {
			return false, true
		}
		return f.chained(op, a, b)
	case OpULT:
		if x.uhi < y.ulo {
			return true, true
		}
		if x.ulo >= y.uhi {
			return false, true
		}
	case OpSLT:
		if x.shi < y.slo {
			return true, true
		}
		if x.slo >= y.shi {
			return false, true
		}
	}
	if lessOK {
		return less, true
	}
	if moreOK && more {
		return false, true
	}
	if eq, eqOK := f.lookup(OpEq, min(a, b), max(a, b)); moreOK && !more && eqOK && !eq {
		return true, true
	}
	return f.chained(op, a, b)
}

// lookup is the truth of a comparison that exists as a node.
func (f *Facts) lookup(op Op, a, b Sym) (truth, ok bool) {
	s, ok := f.byNode[nodeKey{op: op, width: 1, a: a, b: b}]
	if !ok {
		return false, false
	}
	c, _, ok := f.Value(s)
	return c == 1, ok
}

// distinct reports whether a and b are certainly different addresses: those of
// two objects that the linker does not merge.
func (f *Facts) distinct(a, b Sym) bool {
	g, h := f.nodes[a].key, f.nodes[b].key
	return g.op == OpAddr && h.op == OpAddr && g.a != h.a &&
		separate(f.addrs[g.a]) && separate(f.addrs[h.a])
}

// boundsOf is what is known of s.
func (f *Facts) boundsOf(s Sym) *bounds {
	s = f.find(s)
	if b, ok := f.cache[s]; ok {
		return b
	}
	b := f.structural(s)
	if k, ok := f.known[s]; ok {
		b.meet(k)
	}
	if f.frozen {
		f.cache[s] = &b
	}
	return &b
}

// structural is what follows from the operation of node s.
func (f *Facts) structural(s Sym) bounds {
	k := f.nodes[s].key
	w := int(k.width)
	switch {
	case k.op == OpConst:
		return exactly(k.bits, w)
	case k.op == OpAddr:
		b := anything(w)
		if addressable(f.addrs[k.a]) {
			b.ulo = 1
		}
		return b
	case k.op.IsCast():
		return compute(k.op, w, f.boundsOf(k.a), nil)
	case k.op.IsBinary():
		return compute(k.op, w, f.boundsOf(k.a), f.boundsOf(k.b))
	}
	return anything(w)
}

// single is the constant that node s is by its structure.
func (f *Facts) single(s Sym) (uint64, bool) {
	b := f.structural(s)
	return b.single()
}
