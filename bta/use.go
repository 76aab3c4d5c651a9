package bta

// This file holds the analysis without use sensitivity (Mode.NoUse), rules (N1) to (N3):
// what residual code needs, and cannot have as a literal, is not static. Residual
// uses are gathered between two runs of the forward analysis; what they make dynamic
// only grows.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"
	irvalue "github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// use is the state of the rules.
type use struct {
	*analysis
	objects   map[place]Reason // have no static cells
	gathering *flow            // nil unless gather runs: leaks are noted
	grew      bool             // since gather began
}

func newUse(a *analysis) *use { return &use{analysis: a, objects: make(map[place]Reason)} }

// gather applies the rules to what the forward analysis has found; it reports whether
// more is dynamic by them than before.
func (u *use) gather(live []*Variant) bool {
	u.grew = false
	for _, v := range live {
		for _, b := range v.Fn.RPO() {
			if v.in[b.ID] == nil {
				continue
			}
			f := v.startOf(b)
			u.gathering = f // so that it denies what leaks
			for _, o := range f.s.leaked {
				f.leakObject(o)
			}
			for ; f.pt < b.End(); f.pt++ {
				u.point(f, u.prog.UserAt(f.pt))
				if i := v.instAt(f.pt); i != nil && phiAt(b, f.pt) == nil && !f.inst(i) {
					break
				}
			}
		}
	}
	u.gathering = nil
	return u.grew
}

// deny applies (N3): no cell of p is static.
func (u *use) deny(p place, pt ir.Point, text string) {
	if p.obj != nil && (p.obj.Kind == ir.ObjFunc || p.obj.Kind == ir.ObjUnknown || isVariable(p.obj)) {
		return
	}
	if _, ok := u.objects[p]; !ok {
		u.objects[p] = Reason{Kind: ResidualUse, Pt: pt, Text: text}
		u.grew = true
	}
}

// denyRefs denies the objects that x may point to.
func (u *use) denyRefs(f *flow, x value, op irvalue.Value, text string) {
	if !mayBeAddress(x, op) {
		return
	}
	refs, _ := f.targets(x, op)
	for _, r := range refs.refs {
		u.deny(place{obj: r.obj}, f.pt, text)
	}
}

func mayBeAddress(x value, op irvalue.Value) bool {
	return len(refsOf(x)) > 0 || x.refs == nil && isPointer(op)
}

// point applies the rules to the instruction at f's point.
func (u *use) point(f *flow, user ir.User) {
	exec := f.execution(user)
	call, isCall := user.(*llir.InstCall)
	if isCall {
		u.passed(f, call)
	}
	if ret, ok := user.(*llir.TermRet); ok && f.v.residualResult && ret.X != nil {
		u.operand(f, ret.X, f.operand(ret.X), false)
	}
	switch {
	case exec == Static:
		return
	case exec == StaticDynamic:
		u.written(f, user)
		return
	}
	phi, _ := user.(*llir.InstPhi)
	for _, op := range ir.Operands(user) {
		if _, isBlock := (*op).(*llir.Block); isBlock {
			continue
		}
		if phi == nil {
			u.operand(f, *op, f.operand(*op), isAccess(user, *op))
			continue
		}
		for _, inc := range phi.Incs {
			if p := f.fn().BlockOf(blockOf(inc.Pred)); inc.X == *op && p != nil && f.v.feasible(p, f.b) {
				g := f.v.endOf(p)
				u.operand(f, *op, g.operand(*op), false)
			}
		}
	}
	switch i := user.(type) {
	case *llir.InstLoad:
		u.read(f, i.Src, u.prog.Layout.StoreSize(i.ElemType))
	case *llir.InstCall:
		u.readByCall(f, i)
	}
}

// isAccess reports whether u accesses memory at its operand x.
func isAccess(u ir.User, x irvalue.Value) bool {
	switch i := u.(type) {
	case *llir.InstLoad:
		return true
	case *llir.InstStore:
		return i.Dst == x && i.Src != x
	case *llir.InstCall:
		switch libraryKind(i) {
		case libCopy:
			return strip(x) == strip(i.Args[0]) || strip(x) == strip(i.Args[1])
		case libSet:
			return strip(x) == strip(i.Args[0])
		}
	}
	return false
}

// passed applies (N2) between a call and what it calls: an argument whose parameter is
// dynamic by (N2) has a residual use, and so has what is returned for a call that is.
func (u *use) passed(f *flow, i *llir.InstCall) {
	r := f.fn().Reg(i)
	for _, c := range f.v.plans[f.pt] {
		if c.v == nil {
			continue
		}
		for k := range c.v.Fn.LL.Params {
			if c.v.unlifted != nil && c.v.unlifted[k] && k < len(i.Args) {
				u.operand(f, i.Args[k], f.operand(i.Args[k]), false)
			}
		}
		if r != ir.NoReg && f.v.unlifted != nil && f.v.unlifted[r] && !c.v.residualResult {
			c.v.residualResult = true
			u.grew = true
		}
	}
}

