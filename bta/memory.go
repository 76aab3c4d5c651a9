package bta

// This file holds memory: what is known of objects and symbolic instances at one
// point, as cells over byte ranges. A byte in no cell is dynamic.

import (
	"slices"

	"quasi/ir"
	"quasi/ir/spec"
)

// An origin tells whether two cells with static content hold the same content on
// every path: where the content was written, or merged. The zero origin is the
// entry of the variant.
type origin uint32

const (
	mergedBit origin = 1 << 31
	freshBit  origin = 1 << 30 // a merge made while the ways into a block are being joined
)

func writtenAt(pt ir.Point) origin { return origin(pt) + 1 }

// mergedAt is the origin of content that differs between the ways into the block
// that starts at pt.
func mergedAt(pt ir.Point) origin { return (origin(pt) + 1) | mergedBit }

// point is where o is, ok false if that is the entry.
func (o origin) point() (pt ir.Point, ok bool) {
	if o == 0 {
		return 0, false
	}
	return ir.Point(o&^(mergedBit|freshBit)) - 1, true
}

// A fill says how the content of a cell relates to its bytes.
type fill uint8

const (
	whole  fill = iota // one value, known as such only over exactly the cell's bytes
	bytes              // static bytes without structure; any part of them is static
	undef              // never written since the object came to be
	zero               // all bytes zero
	copied             // the bytes of read-only src from srcOff on
)

// A cell is what the bytes [lo, hi) of a region hold.
type cell struct {
	lo, hi int64
	val    value
	fill   fill
	org    origin
	tag    *ir.TBAATag // how the content was accessed last, nil if that may be any way
	src    *ir.Object  // of a copied cell
	srcOff int64
}

// A place is an object or, if obj is nil, the symbolic instance at base.
type place struct {
	obj  *ir.Object
	base spec.Sym
}

func (p place) less(q place) bool {
	if p.obj != nil && q.obj != nil {
		return p.obj.ID < q.obj.ID
	}
	if p.obj != nil || q.obj != nil {
		return p.obj != nil
	}
	return p.base < q.base
}

// A region is the cells of one place, sorted and disjoint. Regions are immutable
// and shared.
type region struct {
	place
	cells []cell
}

// A memory is the regions that differ from their default, by place. It is
// immutable and shared; the default of read-only globals is static, that of
// everything else dynamic.
type memory []*region

// maxCells bounds the cells of a region; past it, its content is bytes.
const maxCells = 1024

