package ir

// This file holds the call graph, resolved through points-to sets.

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"

	"github.com/dominikbraun/graph"
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// A CallGraph says which functions each call may call. It is immutable.
type CallGraph struct {
	prog    *Program
	sites   map[any]*siteCallees // by *llir.InstCall, *llir.TermInvoke, *llir.TermCallBr
	callees [][]*Func            // by Func.ID: called or called back from its body, by ID
	callers [][]*Func            // by Func.ID, by ID
	unknown []bool               // by Func.ID: its body calls unknown code
	sccs    [][]*Func
	recurs  []bool
}

// siteCallees is what one call may run.
type siteCallees struct {
	fns       []*Func // by ID
	callbacks []*Func // called by a library function among fns
	unknown   bool
	outside   bool // unknown, and not only because of the declarations among fns
	callee    value.Value
	args      []value.Value
}

// BuildCallGraph resolves every call of p. A call through a pointer calls each
// function the pointer may point to, whatever its type: calls through a cast
// prototype are common in C.
func BuildCallGraph(p *Program, pt *PointsTo) *CallGraph {
	cg := &CallGraph{
		prog:    p,
		sites:   make(map[any]*siteCallees),
		callees: make([][]*Func, len(p.Funcs)),
		callers: make([][]*Func, len(p.Funcs)),
		unknown: make([]bool, len(p.Funcs)),
		recurs:  make([]bool, len(p.Funcs)),
	}
	for _, f := range p.Funcs {
		for _, b := range f.Blocks {
			for _, inst := range b.LL.Insts {
				if call, ok := inst.(*llir.InstCall); ok && !IsDebug(inst) {
					cg.addSite(pt, f, call, call.Callee, call.Args)
				}
			}
			switch t := b.LL.Term.(type) {
			case *llir.TermInvoke:
				cg.addSite(pt, f, t, t.Invokee, t.Args)
			case *llir.TermCallBr:
				cg.addSite(pt, f, t, t.Callee, t.Args)
			}
		}
	}
	for _, f := range p.Funcs {
		cg.callees[f.ID] = sortFuncs(cg.callees[f.ID])
		for _, g := range cg.callees[f.ID] {
			cg.callers[g.ID] = append(cg.callers[g.ID], f)
		}
	}
	cg.sccs = cg.tarjan()
	for _, scc := range cg.sccs {
		for _, f := range scc {
			_, self := slices.BinarySearchFunc(cg.callees[f.ID], f.ID, func(g *Func, id int) int { return g.ID - id })
			cg.recurs[f.ID] = len(scc) > 1 || self
		}
	}
	return cg
}

// addSite resolves one call of f.
func (cg *CallGraph) addSite(pt *PointsTo, f *Func, call any, callee value.Value, args []value.Value) {
	s := &siteCallees{callee: Unwrap(callee), args: args}
	s.fns, s.unknown = cg.resolve(pt, callee)
	s.outside = s.unknown
	for _, g := range s.fns {
		if !g.IsDecl() {
			continue
		}
		sum, known := LibFunc(g.LL)
		if !known || sum.Opaque {
			s.unknown = true
			continue
		}
		for i, a := range args {
			if sum.Arg(i)&ArgCall != 0 {
				fns, unknown := cg.resolve(pt, a)
				s.callbacks = append(s.callbacks, fns...)
				s.unknown = s.unknown || unknown
				s.outside = s.outside || unknown
			}
		}
	}
	s.callbacks = sortFuncs(s.callbacks)
	cg.sites[call] = s
	cg.callees[f.ID] = append(append(cg.callees[f.ID], s.fns...), s.callbacks...)
	cg.unknown[f.ID] = cg.unknown[f.ID] || s.unknown
}

