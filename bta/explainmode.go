package bta

// This file holds the part of Why that follows what a mode made dynamic.

import (
	llir "github.com/llir/llvm/ir"

	"quasi/ir"
)

// byMode explains what a mode made dynamic; done is false if no mode did, root says
// whether the chain ends there.
func (e *explainer) byMode(i int, q question) (done, root bool) {
	v := q.v
	switch q.kind {
	case askReg:
		if v.unlifted != nil && v.unlifted[q.r] {
			return true, e.root(i, cure{}, ResidualUse, v.fi.points[q.r], "%s has a residual use and no literal (no use sensitivity)", e.valueName(v.Fn, q.r))
		}
		if c, ok := e.prog.UserAt(v.fi.points[q.r]).(*llir.InstCall); ok && int(q.r) >= len(v.Fn.LL.Params) {
			return e.lostReturn(i, v, v.fi.points[q.r], c)
		}
	case askCell:
		return e.forbiddenCell(i, q.cell)
	case askPoint:
		s, ok := e.prog.UserAt(q.pt).(*llir.InstStore)
		if !ok {
			return false, false
		}
		f := v.replay(q.pt)
		if f.operand(s.Src).bt == Dynamic {
			return false, false
		}
		f.ranges(s.Dst, e.prog.Layout.StoreSize(s.Src.Type()), func(p place, at span) {
			if !done {
				done, root = e.forbiddenCell(i, Cell{Obj: p.obj, Base: p.base, Lo: at.lo, Hi: at.hi})
			}
		})
	}
	return done, root
}

// lostReturn explains the result of a call of a variant that leaves residual code.
func (e *explainer) lostReturn(i int, v *Variant, pt ir.Point, c *llir.InstCall) (done, root bool) {
	for _, p := range v.plans[pt] {
		if p.v == nil || !p.v.lostReturn {
			continue
		}
		where := ""
		if at, ok := p.v.residualPoint(); ok {
			where = " at " + e.prog.Position(at).String()
		}
		return true, e.root(i, cure{}, ResidualCallee, pt, "%s leaves residual code%s, so its result is dynamic (no return sensitivity)", calleeName(c), where)
	}
	return false, false
}

// forbiddenCell explains a cell that is dynamic in the whole program.
func (e *explainer) forbiddenCell(i int, c Cell) (done, root bool) {
	if e.use != nil {
		if why, ok := e.use.objects[c.place()]; ok {
			return true, e.root(i, cure{}, ResidualUse, why.Pt, "%s is dynamic everywhere: %s here (no use sensitivity)", e.cellName(c), why.Text)
		}
	}
	if e.uniform == nil {
		return false, false
	}
	for _, x := range e.uniform.pieces(c.place(), span{c.Lo, c.Hi}) {
		why, ok := e.uniform.dynamic[x.variable]
		if !ok {
			continue
		}
		e.tell(i, VariableDynamic, why.Pt, "%s is dynamic here, and so everywhere (--division=uniform)", e.uniform.name(x.variable))
		if why.v == nil || why.v.in[e.prog.BlockAt(why.Pt).ID] == nil {
			return true, true
		}
		if s, ok := e.prog.UserAt(why.Pt).(*llir.InstStore); ok {
			f := why.v.replay(why.Pt)
			if f.operand(s.Src).bt == Dynamic {
				e.operand(f, s.Src, i)
				return true, false
			}
		}
		return true, true
	}
	return false, false
}
