package pe

// This file simplifies the conditions of a finished residual function by what
// dominates them. An interpreter checks each access on its own, so its residual
// code checks again what a check before has made sure, in terms that LLVM does
// not relate. The facts and the rules (B1) to (B6) and (B10) are in bounds.go.
//
//   - (B7) A comparison that is implied, or whose negation is, becomes a constant;
//     the branch on it becomes a jump. If it was poison, anything is right.
//   - (B8) A comparison of x - k or of x - y becomes one of bases and bases plus
//     constants, or of a base and a constant: if the bounds prove that no
//     addition wraps, these compare the same integers. What it is computed from is
//     part of what it was computed from, and fresh instructions have no flags, so
//     that it is poison only where it was.
//   - (B9) Of two branches in a row with a common target, the first is dropped if
//     the second would go there whenever the first does, with the same values for
//     phis. What lies between is executed more often then: arithmetic without
//     traps; and the second condition is not poison, since all it depends on is
//     what branches depend on already. (An undefined value that a branch depends
//     on is as bad as poison: the program was undefined.)
//
// Every block is visited a fixed number of times and every question costs a
// bounded search, so the pass is linear in the size of the function but for the
// dominator tree.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/spec"
)

const (
	simplifyRounds = 2  // the second round sees the graph that the first has left
	maxJoin        = 64 // edges of a block at which facts are joined (B5)
	maxJoinFacts   = 16 // constraints joined there
	maxBetween     = 8  // instructions between two branches of which one is dropped
)

// simplify applies (B7) to (B9) to a finished function.
func (rf *rfunc) simplify() {
	for range simplifyRounds {
		rf.compress()
		rf.thread()
		s := &simplifier{order: rf.reversePostorder(), bounds: newBounds(rf)}
		s.seed()
		s.walk()
		rf.prune()
	}
}

// A simplifier is one round.
type simplifier struct {
	*bounds
	order  []*rblock
	idom   []int
	logEnd []int   // of each block: what of the log its end has
	joins  []*join // of blocks with several predecessors
}

// A join collects what holds on the edges to one block.
type join struct {
	edges  int
	facts  []constraint
	lo, hi []int64 // of each phi
	gaps   []gap
}

// A gap bounds the distance of a phi from one of its operands that has one value
// in the whole activation: a parameter, or a value over the entry state.
type gap struct {
	phi          rval
	operand      rval
	above, below int64
}

const (
	maxGapPreds = 4  // edges of a block at whose phis gaps are looked at
	maxGaps     = 16 // at one block
)

// walk visits the blocks along the dominator tree, children in reverse postorder,
// so that but for loops every predecessor of a block comes before it.
func (s *simplifier) walk() {
	s.idom = dominators(s.order)
	s.logEnd = make([]int, len(s.order))
	s.joins = make([]*join, len(s.order))
	children := make([][]int, len(s.order))
	for i := len(s.order) - 1; i > 0; i-- {
		children[s.idom[i]] = append(children[s.idom[i]], i)
	}
	type visit struct {
		n    int
		mark mark
		left bool
	}
	stack := []visit{{n: 0}}
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if v.left {
			s.restore(v.mark)
			continue
		}
		stack = append(stack, visit{mark: s.mark(), left: true})
		s.block(s.order[v.n])
		for _, c := range children[v.n] {
			stack = append(stack, visit{n: c})
		}
	}
}

// block simplifies one block. One that was merged into its predecessor is empty
// and has no edges; so has one that no edge leads to any more.
func (s *simplifier) block(b *rblock) {
	if b != s.rf.entry && len(b.preds) == 0 {
		for _, t := range b.succs {
			t.removePred(b)
		}
		b.succs = nil
		s.logEnd[b.id] = len(s.log)
		return
	}
	s.arrive(b)
	s.instructions(b)
	s.branch(b)
	for s.dropBranch(b) {
	}
	s.leave(b)
}

