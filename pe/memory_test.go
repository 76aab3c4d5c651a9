package pe

// This file tests memory against a model that keeps a record a byte.

import (
	"math/rand/v2"
	"testing"
)

// A modelByte is what the model knows of one byte.
type modelByte struct {
	tag  byte
	data byte
	val  Value // of an entry
	at   int64 // where the entry starts
	size int64
}

// A model is an object's content, byte by byte.
type model []modelByte

func newModel(o *object) model {
	m := make(model, o.size)
	for i := range m {
		m[i].tag = (*objState)(nil).rest(o)
	}
	return m
}

// cut makes every entry that overlaps [lo, hi) dynamic, whole.
func (m model) cut(lo, hi int64) {
	for i := lo; i < hi; i++ {
		if b := m[i]; b.size != 0 {
			for k := b.at; k < b.at+b.size; k++ {
				m[k] = modelByte{tag: tagDyn}
			}
		}
	}
}

func (m model) setTag(lo, hi int64, t byte) {
	m.cut(lo, hi)
	for i := lo; i < hi; i++ {
		m[i] = modelByte{tag: t}
	}
}

func (m model) putBytes(off int64, x uint64, size int64, dirty byte) {
	m.cut(off, off+size)
	for i := off; i < off+size; i++ {
		m[i] = modelByte{tag: tagByte | dirty, data: byte(x)}
		x >>= 8
	}
}

func (m model) putEntry(off int64, v Value, size int64, dirty byte) {
	m.cut(off, off+size)
	t := tagPtr
	if v.kind == kDyn {
		t = tagSym
	}
	for i := off; i < off+size; i++ {
		m[i] = modelByte{tag: t | dirty, val: v, at: off, size: size}
	}
}

func (m model) equal(n model) bool {
	for i := range m {
		if m[i] != n[i] {
			return false
		}
	}
	return true
}

// check compares an object with its model.
func (m model) check(t *testing.T, o *object, s *objState) {
	t.Helper()
	for i, b := range m {
		off := int64(i)
		tag, data := s.byteAt(o, off)
		if tag != b.tag || tag&tagKind == tagByte && data != b.data {
			t.Fatalf("byte %d: got tag %#x data %#x, want %#x %#x", i, tag, data, b.tag, b.data)
		}
		e, ok := s.entryAt(off)
		if starts := b.size != 0 && b.at == off; ok != starts || ok && (e.val != b.val || int64(e.size) != b.size) {
			t.Fatalf("byte %d: got entry %+v %v, want %+v", i, e, ok, b)
		}
		if b.size != 0 && s.covering(off) != (entryAtOff{b.at, entry{uint16(b.at & (pageSize - 1)), uint16(b.size), b.val}}) {
			t.Fatalf("byte %d: got %+v to cover it, want %+v", i, s.covering(off), b)
		}
	}
}

// A world is a memory with the models of its objects.
type world struct {
	mem    memory
	models []model // by ObjID; index 0 is unused
}

func (w *world) fork(fresh func() uint32) *world {
	v := &world{mem: w.mem.fork(fresh), models: make([]model, len(w.models))}
	for i, m := range w.models {
		v.models[i] = append(model(nil), m...)
	}
	return v
}

// step does one random operation on both.
func (w *world) step(r *rand.Rand, objects []object) {
	id := ObjID(1 + r.IntN(len(objects)-1))
	o, m := &objects[id], w.models[id]
	size := int64(1) << r.IntN(4)
	off := r.Int64N(o.size - size + 1)
	dirty := byte(0)
	if o.kind == objStack && r.IntN(2) == 0 {
		dirty = tagDirty
	}
	switch r.IntN(8) {
	case 0, 1, 2:
		x := r.Uint64() & 0x0101010101010101
		w.mem.putBytes(o, id, off, x, size, dirty)
		m.putBytes(off, x, size, dirty)
	case 3:
		off = r.Int64N(o.size - 7)
		v := ptrValue(ObjID(1+r.IntN(2)), int64(r.IntN(2)))
		w.mem.putEntry(o, id, off, v, 8, dirty)
		m.putEntry(off, v, 8, dirty)
	case 4:
		v := Value{kind: kDyn, sym: 7}
		w.mem.putEntry(o, id, off, v, size, 0)
		m.putEntry(off, v, size, 0)
	case 5:
		lo := r.Int64N(o.size)
		hi := lo + 1 + r.Int64N(o.size-lo)
		t := tagDyn
		if o.kind == objStack && r.IntN(2) == 0 {
			t = tagUndef
		}
		w.mem.setTag(o, id, lo, hi, t)
		m.setTag(lo, hi, t)
	case 6:
		if r.IntN(8) == 0 {
			w.mem.forget(o, id, 0, o.size)
			m.setTag(0, o.size, tagDyn)
		}
	case 7:
		if r.IntN(8) == 0 {
			w.mem.drop(id)
			copy(m, newModel(o))
		}
	}
}

