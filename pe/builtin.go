package pe

// This file executes the intrinsics and library functions that the specializer
// knows, on static data: LangRef's and the C standard's meaning of them.

import (
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/spec"
)

// A builtin executes a call, or reports that it cannot: then the call is emitted.
type builtin func(j *job, in *inst) bool

// maxBytes bounds how many bytes of memory one builtin looks at or writes statically.
const maxBytes = 1 << 22

// builtinOf returns the builtin for a declared function, nil if there is none.
func builtinOf(f *llir.Func) builtin {
	name := f.Name()
	if strings.HasPrefix(name, "llvm.") {
		for _, list := range [][]intrinsic{intrinsics, integerIntrinsics, floatIntrinsics} {
			for _, b := range list {
				if strings.HasPrefix(name, b.prefix) {
					return b.run
				}
			}
		}
		return nil
	}
	if b, ok := libc[name]; ok && b.fits(f.Sig) {
		return b.run
	}
	return mathBuiltin(f)
}

var intrinsics = []intrinsic{
	{"llvm.lifetime.", lifetime},
	{"llvm.stacksave", stackSave},
	{"llvm.stackrestore", stackRestore},
	{"llvm.experimental.noalias.scope.decl", dropCall},
	{"llvm.invariant.", dropInvariant},
	{"llvm.assume", assume},
	{"llvm.expect.", func(j *job, in *inst) bool { j.copyTo(in.dst, in.args[1]); return true }},
	{"llvm.memcpy.p0i8.p0i8.i", memcpy},
	{"llvm.memcpy.inline.p0i8.p0i8.i", memcpy},
	{"llvm.memmove.p0i8.p0i8.i", memcpy},
	{"llvm.memset.p0i8.i", memset},
	{"llvm.va_start", vaStart},
	{"llvm.va_copy", vaCopy},
	{"llvm.va_end", dropCall},
	{"llvm.is.constant.", isConstant},
}

func dropCall(j *job, in *inst) bool { return true }

// dropInvariant drops the markers of invariant memory; the value of a start
// marker is used by end markers alone.
func dropInvariant(j *job, in *inst) bool {
	if in.dst != ir.NoReg {
		j.setStatic(in.dst, Value{kind: kUndef})
	}
	return true
}

func assume(j *job, in *inst) bool {
	v := j.val(in.args[1])
	return v.kind == kInt && v.bits == 1
}

// isConstant answers true for what is known; an unknown value may still become
// constant in LLVM's hands.
func isConstant(j *job, in *inst) bool {
	if j.val(in.args[1]).kind != kInt {
		return false
	}
	j.setStatic(in.dst, intValue(1, 1))
	return true
}

// lifetime ends what is known of a private object whose storage begins or ends.
// The markers are dropped: residual stack slots live as long as the function.
func lifetime(j *job, in *inst) bool {
	if v := j.val(in.args[2]); v.kind == kPtr && v.off() == 0 && j.private(v.obj) {
		j.st.mem.drop(v.obj)
	}
	return true
}

// memcpy executes llvm.memcpy and llvm.memmove of a known length.
func memcpy(j *job, in *inst) bool {
	n, volatile := j.val(in.args[3]), j.val(in.args[4])
	if n.kind != kInt || n.bits > maxBytes || volatile.bits != 0 {
		return residualTransfer(j, in)
	}
	if n.bits == 0 {
		return true
	}
	return j.copyBytes(in, j.val(in.args[1]), j.val(in.args[2]), j.source(in.args[2]), int64(n.bits), true)
}

// residualTransfer emits a memcpy, memmove or memset. None of them keeps the
// addresses it is given, so private objects do not leak by it.
func residualTransfer(j *job, in *inst) bool {
	set := strings.HasPrefix(in.node.(*llir.InstCall).Callee.(*llir.Func).Name(), "llvm.memset")
	n := j.val(in.args[3])
	size := int64(-1)
	if n.kind == kInt && n.bits < 1<<40 {
		size = int64(n.bits)
	}
	for i := 1; i <= 2; i++ {
		if i == 2 && set {
			break
		}
		v := j.val(in.args[i])
		id, off := j.locate(v)
		switch {
		case id != 0 && size >= 0 && within(j.s.obj(id), off, size):
			j.flush(id, off, off+size)
		case id != 0:
			j.leak(id)
		case based(v) != 0:
			j.flush(v.obj, 0, j.s.obj(v.obj).size)
		}
	}
	ops := make([]rval, len(in.args))
	for i, a := range in.args {
		if i == 3 || i == 2 && set {
			ops[i] = j.use(a)
		} else {
			ops[i] = j.raw(a)
		}
	}
	j.rf.emit(j.b, j.clone(in.node), nil, false, ops...)
	p := j.val(in.args[1])
	id, off := j.locate(p)
	j.written(in, p, id, off, size, id != 0 && size >= 0 && within(j.s.obj(id), off, size))
	return true
}

