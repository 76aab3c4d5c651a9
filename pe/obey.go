package pe

// This file makes the specializer obey a division (Config.Obey): it knows no more
// than the division says, so that residual code shows what the division is worth.
//
//	(O1) A register that the division has dynamic where it is defined is generalized
//	     there: lifted, and dynamic from then on. So are the parameters of what is
//	     unfolded, results of calls and phis.
//	(O2) A cell that the division has dynamic after a write, at the start of a block or
//	     of a callee, is flushed and forgotten.
//	(O3) Calls that the division leaves residual are left residual.
//	(O4) Symbols that the division does not know are forgotten, in (O1) and (O2).
//
// What is known beyond the division is lost by that, nothing else: the rules on state
// hold as before. Labels that steer a computed goto are not generalized.

import (
	"quasi/bta"
	"quasi/ir"
	"quasi/ir/spec"
)

// An obedience is what was asked of the division, by variant.
type obedience struct {
	after    map[variantAt]*bta.Division
	lost     map[variantAt]lostAt
	withheld map[withheldAt][]bta.Cell
}

// A variantAt is a point of a variant.
type variantAt struct {
	v  *bta.Variant
	pt ir.Point
}

// A withheldAt is a call of a variant by a variant.
type withheldAt struct {
	variantAt
	callee *bta.Variant
}

// A lostAt is what the division forgets at the start of a block.
type lostAt struct {
	regs  []ir.Reg
	cells []bta.Cell
}

func newObedience() *obedience {
	return &obedience{after: make(map[variantAt]*bta.Division), lost: make(map[variantAt]lostAt), withheld: make(map[withheldAt][]bta.Cell)}
}

// obeys reports whether the top frame follows a division that is obeyed.
func (j *job) obeys() bool { return j.s.obedience != nil && j.f.variant != nil }

// obey applies (O1) and (O2) to the instruction in, which was executed or emitted.
func (j *job) obey(in *inst) {
	switch in.op {
	case opStore:
		size := int64(in.to)
		if id, off := j.locate(j.val(in.args[1])); id != 0 && within(j.s.obj(id), off, size) {
			j.obeyCells(j.after(in.pt), id, off, off+size)
		}
	case opAlloca, opArray:
		j.obeyObject(j.after(in.pt), based(j.val(operand(in.dst))))
	case opCall:
		d := j.after(in.pt)
		for _, a := range in.args[1:] {
			j.obeyObject(d, based(j.val(a)))
		}
		if in.dst != ir.NoReg {
			j.obeyObject(d, based(j.val(operand(in.dst))))
		}
	}
	if in.dst != ir.NoReg {
		j.obeyReg(in.dst)
	}
}

// after is the division just after pt.
func (j *job) after(pt ir.Point) *bta.Division {
	k := variantAt{j.f.variant, pt}
	d, ok := j.s.obedience.after[k]
	if !ok {
		d = k.v.At(pt + 1)
		j.s.obedience.after[k] = d
	}
	return d
}

// obeyReg applies (O1) and (O4) to register r of the top frame.
func (j *job) obeyReg(r ir.Reg) {
	v := j.f.get(r)
	if v.kind == kNone || j.f.variant.Reg(r) != bta.Dynamic || j.s.steers(j.f.code, r, v) {
		return
	}
	if v.static() {
		j.generalizeReg(r, v)
		return
	}
	if (v.sym != spec.NoSym || v.bits != 0) && !j.f.variant.Symbolic(r) {
		if v.bits != 0 {
			j.leakValue(v)
		}
		v.sym, v.bits = spec.NoSym, 0
		j.f.put(r, v)
		if rv := j.b.defs[j.key(r)]; rv != 0 {
			j.rf.vals[rv].sym = spec.NoSym
		}
	}
}

// obeyEntry applies the rules to the top frame, which begins at the entry of its
// function; in is the call, nil for the entry of a residual function.
func (j *job) obeyEntry(in *inst) {
	if !j.obeys() {
		return
	}
	for i := range j.f.code.fn.LL.Params {
		r := ir.Reg(i)
		if j.f.code.byVal[i] != nil && in != nil {
			j.obeyObject(j.f.variant.Division(), based(j.f.get(r)))
		}
		j.obeyReg(r)
	}
	if in == nil && j.entry == nil {
		d := j.f.variant.Division()
		var ids []ObjID
		j.st.mem.each(func(id ObjID, _ *objState) { ids = append(ids, id) })
		for _, id := range ids {
			j.obeyObject(d, id)
		}
	}
}

