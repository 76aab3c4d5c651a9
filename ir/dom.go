package ir

// This file holds dominator and postdominator trees (Cooper, Harvey, Kennedy:
// A Simple, Fast Dominance Algorithm, 2001), dominance frontiers (Cytron et
// al., 1991) and control dependence (Ferrante, Ottenstein, Warren, 1987).

// A DomTree is the dominator or postdominator tree of a function's reachable
// blocks.
type DomTree struct {
	fn       *Func
	post     bool
	idom     []int32 // by Block.ID; noDom for a root and for unreachable blocks
	kids     [][]*Block
	roots    []*Block
	pre, end []int32 // interval of the subtree by Block.ID, from 1; 0 if unreachable
	frontier [][]*Block
}

const noDom = -1

// Dom returns the dominator tree of f.
func (f *Func) Dom() *DomTree {
	if f.facts.dom == nil {
		f.facts.dom = newDomTree(f, f.RPO(), nil, false)
	}
	return f.facts.dom
}

// PostDom returns the postdominator tree of f. Its root is a virtual exit
// behind every block without successors, so IDom is nil for those, and for a
// block whose paths end in different exits. From each region that no exit can
// be reached from, one block, the last in reverse postorder, is given an edge
// to the virtual exit.
func (f *Func) PostDom() *DomTree {
	if f.facts.postdom == nil {
		order, exits := postOrder(f)
		f.facts.postdom = newDomTree(f, order, exits, true)
	}
	return f.facts.postdom
}

// postOrder returns reverse postorder of the reversed graph, and which blocks
// have an edge to the virtual exit.
func postOrder(f *Func) (order []*Block, exits []bool) {
	rpo := f.RPO()
	exits = make([]bool, len(f.Blocks))
	seen := make([]bool, len(f.Blocks))
	var post []*Block
	type frame struct {
		b    *Block
		next int
	}
	visit := func(b *Block) {
		exits[b.ID], seen[b.ID] = true, true
		stack := []frame{{b: b}}
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.next == len(top.b.Preds) {
				post = append(post, top.b)
				stack = stack[:len(stack)-1]
				continue
			}
			p := top.b.Preds[top.next]
			top.next++
			if !seen[p.ID] && p.Reachable() {
				seen[p.ID] = true
				stack = append(stack, frame{b: p})
			}
		}
	}
	for _, b := range rpo {
		if len(b.Succs) == 0 {
			visit(b)
		}
	}
	for i := len(rpo) - 1; i >= 0; i-- {
		if !seen[rpo[i].ID] {
			visit(rpo[i])
		}
	}
	order = make([]*Block, len(post))
	for i, b := range post {
		order[len(post)-1-i] = b
	}
	return order, exits
}

// newDomTree computes the tree over order, a reverse postorder of the graph or,
// with post, of the reversed graph whose blocks in exits hang on the virtual
// root.
func newDomTree(f *Func, order []*Block, exits []bool, post bool) *DomTree {
	d := &DomTree{fn: f, post: post, idom: make([]int32, len(f.Blocks)), kids: make([][]*Block, len(f.Blocks))}
	num := make([]int32, len(f.Blocks)) // place in order from 1; 0 is the root's, and means absent
	for i, b := range order {
		num[b.ID] = int32(i + 1)
	}
	// The virtual root is node 0. A forward tree has one too, above the entry.
	const undefined = -1
	idom := make([]int32, len(order)+1)
	for i := range idom {
		idom[i] = undefined
	}
	idom[0] = 0
	meet := func(a, b int32) int32 {
		for a != b {
			for a > b {
				a = idom[a]
			}
			for b > a {
				b = idom[b]
			}
		}
		return a
	}
	for changed := true; changed; {
		changed = false
		for i, b := range order {
			next := int32(undefined)
			if (post && exits[b.ID]) || (!post && i == 0) {
				next = 0
			}
			edges := b.Preds
			if post {
				edges = b.Succs
			}
			for _, e := range edges {
				n := num[e.ID]
				if n == 0 || idom[n] == undefined {
					continue
				}
				if next == undefined {
					next = n
				} else {
					next = meet(n, next)
				}
			}
			if idom[i+1] != next {
				idom[i+1] = next
				changed = true
			}
		}
	}
	for i := range d.idom {
		d.idom[i] = noDom
	}
	for i, b := range order {
		if p := idom[i+1]; p > 0 {
			parent := order[p-1]
			d.idom[b.ID] = int32(parent.ID)
			d.kids[parent.ID] = append(d.kids[parent.ID], b)
		} else {
			d.roots = append(d.roots, b)
		}
	}
	d.number()
	return d
}