// operand applies (N2) to the residual use of x, an operand of value val; access
// tells that memory is accessed there.
func (u *use) operand(f *flow, x irvalue.Value, val value, access bool) {
	x = strip(x)
	if val.bt == Dynamic {
		return
	}
	r := f.fn().Reg(x)
	named := r == ir.NoReg || f.v.isName(x)
	switch {
	case access && named:
	case !named && !f.literal(x, val):
		if f.v.unlifted == nil {
			f.v.unlifted = make([]bool, len(f.v.Fn.Values))
		}
		if !f.v.unlifted[r] {
			f.v.unlifted[r] = true
			u.grew = true
			if int(r) < len(f.v.Fn.LL.Params) {
				f.v.regs[r] = value{bt: Dynamic, refs: f.v.regs[r].refs}
			}
		}
	case !access:
		u.denyRefs(f, val, x, "its address goes into residual code")
	}
}

// isName reports whether register x is the name of a variable rather than a pointer
// to it: a slot, or a part of one at a constant offset.
func (v *Variant) isName(x irvalue.Value) bool {
	switch i := x.(type) {
	case *llir.InstAlloca:
		return true
	case *llir.Param:
		return v.an.pts.ObjectOf(i) != nil
	case *llir.InstBitCast:
		return v.isName(i.From)
	case *llir.InstGetElementPtr:
		for _, idx := range i.Indices {
			if constOf(idx) == nil {
				return false
			}
		}
		return v.isName(i.Src)
	}
	return false
}

// literal reports whether the static value val of x can be lifted as a literal: it
// is a number, or the address of a global or function.
func (f *flow) literal(x irvalue.Value, val value) bool {
	switch x.Type().(type) {
	case *types.StructType, *types.ArrayType:
		return false
	}
	if f.decided(val) || !mayBeAddress(val, x) {
		return true
	}
	refs, _ := f.targets(val, x)
	return !slices.ContainsFunc(refs.refs, func(r ref) bool { return (place{obj: r.obj}).local() })
}

// written applies (N3) to a write that is executed and emitted.
func (u *use) written(f *flow, user ir.User) {
	const text = "it is written for residual code too"
	dst, size := irvalue.Value(nil), int64(-1)
	switch i := user.(type) {
	case *llir.InstStore:
		dst, size = i.Dst, u.prog.Layout.StoreSize(i.Src.Type())
	case *llir.InstCall:
		if len(i.Args) == 0 {
			return
		}
		dst = strip(i.Args[0])
	default:
		return
	}
	f.ranges(dst, size, func(p place, _ span) { u.deny(p, f.pt, text) })
}

// read applies (N3) to a residual read of size bytes through src.
func (u *use) read(f *flow, src irvalue.Value, size int64) {
	const text = "residual code reads it"
	known := f.ranges(src, size, func(p place, s span) {
		if p.obj == nil {
			return // run-time memory holds what a predicate reads
		}
		if p.obj.Const {
			if f.readConst(p.obj, s.lo, s.hi-s.lo, 0).bt == Static {
				u.deny(p, f.pt, text)
			}
			return
		}
		for _, c := range over(f.s.mem.cells(p), s.lo, s.hi) {
			if c.val.bt == Static && c.fill != undef {
				u.deny(p, f.pt, text)
			}
		}
	})
	if !known {
		u.readAny(f, func(o *ir.Object) bool { return f.exposed(o) })
	}
}

// readAny denies the objects with static content that residual code reads if may says so.
func (u *use) readAny(f *flow, may func(o *ir.Object) bool) {
	for _, r := range f.s.mem {
		if r.obj == nil || !may(r.obj) {
			continue
		}
		if slices.ContainsFunc(r.cells, func(c cell) bool { return c.val.bt == Static && c.fill != undef }) {
			u.deny(r.place, f.pt, "residual code reads it")
		}
	}
}

// readByCall applies (N3) to what a residual call reads.
func (u *use) readByCall(f *flow, i *llir.InstCall) {
	switch libraryKind(i) {
	case libCopy:
		u.read(f, strip(i.Args[1]), f.knownOr(strip(i.Args[2]), -1))
		return
	case libSet:
		return
	}
	for _, a := range i.Args {
		u.denyRefs(f, f.operand(a), strip(a), "a residual call may read it")
	}
	ref := u.mr.Ref(i)
	u.readAny(f, func(o *ir.Object) bool { return ref.May(o) && f.revealed(o) })
}
