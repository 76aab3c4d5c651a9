package pe

// This file holds the specializer's memory: byte-addressed objects, copied on
// write page by page and hashed on demand.
//
// What a byte may be, and what then holds of run-time memory:
//
//	tagDyn    nothing is known; run-time memory is right
//	tagUndef  never written since the object came to be; run-time memory is as good as any
//	tagByte   the value is known
//	tagPtr    part of a known pointer (an entry of the page's pointer list)
//	tagSym    part of a dynamic value whose symbol is known; run-time memory is right
//
// A known byte with the dirty bit has not been written to run-time memory: its
// store was executed and not emitted. Before residual code can read such bytes
// they are flushed (stored); see delay.go for those of objects that are not private.

import (
	"encoding/binary"
	"math"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"

	"quasi/ir"
	"quasi/ir/spec"
)

// An ObjID is the dense number of an object of one specialization. 0 is no object.
type ObjID int32

type objKind uint8

const (
	objGlobal   objKind = iota + 1
	objFunc             // a function: its address, never its content
	objStack            // an alloca, or a by-value parameter, of one call context
	objInstance         // symbolic instance: memory at a dynamic base address whose identity is known
	objLabel            // a block: its address, for computed gotos
	objHeap             // memory that was allocated while specializing
)

// An object is the immutable description of one piece of memory.
type object struct {
	kind   objKind
	size   int64
	global *llir.Global
	fn     *llir.Func
	label  *constant.BlockAddress
	ctx    ctxID      // objStack
	name   string     // objStack: of the generic value, for reading
	outer  bool       // objStack: of a caller of the residual function, see passing.go
	elem   types.Type // objStack: the type allocated
	align  uint64
	base   spec.Sym   // objInstance
	heap   uint64     // objHeap: the call that allocated it, see placeHash
	place  int        // objHeap: of an array on the stack, from 1; see exec_alloca.go
	site   *ir.Object // what points-to calls it, nil if it has no name for it
	ro     bool       // read-only: the content never changes
	image  *ir.Image  // ro globals: the content
	single bool       // its address is its own: no other global is merged with it
}

const (
	tagDyn byte = iota
	tagUndef
	tagByte
	tagPtr
	tagSym

	tagDirty byte = 0x80
	tagKind  byte = 0x7f
)

const (
	pageShift = 6
	pageSize  = 1 << pageShift
)

// An entry is a value of more than one byte that cannot be split into bytes.
type entry struct {
	off  uint16 // of its first byte, within the page in which it starts
	size uint16
	val  Value // kPtr, or kDyn with a symbol
}

// A page is pageSize bytes of an object.
type page struct {
	owner   uint32
	hashed  bool
	hash    uint64
	data    [pageSize]byte
	tag     [pageSize]byte
	entries []entry // by off
}

// An objState is what is known of one object's content at one point.
type objState struct {
	owner  uint32
	leaked bool // residual code may hold its address: run-time memory is right and may be changed by it
	dyn    bool // bytes that no page holds are dynamic, whatever the object's kind
	// retyped: of a symbolic instance, a store that cannot alias its cells by type
	// may have been to it. Accesses of other types than theirs know nothing then.
	// It is set wherever paths meet, and so no part of what is compared.
	retyped bool
	late    bool // it is in memory.late
	pages   []*page
	hashed  bool
	hash    uint64
}

// local reports whether o begins as a private object, of undefined content.
func (o *object) local() bool { return o.kind == objStack || o.kind == objHeap }

// rest is the tag of the bytes of o that no page of s holds.
func (s *objState) rest(o *object) byte {
	if o.local() && (s == nil || !s.dyn) {
		return tagUndef
	}
	return tagDyn
}

// blankPage is a page of o on which nothing has been written.
func (s *objState) blankPage(o *object, owner uint32) *page {
	p := &page{owner: owner}
	if b := s.rest(o); b != 0 {
		for i := range p.tag {
			p.tag[i] = b
		}
	}
	return p
}

func (p *page) clone(owner uint32) *page {
	q := *p
	q.owner = owner
	q.entries = append([]entry(nil), p.entries...)
	return &q
}

// sum returns the page's hash. Bytes whose value is not known do not enter it.
func (p *page) sum() uint64 {
	if p.hashed {
		return p.hash
	}
	h := uint64(0x9e3779b97f4a7c15)
	for i, t := range p.tag {
		x := uint64(t) << 8
		if t&tagKind == tagByte {
			x |= uint64(p.data[i])
		}
		h = (h ^ x) * 0x100000001b3
		h ^= h >> 29
	}
	for _, e := range p.entries {
		h = e.val.hash(h ^ uint64(e.off)<<16 ^ uint64(e.size))
	}
	p.hash, p.hashed = mix(h), true
	return p.hash
}