// resolve returns the functions that callee may denote.
func (cg *CallGraph) resolve(pt *PointsTo, callee value.Value) (fns []*Func, unknown bool) {
	callee = Unwrap(callee)
	if c, ok := callee.(constant.Constant); ok {
		if base, off, ok := cg.prog.ConstAddr(c); ok && off == 0 {
			if lf, ok := base.(*llir.Func); ok {
				return []*Func{cg.prog.FuncOf(lf)}, interposable(lf.Linkage)
			}
		}
	}
	if asm, ok := callee.(*llir.InlineAsm); ok {
		return nil, asmTouchesMemory(asm)
	}
	p := pt.Of(callee)
	for _, o := range p.Objs {
		if o.Kind == ObjFunc {
			lf := o.Site.(*llir.Func)
			fns = append(fns, cg.prog.FuncOf(lf))
			unknown = unknown || interposable(lf.Linkage)
		}
	}
	return sortFuncs(fns), unknown || p.Unknown
}

// asmTouchesMemory reports whether inline assembly may access memory: it says
// that it does, or has an operand in memory or of pointer type.
func asmTouchesMemory(asm *llir.InlineAsm) bool {
	if strings.Contains(asm.Constraint, "~{memory}") || strings.Contains(asm.Constraint, "*") {
		return true
	}
	sig, ok := asm.Typ.(*types.FuncType)
	if p, isPtr := asm.Typ.(*types.PointerType); isPtr {
		sig, ok = p.ElemType.(*types.FuncType)
	}
	if !ok {
		return true
	}
	return slices.ContainsFunc(sig.Params, func(t types.Type) bool {
		_, isPtr := t.(*types.PointerType)
		return isPtr
	})
}

// sortFuncs sorts by ID and drops duplicates, in place.
func sortFuncs(fns []*Func) []*Func {
	slices.SortFunc(fns, func(a, b *Func) int { return cmp.Compare(a.ID, b.ID) })
	return slices.Compact(fns)
}

// Callees returns the functions that call may call, by ID, and whether it may
// also call code that is unknown: outside the module, or any function of the
// module that escapes. A declared function without a LibSummary is both in the
// list and unknown. Inline assembly is unknown if it may access memory. For an
// instruction that is no call both results are zero; a call that was made since is
// unknown.
func (cg *CallGraph) Callees(call llir.Instruction) (fns []*Func, unknown bool) {
	return cg.calleesOf(call)
}

// CalleesAt is Callees for any call at pt, also an invoke or callbr.
func (cg *CallGraph) CalleesAt(pt Point) (fns []*Func, unknown bool) {
	return cg.calleesOf(cg.prog.UserAt(pt))
}

// calleesOf is Callees for any call.
func (cg *CallGraph) calleesOf(call any) ([]*Func, bool) {
	s := cg.sites[call]
	if s == nil {
		return nil, isCall(call) // made since the graph was
	}
	return s.fns, s.unknown
}

// isCall reports whether an instruction is a call that runs something.
func isCall(user any) bool {
	switch user := user.(type) {
	case *llir.InstCall:
		return !IsDebug(user)
	case *llir.TermInvoke, *llir.TermCallBr:
		return true
	}
	return false
}

// Callbacks returns the functions that a library function called by call may
// call back, such as qsort's comparison, by ID.
func (cg *CallGraph) Callbacks(call llir.Instruction) []*Func {
	if s := cg.sites[call]; s != nil {
		return s.callbacks
	}
	return nil
}

// CalleesOf returns the functions that f's body may call or have called back,
// by ID, and whether it also calls unknown code.
func (cg *CallGraph) CalleesOf(f *Func) (fns []*Func, unknown bool) {
	return cg.callees[f.ID], cg.unknown[f.ID]
}

// Callers returns the functions whose bodies may call f, by ID. Unknown code
// may call f as well if f's object escapes.
func (cg *CallGraph) Callers(f *Func) []*Func { return cg.callers[f.ID] }

// SCCs returns the strongly connected components of the graph, callees before
// callers; inside a component functions are by ID. Calls by unknown code are
// not edges. Every function is in exactly one component.
func (cg *CallGraph) SCCs() [][]*Func { return cg.sccs }

// Recursive reports whether f lies on a cycle of calls inside the module.
func (cg *CallGraph) Recursive(f *Func) bool { return cg.recurs[f.ID] }

