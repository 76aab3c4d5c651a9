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
		for _, st := range s.between(s.cells[w.from], s.cells[id], c.n) {
			s.edge(mem, s.copied(c, st))
		}
	case watchTaint:
		if s.between(s.cells[w.from], s.cells[id], s.copies[w.arg].n) != nil {
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
// n bytes (n < 0: any number): the steps from one to the other, none if no offset
// of `to` is within reach.
func (s *solver) between(from, to cell, n int64) []step {
	if n < 0 {
		n = endless
	}
	o := s.objs[from.obj]
	var d distance
	if o.typ != nil && !from.raw && !to.raw {
		d = s.periods(o, from, to, n)
	} else {
		if o.typ != nil {
			from, to = s.rawForm(o, from), s.rawForm(o, to)
		}
		d.shared, d.period = from.stride, to.stride
		if to.stride > 0 && to.end != endless {
			d.count = (to.end - to.off + to.stride - 1) / to.stride
		}
	}
	d.k = to.off - from.off
	if d.shared > 0 && d.period > 0 && d.count > 0 && d.count <= maxApart {
		// An array inside elements of another: each of its elements apart.
		var steps []step
		for i := range d.count {
			each := distance{k: d.k + i*d.period, shared: d.shared}
			steps = append(steps, each.within(n)...)
		}
		return steps
	}
	return d.within(n)
}

// maxApart bounds the elements of an array that between looks at one by one.
const maxApart = 16

// A distance is from one place to another: k, plus a multiple of period if the
// other is in an array (count elements from k, 0 if their number is not known),
// less a multiple of shared if the one is.
type distance struct{ k, period, count, shared int64 }

// within returns the steps of at least 0 and less than n bytes.
func (d distance) within(n int64) []step {
	if d.shared > 0 {
		// From each element the same place is found in the same element, or, if
		// it lies before, in the next.
		g := gcd(d.shared, d.period)
		d.k = mod(d.k, g)
		if n <= g && d.k >= n {
			return nil
		}
		if n <= g {
			return []step{memberStep(d.k)}
		}
		d.period, d.count = g, 0
	}
	if d.period > 0 && d.k < 0 {
		skip := (-d.k + d.period - 1) / d.period
		d.k += skip * d.period
		if d.count > 0 && d.count <= skip {
			return nil
		}
		d.count = max(d.count-skip, 0)
	}
	if d.k < 0 || d.k >= n {
		return nil
	}
	if d.period > 0 && n != endless {
		if m := (n - d.k + d.period - 1) / d.period; d.count == 0 || m < d.count {
			d.count = m
		}
	}
	if d.period == 0 || d.count == 1 {
		return []step{memberStep(d.k)}
	}
	return []step{{k: d.k, stride: d.period, count: d.count, kind: stepArray}}
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

// periods finds in which arrays of a typed object two canonical cells lie. An
// array that holds both, of elements no shorter than n, does not count if the
// copy stays in one element.
func (s *solver) periods(o *objState, from, to cell, n int64) (d distance) {
	a, _ := s.parts(o, from.off)
	b, _ := s.parts(o, to.off)
	arrays := 0
	for i, p := range b {
		both := i < len(a) && a[i] == p
		switch {
		case !p.isArray() || both && n <= p.elem && to.off >= from.off:
		case both:
			d.shared = gcd(d.shared, p.elem)
		default:
			d.period = gcd(d.period, p.elem)
			d.count = p.count
			arrays++
		}
	}
	for i, p := range a {
		if p.isArray() && !(i < len(b) && b[i] == p) {
			d.shared = gcd(d.shared, p.elem)
		}
	}
	if arrays != 1 {
		d.count = 0
	}
	return d
}
