package bta

// This file holds what the modes forbid to be static: the cells of variables (uniform.go)
// and of objects (use.go). Between two runs of the forward analysis they find more of
// these; then everything is analyzed again.

import (
	llir "github.com/llir/llvm/ir"
	irvalue "github.com/llir/llvm/ir/value"
)

// inst applies the rule of one instruction, and what the mode forbids after it; it
// returns false if control does not get past it, as far as is known.
func (f *flow) inst(inst llir.Instruction) bool {
	before := f.s.mem
	if !f.transfer(inst) {
		return false
	}
	f.restrict(before)
	return true
}

// restricts reports whether the mode forbids anything so far.
func (a *analysis) restricts() bool {
	return a.uniform != nil && len(a.uniform.dynamic) > 0 || a.use != nil && len(a.use.objects) > 0
}

// restrict takes from memory what the mode forbids to be static; regions that before
// has too are as they should be.
func (f *flow) restrict(before memory) {
	if !f.restricts() {
		return
	}
	mem := f.s.mem
	for _, r := range mem {
		if i, ok := before.index(r.place); ok && before[i] == r {
			continue
		}
		cs := f.permitted(r.place, r.cells)
		if sameCells(cs, r.cells) {
			continue
		}
		for _, c := range r.cells {
			for _, x := range dynamicParts(cs, r.place, c) {
				f.leakCells(r.place, x.Lo, x.Hi)
			}
		}
		f.s.mem = f.s.mem.with(r.place, cs)
	}
}

// denied reports whether p has no static cells, by rule (N3).
func (a *analysis) denied(p place) bool {
	if a.use == nil {
		return false
	}
	_, ok := a.use.objects[p]
	return ok
}

// permitted is what the mode leaves of the cells of p.
func (a *analysis) permitted(p place, cs []cell) []cell {
	switch {
	case a.denied(p):
		return nil
	case a.uniform == nil:
		return cs
	}
	out := cs
	for _, c := range cs {
		for _, s := range a.uniform.dynamicPieces(p, span{c.lo, c.hi}) {
			out = cut(out, s.lo, s.hi)
		}
	}
	return out
}

// permittedMemory is what the mode leaves of m.
func (a *analysis) permittedMemory(m memory) memory {
	if !a.restricts() {
		return m
	}
	out := m
	for _, r := range m {
		if cs := a.permitted(r.place, r.cells); !sameCells(cs, r.cells) {
			out = out.with(r.place, cs)
		}
	}
	return out
}

// forbids reports whether the mode forbids that the bytes s of p are static as a whole.
func (a *analysis) forbids(p place, s span) bool {
	return a.restricts() && (a.denied(p) || a.uniform != nil && len(a.uniform.dynamicPieces(p, s)) > 0)
}

// forbidsRef is forbids for size bytes at some address of r.
func (a *analysis) forbidsRef(r ref, size int64) bool {
	p := place{obj: r.obj}
	if r.count == anyCount || r.count > maxElements {
		return a.forbids(p, span{0, max(extentOf(r.obj), 1)})
	}
	for k := int64(0); k < r.count; k++ {
		if at := r.off + k*r.stride; a.forbids(p, span{at, at + size}) {
			return true
		}
	}
	return false
}

// forbidsWrite reports whether the mode forbids that what a write of size bytes, -1 if
// that is not known, leaves is static.
func (f *flow) forbidsWrite(dst irvalue.Value, size int64) bool {
	if !f.restricts() {
		return false
	}
	found := false
	f.ranges(dst, size, func(p place, s span) {
		found = found || s.lo < s.hi && f.forbids(p, s)
	})
	return found
}

// sensitivities takes the decisions of the mode that follow from the present state;
// it reports whether the forward analysis has to run again.
func (a *analysis) sensitivities(live []*Variant) bool {
	again := false
	if a.uniform != nil {
		again = a.uniform.gather(live)
	}
	if a.use != nil {
		again = a.use.gather(live) || again
	}
	if a.cfg.Mode.NoReturn {
		again = a.loseReturns(live) || again
	}
	if !again {
		return false
	}
	// Variants for what is forbidden now do not count for the bounds on variants.
	for _, fi := range a.funcs {
		fi.variants = 0
	}
	for _, v := range live {
		v.fi.variants++
	}
	// Everything is analyzed again, as calls choose their variants, from the entry on.
	for _, v := range a.variants {
		v.entry.mem = a.permittedMemory(v.entry.mem)
		v.asleep = true
	}
	a.wake(a.entry)
	return true
}
