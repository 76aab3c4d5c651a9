package bta

// This file holds value: the abstract value of a register or memory cell, and
// the values of constants.

import (
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	irvalue "github.com/llir/llvm/ir/value"

	llir "github.com/llir/llvm/ir"

	"quasi/ir"
	"quasi/ir/spec"
)

// A value is what the analysis knows of one run-time value. Values are
// comparable; the zero value is a static value of which nothing else is known.
type value struct {
	bt   BindingTime // Static or Dynamic
	vary bool        // static, and may differ between residual copies that exist side by side
	addr bool        // an integer made of an address (pointers are addresses by their type)
	sym  spec.Sym    // what it is over the entry state, NoSym if unknown
	refs *refSet     // what it points to if it is an address; nil: unknown

	fields *fieldSet // of a struct or array, nil if they are not told apart
}

var dynamic = value{bt: Dynamic}

// joinValue is the least upper bound of a and b.
func (a *analysis) joinValue(x, y value, widen bool) value {
	if x == y {
		return x
	}
	z := value{bt: x.bt.Join(y.bt), vary: x.vary || y.vary, addr: x.addr || y.addr, refs: a.refs.join(x.refs, y.refs, widen)}
	if x.sym == y.sym {
		z.sym = x.sym
	}
	z.fields = a.joinFields(x, y, widen)
	if z.bt == Dynamic {
		z.vary = false
	}
	return z
}

// settle applies rule (B2): a value whose symbol the facts decide is static and
// the same in all residual copies, and an address that they decide is a known
// one.
func (a *analysis) settle(v value) value {
	if v.sym == spec.NoSym {
		return v
	}
	if _, _, ok := a.facts.Value(v.sym); ok {
		v.bt, v.vary = Static, false
		return v
	}
	if a.holds(v.sym) {
		v.bt = Static
	}
	if c, off, ok := a.facts.AddrConst(v.sym); ok {
		v.bt, v.vary = Static, false
		if s := a.addrOf(c, off); s != nil {
			v.refs = s
		}
	}
	return v
}

// addrOf is the address off bytes into c, nil if points-to has no object for c.
func (a *analysis) addrOf(c constant.Constant, off int64) *refSet {
	for range 8 {
		alias, ok := c.(*llir.Alias)
		if !ok {
			break
		}
		base, d, ok := a.prog.ConstAddr(alias.Aliasee)
		if !ok || base == nil {
			return nil
		}
		c, off = base, off+d
	}
	o := a.pts.ObjectOf(c)
	if o == nil {
		return nil
	}
	return a.refs.one(o, off)
}

// width is the number of bits of a Sym of type t, 0 if it can have none.
func width(t types.Type) int {
	switch t := t.(type) {
	case *types.IntType:
		if t.BitSize <= 64 {
			return int(t.BitSize)
		}
	case *types.PointerType:
		return 64
	}
	return 0
}

// constant is the value of a constant operand.
func (a *analysis) constant(c constant.Constant) value {
	if v, ok := a.consts[c]; ok {
		return v
	}
	v := a.evalConstant(c)
	a.consts[c] = v
	return v
}

func (a *analysis) evalConstant(c constant.Constant) value {
	switch c.(type) {
	case *constant.Undef, *constant.Poison:
		return value{refs: a.refs.empty}
	}
	t := c.Type()
	w := width(t)
	if w == 0 {
		return value{}
	}
	if n, ok := a.prog.Layout.ConstInt64(c); ok {
		v := value{sym: a.facts.Const(uint64(n), w)}
		if n == 0 {
			v.refs = a.refs.empty
		}
		return v
	}
	base, off, ok := a.prog.ConstAddr(c)
	if !ok || base == nil {
		_, ptr := t.(*types.PointerType)
		return value{addr: !ptr}
	}
	v := value{refs: a.addrOf(base, off)}
	_, ptr := t.(*types.PointerType)
	v.addr = !ptr
	if w == 64 {
		v.sym = a.facts.Op(spec.OpAdd, 64, a.facts.Addr(base), a.facts.Const(uint64(off), 64))
	}
	return v
}

// strip takes off what llir wraps around call arguments.
func strip(v irvalue.Value) irvalue.Value {
	for {
		arg, ok := v.(*llir.Arg)
		if !ok {
			return v
		}
		v = arg.Value
	}
}

// targets are the addresses that operand v of function f may have: those of its
// value, else what points-to says. unknown is set if it may point anywhere.
func (a *analysis) targets(x value, v irvalue.Value) (s *refSet, unknown bool) {
	if x.refs != nil {
		return x.refs, false
	}
	if _, ok := v.Type().(*types.PointerType); !ok {
		return a.refs.empty, true
	}
	if t, ok := a.byPT[v]; ok {
		return t.refs, t.unknown
	}
	t := ptTargets{unknown: a.pts.Of(v).Unknown}
	var rs []ref
	for _, x := range a.pts.Targets(v) {
		if x.Obj.Kind == ir.ObjUnknown {
			t.unknown = true
			continue
		}
		r := a.refs.target(x)
		if n := len(rs); n > 0 && rs[n-1].obj == x.Obj {
			r = joinRef(rs[n-1], r)
			rs = rs[:n-1]
		}
		rs = append(rs, r)
	}
	t.refs = a.refs.intern(rs)
	a.byPT[v] = t
	return t.refs, t.unknown
}

// ptTargets is what points-to says of one value.
type ptTargets struct {
	refs    *refSet
	unknown bool
}
