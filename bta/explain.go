package bta

// This file holds Why: the chain of causes that made something dynamic. It is
// found by breadth-first search over the rules, backwards from the verdict, so it
// is a shortest one.

import (
	"fmt"
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	irvalue "github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/spec"
)

// A Cause is one link of a chain. The last one is a root: the specification or
// something in the program that cannot be known.
type Cause struct {
	Kind ReasonKind
	Pt   ir.Point
	Pos  ir.Position
	Text string
	In   *Variant // under which Pt is meant; nil if Pt is not in its function
}

// String is `file:line:col: @f:%b: text`.
func (c Cause) String() string { return c.Pos.String() + ": " + c.Text }

// Why tells why register r is dynamic as seen at pt of v or, with ir.NoReg, why the
// instruction at pt is residual. It returns nil if that is not so, or pt is not
// reached.
func Why(v *Variant, pt ir.Point, r ir.Reg) []Cause {
	e := newExplainer(v, pt, r)
	return e.search()
}

// newExplainer asks why r is dynamic at pt, or why pt is residual; it has no
// question if that is not so.
func newExplainer(v *Variant, pt ir.Point, r ir.Reg) *explainer {
	e := &explainer{analysis: v.an, seen: make(map[question]int)}
	b := v.an.prog.BlockAt(pt)
	if b.Fn != v.Fn || v.in[b.ID] == nil {
		return e
	}
	if r == ir.NoReg {
		if v.Exec(pt) == Dynamic {
			e.push(question{v: v, kind: askPoint, pt: pt}, -1)
		}
	} else {
		e.operand(v.replay(pt), v.Fn.Values[r], -1)
	}
	return e
}

// An askKind says what a question is about.
type askKind uint8

const (
	askPoint  askKind = iota // the instruction at pt is residual
	askReg                   // register r is dynamic where it is defined
	askGen                   // register r is generalized on the way to pt
	askCell                  // the cell is dynamic just before pt
	askExit                  // the cell is dynamic where v returns
	askWriter                // the instruction at pt may make the cell dynamic
)

// A question asks why something is dynamic.
type question struct {
	v    *Variant
	kind askKind
	pt   ir.Point
	r    ir.Reg
	cell Cell
}

// A node is a question reached in the search, with the link that led to it.
type node struct {
	q      question
	parent int
	cause  *Cause // nil: a step that is not worth telling
	next   []int  // what it asks, the answers of which are its causes together
	cure   cure   // what removes it, whatever its causes are
}

type explainer struct {
	*analysis
	seen  map[question]int // indices of nodes
	nodes []node
}

// maxQuestions bounds the search.
const maxQuestions = 100000

func (e *explainer) push(q question, parent int) {
	i, ok := e.seen[q]
	if !ok {
		i = len(e.nodes)
		e.seen[q] = i
		e.nodes = append(e.nodes, node{q: q, parent: parent})
	}
	if parent >= 0 && parent != i && !slices.Contains(e.nodes[parent].next, i) {
		e.nodes[parent].next = append(e.nodes[parent].next, i)
	}
}

// search answers questions until one ends at a root. If none does, the chain goes to
// the first place where the analysis knows no more.
func (e *explainer) search() []Cause {
	end := -1
	for i := 0; i < len(e.nodes) && i < maxQuestions; i++ {
		if e.reply(i) {
			return e.chain(i)
		}
		if end < 0 && len(e.nodes[i].next) == 0 {
			end = i
		}
	}
	if len(e.nodes) == 0 {
		return nil
	}
	end = max(end, 0)
	q := e.nodes[end].q
	pt := q.pt
	if q.kind == askReg {
		pt = q.v.fi.points[q.r]
	}
	last := Cause{Kind: NotComputed, Pt: pt, Pos: e.prog.Position(pt), Text: unexplained}
	return append(e.chain(end), last)
}

// A reply is what an answer did to its node. It is the same in every search of one
// analysis, which keeps it: who asks about every point asks most questions often.
type reply struct {
	cause *Cause
	cure  cure
	next  []question
	root  bool
}