func (m memory) index(p place) (i int, ok bool) {
	lo, hi := 0, len(m)
	for lo < hi {
		mid := (lo + hi) / 2
		if m[mid].place.less(p) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(m) && m[lo].place == p
}

// cells are the cells of p.
func (m memory) cells(p place) []cell {
	if i, ok := m.index(p); ok {
		return m[i].cells
	}
	return nil
}

// with is m with the cells of p replaced. Without cells the region goes, but for
// stack slots, whose region says that they are allocated.
func (m memory) with(p place, cs []cell) memory {
	i, ok := m.index(p)
	if ok && sameCells(m[i].cells, cs) || !ok && len(cs) == 0 {
		return m
	}
	keep := len(cs) > 0 || p.local()
	if len(cs) > maxCells {
		cs = squash(cs)
	}
	out := make(memory, 0, len(m)+1)
	out = append(out, m[:i]...)
	if keep {
		out = append(out, &region{place: p, cells: cs})
	}
	if ok {
		i++
	}
	return append(out, m[i:]...)
}

// squash makes runs of adjacent static cells one cell of bytes.
func squash(cs []cell) []cell {
	var out []cell
	for _, c := range cs {
		if c.val.bt == Dynamic {
			continue
		}
		c = c.asBytes()
		if n := len(out); n > 0 && out[n-1].hi == c.lo {
			out[n-1].hi = c.hi
			out[n-1].val.vary = out[n-1].val.vary || c.val.vary
			out[n-1].tag = nil
			out[n-1].org = max(out[n-1].org, c.org)
			continue
		}
		out = append(out, c)
	}
	if len(out) > maxCells {
		return nil
	}
	return out
}

// asBytes is c without its structure.
func (c cell) asBytes() cell {
	if c.fill == whole || c.fill == copied {
		c.fill, c.src, c.srcOff = bytes, nil, 0
		c.val = value{bt: c.val.bt, vary: c.val.vary}
	}
	return c
}

// part is c cut down to [lo, hi); ok is false if nothing is known of the part.
func (c cell) part(lo, hi int64) (cell, bool) {
	if lo == c.lo && hi == c.hi {
		return c, true
	}
	if c.fill == whole {
		if c.val.bt == Dynamic {
			return c, false
		}
		c = c.asBytes()
	}
	if c.fill == copied {
		c.srcOff += lo - c.lo
	}
	c.lo, c.hi = lo, hi
	return c, true
}

// cut is cs without the bytes [lo, hi).
func cut(cs []cell, lo, hi int64) []cell {
	out := make([]cell, 0, len(cs)+1)
	for _, c := range cs {
		if c.hi <= lo || c.lo >= hi {
			out = append(out, c)
			continue
		}
		if c.lo < lo {
			if p, ok := c.part(c.lo, lo); ok {
				out = append(out, p)
			}
		}
		if c.hi > hi {
			if p, ok := c.part(hi, c.hi); ok {
				out = append(out, p)
			}
		}
	}
	return out
}

// put is cs with the bytes of c overwritten by c.
func put(cs []cell, c cell) []cell {
	if c.lo >= c.hi {
		return cs
	}
	kept := cut(cs, c.lo, c.hi)
	if c.val.bt == Dynamic && c.val.sym == spec.NoSym && c.val.refs == nil {
		return kept
	}
	out := make([]cell, 0, len(kept)+1)
	i := 0
	for i < len(kept) && kept[i].lo < c.lo {
		i++
	}
	out = append(out, kept[:i]...)
	out = append(out, c)
	return tidy(append(out, kept[i:]...))
}

// tidy joins neighbours that say the same of their bytes.
func tidy(cs []cell) []cell {
	n := 0
	for _, c := range cs {
		if n > 0 && cs[n-1].hi == c.lo && c.fill != whole {
			p := cs[n-1]
			if p.fill == c.fill && p.val == c.val && p.org == c.org && p.tag == c.tag && c.fill != copied {
				cs[n-1].hi = c.hi
				continue
			}
		}
		cs[n] = c
		n++
	}
	return cs[:n]
}

// over returns the cells that overlap [lo, hi).
func over(cs []cell, lo, hi int64) []cell {
	i, j := 0, len(cs)
	for i < j {
		mid := (i + j) / 2
		if cs[mid].hi <= lo {
			i = mid + 1
		} else {
			j = mid
		}
	}
	j = i
	for j < len(cs) && cs[j].lo < hi {
		j++
	}
	return cs[i:j]
}

// view is the content of [lo, hi) of cs as one cell.
func (a *analysis) view(cs []cell, lo, hi int64) cell {
	cs = over(cs, lo, hi)
	if len(cs) == 1 && cs[0].lo <= lo && cs[0].hi >= hi {
		if p, ok := cs[0].part(lo, hi); ok {
			return p
		}
		return cell{lo: lo, hi: hi, val: dynamic}
	}
	out := cell{lo: lo, hi: hi, fill: bytes}
	at := lo
	for i, c := range cs {
		if c.lo > at || c.val.bt == Dynamic {
			return cell{lo: lo, hi: hi, val: dynamic}
		}
		at = c.hi
		out.val.vary = out.val.vary || c.val.vary
		if i == 0 {
			out.org, out.tag = c.org, c.tag
			continue
		}
		out.org = max(out.org, c.org)
		if out.tag != c.tag {
			out.tag = nil
		}
	}
	if at < hi {
		return cell{lo: lo, hi: hi, val: dynamic}
	}
	return out
}

// content is the value of a load of all of c, of type width w (0 if it can have
// no symbol).
func (a *analysis) content(c cell, w int) value {
	switch c.fill {
	case undef:
		return value{bt: c.val.bt, vary: c.val.vary, refs: a.refs.empty}
	case zero:
		v := value{vary: c.val.vary, refs: a.refs.empty}
		if w > 0 {
			v.sym = a.facts.Const(0, w)
		}
		return v
	case copied:
		v := a.readConst(c.src, c.srcOff, c.hi-c.lo, w)
		v.vary = c.val.vary
		return v
	case whole:
		if a.facts.Width(c.val.sym) != w {
			c.val.sym = spec.NoSym
		}
	}
	return c.val
}

// weaken is cs where v may have been written to [lo, hi), at org.
func (a *analysis) weaken(cs []cell, lo, hi int64, v value, org origin) []cell {
	if v.bt == Dynamic {
		return cut(cs, lo, hi)
	}
	old := a.view(cs, lo, hi)
	if old.val.bt == Static {
		return put(cs, a.joinCell(old, cell{lo: lo, hi: hi, val: v, org: org}, org, false))
	}
	out := cs
	for _, c := range over(cs, lo, hi) {
		p, ok := c.part(max(lo, c.lo), min(hi, c.hi))
		if !ok || p.val.bt == Dynamic {
			out = cut(out, max(lo, c.lo), min(hi, c.hi))
			continue
		}
		p = p.asBytes()
		p.val.vary = p.val.vary || v.vary
		p.fill, p.org, p.tag = bytes, org, nil
		out = put(out, p)
	}
	return out
}

// joinOrigin is the origin of content that comes with x on one way and y on
// another, at if they differ. Content that was merged at the block itself and comes
// back to it unchanged is no other content: at is then fresh, and settleOrigins
// makes it the block's when all ways are joined. This is the rule by which a phi of
// a value and itself is that value; without it what the origins are would depend
// on the order of the worklist.
func joinOrigin(x, y, at origin) origin {
	self := at &^ freshBit
	switch {
	case x == y || at&freshBit != 0 && y == self:
		return x
	case at&freshBit != 0 && x == self:
		return y
	}
	return at
}

// settleOrigins turns fresh merges into merges at the block that at stands for.
func (m memory) settleOrigins(at origin) memory {
	cloned := false
	for i, r := range m {
		var cs []cell
		for k, c := range r.cells {
			if c.org&freshBit == 0 {
				continue
			}
			if cs == nil {
				cs = slices.Clone(r.cells)
			}
			cs[k].org = at
		}
		if cs == nil {
			continue
		}
		if !cloned {
			m, cloned = slices.Clone(m), true
		}
		m[i] = &region{place: r.place, cells: tidy(cs)}
	}
	return m
}

// joinCell joins two cells over the same bytes. Where their origins differ, that
// of the result is at.
func (a *analysis) joinCell(x, y cell, at origin, widen bool) cell {
	z := x
	z.org = joinOrigin(x.org, y.org, at)
	if x.tag != y.tag {
		z.tag = nil
	}
	switch {
	case x.fill == y.fill && x.fill != whole && x.src == y.src && x.srcOff == y.srcOff:
		z.val.vary = x.val.vary || y.val.vary
	case x.fill == bytes || y.fill == bytes || x.fill != whole && y.fill != whole || x.hi-x.lo > 8:
		z = z.asBytes()
		z.fill = bytes
		z.val = value{bt: x.val.bt.Join(y.val.bt), vary: x.val.vary || y.val.vary}
	default:
		w := int(x.hi-x.lo) * 8
		z.fill, z.src, z.srcOff = whole, nil, 0
		z.val = a.joinValue(a.content(x, w), a.content(y, w), widen)
	}
	if z.val.bt == Dynamic {
		z.val.vary = false
		if z.fill != whole {
			z.val = dynamic
		}
	}
	return z
}

// joinCells joins the cells of one place.
func (a *analysis) joinCells(x, y []cell, at origin, widen bool) []cell {
	out := make([]cell, 0, max(len(x), len(y)))
	i, j := 0, 0
	pos := int64(-1 << 62)
	for i < len(x) && j < len(y) {
		lo := max(x[i].lo, y[j].lo, pos)
		hi := min(x[i].hi, y[j].hi)
		if lo < hi {
			p, ok1 := x[i].part(lo, hi)
			q, ok2 := y[j].part(lo, hi)
			if ok1 && ok2 {
				if c := a.joinCell(p, q, at, widen); c.val != dynamic {
					out = append(out, c)
				}
			}
			pos = hi
		}
		if x[i].hi <= y[j].hi {
			i++
		} else {
			j++
		}
		if i > 0 && j < len(y) && y[j].hi <= x[i-1].hi {
			j++
		}
	}
	return tidy(out)
}

// joinMemory joins two memories; content that differs has origin at.
func (a *analysis) joinMemory(x, y memory, at origin, widen bool) memory {
	if sameMemory(x, y) {
		return x
	}
	out := make(memory, 0, len(x))
	i, j := 0, 0
	for i < len(x) && j < len(y) {
		switch {
		case x[i] == y[j]:
			out = append(out, x[i])
			i, j = i+1, j+1
		case x[i].place.less(y[j].place):
			out = x[i].orNew(out)
			i++
		case y[j].place.less(x[i].place):
			out = y[j].orNew(out)
			j++
		default:
			cs := a.joinCells(x[i].cells, y[j].cells, at, widen)
			if sameCells(cs, x[i].cells) {
				out = append(out, x[i])
			} else if len(cs) > 0 || x[i].local() {
				out = append(out, &region{place: x[i].place, cells: cs})
			}
			i, j = i+1, j+1
		}
	}
	for ; i < len(x); i++ {
		out = x[i].orNew(out)
	}
	for ; j < len(y); j++ {
		out = y[j].orNew(out)
	}
	return out
}

// orNew adds r, which one of two ways has, to m if that says that it is allocated on
// that way only.
func (r *region) orNew(m memory) memory {
	if r.obj != nil && r.obj.Kind == ir.ObjHeap {
		return append(m, r)
	}
	return m
}

// local reports whether p is memory whose region says that it is allocated.
func (p place) local() bool {
	return p.obj != nil && (p.obj.Kind == ir.ObjStack || p.obj.Kind == ir.ObjHeap)
}

func sameCells(x, y []cell) bool {
	if len(x) != len(y) {
		return false
	}
	if len(x) == 0 || &x[0] == &y[0] {
		return true
	}
	for i := range x {
		if x[i] != y[i] {
			return false
		}
	}
	return true
}

func sameMemory(x, y memory) bool {
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i] != y[i] && (x[i].place != y[i].place || !sameCells(x[i].cells, y[i].cells)) {
			return false
		}
	}
	return true
}

// stripVary is m with no content that varies between copies; done keeps what was
// made of shared regions.
func (m memory) stripVary(done map[*region]*region) memory {
	out := m
	for i, r := range m {
		s, ok := done[r]
		if !ok {
			s = r
			for k, c := range r.cells {
				if c.val.vary {
					if s == r {
						s = &region{place: r.place, cells: slices.Clone(r.cells)}
					}
					s.cells[k].val.vary = false
				}
			}
			done[r] = s
		}
		if s != r {
			if &out[0] == &m[0] {
				out = slices.Clone(m)
			}
			out[i] = s
		}
	}
	return out
}
