package ir

// This file holds what changes a module: copies of instructions, fresh names,
// renaming, and the numbers of unnamed locals.

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// CloneInst copies an instruction. The copy has no name, and shares no slice,
// phi edge, call argument wrapper, operand bundle or landingpad clause with the
// original, so its operands can be replaced through Operands; the operands
// themselves, types and metadata nodes are shared.
func CloneInst(inst llir.Instruction) llir.Instruction {
	return cloneNode(inst).(llir.Instruction)
}

// CloneTerm copies a terminator as CloneInst does; switch cases are not shared
// either. The copy has no cached successors, so its targets may be replaced.
func CloneTerm(term llir.Terminator) llir.Terminator {
	return cloneNode(term).(llir.Terminator)
}

// A clonePlan lists the fields of one node type that need more than a plain
// copy. llir has some seventy node types; a plan read off the type once cannot
// forget a field of one of them.
type clonePlan struct {
	clear  []int // LocalIdent and Successors
	slices []int
}

var clonePlans sync.Map // reflect.Type -> *clonePlan

func planOf(t reflect.Type) *clonePlan {
	if p, ok := clonePlans.Load(t); ok {
		return p.(*clonePlan)
	}
	p := new(clonePlan)
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case f.Name == "LocalIdent" || f.Name == "Successors":
			p.clear = append(p.clear, i)
		case f.Type.Kind() == reflect.Slice:
			p.slices = append(p.slices, i)
		}
	}
	clonePlans.Store(t, p)
	return p
}

func cloneNode(node any) any {
	old := reflect.ValueOf(node).Elem()
	plan := planOf(old.Type())
	ptr := reflect.New(old.Type())
	fresh := ptr.Elem()
	fresh.Set(old)
	for _, i := range plan.clear {
		fresh.Field(i).SetZero()
	}
	for _, i := range plan.slices {
		f := fresh.Field(i)
		if f.Len() == 0 {
			continue
		}
		dup := reflect.MakeSlice(f.Type(), f.Len(), f.Len())
		reflect.Copy(dup, f)
		f.Set(dup)
		cloneElems(dup.Interface())
	}
	return ptr.Interface()
}

// cloneElems copies the elements of a slice that themselves hold operands.
func cloneElems(slice any) {
	switch s := slice.(type) {
	case []value.Value:
		for i, v := range s {
			if a, ok := v.(*llir.Arg); ok {
				s[i] = &llir.Arg{Value: a.Value, Attrs: append([]llir.ParamAttribute(nil), a.Attrs...)}
			}
		}
	case []*llir.Incoming:
		for i, inc := range s {
			s[i] = &llir.Incoming{X: inc.X, Pred: inc.Pred}
		}
	case []*llir.Case:
		for i, c := range s {
			s[i] = &llir.Case{X: c.X, Target: c.Target}
		}
	case []*llir.OperandBundle:
		for i, b := range s {
			s[i] = &llir.OperandBundle{Tag: b.Tag, Inputs: append([]value.Value(nil), b.Inputs...)}
		}
	case []*llir.Clause:
		for i, c := range s {
			s[i] = &llir.Clause{Type: c.Type, X: c.X}
		}
	}
}

// ForgetSuccs drops the successors that llir caches in term. Call it after
// replacing a target.
func ForgetSuccs(term llir.Terminator) {
	if f := reflect.ValueOf(term).Elem().FieldByName("Successors"); f.IsValid() {
		f.SetZero()
	}
}

// SetName names a local value, if it can have a name: an instruction or
// terminator with a result, a parameter or a block.
func SetName(v any, name string) {
	if n, ok := v.(value.Named); ok && !n.Type().Equal(types.Void) {
		n.SetName(name)
	}
}

// ResetLocalIDs numbers the unnamed parameters, blocks and results of f in
// textual order. After an edit the old numbers are stale and llir refuses to
// print; Fprint calls this for every function.
func ResetLocalIDs(f *llir.Func) {
	id := int64(0)
	number := func(v any) {
		n, ok := v.(interface {
			value.Named
			IsUnnamed() bool
			SetID(int64)
		})
		if ok && n.IsUnnamed() && !n.Type().Equal(types.Void) {
			n.SetID(id)
			id++
		}
	}
	for _, p := range f.Params {
		number(p)
	}
	for _, b := range f.Blocks {
		number(b)
		for _, inst := range b.Insts {
			number(inst)
		}
		number(b.Term)
	}
}

