package ir

// This file holds DebugInfo: names and C types of globals, enumerators and
// structs.

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// DebugInfo answers questions about C names and types. Where the module has no
// debug information for a name (none at all, or the name is of an `extern`
// declaration), it answers with the names and types of the IR: a struct whose
// name debug information knows is complete all the same, other structs have
// members without names, and integers are signed.
//
// It reads on demand: types when they are asked for, the variables of a
// function when something of that function is asked for.
type DebugInfo struct {
	prog *Program
	any  bool // the module has a compile unit

	types    map[metadata.Field]*CType // by node
	copies   []typeCopy                // qualified copies of types that were not complete
	depth    int                       // of ctype
	irTypes  map[types.Type]*CType
	irByName map[string]*types.StructType

	tags     *tagIndex
	globals  map[string][]globalVar
	vars     map[*llir.Func]map[value.Value]string
	allNames map[value.Value]string
}

// A globalVar is a variable with static storage.
type globalVar struct {
	global *llir.Global
	name   string                  // in C
	typ    metadata.Field          // nil without debug information
	unit   *metadata.DICompileUnit // nil without
	local  *metadata.DISubprogram  // of a static local
}

// tagIndex holds what is found by one pass over the metadata.
type tagIndex struct {
	records  map[string][]*metadata.DICompositeType // definitions of structs and unions
	enums    map[string]*metadata.DICompositeType
	typedefs map[string]*metadata.DIDerivedType
	consts   map[string]int64 // enumerators and, with -fdebug-macro, macros that are numbers
	names    []string         // of consts, sorted
}

// Debug returns the debug information of p, nil if the module has none.
func (p *Program) Debug() *DebugInfo {
	if d := p.Names(); d.any {
		return d
	}
	return nil
}

// Names is Debug for modules with and without debug information; it is never
// nil.
func (p *Program) Names() *DebugInfo {
	if p.debug == nil {
		units := p.Module.NamedMetadataDefs["llvm.dbg.cu"]
		p.debug = &DebugInfo{
			prog: p, any: units != nil && len(units.Nodes) > 0,
			types: make(map[metadata.Field]*CType), irTypes: make(map[types.Type]*CType),
			vars: make(map[*llir.Func]map[value.Value]string),
		}
	}
	return p.debug
}

// index makes d.tags.
func (d *DebugInfo) index() *tagIndex {
	if d.tags != nil {
		return d.tags
	}
	x := &tagIndex{
		records: make(map[string][]*metadata.DICompositeType), enums: make(map[string]*metadata.DICompositeType),
		typedefs: make(map[string]*metadata.DIDerivedType), consts: make(map[string]int64),
	}
	macros := make(map[string]string)
	for _, def := range d.prog.Module.MetadataDefs {
		switch n := def.(type) {
		case *metadata.DICompositeType:
			x.composite(n)
		case *metadata.DIDerivedType:
			if n.Tag == enum.DwarfTagTypedef && x.typedefs[n.Name] == nil {
				x.typedefs[n.Name] = n
			}
		case *metadata.DIMacro:
			macros[n.Name] = n.Value
		}
	}
	for name, text := range macros {
		if _, ok := x.consts[name]; ok {
			continue
		}
		if v, ok := macroValue(text); ok {
			x.consts[name] = v
		}
	}
	for name := range x.consts {
		x.names = append(x.names, name)
	}
	sort.Strings(x.names)
	d.tags = x
	return x
}

// composite enters a struct, union or enumeration.
func (x *tagIndex) composite(n *metadata.DICompositeType) {
	switch n.Tag {
	case enum.DwarfTagStructureType, enum.DwarfTagUnionType, enum.DwarfTagClassType:
		if n.Name != "" && n.Flags&enum.DIFlagFwdDecl == 0 {
			x.records[n.Name] = append(x.records[n.Name], n)
		}
	case enum.DwarfTagEnumerationType:
		if n.Name != "" && x.enums[n.Name] == nil && n.Flags&enum.DIFlagFwdDecl == 0 {
			x.enums[n.Name] = n
		}
		for _, e := range enumerators(n) {
			if _, ok := x.consts[e.Name]; !ok {
				x.consts[e.Name] = e.Value
			}
		}
	}
}