// arrive adds what holds on entry to b.
func (s *simplifier) arrive(b *rblock) {
	if len(b.preds) == 1 {
		s.edge(b.preds[0], b)
		return
	}
	j := s.joins[b.id]
	if j == nil || j.edges != len(b.preds) {
		return
	}
	for _, c := range j.facts {
		if !s.implied(c.pos, c.neg, c.k) {
			s.assume(c.pos, c.neg, c.k)
			s.log = append(s.log, c)
		}
	}
	for k, phi := range b.phis {
		if s.width(phi.res) > 0 {
			s.within(phi.res, j.lo[k], j.hi[k])
		}
	}
	for _, g := range j.gaps {
		if s.local(g.operand, maxReform) {
			continue
		}
		s.atMost(form{pos: g.phi}, s.form(g.operand), g.above)
		s.atMost(s.form(g.operand), form{pos: g.phi}, g.below)
	}
}

// newGaps lists the gaps of the phis of t, as nothing has added to them yet.
func (s *simplifier) newGaps(t *rblock) (gaps []gap) {
	if len(t.preds) > maxGapPreds {
		return nil
	}
	for _, phi := range t.phis {
		for _, o := range phi.ops {
			o = s.rf.resolve(o)
			v := &s.rf.vals[o]
			if _, isConst := s.constantOf(o); isConst || v.inst != nil && v.sym == spec.NoSym || s.width(o) == 0 || len(gaps) == maxGaps {
				continue
			}
			gaps = append(gaps, gap{phi.res, o, -unbounded, -unbounded})
		}
	}
	return gaps
}

// widen makes g hold on an edge on which its phi is x.
func (s *simplifier) widen(g *gap, x form) {
	f, ok := combine(x, s.form(g.operand), -1)
	if !ok {
		g.above, g.below = unbounded, unbounded
		return
	}
	g.above, g.below = max(g.above, s.upper(f)), max(g.below, -s.lower(f))
}

// edge adds what holds on the edge from from to b.
func (s *simplifier) edge(from, b *rblock) {
	switch t := from.term.(type) {
	case *llir.TermCondBr:
		if from.succs[0] != from.succs[1] {
			s.learn(from.cond, b == from.succs[0])
		}
	case *llir.TermSwitch:
		at := -1
		for k, to := range from.succs {
			if to == b {
				if at >= 0 {
					return
				}
				at = k
			}
		}
		s.depend(from.cond, maxCondition)
		if at > 0 {
			if c, ok := t.Cases[at-1].X.(*constant.Int); ok {
				s.learnCompare(enum.IPredEQ, from.cond, s.number(c), maxCondition)
			}
		}
	}
}

// leave adds what holds at the end of b to the joins that it leads to.
func (s *simplifier) leave(b *rblock) {
	s.logEnd[b.id] = len(s.log)
	for k, t := range b.succs {
		if len(t.preds) < 2 || len(t.preds) > maxJoin || k > 0 && t == b.succs[0] {
			continue
		}
		m := s.mark()
		s.edge(b, t)
		s.contribute(b, t)
		s.restore(m)
	}
}

// contribute adds what holds to the join at t, once for each edge from b.
func (s *simplifier) contribute(b, t *rblock) {
	j := s.joins[t.id]
	first := j == nil
	if first {
		j = &join{lo: make([]int64, len(t.phis)), hi: make([]int64, len(t.phis))}
		facts := s.log[min(s.logEnd[s.idom[t.id]], len(s.log)):]
		j.facts = append(j.facts, facts[max(0, len(facts)-maxJoinFacts):]...)
		j.gaps = s.newGaps(t)
		s.joins[t.id] = j
	} else {
		kept := j.facts[:0]
		for _, c := range j.facts {
			if c.k = max(c.k, s.least(c.pos, c.neg, c.k)); c.k < unbounded {
				kept = append(kept, c)
			}
		}
		j.facts = kept
	}
	for at, p := range t.preds {
		if p != b {
			continue
		}
		j.edges++
		for k, phi := range t.phis {
			if s.width(phi.res) == 0 {
				continue
			}
			f := s.form(phi.ops[at])
			lo, hi := s.lower(f), s.upper(f)
			if !first {
				lo, hi = min(lo, j.lo[k]), max(hi, j.hi[k])
			}
			j.lo[k], j.hi[k] = lo, hi
			for n := range j.gaps {
				if j.gaps[n].phi == phi.res {
					s.widen(&j.gaps[n], f)
				}
			}
		}
		first = false
	}
}

