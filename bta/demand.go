package bta

// This file holds demand: which static values static control or static data
// access needs, by rule (J5). It is a closure backwards over data dependence from
// the decisions that the specializer takes.

import (
	llir "github.com/llir/llvm/ir"
	irvalue "github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// A demand is a closure of needed registers and cells.
type demand struct {
	an     *analysis
	within func(v *Variant, b *ir.Block) bool // which blocks count, nil: all

	regs  map[*Variant]*needs
	cells map[place][]span
	work  []needed
	held  []heldCells
	rets  map[*Variant]bool
	index *writeIndex

	reads    map[*Variant]map[place]map[int]bool // demanded reads: place, Block.ID
	liveSets map[needed]map[int]bool
	readers  map[readKey][]bool
}

// needs is what is demanded of one variant's registers.
type needs struct {
	reg  []bool                // by Reg
	uses map[ir.Reg][]ir.Point // where, for demanded registers: points of demanding uses (for a phi: of the incoming edge's terminator)
}

type needed struct {
	v *Variant
	r ir.Reg
}

type heldCells struct {
	p place
	span
}

// A span is the bytes [lo, hi).
type span struct{ lo, hi int64 }

func (a *analysis) newDemand(within func(v *Variant, b *ir.Block) bool) *demand {
	return &demand{an: a, within: within, regs: make(map[*Variant]*needs), cells: make(map[place][]span), rets: make(map[*Variant]bool), index: a.writes,
		reads: make(map[*Variant]map[place]map[int]bool), liveSets: make(map[needed]map[int]bool), readers: make(map[readKey][]bool)}
}

func (d *demand) of(v *Variant) *needs {
	n := d.regs[v]
	if n == nil {
		n = &needs{reg: make([]bool, len(v.Fn.Values)), uses: make(map[ir.Reg][]ir.Point)}
		d.regs[v] = n
	}
	return n
}

// reg reports whether r of v is demanded.
func (d *demand) reg(v *Variant, r ir.Reg) bool {
	n := d.regs[v]
	return n != nil && n.reg[r]
}

// cell reports whether bytes [lo, hi) of p are demanded.
func (d *demand) cell(p place, lo, hi int64) bool {
	for _, s := range d.cells[p] {
		if s.lo < hi && lo < s.hi {
			return true
		}
	}
	return false
}

// A seed is an operand of a decision that the specializer takes: a condition, a
// callee or, if load is set, the address of a load from static memory.
type seed struct {
	b    *ir.Block
	pt   ir.Point
	r    ir.Reg
	load bool
}

// seed demands the decisions of the blocks of v that count: conditions, callees
// and, with loads, addresses of loads from static memory.
func (d *demand) seed(v *Variant, loads bool) {
	for _, s := range d.an.seedsOf(v) {
		if (loads || !s.load) && (d.within == nil || d.within(v, s.b)) {
			d.need(v, s.r, s.pt)
		}
	}
	d.close()
}

// seedsOf are the seeds of v in the order of its points. They are kept for the
// round: a demand for every loop asks for them.
func (a *analysis) seedsOf(v *Variant) []seed {
	if s, ok := a.seeds[v]; ok {
		return s
	}
	var out []seed
	for _, b := range v.Fn.RPO() {
		if v.in[b.ID] == nil {
			continue
		}
		f := v.startOf(b)
		add := func(x irvalue.Value, load bool) {
			if r, ok := f.undecided(x); ok {
				out = append(out, seed{b, f.pt, r, load})
			}
		}
		for f.pt = f.start(); f.pt < b.TermPoint(); f.pt++ {
			i := b.LL.Insts[f.pt-b.First]
			switch i := i.(type) {
			case *llir.InstCall:
				if _, direct := i.Callee.(*llir.Func); !direct {
					add(i.Callee, false)
				}
				if libraryKind(i).reads() && v.static(i, f) {
					for _, x := range i.Args {
						add(x, true)
					}
				}
			case *llir.InstLoad:
				if v.static(i, f) {
					add(i.Src, true)
				}
			}
			if !f.inst(i) {
				break
			}
		}
		if v.out[b.ID] == nil {
			continue
		}
		f.pt = b.TermPoint()
		if c := condition(b.LL.Term); c != nil && len(v.takenSuccs(b)) > 1 {
			add(c, false)
		}
	}
	a.seeds[v] = out
	return out
}

// undecided is the register that x is, if it is static here and the facts do not
// know its value.
func (f *flow) undecided(x irvalue.Value) (r ir.Reg, ok bool) {
	x = strip(x)
	if r = f.fn().Reg(x); r == ir.NoReg {
		return r, false
	}
	val := f.operand(x)
	return r, val.bt != Dynamic && !f.decided(val)
}

// static reports whether an instruction's result is static and not decided by the
// facts: then its operands matter.
func (v *Variant) static(i irvalue.Value, f *flow) bool {
	r := v.Fn.Reg(i)
	return r != ir.NoReg && v.has[r] && v.regs[r].bt == Static && !f.decided(v.regs[r])
}

// condition is what a terminator decides on, nil if nothing.
func condition(t llir.Terminator) irvalue.Value {
	switch t := t.(type) {
	case *llir.TermCondBr:
		return t.Cond
	case *llir.TermSwitch:
		return t.X
	case *llir.TermIndirectBr:
		return t.Addr
	}
	return nil
}

// operand demands x at f's point, if it is a static register there.
func (d *demand) operand(f *flow, x irvalue.Value) {
	if r, ok := f.undecided(x); ok {
		d.need(f.v, r, f.pt)
	}
}

// need demands r of v for what happens at pt.
func (d *demand) need(v *Variant, r ir.Reg, pt ir.Point) {
	n := d.of(v)
	if u := n.uses[r]; len(u) == 0 || u[len(u)-1] != pt {
		n.uses[r] = append(u, pt)
	}
	if !n.reg[r] {
		n.reg[r] = true
		d.work = append(d.work, needed{v, r})
	}
}

// close follows what is demanded to what it is computed from.
func (d *demand) close() {
	for len(d.work) > 0 || len(d.held) > 0 {
		if n := len(d.work); n > 0 {
			w := d.work[n-1]
			d.work = d.work[:n-1]
			d.define(w.v, w.r)
			continue
		}
		n := len(d.held)
		h := d.held[n-1]
		d.held = d.held[:n-1]
		d.writers(h.p, h.span)
	}
}

// define demands the operands of what defines r.
func (d *demand) define(v *Variant, r ir.Reg) {
	if int(r) < len(v.Fn.LL.Params) {
		d.arguments(v, int(r))
		return
	}
	b, pt := v.fi.defs[r], v.fi.points[r]
	if v.in[b.ID] == nil || d.within != nil && !d.within(v, b) {
		return
	}
	u := d.an.prog.UserAt(pt)
	if phi, ok := u.(*llir.InstPhi); ok {
		d.phi(v, b, phi, r)
		return
	}
	var f *flow
	switch u.(type) {
	case *llir.InstLoad, *llir.InstCall:
		f = v.replay(pt)
	default:
		f = v.registersAt(pt)
	}
	switch i := u.(type) {
	case *llir.InstAlloca:
	case *llir.InstLoad:
		d.operand(f, i.Src)
		d.read(f, i.Src, d.an.prog.Layout.StoreSize(i.ElemType))
	case *llir.InstCall:
		d.call(f, i)
	case *llir.InstSelect:
		d.operand(f, i.Cond)
		d.operand(f, i.ValueTrue)
		d.operand(f, i.ValueFalse)
	default:
		for _, op := range ir.Operands(u) {
			d.operand(f, *op)
		}
	}
}

func (d *demand) phi(v *Variant, b *ir.Block, phi *llir.InstPhi, r ir.Reg) {
	if j := v.joins[b.ID]; j != nil && j.generalizes(r) {
		return
	}
	for _, inc := range phi.Incs {
		p := v.Fn.BlockOf(blockOf(inc.Pred))
		if p == nil || !v.feasible(p, b) {
			continue
		}
		f := v.endOf(p)
		d.operand(f, inc.X)
	}
}

// arguments demands parameter i of v where v is called.
func (d *demand) arguments(v *Variant, i int) {
	for _, c := range v.callers {
		if !c.v.live || d.within != nil && !d.within(c.v, c.b) {
			continue
		}
		for pt := c.b.First; pt < c.b.TermPoint(); pt++ {
			for _, plan := range c.v.plans[pt] {
				if plan.v == v {
					d.operand(c.v.replay(pt), c.v.instAt(pt).(*llir.InstCall).Args[i])
				}
			}
		}
	}
}

// call demands what the result of a call is made of.
func (d *demand) call(f *flow, i *llir.InstCall) {
	switch libraryKind(i) {
	case libNone:
	case libReads, libReadsN, libInto, libNumber:
		for _, a := range i.Args {
			d.operand(f, a)
			if isPointer(a) {
				d.read(f, strip(a), 1<<40)
			}
		}
		return
	default:
		for _, a := range i.Args {
			d.operand(f, a)
		}
		return
	}
	for _, c := range f.v.plans[f.pt] {
		if c.v == nil || d.rets[c.v] {
			continue
		}
		d.rets[c.v] = true
		for _, b := range c.v.Fn.RPO() {
			if ret, ok := b.LL.Term.(*llir.TermRet); ok && ret.X != nil && c.v.out[b.ID] != nil {
				g := c.v.endOf(b)
				d.operand(g, ret.X)
			}
		}
	}
}

// read demands the static cells that an access may read.
func (d *demand) read(f *flow, src irvalue.Value, size int64) {
	addr := f.operand(src)
	if p, off, ok := f.place(addr); ok {
		d.note(f, p)
		d.hold(p, span{off, off + size})
		return
	}
	refs, _ := f.targets(addr, src)
	for _, r := range refs.refs {
		d.note(f, place{obj: r.obj})
		s := span{r.off, r.last() + size}
		if r.count == anyCount {
			s = span{0, 1 << 40}
		}
		d.hold(place{obj: r.obj}, s)
	}
}

// note records that f's block reads demanded content of p.
func (d *demand) note(f *flow, p place) {
	byPlace := d.reads[f.v]
	if byPlace == nil {
		byPlace = make(map[place]map[int]bool)
		d.reads[f.v] = byPlace
	}
	if byPlace[p] == nil {
		byPlace[p] = make(map[int]bool)
	}
	byPlace[p][f.b.ID] = true
}

func (d *demand) hold(p place, s span) {
	if p.obj != nil && p.obj.Const {
		return
	}
	for _, h := range d.cells[p] {
		if h.lo <= s.lo && s.hi <= h.hi {
			return
		}
	}
	d.cells[p] = append(d.cells[p], s)
	d.held = append(d.held, heldCells{p, s})
}

// writers demands what is written to the cells [s.lo, s.hi) of p.
func (d *demand) writers(p place, s span) {
	for _, w := range d.index.at[p] {
		if !w.v.live || w.hi <= s.lo || w.lo >= s.hi || d.within != nil && !d.within(w.v, w.b) {
			continue
		}
		f := w.v.replay(w.pt)
		switch i := w.v.instAt(w.pt).(type) {
		case *llir.InstStore:
			d.operand(f, i.Src)
			d.operand(f, i.Dst)
		case *llir.InstCall:
			for _, a := range i.Args {
				d.operand(f, a)
			}
			if libraryKind(i) == libVaCopy {
				d.read(f, strip(i.Args[1]), ir.VaListSize)
			}
			if libraryKind(i) == libCopy {
				n, ok := f.known(strip(i.Args[2]))
				if !ok {
					n = 1 << 40
				}
				d.read(f, strip(i.Args[1]), n)
			}
		}
	}
}

// A writeIndex finds the executed writes of a place.
type writeIndex struct{ at map[place][]writeRef }

// A writeRef is an instruction that may write the bytes [lo, hi) of a place.
type writeRef struct {
	v  *Variant
	b  *ir.Block
	pt ir.Point
	span
}

// indexWrites collects the stores of static values of all live variants.
func (a *analysis) indexWrites(live []*Variant) *writeIndex {
	w := &writeIndex{at: make(map[place][]writeRef)}
	for _, v := range live {
		for _, b := range v.Fn.RPO() {
			if v.in[b.ID] == nil {
				continue
			}
			f := v.startOf(b)
			for f.pt = f.start(); f.pt < b.TermPoint(); f.pt++ {
				i := b.LL.Insts[f.pt-b.First]
				switch i := i.(type) {
				case *llir.InstStore:
					if f.operand(i.Src).bt == Static {
						w.add(f, i.Dst, a.prog.Layout.StoreSize(i.Src.Type()))
					}
				case *llir.InstCall:
					switch libraryKind(i) {
					case libVaStart, libVaCopy:
						w.add(f, strip(i.Args[0]), ir.VaListSize)
					case libString:
						w.add(f, strip(i.Args[0]), 1<<40)
					case libNumber:
						w.add(f, strip(i.Args[1]), pointerSize)
					case libCopy, libSet:
						n, ok := f.known(strip(i.Args[2]))
						if !ok {
							n = 1 << 40
						}
						w.add(f, strip(i.Args[0]), n)
					}
					w.variable(f)
				}
				if !f.inst(i) {
					break
				}
			}
		}
	}
	return w
}

// variable adds the variable arguments that the call at f's point passes.
func (w *writeIndex) variable(f *flow) {
	for _, c := range f.v.plans[f.pt] {
		if c.v == nil || !c.fn.LL.Sig.Variadic {
			continue
		}
		if start := ir.VaStart(c.fn); start != nil {
			p := place{obj: f.pts.ObjectOf(start)}
			w.at[p] = append(w.at[p], writeRef{v: f.v, b: f.b, pt: f.pt, span: span{0, vaMost}})
		}
	}
}

func (w *writeIndex) add(f *flow, dst irvalue.Value, size int64) {
	addr := f.operand(dst)
	ref := writeRef{v: f.v, b: f.b, pt: f.pt}
	if p, off, ok := f.place(addr); ok {
		ref.span = span{off, off + size}
		w.at[p] = append(w.at[p], ref)
		return
	}
	if addr.bt == Dynamic {
		return
	}
	refs, _ := f.targets(addr, dst)
	for _, r := range refs.refs {
		ref.span = span{r.off, r.last() + size}
		if r.count == anyCount {
			ref.span = span{0, 1 << 40}
		}
		p := place{obj: r.obj}
		w.at[p] = append(w.at[p], ref)
	}
}

// replay is the flow just before pt.
func (v *Variant) replay(pt ir.Point) *flow {
	b := v.an.prog.BlockAt(pt)
	f := &flow{analysis: v.an, v: v, b: b, quiet: true}
	if v.in[b.ID] == nil {
		f.pt = pt
		return f
	}
	if v.an.replays.v == v && v.an.replays.b == b && v.an.replays.pt <= pt {
		*f = v.an.replays
	} else {
		f.s = *v.in[b.ID]
		f.pt = f.start()
	}
	for f.pt < pt && f.pt < b.TermPoint() {
		if !f.inst(b.LL.Insts[f.pt-b.First]) {
			break
		}
		f.pt++
	}
	f.pt = pt
	v.an.replays = *f
	return f
}

// registersAt is replay for those who only ask for registers.
func (v *Variant) registersAt(pt ir.Point) *flow {
	b := v.an.prog.BlockAt(pt)
	if v.in[b.ID] == nil || len(v.in[b.ID].gen) > 0 {
		return v.replay(pt)
	}
	return &flow{analysis: v.an, v: v, b: b, pt: pt, s: *v.in[b.ID], quiet: true}
}

// demandLive are the blocks at whose start r of v is needed later.
func (d *demand) demandLive(v *Variant, r ir.Reg) map[int]bool {
	live := make(map[int]bool)
	n := d.regs[v]
	if n == nil || !n.reg[r] {
		return live
	}
	def := v.defBlock(r)
	var work []*ir.Block
	for _, pt := range n.uses[r] {
		if b := d.an.prog.BlockAt(pt); b != def && !live[b.ID] {
			live[b.ID] = true
			work = append(work, b)
		}
	}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		for _, p := range b.Preds {
			if p != def && !live[p.ID] && v.feasible(p, b) {
				live[p.ID] = true
				work = append(work, p)
			}
		}
	}
	return live
}
