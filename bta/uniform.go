package bta

// This file holds the uniform division (Mode.Uniform), rules (U1) and (U2): one binding
// time a variable for the whole program, as C-Mix has it. Variables that are dynamic at
// some point are gathered between two runs of the forward analysis; in the next one
// no cell of theirs is static. The set only grows.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	irvalue "github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/spec"
)

// A variable is what rule (U1) gives one binding time: an object, or a field of a
// struct type.
type variable struct {
	obj   *ir.Object // nil for a field
	typ   string     // of a field: the struct type
	field int
}

// name is v for people.
func (u *uniform) name(v variable) string {
	if v.obj != nil {
		return objectText(u.prog, v.obj)
	}
	return "field " + itoa(int64(v.field)) + " of " + v.typ
}

// uniform is the state of rules (U1) and (U2); that it is there applies (U3) and (U4).
type uniform struct {
	*analysis
	dynamic map[variable]finding       // dynamic at some point
	types   map[place]types.Type       // what lies at a place, nil if that is not known
	starts  map[place]int64            // of an instance: where that begins
	spans   map[place]map[span][]piece // answers of pieces
	symbols map[variable]bool          // hold symbols of the entry state that the facts do not decide
	written map[variable]bool
}

// A finding is where a variable was found to be dynamic first, and in which variant,
// nil for the entry.
type finding struct {
	Reason
	v *Variant
}

// A piece is bytes of a place that belong to one variable.
type piece struct {
	span
	variable
}

func newUniform(a *analysis) *uniform {
	u := &uniform{analysis: a, dynamic: make(map[variable]finding), types: make(map[place]types.Type), starts: make(map[place]int64),
		spans: make(map[place]map[span][]piece), symbols: make(map[variable]bool), written: make(map[variable]bool)}
	v := a.cfg.Variant
	for _, p := range slices.Concat(v.When, v.Always) {
		for _, t := range p.Terms {
			u.instance(t)
		}
	}
	for _, f := range a.forced {
		if f.key.Reg == ir.NoReg {
			c := f.key.Cell
			u.mark(c.place(), span{c.Lo, c.Hi}, finding{Reason: f.why})
		}
	}
	return u
}

// instance notes the struct type at the address that a term is a field of.
func (u *uniform) instance(t *spec.Term) {
	if t.Record == nil || t.Global != nil {
		return
	}
	st := u.structNamed(t.Record.Name)
	addr := u.facts.Expr(t.Addr)
	if st == nil || addr == spec.NoSym {
		return
	}
	base, off := u.facts.Split(addr)
	p := place{base: base}
	if _, ok := u.types[p]; !ok {
		u.types[p], u.starts[p] = st, off-t.Off
	}
}

// structNamed is the struct type of the C type called name.
func (u *uniform) structNamed(name string) types.Type {
	for _, t := range u.prog.Module.TypeDefs {
		if st, ok := t.(*types.StructType); ok && (st.Name() == "struct."+name || st.Name() == "union."+name) {
			return st
		}
	}
	return nil
}

// typeAt is the type of what lies at p, in instances repeated if each is set, and
// where it begins; nil if that is not known.
func (u *uniform) typeAt(p place) (t types.Type, start int64) {
	t, ok := u.types[p]
	if ok || p.obj == nil {
		return t, u.starts[p]
	}
	switch s := p.obj.Site.(type) {
	case *llir.Global:
		t = s.ContentType
	case *llir.InstAlloca:
		t = s.ElemType
	case *llir.Param:
		t = pointee(s.Typ)
	case *llir.InstCall:
		t = u.allocated(p.obj, s)
	}
	u.types[p] = t
	return t, 0
}

func pointee(t types.Type) types.Type {
	if p, ok := t.(*types.PointerType); ok {
		return p.ElemType
	}
	return nil
}

// allocated is the struct type that the program takes the memory for that call
// allocates, nil if it is none.
func (u *uniform) allocated(o *ir.Object, call *llir.InstCall) types.Type {
	if o.Kind != ir.ObjHeap {
		return nil
	}
	for _, use := range o.Fn.Uses().Of(o.Fn.Reg(call)) {
		if c, ok := u.prog.UserAt(use.Pt).(*llir.InstBitCast); ok {
			if st, ok := pointee(c.To).(*types.StructType); ok {
				return st
			}
		}
	}
	return nil
}

// maxPieces bounds the pieces of one range of bytes; a range of more of them is dynamic
// as a whole if one of its variables is.
const maxPieces = 4 * maxElements

