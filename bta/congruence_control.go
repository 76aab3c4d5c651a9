package bta

// This file holds the part of Check on control: by Menger's theorem two paths from
// a branch to a block share nothing else exactly if no other block lies on all of
// them, that is if the branch is the block's immediate dominator in the graph of
// the paths from it. Nothing here is shared with control.go.

import (
	"quasi/ir"
)

// control checks (K6).
func (c *checker) control() {
	v := c.v
	divergent := make(map[*ir.Loop]bool)
	for _, b := range v.Fn.RPO() {
		if !v.Reached(b) || !v.At(b.TermPoint()).Reached() || len(v.takenSuccs(b)) < 2 {
			continue
		}
		if cond := condition(b.LL.Term); cond != nil && c.staticReg(v.At(b.TermPoint()), cond) {
			continue
		}
		l := v.Fn.Loops().Of(b)
		c.meets(b.TermPoint(), v.takenSuccs(b), l, divergent)
	}
	for _, l := range v.Fn.Loops().All {
		for _, inner := range l.Children {
			if divergent[inner] {
				c.meets(inner.Header.First, v.takenExits(inner), l, divergent)
			}
		}
	}
	for _, l := range v.Fn.Loops().Top {
		if divergent[l] {
			c.meets(l.Header.First, v.takenExits(l), nil, divergent)
		}
	}
	for _, l := range v.Fn.Loops().All {
		if !divergent[l] {
			continue
		}
		for _, b := range append(append([]*ir.Block(nil), l.Entries...), v.takenExits(l)...) {
			if v.Reached(b) && v.Join(b) == nil {
				c.fault(b.First, "K6: %s is an entry or exit of a loop under dynamic control and no specialized point", b.LL.Ident())
			}
		}
	}
}

// meets checks the blocks where the paths from starts meet, inside l if it is not
// nil, and notes l if some of them leave it and others go on.
func (c *checker) meets(pt ir.Point, starts []*ir.Block, l *ir.Loop, divergent map[*ir.Loop]bool) {
	v := c.v
	const root = -1
	const back, out, sink = -2, -3, -4
	if l != nil && l.Irreducible {
		divergent[l] = true
		return
	}
	preds := make(map[int][]int)
	blocks := make(map[int]*ir.Block)
	var work []*ir.Block
	edge := func(from int, to *ir.Block) {
		id := to.ID
		switch {
		case l != nil && !l.Contains(to):
			id = out
		case l != nil && to == l.Header:
			id = back
		}
		if id >= 0 && blocks[id] == nil {
			blocks[id] = to
			work = append(work, to)
		}
		for _, p := range preds[id] {
			if p == from && id >= 0 {
				return
			}
		}
		preds[id] = append(preds[id], from)
	}
	for _, s := range starts {
		edge(root, s)
	}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		for _, s := range v.takenSuccs(b) {
			edge(b.ID, s)
		}
	}
	doms := dominators(preds, root)
	for _, b := range v.Fn.Blocks {
		id := b.ID
		if blocks[id] == nil {
			continue
		}
		if doms.disjoint(id, preds[id]) && v.Join(b) == nil {
			c.fault(b.First, "K6: paths from the dynamic branch at %v meet in %s, which is no specialized point", c.res.Config.Prog.Position(pt), b.LL.Ident())
		}
	}
	if l == nil || len(preds[back]) == 0 {
		return
	}
	if doms.disjoint(back, preds[back]) && v.Join(l.Header) == nil {
		c.fault(l.Header.First, "K6: paths from the dynamic branch at %v meet in the loop header %s, which is no specialized point", c.res.Config.Prog.Position(pt), l.Header.LL.Ident())
	}
	if len(preds[out]) == 0 {
		return
	}
	preds[sink] = append(append([]int(nil), preds[back]...), preds[out]...)
	if dominators(preds, root).disjoint(sink, preds[sink]) {
		divergent[l] = true
	}
}

// A domSets is the set of dominators of each node, itself included.
type domSets map[int]map[int]bool

// dominators finds the nodes on all paths from root to each node, by iteration
// over sets.
func dominators(preds map[int][]int, root int) domSets {
	doms := domSets{root: {root: true}}
	for changed := true; changed; {
		changed = false
		for n, ps := range preds {
			var set map[int]bool
			for _, p := range ps {
				d, ok := doms[p]
				if !ok {
					continue
				}
				if set == nil {
					set = make(map[int]bool, len(d)+1)
					for x := range d {
						set[x] = true
					}
					continue
				}
				for x := range set {
					if !d[x] {
						delete(set, x)
					}
				}
			}
			if set == nil {
				continue
			}
			set[n] = true
			if len(set) != len(doms[n]) {
				doms[n] = set
				changed = true
			}
		}
	}
	return doms
}

// disjoint reports whether two paths from the root to n share no node but these: the
// root and n are the only dominators, and n is entered from two nodes on the way.
func (d domSets) disjoint(n int, preds []int) bool {
	if len(d[n]) != 2 {
		return false
	}
	ways := 0
	for _, p := range preds {
		if !d[p][n] {
			ways++
		}
	}
	return ways > 1
}
