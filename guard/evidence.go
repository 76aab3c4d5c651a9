package guard

// This file follows addresses back to where they come from, and collects on the
// way what the IR's types say of them: rule (D1).

import (
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// Bounds of the search; beyond them the address is unknown.
const (
	maxPaths = 12    // ways to one address
	maxTrace = 40    // instructions on a way through integers
	maxDepth = 10000 // instructions on a way
)

// A view says that an address lies in an object of type typ, lo to hi bytes from
// its start (both included).
type view struct {
	typ    types.Type
	c      *ir.CType // the type in C, if the IR's does not tell
	lo, hi int64
	// loose tells that the view is not believed where it would show that the
	// address is not in an object of another type.
	loose bool
	// object tells that typ is the declared type of the variable that the address
	// lies in.
	object bool
}

// A path is one way to an address: from a root, lo to hi bytes away.
type path struct {
	root   value.Value // a variable, parameter, load, call ...; nil: not known
	lo, hi int64
	// step divides every step of unknown length on the way; 0 if there is none.
	step int64
	// bytes tells that arrays around the address do not bound the steps from there: it was
	// cast, or is that of the first member of a struct, which optimization makes of a cast.
	bytes bool
	views []view
	// merged tells that the way leads through a phi or a slot: the root may be that
	// of an earlier iteration.
	merged bool
	// via is the store to the slot that the way leads through, if it is the only one:
	// then the address is that of the root when it was executed last.
	via *llir.InstStore
}

// A tracer follows addresses of one function.
type tracer struct {
	prog  *ir.Program
	memo  map[value.Value][]path
	open  map[value.Value]bool                   // being followed
	loops map[value.Value][]value.Value          // what has the key as a root while that is being followed
	slots map[*llir.InstAlloca][]*llir.InstStore // what is stored to a slot whose address goes nowhere
	marks map[*llir.InstAlloca]value.Value       // a load of a slot whose contents are being followed
	lost  func([]path)                           // told of ways that are too many to follow, if not nil
}

func newTracer(p *ir.Program, f *ir.Func) *tracer {
	return &tracer{
		prog: p, memo: make(map[value.Value][]path), open: make(map[value.Value]bool), loops: make(map[value.Value][]value.Value),
		slots: pointerSlots(f), marks: make(map[*llir.InstAlloca]value.Value),
	}
}

// trace returns the ways to v. None means that v points to no memory: it is null
// or undefined.
func (t *tracer) trace(v value.Value) []path { return t.follow(v, 0) }

func (t *tracer) follow(v value.Value, depth int) []path {
	v = ir.Unwrap(v)
	if ps, ok := t.memo[v]; ok {
		return ps
	}
	if depth > maxDepth {
		return []path{unknownPath}
	}
	var ps []path
	if _, isConst := v.(constant.Constant); isConst {
		ps = t.constant(v.(constant.Constant))
	} else if t.open[v] {
		// A cycle: what comes through it has v as its root; see around.
		ps = []path{{root: v}}
	} else {
		t.open[v] = true
		if ps = t.step(v, depth+1); len(ps) != 1 || ps[0].root != v { // else it is a root
			ps = t.around(v, ps)
		}
		delete(t.open, v)
		for _, u := range t.loops[v] {
			delete(t.memo, u)
		}
		delete(t.loops, v)
		if len(ps) > maxPaths {
			if t.lost != nil {
				t.lost(ps)
			}
			ps = []path{unknownPath}
		}
	}
	if pt, ok := v.Type().(*types.PointerType); ok {
		ps = withType(ps, pt.ElemType)
	}
	if _, isConst := v.(constant.Constant); !isConst && !t.open[v] {
		t.memo[v] = ps
		for _, p := range ps {
			if t.open[p.root] {
				t.loops[p.root] = append(t.loops[p.root], v)
			}
		}
	}
	return ps
}

// around takes from the ways to a value those that come from mark, the value
// itself an iteration before: if they have moved, the others may have moved as
// well, any number of times.
func (t *tracer) around(mark value.Value, ps []path) []path {
	var cycles, rest []path
	for _, p := range ps {
		if p.root != mark {
			rest = append(rest, p)
		} else if p.lo != 0 || p.hi != 0 {
			cycles = append(cycles, p)
		}
	}
	switch {
	case len(rest) == len(ps):
		return ps
	case len(cycles) == 0:
		return merged(rest, nil)
	}
	l := t.prog.Layout
	step := int64(0)
	for _, c := range cycles {
		step = gcd(step, c.step)
		if c.lo == c.hi {
			step = gcd(step, c.lo)
		} else if c.step == 0 {
			step = 1
		}
	}
	var all []path
	for _, p := range rest {
		q := path{root: p.root, lo: -farEnd, hi: farEnd, step: gcd(p.step, step), bytes: p.bytes, merged: true, via: p.via}
		for _, v := range p.views {
			size := l.Size(v.typ)
			if v.object || v.lo != 0 || v.hi != 0 || size <= 0 || slices.ContainsFunc(cycles, func(c path) bool {
				return (c.lo != c.hi || c.lo%size != 0) && !slices.ContainsFunc(c.views, func(w view) bool { return w.lo == 0 && w.hi == 0 && w.typ.Equal(v.typ) })
			}) {
				v = stepped(l, v, q.unit(step))
			}
			q.views = append(q.views, v)
		}
		all = append(all, q)
	}
	if len(all) == 0 {
		all = append(all, path{root: mark})
	}
	return all
}

// unknownPath is the way to an address of which nothing is known.
var unknownPath = path{lo: -farEnd, hi: farEnd}

// step follows one instruction.
func (t *tracer) step(v value.Value, depth int) []path {
	switch v := v.(type) {
	case *llir.InstGetElementPtr:
		return t.element(t.follow(v.Src, depth), v.ElemType, v.Indices)
	case *llir.InstBitCast:
		return t.behind(v.From, t.follow(v.From, depth))
	case *llir.InstAddrSpaceCast:
		return t.follow(v.From, depth)
	case *llir.InstFreeze:
		return t.follow(v.X, depth)
	case *llir.InstPhi:
		var all []path
		for _, inc := range v.Incs {
			all = mergePaths(all, t.follow(inc.X, depth))
		}
		return merged(all, nil)
	case *llir.InstSelect:
		return mergePaths(t.follow(v.ValueTrue, depth), t.follow(v.ValueFalse, depth))
	case *llir.InstAlloca:
		typ := v.ElemType
		if v.NElems != nil {
			n, ok := v.NElems.(*constant.Int)
			if !ok {
				typ = types.NewArray(0, typ)
			} else if n.X.Int64() != 1 {
				typ = types.NewArray(n.X.Uint64(), typ)
			}
		}
		return []path{{root: v, views: []view{{typ: typ, object: true}}}}
	case *llir.Param:
		if typ := byValue(v); typ != nil {
			return []path{{root: v, views: []view{{typ: typ, object: true}}}}
		}
		return []path{{root: v}}
	case *llir.InstLoad:
		if slot, ok := v.Src.(*llir.InstAlloca); ok {
			if stored, ok := t.slots[slot]; ok {
				return t.contents(slot, v, stored, depth)
			}
		}
		return []path{{root: v}}
	case *llir.InstCall:
		return t.result(v, depth)
	case *llir.InstIntToPtr:
		return t.integer(v.From, 0)
	}
	return []path{{root: v}}
}

// contents follows what a load finds in a slot.
func (t *tracer) contents(slot *llir.InstAlloca, load value.Value, stored []*llir.InstStore, depth int) []path {
	if mark := t.marks[slot]; mark != nil {
		return []path{{root: mark}}
	}
	t.marks[slot] = load
	var all []path
	for _, s := range stored {
		all = mergePaths(all, t.follow(s.Src, depth))
	}
	delete(t.marks, slot)
	var via *llir.InstStore
	if len(stored) == 1 {
		via = stored[0]
	}
	return merged(all, via)
}

// result follows a call that returns one of its arguments.
func (t *tracer) result(call *llir.InstCall, depth int) []path {
	f, ok := call.Callee.(*llir.Func)
	if ok && len(f.Blocks) == 0 {
		if s, ok := ir.LibFunc(f); ok && !s.Ret.Fresh && !s.Ret.Unknown {
			switch {
			case s.Ret.Same >= 0 && s.Ret.Same < len(call.Args):
				return t.follow(call.Args[s.Ret.Same], depth)
			case s.Ret.Inside >= 0 && s.Ret.Inside < len(call.Args):
				return somewhere(t.follow(call.Args[s.Ret.Inside], depth))
			}
		}
	}
	return []path{{root: call}}
}

// integer follows the arithmetic on an address that was made an integer.
func (t *tracer) integer(v value.Value, depth int) []path {
	shift := func(x, y value.Value, sign int64) []path {
		if c, ok := y.(constant.Constant); ok {
			if n, ok := t.prog.Layout.ConstInt64(c); ok {
				return shifted(t.integer(x, depth+1), n*sign)
			}
		}
		return mergePaths(somewhere(t.integer(x, depth+1)), somewhere(t.integer(y, depth+1)))
	}
	if depth > maxTrace {
		return []path{unknownPath}
	}
	switch v := v.(type) {
	case *llir.InstPtrToInt:
		return t.follow(v.From, depth)
	case *llir.InstAdd:
		return shift(v.X, v.Y, 1)
	case *llir.InstSub:
		return shift(v.X, v.Y, -1)
	case *llir.InstAnd:
		return mergePaths(somewhere(t.integer(v.X, depth+1)), somewhere(t.integer(v.Y, depth+1)))
	case *llir.InstOr:
		return mergePaths(somewhere(t.integer(v.X, depth+1)), somewhere(t.integer(v.Y, depth+1)))
	case *constant.ExprPtrToInt:
		return t.constant(v)
	}
	return []path{unknownPath}
}

// constant follows an address constant.
func (t *tracer) constant(c constant.Constant) []path {
	switch c := c.(type) {
	case *constant.Null, *constant.Undef, *constant.Poison:
		return nil
	case *constant.ExprSelect:
		return mergePaths(t.constant(c.X), t.constant(c.Y))
	case *constant.ExprPtrToInt:
		return t.constant(c.From)
	}
	base, off, ok := t.prog.ConstAddr(c)
	switch {
	case !ok:
		return []path{unknownPath}
	case base != nil:
		ps := t.symbol(base, off)
		for i := range ps {
			ps[i].bytes = t.isCast(c)
		}
		return ps
	case off > -4096 && off < 4096:
		return nil
	}
	return []path{{root: c}}
}

// isCast is path.bytes of an address constant.
func (t *tracer) isCast(c constant.Constant) bool {
	switch c := c.(type) {
	case *constant.ExprBitCast, *constant.ExprIntToPtr:
		return true
	case *constant.ExprGetElementPtr:
		indices := make([]value.Value, len(c.Indices))
		for i, index := range c.Indices {
			indices[i] = index
		}
		if _, _, _, end, ok := t.descend(c.ElemType, indices[min(1, len(indices)):]); ok && end != inNone {
			return end == inFirst
		}
		return t.isCast(c.Src)
	}
	return false
}

// symbol is the way to a place in a variable or function.
func (t *tracer) symbol(base constant.Constant, off int64) []path {
	for range maxTrace {
		a, ok := base.(*llir.Alias)
		if !ok {
			break
		}
		b, more, ok := t.prog.ConstAddr(a.Aliasee)
		if !ok || b == nil {
			break
		}
		base, off = b, off+more
	}
	g, ok := base.(*llir.Global)
	if !ok {
		return []path{{root: base, lo: off, hi: off}}
	}
	return []path{{root: g, lo: off, hi: off, views: []view{{typ: g.ContentType, c: variableType(t.prog, g), lo: off, hi: off, object: true}}}}
}

// variableType is the type of a variable in C. What is initialized with a member of a
// union, or has bit-fields, has another type in the IR.
func variableType(p *ir.Program, g *llir.Global) *ir.CType {
	st, ok := g.ContentType.(*types.StructType)
	_, isArray := g.ContentType.(*types.ArrayType)
	if p.Names().Units() <= 1 && !isArray && (!ok || st.Name() != "") {
		return nil
	}
	if h, c := p.Names().Global(g.Name()); h == g && c.Size == p.Layout.Size(g.ContentType) {
		return c
	}
	return nil
}

// element follows a getelementptr over type elem.
func (t *tracer) element(base []path, elem types.Type, indices []value.Value) []path {
	if len(indices) == 0 {
		return base
	}
	l := t.prog.Layout
	size := l.Size(elem)
	first, known := t.index(indices[0])
	views, lo, hi, start, ok := t.descend(elem, indices[1:])
	if !ok || size < 0 {
		return somewhere(base)
	}
	if known && first != 0 {
		for i := range views {
			views[i].loose = true
		}
	}
	var all []path
	for _, p := range base {
		q := path{root: p.root, lo: p.lo + lo, hi: p.hi + hi, step: p.step, bytes: start == inFirst || start == inNone && p.bytes, merged: p.merged, via: p.via}
		if lo != hi {
			q.step = 1
		}
		if known {
			q.lo += first * size
			q.hi += first * size
		} else {
			q.lo, q.hi, q.step = -farEnd, farEnd, gcd(q.step, size)
		}
		for _, v := range p.views {
			switch {
			case known:
				v.lo += first * size
				v.hi += first * size
			case v.typ.Equal(elem) && v.lo == 0 && v.hi == 0 && !v.object:
				continue // the views of descend tell it of any element
			default:
				v = stepped(l, v, p.unit(size))
			}
			v.lo += lo
			v.hi += hi
			if n := l.Size(v.typ); n >= 0 && (v.hi < 0 || v.lo >= n && !v.object && !flexible(v.typ)) {
				continue // it has left the object: its type says nothing more
			}
			q.views = append(q.views, v)
		}
		for _, v := range views {
			q.add(v)
		}
		all = append(all, q)
	}
	return all
}

// Where a getelementptr ends.
type where uint8

const (
	inNone  where = iota // it enters no struct
	inFirst              // at the beginning of the innermost struct that it enters
	inOther              // elsewhere in it
)

// descend follows the indices after the first: the structs on the way, how far it goes,
// and where it ends.
func (t *tracer) descend(elem types.Type, indices []value.Value) (views []view, lo, hi int64, end where, ok bool) {
	l := t.prog.Layout
	cur := elem
	enter := func() {
		if st, isStruct := cur.(*types.StructType); isStruct && st.Name() != "" {
			views = append(views, view{typ: st})
		}
	}
	enter()
	move := func(a, b int64) {
		lo, hi = lo+a, hi+b
		if end == inFirst && (a != 0 || b != 0) {
			end = inOther
		}
		for i := range views {
			views[i].lo += a
			views[i].hi += b
		}
	}
	for _, index := range indices {
		n, known := t.index(index)
		switch x := cur.(type) {
		case *types.StructType:
			off := l.Offset(x, int(n))
			if !known || off < 0 {
				return nil, 0, 0, inNone, false
			}
			end = inFirst
			move(off, off)
			cur = x.Fields[n]
		case *types.ArrayType:
			cur = x.ElemType
			size := l.Size(cur)
			switch {
			case size < 0:
				return nil, 0, 0, inNone, false
			case known:
				move(n*size, n*size)
			case end == inFirst: // a step from the beginning of a struct, merged by optimization
				return nil, 0, 0, inNone, false
			case x.Len == 0:
				move(0, farEnd)
			default:
				move(0, int64(x.Len-1)*size)
			}
		case *types.VectorType:
			cur = x.ElemType
			size := l.Size(cur)
			if known {
				move(n*size, n*size)
			} else {
				move(0, int64(x.Len-1)*size)
			}
		default:
			return nil, 0, 0, inNone, false
		}
		enter()
	}
	return views, lo, hi, end, true
}

// index is a constant index.
func (t *tracer) index(v value.Value) (int64, bool) {
	if c, ok := ir.Unwrap(v).(constant.Constant); ok {
		return t.prog.Layout.ConstInt64(c)
	}
	return 0, false
}

// pointerSlots are the slots of f that hold pointers and whose addresses go
// nowhere, with what is stored to them: code that is not optimized keeps its
// variables there.
func pointerSlots(f *ir.Func) map[*llir.InstAlloca][]*llir.InstStore {
	slots := make(map[*llir.InstAlloca][]*llir.InstStore)
	for _, b := range f.Blocks {
		for _, inst := range b.LL.Insts {
			if a, ok := inst.(*llir.InstAlloca); ok && a.NElems == nil {
				if _, isPtr := a.ElemType.(*types.PointerType); isPtr {
					slots[a] = nil
				}
			}
		}
	}
	if len(slots) == 0 {
		return slots
	}
	for pt := f.First; pt < f.End; pt++ {
		switch inst := f.Prog.UserAt(pt).(type) {
		case *llir.InstLoad:
			continue
		case *llir.InstStore:
			drop(slots, inst.Src)
			if a, ok := inst.Dst.(*llir.InstAlloca); ok {
				if _, kept := slots[a]; kept {
					slots[a] = append(slots[a], inst)
				}
				continue
			}
			drop(slots, inst.Dst)
		case *llir.InstCall:
			if ir.IsDebug(inst) || isLifetime(inst) {
				continue
			}
			dropAll(slots, inst)
		case *llir.InstBitCast:
			if !onlyLifetime(f, inst) {
				dropAll(slots, inst)
			}
		default:
			dropAll(slots, inst)
		}
	}
	return slots
}

func dropAll(slots map[*llir.InstAlloca][]*llir.InstStore, u value.User) {
	for _, op := range ir.Operands(u) {
		drop(slots, *op)
	}
}

func drop(slots map[*llir.InstAlloca][]*llir.InstStore, v value.Value) {
	if a, ok := ir.Unwrap(v).(*llir.InstAlloca); ok {
		delete(slots, a)
	}
}

// onlyLifetime reports whether v is used by llvm.lifetime alone.
func onlyLifetime(f *ir.Func, v value.Value) bool {
	for _, u := range f.Uses().Of(f.Reg(v)) {
		call, ok := f.Prog.UserAt(u.Pt).(*llir.InstCall)
		if !ok || !isLifetime(call) {
			return false
		}
	}
	return true
}

// isLifetime reports whether call begins or ends the life of a stack slot.
func isLifetime(call *llir.InstCall) bool {
	f, ok := call.Callee.(*llir.Func)
	return ok && strings.HasPrefix(f.Name(), "llvm.lifetime.")
}
