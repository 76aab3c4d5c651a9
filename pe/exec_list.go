package pe

// This file executes instructions on lists (list.go) and, by lanes, everything
// that is evaluated by a laneFunc: arithmetic of wide integers, floating point
// and vectors. What is not evaluated is emitted; of its result the leaves that
// could be evaluated are known all the same.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// An extra holds what only some instructions have.
type extra struct {
	lane    laneFunc
	fast    fastMath
	lanes   int    // opLanes: of a vector, 0 for a scalar
	shape   *shape // load, store: of the value; others: of the result or, if it is a scalar, the operand
	first   int    // extractvalue, insertvalue: the leaf at which the field begins
	count   int    // so: leaves of the field
	field   types.Type
	mask    []int // shufflevector: -1 for undef
	operand *shape
}

// laneClass is the class of a scalar, or of each lane of a vector.
func (s *specializer) laneClass(typ types.Type) (cls class, width uint, lanes int) {
	if v, ok := typ.(*types.VectorType); ok {
		if s.shapeOf(typ) == nil {
			return clsOther, 0, 0
		}
		cls, width = s.classOf(v.ElemType)
		return cls, width, int(v.Len)
	}
	cls, width = s.classOf(typ)
	return cls, width, 0
}

// byLanes makes in an instruction that f evaluates, from operands of type from to
// a result of type to. ok is false if one of them cannot be.
func (s *specializer) byLanes(in *inst, f laneFunc, from, to types.Type, fits func(cls class) bool) {
	fc, fw, n := s.laneClass(from)
	_, tw, m := s.laneClass(to)
	if fw == 0 || tw == 0 || n != m || !fits(fc) {
		return
	}
	in.op, in.width, in.to = opLanes, fw, tw
	in.x = &extra{lane: f, lanes: n, shape: s.shapeOf(to)}
}

func isInteger(c class) bool { return c == clsInt || c == clsWide }
func isAddress(c class) bool { return isInteger(c) || c == clsPtr }
func isFloat(c class) bool   { return c == clsFloat }

// compileLanes compiles the instructions of this file; in has its operands.
func (s *specializer) compileLanes(c *code, in *inst, li llir.Instruction) {
	float := func(op uint8, x value.Value, flags []enum.FastMathFlag) {
		if c.floats {
			s.byLanes(in, laneFloat, x.Type(), x.Type(), isFloat)
			s.fastMath(in, op, flags)
		}
	}
	convert := func(op uint8, from value.Value, to types.Type, fits func(class) bool) {
		if c.floats {
			s.byLanes(in, laneFloatCast, from.Type(), to, fits)
			in.sub = op
		}
	}
	switch t := li.(type) {
	case *llir.InstFAdd:
		float(fAdd, t.X, t.FastMathFlags)
	case *llir.InstFSub:
		float(fSub, t.X, t.FastMathFlags)
	case *llir.InstFMul:
		float(fMul, t.X, t.FastMathFlags)
	case *llir.InstFDiv:
		float(fDiv, t.X, t.FastMathFlags)
	case *llir.InstFRem:
		float(fRem, t.X, t.FastMathFlags)
	case *llir.InstFNeg:
		s.byLanes(in, laneFNeg, t.X.Type(), t.X.Type(), isFloat)
		s.fastMath(in, 0, t.FastMathFlags)
	case *llir.InstFCmp:
		if c.floats {
			s.byLanes(in, laneFCmp, t.X.Type(), t.Type(), isFloat)
			s.fastMath(in, uint8(t.Pred), t.FastMathFlags)
		}
	case *llir.InstFPToSI:
		convert(cFPToSI, t.From, t.To, isFloat)
	case *llir.InstFPToUI:
		convert(cFPToUI, t.From, t.To, isFloat)
	case *llir.InstSIToFP:
		convert(cSIToFP, t.From, t.To, isInteger)
	case *llir.InstUIToFP:
		convert(cUIToFP, t.From, t.To, isInteger)
	case *llir.InstFPTrunc:
		convert(cFPTrunc, t.From, t.To, isFloat)
	case *llir.InstFPExt:
		convert(cFPExt, t.From, t.To, isFloat)
	case *llir.InstExtractValue:
		s.compileField(in, opExtractValue, t.X.Type(), t.Indices)
	case *llir.InstInsertValue:
		s.compileField(in, opInsertValue, t.X.Type(), t.Indices)
	case *llir.InstExtractElement:
		if sh := s.shapeOf(t.X.Type()); sh != nil {
			in.op, in.x = opExtractElement, &extra{operand: sh}
		}
	case *llir.InstInsertElement:
		if sh := s.shapeOf(t.X.Type()); sh != nil {
			in.op, in.x = opInsertElement, &extra{shape: sh}
		}
	case *llir.InstShuffleVector:
		s.compileShuffle(in, t)
	}
}

