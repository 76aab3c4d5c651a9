package bta

// This file holds Check, which proves a Result again from the congruence rules
// alone: what is static depends on nothing dynamic. It asks the Result for binding
// times and places and shares no rule with the transfer functions. The part on
// control is in congruence_control.go.

import (
	"errors"
	"fmt"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"
	irvalue "github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// maxFaults bounds what Check returns.
const maxFaults = 50

// Check returns every breach of congruence in res, as *ir.Error, up to a limit:
//
//	(K1) a static value is computed from static values only, or decided by the facts
//	(K2) a static load reads at known places that are static there
//	(K3) what is static at a block's start is static at the end of every predecessor
//	     that control comes from; edges that are not taken are decided
//	(K4) a write of a dynamic value, or to an unknown place, leaves nothing static
//	     that it may hit
//	(K5) a callee is analyzed for a division that is at most as static as the call's,
//	     and what is static after the call is so because of the callee, or before it
//	(K6) where paths of a dynamic branch meet is a specialized point, and so are the
//	     entries and exits of loops that some paths leave and others do not
//	(K7) a specialized point lists its dynamic phis
//
// It costs the square of the number of blocks of a function for (K6).
func Check(res *Result) []error {
	c := &checker{res: res}
	for _, v := range res.Variants {
		if len(c.faults) >= maxFaults {
			break
		}
		c.variant(v)
	}
	return c.faults
}

type checker struct {
	res    *Result
	v      *Variant
	faults []error
}

func (c *checker) fault(pt ir.Point, format string, args ...any) {
	if len(c.faults) < maxFaults {
		c.faults = append(c.faults, &ir.Error{Pos: c.res.Config.Prog.Position(pt), Err: fmt.Errorf(format, args...)})
	}
}

// errNoPlace says that an address names no places that can be listed.
var errNoPlace = errors.New("no place")

func (c *checker) variant(v *Variant) {
	c.v = v
	for _, b := range v.Fn.RPO() {
		if !v.Reached(b) {
			continue
		}
		for pt := b.First; pt < b.TermPoint(); pt++ {
			if phi := phiAt(b, pt); phi != nil {
				c.phi(b, pt, phi)
				continue
			}
			d := v.At(pt)
			if !d.Reached() {
				break
			}
			c.inst(pt, d)
		}
		c.edges(b)
	}
	c.control()
}

// decides reports whether the facts decide register r: then nothing else matters.
func (c *checker) decides(r ir.Reg) bool {
	sym := c.v.regs[r].sym
	if _, _, ok := c.res.Config.Facts.Value(sym); ok {
		return true
	}
	_, _, ok := c.res.Config.Facts.AddrConst(sym)
	return ok
}

// staticReg reports whether x is no register, or a static one as seen from d.
func (c *checker) staticReg(d *Division, x irvalue.Value) bool {
	r := c.v.Fn.Reg(strip(x))
	return r == ir.NoReg || !c.v.has[r] || d.Reg(r) == Static
}

// phi checks (K1), (K3) and (K7) for one phi.
func (c *checker) phi(b *ir.Block, pt ir.Point, phi *llir.InstPhi) {
	r := c.v.Fn.Reg(phi)
	j := c.v.Join(b)
	if c.v.Reg(r) == Dynamic {
		if j != nil {
			found := false
			for _, x := range j.DynRegs {
				found = found || x == r
			}
			if !found {
				c.fault(pt, "K7: the join does not list %s", phi.Ident())
			}
		}
		return
	}
	if c.decides(r) {
		return
	}
	for _, inc := range phi.Incs {
		p := c.v.Fn.BlockOf(inc.Pred.(*llir.Block))
		if p == nil || !c.taken(p, b) {
			continue
		}
		if !c.staticReg(c.v.At(p.TermPoint()), inc.X) {
			c.fault(pt, "K1: static phi %s has the dynamic operand %s", phi.Ident(), inc.X.Ident())
		}
	}
}

// taken reports whether the division sends control from p to b.
func (c *checker) taken(p, b *ir.Block) bool {
	for _, s := range c.v.takenSuccs(p) {
		if s == b {
			return true
		}
	}
	return false
}

// inst checks (K1), (K2), (K4) and (K5) for the instruction at pt.
func (c *checker) inst(pt ir.Point, d *Division) {
	inst := c.v.instAt(pt)
	switch i := inst.(type) {
	case *llir.InstStore:
		c.write(pt, d, i.Dst, c.res.Config.Prog.Layout.StoreSize(i.Src.Type()), i.Volatile || i.Atomic || !c.staticReg(d, i.Src), c.res.Config.Prog.TBAA(i))
		return
	case *llir.InstAtomicRMW:
		c.write(pt, d, i.Dst, c.res.Config.Prog.Layout.StoreSize(i.X.Type()), true, nil)
	case *llir.InstCmpXchg:
		c.write(pt, d, i.Ptr, c.res.Config.Prog.Layout.StoreSize(i.New.Type()), true, nil)
	case *llir.InstCall:
		c.call(pt, d, i)
		return
	}
	r := c.v.resultOf(pt)
	if r == ir.NoReg || c.v.Reg(r) == Dynamic || c.decides(r) {
		return
	}
	switch i := inst.(type) {
	case *llir.InstLoad:
		c.load(pt, d, i)
		return
	case *llir.InstSelect:
		f := flow{analysis: c.v.an, v: c.v, b: d.b}
		if n, _, ok := c.res.Config.Facts.Value(f.operand(i.Cond).sym); ok {
			if n == 1 && !c.staticReg(d, i.ValueTrue) || n == 0 && !c.staticReg(d, i.ValueFalse) {
				c.fault(pt, "K1: static %s takes a dynamic operand", i.Ident())
			}
			return
		}
		if !c.staticReg(d, i.Cond) && c.staticReg(d, i.ValueTrue) && c.staticReg(d, i.ValueFalse) {
			if same := i.ValueTrue == i.ValueFalse; same || c.v.SplitSelect(pt) || c.sameConstants(i.ValueTrue, i.ValueFalse) {
				return
			}
		}
	case *llir.InstExtractValue:
		if x := c.v.Fn.Reg(i.X); x != ir.NoReg && c.v.regs[x].fields != nil {
			if c.v.regs[x].fields.fields[i.Indices[0]].bt == Dynamic {
				c.fault(pt, "K1: static %s is a dynamic field of %s", c.v.Fn.Values[r].Ident(), i.X.Ident())
			}
			return
		}
	case *llir.InstAtomicRMW, *llir.InstCmpXchg, *llir.InstVAArg:
		c.fault(pt, "K1: %s is never static", c.v.Fn.Values[r].Ident())
		return
	}
	if t, ok := c.v.Fn.Values[r].Type().(*types.IntType); ok && t.BitSize > 128 {
		c.fault(pt, "K1: %s is an integer of more than 128 bits", c.v.Fn.Values[r].Ident())
	}
	for _, op := range ir.Operands(c.res.Config.Prog.UserAt(pt)) {
		if !c.staticReg(d, *op) {
			c.fault(pt, "K1: static %s has the dynamic operand %s", c.v.Fn.Values[r].Ident(), (*op).Ident())
		}
	}
}

// sameConstants reports whether two operands are decided to be the same.
func (c *checker) sameConstants(x, y irvalue.Value) bool {
	a := c.v.an
	f := flow{analysis: a, v: c.v, b: c.v.Fn.Blocks[0]}
	p, q := f.operand(x), f.operand(y)
	m, _, ok1 := a.facts.Value(p.sym)
	n, _, ok2 := a.facts.Value(q.sym)
	return ok1 && ok2 && m == n || p.sym == q.sym && a.decided(p)
}

// places lists where an address may lie, as cells of size bytes; known is false if
// the address itself is not known, all that is known then being that it is one of
// these. errNoPlace: it may be anywhere.
func (c *checker) places(d *Division, x irvalue.Value, size int64) (cells []Cell, known bool, err error) {
	var val value
	r := c.v.Fn.Reg(x)
	if r == ir.NoReg {
		f := flow{analysis: c.v.an, v: c.v, b: c.v.Fn.Blocks[0]}
		val = f.operand(x)
	} else {
		val = c.v.regs[r]
	}
	known = c.staticReg(d, x)
	if val.refs == nil && !known && val.sym != 0 {
		if base, off := c.res.Config.Facts.Split(val.sym); base != 0 {
			return []Cell{{Base: base, Lo: off, Hi: off + size}}, true, nil
		}
	}
	refs := val.refs
	if refs == nil {
		if c.res.Config.PT.Of(x).Unknown {
			return nil, known, errNoPlace
		}
		for _, t := range c.res.Config.PT.Targets(x) {
			cells = append(cells, Cell{Obj: t.Obj, Lo: 0, Hi: max(t.Obj.Size, size)})
		}
		return cells, known, nil
	}
	for _, t := range refs.refs {
		if t.count == anyCount || t.count > maxElements {
			cells = append(cells, Cell{Obj: t.obj, Lo: 0, Hi: max(t.obj.Size, size)})
			continue
		}
		for k := int64(0); k < t.count; k++ {
			cells = append(cells, Cell{Obj: t.obj, Lo: t.off + k*t.stride, Hi: t.off + k*t.stride + size})
		}
	}
	if len(cells) == 1 && refs.refs[0].count == 1 && !known {
		known = c.v.an.single(cells[0].Obj)
	}
	return cells, known, nil
}

// load checks (K2).
func (c *checker) load(pt ir.Point, d *Division, i *llir.InstLoad) {
	if i.Volatile || i.Atomic {
		c.fault(pt, "K2: %s is static and volatile or atomic", i.Ident())
		return
	}
	cells, known, err := c.places(d, i.Src, c.res.Config.Prog.Layout.StoreSize(i.ElemType))
	known = known || c.v.SplitLoad(pt)
	if err != nil || !known {
		c.fault(pt, "K2: static %s is loaded through a dynamic pointer", i.Ident())
		return
	}
	for _, x := range cells {
		if x.Obj != nil && isVariable(x.Obj) {
			continue // rule (B12): told by type, not by place
		}
		if outside := x.Obj != nil && x.Obj.Kind == ir.ObjStack && x.Obj.Size >= 0 && (x.Lo < 0 || x.Hi > x.Obj.Size); outside {
			continue // no defined execution reads there
		}
		if d.Cell(x) != Static {
			c.fault(pt, "K2: static %s is loaded from %v, which is dynamic", i.Ident(), x)
			return
		}
	}
}

// write checks (K4): after it, nothing that it may hit is static, unless it is a
// write of a static value at a known address, or of another type.
func (c *checker) write(pt ir.Point, d *Division, dst irvalue.Value, size int64, dynamic bool, tag *ir.TBAATag) {
	cells, known, err := c.places(d, dst, size)
	after := c.v.At(pt + 1)
	if err != nil {
		for _, x := range after.Static() {
			if x.Obj != nil && c.res.Config.PT.Escapes(x.Obj) && x.Obj.Kind != ir.ObjStack && x.Obj.Kind != ir.ObjHeap && tag == nil {
				c.fault(pt, "K4: %v is static after a write through an unknown pointer", x)
			}
		}
		return
	}
	if !dynamic && known || tag != nil && !known {
		return
	}
	for _, x := range cells {
		if x.Obj != nil && (x.Obj.Const || x.Obj.Kind == ir.ObjFunc || x.Obj.Kind == ir.ObjUnknown) {
			continue
		}
		if x.Lo < x.Hi && after.Cell(x) == Static {
			c.fault(pt, "K4: %v is static after a dynamic write", x)
		}
	}
}

// call checks (K1) for library functions, (K4) for residual calls and (K5).
func (c *checker) call(pt ir.Point, d *Division, i *llir.InstCall) {
	if ir.IsDebug(i) {
		return
	}
	r := c.v.Fn.Reg(i)
	static := r != ir.NoReg && c.v.Reg(r) != Dynamic && !c.decides(r)
	if libraryKind(i) != libNone {
		for k, a := range i.Args {
			if static && !c.staticReg(d, a) && (k == 0 || libraryKind(i) == libArgs) {
				c.fault(pt, "K1: static %s has the dynamic argument %s", i.Ident(), strip(a).Ident())
			}
		}
		return
	}
	plans := c.v.plans[pt]
	residual := len(plans) == 0
	for _, p := range plans {
		residual = residual || p.v == nil
		if p.v != nil {
			c.enters(pt, d, i, p.v)
			if static && p.v.Returns() && p.v.Result() == Dynamic {
				c.fault(pt, "K5: %s is static, the result of @%s is dynamic", i.Ident(), p.fn.Name())
			}
		}
	}
	if !residual {
		return
	}
	if static {
		c.fault(pt, "K5: the result of a residual call is static")
	}
	after := c.v.At(pt + 1)
	mod := c.res.Config.MR.Mod(i)
	for _, x := range after.Static() {
		if x.Obj != nil && mod.May(x.Obj) && (!(place{obj: x.Obj}).local() || hasObject(after.Leaked(), x.Obj)) {
			c.fault(pt, "K4: %v is static after a residual call that may write it", x)
		}
	}
}

// enters checks (K5) for one callee.
func (c *checker) enters(pt ir.Point, d *Division, i *llir.InstCall, w *Variant) {
	in := w.Division()
	for k, a := range i.Args[:len(w.Fn.LL.Params)] {
		if c.res.Config.PT.ObjectOf(w.Fn.LL.Params[k]) != nil {
			continue
		}
		if w.entry.args[k].bt == Static && !c.staticReg(d, a) {
			c.fault(pt, "K5: argument %d of @%s is dynamic, the parameter static", k, w.Fn.Name())
		}
	}
	for _, x := range in.Static() {
		if x.Obj != nil && x.Obj.Fn == w.Fn && x.Obj.Kind == ir.ObjStack {
			continue // a by-value parameter
		}
		if _, ok := d.s.mem.index(x.place()); !ok && x.Obj != nil && x.Obj.Kind == ir.ObjHeap {
			continue // allocated at other calls only
		}
		if d.Cell(x) == Dynamic {
			c.fault(pt, "K5: %v is dynamic at the call, static in @%s", x, w.Fn.Name())
		}
	}
	after := c.v.At(pt + 1)
	mod := c.res.Config.MR.FuncMod(w.Fn)
	for _, x := range after.Static() {
		if d.Cell(x) == Static && (x.Obj == nil || !mod.May(x.Obj)) {
			continue
		}
		leaves := &Division{v: w, b: w.Fn.Blocks[0], s: &w.exit.state}
		for _, y := range splitCell(leaves, d, x) {
			c.fault(pt, "K5: %v is static after the call of @%s, which leaves it dynamic", y, w.Fn.Name())
		}
	}
}

// splitCell returns x if the callee leaves some of it neither static nor as it was.
func splitCell(leaves, before *Division, x Cell) []Cell {
	for at := x.Lo; at < x.Hi; at++ {
		y := Cell{Obj: x.Obj, Base: x.Base, Lo: at, Hi: at + 1}
		if leaves.Cell(y) == Dynamic && (before.Cell(y) == Dynamic || leaves.v.entry.mem.cells(x.place()) != nil) {
			return []Cell{x}
		}
	}
	return nil
}

// edges checks (K3) and that edges which are not taken are decided.
func (c *checker) edges(b *ir.Block) {
	start := &Division{v: c.v, b: b, pt: b.First, s: c.v.in[b.ID]}
	for _, p := range b.Preds {
		if !c.taken(p, b) {
			continue
		}
		end := c.v.At(p.TermPoint())
		for _, x := range start.Static() {
			if _, ok := end.s.mem.index(x.place()); !ok && x.Obj != nil && x.Obj.Kind == ir.ObjHeap {
				continue // not allocated on this way
			}
			if end.Cell(x) == Dynamic {
				c.fault(b.First, "K3: %v is static here and dynamic at the end of %s", x, p.LL.Ident())
			}
		}
		for _, r := range c.v.fi.liveIn(c.v.Fn, b) {
			if c.v.has[r] && start.Reg(r) == Static && end.Reg(r) == Dynamic && !c.decides(r) {
				c.fault(b.First, "K3: %s is static here and dynamic at the end of %s", c.v.Fn.Values[r].Ident(), p.LL.Ident())
			}
		}
	}
	end := c.v.At(b.TermPoint())
	cond := condition(b.LL.Term)
	if !end.Reached() || cond == nil || len(c.v.takenSuccs(b)) >= countDistinct(b.Succs) {
		return
	}
	f := flow{analysis: c.v.an, v: c.v, b: c.v.Fn.Blocks[0]}
	if x := f.operand(cond); !f.decided(x) {
		c.fault(b.TermPoint(), "K3: an edge is not taken though nothing decides it")
	}
}

func countDistinct(bs []*ir.Block) int {
	seen := make(map[*ir.Block]bool)
	for _, b := range bs {
		seen[b] = true
	}
	return len(seen)
}
