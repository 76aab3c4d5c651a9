package guard

// This file goes through a module once, and makes rows of what writes.

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// A scan is one run over a module.
type scan struct {
	prog    *ir.Program
	cfg     Config
	sum     *Summary
	targets []*target
	points  *ir.PointsTo // nil if it is done without
	calls   *ir.CallGraph

	held         map[*target]map[int]bool
	castGlobals  map[*llir.Global][]types.Type // the pointer types that constants cast variables to
	addressTaken map[*llir.Global]bool
	storages     map[*target]map[value.Value]bool // variables that are cast to the record, or one that holds it
	reachDone    map[reachKey]bool

	fn      *ir.Func
	tr      *tracer
	escapes map[value.Value][]ir.Point // of fn: where a variable's or allocation's address goes elsewhere

	others  []OtherWrite           // of the instruction that is looked at
	members map[string][]*ir.CType // see Summary.Members

	callers map[*llir.Func][]callSite // of functions all of whose calls are known
	tracers map[*ir.Func]*tracer

	kept      map[*llir.Param]bool // see keeps
	following bool                 // away follows calls by keeps
}

func newScan(p *ir.Program, cfg Config, sum *Summary) *scan {
	return &scan{
		prog: p, cfg: cfg, sum: sum, points: cfg.Points,
		held: make(map[*target]map[int]bool), castGlobals: make(map[*llir.Global][]types.Type),
		addressTaken: make(map[*llir.Global]bool), storages: make(map[*target]map[value.Value]bool),
		members: make(map[string][]*ir.CType), tracers: make(map[*ir.Func]*tracer), reachDone: make(map[reachKey]bool), kept: make(map[*llir.Param]bool),
	}
}

// solve solves points-to unless that is done, or not wanted.
func (s *scan) solve() {
	if s.cfg.NoPoints {
		s.points = nil
		return
	}
	if s.points == nil {
		var entry []*ir.Func
		if s.cfg.Whole {
			if main := s.prog.FuncByName("main"); main != nil {
				entry = append(entry, main)
			}
		}
		s.points = ir.SolvePointsToWith(s.prog, ir.SolveConfig{Entry: entry})
	}
	s.calls = ir.BuildCallGraph(s.prog, s.points)
}

// isLocal reports whether other modules cannot name a symbol.
func isLocal(l enum.Linkage) bool {
	return l == enum.LinkageInternal || l == enum.LinkagePrivate
}

// enter makes f the function that is looked at.
func (s *scan) enter(f *ir.Func) {
	s.fn, s.tr, s.escapes = f, newTracer(s.prog, f), nil
	s.tr.lost = func(ps []path) {
		for _, p := range ps {
			if g, ok := p.root.(*llir.Global); ok {
				s.addressTaken[g] = true
			}
		}
	}
}

// function makes the rows and warnings of f.
func (s *scan) function(f *ir.Func) {
	s.enter(f)
	for _, q := range f.LL.Params {
		if typ := byValue(q); typ != nil {
			s.write(access{pt: f.First, addr: q, n: s.prog.Layout.Size(typ), how: ByValue, what: "gets by value"})
		}
	}
	for pt := f.First; pt < f.End; pt++ {
		switch inst := s.prog.UserAt(pt).(type) {
		case *llir.InstStore:
			n := s.prog.Layout.StoreSize(inst.Src.Type())
			w := access{pt: pt, inst: inst, addr: inst.Dst, n: n, tag: s.prog.TBAA(inst), what: "writes"}
			if inst.Atomic {
				w.how = ByAtomic
			}
			s.write(w)
		case *llir.InstAtomicRMW:
			s.write(access{pt: pt, inst: inst, addr: inst.Dst, n: s.prog.Layout.StoreSize(inst.X.Type()), how: ByAtomic, tag: s.prog.TBAA(inst), what: "changes"})
		case *llir.InstCmpXchg:
			s.write(access{pt: pt, inst: inst, addr: inst.Ptr, n: s.prog.Layout.StoreSize(inst.New.Type()), how: ByAtomic, tag: s.prog.TBAA(inst), what: "exchanges"})
		case *llir.InstCall:
			if !ir.IsDebug(inst) {
				s.call(pt, inst)
			}
		case *llir.TermInvoke:
			s.outside(pt, inst, inst.Invokee, inst.Args)
		case *llir.TermCallBr:
			s.callBr(pt, inst)
		}
		s.warnAt(pt, s.prog.UserAt(pt))
	}
}

