package pe

// This file tells what became of each program point: Config.Observe gets an
// Observation for every point that specialization came to, under each variant
// of the analysis. What is recorded belongs to one residual function, and is
// thrown away with it: attempts that are made again count once, as they stand.
// Without Observe none of this costs more than a test a step.

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/bta"
	"quasi/ir"
)

// An Observation is what one specialization did with one program point.
//
// An instruction that is executed leaves nothing by itself. A store to memory
// that outlives specialization counts as executed too: what is known of memory
// is brought into residual code where that may see it, once, with its last
// value (package doc, P2). Residual counts are of what was emitted, before
// conditions are simplified, what nobody needs is swept away, and LLVM optimizes.
type Observation struct {
	Variant  *bta.Variant // nil where the specializer went on without one
	Fn       *ir.Func
	Pt       ir.Point
	Executed int            // how often it was executed
	Residual int            // how often it was left in residual code
	Lifted   int            // how often its value went into residual code as a constant
	Values   []string       // the first distinct values that it had, MaxValues at most, in order
	More     bool           // there were others
	Taken    map[int]int    // of a decided branch: how often it took each successor, by number in ir.Block.Succs
	Unfolded []*bta.Variant // of a call: what it was unfolded under, each once, by ID; nil for no variant
	Called   []string       // of a call: the residual functions that it became a call of, sorted
}

// MaxValues bounds the values of an Observation.
const MaxValues = 4

// A sight is what is recorded of one point.
type sight struct {
	executed, residual, lifted int
	values                     []Value
	more                       bool
	taken                      map[int]int
	unfolded                   []*bta.Variant
	called                     []*job
}

// A watcher records what a job does.
type watcher struct {
	sights map[*bta.Variant]map[*code][]sight // by point, counted from the function's first
	last   struct {
		variant *bta.Variant
		code    *code
		sights  []sight
	}

	in    *inst // what is being executed, nil for nothing
	f     *frame
	seen  *sight // of in
	insts int    // rfunc.insts when it began
	left  bool   // it went into residual code itself
}

// newWatcher is nil if nobody asks.
func (s *specializer) newWatcher() *watcher {
	if s.cfg.Observe == nil {
		return nil
	}
	return &watcher{sights: make(map[*bta.Variant]map[*code][]sight)}
}

// at is the record of a point of frame f.
func (w *watcher) at(f *frame, pt ir.Point) *sight {
	if w.last.code != f.code || w.last.variant != f.variant {
		byCode := w.sights[f.variant]
		if byCode == nil {
			byCode = make(map[*code][]sight)
			w.sights[f.variant] = byCode
		}
		if byCode[f.code] == nil {
			byCode[f.code] = make([]sight, f.code.fn.End-f.code.fn.First)
		}
		w.last.code, w.last.variant, w.last.sights = f.code, f.variant, byCode[f.code]
	}
	return &w.last.sights[pt-f.code.fn.First]
}

// begin is told that j executes in next, so the instruction before is done.
func (w *watcher) begin(j *job, in *inst) {
	w.end(j)
	w.in, w.f, w.insts, w.left = in, j.f, j.rf.insts, false
	w.seen = w.at(j.f, in.pt)
	switch in.op {
	case opCondBr, opSwitch:
		if v := j.val(in.args[0]); v.kind == kInt {
			w.decided(slices.Index(in.succs, j.chosen(in, v.bits)))
		} else {
			w.seen.residual++
		}
		w.in = nil
	case opBr:
		w.seen.executed++
		w.in = nil
	case opUnreachable:
		w.seen.residual++
		w.in = nil
	case opRet:
		w.returns(j, in)
		w.in = nil
	}
}

// decided records a branch that takes its successor number i.
func (w *watcher) decided(i int) {
	w.seen.executed++
	if w.seen.taken == nil {
		w.seen.taken = make(map[int]int)
	}
	w.seen.taken[i]++
}

// returns records a return: one of an unfolded call gives the call its value.
func (w *watcher) returns(j *job, in *inst) {
	if j.f.depth == 0 {
		w.seen.residual++
		return
	}
	w.seen.executed++
	if len(in.args) == 0 {
		return
	}
	caller := j.st.frames[len(j.st.frames)-2]
	if v := j.val(in.args[0]); v.static() {
		call := &caller.code.blocks[caller.block].insts[caller.ip-1]
		w.at(caller, call.pt).value(v)
	}
}

