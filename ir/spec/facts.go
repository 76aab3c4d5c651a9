package spec

// This file holds Facts: what the predicates of a variant say about values at
// its entry, as hash-consed symbolic values in congruence classes.

import (
	"fmt"
	"sort"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"

	"quasi/ir"
)

// A Sym is a symbolic value: a pure expression over the parameters, the
// addresses of globals and memory, all as they are when an activation of the
// variant begins. Two equal Syms are the same value in every activation in
// which the predicates hold. Syms that Facts returns are canonical: values that
// the predicates make equal have the same Sym.
type Sym int32

// NoSym is the value of which nothing is known.
const NoSym Sym = 0

// Op, Load and so on make values that nest up to maxDepth levels deep, counted
// from the deepest load of the predicates but from no more than maxLoadDepth.
// That bounds how much Facts grows. Values of the predicates that are deeper
// exist all the same.
const (
	maxDepth     = 8
	maxLoadDepth = 56
)

// Facts decides values from the predicates of one variant:
//
//   - (F1) a static integer, null or address parameter equals its value;
//   - (F2) a predicate E is true, a && b makes both true, !(a || b) makes both
//     false, and of a || b one is true when the other is known to be false;
//   - (F3) a == b makes the two values one, and with them every value that is
//     computed from them in the same way (congruence);
//   - (F4) comparisons with constants give bounds and unequal constants, and
//     comparisons of masked values give known bits; both are carried through
//     casts and operations with constants;
//   - (F5) an operation is the same value in whichever of its forms clang emits
//     it: negated, with its operands swapped, on extended operands, as xor
//     with zero, and so on;
//   - (F6) chains of comparisons, also over sums with constants that do not wrap,
//     decide others: a < b and b <= c make a < c.
//
// Loads are of memory at entry. Facts does not know what later writes; who asks
// must drop a cell (base Sym, offset) when it may have been written, and use
// Terms for what the cells hold at entry.
//
// Facts adds nodes on demand and is not safe for concurrent use. What it
// answers depends only on the variant and, as to the numbers of Syms, on the
// order of the questions.
type Facts struct {
	nodes  []node // by Sym; nodes[0] is unused
	parent []Sym  // union-find: representative of the class, by way of parents
	byNode map[nodeKey]Sym
	syms   map[constant.Constant]int32 // addresses, numbered by first use
	addrs  []constant.Constant
	widths []int // of parameters, 0 where no integer or pointer; nil if unknown
	known  map[Sym]*bounds
	terms  []TermFact
	limit  int // depth of nodes
	splits int // cases that may still be looked at

	cache  map[Sym]*bounds // of classes, once the predicates are asserted
	frozen bool            // they are
	order  *orders         // nil before that

	conflict    *Conflict
	conflicting bool // the predicates asserted so far contradict each other
	changed     bool // some class was merged or bounded in this round
}

// A node is an operation on canonical operands.
type node struct {
	key   nodeKey
	depth int
}

// A nodeKey identifies a node.
type nodeKey struct {
	op    Op
	width int16 // bits of the result
	a, b  Sym   // operands; for OpParam a is its number, for OpAddr the number of the address
	bits  uint64
}

// A TermFact is a memory cell at entry.
type TermFact struct {
	Base  Sym   // address of the instance, canonical
	Off   int64 // of the cell from Base
	Size  int64 // in bytes
	Value Sym   // what the cell holds; ask Value for its constant
}

// A Conflict tells which predicate contradicts what was known before it.
type Conflict struct {
	Pred    *Pred    // nil if Binding is the fault
	Binding *Binding // a static parameter, nil if Pred is
}

// NewFacts asserts the static parameters and predicates of v. Resolve has made
// sure that they do not contradict each other; see Conflict.
func NewFacts(v *Variant) *Facts {
	f := newFacts(v)
	f.assertAll(v)
	if f.conflicting {
		f = newFacts(v)
		f.findConflict(v)
	}
	f.limit = maxDepth
	for _, n := range f.nodes {
		if n.key.op == OpLoad {
			f.limit = max(f.limit, min(n.depth, maxLoadDepth)+maxDepth)
		}
	}
	f.frozen = true
	f.findOrders()
	f.findTerms(v)
	return f
}

// newFacts knows nothing yet.
func newFacts(v *Variant) *Facts {
	f := &Facts{
		nodes: make([]node, 1), parent: make([]Sym, 1),
		byNode: make(map[nodeKey]Sym), syms: make(map[constant.Constant]int32),
		known: make(map[Sym]*bounds), cache: make(map[Sym]*bounds), limit: 1 << 20,
		splits: maxSplits,
	}
	if v.Fn != nil {
		for _, p := range v.Fn.LL.Params {
			f.widths = append(f.widths, bitsOf(p.Typ))
		}
	}
	return f
}

// bitsOf is the width of a Sym of type t: integers of 1 to 64 bits and
// pointers have one, for others it is 0.
func bitsOf(t types.Type) int {
	switch t := t.(type) {
	case *types.IntType:
		if t.BitSize <= 64 {
			return int(t.BitSize)
		}
	case *types.PointerType:
		return 64
	}
	return 0
}

