package pe

// This file executes calls: it decides whether a call is unfolded, goes to a
// residual function of its own, or stays a call of the generic function.

import (
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"

	"quasi/bta"
	"quasi/ir"
)

// A callee is what is known of a call site before it is executed.
type callee struct {
	builtin builtin // executed or dropped by the specializer itself
	plain   bool    // a call of a function with plain arguments: may be unfolded
	live    []uint64
	lends   []ir.Loan // what a library function only borrows
	last    lastCall
}

// A lastCall is what was found out when a call was last executed.
type lastCall struct {
	fn     *ir.Func // the call fits it
	parent ctxID
	ctx    ctxID // of the callee, called from parent; 0 for none
}

// compileCall looks at a call once.
func (s *specializer) compileCall(c *code, t *llir.InstCall) *callee {
	k := &callee{plain: len(t.OperandBundles) == 0}
	if t.Tail == enum.TailMustTail {
		c.refuse("it has a call that must be a tail call")
	}
	if hasAttr(t.FuncAttrs, enum.FuncAttrNoDuplicate) {
		c.refuse("it has a call that must not be duplicated")
	}
	if hasAttr(t.FuncAttrs, enum.FuncAttrReturnsTwice) {
		c.refuse("it calls a function that returns twice (setjmp)")
	}
	for _, a := range t.Args {
		if w, ok := a.(*llir.Arg); ok && !plainArg(w.Attrs) {
			k.plain = false
		}
	}
	f, ok := t.Callee.(*llir.Func)
	if !ok {
		return k
	}
	if hasAttr(f.FuncAttrs, enum.FuncAttrNoDuplicate) {
		c.refuse("it has a call that must not be duplicated")
	}
	if hasAttr(f.FuncAttrs, enum.FuncAttrReturnsTwice) || isSetjmp(f.Name()) {
		c.refuse("it calls a function that returns twice (setjmp)")
	}
	if len(f.Blocks) > 0 && !ofLibrary(f) {
		if asksForCaller(f) && hasAttr(c.fn.LL.FuncAttrs, enum.FuncAttrNoInline) {
			c.refuse("it may not be inlined, and what it calls looks at its return address")
		}
		return k
	}
	name := f.Name()
	k.lends = s.cfg.Prog.Lends(t)
	if strings.HasPrefix(name, "llvm.") {
		k.plain = false
		switch {
		case strings.HasPrefix(name, "llvm.frameaddress"), strings.HasPrefix(name, "llvm.returnaddress"),
			strings.HasPrefix(name, "llvm.localescape"), strings.HasPrefix(name, "llvm.eh."),
			strings.HasPrefix(name, "llvm.addressofreturnaddress"), strings.HasPrefix(name, "llvm.sponentry"):
			c.refuse("it looks at its own stack frame")
		}
	}
	if strings.HasPrefix(name, "llvm.") || !hasAttr(t.FuncAttrs, enum.FuncAttrNoBuiltin) && !c.foreign(name) {
		k.builtin = builtinOf(f)
	}
	return k
}

// ofLibrary reports whether f is a function of the C library whose body in this
// module, from a header, is only there to be inlined.
func ofLibrary(f *llir.Func) bool {
	_, ok := libc[f.Name()]
	return ok && f.Linkage == enum.LinkageAvailableExternally
}

// asksForCaller reports whether f looks at the frame or place that it is called from.
func asksForCaller(f *llir.Func) bool {
	for _, b := range f.Blocks {
		for _, i := range b.Insts {
			if t, ok := i.(*llir.InstCall); ok {
				if g, ok := t.Callee.(*llir.Func); ok && (strings.HasPrefix(g.Name(), "llvm.returnaddress") || strings.HasPrefix(g.Name(), "llvm.frameaddress")) {
					return true
				}
			}
		}
	}
	return false
}

// foreign reports whether c was compiled to take name for a function that has
// nothing to do with the C library's.
func (c *code) foreign(name string) bool {
	return slices.Contains(c.features, "no-builtins") || slices.Contains(c.features, "no-builtin-"+name)
}

func isSetjmp(name string) bool {
	switch name {
	case "setjmp", "_setjmp", "sigsetjmp", "__sigsetjmp", "vfork", "getcontext":
		return true
	}
	return false
}

// hasAttr reports whether attrs hold the attribute a.
func hasAttr(attrs []llir.FuncAttribute, a enum.FuncAttr) bool {
	for _, x := range attrs {
		if g, ok := x.(*llir.AttrGroupDef); ok && hasAttr(g.FuncAttrs, a) || x == llir.FuncAttribute(a) {
			return true
		}
	}
	return false
}

