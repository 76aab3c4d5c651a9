package pe

// This file holds the walk along one residual path: static instructions are
// executed, others are emitted. exec_arith.go, exec_memory.go and exec_call.go
// hold the instructions; join.go what happens where paths meet.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/bta"
	"quasi/ir"
	"quasi/ir/spec"
)

// A job is one residual function under construction.
type job struct {
	s       *specializer
	code    *code
	index   int          // in specializer.jobs
	entry   *passing     // what calls pass on; nil for the entry of the variant
	hash    uint64       // of entry
	variant *bta.Variant // division of the function, nil without analysis
	facts   *spec.Facts  // nil: no predicates
	rf      *rfunc
	pos     positions
	places  map[placeKey]*place
	loops   map[placeKey]*loopCount
	inner   *loopCount // the one that was counted last
	pending []task
	calls   []callRef             // of residual functions
	env     map[ObjID]*llir.Param // addresses of outer objects that residual code needs
	data    []*llir.Global        // constants that residual code copies
	reasons reasons
	watch   *watcher // nil: nobody asks what becomes of the program's points
	leaks   int      // how many objects have leaked so far, on all paths
	learned []uint64 // of calls that allocate: what the next attempt knows to be real

	exits    []exit
	joined   int          // how many exits are in sum
	sum      *summary     // what callers may rely on, nil: it is not known to return
	changes  int          // how often sum was replaced
	users    map[*job]int // the functions that rely on sum, and in which of their runs
	waiters  []waiter
	runs     int  // how often it was made anew
	obsolete bool // no call finds it any more

	st *state  // of the path that is walked
	b  *rblock // to which it emits
	// direct: the access that is emitted next sees no delayed store (delay.go).
	direct bool
	f      *frame // top of st, writable

	spent bool // a global budget is spent: everything is generalized at every join

	began   int               // Stats.Steps when the attempt began
	retries int               // attempts that ended early
	retry   bool              // a loop that spends its budget ended the attempt
	alone   bool              // no dynamic branch is expected: nothing can meet, see retry.go
	why     Reason            // why it did, if there is something to tell
	kept    map[placeKey]bool // loops that do not unfold
}

// A task is a path still to be walked.
type task struct {
	st *state
	b  *rblock
}

// reset makes an empty residual function.
func (j *job) reset() {
	ll, name := j.rf.ll, j.rf.name
	j.rf = newRFunc(name)
	j.rf.ll = ll
	j.rf.before = j.beforeEmit
	j.places, j.loops, j.inner = make(map[placeKey]*place), make(map[placeKey]*loopCount), nil
	j.env = make(map[ObjID]*llir.Param)
	j.pending, j.calls, j.exits, j.joined, j.spent, j.retry = nil, nil, nil, 0, false, false
	j.why, j.reasons, j.learned, j.data, j.direct = Reason{}, reasons{}, nil, nil, false
	j.began = j.s.stats.Steps
	j.watch = j.s.newWatcher()
}

// start puts the first path of the function on the pending list.
func (j *job) start() {
	s := j.s
	j.st = &state{mem: memory{owner: s.fresh()}}
	if j.entry != nil {
		j.st.mem = j.entry.mem.fork(s.fresh)
	}
	ctx := s.context(0, j.code.fn.First, j.code.fn)
	j.openPositions(ctx)
	f := &frame{code: j.code, ctx: ctx, variant: j.variant, regs: pagesFor(len(j.code.regs)), ret: ir.NoReg}
	j.st.frames = []*frame{f}
	j.f = f
	j.b = j.rf.newBlock(blockName(j.code, 0))
	j.b.sealed = true
	k := 0
	for i := range j.code.fn.LL.Params {
		var v Value
		if j.entry != nil {
			v = j.entry.args[i]
		} else {
			v = j.entryParam(i)
		}
		if j.entry != nil && v.static() {
			f.put(ir.Reg(i), v)
			continue
		}
		p := j.rf.ll.Params[k]
		k++
		rv := j.rf.addValue(p, p.Typ, nil)
		j.rf.vals[rv].sym = v.sym
		j.rf.write(j.rf.entry, varKey{0, ir.Reg(i)}, rv)
		f.put(ir.Reg(i), v)
	}
	j.rf.jump(j.rf.entry, j.b)
	j.rf.facts, j.rf.here = j.facts, j.here
	if j.entry == nil && j.facts != nil {
		j.entryMemory()
	}
	j.obeyEntry(nil)
	j.pending = append(j.pending, task{j.st, j.b})
}

