package bta

// This file holds liveness of registers, computed per register and kept per
// function.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	irvalue "github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// liveIn are the registers live into b, without the phis of b, ascending.
func (fi *funcInfo) liveIn(f *ir.Func, b *ir.Block) []ir.Reg {
	if fi.live == nil {
		fi.computeLive(f)
	}
	return fi.live[b.ID]
}

// computeLive walks from each use of each register up to its definition: the time
// is the size of the result.
func (fi *funcInfo) computeLive(f *ir.Func) {
	fi.live = make([][]ir.Reg, len(f.Blocks))
	uses := f.Uses()
	mark := make([]ir.Reg, len(f.Blocks))
	for i := range mark {
		mark[i] = ir.NoReg
	}
	var work []*ir.Block
	for r := range f.Values {
		reg := ir.Reg(r)
		def := fi.defs[r]
		need := func(b *ir.Block) {
			if b.Reachable() && mark[b.ID] != reg && (b != def || r < len(f.LL.Params)) {
				mark[b.ID] = reg
				fi.live[b.ID] = append(fi.live[b.ID], reg)
				if b != def {
					work = append(work, b)
				}
			}
		}
		for _, u := range uses.Of(reg) {
			b := f.Prog.BlockAt(u.Pt)
			phi, ok := f.Prog.UserAt(u.Pt).(*llir.InstPhi)
			if !ok {
				need(b)
				continue
			}
			for _, inc := range phi.Incs {
				if inc.X == irvalue.Value(f.Values[r]) {
					if p := f.BlockOf(blockOf(inc.Pred)); p != nil {
						need(p)
					}
				}
			}
		}
		for len(work) > 0 {
			b := work[len(work)-1]
			work = work[:len(work)-1]
			for _, p := range b.Preds {
				need(p)
			}
		}
	}
	for i := range fi.live {
		slices.Sort(fi.live[i])
	}
}

// resultOf is the register that the instruction at pt defines, NoReg if none.
func (v *Variant) resultOf(pt ir.Point) ir.Reg {
	if x, ok := v.an.prog.UserAt(pt).(irvalue.Value); ok {
		return v.Fn.Reg(x)
	}
	return ir.NoReg
}

// liveAt reports whether r of v is demanded somewhere that b leads to before r is
// defined again.
func (d *demand) liveAt(v *Variant, r ir.Reg, b *ir.Block) bool {
	k := needed{v, r}
	set, ok := d.liveSets[k]
	if !ok {
		set = d.demandLive(v, r)
		d.liveSets[k] = set
	}
	return set[b.ID]
}
