package guard

// This file prepares a module for MemGuard, by rules (M1) to (M4): its writes can be
// told apart by their addresses in the program, and its terms be protected.

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// WatchedProducer ends the name of the producer in the debug information of modules
// that Watch has prepared: of no others are there rows.
const WatchedProducer = " (quasi --memguard)"

// A WatchedVariable is a part of a variable that is a term.
type WatchedVariable struct {
	Global    *llir.Global
	Off, Size int64
	Term      int // its number
}

// WatchOptions say what of a module is watched.
type WatchOptions struct {
	Rows      []Row // of the ledger, of points of the module
	Terms     []Term
	Variables []WatchedVariable
}

// Watch prepares p for MemGuard. The rows at index n-1 of the result are those of the
// instruction that has discriminator n in the line table of the program. The numbering
// of p is stale afterwards.
func Watch(p *ir.Program, opts WatchOptions) ([][]Row, error) {
	byPoint := make(map[ir.Point][]Row)
	var points []ir.Point
	for _, r := range opts.Rows {
		if r.How == ByValue {
			continue // no instruction of the function; the stack is not protected
		}
		if byPoint[r.Pt] == nil {
			points = append(points, r.Pt)
		}
		byPoint[r.Pt] = append(byPoint[r.Pt], r)
	}
	slices.Sort(points)
	w := &watcher{prog: p}
	var numbered [][]Row
	for i, pt := range points {
		if err := w.mark(pt, uint64(i+1)); err != nil {
			return nil, err
		}
		numbered = append(numbered, byPoint[pt])
	}
	heads := make(map[string]bool)
	for _, t := range opts.Terms {
		heads[t.head] = true
	}
	for _, f := range p.Funcs {
		w.calls(f.LL)
		w.locals(f.LL, heads)
	}
	w.units()
	w.variables(opts.Variables)
	in := &inserter{prog: p}
	in.dropAttributes()
	return numbered, nil
}

// A watcher prepares one module.
type watcher struct {
	prog       *ir.Program
	local, end *llir.Func // of the run-time
}

// mark gives the instruction at pt a number, and keeps it as it is, by rule (M1).
func (w *watcher) mark(pt ir.Point, n uint64) error {
	inst := w.prog.InstAt(pt)
	var md *llir.Metadata
	switch i := inst.(type) {
	case *llir.InstStore:
		i.Volatile, md = true, &i.Metadata
	case *llir.InstAtomicRMW:
		i.Volatile, md = true, &i.Metadata
	case *llir.InstCmpXchg:
		i.Volatile, md = true, &i.Metadata
	case *llir.InstCall:
		md = &i.Metadata
		if f, ok := i.Callee.(*llir.Func); ok && fillsOrCopies(f.Name()) {
			i.Args[len(i.Args)-1] = constant.True
		}
	default:
		return fmt.Errorf("%s: %T cannot be watched", w.prog.Position(pt), inst)
	}
	sub := subprogramOf(w.prog.BlockAt(pt).Fn.LL)
	if sub == nil {
		return fmt.Errorf("%s: @%s has no debug information: its writes cannot be told apart", w.prog.Position(pt), w.prog.BlockAt(pt).Fn.Name())
	}
	at := &metadata.DILocation{MetadataID: -1, Scope: sub}
	if old := ir.DebugLoc(inst); old != nil {
		at.Line, at.Column, at.Scope, at.InlinedAt = old.Line, old.Column, old.Scope, old.InlinedAt
	}
	if at.Line == 0 { // has no discriminator in the program
		at.Line = max(sub.Line, 1)
	}
	scope := &metadata.DILexicalBlockFile{MetadataID: -1, Scope: at.Scope, File: fileOf(at.Scope), Discriminator: n}
	at.Scope = scope
	w.prog.Module.MetadataDefs = append(w.prog.Module.MetadataDefs, scope, at)
	*md = slices.DeleteFunc(slices.Clone(*md), func(a *metadata.Attachment) bool { return a.Name == "dbg" })
	*md = append(*md, &metadata.Attachment{Name: "dbg", Node: at})
	return nil
}

