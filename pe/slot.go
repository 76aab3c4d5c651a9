package pe

// This file holds the slot: the generic function keeps its name and signature
// and dispatches, by entry guards, to a residual function or to the generic code.

import (
	"fmt"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/spec"
)

// A Slot binds a residual function to the variant that it was made for.
type Slot struct {
	Variant  *spec.Variant
	Residual *llir.Func
	// Guarded are the predicates of Variant.When whose terms' writes are guarded:
	// they are tested only while the variant is not plugged. See slot_guarded.go.
	Guarded []*spec.Pred
	// Quid tells of which terms of Guarded the instance's member for guards is to be set
	// while they are bound. Nil: of none.
	Quid func(t *spec.Term) bool
	// Check tests the guarded predicates at every call all the same, and ends the
	// program if the variant is plugged and one does not hold: an aid to find writes
	// that have no guard.
	Check bool
	// Count has the slot count the calls that it takes and those that it does not.
	Count bool
	// Watch has MemGuard told of what the tests of Variant.When read: it gives of each
	// load the number of its term, -1 for none. Nil: nobody watches. See slot_watched.go.
	Watch func(load *spec.Expr) int64
}

// InstallSlots gives every function that has slots a dispatcher under its name
// and moves its body to NAME.generic, which becomes internal. At a call the
// slots are tried in order: the first whose static parameters have their values
// and whose quasi-invariants all hold is taken; otherwise the generic code runs.
// Predicates are evaluated in order and only as far as C's && would, so one may
// rely on those before it.
//
// The numbering of p is stale afterwards; p.Module is what to print.
func InstallSlots(p *ir.Program, slots []Slot) error {
	order, byFunc := slotsByFunc(slots)
	for _, f := range order {
		if err := installSlot(p, f, byFunc[f]); err != nil {
			return err
		}
	}
	return nil
}

// slotsByFunc sorts slots by their functions, which come in order.
func slotsByFunc(slots []Slot) ([]*llir.Func, map[*llir.Func][]Slot) {
	var order []*llir.Func
	byFunc := make(map[*llir.Func][]Slot)
	for _, s := range slots {
		f := s.Variant.Fn.LL
		if s.Residual == nil {
			continue
		}
		if byFunc[f] == nil {
			order = append(order, f)
		}
		byFunc[f] = append(byFunc[f], s)
	}
	return order, byFunc
}

// installSlot turns f into a dispatcher. The object f stays what every reference
// in the module names, so calls, also the recursive ones, go through the slot.
func installSlot(p *ir.Program, f *llir.Func, slots []Slot) error {
	if f.Sig.Variadic {
		return fmt.Errorf("@%s takes a variable number of arguments and cannot be dispatched", f.Name())
	}
	g := &llir.Func{Sig: f.Sig, Params: f.Params, Blocks: f.Blocks, Typ: f.Typ,
		Linkage: enum.LinkageInternal, CallingConv: f.CallingConv, ReturnAttrs: f.ReturnAttrs, FuncAttrs: f.FuncAttrs,
		UnnamedAddr: enum.UnnamedAddrNone, AddrSpace: f.AddrSpace, GC: f.GC, Personality: f.Personality, Metadata: f.Metadata, Parent: f.Parent}
	g.SetName(p.FreshName(f.Name() + ".generic"))
	for _, b := range g.Blocks {
		b.Parent = g
	}
	p.Module.Funcs = append(p.Module.Funcs, g)
	ir.MoveLabels(p.Module, f, g)
	f.Blocks, f.Metadata, f.Personality, f.Prefix, f.Prologue = nil, nil, nil, nil, nil
	f.FuncAttrs = residualAttrs(f.FuncAttrs)
	params := make([]*llir.Param, len(g.Params))
	for i, q := range g.Params {
		params[i] = llir.NewParam("", q.Typ)
		params[i].Attrs = append([]llir.ParamAttribute(nil), q.Attrs...)
		if q.IsUnnamed() {
			params[i].SetName(fmt.Sprintf("p%d", i))
		} else {
			params[i].SetName(q.LocalName)
		}
	}
	f.Params = params
	dispatch(p, f, slots, g, nil)
	return nil
}

