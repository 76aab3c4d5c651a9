package bta

// This file holds rule (J4): specialized points where residual copies, which a
// demanded value of a join has kept apart, can become one again.

import (
	"slices"

	"quasi/ir"
)

// placeCopyJoins makes a block a specialized point when copies meet there and no
// value that still keeps them apart is only passed through: every demanded value
// that differs between copies is merged at the block, or there is none any more.
// It considers blocks where paths of a static branch on such a value meet, the
// entries and exits of loops, and blocks in which the last need has just ended.
func (a *analysis) placeCopyJoins(v *Variant, d *demand) bool {
	c := newCopies(v, d)
	if c == nil {
		return false
	}
	_, vary := v.branches()
	res := v.control(vary)
	again := false
	mark := func(b *ir.Block, pt ir.Point) {
		if b.ID == 0 || v.in[b.ID] == nil {
			return
		}
		j, made := v.joinAt(b, Reason{Kind: CopiesMeet, Pt: pt})
		if made {
			j.splits = true
			a.enqueue(v, b)
			again = true
		}
	}
	loops := v.Fn.Loops()
	for _, b := range v.Fn.RPO() {
		if v.in[b.ID] == nil || v.joins[b.ID] != nil || c.passed[b.ID] > 0 {
			continue
		}
		pt, meets := res.meets[b]
		l := loops.Of(b)
		header := l != nil && slices.Contains(l.Entries, b) && c.merged[b.ID] > 0
		if meets || header || c.ends(b) {
			if !meets {
				pt = b.First
			}
			mark(b, pt)
		}
	}
	for _, l := range loops.All {
		pt, ok := res.loops[l]
		if !ok {
			continue
		}
		joined := false
		for _, b := range l.Entries {
			joined = joined || v.joins[b.ID] != nil
		}
		for _, b := range v.takenExits(l) {
			if c.passed[b.ID] == 0 {
				mark(b, pt)
			}
			if j := v.joins[b.ID]; j != nil && !slices.Contains(j.leaves, l) {
				j.leaves = append(j.leaves, l)
				again = true
			}
		}
		if joined && !v.divergentLoops[l] {
			v.divergentLoops[l] = true
			a.enqueueAll(v)
			again = true
		}
	}
	if res.atExit && v.exitJoin == nil {
		v.exitJoin = newJoinPoint(Reason{Kind: CopiesMeet, Pt: res.exitBy})
		v.exitJoin.splits = true
		a.enqueueReturns(v)
		again = true
	}
	return again
}

// copies counts, per block, the demanded values that differ between copies.
type copies struct {
	v      *Variant
	passed []int  // live through the block's start
	merged []int  // merged there
	used   []bool // needed in the block or later
}

// newCopies is nil if no demanded value of v differs between copies.
func newCopies(v *Variant, d *demand) *copies {
	n := d.regs[v]
	c := &copies{v: v, passed: make([]int, len(v.Fn.Blocks)), merged: make([]int, len(v.Fn.Blocks)), used: make([]bool, len(v.Fn.Blocks))}
	any := false
	if n != nil {
		for r, need := range n.reg {
			reg := ir.Reg(r)
			if !need || !v.has[r] || v.regs[r].bt == Dynamic || v.an.decided(v.regs[r]) {
				continue
			}
			def := v.defBlock(reg)
			if !v.regs[r].vary && !v.inDivergentLoop(def) {
				continue
			}
			if v.regs[r].vary {
				any = true
				c.used[def.ID] = true
				if phiAt(def, v.fi.points[r]) != nil {
					c.merged[def.ID]++
				}
			}
			for _, b := range v.Fn.Blocks {
				if d.liveAt(v, reg, b) && v.in[b.ID] != nil && v.regAt(reg, b, v.in[b.ID].gen).vary {
					any = true
					c.passed[b.ID]++
					c.used[b.ID] = true
				}
			}
		}
	}
	for _, b := range v.Fn.RPO() {
		if v.in[b.ID] == nil {
			continue
		}
		for _, r := range v.in[b.ID].mem {
			for _, x := range r.cells {
				if !x.val.vary || !d.cell(r.place, x.lo, x.hi) || !d.readLater(v, r.place, b) {
					continue
				}
				any = true
				c.used[b.ID] = true
				if x.org == mergedAt(b.First) {
					c.merged[b.ID]++
				} else {
					c.passed[b.ID]++
				}
			}
		}
	}
	if !any {
		return nil
	}
	return c
}

// ends reports whether a predecessor of b still needs a value that differs
// between copies and b does not.
func (c *copies) ends(b *ir.Block) bool {
	if c.merged[b.ID] > 0 || c.passed[b.ID] > 0 || c.used[b.ID] {
		return false
	}
	for _, p := range b.Preds {
		if c.used[p.ID] && c.v.feasible(p, b) {
			return true
		}
	}
	return false
}

func (v *Variant) inDivergentLoop(b *ir.Block) bool {
	for l := v.Fn.Loops().Of(b); l != nil; l = l.Parent {
		if v.divergentLoops[l] {
			return true
		}
	}
	return false
}

// readLater reports whether demanded content of p may be read from b on: by a
// block of v that b reaches, or after v returns.
func (d *demand) readLater(v *Variant, p place, b *ir.Block) bool {
	k := readKey{v, p}
	set, ok := d.readers[k]
	if !ok {
		set = d.computeReaders(v, p)
		d.readers[k] = set
	}
	return set[b.ID]
}

type readKey struct {
	v *Variant
	p place
}

// computeReaders marks the blocks from which a demanded read of p is reached.
func (d *demand) computeReaders(v *Variant, p place) []bool {
	set := make([]bool, len(v.Fn.Blocks))
	var work []*ir.Block
	add := func(b *ir.Block) {
		if !set[b.ID] && v.in[b.ID] != nil {
			set[b.ID] = true
			work = append(work, b)
		}
	}
	inCallee := make(map[int]bool)
	v.eachPlan(func(b *ir.Block, _ ir.Point, c callee) {
		if c.v != nil && !inCallee[b.ID] && d.readsIn(c.v, p, make(map[*Variant]bool)) {
			inCallee[b.ID] = true
		}
	})
	own := p.obj != nil && p.obj.Kind == ir.ObjStack && p.obj.Fn == v.Fn && v.an.single(p.obj)
	for _, b := range v.Fn.RPO() {
		if v.in[b.ID] == nil {
			continue
		}
		if len(b.Succs) == 0 && !own && v != v.an.entry {
			add(b)
		}
		if d.reads[v][p][b.ID] || inCallee[b.ID] {
			add(b)
		}
	}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		for _, q := range b.Preds {
			if v.feasible(q, b) {
				add(q)
			}
		}
	}
	return set
}

// readsIn reports whether v or what it calls reads demanded content of p.
func (d *demand) readsIn(v *Variant, p place, seen map[*Variant]bool) bool {
	if seen[v] {
		return false
	}
	seen[v] = true
	found := len(d.reads[v][p]) > 0
	v.eachPlan(func(_ *ir.Block, _ ir.Point, c callee) {
		if c.v != nil && !found {
			found = d.readsIn(c.v, p, seen)
		}
	})
	return found
}
