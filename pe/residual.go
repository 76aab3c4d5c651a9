package pe

// This file holds the residual function under construction: a light form with
// numbered values, in which operands may still be replaced, and the on-the-fly
// SSA construction of Braun et al., "Simple and Efficient Construction of
// Static Single Assignment Form" (2013). A dynamic register of the generic
// program is a *variable* of the residual program, named by (stack depth,
// register); specialized points stay unsealed until every residual path is done.

import (
	"fmt"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/spec"
)

// An rval numbers a value of one residual function; 0 is none.
type rval int32

// A varKey names a residual variable: register reg of the frame at depth.
type varKey struct {
	depth int32
	reg   ir.Reg
}

type rvalue struct {
	typ     types.Type
	val     value.Value // what stands for it: constant, parameter, instruction or phi
	inst    *rinst      // its definition, nil for constants, parameters
	forward rval        // a phi that turned out trivial stands for this value
	sym     spec.Sym    // its value over the entry state, if the variant's facts speak of it
}

// An rinst is a residual instruction or phi. Operands of node are filled from
// ops when the function is finished.
type rinst struct {
	node  llir.Instruction // nil for a phi
	ops   []rval           // in the order of node's Operands; 0 keeps what node has
	res   rval             // 0 when it yields nothing
	pure  bool             // may be deleted when unused
	block *rblock
	live  bool
	key   varKey // of a phi: the variable it merges
}

// An rblock is a residual block.
type rblock struct {
	id     int
	name   string
	insts  []*rinst
	phis   []*rinst
	term   llir.Terminator // nil while open
	cond   rval            // condition, switched or returned value of term
	succs  []*rblock
	preds  []*rblock
	defs   map[varKey]rval
	sealed bool
	ll     *llir.Block
}

// An rfunc is a residual function under construction.
type rfunc struct {
	name    string
	ll      *llir.Func
	vals    []rvalue
	blocks  []*rblock
	entry   *rblock        // holds the stack objects; jumps to the first block of code
	slots   map[ObjID]rval // stack objects, and their addresses as i8*
	stack   map[ObjID]rval
	consts  map[value.Value]rval
	unknown map[types.Type]rval
	insts   int // emitted so far
	facts   *spec.Facts
	before  func(llir.Instruction)      // is told of every instruction that emit is given
	here    func() *metadata.DILocation // where what is emitted stems from; nil: not known

	heapBytes int64 // of slots that stand for memory of malloc
}

func newRFunc(name string) *rfunc {
	rf := &rfunc{name: name, vals: make([]rvalue, 1), slots: make(map[ObjID]rval), stack: make(map[ObjID]rval), consts: make(map[value.Value]rval)}
	rf.entry = rf.newBlock("entry")
	rf.entry.sealed = true
	return rf
}

// newBlock adds an unsealed block.
func (rf *rfunc) newBlock(name string) *rblock {
	b := &rblock{id: len(rf.blocks), name: name, defs: make(map[varKey]rval)}
	rf.blocks = append(rf.blocks, b)
	return b
}

// edge makes a block to which from alone leads, its next successor.
func (rf *rfunc) edge(from *rblock, name string) *rblock {
	b := rf.newBlock(name)
	b.sealed = true
	b.preds = []*rblock{from}
	from.succs = append(from.succs, b)
	return b
}

// addValue numbers a value.
func (rf *rfunc) addValue(v value.Value, typ types.Type, inst *rinst) rval {
	rf.vals = append(rf.vals, rvalue{typ: typ, val: v, inst: inst})
	return rval(len(rf.vals) - 1)
}

// constant numbers a constant, one number a pointer-equal constant.
func (rf *rfunc) constant(v value.Value) rval {
	if r, ok := rf.consts[v]; ok {
		return r
	}
	r := rf.addValue(v, v.Type(), nil)
	rf.consts[v] = r
	return r
}

