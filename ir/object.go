package ir

// This file holds Object, the abstract memory location, and PointsTo, the
// answers of the points-to analysis.

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// An ObjectKind says what kind of memory an Object stands for.
type ObjectKind uint8

const (
	ObjUnknown ObjectKind = iota // memory the module does not define
	ObjGlobal                    // a global variable
	ObjStack                     // an alloca, a byval parameter, or a function's variadic arguments
	ObjHeap                      // what one call site allocates
	ObjFunc                      // a function
)

func (k ObjectKind) String() string {
	switch k {
	case ObjUnknown:
		return "unknown"
	case ObjGlobal:
		return "global"
	case ObjStack:
		return "stack"
	case ObjHeap:
		return "heap"
	case ObjFunc:
		return "func"
	}
	return fmt.Sprintf("ObjectKind(%d)", uint8(k))
}

// An Object is an abstract memory location: one global variable or function,
// or all instances of one stack slot or heap allocation site. Objects belong to
// a PointsTo, which numbers them densely; two solutions share none.
//
// The object with ID 0 is the unknown: everything outside the module. Other
// objects of kind ObjUnknown are memory of the C library that no pointer of
// the program leads to unless a library function returned it (errno, stdio's
// streams ...).
type Object struct {
	ID   int
	Kind ObjectKind
	// Site is the *llir.Global or *llir.Func; the *llir.InstAlloca, *llir.Param
	// (byval) or call of llvm.va_start of a stack object; the call that
	// allocates a heap object. Nil for unknown objects.
	Site  value.Value
	Fn    *Func // of stack and heap objects: the function that holds Site
	Size  int64 // in bytes, -1 if not known
	Const bool  // a global whose contents nobody can change

	name string // of the C library's objects
}

// String is `@g`, `f:%x`, `heap f:%c`, `lib errno` or `unknown`.
func (o *Object) String() string {
	switch o.Kind {
	case ObjGlobal, ObjFunc:
		return o.Site.Ident()
	case ObjStack:
		if _, isCall := o.Site.(*llir.InstCall); isCall {
			return o.Fn.Name() + ":varargs"
		}
		return o.Fn.Name() + ":" + o.Site.Ident()
	case ObjHeap:
		return "heap " + o.Fn.Name() + ":" + o.Site.Ident()
	}
	if o.name != "" {
		return "lib " + o.name
	}
	return "unknown"
}

// Pts is a points-to set by object. The zero value points nowhere: the value
// is null, undefined, or not a pointer.
type Pts struct {
	Objs    []*Object // by ID; the caller must not change it
	Unknown bool      // also outside memory and every object that escapes
}

// A Target is a place that a pointer may point to. PointsTo.Covers tells which
// offsets it stands for.
type Target struct {
	Obj *Object
	Off int64 // in bytes; -1 for any offset
	// EachElement says that Off lies inside an array that is part of Obj's type,
	// in its first element, and the target is that place in every element.
	EachElement bool
	// Stride, if not 0, says that the places are Off, Off+Stride, ... below End.
	Stride, End int64
}

// PointsTo is the solution of the points-to analysis of one program. It
// describes the program as it was when it was solved. Its methods may not be
// called from several goroutines at once.
type PointsTo struct {
	prog *Program
	objs []*Object
	site map[value.Value]*Object
	esc  []bool // by Object.ID

	sol  *solver
	sets map[node]Pts // answers given
}

// Of returns the objects that v may point to. Of a value that is not of pointer
// type the answer is what addresses it may hold. A value that was made after
// solving may point to everything.
func (pt *PointsTo) Of(v value.Value) Pts {
	v = Unwrap(v)
	s := pt.sol
	if n, ok := s.nodes[v]; ok {
		n = s.find(n)
		p, ok := pt.sets[n]
		if !ok {
			p = pt.objects(s.pts[n].all())
			pt.sets[n] = p
		}
		return p
	}
	if c, ok := v.(constant.Constant); ok {
		return pt.ofConst(c)
	}
	if s.carries(v.Type()) {
		return pt.everything()
	}
	return Pts{}
}