// walkPending walks all paths that can go on.
func (j *job) walkPending() {
	for len(j.pending) > 0 && !j.obsolete && !j.s.again {
		t := j.pending[len(j.pending)-1]
		j.pending = j.pending[:len(j.pending)-1]
		j.st, j.b = t.st, t.b
		j.f = j.st.editTop()
		j.walk()
		if j.watch != nil {
			j.watch.end(j)
		}
		if j.retry {
			if j.why.What != "" {
				j.retries++
				j.s.note(j.why)
			}
			j.restart()
		}
	}
}

// entryParam is what the variant's facts say of parameter i.
func (j *job) entryParam(i int) Value {
	info := j.code.regs[i]
	for _, b := range j.s.cfg.Variant.Static {
		if b.Param == i && b.Value.Kind != spec.ConstString {
			switch b.Value.Kind {
			case spec.ConstInt:
				if info.cls == clsInt {
					return intValue(b.Value.Int, info.width)
				}
			case spec.ConstFloat:
				if info.cls == clsFloat {
					return intValue(b.Value.Int, info.width)
				}
			case spec.ConstNull:
				if info.cls == clsPtr {
					return Value{kind: kInt}
				}
			case spec.ConstGlobal, spec.ConstFunc:
				if info.cls == clsPtr {
					if base, off, ok := j.s.cfg.Prog.ConstAddr(b.Value.Sym); ok {
						if v, ok := j.s.address(base, off); ok {
							return v
						}
					}
				}
			}
		}
	}
	if j.facts == nil || info.cls != clsInt && info.cls != clsPtr {
		return dynValue
	}
	return j.symbolic(j.facts.Param(i, int(info.width)), info)
}

// symbolic is the Value of a register that holds the symbolic value s.
func (j *job) symbolic(s spec.Sym, info regInfo) Value {
	if s == spec.NoSym {
		return dynValue
	}
	if bits, _, ok := j.facts.Value(s); ok {
		return intValue(bits, info.width)
	}
	if info.width == 64 {
		if base, off, ok := j.facts.AddrConst(s); ok {
			if v, ok := j.s.address(base, off); ok {
				return v
			}
		}
	}
	return Value{kind: kDyn, sym: s}
}

// entryMemory puts the cells that the variant's predicates read, and the bytes
// of its static strings, into memory.
func (j *job) entryMemory() {
	for _, t := range j.facts.Terms() {
		id, off := j.instance(t.Base, t.Off, true)
		if id == 0 || off < 0 || off+t.Size > maxInstance {
			continue
		}
		o := j.s.obj(id)
		if o.ro || o.kind == objGlobal && off+t.Size > o.size {
			continue
		}
		j.s.addCell(id, off, t.Size, j.cellTag(off, t.Size))
		v := j.symbolic(t.Value, regInfo{width: uint(t.Size) * 8})
		if v.kind == kInt {
			j.st.mem.putBytes(o, id, off, v.bits, t.Size, 0)
		} else {
			j.st.mem.putEntry(o, id, off, v, t.Size, 0)
		}
	}
	for _, b := range j.s.cfg.Variant.Static {
		if b.Value.Kind != spec.ConstString {
			continue
		}
		if id, _ := j.instance(j.facts.Param(b.Param, 64), 0, true); id != 0 {
			o := j.s.obj(id)
			for i, c := range []byte(b.Value.Str + "\x00") {
				j.s.addCell(id, int64(i), 1, nil)
				j.st.mem.putBytes(o, id, int64(i), uint64(c), 1, 0)
			}
		}
	}
}

// maxInstance bounds the offsets at which symbolic instances are tracked.
const maxInstance = 1 << 20