// end takes in what became of the instruction that began last. It is called
// when the next one begins, and where a path ends.
func (w *watcher) end(j *job) {
	in := w.in
	if in == nil {
		return
	}
	w.in = nil
	v := Value{}
	if in.dst != ir.NoReg && j.f == w.f {
		v = j.f.get(in.dst)
	}
	if v.static() {
		w.seen.value(v)
	}
	switch {
	case in.op == opNop, in.op == opCall && j.f != w.f: // unfolds has told
	case w.left || v.kind == kDyn || in.op == opGoto:
		w.seen.residual++
	case in.op == opCall && j.rf.insts > w.insts: // a library function that was made another
		w.seen.residual++
	case v.static() || in.dst == ir.NoReg:
		w.seen.executed++
	default: // the path has parted by the value
		w.seen.residual++
	}
}

// forget drops the instruction that began last: it will be executed again.
func (w *watcher) forget() {
	if w != nil {
		w.in = nil
	}
}

// emits is told that node is copied into residual code.
func (w *watcher) emits(node any) {
	if w != nil && w.in != nil && w.in.node == node {
		w.left = true
	}
}

// phis records the values of the phis of block b.
func (w *watcher) phis(j *job, b *cblock) {
	pt := b.llir.First
	for i, p := range b.phis {
		s := w.at(j.f, pt+ir.Point(i))
		if v := j.f.get(p.dst); v.static() {
			s.executed++
			s.value(v)
		} else {
			s.residual++
		}
	}
}

// unfolds is told that the call in of frame f goes on inside its callee.
func (w *watcher) unfolds(f *frame, in *inst, v *bta.Variant) {
	if w == nil {
		return
	}
	s := w.at(f, in.pt)
	s.executed++
	if !slices.Contains(s.unfolded, v) {
		s.unfolded = append(s.unfolded, v)
	}
}

// calls is told that the call in of frame f became one of a residual function.
func (w *watcher) calls(f *frame, in *inst, callee *job) {
	if w == nil {
		return
	}
	s := w.at(f, in.pt)
	if w.in != in { // a path that has waited for callee in vain
		s.residual++
	}
	if !slices.Contains(s.called, callee) {
		s.called = append(s.called, callee)
	}
}

// lifts is told that the static value of register r of frame f becomes a constant.
func (w *watcher) lifts(f *frame, r operand) {
	if w == nil || r < 0 || int(r) < len(f.code.fn.LL.Params) {
		return
	}
	if pt, ok := f.code.fn.PointOf(f.code.fn.Values[r].(value.User)); ok {
		w.at(f, pt).lifted++
	}
}

// value records one value.
func (s *sight) value(v Value) {
	switch {
	case slices.Contains(s.values, v):
	case len(s.values) < MaxValues:
		s.values = append(s.values, v)
	default:
		s.more = true
	}
}

// observe tells Config.Observe what the jobs of a specialization that stands
// have recorded, by variant, then by point.
func (s *specializer) observe() {
	if s.cfg.Observe == nil {
		return
	}
	type key struct {
		variant *bta.Variant
		code    *code
	}
	all := make(map[key][]sight)
	for _, j := range s.jobs {
		for variant, byCode := range j.watch.sights {
			for code, sights := range byCode {
				k := key{variant, code}
				if all[k] == nil {
					all[k] = make([]sight, len(sights))
				}
				for i := range sights {
					all[k][i].join(&sights[i])
				}
			}
		}
	}
	keys := make([]key, 0, len(all))
	for k := range all {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(variantID(a.variant), variantID(b.variant)), cmp.Compare(a.code.fn.ID, b.code.fn.ID))
	})
	for _, k := range keys {
		for i := range all[k] {
			if t := &all[k][i]; t.executed+t.residual+t.lifted > 0 {
				s.cfg.Observe(s.observation(k.variant, k.code, i, t))
			}
		}
	}
}

// variantID orders variants; none comes last.
func variantID(v *bta.Variant) int {
	if v == nil {
		return int(^uint(0) >> 1)
	}
	return v.ID
}

// join adds what another residual function has seen.
func (s *sight) join(t *sight) {
	s.executed += t.executed
	s.residual += t.residual
	s.lifted += t.lifted
	for _, v := range t.values {
		s.value(v)
	}
	s.more = s.more || t.more
	for i, n := range t.taken {
		if s.taken == nil {
			s.taken = make(map[int]int)
		}
		s.taken[i] += n
	}
	for _, v := range t.unfolded {
		if !slices.Contains(s.unfolded, v) {
			s.unfolded = append(s.unfolded, v)
		}
	}
	for _, c := range t.called {
		if !slices.Contains(s.called, c) {
			s.called = append(s.called, c)
		}
	}
}

