package ir

// This file holds the inclusion solver.
//
// Constraints form a graph whose edges are inclusions. Members flow along edges
// as differences: each node keeps its set and the part of it that has not flowed
// on (Pearce, Kelly and Hankin 2003). Nodes wait in topological order. Loads,
// stores and calls add edges when members arrive.
//
// Cycles of inclusions have equal sets and are collapsed into one node. They are
// looked for lazily (Hardekopf and Lin 2007): when something has flowed along an
// edge and both ends are equal, the edge is suspect; Tarjan's algorithm runs over
// the graph once enough edges are. Casts and the like never become nodes of their
// own: the generator unites them with their operand, which is the better part of
// what offline variable substitution finds.
//
// Worst case cubic in the size of the program. Sets stay small where much of it
// escapes, as in a library, because u stands for all that does. SQLite as one
// module (2400 functions, 73 000 nodes) takes a quarter of a second to solve.
//
// Papers: Andersen, Program Analysis and Specialization for the C Programming
// Language, 1994. Pearce, Kelly, Hankin, Efficient Field-Sensitive Pointer Analysis
// of C, TOPLAS 2007, and Online Cycle Detection and Difference Propagation, SCAM
// 2003. Hardekopf, Lin, The Ant and the Grasshopper, PLDI 2007. Wilson, Lam,
// Efficient Context-Sensitive Pointer Analysis for C Programs, PLDI 1995 (runs are
// its location sets). Tarjan, SIAM J. Comput. 1(2), 1972.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// SolveConfig says what to assume of the code outside the module.
type SolveConfig struct {
	// Entry, if not nil, says that the program is complete but for the functions
	// it declares: outside code enters it through these functions only, with any
	// arguments, and names none of its symbols. If nil, outside code may call
	// every function and access every variable that is not internal or private.
	Entry []*Func
	// NoCollapse solves without uniting nodes, for tests: the solution is the
	// same.
	NoCollapse bool
}

// SolvePointsTo computes the points-to sets of p as a part of a larger program;
// see SolveConfig.
func SolvePointsTo(p *Program) *PointsTo { return SolvePointsToWith(p, SolveConfig{}) }

// SolvePointsToWith computes the points-to sets of p. If a pointer of the
// program may hold the address of an object when the program runs, its set has
// the object, or has Unknown and the object escapes; see the rules and
// assumptions in constrain.go. The result is deterministic.
func SolvePointsToWith(p *Program, cfg SolveConfig) *PointsTo {
	s := newSolver(p, cfg)
	s.generate()
	s.walkCycles()
	s.solve()
	return s.finish()
}

// A solver holds the constraint graph.
type solver struct {
	prog *Program
	lay  *Layout
	cfg  SolveConfig

	objs    []*objState // by Object.ID
	siteObj map[value.Value]int32
	lib     map[string]int32
	cells   []cell

	nodes   map[value.Value]node
	funcs   []*funcNodes // by Func.ID
	address map[cellID]node
	casts   map[value.Value]types.Type
	calls   []*callSite
	backs   []callBack
	copies  []*memCopy

	steps   []step
	stepIDs map[step]stepID
	moves   map[uint64][]cellID
	singles []cellID

	// By node; only those of representatives count.
	rep   []node
	pts   []sparse
	delta []sparse // the part of pts that has not flowed on
	succ  []sparse // inclusions, possibly of nodes that have been united since
	cons  [][]constraint
	order []int32

	escapedCells sparse
	running      bool
	queue        nodeHeap
	queued       []bool
	suspects     int
	suspected    map[[2]node]bool
	threshold    int
}

