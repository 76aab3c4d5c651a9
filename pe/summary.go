package pe

// This file holds what is known when a residual function returns: its summary,
// the join of the states at its exits, in the callee's names.
//
// A byte is known after the call if it is known, and the same, at every exit; it
// is dirty then if it is dirty at some exit. What is dirty at an exit and not
// known in the summary is flushed at that exit. An object that leaks on some way
// leaks on all.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
)

// An exit is a path that has come to a return of the residual function.
type exit struct {
	st  *state
	b   *rblock
	ret operand
	val Value // what is returned, kNone for void
	has bool
}

// A summary is what is known after a call of a residual function.
type summary struct {
	ret Value
	mem memory
}

// leave ends the path at a return of the residual function.
func (j *job) leave(in *inst) {
	j.settle()
	e := exit{b: j.b}
	if len(in.args) > 0 {
		e.ret, e.has = in.args[0], true
		e.val = j.val(in.args[0])
		b := based(e.val)
		if e.val.kind == kList && !j.portable(e.val) || e.val.kind == kDyn && e.val.bits != 0 || b != 0 && j.s.obj(b).kind == objHeap {
			j.leakValue(e.val)
			e.val = dynValue
		}
	}
	for _, id := range j.s.inContext[j.f.ctx] {
		j.st.mem.drop(id)
	}
	e.st = j.st
	// What the summary shares with this state is not written in place any more.
	j.st.mem.owner = j.s.fresh()
	j.exits = append(j.exits, e)
}

// summarize joins the exits that came since it was called last into the summary,
// and reports whether that changed it.
func (j *job) summarize() bool {
	changed := false
	for ; j.joined < len(j.exits); j.joined++ {
		e := &j.exits[j.joined]
		x := &summary{ret: e.val, mem: e.st.mem}
		old := j.sum
		if old == nil {
			old = x
		}
		var n *summary
		for leaks := make(map[ObjID]bool); n == nil; {
			n = j.join(old, x, leaks)
		}
		if j.sum == nil || j.sum.ret != n.ret || !j.sum.mem.equal(&n.mem) {
			changed = true
			j.sum = n
		}
	}
	return changed
}

// A joiner joins two summaries.
type joiner struct {
	j     *job
	leaks map[ObjID]bool // outer objects that leak by what is flushed
	more  bool           // leaks has grown
	mem   memory
}

// join is the join of a and b, nil if leaks has grown and it has to be done again.
func (j *job) join(a, b *summary, leaks map[ObjID]bool) *summary {
	jn := &joiner{j: j, leaks: leaks, mem: memory{owner: j.s.fresh()}}
	ret := jn.value(a.ret, b.ret)
	visit := func(id ObjID, s, t *objState) {
		o := j.s.obj(id)
		switch {
		case o.local() && !o.outer:
		case o.kind == objStack:
			jn.object(id, o, s, t)
		case s != nil && t != nil:
			jn.object(id, o, s, t)
		}
	}
	a.mem.each(func(id ObjID, s *objState) { visit(id, s, b.mem.get(id)) })
	b.mem.each(func(id ObjID, t *objState) {
		if a.mem.get(id) == nil {
			visit(id, nil, t)
		}
	})
	for _, id := range j.outers() {
		if jn.leaks[id] && jn.mem.get(id) == nil {
			jn.mem.edit(id).leaked = true
		}
	}
	if jn.more {
		return nil
	}
	return &summary{ret: ret, mem: jn.mem}
}

// value joins returned values.
func (jn *joiner) value(v, w Value) Value {
	if jn.own(v) || jn.own(w) {
		jn.leak(v)
		jn.leak(w)
		return dynValue
	}
	if v == w {
		return v
	}
	if v.kind == kUndef && w.static() {
		return w
	}
	if w.kind == kUndef && v.static() {
		return v
	}
	if b := based(v); b != 0 && b == based(w) && jn.j.s.obj(b).kind == objStack {
		return Value{kind: kDyn, obj: b}
	}
	jn.leak(v)
	jn.leak(w)
	return dynValue
}

// own reports whether v is based on an object of the function itself, which has
// no name outside.
func (jn *joiner) own(v Value) bool {
	b := based(v)
	return b != 0 && jn.j.s.obj(b).local() && !jn.j.s.obj(b).outer
}

// leak notes that the address v gets into residual code.
func (jn *joiner) leak(v Value) {
	if id := based(v); id != 0 && jn.j.s.obj(id).outer && !jn.leaks[id] {
		jn.leaks[id] = true
		jn.more = true
	}
}