// Conflict is nil if the predicates can hold together as far as Facts can tell.
// Otherwise what Facts answers is meaningless.
func (f *Facts) Conflict() *Conflict { return f.conflict }

// Param is the value of parameter i at entry, 0 if it is no integer or pointer
// of that width.
func (f *Facts) Param(i int, width int) Sym {
	if width < 1 || width > 64 || f.widths != nil && (i >= len(f.widths) || f.widths[i] != width) {
		return NoSym
	}
	return f.intern(nodeKey{op: OpParam, width: int16(width), a: Sym(i)})
}

// Addr is the address of a global variable, function or alias.
func (f *Facts) Addr(sym constant.Constant) Sym {
	n, ok := f.syms[sym]
	if !ok {
		n = int32(len(f.addrs))
		f.syms[sym] = n
		f.addrs = append(f.addrs, sym)
	}
	return f.intern(nodeKey{op: OpAddr, width: 64, a: Sym(n)})
}

// Const is a constant of 1 to 64 bits; bits above width are ignored.
func (f *Facts) Const(bits uint64, width int) Sym {
	if width < 1 || width > 64 {
		return NoSym
	}
	return f.intern(nodeKey{op: OpConst, width: int16(width), bits: bits & mask(width)})
}

// Load is what size bytes of memory at addr hold at entry, as an integer, for
// sizes up to 8.
func (f *Facts) Load(addr Sym, size int64) Sym {
	if addr == NoSym || f.Width(addr) != 64 || size < 1 || size > 8 {
		return NoSym
	}
	return f.intern(nodeKey{op: OpLoad, width: int16(size * 8), a: f.find(addr)})
}

// Value is the constant that s is in every activation, if that is decided.
func (f *Facts) Value(s Sym) (bits uint64, width int, ok bool) {
	if s == NoSym {
		return 0, 0, false
	}
	n := &f.nodes[f.find(s)]
	if n.key.op == OpConst {
		return n.key.bits, int(n.key.width), true
	}
	return 0, 0, false
}

// AddrConst is the address that s is known to be: sym plus off bytes.
func (f *Facts) AddrConst(s Sym) (sym constant.Constant, off int64, ok bool) {
	if s == NoSym {
		return nil, 0, false
	}
	base, off := f.Split(s)
	if n := &f.nodes[base]; n.key.op == OpAddr {
		return f.addrs[n.key.a], off, true
	}
	return nil, 0, false
}

// Split writes a value of width 64 as base plus off, so that addresses in one
// object that differ by a known distance have the same base. A constant is its
// own base.
func (f *Facts) Split(s Sym) (base Sym, off int64) {
	if s == NoSym {
		return NoSym, 0
	}
	s = f.find(s)
	if n := &f.nodes[s]; n.key.op == OpAdd && n.key.width == 64 {
		if c, _, ok := f.Value(n.key.b); ok {
			return f.find(n.key.a), int64(c)
		}
	}
	return s, 0
}

// Width is the number of bits of s, 0 for NoSym.
func (f *Facts) Width(s Sym) int { return int(f.nodes[s].key.width) }

// Terms are the memory cells that the predicates read, with the values they
// hold at entry, by base, offset and size. A cell whose address is not an
// integer or pointer value that Facts knows is left out.
func (f *Facts) Terms() []TermFact { return append([]TermFact(nil), f.terms...) }

// findTerms collects the cells of all predicates.
func (f *Facts) findTerms(v *Variant) {
	seen := make(map[TermFact]bool)
	for _, p := range v.preds() {
		p.Expr.Walk(func(e *Expr) {
			if e.Op != OpLoad {
				return
			}
			addr, val := f.Expr(e.Args[0]), f.Expr(e)
			if addr == NoSym || val == NoSym {
				return
			}
			base, off := f.Split(addr)
			t := TermFact{Base: base, Off: off, Size: int64(e.Width / 8), Value: f.find(val)}
			if !seen[t] {
				seen[t] = true
				f.terms = append(f.terms, t)
			}
		})
	}
	sort.Slice(f.terms, func(i, j int) bool {
		a, b := f.terms[i], f.terms[j]
		if a.Base != b.Base {
			return a.Base < b.Base
		}
		if a.Off != b.Off {
			return a.Off < b.Off
		}
		return a.Size < b.Size
	})
}

// preds are the predicates in the order in which they are asserted.
func (v *Variant) preds() []*Pred {
	return append(append([]*Pred(nil), v.Always...), v.When...)
}