// pieces are the variables that the bytes s of p belong to, ascending; padding
// belongs to none.
func (u *uniform) pieces(p place, s span) []piece {
	if out, ok := u.spans[p][s]; ok {
		return out
	}
	var out []piece
	t, start := u.typeAt(p)
	switch {
	case p.obj != nil && (p.obj.Kind == ir.ObjFunc || p.obj.Kind == ir.ObjUnknown || isVariable(p.obj)):
	case t == nil && p.obj == nil:
	case t == nil:
		out = []piece{{s, variable{obj: p.obj}}}
	default:
		// An object of unknown size, or larger than its type, holds elements of it.
		size := u.prog.Layout.Size(t)
		lo, hi := s.lo-start, min(s.hi-start, 1<<20)
		for size > 0 && lo < hi && lo >= 0 && len(out) < maxPieces {
			n := lo / size
			end := min(hi, (n+1)*size)
			for _, x := range u.fields(nil, t, start+n*size, span{start + lo, start + end}, variable{obj: p.obj}) {
				if x.obj != nil || x.typ != "" {
					out = append(out, x)
				}
			}
			lo = end
		}
	}
	if u.spans[p] == nil {
		u.spans[p] = make(map[span][]piece)
	}
	u.spans[p][s] = out
	return out
}

// fields adds the variables of the bytes s of a value of type t at base, which
// belongs to in itself.
func (u *uniform) fields(out []piece, t types.Type, base int64, s span, in variable) []piece {
	lay := u.prog.Layout
	switch t := t.(type) {
	case *types.StructType:
		if t.Opaque {
			break
		}
		for i, ft := range t.Fields {
			lo := base + lay.Offset(t, i)
			hi := lo + lay.Size(ft)
			if lo < s.hi && s.lo < hi && len(out) < maxPieces {
				out = u.fields(out, ft, lo, span{max(lo, s.lo), min(hi, s.hi)}, variable{typ: typeName(t), field: i})
			}
		}
		return out
	case *types.ArrayType:
		if _, ok := innermost(t).(*types.StructType); !ok {
			break
		}
		size := lay.Size(t.ElemType)
		if size <= 0 {
			break
		}
		for k := max(0, (s.lo-base)/size); k < int64(t.Len) && base+k*size < s.hi && len(out) < maxPieces; k++ {
			lo := base + k*size
			out = u.fields(out, t.ElemType, lo, span{max(lo, s.lo), min(lo+size, s.hi)}, in)
		}
		return out
	}
	return append(out, piece{s, in})
}

func innermost(t types.Type) types.Type {
	for {
		a, ok := t.(*types.ArrayType)
		if !ok {
			return t
		}
		t = a.ElemType
	}
}

func typeName(t *types.StructType) string {
	if t.Name() != "" {
		return t.Name()
	}
	return t.LLString()
}

// dynamicPieces are the parts of s whose variable is dynamic.
func (u *uniform) dynamicPieces(p place, s span) []span {
	if len(u.dynamic) == 0 {
		return nil
	}
	ps := u.pieces(p, s)
	var out []span
	for _, x := range ps {
		if _, ok := u.dynamic[x.variable]; ok {
			out = append(out, x.span)
		}
	}
	if len(out) > 0 && len(ps) >= maxPieces {
		return []span{s}
	}
	return out
}

// mark makes the variables of the bytes s of p dynamic; it reports whether one of
// them was not.
func (u *uniform) mark(p place, s span, why finding) bool {
	grew := false
	for _, x := range u.pieces(p, s) {
		grew = u.markVariable(x.variable, why) || grew
	}
	return grew
}

func (u *uniform) markVariable(x variable, why finding) bool {
	if _, ok := u.dynamic[x]; ok {
		return false
	}
	u.dynamic[x] = why
	return true
}

// gather applies (U2): it finds the variables that are dynamic somewhere in what
// the forward analysis has found, and reports whether there are new ones.
func (u *uniform) gather(live []*Variant) bool {
	grew := false
	for _, r := range u.entry.entry.mem {
		for _, c := range r.cells {
			if c.val.bt == Dynamic {
				for _, x := range u.pieces(r.place, span{c.lo, c.hi}) {
					u.symbols[x.variable] = true
				}
			}
		}
	}
	for _, v := range live {
		for _, j := range append(slices.Clone(v.joins), v.exitJoin) {
			if j == nil {
				continue
			}
			for _, c := range j.cells {
				grew = u.mark(c.place(), span{c.Lo, c.Hi}, finding{j.whyOf[c], v}) || grew
			}
		}
		v.eachPoint(func(f *flow, before memory) {
			grew = u.gatherPoint(f, before) || grew
		})
	}
	for x := range u.symbols {
		if u.written[x] {
			grew = u.markVariable(x, finding{Reason: Reason{Kind: VariableDynamic, Pt: u.entry.Fn.First}}) || grew
		}
	}
	return grew
}

// eachPoint visits the instructions of v that the analysis gets past: f is the flow
// after the one at f.pt, before is memory before it.
func (v *Variant) eachPoint(visit func(f *flow, before memory)) {
	for _, b := range v.Fn.RPO() {
		if v.in[b.ID] == nil {
			continue
		}
		f := v.startOf(b)
		for f.pt = f.start(); f.pt < b.TermPoint(); f.pt++ {
			before := f.s.mem
			if !f.inst(b.LL.Insts[f.pt-b.First]) {
				break
			}
			visit(f, before)
		}
	}
}