// instance returns the object at the symbolic address base, whose cells are at
// off from it: a global, or a symbolic instance, which is made if create is set.
func (j *job) instance(base spec.Sym, off int64, create bool) (ObjID, int64) {
	if base == spec.NoSym {
		return 0, 0
	}
	if c, o, ok := j.facts.AddrConst(base); ok {
		return j.s.constObject(c), off + o
	}
	id := j.s.instances[base]
	if id == 0 && create {
		id = j.s.addObject(object{kind: objInstance, base: base, size: maxInstance})
		j.s.instances[base] = id
	}
	return id, off
}

func blockName(c *code, b int) string {
	if n := c.fn.Blocks[b].LL.LocalName; n != "" {
		return n
	}
	return "b"
}

// val returns the Value of operand a of the top frame.
func (j *job) val(a operand) Value {
	if a >= 0 {
		return j.f.get(ir.Reg(a))
	}
	return j.f.code.consts[-1-a].val
}

func (j *job) typeOf(a operand) types.Type {
	if a >= 0 {
		return j.f.code.regs[a].typ
	}
	return j.f.code.consts[-1-a].typ
}

func (j *job) key(r ir.Reg) varKey { return varKey{int32(j.f.depth), r} }

// setStatic gives register r a static value.
func (j *job) setStatic(r ir.Reg, v Value) { j.f.put(r, v) }

// setDyn gives register r the residual value rv.
func (j *job) setDyn(r ir.Reg, rv rval, v Value) {
	j.f.put(r, v)
	j.rf.write(j.b, j.key(r), rv)
}

// raw returns the residual value of operand a. If it is the address of a
// private object, the object does not count as leaked by it: the caller sees
// to what is done with the address.
func (j *job) raw(a operand) rval {
	v := j.val(a)
	if v.kind == kDyn {
		r := j.rf.read(j.b, j.key(ir.Reg(a)), j.typeOf(a))
		if phi, ok := j.rf.vals[r].val.(*llir.InstPhi); ok && phi.IsUnnamed() {
			if g, ok := j.f.code.fn.Values[a].(value.Named); ok {
				phi.SetName(namedOnly(g))
			}
		}
		return r
	}
	if a < 0 {
		if c := j.f.code.consts[-1-a]; v.kind == kConst || v.kind != kPtr || j.s.obj(v.obj).kind != objStack {
			return j.rf.constant(c.c)
		}
	}
	j.watch.lifts(j.f, a)
	return j.lift(v, j.typeOf(a))
}

// use returns the residual value of operand a for a use that lets residual code
// keep it: an address of a private object leaks.
func (j *job) use(a operand) rval {
	j.leakValue(j.val(a))
	if a >= 0 {
		if v := j.f.get(ir.Reg(a)); v.kind == kDyn && v.obj != 0 {
			v.obj = 0
			j.f.put(ir.Reg(a), v)
		}
	}
	return j.raw(a)
}

// copyTo gives register dst of the top frame the value of operand a.
func (j *job) copyTo(dst ir.Reg, a operand) {
	v := j.val(a)
	if v.kind == kDyn {
		j.setDyn(dst, j.raw(a), v)
		return
	}
	j.setStatic(dst, v)
}

// walk goes along one path until it ends: in a return of the residual function,
// in a point that is already specialized, or where it cannot go on.
func (j *job) walk() {
	for {
		in := &j.f.code.blocks[j.f.block].insts[j.f.ip]
		j.f.ip++
		j.s.stats.Steps++
		if j.watch != nil {
			j.watch.begin(j, in)
		}
		depth := len(j.st.frames)
		switch in.op {
		case opBinary:
			j.binary(in)
		case opICmp:
			j.icmp(in)
		case opCast:
			j.cast(in)
		case opGEP:
			j.gep(in)
		case opLoad:
			if j.load(in) {
				return
			}
		case opStore:
			j.store(in)
		case opSelect:
			if j.selectValue(in) {
				return
			}
		case opFreeze:
			j.freeze(in)
		case opArray:
			if j.allocateArray(in) {
				return
			}
		case opAlloca:
			j.allocate(in)
		case opNop:
		case opPure:
			j.emitUse(in, true)
		case opLanes:
			j.lanes(in)
		case opExtractValue:
			j.extractValue(in)
		case opInsertValue:
			j.insertValue(in)
		case opExtractElement:
			j.extractElement(in)
		case opInsertElement:
			j.insertElement(in)
		case opShuffle:
			j.shuffle(in)
		case opSelectLanes:
			j.selectLanes(in)
		case opBitCast:
			j.bitCast(in)
		case opOther:
			j.other(in)
		case opCall:
			if j.call(in) {
				return
			}
		case opBr:
			if j.enter(in.succs[0]) {
				return
			}
		case opCondBr, opSwitch:
			if j.branch(in) {
				return
			}
		case opGoto:
			if j.gotoLabel(in) {
				return
			}
		case opRet:
			if j.ret(in) {
				return
			}
		case opUnreachable:
			j.b.term = j.placed(llir.NewUnreachable())
			return
		}
		if j.retry {
			return
		}
		if in.term == nil && len(j.st.frames) == depth && j.obeys() {
			j.obey(in)
		}
		if j.s.stats.Steps >= j.s.cfg.Budget.Steps && !j.spent {
			j.spend(in.pt, "steps", "the limit on static instructions executed was reached (--budget steps=N)")
		}
	}
}