func (p *page) equal(q *page) bool {
	if p == q {
		return true
	}
	if p.tag != q.tag || len(p.entries) != len(q.entries) {
		return false
	}
	for i, e := range p.entries {
		if e != q.entries[i] {
			return false
		}
	}
	if p.data == q.data {
		return true
	}
	for i, t := range p.tag {
		if t&tagKind == tagByte && p.data[i] != q.data[i] {
			return false
		}
	}
	return true
}

func (s *objState) sum() uint64 {
	if s.hashed {
		return s.hash
	}
	h := uint64(len(s.pages))
	if s.leaked {
		h ^= 0x5555
	}
	if s.dyn {
		h ^= 0xaaaa0000
	}
	for _, p := range s.pages {
		if p == nil {
			h = mix(h)
			continue
		}
		h = mix(h ^ p.sum())
	}
	s.hash, s.hashed = h, true
	return h
}

func (s *objState) equal(t *objState) bool {
	if s == t {
		return true
	}
	if s.leaked != t.leaked || s.dyn != t.dyn || len(s.pages) != len(t.pages) {
		return false
	}
	for i, p := range s.pages {
		q := t.pages[i]
		if p == q {
			continue
		}
		if p == nil || q == nil || !p.equal(q) {
			return false
		}
	}
	return true
}

// A memory maps objects to what is known of their content. Objects that are
// absent have blank content and are not leaked.
type memory struct {
	owner  uint32
	chunks []*chunk
	late   []ObjID // public objects that may have dirty bytes
}

const chunkSize = 32

type chunk struct {
	owner  uint32
	hashed bool
	hash   uint64
	objs   [chunkSize]*objState
}

// sum returns the hash of the objects of ch, which is chunk number c.
func (ch *chunk) sum(c int) uint64 {
	if ch.hashed {
		return ch.hash
	}
	h := uint64(0)
	for i, s := range ch.objs {
		if s != nil {
			h += mix(s.sum() ^ uint64(c*chunkSize+i)<<32)
		}
	}
	ch.hash, ch.hashed = h, true
	return h
}

// get returns the content of id for reading, nil if it is blank.
func (m *memory) get(id ObjID) *objState {
	c := int(id) / chunkSize
	if c >= len(m.chunks) || m.chunks[c] == nil {
		return nil
	}
	return m.chunks[c].objs[int(id)%chunkSize]
}

// slot returns the place of id for writing.
func (m *memory) slot(id ObjID) **objState {
	c := int(id) / chunkSize
	for c >= len(m.chunks) {
		m.chunks = append(m.chunks, nil)
	}
	switch {
	case m.chunks[c] == nil:
		m.chunks[c] = &chunk{owner: m.owner}
	case m.chunks[c].owner != m.owner:
		d := *m.chunks[c]
		d.owner = m.owner
		m.chunks[c] = &d
	}
	m.chunks[c].hashed = false
	return &m.chunks[c].objs[int(id)%chunkSize]
}

// edit returns the content of id for writing.
func (m *memory) edit(id ObjID) *objState {
	p := m.slot(id)
	switch s := *p; {
	case s == nil:
		*p = &objState{owner: m.owner}
	case s.owner != m.owner:
		*p = &objState{owner: m.owner, leaked: s.leaked, dyn: s.dyn, retyped: s.retyped, late: s.late, pages: append([]*page(nil), s.pages...)}
	}
	(*p).hashed = false
	return *p
}

// page returns page i of s for writing.
func (m *memory) page(o *object, s *objState, i int) *page {
	for i >= len(s.pages) {
		s.pages = append(s.pages, nil)
	}
	switch p := s.pages[i]; {
	case p == nil:
		s.pages[i] = s.blankPage(o, m.owner)
	case p.owner != m.owner:
		s.pages[i] = p.clone(m.owner)
	}
	s.pages[i].hashed = false
	return s.pages[i]
}

// drop forgets everything of id: its content is blank and it is not leaked.
func (m *memory) drop(id ObjID) {
	if m.get(id) != nil {
		*m.slot(id) = nil
	}
}

