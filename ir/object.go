package ir

// This file holds Object, the abstract memory location, and PointsTo, the
// answers of the points-to analysis.

import (
	"fmt"
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

// A Target is a place that a pointer may point to.
type Target struct {
	Obj *Object
	// Off is a byte offset into Obj. Elements of an array are not told apart:
	// an offset inside an array that is part of Obj's type is that of the same
	// place in the array's first element. It is -1 for any offset.
	Off int64
	// Stride, if not 0, says that the places are Off, Off+Stride, Off+2*Stride
	// and so on: an array in memory without a type.
	Stride int64
}

// PointsTo is the solution of the points-to analysis of one program. It
// describes the program as it was when it was solved. Its methods may not be
// called from several goroutines at once.
type PointsTo struct {
	prog *Program
	objs []*Object
	site map[value.Value]*Object
	esc  []bool // by Object.ID

	sol *solver
}

// Objects returns all objects by ID. The caller must not change the slice.
func (pt *PointsTo) Objects() []*Object { return pt.objs }

// Unknown is the object that stands for all memory outside the module.
func (pt *PointsTo) Unknown() *Object { return pt.objs[0] }

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

// MayMeet reports whether pointers with the sets p and q may point into the
// same object.
func (pt *PointsTo) MayMeet(p, q Pts) bool {
	if p.Unknown && q.Unknown {
		return true
	}
	for _, o := range p.Objs {
		if pt.MayPoint(q, o) {
			return true
		}
	}
	for _, o := range q.Objs {
		if pt.MayPoint(p, o) {
			return true
		}
	}
	return false
}

var (
	_ = types.I8
	_ constant.Constant
)

// interposable reports whether a definition with linkage l may be replaced by
// another one when the program is linked.
func interposable(l enum.Linkage) bool {
	switch l {
	case enum.LinkageWeak, enum.LinkageLinkOnce, enum.LinkageCommon, enum.LinkageExternWeak:
		return true
	}
	return false
}