func newSolver(p *Program, cfg SolveConfig) *solver {
	s := &solver{
		prog: p, lay: p.Layout, cfg: cfg,
		siteObj: make(map[value.Value]int32), lib: make(map[string]int32),
		nodes: make(map[value.Value]node), address: make(map[cellID]node),
		casts:   make(map[value.Value]types.Type),
		stepIDs: make(map[step]stepID), moves: make(map[uint64][]cellID),
		suspected: make(map[[2]node]bool), threshold: 100,
	}
	s.steps = []step{{}} // noStep
	s.newObject(&Object{Kind: ObjUnknown, Size: -1}, nil, false)
	s.objs[0].any, s.objs[0].escaped = -1, true
	for range 2 {
		s.newNode() // unknownNode and escapeNode
	}
	s.cells = append(s.cells, cell{mem: unknownNode, stride: 1, end: endless})
	s.pts[unknownNode].add(unknownCell)
	for _, g := range p.Module.Globals {
		size := s.lay.Size(g.ContentType)
		if g.Init == nil && size == 0 {
			size = -1 // extern T x[];
		}
		s.newObject(&Object{Kind: ObjGlobal, Site: g, Size: size, Const: g.Immutable}, g.ContentType, false)
	}
	for _, f := range p.Funcs {
		s.newObject(&Object{Kind: ObjFunc, Site: f.LL, Size: -1}, nil, false)
		s.noteCasts(f)
	}
	for _, f := range p.Funcs {
		if sum, ok := LibFunc(f.LL); ok && f.IsDecl() {
			if sum.Stdio {
				s.libObject("stdio")
			}
			if sum.Ret.Lib != "" {
				s.libObject(sum.Ret.Lib)
			}
		}
	}
	return s
}

// newObject numbers o. typ may be nil; see objState.
func (s *solver) newObject(o *Object, typ types.Type, repeat bool) int32 {
	o.ID = len(s.objs)
	st := &objState{Object: o, maxCells: maxCells}
	if typ != nil && s.lay.Size(typ) > 0 {
		st.typ, st.repeat = typ, repeat
		st.maxCells += 2 * members(typ, 1<<16)
	}
	s.objs = append(s.objs, st)
	if o.Site != nil {
		s.siteObj[o.Site] = int32(o.ID)
	}
	return int32(o.ID)
}

// members counts the scalars in t, one element an array, up to limit.
func members(t types.Type, limit int) int {
	switch t := t.(type) {
	case *types.ArrayType:
		return members(t.ElemType, limit)
	case *types.StructType:
		n := 0
		for _, f := range t.Fields {
			if n >= limit {
				break
			}
			n += members(f, limit-n)
		}
		return n
	}
	return 1
}

// libObject returns the object of the C library with the given name.
func (s *solver) libObject(name string) int32 {
	id, ok := s.lib[name]
	if !ok {
		id = s.newObject(&Object{Kind: ObjUnknown, Size: -1, name: name}, nil, false)
		s.lib[name] = id
		s.escape(id)
	}
	return id
}

func (s *solver) newNode() node {
	n := node(len(s.rep))
	s.rep = append(s.rep, n)
	s.pts = append(s.pts, sparse{})
	s.delta = append(s.delta, sparse{})
	s.succ = append(s.succ, sparse{})
	s.cons = append(s.cons, nil)
	s.order = append(s.order, 0)
	s.queued = append(s.queued, false)
	return n
}

// find returns the representative of n, halving the path to it.
func (s *solver) find(n node) node {
	for s.rep[n] != n {
		s.rep[n] = s.rep[s.rep[n]]
		n = s.rep[n]
	}
	return n
}

// addCell puts c into the set of n.
func (s *solver) addCell(n node, c cellID) {
	if n == noNode {
		return
	}
	n = s.find(n)
	if s.pts[n].has(unknownCell) && s.escapedCells.has(c) {
		return
	}
	if s.pts[n].add(c) {
		s.delta[n].add(c)
		s.enqueue(n)
		if c == unknownCell {
			s.purge(n)
		}
	}
}

// purge drops from the set of n what its unknown stands for.
func (s *solver) purge(n node) {
	s.pts[n].subtract(&s.escapedCells)
	s.delta[n].subtract(&s.escapedCells)
}

// edge adds the inclusion pts(b) ⊇ pts(a).
func (s *solver) edge(a, b node) {
	if a == noNode || b == noNode {
		return
	}
	a, b = s.find(a), s.find(b)
	if a == b {
		return
	}
	if a == unknownNode {
		s.addCell(b, unknownCell)
		return
	}
	if s.succ[a].add(int32(b)) && s.running {
		s.flow(&s.pts[a], b)
	}
}

// flow adds set to the set of representative b, and reports whether there was
// anything new.
func (s *solver) flow(set *sparse, b node) bool {
	var mask *sparse
	known := !s.pts[b].has(unknownCell)
	if !known || set.has(unknownCell) {
		mask = &s.escapedCells
	}
	if !s.pts[b].unionNew(set, mask, &s.delta[b]) {
		return false
	}
	if known && s.pts[b].has(unknownCell) {
		s.purge(b)
	}
	s.enqueue(b)
	return true
}

