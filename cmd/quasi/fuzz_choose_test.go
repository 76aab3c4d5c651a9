package main

// This file chooses what to specialize: a function that the program calls, and
// of what one of its activations met a random part as static, as quasi-invariants
// and facts. Everything follows from the seed.

import (
	"encoding/binary"
	"fmt"
	"go/token"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"quasi/bta"
	"quasi/ir"
	"quasi/ir/spec"
)

// A fuzzVariant is one specialization to ask for.
type fuzzVariant struct {
	fn     string
	static []string // NAME=VALUE
	when   []string
}

// A fuzzPlan is one build of a program.
type fuzzPlan struct {
	way      string
	variants []fuzzVariant
	budget   []string // NAME=N
	level    string   // -O of the specialized module
	debug    bool     // keep debug info
	mode     bta.Mode
}

// flags are the flags of quasi build that say the plan; spec is the text of the
// file that they name as specName, empty if they need none.
func (p *fuzzPlan) flags(specName string) (flags []string, spec string) {
	if len(p.variants) == 1 {
		v := p.variants[0]
		flags = append(flags, "-e", v.fn)
		for _, s := range v.static {
			flags = append(flags, "--static", s)
		}
		for _, w := range v.when {
			flags = append(flags, "--when", w)
		}
	} else {
		var b strings.Builder
		b.WriteString("specialize:\n")
		for _, v := range p.variants {
			fmt.Fprintf(&b, "  - function: %s\n", v.fn)
			for i, s := range v.static {
				if i == 0 {
					b.WriteString("    static:\n")
				}
				name, value, _ := strings.Cut(s, "=")
				fmt.Fprintf(&b, "      %s: %s\n", name, value)
			}
			for i, w := range v.when {
				if i == 0 {
					b.WriteString("    when:\n")
				}
				fmt.Fprintf(&b, "      - %q\n", w)
			}
		}
		flags, spec = append(flags, "--spec", specName), b.String()
	}
	for _, limit := range p.budget {
		flags = append(flags, "--budget", limit)
	}
	return append(flags, modeArgs(p.mode)...), spec
}

// clangFlags are those after "--".
func (p *fuzzPlan) clangFlags() []string {
	flags := []string{p.level, "-w"}
	if p.debug {
		flags = append(flags, "-g")
	}
	return flags
}

// A chooser makes plans for one program.
type chooser struct {
	*rand.Rand
	prog  *ir.Program
	debug *ir.DebugInfo
	log   *activationLog
	seed  int
}

func newChooser(prog *ir.Program, p *fuzzProgram, way string) *chooser {
	stream := uint64(0)
	for _, c := range way {
		stream = stream*31 + uint64(c)
	}
	return &chooser{Rand: rand.New(rand.NewPCG(uint64(p.Seed), stream)), prog: prog, debug: prog.Debug(), log: p.Log, seed: p.Seed}
}

// chance is true with probability p.
func (c *chooser) chance(p float64) bool { return c.Float64() < p }

// one picks one of several.
func one[T any](c *chooser, of ...T) T { return of[c.IntN(len(of))] }

// outer plans way (a): main, sometimes with its argument count, or the first
// function with nothing static.
func (c *chooser) outer() *fuzzPlan {
	p := &fuzzPlan{way: "outer", variants: []fuzzVariant{{fn: "main"}}}
	switch c.IntN(4) {
	case 0:
		p.variants[0].static = []string{"argc=1"}
	case 1:
		p.variants[0].fn = c.first()
	}
	c.build(p)
	return p
}

// first is the first function that csmith wrote, which main calls.
func (c *chooser) first() string {
	for _, f := range c.log.Funcs {
		if strings.HasPrefix(f.Name, "func_") {
			return f.Name
		}
	}
	return "main"
}

// inner plans way (b). It returns nil if the program calls nothing.
func (c *chooser) inner() *fuzzPlan {
	p := &fuzzPlan{way: "inner"}
	n := 1
	if c.chance(0.25) {
		n = 2 + c.IntN(2)
	}
	var fn *loggedFunc
	for range n {
		if fn == nil || c.chance(0.5) {
			fn = c.function()
		}
		if fn == nil {
			return nil
		}
		p.variants = append(p.variants, c.variant(fn))
	}
	c.build(p)
	return p
}