func enumerators(n *metadata.DICompositeType) []CEnumerator {
	var es []CEnumerator
	if n.Elements == nil {
		return nil
	}
	for _, f := range n.Elements.Fields {
		if e, ok := f.(*metadata.DIEnumerator); ok {
			es = append(es, CEnumerator{Name: e.Name, Value: e.Value})
		}
	}
	return es
}

// macroValue reads the body of a macro that is an integer constant.
func macroValue(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	for strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
		text = strings.TrimSpace(text[1 : len(text)-1])
	}
	text = strings.TrimRight(text, "uUlL")
	if strings.ContainsAny(text, "_oObB") && !strings.HasPrefix(text, "0x") {
		return 0, false // digits as Go has them and C does not
	}
	v, err := strconv.ParseInt(text, 0, 64)
	return v, err == nil
}

// Enumerator is the value of an enumeration constant, or of a macro that is an
// integer constant if the module was compiled with -fdebug-macro.
func (d *DebugInfo) Enumerator(name string) (int64, bool) {
	v, ok := d.index().consts[name]
	return v, ok
}

// Enumerators are the names that Enumerator finds, sorted. The slice must not
// be changed.
func (d *DebugInfo) Enumerators() []string { return d.index().names }

// Struct finds a struct or union by its tag, nil if there is none. Where
// several files define it, the first definition in the module counts.
func (d *DebugInfo) Struct(name string) *CType {
	if defs := d.index().records[name]; len(defs) > 0 {
		return d.ctype(defs[0])
	}
	return nil
}

// Records are the structs and unions that the module defines, by tag or by the name
// that a typedef gives them, in the order of these names.
func (d *DebugInfo) Records() []*CType {
	x := d.index()
	var all []*CType
	var names []string
	for name := range x.records {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		for _, def := range x.records[name] {
			all = append(all, d.ctype(def))
		}
	}
	names = names[:0]
	for name := range x.typedefs {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if t := d.Typedef(name); t.IsRecord() && t.Name == "" {
			all = append(all, t)
		}
	}
	return all
}

// RecordsOf are the structs and unions that the module defines by a tag, several if blocks or
// linked modules have their own.
func (d *DebugInfo) RecordsOf(tag string) []*CType {
	var all []*CType
	for _, def := range d.index().records[tag] {
		all = append(all, d.ctype(def))
	}
	return all
}

// Unions are the unions that the module defines, with a tag or without.
func (d *DebugInfo) Unions() []*CType {
	var all []*CType
	for _, def := range d.prog.Module.MetadataDefs {
		if n, ok := def.(*metadata.DICompositeType); ok && n.Tag == enum.DwarfTagUnionType && n.Flags&enum.DIFlagFwdDecl == 0 {
			all = append(all, d.ctype(n))
		}
	}
	return all
}

// Units is the number of compile units: it is more than one if modules have been
// linked.
func (d *DebugInfo) Units() int {
	if units := d.prog.Module.NamedMetadataDefs["llvm.dbg.cu"]; units != nil {
		return len(units.Nodes)
	}
	return 0
}

// Enum finds an enumeration by its tag, nil if there is none.
func (d *DebugInfo) Enum(name string) *CType {
	if n := d.index().enums[name]; n != nil {
		return d.ctype(n)
	}
	return nil
}

// Typedef finds the type that a typedef names, nil if there is none.
func (d *DebugInfo) Typedef(name string) *CType {
	if n := d.index().typedefs[name]; n != nil {
		return d.ctype(n)
	}
	return nil
}

