package pe

// This file holds what happens where residual paths can meet: the state is
// generalized as the division says, looked up in the memo, and, when a limit is
// reached, generalized further.

import (
	"fmt"
	"slices"

	"quasi/bta"
	"quasi/ir"
)

// A placeKey names a program point in a call context.
type placeKey struct {
	ctx       ctxID
	block, ip int
}

// A place holds the specialized points of one program point in one context.
type place struct {
	points []point
	byHash map[uint64][]int
	gen    generalization
	forced bool // a limit was reached: new states are generalized at once
}

// A point is a specialized point: a static state and its residual block.
type point struct {
	st *state // never changed
	b  *rblock
}

// A generalization lists components of the state that are made dynamic at a place.
type generalization struct {
	regs  []regAt
	mem   []cellAt
	leaks []ObjID
}

type regAt struct {
	frame int
	reg   ir.Reg
}

type cellAt struct {
	id     ObjID
	lo, hi int64
}

// A loopCount counts the rounds of a loop that is unfolded under static control.
type loopCount struct {
	key           placeKey
	rounds, insts int
}

// arrive is called when the path has entered block b along the given edge (-1 at
// the entry of the function). It reports whether the path ends.
func (j *job) arrive(b *cblock, edge int) (done bool) {
	if j.spent {
		return (b.preds > 1 || b.loop) && j.meet(nil)
	}
	var jn *bta.Join
	if v := j.f.variant; v != nil && !j.alone {
		jn = v.Join(b.llir)
	}
	if jn == nil && !b.loop && (j.alone || !j.f.dynamic || b.preds < 2) {
		return false
	}
	key := placeKey{j.f.ctx, j.f.block, 0}
	pl := j.places[key]
	forced := pl != nil && pl.forced || j.kept[key]
	if !j.alone && (jn != nil || j.f.dynamic && (b.preds > 1 || b.loop)) {
		// A path that comes back without a dynamic branch on its way is alone:
		// the loop is static, whatever the division expected.
		if !forced && slices.Contains(j.st.straight, key) {
			jn = nil
		} else {
			if edge >= 0 && j.countsTooLong(b, edge) || j.meet(jn) {
				return true
			}
			j.st.straight = append(j.st.straight, key)
			return false
		}
	}
	if !b.loop {
		return false
	}
	if forced {
		return j.meet(nil)
	}
	lc := j.round(key, b, edge)
	long := lc.rounds > j.s.cfg.Budget.Iterations
	if long || lc.rounds > 8 && j.rf.insts-lc.insts > j.s.cfg.Budget.LoopInsts {
		what, limit := "residual instructions of one loop", "loop-insts"
		if long {
			what, limit = "iterations of one loop", "iterations"
		}
		if j.keepLoop(key) {
			j.why = Reason{Kind: BudgetSpent, Pt: b.insts[0].pt, What: what, Why: fmt.Sprintf("the loop stays a loop: %d rounds are too much (--budget %s=N)", lc.rounds, limit)}
			return true
		}
		j.note(Reason{Kind: BudgetSpent, Pt: b.insts[0].pt, What: what, Why: fmt.Sprintf("the loop stays a loop after %d rounds were unfolded (--budget %s=N)", lc.rounds, limit)})
		j.place(key).forced = true
		return j.meet(nil)
	}
	return false
}

// round counts another round of the loop whose header b the path has entered.
func (j *job) round(key placeKey, b *cblock, edge int) *loopCount {
	lc := j.inner
	if lc == nil || lc.key != key {
		if lc = j.loops[key]; lc == nil {
			lc = &loopCount{key: key}
			j.loops[key] = lc
		}
		j.inner = lc
	}
	if edge < 0 || !b.latch[edge] {
		lc.rounds, lc.insts = 0, j.rf.insts
	}
	lc.rounds++
	return lc
}

func (j *job) place(key placeKey) *place {
	pl := j.places[key]
	if pl == nil {
		pl = &place{byHash: make(map[uint64][]int), forced: j.kept[key]}
		j.places[key] = pl
	}
	return pl
}

