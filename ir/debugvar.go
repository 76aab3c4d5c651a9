package ir

// This file reads the variables of functions from llvm.dbg.value and
// llvm.dbg.declare.

import (
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	llir "github.com/llir/llvm/ir"
)

// A CParam is a parameter of a C function.
type CParam struct {
	Name  string
	Type  *CType
	Param *llir.Param // nil if clang passes it in pieces, or dropped it
	// ByVal tells that Param points to the caller's copy of a struct.
	ByVal bool
}

// A dbgVar is one llvm.dbg.value or llvm.dbg.declare.
type dbgVar struct {
	val     value.Value
	local   *metadata.DILocalVariable
	declare bool // val is the address of the variable
	whole   bool // val is the variable itself, not a piece or function of it
}

// dbgCall reads a call to llvm.dbg.value or llvm.dbg.declare.
func dbgCall(inst llir.Instruction) (v dbgVar, ok bool) {
	call, ok := inst.(*llir.InstCall)
	if !ok || len(call.Args) < 3 {
		return dbgVar{}, false
	}
	f, ok := call.Callee.(*llir.Func)
	if !ok {
		return dbgVar{}, false
	}
	switch f.Name() {
	case "llvm.dbg.value":
	case "llvm.dbg.declare":
		v.declare = true
	default:
		return dbgVar{}, false
	}
	if m, isMeta := Unwrap(call.Args[0]).(*metadata.Value); isMeta {
		v.val, _ = m.Value.(value.Value)
	}
	if m, isMeta := Unwrap(call.Args[1]).(*metadata.Value); isMeta {
		v.local, _ = m.Value.(*metadata.DILocalVariable)
	}
	if m, isMeta := Unwrap(call.Args[2]).(*metadata.Value); isMeta {
		e, isExpr := m.Value.(*metadata.DIExpression)
		v.whole = isExpr && len(e.Fields) == 0
	}
	return v, v.val != nil && v.local != nil
}

// Params are the C parameters of f in order. Without debug information that
// tells them they are the IR's.
func (d *DebugInfo) Params(f *llir.Func) []CParam {
	sp := subprogram(f)
	if sp == nil {
		return d.irParams(f)
	}
	var ps []CParam
	if st, ok := sp.Type.(*metadata.DISubroutineType); ok && st.Types != nil && len(st.Types.Fields) > 0 {
		for _, t := range st.Types.Fields[1:] {
			if _, isNull := t.(*metadata.NullLit); isNull || t == nil {
				continue // the ellipsis
			}
			ps = append(ps, CParam{Type: d.ctype(t)})
		}
	}
	if sp.RetainedNodes != nil {
		for _, n := range sp.RetainedNodes.Fields {
			if v, ok := n.(*metadata.DILocalVariable); ok && v.Arg > 0 && v.Arg <= uint64(len(ps)) {
				ps[v.Arg-1].Name = v.Name
			}
		}
	}
	if !d.matchParams(f, sp, ps) && !d.matchByPlace(f, ps) {
		// Such as a residual function with a struct in pieces.
		return d.irParams(f)
	}
	return ps
}

// irParams are the parameters as the IR has them.
func (d *DebugInfo) irParams(f *llir.Func) []CParam {
	var ps []CParam
	for _, p := range f.Params {
		c := CParam{Type: d.IRType(p.Typ), Param: p}
		if !p.IsUnnamed() {
			c.Name = p.Name()
		}
		if byVal(p) {
			c.ByVal, c.Type = true, c.Type.Elem
		}
		ps = append(ps, c)
	}
	return ps
}

// byVal reports whether p points to a copy that the caller makes.
func byVal(p *llir.Param) bool {
	for _, a := range p.Attrs {
		if _, ok := a.(llir.Byval); ok {
			return true
		}
	}
	return false
}

