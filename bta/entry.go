package bta

// This file holds entry divisions: the one that the specification states, and
// those of calls.

import (
	"slices"

	"github.com/llir/llvm/ir/types"

	"quasi/ir"
	"quasi/ir/spec"
)

// An entry is the division at a function's entry: the arguments and the memory
// that the function may access.
type entry struct {
	args   []value
	mem    memory
	leaked []*ir.Object
}

// specEntry is the entry division that the specification states, by rule (B1).
func (a *analysis) specEntry() entry {
	v := a.cfg.Variant
	e := entry{args: make([]value, len(v.Fn.LL.Params))}
	for i, p := range v.Fn.LL.Params {
		e.args[i] = value{bt: Dynamic}
		if w := width(p.Typ); w > 0 {
			e.args[i].sym = a.facts.Param(i, w)
		}
	}
	for i, p := range v.Fn.LL.Params {
		if o := a.pts.ObjectOf(p); o != nil {
			e.args[i] = value{refs: a.refs.one(o, 0)} // byval: a slot of its own
		}
	}
	for _, b := range v.Static {
		e.args[b.Param] = a.bound(b, e.args[b.Param])
	}
	for i := range e.args {
		e.args[i] = a.settle(e.args[i])
		if _, ptr := v.Fn.LL.Params[i].Typ.(*types.PointerType); ptr && e.args[i].bt == Static {
			if n, _, ok := a.facts.Value(e.args[i].sym); ok && n == 0 {
				e.args[i].refs = a.refs.empty
			}
		}
	}
	for _, t := range a.facts.Terms() {
		a.enterTerm(&e, t)
	}
	a.assume(&e)
	return e
}

// bound is the value of a static parameter.
func (a *analysis) bound(b spec.Binding, v value) value {
	v.bt = Static
	switch b.Value.Kind {
	case spec.ConstString:
		// The string is made by the specializer: an object that points-to does
		// not know.
		v.refs = a.refs.one(a.constantObject(int64(len(b.Value.Str))+1), 0)
	case spec.ConstGlobal, spec.ConstFunc:
		v.refs = a.addrOf(b.Value.Sym, 0)
	case spec.ConstNull:
		v.refs = a.refs.empty
	}
	return v
}

// constantObject makes an object of static content that points-to does not know.
func (a *analysis) constantObject(size int64) *ir.Object {
	o := &ir.Object{ID: len(a.pts.Objects()) + len(a.strings), Kind: ir.ObjGlobal, Size: size, Const: true}
	a.strings = append(a.strings, o)
	return o
}

// enterTerm puts what a cell holds at entry into memory. Where cells overlap the
// first one stays.
func (a *analysis) enterTerm(e *entry, t spec.TermFact) {
	val := a.settle(value{bt: Dynamic, sym: t.Value})
	p, off := place{base: t.Base}, t.Off
	if c, d, ok := a.facts.AddrConst(t.Base); ok {
		s := a.addrOf(c, d+t.Off)
		if s == nil {
			return
		}
		p, off = place{obj: s.refs[0].obj}, s.refs[0].off
		if p.obj.Const {
			return
		}
	}
	cs := e.mem.cells(p)
	if len(over(cs, off, off+t.Size)) > 0 {
		return
	}
	if n, _, ok := a.facts.Value(val.sym); ok && n == 0 {
		val.refs = a.refs.empty
	}
	key := termKey{p, off, t.Size}
	e.mem = e.mem.with(p, put(cs, cell{lo: off, hi: off + t.Size, val: val, tag: a.termTags[key]}))
	a.terms[key] = true
}

// A termKey names a cell that a predicate reads.
type termKey struct {
	place
	off, size int64
}

// hash mixes an entry division; equal ones have equal hashes.
func (e *entry) hash(f *ir.Func) uint64 {
	h := mix(uint64(f.ID) + 1)
	for _, v := range e.args {
		h = mix(h ^ v.hash())
	}
	for _, r := range e.mem {
		id := uint64(uint32(r.base)) << 32
		if r.obj != nil {
			id |= uint64(r.obj.ID) + 1
		}
		h = mix(h ^ id)
		for _, c := range r.cells {
			h = mix(h ^ uint64(c.lo) ^ uint64(c.hi)<<24 ^ uint64(c.fill)<<56)
			h = mix(h ^ c.val.hash())
		}
	}
	for _, o := range e.leaked {
		h = mix(h ^ uint64(o.ID))
	}
	return h
}