// meet makes the current point a specialized point, generalized as jn says (nil:
// not at all), or jumps to one that exists, which ends the path.
func (j *job) meet(jn *bta.Join) (done bool) {
	if j.tooDeep() {
		return true
	}
	j.settle()
	f := j.f
	pl := j.place(placeKey{f.ctx, f.block, f.ip})
	if f.ip == 0 {
		f.keep(f.code.blocks[f.block].live)
	}
	f.hashed = false
	j.retype()
	j.collect()
	if j.spent {
		j.generalizeAll()
	} else {
		if jn != nil {
			j.follow(jn)
		}
		j.generalize(&pl.gen)
		j.collect()
	}
	for {
		h := j.st.sum()
		for _, i := range pl.byHash[h] {
			if pl.points[i].st.equal(j.st) {
				j.s.stats.Hits++
				j.rf.jump(j.b, pl.points[i].b)
				return true
			}
		}
		if j.spent || !j.limit(pl) {
			pl.byHash[h] = append(pl.byHash[h], len(pl.points))
			break
		}
	}
	j.s.stats.Points++
	nb := j.rf.newBlock(blockName(f.code, f.block))
	j.rf.jump(j.b, nb)
	j.b = nb
	pl.points = append(pl.points, point{j.st.fork(j.s.fresh), nb})
	j.f = j.st.editTop()
	return false
}

// limit generalizes the state further if the place has too many points, and
// reports whether it changed anything.
func (j *job) limit(pl *place) bool {
	n := len(pl.points)
	if n == 0 {
		return false
	}
	pt := j.f.code.blocks[j.f.block].insts[0].pt
	if pl.forced || n >= j.s.cfg.Budget.Points {
		if !pl.forced {
			pl.forced = true
			j.note(Reason{Kind: BudgetSpent, Pt: pt, What: "specialized points", Why: fmt.Sprintf("one program point was specialized %d times (--budget points=N)", n)})
		}
		g := j.difference(pl.points[n-1].st, false)
		return j.extend(pl, g, pt)
	}
	if n < j.s.cfg.Budget.Shapes {
		return false
	}
	for i := n - 1; i >= 0 && i >= n-8; i-- {
		if g := j.difference(pl.points[i].st, true); !g.empty() {
			return j.extend(pl, g, pt)
		}
	}
	return false
}

func (g *generalization) empty() bool { return len(g.regs)+len(g.mem)+len(g.leaks) == 0 }

// extend adds g to what is generalized at pl and applies it.
func (j *job) extend(pl *place, g generalization, pt ir.Point) bool {
	if g.empty() {
		return false
	}
	for _, r := range g.regs {
		v := j.st.frames[r.frame].code.fn.Values[r.reg]
		j.note(Reason{Kind: Generalized, Pt: pt, What: v.Ident(), Why: "it differs between the paths that meet here"})
	}
	for _, c := range g.mem {
		j.note(Reason{Kind: Generalized, Pt: pt, What: j.s.objectName(c.id), Why: "its content differs between the paths that meet here"})
	}
	pl.gen.regs = append(pl.gen.regs, g.regs...)
	pl.gen.mem = append(pl.gen.mem, g.mem...)
	pl.gen.leaks = append(pl.gen.leaks, g.leaks...)
	j.generalize(&g)
	j.collect()
	return true
}

// objectName names an object for people.
func (s *specializer) objectName(id ObjID) string {
	o := s.obj(id)
	switch {
	case o.kind == objGlobal:
		return o.global.Ident()
	case o.kind == objFunc:
		return o.fn.Ident()
	case o.site != nil:
		return o.site.String()
	}
	return fmt.Sprintf("object %d", id)
}

// generalize makes the components of g dynamic.
func (j *job) generalize(g *generalization) {
	for _, id := range g.leaks {
		j.leak(id)
	}
	for _, r := range g.regs {
		j.suspend(r.frame, r.reg)
	}
	for _, c := range g.mem {
		if j.s.obj(c.id).local() && !j.active(c.id) {
			continue
		}
		j.flush(c.id, c.lo, c.hi)
		j.st.mem.forget(j.s.obj(c.id), c.id, c.lo, c.hi)
	}
}

