package bta

// This file holds the part of Why that follows memory: which write, call or join
// made a cell dynamic.

import (
	llir "github.com/llir/llvm/ir"

	"quasi/ir"
)

// cell explains a cell that is dynamic just before q.pt: by the instructions of
// the block that may have made it so, and by the block's start unless one of them
// surely has.
func (e *explainer) cell(i int, q question) bool {
	v := q.v
	b := e.prog.BlockAt(q.pt)
	if v.in[b.ID] == nil {
		return false
	}
	p := q.cell.place()
	f := v.startOf(b)
	var writers []flow // the first one surely, if sure is set
	sure := false
	for f.pt = f.start(); f.pt < q.pt; f.pt++ {
		prev := *f
		if !f.inst(v.instAt(f.pt)) {
			break
		}
		was := e.view(prev.s.mem.cells(p), q.cell.Lo, q.cell.Hi).val.bt
		is := e.view(f.s.mem.cells(p), q.cell.Lo, q.cell.Hi).val.bt
		prev.pt = f.pt
		switch {
		case is != Dynamic:
			writers, sure = nil, false
		case was == Static || e.writes(&prev, q.cell):
			writers, sure = append(writers[:0], prev), true
		case e.spoils(&prev, q.cell):
			writers = append(writers, prev)
		}
	}
	if sure && len(writers) == 1 {
		return e.writer(i, &writers[0], q.cell)
	}
	for _, w := range writers {
		e.push(question{v: v, kind: askWriter, pt: w.pt, cell: q.cell}, i)
	}
	return !sure && e.cellAtStart(i, q, b)
}

// spoils reports whether the instruction at f's point makes the cell, which was
// dynamic before, dynamic if it were static: in a loop it may have done so in the
// iteration before.
func (e *explainer) spoils(f *flow, c Cell) bool {
	inst := f.v.instAt(f.pt)
	switch i := inst.(type) {
	case *llir.InstStore, *llir.InstAtomicRMW, *llir.InstCmpXchg:
	case *llir.InstCall:
		if ir.IsDebug(i) {
			return false
		}
	default:
		return false
	}
	g := *f
	p := c.place()
	was := cell{lo: c.Lo, hi: c.Hi, fill: bytes}
	g.s.mem = g.s.mem.with(p, put(cut(g.s.mem.cells(p), c.Lo, c.Hi), was))
	return g.inst(inst) && e.view(g.s.mem.cells(p), c.Lo, c.Hi).val.bt == Dynamic
}

// writes reports whether the store at f's point surely writes the cell.
func (e *explainer) writes(f *flow, c Cell) bool {
	s, ok := f.v.instAt(f.pt).(*llir.InstStore)
	if !ok {
		return false
	}
	p, off, ok := f.place(f.operand(s.Dst))
	return ok && p == c.place() && off < c.Hi && c.Lo < off+e.prog.Layout.StoreSize(s.Src.Type())
}

// writer explains the instruction that makes a cell dynamic.
func (e *explainer) writer(i int, f *flow, c Cell) bool {
	switch s := f.v.instAt(f.pt).(type) {
	case *llir.InstStore:
		if (s.Volatile || s.Atomic) && !e.ignored(f.pt) {
			return e.root(i, unqualified(s.Atomic), VolatileAccess, f.pt, "%s is written by a volatile or atomic store", e.cellName(c))
		}
		if e.writes(f, c) || f.operand(s.Dst).bt == Static {
			if f.operand(s.Src).bt == Dynamic {
				e.tell(i, DynamicStore, f.pt, "a dynamic value is stored to %s", e.cellName(c))
				e.operand(f, s.Src, i)
				return false
			}
		}
		if dst := f.operand(s.Dst); dst.bt == Dynamic && dst.refs != nil && c.Obj != nil {
			e.tell(i, UnknownWrite, f.pt, "a store at a dynamic place may write %s", e.cellName(c))
			e.operand(f, s.Dst, i)
			return false
		}
		return e.root(i, aliasOf(e.cellName(c)), UnknownWrite, f.pt, "a store through a dynamic pointer may write %s", e.cellName(c))
	case *llir.InstCall:
		return e.writingCall(i, f, s, c)
	}
	return e.root(i, unqualified(true), VolatileAccess, f.pt, "an atomic access may write %s", e.cellName(c))
}

