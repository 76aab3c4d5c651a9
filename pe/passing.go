package pe

// This file holds what a call of a residual function passes on: the static
// arguments, and the static state of memory that the callee may access, in names
// of the callee's own.
//
// Stack objects of callers are *outer* objects in the callee, numbered in the
// order in which they are reached from the arguments and from memory, so that
// equal states have equal names whoever calls. What is dirty stays dirty: the
// callee knows it, and flushes it where its residual code needs it. For that,
// residual code gets the address of an outer object as one more parameter, an
// environment parameter, see schedule.go.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"

	"quasi/ir"
	"quasi/ir/spec"
)

// outerKey names an outer object. The site is part of it, since points-to speaks
// of sites.
type outerKey struct {
	index  int
	size   int64
	align  uint64
	site   *ir.Object
	single bool
	callee *code
}

// A passing is what one call passes on.
type passing struct {
	j      *job
	callee *code
	reads  ir.Effect
	writes ir.Effect
	args   []Value // kDyn where they are passed at run time
	objs   []ObjID // stack objects of the caller that the callee gets to know
	outers []ObjID // what the callee calls them
	names  map[ObjID]ObjID
	mem    memory
}

// passes tells what the call in of c passes on, if the arguments in dynamic are
// passed at run time.
func (j *job) passes(in *inst, c *code, dynamic []bool) *passing {
	for {
		n := j.leaks
		if p := j.pass(in, c, dynamic); j.leaks == n {
			return p
		}
	}
}

// pass is passes, unless objects leak by it: then it has to be done again.
func (j *job) pass(in *inst, c *code, dynamic []bool) *passing {
	p := &passing{j: j, callee: c, names: make(map[ObjID]ObjID), reads: j.s.cfg.MR.FuncRef(c.fn), writes: j.s.cfg.MR.FuncMod(c.fn)}
	// Pages are shared from here on.
	p.mem.owner, j.st.mem.owner = j.s.fresh(), j.s.fresh()
	p.args = make([]Value, len(dynamic))
	for i := range dynamic {
		v := j.val(in.args[i+1])
		switch {
		case v.kind == kNone && !dynamic[i]:
			p.args[i] = Value{kind: kUndef}
		case dynamic[i] && v.kind == kDyn:
			obj := v.obj
			if obj != 0 && j.s.obj(obj).kind == objHeap {
				obj = 0
			}
			p.args[i] = p.rename(Value{kind: kDyn, obj: obj, sym: j.tellingSym(v.sym)})
		case dynamic[i]:
			p.args[i] = dynValue
		default:
			p.args[i] = p.rename(v)
		}
	}
	done := p.contents(0)
	j.st.mem.each(func(id ObjID, s *objState) {
		o := j.s.obj(id)
		if o.local() || o.ro || o.site != nil && !p.accesses(o.site) {
			return
		}
		if o.kind == objInstance && p.reads.Empty() && p.writes.Empty() {
			return
		}
		j.makeReal(id)
		*p.mem.slot(id) = p.copy(j.st.mem.get(id))
		p.dropUnnamed(id)
		done = p.contents(done)
	})
	return p
}

// outers are the outer objects of j.
func (j *job) outers() []ObjID {
	if j.entry == nil {
		return nil
	}
	return j.entry.outers
}

// tellingSym is sym if the predicates speak of it, or it is an address of memory
// of which something may be known, else 0: symbols of other numbers would only
// tell the calls of a recursion apart.
func (j *job) tellingSym(sym spec.Sym) spec.Sym {
	if sym == spec.NoSym || j.s.telling()[sym] {
		return sym
	}
	base, _ := j.facts.Split(sym)
	if id, _ := j.instance(base, 0, false); id == 0 {
		return spec.NoSym
	}
	return sym
}