// byValue is the type of a parameter that is a struct on the stack, which calls write;
// nil for others.
func byValue(q *llir.Param) types.Type {
	for _, a := range q.Attrs {
		if b, ok := a.(llir.Byval); ok {
			return b.Typ
		}
	}
	return nil
}

// write makes the rows of a write (D7).
func (s *scan) write(w access) {
	if w.n <= 0 {
		return
	}
	ways := s.ways(w.addr)
	s.digest(w, ways)
	for _, t := range s.targets {
		s.record(t, w, s.judge(t, w, ways))
	}
	s.flushOthers(w)
}

// record makes a row of a verdict.
func (s *scan) record(t *target, w access, v verdict) {
	if !v.row {
		return
	}
	if v.class == MustGuard || v.class == MayWrite {
		if why, ok := s.fresh(w, v.root); ok && v.root != nil {
			v.class, v.reason = Fresh, why
		}
	}
	if v.class == MustGuard {
		s.warnMerged(t, w)
	}
	s.warnUntyped(t, w, v)
	r := s.row(t, w.pt, v.class, v.how, v.reason)
	if v.class == Fresh {
		r.Allocators = allocators(v.root)
	}
	if t.conditional(s, v) {
		access := ""
		if w.tag != nil {
			access = w.tag.Access.Name()
		}
		s.sum.Blind = append(s.sum.Blind, BlindWrite{Access: access, Size: w.n, Row: r})
		return
	}
	s.sum.Rows = append(s.sum.Rows, r)
}

// conditional reports whether a row counts only if other modules say that it can be
// the term: the module does not know the term, or does not know whether the
// variable's address is taken elsewhere.
func (t *target) conditional(s *scan, v verdict) bool {
	if v.class != MayWrite && v.class != ProvenDisjoint {
		return false
	}
	if t.blind {
		return true
	}
	return t.global != nil && !isLocal(t.global.Linkage) && !s.cfg.Whole && !s.addressTaken[t.global] && v.open
}

// row makes a row without the verdict's details.
func (s *scan) row(t *target, pt ir.Point, c Class, how How, reason string) Row {
	pos := s.prog.Position(pt)
	r := Row{Term: t.text, Unit: s.sum.Unit, How: how, Class: c, Reason: reason, Function: pos.Func, Pt: pt, Place: placeOf(pos)}
	r.File, r.Line, r.Col = pos.File, pos.Line, pos.Col
	if how == ByValue { // of the function, not of its first instruction
		r.Place = s.fn.LL.Ident()
		if sub := subprogramOf(s.fn.LL); sub != nil {
			r.Line, r.Col = int(sub.Line), 0
		}
		return r
	}
	if frames := s.prog.Frames(pt); len(frames) > 0 {
		r.File, r.Line, r.Col = frames[0].File, frames[0].Line, frames[0].Col
		for _, f := range frames[1:] {
			r.Inlined = append(r.Inlined, fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Col))
		}
	}
	return r
}

// placeOf is where a position is in the IR: @f:%block#3.
func placeOf(pos ir.Position) string {
	return ir.Position{Func: pos.Func, Block: pos.Block, Value: pos.Value}.String()
}