// each calls f for every object that is not blank, by number.
func (m *memory) each(f func(id ObjID, s *objState)) {
	for c, ch := range m.chunks {
		if ch == nil {
			continue
		}
		for i, s := range ch.objs {
			if s != nil {
				f(ObjID(c*chunkSize+i), s)
			}
		}
	}
}

// fork gives a copy that shares everything until either is written; fresh makes
// two owners that no page carries.
func (m *memory) fork(fresh func() uint32) memory {
	c := memory{owner: fresh(), chunks: append([]*chunk(nil), m.chunks...), late: append([]ObjID(nil), m.late...)}
	m.owner = fresh()
	return c
}

func (m *memory) sum() uint64 {
	h := uint64(0)
	for c, ch := range m.chunks {
		if ch != nil {
			h += ch.sum(c)
		}
	}
	return h
}

func (m *memory) equal(n *memory) bool {
	at := func(x *memory, c int) *chunk {
		if c < len(x.chunks) {
			return x.chunks[c]
		}
		return nil
	}
	for c := range max(len(m.chunks), len(n.chunks)) {
		a, b := at(m, c), at(n, c)
		if a == b {
			continue
		}
		for i := 0; i < chunkSize; i++ {
			var s, t *objState
			if a != nil {
				s = a.objs[i]
			}
			if b != nil {
				t = b.objs[i]
			}
			if s == t {
				continue
			}
			if s == nil || t == nil || !s.equal(t) {
				return false
			}
		}
	}
	return true
}

// forget makes the bytes [lo, hi) of id dynamic. Entries and known values that
// overlap the range are dropped whole; the caller has flushed what was dirty.
func (m *memory) forget(o *object, id ObjID, lo, hi int64) {
	if lo <= 0 && hi >= o.size {
		s := m.edit(id)
		s.pages, s.dyn = nil, o.local()
		if !o.local() {
			m.drop(id)
		}
		return
	}
	m.setTag(o, id, lo, hi, tagDyn)
}

// setTag gives the bytes [lo, hi) the tag t, which carries no value.
func (m *memory) setTag(o *object, id ObjID, lo, hi int64, t byte) {
	s := m.edit(id)
	for i := lo >> pageShift; i<<pageShift < hi; i++ {
		if (int(i) >= len(s.pages) || s.pages[i] == nil) && s.rest(o) == t {
			continue
		}
		p := m.page(o, s, int(i))
		start := i << pageShift
		a, b := max(lo-start, 0), min(hi-start, pageSize)
		m.cut(o, s, p, start, a, b)
		for k := a; k < b; k++ {
			p.tag[k] = t
		}
	}
}

// cut drops every entry that overlaps [a, b) of the page p at object offset
// start, making all its bytes dynamic; entries that began on the page before count too.
func (m *memory) cut(o *object, s *objState, p *page, start, a, b int64) {
	if start > 0 && a < 16 {
		if prev := s.pages[start>>pageShift-1]; prev != nil {
			for i := len(prev.entries) - 1; i >= 0; i-- {
				e := prev.entries[i]
				if end := int64(e.off) + int64(e.size) - pageSize; end > a && end > 0 {
					m.dropEntry(o, s, start-pageSize+int64(e.off), e)
				}
			}
		}
	}
	for i := len(p.entries) - 1; i >= 0; i-- {
		e := p.entries[i]
		if int64(e.off) < b && int64(e.off)+int64(e.size) > a {
			m.dropEntry(o, s, start+int64(e.off), e)
		}
	}
}

// dropEntry removes the entry e at object offset at.
func (m *memory) dropEntry(o *object, s *objState, at int64, e entry) {
	p := m.page(o, s, int(at>>pageShift))
	for i := range p.entries {
		if p.entries[i].off == e.off {
			p.entries = append(p.entries[:i:i], p.entries[i+1:]...)
			break
		}
	}
	for k := at; k < at+int64(e.size); k++ {
		m.page(o, s, int(k>>pageShift)).tag[k&(pageSize-1)] = tagDyn
	}
}