// dispatch gives f its body: the slots, in order, then generic. Without rt no slot is
// guarded or counts.
func dispatch(p *ir.Program, f *llir.Func, slots []Slot, generic *llir.Func, rt *slotRuntime) {
	d := &dispatcher{f: f, prog: p, layout: p.Layout, names: freshNames()}
	for _, q := range f.Params {
		q.SetName(d.names(q.LocalName))
	}
	d.open("entry")
	for _, s := range slots {
		var v *guardedVariant
		number := -1
		if rt != nil && s.recorded() {
			v, number = rt.record(s)
		}
		d.next, d.watch = d.block("next"), s.Watch
		for _, b := range s.Variant.Static {
			d.binding(b)
		}
		if v != nil && len(s.Guarded) > 0 {
			d.guarded(p, s, v.record)
		} else {
			for _, w := range s.Variant.When {
				d.test(d.expr(w.Expr))
			}
		}
		counts := number >= 0 && s.Count
		if counts {
			d.count(rt, number, true)
		}
		d.call(s.Residual)
		d.place(d.next)
		if counts {
			d.count(rt, number, false)
		}
	}
	d.call(generic)
	d.locate(p, subprogramOf(generic))
}

// locate gives the dispatcher a subprogram like that of the generic function, and
// all that it does the line where that one begins: what LLVM inlines into it would
// lose its source positions otherwise.
func (d *dispatcher) locate(p *ir.Program, generic *metadata.DISubprogram) {
	if generic == nil {
		return
	}
	sub := &metadata.DISubprogram{MetadataID: -1, Distinct: true, Scope: generic.Scope, Name: generic.Name, LinkageName: generic.LinkageName,
		File: generic.File, Line: generic.Line, ScopeLine: generic.ScopeLine, Type: generic.Type,
		Flags: generic.Flags | enum.DIFlagArtificial, SPFlags: generic.SPFlags, Unit: generic.Unit}
	at := &metadata.DILocation{MetadataID: -1, Line: generic.ScopeLine, Scope: sub}
	p.Module.MetadataDefs = append(p.Module.MetadataDefs, sub, at)
	d.f.Metadata = append(d.f.Metadata, &metadata.Attachment{Name: "dbg", Node: sub})
	for _, b := range d.f.Blocks {
		for _, i := range b.Insts {
			setLoc(i, at)
		}
		setLoc(b.Term, at)
	}
}

// A dispatcher is being emitted.
type dispatcher struct {
	f      *llir.Func
	prog   *ir.Program
	layout *ir.Layout
	b      *llir.Block // open
	next   *llir.Block // where to go when a test fails
	names  func(string) string

	param func(i int) value.Value                          // nil: those of f
	load  func(e *spec.Expr, addr value.Value) value.Value // nil: a load
	watch func(load *spec.Expr) int64                      // of the slot
}

func (d *dispatcher) block(name string) *llir.Block {
	b := llir.NewBlock(d.names(name))
	b.Parent = d.f
	return b
}

func (d *dispatcher) open(name string) { d.place(d.block(name)) }

// place appends b to the function and goes on in it.
func (d *dispatcher) place(b *llir.Block) {
	d.f.Blocks = append(d.f.Blocks, b)
	d.b = b
}

func (d *dispatcher) emit(i llir.Instruction) value.Value {
	v := i.(value.Named)
	v.SetName(d.names("t"))
	d.b.Insts = append(d.b.Insts, i)
	return v
}

// test goes on in a new block if cond is true, to the next slot otherwise.
func (d *dispatcher) test(cond value.Value) {
	ok := d.block("test")
	d.b.Term = llir.NewCondBr(cond, ok, d.next)
	d.place(ok)
}