// tarjan computes the components with an explicit stack. The graph library's
// StronglyConnectedComponents recurses, follows the order of Go maps, and (as of
// v0.23.0) loses the vertex whose key is the zero value, so it is neither safe on
// deep graphs nor repeatable.
func (cg *CallGraph) tarjan() [][]*Func {
	var sccs [][]*Func
	tarjanSCC(len(cg.prog.Funcs), func(v int) []int {
		ids := make([]int, len(cg.callees[v]))
		for i, g := range cg.callees[v] {
			ids[i] = g.ID
		}
		return ids
	}, func(scc []int) {
		sort.Ints(scc)
		fns := make([]*Func, len(scc))
		for i, id := range scc {
			fns[i] = cg.prog.Funcs[id]
		}
		sccs = append(sccs, fns)
	})
	return sccs
}

// tarjanSCC calls emit for every strongly connected component of the graph
// over 0 .. n-1, successors first. emit may keep its argument.
func tarjanSCC(n int, succs func(v int) []int, emit func(scc []int)) {
	type frame struct {
		v     int
		succs []int
	}
	index := make([]int, n) // 0: not visited
	low := make([]int, n)
	onStack := make([]bool, n)
	var stack []int
	var calls []frame
	next := 0
	push := func(v int) {
		next++
		index[v], low[v] = next, next
		onStack[v] = true
		stack = append(stack, v)
		calls = append(calls, frame{v, succs(v)})
	}
	for root := range n {
		if index[root] != 0 {
			continue
		}
		push(root)
		for len(calls) > 0 {
			top := &calls[len(calls)-1]
			if len(top.succs) > 0 {
				w := top.succs[0]
				top.succs = top.succs[1:]
				if index[w] == 0 {
					push(w)
				} else if onStack[w] {
					low[top.v] = min(low[top.v], index[w])
				}
				continue
			}
			v := top.v
			calls = calls[:len(calls)-1]
			if len(calls) > 0 {
				u := calls[len(calls)-1].v
				low[u] = min(low[u], low[v])
			}
			if low[v] != index[v] {
				continue
			}
			at := len(stack) - 1
			for stack[at] != v {
				at--
			}
			scc := slices.Clone(stack[at:])
			stack = stack[:at]
			for _, w := range scc {
				onStack[w] = false
			}
			emit(scc)
		}
	}
}

// Graph returns a new directed graph of the functions, keyed by name, for the
// algorithms of the graph library.
func (cg *CallGraph) Graph() graph.Graph[string, *Func] {
	g := graph.New((*Func).Name, graph.Directed())
	for _, f := range cg.prog.Funcs {
		mustGraph(g.AddVertex(f))
	}
	for _, f := range cg.prog.Funcs {
		for _, callee := range cg.callees[f.ID] {
			mustGraph(g.AddEdge(f.Name(), callee.Name()))
		}
	}
	return g
}

// mustGraph panics: vertices and edges are added once, and vertices first.
func mustGraph(err error) {
	if err != nil {
		panic(fmt.Sprintf("call graph: %v", err))
	}
}

// DOT writes the graph in Graphviz's language, functions by ID. Declarations
// are dashed; the box named unknown stands for code outside the module.
func (cg *CallGraph) DOT(w io.Writer) error {
	var buf []byte
	buf = append(buf, "// dashed: declaration; box: unknown code\ndigraph calls {\n"...)
	unknown := false
	for _, f := range cg.prog.Funcs {
		style := ""
		if f.IsDecl() {
			style = " [style=dashed]"
		}
		buf = fmt.Appendf(buf, "\t%q%s;\n", f.Name(), style)
		unknown = unknown || cg.unknown[f.ID]
	}
	if unknown {
		buf = append(buf, "\tunknown [shape=box];\n"...)
	}
	for _, f := range cg.prog.Funcs {
		for _, g := range cg.callees[f.ID] {
			buf = fmt.Appendf(buf, "\t%q -> %q;\n", f.Name(), g.Name())
		}
		if cg.unknown[f.ID] {
			buf = fmt.Appendf(buf, "\t%q -> unknown;\n", f.Name())
		}
	}
	buf = append(buf, "}\n"...)
	_, err := w.Write(buf)
	return err
}