// instructions simplifies the comparisons of b and notes what it defines.
func (s *simplifier) instructions(b *rblock) {
	var fresh []*rinst
	for n, i := range b.insts {
		s.define(i)
		cmp, ok := i.node.(*llir.InstICmp)
		if ok && s.rf.vals[i.res].forward == 0 && s.width(i.res) == 1 {
			if truth, ok := s.decide(cmp.Pred, i.ops[0], i.ops[1]); ok {
				s.rf.vals[i.res].forward = s.number(constant.NewBool(truth))
			} else if made := s.canonical(i, cmp); made != nil {
				if fresh == nil {
					fresh = append(fresh, b.insts[:n]...)
				}
				fresh = append(fresh, made...)
			}
		}
		if fresh != nil {
			fresh = append(fresh, i)
		}
	}
	if fresh != nil {
		b.insts = fresh
	}
}

// branch makes a jump of a branch that is decided (B7).
func (s *simplifier) branch(b *rblock) {
	if _, ok := b.term.(*llir.TermCondBr); ok {
		if b.succs[0] == b.succs[1] {
			b.jumpOnly(0)
		} else if truth, ok := s.truth(b.cond); ok {
			b.jumpOnly(int(truthInt(!truth)))
		}
	}
}

// canonical rewrites an undecided unsigned comparison (B8). It returns fresh
// instructions that go before it.
func (s *simplifier) canonical(i *rinst, cmp *llir.InstICmp) []*rinst {
	p, x, y := forward(cmp.Pred, s.rf.resolve(i.ops[0]), s.rf.resolve(i.ops[1]))
	if p != enum.IPredULT && p != enum.IPredULE {
		return nil
	}
	a, b := s.form(x), s.form(y)
	if !awkward(a) && !awkward(b) {
		return nil
	}
	f, ok := combine(a, b, -1)
	if !ok {
		return nil
	}
	// What is compared is pos - neg <= k.
	k := -f.c - truthInt(p == enum.IPredULT)
	w := max(s.width(f.pos), s.width(f.neg))
	if w < 8 || k >= unbounded || k <= -unbounded {
		return nil
	}
	e := &emitter{s: s, b: i.block, w: w, loc: ir.DebugLoc(cmp)}
	switch {
	case f.neg == 0 && k >= 0 && fits(k+1, w):
		e.compare(i, cmp, enum.IPredULT, f.pos, 0, 0, k+1)
	case f.pos == 0 && k <= 0 && fits(-k, w):
		e.compare(i, cmp, enum.IPredUGE, f.neg, 0, 0, -k)
	case f.pos == 0 || f.neg == 0:
		return nil
	case k >= 0 && fits(plus(s.get(f.neg).hi, k+1), w):
		e.compare(i, cmp, enum.IPredULT, f.pos, 0, f.neg, k+1)
	case k < 0 && fits(plus(s.get(f.pos).hi, -k), w):
		e.compare(i, cmp, enum.IPredULE, f.pos, -k, f.neg, 0)
	}
	return e.made
}

// awkward reports whether f has more than one base plus a constant.
func awkward(f form) bool { return f.neg != 0 || f.pos != 0 && f.c < 0 }

// An emitter makes fresh instructions of one width.
type emitter struct {
	s    *simplifier
	b    *rblock
	w    uint
	loc  *metadata.DILocation
	made []*rinst
}

// compare makes i the comparison of x + c with y + d; y may be none.
func (e *emitter) compare(i *rinst, cmp *llir.InstICmp, p enum.IPred, x rval, c int64, y rval, d int64) {
	left, right := e.sum(x, c), e.sum(y, d)
	n := &llir.InstICmp{LocalIdent: cmp.LocalIdent, Pred: p, Typ: types.I1, Metadata: cmp.Metadata}
	i.node, i.ops = n, []rval{left, right}
	e.s.rf.vals[i.res].val = n
}