// build chooses budgets and how the module is compiled.
func (c *chooser) build(p *fuzzPlan) {
	p.level = one(c, "-O1", "-O1", "-O1", "-O1", "-O1", "-O2", "-O3", "-O3", "-O0")
	p.debug = c.chance(0.1)
	// Full budgets are for few: LLVM takes long over what they allow.
	if c.chance(0.04) {
		return
	}
	limit := func(name string, values ...int) {
		if v := one(c, values...); v > 0 {
			p.budget = append(p.budget, name+"="+strconv.Itoa(v))
		}
	}
	limit("insts", 300, 700, 1500, 3000)
	limit("loop-insts", 0, 0, 50, 300)
	limit("steps", 0, 0, 0, 500, 20000)
	limit("points", 0, 0, 3, 20)
	limit("iterations", 0, 0, 0, 4, 50)
	limit("shapes", 0, 0, 0, 1)
	limit("depth", 0, 0, 0, 1, 3)
	limit("functions", 0, 0, 0, 1, 4)
	limit("copies", 0, 0, 0, 1, 3)
}

// function picks a function that is called; functions of the program itself
// are likelier than those of csmith's library.
func (c *chooser) function() *loggedFunc {
	var own, library []*loggedFunc
	for i := range c.log.Funcs {
		f := &c.log.Funcs[i]
		switch {
		case len(f.Acts) == 0 || strings.Contains(f.Name, "main"): // or platform_main_end
		case strings.HasPrefix(f.Name, "func_"):
			own = append(own, f)
		default:
			library = append(library, f)
		}
	}
	if len(own) > 1 && c.chance(0.7) {
		own = own[1:] // main calls the first one, often once
	}
	switch {
	case len(own) > 0 && (len(library) == 0 || c.chance(0.93)):
		return one(c, own...)
	case len(library) > 0:
		return one(c, library...)
	}
	return nil
}

// A cTerm is an integer that predicates may speak of, with its value.
type cTerm struct {
	text string
	num
}

// A view is the choice of one variant at work.
type view struct {
	*chooser
	act    *activation
	v      fuzzVariant
	params float64 // share of parameters that are static
	memory float64 // share of memory that is static
	terms  []cTerm // what facts may speak of
	guards map[string]bool
}

// variant chooses a variant of fn for one activation.
func (c *chooser) variant(fn *loggedFunc) fuzzVariant {
	w := &view{
		chooser: c, act: &fn.Acts[c.IntN(len(fn.Acts))], v: fuzzVariant{fn: fn.Name},
		params: one(c, 0, 0.4, 0.7, 1), memory: one(c, 0, 0.2, 0.5, 0.9), guards: make(map[string]bool),
	}
	for _, f := range c.prog.Funcs {
		if f.LL.Name() == fn.Name {
			w.parameters(f)
		}
	}
	w.globals()
	w.facts()
	return w.v
}

// parameters makes some of the parameters static.
func (w *view) parameters(f *ir.Func) {
	for _, q := range w.debug.Params(f.LL) {
		i := slices.Index(f.LL.Params, q.Param)
		if i < 0 || i >= len(w.act.Args) || q.Name == "" {
			continue
		}
		raw := w.act.Args[i]
		switch {
		case q.ByVal:
			w.leaves(q.Name, q.Type, 0, w.act.Points[i], w.params, nil)
		case q.Type.IsInteger() && q.Type.Size <= 8 && !q.Type.Volatile:
			n := num{int(q.Type.Size), q.Type.Signed, raw}.normal()
			if w.chance(w.params) {
				w.v.static = append(w.v.static, q.Name+"="+n.String())
			} else {
				w.terms = append(w.terms, cTerm{q.Name, n})
			}
		case q.Type.Kind == ir.CPointer && !q.Type.Volatile:
			w.pointerParam(q, raw, w.act.Points[i])
		}
	}
}

// pointerParam makes a pointer, or what it points to, static.
func (w *view) pointerParam(q ir.CParam, raw uint64, points []byte) {
	text, whole := w.address(raw, q.Type)
	switch {
	case raw == 0:
		if w.chance(w.params) {
			w.v.static = append(w.v.static, q.Name+"=null")
		}
		return
	case text != "" && w.chance(w.params):
		if whole != "" {
			w.v.static = append(w.v.static, q.Name+"="+whole)
		} else {
			w.when(q.Name + " == " + text)
		}
	case w.chance(0.5):
		w.when(q.Name + " != 0")
	default:
		return
	}
	if elem := q.Type.Elem; elem != nil && len(points) > 0 && w.chance(0.5) {
		// Also where it is static: halves may test what it points to in the other half.
		w.leaves("(*"+q.Name+")", elem, 0, points, w.memory, []string{q.Name + " != 0"})
	}
}