func (e *explainer) writingCall(i int, f *flow, s *llir.InstCall, c Cell) bool {
	if k := libraryKind(s); k == libCopy || k == libSet {
		if e.operands(f, s, i) {
			e.tell(i, DynamicStore, f.pt, "%s with a dynamic argument may write %s", calleeName(s), e.cellName(c))
			return false
		}
		e.tell(i, DynamicStore, f.pt, "%s copies dynamic memory to %s", calleeName(s), e.cellName(c))
		if k == libCopy {
			n, ok := f.known(strip(s.Args[2]))
			if !ok {
				n = 1
			}
			return e.readInto(i, f, s, n)
		}
		return true
	}
	for _, p := range f.v.plans[f.pt] {
		if p.v != nil {
			e.tell(i, CellDynamic, f.pt, "%s makes %s dynamic", calleeName(s), e.cellName(c))
			e.push(question{v: p.v, kind: askExit, cell: c}, i)
		}
	}
	for _, p := range f.v.plans[f.pt] {
		if p.v == nil {
			e.operands(f, s, i)
			return e.root(i, e.bodyOf(s, &p), UnknownCall, f.pt, "the residual call of %s may write %s: %s", calleeName(s), e.cellName(c), p.reason.Text)
		}
	}
	if len(f.v.plans[f.pt]) == 0 {
		return e.root(i, e.bodyOf(s, nil), UnknownCall, f.pt, "%s is called, which is not known code and may write %s", calleeName(s), e.cellName(c))
	}
	return false
}

// readInto asks for the source of a copy, under the link that node i already has.
func (e *explainer) readInto(i int, f *flow, s *llir.InstCall, n int64) bool {
	link := e.nodes[i].cause
	root := e.read(i, f, strip(s.Args[1]), n, "the source")
	e.nodes[i].cause = link
	return root
}

// cellAtStart explains a cell that is dynamic when b begins.
func (e *explainer) cellAtStart(i int, q question, b *ir.Block) bool {
	v, c := q.v, q.cell
	if j := v.joins[b.ID]; j != nil {
		for _, g := range j.cells {
			if g.place() == c.place() && g.Lo < c.Hi && c.Lo < g.Hi {
				return e.join(i, v, b.First, j.whyOf[g], e.cellName(c))
			}
		}
	}
	if b.ID == 0 {
		return e.cellAtEntry(i, v, c)
	}
	for _, p := range b.Preds {
		if v.feasible(p, b) && e.view(v.out[p.ID].mem.cells(c.place()), c.Lo, c.Hi).val.bt == Dynamic {
			e.push(question{v: v, kind: askCell, pt: p.TermPoint(), cell: c}, i)
		}
	}
	return false
}

func (e *explainer) cellAtEntry(i int, v *Variant, c Cell) bool {
	if v == v.an.entry && c.Obj != nil && !e.outside(c.Obj) {
		return e.root(i, cure{}, UnknownPointer, v.Fn.First, "%s has no known content: it stands for several objects, or it is not written before", e.cellName(c))
	}
	if v == v.an.entry {
		return e.root(i, cure{kind: StateCell, cell: c}, GlobalDynamic, v.Fn.First, "%s is not fixed by the specification", e.cellName(c))
	}
	n := len(e.nodes[i].next)
	e.eachCall(v, func(f *flow, _ *llir.InstCall) { e.askCells(f, c.place(), c.Lo, c.Hi, i) })
	if len(e.nodes[i].next) == n {
		return e.root(i, cure{}, GlobalDynamic, v.Fn.First, "%s is dynamic when @%s is called", e.cellName(c), v.Fn.Name())
	}
	return false
}

// atExit explains a cell that is dynamic where a variant returns.
func (e *explainer) atExit(i int, q question) bool {
	v, c := q.v, q.cell
	if v.exitJoin != nil {
		for _, g := range v.exitJoin.cells {
			if g.place() == c.place() && g.Lo < c.Hi && c.Lo < g.Hi {
				return e.join(i, v, v.Fn.End-1, v.exitJoin.whyOf[g], e.cellName(c))
			}
		}
	}
	for _, b := range v.Fn.RPO() {
		if _, ok := b.LL.Term.(*llir.TermRet); ok && v.out[b.ID] != nil {
			if e.view(v.out[b.ID].mem.cells(c.place()), c.Lo, c.Hi).val.bt == Dynamic {
				e.push(question{v: v, kind: askCell, pt: b.TermPoint(), cell: c}, i)
			}
		}
	}
	return false
}
