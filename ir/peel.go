package ir

// This file holds peeling: a copy of a function in which the first round of
// loops is code of its own.
//
// An interpreter that enters the functions it interprets by going back to its
// beginning (a jump to where it loads the program counter of a new frame) has a
// loop around its dispatch. What is known when it is called holds in the first
// round only. As long as there is one copy of the dispatch, what may be known and
// what never is meet in it.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// fewestTargets is the number of targets from which a switch counts as a dispatch.
const fewestTargets = 4

// Rounds say what Peel peels.
type Rounds struct {
	Dispatch *Block   // the switch or computed goto with the most targets in a loop
	Heads    []*Block // the entries of the loops around that loop
}

// OuterRounds returns the rounds of f, nil if it has no such switch or computed
// goto, or no loop around its loop.
func OuterRounds(f *Func) *Rounds {
	var dispatch *Block
	most := fewestTargets - 1
	for _, b := range f.RPO() {
		switch t := b.LL.Term.(type) {
		case *llir.TermSwitch:
			if f.Loops().Of(b) != nil && len(t.Cases) > most {
				dispatch, most = b, len(t.Cases)
			}
		case *llir.TermIndirectBr:
			if f.Loops().Of(b) != nil && len(t.ValidTargets) > most {
				dispatch, most = b, len(t.ValidTargets)
			}
		case *llir.TermInvoke, *llir.TermCallBr:
			return nil // what unwinds is not copied
		}
	}
	if dispatch == nil {
		return nil
	}
	r := &Rounds{Dispatch: dispatch}
	for l := f.Loops().Of(dispatch).Parent; l != nil; l = l.Parent {
		r.Heads = append(r.Heads, l.Entries...)
	}
	if len(r.Heads) == 0 {
		return nil
	}
	return r
}

// A Peeled is a function that Peel has made, with the two copies of the dispatch
// and of the tables of labels.
type Peeled struct {
	Func         *llir.Func
	First, Again *llir.Block
	Tables       []*llir.Global
}

// Drop removes what Peel has added.
func (d *Peeled) Drop(m *llir.Module) {
	m.Funcs = slices.DeleteFunc(m.Funcs, func(f *llir.Func) bool { return f == d.Func })
	m.Globals = slices.DeleteFunc(m.Globals, func(g *llir.Global) bool { return slices.Contains(d.Tables, g) })
}

// Peel adds to the module a copy of f in which the edges that lead back to the
// heads, from inside their loops, lead to a second copy of what f can do from there. The
// function behaves as f does. It is for analysis: debug intrinsics are dropped,
// and the debug information is f's own, which LLVM does not allow. The numbering
// of p is stale afterwards. It is nil if f takes addresses of its blocks in
// another way than in tables of them.
func (p *Program) Peel(f *Func, r *Rounds) *Peeled {
	k := &peeler{f: f, heads: r.Heads, first: make(map[value.Value]value.Value), again: make(map[value.Value]value.Value), rest: make([]bool, len(f.Blocks))}
	k.g = &llir.Func{Sig: f.LL.Sig, Typ: f.LL.Typ, Linkage: enum.LinkageExternal, CallingConv: f.LL.CallingConv,
		ReturnAttrs: f.LL.ReturnAttrs, FuncAttrs: f.LL.FuncAttrs, AddrSpace: f.LL.AddrSpace, GC: f.LL.GC,
		Personality: f.LL.Personality, Metadata: f.LL.Metadata, Parent: f.LL.Parent}
	k.g.SetName(p.FreshName(f.Name() + ".peeled"))
	for _, q := range f.LL.Params {
		c := llir.NewParam("", q.Typ)
		c.Attrs = append(c.Attrs, q.Attrs...)
		if !q.IsUnnamed() {
			c.SetName(localName(q))
		}
		k.first[q], k.again[q] = c, c
		k.g.Params = append(k.g.Params, c)
	}
	tables, ok := k.labelTables(p)
	if !ok {
		return nil
	}
	k.reach()
	k.names = NewLocalNames(f.LL)
	for _, b := range f.RPO() {
		k.copyBlock(b, k.first, false)
	}
	for _, b := range f.RPO() {
		if k.rest[b.ID] {
			k.copyBlock(b, k.again, true)
		}
	}
	made := k.copyTables(p, tables)
	for _, b := range f.RPO() {
		k.connect(b, false)
		if k.rest[b.ID] {
			k.connect(b, true)
		}
	}
	ResetLocalIDs(k.g)
	k.mend(p)
	ResetLocalIDs(k.g)
	p.Module.Funcs = append(p.Module.Funcs, k.g)
	return &Peeled{k.g, k.first[r.Dispatch.LL].(*llir.Block), k.again[r.Dispatch.LL].(*llir.Block), made}
}

