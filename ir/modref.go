package ir

// This file holds mod/ref: which objects an instruction may write and read.
// Effects are by object, not by offset; the address of the access says more
// (PointsTo.Targets).
//
//	(M1) A load reads, a store writes what its address may point to; an atomic
//	     operation does both.
//	(M2) A call has the effects of everything its callees may do, to any depth.
//	     What a function does to its own stack slots is left out if it is not
//	     recursive, since they do not live when it is called, or if their addresses
//	     go nowhere: then each activation has them to itself.
//	(M3) A library function has the effects of its Summary. An allocation writes
//	     the object it allocates: its contents are new.
//	(M4) Unknown code reads and writes everything that escapes, and may call
//	     every function that escapes, with that function's effects.
//	     A call that was made after solving may do anything.
//	(M5) An operation that acquires (a fence, an atomic with such an ordering)
//	     lets other threads' writes show, which may be any of unknown code.

import (
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/value"
)

// An Effect is a set of objects that something may write or read. The zero
// value is no effect.
type Effect struct {
	Objs    []*Object // by ID; the caller must not change it
	Unknown bool      // also outside memory and every object that escapes

	pt *PointsTo
}

// May reports whether o is in the set, as an object that escapes is when the
// set has Unknown.
func (e Effect) May(o *Object) bool {
	return e.pt != nil && e.pt.MayPoint(Pts{Objs: e.Objs, Unknown: e.Unknown}, o)
}

// Empty reports whether nothing is in the set.
func (e Effect) Empty() bool { return len(e.Objs) == 0 && !e.Unknown }

// ModRef answers which objects instructions and functions may write and read.
// Its methods may not be called from several goroutines at once.
type ModRef struct {
	prog    *Program
	pt      *PointsTo
	cg      *CallGraph
	escaped sparse  // objects that escape, by ID
	buffers effects // what the program has given to stdio
	funcs   []*effects
	outside *effects // of unknown code
	cache   map[any]instEffects
}

// effects are sets of objects by ID, 0 standing for the unknown and all that
// escapes.
type effects struct{ mod, ref sparse }

type instEffects struct{ mod, ref Effect }

// ComputeModRef summarizes every function of p, bottom-up over the strongly
// connected components of the call graph; it is linear in the size of the
// program times that of the sets.
func ComputeModRef(p *Program, pt *PointsTo, cg *CallGraph) *ModRef {
	m := &ModRef{prog: p, pt: pt, cg: cg, funcs: make([]*effects, len(p.Funcs)), cache: make(map[any]instEffects)}
	for _, o := range pt.objs {
		if pt.esc[o.ID] && o.ID != 0 {
			m.escaped.add(int32(o.ID))
		}
	}
	m.stdioBuffers()
	unknown := len(p.Funcs) // the vertex of unknown code
	tarjanSCC(unknown+1, m.successors, func(scc []int) {
		e := &effects{}
		for _, v := range scc {
			if v == unknown {
				m.outside = e
				m.add(&e.mod, Pts{Unknown: true})
				m.add(&e.ref, Pts{Unknown: true})
			} else {
				m.funcs[v] = e
			}
		}
		for _, v := range scc {
			if v != unknown {
				m.body(e, p.Funcs[v])
			}
			for _, w := range m.successors(v) {
				if from := m.summary(w); from != nil && from != e {
					m.join(e, from)
				}
			}
		}
		if len(scc) == 1 && scc[0] != unknown {
			m.funcs[scc[0]] = m.callee(p.Funcs[scc[0]])
		}
	})
	return m
}

// summary is the effects of a vertex, nil if they are not computed yet.
func (m *ModRef) summary(v int) *effects {
	if v == len(m.funcs) {
		return m.outside
	}
	return m.funcs[v]
}

// successors are the functions with bodies that a function or unknown code may
// run, and unknown code.
func (m *ModRef) successors(v int) []int {
	unknown := len(m.prog.Funcs)
	var to []int
	if v == unknown {
		for _, f := range m.prog.Funcs {
			if o := m.pt.site[f.LL]; !f.IsDecl() && o != nil && m.pt.esc[o.ID] {
				to = append(to, f.ID)
			}
		}
		return to
	}
	f := m.prog.Funcs[v]
	for _, g := range m.cg.callees[v] {
		if !g.IsDecl() {
			to = append(to, g.ID)
		}
	}
	for pt := f.First; pt < f.End; pt++ {
		if m.reachesUnknown(m.prog.UserAt(pt)) {
			return append(to, unknown)
		}
	}
	return to
}