// telling is the symbols of the parameters and cells that predicates read.
func (s *specializer) telling() map[spec.Sym]bool {
	if s.tells != nil {
		return s.tells
	}
	s.tells = make(map[spec.Sym]bool)
	v := s.cfg.Variant
	for _, p := range slices.Concat(v.When, v.Always) {
		for _, i := range p.Params {
			typ := v.Fn.LL.Params[i].Typ
			if _, ptr := typ.(*types.PointerType); ptr {
				s.tells[s.cfg.Facts.Param(i, 64)] = true
			} else if t, ok := typ.(*types.IntType); ok && t.BitSize <= 64 {
				s.tells[s.cfg.Facts.Param(i, int(t.BitSize))] = true
			}
		}
	}
	for _, t := range s.cfg.Facts.Terms() {
		s.tells[t.Value] = true
	}
	return s.tells
}

func (p *passing) accesses(o *ir.Object) bool { return p.reads.May(o) || p.writes.May(o) }

// passed reports whether the content of stack object id of the caller is passed.
func (p *passing) passed(id ObjID) bool {
	o := p.j.s.obj(id)
	return o.site == nil || p.accesses(o.site)
}

// contents copies the contents of the objects from number i on, which may reach more.
func (p *passing) contents(i int) int {
	for ; i < len(p.objs); i++ {
		id := p.objs[i]
		s := p.j.st.mem.get(id)
		switch {
		case !p.passed(id):
			if s != nil && s.leaked {
				p.mem.edit(p.outers[i]).leaked = true
			}
		case s != nil:
			p.j.makeReal(id)
			*p.mem.slot(p.outers[i]) = p.copy(p.j.st.mem.get(id))
			p.dropUnnamed(p.outers[i])
		}
	}
	return i
}

// name is what the callee calls object id.
func (p *passing) name(id ObjID) ObjID {
	if id == 0 || p.j.s.obj(id).kind != objStack {
		return id
	}
	if n, ok := p.names[id]; ok {
		return n
	}
	o := p.j.s.obj(id)
	n := p.j.s.outerObject(outerKey{len(p.objs), o.size, o.align, o.site, o.single, p.callee})
	p.names[id] = n
	p.objs = append(p.objs, id)
	p.outers = append(p.outers, n)
	return n
}

func (p *passing) rename(v Value) Value {
	if b := based(v); b != 0 {
		v.obj = p.name(b)
	}
	return v
}

func (p *passing) copy(s *objState) *objState { return renamed(s, p.mem.owner, p.rename) }

// makeReal brings the addresses of heap objects that id holds into run-time memory:
// a callee knows heap objects by their addresses at run time.
func (j *job) makeReal(id ObjID) {
	var list []ObjID
	for i, pg := range j.st.mem.get(id).pages {
		if pg == nil {
			continue
		}
		for _, e := range slices.Clone(pg.entries) {
			if b := based(e.val); b != 0 && j.s.obj(b).kind == objHeap {
				off := int64(i)<<pageShift + int64(e.off)
				j.flush(id, off, off+int64(e.size))
				list = append(list, b)
			}
		}
	}
	for _, b := range list {
		j.leak(b)
	}
}

// dropUnnamed forgets what in id has no name in the callee: addresses of heap
// objects, and symbols that tell nothing.
func (p *passing) dropUnnamed(id ObjID) {
	o := p.j.s.obj(id)
	for i, pg := range p.mem.get(id).pages {
		if pg == nil {
			continue
		}
		for _, e := range slices.Clone(pg.entries) {
			b := based(e.val)
			if b != 0 && p.j.s.obj(b).kind == objHeap || o.kind != objInstance && e.val.kind == kDyn && p.j.tellingSym(e.val.sym) == spec.NoSym {
				off := int64(i)<<pageShift + int64(e.off)
				p.mem.setTag(o, id, off, off+int64(e.size), tagDyn)
			}
		}
	}
}

// renamed is s with other names for objects. It shares the pages that name none.
func renamed(s *objState, owner uint32, rename func(Value) Value) *objState {
	t := &objState{owner: owner, leaked: s.leaked, dyn: s.dyn, pages: slices.Clone(s.pages)}
	for i, pg := range t.pages {
		if pg == nil {
			continue
		}
		for k, e := range pg.entries {
			v := rename(e.val)
			if v == e.val {
				continue
			}
			if t.pages[i] == pg {
				t.pages[i] = pg.clone(owner)
				t.pages[i].hashed = false
			}
			t.pages[i].entries[k].val = v
		}
	}
	return t
}

