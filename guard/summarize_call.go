package guard

// This file makes rows of calls: library functions, code that is not there, inline
// assembly, and the ends of instances.

import (
	"fmt"
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// call makes the rows of a call.
func (s *scan) call(pt ir.Point, call *llir.InstCall) {
	if asm, ok := call.Callee.(*llir.InlineAsm); ok {
		s.assembly(pt, call, asm, call.Args)
		return
	}
	f, direct := ir.Unwrap(call.Callee).(*llir.Func)
	if c, ok := call.Callee.(constant.Constant); ok && !direct {
		if base, off, ok := s.prog.ConstAddr(c); ok && off == 0 {
			f, direct = base.(*llir.Func)
		}
	}
	if direct && strings.HasPrefix(f.Name(), "llvm.masked.store.") {
		s.write(access{pt: pt, inst: call, addr: ir.Unwrap(call.Args[1]), n: s.prog.Layout.StoreSize(ir.Unwrap(call.Args[0]).Type()), tag: s.prog.TBAA(call), what: "writes lanes of"})
		return
	}
	if direct && len(f.Blocks) == 0 {
		if sum, ok := ir.WriteFunc(f); ok {
			s.library(pt, call, f, &sum)
			return
		}
	}
	s.outside(pt, call, call.Callee, call.Args)
}

// lengths are the arguments whose product is how many bytes a library function
// writes at most through the first argument that it writes.
var lengths = map[string][]int{
	"memset": {2}, "bzero": {1}, "explicit_bzero": {1}, "__memset_chk": {2},
	"strncpy": {2}, "__strncpy_chk": {2}, "strlcpy": {2}, "snprintf": {1}, "vsnprintf": {1},
	"__snprintf_chk": {1}, "__vsnprintf_chk": {1}, "fgets": {1}, "fread": {1, 2}, "read": {2}, "pread": {2},
	"pread64": {2}, "__read_chk": {2}, "fread_unlocked": {1, 2}, "__fread_chk": {2, 3}, "fgets_unlocked": {1},
	"__fgets_chk": {2}, "gethostname": {1}, "strxfrm": {2}, "stpncpy": {2}, "swab": {2}, "recv": {2}, "recvfrom": {2}, "getrandom": {1}, "getentropy": {1}, "wcstombs": {2}, "regerror": {3}, "qsort": {1, 2}, "getcwd": {1}, "readlink": {2}, "strftime": {1},
}

// library makes the rows of a call of a function of the C library, or of an
// intrinsic (D7).
func (s *scan) library(pt ir.Point, call *llir.InstCall, f *llir.Func, sum *ir.Summary) {
	name := f.Name()
	args := make([]value.Value, len(call.Args))
	for i, a := range call.Args {
		args[i] = ir.Unwrap(a)
	}
	if isLifetime(call) {
		return
	}
	short := strings.TrimPrefix(name, "llvm.")
	short, _, _ = strings.Cut(short, ".")
	how, what := ByCall, "'"+short+"' writes"
	length := lengths[short]
	switch {
	case strings.HasPrefix(short, "memset"), short == "bzero", short == "explicit_bzero", short == "__memset_chk":
		how = ByFill
	case sum.Copy != nil && sum.Copy.Dst >= 0:
		how = ByCopy
		if sum.Copy.Len >= 0 {
			length = []int{sum.Copy.Len}
		}
	case strings.HasPrefix(short, "str") || strings.HasPrefix(short, "stp"):
		how = ByCopy
	}
	effects := s.prog.ArgEffects(sum, args)
	first := slices.IndexFunc(effects, func(e ir.ArgEffect) bool { return e&ir.ArgWrite != 0 })
	text := length == nil && (how == ByCopy && sum.Copy == nil || slices.Contains(texts, short))
	for i, a := range args {
		if i > first {
			length = nil // it is that of the first
		}
		n := s.product(args, length)
		switch x := a.Type().(type) {
		case *types.PointerType:
		case *types.VectorType: // of pointers, to scatter to
			elem, isPtr := x.ElemType.(*types.PointerType)
			if !isPtr {
				continue
			}
			n = s.prog.Layout.StoreSize(elem.ElemType)
		default:
			continue
		}
		e := effects[i]
		w := access{pt: pt, inst: call, addr: a, n: n, how: how, what: what, tag: s.prog.TBAA(call)}
		if length == nil && how != ByFill && sum.Copy == nil {
			s.extent(&w, text, sum.Scan, short == "poll" || short == "epoll_wait" || short == "regexec")
		}
		switch {
		case e&ir.ArgFree != 0:
			w.member, w.text = false, false
			w.how, w.n, w.free, w.what = ByFree, farEnd, true, "'"+short+"' ends the life of"
			s.write(w)
		case e&(ir.ArgVaList) != 0:
			w.n, w.member = farEnd, false
			s.write(w)
			if sum.Scan {
				s.scanned(w)
			}
		case e&ir.ArgWrite != 0:
			if e&ir.ArgInside != 0 {
				w.n = s.prog.Layout.PointerBits() / 8
			}
			s.write(w)
			s.warnMemory(pt, short, w)
		}
		if e&ir.ArgCall != 0 {
			s.callback(pt, call, a, args)
		}
		if e&ir.ArgCapture != 0 && sum.Format < 0 { // to print an address writes nothing
			s.given(pt, call, short, a, "keeps the address", OutsideCall{})
		}
	}
}

// callback makes the rows of a function that a library function calls with what it gets: it may
// be in no module.
func (s *scan) callback(pt ir.Point, call ir.User, f value.Value, args []value.Value) {
	give := func(name string, to OutsideCall) {
		for _, a := range args {
			if a != f {
				s.given(pt, call, name, a, "gets it", to)
			}
		}
	}
	for _, p := range s.tr.trace(f) {
		if fn, ok := p.root.(*llir.Func); ok {
			if len(fn.Blocks) == 0 && writesSomething(fn) {
				give(fn.Name(), OutsideCall{Callee: fn.Name()})
			}
		} else if ptr, ok := f.Type().(*types.PointerType); ok && (s.points == nil || s.points.Of(f).Unknown) {
			if sig, ok := ptr.ElemType.(*types.FuncType); ok {
				give("", OutsideCall{Proto: protoOf(sig)})
			}
		}
	}
}

// scanned makes the rows of what vscanf and the like write through the pointers in a va_list:
// which these are, is not followed.
func (s *scan) scanned(w access) {
	for _, t := range s.targets {
		if t.global != nil && !s.addressTaken[t.global] && (isLocal(t.global.Linkage) || s.cfg.Whole) {
			continue
		}
		s.record(t, w, verdict{row: true, class: MayWrite, how: ByCall, reason: w.what + " through the pointers of a va_list", open: true})
	}
}

// texts are the functions that write a string through an argument, beside those whose names
// begin with "str" or "stp".
var texts = []string{
	"sprintf", "vsprintf", "__sprintf_chk", "__vsprintf_chk", "gets", "realpath", "basename", "__xpg_basename",
	"dirname", "mkstemp", "mkstemp64", "mkdtemp", "asctime_r", "ctime_r",
}

// extent enters how many bytes a library function writes that gets no length: a string ends
// where its array does, what else is written has the type of the parameter, or that which a format
// says. Of a pointer to bytes nothing is known, nor of one to several records, or to an address
// of a socket, of any kind.
func (s *scan) extent(w *access, text, formatted, several bool) {
	ptr, ok := w.addr.Type().(*types.PointerType)
	if !ok {
		return
	}
	isByte := ptr.ElemType.Equal(types.I8)
	st, isStruct := ptr.ElemType.(*types.StructType)
	several = several || isStruct && strings.HasPrefix(st.Name(), "struct.sockaddr")
	switch size := s.prog.Layout.Size(ptr.ElemType); {
	case isByte && text:
		w.member, w.text = true, true
	case formatted:
		w.member = true
	case isStruct && size > 0 && !several:
		w.n = size
	case !isByte && !isStruct:
		w.member = true
	}
}

// product is the product of constant arguments, farEnd if one is not constant.
func (s *scan) product(args []value.Value, which []int) int64 {
	if which == nil {
		return farEnd
	}
	n := int64(1)
	for _, i := range which {
		if i >= len(args) {
			return farEnd
		}
		c, ok := args[i].(constant.Constant)
		if !ok {
			return farEnd
		}
		k, ok := s.prog.Layout.ConstInt64(c)
		if !ok || k < 0 || k >= farEnd || n*k >= farEnd {
			return farEnd
		}
		n *= k
	}
	return n
}

// A reachKey is a callee that may reach a term by what it got earlier or finds.
type reachKey struct {
	t             *target
	callee, proto string
}

// outside makes the rows of a call of code that may not be there (D8).
func (s *scan) outside(pt ir.Point, call ir.User, callee value.Value, args []value.Value) {
	name := ""
	switch f := ir.Unwrap(callee).(type) {
	case *llir.Func:
		if len(f.Blocks) > 0 {
			return
		}
		if _, ok := ir.WriteFunc(f); ok || onlyReads(f, call) {
			return
		}
		name = f.Name()
	case *llir.InlineAsm:
		s.assembly(pt, call, f, args)
		return
	default:
		if c, ok := callee.(constant.Constant); ok {
			if base, _, ok := s.prog.ConstAddr(c); ok && base != nil && base != c {
				s.outside(pt, call, base, args)
				return
			}
		}
		if s.calls != nil {
			pt, _ := s.fn.PointOf(call)
			if _, unknown := s.calls.CalleesAt(pt); !unknown {
				s.declaredCallees(pt, call, args)
				return
			}
		}
	}
	to := OutsideCall{Callee: name}
	if sig, ok := ir.Unwrap(callee).Type().(*types.PointerType); ok && name == "" {
		if f, ok := sig.ElemType.(*types.FuncType); ok {
			to.Proto = protoOf(f)
		}
	}
	for _, a := range args {
		s.given(pt, call, name, ir.Unwrap(a), "gets it", to)
	}
	s.reachable(pt, call, to, args)
}

// declaredCallees does the same for a call through a pointer whose callees
// points-to knows.
func (s *scan) declaredCallees(pt ir.Point, call ir.User, args []value.Value) {
	fns, _ := s.calls.CalleesAt(pt)
	for _, f := range fns {
		if !f.IsDecl() {
			continue
		}
		if c, ok := call.(*llir.InstCall); ok {
			if sum, ok := ir.WriteFunc(f.LL); ok {
				s.library(pt, c, f.LL, &sum)
				continue
			}
		}
		for _, a := range args {
			s.given(pt, call, f.Name(), ir.Unwrap(a), "gets it", OutsideCall{Callee: f.Name()})
		}
	}
}

// onlyReads reports whether a function, or a call of it, is declared to write no
// memory.
func onlyReads(f *llir.Func, call ir.User) bool {
	attrs := f.FuncAttrs
	if c, ok := call.(*llir.InstCall); ok {
		attrs = append(slices.Clip(attrs), c.FuncAttrs...)
	}
	return slices.ContainsFunc(attrs, func(a llir.FuncAttribute) bool {
		for {
			switch x := a.(type) {
			case *llir.AttrGroupDef:
				return slices.ContainsFunc(x.FuncAttrs, isReadOnly)
			default:
				return isReadOnly(a)
			}
		}
	})
}

func isReadOnly(a llir.FuncAttribute) bool {
	s, ok := a.(fmt.Stringer)
	return ok && (s.String() == "readnone" || s.String() == "readonly")
}

// given makes a row for each term that code which is not there gets a pointer to; to says
// when it counts.
func (s *scan) given(pt ir.Point, call ir.User, name string, arg value.Value, does string, to OutsideCall) {
	ptr, isPtr := arg.Type().(*types.PointerType)
	if !isPtr {
		return
	}
	for _, t := range s.targets {
		how, ok := s.leadsTo(t, ptr, arg)
		if !ok {
			continue
		}
		who := "a function called through a pointer"
		if name != "" {
			who = "'" + name + "'"
		}
		row := s.row(t, pt, NotVisible, ByCall, fmt.Sprintf("%s is not visible, and %s: %s", who, does, how))
		warning := s.warning(t, pt, WarnNotVisible, fmt.Sprintf("%s is passed to %s, which is not visible", how, who))
		warning.Hint = "what it writes cannot be guarded"
		s.unseen(to, row, &warning)
	}
}

// unseen enters a row of class NotVisible, and its warning.
func (s *scan) unseen(to OutsideCall, row Row, w *Warning) {
	if to.Callee == "" && to.Proto == "" {
		s.sum.Rows = append(s.sum.Rows, row)
		s.sum.Warnings = append(s.sum.Warnings, *w)
		return
	}
	s.sum.Calls = append(s.sum.Calls,
		OutsideCall{Callee: to.Callee, Proto: to.Proto, Row: &row}, OutsideCall{Callee: to.Callee, Proto: to.Proto, Warning: w})
}

// leadsTo reports whether a pointer may point to the term, or to other bytes of
// its instance, and says as what.
func (s *scan) leadsTo(t *target, ptr *types.PointerType, arg value.Value) (string, bool) {
	unknown := false
	inside := ""
	for _, p := range s.tr.trace(arg) {
		if t.global != nil && p.root == value.Value(t.global) {
			return "the address of '" + t.head() + "'", true
		}
		other := false
		for _, v := range p.views {
			switch t.viewRelation(v, 1) {
			case relBeside:
				c := t.typeOf(v)
				if t.holds(c) {
					return "a pointer to " + recordOfType(c), true
				}
				inside = "a pointer to " + recordOfType(c) + ", which may be a part of " + t.head()
			case relOther:
				other = other || !v.loose && !(v.object && s.retyped(t, p.root))
			}
		}
		switch p.root.(type) {
		case *llir.Func:
			other = true
		case *llir.Global, *llir.InstAlloca:
			if !s.storage(t, p.root) {
				other = true
			}
		}
		unknown = unknown || !other
	}
	if inside == "" && (!unknown || !s.couldPointInto(t, ptr)) {
		return "", false
	}
	if s.points != nil {
		if _, disjoint := s.elsewhere(t, arg, farEnd); disjoint {
			return "", false
		}
	} else if t.global != nil && !s.addressTaken[t.global] && isLocal(t.global.Linkage) {
		return "", false
	}
	if inside != "" {
		return inside, true
	}
	return fmt.Sprintf("a pointer '%s' of unknown origin", t.names.IRType(ptr)), true
}

// couldPointInto reports whether a pointer of a type may point to the term by its
// type: it points to bytes, to nothing particular, or to what the term holds.
func (s *scan) couldPointInto(t *target, ptr *types.PointerType) bool {
	switch e := ptr.ElemType.(type) {
	case *types.IntType:
		return e.BitSize == 8 || t.blind || s.prog.Layout.Size(e) == t.end-t.off || t.leaf != nil && !t.leaf.IsScalar()
	case *types.FloatType:
		return t.blind || t.leaf == nil || t.leaf.Kind == ir.CFloat || !t.leaf.IsScalar()
	case *types.PointerType:
		return t.blind || t.leaf == nil || t.leaf.Kind == ir.CPointer || !t.leaf.IsScalar()
	case *types.FuncType:
		return false
	case *types.StructType:
		return e.Opaque && e.Name() == "" || t.typeRelation(e) == relUnknown
	}
	return true
}

// reachable makes one row a callee if it may find an instance without getting a
// pointer to it: through another record, or by the name of a variable.
func (s *scan) reachable(pt ir.Point, call ir.User, to OutsideCall, args []value.Value) {
	name := to.Callee
	for _, t := range s.targets {
		if t.blind || s.reachDone[reachKey{t, name, to.Proto}] {
			continue
		}
		why := ""
		for _, a := range args {
			if ptr, ok := ir.Unwrap(a).Type().(*types.PointerType); ok && why == "" {
				if c := t.names.IRType(ptr.ElemType); t.leads(c) || isVoidPointer(ptr.ElemType) {
					why = "can reach it through " + first(recordOfType(c), fmt.Sprintf("a pointer '%s'", t.names.IRType(ptr)))
				}
			}
		}
		if c, ok := call.(*llir.InstCall); ok && why == "" && s.pointsToInstance(t, c.Type()) && !isAllocation(c) {
			why = "returns a pointer to one, so it knows it"
		}
		if g := s.named(t); why == "" && g != "" && name != "" {
			why = "can name the variable '" + g + "'"
		}
		if why == "" {
			continue
		}
		s.reachDone[reachKey{t, name, to.Proto}] = true
		who := "a function called through a pointer"
		if name != "" {
			who = "'" + name + "'"
		}
		row := s.row(t, pt, NotVisible, ByCall, fmt.Sprintf("%s is not visible, and %s; this is the first of its calls", who, why))
		s.sum.Calls = append(s.sum.Calls, OutsideCall{Callee: name, Proto: to.Proto, Once: true, Row: &row})
	}
}

// isVoidPointer reports whether t is void *, or an array of such, in the IR: it may be char * as well.
func isVoidPointer(t types.Type) bool {
	if a, ok := t.(*types.ArrayType); ok {
		t = a.ElemType
	}
	p, ok := t.(*types.PointerType)
	return ok && p.ElemType.Equal(types.I8)
}

// leads reports whether pointers in an object of type c, or such to void, may lead to instances of
// the term's record, in any number of steps.
func (t *target) leads(c *ir.CType) bool {
	if t.global != nil {
		return false
	}
	seen := make(map[*ir.CType]bool)
	var visit func(c *ir.CType, direct bool) bool
	visit = func(c *ir.CType, direct bool) bool {
		if c == nil || seen[c] {
			return false
		}
		seen[c] = true
		switch {
		case c.Kind == ir.CPointer:
			return c.Elem == nil || c.Elem.Kind == ir.CVoid || visit(c.Elem, false)
		case c.Kind == ir.CArray:
			return visit(c.Elem, direct)
		case c.Kind == ir.CFunc:
			return visit(c.Elem, direct)
		case c.IsRecord():
			if !direct && t.holds(c) {
				return true
			}
			for _, f := range c.Fields {
				if visit(f.Type, direct) {
					return true
				}
			}
		}
		return false
	}
	if r, ok := t.leading[c]; ok {
		return r
	}
	r := visit(c, true)
	t.leading[c] = r
	return r
}

// named is a variable (D8) that other modules can name and that is, holds or points to
// what the term is in; empty if there is none, or if the module is the whole program.
func (s *scan) named(t *target) string {
	if s.cfg.Whole {
		return ""
	}
	if !t.namedDone {
		t.namedDone = true
		for _, g := range s.prog.Module.Globals {
			if isLocal(g.Linkage) || g.Immutable || strings.HasPrefix(g.Name(), "llvm.") {
				continue
			}
			if t.global != nil {
				if g == t.global {
					t.named = t.head()
				}
				continue
			}
			_, c := t.names.Global(g.Name())
			if c != nil && (t.holds(c) || t.leads(c)) {
				t.named = t.names.ValueName(g)
				break
			}
		}
	}
	return t.named
}