// matchParams finds the IR parameter of each C parameter by what
// llvm.dbg.value and llvm.dbg.declare say in the entry block. It reports
// whether they say anything of parameters, so that those without are in pieces
// or dropped.
func (d *DebugInfo) matchParams(f *llir.Func, sp *metadata.DISubprogram, ps []CParam) (found bool) {
	if len(f.Blocks) == 0 {
		return false
	}
	entry := f.Blocks[0]
	stored := make(map[value.Value]*llir.Param) // the parameter that a stack slot is initialized with
	for _, inst := range entry.Insts {
		if st, ok := inst.(*llir.InstStore); ok {
			if p := paramOf(st.Src); p != nil && stored[st.Dst] == nil {
				stored[st.Dst] = p
			}
		}
	}
	for _, inst := range entry.Insts {
		v, ok := dbgCall(inst)
		if !ok || v.local.Arg == 0 || v.local.Arg > uint64(len(ps)) || v.local.Scope != metadata.Field(sp) {
			continue
		}
		if loc := DebugLoc(inst); loc != nil && loc.InlinedAt != nil {
			continue // of a recursive call that was inlined
		}
		found = true
		c := &ps[v.local.Arg-1]
		c.Name = v.local.Name
		if !v.whole || c.Param != nil {
			continue
		}
		p := paramOf(v.val)
		if v.declare {
			if p != nil {
				c.ByVal = byVal(p)
				if !c.ByVal {
					p = nil // such as the memory of the result
				}
			} else {
				p = stored[v.val]
			}
		}
		if p != nil && (c.ByVal || d.passes(c.Type, p.Typ)) {
			c.Param = p
		}
	}
	return found
}

// paramOf is the parameter that v is, through the extension that clang makes
// of a _Bool.
func paramOf(v value.Value) *llir.Param {
	if z, ok := v.(*llir.InstZExt); ok && z.From.Type().Equal(types.I1) {
		v = z.From
	}
	p, _ := v.(*llir.Param)
	return p
}

// matchByPlace pairs C and IR parameters by position, where the numbers and
// types agree, and reports whether they do.
func (d *DebugInfo) matchByPlace(f *llir.Func, ps []CParam) bool {
	var ir []*llir.Param
	for _, p := range f.Params {
		sret := false
		for _, a := range p.Attrs {
			if _, ok := a.(llir.SRet); ok {
				sret = true
			}
		}
		if !sret {
			ir = append(ir, p)
		}
	}
	if len(ir) != len(ps) {
		return false
	}
	for i := range ps {
		if byVal(ir[i]) != ps[i].Type.IsRecord() || !byVal(ir[i]) && !d.passes(ps[i].Type, ir[i].Typ) {
			return false
		}
	}
	for i := range ps {
		ps[i].Param, ps[i].ByVal = ir[i], byVal(ir[i])
		if ps[i].Name == "" && !ir[i].IsUnnamed() {
			ps[i].Name = ir[i].Name()
		}
	}
	return true
}

// passes reports whether a C value of type c is passed as one IR value of
// type t.
func (d *DebugInfo) passes(c *CType, t types.Type) bool {
	switch t := t.(type) {
	case *types.IntType:
		return c.IsInteger() && (int64(t.BitSize) == c.Size*8 || t.BitSize == 1 && c.Kind == CBool)
	case *types.PointerType:
		return c.Kind == CPointer || c.Kind == CArray || c.Kind == CFunc
	case *types.FloatType:
		return c.Kind == CFloat
	}
	return false
}

// Vars are the C variables of f by the IR values that hold them, or their
// addresses for variables in memory. Of several variables with one value, the
// first counts, and parameters come first. The map must not be changed.
func (d *DebugInfo) Vars(f *llir.Func) map[value.Value]string {
	if m, ok := d.vars[f]; ok {
		return m
	}
	m := make(map[value.Value]string)
	for _, p := range d.Params(f) {
		if p.Param != nil && p.Name != "" {
			m[p.Param] = p.Name
		}
	}
	for _, b := range f.Blocks {
		for _, inst := range b.Insts {
			v, ok := dbgCall(inst)
			if !ok || !v.whole {
				continue
			}
			if _, isConst := v.val.(constant.Constant); isConst {
				continue
			}
			if _, named := m[v.val]; !named {
				m[v.val] = v.local.Name
			}
		}
	}
	d.vars[f] = m
	return m
}

// ValueName is the C variable whose value v is, or whose address for stack
// slots and globals; empty if not known. Vars is cheaper for one function.
func (d *DebugInfo) ValueName(v value.Value) string {
	switch v := v.(type) {
	case *llir.Global:
		for _, a := range v.Metadata {
			if e, ok := a.Node.(*metadata.DIGlobalVariableExpression); ok {
				return e.Var.Name
			}
		}
		return v.Name()
	case *llir.Func:
		if sp := subprogram(v); sp != nil {
			return sp.Name
		}
		return v.Name()
	case constant.Constant:
		return ""
	}
	if d.allNames == nil {
		d.allNames = make(map[value.Value]string)
		for _, f := range d.prog.Module.Funcs {
			for v, name := range d.Vars(f) {
				d.allNames[v] = name
			}
		}
	}
	return d.allNames[v]
}
