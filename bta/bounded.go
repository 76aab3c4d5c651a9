package bta

// This file holds bounded static variation: whether a static value that a
// dynamically controlled loop carries takes finitely many values (Jones, Gomard
// and Sestoft 1993, chapter 14).

import (
	llir "github.com/llir/llvm/ir"

	"quasi/ir"
)

// bounded applies rule (J6) to the phi r of the header of g.around. A value that
// the loop only replaces by others (a state, a constant) is bounded. One that it
// computes from itself is, if static data is read at an address made of it, since
// data ends, or if a static exit of the loop depends on it. Values that go
// through memory or calls are taken to be bounded; the specializer's budget holds
// where they are not.
func (g *generalizer) bounded(r ir.Reg) bool {
	return !g.computedFromItself(r) || g.evidence(r)
}

// computedFromItself reports whether r depends on itself round the loop through
// arithmetic.
func (g *generalizer) computedFromItself(r ir.Reg) bool {
	v := g.v
	type key struct {
		r     ir.Reg
		arith bool
	}
	seen := make(map[key]bool)
	var work []key
	push := func(k key) {
		if !seen[k] {
			seen[k] = true
			work = append(work, k)
		}
	}
	phi := v.Fn.Values[r].(*llir.InstPhi)
	for _, inc := range phi.Incs {
		if p := v.Fn.BlockOf(blockOf(inc.Pred)); p != nil && g.around.Contains(p) && v.feasible(p, g.b) {
			if x := v.Fn.Reg(inc.X); x != ir.NoReg {
				push(key{x, false})
			}
		}
	}
	for len(work) > 0 {
		k := work[len(work)-1]
		work = work[:len(work)-1]
		if k.r == r {
			if k.arith {
				return true
			}
			continue
		}
		def := v.fi.defs[k.r]
		if int(k.r) < len(v.Fn.LL.Params) || !g.around.Contains(def) {
			continue
		}
		arith := k.arith
		u := g.prog.UserAt(v.fi.points[k.r])
		switch u.(type) {
		case *llir.InstPhi, *llir.InstSelect, *llir.InstFreeze, *llir.InstBitCast:
		case *llir.InstLoad, *llir.InstAlloca:
			continue
		default:
			arith = true
		}
		for _, op := range ir.Operands(u) {
			if x := v.Fn.Reg(strip(*op)); x != ir.NoReg {
				push(key{x, arith})
			}
		}
	}
	return false
}

// evidence looks for what bounds r: see bounded.
func (g *generalizer) evidence(r ir.Reg) bool {
	v := g.v
	seen := map[ir.Reg]bool{r: true}
	work := []ir.Reg{r}
	uses := v.Fn.Uses()
	for len(work) > 0 {
		x := work[len(work)-1]
		work = work[:len(work)-1]
		for _, use := range uses.Of(x) {
			b := g.prog.BlockAt(use.Pt)
			if !g.around.Contains(b) || v.in[b.ID] == nil {
				continue
			}
			u := g.prog.UserAt(use.Pt)
			switch i := u.(type) {
			case *llir.InstLoad:
				if g.loop.reg(v, v.Fn.Reg(i)) {
					return true
				}
				continue
			case *llir.InstCall, *llir.InstStore:
				return true
			case *llir.TermCondBr, *llir.TermSwitch, *llir.TermIndirectBr:
				if v.registersAt(use.Pt).operand(v.Fn.Values[x]).bt == Static {
					for _, s := range v.takenSuccs(b) {
						if !g.around.Contains(s) {
							return true
						}
					}
				}
				continue
			}
			if !ir.HasResult(u) {
				continue
			}
			y := v.resultOf(use.Pt)
			if y != ir.NoReg && !seen[y] && v.has[y] && v.regs[y].bt == Static {
				seen[y] = true
				work = append(work, y)
			}
		}
	}
	return false
}