// A span is a run of memory that is copied: known, or left to residual code.
type span struct {
	off, size int64
	val       Value // kInt (size at most 8), kPtr, kUndef, or kDyn for unknown bytes
}

// copyBytes copies size bytes. What is known of a private destination is set
// without residual code; the rest is copied by residual code.
func (j *job) copyBytes(in *inst, dst, src Value, srcAddr func() rval, size int64, emitWhole bool) bool {
	did, doff := j.locate(dst)
	sid, soff := j.locate(src)
	exactDst := did != 0 && within(j.s.obj(did), doff, size)
	exactSrc := sid != 0 && within(j.s.obj(sid), soff, size)
	overlap := did == sid && did != 0 && doff < soff+size && soff < doff+size
	if overlap && doff == soff {
		return true
	}
	var spans, syms []span
	if exactDst && exactSrc && !overlap {
		spans, syms = j.spans(sid, soff, size), j.symbols(sid, soff, size)
	}
	if spans != nil && (j.private(did) || j.delays(did) && allStatic(spans)) {
		j.flushPartial(did, doff, size)
		for _, s := range spans {
			if s.val.kind == kDyn {
				j.emitCopy(did, doff+s.off, sid, soff+s.off, s.size, srcAddr, s.off)
				j.st.mem.forget(j.s.obj(did), did, doff+s.off, doff+s.off+s.size)
				continue
			}
			j.put(did, doff+s.off, s.size, s.val, clsInt, tagDirty)
		}
		j.putSymbols(did, doff, syms)
		j.delayed(in, did)
		return true
	}
	if emitWhole {
		residualTransfer(j, in)
		for _, s := range spans {
			if s.val.kind != kDyn && s.val.kind != kUndef && !j.s.obj(did).ro && j.s.obj(did).kind != objInstance {
				j.put(did, doff+s.off, s.size, s.val, clsInt, 0)
			}
		}
		if exactDst && !j.s.obj(did).ro && j.s.obj(did).kind != objInstance {
			j.putSymbols(did, doff, syms)
		}
		return true
	}
	// The destination is private and exact, the source is not known.
	switch {
	case sid != 0 && !exactSrc:
		j.leak(sid)
	case sid != 0:
		j.flush(sid, soff, soff+size)
	case based(src) != 0:
		j.flush(src.obj, 0, j.s.obj(src.obj).size)
	}
	j.emitMemcpy(j.lift(dst, types.I8Ptr), srcAddr(), size)
	j.st.mem.forget(j.s.obj(did), did, doff, doff+size)
	return true
}

func allStatic(spans []span) bool {
	for _, s := range spans {
		if !s.val.static() {
			return false
		}
	}
	return true
}

// spans splits [off, off+size) of id into runs by what is known of them.
func (j *job) spans(id ObjID, off, size int64) []span {
	o := j.s.obj(id)
	var out []span
	dynamic := func(at, n int64) {
		if k := len(out) - 1; k >= 0 && out[k].val.kind == kDyn && out[k].off+out[k].size == at {
			out[k].size += n
			return
		}
		out = append(out, span{at, n, dynValue})
	}
	one := regInfo{cls: clsInt, width: 8}
	for k := int64(0); k < size; {
		if k+8 <= size {
			v, ok := j.content(id, off+k, 8, regInfo{cls: clsInt, width: 64}, nil)
			if ok && (v.kind == kPtr || v.kind == kInt && (off+k)%8 == 0 || v.kind == kUndef) {
				out = append(out, span{k, 8, v})
				k += 8
				continue
			}
			if !o.ro {
				if e, ok := j.st.mem.get(id).entryAt(off + k); ok && e.val.kind == kDyn && k+int64(e.size) <= size {
					dynamic(k, int64(e.size))
					k += int64(e.size)
					continue
				}
			}
		}
		v, ok := j.content(id, off+k, 1, one, nil)
		if !ok || v.kind == kDyn {
			// A part of a pointer: run-time memory must have it.
			j.flush(id, off+k, off+k+1)
			dynamic(k, 1)
		} else {
			out = append(out, span{k, 1, v})
		}
		k++
	}
	return out
}

