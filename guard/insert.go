package guard

// This file puts guards around writes. What stands before and after a write are
// calls of functions that are always inlined (rt/guards.ll, which also tells what
// they do):
//
//	quasi.store(addr, size, span, value)      before a store of up to eight bytes
//	held = quasi.write(addr, size)            before any other write
//	quasi.gone(addr, size)                    before the end of an object's life (G4)
//	quasi.leave(), quasi.done(held)           after it
//
// The write itself stays as it is, between them: rules (G2) and (G5).

import (
	"fmt"
	"maps"
	"math"
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// InsertOptions are aids to tell what parts of insertion are worth.
type InsertOptions struct {
	NoBatch bool // a guard for every write
	// Quid are the records, as terms name them, of which every write of the member for
	// guards is in the rows as well; only their members are looked at.
	Quid map[string]bool
}

// Inserted says what Insert has put in.
type Inserted struct {
	Writes  int `json:"writes"`  // that are guarded
	Guards  int `json:"guards"`  // around them
	Batches int `json:"batches"` // guards around several writes
	Quid    int `json:"quid"`    // guards that test an instance's member
}

// Guarded reports whether a row's class asks for a guard.
func (r *Row) Guarded() bool { return r.Class == MustGuard || r.Class == MayWrite }

// Insertable tells why a write of p cannot have a guard, and nil if it can.
func Insertable(p *ir.Program, r *Row) error {
	for _, a := range p.FuncAt(r.Pt).LL.FuncAttrs {
		if hasAttr(a, enum.FuncAttrNaked) {
			return fmt.Errorf("%s: @%s is naked", p.Position(r.Pt), p.FuncAt(r.Pt).Name())
		}
	}
	if r.How == ByValue {
		return nil
	}
	switch i := p.InstAt(r.Pt).(type) {
	case nil:
		return fmt.Errorf("%s: the write ends a block", p.Position(r.Pt))
	case *llir.InstCall:
		if i.Tail == enum.TailMustTail {
			return fmt.Errorf("%s: nothing can stand after a call that must be a tail call", p.Position(r.Pt))
		}
		if returnsTwice(i) {
			return fmt.Errorf("%s: what stands after a call that returns twice is not executed as often as what stands before", p.Position(r.Pt))
		}
	case *llir.InstStore, *llir.InstAtomicRMW, *llir.InstCmpXchg:
	default:
		return fmt.Errorf("%s: %T cannot be guarded", p.Position(r.Pt), i)
	}
	return nil
}

// returnsTwice reports whether a call is one of setjmp and the like.
func returnsTwice(c *llir.InstCall) bool {
	attrs := c.FuncAttrs
	callee := c.Callee
	for {
		cast, ok := callee.(*constant.ExprBitCast)
		if !ok {
			break
		}
		callee = cast.From
	}
	if f, ok := callee.(*llir.Func); ok {
		if s, ok := ir.LibFunc(f); ok && s.Twice && len(f.Blocks) == 0 {
			return true
		}
		attrs = slices.Concat(attrs, f.FuncAttrs)
	}
	return slices.ContainsFunc(attrs, func(a llir.FuncAttribute) bool { return hasAttr(a, enum.FuncAttrReturnsTwice) })
}

// Insert guards the writes of rows that ask for it; rows are those of Summarize for
// p, and Insertable. The numbering of p is stale afterwards.
func Insert(p *ir.Program, rows []Row, opts InsertOptions) (*Inserted, error) {
	byPoint := make(map[ir.Point][]*Row)
	byValue := make(map[*ir.Func]bool) // whose parameters need guards
	for i := range rows {
		if r := &rows[i]; r.Guarded() {
			if err := Insertable(p, r); err != nil {
				return nil, err
			}
			if r.How == ByValue {
				byValue[p.FuncAt(r.Pt)] = true
			} else {
				byPoint[r.Pt] = append(byPoint[r.Pt], r)
			}
		}
	}
	in := &inserter{prog: p, opts: opts, funcs: make(map[string]*llir.Func)}
	if len(byPoint)+len(byValue) == 0 {
		return &in.stats, nil
	}
	if err := in.addRuntime(); err != nil {
		return nil, err
	}
	var blocks []*ir.Block // in order: what is added to the module is numbered
	byBlock := make(map[*ir.Block][]*write)
	for _, pt := range slices.Sorted(maps.Keys(byPoint)) {
		b := p.BlockAt(pt)
		if byBlock[b] == nil {
			blocks = append(blocks, b)
		}
		byBlock[b] = append(byBlock[b], in.write(b, pt, byPoint[pt]))
	}
	for _, b := range blocks {
		in.block(b, byBlock[b])
	}
	for _, f := range p.Funcs {
		if byValue[f] {
			in.parameters(f)
		}
	}
	in.dropAttributes()
	return &in.stats, nil
}

// A write is an instruction that is to be guarded.
type write struct {
	at   int // place in its block
	inst llir.Instruction
	addr value.Value // nil: anywhere
	size value.Value // nil: all from addr on
	// value is what a store writes, if its guard can evaluate predicates on it.
	value value.Value
	bytes int64 // the size, 0 if it is no constant
	span  int64 // size-1, 0 if the bytes are known to share a line
	gone  bool  // the end of an object's life

	record string // whose member the rows name, if all name the same
}

// An inserter is one run of Insert.
type inserter struct {
	prog  *ir.Program
	opts  InsertOptions
	funcs map[string]*llir.Func // of rt/guards.ll
	stats Inserted
}

// write finds out what the instruction at pt writes.
func (in *inserter) write(b *ir.Block, pt ir.Point, rows []*Row) *write {
	w := &write{at: int(pt - b.First), inst: in.prog.InstAt(pt)}
	w.record = recordOf(rows)
	fixed := func(addr value.Value, t types.Type, align int64) {
		w.addr, w.bytes = addr, in.prog.Layout.StoreSize(t)
		if align < w.bytes || w.bytes > 64 || w.bytes&(w.bytes-1) != 0 {
			w.span = w.bytes - 1
		}
	}
	switch i := w.inst.(type) {
	case *llir.InstStore:
		align := int64(i.Align)
		if align == 0 {
			align = in.prog.Layout.Align(i.Src.Type())
		}
		fixed(i.Dst, i.Src.Type(), align)
		if w.bytes <= 8 && !i.Atomic && isScalar(i.Src.Type()) {
			w.value = i.Src
		}
	case *llir.InstAtomicRMW:
		fixed(i.Dst, i.X.Type(), in.prog.Layout.StoreSize(i.X.Type()))
	case *llir.InstCmpXchg:
		fixed(i.Ptr, i.New.Type(), in.prog.Layout.StoreSize(i.New.Type()))
	case *llir.InstCall:
		in.call(w, i)
	}
	return w
}

// isScalar reports whether a value is an integer, a pointer or a float that fits a register.
func isScalar(t types.Type) bool {
	switch t := t.(type) {
	case *types.IntType, *types.PointerType:
		return true
	case *types.FloatType:
		return t.Kind == types.FloatKindFloat || t.Kind == types.FloatKindDouble
	}
	return false
}

// call finds out what a call writes, from what is known of the library; what is
// not known may write anywhere.
func (in *inserter) call(w *write, c *llir.InstCall) {
	f, ok := c.Callee.(*llir.Func)
	if !ok || len(f.Blocks) > 0 {
		return
	}
	s, ok := ir.LibFunc(f)
	if !ok || s.Hidden || s.Opaque || s.Twice || s.Stdio {
		return
	}
	written := -1
	for i := range c.Args {
		e := s.Arg(i)
		switch {
		case e&(ir.ArgVaList|ir.ArgStream) != 0:
			return
		case e&(ir.ArgWrite|ir.ArgFree) == 0:
			continue
		case written >= 0:
			return
		}
		written = i
	}
	if written < 0 || !types.IsPointer(argument(c, written).Type()) {
		return
	}
	w.addr = argument(c, written)
	switch {
	case s.Arg(written)&ir.ArgFree != 0:
		w.gone = true
		if s.Name == "munmap" && len(c.Args) > 1 {
			w.size = argument(c, 1)
			return
		}
	case s.Copy != nil && s.Copy.Dst == written && s.Copy.Len >= 0 && s.Copy.Len < len(c.Args):
		w.size = argument(c, s.Copy.Len)
	case isFill(s.Name) && len(c.Args) > 2:
		w.size = argument(c, 2)
	}
	if n, ok := w.size.(*constant.Int); ok && n.X.IsInt64() {
		w.bytes = n.X.Int64()
	}
}

func isFill(name string) bool {
	return name == "memset" || len(name) >= 12 && name[:12] == "llvm.memset."
}

func argument(c *llir.InstCall, i int) value.Value {
	if a, ok := c.Args[i].(*llir.Arg); ok {
		return a.Value
	}
	return c.Args[i]
}

// block guards the writes of one block, in their order.
func (in *inserter) block(b *ir.Block, writes []*write) {
	e := &emitter{in: in}
	at := 0
	for len(writes) > 0 {
		n := 1
		if !in.opts.NoBatch {
			n = in.batch(b, writes)
		}
		group := writes[:n]
		writes = writes[n:]
		first, last := group[0], group[n-1]
		e.out = append(e.out, b.LL.Insts[at:first.at]...)
		e.loc = in.locationAt(b, first.at)
		leave := in.before(e, group)
		e.out = append(e.out, b.LL.Insts[first.at:last.at+1]...)
		e.loc = in.locationAt(b, last.at)
		if slices.ContainsFunc(group, nonTemporal) { // else it could become visible after the section's end
			e.emit(llir.NewFence(enum.AtomicOrderingSequentiallyConsistent))
		}
		leave()
		at = last.at + 1
		in.stats.Writes += n
		in.stats.Guards++
		if n > 1 {
			in.stats.Batches++
		}
	}
	b.LL.Insts = append(e.out, b.LL.Insts[at:]...)
}

// locationAt is the location of instruction i of a block. A store that was kept back has
// none: then of what follows it, and has made it necessary, or of no line of the function.
func (in *inserter) locationAt(b *ir.Block, i int) *metadata.DILocation {
	for _, inst := range b.LL.Insts[i:] {
		if loc := ir.DebugLoc(inst); loc != nil {
			return loc
		}
	}
	if loc := ir.DebugLoc(b.LL.Term); loc != nil {
		return loc
	}
	sub := subprogramOf(b.Fn.LL)
	if sub == nil {
		return nil
	}
	loc := &metadata.DILocation{MetadataID: -1, Scope: sub}
	in.prog.Module.MetadataDefs = append(in.prog.Module.MetadataDefs, loc)
	return loc
}

// nonTemporal reports whether a write is a store that other stores may overtake.
func nonTemporal(w *write) bool {
	s, ok := w.inst.(*llir.InstStore)
	return ok && slices.ContainsFunc(s.Metadata, func(a *metadata.Attachment) bool { return a.Name == "nontemporal" })
}

// before emits what stands before a group of writes, and returns what emits the rest.
func (in *inserter) before(e *emitter, group []*write) (after func()) {
	leave := func() { e.call("quasi.leave") }
	w := group[0]
	if len(group) > 1 {
		addr, size := union(e, group)
		return in.held(e, w, addr, i64(size))
	}
	switch {
	case w.gone:
		size := value.Value(i64(0))
		if w.size != nil {
			size = e.pages(w.size)
		}
		e.call("quasi.gone", e.pointer(w.addr), size)
		return leave
	case w.addr == nil:
		return in.held(e, w, constant.NewNull(types.I8Ptr), i64(-1))
	case w.value != nil:
		quid := in.quid(e, w)
		addr, v := e.pointer(w.addr), e.bits(w.value)
		if quid != nil {
			in.stats.Quid++
			e.call("quasi.store.quid", addr, i64(w.bytes), v, quid)
		} else {
			e.call("quasi.store", addr, i64(w.bytes), i64(w.span), v)
		}
		return leave
	}
	size := w.size
	switch {
	case w.bytes > 0:
		size = i64(w.bytes)
	case size == nil:
		size = i64(-1)
	case !size.Type().Equal(types.I64):
		size = e.emit(llir.NewZExt(size, types.I64))
	}
	return in.held(e, w, e.pointer(w.addr), size)
}

// held emits a guard that holds what is concerned until the writes are done.
func (in *inserter) held(e *emitter, w *write, addr, size value.Value) (after func()) {
	var held value.Value
	if quid := in.quid(e, w); quid != nil {
		in.stats.Quid++
		held = e.call("quasi.write.quid", addr, size, quid)
	} else {
		held = e.call("quasi.write", addr, size)
	}
	return func() { e.call("quasi.done", held) }
}

// An emitter appends instructions to a block.
type emitter struct {
	in  *inserter
	out []llir.Instruction
	loc *metadata.DILocation
}

func (e *emitter) emit(i llir.Instruction) value.Value {
	e.out = append(e.out, i)
	v, _ := i.(value.Value)
	return v
}

// call calls a function of rt/guards.ll.
func (e *emitter) call(name string, args ...value.Value) value.Value {
	c := llir.NewCall(e.in.funcs[name], args...)
	if e.loc != nil {
		c.Metadata = append(c.Metadata, &metadata.Attachment{Name: "dbg", Node: e.loc})
	}
	return e.emit(c)
}

// pointer is v as i8*.
func (e *emitter) pointer(v value.Value) value.Value {
	if v.Type().Equal(types.I8Ptr) {
		return v
	}
	if c, ok := v.(constant.Constant); ok {
		return constant.NewBitCast(c, types.I8Ptr)
	}
	return e.emit(llir.NewBitCast(v, types.I8Ptr))
}

// pages is size, of less than 2^63, rounded up so that it has all of each page, and
// never zero.
func (e *emitter) pages(size value.Value) value.Value {
	size = e.emit(llir.NewAnd(size, i64(math.MaxInt64)))
	return e.emit(llir.NewAdd(e.emit(llir.NewOr(size, i64(4095))), i64(1)))
}

// bits is the scalar v as i64.
func (e *emitter) bits(v value.Value) value.Value {
	switch t := v.Type().(type) {
	case *types.PointerType:
		return e.emit(llir.NewPtrToInt(v, types.I64))
	case *types.FloatType:
		n := types.I32
		if t.Kind == types.FloatKindDouble {
			n = types.I64
		}
		v = e.emit(llir.NewBitCast(v, n))
	}
	if v.Type().Equal(types.I64) {
		return v
	}
	return e.emit(llir.NewZExt(v, types.I64))
}

func i64(n int64) *constant.Int { return constant.NewInt(types.I64, n) }
