package bta

// This file holds control: where the paths of a branch meet, and which loops a
// branch lets some paths leave while others go on.
//
// Labels flow forwards from the successors of a branch. A block that different
// labels reach is a meet and has a label of its own. A block is reached by two
// disjoint paths from the branch exactly if it is a meet; this is how LLVM's
// SyncDependenceAnalysis places joins of divergent branches, after the placement
// of phis of Cytron et al. 1991. It costs the blocks between the branch and the
// point where one label is left.

import (
	"slices"

	llir "github.com/llir/llvm/ir"

	"quasi/ir"
)

// A meeting is what the paths from several starts do.
type meeting struct {
	meets   []*ir.Block
	atExit  bool // different labels reach returns
	diverge bool // some paths leave the loop around the starts while others go on
}

// A tracer follows paths through one variant's feasible edges.
type tracer struct {
	v     *Variant
	order []int32 // by Block.ID: place in reverse postorder
	label []int32 // by Block.ID, -1: not reached
	l     *ir.Loop

	// With irreducible loops labels also flow backwards, and a block may count as
	// a meet because its label came late.
	irreducible bool

	queue []*ir.Block // reached and not followed, by order

	meets                  []*ir.Block
	outside, back, returns labelSet
}

func newTracer(v *Variant) *tracer {
	t := &tracer{v: v, order: make([]int32, len(v.Fn.Blocks)), label: make([]int32, len(v.Fn.Blocks))}
	for i, b := range v.Fn.RPO() {
		t.order[b.ID] = int32(i)
	}
	for _, l := range v.Fn.Loops().All {
		t.irreducible = t.irreducible || l.Irreducible
	}
	return t
}

// trace follows the paths that leave origin for starts, which are distinct. The
// loop l, if not nil, is the innermost one around origin: paths end where they
// leave it and where they come back to its header.
func (t *tracer) trace(origin *ir.Block, starts []*ir.Block, l *ir.Loop) meeting {
	for i := range t.label {
		t.label[i] = -1
	}
	t.l, t.queue, t.meets = l, nil, nil
	t.outside, t.back, t.returns = nil, nil, nil
	for _, s := range starts {
		t.step(origin, s, int32(s.ID))
	}
	for len(t.queue) > 0 {
		b := t.queue[0]
		t.queue = t.queue[1:]
		lab := t.label[b.ID]
		if !t.irreducible && len(t.queue) == 0 && t.outside.within(lab) && t.back.within(lab) && t.returns.within(lab) {
			break
		}
		if _, ok := b.LL.Term.(*llir.TermRet); ok {
			t.returns.add(lab)
		}
		for _, s := range t.v.takenSuccs(b) {
			t.step(b, s, lab)
		}
	}
	m := meeting{meets: t.meets, atExit: t.returns.many()}
	if len(t.back) > 0 && len(t.outside) > 0 {
		m.diverge = t.back.many() || t.outside.many() || t.back[0] != t.outside[0]
	}
	if l != nil && l.Irreducible && len(starts) > 1 {
		m.diverge = true
	}
	slices.SortFunc(m.meets, func(p, q *ir.Block) int { return int(t.order[p.ID] - t.order[q.ID]) })
	return m
}

// step carries a label over one edge.
func (t *tracer) step(from, to *ir.Block, lab int32) {
	switch {
	case t.l != nil && !t.l.Contains(to):
		t.outside.add(lab)
	case t.l != nil && !t.l.Irreducible && to == t.l.Header:
		if t.back.add(lab); t.back.many() {
			t.meet(to)
		}
	case t.order[to.ID] <= t.order[from.ID] && !t.irreducible:
		// A back edge of a loop that the paths entered through its header: it
		// brings the header's label.
	case t.label[to.ID] < 0:
		t.label[to.ID] = lab
		t.push(to)
	case t.label[to.ID] != lab && !slices.Contains(t.meets, to):
		t.label[to.ID] = int32(to.ID)
		t.meet(to)
		t.push(to)
	}
}

// push puts b on the queue, if it is not there.
func (t *tracer) push(b *ir.Block) {
	i, ok := slices.BinarySearchFunc(t.queue, t.order[b.ID], func(q *ir.Block, o int32) int { return int(t.order[q.ID] - o) })
	if !ok {
		t.queue = slices.Insert(t.queue, i, b)
	}
}

func (t *tracer) meet(b *ir.Block) {
	if !slices.Contains(t.meets, b) {
		t.meets = append(t.meets, b)
	}
}

// A labelSet holds the first two labels that arrived somewhere.
type labelSet []int32

func (s *labelSet) add(l int32) {
	if len(*s) < 2 && !slices.Contains(*s, l) {
		*s = append(*s, l)
	}
}

func (s labelSet) many() bool { return len(s) > 1 }

// within reports whether s holds at most the label l.
func (s labelSet) within(l int32) bool { return len(s) == 0 || len(s) == 1 && s[0] == l }

// takenSuccs are the distinct successors of b that the analysis takes.
func (v *Variant) takenSuccs(b *ir.Block) []*ir.Block {
	if v.out[b.ID] == nil {
		return nil
	}
	out := make([]*ir.Block, 0, len(b.Succs))
	for i, s := range b.Succs {
		if v.edges[b.ID]&(1<<min(i, 63)) != 0 && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// A controlResult is where the residual paths of a set of branches meet.
type controlResult struct {
	meets  map[*ir.Block]ir.Point // to the branch (or the header of the loop) that is to blame
	loops  map[*ir.Loop]ir.Point
	atExit bool
	exitBy ir.Point
}

// control applies the rules (J1) to (J3) to branches.
func (v *Variant) control(branches []*ir.Block) controlResult {
	res := controlResult{meets: make(map[*ir.Block]ir.Point), loops: make(map[*ir.Loop]ir.Point)}
	if len(branches) == 0 {
		return res
	}
	t := newTracer(v)
	var todo []*ir.Loop
	record := func(m meeting, l *ir.Loop, pt ir.Point) {
		for _, b := range m.meets {
			if _, ok := res.meets[b]; !ok {
				res.meets[b] = pt
			}
		}
		if m.atExit && !res.atExit {
			res.atExit, res.exitBy = true, pt
		}
		if m.diverge {
			if _, ok := res.loops[l]; !ok {
				res.loops[l] = pt
				todo = append(todo, l)
			}
		}
	}
	loops := v.Fn.Loops()
	for _, b := range branches {
		l := loops.Of(b)
		record(t.trace(b, v.takenSuccs(b), l), l, b.TermPoint())
	}
	for len(todo) > 0 {
		l := todo[0]
		todo = todo[1:]
		record(t.trace(l.Header, v.takenExits(l), l.Parent), l.Parent, res.loops[l])
	}
	return res
}

// takenExits are the targets outside l of edges that the analysis takes.
func (v *Variant) takenExits(l *ir.Loop) []*ir.Block {
	var out []*ir.Block
	for _, e := range l.Exits {
		for _, p := range e.Preds {
			if l.Contains(p) && v.feasible(p, e) {
				out = append(out, e)
				break
			}
		}
	}
	return out
}
