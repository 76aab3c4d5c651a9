package spec

// This file holds Speller, which writes symbolic values and memory cells as the C
// expressions that a specification would use for them.

import (
	"fmt"
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"

	"quasi/ir"
)

// A Speller writes what Facts speaks of as C. What it writes, a predicate can say:
// each expression is checked as one of a specification, and is given only if
// that yields the value asked for.
type Speller struct {
	facts *Facts
	bind  *binder
	depth int
}

// NewSpeller makes a Speller for the entry state of v.
func NewSpeller(p *ir.Program, v *Variant, f *Facts) *Speller {
	names := p.Names()
	b := &binder{prog: p, names: names, fn: v.Fn, errs: &errorList{}, entry: &Entry{}}
	b.params = names.Params(v.Fn.LL)
	return &Speller{facts: f, bind: b}
}

// Param is the name of a parameter by its index in the IR function, #N if it has
// none; ok is false if no specification can name it.
func (s *Speller) Param(i int) (name string, ok bool) {
	if i < 0 || i >= len(s.bind.fn.LL.Params) {
		return "", false
	}
	for k, p := range s.bind.params {
		if p.Param == s.bind.fn.LL.Params[i] {
			if p.Name != "" {
				return p.Name, true
			}
			return fmt.Sprintf("#%d", k), true
		}
	}
	return "", false
}

// ParamType is the C type of a parameter by its index in the IR function, nil if
// it is not known.
func (s *Speller) ParamType(i int) *ir.CType {
	for _, p := range s.bind.params {
		if i < len(s.bind.fn.LL.Params) && p.Param == s.bind.fn.LL.Params[i] {
			return p.Type
		}
	}
	return nil
}

// Cell writes size bytes of memory at entry, off from the address base, as
// p->x or g.x[2].
func (s *Speller) Cell(base Sym, off, size int64) (text string, ok bool) {
	s.depth = 0
	addr := s.facts.Op(OpAdd, 64, base, s.facts.Const(uint64(off), 64))
	w, ok := s.object(addr, size)
	if !ok || !s.means(w.text, s.facts.Load(addr, size)) {
		return "", false
	}
	return w.text, true
}

// HoldsPointer reports whether what Cell writes has pointer type.
func (s *Speller) HoldsPointer(base Sym, off, size int64) bool {
	s.depth = 0
	w, ok := s.object(s.facts.Op(OpAdd, 64, base, s.facts.Const(uint64(off), 64)), size)
	return ok && w.typ != nil && w.typ.Kind == ir.CPointer
}

// BitFields writes the bit-fields that the size bytes off from base hold, which clang
// loads as one; it is empty if they are no unit of bit-fields. full tells that they
// are all bits of it.
func (s *Speller) BitFields(base Sym, off, size int64) (texts []string, full bool) {
	s.depth = 0
	bits := int64(0)
	defer func() { full = bits == size*8 }()
	f := s.facts
	if c, at, ok := f.AddrConst(base); ok {
		name := s.globalName(c)
		if name == "" {
			return nil, false
		}
		_, t := s.bind.names.GlobalIn(s.bind.fn.LL, name)
		for _, suffix := range bitFields(t, at+off, size, &bits) {
			texts = append(texts, name+suffix)
		}
		return texts, false
	}
	p, ok := s.value(base)
	if !ok || p.typ == nil || p.typ.Kind != ir.CPointer {
		return nil, false
	}
	for _, suffix := range bitFields(p.typ.Elem, off, size, &bits) {
		texts = append(texts, p.text+"->"+suffix[1:])
	}
	return texts, false
}

// bitFields are the bit-fields of a unit in t, as member writes them; bits counts
// theirs.
func bitFields(t *ir.CType, off, size int64, bits *int64) (suffixes []string) {
	switch {
	case t == nil || off < 0:
	case t.IsRecord():
		for _, f := range t.Fields {
			switch {
			case f.BitSize > 0 && f.Name != "" && off == f.Off && size == f.UnitSize:
				suffixes = append(suffixes, "."+f.Name)
				*bits += f.BitSize
			case f.BitSize == 0 && off >= f.Off && off < f.Off+f.Type.Size:
				name := ""
				if f.Name != "" {
					name = "." + f.Name
				}
				for _, in := range bitFields(f.Type, off-f.Off, size, bits) {
					suffixes = append(suffixes, name+in)
				}
			}
		}
	case t.Kind == ir.CArray && t.Elem != nil && t.Elem.Size > 0:
		for _, in := range bitFields(t.Elem, off%t.Elem.Size, size, bits) {
			suffixes = append(suffixes, fmt.Sprintf("[%d]%s", off/t.Elem.Size, in))
		}
	}
	return suffixes
}