// prepare finds out what the judgement of single writes needs to know of the whole
// module.
func (s *scan) prepare() {
	for _, g := range s.prog.Module.Globals {
		if g.Init != nil {
			s.takenIn(g.Init)
			s.functionsIn(g.Init)
		}
	}
	s.findCallers()
	for _, t := range s.targets {
		s.storages[t] = make(map[value.Value]bool)
	}
	variables, seen := slices.ContainsFunc(s.targets, (*target).namesVariable), make(map[*llir.Global]int)
	for _, f := range s.prog.Funcs {
		if f.IsDecl() {
			continue
		}
		s.enter(f)
		for pt := f.First; pt < f.End; pt++ {
			u := s.prog.UserAt(pt)
			if variables {
				s.externs(pt, u, seen)
			}
			for _, op := range ir.Operands(u) {
				if c, ok := ir.Unwrap(*op).(constant.Constant); ok {
					s.constantCasts(c)
				}
			}
			s.away(u, func(v value.Value) {
				if c, ok := v.(constant.Constant); ok {
					s.takenIn(c) // also as an integer
				}
				for _, p := range s.tr.trace(v) {
					if g, ok := p.root.(*llir.Global); ok {
						s.addressTaken[g] = true
					}
				}
			})
			s.outsidersAt(u)
			if v, ok := u.(value.Value); ok && ir.HasResult(u) {
				s.castsOf(v)
			}
		}
	}
	for name, in := range s.members {
		for _, c := range in {
			s.sum.Members[name] = append(s.sum.Members[name], recordOfType(c))
		}
	}
	for _, t := range s.targets {
		if t.global != nil && s.addressTaken[t.global] {
			s.sum.Taken = append(s.sum.Taken, t.text)
		}
		if t.blind {
			continue
		}
		if records := sortedKeys(t.confused); len(records) > 0 {
			s.sum.Confused[t.text] = append(s.sum.Confused[t.text], records...)
		}
		if t.union != nil {
			s.sum.Unions[t.text] = append(s.sum.Unions[t.text], t.siblingNames()...)
		}
		for name, in := range s.members {
			if slices.ContainsFunc(in, t.holds) {
				s.sum.Unions[t.text] = append(s.sum.Unions[t.text], name)
			}
		}
		slices.Sort(s.sum.Unions[t.text])
		s.sum.Shapes[t.text] = s.sum.Shapes[t.text].with(t.shape(s))
	}
}

// castsOf notes what a value that points to an instance, or to what holds one,
// points to by other evidence (D3): a variable of another type, another record.
func (s *scan) castsOf(v value.Value) {
	if c, ok := v.(*llir.InstBitCast); ok {
		s.castOfPlaces(c.From.Type(), c.To)
		s.memberOf(c.From.Type(), c.To)
	}
	p, ok := v.Type().(*types.PointerType)
	if !ok {
		return
	}
	if _, isStruct := p.ElemType.(*types.StructType); !isStruct {
		return
	}
	for _, t := range s.targets {
		if t.blind || t.global != nil {
			continue
		}
		c := t.names.IRType(p.ElemType)
		rel := t.typeRelation(p.ElemType)
		if rel != relBeside && !s.castFrom(v) {
			continue
		}
		for _, way := range s.tr.trace(v) {
			if rel == relBeside && t.holds(c) && isVariable(way.root) {
				s.storages[t][way.root] = true
			}
			for _, w := range way.views {
				r := t.viewRelation(w, 1)
				exact := w.lo == w.hi && !w.object
				switch {
				case !exact:
				case rel == relBeside && t.holds(c) && r == relOther && w.lo == 0:
					t.confuse(s.recordOf(w))
				case rel == relOther && r == relBeside && w.lo == 0 && t.holds(t.typeOf(w)):
					t.confuse(recordOfType(c))
				}
			}
		}
	}
}

// castOfPlaces notes a cast of the address of a place for one record's address to
// that for another's: optimization makes it of a cast of what is stored there.
func (s *scan) castOfPlaces(from, to types.Type) {
	for depth := 0; ; depth++ {
		a, isPtr := from.(*types.PointerType)
		b, alsoPtr := to.(*types.PointerType)
		if isPtr && alsoPtr {
			from, to = a.ElemType, b.ElemType
			continue
		}
		x, isStruct := from.(*types.StructType)
		y, alsoStruct := to.(*types.StructType)
		if depth < 2 || !isStruct || !alsoStruct || x.Equal(y) {
			return
		}
		for _, t := range s.targets {
			if t.blind || t.global != nil {
				continue
			}
			for _, c := range [2][2]*types.StructType{{x, y}, {y, x}} {
				if t.holds(t.names.IRType(c[0])) && t.typeRelation(c[1]) == relOther {
					t.confuse(recordOfType(t.names.IRType(c[1])))
				}
			}
		}
		return
	}
}