// resolve follows replaced phis to the value that stands.
func (rf *rfunc) resolve(r rval) rval {
	for rf.vals[r].forward != 0 {
		f := rf.vals[r].forward
		if g := rf.vals[f].forward; g != 0 {
			rf.vals[r].forward = g
		}
		r = f
	}
	return r
}

// emit appends an instruction to b; typ is nil when it yields nothing.
func (rf *rfunc) emit(b *rblock, node llir.Instruction, typ types.Type, pure bool, ops ...rval) rval {
	if rf.before != nil {
		rf.before(node)
	}
	return rf.append(b, node, typ, pure, ops...)
}

// append is emit for an instruction that is not announced: a part of others.
func (rf *rfunc) append(b *rblock, node llir.Instruction, typ types.Type, pure bool, ops ...rval) rval {
	i := &rinst{node: node, ops: ops, pure: pure, block: b}
	if rf.here != nil {
		setLoc(node, rf.here())
	}
	b.insts = append(b.insts, i)
	rf.insts++
	if typ == nil {
		return 0
	}
	i.res = rf.addValue(node.(value.Value), typ, i)
	return i.res
}

// jump closes b with a branch to to.
func (rf *rfunc) jump(b, to *rblock) {
	b.term = llir.NewBr(nil)
	b.succs = []*rblock{to}
	to.preds = append(to.preds, b)
}

// write sets variable k in b.
func (rf *rfunc) write(b *rblock, k varKey, r rval) { b.defs[k] = r }

// read returns the value of variable k, of type typ, at the end of what b holds so far.
// A variable that no path defines is undef: a read of it is never executed.
func (rf *rfunc) read(b *rblock, k varKey, typ types.Type) rval {
	// Chains of single-predecessor blocks are walked without recursion.
	at := b
	for {
		if r, ok := at.defs[k]; ok {
			r = rf.resolve(r)
			for c := b; c != at; c = c.preds[0] {
				c.defs[k] = r
			}
			return r
		}
		if !at.sealed || len(at.preds) != 1 {
			break
		}
		at = at.preds[0]
	}
	var r rval
	if at.sealed && len(at.preds) == 0 {
		r = rf.undef(typ)
	} else {
		r = rf.newPhi(at, k, typ)
		at.defs[k] = r
		if at.sealed {
			r = rf.fill(rf.vals[r].inst)
			at.defs[k] = r
		}
	}
	for c := b; c != at; c = c.preds[0] {
		c.defs[k] = r
	}
	return r
}

func (rf *rfunc) undef(typ types.Type) rval {
	if rf.unknown == nil {
		rf.unknown = make(map[types.Type]rval)
	}
	if r, ok := rf.unknown[typ]; ok {
		return r
	}
	r := rf.constant(undefOf(typ))
	rf.unknown[typ] = r
	return r
}

func (rf *rfunc) newPhi(b *rblock, k varKey, typ types.Type) rval {
	i := &rinst{block: b, key: k}
	node := &llir.InstPhi{Typ: typ}
	i.res = rf.addValue(node, typ, i)
	b.phis = append(b.phis, i)
	return i.res
}

// fill gives a phi its operands from the predecessors of its sealed block.
func (rf *rfunc) fill(phi *rinst) rval {
	typ := rf.vals[phi.res].typ
	for _, p := range phi.block.preds {
		phi.ops = append(phi.ops, rf.read(p, phi.key, typ))
	}
	return phi.res
}

// finish seals every block and removes the phis that stand for one value.
func (rf *rfunc) finish() {
	for _, b := range rf.blocks {
		b.sealed = true
	}
	// Filling may make new phis, also in blocks already visited.
	for changed := true; changed; {
		changed = false
		for _, b := range rf.blocks {
			for i := 0; i < len(b.phis); i++ {
				if phi := b.phis[i]; phi.ops == nil && len(b.preds) > 0 {
					rf.fill(phi)
					changed = true
				}
			}
		}
	}
	rf.removeTrivialPhis()
	rf.removeCircles()
}

