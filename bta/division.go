package bta

// This file holds Division, the binding times at one point.

import (
	"quasi/ir"
)

// A Division is the binding times at one program point of a variant.
type Division struct {
	v  *Variant
	b  *ir.Block
	pt ir.Point
	s  *state // nil: the point is not reached
}

// At is the division just before pt (for phis: after all phis of the block),
// never nil. It costs the instructions of the block before pt.
func (v *Variant) At(pt ir.Point) *Division {
	b := v.an.prog.BlockAt(pt)
	d := &Division{v: v, b: b, pt: pt}
	if b.Fn != v.Fn || v.in[b.ID] == nil {
		return d
	}
	f := v.startOf(b)
	for f.pt = f.start(); f.pt < pt; f.pt++ {
		if !f.inst(v.instAt(f.pt)) {
			return d
		}
	}
	d.s = &f.s
	return d
}

// Reached reports whether control gets to the point.
func (d *Division) Reached() bool { return d.s != nil }

// Reg is Static or Dynamic: the binding time of r as seen from the point.
func (d *Division) Reg(r ir.Reg) BindingTime {
	if d.s == nil || !d.v.has[r] {
		return Dynamic
	}
	return d.v.regAt(r, d.b, d.s.gen).bt
}

// Mem is the binding time of the bytes [lo, hi) of o.
func (d *Division) Mem(o *ir.Object, lo, hi int64) BindingTime {
	return d.Cell(Cell{Obj: o, Lo: lo, Hi: hi})
}

// Cell is the binding time of c, Dynamic if any byte of it is.
func (d *Division) Cell(c Cell) BindingTime {
	if d.s == nil {
		return Dynamic
	}
	if c.Obj != nil && (c.Obj.Const || c.Obj.Kind == ir.ObjFunc) {
		return d.v.an.readConst(c.Obj, c.Lo, c.Hi-c.Lo, 0).bt
	}
	return d.v.an.view(d.s.mem.cells(c.place()), c.Lo, c.Hi).val.bt
}

// Leaked are the stack slots whose address residual code may hold, by id.
func (d *Division) Leaked() []*ir.Object {
	if d.s == nil {
		return nil
	}
	return d.s.leaked
}

// Static are the cells of memory that are static here and would not be by default,
// objects by id first.
func (d *Division) Static() []Cell {
	if d.s == nil {
		return nil
	}
	var out []Cell
	for _, r := range d.s.mem {
		for _, c := range r.cells {
			if c.val.bt != Static {
				continue
			}
			if n := len(out); n > 0 && out[n-1].place() == r.place && out[n-1].Hi == c.lo {
				out[n-1].Hi = c.hi
				continue
			}
			out = append(out, Cell{Obj: r.obj, Base: r.base, Lo: c.lo, Hi: c.hi})
		}
	}
	return out
}
