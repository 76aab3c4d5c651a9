package bta

// This file holds bounded static variation: whether a static value that a
// dynamically controlled loop carries takes finitely many values, and is worth
// them (Jones, Gomard and Sestoft 1993, chapter 14).

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	irvalue "github.com/llir/llvm/ir/value"

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

// tableState reports whether r is the state of a table-driven automaton: the loop
// replaces it by constants and by what it loads from read-only memory, at least
// once at an address made of r itself.
func (g *generalizer) tableState(r ir.Reg) bool {
	v := g.v
	seen := map[ir.Reg]bool{r: true}
	var work []ir.Reg
	add := func(x irvalue.Value) {
		if y := v.Fn.Reg(strip(x)); y != ir.NoReg && !seen[y] {
			seen[y] = true
			work = append(work, y)
		}
	}
	phi := v.Fn.Values[r].(*llir.InstPhi)
	for _, inc := range phi.Incs {
		add(inc.X)
	}
	table := false
	for len(work) > 0 {
		x := work[len(work)-1]
		work = work[:len(work)-1]
		if !g.around.Contains(v.fi.defs[x]) || int(x) < len(v.Fn.LL.Params) {
			continue
		}
		switch i := g.prog.UserAt(v.fi.points[x]).(type) {
		case *llir.InstPhi:
			for _, inc := range i.Incs {
				add(inc.X)
			}
		case *llir.InstSelect:
			add(i.ValueTrue)
			add(i.ValueFalse)
		case *llir.InstZExt:
			add(i.From)
		case *llir.InstSExt:
			add(i.From)
		case *llir.InstTrunc:
			add(i.From)
		case *llir.InstFreeze:
			add(i.X)
		case *llir.InstLoad:
			refs, unknown := g.targets(v.registersAt(v.fi.points[x]).operand(i.Src), i.Src)
			for _, t := range refs.refs {
				if !t.obj.Const {
					return false
				}
			}
			if unknown {
				return false
			}
			table = table || g.reaches(i.Src, r)
		default:
			return false
		}
	}
	return table
}

// reaches reports whether x is computed from r inside the loop, without memory.
func (g *generalizer) reaches(x irvalue.Value, r ir.Reg) bool {
	v := g.v
	seen := make(map[ir.Reg]bool)
	work := []irvalue.Value{x}
	for len(work) > 0 {
		y := v.Fn.Reg(strip(work[len(work)-1]))
		work = work[:len(work)-1]
		if y == r {
			return true
		}
		if y == ir.NoReg || seen[y] || int(y) < len(v.Fn.LL.Params) || !g.around.Contains(v.fi.defs[y]) {
			continue
		}
		seen[y] = true
		u := g.prog.UserAt(v.fi.points[y])
		switch u.(type) {
		case *llir.InstLoad, *llir.InstCall:
			continue
		}
		for _, op := range ir.Operands(u) {
			work = append(work, *op)
		}
	}
	return false
}

// programLoops are the loops of v that run a static program: a value that the loop
// computes from itself (a program counter), or a cell, stays static because data
// loaded with it decides control. What such a loop otherwise carries is mostly a
// function of the program counter, such as a stack pointer.
func (a *analysis) programLoops(v *Variant, d *demand, loops map[*ir.Loop]*demand) map[*ir.Loop]bool {
	out := make(map[*ir.Loop]bool)
	for _, b := range v.Fn.RPO() {
		l := v.Fn.Loops().Of(b)
		if l == nil || loops[l] == nil || v.joins[b.ID] == nil || v.carriedBy(b) != l {
			continue
		}
		g := &generalizer{analysis: a, v: v, b: b, j: v.joins[b.ID], all: d, loop: loops[l], around: l}
		for pt := b.First; phiAt(b, pt) != nil; pt++ {
			phi := phiAt(b, pt)
			r := v.Fn.Reg(phi)
			if v.regs[r].vary && g.differs(phi, r) && g.loop.reg(v, r) && g.computedFromItself(r) && g.evidence(r) {
				out[l] = true
			}
		}
		for _, r := range v.in[b.ID].mem {
			for _, c := range r.cells {
				if c.val.bt == Static && c.val.vary && c.fill == whole && c.org == mergedAt(b.First) && g.loop.cell(r.place, c.lo, c.hi) {
					out[l] = true
				}
			}
		}
	}
	return out
}

// addressDemand is what static computation needs, the addresses of accesses to
// stack slots at unknown static offsets included.
func (a *analysis) addressDemand(live []*Variant) *demand {
	if a.addresses != nil {
		return a.addresses
	}
	d := a.newDemand(nil)
	for _, v := range live {
		d.seed(v, true)
		d.seedSlots(v)
	}
	a.addresses = d
	return d
}

// seedSlots demands the addresses of accesses to stack slots at unknown offsets.
func (d *demand) seedSlots(v *Variant) {
	for _, b := range v.Fn.RPO() {
		if v.in[b.ID] == nil {
			continue
		}
		for k, inst := range b.LL.Insts {
			var addr irvalue.Value
			switch i := inst.(type) {
			case *llir.InstLoad:
				addr = i.Src
			case *llir.InstStore:
				addr = i.Dst
			default:
				continue
			}
			f := v.registersAt(b.First + ir.Point(k))
			x := f.operand(addr)
			if x.bt == Dynamic || x.refs == nil || !slices.ContainsFunc(x.refs.refs, func(r ref) bool { return !r.exact() && r.obj.Kind == ir.ObjStack }) {
				continue
			}
			d.operand(f, addr)
		}
	}
	d.close()
}