// obeyCall applies (O2) to the memory that the call in of callee passes on.
func (j *job) obeyCall(in *inst, callee *bta.Variant) {
	if !j.obeys() || callee == nil {
		return
	}
	k := withheldAt{variantAt{j.f.variant, in.pt}, callee}
	cells, ok := j.s.obedience.withheld[k]
	if !ok {
		cells = k.v.Withheld(in.pt, callee)
		j.s.obedience.withheld[k] = cells
	}
	j.forgetCells(cells)
}

// obeyBlock applies the rules where the path has entered block b.
func (j *job) obeyBlock(b *cblock) {
	if !j.obeys() {
		return
	}
	for _, p := range b.phis {
		j.obeyReg(p.dst)
	}
	k := variantAt{j.f.variant, b.llir.First}
	l, ok := j.s.obedience.lost[k]
	if !ok {
		l.regs, l.cells = k.v.Lost(b.llir)
		j.s.obedience.lost[k] = l
	}
	for _, r := range l.regs {
		if v := j.f.get(r); v.static() && !j.s.steers(j.f.code, r, v) {
			j.generalizeReg(r, v)
		}
	}
	j.forgetCells(l.cells)
}

// obeyObject forgets what d does not know of id; 0 is no object.
func (j *job) obeyObject(d *bta.Division, id ObjID) {
	if id == 0 {
		return
	}
	if o := j.s.obj(id); o.kind == objInstance {
		for _, c := range j.s.cells[id] {
			j.obeyCells(d, id, c.off, c.off+c.size)
		}
	} else {
		j.obeyCells(d, id, 0, o.size)
	}
}

// obeyCells forgets what d does not know of the bytes [lo, hi) of id.
func (j *job) obeyCells(d *bta.Division, id ObjID, lo, hi int64) {
	o := j.s.obj(id)
	if o.site == nil && o.kind != objInstance || !j.forgettable(id) {
		return
	}
	for _, c := range d.Unknown(bta.Cell{Obj: o.site, Base: o.base, Lo: lo, Hi: hi}) {
		j.forgetBytes(id, c.Lo, c.Hi)
	}
}

// forgetBytes flushes what is known of the bytes [lo, hi) of id and forgets it.
func (j *job) forgetBytes(id ObjID, lo, hi int64) {
	j.flush(id, lo, hi)
	j.st.mem.forget(j.s.obj(id), id, lo, hi)
}

// forgettable reports whether anything can be known of the content of id that can
// be forgotten.
func (j *job) forgettable(id ObjID) bool {
	o := j.s.obj(id)
	return !o.ro && o.kind != objFunc && o.kind != objLabel && (j.st.mem.get(id) != nil || o.kind == objStack && j.active(id))
}

// manyActivations is the number of objects of one slot past which only those of the
// current activation are looked at.
const manyActivations = 16

// forgetCells flushes and forgets cells in every object that they speak of.
func (j *job) forgetCells(cells []bta.Cell) {
	for _, c := range cells {
		if c.Obj == nil {
			if id := j.s.instances[c.Base]; id != 0 && j.forgettable(id) {
				j.forgetBytes(id, c.Lo, c.Hi)
			}
			continue
		}
		ids := j.s.bySite[c.Obj]
		for _, id := range ids {
			o := j.s.obj(id)
			// Of many activations, those below have forgotten it before.
			if len(ids) > manyActivations && o.ctx != j.f.ctx {
				continue
			}
			lo, hi := max(c.Lo, 0), min(c.Hi, o.size)
			if lo < hi && j.st.mem.get(id) != nil && j.forgettable(id) {
				j.forgetBytes(id, lo, hi)
			}
		}
	}
}

// generalizeReg lifts the static value v of register r of the top frame, which is
// dynamic from then on. The address of a private object does not leak by that.
func (j *job) generalizeReg(r ir.Reg, v Value) {
	if v.kind == kList {
		j.leakValue(v)
	}
	base := based(v)
	if base != 0 && !j.private(base) {
		base = 0
	}
	j.rf.write(j.b, j.key(r), j.lift(v, j.f.code.regs[r].typ))
	j.f.put(r, Value{kind: kDyn, obj: base})
}