// labelTables are the read-only arrays of labels of f that f alone uses, and as
// nothing but a whole operand; ok is false if f's labels are anywhere else.
func (k *peeler) labelTables(p *Program) (tables []*llir.Global, ok bool) {
	f := k.f.LL
	if !slices.ContainsFunc(k.f.RPO(), func(b *Block) bool { _, ok := b.LL.Term.(*llir.TermIndirectBr); return ok }) {
		return nil, true
	}
	labels := func(c constant.Constant) bool {
		found := false
		walkConstant(c, func(c constant.Constant) {
			l, ok := c.(*constant.BlockAddress)
			found = found || ok && l.Func == constant.Constant(f)
		})
		return found
	}
	isTable := make(map[constant.Constant]bool)
	for _, g := range p.Module.Globals {
		if g.Init == nil || !labels(g.Init) {
			continue
		}
		array, isArray := g.Init.(*constant.Array)
		if !isArray || !g.Immutable || g.Linkage != enum.LinkageInternal && g.Linkage != enum.LinkagePrivate {
			return nil, false
		}
		for _, e := range array.Elems {
			if _, ok := e.(*constant.BlockAddress); !ok {
				return nil, false
			}
		}
		tables, isTable[g] = append(tables, g), true
	}
	check := func(op value.Value, inside bool) bool {
		c, isConst := Unwrap(op).(constant.Constant)
		if !isConst || inside && isTable[c] {
			return true
		}
		bad := false
		walkConstant(c, func(c constant.Constant) {
			l, isLabel := c.(*constant.BlockAddress)
			bad = bad || isTable[c] || isLabel && l.Func == constant.Constant(f)
		})
		return !bad
	}
	for _, fn := range p.Funcs {
		for pt := fn.First; pt < fn.End; pt++ {
			for _, op := range Operands(p.UserAt(pt)) {
				if !check(*op, fn.LL == f) {
					return nil, false
				}
			}
		}
	}
	return tables, true
}

// copyTables makes the tables of labels for both copies.
func (k *peeler) copyTables(p *Program, tables []*llir.Global) (made []*llir.Global) {
	for _, t := range tables {
		for _, copies := range []map[value.Value]value.Value{k.first, k.again} {
			array := &constant.Array{Typ: t.Init.(*constant.Array).Typ}
			for _, e := range t.Init.(*constant.Array).Elems {
				l := e.(*constant.BlockAddress)
				b, ok := copies[l.Block].(*llir.Block)
				if !ok { // no goto leads there
					array.Elems = append(array.Elems, constant.NewNull(types.I8Ptr))
					continue
				}
				array.Elems = append(array.Elems, constant.NewBlockAddress(k.g, b))
			}
			g := llir.NewGlobalDef(p.FreshName(t.Name()+".peeled"), array)
			g.Immutable, g.Linkage, g.Align = true, t.Linkage, t.Align
			copies[t] = g
			p.Module.Globals = append(p.Module.Globals, g)
			made = append(made, g)
		}
	}
	return made
}

// A peeler makes one peeled function.
type peeler struct {
	f            *Func
	g            *llir.Func
	heads        []*Block
	rest         []bool                      // by Block.ID: reachable from a head, so copied twice
	first, again map[value.Value]value.Value // values and blocks of f to those of the copies
	names        *LocalNames
	inFirst      map[*llir.Block]bool // see isFirst
}

