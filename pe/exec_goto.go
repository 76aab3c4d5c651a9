package pe

// This file executes computed gotos. The address of a label is a Value: a
// pointer to an object that stands for the block. A goto to a known label is a
// jump. Where residual code would have to go to a label that is not known, the
// function stays generic: a label's address is good for indirectbr of its own
// function only, and residual code has blocks of its own. So what is known of
// labels is kept: a label loaded at an unknown place of a known table is told
// by a switch over the places, and no generalization touches the operand of a
// goto.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"

	"quasi/ir"
)

// maxLabels bounds the places of a table that one load is split over.
const maxLabels = 1024

// gotoLabel ends a block by a computed goto. It reports whether the path ends.
func (j *job) gotoLabel(in *inst) (done bool) {
	v := j.val(in.args[0])
	switch {
	case v.kind == kUndef || v.kind == kPoison:
		j.b.term = llir.NewUnreachable()
		return true
	case v.kind == kPtr && v.off() == 0 && j.s.obj(v.obj).kind == objLabel:
		// A label that is not listed, or of another function, is undefined behaviour.
		l := j.s.obj(v.obj).label
		if l.Func == constant.Constant(j.f.code.fn.LL) {
			if b, ok := l.Block.(*llir.Block); ok {
				if to := j.f.code.fn.BlockOf(b); to != nil && slices.Contains(in.succs, to.ID) {
					return j.enter(to.ID)
				}
			}
		}
		j.b.term = llir.NewUnreachable()
		return true
	case len(in.succs) > 0 && slices.Max(in.succs) == slices.Min(in.succs):
		return j.enter(in.succs[0])
	}
	j.s.refuse(j.f.code.fn, "it has a computed goto to a label that is not known")
	j.b.term = llir.NewUnreachable()
	return true
}

// isLabel reports whether v is the address of a label.
func (s *specializer) isLabel(v Value) bool { return v.kind == kPtr && s.obj(v.obj).kind == objLabel }

// steers reports whether v is a label that register r of c takes to a goto: such a
// value is not generalized. There are finitely many, so the walk ends all the same.
func (s *specializer) steers(c *code, r ir.Reg, v Value) bool {
	return s.isLabel(v) && slices.Contains(c.gotos, r)
}

// loadLabel executes a load at an unknown place of an array of known content that
// holds labels: a switch over the places, after which the path goes on once for
// each distinct content. It reports whether it did, which ends the path.
func (j *job) loadLabel(in *inst, p Value) bool {
	if p.kind != kDyn || p.obj == 0 || in.to != 8 || in.args[0] < 0 {
		return false
	}
	g, ok := j.f.code.fn.Values[in.args[0]].(*llir.InstGetElementPtr)
	if !ok {
		return false
	}
	base, at, ok := j.indexed(g)
	if !ok || base.obj != p.obj {
		return false
	}
	size := j.s.obj(p.obj).size
	info := j.f.code.regs[in.dst]
	first := base.off() % at.scale
	if first < 0 || size/at.scale > maxLabels {
		return false
	}
	var places []int64
	var content []Value
	labels := false
	for off := first; off+8 <= size; off += at.scale {
		v, ok := j.content(p.obj, off, 8, info, nil)
		if !ok || !v.static() {
			return false
		}
		places, content = append(places, (off-base.off())/at.scale), append(content, v)
		labels = labels || j.s.isLabel(v)
	}
	if !labels {
		return false
	}
	j.splitPlaces(in, at.index, places, content)
	return true
}

// An index is the one variable index of an address computation.
type index struct {
	index operand
	scale int64
}

// indexed takes an address apart that the current frame has computed: a known base,
// the constant part included, and one unknown index.
func (j *job) indexed(g *llir.InstGetElementPtr) (base Value, at index, ok bool) {
	off, vars, ok := j.s.cfg.Prog.Layout.GEP(g.ElemType, g.Indices)
	if !ok || !g.InBounds || len(vars) != 1 || vars[0].Scale <= 0 {
		return Value{}, index{}, false
	}
	f := j.f
	r := f.code.fn.Reg(g.Src)
	switch {
	case r != ir.NoReg:
		base = f.get(r)
	default:
		c, isConst := g.Src.(constant.Constant)
		if !isConst {
			return Value{}, index{}, false
		}
		base = j.s.constValue(c)
	}
	x := f.code.fn.Reg(vars[0].Index)
	if base.kind != kPtr || x == ir.NoReg || f.get(x).kind != kDyn || f.code.regs[x].cls != clsInt {
		return Value{}, index{}, false
	}
	return ptrValue(base.obj, base.off()+off), index{operand(x), vars[0].Scale}, true
}

// splitPlaces ends the path in a switch over the index of a load and goes on once
// for each distinct content.
func (j *job) splitPlaces(in *inst, idx operand, places []int64, content []Value) {
	if j.notAlone() || j.tooDeep() {
		return
	}
	j.settle()
	from := j.b
	typ := j.typeOf(idx).(*types.IntType)
	t := &llir.TermSwitch{}
	from.cond, from.term = j.raw(idx), j.placed(t)
	j.rf.edge(from, "label").term = llir.NewUnreachable()
	var order []Value
	var blocks []*rblock
	meets := make(map[Value]*rblock)
	for i, k := range places {
		if sext(uint64(k)&mask(uint(typ.BitSize)), uint(typ.BitSize)) != k {
			continue // no index of this type gets there
		}
		e := j.rf.edge(from, "label")
		t.Cases = append(t.Cases, &llir.Case{X: scalar(uint64(k)&mask(uint(typ.BitSize)), typ)})
		m := meets[content[i]]
		if m == nil {
			m = j.rf.newBlock("label")
			meets[content[i]] = m
			order, blocks = append(order, content[i]), append(blocks, m)
		}
		j.rf.jump(e, m)
	}
	j.part(blocks, func(i int) bool {
		blocks[i].sealed = true
		j.setStatic(in.dst, order[i])
		return false
	})
}
