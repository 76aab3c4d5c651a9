package pe

// This file executes functions of <string.h> and <stdlib.h> that find something in
// static strings, write strings, and read numbers. Those that look at the locale
// (<ctype.h>, strtod, strcoll) are left to run time.

import (
	"bytes"

	"quasi/ir"
)

// text reads the static string at v without its final zero, at most n bytes of it.
func (j *job) text(v Value, n uint64) ([]byte, bool) {
	var s []byte
	for uint64(len(s)) < n {
		c, ok := j.byteOf(v, int64(len(s)))
		if !ok {
			return nil, false
		}
		if c == 0 {
			break
		}
		s = append(s, c)
	}
	return s, true
}

// limitOf is the number that argument i is, all there are if i is 0.
func (j *job) limitOf(in *inst, i int) (uint64, bool) {
	if i == 0 {
		return ^uint64(0), true
	}
	v := j.val(in.args[i])
	return v.bits, v.kind == kInt
}

// setNumber gives the result register of in the number n, if in has one.
func (j *job) setNumber(in *inst, n uint64) bool {
	if in.dst != ir.NoReg {
		j.setStatic(in.dst, intValue(n, j.f.code.regs[in.dst].width))
	}
	return true
}

// foundAt gives the result register the address k bytes into p, null if k is negative.
func (j *job) foundAt(in *inst, p Value, k int) bool {
	if k < 0 {
		j.setStatic(in.dst, Value{kind: kInt})
		return true
	}
	return j.found(in, p, int64(k))
}

// length is the length of a string, of which argument limit bounds what counts; 0
// is none.
func length(limit int) builtin {
	return func(j *job, in *inst) bool {
		n, ok1 := j.limitOf(in, limit)
		s, ok2 := j.text(j.val(in.args[1]), n)
		return ok1 && ok2 && j.setNumber(in, uint64(len(s)))
	}
}

// compare compares bytes, those of strings up to their end, as many as argument
// limit says; 0 is none.
func compare(text bool, limit int) builtin {
	return func(j *job, in *inst) bool {
		n, ok := j.limitOf(in, limit)
		if !ok {
			return false
		}
		for k := uint64(0); k < n; k++ {
			a, ok1 := j.byteOf(j.val(in.args[1]), int64(k))
			b, ok2 := j.byteOf(j.val(in.args[2]), int64(k))
			switch {
			case !ok1 || !ok2:
				return false
			case a < b:
				return j.setNumber(in, ^uint64(0))
			case a > b:
				return j.setNumber(in, 1)
			case text && a == 0:
				return j.setNumber(in, 0)
			}
		}
		return j.setNumber(in, 0)
	}
}

// search finds a byte: in as many as argument limit says or, if that is 0, in a
// string with its final zero.
func search(limit int) builtin {
	return func(j *job, in *inst) bool {
		p, c := j.val(in.args[1]), j.val(in.args[2])
		n, ok := j.limitOf(in, limit)
		if !ok || c.kind != kInt {
			return false
		}
		for k := 0; uint64(k) < n; k++ {
			b, ok := j.byteOf(p, int64(k))
			switch {
			case !ok:
				return false
			case b == byte(c.bits):
				return j.foundAt(in, p, k)
			case b == 0 && limit == 0:
				return j.foundAt(in, p, -1)
			}
		}
		return j.foundAt(in, p, -1)
	}
}

func strrchr(j *job, in *inst) bool {
	p, c := j.val(in.args[1]), j.val(in.args[2])
	s, ok := j.text(p, maxBytes)
	if !ok || c.kind != kInt {
		return false
	}
	return j.foundAt(in, p, bytes.LastIndexByte(append(s, 0), byte(c.bits)))
}

// searchFor is a function of two strings whose result is what find gives.
func searchFor(find func(j *job, in *inst, p Value, s, t []byte) bool) builtin {
	return func(j *job, in *inst) bool {
		p := j.val(in.args[1])
		s, ok1 := j.text(p, maxBytes)
		t, ok2 := j.text(j.val(in.args[2]), maxBytes)
		return ok1 && ok2 && find(j, in, p, s, t)
	}
}

var (
	strstr = searchFor(func(j *job, in *inst, p Value, s, t []byte) bool {
		return j.foundAt(in, p, bytes.Index(s, t))
	})
	strpbrk = searchFor(func(j *job, in *inst, p Value, s, t []byte) bool {
		return j.foundAt(in, p, firstByte(s, t, false, -1))
	})
	strspn = searchFor(func(j *job, in *inst, _ Value, s, t []byte) bool {
		return j.setNumber(in, uint64(firstByte(s, t, true, len(s))))
	})
	strcspn = searchFor(func(j *job, in *inst, _ Value, s, t []byte) bool {
		return j.setNumber(in, uint64(firstByte(s, t, false, len(s))))
	})
)

// firstByte is the place of the first byte of s for which being one of t is not in,
// none if there is none.
func firstByte(s, t []byte, in bool, none int) int {
	for k, c := range s {
		if (bytes.IndexByte(t, c) >= 0) != in {
			return k
		}
	}
	return none
}