// observation is what t, of point i of c, comes to.
func (s *specializer) observation(v *bta.Variant, c *code, i int, t *sight) Observation {
	o := Observation{Variant: v, Fn: c.fn, Pt: c.fn.First + ir.Point(i), Executed: t.executed, Residual: t.residual,
		Lifted: t.lifted, More: t.more, Taken: t.taken, Unfolded: t.unfolded}
	slices.SortFunc(o.Unfolded, func(a, b *bta.Variant) int { return cmp.Compare(variantID(a), variantID(b)) })
	for _, called := range t.called {
		o.Called = append(o.Called, called.rf.name)
	}
	slices.Sort(o.Called)
	o.Called = slices.Compact(o.Called)
	for _, x := range t.values {
		if text := s.show(x, c.typeAt(o.Pt)); !slices.Contains(o.Values, text) {
			o.Values = append(o.Values, text)
		}
	}
	return o
}

// typeAt is the type of what pt defines, nil if that is nothing.
func (c *code) typeAt(pt ir.Point) types.Type {
	v, ok := c.fn.Prog.UserAt(pt).(interface{ Type() types.Type })
	if !ok {
		return nil
	}
	return v.Type()
}

// show is v, of type typ, as C would write it: 42, -1, 'a', 0x1p-3, &table+8,
// "text", null. Heap objects and symbolic instances have no names.
func (s *specializer) show(v Value, typ types.Type) string {
	switch v.kind {
	case kInt:
		return showBits(v.bits, typ)
	case kPtr:
		return s.showAddress(s.obj(v.obj), v.off())
	case kUndef:
		return "undefined"
	case kConst:
		return s.opaques[v.bits].Ident()
	case kList:
		var parts []string
		leaves := s.leaves(v, 0)
		for i, x := range leaves {
			if i == 2*MaxValues {
				parts = append(parts, "...")
				break
			}
			var elem types.Type
			if t, ok := typ.(*types.VectorType); ok {
				elem = t.ElemType
			}
			parts = append(parts, s.show(x, elem))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return v.String()
}

// showBits is the number of type typ that has these bits.
func showBits(bits uint64, typ types.Type) string {
	switch t := typ.(type) {
	case *types.IntType:
		n := strconv.FormatInt(sext(bits, min(uint(t.BitSize), 64)), 10)
		switch {
		case t.BitSize == 1:
			return strconv.FormatBool(bits&1 == 1)
		case t.BitSize == 8 && bits >= ' ' && bits < 0x7f:
			return fmt.Sprintf("%s %s", n, strconv.QuoteRune(rune(bits)))
		}
		return n
	case *types.PointerType:
		if bits == 0 {
			return "null"
		}
		return fmt.Sprintf("%#x", bits)
	case *types.FloatType:
		width := 64
		if t.Kind == types.FloatKindFloat {
			width = 32
		}
		return strconv.FormatFloat(toFloat(bits, uint(width)), 'g', -1, width)
	}
	return strconv.FormatInt(int64(bits), 10)
}

// maxShown bounds the bytes of a string that is shown.
const maxShown = 24

// showAddress is the address off bytes into o.
func (s *specializer) showAddress(o *object, off int64) string {
	name := "memory"
	switch o.kind {
	case objGlobal:
		if o.ro && off >= 0 && off < int64(len(o.image.Bytes)) && len(o.image.Relocs) == 0 {
			if text, ok := showString(o.image.Bytes[off:]); ok {
				return text
			}
		}
		name = "&" + o.global.Name()
	case objFunc:
		name = "&" + o.fn.Name()
	case objLabel:
		name = "a label"
	case objStack:
		if name = "&" + o.name; o.name == "" {
			name = "a stack slot"
		}
	case objHeap:
		name = "a heap object"
	case objInstance:
		name = "an object of the entry state"
	}
	if off != 0 {
		name += fmt.Sprintf("%+d", off)
	}
	return name
}

// showString is the C string that data begins with, if it is text.
func showString(data []byte) (string, bool) {
	n := slices.Index(data, 0)
	if n < 1 || !utf8.Valid(data[:n]) {
		return "", false
	}
	for _, r := range string(data[:n]) {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return "", false
		}
	}
	if n > maxShown {
		cut := maxShown
		for !utf8.RuneStart(data[cut]) {
			cut--
		}
		return strconv.Quote(string(data[:cut])) + "...", true
	}
	return strconv.Quote(string(data[:n])), true
}