// when adds a predicate once.
func (w *view) when(text string) {
	if !w.guards[text] {
		w.guards[text] = true
		w.v.when = append(w.v.when, text)
	}
}

// globals makes parts of some globals static.
func (w *view) globals() {
	if w.memory == 0 {
		return
	}
	for _, o := range w.log.Objects {
		if o.Size == 0 || len(w.v.when) > 60 {
			continue
		}
		if t := w.variable(o.Name); t != nil {
			w.leaves(o.Name, t, 0, w.act.Mem[o.At:o.At+o.Size], w.memory, nil)
		}
	}
}

// leaves makes scalars in the object text of type t, which lies at off in mem,
// static with probability p each. Before what it adds it adds guard.
func (w *view) leaves(text string, t *ir.CType, off int64, mem []byte, p float64, guard []string) {
	if t == nil || t.Volatile || t.Atomic || off+t.Size > int64(len(mem)) || len(w.v.when) > 60 {
		return
	}
	switch {
	case t.IsRecord():
		for _, f := range t.Fields {
			if f.Name == "" || f.Name == spec.QuidMember || t.Kind == ir.CUnion && !w.chance(0.5) {
				continue
			}
			if f.BitSize > 0 {
				w.bitField(text+"."+f.Name, f, off, mem, p, guard)
			} else {
				w.leaves(text+"."+f.Name, f.Type, off+f.Off, mem, p, guard)
			}
		}
	case t.Kind == ir.CArray:
		for i := range t.Count {
			if t.Count > 4 && !w.chance(3/float64(t.Count)) {
				continue
			}
			w.leaves(fmt.Sprintf("%s[%d]", text, i), t.Elem, off+i*t.Elem.Size, mem, p, guard)
		}
	case t.IsInteger() && t.Size <= 8:
		w.integer(text, num{int(t.Size), t.Signed, little(mem[off : off+t.Size])}.normal(), p, guard)
	case t.Kind == ir.CPointer:
		w.pointer(text, t, little(mem[off:off+8]), p, guard)
	}
}

// integer makes an integer static, or a term of facts.
func (w *view) integer(text string, n num, p float64, guard []string) {
	known := w.chance(p)
	if !known && !w.chance(0.3) {
		return
	}
	for _, g := range guard {
		w.when(g)
	}
	if known {
		w.when(text + " == " + n.String())
	} else {
		w.terms = append(w.terms, cTerm{text, n})
	}
}

// bitField is integer for a bit-field.
func (w *view) bitField(text string, f ir.CField, off int64, mem []byte, p float64, guard []string) {
	if f.Type.Volatile || f.BitSize > 31 || f.Off+off+f.UnitSize > int64(len(mem)) || f.UnitSize > 8 || f.UnitSize < 1 {
		return
	}
	bits := little(mem[off+f.Off:off+f.Off+f.UnitSize]) >> f.BitOff & (1<<f.BitSize - 1)
	if f.Type.Signed && bits>>(f.BitSize-1) != 0 {
		bits |= ^uint64(0) << f.BitSize
	}
	w.integer(text, num{4, true, bits}.normal(), p, guard)
}

// pointer makes a pointer static, and sometimes what it points to.
func (w *view) pointer(text string, t *ir.CType, raw uint64, p float64, guard []string) {
	addr, _ := w.address(raw, t)
	if raw == 0 {
		addr = "0"
	}
	quid := strings.HasPrefix(text, quidPointer)
	known := addr != "" && (w.chance(p) || quid && w.chance(0.7))
	if !known && !(raw != 0 && w.chance(0.1)) {
		return
	}
	for _, g := range guard {
		w.when(g)
	}
	if !known {
		w.when(text + " != 0")
		return
	}
	w.when(text + " == " + addr)
	if o := w.object(raw); o != nil && o.Size > 0 && t.Elem != nil && (w.chance(0.3) || quid) {
		w.leaves("(*"+text+")", t.Elem, int64(raw-o.Addr), w.act.Mem[o.At:o.At+o.Size], p, nil)
	}
}

// object is the global that holds an address, nil if none does.
func (w *view) object(raw uint64) *loggedObject {
	for i := range w.log.Objects {
		o := &w.log.Objects[i]
		if raw == o.Addr || raw > o.Addr && raw < o.Addr+uint64(o.Size) {
			return o
		}
	}
	return nil
}

// variable is the C type of a global, nil if it is none of C: clang makes
// globals of its own for strings and compound literals.
func (w *view) variable(name string) *ir.CType {
	if !token.IsIdentifier(name) {
		return nil
	}
	_, t := w.debug.Global(name)
	return t
}