// reply answers node i, by what is kept if it can.
func (e *explainer) reply(i int) bool {
	q := e.nodes[i].q
	if r := e.replies[q]; r != nil {
		e.nodes[i].cause, e.nodes[i].cure = r.cause, r.cure
		for _, n := range r.next {
			e.push(n, i)
		}
		return r.root
	}
	r := &reply{root: e.answer(i)}
	n := &e.nodes[i]
	r.cause, r.cure = n.cause, n.cure
	for _, k := range n.next {
		r.next = append(r.next, e.nodes[k].q)
	}
	if e.replies == nil {
		e.replies = make(map[question]*reply)
	}
	e.replies[q] = r
	return r.root
}

// unexplained ends a chain whose root is not found.
const unexplained = "where this begins is not known"

func (e *explainer) chain(i int) []Cause {
	var out []Cause
	for ; i >= 0; i = e.nodes[i].parent {
		if c := e.nodes[i].cause; c != nil {
			out = append(out, *c)
		}
	}
	for l, r := 0, len(out)-1; l < r; l, r = l+1, r-1 {
		out[l], out[r] = out[r], out[l]
	}
	return out
}

// tell gives node i its link.
func (e *explainer) tell(i int, kind ReasonKind, pt ir.Point, format string, args ...any) {
	pos := e.prog.Position(pt)
	if fn := e.prog.BlockAt(pt).Fn; kind == ParamDynamic || kind == GlobalDynamic || pos.Line == 0 && pt == fn.First {
		pos = e.prog.PositionOf(e.prog.BlockAt(pt).Fn)
	}
	if b := e.prog.BlockAt(pt); pos.Line == 0 && phiAt(b, pt) != nil {
		for at := pt; at < b.End() && pos.Line == 0; at++ { // where paths meet, as near as the source tells
			near := e.prog.Position(at)
			pos.File, pos.Line, pos.Col = near.File, near.Line, near.Col
		}
	}
	in := e.nodes[i].q.v
	if e.prog.BlockAt(pt).Fn != in.Fn {
		in = nil
	}
	e.nodes[i].cause = &Cause{Kind: kind, Pt: pt, Pos: pos, Text: fmt.Sprintf(format, args...), In: in}
}

// root gives node i its link, which is the last of a chain, and what removes it.
func (e *explainer) root(i int, c cure, kind ReasonKind, pt ir.Point, format string, args ...any) bool {
	e.tell(i, kind, pt, format, args...)
	if c.kind == NoRemedy && c.text == "" {
		c.text = e.nodes[i].cause.Text
	}
	c.pt = pt
	e.nodes[i].cure = c
	return true
}

// answer expands node i; it returns true at a root.
func (e *explainer) answer(i int) bool {
	q := e.nodes[i].q
	if done, root := e.byMode(i, q); done {
		return root
	}
	switch q.kind {
	case askPoint:
		return e.point(i, q)
	case askReg:
		return e.reg(i, q)
	case askGen:
		return e.generalized(i, q)
	case askExit:
		return e.atExit(i, q)
	case askWriter:
		return e.writer(i, q.v.replay(q.pt), q.cell)
	}
	return e.cell(i, q)
}

// operand asks why x is dynamic at f's point, if it is.
func (e *explainer) operand(f *flow, x irvalue.Value, parent int) {
	x = strip(x)
	r := f.fn().Reg(x)
	if r == ir.NoReg || f.operand(x).bt != Dynamic {
		return
	}
	if f.v.regs[r].bt == Dynamic {
		e.push(question{v: f.v, kind: askReg, r: r}, parent)
		return
	}
	e.push(question{v: f.v, kind: askGen, r: r, pt: f.b.First}, parent)
}

// operands asks for every dynamic operand of u, and reports whether there is one.
func (e *explainer) operands(f *flow, u ir.User, parent int) bool {
	n := len(e.nodes)
	asked := false
	for _, op := range ir.Operands(u) {
		if _, isBlock := (*op).(*llir.Block); isBlock {
			continue
		}
		asked = asked || f.operand(*op).bt == Dynamic
		e.operand(f, *op, parent)
	}
	return asked || len(e.nodes) > n
}