// binding tests that a static parameter has its value.
func (d *dispatcher) binding(b spec.Binding) {
	p := d.f.Params[b.Param]
	equal := func(c constant.Constant) { d.test(d.emit(llir.NewICmp(enum.IPredEQ, p, c))) }
	switch b.Value.Kind {
	case spec.ConstInt:
		equal(scalar(b.Value.Int, p.Typ))
	case spec.ConstFloat: // by its bits, which tell -0 from 0
		typ := types.NewInt(uint64(b.Value.Width))
		bits := d.emit(&llir.InstBitCast{From: p, To: typ})
		d.test(d.emit(llir.NewICmp(enum.IPredEQ, bits, scalar(b.Value.Int, typ))))
	case spec.ConstNull:
		equal(scalar(0, p.Typ))
	case spec.ConstGlobal, spec.ConstFunc:
		equal(castPtr(b.Value.Sym, p.Typ))
	case spec.ConstString:
		base := d.pointer(p)
		d.test(d.emit(llir.NewICmp(enum.IPredNE, base, constant.NewNull(types.I8Ptr))))
		for i, c := range []byte(b.Value.Str + "\x00") {
			l := d.emit(&llir.InstLoad{ElemType: types.I8, Src: d.offset(base, int64(i)), Align: 1})
			d.test(d.emit(llir.NewICmp(enum.IPredEQ, l, scalar(uint64(c), types.I8))))
		}
	}
}

// call ends the open block with a call of g.
func (d *dispatcher) call(g *llir.Func) {
	args := make([]value.Value, len(d.f.Params))
	for i, p := range d.f.Params {
		args[i] = p
		if len(p.Attrs) > 0 {
			args[i] = llir.NewArg(p, p.Attrs...)
		}
	}
	c := &llir.InstCall{Callee: g, Args: args, Typ: g.Sig.RetType, CallingConv: g.CallingConv, ReturnAttrs: g.ReturnAttrs}
	if !byValAny(g) {
		c.Tail = enum.TailTail
	}
	if g.Sig.RetType.Equal(types.Void) {
		d.b.Insts = append(d.b.Insts, c)
		d.b.Term = llir.NewRet(nil)
		return
	}
	d.b.Term = llir.NewRet(d.emit(c))
}

// byValAny reports whether f takes an argument through a copy in its caller's frame.
func byValAny(f *llir.Func) bool {
	for _, p := range f.Params {
		if byVal(p) != nil {
			return true
		}
	}
	return false
}

// pointer casts v to i8*.
func (d *dispatcher) pointer(v value.Value) value.Value {
	if v.Type().Equal(types.I8Ptr) {
		return v
	}
	if c, ok := v.(constant.Constant); ok {
		return castPtr(c, types.I8Ptr)
	}
	return d.emit(&llir.InstBitCast{From: v, To: types.I8Ptr})
}

func (d *dispatcher) offset(base value.Value, off int64) value.Value {
	if off == 0 {
		return base
	}
	return d.emit(&llir.InstGetElementPtr{ElemType: types.I8, Src: base, Indices: []value.Value{constant.NewInt(types.I64, off)}, Typ: types.I8Ptr})
}

var dispatchPreds = map[spec.Op]enum.IPred{
	spec.OpEq: enum.IPredEQ, spec.OpNe: enum.IPredNE,
	spec.OpULT: enum.IPredULT, spec.OpULE: enum.IPredULE, spec.OpUGT: enum.IPredUGT, spec.OpUGE: enum.IPredUGE,
	spec.OpSLT: enum.IPredSLT, spec.OpSLE: enum.IPredSLE, spec.OpSGT: enum.IPredSGT, spec.OpSGE: enum.IPredSGE,
}