func (s *specializer) fastMath(in *inst, sub uint8, flags []enum.FastMathFlag) {
	if in.op == opLanes {
		in.sub, in.x.fast = sub, fastMathOf(flags)
	}
}

func (s *specializer) compileField(in *inst, op opcode, typ types.Type, path []uint64) {
	sh := s.shapeOf(typ)
	if sh == nil {
		return
	}
	if first, n, field, ok := s.leavesBefore(typ, path); ok && n > 0 {
		in.op, in.x = op, &extra{shape: sh, operand: sh, first: first, count: n, field: field}
	}
}

func (s *specializer) compileShuffle(in *inst, t *llir.InstShuffleVector) {
	from, to := s.shapeOf(t.X.Type()), s.shapeOf(t.Type())
	m, ok := t.Mask.(constant.Constant)
	if from == nil || to == nil || !ok {
		return
	}
	xs, ok := s.constLeaves(nil, m, m.Type())
	if !ok || len(xs) != len(to.leaves) {
		return
	}
	mask := make([]int, len(xs))
	for i, x := range xs {
		switch {
		case x.kind == kInt && x.bits < uint64(2*len(from.leaves)):
			mask[i] = int(x.bits)
		case x.kind == kUndef:
			mask[i] = -1
		default:
			return
		}
	}
	in.op, in.x = opShuffle, &extra{shape: to, operand: from, mask: mask}
}

// lanes executes an instruction that a laneFunc evaluates.
func (j *job) lanes(in *inst) {
	x := j.val(in.args[0])
	var y Value
	if len(in.args) > 1 {
		y = j.val(in.args[1])
	}
	if in.x.lanes == 0 {
		if r, ok := in.x.lane(j, in, x, y); ok {
			j.f.put(in.dst, r)
			return
		}
		j.emitUse(in, true)
		return
	}
	n := in.x.lanes
	xs := j.s.leaves(x, n)
	var ys []Value
	if len(in.args) > 1 {
		if ys = j.s.leaves(y, n); ys == nil {
			xs = nil
		}
	}
	var rs []Value
	if xs != nil {
		rs = make([]Value, n)
		for i := range rs {
			var b Value
			if ys != nil {
				b = ys[i]
			}
			r, ok := in.x.lane(j, in, xs[i], b)
			if !ok {
				r = dynValue
			}
			rs[i] = r
		}
	}
	j.result(in, rs)
}

// result gives the result of in the leaves xs, nil if none is known: as a static
// value, or beside the residual one.
func (j *job) result(in *inst, xs []Value) {
	v := dynValue
	if xs != nil {
		v = j.s.list(xs)
	}
	if v.static() {
		j.setStatic(in.dst, v)
		return
	}
	j.emitUse(in, true)
	j.f.at(in.dst).bits = v.bits
}

// extractValue takes a field out of a struct or array.
func (j *job) extractValue(in *inst) {
	xs := j.s.leaves(j.val(in.args[0]), len(in.x.operand.leaves))
	if xs == nil {
		j.emitUse(in, true)
		return
	}
	xs = xs[in.x.first : in.x.first+in.x.count]
	if j.s.shapeOf(in.x.field) != nil {
		j.result(in, append([]Value(nil), xs...))
		return
	}
	j.scalarResult(in, xs[0])
}

// scalarResult gives the result of in the value v if it is static.
func (j *job) scalarResult(in *inst, v Value) {
	if v.static() {
		j.setStatic(in.dst, v)
		return
	}
	j.emitUse(in, true)
}

// insertValue puts a field into a struct or array.
func (j *job) insertValue(in *inst) {
	n := len(in.x.shape.leaves)
	e := j.val(in.args[1])
	field := []Value{e}
	if j.s.shapeOf(in.x.field) != nil {
		field = j.s.leaves(e, in.x.count)
	}
	rs := j.copyLeaves(j.val(in.args[0]), n)
	for i := range in.x.count {
		rs[in.x.first+i] = dynValue
		if field != nil {
			rs[in.x.first+i] = field[i]
		}
	}
	j.result(in, rs)
}

// copyLeaves are the leaves of v, to be changed.
func (j *job) copyLeaves(v Value, n int) []Value {
	if xs := j.s.leaves(v, n); xs != nil {
		return append([]Value(nil), xs...)
	}
	rs := make([]Value, n)
	for i := range rs {
		rs[i] = dynValue
	}
	return rs
}

