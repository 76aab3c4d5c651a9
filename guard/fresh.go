package guard

// This file proves that an instance is fresh: its address has gone nowhere yet, so
// that no variant can have bound it: rule (D10).

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// fresh reports whether a write is one to an instance that cannot be bound: each
// way leads to memory that this activation has got itself, and no instruction that
// gives its address away can run between that and the write. The place on the
// stack of an earlier instance may still be bound, since nothing tells that its
// life has ended; so the address of a variable on the stack must go nowhere at all.
func (s *scan) fresh(w access, ways []path) (why string, ok bool) {
	for _, p := range ways {
		def, isNew := s.newObject(p.root)
		if !isNew {
			return "", false
		}
		if p.via != nil {
			def, _ = s.fn.PointOf(p.via)
		}
		escapes := s.escapesOf(p.root)
		if _, onHeap := p.root.(*llir.InstCall); len(escapes) > 0 && (!onHeap || s.resumes()) {
			return "", false
		}
		for _, e := range escapes {
			if e == w.pt && !w.free {
				continue // the write itself gives it away, afterwards
			}
			if s.reaches(e, w.pt, def, !p.merged) {
				return "", false
			}
		}
		switch p.root.(type) {
		case *llir.InstAlloca, *llir.Param:
			why = "the address of " + s.nameOf(p.root) + " goes nowhere"
		default:
			why = "the memory is new: its address has gone nowhere yet"
		}
	}
	return why, true
}

// resumes reports whether control may come back to a call of setjmp in the function from anywhere.
func (s *scan) resumes() bool {
	for pt := s.fn.First; pt < s.fn.End; pt++ {
		if c, ok := s.prog.UserAt(pt).(*llir.InstCall); ok && returnsTwice(c) {
			return true
		}
	}
	return false
}

// newObject reports whether a root is memory that this activation has got itself,
// and where.
func (s *scan) newObject(root value.Value) (ir.Point, bool) {
	switch x := root.(type) {
	case *llir.InstAlloca:
		pt, ok := s.fn.PointOf(x)
		return pt, ok
	case *llir.Param:
		return s.fn.First, byValue(x) != nil
	case *llir.InstCall:
		pt, ok := s.fn.PointOf(x)
		return pt, ok && isAllocation(x)
	}
	return 0, false
}

// isAllocation reports whether a call returns memory that nothing else points to: it
// is of a function of the C library, or of one that is declared to do so. A function
// that is there is not believed: what it returns may be bound since an earlier life.
func isAllocation(call *llir.InstCall) bool {
	f, ok := call.Callee.(*llir.Func)
	if !ok || len(f.Blocks) > 0 {
		return false
	}
	if sum, ok := ir.LibFunc(f); ok {
		return sum.Ret.Fresh
	}
	return slices.Contains(call.ReturnAttrs, llir.ReturnAttribute(enum.ReturnAttrNoAlias)) ||
		slices.Contains(f.ReturnAttrs, llir.ReturnAttribute(enum.ReturnAttrNoAlias))
}

// allocators are the functions that the memory of the ways is of: another module may
// define them, even malloc.
func allocators(ways []path) (names []string) {
	for _, p := range ways {
		if call, ok := p.root.(*llir.InstCall); ok {
			if f, ok := call.Callee.(*llir.Func); ok && !slices.Contains(names, f.Name()) {
				names = append(names, f.Name())
			}
		}
	}
	return names
}

// nameOf is the C name of a variable, else its name in the IR.
func (s *scan) nameOf(v value.Value) string {
	if name := s.prog.Names().Vars(s.fn.LL)[v]; name != "" {
		return "'" + name + "'"
	}
	if g, ok := v.(*llir.Global); ok {
		return "'" + s.prog.Names().ValueName(g) + "'"
	}
	return v.Ident()
}

// escapesOf are the points of the function at which the address of a root goes
// elsewhere.
func (s *scan) escapesOf(root value.Value) []ir.Point {
	if s.escapes == nil {
		s.escapes = make(map[value.Value][]ir.Point)
		defer func(before bool) { s.following = before }(s.following)
		s.following = true
		for pt := s.fn.First; pt < s.fn.End; pt++ {
			s.away(s.prog.UserAt(pt), func(v value.Value) {
				for _, p := range s.tr.trace(v) {
					if p.root != nil && !slices.Contains(s.escapes[p.root], pt) {
						s.escapes[p.root] = append(s.escapes[p.root], pt)
					}
				}
			})
		}
	}
	return s.escapes[root]
}