// expr emits a predicate: one instruction a node, control flow for && || and ?:.
func (d *dispatcher) expr(e *spec.Expr) value.Value {
	if e.Op == spec.OpLogAnd || e.Op == spec.OpLogOr || e.Op == spec.OpCond {
		return d.logic(e)
	}
	var a, b value.Value
	if len(e.Args) > 0 {
		a = d.expr(e.Args[0])
	}
	if len(e.Args) > 1 {
		b = d.expr(e.Args[1])
	}
	typ := types.NewInt(uint64(e.Width))
	if e.Op.IsCompare() {
		return d.emit(llir.NewICmp(dispatchPreds[e.Op], a, b))
	}
	switch e.Op {
	case spec.OpAdd:
		return d.emit(llir.NewAdd(a, b))
	case spec.OpSub:
		return d.emit(llir.NewSub(a, b))
	case spec.OpMul:
		return d.emit(llir.NewMul(a, b))
	case spec.OpSDiv:
		return d.emit(llir.NewSDiv(a, b))
	case spec.OpUDiv:
		return d.emit(llir.NewUDiv(a, b))
	case spec.OpSRem:
		return d.emit(llir.NewSRem(a, b))
	case spec.OpURem:
		return d.emit(llir.NewURem(a, b))
	case spec.OpAnd:
		return d.emit(llir.NewAnd(a, b))
	case spec.OpOr:
		return d.emit(llir.NewOr(a, b))
	case spec.OpXor:
		return d.emit(llir.NewXor(a, b))
	case spec.OpShl:
		return d.emit(llir.NewShl(a, b))
	case spec.OpLShr:
		return d.emit(llir.NewLShr(a, b))
	case spec.OpAShr:
		return d.emit(llir.NewAShr(a, b))
	case spec.OpZExt:
		return d.emit(&llir.InstZExt{From: a, To: typ})
	case spec.OpSExt:
		return d.emit(&llir.InstSExt{From: a, To: typ})
	case spec.OpTrunc:
		return d.emit(&llir.InstTrunc{From: a, To: typ})
	case spec.OpConst:
		if e.IsPointer() {
			return constant.NewNull(types.I8Ptr)
		}
		return scalar(uint64(e.Int)&mask(uint(e.Width)), typ)
	case spec.OpParam:
		if d.param != nil {
			return d.param(e.Param)
		}
		p := d.f.Params[e.Param]
		if types.IsPointer(p.Typ) {
			return d.pointer(p)
		}
		return p
	case spec.OpAddr:
		return addressOf(e.Sym, e.Off, types.I8Ptr)
	case spec.OpLoad:
		if d.load != nil {
			return d.load(e, a)
		}
		d.watched(e, a)
		var t types.Type = typ
		if e.IsPointer() {
			t = types.I8Ptr
		}
		return d.emit(&llir.InstLoad{ElemType: t, Src: d.emit(&llir.InstBitCast{From: a, To: types.NewPointer(t)}), Align: 1})
	case spec.OpOffset:
		return d.offset(a, e.Off)
	case spec.OpIndex:
		n := d.emit(llir.NewMul(b, constant.NewInt(types.I64, e.Off)))
		return d.emit(&llir.InstGetElementPtr{ElemType: types.I8, Src: a, Indices: []value.Value{n}, Typ: types.I8Ptr})
	case spec.OpPtrToInt:
		return d.emit(&llir.InstPtrToInt{From: a, To: types.I64})
	case spec.OpLogNot:
		return d.emit(llir.NewXor(a, constant.True))
	}
	panic(fmt.Sprintf("dispatch: operation %v is not emitted", e.Op))
}

// logic emits the operators that evaluate their operands conditionally.
func (d *dispatcher) logic(e *spec.Expr) value.Value {
	c := d.expr(e.Args[0])
	from := d.b
	join := d.block("join")
	phi := &llir.InstPhi{}
	arm := func(name string, x *spec.Expr) *llir.Block {
		b := d.block(name)
		d.place(b)
		v := d.expr(x)
		d.b.Term = llir.NewBr(join)
		phi.Incs = append(phi.Incs, llir.NewIncoming(v, d.b))
		phi.Typ = v.Type()
		return b
	}
	switch e.Op {
	case spec.OpLogAnd:
		from.Term = llir.NewCondBr(c, arm("and", e.Args[1]), join)
		phi.Incs = append(phi.Incs, llir.NewIncoming(constant.False, from))
	case spec.OpLogOr:
		from.Term = llir.NewCondBr(c, join, arm("or", e.Args[1]))
		phi.Incs = append(phi.Incs, llir.NewIncoming(constant.True, from))
	default:
		x := arm("then", e.Args[1])
		from.Term = llir.NewCondBr(c, x, arm("else", e.Args[2]))
	}
	d.place(join)
	return d.emit(phi)
}
