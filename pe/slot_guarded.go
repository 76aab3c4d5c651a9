package pe

// This file holds slots of variants whose quasi-invariants are guarded: package
// guard has the rules (G1) to (G5), guard/rt/variant.h the layout of what is shared.
//
// Such a slot tests static parameters, then whether the variant is plugged. If it
// is, what is left to test are the predicates that are not guarded. If it is not,
// all predicates are tested in their order as in any slot, and when they hold the
// run-time is asked to arm the variant. It may refuse: this call runs the residual
// function anyhow, since the predicates hold.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"

	"quasi/ir"
	"quasi/ir/spec"
)

// Guardable reports whether the run-time can evaluate pred without a call at hand:
// it reads memory, and no parameter but those whose static value is a constant. A
// variable that each thread has its own of is no location that could be bound.
func Guardable(v *spec.Variant, pred *spec.Pred) bool {
	if len(pred.Terms) == 0 || pred.Expr == nil {
		return false
	}
	own := false
	pred.Expr.Walk(func(e *spec.Expr) { own = own || e.Op == spec.OpAddr && threadLocal(e.Sym) })
	if own {
		return false
	}
	for _, i := range pred.Params {
		if fixed(v, i) == nil {
			return false
		}
	}
	return true
}

// fixed is the constant that a static parameter is, as spec.OpParam has it, nil if
// there is none. A string is not: its address is not known.
func fixed(v *spec.Variant, param int) constant.Constant {
	for _, b := range v.Static {
		if b.Param != param || threadLocal(b.Value.Sym) {
			continue
		}
		switch b.Value.Kind {
		case spec.ConstInt:
			return scalar(b.Value.Int, types.NewInt(uint64(b.Value.Width)))
		case spec.ConstNull:
			return constant.NewNull(types.I8Ptr)
		case spec.ConstGlobal, spec.ConstFunc:
			return castPtr(b.Value.Sym, types.I8Ptr)
		}
	}
	return nil
}

func threadLocal(sym constant.Constant) bool {
	switch s := sym.(type) {
	case *llir.Global:
		return s.TLSModel != enum.TLSModelNone
	case *llir.Alias:
		return s.TLSModel != enum.TLSModelNone
	}
	return false
}

// GuardSlots makes the slots of functions anew that InstallSlots has made, for
// slots whose Guarded or Count is set; the others of the same functions must be given, too.
// It adds what tells the run-time of them when the program begins.
func GuardSlots(p *ir.Program, slots []Slot) {
	rt := newSlotRuntime(p, slots)
	if rt.n == 0 {
		return
	}
	remake(p, slots, Slot.recorded, rt)
	rt.finish()
}

// remake makes the slots of functions anew that have one that is wanted.
func remake(p *ir.Program, slots []Slot, wanted func(Slot) bool, rt *slotRuntime) {
	order, byFunc := slotsByFunc(slots)
	for _, f := range order {
		if !slices.ContainsFunc(byFunc[f], wanted) {
			continue
		}
		last := f.Blocks[len(f.Blocks)-1]
		var generic *llir.Func
		for _, i := range last.Insts {
			if c, ok := i.(*llir.InstCall); ok {
				generic = c.Callee.(*llir.Func)
			}
		}
		f.Blocks, f.Metadata = nil, nil
		dispatch(p, f, byFunc[f], generic, rt)
	}
}

// guarded tests what slot s has to test, and goes on in a new block where the
// residual function is to be called.
func (d *dispatcher) guarded(p *ir.Program, s Slot, variant *llir.Global) {
	state := word(variant, variantState)
	// What another thread has written before this call is ordered before the load by
	// whatever orders the call; the predicates that a check reads come after it.
	ordering := enum.AtomicOrderingMonotonic
	if s.Check {
		ordering = enum.AtomicOrderingAcquire
	}
	now := d.emit(&llir.InstLoad{ElemType: types.I64, Src: state, Atomic: true, Ordering: ordering, Align: 8})
	plugged, not, run := d.block("plugged"), d.block("unplugged"), d.block("run")
	d.b.Term = llir.NewCondBr(d.emit(llir.NewTrunc(now, types.I1)), plugged, not)

	d.place(plugged)
	stale := d.next
	if s.Check {
		stale = d.block("stale")
	}
	for _, w := range s.Variant.When {
		if !slices.Contains(s.Guarded, w) {
			d.test(d.expr(w.Expr))
		} else if s.Check {
			next := d.next
			d.next = stale
			d.test(d.expr(w.Expr))
			d.next = next
		}
	}
	d.b.Term = llir.NewBr(run)

	d.place(not)
	for _, w := range s.Variant.When {
		d.test(d.expr(w.Expr))
	}
	arm := runtimeFunc(p, "quasi_arm", types.Void, types.I8Ptr)
	d.b.Insts = append(d.b.Insts, llir.NewCall(arm, castPtr(variant, types.I8Ptr)))
	d.b.Term = llir.NewBr(run)
	if s.Check {
		d.place(stale)
		f := runtimeFunc(p, "quasi_stale", types.Void, types.I8Ptr, types.I64)
		d.b.Insts = append(d.b.Insts, llir.NewCall(f, castPtr(variant, types.I8Ptr), now))
		d.b.Term = llir.NewBr(d.next)
	}
	d.place(run)
}

// runtimeFunc declares a function of the run-time.
func runtimeFunc(p *ir.Program, name string, ret types.Type, params ...types.Type) *llir.Func {
	for _, f := range p.Module.Funcs {
		if f.Name() == name {
			return f
		}
	}
	f := p.Module.NewFunc(name, ret)
	for _, t := range params {
		f.Params = append(f.Params, llir.NewParam("", t))
		f.Sig.Params = append(f.Sig.Params, t)
	}
	f.FuncAttrs = append(f.FuncAttrs, enum.FuncAttrNoUnwind)
	return f
}

// quidOf is how far from a term the member for guards lies in the same instance.
func quidOf(t *spec.Term) (off int64, ok bool) {
	if t.Record == nil {
		return 0, false
	}
	off, ok = spec.QuidOffset(t.Record)
	return off - t.Off, ok
}