// globalIndex makes d.globals: variables by C name, definitions first.
func (d *DebugInfo) globalIndex() map[string][]globalVar {
	if d.globals != nil {
		return d.globals
	}
	d.globals = make(map[string][]globalVar)
	for _, g := range d.prog.Module.Globals {
		v := globalVar{global: g, name: g.Name()}
		for _, a := range g.Metadata {
			e, ok := a.Node.(*metadata.DIGlobalVariableExpression)
			if !ok || a.Name != "dbg" || len(e.Expr.Fields) > 0 {
				continue // an expression tells that the variable is in pieces
			}
			v.typ = e.Var.Type
			v.name = e.Var.Name
			v.local, v.unit = scopeOf(e.Var.Scope)
		}
		d.globals[v.name] = append(d.globals[v.name], v)
		if ir := g.Name(); ir != v.name {
			d.globals[ir] = append(d.globals[ir], v)
		}
	}
	return d.globals
}

// scopeOf finds the function and the unit that a scope lies in.
func scopeOf(scope metadata.Field) (*metadata.DISubprogram, *metadata.DICompileUnit) {
	for range 100 {
		switch s := scope.(type) {
		case *metadata.DISubprogram:
			return s, s.Unit
		case *metadata.DILexicalBlock:
			scope = s.Scope
		case *metadata.DILexicalBlockFile:
			scope = s.Scope
		case *metadata.DICompileUnit:
			return nil, s
		default:
			return nil, nil
		}
	}
	return nil, nil
}

// Global finds a global variable by its IR name, which linking makes different for static
// variables of one name, or its C name; nil if there is none. Variables at file scope come
// before static locals.
func (d *DebugInfo) Global(name string) (*llir.Global, *CType) { return d.GlobalIn(nil, name) }

// GlobalIn finds the variable with static storage that name means inside f: a
// static local of f, a variable of f's own file, one that has this name in the IR, as what
// other files can name does, then any other.
func (d *DebugInfo) GlobalIn(f *llir.Func, name string) (*llir.Global, *CType) {
	var sub *metadata.DISubprogram
	var unit *metadata.DICompileUnit
	if f != nil {
		if sub = subprogram(f); sub != nil {
			unit = sub.Unit
		}
	}
	var best *globalVar
	rank := -1
	vars := d.globalIndex()[name]
	for i := range vars {
		v, r := &vars[i], 1
		switch {
		case f == nil && v.global.Name() == name:
			r = 4
		case v.local != nil && v.local == sub:
			r = 3
		case v.local != nil:
			r = 0
		case v.unit != nil && v.unit == unit:
			r = 2
		}
		if r > rank || r == rank && v.global.Name() == name {
			best, rank = v, r
		}
	}
	if best == nil {
		return nil, nil
	}
	if best.typ == nil {
		return best.global, d.IRType(best.global.ContentType)
	}
	return best.global, d.ctype(best.typ)
}

// GlobalsOf are the variables at file scope that C calls name, in the module's order: several if
// linked modules have static ones. Global tells the type of each by its name in the IR.
func (d *DebugInfo) GlobalsOf(name string) []*llir.Global {
	var all []*llir.Global
	for _, v := range d.globalIndex()[name] {
		if v.local == nil && v.name == name {
			all = append(all, v.global)
		}
	}
	return all
}

// Globals are the names that Global finds, sorted.
func (d *DebugInfo) Globals() []string {
	var names []string
	for name := range d.globalIndex() {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// subprogram is the debug information of f, nil if it has none.
func subprogram(f *llir.Func) *metadata.DISubprogram {
	for _, a := range f.Metadata {
		if sp, ok := a.Node.(*metadata.DISubprogram); ok && a.Name == "dbg" {
			return sp
		}
	}
	return nil
}

// String tells how much there is, for logs.
func (d *DebugInfo) String() string {
	x := d.index()
	return fmt.Sprintf("%d structs and unions, %d typedefs, %d constants", len(x.records), len(x.typedefs), len(x.consts))
}
