package bta

// This file holds interest: whether a static argument can matter in a callee at
// all, from the callee's text alone, so that calls which only pass constants on are
// not analyzed.

import (
	llir "github.com/llir/llvm/ir"
	irvalue "github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// interest is what a function does with a parameter, directly or through the
// functions it hands it to.
type interest uint8

const (
	decides interest = 1 << iota // computes a branch condition, a callee or an index from it
	follows                      // reads memory through it, or stores it
)

// interests is the interest of f in each parameter, by the call graph's
// components bottom-up. It costs the instructions of f and of what f calls, once.
func (a *analysis) interests(f *ir.Func) []interest {
	fi := a.info(f)
	if fi.interest != nil {
		return fi.interest
	}
	scc := a.component(f)
	for _, g := range scc {
		a.info(g).interest = make([]interest, len(g.LL.Params))
	}
	for changed := true; changed; {
		changed = false
		for _, g := range scc {
			for i := range g.LL.Params {
				if n := a.interestIn(g, i); n != a.info(g).interest[i] {
					a.info(g).interest[i] = n
					changed = true
				}
			}
		}
	}
	return fi.interest
}

// largeExtent bounds what a call may unfold to for nothing but literals.
const largeExtent = 1500

// extent is the number of instructions in f and in all that it may call, or some
// number above largeExtent.
func (a *analysis) extent(f *ir.Func) int {
	fi := a.info(f)
	if fi.extent > 0 {
		return fi.extent
	}
	seen := map[*ir.Func]bool{f: true}
	n := 0
	for work := []*ir.Func{f}; len(work) > 0 && n <= largeExtent; {
		g := work[len(work)-1]
		work = work[:len(work)-1]
		n += int(g.End - g.First)
		fns, _ := a.cg.CalleesOf(g)
		for _, h := range fns {
			if !seen[h] && !h.IsDecl() {
				seen[h] = true
				work = append(work, h)
			}
		}
	}
	fi.extent = max(n, 1)
	return fi.extent
}

// wraps reports whether f calls one function at most, as one does that is written to
// say what another is to be specialized for.
func (a *analysis) wraps(f *ir.Func) bool {
	fns, unknown := a.cg.CalleesOf(f)
	n := 0
	for _, g := range fns {
		if !g.IsDecl() {
			n++
		}
	}
	return n <= 1 && !unknown
}

// Decides reports whether anything that a static parameter i of v's function can
// make static is more than a number: a branch, a callee, an address.
func (v *Variant) Decides(i int) bool {
	in := v.fi.interest
	return in == nil || i >= len(in) || in[i] != 0
}

// component is the functions that f and each other call, f alone if it is not
// recursive.
func (a *analysis) component(f *ir.Func) []*ir.Func {
	if a.sccOf == nil {
		a.sccOf = make(map[*ir.Func][]*ir.Func)
		for _, scc := range a.cg.SCCs() {
			for _, g := range scc {
				a.sccOf[g] = scc
			}
		}
	}
	if a.sccOf[f] == nil {
		a.sccOf[f] = []*ir.Func{f}
	}
	return a.sccOf[f]
}

// interestIn follows parameter i of g through what is computed from it.
func (a *analysis) interestIn(g *ir.Func, i int) interest {
	var out interest
	if g.IsDecl() {
		return 0
	}
	uses := g.Uses()
	seen := map[ir.Reg]bool{ir.Reg(i): true}
	work := []ir.Reg{ir.Reg(i)}
	for len(work) > 0 && out != decides|follows {
		r := work[len(work)-1]
		work = work[:len(work)-1]
		for _, use := range uses.Of(r) {
			u := a.prog.UserAt(use.Pt)
			switch x := u.(type) {
			case *llir.InstLoad:
				out |= follows
				continue
			case *llir.InstStore:
				if x.Src == irvalue.Value(g.Values[r]) {
					out |= follows
				}
				continue
			case *llir.TermCondBr, *llir.TermSwitch, *llir.TermIndirectBr:
				out |= decides
				continue
			case *llir.TermRet:
				out |= decides
				continue
			case *llir.InstCall:
				out |= a.interestOfCall(x, g.Values[r])
				continue
			case *llir.InstGetElementPtr:
				if x.Src != irvalue.Value(g.Values[r]) {
					out |= decides
				}
			}
			if v, ok := u.(irvalue.Value); ok && ir.HasResult(u) {
				if y := g.Reg(v); y != ir.NoReg && !seen[y] {
					seen[y] = true
					work = append(work, y)
				}
			}
		}
	}
	return out
}

// interestOfCall is the interest of a call in one of its operands.
func (a *analysis) interestOfCall(c *llir.InstCall, x irvalue.Value) interest {
	if c.Callee == x {
		return decides
	}
	if k := libraryKind(c); k != libNone {
		if k == libNothing || k == libBegin || k == libVaStart {
			return 0
		}
		return decides | follows
	}
	var out interest
	fns, _ := a.cg.Callees(c)
	for _, g := range fns {
		if g.IsDecl() || !a.info(g).unfoldable {
			continue
		}
		in := a.interests(g)
		for k, arg := range c.Args {
			if strip(arg) == x && k < len(in) {
				out |= in[k]
			}
		}
	}
	return out
}
