package spec

// This file binds a specification to a program: functions, parameters, static
// values.

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"

	"quasi/ir"
)

// Resolve binds f to p. All faults that it finds are in the error: each is an
// *Error, several are joined. p is not changed.
func Resolve(p *ir.Program, f *File) (*Resolved, error) {
	var errs errorList
	r := &Resolved{}
	taken := make(map[string]bool)
	for _, e := range f.Entries {
		if !e.As.IsZero() {
			taken[e.As.Value] = true
		}
	}
	for _, e := range f.Entries {
		b := &binder{prog: p, names: p.Names(), entry: e, errs: &errs}
		v := b.variant()
		if v == nil {
			continue
		}
		for n := 1; v.Name == ""; n++ {
			if name := fmt.Sprintf("%s.v%d", v.Fn.Name(), n); !taken[name] && p.FuncByName(name) == nil {
				v.Name, taken[name] = name, true
			}
		}
		r.Variants = append(r.Variants, v)
	}
	if err := errs.err(); err != nil {
		return nil, err
	}
	return r, nil
}

// binder makes one Variant.
type binder struct {
	prog   *ir.Program
	names  *ir.DebugInfo
	entry  *Entry
	errs   *errorList
	fn     *ir.Func
	params []ir.CParam
}

// variant is nil if there are errors that leave nothing to go on with.
func (b *binder) variant() *Variant {
	e := b.entry
	if b.fn = b.function(e.Function); b.fn == nil {
		return nil
	}
	b.params = b.names.Params(b.fn.LL)
	v := &Variant{Name: e.As.Value, Fn: b.fn, Plug: e.Plug.Value, Expect: e.Expect, Pos: e.Function.Pos}
	if !e.As.IsZero() && b.prog.FuncByName(e.As.Value) != nil {
		b.errs.add(e.As.Errorf("the program has a function '%s' already", e.As))
	}
	before := len(b.errs.errs)
	for i := range e.Static {
		if x := b.binding(&e.Static[i]); x != nil {
			b.addBinding(v, x)
		}
	}
	slices.SortFunc(v.Static, func(x, y Binding) int { return cmp.Compare(x.Param, y.Param) })
	v.When = b.preds(e.When)
	v.Always = b.preds(e.Always)
	if len(b.errs.errs) == before {
		if err := contradiction(v); err != nil {
			b.errs.add(err)
		}
	}
	return v
}

func (b *binder) preds(texts []Text) []*Pred {
	var ps []*Pred
	for _, t := range texts {
		c := &checker{binder: b, text: t}
		p, err := c.pred()
		if err != nil {
			b.errs.add(err)
			continue
		}
		ps = append(ps, p)
	}
	return ps
}

// function finds a function with a body by its IR name or, for a static
// function that linking has renamed, its C name.
func (b *binder) function(t Text) *ir.Func {
	f := b.prog.FuncByName(t.Value)
	if f == nil {
		for _, g := range b.prog.Funcs {
			if !g.IsDecl() && b.names.ValueName(g.LL) == t.Value {
				f = g
				break
			}
		}
	}
	switch {
	case f == nil:
		var defs []string
		for _, g := range b.prog.Funcs {
			if !g.IsDecl() {
				defs = append(defs, g.Name())
			}
		}
		b.errs.add(suggest(t.Errorf("the program has no function '%s'", t), t.Value, defs))
	case f.IsDecl():
		b.errs.add(hint(t.Errorf("function '%s' is only declared here, it has no body", t), "add the file that defines it to the input"))
	default:
		return f
	}
	return nil
}

// param finds a parameter by name, #N or IR name; -1 with an error.
func (b *binder) param(t Text) int {
	name := t.Value
	if name != "" && (name[0] == '#' || name[0] == '$') {
		toks, err := lex(t)
		if err != nil {
			b.errs.add(err)
			return -1
		}
		if toks[0].val >= uint64(len(b.params)) {
			b.errs.add(t.Errorf("'%s' has %s", b.fn.Name(), plural(len(b.params), "parameter")))
			return -1
		}
		return int(toks[0].val)
	}
	for i, p := range b.params {
		if p.Name == name || p.Param != nil && !p.Param.IsUnnamed() && p.Param.Name() == name {
			return i
		}
	}
	e := t.Errorf("'%s' has no parameter '%s'", b.fn.Name(), name)
	if suggest(e, name, b.paramNames()); !strings.Contains(e.Msg, ";") {
		switch names := b.paramNames(); {
		case len(names) > 0:
			hint(e, "its parameters are %s", strings.Join(names, ", "))
		case len(b.params) > 0:
			hint(e, "without debug information its parameters are #0 to #%d", len(b.params)-1)
		}
	}
	b.errs.add(e)
	return -1
}