// String writes s for reading: `load32(param0 + 8)`.
func (f *Facts) String(s Sym) string {
	if s == NoSym {
		return "?"
	}
	s = f.find(s)
	k := f.nodes[s].key
	switch k.op {
	case OpConst:
		if k.width == 1 {
			return fmt.Sprint(k.bits)
		}
		return fmt.Sprint(signed(k.bits, int(k.width)))
	case OpParam:
		return fmt.Sprintf("param%d", k.a)
	case OpAddr:
		return "@" + symName(f.addrs[k.a])
	case OpLoad:
		return fmt.Sprintf("load%d(%s)", k.width, f.String(k.a))
	case OpAdd:
		if c, w, ok := f.Value(k.b); ok {
			return fmt.Sprintf("%s%+d", f.String(k.a), signed(c, w))
		}
	}
	if k.op.IsCast() {
		return fmt.Sprintf("%s%d(%s)", k.op, k.width, f.String(k.a))
	}
	return fmt.Sprintf("%s(%s, %s)", k.op, f.String(k.a), f.String(k.b))
}

// find is the representative of the class of s.
func (f *Facts) find(s Sym) Sym {
	for f.parent[s] != s {
		f.parent[s] = f.parent[f.parent[s]]
		s = f.parent[s]
	}
	return s
}

// intern returns the class of the node k, which it makes if the bound on depth
// lets it.
func (f *Facts) intern(k nodeKey) Sym {
	if s, ok := f.byNode[k]; ok {
		return f.find(s)
	}
	depth := 0
	switch k.op {
	case OpConst, OpParam, OpAddr:
	default:
		depth = 1 + f.nodes[k.a].depth
		if k.b != NoSym {
			depth = max(depth, 1+f.nodes[k.b].depth)
		}
	}
	if depth > f.limit {
		return NoSym
	}
	s := Sym(len(f.nodes))
	f.nodes = append(f.nodes, node{key: k, depth: depth})
	f.parent = append(f.parent, s)
	f.byNode[k] = s
	if k.op != OpConst {
		if c, ok := f.single(s); ok {
			f.union(s, f.Const(c, int(k.width)))
		}
	}
	return f.find(s)
}

// Expr is the value of e at entry, NoSym if it has parts that Facts does not model.
func (f *Facts) Expr(e *Expr) Sym {
	switch e.Op {
	case OpConst:
		return f.Const(uint64(e.Int), e.Width)
	case OpParam:
		return f.Param(e.Param, e.Width)
	case OpAddr:
		return f.Op(OpAdd, 64, f.Addr(e.Sym), f.Const(uint64(e.Off), 64))
	case OpOffset:
		return f.Op(OpAdd, 64, f.Expr(e.Args[0]), f.Const(uint64(e.Off), 64))
	case OpIndex:
		scaled := f.Op(OpMul, 64, f.Expr(e.Args[1]), f.Const(uint64(e.Off), 64))
		return f.Op(OpAdd, 64, f.Expr(e.Args[0]), scaled)
	case OpPtrToInt:
		return f.Expr(e.Args[0])
	case OpLoad:
		s := f.Load(f.Expr(e.Args[0]), int64(e.Width/8))
		if s != NoSym && e.Type.Kind == ir.CBool {
			f.bound(s, func(b *bounds) { b.zeros |= mask(e.Width) &^ 1 })
		}
		return f.find(s)
	case OpLogAnd:
		return f.Op(OpAnd, 1, f.Expr(e.Args[0]), f.Expr(e.Args[1]))
	case OpLogOr:
		return f.Op(OpOr, 1, f.Expr(e.Args[0]), f.Expr(e.Args[1]))
	case OpLogNot:
		return f.Op(OpXor, 1, f.Expr(e.Args[0]), f.Const(1, 1))
	case OpCond:
		test := f.Expr(e.Args[0])
		if c, _, ok := f.Value(test); ok {
			return f.Expr(e.Args[2-c])
		}
		if e.Width > 1 {
			return NoSym
		}
		yes := f.Op(OpAnd, 1, test, f.Expr(e.Args[1]))
		return f.Op(OpOr, 1, yes, f.Op(OpAnd, 1, f.Op(OpXor, 1, test, f.Const(1, 1)), f.Expr(e.Args[2])))
	}
	a := f.Expr(e.Args[0])
	if e.Op.IsCast() {
		return f.Op(e.Op, e.Width, a, NoSym)
	}
	return f.Op(e.Op, e.Width, a, f.Expr(e.Args[1]))
}

// addressable reports whether the address of c is certainly not null.
func addressable(c constant.Constant) bool {
	switch c := c.(type) {
	case *llir.Global:
		return c.Linkage != enum.LinkageExternWeak
	case *llir.Func:
		return c.Linkage != enum.LinkageExternWeak
	}
	return false
}

// separate reports whether c is an object of its own: defined here, of a size,
// and not merged with an equal one.
func separate(c constant.Constant) bool {
	switch c := c.(type) {
	case *llir.Global:
		return c.Init != nil && c.UnnamedAddr == enum.UnnamedAddrNone && strong(c.Linkage)
	case *llir.Func:
		return len(c.Blocks) > 0 && c.UnnamedAddr == enum.UnnamedAddrNone && strong(c.Linkage)
	}
	return false
}

// strong reports whether the linker keeps a definition of that linkage as it
// is.
func strong(l enum.Linkage) bool {
	return l == enum.LinkageNone || l == enum.LinkageExternal || l == enum.LinkageInternal || l == enum.LinkagePrivate
}