// spend notes that a global budget is spent; from here on every state is
// generalized wherever paths can meet, so that the walk ends.
func (j *job) spend(pt ir.Point, what, why string) {
	if j.tooDeep() {
		return
	}
	j.spent = true
	j.note(Reason{Kind: BudgetSpent, Pt: pt, What: what, Why: why})
}

// emitPure emits in, all of whose operands may be private addresses that do not
// leak by it.
func (j *job) emitPure(in *inst) {
	ops := make([]rval, len(in.args))
	for i, a := range in.args {
		ops[i] = j.raw(a)
	}
	j.setDyn(in.dst, j.rf.emit(j.b, j.clone(in.node), j.f.code.regs[in.dst].typ, true, ops...), dynValue)
}

// emitUse emits in; addresses among its operands leak.
func (j *job) emitUse(in *inst, pure bool) {
	ops := make([]rval, len(in.args))
	for i, a := range in.args {
		if _, meta := j.typeOf(a).(*types.MetadataType); meta {
			continue
		}
		if j.borrows(in, i) {
			ops[i] = j.raw(a)
			continue
		}
		ops[i] = j.use(a)
	}
	node := j.clone(in.node)
	if in.dst == ir.NoReg {
		j.rf.emit(j.b, node, nil, pure, ops...)
		return
	}
	j.setDyn(in.dst, j.rf.emit(j.b, node, j.f.code.regs[in.dst].typ, pure, ops...), dynValue)
}

// underDynamicControl reports whether a dynamic branch of the top frame, or of one
// that unfolded it, is on the way to here.
func (j *job) underDynamicControl() bool { return j.f.dynamic || j.f.under }

// branch takes a conditional branch or switch: the edge that a static condition
// chooses, or all of them.
func (j *job) branch(in *inst) (done bool) {
	v := j.val(in.args[0])
	if v.kind == kInt {
		return j.enter(j.chosen(in, v.bits))
	}
	if in.op == opCondBr && in.succs[0] == in.succs[1] {
		return j.enter(in.succs[0])
	}
	if in.op == opSwitch {
		return j.residualSwitch(in)
	}
	j.b.cond = j.raw(in.args[0])
	j.b.term = j.placed(&llir.TermCondBr{})
	j.split(in.succs)
	return true
}

// chosen is the successor that a known condition selects.
func (j *job) chosen(in *inst, bits uint64) int {
	if in.op == opCondBr {
		if bits&1 == 1 {
			return in.succs[0]
		}
		return in.succs[1]
	}
	for i, c := range in.cases {
		if c == bits {
			return in.succs[i+1]
		}
	}
	return in.succs[0]
}

// residualSwitch emits a switch. On the edge of a single case the switched
// register is known; there it stays dynamic, as the division has it.
func (j *job) residualSwitch(in *inst) bool {
	g := in.term.(*llir.TermSwitch)
	t := &llir.TermSwitch{}
	for _, c := range g.Cases {
		t.Cases = append(t.Cases, &llir.Case{X: c.X.(constant.Constant)})
	}
	j.b.cond = j.raw(in.args[0])
	j.b.term = j.placed(t)
	j.split(in.succs)
	return true
}