func (k *peeler) reach() {
	work := slices.Clone(k.heads)
	for _, b := range work {
		k.rest[b.ID] = true
	}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		for _, s := range b.Succs {
			if !k.rest[s.ID] {
				k.rest[s.ID] = true
				work = append(work, s)
			}
		}
	}
}

// back reports whether an edge from a to b leads back to a head.
func (k *peeler) back(a, b *Block) bool {
	if !slices.Contains(k.heads, b) {
		return false
	}
	for l := k.f.Loops().Of(a); l != nil; l = l.Parent {
		if slices.Contains(l.Entries, b) {
			return true
		}
	}
	return false
}

// copyBlock copies the instructions of b; operands are still those of f.
func (k *peeler) copyBlock(b *Block, copies map[value.Value]value.Value, rename bool) {
	name := func(v value.Value) string {
		n, ok := v.(interface {
			value.Named
			IsUnnamed() bool
		})
		if !ok || n.IsUnnamed() {
			return ""
		}
		s := localName(n)
		if rename {
			return k.names.Fresh(s + ".again")
		}
		return s
	}
	c := llir.NewBlock(name(b.LL))
	c.Parent = k.g
	k.g.Blocks = append(k.g.Blocks, c)
	copies[b.LL] = c
	for _, inst := range b.LL.Insts {
		if IsDebug(inst) {
			continue
		}
		d := CloneInst(inst)
		if v, ok := inst.(value.Value); ok && HasResult(inst) {
			if s := name(v); s != "" {
				SetName(d, s)
			}
			copies[v] = d.(value.Value)
		}
		c.Insts = append(c.Insts, d)
	}
	c.Term = CloneTerm(b.LL.Term)
}

// connect replaces the operands and targets in the copy of b.
func (k *peeler) connect(b *Block, again bool) {
	copies := k.first
	if again {
		copies = k.again
	}
	c := copies[b.LL].(*llir.Block)
	for _, inst := range c.Insts {
		if phi, ok := inst.(*llir.InstPhi); ok {
			phi.Incs = k.edges(b, phi.Incs, again)
			continue
		}
		k.replace(inst, again)
	}
	k.replace(c.Term, again)
	for _, op := range c.Term.Operands() {
		to, ok := (*op).(*llir.Block)
		if !ok {
			continue
		}
		if t := k.f.BlockOf(to); again || k.back(b, t) {
			*op = k.again[to]
		} else {
			*op = k.first[to]
		}
	}
	ForgetSuccs(c.Term)
}

// replace maps the values that u uses, not the blocks.
func (k *peeler) replace(u value.User, again bool) {
	for _, op := range Operands(u) {
		if a, ok := (*op).(*llir.Arg); ok {
			a.Value = k.value(a.Value, again)
			continue
		}
		*op = k.value(*op, again)
	}
}

// value is the copy of v.
func (k *peeler) value(v value.Value, again bool) value.Value {
	if _, ok := v.(*llir.Block); ok {
		return v
	}
	if again {
		if c, ok := k.again[v]; ok {
			return c
		}
	}
	if c, ok := k.first[v]; ok {
		return c
	}
	return v
}

// edges are the incoming values of a phi in a copy of b.
func (k *peeler) edges(b *Block, incs []*llir.Incoming, again bool) []*llir.Incoming {
	var out []*llir.Incoming
	for _, inc := range incs {
		pred := k.f.BlockOf(inc.Pred.(*llir.Block))
		if !pred.Reachable() {
			continue
		}
		back := k.back(pred, b)
		if again && k.rest[pred.ID] {
			out = append(out, &llir.Incoming{X: k.value(inc.X, true), Pred: k.again[inc.Pred]})
		}
		if again == back {
			out = append(out, &llir.Incoming{X: k.value(inc.X, false), Pred: k.first[inc.Pred]})
		}
	}
	return out
}

