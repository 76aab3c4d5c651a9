package guard

// This file finds the instance's member for guards that a write can test.

import (
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/spec"
)

// QuidTerm is the member for guards of the record that t is a member of, if guards can
// rely on it. Its writes
// need guards as well: after one the instance's locations would not be found any more.
func QuidTerm(p *ir.Program, t *spec.Term) (term Term, ok bool) {
	if t.Record == nil || t.Global != nil {
		return Term{}, false
	}
	head := headOf(t.Record)
	if _, ok := spec.QuidOffset(t.Record); !ok || head == "" || inUnion(p, head) {
		return Term{}, false
	}
	term, err := ParseTerm(headOf(t.Record) + "." + spec.QuidMember)
	return term, err == nil
}

// inUnion reports whether a record may lie in a union: then the program may have something
// else where an instance has its member for guards, which the run-time must not write.
func inUnion(p *ir.Program, head string) bool {
	for _, u := range p.Names().Unions() {
		if len(u.Fields) > 1 && slices.ContainsFunc(u.Fields, func(f ir.CField) bool { return holdsRecord(f.Type, head) }) {
			return true
		}
	}
	return false
}

// holdsRecord reports whether an object of type t has an instance of the record in it.
func holdsRecord(t *ir.CType, head string) bool {
	switch {
	case t == nil:
		return false
	case t.Kind == ir.CArray:
		return holdsRecord(t.Elem, head)
	case !t.IsRecord():
		return false
	}
	return headOf(t) == head || slices.ContainsFunc(t.Fields, func(f ir.CField) bool { return holdsRecord(f.Type, head) })
}

// recordOf is the record whose member all rows of an instruction name, each by the
// type of its getelementptr; empty if there is none.
func recordOf(rows []*Row) string {
	record := ""
	for _, r := range rows {
		head, _, member := strings.Cut(r.Term, ".")
		if !member || r.How != ByField || record != "" && record != head {
			return ""
		}
		record = head
	}
	return record
}

// quid emits the address of the member for guards of the instance that w writes to,
// nil if it has none. Only then does nothing but that member tell whether what is
// written is bound: the terms of w are all members of the record, and their locations
// are bound together with it.
func (in *inserter) quid(e *emitter, w *write) value.Value {
	g, off := in.quidField(w)
	if g == nil {
		return nil
	}
	base := value.Value(g.Src)
	if first, ok := offsetOf(in.prog.Layout, g.ElemType, g.Indices[:1]); !ok || first != 0 {
		base = e.emit(llir.NewGetElementPtr(g.ElemType, base, g.Indices[0]))
	}
	at := e.emit(llir.NewGetElementPtr(types.I8, e.pointer(base), i64(off)))
	return e.emit(llir.NewBitCast(at, types.NewPointer(types.I8Ptr)))
}

// quidField is the getelementptr from the instance that w writes to, and how far from
// its start the member for guards lies; nil if it has none.
func (in *inserter) quidField(w *write) (g *llir.InstGetElementPtr, off int64) {
	if !in.opts.Quid[w.record] || w.addr == nil {
		return nil, 0
	}
	g = fieldGEP(in.prog.Layout, w.addr)
	if g == nil {
		return nil, 0
	}
	st := g.ElemType.(*types.StructType)
	record := in.prog.Names().IRType(st)
	if st.Packed || record == nil || headOf(record) != w.record {
		return nil, 0
	}
	off, ok := spec.QuidOffset(record)
	if !ok {
		return nil, 0
	}
	return g, off
}

// quidInstance is where the instance begins whose member for guards a guard of w
// would look at, as baseOf has it; nil if it would look at none.
func (in *inserter) quidInstance(w *write) (base value.Value, off int64) {
	g, _ := in.quidField(w)
	if g == nil {
		return nil, 0
	}
	first, ok := offsetOf(in.prog.Layout, g.ElemType, g.Indices[:1])
	if !ok {
		return g, 0
	}
	base, off = baseOf(in.prog.Layout, g.Src)
	return base, off + first
}

// fieldGEP is the getelementptr that goes from an instance to addr, nil if steps
// after it may lead to another instance.
func fieldGEP(layout *ir.Layout, addr value.Value) *llir.InstGetElementPtr {
	for {
		switch a := addr.(type) {
		case *llir.InstBitCast:
			addr = a.From
		case *llir.InstGetElementPtr:
			if _, ok := a.ElemType.(*types.StructType); ok && len(a.Indices) > 1 {
				return a
			}
			if first, ok := offsetOf(layout, a.ElemType, a.Indices[:1]); !ok || first != 0 {
				return nil
			}
			addr = a.Src
		default:
			return nil
		}
	}
}

// headOf is how the text of a term begins that is a member of record.
func headOf(record *ir.CType) string {
	if record.Name == "" {
		return record.Typedef
	}
	return record.Kind.String() + " " + record.Name
}