// removeTrivialPhis replaces every phi whose operands are one value and itself
// by that value, until none is left: each replaced phi may make those that use
// it trivial, so they are looked at again.
func (rf *rfunc) removeTrivialPhis() {
	users := make([][]*rinst, len(rf.vals))
	var pending []*rinst
	for _, b := range rf.blocks {
		for _, phi := range b.phis {
			pending = append(pending, phi)
			for _, o := range phi.ops {
				if d := rf.vals[o].inst; d != nil && d.node == nil {
					users[o] = append(users[o], phi)
				}
			}
		}
	}
	// First in, first out: a chain of phis is replaced from its start, so that
	// each is looked at once.
	for at := 0; at < len(pending); at++ {
		phi := pending[at]
		if rf.vals[phi.res].forward != 0 {
			continue
		}
		same, trivial := rval(0), true
		for _, o := range phi.ops {
			o = rf.resolve(o)
			if o == phi.res || o == same {
				continue
			}
			if same != 0 {
				trivial = false
				break
			}
			same = o
		}
		if !trivial {
			continue
		}
		if same == 0 {
			same = rf.undef(rf.vals[phi.res].typ)
			for len(users) < len(rf.vals) {
				users = append(users, nil)
			}
		}
		rf.vals[phi.res].forward = same
		for _, u := range users[phi.res] {
			if rf.vals[u.res].forward == 0 {
				users[same] = append(users[same], u)
				pending = append(pending, u)
			}
		}
		users[phi.res] = nil
	}
	rf.dropReplaced()
}

// dropReplaced removes the phis that other values stand for.
func (rf *rfunc) dropReplaced() {
	for _, b := range rf.blocks {
		kept := b.phis[:0]
		for _, phi := range b.phis {
			if rf.vals[phi.res].forward == 0 {
				kept = append(kept, phi)
			}
		}
		b.phis = kept
	}
}

// sweep marks what is needed and deletes pure instructions, stack objects and
// phis that nobody needs.
func (rf *rfunc) sweep() {
	var work []*rinst
	need := func(r rval) {
		if r == 0 {
			return
		}
		if i := rf.vals[rf.resolve(r)].inst; i != nil && !i.live {
			i.live = true
			work = append(work, i)
		}
	}
	for _, b := range rf.blocks {
		need(b.cond)
		for _, i := range b.insts {
			if !i.pure && !i.live {
				i.live = true
				work = append(work, i)
			}
		}
	}
	for len(work) > 0 {
		i := work[len(work)-1]
		work = work[:len(work)-1]
		for _, o := range i.ops {
			need(o)
		}
	}
	rf.insts = 0
	for _, b := range rf.blocks {
		kept := b.insts[:0]
		for _, i := range b.insts {
			if i.live {
				kept = append(kept, i)
			}
		}
		b.insts = kept
		phis := b.phis[:0]
		for _, i := range b.phis {
			if i.live {
				phis = append(phis, i)
			}
		}
		b.phis = phis
		rf.insts += len(b.insts) + len(b.phis) + 1
	}
}

// compress merges a block into its only predecessor when it is that one's only
// successor (transition compression).
func (rf *rfunc) compress() {
	gone := make(map[*rblock]*rblock)
	for _, b := range rf.blocks {
		if gone[b] != nil {
			continue
		}
		for len(b.succs) == 1 {
			s := b.succs[0]
			if s == b || len(s.preds) != 1 || len(s.phis) > 0 || gone[s] != nil {
				break
			}
			if _, br := b.term.(*llir.TermBr); !br {
				break
			}
			for _, i := range s.insts {
				i.block = b
			}
			b.insts = append(b.insts, s.insts...)
			b.term, b.cond, b.succs = s.term, s.cond, s.succs
			for _, t := range s.succs {
				for k, p := range t.preds {
					if p == s {
						t.preds[k] = b
					}
				}
			}
			gone[s] = b
		}
	}
	kept := rf.blocks[:0]
	for _, b := range rf.blocks {
		if gone[b] == nil {
			kept = append(kept, b)
		}
	}
	rf.blocks = kept
}