// extractElement takes a lane out of a vector. An index past the end is poison.
func (j *job) extractElement(in *inst) {
	xs, k := j.s.leaves(j.val(in.args[0]), len(in.x.operand.leaves)), j.val(in.args[1])
	if xs == nil || k.kind != kInt || k.bits >= uint64(len(xs)) {
		j.emitUse(in, true)
		return
	}
	j.scalarResult(in, xs[k.bits])
}

// insertElement puts a lane into a vector.
func (j *job) insertElement(in *inst) {
	k := j.val(in.args[2])
	n := len(in.x.shape.leaves)
	if k.kind != kInt || k.bits >= uint64(n) {
		j.emitUse(in, true)
		return
	}
	rs := j.copyLeaves(j.val(in.args[0]), n)
	rs[k.bits] = j.val(in.args[1])
	j.result(in, rs)
}

func (j *job) shuffle(in *inst) {
	n := len(in.x.operand.leaves)
	xs, ys := j.copyLeaves(j.val(in.args[0]), n), j.copyLeaves(j.val(in.args[1]), n)
	rs := make([]Value, len(in.x.mask))
	for i, k := range in.x.mask {
		switch {
		case k < 0:
			rs[i] = Value{kind: kUndef}
		case k < n:
			rs[i] = xs[k]
		default:
			rs[i] = ys[k-n]
		}
	}
	j.result(in, rs)
}

// selectLanes is a select whose condition is a vector.
func (j *job) selectLanes(in *inst) {
	n := len(in.x.shape.leaves)
	cs := j.s.leaves(j.val(in.args[0]), n)
	if cs == nil {
		j.emitUse(in, true)
		return
	}
	xs, ys := j.copyLeaves(j.val(in.args[1]), n), j.copyLeaves(j.val(in.args[2]), n)
	rs := make([]Value, n)
	for i, c := range cs {
		switch {
		case c.kind != kInt:
			rs[i] = dynValue
		case c.bits&1 == 1:
			rs[i] = xs[i]
		default:
			rs[i] = ys[i]
		}
	}
	j.result(in, rs)
}

// compileBitCast compiles a cast of bits of which one side is no scalar of 64
// bits at most.
func (s *specializer) compileBitCast(in *inst, from, to types.Type) {
	f, t := s.shapeOf(from), s.shapeOf(to)
	ok := func(typ types.Type, sh *shape) bool {
		cls, _, _ := s.laneClass(typ)
		return isInteger(cls) || isFloat(cls) || cls == clsPtr && sh != nil && f != nil && t != nil && len(f.leaves) == len(t.leaves)
	}
	if ok(from, f) && ok(to, t) {
		in.op, in.x = opBitCast, &extra{shape: t, operand: f}
	}
}

// bitCast moves bits between vectors and scalars: the first lane is the lowest.
func (j *job) bitCast(in *inst) {
	v := j.val(in.args[0])
	if v.kind == kUndef || v.kind == kPoison {
		j.setStatic(in.dst, v)
		return
	}
	from, to := in.x.operand, in.x.shape
	if from != nil && to != nil && len(from.leaves) == len(to.leaves) {
		j.result(in, append([]Value(nil), j.s.leaves(v, len(from.leaves))...))
		return
	}
	xs, width := []Value{v}, uint(0)
	if from != nil {
		xs, width = j.s.leaves(v, len(from.leaves)), from.bits
	} else {
		_, width = j.s.classOf(j.typeOf(in.args[0]))
	}
	bits := make([]byte, 0, 64)
	for _, x := range xs {
		n, ok := x.number()
		if !ok {
			xs = nil
			break
		}
		for k := uint(0); k < width; k++ {
			bits = append(bits, byte(n.shr(k).lo&1))
		}
	}
	if xs == nil {
		j.emitUse(in, true)
		return
	}
	number := func(at, width uint) Value {
		var n u128
		for k := uint(0); k < width; k++ {
			if bits[at+k] == 1 {
				n = n.or(wideOf(1).shl(k))
			}
		}
		return integer(n, width)
	}
	if to == nil {
		j.setStatic(in.dst, number(0, uint(len(bits))))
		return
	}
	rs := make([]Value, len(to.leaves))
	for i := range rs {
		rs[i] = number(uint(i)*to.bits, to.bits)
	}
	j.result(in, rs)
}

