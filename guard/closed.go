package guard

// This file is about programs of which all modules are given (D16): what calls through
// pointers can reach outside.

import (
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// An Outsider is a function in no module that a call through a pointer may reach: its
// address is taken, or a function in no module returns it.
type Outsider struct {
	Name  string `json:"name,omitempty"`  // of one whose address is taken
	From  string `json:"from,omitempty"`  // what returns it
	Proto string `json:"proto,omitempty"` // see protoOf; empty: any
}

// protoOf is a prototype as far as a register holds: i32 ptr,i64 for an int f(char *,
// long), with ... at the end.
func protoOf(sig *types.FuncType) string {
	word := func(t types.Type) string {
		if _, ok := t.(*types.PointerType); ok {
			return "ptr"
		}
		return strings.ReplaceAll(t.LLString(), " ", "")
	}
	var params []string
	for _, p := range sig.Params {
		params = append(params, word(p))
	}
	if sig.Variadic {
		params = append(params, "...")
	}
	return word(sig.RetType) + " " + strings.Join(params, ",")
}

// fits reports whether a call by one prototype may reach a function of another, as ir.Fits
// does: it looks at the result, or not, and a call without a prototype may pass more.
func fits(call, f string) bool {
	if f == "" {
		return true
	}
	callRet, callParams, _ := strings.Cut(call, " ")
	ret, params, _ := strings.Cut(f, " ")
	if callRet != "void" && callRet != ret {
		return false
	}
	passed, callVariadic := strings.CutSuffix(callParams, "...")
	taken, variadic := strings.CutSuffix(params, "...")
	switch {
	case callVariadic:
		return strings.HasPrefix(taken, passed) || strings.HasPrefix(passed, taken)
	case variadic:
		return strings.HasPrefix(passed+",", taken)
	}
	return passed == taken
}

// outsider enters a function in no module.
func (s *scan) outsider(o Outsider) {
	if !slices.Contains(s.sum.Outsiders, o) {
		s.sum.Outsiders = append(s.sum.Outsiders, o)
	}
}

// functionsIn enters the functions whose addresses a constant holds, but for those that write
// nothing that the program has.
func (s *scan) functionsIn(c constant.Constant) {
	switch c := c.(type) {
	case *llir.Func:
		switch {
		case len(c.Blocks) > 0 || strings.HasPrefix(c.Name(), "llvm."):
		case loads(c):
			s.outsider(Outsider{From: c.Name()})
		case writesSomething(c):
			s.outsider(Outsider{Name: c.Name(), Proto: protoOf(c.Sig)})
		}
	case *llir.Global, *constant.BlockAddress:
	case *llir.Alias:
		s.functionsIn(c.Aliasee)
	default:
		for _, op := range ir.ConstOperands(c) {
			s.functionsIn(op)
		}
	}
}

// loads reports whether f brings code into the program, which then has pointers to all of it.
func loads(f *llir.Func) bool { return f.Name() == "dlsym" || f.Name() == "dlvsym" }

// writesSomething reports whether a function in no module may write what an argument points to.
func writesSomething(f *llir.Func) bool {
	sum, ok := ir.WriteFunc(f)
	const writes = ir.ArgWrite | ir.ArgFree | ir.ArgCapture | ir.ArgCall | ir.ArgVaList
	return !ok || sum.Rest&writes != 0 || slices.ContainsFunc(sum.Args, func(e ir.ArgEffect) bool { return e&writes != 0 })
}

// outsidersAt enters what an instruction shows of functions in no module.
func (s *scan) outsidersAt(u ir.User) {
	var callee value.Value
	switch u := u.(type) {
	case *llir.InstCall:
		callee = u.Callee
	case *llir.TermInvoke:
		callee = u.Invokee
	case *llir.InstBitCast:
		s.castToFunction(u.From, u.To)
	case *llir.InstIntToPtr:
		s.castToFunction(u.From, u.To)
	}
	for _, op := range ir.Operands(u) {
		if c, ok := ir.Unwrap(*op).(constant.Constant); ok && value.Value(c) != callee {
			s.functionsIn(c)
		}
	}
	f, ok := callee.(*llir.Func)
	if !ok || len(f.Blocks) > 0 || strings.HasPrefix(f.Name(), "llvm.") {
		return
	}
	if loads(f) {
		s.outsider(Outsider{From: f.Name()})
	}
	if _, known := ir.WriteFunc(f); known {
		return
	}
	for _, sig := range functionTypes(f.Sig.RetType) {
		s.outsider(Outsider{From: f.Name(), Proto: protoOf(sig)})
	}
}

// castToFunction enters a pointer to a function that a cast makes of the result of a function
// in no module.
func (s *scan) castToFunction(from value.Value, to types.Type) {
	sigs := functionTypes(to)
	if len(sigs) == 0 {
		return
	}
	for _, p := range s.tr.trace(from) {
		call, ok := p.root.(*llir.InstCall)
		if !ok {
			continue
		}
		if f, ok := call.Callee.(*llir.Func); ok && len(f.Blocks) == 0 && !isAllocation(call) {
			for _, sig := range sigs {
				s.outsider(Outsider{From: f.Name(), Proto: protoOf(sig)})
			}
		}
	}
}

// functionTypes are the functions that a value of type t points to, or the records that it
// points to hold pointers to.
func functionTypes(t types.Type) (sigs []*types.FuncType) {
	for {
		ptr, ok := t.(*types.PointerType)
		if !ok {
			break
		}
		t = ptr.ElemType
		if sig, ok := t.(*types.FuncType); ok {
			return []*types.FuncType{sig}
		}
	}
	var members func(t types.Type)
	members = func(t types.Type) {
		switch x := t.(type) {
		case *types.ArrayType:
			members(x.ElemType)
		case *types.StructType:
			for _, f := range x.Fields {
				members(f)
			}
		case *types.PointerType:
			if sig, ok := x.ElemType.(*types.FuncType); ok {
				sigs = append(sigs, sig)
			}
		}
	}
	members(t)
	return sigs
}

// outsideProtos are the prototypes of the functions outside that calls through pointers may
// reach.
func outsideProtos(units []*Summary, defined map[string]bool) []string {
	var protos []string
	for _, u := range units {
		for _, o := range u.Outsiders {
			if !defined[o.Name] && (o.From == "" || !defined[o.From]) {
				protos = append(protos, o.Proto)
			}
		}
	}
	slices.Sort(protos)
	return slices.Compact(protos)
}
