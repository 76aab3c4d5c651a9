package pe

// This file removes circles of phis that all stand for one value. A variable that
// nothing changes gets phis at joins that were not sealed when it was read, and at
// joins that lead to each other each of them has another phi as an operand, so that
// none is trivial alone (Braun et al. 2013, 3.2).

// removeCircles replaces each phi that one value alone reaches, through other phis,
// by that value. In the graph from operands to phis, under a root above all that is
// no phi, this value is the dominator of the phi that is next to the root.
func (rf *rfunc) removeCircles() {
	users := map[rval][]rval{}
	var roots []rval // what is no phi, in order
	for _, b := range rf.blocks {
		for _, phi := range b.phis {
			for _, o := range phi.ops {
				o = rf.resolve(o)
				if users[o] == nil && !rf.isPhi(o) {
					roots = append(roots, o)
				}
				users[o] = append(users[o], phi.res)
			}
		}
	}
	order, number := reverseFrom(roots, users)
	idom := make([]int, len(order)) // by place in order; the root is 0
	for i := range idom {
		idom[i] = -1
	}
	idom[0] = 0
	meet := func(p, q int) int {
		for p != q {
			if p > q {
				p = idom[p]
			} else {
				q = idom[q]
			}
		}
		return p
	}
	for changed := true; changed; {
		changed = false
		for i, v := range order[1:] {
			i, d := i+1, 0
			if rf.isPhi(v) {
				d = -1
				for _, o := range rf.vals[v].inst.ops {
					q, ok := number[rf.resolve(o)]
					switch {
					case !ok || idom[q] < 0:
					case d < 0:
						d = q
					default:
						d = meet(d, q)
					}
				}
			}
			if idom[i] != d {
				idom[i], changed = d, true
			}
		}
	}
	stands := make([]rval, len(order))
	for i, v := range order[1:] {
		i++
		if stands[i] = v; idom[i] > 0 {
			stands[i] = stands[idom[i]]
			rf.vals[v].forward = stands[i]
		}
	}
	rf.dropReplaced()
}

// isPhi reports whether a phi defines v.
func (rf *rfunc) isPhi(v rval) bool {
	d := rf.vals[v].inst
	return d != nil && d.node == nil
}

// reverseFrom lists what users lead to from roots, in reverse postorder behind a
// root of all, 0, and the place of each in that list.
func reverseFrom(roots []rval, users map[rval][]rval) ([]rval, map[rval]int) {
	type visit struct {
		v    rval
		next int
	}
	var post []rval
	number := map[rval]int{}
	for _, r := range roots {
		number[r] = 0
		for stack := []visit{{v: r}}; len(stack) > 0; {
			top := &stack[len(stack)-1]
			if top.next == len(users[top.v]) {
				post = append(post, top.v)
				stack = stack[:len(stack)-1]
				continue
			}
			u := users[top.v][top.next]
			top.next++
			if _, seen := number[u]; !seen {
				number[u] = 0
				stack = append(stack, visit{v: u})
			}
		}
	}
	order := make([]rval, 1, len(post)+1)
	for i := len(post) - 1; i >= 0; i-- {
		number[post[i]] = len(order)
		order = append(order, post[i])
	}
	return order, number
}