// freeze is static for what is defined; of a list, leaf by leaf.
func (j *job) freeze(in *inst) {
	v := j.val(in.args[0])
	defined := func(v Value) bool { return v.static() && v.kind != kUndef && v.kind != kPoison && v.kind != kConst }
	sh := j.s.shapeOf(j.typeOf(in.args[0]))
	if sh == nil {
		if defined(v) {
			j.setStatic(in.dst, v)
			return
		}
		j.emitPure(in)
		j.f.at(in.dst).obj = based(v)
		return
	}
	xs := j.copyLeaves(v, len(sh.leaves))
	for i := range xs {
		if !defined(xs[i]) {
			xs[i] = dynValue
		}
	}
	j.result(in, xs)
}

// wideContent is content for integers of more than 64 bits and lists.
func (j *job) wideContent(id ObjID, off, size int64, info regInfo, tag *ir.TBAATag) (Value, bool) {
	if info.cls == clsWide {
		lo, ok1 := j.content(id, off, 8, regInfo{cls: clsInt, width: 64}, tag)
		hi, ok2 := j.content(id, off+8, size-8, regInfo{cls: clsInt, width: uint(size-8) * 8}, tag)
		switch {
		case !ok1 || !ok2:
		case lo.kind == kInt && hi.kind == kInt:
			return integer(u128{hi.bits, lo.bits}, info.width), true
		case lo.kind == kUndef && hi.kind == kUndef:
			return lo, true
		}
		return Value{}, false
	}
	sh := j.s.shapeOf(info.typ)
	xs := make([]Value, len(sh.leaves))
	for i, l := range sh.leaves {
		xs[i] = dynValue
		if l.cls == clsOther {
			continue
		}
		if x, ok := j.content(id, off+l.off, l.size, l.regInfo, tag); ok && x.static() {
			xs[i] = x
		}
	}
	v := j.s.list(xs)
	return v, v != dynValue
}

// putWide writes an integer of more than 64 bits.
func (j *job) putWide(o *object, id ObjID, off int64, v Value, size int64, dirty byte) {
	j.st.mem.putBytes(o, id, off, v.bits, 8, dirty)
	j.st.mem.putBytes(o, id, off+8, v.hi(), size-8, dirty)
}

// putList records that the list v of shape sh lies at off of id, as put does.
// Without the dirty bit it records the leaves that are known.
func (j *job) putList(in *inst, id ObjID, off int64, v Value, sh *shape, dirty byte) bool {
	xs := j.s.leaves(v, len(sh.leaves))
	if xs == nil || !sh.whole {
		return false
	}
	if dirty != 0 {
		for i, x := range xs {
			if !storable(x, sh.leaves[i]) {
				return false
			}
		}
		j.flushPartial(id, off, int64(in.to))
		j.st.mem.setTag(j.s.obj(id), id, off, off+int64(in.to), tagUndef)
	}
	for i, x := range xs {
		l := sh.leaves[i]
		if x.static() && storable(x, l) && j.put(id, off+l.off, l.size, x, l.cls, dirty) && dirty == 0 {
			j.s.addCell(id, off+l.off, l.size, in.tag)
		}
	}
	return true
}

// storable reports whether memory can hold x as the leaf l.
func storable(x Value, l leaf) bool {
	switch x.kind {
	case kInt, kWide:
		return l.cls != clsOther
	case kPtr:
		return l.size == 8
	}
	return x.kind == kUndef || x.kind == kPoison
}

// overflow executes llvm.*.with.overflow: the result wraps, the second field
// tells whether it did.
func overflow(op uint8, signed bool) builtin {
	return func(j *job, in *inst) bool {
		x, ok1 := j.val(in.args[1]).number()
		y, ok2 := j.val(in.args[2]).number()
		cls, w := j.s.classOf(j.typeOf(in.args[1]))
		if !ok1 || !ok2 || !isInteger(cls) {
			return false
		}
		r, _ := evalInteger(&inst{sub: op}, w, x, y)
		_, fits := evalInteger(&inst{sub: op, nsw: signed, nuw: !signed}, w, x, y)
		v := j.s.list([]Value{integer(r, w), intValue(b2i(!fits), 1)})
		if v.static() {
			j.setStatic(in.dst, v)
		}
		return v.static()
	}
}

func newInsertElement(typ types.Type, i int) *llir.InstInsertElement {
	return &llir.InstInsertElement{Index: constant.NewInt(types.I32, int64(i)), Typ: typ.(*types.VectorType)}
}

func newExtractValue(elem types.Type, path []uint64) *llir.InstExtractValue {
	return &llir.InstExtractValue{Indices: path, Typ: elem}
}

func newInsertValue(typ types.Type, path []uint64) *llir.InstInsertValue {
	return &llir.InstInsertValue{Indices: path, Typ: typ}
}