// active reports whether the activation that owns stack object id is on the stack,
// and whether heap object id is not freed.
func (j *job) active(id ObjID) bool {
	if j.s.obj(id).kind == objHeap {
		return j.st.mem.get(id) != nil
	}
	if j.s.obj(id).outer {
		return slices.Contains(j.outers(), id)
	}
	ctx := j.s.obj(id).ctx
	for i := len(j.st.frames) - 1; i >= 0; i-- {
		if j.st.frames[i].ctx == ctx {
			return true
		}
	}
	return false
}

// suspend makes register r of frame i dynamic and forgets what is known of it.
func (j *job) suspend(i int, r ir.Reg) {
	v := j.st.frames[i].get(r)
	if v.kind == kNone || v == dynValue || j.s.steers(j.st.frames[i].code, r, v) {
		return
	}
	j.leakValue(v)
	f := j.st.editFrame(i)
	if v.static() {
		j.rf.write(j.b, varKey{int32(f.depth), r}, j.lift(v, f.code.regs[r].typ))
	}
	f.put(r, dynValue)
	j.f = j.st.top()
}

// follow generalizes the state as the division says.
func (j *job) follow(jn *bta.Join) {
	for _, o := range jn.Leaked {
		for _, id := range j.s.bySite[o] {
			if j.s.obj(id).local() && j.active(id) {
				j.leak(id)
			}
		}
	}
	for _, r := range jn.DynRegs {
		v := j.f.get(r)
		if j.s.steers(j.f.code, r, v) {
			continue
		}
		if !v.static() {
			if v.obj != 0 && !j.private(v.obj) {
				j.f.at(r).obj = 0
			}
			if v.kind == kDyn && j.isPhi(r) {
				j.f.at(r).sym, j.f.at(r).bits = 0, 0
			}
			continue
		}
		j.generalizeReg(r, v)
	}
	for _, c := range jn.DynMem {
		for _, id := range j.s.bySite[c.Obj] {
			if lo, hi := max(c.Lo, 0), min(c.Hi, j.s.obj(id).size); lo < hi && j.forgettable(id) {
				j.forgetBytes(id, lo, hi)
			}
		}
	}
}

// isPhi reports whether r is a phi of the block that was just entered.
func (j *job) isPhi(r ir.Reg) bool {
	for _, p := range j.f.code.blocks[j.f.block].phis {
		if p.dst == r {
			return true
		}
	}
	return false
}

// generalizeAll makes everything dynamic: what is left of the state is the stack.
func (j *job) generalizeAll() {
	for i := range j.st.frames {
		j.st.frames[i].each(func(r ir.Reg, _ Value) { j.suspend(i, r) })
		for _, id := range j.s.inContext[j.st.frames[i].ctx] {
			j.leak(id)
		}
	}
	for _, id := range j.outers() {
		j.leak(id)
	}
	j.st.mem.each(func(id ObjID, s *objState) {
		if o := j.s.obj(id); o.kind == objHeap {
			if o.place > 0 {
				j.s.refuse(j.s.contexts[o.ctx-1].fn, whyAllocates) // it would keep the paths apart
			}
			j.leak(id)
		}
	})
	j.st.mem.each(func(id ObjID, s *objState) {
		if o := j.s.obj(id); o.kind == objStack && j.active(id) {
			j.st.mem.forget(o, id, 0, o.size)
		} else {
			j.st.mem.drop(id)
		}
	})
}

