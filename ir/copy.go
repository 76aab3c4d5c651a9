package ir

// This file holds rule (P6), the copying of memory, and the watchers of objects
// through which it and others learn of new cells.

// A memCopy copies n bytes (any number if n < 0) to where dst points.
type memCopy struct {
	dst node
	n   int64
	tmp map[stepID]node // by distance from the start: what is copied there
}

type watchKind uint8

const (
	watchRead  watchKind = iota // contents flow to node
	watchWrite                  // node flows to contents
	watchCopy                   // contents flow through copy arg, from cell from on
	watchTaint                  // contents within reach of copy arg become unknown
)

// A watcher is told of every cell of an object.
type watcher struct {
	kind watchKind
	node node
	arg  int32
	from cellID
}

// copy is rule (P6).
func (s *solver) copy(dst, src node, n int64) {
	if dst == noNode || src == noNode || n == 0 {
		return
	}
	id := int32(len(s.copies))
	s.copies = append(s.copies, &memCopy{dst: dst, n: n, tmp: make(map[stepID]node)})
	s.constrain(src, constraint{conCopyFrom, noNode, id})
}

// watch lets w know all cells of an object, and those to come.
func (s *solver) watch(obj int32, w watcher) {
	o := s.objs[obj]
	if o.watching[w] {
		return
	}
	if o.watching == nil {
		o.watching = make(map[watcher]bool)
	}
	o.watching[w] = true
	o.watch = append(o.watch, w)
	for i := 0; i < len(o.cells); i++ { // cells may be made meanwhile
		s.notify(w, o.cells[i])
	}
}

// notify tells w of one cell.
func (s *solver) notify(w watcher, id cellID) {
	mem := s.cells[id].mem
	switch w.kind {
	case watchRead:
		s.edge(mem, w.node)
	case watchWrite:
		s.edge(w.node, mem)
	case watchCopy:
		c := s.copies[w.arg]
		if st, ok := s.between(s.cells[w.from], s.cells[id], c.n); ok {
			s.edge(mem, s.copied(c, st))
		}
	case watchTaint:
		if _, ok := s.between(s.cells[w.from], s.cells[id], s.copies[w.arg].n); ok {
			s.edge(unknownNode, mem)
		}
	}
}

// copied returns the node of what c copies at distance st.
func (s *solver) copied(c *memCopy, st step) node {
	st.loose = true
	id := s.stepOf(st)
	n, ok := c.tmp[id]
	if !ok {
		n = s.newNode()
		c.tmp[id] = n
		s.constrain(c.dst, constraint{conStore, n, id})
	}
	return n
}