func testObjects() []object {
	return []object{{}, {kind: objStack, size: 24}, {kind: objGlobal, size: 200}, {kind: objStack, size: 130}, {kind: objInstance, size: 64}}
}

// TestMemoryModel runs random operations on forked memories and their models.
func TestMemoryModel(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		objects := testObjects()
		owner := uint32(0)
		fresh := func() uint32 { owner++; return owner }
		w := &world{mem: memory{owner: fresh()}, models: make([]model, len(objects))}
		for i := 1; i < len(objects); i++ {
			w.models[i] = newModel(&objects[i])
		}
		worlds := []*world{w}
		for range 400 {
			w := worlds[r.IntN(len(worlds))]
			w.step(r, objects)
			if r.IntN(30) == 0 && len(worlds) < 6 {
				worlds = append(worlds, w.fork(fresh))
			}
			for _, w := range worlds {
				for id := 1; id < len(objects); id++ {
					w.models[id].check(t, &objects[id], w.mem.get(ObjID(id)))
				}
			}
		}
	}
}

// TestMemoryEqual checks that memories that are equal have equal content and
// hashes, and that equal content made in two ways, page by page, has one hash.
func TestMemoryEqual(t *testing.T) {
	equal := 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 5))
		objects := []object{{}, {kind: objStack, size: 16}}
		owner := uint32(0)
		fresh := func() uint32 { owner++; return owner }
		a := &world{mem: memory{owner: fresh()}, models: []model{nil, newModel(&objects[1])}}
		for range r.IntN(3) {
			a.step(r, objects)
		}
		a.mem.sum()
		b := a.fork(fresh)
		for range r.IntN(3) {
			a.step(r, objects)
		}
		for range r.IntN(3) {
			b.step(r, objects)
		}
		same := a.mem.equal(&b.mem)
		if same && !a.models[1].equal(b.models[1]) {
			t.Fatalf("seed %d: memories are equal, their content is not", seed)
		}
		if same != b.mem.equal(&a.mem) {
			t.Fatalf("seed %d: equality is not symmetric", seed)
		}
		if same && a.mem.sum() != b.mem.sum() {
			t.Fatalf("seed %d: equal memories have hashes %#x and %#x", seed, a.mem.sum(), b.mem.sum())
		}
		if !same && a.mem.sum() == b.mem.sum() {
			t.Fatalf("seed %d: different memories have one hash", seed)
		}
		if same {
			equal++
		}
	}
	if equal < 100 {
		t.Errorf("only %d pairs were equal; the test says little", equal)
	}
}

// TestMemoryForkIsolated checks that a fork does not see later writes.
func TestMemoryForkIsolated(t *testing.T) {
	owner := uint32(0)
	fresh := func() uint32 { owner++; return owner }
	o := object{kind: objGlobal, size: 128}
	m := memory{owner: fresh()}
	m.putBytes(&o, 1, 60, 0x1122334455667788, 8, 0)
	f := m.fork(fresh)
	m.putBytes(&o, 1, 62, 0, 1, 0)
	f.putEntry(&o, 1, 64, ptrValue(1, 4), 8, 0)
	if tag, data := m.get(1).byteAt(&o, 64); tag != tagByte || data != 0x44 {
		t.Errorf("original: got tag %d data %#x at 64, want byte 0x44", tag, data)
	}
	if tag, data := f.get(1).byteAt(&o, 62); tag != tagByte || data != 0x66 {
		t.Errorf("fork: got tag %d data %#x at 62, want byte 0x66", tag, data)
	}
}