// point explains a residual instruction.
func (e *explainer) point(i int, q question) bool {
	v := q.v
	u := e.prog.UserAt(q.pt)
	if r := v.resultOf(q.pt); r != ir.NoReg && v.has[r] && v.regs[r].bt == Dynamic {
		e.push(question{v: v, kind: askReg, r: r}, i)
		return false
	}
	f := v.replay(q.pt)
	switch s := u.(type) {
	case *llir.InstStore:
		if (s.Volatile || s.Atomic) && !e.ignored(q.pt) {
			return e.root(i, unqualified(s.Atomic), VolatileAccess, q.pt, "the store is volatile or atomic")
		}
	case *llir.InstFence:
		return e.root(i, cure{}, VolatileAccess, q.pt, "fences stay")
	case *llir.InstCall:
		return e.call(i, f, s)
	case *llir.TermRet:
		if (v == v.an.entry || v.own) && (s.X == nil || f.operand(s.X).bt != Dynamic) {
			return e.root(i, cure{kind: NothingLost, text: "the return itself always stays"}, NoReason, q.pt, "@%s itself returns at run time", v.Fn.Name())
		}
	}
	if e.operands(f, u, i) {
		e.tell(i, OperandDynamic, q.pt, "%s", operandText(u))
		return false
	}
	return e.root(i, cure{}, NotComputed, q.pt, "this is left to run time")
}

// reg explains a register that is dynamic from its definition on.
func (e *explainer) reg(i int, q question) bool {
	v, r := q.v, q.r
	name := e.valueName(v.Fn, r)
	if int(r) < len(v.Fn.LL.Params) {
		return e.param(i, q, name)
	}
	pt, b := v.fi.points[r], v.fi.defs[r]
	for _, fr := range v.forced {
		if fr == r {
			return e.root(i, cure{kind: RaiseBudget}, BudgetSpent, pt, "%s was generalized by the specializer", name)
		}
	}
	u := e.prog.UserAt(pt)
	if phi, ok := u.(*llir.InstPhi); ok {
		return e.phi(i, q, phi, b, name)
	}
	f := v.replay(pt)
	switch x := u.(type) {
	case *llir.InstICmp:
		if sym := f.operand(x).sym; sym != spec.NoSym {
			e.nodes[i].cure = cure{kind: StateCondition, sym: sym, pt: pt}
		}
	case *llir.InstLoad:
		return e.load(i, f, x, name)
	case *llir.InstCall:
		return e.call(i, f, x)
	case *llir.InstSelect:
		if v.mergedSelects[pt] && f.operand(x.ValueTrue).bt == Static && f.operand(x.ValueFalse).bt == Static {
			e.tell(i, JoinDiffers, pt, "%s is one of two values by a dynamic condition, and nothing static needs it", name)
			e.operand(f, x.Cond, i)
			return false
		}
	case *llir.InstCmpXchg, *llir.InstAtomicRMW:
		return e.root(i, unqualified(true), VolatileAccess, pt, "%s is an atomic access", name)
	}
	if e.operands(f, u, i) {
		e.tell(i, OperandDynamic, pt, "%s is computed from a dynamic value", name)
		return false
	}
	return e.root(i, cure{}, NotComputed, pt, "%s is an operation that is left to run time", name)
}

func (e *explainer) param(i int, q question, name string) bool {
	v := q.v
	if v == v.an.entry {
		return e.root(i, cure{kind: FixParam, param: int(q.r)}, ParamDynamic, v.Fn.First, "parameter %s of @%s is not fixed by the specification", name, v.Fn.Name())
	}
	if j := v.joins[0]; j != nil && v.entry.args[q.r].bt == Static {
		return e.root(i, cure{kind: RaiseBudget}, BudgetSpent, v.Fn.First, "parameter %s was generalized by the specializer", name)
	}
	e.tell(i, OperandDynamic, v.Fn.First, "parameter %s of @%s is dynamic where it is called", name, v.Fn.Name())
	e.eachCall(v, func(f *flow, c *llir.InstCall) { e.operand(f, c.Args[q.r], i) })
	return false
}

// eachCall visits the calls that v is analyzed for.
func (e *explainer) eachCall(v *Variant, visit func(f *flow, c *llir.InstCall)) {
	for _, c := range v.callers {
		if !c.v.live {
			continue
		}
		for pt := c.b.First; pt < c.b.TermPoint(); pt++ {
			for _, p := range c.v.plans[pt] {
				if p.v == v {
					visit(c.v.replay(pt), c.v.instAt(pt).(*llir.InstCall))
				}
			}
		}
	}
}