// keeps reports whether a call of f may keep its argument i, or bind instances by it:
// f is followed, with what it calls, if it is known which functions have variants.
func (s *scan) keeps(f *ir.Func, i int) bool {
	if s.cfg.Variants == nil || f == nil || f.IsDecl() || i >= len(f.LL.Params) || slices.Contains(s.cfg.Variants, f.Name()) {
		return true
	}
	p := f.LL.Params[i]
	if k, ok := s.kept[p]; ok {
		return k
	}
	s.kept[p] = true // a recursive call keeps it
	fn, tr, escapes := s.fn, s.tr, s.escapes
	s.enter(f)
	keeps := len(s.escapesOf(p)) > 0
	s.fn, s.tr, s.escapes = fn, tr, escapes
	s.kept[p] = keeps
	return keeps
}

// away visits the pointers that an instruction puts where they are not followed:
// into memory, into integers and structs, to functions and to callers.
func (s *scan) away(u ir.User, visit func(value.Value)) {
	switch u := u.(type) {
	case *llir.InstStore:
		if slot, ok := u.Dst.(*llir.InstAlloca); ok {
			if _, kept := s.tr.slots[slot]; kept {
				return
			}
		}
		visit(u.Src)
	case *llir.InstCall:
		s.awayInCall(u, visit)
	case *llir.InstLoad, *llir.InstGetElementPtr, *llir.InstBitCast, *llir.InstPhi, *llir.InstSelect, *llir.InstICmp,
		*llir.InstAddrSpaceCast, *llir.InstFreeze, *llir.InstAlloca:
	case *llir.InstAtomicRMW:
		visit(u.X)
	case *llir.InstCmpXchg:
		visit(u.New)
	default:
		for _, op := range ir.Operands(u) {
			if _, isBlock := (*op).(*llir.Block); !isBlock && *op != nil {
				visit(*op)
			}
		}
	}
}

// awayInCall visits the arguments that a call may keep, or bind instances by.
func (s *scan) awayInCall(call *llir.InstCall, visit func(value.Value)) {
	if ir.IsDebug(call) || isLifetime(call) {
		return
	}
	args := make([]value.Value, len(call.Args))
	for i, a := range call.Args {
		args[i] = ir.Unwrap(a)
	}
	var effects []ir.ArgEffect
	var callee *ir.Func
	if f, ok := call.Callee.(*llir.Func); ok {
		callee = s.prog.FuncOf(f)
	}
	if f, ok := call.Callee.(*llir.Func); ok && len(f.Blocks) == 0 {
		if sum, ok := ir.LibFunc(f); ok {
			effects = s.prog.ArgEffects(&sum, args)
		}
	}
	for i, a := range args {
		const keeps = ir.ArgCapture | ir.ArgCall | ir.ArgVaList | ir.ArgStream
		if effects == nil && s.following && callee != nil && !s.keeps(callee, i) {
			continue
		}
		if effects == nil || effects[i]&keeps != 0 {
			visit(a)
		}
	}
	for _, b := range call.OperandBundles {
		for _, v := range b.Inputs {
			visit(v)
		}
	}
}

// reaches reports whether control can come from the instruction at from to the one
// at to; if stop is set, not through def.
func (s *scan) reaches(from, to, def ir.Point, stop bool) bool {
	block := s.prog.BlockAt(from)
	goal := s.prog.BlockAt(to)
	// blocked reports whether def lies among the points [a, b).
	blocked := func(a, b ir.Point) bool { return stop && a <= def && def < b }
	if block == goal && from < to {
		return !blocked(from+1, to)
	}
	if blocked(from+1, block.End()) {
		return false
	}
	seen := make(map[*ir.Block]bool)
	work := slices.Clone(block.Succs)
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[b] {
			continue
		}
		seen[b] = true
		if b == goal && !blocked(b.First, to) {
			return true
		}
		if !blocked(b.First, b.End()) {
			work = append(work, b.Succs...)
		}
	}
	return false
}