// features are what attrs say on how code is compiled: the target features that
// it may use ("+avx2"), and which calls are not the C library's ("no-builtins").
func features(attrs []llir.FuncAttribute) []string {
	var list []string
	for _, x := range attrs {
		switch x := x.(type) {
		case *llir.AttrGroupDef:
			list = append(list, features(x.FuncAttrs)...)
		case llir.AttrPair:
			if x.Key == "target-features" {
				list = append(list, strings.Split(x.Value, ",")...)
			}
		case llir.AttrString:
			if strings.HasPrefix(string(x), "no-builtin") {
				list = append(list, string(x))
			}
		}
	}
	return list
}

// runsWhere reports whether code of c may be unfolded into a function of
// caller: every target feature that it was compiled for is the caller's too,
// and so is what it does not take for the C library.
func (c *code) runsWhere(caller *code) bool {
	if !c.mode.UnfoldsInto(caller.mode) {
		return false
	}
	for _, f := range c.features {
		if !strings.HasPrefix(f, "-") && !slices.Contains(caller.features, f) {
			return false
		}
	}
	return true
}

// plainArg reports whether an argument with these attributes is passed as an
// ordinary value, or as a copy in memory, which unfolding makes itself.
func plainArg(attrs []llir.ParamAttribute) bool {
	for _, a := range attrs {
		switch a := a.(type) {
		case llir.InAlloca, llir.Preallocated:
			return false
		case enum.ParamAttr:
			switch a {
			case enum.ParamAttrSwiftError, enum.ParamAttrSwiftSelf, enum.ParamAttrNest:
				return false
			}
		}
	}
	return true
}

// call executes or emits a call. It reports whether the path ends.
func (j *job) call(in *inst) (done bool) {
	if in.call.builtin != nil {
		if in.call.builtin(j, in) {
			return j.s.again
		}
		if j.retry {
			return true
		}
	}
	fn := j.target(in)
	if fn == nil || fn.IsDecl() || !in.call.plain {
		j.residualCall(in)
		return false
	}
	c := j.s.compile(fn)
	var list ir.VarList
	if c.variadic {
		var ok bool
		if list, ok = j.s.cfg.Prog.Layout.VarArgs(fn.LL, in.node.(*llir.InstCall)); !ok {
			j.residualCall(in)
			return false
		}
	}
	switch action, callee, why := j.plan(in, c); action {
	case bta.Unfold:
		j.obeyCall(in, callee)
		return j.unfold(in, c, callee, list)
	case bta.SpecializeCall:
		j.obeyCall(in, callee)
		if made, ends := j.specializedCall(in, c, callee); made {
			return ends
		}
		fallthrough
	default:
		j.s.stats.Generic++
		j.note(Reason{Kind: CallLeft, Pt: in.pt, What: "@" + fn.Name(), Why: why})
		j.residualCall(in)
	}
	return false
}

// target is the function that the call goes to, nil if that is not known or if
// the call does not fit its type.
func (j *job) target(in *inst) *ir.Func {
	v := j.val(in.args[0])
	if v.kind != kPtr || v.off() != 0 || j.s.obj(v.obj).kind != objFunc {
		return nil
	}
	lf := j.s.obj(v.obj).fn
	fn := j.s.cfg.Prog.FuncOf(lf)
	if fn == nil || fn == in.call.last.fn {
		return fn
	}
	if !definitive(lf.Linkage) {
		return nil
	}
	if !ir.Fits(in.node.(*llir.InstCall), lf) {
		return nil
	}
	for _, p := range lf.Params {
		if !plainArg(p.Attrs) {
			return nil
		}
	}
	in.call.last = lastCall{fn: fn}
	return fn
}

// plan decides what is done with a call of c: the division's plan, within the
// budget and what the path shows.
func (j *job) plan(in *inst, c *code) (bta.Action, *bta.Variant, string) {
	if c.refusal != "" {
		return bta.ResidualCall, nil, c.refusal
	}
	j.checkSize(j.f)
	if j.spent {
		return bta.ResidualCall, nil, "the budget is spent"
	}
	if c.host != j.code && !c.runsWhere(j.code) {
		return bta.ResidualCall, nil, "it is compiled for other target features or another C library"
	}
	c.host = j.code
	p := bta.CallPlan{Action: bta.Unfold}
	if j.f.variant != nil {
		p = j.f.variant.Call(in.pt, c.fn)
		if p.Action == bta.ResidualCall && j.obeys() {
			return p.Action, nil, p.Reason.Text
		}
	}
	dynamic := j.underDynamicControl()
	if d := j.f.depth + 1; d >= j.s.cfg.Budget.Depth && (dynamic || j.s.shallow[c]) || d >= maxNesting {
		return bta.SpecializeCall, p.Callee, "calls are nested deeper than the budget allows (--budget depth=N)"
	}
	below := false
	for i := len(j.st.frames) - 1; i >= 0 && dynamic; i-- {
		f := j.st.frames[i]
		below = below || f.dynamic
		if f.code == c && below {
			return bta.SpecializeCall, p.Callee, "it is recursive under dynamic control"
		}
	}
	if p.Action == bta.ResidualCall && p.Reason.Kind == bta.NoStaticInput {
		if v := j.overrule(in, c); v != nil {
			return bta.SpecializeCall, v, ""
		}
	}
	return p.Action, p.Callee, p.Reason.Text
}

