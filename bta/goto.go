package bta

// This file holds the rules for computed gotos. Labels are values without an
// ir.Object: what a label is, its symbol tells.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"

	"quasi/ir"
)

// labelOf is the label that v certainly is, nil if that is not known.
func (a *analysis) labelOf(v value) *constant.BlockAddress {
	c, off, ok := a.facts.AddrConst(v.sym)
	if !ok || off != 0 {
		return nil
	}
	l, _ := c.(*constant.BlockAddress)
	return l
}

// gotoEdges are the edges that a computed goto may take: that to its label, if it
// is known.
func (f *flow) gotoEdges(t *llir.TermIndirectBr) uint64 {
	l := f.labelOf(f.operand(t.Addr))
	if l == nil {
		return ^uint64(0)
	}
	var edges uint64
	for i, b := range f.b.Succs {
		if l.Block == b.LL {
			edges |= 1 << min(i, 63)
		}
	}
	return edges
}

// maxLabels bounds the places of a table that one load is split over.
const maxLabels = 1024

// splitsLabels reports whether load i, whose address is dynamic, reads at one
// variable index of an array of static content that holds labels (B11).
func (f *flow) splitsLabels(i *llir.InstLoad, addr value) bool {
	g, ok := i.Src.(*llir.InstGetElementPtr)
	if !ok || !g.InBounds || addr.bt == Static || addr.refs == nil || len(addr.refs.refs) != 1 {
		return false
	}
	_, vars, ok := f.prog.Layout.GEP(g.ElemType, g.Indices)
	if !ok || len(vars) != 1 || width(vars[0].Index.Type()) == 0 || f.operand(g.Src).bt != Static {
		return false
	}
	r := addr.refs.refs[0]
	if r.obj.Size < 0 || vars[0].Scale <= 0 || r.obj.Size/vars[0].Scale > maxLabels {
		return false
	}
	return f.holdsLabels(r.obj) && f.readRef(ref{obj: r.obj, count: anyCount}, 8, 64).bt == Static
}

// holdsLabels reports whether o may hold the address of a label.
func (f *flow) holdsLabels(o *ir.Object) bool {
	if o.Const {
		img := f.image(o)
		return img != nil && slices.ContainsFunc(img.Relocs, func(r ir.Reloc) bool {
			_, ok := r.Base.(*constant.BlockAddress)
			return ok
		})
	}
	return slices.ContainsFunc(f.s.mem.cells(place{obj: o}), func(c cell) bool {
		return c.fill == copied && c.src.Const && f.holdsLabels(c.src) || c.fill == whole && f.labelOf(c.val) != nil
	})
}

// SplitLoad reports whether the load at pt, whose address is dynamic, becomes a
// switch over the places of a table of labels.
func (v *Variant) SplitLoad(pt ir.Point) bool {
	b := v.an.prog.BlockAt(pt)
	if v.in[b.ID] == nil {
		return false
	}
	i, ok := v.instAt(pt).(*llir.InstLoad)
	if !ok || i.Volatile || i.Atomic {
		return false
	}
	f := v.replay(pt)
	return f.splitsLabels(i, f.operand(i.Src))
}

// refuseGotos makes calls residual of functions in which a computed goto has a
// dynamic label: residual code cannot go there. It reports whether there are new
// ones.
func (a *analysis) refuseGotos(live []*Variant) bool {
	again := false
	for _, v := range live {
		if v == a.entry || !v.fi.unfoldable {
			continue
		}
		for _, b := range v.Fn.RPO() {
			t, ok := b.LL.Term.(*llir.TermIndirectBr)
			if !ok || v.out[b.ID] == nil {
				continue
			}
			f := v.endOf(b)
			if f.operand(t.Addr).bt == Dynamic && len(v.takenSuccs(b)) > 1 {
				v.fi.unfoldable = false
				a.requeueCallers(v.Fn)
				again = true
				break
			}
		}
	}
	return again
}