// everything is the set of a value that nothing is known of.
func (pt *PointsTo) everything() Pts {
	all := Pts{Unknown: true}
	for _, o := range pt.objs[1:] {
		if !pt.esc[o.ID] {
			all.Objs = append(all.Objs, o)
		}
	}
	return all
}

// objects makes a Pts of cells. Objects that u stands for are left out.
func (pt *PointsTo) objects(cells iter.Seq[cellID]) Pts {
	var p Pts
	for c := range cells {
		if c == unknownCell {
			p.Unknown = true
			continue
		}
		o := pt.objs[pt.sol.cells[c].obj]
		if !(p.Unknown && pt.esc[o.ID]) { // the unknown cell comes first
			p.Objs = append(p.Objs, o)
		}
	}
	slices.SortFunc(p.Objs, func(a, b *Object) int { return a.ID - b.ID })
	p.Objs = slices.Compact(p.Objs)
	return p
}

// ofConst is Of for constants.
func (pt *PointsTo) ofConst(c constant.Constant) Pts {
	switch c := c.(type) {
	case *llir.Global, *llir.Func:
		if o := pt.site[c]; o != nil {
			return Pts{Objs: []*Object{o}}
		}
		return Pts{Unknown: true} // made after solving
	case *llir.Alias:
		return pt.ofConst(c.Aliasee)
	case *llir.IFunc:
		return pt.resolved(c)
	case *constant.BlockAddress:
		return Pts{} // a label is no object
	}
	if _, isPtr := c.Type().(*types.PointerType); isPtr {
		if base, off, ok := pt.prog.ConstAddr(c); ok {
			if base == nil {
				return Pts{Unknown: off <= -4096 || off >= 4096}
			}
			return pt.ofConst(base)
		}
	}
	var all Pts
	for _, op := range constOperands(c) {
		all = pt.join(all, pt.ofConst(op))
	}
	switch c.(type) {
	case *constant.ExprIntToPtr:
		all.Unknown = true
	case *constant.ExprSub:
		return Pts{}
	}
	return all
}

// resolved is what an ifunc's resolver may return.
func (pt *PointsTo) resolved(i *llir.IFunc) Pts {
	if n := pt.sol.ifuncNode(i); n != unknownNode {
		return pt.objects(pt.sol.pts[pt.sol.find(n)].all())
	}
	return Pts{Unknown: true}
}

// join is the union of two sets.
func (pt *PointsTo) join(p, q Pts) Pts {
	u := Pts{Unknown: p.Unknown || q.Unknown}
	for _, objs := range [2][]*Object{p.Objs, q.Objs} {
		for _, o := range objs {
			if !(u.Unknown && pt.esc[o.ID]) {
				u.Objs = append(u.Objs, o)
			}
		}
	}
	slices.SortFunc(u.Objs, func(a, b *Object) int { return a.ID - b.ID })
	u.Objs = slices.Compact(u.Objs)
	return u
}

// Targets returns the places that v may point to, by object and offset. If the
// set of v has Unknown, the first target is that object, and places in objects
// that escape are left out, as in Of.
func (pt *PointsTo) Targets(v value.Value) []Target {
	v = Unwrap(v)
	s := pt.sol
	if n, ok := s.nodes[v]; ok {
		return pt.targets(s.pts[s.find(n)].all())
	}
	if c, ok := v.(constant.Constant); ok {
		if base, off, ok := pt.prog.ConstAddr(c); ok && base != nil {
			if o := pt.site[base]; o != nil {
				if o.Kind == ObjFunc {
					off = 0
				}
				return []Target{{Obj: o, Off: off}}
			}
		}
	}
	p := pt.Of(v)
	var ts []Target
	if p.Unknown {
		ts = append(ts, Target{Obj: pt.objs[0], Off: -1})
	}
	for _, o := range p.Objs {
		ts = append(ts, Target{Obj: o, Off: -1})
	}
	return ts
}