// constrain attaches a constraint to n.
func (s *solver) constrain(n node, con constraint) {
	if n == noNode {
		return
	}
	n = s.find(n)
	s.cons[n] = append(s.cons[n], con)
	if !s.running || s.pts[n].empty() {
		return
	}
	seen := s.pts[n].clone()
	for c := range seen.all() {
		if !s.delta[n].has(c) {
			s.apply(con, c)
		}
	}
}

// unify makes a and b one node. Members that only one of them had must pass
// through the constraints and edges of the other, so they count as new.
func (s *solver) unify(a, b node) {
	a, b = s.find(a), s.find(b)
	if a == b {
		return
	}
	if a > b { // the first nodes, unknown and escape, must remain
		a, b = b, a
	}
	s.rep[b] = a
	var onlyB sparse
	for c := range s.pts[a].all() {
		if !s.pts[b].has(c) {
			s.delta[a].add(c)
		}
	}
	s.pts[a].unionNew(&s.pts[b], nil, &onlyB)
	s.delta[a].unionNew(&onlyB, nil, &sparse{})
	s.delta[a].unionNew(&s.delta[b], nil, &sparse{})
	s.succ[a].unionNew(&s.succ[b], nil, &sparse{})
	s.cons[a] = append(s.cons[a], s.cons[b]...)
	s.pts[b], s.delta[b], s.succ[b], s.cons[b] = sparse{}, sparse{}, sparse{}, nil
	if s.pts[a].has(unknownCell) {
		s.purge(a)
	}
	if !s.delta[a].empty() {
		s.enqueue(a)
	}
}

// apply lets member c of a node meet a constraint of the node.
func (s *solver) apply(con constraint, c cellID) {
	if c == unknownCell {
		s.applyUnknown(con)
		return
	}
	obj := s.cells[c].obj
	o := s.objs[obj]
	if !s.accepts(o, con.kind) {
		return
	}
	switch con.kind {
	case conLoad:
		for _, d := range s.move(c, con.arg) {
			s.edge(s.cells[d].mem, con.node)
		}
	case conStore:
		for _, d := range s.move(c, con.arg) {
			s.edge(con.node, s.cells[d].mem)
		}
	case conStep:
		for _, d := range s.move(c, con.arg) {
			s.addCell(con.node, d)
		}
	case conCompute:
		s.escape(obj)
		s.addCell(con.node, unknownCell)
	case conCall:
		if o.Kind == ObjFunc {
			s.link(con.arg, o.Site.(*llir.Func))
		}
	case conCallback:
		if o.Kind == ObjFunc {
			s.callsBack(s.backs[con.arg], o.Site.(*llir.Func))
		}
	case conCopyFrom:
		s.watch(obj, watcher{kind: watchCopy, arg: con.arg, from: c})
	case conTaint:
		s.watch(obj, watcher{kind: watchTaint, arg: con.arg, from: c})
	case conReadAll:
		s.watch(obj, watcher{kind: watchRead, node: con.node})
	case conWriteAll:
		s.watch(obj, watcher{kind: watchWrite, node: con.node})
	}
}

// accepts reports whether an access of the given kind to o is possible: code is
// not data, and a write to a constant would trap.
func (s *solver) accepts(o *objState, kind constraintKind) bool {
	switch kind {
	case conStore, conTaint, conWriteAll:
		return !o.Const && o.Kind != ObjFunc
	case conLoad, conCopyFrom, conReadAll:
		return o.Kind != ObjFunc
	}
	return true
}

// applyUnknown is rule (P10).
func (s *solver) applyUnknown(con constraint) {
	switch con.kind {
	case conLoad, conStep, conCompute, conReadAll:
		s.addCell(con.node, unknownCell)
	case conStore, conWriteAll:
		s.edge(con.node, escapeNode)
	case conCall:
		s.callUnknown(s.calls[con.arg])
	case conCallback:
		s.callUnknown(s.calls[s.backs[con.arg].call])
	case conCopyFrom:
		s.constrain(s.copies[con.arg].dst, constraint{conTaint, noNode, con.arg})
	}
}

// escape is rule (P9).
func (s *solver) escape(obj int32) {
	o := s.objs[obj]
	if o.escaped {
		return
	}
	o.escaped = true
	for _, c := range o.cells {
		s.escapedCells.add(c)
	}
	for i := 0; i < len(o.cells); i++ {
		s.expose(o.cells[i])
	}
	if o.Kind == ObjFunc {
		if f := s.prog.FuncOf(o.Site.(*llir.Func)); !f.IsDecl() {
			s.enter(s.funcs[f.ID])
		}
	}
}

