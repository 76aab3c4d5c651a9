package bta

// This file holds specialized points: which blocks are, and what is generalized
// there.

import (
	"slices"

	llir "github.com/llir/llvm/ir"

	"quasi/ir"
)

// A Join says what the specializer generalizes where residual paths meet.
// Everything else that is static at the block is part of the memo key.
type Join struct {
	Block *ir.Block // nil for Variant.Exit

	// DynRegs are the phis of the block and the registers live into it that are
	// dynamic from here on, ascending. Those that are static on an incoming path
	// are lifted there.
	DynRegs []ir.Reg

	// DynMem are the cells that are dynamic from here on and static on some
	// incoming path: what is known of them is flushed. Objects come by id, then
	// symbolic instances. A specializer that knows more than the analysis asks
	// Variant.At(block.First).Cell for what it knows beyond these.
	DynMem []Cell

	// Leaked are the stack slots whose address residual code may hold here, by id.
	// That of any other object may be known outside from the start, slots of
	// recursive functions included.
	Leaked []*ir.Object

	// Split are the phis that stay static though paths of a dynamic branch bring
	// different values, since something static needs them. Ascending.
	Split []ir.Reg

	Reason map[ir.Reg]Reason // of every register in DynRegs
	By     Reason            // why the block is a specialized point
}

// A joinPoint is a specialized point while the analysis runs. Everything in it
// only grows.
type joinPoint struct {
	splits bool // disjoint paths of a dynamic branch meet here, or different iterations
	by     Reason
	phis   []ir.Reg // phis made dynamic here; for the exit join, anything: the returned value
	live   []ir.Reg // other registers made dynamic here
	cells  []Cell
	leaves []*ir.Loop // loops with dynamic control that are left for here
	why    map[ir.Reg]Reason
	whyOf  map[Cell]Reason
}

func newJoinPoint(by Reason) *joinPoint {
	return &joinPoint{by: by, why: make(map[ir.Reg]Reason), whyOf: make(map[Cell]Reason)}
}

func (j *joinPoint) generalizes(r ir.Reg) bool {
	_, ok := slices.BinarySearch(j.phis, r)
	return ok
}

// addPhi makes phi r dynamic; it reports whether that is new.
func (j *joinPoint) addPhi(r ir.Reg, why Reason) bool {
	i, ok := slices.BinarySearch(j.phis, r)
	if !ok {
		j.phis = slices.Insert(j.phis, i, r)
		j.why[r] = why
	}
	return !ok
}

// addLive makes another register dynamic.
func (j *joinPoint) addLive(r ir.Reg, why Reason) bool {
	i, ok := slices.BinarySearch(j.live, r)
	if !ok {
		j.live = slices.Insert(slices.Clone(j.live), i, r)
		j.why[r] = why
	}
	return !ok
}

// addCell makes a cell dynamic.
func (j *joinPoint) addCell(c Cell, why Reason) bool {
	if slices.Contains(j.cells, c) {
		return false
	}
	j.cells = append(j.cells, c)
	slices.SortFunc(j.cells, compareCells)
	j.whyOf[c] = why
	return true
}

func compareCells(x, y Cell) int {
	switch {
	case x.place() != y.place():
		if x.place().less(y.place()) {
			return -1
		}
		return 1
	case x.Lo != y.Lo:
		return cmp64(x.Lo, y.Lo)
	}
	return cmp64(x.Hi, y.Hi)
}

func cmp64(x, y int64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func (c Cell) place() place {
	if c.Obj != nil {
		return place{obj: c.Obj}
	}
	return place{base: c.Base}
}

// String is the cell as listings show it: `@g[0:4)`.
func (c Cell) String() string {
	name := "*" + itoa(int64(c.Base))
	if c.Obj != nil {
		name = objectName(c.Obj)
	}
	return name + "[" + itoa(c.Lo) + ":" + itoa(c.Hi) + ")"
}

// phiAt is the phi at pt of b, nil if there is none.
func phiAt(b *ir.Block, pt ir.Point) *llir.InstPhi {
	if i := int(pt - b.First); i < len(b.LL.Insts) {
		phi, _ := b.LL.Insts[i].(*llir.InstPhi)
		return phi
	}
	return nil
}

// join returns the specialized point at b, made for reason by if there is none.
func (v *Variant) joinAt(b *ir.Block, by Reason) (j *joinPoint, made bool) {
	if j = v.joins[b.ID]; j == nil {
		j = newJoinPoint(by)
		v.joins[b.ID] = j
		return j, true
	}
	return j, false
}

// samePhi reports whether every way into b brings phi the same value.
func (f *flow) samePhi(phi *llir.InstPhi, b *ir.Block) bool {
	return f.v.samePhi(phi, b)
}

func (v *Variant) samePhi(phi *llir.InstPhi, b *ir.Block) bool {
	self := v.Fn.Reg(phi)
	var first *llir.Incoming
	var firstVal value
	for _, inc := range phi.Incs {
		p := v.Fn.BlockOf(blockOf(inc.Pred))
		if p == nil || !v.feasible(p, b) || v.Fn.Reg(inc.X) == self {
			continue
		}
		g := flow{analysis: v.an, v: v, b: p, pt: p.TermPoint(), s: *v.out[p.ID]}
		x := g.operand(inc.X)
		if first == nil {
			first, firstVal = inc, x
			continue
		}
		if !g.sameValue(first.X, inc.X, firstVal, x) {
			return false
		}
	}
	return true
}

// applyForced makes v's specialized points for Config.Forced.
func (a *analysis) applyForced(v *Variant) {
	for _, fk := range a.forced {
		if fk.key.Fn != v.Fn {
			continue
		}
		b := fk.key.Block
		if b == nil {
			b = v.Fn.Blocks[0]
		}
		why := fk.why
		if why.Kind == NoReason {
			why.Kind = BudgetSpent
		}
		why.Pt = b.First
		j, _ := v.joinAt(b, why)
		r := fk.key.Reg
		switch {
		case r == ir.NoReg:
			j.addCell(fk.key.Cell, why)
		case v.fi.defs[r] == b && int(r) >= len(v.Fn.LL.Params):
			j.addPhi(r, why)
			if phiAt(b, v.fi.points[r]) == nil {
				v.forced = append(v.forced, r)
			}
		default:
			j.addLive(r, why)
		}
	}
}

// A forcedEntry is one element of Config.Forced.
type forcedEntry struct {
	key ForcedKey
	why Reason
}

// sortForced orders Config.Forced.
func sortForced(m map[ForcedKey]Reason) []forcedEntry {
	out := make([]forcedEntry, 0, len(m))
	for k, w := range m {
		out = append(out, forcedEntry{k, w})
	}
	slices.SortFunc(out, func(x, y forcedEntry) int {
		if c := x.key.Fn.ID - y.key.Fn.ID; c != 0 {
			return c
		}
		if c := blockID(x.key.Block) - blockID(y.key.Block); c != 0 {
			return c
		}
		if c := int(x.key.Reg - y.key.Reg); c != 0 {
			return c
		}
		return compareCells(x.key.Cell, y.key.Cell)
	})
	return out
}

func blockID(b *ir.Block) int {
	if b == nil {
		return 0
	}
	return b.ID
}
