package pe

// This file emits what the run-time has to know of a variant: its record, the functions
// that evaluate its guarded predicates, the counters of its calls, and the list of a
// module's variants. guard/rt/variant.h has the layouts.

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
	variantFlags   = 26

	flagFromStart = 1
	flagCounted   = 2
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
			if off, ok := quidOf(t); ok && s.Quid != nil && s.Quid(t) {
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
	flags := int64(0)
	if len(s.Guarded) > 0 && v.fromStart() {
		flags |= flagFromStart
	}
	if s.Count {
		flags |= flagCounted
	}
	words[variantFlags] = constant.NewInt(types.I64, flags)
	v.record.Init = constant.NewStruct(v.record.ContentType.(*types.StructType), words...)
	return v
}

// fromStart reports whether the guarded predicates can be evaluated before the program
// runs: they read variables that are there, at addresses that no memory tells.
func (v *guardedVariant) fromStart() bool {
	ok := true
	for _, l := range v.loads {
		l.Args[0].Walk(func(e *spec.Expr) {
			switch e.Op {
			case spec.OpLoad:
				ok = false
			case spec.OpAddr:
				ok = ok && !mayBeMissing(e.Sym)
			case spec.OpParam:
				for _, b := range v.slot.Variant.Static {
					ok = ok && (b.Param != e.Param || b.Value.Kind == spec.ConstGlobal && !mayBeMissing(b.Value.Sym))
				}
			}
		})
	}
	return ok
}