// difference lists the components in which the current state differs from old
// and that can be generalized further: what is dynamic already is not listed.
// With shapesOnly it lists nothing if two known values differ: then only which
// parts are known differs.
func (j *job) difference(old *state, shapesOnly bool) (g generalization) {
	if len(old.frames) != len(j.st.frames) {
		return generalization{}
	}
	for i, f := range j.st.frames {
		e := old.frames[i]
		if e == f {
			continue
		}
		if e.code != f.code || e.ctx != f.ctx || e.variant != f.variant {
			return generalization{}
		}
		comparable := true
		f.each(func(r ir.Reg, v Value) {
			w := e.get(r)
			if v == w || v == dynValue || j.s.steers(f.code, r, v) {
				return
			}
			if w.kind == kNone || shapesOnly && v.static() && w.static() {
				comparable = false
			}
			g.regs = append(g.regs, regAt{i, r})
		})
		if !comparable {
			return generalization{}
		}
	}
	ok := true
	visit := func(id ObjID) {
		s, t := j.st.mem.get(id), old.mem.get(id)
		if s == t || s != nil && t != nil && s.equal(t) {
			return
		}
		o := j.s.obj(id)
		if o.kind == objHeap && (s == nil || t == nil) {
			return // it goes once nothing leads to it
		}
		if t != nil && t.leaked && (s == nil || !s.leaked) {
			g.leaks = append(g.leaks, id)
		}
		pages := max(s.pageCount(), t.pageCount())
		first := len(g.mem)
		for p := 0; p < pages; p++ {
			lo := int64(-1)
			end := min(int64(p+1)<<pageShift, o.size)
			for off := int64(p) << pageShift; off < end; off++ {
				same, known := sameByte(o, s, t, off)
				if !same && known && shapesOnly {
					ok = false
					return
				}
				switch {
				case !same && lo < 0:
					lo = off
				case same && lo >= 0:
					g.mem = append(g.mem, cellAt{id, lo, off})
					lo = -1
				}
			}
			if lo >= 0 {
				g.mem = append(g.mem, cellAt{id, lo, end})
			}
		}
		j.wholeScalars(o, &g, first)
		if s.rest(o) != t.rest(o) && s.rest(o) != tagDyn {
			g.mem = append(g.mem, cellAt{id, 0, o.size})
		}
	}
	seen := make(map[ObjID]bool)
	j.st.mem.each(func(id ObjID, _ *objState) { seen[id] = true; visit(id) })
	old.mem.each(func(id ObjID, _ *objState) {
		if !seen[id] {
			visit(id)
		}
	})
	if !ok {
		return generalization{}
	}
	return g
}

// wholeScalars widens the ranges of g.mem from first on, which are in o, to whole
// integers and pointers: one that is known in part only is composed bit by bit.
func (j *job) wholeScalars(o *object, g *generalization, first int) {
	typ := o.elem
	if o.kind == objGlobal {
		typ = o.global.ContentType
	}
	if typ == nil {
		return
	}
	out := g.mem[:first]
	for _, c := range g.mem[first:] {
		lo, _ := j.s.cfg.Prog.Layout.ScalarAt(typ, c.lo)
		_, hi := j.s.cfg.Prog.Layout.ScalarAt(typ, c.hi-1)
		if n := len(out); n > first && out[n-1].hi >= lo {
			out[n-1].hi = max(out[n-1].hi, hi)
			continue
		}
		out = append(out, cellAt{c.id, lo, hi})
	}
	g.mem = out
}

// sameByte reports whether the first of two states knows nothing of one byte
// that the second does not know too; known tells that both know its value.
func sameByte(o *object, s, t *objState, off int64) (same, known bool) {
	a, x := s.byteAt(o, off)
	b, y := t.byteAt(o, off)
	if a == tagDyn {
		return true, false
	}
	if a != b {
		return false, isKnown(a) && isKnown(b)
	}
	switch a & tagKind {
	case tagByte:
		return x == y, true
	case tagPtr, tagSym:
		return s.covering(off) == t.covering(off), a&tagKind == tagPtr
	}
	return true, false
}

func isKnown(tag byte) bool { return tag&tagKind == tagByte || tag&tagKind == tagPtr }

// An entryAtOff is an entry with the offset at which it starts.
type entryAtOff struct {
	at int64
	e  entry
}

// covering returns the entry of which the byte at off is a part.
func (s *objState) covering(off int64) entryAtOff {
	for k := off; k >= 0 && k > off-16; k-- {
		if e, ok := s.entryAt(k); ok && k+int64(e.size) > off {
			return entryAtOff{k, e}
		}
	}
	return entryAtOff{}
}

func (s *objState) pageCount() int {
	if s == nil {
		return 0
	}
	return len(s.pages)
}