// Inside writes size bytes off from the start of an object of type t called name,
// without checking that a predicate can say it: name may be a local variable.
func (s *Speller) Inside(name string, t *ir.CType, off, size int64) (text string, ok bool) {
	suffix, _, ok := member(t, off, size)
	return name + suffix, ok
}

// Value writes a value: an integer, pointer or condition.
func (s *Speller) Value(sym Sym) (text string, ok bool) {
	s.depth = 0
	w, ok := s.value(sym)
	if !ok || !s.means(w.text, sym) {
		return "", false
	}
	return w.text, true
}

// means reports whether a predicate's expression text has the value sym, as it
// is or extended.
func (s *Speller) means(text string, sym Sym) bool {
	src := newSource("", text)
	c := &checker{binder: s.bind, text: plainText(src, 0, text)}
	found := false
	err := c.run(func(n *syntax) {
		e := c.value(n)
		if s.facts.Width(sym) == 1 {
			e = truth(e)
		}
		got := s.facts.Expr(e)
		for got != NoSym && !found {
			found = s.facts.find(got) == s.facts.find(sym)
			a, _, ok := s.facts.match(got, OpZExt)
			if !ok {
				a, _, ok = s.facts.match(got, OpSExt)
			}
			if !ok {
				break
			}
			got = a
		}
	})
	return err == nil && found
}

// written is an expression with its type, nil if that is not known.
type written struct {
	text string
	typ  *ir.CType
}

// maxSpelled bounds how deep expressions nest.
const maxSpelled = 24

// value writes sym.
func (s *Speller) value(sym Sym) (w written, ok bool) {
	if s.depth++; s.depth > maxSpelled || sym == NoSym {
		return written{}, false
	}
	defer func() { s.depth-- }()
	f := s.facts
	sym = f.find(sym)
	if v, width, ok := f.Value(sym); ok {
		return written{text: fmt.Sprint(signed(v, width))}, true
	}
	k := f.nodes[sym].key
	switch k.op {
	case OpParam:
		name, ok := s.Param(int(k.a))
		return written{name, s.ParamType(int(k.a))}, ok
	case OpAddr:
		name := s.globalName(f.addrs[k.a])
		return written{text: "&" + name}, name != ""
	case OpLoad:
		return s.object(k.a, int64(k.width)/8)
	case OpZExt, OpSExt, OpTrunc:
		return s.value(k.a)
	}
	op, ok := cOperators[k.op]
	if inner, c, isXor := f.matchConst(sym, OpXor); isXor && c == 1 && k.width == 1 { // not
		if k = f.nodes[inner].key; !k.op.IsCompare() {
			w, ok := s.value(inner)
			return written{text: "!(" + w.text + ")"}, ok
		}
		op, ok = cOpposites[k.op]
	}
	if !ok {
		return written{}, false
	}
	a, okA := s.value(k.a)
	b, okB := s.value(k.b)
	if !okA || !okB {
		return written{}, false
	}
	if k.op.IsCompare() && s.depth == 1 {
		return written{text: a.text + " " + op + " " + b.text}, true
	}
	return written{text: "(" + a.text + " " + op + " " + b.text + ")"}, true
}

// cOperators are the operators of C for operations; whether the types make them the
// same operation is for means to tell.
var cOperators = map[Op]string{
	OpAdd: "+", OpSub: "-", OpMul: "*", OpSDiv: "/", OpUDiv: "/", OpSRem: "%", OpURem: "%",
	OpAnd: "&", OpOr: "|", OpXor: "^", OpShl: "<<", OpLShr: ">>", OpAShr: ">>",
	OpEq: "==", OpNe: "!=", OpULT: "<", OpULE: "<=", OpUGT: ">", OpUGE: ">=",
	OpSLT: "<", OpSLE: "<=", OpSGT: ">", OpSGE: ">=",
}

// cOpposites are the operators for comparisons that do not hold.
var cOpposites = map[Op]string{
	OpEq: "!=", OpNe: "==", OpULT: ">=", OpULE: ">", OpUGT: "<=", OpUGE: "<",
	OpSLT: ">=", OpSLE: ">", OpSGT: "<=", OpSGE: "<",
}

// object writes the object of size bytes at addr.
func (s *Speller) object(addr Sym, size int64) (w written, ok bool) {
	if s.depth++; s.depth > maxSpelled || addr == NoSym {
		return written{}, false
	}
	defer func() { s.depth-- }()
	f := s.facts
	if c, off, ok := f.AddrConst(addr); ok {
		return s.inGlobal(c, off, size)
	}
	base, off := f.Split(addr)
	if w, ok := s.element(base, off, size); ok {
		return w, true
	}
	p, ok := s.value(base)
	if !ok || p.typ == nil || p.typ.Kind != ir.CPointer || p.typ.Elem == nil {
		return written{}, false
	}
	return behind(p.text, p.typ.Elem, off, size)
}

