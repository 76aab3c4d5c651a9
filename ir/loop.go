package ir

// This file holds loops: the nesting of strongly connected regions (Havlak:
// Nesting of Reducible and Irreducible Loops, 1997; irreducible regions as in
// Steensgaard: Sequentializing Program Dependence Graphs, 1993).

import "slices"

// A Loop is a strongly connected region of at least one edge. Its Header is
// the only block entered from outside unless Irreducible is set; then Entries
// are all of them and Header is the first in reverse postorder. Loops with the
// same header are one Loop.
type Loop struct {
	Header      *Block
	Entries     []*Block // by ID; {Header} if reducible
	Blocks      []*Block // by ID, those of inner loops included
	Parent      *Loop
	Children    []*Loop // by Header in reverse postorder
	Depth       int     // 1 if Parent is nil
	Irreducible bool
	Latches     []*Block // blocks inside with an edge to one of Entries, by ID
	Exits       []*Block // targets outside of edges from inside, by ID

	member []uint64
}

// Contains reports whether b lies in l or a loop inside it.
func (l *Loop) Contains(b *Block) bool {
	i := b.ID / 64
	return i < len(l.member) && l.member[i]>>(b.ID%64)&1 == 1
}

// A LoopForest is the loops of a function.
type LoopForest struct {
	Top  []*Loop // outermost, by Header in reverse postorder
	All  []*Loop // every loop, outer before inner
	inOf []*Loop // innermost loop by Block.ID
}

// Of is the innermost loop around b, nil if none.
func (l *LoopForest) Of(b *Block) *Loop { return l.inOf[b.ID] }

// Loops returns the loops of f's reachable blocks.
func (f *Func) Loops() *LoopForest {
	if f.facts.loops == nil {
		n := &loopNester{fn: f, forest: &LoopForest{inOf: make([]*Loop, len(f.Blocks))}, in: make([]int32, len(f.Blocks)),
			cut: make([]bool, len(f.Blocks)), num: make([]int32, len(f.Blocks)), low: make([]int32, len(f.Blocks))}
		for _, b := range f.RPO() {
			n.in[b.ID] = 1
		}
		n.region = 1
		n.nest(f.RPO(), 1, nil)
		f.facts.loops = n.forest
	}
	return f.facts.loops
}

// A loopNester finds strongly connected regions, then again inside each one
// with the edges to its entries cut.
type loopNester struct {
	fn       *Func
	forest   *LoopForest
	in       []int32 // region a block is in, by Block.ID; 0: unreachable
	region   int32   // last region number given
	cut      []bool  // edges to this block do not count
	num, low []int32 // of Tarjan's algorithm
}

// nest finds the loops among blocks, which are the region numbered id in
// reverse postorder.
func (n *loopNester) nest(blocks []*Block, id int32, parent *Loop) {
	for _, comp := range n.components(blocks, id) {
		l := n.loop(comp, parent)
		n.region++
		for _, b := range l.Blocks {
			n.in[b.ID] = n.region
			n.forest.inOf[b.ID] = l
		}
		for _, e := range l.Entries {
			n.cut[e.ID] = true
		}
		if len(comp) > 1 {
			n.nest(comp, n.region, l)
		}
	}
}

// components returns the strongly connected components of a region that have
// an edge, each in reverse postorder, ordered by their first block.
func (n *loopNester) components(blocks []*Block, id int32) [][]*Block {
	type frame struct {
		b    *Block
		next int
	}
	var comps [][]*Block
	var open []*Block
	const done = 1 << 30
	clock := int32(0)
	for _, b := range blocks {
		n.num[b.ID] = 0
	}
	follow := func(s *Block) bool { return n.in[s.ID] == id && !n.cut[s.ID] }
	for _, root := range blocks {
		if n.num[root.ID] != 0 {
			continue
		}
		clock++
		n.num[root.ID], n.low[root.ID] = clock, clock
		open = append(open, root)
		stack := []frame{{b: root}}
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			b := top.b
			if top.next < len(b.Succs) {
				s := b.Succs[top.next]
				top.next++
				if !follow(s) {
					continue
				}
				if n.num[s.ID] == 0 {
					clock++
					n.num[s.ID], n.low[s.ID] = clock, clock
					open = append(open, s)
					stack = append(stack, frame{b: s})
				} else if n.num[s.ID] < n.low[b.ID] {
					n.low[b.ID] = n.num[s.ID]
				}
				continue
			}
			stack = stack[:len(stack)-1]
			if len(stack) > 0 {
				up := stack[len(stack)-1].b
				n.low[up.ID] = min(n.low[up.ID], n.low[b.ID])
			}
			if n.low[b.ID] != n.num[b.ID] {
				continue
			}
			i := len(open) - 1
			for open[i] != b {
				i--
			}
			comp := slices.Clone(open[i:])
			open = open[:i]
			for _, c := range comp {
				n.num[c.ID] = done
			}
			if len(comp) > 1 || (!n.cut[b.ID] && slices.Contains(b.Succs, b)) {
				comps = append(comps, comp)
			}
		}
	}
	for _, comp := range comps {
		slices.SortFunc(comp, byRPO)
	}
	slices.SortFunc(comps, func(a, b []*Block) int { return byRPO(a[0], b[0]) })
	return comps
}

func byRPO(a, b *Block) int { return int(a.rpoIndex() - b.rpoIndex()) }
func byID(a, b *Block) int  { return a.ID - b.ID }

// loop makes a Loop of a component and hangs it on parent.
func (n *loopNester) loop(comp []*Block, parent *Loop) *Loop {
	l := &Loop{Parent: parent, Depth: 1, Blocks: slices.Clone(comp), member: make([]uint64, len(n.fn.Blocks)/64+1)}
	slices.SortFunc(l.Blocks, byID)
	for _, b := range l.Blocks {
		l.member[b.ID/64] |= 1 << (b.ID % 64)
	}
	for _, b := range comp {
		entered := b.ID == 0
		for _, p := range b.Preds {
			entered = entered || (p.Reachable() && !l.Contains(p))
		}
		if entered {
			l.Entries = append(l.Entries, b)
		}
	}
	l.Header = l.Entries[0]
	l.Irreducible = len(l.Entries) > 1
	slices.SortFunc(l.Entries, byID)
	for _, b := range l.Blocks {
		latch := false
		for _, s := range b.Succs {
			if !l.Contains(s) {
				l.Exits = append(l.Exits, s)
			} else {
				latch = latch || slices.Contains(l.Entries, s)
			}
		}
		if latch {
			l.Latches = append(l.Latches, b)
		}
	}
	slices.SortFunc(l.Exits, byID)
	l.Exits = slices.Compact(l.Exits)
	if parent == nil {
		n.forest.Top = append(n.forest.Top, l)
	} else {
		l.Depth = parent.Depth + 1
		parent.Children = append(parent.Children, l)
	}
	n.forest.All = append(n.forest.All, l)
	return l
}
