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
	id := s.stepOf(st)
	n, ok := c.tmp[id]
	if !ok {
		n = s.newNode()
		c.tmp[id] = n
		s.constrain(c.dst, constraint{conStore, n, id})
	}
	return n
}

// between is how far `to` lies behind `from`, two cells of one object, within
// n bytes (n < 0: any number): the step from one to the other. ok is false if
// no offset of `to` is within reach.
func (s *solver) between(from, to cell, n int64) (st step, ok bool) {
	if n < 0 {
		n = endless
	}
	o := s.objs[from.obj]
	count, shared, period := int64(0), int64(0), int64(0)
	if o.typ != nil && !from.raw && !to.raw {
		period, shared, count = s.periods(o, from, to, n)
	} else {
		if o.typ != nil {
			from, to = s.rawForm(o, from), s.rawForm(o, to)
		}
		shared, period = from.stride, to.stride // offsets repeat with these
		if to.stride > 0 && to.end != endless {
			count = (to.end - to.off + to.stride - 1) / to.stride
		}
	}
	d := to.off - from.off
	if shared > 0 {
		// From each element the same place is found in the same element, or, if
		// it lies before, in the next.
		g := gcd(shared, period)
		d = mod(d, g)
		if n <= g {
			return memberStep(d), d < n
		}
		period, count = g, 0
	}
	if period == 0 {
		return memberStep(d), d >= 0 && d < n
	}
	if d < 0 {
		skip := (-d + period - 1) / period
		d += skip * period
		if count > 0 {
			if count -= skip; count <= 0 {
				return step{}, false
			}
		}
	}
	if d >= n {
		return step{}, false
	}
	if n != endless {
		if m := (n - d + period - 1) / period; count == 0 || m < count {
			count = m
		}
	}
	if count == 1 {
		return memberStep(d), true
	}
	return step{k: d, stride: period, count: count, kind: stepArray}, true
}

func memberStep(k int64) step { return step{k: k, kind: stepMember} }

// rawForm is c or, if c is canonical, the raw cell of what it stands for.
func (s *solver) rawForm(o *objState, c cell) cell {
	if c.raw {
		return c
	}
	parts, _ := s.parts(o, c.off)
	return s.elements(c, parts)
}

// periods finds in which arrays of a typed object two canonical cells lie:
// period is that of the arrays that hold `to` only, with its number of elements
// if it is one array, shared that of those which hold `from`. An array that
// holds both, of elements no shorter than n, counts in neither if the copy stays
// in one element.
func (s *solver) periods(o *objState, from, to cell, n int64) (period, shared, count int64) {
	a, _ := s.parts(o, from.off)
	b, _ := s.parts(o, to.off)
	arrays := 0
	for i, p := range b {
		both := i < len(a) && a[i] == p
		if !p.isArray() || both && n <= p.elem && to.off >= from.off {
			continue
		}
		if both {
			shared = gcd(shared, p.elem)
			continue
		}
		period = gcd(period, p.elem)
		count = p.count
		arrays++
	}
	for i, p := range a {
		if p.isArray() && !(i < len(b) && b[i] == p) {
			shared = gcd(shared, p.elem)
		}
	}
	if arrays != 1 {
		count = 0
	}
	return period, shared, count
}