// unfold goes on inside the callee.
func (j *job) unfold(in *inst, c *code, variant *bta.Variant, list ir.VarList) (done bool) {
	j.s.stats.Unfolded++
	caller := j.f
	j.watch.unfolds(caller, in, variant)
	last := &in.call.last
	if last.ctx == 0 || last.parent != caller.ctx {
		last.parent, last.ctx = caller.ctx, j.s.context(caller.ctx, in.pt, c.fn)
	}
	ctx := last.ctx
	j.unfoldedAt(ctx, in.node)
	f := c.newFrame()
	f.ctx, f.depth, f.variant, f.ret = ctx, caller.depth+1, variant, in.dst
	f.under = j.underDynamicControl()
	for i, p := range c.fn.LL.Params {
		a := in.args[i+1]
		if typ := c.byVal[i]; typ != nil {
			f.put(ir.Reg(i), j.copyArgument(in, a, ctx, ir.Reg(i), p, typ))
			continue
		}
		v := j.val(a)
		if v.kind == kNone {
			v = Value{kind: kUndef}
		}
		f.put(ir.Reg(i), v)
		if v.kind == kDyn {
			j.rf.write(j.b, varKey{int32(f.depth), ir.Reg(i)}, j.retyped(j.raw(a), j.typeOf(a), p.Typ))
		}
	}
	if c.variadic {
		j.passVariable(in, list, c, ctx)
	}
	if in.call.live == nil {
		in.call.live = caller.code.liveAfter(caller.block, caller.ip-1)
		if in.dst != ir.NoReg {
			in.call.live[in.dst/64] &^= 1 << (uint(in.dst) % 64)
		}
	}
	caller.keep(in.call.live)
	caller.hashed = false
	j.st.frames = append(j.st.frames, f)
	j.f = f
	j.obeyEntry(in)
	return j.arrive(&c.blocks[0], -1)
}

// byVal is the type that parameter p is passed a copy of, nil if it is not.
func byVal(p *llir.Param) types.Type {
	for _, a := range p.Attrs {
		if b, ok := a.(llir.Byval); ok {
			if b.Typ != nil {
				return b.Typ
			}
			if t, ok := p.Typ.(*types.PointerType); ok {
				return t.ElemType
			}
		}
	}
	return nil
}

// copyArgument makes the callee's copy of a by-value argument.
func (j *job) copyArgument(in *inst, a operand, ctx ctxID, reg ir.Reg, p *llir.Param, typ types.Type) Value {
	size := j.s.cfg.Prog.Layout.Size(typ)
	align := uint64(j.s.cfg.Prog.Layout.Align(typ))
	for _, x := range p.Attrs {
		if n, ok := x.(llir.Align); ok && uint64(n) > align {
			align = uint64(n)
		}
	}
	id := j.s.stackObject(ctx, reg, typ, align, size, p)
	dst := ptrValue(id, 0)
	j.copyBytes(in, dst, j.val(a), j.source(a), size, false)
	return dst
}

// source gives address operand a as an i8* when residual code needs it.
func (j *job) source(a operand) func() rval {
	return func() rval { return j.toI8Ptr(j.raw(a), j.typeOf(a)) }
}

func (j *job) toI8Ptr(r rval, typ types.Type) rval { return j.retyped(r, typ, types.I8Ptr) }

// retyped is r of type from as a value of type to, which has the same bits.
func (j *job) retyped(r rval, from, to types.Type) rval {
	if from.Equal(to) {
		return r
	}
	return j.rf.emit(j.b, &llir.InstBitCast{To: to}, to, true, r)
}

// residualCall emits the call as it stands.
func (j *job) residualCall(in *inst) {
	lent := j.lend(in)
	j.emitUse(in, false)
	j.effect(in)
	for _, id := range lent {
		j.st.mem.forget(j.s.obj(id), id, 0, j.s.obj(id).size)
	}
}

// lend makes run-time memory right for the private objects that a call borrows,
// and returns those that it may write.
func (j *job) lend(in *inst) (written []ObjID) {
	if in.call == nil {
		return nil
	}
	for i, l := range in.call.lends {
		id := based(j.val(in.args[i+1]))
		if l == ir.NotLent || id == 0 || !j.private(id) {
			continue
		}
		j.flush(id, 0, j.s.obj(id).size)
		if l == ir.LentWrite {
			written = append(written, id)
		}
	}
	return written
}

// borrows reports whether operand k of in is a private object that a call borrows.
func (j *job) borrows(in *inst, k int) bool {
	if in.call == nil || k < 1 || k > len(in.call.lends) || in.call.lends[k-1] == ir.NotLent {
		return false
	}
	id := based(j.val(in.args[k]))
	return id != 0 && j.private(id)
}

func arrayOf(n int64, elem types.Type) types.Type { return types.NewArray(uint64(n), elem) }