// expose is rule (P9) for one cell of an object that has escaped.
func (s *solver) expose(c cellID) {
	o, mem := s.objs[s.cells[c].obj], s.cells[c].mem
	if o.Kind == ObjFunc {
		return
	}
	if !o.fixed() {
		s.addCell(mem, unknownCell)
	}
	s.edge(mem, escapeNode)
}

// fixed reports whether the contents of o are those of its initializer for
// ever.
func (o *objState) fixed() bool {
	g, ok := o.Site.(*llir.Global)
	return ok && o.Const && g.Init != nil && !g.ExternallyInitialized && !interposable(g.Linkage)
}

// solve runs to the fixed point.
func (s *solver) solve() {
	for n := range s.rep {
		if s.rep[n] == node(n) && !s.pts[n].empty() {
			s.delta[n] = s.pts[n].clone()
			s.enqueue(node(n))
		}
	}
	s.running = true
	s.collapse()
	for len(s.queue) > 0 {
		n := s.queue.pop()
		s.queued[n] = false
		if s.find(n) == n {
			s.visit(n)
		}
		if s.suspects >= s.threshold {
			s.collapse()
		}
	}
}

// visit passes on what is new at n.
func (s *solver) visit(n node) {
	d := s.delta[n]
	s.delta[n] = sparse{}
	if n == escapeNode {
		for c := range d.all() {
			s.escape(s.cells[c].obj)
		}
	}
	for i := 0; i < len(s.cons[n]); i++ {
		con := s.cons[n][i]
		for c := range d.all() {
			s.apply(con, c)
		}
		if r := s.find(n); r != n {
			// Cells that overlap have been united meanwhile, n among their
			// contents. The rest of its constraints are r's.
			s.delta[r].unionNew(&d, nil, &sparse{})
			s.enqueue(r)
			return
		}
	}
	for b := range s.succ[n].all() {
		m := s.find(node(b))
		if m == n || s.flow(&d, m) {
			continue
		}
		if m != escapeNode && s.pts[m].equal(&s.pts[n]) && !s.suspected[[2]node{n, m}] {
			s.suspected[[2]node{n, m}] = true
			s.suspects++
		}
	}
}

func (s *solver) enqueue(n node) {
	if !s.queued[n] && s.running {
		s.queued[n] = true
		s.queue.push(uint64(uint32(s.order[n]))<<32 | uint64(n))
	}
}

// A nodeHeap is a priority queue of nodes, each under its order when it was
// put in.
type nodeHeap []uint64

func (h *nodeHeap) push(x uint64) {
	*h = append(*h, x)
	q := *h
	for i := len(q) - 1; i > 0; {
		up := (i - 1) / 2
		if q[up] <= q[i] {
			break
		}
		q[up], q[i] = q[i], q[up]
		i = up
	}
}

func (h *nodeHeap) pop() node {
	q := *h
	top := q[0]
	last := len(q) - 1
	q[0] = q[last]
	q = q[:last]
	*h = q
	for i := 0; ; {
		down := 2*i + 1
		if down >= len(q) {
			break
		}
		if down+1 < len(q) && q[down+1] < q[down] {
			down++
		}
		if q[i] <= q[down] {
			break
		}
		q[i], q[down] = q[down], q[i]
		i = down
	}
	return node(uint32(top))
}

// finish makes the PointsTo and lets go of the graph.
func (s *solver) finish() *PointsTo {
	pt := &PointsTo{prog: s.prog, site: make(map[value.Value]*Object, len(s.siteObj)), sol: s, sets: make(map[node]Pts)}
	for _, o := range s.objs {
		pt.objs = append(pt.objs, o.Object)
		pt.esc = append(pt.esc, o.escaped)
		if o.Site != nil {
			pt.site[o.Site] = o.Object
		}
	}
	s.delta, s.succ, s.cons, s.order, s.queue, s.queued = nil, nil, nil, nil, nil, nil
	s.moves, s.suspected, s.copies, s.calls, s.address, s.casts = nil, nil, nil, nil, nil, nil
	s.rep, s.pts = slices.Clip(s.rep), slices.Clip(s.pts)
	return pt
}