// gatherPoint marks what the instruction at f's point reads or leaves dynamic.
func (u *uniform) gatherPoint(f *flow, before memory) bool {
	grew := false
	why := finding{Reason{Kind: VariableDynamic, Pt: f.pt}, f.v}
	for i, r := range before {
		if i < len(f.s.mem) && f.s.mem[i] == r {
			continue
		}
		after := f.s.mem.cells(r.place)
		for _, c := range r.cells {
			if c.val.bt == Static {
				for _, x := range dynamicParts(after, r.place, c) {
					grew = u.mark(r.place, span{x.Lo, x.Hi}, why) || grew
				}
			}
		}
	}
	switch i := f.v.instAt(f.pt).(type) {
	case *llir.InstLoad:
		if r := f.fn().Reg(i); r != ir.NoReg && f.v.regs[r].bt == Dynamic && f.v.regs[r].sym == spec.NoSym {
			grew = u.access(f, i.Src, f.prog.Layout.StoreSize(i.ElemType), why) || grew
		}
	case *llir.InstStore:
		grew = u.write(f, i.Dst, f.prog.Layout.StoreSize(i.Src.Type()), why) || grew
	case *llir.InstCall:
		switch libraryKind(i) {
		case libCopy:
			n := f.knownOr(strip(i.Args[2]), -1)
			grew = u.access(f, strip(i.Args[1]), n, why) || grew
			grew = u.write(f, strip(i.Args[0]), n, why) || grew
		case libSet:
			grew = u.write(f, strip(i.Args[0]), f.knownOr(strip(i.Args[2]), -1), why) || grew
		}
	}
	return grew
}

// ranges visits the bytes that an access of size bytes, -1 if that is not known,
// through src may be to. It returns false if that is not known.
func (f *flow) ranges(src irvalue.Value, size int64, visit func(p place, s span)) bool {
	addr := f.operand(src)
	all := func(o *ir.Object) { visit(place{obj: o}, span{0, max(extentOf(o), 1)}) }
	if p, off, ok := f.place(addr); ok {
		switch {
		case size >= 0:
			visit(p, span{off, off + size})
		case p.obj != nil:
			all(p.obj)
		}
		return true
	}
	refs, unknown := f.targets(addr, src)
	for _, r := range refs.refs {
		if r.count == anyCount || r.count > maxElements || size < 0 {
			all(r.obj)
			continue
		}
		for k := int64(0); k < r.count; k++ {
			at := r.off + k*r.stride
			visit(place{obj: r.obj}, span{at, at + size})
		}
	}
	return !unknown
}

// access marks the variables of the bytes that an access may be to and of which nothing
// is known after it. Where the address leads out of what is known, it is the field of
// the access itself.
func (u *uniform) access(f *flow, src irvalue.Value, size int64, why finding) bool {
	grew := false
	known := f.ranges(src, size, func(p place, s span) {
		if p.obj != nil && (p.obj.Const || p.obj.Kind == ir.ObjFunc) {
			return
		}
		for _, c := range unknownParts(f.s.mem.cells(p), Cell{Obj: p.obj, Base: p.base, Lo: s.lo, Hi: s.hi}) {
			grew = u.mark(p, span{c.Lo, c.Hi}, why) || grew
		}
	})
	if !known {
		if x, ok := u.fieldOf(src); ok {
			grew = u.markVariable(x, why) || grew
		}
	}
	return grew
}

// write is access for one that writes; it notes the variables that it may be to.
func (u *uniform) write(f *flow, dst irvalue.Value, size int64, why finding) bool {
	known := f.ranges(dst, size, func(p place, s span) {
		for _, x := range u.pieces(p, s) {
			u.written[x.variable] = true
		}
	})
	if !known {
		if x, ok := u.fieldOf(dst); ok {
			u.written[x] = true
		}
	}
	return u.access(f, dst, size, why)
}

// fieldOf is the field of a struct type that src is computed as the address of.
func (u *uniform) fieldOf(src irvalue.Value) (variable, bool) {
	var typ types.Type
	var idx []constant.Constant
	switch g := strip(src).(type) {
	case *llir.InstGetElementPtr:
		typ = g.ElemType
		for _, i := range g.Indices {
			idx = append(idx, constOf(i))
		}
	case *constant.ExprGetElementPtr:
		typ = g.ElemType
		for _, i := range g.Indices {
			idx = append(idx, constOf(i))
		}
	default:
		return variable{}, false
	}
	if len(idx) == 0 {
		return variable{}, false
	}
	var x variable
	found := false
	for _, i := range idx[1:] {
		switch t := typ.(type) {
		case *types.StructType:
			n, ok := u.prog.Layout.ConstInt64(i)
			if !ok || n < 0 || n >= int64(len(t.Fields)) {
				return variable{}, false
			}
			x, found = variable{typ: typeName(t), field: int(n)}, true
			typ = t.Fields[n]
		case *types.ArrayType:
			typ = t.ElemType
		default:
			return variable{}, false
		}
	}
	return x, found
}