// mayBeMissing reports whether a symbol's address may be null.
func mayBeMissing(sym constant.Constant) bool {
	g, ok := sym.(*llir.Global)
	return !ok || g.Linkage == enum.LinkageExternWeak
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

// evaluator begins a function of the run-time's record that evaluates the guarded
// predicates; no and yes are its ends.
func (v *guardedVariant) evaluator(p *ir.Program, name string, ret types.Type) *dispatcher {
	f := p.Module.NewFunc(p.FreshName(v.slot.Variant.Name+name), ret, llir.NewParam("variant", types.I8Ptr))
	f.Linkage = enum.LinkageInternal
	f.FuncAttrs = append(f.FuncAttrs, enum.FuncAttrNoUnwind)
	d := &dispatcher{f: f, layout: p.Layout, names: freshNames()}
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

// recorded reports whether the run-time has a record of the slot's variant.
func (s Slot) recorded() bool { return len(s.Guarded) > 0 || s.Count }

// A slotRuntime is what the slots of a module share with the run-time.
type slotRuntime struct {
	p        *ir.Program
	n        int          // records
	table    *llir.Global // of them, in the order in which they are made
	counters *llir.Global // of each thread; nil if no calls are counted
	records  []*guardedVariant
}

// newSlotRuntime declares what the slots need that are recorded.
func newSlotRuntime(p *ir.Program, slots []Slot) *slotRuntime {
	rt := &slotRuntime{p: p}
	count := false
	for _, s := range slots {
		if s.Residual != nil && s.recorded() {
			rt.n++
			count = count || s.Count
		}
	}
	if rt.n == 0 {
		return rt
	}
	rt.table = p.Module.NewGlobal(p.FreshName("quasi.variants"), types.NewArray(uint64(rt.n), types.I8Ptr))
	rt.table.Linkage, rt.table.Align = enum.LinkageInternal, 8
	if count {
		calls := types.NewArray(uint64(rt.n), types.NewArray(2, types.I64))
		block := types.NewStruct(types.I64, types.I8Ptr, types.I8Ptr, types.I64, calls)
		rt.counters = p.Module.NewGlobalDef(p.FreshName("quasi.calls"), constant.NewZeroInitializer(block))
		rt.counters.Linkage, rt.counters.Align, rt.counters.TLSModel = enum.LinkageInternal, 64, enum.TLSModelGeneric
	}
	return rt
}

// finish fills the table, and tells the run-time of it when the module is loaded and
// when it goes.
func (rt *slotRuntime) finish() {
	var records []constant.Constant
	for _, r := range rt.records {
		records = append(records, castPtr(r.record, types.I8Ptr))
	}
	rt.table.Init = constant.NewArray(rt.table.ContentType.(*types.ArrayType), records...)
	rt.atStart("llvm.global_ctors", "__quasi_variants")
	rt.atStart("llvm.global_dtors", "__quasi_variants_end")
}

// atStart has a list of the module's constructors, or destructors, call a function of
// the run-time on the table.
func (rt *slotRuntime) atStart(list, name string) {
	f := rt.p.Module.NewFunc(rt.p.FreshName(name+".here"), types.Void)
	f.Linkage = enum.LinkageInternal
	f.FuncAttrs = append(f.FuncAttrs, enum.FuncAttrNoUnwind)
	b := f.NewBlock("entry")
	callee := runtimeFunc(rt.p, name, types.Void, types.I8Ptr, types.I64)
	b.Insts = append(b.Insts, llir.NewCall(callee, castPtr(rt.table, types.I8Ptr), constant.NewInt(types.I64, int64(rt.n))))
	b.Term = llir.NewRet(nil)

	typ := types.NewStruct(types.I32, f.Typ, types.I8Ptr)
	entry := constant.NewStruct(typ, constant.NewInt(types.I32, 65535), f, constant.NewNull(types.I8Ptr))
	entries := []constant.Constant{entry}
	i := slices.IndexFunc(rt.p.Module.Globals, func(g *llir.Global) bool { return g.Name() == list })
	if i >= 0 {
		old := rt.p.Module.Globals[i]
		rt.p.Module.Globals = slices.Delete(rt.p.Module.Globals, i, i+1)
		if init, ok := old.Init.(*constant.Array); ok {
			entries = append(slices.Clone(init.Elems), entry)
		}
	}
	g := rt.p.Module.NewGlobalDef(list, constant.NewArray(types.NewArray(uint64(len(entries)), typ), entries...))
	g.Linkage = enum.LinkageAppending
}

// record makes the record of s.
func (rt *slotRuntime) record(s Slot) (v *guardedVariant, number int) {
	v = declareVariant(rt.p, s)
	rt.records = append(rt.records, v)
	return v, len(rt.records) - 1
}

// count counts a call of variant number, which its slot takes or not: in the thread's
// counters if the run-time knows of them.
func (d *dispatcher) count(rt *slotRuntime, number int, taken bool) {
	which := int64(0)
	if taken {
		which = 1
	}
	at := func(indices ...int64) constant.Constant {
		all := []constant.Constant{constant.NewInt(types.I32, 0)}
		for _, i := range indices {
			all = append(all, constant.NewInt(types.I32, i))
		}
		return constant.NewGetElementPtr(rt.counters.ContentType, rt.counters, all...)
	}
	first, again, done := d.block("uncounted"), d.block("counting"), d.block("counted")
	listed := d.emit(&llir.InstLoad{ElemType: types.I64, Src: at(0), Atomic: true, Ordering: enum.AtomicOrderingMonotonic, Align: 8})
	d.b.Term = llir.NewCondBr(d.emit(llir.NewICmp(enum.IPredNE, listed, constant.NewInt(types.I64, 0))), again, first)
	d.place(again)
	n := d.emit(&llir.InstLoad{ElemType: types.I64, Src: at(4, int64(number), which), Atomic: true, Ordering: enum.AtomicOrderingMonotonic, Align: 8})
	more := d.emit(llir.NewAdd(n, constant.NewInt(types.I64, 1)))
	d.b.Insts = append(d.b.Insts, &llir.InstStore{Src: more, Dst: at(4, int64(number), which), Atomic: true, Ordering: enum.AtomicOrderingMonotonic, Align: 8})
	d.b.Term = llir.NewBr(done)
	d.place(first)
	f := runtimeFunc(rt.p, "__quasi_count", types.Void, types.I8Ptr, types.I8Ptr, types.I64, types.I64, types.I64)
	d.b.Insts = append(d.b.Insts, llir.NewCall(f, castPtr(rt.counters, types.I8Ptr), castPtr(rt.table, types.I8Ptr),
		constant.NewInt(types.I64, int64(rt.n)), constant.NewInt(types.I64, int64(number)), constant.NewInt(types.I64, which)))
	d.b.Term = llir.NewBr(done)
	d.place(done)
}