// number gives each block the interval of its subtree.
func (d *DomTree) number() {
	d.pre = make([]int32, len(d.idom))
	d.end = make([]int32, len(d.idom))
	clock := int32(0)
	type frame struct {
		b    *Block
		next int
	}
	for _, root := range d.roots {
		clock++
		d.pre[root.ID] = clock
		stack := []frame{{b: root}}
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.next == len(d.kids[top.b.ID]) {
				d.end[top.b.ID] = clock
				stack = stack[:len(stack)-1]
				continue
			}
			k := d.kids[top.b.ID][top.next]
			top.next++
			clock++
			d.pre[k.ID] = clock
			stack = append(stack, frame{b: k})
		}
	}
}

// IDom is the immediate (post)dominator of b, nil if b is a root or
// unreachable.
func (d *DomTree) IDom(b *Block) *Block {
	if i := d.idom[b.ID]; i != noDom {
		return d.fn.Blocks[i]
	}
	return nil
}

// Children are the blocks that b immediately (post)dominates.
func (d *DomTree) Children(b *Block) []*Block { return d.kids[b.ID] }

// Roots are the blocks without an immediate (post)dominator: the entry, or
// those below the virtual exit.
func (d *DomTree) Roots() []*Block { return d.roots }

// Dominates reports whether a (post)dominates b; every block does so itself.
// Whatever is unreachable is dominated by all blocks.
func (d *DomTree) Dominates(a, b *Block) bool {
	if a == b || d.pre[b.ID] == 0 {
		return true
	}
	if d.pre[a.ID] == 0 {
		return false
	}
	return d.pre[a.ID] <= d.pre[b.ID] && d.pre[b.ID] <= d.end[a.ID]
}

// Frontier is the (post)dominance frontier of b by ID: the blocks that b does
// not strictly dominate but one of whose predecessors it does dominate (in the
// reversed graph for a postdominator tree).
func (d *DomTree) Frontier(b *Block) []*Block {
	if d.frontier == nil {
		d.frontiers()
	}
	return d.frontier[b.ID]
}

// frontiers walks up the tree from every predecessor of every join.
func (d *DomTree) frontiers() {
	d.frontier = make([][]*Block, len(d.idom))
	for _, b := range d.fn.Blocks { // by ID, so each frontier is sorted
		if d.pre[b.ID] == 0 {
			continue
		}
		edges := b.Preds
		if d.post {
			edges = b.Succs
		}
		for _, e := range edges {
			if d.pre[e.ID] == 0 {
				continue
			}
			for r := int32(e.ID); r != noDom && r != d.idom[b.ID]; r = d.idom[r] {
				if fr := d.frontier[r]; len(fr) == 0 || fr[len(fr)-1] != b {
					d.frontier[r] = append(fr, b)
				}
			}
		}
	}
}

// ControlDeps returns the blocks that b is control dependent on, by ID: those
// ending in a branch of which one way always leads to b and another may not.
func (f *Func) ControlDeps(b *Block) []*Block {
	if f.facts.control == nil {
		pd := f.PostDom()
		f.facts.control = make([][]*Block, len(f.Blocks))
		for _, b := range f.Blocks {
			for _, c := range pd.Frontier(b) {
				if branches(c) {
					f.facts.control[b.ID] = append(f.facts.control[b.ID], c)
				}
			}
		}
	}
	return f.facts.control[b.ID]
}

// branches reports whether b has two different successors.
func branches(b *Block) bool {
	for _, s := range b.Succs {
		if s != b.Succs[0] {
			return true
		}
	}
	return false
}