// mend restores SSA form. A use in the second copy of what is defined before a
// head, in its loop, has two definitions: that of the first copy, if control came
// from there, and that of the second.
func (k *peeler) mend(p *Program) {
	g := &Func{LL: k.g, Prog: p}
	if err := g.number(0); err != nil {
		panic("ir: peeled function: " + err.Error())
	}
	m := &mender{k: k, g: g, at: make(map[*Block]map[value.Value]value.Value)}
	origin := make(map[value.Value]value.Value, len(k.again))
	for v, c := range k.again {
		if k.first[v] != c {
			origin[c] = v
		}
	}
	dom := g.Dom()
	for _, b := range g.RPO() {
		users := make([]value.User, 0, len(b.LL.Insts)+1)
		for _, inst := range b.LL.Insts {
			if phi, ok := inst.(*llir.InstPhi); ok {
				for _, inc := range phi.Incs {
					pred := g.BlockOf(inc.Pred.(*llir.Block))
					if v := origin[inc.X]; v != nil && !dom.Dominates(m.home(inc.X), pred) {
						inc.X = m.end(pred, v)
					}
				}
				continue
			}
			users = append(users, inst.(value.User))
		}
		users = append(users, b.LL.Term)
		for _, u := range users {
			for _, op := range Operands(u) {
				x := op
				if a, ok := (*op).(*llir.Arg); ok {
					x = &a.Value
				}
				if v := origin[*x]; v != nil && m.home(*x) != nil && !dom.Dominates(m.home(*x), b) {
					*x = m.start(b, v)
				}
			}
		}
	}
	for _, b := range g.RPO() {
		if phis := m.phis[b]; len(phis) > 0 {
			b.LL.Insts = append(phis, b.LL.Insts...)
		}
	}
}

// A mender finds definitions as Braun et al. do (Simple and Efficient
// Construction of Static Single Assignment Form, 2013).
type mender struct {
	k    *peeler
	g    *Func
	at   map[*Block]map[value.Value]value.Value // at the start of a block
	phis map[*Block][]llir.Instruction
	def  map[value.Value]*Block
}

// home is the block that defines x in the peeled function, nil for a block.
func (m *mender) home(x value.Value) *Block {
	if m.def == nil {
		m.def = make(map[value.Value]*Block)
		for _, b := range m.g.Blocks {
			for _, inst := range b.LL.Insts {
				if v, ok := inst.(value.Value); ok {
					m.def[v] = b
				}
			}
		}
	}
	return m.def[x]
}

// end is the definition of v, a value of the original function, that holds at
// the end of b.
func (m *mender) end(b *Block, v value.Value) value.Value {
	for _, c := range []value.Value{m.k.first[v], m.k.again[v]} {
		if m.home(c) == b {
			return c
		}
	}
	return m.start(b, v)
}

// start is the one that holds at the start of b.
func (m *mender) start(b *Block, v value.Value) value.Value {
	if x := m.at[b][v]; x != nil {
		return x
	}
	if m.at[b] == nil {
		m.at[b] = make(map[value.Value]value.Value)
	}
	if m.k.isFirst(b.LL) {
		return m.k.first[v]
	}
	if len(b.Preds) == 1 {
		x := m.end(b.Preds[0], v)
		m.at[b][v] = x
		return x
	}
	phi := &llir.InstPhi{Typ: v.Type()}
	m.at[b][v] = phi
	if m.phis == nil {
		m.phis = make(map[*Block][]llir.Instruction)
	}
	m.phis[b] = append(m.phis[b], phi)
	for _, p := range b.Preds {
		x := m.end(p, v)
		for _, s := range p.Succs {
			if s == b {
				phi.Incs = append(phi.Incs, &llir.Incoming{X: x, Pred: p.LL})
			}
		}
	}
	return phi
}

// isFirst reports whether lb is a block of the first copy.
func (k *peeler) isFirst(lb *llir.Block) bool {
	if k.inFirst == nil {
		k.inFirst = make(map[*llir.Block]bool)
		for _, b := range k.f.RPO() {
			k.inFirst[k.first[b.LL].(*llir.Block)] = true
		}
	}
	return k.inFirst[lb]
}