// split goes on along every successor of a dynamic branch, each from a block of
// its own, so that what an edge has to store and lift has a place.
func (j *job) split(succs []int) {
	if j.notAlone() || j.tooDeep() {
		return
	}
	j.settle()
	edges := make([]*rblock, len(succs))
	for i, to := range succs {
		edges[i] = j.rf.edge(j.b, blockName(j.f.code, to))
	}
	j.part(edges, func(i int) bool { return j.enter(succs[i]) })
}

// part goes on under dynamic control, with a copy of the state in each of blocks.
// There, begin is called, which reports whether that path ends at once.
func (j *job) part(blocks []*rblock, begin func(i int) (done bool)) {
	st := j.st
	st.top().dynamic, st.straight = true, nil
	j.checkSize(st.top())
	tasks := make([]task, 0, len(blocks))
	for i, b := range blocks {
		j.st, j.b = st, b
		if i < len(blocks)-1 {
			j.s.stats.Forks++
			j.st = st.fork(j.s.fresh)
		}
		j.f = j.st.editTop()
		if !begin(i) {
			tasks = append(tasks, task{j.st, j.b})
		}
	}
	slices.Reverse(tasks) // the last task is walked first
	j.pending = append(j.pending, tasks...)
}

// checkSize notices when the residual function has grown past its budget.
func (j *job) checkSize(f *frame) {
	if !j.spent && j.s.size() > j.s.cfg.Budget.Insts {
		j.spend(f.code.blocks[f.block].insts[0].pt, "residual size", "the limit on residual instructions was reached (--budget insts=N)")
	}
}

// enter moves the path along the edge to block to: phis take their values, and
// where paths meet the state is generalized and looked up. It reports whether
// the path ends there.
func (j *job) enter(to int) (done bool) {
	b := &j.f.code.blocks[to]
	edge := b.edge(j.f.block)
	if n := len(b.phis); n == 1 {
		j.copyTo(b.phis[0].dst, b.phis[0].args[edge])
	} else if n > 1 {
		vals := make([]Value, n)
		rvs := make([]rval, n)
		for i, p := range b.phis {
			a := p.args[edge]
			vals[i] = j.val(a)
			if vals[i].kind == kDyn {
				rvs[i] = j.raw(a)
			}
		}
		for i, p := range b.phis {
			if vals[i].kind == kDyn {
				j.setDyn(p.dst, rvs[i], vals[i])
			} else {
				j.setStatic(p.dst, vals[i])
			}
		}
	}
	j.f.block, j.f.ip = to, 0
	j.obeyBlock(b)
	if j.watch != nil && len(b.phis) > 0 {
		j.watch.phis(j, b)
	}
	return j.arrive(b, edge)
}

// ret returns from the top frame.
func (j *job) ret(in *inst) (done bool) {
	if j.f.depth == 0 && j.entry != nil {
		j.leave(in)
		return true
	}
	if j.f.depth == 0 {
		j.settle()
		j.b.term = j.placed(&llir.TermRet{})
		if len(in.args) > 0 {
			j.b.cond = j.use(in.args[0])
		}
		return true
	}
	st, callee := j.st, j.f
	var v Value
	var rv rval
	if len(in.args) > 0 {
		v = j.val(in.args[0])
		if v.kind == kDyn {
			rv = j.raw(in.args[0])
			if callee.dynamic {
				v.bits = 0
			}
		}
	}
	for _, id := range j.s.inContext[callee.ctx] {
		st.mem.drop(id)
	}
	st.frames = st.frames[:len(st.frames)-1]
	j.f = st.editTop()
	j.f.hashed = false
	if callee.ret != ir.NoReg {
		if v.kind == kDyn || v.kind == kNone {
			if rv != 0 {
				rv = j.retyped(rv, callee.code.fn.LL.Sig.RetType, j.f.code.regs[callee.ret].typ)
			}
			j.setDyn(callee.ret, rv, v)
		} else {
			j.setStatic(callee.ret, v)
		}
		if j.obeys() {
			j.obeyReg(callee.ret)
		}
	}
	dynamic := callee.dynamic
	callee.leave()
	if dynamic || j.spent {
		j.f.dynamic = true
		return j.meet(nil)
	}
	return false
}
