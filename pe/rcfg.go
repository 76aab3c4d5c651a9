package pe

// This file holds the control flow of a finished residual function: order,
// dominators, and the removal of edges and blocks.

import llir "github.com/llir/llvm/ir"

// reversePostorder returns the blocks that the entry reaches and numbers them;
// the others get -1.
func (rf *rfunc) reversePostorder() []*rblock {
	for _, b := range rf.blocks {
		b.id = -1
	}
	type visit struct {
		b    *rblock
		next int
	}
	var order []*rblock
	rf.entry.id = 0
	stack := []visit{{rf.entry, 0}}
	for len(stack) > 0 {
		v := &stack[len(stack)-1]
		if v.next == len(v.b.succs) {
			order = append(order, v.b)
			stack = stack[:len(stack)-1]
			continue
		}
		// The last successor first: in reverse, the first one comes first.
		s := v.b.succs[len(v.b.succs)-1-v.next]
		v.next++
		if s.id < 0 {
			s.id = 0
			stack = append(stack, visit{s, 0})
		}
	}
	for i, j := 0, len(order)-1; i < j; i, j = i+1, j-1 {
		order[i], order[j] = order[j], order[i]
	}
	for i, b := range order {
		b.id = i
	}
	return order
}

// dominators returns the immediate dominator of each block of order, by number
// (Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm", 2001); the
// entry is its own.
func dominators(order []*rblock) []int {
	idom := make([]int, len(order))
	for i := range idom {
		idom[i] = -1
	}
	idom[0] = 0
	for changed := true; changed; {
		changed = false
		for i := 1; i < len(order); i++ {
			d := -1
			for _, p := range order[i].preds {
				q := p.id
				if q < 0 || idom[q] < 0 {
					continue
				}
				if d < 0 {
					d = q
					continue
				}
				for d != q {
					for q > d {
						q = idom[q]
					}
					for d > q {
						d = idom[d]
					}
				}
			}
			if idom[i] != d {
				idom[i] = d
				changed = true
			}
		}
	}
	return idom
}

// removePred drops one edge from from to b, with its phi operands.
func (b *rblock) removePred(from *rblock) {
	for k, p := range b.preds {
		if p != from {
			continue
		}
		b.preds = append(b.preds[:k], b.preds[k+1:]...)
		for _, phi := range b.phis {
			phi.ops = append(phi.ops[:k], phi.ops[k+1:]...)
		}
		return
	}
}

// jumpOnly makes a branch to successor k of what ends b.
func (b *rblock) jumpOnly(k int) {
	for i, s := range b.succs {
		if i != k {
			s.removePred(b)
		}
	}
	b.term, b.cond, b.succs = llir.NewBr(nil), 0, []*rblock{b.succs[k]}
}

// prune removes the blocks that the entry does not reach, and the phis that
// become trivial.
func (rf *rfunc) prune() {
	rf.reversePostorder()
	kept := rf.blocks[:0]
	for _, b := range rf.blocks {
		if b.id >= 0 {
			kept = append(kept, b)
			continue
		}
		for _, s := range b.succs {
			if s.id >= 0 {
				s.removePred(b)
			}
		}
	}
	rf.blocks = kept
	for _, b := range rf.blocks {
		for _, phi := range b.phis {
			for k, o := range phi.ops {
				phi.ops[k] = rf.resolve(o)
			}
		}
	}
	rf.removeTrivialPhis()
}

// thread leads edges to blocks that only jump on past them, where phis need not
// tell two edges of one block apart.
func (rf *rfunc) thread() {
	for _, b := range rf.blocks {
		for k, s := range b.succs {
			// A cycle of empty blocks is an endless loop, and stays.
			for n := 0; n < len(rf.blocks) && s.passes() && s != b; n++ {
				t := s.succs[0]
				if len(t.phis) > 0 && b.leadsTo(t) {
					break
				}
				t.copyEdge(s, b)
				s.removePred(b)
				b.succs[k] = t
				s = t
			}
		}
	}
	rf.prune()
}

// passes reports whether b does nothing but jump to another block.
func (b *rblock) passes() bool {
	if len(b.insts) > 0 || len(b.phis) > 0 || len(b.succs) != 1 {
		return false
	}
	_, br := b.term.(*llir.TermBr)
	return br && b.succs[0] != b
}

func (b *rblock) leadsTo(t *rblock) bool {
	for _, s := range b.succs {
		if s == t {
			return true
		}
	}
	return false
}

// copyEdge adds an edge from from that has what the edge from like gives phis.
func (b *rblock) copyEdge(like, from *rblock) {
	b.preds = append(b.preds, from)
	if len(b.phis) == 0 {
		return
	}
	at := 0
	for b.preds[at] != like {
		at++
	}
	for _, phi := range b.phis {
		phi.ops = append(phi.ops, phi.ops[at])
	}
}