// resetGlobalIDs numbers unnamed globals in the order llir prints them.
func resetGlobalIDs(m *llir.Module) {
	id := int64(0)
	number := func(g *llir.GlobalIdent) {
		if g.IsUnnamed() {
			g.SetID(id)
			id++
		}
	}
	for _, g := range m.Globals {
		number(&g.GlobalIdent)
	}
	for _, a := range m.Aliases {
		number(&a.GlobalIdent)
	}
	for _, i := range m.IFuncs {
		number(&i.GlobalIdent)
	}
	for _, f := range m.Funcs {
		number(&f.GlobalIdent)
	}
}

// RenameFunc gives f a new name; every reference follows, since references are
// pointers. It panics if another global has that name.
func (p *Program) RenameFunc(f *llir.Func, name string) {
	if f.GlobalName == name {
		return
	}
	taken := p.globalNames().taken
	if taken[name] {
		panic(fmt.Sprintf("ir: RenameFunc: @%s exists", name))
	}
	delete(taken, f.GlobalName)
	taken[name] = true
	f.SetName(name)
}

// FreshName returns a name that no global of the module has: prefix itself, or
// prefix followed by a dot and the first free number. The name is reserved.
func (p *Program) FreshName(prefix string) string {
	return p.globalNames().fresh(prefix)
}

// DropFuncs removes the functions of the module from number n on, which nothing
// refers to, and frees their names.
func (p *Program) DropFuncs(n int) {
	taken := p.globalNames().taken
	for _, f := range p.Module.Funcs[n:] {
		delete(taken, f.GlobalName)
	}
	clear(p.Module.Funcs[n:])
	p.Module.Funcs = p.Module.Funcs[:n]
}

// globalNames is the set of taken names, read anew when globals were added to
// the module.
func (p *Program) globalNames() *nameSet {
	m := p.Module
	n := len(m.Globals) + len(m.Funcs) + len(m.Aliases) + len(m.IFuncs)
	if p.names.taken != nil && p.named == n {
		return &p.names
	}
	if p.names.taken == nil {
		p.names.taken = make(map[string]bool, n)
	}
	p.named = n
	taken := p.names.taken
	for _, g := range m.Globals {
		taken[g.GlobalName] = true
	}
	for _, f := range m.Funcs {
		taken[f.GlobalName] = true
	}
	for _, a := range m.Aliases {
		taken[a.GlobalName] = true
	}
	for _, i := range m.IFuncs {
		taken[i.GlobalName] = true
	}
	return &p.names
}

// LocalNames hands out names for the locals of one function.
type LocalNames struct{ nameSet }

// NewLocalNames starts with the names that f's parameters, blocks and results
// have now.
func NewLocalNames(f *llir.Func) *LocalNames {
	n := &LocalNames{nameSet{taken: make(map[string]bool)}}
	add := func(v any) {
		if v, ok := v.(interface {
			value.Named
			IsUnnamed() bool
		}); ok && !v.IsUnnamed() {
			n.taken[localName(v)] = true
		}
	}
	for _, p := range f.Params {
		add(p)
	}
	for _, b := range f.Blocks {
		add(b)
		for _, inst := range b.Insts {
			add(inst)
		}
		add(b.Term)
	}
	return n
}

// localName is v's name without the quotes llir puts around numeric ones.
func localName(v value.Named) string {
	name := v.Name()
	if len(name) > 2 && name[0] == '"' {
		if s, err := strconv.Unquote(name); err == nil {
			return s
		}
	}
	return name
}

// Fresh returns prefix, or prefix with a dot and a number, whichever is not
// taken, and takes it. An empty or numeric prefix becomes "v".
func (n *LocalNames) Fresh(prefix string) string {
	if strings.Trim(prefix, "0123456789") == "" {
		prefix = "v"
	}
	return n.fresh(prefix)
}

// A nameSet is names that are taken, and for each prefix the number to go on
// from, so that many names with one prefix do not cost a search each.
type nameSet struct {
	taken map[string]bool
	next  map[string]int
}

func (s *nameSet) fresh(prefix string) string {
	name := prefix
	for s.taken[name] {
		if s.next == nil {
			s.next = make(map[string]int)
		}
		s.next[prefix]++
		name = prefix + "." + strconv.Itoa(s.next[prefix])
	}
	s.taken[name] = true
	return name
}