// object joins the contents s and t of id.
func (jn *joiner) object(id ObjID, o *object, s, t *objState) {
	leaked := jn.leaks[id] || s != nil && s.leaked || t != nil && t.leaked
	if s == t && !leaked && !jn.namesOwn(s) {
		*jn.mem.slot(id) = s
		return
	}
	r := jn.mem.edit(id)
	r.leaked = leaked
	r.dyn = o.kind == objStack && (s.rest(o) == tagDyn || t.rest(o) == tagDyn)
	n := max(s.pageCount(), t.pageCount())
	for i := 0; i < n; i++ {
		lo := int64(i) << pageShift
		hi := min(lo+pageSize, o.size)
		if s.at(i) == nil && t.at(i) == nil {
			continue
		}
		for off := lo; off < hi; {
			off += jn.bytes(id, o, s, t, off, leaked)
		}
	}
}

// at is page i of s.
func (s *objState) at(i int) *page {
	if i < s.pageCount() {
		return s.pages[i]
	}
	return nil
}

// namesOwn reports whether a pointer in s is based on an object that ends.
func (jn *joiner) namesOwn(s *objState) bool {
	return s != nil && slices.ContainsFunc(s.pages, func(p *page) bool {
		return p != nil && slices.ContainsFunc(p.entries, func(e entry) bool { return jn.own(e.val) })
	})
}

// bytes joins the byte at off, or the values that begin there, and returns how
// many bytes that was.
func (jn *joiner) bytes(id ObjID, o *object, s, t *objState, off int64, leaked bool) int64 {
	a, x := s.byteAt(o, off)
	b, y := t.byteAt(o, off)
	dirty := (a | b) & tagDirty
	if leaked {
		dirty = 0
	}
	ka, kb := a&tagKind, b&tagKind
	private := o.kind == objStack && !leaked
	switch {
	case ka == tagByte && kb == tagByte && x == y:
		jn.mem.putBytes(o, id, off, uint64(x), 1, dirty)
		return 1
	case private && ka == tagByte && kb == tagUndef:
		jn.mem.putBytes(o, id, off, uint64(x), 1, tagDirty)
		return 1
	case private && ka == tagUndef && kb == tagByte:
		jn.mem.putBytes(o, id, off, uint64(y), 1, tagDirty)
		return 1
	case ka == tagUndef && kb == tagUndef:
		jn.mem.setTag(o, id, off, off+1, tagUndef)
		return 1
	case ka == tagPtr && kb == tagPtr || ka == tagSym && kb == tagSym:
		e, ok := s.entryAt(off)
		f, ok2 := t.entryAt(off)
		if ok && ok2 && e.size == f.size && e.val == f.val && !jn.own(e.val) {
			if dirty == 0 && (a|b)&tagDirty != 0 {
				jn.leak(e.val)
			}
			jn.mem.putEntry(o, id, off, e.val, int64(e.size), dirty)
			return int64(e.size)
		}
	}
	jn.lost(s, off, a)
	jn.lost(t, off, b)
	jn.mem.setTag(o, id, off, off+1, tagDyn)
	return 1
}

// lost notes what is flushed of a dirty pointer that covers off.
func (jn *joiner) lost(s *objState, off int64, tag byte) {
	if tag == tagPtr|tagDirty {
		jn.leak(s.covering(off).e.val)
	}
}

// finishExits emits what every exit has to flush, and the returns.
func (j *job) finishExits() {
	for _, e := range j.exits {
		j.st, j.b = e.st, e.b
		j.f = j.st.editTop()
		for _, id := range j.outers() {
			if s := j.sum.mem.get(id); s != nil && s.leaked {
				j.leak(id)
			}
		}
		for _, id := range j.outers() {
			j.flushLost(id, j.sum.mem.get(id))
		}
		j.b.term = j.placed(&llir.TermRet{})
		if e.has {
			j.b.cond = j.raw(e.ret)
		}
	}
}

// flushLost flushes what is dirty of id and not known to the caller.
func (j *job) flushLost(id ObjID, sum *objState) {
	s := j.st.mem.get(id)
	if s == nil || !s.anyDirty() {
		return
	}
	o := j.s.obj(id)
	for i, p := range s.pages {
		if p == nil {
			continue
		}
		for k := range p.tag {
			off := int64(i)<<pageShift + int64(k)
			if off >= o.size {
				break
			}
			if now, _ := j.st.mem.get(id).byteAt(o, off); now&tagDirty == 0 {
				continue
			}
			end := off
			for end < o.size {
				t, _ := s.byteAt(o, end)
				if u, _ := sum.byteAt(o, end); t&tagDirty == 0 || u != tagDyn {
					break
				}
				end++
			}
			if end > off {
				j.flush(id, off, end)
			}
		}
	}
}
