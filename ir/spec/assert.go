package spec

// This file asserts predicates: merges classes, narrows bounds, and carries both
// through the nodes until nothing follows any more.

import (
	"maps"
	"slices"
)

// maxRounds bounds the propagation. Bounds only get narrower, but could do so
// one step a round; to stop early loses knowledge, not soundness.
const maxRounds = 64

// assertAll asserts static parameters (F1), Always and When (F2).
func (f *Facts) assertAll(v *Variant) {
	for i := range v.Static {
		f.bind(&v.Static[i])
	}
	for _, p := range v.preds() {
		f.assert(p)
	}
	f.propagate()
}

// findConflict asserts one after the other, up to the first contradiction.
func (f *Facts) findConflict(v *Variant) {
	for i := range v.Static {
		f.bind(&v.Static[i])
		f.propagate()
		if f.conflicting {
			f.conflict = &Conflict{Binding: &v.Static[i]}
			return
		}
	}
	for _, p := range v.preds() {
		f.assert(p)
		f.propagate()
		if f.conflicting {
			f.conflict = &Conflict{Pred: p}
			return
		}
	}
}

// assert makes p true.
func (f *Facts) assert(p *Pred) {
	if s := f.Expr(p.Expr); s != NoSym {
		f.union(s, f.Const(1, 1))
	}
}

// bind asserts the value of a static parameter. The address of a string is not
// known here, but that it is not null.
func (f *Facts) bind(b *Binding) {
	if b.Value.Kind == ConstFloat {
		return // has no symbol
	}
	w := b.Value.Width
	if w == 0 {
		w = 64
	}
	p := f.Param(b.Param, w)
	if p == NoSym {
		return
	}
	switch b.Value.Kind {
	case ConstInt:
		f.union(p, f.Const(b.Value.Int, w))
	case ConstNull:
		f.union(p, f.Const(0, w))
	case ConstGlobal, ConstFunc:
		f.union(p, f.Addr(b.Value.Sym))
	case ConstString:
		f.bound(p, func(b *bounds) { b.exclude(0) })
	}
}

// union makes a and b one value (F3).
func (f *Facts) union(a, b Sym) {
	if a == NoSym || b == NoSym || f.conflicting {
		return
	}
	a, b = f.find(a), f.find(b)
	if a == b {
		return
	}
	if f.older(b, a) {
		a, b = b, a
	}
	if f.isConst(b) { // then a is one, too, and another
		f.conflicting = true
		return
	}
	kb := f.known[b]
	f.parent[b] = a
	f.changed = true
	if c, w, ok := f.Value(a); ok {
		if kb != nil && kb.excludes(c) {
			f.conflicting = true
		}
		f.known[a] = ptr(exactly(c, w))
	} else if kb != nil {
		f.bound(a, func(k *bounds) { k.meet(kb) })
	}
}

func ptr[T any](v T) *T { return &v }