// address writes an address, to compare with a pointer of type t; empty if it is
// of no global. whole is the address as a static value where that can say it.
func (w *view) address(raw uint64, t *ir.CType) (text, whole string) {
	o := w.object(raw)
	if raw == 0 || o == nil {
		return "", ""
	}
	if o.Func {
		return o.Name, o.Name
	}
	of := w.variable(o.Name)
	if of == nil {
		return "", ""
	}
	off := int64(raw - o.Addr)
	if off == 0 {
		whole = "&" + o.Name
	}
	if t.Elem != nil && w.chance(0.7) {
		if path := placeOf(o.Name, of, off, t.Elem); path != "" {
			return "&" + path, whole
		}
	}
	return fmt.Sprintf("(void *)((char *)&%s + %d)", o.Name, off), whole
}

// placeOf names the part of an object of type t at off that has type want;
// empty if there is none.
func placeOf(text string, t *ir.CType, off int64, want *ir.CType) string {
	if off == 0 && t.Kind == want.Kind && t.Size == want.Size && t.String() == want.String() {
		return text
	}
	switch {
	case t.IsRecord():
		for _, f := range t.Fields {
			if f.BitSize == 0 && f.Name != "" && off >= f.Off && off < f.Off+f.Type.Size {
				if path := placeOf(text+"."+f.Name, f.Type, off-f.Off, want); path != "" {
					return path
				}
			}
		}
	case t.Kind == ir.CArray && t.Elem.Size > 0:
		i := off / t.Elem.Size
		return placeOf(fmt.Sprintf("%s[%d]", text, i), t.Elem, off%t.Elem.Size, want)
	}
	return ""
}

// facts adds predicates that hold in the activation without giving values.
func (w *view) facts() {
	if len(w.terms) == 0 || !w.chance(0.6) {
		return
	}
	for range 1 + w.IntN(4) {
		a := one(w.chooser, w.terms...)
		b := num{4, true, uint64(w.IntN(512) - 256)}.normal()
		other := b.String()
		if len(w.terms) > 1 && w.chance(0.6) {
			t := one(w.chooser, w.terms...)
			b, other = t.num, t.text
		}
		if a.text == other {
			continue
		}
		x, y := common(a.num, b)
		switch w.IntN(4) {
		case 0:
			m := uint64(2)<<w.IntN(8) - 1
			w.when(fmt.Sprintf("(%s & %d) == %d", a.text, m, a.bits&m))
		case 1:
			if x.bits == y.bits {
				w.when(a.text + " == " + other)
			} else {
				w.when(a.text + " != " + other)
			}
		default:
			if x.less(y) {
				w.when(a.text + one(w.chooser, " < ", " <= ", " != ") + other)
			} else if y.less(x) {
				w.when(a.text + one(w.chooser, " > ", " >= ", " != ") + other)
			} else {
				w.when(a.text + one(w.chooser, " == ", " <= ", " >= ") + other)
			}
		}
	}
}

// little reads a number of up to 8 bytes.
func little(b []byte) uint64 {
	var full [8]byte
	copy(full[:], b)
	return binary.LittleEndian.Uint64(full[:])
}

// A num is an integer of a C type.
type num struct {
	size   int // in bytes
	signed bool
	bits   uint64
}

// normal extends the value's bits to 64 as its type says.
func (n num) normal() num {
	shift := 64 - 8*n.size
	if n.signed {
		n.bits = uint64(int64(n.bits<<shift) >> shift)
	} else {
		n.bits = n.bits << shift >> shift
	}
	return n
}

// String writes the number as a constant of C that has its value.
func (n num) String() string {
	switch {
	case !n.signed && int64(n.bits) < 0:
		return strconv.FormatUint(n.bits, 10) + "u"
	case int64(n.bits) == -1<<63:
		return "(-9223372036854775807 - 1)"
	}
	return strconv.FormatInt(int64(n.bits), 10)
}

// common converts two numbers as C does for an operator.
func common(a, b num) (num, num) {
	for _, n := range []*num{&a, &b} {
		if n.size < 4 {
			n.size, n.signed = 4, true
		}
	}
	signed := a.signed && b.signed
	switch {
	case a.size > b.size:
		signed = a.signed
	case b.size > a.size:
		signed = b.signed
	}
	size := max(a.size, b.size)
	return num{size, signed, a.bits}.normal(), num{size, signed, b.bits}.normal()
}

// less compares numbers of one type.
func (n num) less(m num) bool {
	if n.signed {
		return int64(n.bits) < int64(m.bits)
	}
	return n.bits < m.bits
}