// element writes an element of an array at a variable index: base is the sum of a
// pointer and a scaled index.
func (s *Speller) element(base Sym, off, size int64) (w written, ok bool) {
	f := s.facts
	a, b, ok := f.match(base, OpAdd)
	if !ok {
		return written{}, false
	}
	for range 2 {
		p, okP := s.value(a)
		if okP && p.typ != nil && p.typ.Kind == ir.CPointer && p.typ.Elem != nil && p.typ.Elem.Size > 0 {
			index, scale := b, uint64(1)
			if x, c, ok := f.matchConst(b, OpMul); ok {
				index, scale = x, c
			} else if x, c, ok := f.matchConst(b, OpShl); ok && c < 32 {
				index, scale = x, 1<<c
			}
			if i, ok := s.value(index); ok && int64(scale) == p.typ.Elem.Size && off >= 0 && off < p.typ.Elem.Size {
				suffix, t, ok := member(p.typ.Elem, off, size)
				return written{p.text + "[" + unparenthesized(i.text) + "]" + suffix, t}, ok
			}
		}
		a, b = b, a
	}
	return written{}, false
}

// unparenthesized is text without a pair of parentheses around all of it.
func unparenthesized(text string) string {
	inner, ok := strings.CutPrefix(text, "(")
	inner, closed := strings.CutSuffix(inner, ")")
	if ok && closed && !strings.ContainsAny(inner, "()") {
		return inner
	}
	return text
}

// behind writes the object of size bytes, off bytes from where the pointer p to t
// points.
func behind(p string, t *ir.CType, off, size int64) (w written, ok bool) {
	if strings.HasPrefix(p, "*") || strings.HasPrefix(p, "&") {
		p = "(" + p + ")"
	}
	if t.Size <= 0 {
		return written{}, false
	}
	i := off / t.Size
	if off < 0 {
		return written{}, false
	}
	suffix, typ, ok := member(t, off%t.Size, size)
	switch {
	case !ok:
		return written{}, false
	case i > 0:
		return written{fmt.Sprintf("%s[%d]%s", p, i, suffix), typ}, true
	case strings.HasPrefix(suffix, "."):
		return written{p + "->" + suffix[1:], typ}, true
	case suffix == "":
		return written{"*" + p, typ}, true
	}
	return written{"(*" + p + ")" + suffix, typ}, true
}

// inGlobal writes the object of size bytes, off bytes into variable c.
func (s *Speller) inGlobal(c constant.Constant, off, size int64) (w written, ok bool) {
	name := s.globalName(c)
	if name == "" {
		return written{}, false
	}
	_, t := s.bind.names.GlobalIn(s.bind.fn.LL, name)
	suffix, typ, ok := member(t, off, size)
	return written{name + suffix, typ}, ok
}

// globalName is a name that means c in a predicate, empty if there is none.
func (s *Speller) globalName(c constant.Constant) string {
	if f, ok := c.(*llir.Func); ok {
		return f.Name()
	}
	g, ok := c.(*llir.Global)
	if !ok {
		return ""
	}
	names := []string{g.Name()}
	if short := s.bind.names.ValueName(g); short != "" {
		names = []string{short, g.Name()}
	}
	for _, name := range names {
		if slices.ContainsFunc(s.bind.params, func(p ir.CParam) bool { return p.Name == name }) {
			continue
		}
		if found, _ := s.bind.names.GlobalIn(s.bind.fn.LL, name); found == g {
			return name
		}
	}
	return ""
}

// member writes what has size bytes, off bytes into an object of type t: .x[2],
// or nothing if that is the whole object, a number or a pointer.
func member(t *ir.CType, off, size int64) (suffix string, typ *ir.CType, ok bool) {
	switch {
	case t == nil || t.Volatile || t.Atomic:
		return "", nil, false
	case t.IsRecord():
		for i, f := range t.Fields {
			if f.BitSize > 0 || off < f.Off || off+size > f.Off+f.Type.Size && f.Type.Kind != ir.CArray {
				continue
			}
			suffix, typ, ok = member(f.Type, off-f.Off, size)
			switch {
			case !ok:
				continue
			case f.Name != "":
				return "." + f.Name + suffix, typ, true
			case f.Type.IsRecord() && strings.HasPrefix(suffix, "."):
				return suffix, typ, true // an anonymous one
			}
			return fmt.Sprintf(".[%d]%s", i, suffix), typ, true
		}
		return "", nil, false
	case t.Kind == ir.CArray:
		if t.Elem == nil || t.Elem.Size <= 0 || off < 0 || t.Count >= 0 && off >= t.Count*t.Elem.Size {
			return "", nil, false
		}
		suffix, typ, ok = member(t.Elem, off%t.Elem.Size, size)
		return fmt.Sprintf("[%d]%s", off/t.Elem.Size, suffix), typ, ok
	}
	return "", t, off == 0 && t.Size == size && t.IsScalar()
}
