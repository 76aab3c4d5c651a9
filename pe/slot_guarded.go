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
	variant := declareVariant(p, s).record
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

// What is shared with the run-time, in words.
const (
	locationWords = 12
	locationAddr  = 0
	locationValue = 1

	variantWords   = 32
	variantState   = 0
	variantKeeps   = 1
	variantVerdict = 2
	variantPlaces  = 6
	variantRoom    = 7
	variantBind    = 8
	variantName    = 9
)

// A guardedVariant is what the run-time and the slot of a variant share.
type guardedVariant struct {
	slot   Slot
	record *llir.Global         // the run-time's record
	places *llir.Global         // room for its locations
	loads  []*spec.Expr         // of the guarded predicates, equal ones once: location k is what load k reads
	quids  map[*spec.Expr]int64 // from the address of a load to the instance's member for guards, if it has one
}

// declareVariant defines the run-time's record of the variant of s, the room for
// its locations, and the functions that evaluate its guarded predicates.
func declareVariant(p *ir.Program, s Slot) *guardedVariant {
	m := p.Module
	v := &guardedVariant{slot: s, quids: make(map[*spec.Expr]int64)}
	for _, pred := range s.Guarded {
		for _, t := range pred.Terms {
			if off, ok := quidOf(t); ok {
				v.quids[t.Addr] = off
			}
		}
	}
	text := constant.NewCharArrayFromString(s.Variant.Name + "\x00")
	label := m.NewGlobalDef(p.FreshName(s.Variant.Name+".name"), text)
	label.Linkage, label.Immutable, label.UnnamedAddr = enum.LinkagePrivate, true, enum.UnnamedAddrUnnamedAddr

	for _, pred := range s.Guarded {
		pred.Expr.Walk(func(e *spec.Expr) {
			if e.Op == spec.OpLoad && v.location(e) < 0 {
				v.loads = append(v.loads, e)
			}
		})
	}
	room := types.NewArray(uint64(len(v.loads)*locationWords), types.I64)
	v.places = m.NewGlobalDef(p.FreshName(s.Variant.Name+".locations"), constant.NewZeroInitializer(room))
	v.places.Linkage, v.places.Align = enum.LinkageInternal, 64
	fields := make([]types.Type, variantWords)
	for i := range fields {
		fields[i] = types.I64
	}
	for _, i := range []int{variantKeeps, variantPlaces, variantBind, variantName} {
		fields[i] = types.I8Ptr
	}
	v.record = m.NewGlobal(p.FreshName(s.Variant.Name+".variant"), types.NewStruct(fields...))
	v.record.Linkage, v.record.Align = enum.LinkageInternal, 64
	words := make([]constant.Constant, variantWords)
	for i := range words {
		words[i] = constant.NewInt(types.I64, 0)
	}
	words[variantKeeps] = castPtr(v.keeps(p), types.I8Ptr)
	words[variantPlaces] = castPtr(v.places, types.I8Ptr)
	words[variantRoom] = constant.NewInt(types.I64, int64(len(v.loads)))
	words[variantBind] = castPtr(v.bind(p), types.I8Ptr)
	words[variantName] = castPtr(label, types.I8Ptr)
	v.record.Init = constant.NewStruct(v.record.ContentType.(*types.StructType), words...)
	return v
}

// location is the number of the location that a load reads, -1 if it has none yet.
func (v *guardedVariant) location(e *spec.Expr) int {
	quid, has := v.quids[e.Args[0]]
	return slices.IndexFunc(v.loads, func(l *spec.Expr) bool {
		q, h := v.quids[l.Args[0]]
		return h == has && q == quid && sameExpr(l, e)
	})
}

// sameExpr reports whether two expressions have the same value in any one state of memory.
func sameExpr(a, b *spec.Expr) bool {
	return a.Op == b.Op && a.Width == b.Width && a.IsPointer() == b.IsPointer() && a.Param == b.Param && a.Int == b.Int && a.Off == b.Off &&
		a.Sym == b.Sym && slices.EqualFunc(a.Args, b.Args, sameExpr)
}