// older orders representatives by the value without its constant part:
// constants, addresses of globals, then what nests less, so that a
// representative never contains its own class; then by kind and age. Of values
// that differ by a constant, those that can be are written over one base.
func (f *Facts) older(a, b Sym) bool {
	rank := func(s Sym) [5]int {
		base, offset := s, 0
		if k := f.nodes[s].key; k.op == OpAdd && f.nodes[k.b].key.op == OpConst {
			base, offset = k.a, 1
		}
		n := &f.nodes[base]
		switch n.key.op {
		case OpConst:
			return [5]int{0}
		case OpAddr:
			return [5]int{1, 0, 0, int(base), offset}
		case OpParam:
			return [5]int{2, n.depth, 0, int(base), offset}
		case OpLoad:
			return [5]int{2, n.depth, 1, int(base), offset}
		}
		return [5]int{2, n.depth, 2, int(base), offset}
	}
	x, y := rank(a), rank(b)
	for i := range x {
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return a < b
}

// bound adds facts to the class of s.
func (f *Facts) bound(s Sym, narrow func(*bounds)) {
	if s == NoSym || f.conflicting {
		return
	}
	s = f.find(s)
	k := f.known[s]
	if k == nil {
		k = ptr(f.structural(s))
	}
	b := *k
	narrow(&b)
	b.tighten()
	if b.empty {
		f.conflicting = true
		return
	}
	if f.known[s] != nil && b.same(k) {
		return
	}
	f.known[s] = &b
	f.changed = true
	if c, ok := b.single(); ok && !f.isConst(s) {
		f.union(s, f.Const(c, b.width))
	}
}

// propagate draws all consequences of what is asserted.
func (f *Facts) propagate() {
	for {
		f.saturate()
		if f.conflicting || f.splits == 0 || !f.split() {
			return
		}
	}
}

// saturate recomputes every node over the classes of its operands, so that
// values that have become equal become one, and carries bounds to classes and
// to operands.
func (f *Facts) saturate() {
	for round := 0; round < maxRounds; round++ {
		f.changed = false
		for s := Sym(1); int(s) < len(f.nodes) && !f.conflicting; s++ {
			k := f.nodes[s].key
			switch {
			case k.op == OpLoad:
				f.union(s, f.Load(k.a, int64(k.width/8)))
			case k.op.IsBinary() || k.op.IsCast() || k.op.IsCompare():
				f.union(s, f.Op(k.op, int(k.width), k.a, k.b))
			}
			st := f.structural(s)
			f.bound(s, func(b *bounds) { b.meet(&st) })
			f.consequences(s)
			f.solve(s)
			f.push(s)
		}
		if !f.changed || f.conflicting {
			return
		}
	}
}

// consequences draws from the truth of node s what it says about its operands.
func (f *Facts) consequences(s Sym) {
	k := f.nodes[s].key
	c, w, ok := f.Value(s)
	if !ok || w != 1 {
		return
	}
	truth := c == 1
	switch k.op {
	case OpEq:
		if truth {
			f.union(k.a, k.b)
		} else {
			f.differ(k.a, k.b)
			f.differ(k.b, k.a)
		}
	case OpULT:
		if truth {
			f.below(k.a, k.b)
		} else {
			f.notAbove(k.b, k.a)
			f.antisymmetric(k)
		}
	case OpSLT:
		if truth {
			f.belowSigned(k.a, k.b)
		} else {
			f.notAboveSigned(k.b, k.a)
			f.antisymmetric(k)
		}
	case OpAnd, OpOr:
		// The value that decides the operation alone; the other makes it depend on
		// the other operand.
		neutral := k.op == OpAnd
		if truth == neutral {
			f.union(k.a, s)
			f.union(k.b, s)
			return
		}
		if v, _, ok := f.Value(k.a); ok && (v == 1) == neutral {
			f.union(k.b, s)
		}
		if v, _, ok := f.Value(k.b); ok && (v == 1) == neutral {
			f.union(k.a, s)
		}
	case OpXor:
		if truth {
			f.union(k.a, f.not(k.b))
		} else {
			f.union(k.a, k.b)
		}
	}
}

// solve writes the operand of node s, x + c or x ^ c, by what s has become
// equal to.
func (f *Facts) solve(s Sym) {
	k := f.nodes[s].key
	if k.op != OpAdd && k.op != OpXor || f.conflicting {
		return
	}
	c, w, ok := f.Value(k.b)
	if !ok || f.isConst(k.a) {
		return
	}
	if k.op == OpAdd {
		c = -c
	}
	f.union(k.a, f.Op(k.op, w, f.find(s), f.Const(c, w)))
}

// differ asserts a != b where b is a constant.
func (f *Facts) differ(a, b Sym) {
	if c, _, ok := f.Value(b); ok {
		f.bound(a, func(b *bounds) { b.exclude(c) })
	}
}

// antisymmetric makes the operands of k one if neither is below the other.
func (f *Facts) antisymmetric(k nodeKey) {
	if less, ok := f.lookup(k.op, f.find(k.b), f.find(k.a)); ok && !less {
		f.union(k.a, k.b)
	}
}

// below asserts a < b, unsigned.
func (f *Facts) below(a, b Sym) {
	hi, lo := f.boundsOf(b).uhi, f.boundsOf(a).ulo
	if hi == 0 || lo == mask(f.Width(a)) {
		f.conflicting = true
		return
	}
	f.bound(a, func(x *bounds) { x.uhi = min(x.uhi, hi-1) })
	f.bound(b, func(x *bounds) { x.ulo = max(x.ulo, lo+1) })
}

// notAbove asserts a <= b, unsigned.
func (f *Facts) notAbove(a, b Sym) {
	hi, lo := f.boundsOf(b).uhi, f.boundsOf(a).ulo
	f.bound(a, func(x *bounds) { x.uhi = min(x.uhi, hi) })
	f.bound(b, func(x *bounds) { x.ulo = max(x.ulo, lo) })
}

// belowSigned asserts a < b, signed.
func (f *Facts) belowSigned(a, b Sym) {
	hi, lo := f.boundsOf(b).shi, f.boundsOf(a).slo
	top := anything(f.Width(a))
	if hi == top.slo || lo == top.shi {
		f.conflicting = true
		return
	}
	f.bound(a, func(x *bounds) { x.shi = min(x.shi, hi-1) })
	f.bound(b, func(x *bounds) { x.slo = max(x.slo, lo+1) })
}

// notAboveSigned asserts a <= b, signed.
func (f *Facts) notAboveSigned(a, b Sym) {
	hi, lo := f.boundsOf(b).shi, f.boundsOf(a).slo
	f.bound(a, func(x *bounds) { x.shi = min(x.shi, hi) })
	f.bound(b, func(x *bounds) { x.slo = max(x.slo, lo) })
}

// push carries what is known of node s down to its operand, where the other
// one is a constant or there is none.
func (f *Facts) push(s Sym) {
	k := f.nodes[s].key
	w := int(k.width)
	if f.conflicting || !k.op.IsCast() && !k.op.IsBinary() {
		return
	}
	b := f.boundsOf(s)
	from := f.Width(k.a)
	c := uint64(0)
	if k.op.IsBinary() {
		var ok bool
		if c, _, ok = f.Value(k.b); !ok {
			return
		}
	}
	f.bound(k.a, func(x *bounds) {
		switch k.op {
		case OpZExt:
			x.zeros |= b.zeros & mask(from)
			x.ones |= b.ones
			x.ulo, x.uhi = max(x.ulo, b.ulo), min(x.uhi, b.uhi)
			for _, n := range b.ne {
				if n <= mask(from) {
					x.exclude(n)
				}
			}
		case OpSExt:
			x.slo, x.shi = max(x.slo, b.slo), min(x.shi, b.shi)
			x.zeros |= b.zeros & mask(from)
			x.ones |= b.ones & mask(from)
		case OpTrunc:
			x.zeros |= b.zeros
			x.ones |= b.ones
		case OpAnd:
			x.zeros |= b.zeros & c
			x.ones |= b.ones
		case OpOr:
			x.zeros |= b.zeros
			x.ones |= b.ones &^ c
		case OpXor:
			x.zeros |= b.zeros&^c | b.ones&c
			x.ones |= b.ones&^c | b.zeros&c
		case OpLShr:
			if c < uint64(w) {
				x.zeros |= b.zeros << c & mask(w)
				x.ones |= b.ones << c & mask(w)
				x.ulo = max(x.ulo, b.ulo<<c)
				x.uhi = min(x.uhi, b.uhi<<c|mask(int(c)))
			}
		case OpAdd:
			d := exactly(c, w)
			r := anything(w)
			subBounds(&r, b, &d)
			x.meet(&r)
			for _, n := range b.ne {
				x.exclude((n - c) & mask(w))
			}
		}
	})
}

// maxSplits bounds the cases that disjunctions are split into.
const maxSplits = 64

// split looks at the cases of each disjunction that is known to be true: what
// holds in all of them holds. It reports whether that gave anything new.
func (f *Facts) split() bool {
	f.changed = false
	n := len(f.nodes)
	for s := Sym(1); int(s) < n && f.splits > 1 && !f.conflicting; s++ {
		k := f.nodes[s].key
		c, w, ok := f.Value(s)
		if !ok || w != 1 || k.op != OpAnd && k.op != OpOr || (c == 1) == (k.op == OpAnd) {
			continue
		}
		if f.isConst(k.a) || f.isConst(k.b) {
			continue // saturate has dealt with it
		}
		f.splits -= 2
		first, second := f.clone(), f.clone()
		first.assume(k.a, c)
		second.splits = first.splits
		second.assume(k.b, c)
		f.splits = second.splits
		switch {
		case first.conflicting && second.conflicting:
			f.conflicting = true
		case first.conflicting:
			f.union(k.b, f.Const(c, 1))
		case second.conflicting:
			f.union(k.a, f.Const(c, 1))
		default:
			f.common(first, second, Sym(n))
		}
	}
	return f.changed && !f.conflicting
}

// assume asserts that s, of width 1, is c.
func (f *Facts) assume(s Sym, c uint64) {
	f.union(s, f.Const(c, 1))
	f.propagate()
}

// common takes over what two cases agree on for the nodes below n.
func (f *Facts) common(x, y *Facts, n Sym) {
	equal := make(map[[2]Sym]Sym) // by representatives in both cases
	for s := Sym(1); s < n; s++ {
		if f.isConst(s) {
			continue
		}
		b, c := *x.boundsOf(s), y.boundsOf(s)
		b.join(c)
		f.bound(s, func(k *bounds) { k.meet(&b) })
		both := [2]Sym{x.find(s), y.find(s)}
		if first, ok := equal[both]; ok {
			f.union(first, s)
		} else {
			equal[both] = s
		}
	}
}

// clone copies f while it is not frozen.
func (f *Facts) clone() *Facts {
	c := *f
	c.nodes = slices.Clone(f.nodes)
	c.parent = slices.Clone(f.parent)
	c.byNode = maps.Clone(f.byNode)
	c.syms = maps.Clone(f.syms)
	c.addrs = slices.Clone(f.addrs)
	c.known = maps.Clone(f.known)
	return &c
}
