package ir

// This file holds the collapsing of cycles in the constraint graph.

import (
	"cmp"
	"math/bits"
	"slices"
)

// walkCycles finds pointers that step by a constant round a cycle, as p does in
// `for (p = a; ...; p++)`: through them every multiple of the step is reached,
// so the step is made a variable one (rule C4 and C5) before it is followed.
// Cycles through memory show only while solving; rule (C6) ends those.
func (s *solver) walkCycles() {
	comp := make([]int32, len(s.rep)) // component of a node, from 1
	n := int32(0)
	s.tarjan(true, func(scc []node) {
		n++
		for _, m := range scc {
			comp[m] = n
		}
	})
	for m := range s.cons {
		for i, con := range s.cons[m] {
			if con.kind != conStep || comp[s.find(node(m))] != comp[s.find(con.node)] {
				continue
			}
			if st := s.steps[con.arg]; st.stride == 0 {
				s.cons[m][i].arg = s.stepOf(around(st))
			}
		}
	}
}

// around is the step that repeats st.
func around(st step) step {
	r := step{stride: max(st.k, -st.k), kind: stepPointer}
	if st.kind != stepMember {
		r.typ = st.typ
	}
	if st.k > 0 {
		r.kind = stepAhead
	}
	return r
}

// collapse unites the nodes of every cycle and numbers all nodes in topological
// order.
func (s *solver) collapse() {
	united, at := 0, int32(0)
	var sccs [][]node
	s.tarjan(false, func(scc []node) {
		at++
		for _, n := range scc {
			s.order[n] = -at // successors are emitted first
		}
		if len(scc) > 1 && !s.cfg.NoCollapse {
			sccs = append(sccs, scc)
			united += len(scc) - 1
		}
	})
	for n := range s.order {
		s.order[n] += at + 1
	}
	for _, scc := range sccs {
		for _, n := range scc[1:] {
			s.unify(scc[0], n)
		}
		r := s.find(scc[0])
		s.order[r] = s.order[scc[0]]
		s.cons[r] = uniqueConstraints(s.cons[r])
	}
	s.order[escapeNode] = 0 // the sooner objects escape, the smaller sets stay
	s.compact()
	s.queue = s.queue[:0]
	for n := range s.rep {
		s.queued[n] = false
		if s.pts[n].has(unknownCell) {
			s.purge(node(n))
		}
		if s.rep[n] == node(n) && !s.delta[n].empty() {
			s.enqueue(node(n))
		}
	}
	// If few of the suspects were cycles, look less often.
	if united*4 < s.suspects {
		s.threshold *= 2
	}
	s.suspects = 0
}

// compact makes edges go to representatives.
func (s *solver) compact() {
	for n := range s.succ {
		stale := false
		for b := range s.succ[n].all() {
			if s.rep[b] != node(b) {
				stale = true
				break
			}
		}
		if !stale {
			continue
		}
		var targets []int32
		for b := range s.succ[n].all() {
			if m := s.find(node(b)); m != node(n) {
				targets = append(targets, int32(m))
			}
		}
		slices.Sort(targets)
		var succ sparse
		for _, m := range targets {
			succ.add(m)
		}
		s.succ[n] = succ
	}
}

func uniqueConstraints(cons []constraint) []constraint {
	slices.SortFunc(cons, func(a, b constraint) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.node, b.node), cmp.Compare(a.arg, b.arg))
	})
	return slices.Compact(cons)
}

// A visitFrame is where the search stands at one node.
type visitFrame struct {
	n     node
	block int    // position in succ[n].blocks
	bits  uint64 // members of that block still to do
	con   int    // next constraint to look at, if steps are edges too
}

// tarjan calls emit for the strongly connected components of the graph of
// representatives, successors first (Tarjan 1972, without recursion). With
// steps, an address computation is an edge too. emit may keep its argument.
func (s *solver) tarjan(steps bool, emit func(scc []node)) {
	index := make([]int32, len(s.rep))
	low := make([]int32, len(s.rep))
	onStack := make([]bool, len(s.rep))
	var stack []node
	var frames []visitFrame
	next := int32(0)
	push := func(n node) {
		next++
		index[n], low[n] = next, next
		onStack[n] = true
		stack = append(stack, n)
		f := visitFrame{n: n, block: -1}
		if !steps {
			f.con = len(s.cons[n])
		}
		frames = append(frames, f)
	}
	for root := range s.rep {
		if s.rep[root] != node(root) || index[root] != 0 {
			continue
		}
		push(node(root))
		for len(frames) > 0 {
			f := &frames[len(frames)-1]
			if m := s.successor(f); m != noNode {
				if index[m] == 0 {
					push(m)
				} else if onStack[m] {
					low[f.n] = min(low[f.n], index[m])
				}
				continue
			}
			n := f.n
			frames = frames[:len(frames)-1]
			if len(frames) > 0 {
				up := frames[len(frames)-1].n
				low[up] = min(low[up], low[n])
			}
			if low[n] != index[n] {
				continue
			}
			at := len(stack) - 1
			for stack[at] != n {
				at--
			}
			scc := slices.Clone(stack[at:])
			stack = stack[:at]
			for _, m := range scc {
				onStack[m] = false
			}
			emit(scc)
		}
	}
}

// successor advances f to its next successor, noNode at the end.
func (s *solver) successor(f *visitFrame) node {
	for f.bits == 0 && f.block+1 < len(s.succ[f.n].blocks) {
		f.block++
		f.bits = s.succ[f.n].blocks[f.block].bits
	}
	if f.bits != 0 {
		b := s.succ[f.n].blocks[f.block].index<<6 + int32(bits.TrailingZeros64(f.bits))
		f.bits &= f.bits - 1
		return s.find(node(b))
	}
	for f.con < len(s.cons[f.n]) {
		con := s.cons[f.n][f.con]
		f.con++
		if con.kind == conStep {
			return s.find(con.node)
		}
	}
	return noNode
}