// lower writes the finished function into ll.
func (rf *rfunc) lower(ll *llir.Func) {
	fresh := freshNames()
	for _, b := range rf.blocks {
		b.ll = llir.NewBlock(fresh(b.name))
		b.ll.Parent = ll
		ll.Blocks = append(ll.Blocks, b.ll)
	}
	for _, p := range ll.Params {
		if p.IsUnnamed() {
			p.SetName("p")
		}
		p.SetName(fresh(p.LocalName))
	}
	for _, b := range rf.blocks {
		for _, i := range b.phis {
			i.node = rf.vals[i.res].val.(*llir.InstPhi)
		}
		for _, i := range append(append([]*rinst(nil), b.phis...), b.insts...) {
			if n, ok := i.node.(value.Named); ok && i.res != 0 {
				n.SetName(fresh(rf.residualName(i)))
			}
			b.ll.Insts = append(b.ll.Insts, i.node)
		}
	}
	for _, b := range rf.blocks {
		for _, i := range b.phis {
			phi := i.node.(*llir.InstPhi)
			for k, o := range i.ops {
				phi.Incs = append(phi.Incs, llir.NewIncoming(rf.value(o), b.preds[k].ll))
			}
		}
		for _, i := range b.insts {
			slots := i.node.(interface{ Operands() []*value.Value }).Operands()
			for k, o := range i.ops {
				if o != 0 {
					setOperand(slots[k], rf.value(o))
				}
			}
		}
		rf.lowerTerm(b)
	}
}

// freshNames returns a function that makes names unique by a numeric suffix.
func freshNames() func(base string) string {
	used := make(map[string]bool)
	next := make(map[string]int)
	return func(base string) string {
		// A name that got a suffix before gets another one, not a second.
		if at := strings.LastIndexByte(base, '.'); at > 0 && next[base[:at]] > 0 && strings.Trim(base[at+1:], "0123456789") == "" {
			base = base[:at]
		}
		name := base
		for used[name] {
			next[base]++
			name = fmt.Sprintf("%s.%d", base, next[base])
		}
		used[name] = true
		return name
	}
}

// setOperand replaces *slot by v, keeping the attributes of a call argument.
func setOperand(slot *value.Value, v value.Value) {
	if a, ok := (*slot).(*llir.Arg); ok {
		a.Value = v
		return
	}
	*slot = v
}

func (rf *rfunc) value(r rval) value.Value { return rf.vals[rf.resolve(r)].val }

func (rf *rfunc) lowerTerm(b *rblock) {
	switch t := b.term.(type) {
	case *llir.TermBr:
		t.Target = b.succs[0].ll
	case *llir.TermCondBr:
		t.Cond, t.TargetTrue, t.TargetFalse = rf.value(b.cond), b.succs[0].ll, b.succs[1].ll
	case *llir.TermSwitch:
		t.X, t.TargetDefault = rf.value(b.cond), b.succs[0].ll
		for i, c := range t.Cases {
			c.Target = b.succs[i+1].ll
		}
	case *llir.TermRet:
		if b.cond != 0 {
			t.X = rf.value(b.cond)
		}
	}
	b.ll.Term = b.term
}

// residualName proposes a readable name: that of the generic value, if it has
// one, or that of the address that it is loaded from or made of.
func (rf *rfunc) residualName(i *rinst) string {
	for range 4 {
		if n := namedOnly(i.node.(value.Named)); n != "" {
			return n
		}
		switch i.node.(type) {
		case *llir.InstLoad, *llir.InstGetElementPtr, *llir.InstBitCast, *llir.InstPtrToInt:
		default:
			return "v"
		}
		if len(i.ops) == 0 || i.ops[0] == 0 {
			break
		}
		v := &rf.vals[rf.resolve(i.ops[0])]
		if v.inst == nil {
			if n, ok := v.val.(value.Named); ok && namedOnly(n) != "" {
				return namedOnly(n)
			}
			break
		}
		if v.inst.node == nil {
			break // a phi, not named yet
		}
		i = v.inst
	}
	return "v"
}