func (e *explainer) phi(i int, q question, phi *llir.InstPhi, b *ir.Block, name string) bool {
	v := q.v
	pt := v.fi.points[q.r]
	if j := v.joins[b.ID]; j != nil && j.generalizes(q.r) {
		return e.join(i, v, pt, j.why[q.r], name)
	}
	e.tell(i, OperandDynamic, pt, "%s merges a dynamic value", name)
	for _, inc := range phi.Incs {
		if p := v.Fn.BlockOf(blockOf(inc.Pred)); p != nil && v.feasible(p, b) {
			g := v.endOf(p)
			e.operand(g, inc.X, i)
		}
	}
	return false
}

// join explains a generalization at a specialized point: the branch is the cause.
func (e *explainer) join(i int, v *Variant, pt ir.Point, why Reason, name string) bool {
	if why.Kind == BudgetSpent {
		text := why.Text
		if text == "" {
			text = "the specializer's budget"
		}
		return e.root(i, cure{kind: RaiseBudget, text: text}, BudgetSpent, pt, "%s was generalized here: %s", name, text)
	}
	e.root(i, cure{kind: NothingLost, text: "nothing static needs " + name + " here: nothing is lost by it"}, JoinDiffers, pt,
		"%s differs between the paths of the branch at %v, and nothing static needs it apart", name, e.prog.Position(why.Pt))
	b := e.prog.BlockAt(why.Pt)
	if why.Pt != b.TermPoint() || v.out[b.ID] == nil {
		return true
	}
	f := v.endOf(b)
	c := condition(b.LL.Term)
	if c == nil || f.operand(c).bt != Dynamic {
		return true
	}
	e.nodes[i].cure = cure{}
	e.operand(f, c, i)
	return false
}

// generalized looks for the nearest specialized point before q.pt that makes q.r
// dynamic.
func (e *explainer) generalized(i int, q question) bool {
	v := q.v
	start := e.prog.BlockAt(q.pt)
	seen := map[*ir.Block]bool{start: true}
	for queue := []*ir.Block{start}; len(queue) > 0; queue = queue[1:] {
		b := queue[0]
		if j := v.joins[b.ID]; j != nil {
			if why, ok := j.why[q.r]; ok {
				return e.join(i, v, b.First, why, e.valueName(v.Fn, q.r))
			}
		}
		for _, p := range b.Preds {
			if !seen[p] && v.feasible(p, b) {
				seen[p] = true
				queue = append(queue, p)
			}
		}
	}
	return e.root(i, cure{}, JoinDiffers, q.pt, "%s is generalized on the way here", e.valueName(v.Fn, q.r))
}

func (e *explainer) load(i int, f *flow, x *llir.InstLoad, name string) bool {
	if (x.Volatile || x.Atomic) && !e.ignored(f.pt) {
		return e.root(i, unqualified(x.Atomic), VolatileAccess, f.pt, "%s is a volatile or atomic load", name)
	}
	if addr := f.operand(x.Src); addr.bt == Static && addr.refs != nil && len(addr.refs.refs) == 1 && isVariable(addr.refs.refs[0].obj) {
		e.tell(i, OperandDynamic, f.pt, "%s is a variable argument that is dynamic where @%s is called", name, addr.refs.refs[0].obj.Fn.Name())
		for _, v := range e.variants {
			if v.Fn != addr.refs.refs[0].obj.Fn {
				continue
			}
			e.eachCall(v, func(f *flow, c *llir.InstCall) {
				for k := len(v.Fn.LL.Params); k < len(c.Args); k++ {
					e.operand(f, c.Args[k], i)
				}
			})
		}
		return false
	}
	return e.read(i, f, x.Src, e.prog.Layout.StoreSize(x.ElemType), name)
}