// putBytes writes size bytes of the little-endian number x at off.
func (m *memory) putBytes(o *object, id ObjID, off int64, x uint64, size int64, dirty byte) {
	s := m.edit(id)
	if first := int(off >> pageShift); int((off+size-1)>>pageShift) == first {
		p := m.page(o, s, first)
		a := off & (pageSize - 1)
		if len(p.entries) > 0 || a < 16 {
			m.cut(o, s, p, off-a, a, a+size)
		}
		switch size {
		case 8:
			binary.LittleEndian.PutUint64(p.data[a:], x)
			binary.LittleEndian.PutUint64(p.tag[a:], uint64(tagByte|dirty)*everyByte)
		case 4:
			binary.LittleEndian.PutUint32(p.data[a:], uint32(x))
			binary.LittleEndian.PutUint32(p.tag[a:], uint32(tagByte|dirty)*(everyByte&math.MaxUint32))
		default:
			for k := a; k < a+size; k++ {
				p.data[k] = byte(x)
				p.tag[k] = tagByte | dirty
				x >>= 8
			}
		}
		return
	}
	m.setTag(o, id, off, off+size, tagDyn)
	for k := off; k < off+size; k++ {
		p := m.page(o, s, int(k>>pageShift))
		p.data[k&(pageSize-1)] = byte(x)
		p.tag[k&(pageSize-1)] = tagByte | dirty
		x >>= 8
	}
}

// putEntry writes v, a pointer or a value with a symbol, of size bytes at off.
func (m *memory) putEntry(o *object, id ObjID, off int64, v Value, size int64, dirty byte) {
	m.setTag(o, id, off, off+size, tagDyn)
	s := m.edit(id)
	t := tagPtr
	if v.kind == kDyn {
		t = tagSym
	}
	for k := off; k < off+size; k++ {
		m.page(o, s, int(k>>pageShift)).tag[k&(pageSize-1)] = t | dirty
	}
	p := m.page(o, s, int(off>>pageShift))
	e := entry{off: uint16(off & (pageSize - 1)), size: uint16(size), val: v}
	i := len(p.entries)
	for i > 0 && p.entries[i-1].off > e.off {
		i--
	}
	p.entries = append(p.entries, entry{})
	copy(p.entries[i+1:], p.entries[i:])
	p.entries[i] = e
}

// byteAt returns the tag and the byte at off.
func (s *objState) byteAt(o *object, off int64) (tag, data byte) {
	i := int(off >> pageShift)
	if s == nil || i >= len(s.pages) || s.pages[i] == nil {
		return s.rest(o), 0
	}
	p := s.pages[i]
	return p.tag[off&(pageSize-1)], p.data[off&(pageSize-1)]
}

// everyByte has a one in every byte.
const everyByte = 0x0101010101010101

// bytes returns the size bytes at off, at most 8, as a little-endian number, if all
// are known.
func (s *objState) bytes(o *object, off, size int64) (x uint64, ok bool) {
	i, a := int(off>>pageShift), off&(pageSize-1)
	if a+size <= pageSize && s != nil && i < len(s.pages) && s.pages[i] != nil {
		p := s.pages[i]
		switch size {
		case 8:
			t := binary.LittleEndian.Uint64(p.tag[a:])
			return binary.LittleEndian.Uint64(p.data[a:]), t&(uint64(tagKind)*everyByte) == uint64(tagByte)*everyByte
		case 4:
			t := binary.LittleEndian.Uint32(p.tag[a:])
			const every = everyByte & math.MaxUint32
			return uint64(binary.LittleEndian.Uint32(p.data[a:])), t&(uint32(tagKind)*every) == uint32(tagByte)*every
		}
	}
	for k := size - 1; k >= 0; k-- {
		t, b := s.byteAt(o, off+k)
		if t&tagKind != tagByte {
			return 0, false
		}
		x = x<<8 | uint64(b)
	}
	return x, true
}

// anyEntry reports whether a page that has bytes of [lo, hi) has entries.
func (s *objState) anyEntry(lo, hi int64) bool {
	for i := max(lo, 0) >> pageShift; i <= (hi-1)>>pageShift && int(i) < len(s.pages); i++ {
		if p := s.pages[i]; p != nil && len(p.entries) > 0 {
			return true
		}
	}
	return false
}

// entryAt returns the entry that starts at off.
func (s *objState) entryAt(off int64) (entry, bool) {
	i := int(off >> pageShift)
	if s == nil || i >= len(s.pages) || s.pages[i] == nil {
		return entry{}, false
	}
	for _, e := range s.pages[i].entries {
		if int64(e.off) == off&(pageSize-1) {
			return e, true
		}
	}
	return entry{}, false
}

// anyDirty reports whether a byte of s has not been written to run-time memory.
func (s *objState) anyDirty() bool {
	for _, p := range s.pages {
		if p == nil {
			continue
		}
		for _, t := range p.tag {
			if t&tagDirty != 0 {
				return true
			}
		}
	}
	return false
}