// reachesUnknown reports whether an instruction may run unknown code (M4) or
// let it be seen (M5).
func (m *ModRef) reachesUnknown(user any) bool {
	switch user := user.(type) {
	case *llir.InstLoad:
		return user.Atomic && acquires(user.Ordering)
	case *llir.InstCmpXchg:
		return acquires(user.SuccessOrdering) || acquires(user.FailureOrdering)
	case *llir.InstAtomicRMW:
		return acquires(user.Ordering)
	case *llir.InstFence:
		return acquires(user.Ordering)
	}
	site := m.cg.sites[user]
	if site == nil {
		return isCall(user)
	}
	return site.outside || slices.ContainsFunc(site.fns, func(f *Func) bool { return f.IsDecl() && m.opaque(f, user) })
}

func acquires(o enum.AtomicOrdering) bool {
	switch o {
	case enum.AtomicOrderingAcquire, enum.AtomicOrderingAcquireRelease, enum.AtomicOrderingSequentiallyConsistent:
		return true
	}
	return false
}

// opaque reports whether a declared function is unknown code that may write.
func (m *ModRef) opaque(f *Func, call any) bool {
	if sum, ok := LibFunc(f.LL); ok {
		return sum.Opaque || sum.Twice
	}
	_, writes := memoryAttrs(f, call)
	return writes
}

// memoryAttrs reads the attributes readnone and readonly of a function without
// a summary, and of a call of it.
func memoryAttrs(f *Func, call any) (reads, writes bool) {
	reads, writes = true, true
	attrs := funcAttrs(f.LL.FuncAttrs)
	if call, ok := call.(*llir.InstCall); ok {
		attrs = append(attrs, funcAttrs(call.FuncAttrs)...)
	}
	for _, a := range attrs {
		switch a {
		case enum.FuncAttrReadNone:
			return false, false
		case enum.FuncAttrReadOnly:
			writes = false
		}
	}
	return reads, writes
}

// add puts the objects of p into set, less what the unknown stands for.
func (m *ModRef) add(set *sparse, p Pts) {
	if p.Unknown && set.add(0) {
		set.subtract(&m.escaped)
	}
	unknown := set.has(0)
	for _, o := range p.Objs {
		if !(unknown && m.pt.esc[o.ID]) {
			set.add(int32(o.ID))
		}
	}
}

// join adds the effects of from to e.
func (m *ModRef) join(e, from *effects) {
	for _, sets := range [2][2]*sparse{{&e.mod, &from.mod}, {&e.ref, &from.ref}} {
		to, set := sets[0], sets[1]
		if set.has(0) && to.add(0) {
			to.subtract(&m.escaped)
		}
		var mask *sparse
		if to.has(0) {
			mask = &m.escaped
		}
		to.unionNew(set, mask, &sparse{})
	}
}

// body adds the effects of f's own instructions, calls of functions with bodies
// and accesses of slots whose addresses go nowhere left out.
func (m *ModRef) body(e *effects, f *Func) {
	kept := keptSlots(f)
	for _, b := range f.Blocks {
		for _, inst := range b.LL.Insts {
			switch inst := inst.(type) {
			case *llir.InstLoad:
				if kept[slotOf(inst.Src)] {
					continue
				}
			case *llir.InstStore:
				if kept[slotOf(inst.Dst)] {
					continue
				}
			case *llir.InstCall:
				if isLifetime(inst) && kept[slotOf(Unwrap(inst.Args[1]))] {
					continue
				}
			}
			m.local(e, inst)
		}
		m.local(e, b.LL.Term)
	}
}

// slotOf is the stack slot that v is the address of, or of a place in it; nil for
// any other value.
func slotOf(v value.Value) *llir.InstAlloca {
	for {
		switch x := v.(type) {
		case *llir.InstAlloca:
			return x
		case *llir.InstGetElementPtr:
			v = x.Src
		case *llir.InstBitCast:
			v = x.From
		default:
			return nil
		}
	}
}