// A writer makes the bytes that a function writes, behind those that a string at
// its destination has already if it appends.
type writer struct {
	appends bool
	bounded bool // the third argument says how many bytes of the source count
	pads    bool // strncpy: exactly that many are written
	end     bool // stpcpy: the result is where the string ends
}

func (w writer) run(j *job, in *inst) bool {
	dst := j.val(in.args[1])
	limit := 0
	if w.bounded {
		limit = 3
	}
	n, ok := j.limitOf(in, limit)
	if !ok {
		return false
	}
	s, ok := j.text(j.val(in.args[2]), n)
	if !ok || dst.kind != kPtr {
		return false
	}
	at := dst.off()
	if w.appends {
		old, ok := j.text(dst, maxBytes)
		if !ok {
			return false
		}
		at += int64(len(old))
	}
	length := int64(len(s))
	switch {
	case w.pads && n > maxBytes:
		return false
	case w.pads:
		s = append(s, make([]byte, n-uint64(len(s)))...)
	default:
		s = append(s, 0)
	}
	if !j.writeBytes(in, dst.obj, at, s) {
		return false
	}
	if in.dst == ir.NoReg {
		return true
	}
	if w.end {
		return j.found(in, ptrValue(dst.obj, at), length)
	}
	j.setStatic(in.dst, dst)
	return true
}

// writeBytes executes a write of s at off of id, if it need not be emitted now.
func (j *job) writeBytes(in *inst, id ObjID, off int64, s []byte) bool {
	if !j.delays(id) || !within(j.s.obj(id), off, int64(len(s))) {
		return false
	}
	if len(s) == 0 {
		return true
	}
	j.flushPartial(id, off, int64(len(s)))
	j.putText(id, off, s, tagDirty)
	j.delayed(in, id)
	return true
}

// putText puts the bytes s at off of id.
func (j *job) putText(id ObjID, off int64, s []byte, dirty byte) {
	for k, c := range s {
		j.put(id, off+int64(k), 1, intValue(uint64(c), 8), clsInt, dirty)
	}
}

// readNumber reads a number from a static string, as strtol does: the type of the
// result has the given sign. A number that does not fit sets errno, and white space
// outside ASCII depends on the locale: both are left to run time.
func readNumber(signed, bounded bool) builtin {
	return func(j *job, in *inst) bool {
		p := j.val(in.args[1])
		s, ok := j.text(p, maxBytes)
		base := uint64(10)
		if bounded {
			b := j.val(in.args[3])
			if b.kind != kInt {
				return false
			}
			base = b.bits
		}
		if !ok || in.dst == ir.NoReg {
			return false
		}
		x, end, ok := number(s, base, signed, j.f.code.regs[in.dst].width)
		if !ok {
			return false
		}
		if bounded && !j.storeEnd(in, p, int64(end)) {
			return false
		}
		return j.setNumber(in, x)
	}
}

// storeEnd stores the address k bytes into p where the second argument points.
func (j *job) storeEnd(in *inst, p Value, k int64) bool {
	q := j.val(in.args[2])
	if q.isNull() {
		return true
	}
	if q.kind != kPtr || p.kind != kPtr || !within(j.s.obj(q.obj), q.off(), 8) || !j.private(q.obj) {
		return false
	}
	j.flushPartial(q.obj, q.off(), 8)
	return j.put(q.obj, q.off(), 8, ptrValue(p.obj, p.off()+k), clsPtr, tagDirty)
}

// number is the number of width bits at the beginning of s and where it ends, 0 if
// there is none. ok is false if C does not fix it or errno is set.
func number(s []byte, base uint64, signed bool, width uint) (x uint64, end int, ok bool) {
	k := 0
	for k < len(s) && bytes.IndexByte([]byte(" \t\n\v\f\r"), s[k]) >= 0 {
		k++
	}
	if k < len(s) && s[k] >= 0x80 || base == 1 || base > 36 {
		return 0, 0, false
	}
	negative := false
	if k < len(s) && (s[k] == '-' || s[k] == '+') {
		negative = s[k] == '-'
		k++
	}
	hex := k+2 < len(s) && s[k] == '0' && s[k+1]|0x20 == 'x' && digit(s[k+2]) < 16
	switch {
	case hex && (base == 0 || base == 16):
		base = 16
		k += 2
	case base == 0 && k+1 < len(s) && s[k] == '0' && s[k+1]|0x20 == 'b':
		return 0, 0, false // C23 reads a binary number
	case base == 2 && k+1 < len(s) && s[k] == '0' && s[k+1]|0x20 == 'b':
		return 0, 0, false
	case base == 0 && k < len(s) && s[k] == '0':
		base = 8
	case base == 0:
		base = 10
	}
	limit := mask(width)
	if signed {
		limit >>= 1
	}
	for ; k < len(s) && digit(s[k]) < base; k++ {
		d := digit(s[k])
		if x > (limit-d)/base {
			return 0, 0, false
		}
		x = x*base + d
		end = k + 1
	}
	if end == 0 {
		return 0, 0, false // musl and glibc differ in errno
	}
	if negative {
		x = -x & mask(width)
	}
	return x, end, true
}

// digit is the value of a digit in any base, 36 for any other character.
func digit(c byte) uint64 {
	switch {
	case c >= '0' && c <= '9':
		return uint64(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		return uint64(c|0x20-'a') + 10
	}
	return 36
}