// read explains why what is read through src is dynamic.
func (e *explainer) read(i int, f *flow, src irvalue.Value, size int64, name string) bool {
	addr := f.operand(src)
	if p, off, ok := f.place(addr); ok {
		if p.obj == nil && len(f.s.mem.cells(p)) == 0 && addr.bt == Dynamic && !e.nameable(Cell{Base: p.base, Lo: off, Hi: off + size}) {
			e.tell(i, OperandDynamic, f.pt, "%s is loaded through a dynamic pointer", name)
			e.operand(f, src, i)
			return false
		}
		e.tell(i, CellDynamic, f.pt, "%s is loaded from %s, which is dynamic here", name, e.cellName(Cell{Obj: p.obj, Base: p.base, Lo: off, Hi: off + size}))
		e.askCells(f, p, off, off+size, i)
		return false
	}
	if addr.bt == Dynamic {
		e.tell(i, OperandDynamic, f.pt, "%s is loaded through a dynamic pointer", name)
		e.operand(f, src, i)
		return false
	}
	refs, unknown := f.targets(addr, src)
	if unknown {
		return e.root(i, cure{kind: RuleOutAlias, text: "let the analysis know where the pointer points: give it a static value, or the code that computes it"}, UnknownPointer, f.pt,
			"%s is loaded through a pointer that may point anywhere", name)
	}
	e.tell(i, CellDynamic, f.pt, "%s is loaded from memory that is dynamic here", name)
	for _, r := range refs.refs {
		lo, hi := r.off, r.last()+size
		if r.count == anyCount {
			lo, hi = 0, max(r.obj.Size, size)
		}
		e.askCells(f, place{obj: r.obj}, lo, hi, i)
	}
	return false
}

// askCells asks for the dynamic parts of a place.
func (e *explainer) askCells(f *flow, p place, lo, hi int64, parent int) {
	if p.obj != nil && p.obj.Const && f.readConst(p.obj, lo, hi-lo, 0).bt == Static {
		return
	}
	for _, c := range dynamicParts(f.s.mem.cells(p), p, cell{lo: lo, hi: hi}) {
		e.push(question{v: f.v, kind: askCell, pt: f.pt, cell: c}, parent)
	}
}

// call explains a residual call, or a dynamic result.
func (e *explainer) call(i int, f *flow, c *llir.InstCall) bool {
	switch libraryKind(c) {
	case libNone:
	case libReads, libReadsN, libInto, libNumber, libCopy:
		if e.operands(f, c, i) {
			e.tell(i, OperandDynamic, f.pt, "the call has a dynamic argument")
			return false
		}
		for k, a := range c.Args {
			if isPointer(a) && (libraryKind(c) != libCopy || k == 1) {
				size := int64(1)
				if n, ok := f.known(strip(c.Args[len(c.Args)-1])); ok && len(c.Args) == 3 {
					size = n
				}
				if e.read(i, f, strip(a), size, "its input") {
					return true
				}
			}
		}
		return false
	default:
		e.tell(i, OperandDynamic, f.pt, "the call has a dynamic argument")
		e.operands(f, c, i)
		return false
	}
	plans := f.v.plans[f.pt]
	if len(plans) == 0 {
		if x := f.operand(c.Callee); x.bt == Dynamic {
			e.tell(i, OperandDynamic, f.pt, "the function called is dynamic")
			e.operand(f, c.Callee, i)
			return false
		}
		return e.root(i, e.bodyOf(c, nil), UnknownCall, f.pt, "%s is called, which is not known code", calleeName(c))
	}
	for _, p := range plans {
		if p.v == nil {
			e.operands(f, c, i)
			return e.root(i, e.bodyOf(c, &p), p.reason.Kind, f.pt, "the call is residual: %s", p.reason.Text)
		}
	}
	if !ir.HasResult(c) {
		return e.root(i, cure{}, Recursion, f.pt, "the call is residual: @%s is recursive under dynamic control", plans[0].fn.Name())
	}
	e.tell(i, OperandDynamic, f.pt, "%s returns a dynamic value", calleeName(c))
	for _, p := range plans {
		if why, ok := p.v.exitWhy(); ok {
			return e.join(i, p.v, p.v.Fn.End-1, why, "the result of @"+p.fn.Name())
		}
		for _, b := range p.v.Fn.RPO() {
			if ret, ok := b.LL.Term.(*llir.TermRet); ok && ret.X != nil && p.v.out[b.ID] != nil {
				g := p.v.endOf(b)
				e.operand(g, ret.X, i)
			}
		}
	}
	return false
}

// exitWhy is why the result of v is generalized where it returns.
func (v *Variant) exitWhy() (Reason, bool) {
	if v.exitJoin == nil {
		return Reason{}, false
	}
	why, ok := v.exitJoin.why[0]
	return why, ok
}

func calleeName(c *llir.InstCall) string {
	switch f := c.Callee.(type) {
	case *llir.InlineAsm:
		return "inline assembly"
	case constant.Constant:
		return f.Ident()
	}
	return "the function"
}