func plural(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (b *binder) paramNames() []string {
	var names []string
	for _, p := range b.params {
		if p.Name != "" {
			names = append(names, p.Name)
		}
	}
	return names
}

// index is the number of a C parameter in the IR function.
func (b *binder) index(p *ir.CParam) int {
	return slices.Index(b.fn.LL.Params, p.Param)
}

// addBinding adds x unless its parameter has a value already, by another name.
func (b *binder) addBinding(v *Variant, x *Binding) {
	for _, old := range v.Static {
		if old.Param == x.Param {
			e := x.text.Errorf("the parameter has a value already")
			e.Note = old.text.Errorf("it is given here")
			b.errs.add(e)
			return
		}
	}
	v.Static = append(v.Static, *x)
}

// binding resolves a static parameter; nil if it is dynamic or wrong.
func (b *binder) binding(set *Setting) *Binding {
	i := b.param(set.Param)
	if i < 0 {
		return nil
	}
	p, t := &b.params[i], set.Value
	isPointer := p.Type.Kind == ir.CPointer || p.Type.Kind == ir.CArray || p.Type.Kind == ir.CFunc
	switch {
	case t.quoted == 0 && t.Value == "?":
		return nil
	case p.Param == nil:
		b.errs.add(b.inPieces(set.Param, 0, len(set.Param.Value), p))
		return nil
	case p.ByVal || !isPointer && !p.Type.IsInteger() && floatWidth(p) == 0 || bitsOf(p.Param.Typ) == 0 && floatWidth(p) == 0:
		b.errs.add(set.Param.Errorf("parameter '%s' has type '%s': only numbers and pointers can be static", set.Param, p.Type))
		return nil
	}
	x := &Binding{Param: b.index(p), Pos: t.Pos, text: t}
	var err *Error
	switch {
	case isPointer:
		x.Value, err = b.pointer(p, t)
	case floatWidth(p) > 0:
		x.Value, err = b.float(p, t)
	default:
		x.Value, err = b.integer(p, t)
	}
	if err != nil {
		b.errs.add(err)
		return nil
	}
	return x
}

func (b *binder) inPieces(t Text, from, to int, p *ir.CParam) *Error {
	e := t.errorAt(from, to, "parameter '%s' of type '%s' is passed in pieces, or not at all", t.Value[from:to], p.Type)
	if p.Type.IsRecord() {
		return hint(e, "pass a pointer to the struct")
	}
	return e
}

// pointer resolves the value of a pointer parameter.
func (b *binder) pointer(p *ir.CParam, t Text) (Const, *Error) {
	c := Const{Width: 64}
	if t.quoted == '"' || t.quoted == '\'' {
		if e := p.Type.Elem; e != nil && e.Kind != ir.CVoid && e.Size != 1 {
			return c, t.Errorf("a string cannot be the value of '%s', which has type '%s'", p.Name, p.Type)
		}
		c.Kind, c.Str = ConstString, t.Value
		return c, nil
	}
	switch name := strings.TrimPrefix(t.Value, "&"); {
	case t.Value == "null" || t.Value == "NULL" || t.Value == "nullptr" || t.Value == "~" || t.Value == "0":
		c.Kind = ConstNull
		return c, nil
	case isName(name):
		sym, isFunc := b.symbol(name)
		if sym == nil {
			e := t.Errorf("the program has no global variable or function '%s'", name)
			if suggest(e, name, b.symbols()); t.Value == name && !strings.Contains(e.Msg, ";") {
				hint(e, "a string is written \"%s\", with its quotes", name)
			}
			return c, e
		}
		c.Sym, c.Kind = sym, ConstGlobal
		if isFunc {
			c.Kind = ConstFunc
		} else if t.Value == name {
			return c, hint(t.Errorf("'%s' is a variable, not its address", name), "write &%s", name)
		}
		return c, nil
	}
	return c, hint(t.Errorf("'%s' cannot be the value of '%s', which has type '%s'", t, p.Name, p.Type),
		"write null, &global, a function's name, or a \"string\"")
}

// symbol finds a global variable or a function.
func (b *binder) symbol(name string) (sym constant.Constant, isFunc bool) {
	if g, _ := b.names.GlobalIn(b.fn.LL, name); g != nil {
		return g, false
	}
	if f := b.prog.FuncByName(name); f != nil {
		return f.LL, true
	}
	for _, a := range b.prog.Module.Aliases {
		if a.Name() == name {
			_, isFunc := a.Aliasee.(*llir.Func)
			return a, isFunc
		}
	}
	return nil, false
}

// symbols are the names that symbol finds, for hints.
func (b *binder) symbols() []string {
	names := b.names.Globals()
	for _, f := range b.prog.Funcs {
		if !strings.HasPrefix(f.Name(), "llvm.") {
			names = append(names, f.Name())
		}
	}
	return names
}

// integer resolves the value of an integer parameter: a constant expression,
// or a character in single quotes.
func (b *binder) integer(p *ir.CParam, t Text) (Const, *Error) {
	width := bitsOf(p.Param.Typ)
	c := Const{Kind: ConstInt, Width: width}
	val, isUnsigned := int64(0), false
	switch t.quoted {
	case '"':
		return c, t.Errorf("a string cannot be the value of '%s', which has type '%s'", p.Name, p.Type)
	case '\'':
		v, ok := charValue(t.Value)
		if !ok {
			return c, t.Errorf("'%s' is not a character", t)
		}
		val = v
	default:
		switch t.Value {
		case "null", "NULL":
			return c, t.Errorf("null cannot be the value of '%s', which has type '%s'", p.Name, p.Type)
		case "true":
			val = 1
		case "false":
		default:
			ck := &checker{binder: b, text: t, constant: true}
			e, err := ck.constExpr()
			if err != nil {
				return c, err
			}
			val, isUnsigned = e.Int, e.Width == 64 && !e.Type.Signed
		}
	}
	if lo, hi := intRange(p.Type, width); width < 64 && (val < lo || val > hi) || width == 64 && isUnsigned && val < 0 && p.Type.Signed {
		shown := fmt.Sprint(val)
		if isUnsigned {
			shown = fmt.Sprint(uint64(val))
		}
		return c, t.Errorf("%s does not fit in '%s' of type '%s'", shown, p.Name, p.Type)
	}
	c.Int = uint64(val) & mask(width)
	return c, nil
}

// intRange is what an integer of type t can be given: a negative value of an
// unsigned type is converted as C does.
func intRange(t *ir.CType, width int) (lo, hi int64) {
	switch {
	case t.Kind == ir.CBool:
		return 0, 1
	case t.Signed:
		return signed(1<<(width-1), width), int64(mask(width - 1))
	}
	return signed(1<<(width-1), width), int64(mask(width) & mask(63))
}

// contradiction reports the first predicate or static value that cannot hold
// with those before it.
func contradiction(v *Variant) *Error {
	c := NewFacts(v).Conflict()
	if c == nil {
		return nil
	}
	var t Text
	culprit := Variant{Fn: v.Fn}
	if c.Pred != nil {
		t = c.Pred.text
		culprit.When = []*Pred{c.Pred}
	} else {
		t = c.Binding.text
		culprit.Static = []Binding{*c.Binding}
	}
	if NewFacts(&culprit).Conflict() != nil {
		return t.Errorf("'%s' can never be true", t)
	}
	for i := range v.Static {
		with := culprit
		with.Static = append(slices.Clone(culprit.Static), v.Static[i])
		if NewFacts(&with).Conflict() != nil {
			e := t.Errorf("'%s' contradicts the static value of the parameter", t)
			e.Note = v.Static[i].text.Errorf("the value is given here")
			return e
		}
	}
	for _, p := range v.preds() {
		if p == c.Pred {
			break
		}
		with := culprit
		with.Always = []*Pred{p}
		if NewFacts(&with).Conflict() != nil {
			e := t.Errorf("'%s' contradicts '%s'", t, p)
			e.Note = p.text.Errorf("which is stated here")
			return e
		}
	}
	return t.Errorf("'%s' contradicts what is stated before it", t)
}