// sum is x + c.
func (e *emitter) sum(x rval, c int64) rval {
	typ := types.NewInt(uint64(e.w))
	if x == 0 {
		return e.s.number(scalar(uint64(c), typ))
	}
	if e.s.width(x) < e.w {
		x = e.emit(&llir.InstZExt{To: typ}, typ, x)
	}
	if c != 0 {
		x = e.emit(&llir.InstAdd{Typ: typ}, typ, x, e.s.number(scalar(uint64(c), typ)))
	}
	return x
}

func (e *emitter) emit(node llir.Instruction, typ types.Type, ops ...rval) rval {
	i := &rinst{node: node, ops: ops, pure: true, block: e.b}
	setLoc(node, e.loc)
	i.res = e.s.rf.addValue(node.(value.Value), typ, i)
	e.s.grow()
	e.s.define(i)
	e.made = append(e.made, i)
	return i.res
}

// dropBranch merges b with the block after it if b's branch can be dropped (B9).
func (s *simplifier) dropBranch(b *rblock) bool {
	if _, ok := b.term.(*llir.TermCondBr); !ok {
		return false
	}
	for k, next := range b.succs {
		target := b.succs[1-k]
		if target == next || len(next.preds) != 1 || next == s.rf.entry || len(next.phis) > 0 || len(next.insts) > maxBetween {
			continue
		}
		if _, ok := next.term.(*llir.TermCondBr); !ok || next.succs[0] == next.succs[1] {
			continue
		}
		to := 0
		if next.succs[1] == target {
			to = 1
		}
		if next.succs[to] != target || !s.samePhis(target, b, next) || !harmless(next) {
			continue
		}
		// The next block is simplified as it is where it stands.
		m := s.mark()
		s.learn(b.cond, k == 0)
		s.instructions(next)
		s.branch(next)
		s.restore(m)
		if len(next.succs) != 2 {
			return false
		}
		if s.follows(b.cond, k != 0, next, to == 0) {
			s.merge(b, next, target)
			return true
		}
	}
	return false
}

// follows reports whether next, executed where cond is truth, would branch on
// its condition being want.
func (s *simplifier) follows(cond rval, truth bool, next *rblock, want bool) bool {
	m := s.mark()
	defer s.restore(m)
	s.learn(cond, truth)
	if !s.defined(next.cond, maxCondition) {
		return false
	}
	for _, i := range next.insts {
		s.define(i)
	}
	got, ok := s.truth(next.cond)
	return ok && got == want
}

// merge drops the branch of b to target and appends next to b.
func (s *simplifier) merge(b, next, target *rblock) {
	target.removePred(b)
	for _, i := range next.insts {
		i.block = b
		s.define(i)
	}
	b.insts = append(b.insts, next.insts...)
	b.term, b.cond, b.succs = next.term, next.cond, next.succs
	for _, t := range b.succs {
		for k, p := range t.preds {
			if p == next {
				t.preds[k] = b
			}
		}
	}
	next.insts, next.preds, next.succs, next.cond = nil, nil, nil, 0
}

// samePhis reports whether the phis of target do not tell apart whether control
// comes from a or from b.
func (s *simplifier) samePhis(target, a, b *rblock) bool {
	if len(target.phis) == 0 {
		return true
	}
	x, y := -1, -1
	for k, p := range target.preds {
		switch p {
		case a:
			x = k
		case b:
			y = k
		}
	}
	for _, phi := range target.phis {
		if s.rf.resolve(phi.ops[x]) != s.rf.resolve(phi.ops[y]) {
			return false
		}
	}
	return true
}

// harmless reports whether the instructions of b may be executed without need.
func harmless(b *rblock) bool {
	for _, i := range b.insts {
		switch i.node.(type) {
		case *llir.InstGetElementPtr, *llir.InstBitCast, *llir.InstPtrToInt, *llir.InstIntToPtr, *llir.InstSelect, *llir.InstFreeze:
		default:
			if !arithmetic(i.node) {
				return false
			}
		}
	}
	return true
}