// memberOf notes a record that the address of a union is cast to, if the union has no debug
// information: the record is a member, or begins one.
func (s *scan) memberOf(from, to types.Type) {
	a, isPtr := from.(*types.PointerType)
	b, alsoPtr := to.(*types.PointerType)
	if !isPtr || !alsoPtr {
		return
	}
	u, isStruct := a.ElemType.(*types.StructType)
	m, alsoStruct := b.ElemType.(*types.StructType)
	if !isStruct || !alsoStruct || !strings.HasPrefix(u.Name(), "union.") || s.prog.Names().IRType(u).Kind == ir.CUnion {
		return
	}
	for _, x := range append([]types.Type{m}, u.Fields...) {
		if c := s.prog.Names().IRType(x); c.IsRecord() && !slices.Contains(s.members[u.Name()], c) {
			s.members[u.Name()] = append(s.members[u.Name()], c)
		}
	}
}

func (t *target) confuse(record string) {
	if record != "" {
		t.confused[record] = true
	}
}

// castFrom reports whether v is a cast.
func (s *scan) castFrom(v value.Value) bool {
	switch v.(type) {
	case *llir.InstBitCast, *llir.InstIntToPtr:
		return true
	}
	return false
}

// constantCasts notes the types that constants cast variables to.
func (s *scan) constantCasts(c constant.Constant) {
	switch c := c.(type) {
	case *constant.ExprBitCast:
		s.castOfPlaces(c.From.Type(), c.To)
		s.memberOf(c.From.Type(), c.To)
		if g, ok := c.From.(*llir.Global); ok && !slices.ContainsFunc(s.castGlobals[g], c.To.Equal) {
			s.castGlobals[g] = append(s.castGlobals[g], c.To)
			for _, t := range s.targets {
				if s.pointsToInstance(t, c.To) {
					s.storages[t][g] = true
				}
			}
		}
		s.constantCasts(c.From)
	case *constant.ExprGetElementPtr:
		s.constantCasts(c.Src)
	}
}

// takenIn notes the variables whose addresses a constant holds.
func (s *scan) takenIn(c constant.Constant) {
	switch c := c.(type) {
	case *llir.Global:
		s.addressTaken[c] = true
	case *constant.Struct:
		for _, f := range c.Fields {
			s.takenIn(f)
		}
	case *constant.Array:
		for _, e := range c.Elems {
			s.takenIn(e)
		}
	case *llir.Alias:
		s.takenIn(c.Aliasee)
	case *llir.Func, *constant.BlockAddress:
	default:
		for _, op := range ir.ConstOperands(c) {
			s.takenIn(op)
		}
	}
}

// storage reports whether a variable that is not of the term's record may hold
// instances: it has memory without a type, and is cast to the record.
func (s *scan) storage(t *target, v value.Value) bool {
	typ, c := s.declaredType(v)
	if t.global != nil || typ == nil {
		return false
	}
	if s.otherName(v, c) || s.retyped(t, v) {
		return true
	}
	if t.blind || !t.storage(c, 0, farEnd) {
		return false
	}
	if s.storages[t][v] {
		return true
	}
	if s.points != nil {
		if o := s.points.ObjectOf(v); o != nil {
			return s.instances(t)[o.ID]
		}
	}
	return false
}

// retyped reports whether optimization has made another type of a record's on the stack: small
// structs become integers and vectors, which are cast to the record where their address goes.
func (s *scan) retyped(t *target, v value.Value) bool {
	a, ok := v.(*llir.InstAlloca)
	if !ok || !s.storages[t][a] {
		return false
	}
	switch x := a.ElemType.(type) {
	case *types.IntType, *types.VectorType, *types.FloatType:
		return true
	case *types.StructType:
		return x.Name() == ""
	}
	return false
}

// finish brings the summary into its order.
func (s *scan) finish() {
	s.sum.Rows = oneEach(s.sum.Rows)
	order := make(map[string]int)
	for i, t := range s.sum.Terms {
		order[t] = i
	}
	slices.SortStableFunc(s.sum.Rows, func(a, b Row) int {
		return cmp.Or(order[a.Term]-order[b.Term], cmp.Compare(a.Pt, b.Pt))
	})
	s.unions()
	slices.SortStableFunc(s.sum.Warnings, func(a, b Warning) int {
		return cmp.Or(order[a.Term]-order[b.Term], cmp.Compare(a.Pt, b.Pt))
	})
}
