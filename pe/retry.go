package pe

// This file holds second attempts at a residual function, of which there are two kinds.
//
// The first attempt supposes that there is no dynamic branch: one path, which
// generalizes nothing, whatever the division expects. A division cannot tell that
// a loop writes all of an array that another loop tests; executing it can. The
// first dynamic branch ends that attempt.
//
// A loop that has spent its budget has unfolded for nothing, since the rounds that
// are left need the loop anyway: the next attempt makes it a loop from its first round.

import (
	"fmt"
	"slices"

	"quasi/ir/spec"
)

// maxTries bounds the attempts at one residual function that end early.
const maxTries = 8

// aCount is how many specialized points of a loop header in a row must differ by
// the same steps, for the loop to do nothing with its static state but count.
const aCount = 64

// countsTooLong ends the attempt if a loop under dynamic control is specialized
// anew for every value of counters, and that takes more residual code than a loop
// may. The path has entered b: its header, or a block inside, for the rounds may
// be there before what they do.
func (j *job) countsTooLong(b *cblock, edge int) bool {
	if b.loop {
		j.round(placeKey{j.f.ctx, j.f.block, 0}, b, edge)
	}
	if at := j.places[placeKey{j.f.ctx, j.f.block, 0}]; at == nil || len(at.points)%aCount != aCount-1 {
		return false
	}
	for l := j.f.code.fn.Loops().Of(b.llir); l != nil; l = l.Parent {
		key := placeKey{j.f.ctx, int(l.Header.ID), 0}
		lc, pl := j.loops[key], j.places[key]
		if lc == nil || pl == nil || pl.forced || len(pl.points) < aCount-1 || j.rf.insts-lc.insts <= j.s.cfg.Budget.LoopInsts || !j.counts(pl.points) {
			continue
		}
		j.why = Reason{Kind: BudgetSpent, Pt: j.f.code.blocks[key.block].insts[0].pt, What: "residual instructions of one loop",
			Why: fmt.Sprintf("the loop stays a loop: %d values of what it counts are too much (--budget loop-insts=N)", len(pl.points))}
		if j.keepLoop(key) {
			return true
		}
	}
	return false
}

// counts reports whether each of the last points differs from the one before it
// by the same numbers in the same places.
func (j *job) counts(points []point) bool {
	st := j.st
	defer func() { j.st = st }()
	var want []step
	for k := len(points) - aCount + 2; k < len(points); k++ {
		j.st = points[k].st
		steps, ok := j.steps(points[k-1].st)
		if !ok || len(steps) == 0 || want != nil && !slices.Equal(steps, want) {
			return false
		}
		want = steps
	}
	return true
}

// A step is the difference of one value between two states.
type step struct {
	reg  regAt
	cell cellAt
	by   uint64
}

// steps lists by how much the current state differs from old; ok is false if
// anything but numbers differs.
func (j *job) steps(old *state) (list []step, ok bool) {
	g := j.difference(old, false)
	if len(g.leaks) > 0 {
		return nil, false
	}
	for _, r := range g.regs {
		v, w := j.st.frames[r.frame].get(r.reg), old.frames[r.frame].get(r.reg)
		by, ok := j.step(v, w)
		if !ok {
			return nil, false
		}
		list = append(list, step{reg: r, by: by})
	}
	for _, c := range g.mem {
		by, ok := j.step(j.cell(j.st, c), j.cell(old, c))
		if !ok {
			return nil, false
		}
		list = append(list, step{cell: c, by: by})
	}
	return list, true
}

// step is by how much v is more than w, if both are integers, or are known to be
// one unknown value plus integers.
func (j *job) step(v, w Value) (by uint64, ok bool) {
	switch {
	case v.kind == kInt && w.kind == kInt:
		return v.bits - w.bits, true
	case v.kind == kDyn && w.kind == kDyn && v.sym != spec.NoSym && w.sym != spec.NoSym:
		a, x := j.facts.Split(v.sym)
		b, y := j.facts.Split(w.sym)
		return uint64(x - y), a == b
	}
	return 0, false
}

// cell is what st knows of the bytes of c as one value.
func (j *job) cell(st *state, c cellAt) Value {
	s := st.mem.get(c.id)
	if s == nil || c.hi-c.lo > 8 {
		return Value{}
	}
	if e, ok := s.entryAt(c.lo); ok && int64(e.size) == c.hi-c.lo {
		return e.val
	}
	v := Value{kind: kInt}
	for off := c.hi - 1; off >= c.lo; off-- {
		tag, b := s.byteAt(j.s.obj(c.id), off)
		if tag&tagKind != tagByte {
			return Value{}
		}
		v.bits = v.bits<<8 | uint64(b)
	}
	return v
}

// keepLoop makes the loop whose header is at key a loop from its first round on, in
// another attempt. It reports whether there is one: it must not cost much.
func (j *job) keepLoop(key placeKey) bool {
	if j.retries >= maxTries || j.spent || j.s.stats.Steps-j.began > j.s.cfg.Budget.Steps/20 {
		return false
	}
	if j.kept == nil {
		j.kept = make(map[placeKey]bool)
	}
	j.kept[key] = true
	j.retry = true
	return true
}

// notAlone notices a dynamic branch. It reports whether that ends the attempt: one
// that has cost much goes on from here as any other, with what it unfolded.
func (j *job) notAlone() bool {
	if !j.alone {
		return false
	}
	j.alone = false
	j.retry = j.s.stats.Steps-j.began <= j.s.cfg.Budget.Steps/20
	return j.retry
}

// maxNesting bounds nested calls under static control.
const maxNesting = 1 << 20

// tooDeep is asked where paths part and meet, which costs the depth of the stack:
// calls that only static control nests may be nested deeper than the budget says, as
// long as that does not happen. If it does, the function is made again, with these functions nested as the budget says.
func (j *job) tooDeep() bool {
	if len(j.st.frames) <= j.s.cfg.Budget.Depth {
		return false
	}
	for _, f := range j.st.frames[j.s.cfg.Budget.Depth:] {
		if !j.s.shallow[f.code] {
			j.s.shallow[f.code], j.retry = true, true
		}
	}
	if !j.retry {
		return false
	}
	j.why = Reason{Kind: BudgetSpent, Pt: j.f.code.fn.First, What: "nested calls",
		Why: fmt.Sprintf("paths part or meet in calls nested %d deep (--budget depth=N)", len(j.st.frames))}
	return true
}