// keptSlots are the stack slots of f whose addresses go nowhere: they are loaded
// from and stored to, directly or at a place in them, and nothing else.
func keptSlots(f *Func) map[*llir.InstAlloca]bool {
	kept := make(map[*llir.InstAlloca]bool)
	for _, b := range f.Blocks {
		for _, inst := range b.LL.Insts {
			if a, ok := inst.(*llir.InstAlloca); ok {
				kept[a] = true
			}
		}
	}
	if len(kept) == 0 {
		return nil
	}
	lose := func(u any) {
		for _, op := range Operands(u.(User)) {
			v := *op
			if a, ok := v.(*llir.Arg); ok {
				v = a.Value
			}
			if a := slotOf(v); a != nil {
				delete(kept, a)
			}
		}
	}
	for _, b := range f.Blocks {
		for _, inst := range b.LL.Insts {
			switch inst := inst.(type) {
			case *llir.InstLoad, *llir.InstGetElementPtr, *llir.InstBitCast:
			case *llir.InstStore:
				if a := slotOf(inst.Src); a != nil {
					delete(kept, a)
				}
			case *llir.InstCall:
				if !IsDebug(inst) && !isLifetime(inst) {
					lose(inst)
				}
			default:
				lose(inst)
			}
		}
		lose(b.LL.Term)
	}
	return kept
}

// isLifetime reports whether call begins or ends the life of a stack slot.
func isLifetime(call *llir.InstCall) bool {
	f, ok := call.Callee.(*llir.Func)
	return ok && strings.HasPrefix(f.GlobalName, "llvm.lifetime.")
}

// local adds the effects of one instruction or terminator, less those of the
// functions with bodies and the unknown code it may run.
func (m *ModRef) local(e *effects, user any) {
	switch user := user.(type) {
	case *llir.InstLoad:
		m.add(&e.ref, m.pt.Of(user.Src))
	case *llir.InstStore:
		m.add(&e.mod, m.pt.Of(user.Dst))
	case *llir.InstCmpXchg:
		m.add(&e.mod, m.pt.Of(user.Ptr))
		m.add(&e.ref, m.pt.Of(user.Ptr))
	case *llir.InstAtomicRMW:
		m.add(&e.mod, m.pt.Of(user.Dst))
		m.add(&e.ref, m.pt.Of(user.Dst))
	case *llir.InstVAArg:
		m.vaList(e, m.pt.Of(user.ArgList), 0)
	case *llir.InstCall, *llir.TermInvoke, *llir.TermCallBr:
		m.call(e, user)
	}
}

// call adds the effects of a call itself, rules (M2) and (M3).
func (m *ModRef) call(e *effects, call any) {
	site := m.cg.sites[call]
	if site == nil {
		return
	}
	for _, a := range site.args {
		if arg, ok := a.(*llir.Arg); ok && slices.ContainsFunc(arg.Attrs, isByval) {
			m.add(&e.ref, m.pt.Of(arg.Value)) // copied for the callee
		}
	}
	for _, f := range site.fns {
		if !f.IsDecl() {
			continue
		}
		if sum, ok := LibFunc(f.LL); ok {
			m.library(e, call, &sum, site.args)
		} else if reads, writes := memoryAttrs(f, call); reads && !writes {
			m.add(&e.ref, Pts{Unknown: true})
			for _, a := range site.args {
				m.add(&e.ref, m.pt.Of(a))
			}
		}
	}
}

func isByval(a llir.ParamAttribute) bool {
	_, ok := a.(llir.Byval)
	return ok
}

// library is rule (M3).
func (m *ModRef) library(e *effects, call any, sum *Summary, args []value.Value) {
	given := m.prog.argEffects(sum, args)
	for i, a := range args {
		m.argument(e, m.pt.Of(a), given[i])
		if given[i]&ArgVaList != 0 {
			m.vaList(e, m.pt.Of(a), given[len(args)])
		}
	}
	if sum.Hidden {
		m.add(&e.mod, Pts{Unknown: true})
		m.add(&e.ref, Pts{Unknown: true})
	}
	if sum.Stdio {
		m.add(&e.mod, m.lib("stdio"))
		m.add(&e.ref, m.lib("stdio"))
		m.join(e, &m.buffers)
	}
	if sum.Errno {
		m.add(&e.mod, m.lib("errno"))
	}
	if sum.Ret.Lib != "" && sum.Ret.Lib != "stdio" && sum.Ret.Lib != "errno" {
		m.add(&e.mod, m.lib(sum.Ret.Lib))
	}
	if v, ok := call.(value.Value); ok {
		if o := m.pt.site[v]; o != nil && o.Kind == ObjHeap {
			m.add(&e.mod, Pts{Objs: []*Object{o}})
		}
	}
}

// argument adds the effects on what one argument points to.
func (m *ModRef) argument(e *effects, p Pts, effect ArgEffect) {
	if effect&ArgRead != 0 {
		m.add(&e.ref, p)
	}
	if effect&(ArgWrite|ArgFree) != 0 {
		m.add(&e.mod, p)
	}
}