// symbols lists the dynamic values in [off, off+size) of id whose symbols are
// known.
func (j *job) symbols(id ObjID, off, size int64) []span {
	var out []span
	s := j.st.mem.get(id)
	if s == nil || j.facts == nil {
		return nil
	}
	for k := int64(0); k < size; {
		e, ok := s.entryAt(off + k)
		if !ok || e.val.kind != kDyn || k+int64(e.size) > size {
			k++
			continue
		}
		if v, ok := j.content(id, off+k, int64(e.size), regInfo{cls: clsInt, width: uint(e.size) * 8}, nil); ok {
			out = append(out, span{k, int64(e.size), v})
		}
		k += int64(e.size)
	}
	return out
}

// putSymbols notes the symbols of values that residual code has copied to off
// of id.
func (j *job) putSymbols(id ObjID, off int64, syms []span) {
	for _, s := range syms {
		j.put(id, off+s.off, s.size, Value{kind: kDyn, sym: s.val.sym}, clsInt, 0)
	}
}

// emitCopy copies unknown bytes of sid into the private object did.
func (j *job) emitCopy(did ObjID, doff int64, sid ObjID, soff, size int64, srcAddr func() rval, at int64) {
	d := j.lift(ptrValue(did, doff), types.I8Ptr)
	var s rval
	if j.s.obj(sid).kind == objInstance {
		s = j.moved(srcAddr(), at, false)
	} else {
		s = j.lift(ptrValue(sid, soff), types.I8Ptr)
	}
	j.emitMemcpy(d, s, size)
}

// emitMemcpy emits llvm.memcpy of a constant size.
func (j *job) emitMemcpy(d, s rval, size int64) {
	f := j.s.memcpyFunc()
	node := &llir.InstCall{Callee: f, Typ: types.Void, Args: []value.Value{
		constant.NewNull(types.I8Ptr), constant.NewNull(types.I8Ptr), constant.NewInt(types.I64, size), constant.False}}
	j.rf.emit(j.b, node, nil, false, 0, d, s)
}

// memcpyFunc declares llvm.memcpy if the module does not.
func (s *specializer) memcpyFunc() *llir.Func {
	return s.intrinsic("llvm.memcpy.p0i8.p0i8.i64", types.I8Ptr, types.I8Ptr, types.I64, types.I1)
}

// memset executes llvm.memset of a known length on a private object.
func memset(j *job, in *inst) bool {
	x, n, volatile := j.val(in.args[2]), j.val(in.args[3]), j.val(in.args[4])
	id, off := j.locate(j.val(in.args[1]))
	if n.kind == kInt && n.bits == 0 && volatile.bits == 0 {
		return true
	}
	if x.kind != kInt || n.kind != kInt || n.bits > maxBytes || volatile.bits != 0 || id == 0 || !within(j.s.obj(id), off, int64(n.bits)) {
		return residualTransfer(j, in)
	}
	size := int64(n.bits)
	dirty := tagDirty
	if !j.delays(id) {
		residualTransfer(j, in)
		if o := j.s.obj(id); o.ro || o.kind == objInstance {
			return true
		}
		dirty = 0
	}
	j.fill(id, off, size, byte(x.bits), dirty)
	if dirty != 0 {
		j.delayed(in, id)
	}
	return true
}

// fill puts size times the byte x at off of id.
func (j *job) fill(id ObjID, off, size int64, x byte, dirty byte) {
	for k := int64(0); k < size; {
		step := int64(8)
		for step > size-k || (off+k)%step != 0 {
			step >>= 1
		}
		j.put(id, off+k, step, intValue(uint64(x)*everyByte, uint(step)*8), clsInt, dirty)
		k += step
	}
}

// A libFunc is a library function executed on static memory.
type libFunc struct {
	args string // i: integer, p: pointer
	ret  byte
	run  builtin
}

func (l libFunc) fits(sig *types.FuncType) bool {
	if sig.Variadic || len(sig.Params) != len(l.args) || !isA(sig.RetType, l.ret) {
		return false
	}
	for i, p := range sig.Params {
		if !isA(p, l.args[i]) {
			return false
		}
	}
	return true
}

func isA(t types.Type, c byte) bool {
	switch c {
	case 'p':
		return types.IsPointer(t)
	case 'v':
		return t.Equal(types.Void)
	}
	i, ok := t.(*types.IntType)
	return ok && i.BitSize <= 64
}