// outerObject numbers an outer object.
func (s *specializer) outerObject(k outerKey) ObjID {
	if id, ok := s.outers[k]; ok {
		return id
	}
	id := s.addObject(object{kind: objStack, outer: true, align: k.align, size: k.size, site: k.site, single: k.single})
	s.outers[k] = id
	return id
}

// informs reports whether p tells the callee anything.
func (p *passing) informs() bool {
	any := slices.ContainsFunc(p.args, func(v Value) bool { return v != dynValue })
	p.mem.each(func(_ ObjID, s *objState) { any = any || !s.vacant() })
	return any
}

// vacant reports whether nothing is known of the content.
func (s *objState) vacant() bool {
	for _, p := range s.pages {
		if p == nil {
			continue
		}
		for _, t := range p.tag {
			if k := t & tagKind; k != tagDyn && k != tagUndef {
				return false
			}
		}
	}
	return true
}

func (p *passing) sum() uint64 {
	h := p.mem.sum()
	for _, v := range p.args {
		h = v.hash(h)
	}
	return h
}

// A callRef is a residual call of a residual function.
type callRef struct {
	inst   *rinst
	callee *job
	objs   []ObjID // the caller's names of the callee's outer objects
}

// emitCall emits the call in of callee, which is passed p.
func (j *job) emitCall(in *inst, p *passing, callee *job) rval {
	t := in.node.(*llir.InstCall)
	j.watch.calls(j.f, in, callee)
	node := j.clone(t).(*llir.InstCall)
	node.Callee = callee.rf.ll
	node.Typ = callee.rf.ll.Sig.RetType
	node.Args = nil
	node.FuncAttrs = residualAttrs(node.FuncAttrs)
	ops := []rval{0}
	for i, v := range p.args {
		if v.static() {
			continue
		}
		a := t.Args[i]
		if w, ok := a.(*llir.Arg); ok {
			a = llir.NewArg(w.Value, w.Attrs...)
		}
		node.Args = append(node.Args, a)
		ops = append(ops, j.retyped(j.raw(in.args[i+1]), j.typeOf(in.args[i+1]), callee.code.fn.LL.Params[i].Typ))
	}
	var r rval
	if node.Typ.Equal(types.Void) {
		j.rf.emit(j.b, node, nil, false, ops...)
	} else {
		r = j.rf.emit(j.b, node, node.Typ, false, ops...)
	}
	j.calls = append(j.calls, callRef{j.b.insts[len(j.b.insts)-1], callee, p.objs})
	if in.dst != ir.NoReg {
		r = j.retyped(r, node.Typ, j.f.code.regs[in.dst].typ)
	}
	return r
}

// returned brings into the state what is known after the call in, which passed p
// and left summary sum.
func (j *job) returned(in *inst, p *passing, sum *summary, result rval) {
	back := make(map[ObjID]ObjID, len(p.objs))
	for i, id := range p.objs {
		back[p.outers[i]] = id
	}
	rename := func(v Value) Value {
		if id, ok := back[based(v)]; ok {
			v.obj = id
		}
		return v
	}
	j.effect(in)
	sum.mem.owner = j.s.fresh()
	sum.mem.each(func(id ObjID, s *objState) {
		if o := j.s.obj(id); o.kind == objStack {
			return
		}
		*j.st.mem.slot(id) = renamed(s, j.st.mem.owner, rename)
	})
	for i, id := range p.objs {
		s := sum.mem.get(p.outers[i])
		if !p.passed(id) {
			if s != nil && s.leaked {
				j.leak(id)
			}
			continue
		}
		if s == nil {
			j.st.mem.drop(id)
			continue
		}
		*j.st.mem.slot(id) = renamed(s, j.st.mem.owner, rename)
	}
	if in.dst == ir.NoReg {
		return
	}
	v := rename(sum.ret)
	if v.static() {
		j.setStatic(in.dst, v)
		return
	}
	v.kind = kDyn
	j.setDyn(in.dst, result, v)
}