// vaList adds the effects of taking arguments from a va_list, and of effect on
// what they point to.
func (m *ModRef) vaList(e *effects, list Pts, effect ArgEffect) {
	m.add(&e.mod, list)
	m.add(&e.ref, list)
	args := m.pt.deref(list)
	m.add(&e.ref, args)
	m.argument(e, m.pt.deref(args), effect)
}

// deref is what the pointers stored in the objects of p point to.
func (pt *PointsTo) deref(p Pts) Pts {
	to := Pts{Unknown: p.Unknown}
	for _, o := range p.Objs {
		for _, slot := range pt.Contents(o) {
			to = pt.join(to, slot.Pts)
		}
	}
	return to
}

// lib is the C library's object with the given name, and the variable errno if
// a library has it as one.
func (m *ModRef) lib(name string) (p Pts) {
	if id, ok := m.pt.sol.lib[name]; ok {
		p.Objs = append(p.Objs, m.pt.objs[id])
	}
	return p
}

// stdioBuffers collects the buffers that calls give to stdio.
func (m *ModRef) stdioBuffers() {
	for _, f := range m.prog.Funcs {
		for pt := f.First; pt < f.End; pt++ {
			site := m.cg.sites[m.prog.UserAt(pt)]
			if site == nil {
				continue
			}
			for _, g := range site.fns {
				sum, ok := LibFunc(g.LL)
				if !ok || !sum.Stdio || !g.IsDecl() {
					continue
				}
				for i, a := range site.args {
					if e := sum.Arg(i); e&ArgStream != 0 && e&(ArgCapture|ArgRead|ArgWrite) != 0 {
						m.add(&m.buffers.mod, m.pt.Of(a))
						m.add(&m.buffers.ref, m.pt.Of(a))
					}
				}
			}
		}
	}
}

// of computes the effects of one instruction or terminator.
func (m *ModRef) of(user any) instEffects {
	if e, ok := m.cache[user]; ok {
		return e
	}
	e := &effects{}
	m.local(e, user)
	if isCall(user) && m.cg.sites[user] == nil {
		m.add(&e.mod, m.pt.everything())
		m.add(&e.ref, m.pt.everything())
	}
	if m.reachesUnknown(user) {
		m.join(e, m.outside)
	}
	if site := m.cg.sites[user]; site != nil {
		for _, fns := range [2][]*Func{site.fns, site.callbacks} {
			for _, f := range fns {
				if !f.IsDecl() {
					m.join(e, m.callee(f))
				}
			}
		}
	}
	ie := instEffects{m.effect(&e.mod), m.effect(&e.ref)}
	m.cache[user] = ie
	return ie
}

// callee is the effects of f that a caller sees (M2).
func (m *ModRef) callee(f *Func) *effects {
	e := m.funcs[f.ID]
	if m.cg.Recursive(f) {
		return e
	}
	var own sparse
	for _, set := range [2]*sparse{&e.mod, &e.ref} {
		for id := range set.all() {
			if o := m.pt.objs[id]; o.Kind == ObjStack && o.Fn == f {
				own.add(id)
			}
		}
	}
	if own.empty() {
		return e
	}
	seen := &effects{mod: e.mod.clone(), ref: e.ref.clone()}
	seen.mod.subtract(&own)
	seen.ref.subtract(&own)
	return seen
}

func (m *ModRef) effect(set *sparse) Effect {
	e := Effect{pt: m.pt}
	for id := range set.all() {
		if id == 0 {
			e.Unknown = true
			continue
		}
		e.Objs = append(e.Objs, m.pt.objs[id])
	}
	return e
}

// Mod is what inst may write.
func (m *ModRef) Mod(inst llir.Instruction) Effect { return m.of(inst).mod }

// Ref is what inst may read.
func (m *ModRef) Ref(inst llir.Instruction) Effect { return m.of(inst).ref }

// FuncMod is what a call of f may write. Of a declaration it is what unknown
// code may write, without regard to library summaries, which need arguments.
func (m *ModRef) FuncMod(f *Func) Effect {
	if f.IsDecl() {
		return m.effect(&m.outside.mod)
	}
	return m.effect(&m.callee(f).mod)
}

// FuncRef is what a call of f may read; see FuncMod.
func (m *ModRef) FuncRef(f *Func) Effect {
	if f.IsDecl() {
		return m.effect(&m.outside.ref)
	}
	return m.effect(&m.callee(f).ref)
}