// fillsOrCopies reports whether name is an intrinsic whose last argument says that it
// is volatile.
func fillsOrCopies(name string) bool {
	for _, prefix := range []string{"llvm.memcpy.", "llvm.memmove.", "llvm.memset."} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// subprogramOf is the debug information of f, nil if it has none.
func subprogramOf(f *llir.Func) *metadata.DISubprogram {
	for _, a := range f.Metadata {
		if sub, ok := a.Node.(*metadata.DISubprogram); ok {
			return sub
		}
	}
	return nil
}

// fileOf is the file of a scope inside a function.
func fileOf(scope metadata.Field) *metadata.DIFile {
	for {
		switch s := scope.(type) {
		case *metadata.DILexicalBlock:
			if s.File != nil {
				return s.File
			}
			scope = s.Scope
		case *metadata.DILexicalBlockFile:
			if s.File != nil {
				return s.File
			}
			scope = s.Scope
		case *metadata.DISubprogram:
			return s.File
		default:
			return nil
		}
	}
}

// calls has calls of f found on the stack while what they call writes, rule (M2).
func (w *watcher) calls(f *llir.Func) {
	if len(f.Blocks) == 0 {
		return
	}
	var attrs []llir.FuncAttribute
	for _, a := range f.FuncAttrs {
		if g, ok := a.(*llir.AttrGroupDef); ok {
			attrs = append(attrs, expand(g)...)
		} else {
			attrs = append(attrs, a)
		}
	}
	attrs = slices.DeleteFunc(attrs, func(a llir.FuncAttribute) bool {
		pair, ok := a.(llir.AttrPair)
		return ok && (pair.Key == "disable-tail-calls" || pair.Key == "frame-pointer")
	})
	f.FuncAttrs = append(attrs, llir.AttrPair{Key: "disable-tail-calls", Value: "true"}, llir.AttrPair{Key: "frame-pointer", Value: "all"})
	for _, b := range f.Blocks {
		for _, i := range b.Insts {
			if c, ok := i.(*llir.InstCall); ok && c.Tail == enum.TailTail {
				c.Tail = enum.TailNone
			}
		}
	}
}

// locals moves variables of f that hold a term off the stack, rule (M3).
func (w *watcher) locals(f *llir.Func, heads map[string]bool) {
	if len(f.Blocks) == 0 {
		return
	}
	names := ir.NewLocalNames(f)
	moved := make(map[value.Value]value.Value)
	var memory []*llir.InstCall // what is to be given back
	for _, b := range f.Blocks[:1] {
		var insts []llir.Instruction
		for _, i := range b.Insts {
			a, ok := i.(*llir.InstAlloca)
			if !ok || a.NElems != nil || !w.holds(a.ElemType, heads) {
				insts = append(insts, i)
				continue
			}
			local := w.function(&w.local, "__quasi_local", types.I8Ptr, types.I64, types.I64)
			align := max(int64(a.Align), w.prog.Layout.Align(a.ElemType))
			c := llir.NewCall(local, i64(w.prog.Layout.Size(a.ElemType)), i64(align))
			cast := llir.NewBitCast(c, a.Type())
			insts = append(insts, c, cast)
			moved[a] = cast
			memory = append(memory, c)
		}
		b.Insts = insts
	}
	if len(moved) == 0 {
		return
	}
	for _, m := range memory {
		m.SetName(names.Fresh("local"))
	}
	for a, cast := range moved {
		cast.(*llir.InstBitCast).SetName(a.(*llir.InstAlloca).Name())
	}
	end := w.function(&w.end, "__quasi_local_ends", types.Void, types.I8Ptr, types.I64, types.I64)
	for _, b := range f.Blocks {
		b.Insts = slices.DeleteFunc(b.Insts, func(i llir.Instruction) bool { return aboutLocal(i, moved) })
		for _, i := range b.Insts {
			replaceOperands(i, moved)
		}
		replaceOperands(b.Term, moved)
		if _, ok := b.Term.(*llir.TermRet); ok {
			for _, m := range memory {
				b.Insts = append(b.Insts, llir.NewCall(end, m, m.Args[0], m.Args[1]))
			}
		}
	}
	if sub := subprogramOf(f); sub != nil { // calls in functions with debug information have a place
		at := &metadata.DILocation{MetadataID: -1, Line: sub.Line, Scope: sub}
		w.prog.Module.MetadataDefs = append(w.prog.Module.MetadataDefs, at)
		for _, b := range f.Blocks {
			for _, i := range b.Insts {
				if c, ok := i.(*llir.InstCall); ok && (c.Callee == w.local || c.Callee == w.end) {
					c.Metadata = append(c.Metadata, &metadata.Attachment{Name: "dbg", Node: at})
				}
			}
		}
	}
}

// holds reports whether an object of type t has a record of heads inside.
func (w *watcher) holds(t types.Type, heads map[string]bool) bool {
	switch t := t.(type) {
	case *types.StructType:
		if c := w.prog.Names().IRType(t); c != nil && heads[recordName(c)] {
			return true
		}
		return slices.ContainsFunc(t.Fields, func(f types.Type) bool { return w.holds(f, heads) })
	case *types.ArrayType:
		return w.holds(t.ElemType, heads)
	}
	return false
}

// aboutLocal reports whether i only tells of an alloca: of its life, or to debuggers.
func aboutLocal(i llir.Instruction, moved map[value.Value]value.Value) bool {
	c, ok := i.(*llir.InstCall)
	if !ok {
		return false
	}
	for _, a := range c.Args {
		if md, ok := a.(*metadata.Value); ok {
			if v, ok := md.Value.(value.Value); ok && moved[v] != nil {
				return true
			}
		}
	}
	if isLifetime(c) {
		v := ir.Unwrap(c.Args[1])
		for {
			cast, ok := v.(*llir.InstBitCast)
			if !ok {
				break
			}
			v = cast.From
		}
		return moved[v] != nil || slices.ContainsFunc(values(moved), func(m value.Value) bool { return m == v })
	}
	return false
}

func values(m map[value.Value]value.Value) []value.Value {
	var all []value.Value
	for _, v := range m {
		all = append(all, v)
	}
	return all
}

// replaceOperands replaces operands of an instruction or terminator.
func replaceOperands(u any, by map[value.Value]value.Value) {
	user, ok := u.(interface{ Operands() []*value.Value })
	if !ok {
		return
	}
	for _, op := range user.Operands() {
		if v := by[*op]; v != nil {
			*op = v
		} else if arg, ok := (*op).(*llir.Arg); ok && by[arg.Value] != nil {
			arg.Value = by[arg.Value]
		}
	}
}

// function declares one of the run-time.
func (w *watcher) function(f **llir.Func, name string, ret types.Type, params ...types.Type) *llir.Func {
	if *f == nil {
		*f = w.prog.Module.NewFunc(name, ret)
		for _, t := range params {
			(*f).Params = append((*f).Params, llir.NewParam("", t))
			(*f).Sig.Params = append((*f).Sig.Params, t)
		}
		(*f).FuncAttrs = []llir.FuncAttribute{enum.FuncAttrNoUnwind}
	}
	return *f
}

// units marks the compile units of the module.
func (w *watcher) units() {
	for _, d := range w.prog.Module.MetadataDefs {
		if u, ok := d.(*metadata.DICompileUnit); ok {
			u.Producer += WatchedProducer
		}
	}
}

// variables defines the table of variables that are protected from the start, as
// rt/ledger.c reads it: address, size, number of the term; a row of zeros ends it.
func (w *watcher) variables(vars []WatchedVariable) {
	vars = slices.Clone(vars)
	sort.SliceStable(vars, func(i, j int) bool { return vars[i].Term < vars[j].Term })
	row := types.NewStruct(types.I8Ptr, types.I64, types.I64)
	var rows []constant.Constant
	for _, v := range vars {
		at := constant.NewGetElementPtr(types.I8, constant.NewBitCast(v.Global, types.I8Ptr), i64(v.Off))
		rows = append(rows, constant.NewStruct(row, at, i64(v.Size), i64(int64(v.Term))))
	}
	rows = append(rows, constant.NewZeroInitializer(row))
	w.apart(vars)
	g := w.prog.Module.NewGlobalDef("__quasi_variables", constant.NewArray(types.NewArray(uint64(len(rows)), row), rows...))
	g.Immutable = true
}

// apart gives the variables pages of their own, rule (M3): what shares a page with a term is
// written slowly, and some of it, of a library that is linked in, by MemGuard itself.
func (w *watcher) apart(vars []WatchedVariable) {
	const section, page, most = "quasi_terms", 4096, 1 << 20
	any := false
	for _, v := range vars {
		g := v.Global
		if g.Init == nil || g.Section != "" || g.Linkage == enum.LinkageCommon || g.Comdat != nil || w.prog.Layout.Size(g.ContentType) > most {
			continue
		}
		g.Section, g.Align, any = section, page, true
	}
	if !any {
		return
	}
	bytes := types.NewArray(page, types.I8)
	end := w.prog.Module.NewGlobalDef("__quasi_variables_end", constant.NewZeroInitializer(bytes)) // what follows is on other pages
	end.Section, end.Align = section, page
}
