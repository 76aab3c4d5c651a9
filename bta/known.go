package bta

// This file holds what a specializer asks that is to know no more than the division
// says: where the division forgets what was known before.

import (
	"slices"

	"quasi/ir"
	"quasi/ir/spec"
)

// Symbolic reports whether the division knows of r, where it is defined, what it is
// over the entry state, or some of its fields, though it is dynamic.
func (v *Variant) Symbolic(r ir.Reg) bool {
	return r >= 0 && v.has[r] && (v.regs[r].sym != spec.NoSym || v.regs[r].fields != nil)
}

// Unknown are the parts of c of which nothing is known at the point: they are
// dynamic and have no symbol. Of a point that is not reached that is all of c.
func (d *Division) Unknown(c Cell) []Cell {
	if d.s == nil {
		return []Cell{c}
	}
	if c.Obj != nil && (c.Obj.Const || c.Obj.Kind == ir.ObjFunc) {
		return nil
	}
	return unknownParts(d.s.mem.cells(c.place()), c)
}

// unknownParts are the parts of c of which cs knows nothing.
func unknownParts(cs []cell, c Cell) []Cell {
	return partsWithout(cs, c, func(v value) bool { return v.bt != Dynamic || v.sym != spec.NoSym })
}

// Lost are the registers that are generalized at the start of b, or before it on
// some way, and the cells that are known at the end of a predecessor of b and not at
// its start. Unlike Join it speaks of every block: where the ways of a static branch
// meet, what one of them brings is lost too if another one does not bring it.
func (v *Variant) Lost(b *ir.Block) ([]ir.Reg, []Cell) {
	s := v.in[b.ID]
	if s == nil {
		return nil, nil
	}
	var out []Cell
	for _, p := range b.Preds {
		if !v.feasible(p, b) {
			continue
		}
		for _, r := range v.out[p.ID].mem {
			out = append(out, r.lost(s.mem.cells(r.place))...)
		}
	}
	slices.SortFunc(out, compareCells)
	return s.gen, slices.Compact(out)
}

// lost are the parts of r's cells of which something is known but that nothing was
// written there, and of which cs knows nothing.
func (r *region) lost(cs []cell) []Cell {
	var out []Cell
	for _, c := range r.cells {
		if c.fill == undef || c.val.bt == Dynamic && c.val.sym == spec.NoSym {
			continue
		}
		out = append(out, unknownParts(cs, Cell{Obj: r.obj, Base: r.base, Lo: c.lo, Hi: c.hi})...)
	}
	return out
}

// Withheld are the cells that are known at the call at pt, which callee may access,
// and not known when callee is entered.
func (v *Variant) Withheld(pt ir.Point, callee *Variant) []Cell {
	d := v.At(pt)
	if d.s == nil {
		return nil
	}
	var out []Cell
	for _, r := range d.s.mem {
		if v.an.touches(callee.Fn, r) {
			out = append(out, r.lost(callee.entry.mem.cells(r.place))...)
		}
	}
	return out
}
