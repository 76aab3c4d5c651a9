package bta

// This file holds the rules for intrinsics and C library functions that the
// specializer can run on static data.

import (
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	irvalue "github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// A libKind says how a library function is computed.
type libKind uint8

const (
	libNone    libKind = iota
	libNothing         // no effect that the specializer heeds
	libArgs            // a function of its arguments alone
	libReads           // reads memory through its pointer arguments
	libReadsN          // so, as many bytes as the last argument says
	libInto            // as libReads, and returns a pointer into its first argument
	libCopy            // memcpy and memmove
	libSet             // memset
	libBegin           // llvm.lifetime.start and end
	libVaStart         // llvm.va_start
	libVaCopy          // llvm.va_copy
	libMalloc          // malloc, aligned_alloc: the last argument is the size
	libCalloc
	libRealloc
	libStrdup // strdup, strndup
	libString // strcpy, strcat, ...: writes a string
	libNumber // strtol
	libFree
	libFirst // returns its first argument
)

// libKinds are the functions without a body of rule (B7).
var libKinds = map[string]libKind{
	"strlen": libReads, "strcmp": libReads, "strncmp": libReadsN, "memcmp": libReadsN, "bcmp": libReadsN,
	"strchr": libInto, "strrchr": libInto, "memchr": libInto, "strnlen": libReads,
	"strstr": libInto, "strpbrk": libInto, "strspn": libReads, "strcspn": libReads,
	"strcpy": libString, "stpcpy": libString, "strncpy": libString, "strcat": libString, "strncat": libString,
	"atoi": libReads, "atol": libReads, "atoll": libReads, "strtol": libNumber, "strtoll": libNumber, "strtoul": libNumber,
	"malloc": libMalloc, "aligned_alloc": libMalloc, "calloc": libCalloc, "realloc": libRealloc,
	"strdup": libStrdup, "strndup": libStrdup, "free": libFree,
	"memcpy": libCopy, "memmove": libCopy, "memset": libSet,
	"abs": libArgs, "labs": libArgs, "llabs": libArgs, "ffs": libArgs,
	"fabs": libArgs, "fabsf": libArgs, "copysign": libArgs, "copysignf": libArgs, "sqrt": libArgs, "sqrtf": libArgs,
	"fma": libArgs, "fmaf": libArgs, "fmod": libArgs, "fmodf": libArgs, "floor": libArgs, "floorf": libArgs,
	"ceil": libArgs, "ceilf": libArgs, "trunc": libArgs, "truncf": libArgs, "rint": libArgs, "rintf": libArgs,
	"nearbyint": libArgs, "nearbyintf": libArgs, "roundeven": libArgs, "roundevenf": libArgs, "round": libArgs, "roundf": libArgs,
	"fmin": libArgs, "fminf": libArgs, "fmax": libArgs, "fmaxf": libArgs, "lround": libArgs, "lroundf": libArgs,
	"llround": libArgs, "llroundf": libArgs, "lrint": libArgs, "lrintf": libArgs, "llrint": libArgs, "llrintf": libArgs,
	"htonl": libArgs, "htons": libArgs, "ntohl": libArgs, "ntohs": libArgs,
}

// libPrefixes are the intrinsics of rule (B7), without their type suffix.
var libPrefixes = []struct {
	prefix string
	kind   libKind
}{
	{"llvm.dbg.", libNothing}, {"llvm.assume", libNothing}, {"llvm.experimental.noalias.scope", libNothing},
	{"llvm.donothing", libNothing}, {"llvm.sideeffect", libNothing}, {"llvm.prefetch", libNothing},
	{"llvm.var.annotation", libNothing}, {"llvm.invariant.end", libNothing},
	{"llvm.memcpy.", libCopy}, {"llvm.memmove.", libCopy}, {"llvm.memset.", libSet},
	{"llvm.va_start", libVaStart}, {"llvm.va_copy", libVaCopy}, {"llvm.va_end", libNothing},
	{"llvm.stacksave", libArgs}, {"llvm.stackrestore", libNothing},
	{"llvm.lifetime.", libBegin}, {"llvm.expect.", libFirst}, {"llvm.annotation.", libFirst}, {"llvm.ssa.copy", libFirst},
	{"llvm.bswap.", libArgs}, {"llvm.bitreverse.", libArgs}, {"llvm.ctpop.", libArgs}, {"llvm.ctlz.", libArgs}, {"llvm.cttz.", libArgs},
	{"llvm.abs.", libArgs}, {"llvm.smax.", libArgs}, {"llvm.smin.", libArgs}, {"llvm.umax.", libArgs}, {"llvm.umin.", libArgs},
	{"llvm.fshl.", libArgs}, {"llvm.fshr.", libArgs},
	{"llvm.sadd.with.overflow.", libArgs}, {"llvm.uadd.with.overflow.", libArgs}, {"llvm.ssub.with.overflow.", libArgs},
	{"llvm.usub.with.overflow.", libArgs}, {"llvm.smul.with.overflow.", libArgs}, {"llvm.umul.with.overflow.", libArgs},
	{"llvm.vector.reduce.add.", libArgs}, {"llvm.vector.reduce.mul.", libArgs}, {"llvm.vector.reduce.and.", libArgs},
	{"llvm.vector.reduce.or.", libArgs}, {"llvm.vector.reduce.xor.", libArgs},
	{"llvm.fabs.", libArgs}, {"llvm.copysign.", libArgs}, {"llvm.sqrt.", libArgs}, {"llvm.fma.", libArgs}, {"llvm.fmuladd.", libArgs},
	{"llvm.floor.", libArgs}, {"llvm.ceil.", libArgs}, {"llvm.trunc.", libArgs}, {"llvm.rint.", libArgs}, {"llvm.nearbyint.", libArgs},
	{"llvm.roundeven.", libArgs}, {"llvm.round.", libArgs}, {"llvm.minnum.", libArgs}, {"llvm.maxnum.", libArgs},
	{"llvm.minimum.", libArgs}, {"llvm.maximum.", libArgs}, {"llvm.fptosi.sat.", libArgs}, {"llvm.fptoui.sat.", libArgs},
	{"llvm.lround.", libArgs}, {"llvm.llround.", libArgs}, {"llvm.lrint.", libArgs}, {"llvm.llrint.", libArgs},
	{"llvm.sadd.sat.", libArgs}, {"llvm.uadd.sat.", libArgs}, {"llvm.ssub.sat.", libArgs}, {"llvm.usub.sat.", libArgs},
}

// reads reports whether the result is a function of strings.
func (k libKind) reads() bool {
	switch k {
	case libReads, libReadsN, libInto, libNumber:
		return true
	}
	return false
}

// libraryKind is how a call is computed, libNone if it is not of rule (B7).
func libraryKind(i *llir.InstCall) libKind {
	lf, ok := i.Callee.(*llir.Func)
	if !ok {
		return libNone
	}
	if len(lf.Blocks) > 0 { // a body from a header, only there to be inlined, is the library's
		if k := libKinds[lf.Name()]; lf.Linkage == enum.LinkageAvailableExternally && k.reads() {
			return k
		}
		return libNone
	}
	name := lf.Name()
	if strings.HasPrefix(name, "llvm.") {
		for _, p := range libPrefixes {
			if strings.HasPrefix(name, p.prefix) {
				return p.kind
			}
		}
		return libNone
	}
	return libKinds[name]
}

// library applies rule (B7). ok is false if the call is none of a function that
// the specializer runs, done is what inst returns.
func (f *flow) library(i *llir.InstCall) (done, ok bool) {
	kind := libraryKind(i)
	switch kind {
	case libNone:
		return false, false
	case libNothing:
	case libFirst:
		f.compute(i, f.operand(i.Args[0]))
		return true, true
	case libArgs:
		f.compute(i, f.libArgs(i))
		return true, true
	case libReads, libReadsN, libInto:
		f.libRead(i, kind)
		return true, true
	case libCopy:
		if volatileCall(i) {
			return false, false
		}
		f.libCopy(i)
	case libSet:
		if volatileCall(i) {
			return false, false
		}
		f.libSet(i)
	case libMalloc:
		f.allocate(i, undef, strip(i.Args[len(i.Args)-1]))
		return true, true
	case libCalloc:
		f.allocate(i, zero, strip(i.Args[0]), strip(i.Args[1]))
		return true, true
	case libRealloc:
		f.reallocate(i)
		return true, true
	case libStrdup:
		if f.stretch(f.operand(i.Args[0]), strip(i.Args[0]), -1).bt == Dynamic {
			f.residualCall(i)
		} else {
			f.allocate(i, bytes, i.Args[1:]...)
		}
		return true, true
	case libFree:
		f.free(i)
		return true, true
	case libString:
		f.libString(i)
		return true, true
	case libNumber:
		f.libNumber(i)
		return true, true
	case libBegin:
		f.lifetime(i)
	case libVaStart:
		f.vaStart(i)
	case libVaCopy:
		f.copyBytes(strip(i.Args[0]), strip(i.Args[1]), value{}, ir.VaListSize, true)
	}
	if ir.HasResult(i) {
		f.def(f.fn().Reg(i), f.operand(i.Args[0])) // memcpy, memset return their destination
	}
	return true, true
}

// volatileCall reports whether an llvm.mem* call has its volatile flag set.
func volatileCall(i *llir.InstCall) bool {
	lf := i.Callee.(*llir.Func)
	if !strings.HasPrefix(lf.Name(), "llvm.") {
		return false
	}
	return len(i.Args) < 4 || strip(i.Args[3]).Ident() != "false"
}

// floatFunction reports whether a call computes with floating point.
func floatFunction(i *llir.InstCall) bool {
	for _, a := range i.Args {
		t := strip(a).Type()
		if v, ok := t.(*types.VectorType); ok {
			t = v.ElemType
		}
		if types.IsFloat(t) {
			return true
		}
	}
	return false
}

// libArgs is a function of the arguments.
func (f *flow) libArgs(i *llir.InstCall) value {
	v := value{}
	if floatFunction(i) && !f.floats() {
		return dynamic
	}
	for _, a := range i.Args {
		x := f.operand(a)
		v.bt, v.vary = v.bt.Join(x.bt), v.vary || x.vary
		if !computable(strip(a).Type()) || x.addr {
			return dynamic
		}
	}
	return v
}

// libRead is a function of the arguments and the memory they point to.
func (f *flow) libRead(i *llir.InstCall, kind libKind) {
	v := f.pieces(i.Args...)
	size := int64(-1)
	if kind == libReadsN {
		if n, ok := f.known(strip(i.Args[len(i.Args)-1])); ok {
			size = n
		}
	}
	for _, a := range i.Args {
		if v.bt == Dynamic || !isPointer(a) {
			continue
		}
		x := f.stretch(f.operand(a), strip(a), size)
		v.bt, v.vary = v.bt.Join(x.bt), v.vary || x.vary
	}
	if kind == libInto {
		v.refs = f.refs.spread(f.operand(i.Args[0]).refs)
	}
	f.compute(i, v)
}

// libString writes a string. What a destination of unknown content is given stays
// unknown behind the string.
func (f *flow) libString(i *llir.InstCall) {
	dst, src := f.operand(i.Args[0]), f.operand(i.Args[1])
	v := f.pieces(i.Args...)
	x := f.stretch(src, strip(i.Args[1]), -1)
	v.bt, v.vary = v.bt.Join(x.bt), v.vary || x.vary
	name := i.Callee.(*llir.Func).Name()
	if strings.HasSuffix(name, "cat") {
		v.bt = v.bt.Join(f.stretch(dst, strip(i.Args[0]), -1).bt)
	}
	if v.bt == Dynamic {
		f.residualCall(i)
		return
	}
	f.fillRange(dst, strip(i.Args[0]), 0, false, v)
	if !ir.HasResult(i) {
		return
	}
	v.refs = dst.refs
	if name == "stpcpy" {
		v.refs = f.refs.spread(dst.refs)
	}
	f.compute(i, v)
}

// libNumber reads a number and stores where it ends.
func (f *flow) libNumber(i *llir.InstCall) {
	v := f.pieces(i.Args...)
	p := strip(i.Args[0])
	x := f.stretch(f.operand(p), p, -1)
	v.bt, v.vary = v.bt.Join(x.bt), v.vary || x.vary
	if v.bt == Dynamic {
		f.residualCall(i)
		return
	}
	if end := f.operand(i.Args[1]); !nowhere(end, pointerSize) {
		f.write(end, strip(i.Args[1]), pointerSize, value{vary: v.vary, refs: f.refs.spread(f.operand(p).refs)}, nil)
	}
	f.compute(i, v)
}

// stretch is the binding time of size bytes at addr, or of everything from there
// to the end of its object if size is negative: to the end of the first cell
// that is static, where the content stops being static. A string ends before.
func (f *flow) stretch(addr value, src irvalue.Value, size int64) value {
	if addr.bt == Dynamic {
		return dynamic
	}
	refs, unknown := f.targets(addr, src)
	if unknown {
		return dynamic
	}
	v := value{vary: addr.vary}
	for _, r := range refs.refs {
		n := size
		if n < 0 {
			n = 1
		}
		if r.obj.Const {
			v.bt = v.bt.Join(f.readConst(r.obj, 0, 1, 0).bt)
			continue
		}
		if n == 0 {
			continue
		}
		x := f.readRef(r, n, 0)
		v.bt, v.vary = v.bt.Join(x.bt), v.vary || x.vary
	}
	return v
}

// lifetime makes the content of a slot undefined.
func (f *flow) lifetime(i *llir.InstCall) {
	x := f.operand(i.Args[1])
	p, off, ok := f.place(x)
	if !ok || p.obj == nil || off != 0 || p.obj.Kind != ir.ObjStack || !f.single(p.obj) || p.obj.Size <= 0 {
		return
	}
	f.s.mem = f.s.mem.with(p, []cell{{hi: p.obj.Size, fill: undef, val: value{refs: f.refs.empty}, org: writtenAt(f.pt)}})
}

// libSet is memset: as a store of every byte.
func (f *flow) libSet(i *llir.InstCall) {
	dst, val := f.operand(i.Args[0]), f.operand(i.Args[1])
	n, known := f.known(strip(i.Args[2]))
	c := cell{fill: bytes, val: value{bt: val.bt, vary: val.vary}, org: writtenAt(f.pt)}
	if b, _, ok := f.facts.Value(val.sym); ok && b&0xff == 0 {
		c.fill, c.val.refs = zero, f.refs.empty
	}
	length := f.operand(i.Args[2])
	c.val.bt = c.val.bt.Join(length.bt)
	if known && n == 0 {
		return
	}
	if p, off, ok := f.place(dst); ok && known && p.obj != nil && f.single(p.obj) && !p.obj.Const {
		c.lo, c.hi = off, off+n
		f.s.mem = f.s.mem.with(p, put(f.s.mem.cells(p), c))
		if f.outside(p.obj) {
			f.clobberInstances(place{}, nil)
		}
		return
	}
	f.fillRange(dst, strip(i.Args[0]), n, known, c.val)
}

// fillRange may write bytes of v from dst on, n of them or an unknown number.
func (f *flow) fillRange(dst value, op irvalue.Value, n int64, known bool, v value) {
	refs, unknown := f.targets(dst, op)
	v = blur(v)
	if dst.bt == Dynamic || unknown {
		v = dynamic
	}
	for _, r := range refs.refs {
		p := place{obj: r.obj}
		cs := f.s.mem.cells(p)
		if r.obj.Const || len(cs) == 0 {
			continue
		}
		lo, hi := r.off, max(r.obj.Size, cs[len(cs)-1].hi)
		if r.count == anyCount {
			lo = 0
		} else if known {
			hi = min(hi, r.last()+n)
		}
		f.s.mem = f.s.mem.with(p, f.weaken(cs, lo, hi, v, writtenAt(f.pt)))
	}
	if unknown {
		f.clobber(nil, true, 1, nil)
	}
	if unknown || f.reachesOutside(refs, dst.bt) {
		f.clobberInstances(place{}, nil)
	}
}

// libCopy is memcpy: cell by cell where both places and the length are known.
func (f *flow) libCopy(i *llir.InstCall) {
	n, known := f.known(strip(i.Args[2]))
	if known && n == 0 {
		return
	}
	f.copyBytes(strip(i.Args[0]), strip(i.Args[1]), f.operand(i.Args[2]), n, known)
}

// copyBytes copies n bytes, or an unknown number of them; length is that number.
func (f *flow) copyBytes(dstOp, srcOp irvalue.Value, length value, n int64, known bool) {
	dst, src := f.operand(dstOp), f.operand(srcOp)
	from, fromOff, ok1 := f.place(src)
	to, toOff, ok2 := f.place(dst)
	if ok1 && known && (!ok2 || f.outside_(to) || hasObject(f.s.leaked, to.obj)) {
		f.leakCells(from, fromOff, fromOff+n)
	}
	if ok1 && ok2 && known && to.obj != nil && !to.obj.Const && f.single(to.obj) {
		cs := cut(f.s.mem.cells(to), toOff, toOff+n)
		for _, c := range f.copyOf(from, fromOff, n) {
			c.lo, c.hi = c.lo-fromOff+toOff, c.hi-fromOff+toOff
			c.org = writtenAt(f.pt)
			cs = put(cs, c)
		}
		f.s.mem = f.s.mem.with(to, cs)
		if f.outside(to.obj) {
			f.clobberInstances(place{}, nil)
		}
		return
	}
	v := dynamic
	switch {
	case length.bt == Dynamic:
	case ok1 && known:
		v = f.readPlace(from, fromOff, n, 0)
	case src.bt == Static:
		v = f.stretch(src, srcOp, n)
		if !known {
			v = f.wholeObjects(src, srcOp)
		}
	}
	if v.bt == Static && src.bt == Dynamic && !ok1 {
		v = dynamic
	}
	f.fillRange(dst, dstOp, n, known, v)
}

// outside_ reports whether p exists beyond the activation.
func (f *flow) outside_(p place) bool { return p.obj == nil || f.outside(p.obj) }

// wholeObjects is the content of all objects that src may point to.
func (f *flow) wholeObjects(src value, op irvalue.Value) value {
	refs, unknown := f.targets(src, op)
	if unknown {
		return dynamic
	}
	var v value
	for _, r := range refs.refs {
		x := f.readRef(ref{obj: r.obj, count: anyCount}, 1, 0)
		v.bt, v.vary = v.bt.Join(x.bt), v.vary || x.vary
	}
	return v
}

// copyOf is the cells of [off, off+n) at p, also of read-only objects.
func (f *flow) copyOf(p place, off, n int64) []cell {
	if p.obj != nil && p.obj.Const {
		if f.readConst(p.obj, off, 1, 0).bt == Dynamic || p.obj.Site == nil {
			if p.obj.Site != nil {
				return nil
			}
			return []cell{{lo: off, hi: off + n, fill: bytes}}
		}
		return []cell{{lo: off, hi: off + n, fill: copied, src: p.obj, srcOff: off}}
	}
	var out []cell
	for _, c := range over(f.s.mem.cells(p), off, off+n) {
		if q, ok := c.part(max(c.lo, off), min(c.hi, off+n)); ok {
			q.tag = nil
			out = append(out, q)
		}
	}
	return slices.Clip(out)
}

// isPointer reports whether v is of pointer type.
func isPointer(v irvalue.Value) bool {
	_, ok := strip(v).Type().(*types.PointerType)
	return ok
}
