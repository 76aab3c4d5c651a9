package bta

// This file holds the rules for memory that is allocated while specializing (B13):
// an object stands for all that one call allocates, so writes to it are weak. It has
// no region where nothing was allocated yet, and is private until it leaks, as a
// stack slot is.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	irvalue "github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// heapExtent is the number of bytes that are told apart of memory of unknown size.
const heapExtent = 1 << 12

// allocate is the result of an allocation of a static size; what there is of the
// object's content so far is joined with the new content.
func (f *flow) allocate(i *llir.InstCall, content fill, sizes ...irvalue.Value) {
	v := value{}
	for _, s := range sizes {
		x := f.operand(s)
		v.bt, v.vary = v.bt.Join(x.bt), v.vary || x.vary
	}
	o := f.pts.ObjectOf(i)
	if v.bt == Dynamic || o == nil {
		f.residualCall(i)
		return
	}
	f.newContent(o, []cell{{hi: extentOf(o), fill: content, val: value{refs: f.refs.empty}, org: writtenAt(f.pt)}})
	v.refs = f.refs.one(o, 0)
	f.compute(i, v)
}

// newContent joins the content of a new instance of o with what is known of others.
func (f *flow) newContent(o *ir.Object, cs []cell) {
	p := place{obj: o}
	if old, ok := f.s.mem.index(p); ok {
		cs = f.joinCells(f.s.mem[old].cells, cs, writtenAt(f.pt), false)
	}
	f.s.mem = f.s.mem.with(p, cs)
}

func extentOf(o *ir.Object) int64 {
	if o.Size >= 0 {
		return o.Size
	}
	return heapExtent
}

// reallocate is as allocate, with the content of what the first argument points to.
func (f *flow) reallocate(i *llir.InstCall) {
	old, n := f.operand(i.Args[0]), f.operand(strip(i.Args[1]))
	o := f.pts.ObjectOf(i)
	if old.bt.Join(n.bt) == Dynamic || o == nil || old.refs == nil {
		f.residualCall(i)
		return
	}
	undefined := cell{hi: extentOf(o), fill: undef, val: value{refs: f.refs.empty}, org: writtenAt(f.pt)}
	if len(old.refs.refs) == 0 {
		f.newContent(o, []cell{undefined})
	}
	for _, r := range old.refs.refs {
		from := slices.Clone(f.s.mem.cells(place{obj: r.obj}))
		if r.obj.Kind == ir.ObjHeap && len(from) > 0 {
			from = put(from, cell{lo: from[len(from)-1].hi, hi: max(from[len(from)-1].hi, undefined.hi), fill: undef, val: undefined.val, org: undefined.org})
		}
		f.newContent(o, from)
	}
	f.compute(i, value{vary: old.vary || n.vary, refs: f.refs.one(o, 0)})
}

// freeTime is how memory at x is freed: if its address has leaked, at run time too.
func (f *flow) freeTime(x value) BindingTime {
	if x.bt == Dynamic || x.refs == nil {
		return Dynamic
	}
	for _, r := range x.refs.refs {
		if hasObject(f.s.leaked, r.obj) {
			return StaticDynamic
		}
	}
	return Static
}

// free is nothing for memory that was allocated while specializing.
func (f *flow) free(i *llir.InstCall) {
	if x := f.operand(i.Args[0]); x.bt == Dynamic || x.refs == nil {
		f.residualCall(i)
	}
}