var libc = map[string]libFunc{
	"strlen":  {"p", 'i', length(0)},
	"strcmp":  {"pp", 'i', compare(true, 0)},
	"strncmp": {"ppi", 'i', compare(true, 3)},
	"memcmp":  {"ppi", 'i', compare(false, 3)},
	"strchr":  {"pi", 'p', search(0)},
	"memchr":  {"pii", 'p', search(3)},
	"bcmp":    {"ppi", 'i', compare(false, 3)},
	"strnlen": {"pi", 'i', length(2)},
	"strrchr": {"pi", 'p', strrchr},
	"strstr":  {"pp", 'p', strstr},
	"strpbrk": {"pp", 'p', strpbrk},
	"strspn":  {"pp", 'i', strspn},
	"strcspn": {"pp", 'i', strcspn},
	"strcpy":  {"pp", 'p', writer{}.run},
	"stpcpy":  {"pp", 'p', writer{end: true}.run},
	"strncpy": {"ppi", 'p', writer{bounded: true, pads: true}.run},
	"strcat":  {"pp", 'p', writer{appends: true}.run},
	"strncat": {"ppi", 'p', writer{appends: true, bounded: true}.run},
	"atoi":    {"p", 'i', readNumber(true, false)},
	"atol":    {"p", 'i', readNumber(true, false)},
	"atoll":   {"p", 'i', readNumber(true, false)},
	"strtol":  {"ppi", 'i', readNumber(true, true)},
	"strtoll": {"ppi", 'i', readNumber(true, true)},
	"strtoul": {"ppi", 'i', readNumber(false, true)},
	"malloc":  {"i", 'p', malloc},
	"calloc":  {"ii", 'p', calloc},
	"realloc": {"pi", 'p', realloc},
	"free":    {"p", 'v', free},
	"strdup":  {"p", 'p', strdup},
	"strndup": {"pi", 'p', strndup},

	"aligned_alloc": {"ii", 'p', alignedAlloc},

	"abs":   {"i", 'i', absolute},
	"labs":  {"i", 'i', absolute},
	"llabs": {"i", 'i', absolute},
	"ffs":   {"i", 'i', firstSet},
	"htonl": {"i", 'i', byteOrder(32)},
	"ntohl": {"i", 'i', byteOrder(32)},
	"htons": {"i", 'i', byteOrder(16)},
	"ntohs": {"i", 'i', byteOrder(16)},
}

// absolute is abs, labs, llabs; the magnitude of the smallest number is undefined.
var absolute = integers(func(c *laneCall) (u128, bool) {
	x := c.number(0)
	return x.abs(c.from), x != wideOf(1).shl(c.from-1) && c.from == c.to
})

// firstSet is ffs: the number of the lowest bit that is set, from 1; 0 if none is.
var firstSet = integers(func(c *laneCall) (u128, bool) {
	x := c.number(0)
	if x.isZero() {
		return x, c.from == c.to
	}
	return wideOf(uint64(trailingZeros(x, c.from)) + 1), c.from == c.to
})

// byteOrder is htonl, htons and their inverses, for integers of the given width.
func byteOrder(width uint) builtin {
	return integers(func(c *laneCall) (u128, bool) {
		return c.number(0).swapped(width), c.from == width && c.to == width
	})
}

// byteOf reads the static byte at v + k.
func (j *job) byteOf(v Value, k int64) (byte, bool) {
	id, off := j.locate(v)
	if id == 0 || k > maxBytes || !within(j.s.obj(id), off+k, 1) {
		return 0, false
	}
	x, ok := j.content(id, off+k, 1, regInfo{cls: clsInt, width: 8}, nil)
	return byte(x.bits), ok && x.kind == kInt
}

// found gives the result register the address p + k.
func (j *job) found(in *inst, p Value, k int64) bool {
	if p.kind == kDyn && p.sym != spec.NoSym { // a string of a symbolic instance
		r := j.moved(j.source(in.args[1])(), k, true)
		sym := j.facts.Op(spec.OpAdd, 64, p.sym, j.facts.Const(uint64(k), 64))
		j.setDyn(in.dst, j.retyped(r, types.I8Ptr, j.f.code.regs[in.dst].typ), Value{kind: kDyn, sym: sym, obj: p.obj})
		return true
	}
	if p.kind != kPtr {
		return false
	}
	j.setStatic(in.dst, ptrValue(p.obj, p.off()+k))
	return true
}