func (pt *PointsTo) targets(cells iter.Seq[cellID]) []Target {
	var ts []Target
	unknown := false
	for c := range cells {
		c := pt.sol.cells[c]
		o := pt.objs[c.obj]
		unknown = unknown || c.obj == 0
		if unknown && pt.esc[o.ID] && c.obj != 0 || c.off < 0 {
			continue // stands for nothing more, or lies before the object
		}
		ts = append(ts, pt.target(c))
	}
	slices.SortFunc(ts, func(a, b Target) int {
		return cmp.Or(cmp.Compare(a.Obj.ID, b.Obj.ID), cmp.Compare(a.Off, b.Off), cmp.Compare(a.Stride, b.Stride))
	})
	return slices.Compact(ts)
}

// target is a cell as a Target.
func (pt *PointsTo) target(c cell) Target {
	o := pt.sol.objs[c.obj]
	t := Target{Obj: o.Object, Off: c.off}
	switch {
	case o.any != 0:
		t.Off = -1
	case c.stride != 0:
		t.Stride, t.End = c.stride, c.end
		if o.Size >= 0 {
			t.End = min(t.End, o.Size)
		}
	case o.typ != nil && !c.raw:
		parts, _ := pt.sol.parts(o, c.off)
		t.EachElement = slices.ContainsFunc(parts, func(p part) bool { return p.isArray() && p.count != 1 })
	}
	return t
}

// Covers reports whether byte off of t.Obj is one of the places of t.
func (pt *PointsTo) Covers(t Target, off int64) bool {
	switch {
	case t.Off < 0 && t.Stride == 0:
		return true
	case t.EachElement:
		return pt.sol.canon(pt.sol.objs[t.Obj.ID], off) == t.Off
	case t.Stride != 0:
		return off >= t.Off && off < t.End && (off-t.Off)%t.Stride == 0
	}
	return off == t.Off
}

// A Slot is a place in an object, and what the pointers stored there point to.
type Slot struct {
	Target
	Pts Pts
}

// Contents returns the places of o that may hold pointers, by offset. Every
// place a pointer of the program leads to is there if pointers may be stored
// in it, but places in objects that escape may hold u without being listed.
func (pt *PointsTo) Contents(o *Object) []Slot {
	s := pt.sol
	var slots []Slot
	for _, id := range s.objs[o.ID].cells {
		c := s.cells[id]
		mem := s.find(c.mem)
		if s.pts[mem].empty() {
			continue
		}
		for _, t := range pt.targets(func(yield func(cellID) bool) { yield(id) }) {
			slots = append(slots, Slot{t, pt.objects(s.pts[mem].all())})
		}
	}
	slices.SortStableFunc(slots, func(a, b Slot) int {
		return cmp.Or(cmp.Compare(a.Off, b.Off), cmp.Compare(a.Stride, b.Stride))
	})
	return slices.CompactFunc(slots, func(a, b Slot) bool { return a.Target == b.Target })
}

// Objects returns all objects by ID. The caller must not change the slice.
func (pt *PointsTo) Objects() []*Object { return pt.objs }

// ObjectOf returns the object whose Site is site, nil if there is none.
func (pt *PointsTo) ObjectOf(site value.Value) *Object { return pt.site[Unwrap(site)] }

// Escapes reports whether code outside the module may hold the address of o,
// so that an unknown pointer may point to it and unknown code may access it.
func (pt *PointsTo) Escapes(o *Object) bool { return pt.esc[o.ID] }

// MayPoint reports whether a pointer with points-to set p may point to o.
func (pt *PointsTo) MayPoint(p Pts, o *Object) bool {
	if p.Unknown && pt.esc[o.ID] {
		return true
	}
	_, ok := slices.BinarySearchFunc(p.Objs, o.ID, func(o *Object, id int) int { return o.ID - id })
	return ok
}

// interposable reports whether a definition with linkage l may be replaced by
// another one when the program is linked.
func interposable(l enum.Linkage) bool {
	switch l {
	case enum.LinkageWeak, enum.LinkageLinkOnce, enum.LinkageCommon, enum.LinkageExternWeak:
		return true
	}
	return false
}
