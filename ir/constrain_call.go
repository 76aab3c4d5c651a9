package ir

// This file holds the constraints of calls, rules (P7) and (P10), and those of
// library functions. Callees found while solving go through the same functions
// as those named in the call.

import (
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// A callSite is one call, with what has been made of it so far.
type callSite struct {
	fn      *Func
	inst    value.Value // *llir.InstCall, *llir.TermInvoke or *llir.TermCallBr
	args    []value.Value
	nodes   []node
	byval   []bool // the argument is the struct it points to
	res     node   // noNode if no pointer is returned
	done    []*llir.Func
	unknown bool
	heap    int32 // the object it allocates, 0 if none
}

// A callBack is a library function called at a site, that calls one of its
// arguments.
type callBack struct {
	call int32
	name string
}

// call is rule (P7) for one call instruction or terminator.
func (g *generator) call(inst value.Value, callee value.Value, args []value.Value) {
	site := &callSite{fn: g.fn, inst: inst, res: noNode}
	if n, ok := g.nodes[inst]; ok {
		site.res = n
	}
	for _, a := range args {
		arg, ok := a.(*llir.Arg)
		site.byval = append(site.byval, ok && slices.ContainsFunc(arg.Attrs, isByval))
		a = Unwrap(a)
		site.args = append(site.args, a)
		site.nodes = append(site.nodes, g.nodeOf(a))
	}
	id := int32(len(g.calls))
	g.calls = append(g.calls, site)
	callee = Unwrap(callee)
	if _, ok := callee.(*llir.InlineAsm); ok {
		g.callUnknown(site)
		return
	}
	if f, ok := callee.(*llir.Func); ok {
		g.link(id, f)
		return
	}
	if n := g.nodeOf(callee); n != noNode {
		g.constrain(n, constraint{conCall, noNode, id})
	}
}

// link connects a call with one callee.
func (s *solver) link(id int32, f *llir.Func) {
	site := s.calls[id]
	if slices.Contains(site.done, f) {
		return
	}
	site.done = append(site.done, f)
	if len(f.Blocks) > 0 {
		s.pass(site.nodes, site.byval, s.prog.FuncOf(f), site.res)
		if s.cfg.Entry == nil && interposable(f.Linkage) {
			s.callUnknown(site)
		}
		return
	}
	if sum, ok := LibFunc(f); ok {
		s.library(id, sum)
		return
	}
	if site.res != noNode && allocates(f) {
		s.addCell(site.res, s.plain(s.heap(site, nil), 0))
		for _, a := range site.nodes {
			s.edge(a, escapeNode)
		}
		return
	}
	s.callUnknown(site)
}

// pass connects arguments, parameters and result of a call of f. Structs passed
// by value beyond the parameters lie among the variadic arguments.
func (s *solver) pass(args []node, byval []bool, f *Func, res node) {
	fn := s.funcs[f.ID]
	for i, a := range args {
		switch {
		case a == noNode:
		case i < len(fn.params):
			s.passArg(a, fn, i)
		case fn.va != 0 && byval[i]:
			s.constrain(a, constraint{conReadAll, s.cells[s.anywhere(fn.va)].mem, 0})
		case fn.va != 0:
			s.edge(a, s.cells[s.anywhere(fn.va)].mem)
		}
	}
	if fn.ret != noNode && res != noNode {
		s.edge(fn.ret, res)
	}
}

// passArg hands a to parameter i.
func (s *solver) passArg(a node, fn *funcNodes, i int) {
	if obj := fn.byval[i]; obj != 0 {
		s.copy(s.addressNode(s.plain(obj, 0)), a, s.objs[obj].Size)
		return
	}
	if fn.params[i] == noNode {
		s.edge(a, escapeNode) // an address passed as a narrow number
		return
	}
	s.edge(a, fn.params[i])
}

// callUnknown is rule (P10) for a call of unknown code.
func (s *solver) callUnknown(site *callSite) {
	if site.unknown {
		return
	}
	site.unknown = true
	for _, a := range site.nodes {
		s.edge(a, escapeNode)
	}
	s.edge(unknownNode, site.res)
}

// enter is rule (P9) for a function that unknown code may call.
func (s *solver) enter(fn *funcNodes) {
	for i, p := range fn.params {
		if obj := fn.byval[i]; obj != 0 {
			s.constrain(s.addressNode(s.plain(obj, 0)), constraint{conWriteAll, unknownNode, 0})
			continue
		}
		s.edge(unknownNode, p)
	}
	if fn.va != 0 {
		s.edge(unknownNode, s.cells[s.anywhere(fn.va)].mem)
	}
	s.edge(fn.ret, escapeNode)
}

// allocates reports whether a declared function returns memory of its own: the
// attributes noalias and allocsize.
func allocates(f *llir.Func) bool {
	noalias := false
	for _, a := range f.ReturnAttrs {
		if a == enum.ReturnAttrNoAlias {
			noalias = true
		}
	}
	return noalias && slices.ContainsFunc(funcAttrs(f.FuncAttrs), func(a llir.FuncAttribute) bool {
		_, ok := a.(llir.AllocSize)
		return ok
	})
}

// funcAttrs lists attributes with those of groups.
func funcAttrs(attrs []llir.FuncAttribute) []llir.FuncAttribute {
	var all []llir.FuncAttribute
	for _, a := range attrs {
		if group, ok := a.(*llir.AttrGroupDef); ok {
			all = append(all, group.FuncAttrs...)
			continue
		}
		all = append(all, a)
	}
	return all
}

// heap returns the object that a call allocates. sum, if known, tells the size.
func (s *solver) heap(site *callSite, sum *Summary) int32 {
	if site.heap != 0 {
		return site.heap
	}
	size, unit := int64(-1), int64(-1) // unit: the size is a multiple of it
	if sum != nil && sum.Size != nil {
		size, unit = s.allocSize(site, sum.Size)
	}
	var t types.Type
	repeat := false
	if cast := s.castOf(site.inst); cast != nil {
		n := s.lay.Size(cast)
		switch {
		case n <= 0:
		case size == n:
			t = cast
		case size > 0 && size%n == 0, size < 0 && unit == n:
			t, repeat = cast, true
		}
	}
	site.heap = s.newObject(&Object{Kind: ObjHeap, Site: site.inst, Fn: site.fn, Size: size}, t, repeat)
	return site.heap
}

// allocSize is the product of the given arguments, -1 if it is not constant,
// and then the constant factor in it, -1 if there is none.
func (s *solver) allocSize(site *callSite, args []int) (size, unit int64) {
	size, unit = 1, -1
	for _, i := range args {
		if i >= len(site.args) {
			return -1, -1
		}
		v := site.args[i]
		if mul, ok := v.(*llir.InstMul); ok {
			if c, ok := mul.Y.(constant.Constant); ok {
				if n, ok := s.lay.ConstInt64(c); ok && n > 0 {
					size, unit = -1, n
					continue
				}
			}
		}
		n, ok := int64(0), false
		if c, isConst := v.(constant.Constant); isConst {
			n, ok = s.lay.ConstInt64(c)
		}
		switch {
		case !ok || n < 0 || n > 1<<40:
			size = -1
		case size >= 0:
			if len(args) > 1 {
				unit = n
			}
			size *= n
		default:
			unit = n
		}
	}
	return size, unit
}

// castOf is the struct type that all casts of an allocation in its function
// agree on, else nil. It decides how finely the memory is looked at, not what is
// sound: see rule (C5) for accesses of other types.
func (s *solver) castOf(v value.Value) types.Type {
	cast := s.casts[v]
	if st, ok := cast.(*types.StructType); ok && !st.Opaque {
		return st
	}
	return nil
}

// noteCasts records for every call of f the type its result is cast to, void if
// there are several.
func (s *solver) noteCasts(f *Func) {
	for _, b := range f.Blocks {
		for _, inst := range b.LL.Insts {
			cast, ok := inst.(*llir.InstBitCast)
			if !ok {
				continue
			}
			from, isCall := cast.From.(*llir.InstCall)
			to, isPtr := cast.To.(*types.PointerType)
			if !isCall || !isPtr {
				continue
			}
			if was, ok := s.casts[from]; ok && was != to.ElemType {
				s.casts[from] = types.Void
				continue
			}
			s.casts[from] = to.ElemType
		}
	}
}

// library makes the constraints of a call of a library function.
func (s *solver) library(id int32, sum Summary) {
	site := s.calls[id]
	if sum.Opaque {
		s.callUnknown(site)
	}
	if s.intrinsic(site, &sum) {
		return
	}
	effects := s.prog.argEffects(&sum, site.args)
	for i, a := range site.nodes {
		if a != noNode {
			s.libraryArg(id, &sum, i, a, effects[i])
		}
	}
	if sum.Name == "qsort" {
		// The elements are permuted: each is copied over each.
		elem := s.element(site, 0, 2)
		s.copy(elem, elem, s.constSize(site, 2))
	}
	res := site.res
	if sum.Ret.Fresh {
		obj := s.heap(site, &sum)
		if res != noNode {
			s.addCell(res, s.plain(obj, 0))
		}
		if sum.Copy != nil && sum.Copy.Dst < 0 {
			s.copy(s.addressNode(s.plain(obj, 0)), site.node(sum.Copy.Src), -1)
		}
	}
	if sum.Copy != nil && sum.Copy.Dst >= 0 {
		s.copy(site.node(sum.Copy.Dst), site.node(sum.Copy.Src), s.constSize(site, sum.Copy.Len))
	}
	if res == noNode {
		return
	}
	if sum.Ret.Unknown {
		s.edge(unknownNode, res)
	}
	if sum.Ret.Same >= 0 {
		s.edge(site.node(sum.Ret.Same), res)
	}
	if sum.Ret.Inside >= 0 {
		s.edge(s.stepNode(site.node(sum.Ret.Inside), anyStep), res)
	}
	if sum.Ret.Lib != "" {
		s.addCell(res, s.anywhere(s.libObject(sum.Ret.Lib)))
	}
}

// node is the node of argument i, noNode if there is none.
func (site *callSite) node(i int) node {
	if i < 0 || i >= len(site.nodes) {
		return noNode
	}
	return site.nodes[i]
}

// constSize is argument i as a number, -1 if it is not constant.
func (s *solver) constSize(site *callSite, i int) int64 {
	if i < 0 || i >= len(site.args) {
		return -1
	}
	if c, ok := site.args[i].(constant.Constant); ok {
		if n, ok := s.lay.ConstInt64(c); ok && n >= 0 {
			return n
		}
	}
	return -1
}

// argEffects returns the effects on each argument of a call, those after a
// constant format as the format says. The effect on the arguments of a va_list
// is in the place behind the last argument.
func (p *Program) argEffects(sum *Summary, args []value.Value) []ArgEffect {
	effects := make([]ArgEffect, len(args)+1)
	for i := range args {
		effects[i] = sum.Arg(i)
	}
	rest := sum.Rest
	if sum.Format >= 0 && sum.Format < len(args) {
		if format, ok := p.constString(args[sum.Format]); ok {
			if given, ok := formatEffects(format, sum.Scan); ok {
				rest = 0
				for i, e := range given {
					rest |= e
					if at := len(sum.Args) + i; at < len(args) {
						effects[at] = e
					}
				}
				for at := len(sum.Args) + len(given); at < len(args); at++ {
					effects[at] = 0
				}
			}
		}
	}
	effects[len(args)] = rest
	return effects
}

// constString is the zero-terminated string that v points to, if it cannot
// change.
func (p *Program) constString(v value.Value) (string, bool) {
	c, ok := Unwrap(v).(constant.Constant)
	if !ok {
		return "", false
	}
	base, off, ok := p.ConstAddr(c)
	if !ok {
		return "", false
	}
	g, ok := base.(*llir.Global)
	if !ok || !g.Immutable || g.Init == nil || interposable(g.Linkage) || off < 0 {
		return "", false
	}
	switch init := g.Init.(type) {
	case *constant.ZeroInitializer:
		return "", true
	case *constant.CharArray:
		if off < int64(len(init.X)) {
			if str, _, ok := strings.Cut(string(init.X[off:]), "\x00"); ok {
				return str, true
			}
		}
	}
	return "", false
}

// libraryArg makes the constraints of one argument.
func (s *solver) libraryArg(id int32, sum *Summary, i int, a node, e ArgEffect) {
	site := s.calls[id]
	if e&ArgCapture != 0 {
		s.edge(a, escapeNode)
	}
	if e&ArgExpose != 0 {
		s.constrain(a, constraint{conReadAll, escapeNode, 0})
	}
	if e&ArgTaint != 0 {
		s.constrain(a, constraint{conWriteAll, unknownNode, 0})
	}
	if e&ArgInside != 0 {
		s.constrain(a, constraint{conStore, s.stepNode(site.node(0), anyStep), noStep})
	}
	if e&ArgNew != 0 {
		obj := s.heap(site, nil)
		s.constrain(a, constraint{conStore, s.addressNode(s.plain(obj, 0)), noStep})
	}
	if e&ArgCall != 0 {
		back := int32(len(s.backs))
		s.backs = append(s.backs, callBack{id, sum.Name})
		s.constrain(a, constraint{conCallback, noNode, back})
	}
	if e&ArgVaList != 0 {
		args := s.vaArgs(a)
		values := s.newNode()
		s.constrain(args, constraint{conReadAll, values, 0})
		rest := s.prog.argEffects(sum, site.args)[len(site.args)]
		s.libraryArg(id, sum, i, values, rest&^ArgVaList)
	}
}

// element returns the node of the elements of an array, argument i, whose size
// is argument size.
func (s *solver) element(site *callSite, i, size int) node {
	return s.stepNode(site.node(i), step{stride: max(s.constSize(site, size), 1), kind: stepPointer})
}

// callsBack connects a function that a call hands to the library. qsort calls it
// with elements of the array, bsearch with the key and an element, any other
// with anything inside what the arguments point to.
func (s *solver) callsBack(back callBack, f *llir.Func) {
	site := s.calls[back.call]
	inside := s.newNode()
	nodes := site.nodes
	switch back.name {
	case "qsort":
		s.edge(s.element(site, 0, 2), inside)
		nodes = nil
	case "bsearch":
		s.edge(site.node(0), inside)
		s.edge(s.element(site, 1, 3), inside)
		nodes = nil
	}
	for i, a := range nodes {
		if p, ok := site.args[i].Type().(*types.PointerType); ok {
			if _, isFunc := p.ElemType.(*types.FuncType); !isFunc {
				s.edge(s.stepNode(a, anyStep), inside)
			}
		}
	}
	if len(f.Blocks) == 0 {
		s.edge(inside, escapeNode)
		return
	}
	args := make([]node, len(f.Params))
	for i := range args {
		args[i] = inside
	}
	s.pass(args, make([]bool, len(args)), s.prog.FuncOf(f), noNode)
}

// intrinsic makes the constraints of intrinsics that no Summary can tell, and
// reports whether the call is of one.
func (s *solver) intrinsic(site *callSite, sum *Summary) bool {
	switch name := sum.Name; {
	case strings.HasPrefix(name, "llvm.va_start"):
		va := s.funcs[site.fn.ID].va
		for _, off := range vaListSlots {
			s.constrain(site.node(0), constraint{conStore, s.addressNode(s.anywhere(va)), s.stepOf(step{k: off})})
		}
	case strings.HasPrefix(name, "llvm.masked.load"), strings.HasPrefix(name, "llvm.masked.gather"), strings.HasPrefix(name, "llvm.masked.expandload"):
		if site.res != noNode {
			s.constrain(site.node(0), constraint{conReadAll, site.res, 0})
			for _, a := range site.nodes[1:] {
				s.edge(a, site.res)
			}
		}
	case strings.HasPrefix(name, "llvm.masked."):
		if v := site.node(0); v != noNode {
			s.constrain(site.node(1), constraint{conWriteAll, v, 0})
		}
	default:
		return s.computes(site, sum)
	}
	return true
}

// computes handles functions on numbers, which rule (P8) covers.
func (s *solver) computes(site *callSite, sum *Summary) bool {
	if !sum.Pure || sum.Ret.Same >= 0 || sum.Ret.Inside >= 0 || site.res == noNode {
		return false
	}
	for i, a := range site.nodes {
		if _, isPtr := site.args[i].Type().(*types.PointerType); a != noNode && !isPtr {
			s.constrain(a, constraint{conCompute, site.res, 0})
		}
	}
	return true
}