// hash leaves out refs, which have no number that is the same in every run.
func (v value) hash() uint64 {
	h := uint64(v.bt) | uint64(uint32(v.sym))<<8
	if v.vary {
		h |= 1 << 48
	}
	if v.addr {
		h |= 1 << 49
	}
	if v.refs != nil {
		h |= uint64(len(v.refs.refs)+1) << 50
	}
	if v.fields != nil {
		h ^= uint64(len(v.fields.fields)+1) << 56
	}
	return h
}

func (e *entry) equal(o *entry) bool {
	if len(e.args) != len(o.args) || len(e.leaked) != len(o.leaked) {
		return false
	}
	for i := range e.args {
		if e.args[i] != o.args[i] {
			return false
		}
	}
	for i := range e.leaked {
		if e.leaked[i] != o.leaked[i] {
			return false
		}
	}
	return sameMemory(e.mem, o.mem)
}

// Bounds on the variants of one function that are made before all its calls share
// one; half as many before entry divisions no longer tell constants apart.
const (
	maxPerFunc      = 64
	maxPerRecursive = 16

	// Past so many variants of a recursive function, those that have the same
	// shape share one: a tree in static data has as many pointers as nodes.
	maxShapes = 4
)

// variantFor returns the variant of f for e, which it makes if there is none.
func (a *analysis) variantFor(f *ir.Func, e entry) *Variant {
	fi := a.info(f)
	// These bounds hold while the forward analysis runs, so that it ends in
	// reasonable time on any program; limitVariants decides on what is left.
	limit := maxPerFunc
	if a.cg.Recursive(f) {
		limit = maxPerRecursive
	}
	if !fi.noConst && fi.variants >= limit/2 {
		fi.noConst, a.bounded = true, true
	}
	if !fi.monovariant && (fi.variants >= limit || len(a.variants) >= 4*a.cfg.MaxVariants) {
		fi.monovariant, a.bounded = true, true
	}
	if fi.monovariant {
		if fi.mono == nil {
			e.args = append([]value(nil), e.args...)
			fi.mono = a.newVariant(f, e)
			a.requeueCallers(f)
		}
		a.growEntry(fi.mono, e)
		return fi.mono
	}
	h := e.hash(f)
	for _, v := range a.byHash[h] {
		if v.Fn == f && v.entry.equal(&e) {
			return v
		}
	}
	if a.cg.Recursive(f) && fi.variants >= maxShapes {
		for _, v := range a.variants {
			if v.Fn == f && v.entry.sameShape(&e) {
				a.bounded = true
				a.growEntry(v, e)
				return v
			}
		}
	}
	v := a.newVariant(f, e)
	a.byHash[h] = append(a.byHash[h], v)
	return v
}

// sameShape reports whether e and o differ at most in what static pointers point
// to and in which constants are static.
func (e *entry) sameShape(o *entry) bool {
	if len(e.args) != len(o.args) || len(e.mem) != len(o.mem) || !slices.Equal(e.leaked, o.leaked) {
		return false
	}
	for i, v := range e.args {
		if w := o.args[i]; v.bt != w.bt || v.addr != w.addr || (v.refs == nil) != (w.refs == nil) {
			return false
		}
	}
	for i, r := range e.mem {
		if r.place != o.mem[i].place || len(r.cells) != len(o.mem[i].cells) {
			return false
		}
		for k, c := range r.cells {
			d := o.mem[i].cells[k]
			if c.lo != d.lo || c.hi != d.hi || c.fill != d.fill || c.val.bt != d.val.bt {
				return false
			}
		}
	}
	return true
}

// growEntry joins e into the entry of a variant that all calls share.
func (a *analysis) growEntry(v *Variant, e entry) {
	grown := false
	for i := range e.args {
		if x := a.joinValue(v.entry.args[i], e.args[i], true); x != v.entry.args[i] {
			v.entry.args[i] = x
			v.regs[i] = a.joinValue(v.regs[i], x, true)
			grown = true
		}
	}
	mem := a.joinMemory(v.entry.mem, e.mem, 0, true)
	leaked := unionObjects(v.entry.leaked, e.leaked)
	if !grown && sameMemory(mem, v.entry.mem) && len(leaked) == len(v.entry.leaked) {
		return
	}
	v.entry.mem, v.entry.leaked = mem, leaked
	for _, b := range v.Fn.RPO() {
		if grown && v.in[b.ID] != nil || b.ID == 0 {
			a.enqueue(v, b)
		}
	}
}
