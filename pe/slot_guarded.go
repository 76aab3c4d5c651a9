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
	"fmt"
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

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
// slots whose Guarded is set; the others of the same functions must be given, too.
func GuardSlots(p *ir.Program, slots []Slot) {
	order, byFunc := slotsByFunc(slots)
	for _, f := range order {
		if !slices.ContainsFunc(byFunc[f], func(s Slot) bool { return len(s.Guarded) > 0 }) {
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
		dispatch(p, f, byFunc[f], generic)
	}
}

// guarded tests what slot s has to test, and goes on in a new block where the
// residual function is to be called.
func (d *dispatcher) guarded(p *ir.Program, s Slot) {
	variant := declareVariant(p, s)
	state := constant.NewGetElementPtr(variant.ContentType, variant, constant.NewInt(types.I32, 0), constant.NewInt(types.I32, variantState))
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

// What is shared with the run-time: a location has 8 words, a variant 20.
const (
	locationWords = 8
	variantWords  = 20
	variantState  = 4
)

// declareVariant defines the run-time's record of the variant of s, the room for
// its locations, and the function that evaluates its guarded predicates.
func declareVariant(p *ir.Program, s Slot) *llir.Global {
	m := p.Module
	name := p.FreshName(s.Variant.Name + ".name")
	text := constant.NewCharArrayFromString(s.Variant.Name + "\x00")
	label := m.NewGlobalDef(name, text)
	label.Linkage, label.Immutable, label.UnnamedAddr = enum.LinkagePrivate, true, enum.UnnamedAddrUnnamedAddr

	loads := 0
	for _, pred := range s.Guarded {
		pred.Expr.Walk(func(e *spec.Expr) {
			if e.Op == spec.OpLoad {
				loads++
			}
		})
	}
	words := types.NewArray(uint64(loads*locationWords), types.I64)
	room := m.NewGlobalDef(p.FreshName(s.Variant.Name+".locations"), constant.NewZeroInitializer(words))
	room.Linkage, room.Align = enum.LinkageInternal, 8

	holds := holdsFunc(p, s)
	typ := types.NewStruct(types.I8Ptr, types.I8Ptr, types.I8Ptr, types.I64, types.I64, types.NewArray(variantWords-5, types.I64))
	variant := m.NewGlobalDef(p.FreshName(s.Variant.Name+".variant"), constant.NewStruct(typ,
		castPtr(holds, types.I8Ptr), castPtr(label, types.I8Ptr), castPtr(room, types.I8Ptr), constant.NewInt(types.I64, int64(loads)),
		constant.NewInt(types.I64, 0), constant.NewZeroInitializer(types.NewArray(variantWords-5, types.I64))))
	variant.Linkage, variant.Align = enum.LinkageInternal, 64
	return variant
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

// holdsFunc defines i64 @VARIANT.holds(i8* variant), which evaluates the guarded
// predicates of s and reads memory through the run-time alone.
func holdsFunc(p *ir.Program, s Slot) *llir.Func {
	f := p.Module.NewFunc(p.FreshName(s.Variant.Name+".holds"), types.I64, llir.NewParam("variant", types.I8Ptr))
	f.Linkage = enum.LinkageInternal
	f.FuncAttrs = append(f.FuncAttrs, enum.FuncAttrNoUnwind)
	quids := make(map[*spec.Expr]int64)
	for _, pred := range s.Guarded {
		for _, t := range pred.Terms {
			if off, ok := quidOf(t); ok {
				quids[t.Addr] = off
			}
		}
	}
	term := runtimeFunc(p, "quasi_term", types.I64, types.I8Ptr, types.I8Ptr, types.I64, types.I8Ptr)
	d := &dispatcher{f: f, layout: p.Layout, names: freshNames()}
	d.names("variant")
	d.param = func(i int) value.Value {
		c := fixed(s.Variant, i)
		if c == nil {
			panic(fmt.Sprintf("slot of %s: parameter %d is not fixed", s.Variant.Name, i))
		}
		return c
	}
	d.load = func(e *spec.Expr, addr value.Value) value.Value {
		var quid value.Value = constant.NewNull(types.I8Ptr)
		if off, ok := quids[e.Args[0]]; ok {
			quid = d.offset(addr, off)
		}
		v := d.emit(llir.NewCall(term, f.Params[0], addr, constant.NewInt(types.I64, int64(e.Width+7)/8), quid))
		switch {
		case e.IsPointer():
			return d.emit(&llir.InstIntToPtr{From: v, To: types.I8Ptr})
		case e.Width < 64:
			return d.emit(llir.NewTrunc(v, types.NewInt(uint64(e.Width))))
		}
		return v
	}
	d.open("entry")
	d.next = d.block("no")
	for _, pred := range s.Guarded {
		d.test(d.expr(pred.Expr))
	}
	d.b.Term = llir.NewRet(constant.NewInt(types.I64, 1))
	d.place(d.next)
	d.b.Term = llir.NewRet(constant.NewInt(types.I64, 0))
	return f
}

// quidOf is how far from a term the member for guards lies in the same instance.
func quidOf(t *spec.Term) (off int64, ok bool) {
	if t.Record == nil {
		return 0, false
	}
	for i := range t.Record.Fields {
		if f := &t.Record.Fields[i]; f.Name == QuidMember && f.Type.Kind == ir.CPointer {
			return f.Off - t.Off, true
		}
	}
	return 0, false
}

// QuidMember is the member that QUASI_QUID of quasi.h declares.
const QuidMember = "quasi_quid"