// word is the address of a word of one of the two globals.
func word(g *llir.Global, i int) constant.Constant {
	return constant.NewGetElementPtr(g.ContentType, g, constant.NewInt(types.I32, 0), constant.NewInt(types.I32, int64(i)))
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

// evaluator begins a function of the run-time's record that evaluates the guarded
// predicates; no and yes are its ends.
func (v *guardedVariant) evaluator(p *ir.Program, name string, ret types.Type) *dispatcher {
	f := p.Module.NewFunc(p.FreshName(v.slot.Variant.Name+name), ret, llir.NewParam("variant", types.I8Ptr))
	f.Linkage = enum.LinkageInternal
	f.FuncAttrs = append(f.FuncAttrs, enum.FuncAttrNoUnwind)
	d := &dispatcher{f: f, layout: p.Layout, names: freshNames(), checked: true}
	d.names("variant")
	d.param = func(i int) value.Value {
		c := fixed(v.slot.Variant, i)
		if c == nil {
			panic(fmt.Sprintf("slot of %s: parameter %d is not fixed", v.slot.Variant.Name, i))
		}
		return c
	}
	d.open("entry")
	d.next = d.block("no")
	return d
}

// loaded is a location's value, as a load yields it.
func (d *dispatcher) loaded(e *spec.Expr, word value.Value) value.Value {
	switch {
	case e.IsPointer():
		return d.emit(&llir.InstIntToPtr{From: word, To: types.I8Ptr})
	case e.Width < 64:
		return d.emit(llir.NewTrunc(word, types.NewInt(uint64(e.Width))))
	}
	return word
}

// bind defines i64 @VARIANT.bind(i8* variant), which evaluates the guarded predicates
// of s and reads memory through the run-time alone, which binds what is read.
func (v *guardedVariant) bind(p *ir.Program) *llir.Func {
	term := runtimeFunc(p, "quasi_term", types.I64, types.I8Ptr, types.I64, types.I8Ptr, types.I64, types.I8Ptr)
	d := v.evaluator(p, ".bind", types.I64)
	d.load = func(e *spec.Expr, addr value.Value) value.Value {
		var quid value.Value = constant.NewNull(types.I8Ptr)
		if off, ok := v.quids[e.Args[0]]; ok {
			quid = d.offset(addr, off)
		}
		size := constant.NewInt(types.I64, int64(e.Width+7)/8)
		return d.loaded(e, d.emit(llir.NewCall(term, d.f.Params[0], constant.NewInt(types.I64, int64(v.location(e))), addr, size, quid)))
	}
	for _, pred := range v.slot.Guarded {
		d.test(d.expr(pred.Expr))
	}
	d.b.Term = llir.NewRet(constant.NewInt(types.I64, 1))
	d.place(d.next)
	d.b.Term = llir.NewRet(constant.NewInt(types.I64, 0))
	return d.f
}

// keeps defines void @VARIANT.keeps(i8* variant), which evaluates the guarded predicates
// over the values of the bound locations. What would be read elsewhere makes them fail. It
// touches few registers, and no memory but the record and its locations.
func (v *guardedVariant) keeps(p *ir.Program) *llir.Func {
	d := v.evaluator(p, ".keeps", types.Void)
	d.f.CallingConv = enum.CallingConvPreserveMost
	d.load = func(e *spec.Expr, addr value.Value) value.Value {
		k := v.location(e) * locationWords
		here := d.emit(&llir.InstLoad{ElemType: types.I64, Src: word(v.places, k+locationAddr), Align: 8})
		var there value.Value
		if c, ok := addr.(constant.Constant); ok {
			there = constant.NewPtrToInt(c, types.I64)
		} else {
			there = d.emit(&llir.InstPtrToInt{From: addr, To: types.I64})
		}
		d.test(d.emit(llir.NewICmp(enum.IPredEQ, here, there)))
		return d.loaded(e, d.emit(&llir.InstLoad{ElemType: types.I64, Src: word(v.places, k+locationValue), Align: 8}))
	}
	for _, pred := range v.slot.Guarded {
		d.test(d.expr(pred.Expr))
	}
	verdict := func(n int64) {
		d.b.Insts = append(d.b.Insts, &llir.InstStore{Src: constant.NewInt(types.I64, n), Dst: word(v.record, variantVerdict), Align: 8})
		d.b.Term = llir.NewRet(nil)
	}
	verdict(1)
	d.place(d.next)
	verdict(0)
	return d.f
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
