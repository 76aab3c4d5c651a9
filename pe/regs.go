package pe

// This file holds the registers of a frame: chunks that frames share until one
// of them writes, so that forking a path costs a word a chunk, not a Value a register.

import "quasi/ir"

const (
	regShift = 5
	regChunk = 1 << regShift
)

// A regPage holds regChunk registers. Its owner alone may write it.
type regPage struct {
	owner *frame
	v     [regChunk]Value
}

func pagesFor(regs int) []*regPage { return make([]*regPage, (regs+regChunk-1)>>regShift) }

// newFrame is a frame of c at its entry, with empty registers.
func (c *code) newFrame() *frame {
	n := len(c.spare)
	if n == 0 {
		return &frame{code: c, regs: pagesFor(len(c.regs))}
	}
	f := c.spare[n-1]
	c.spare = c.spare[:n-1]
	for i, p := range f.regs {
		if p != nil && p.owner == f {
			p.v = [regChunk]Value{}
		} else {
			f.regs[i] = nil
		}
	}
	*f = frame{code: c, regs: f.regs}
	return f
}

// maxSpare bounds the frames of one function that are kept for another use.
const maxSpare = 64

// leave keeps f, which has been left, for another use, unless another state has it too.
func (f *frame) leave() {
	if c := f.code; !f.shared && len(c.spare) < maxSpare {
		c.spare = append(c.spare, f)
	}
}

// get returns register r.
func (f *frame) get(r ir.Reg) Value {
	if p := f.regs[r>>regShift]; p != nil {
		return p.v[r&(regChunk-1)]
	}
	return Value{}
}

// at returns register r for writing.
func (f *frame) at(r ir.Reg) *Value {
	p := f.regs[r>>regShift]
	if p == nil || p.owner != f {
		q := &regPage{owner: f}
		if p != nil {
			q.v = p.v
		}
		f.regs[r>>regShift] = q
		p = q
	}
	return &p.v[r&(regChunk-1)]
}

// put sets register r.
func (f *frame) put(r ir.Reg, v Value) { *f.at(r) = v }

// keep clears every register that is not in the bit set live.
func (f *frame) keep(live []uint64) {
	for i, p := range f.regs {
		if p == nil {
			continue
		}
		bits := uint32(live[i/2] >> (uint(i) % 2 * regChunk))
		switch {
		case bits == 0 && p.owner == f:
			p.v = [regChunk]Value{}
			continue
		case bits == 0:
			f.regs[i] = nil
			continue
		}
		for k := range p.v {
			if p.v[k].kind != kNone && bits>>k&1 == 0 {
				f.put(ir.Reg(i<<regShift+k), Value{})
				p = f.regs[i]
			}
		}
	}
}

// each calls visit for every register that holds something, in order.
func (f *frame) each(visit func(r ir.Reg, v Value)) {
	for i, p := range f.regs {
		if p == nil {
			continue
		}
		for k, v := range p.v {
			if v.kind != kNone {
				visit(ir.Reg(i<<regShift+k), v)
			}
		}
	}
}

// sameRegs reports whether f and g, of one function, hold the same registers.
func (f *frame) sameRegs(g *frame) bool {
	for i, p := range f.regs {
		q := g.regs[i]
		switch {
		case p == q:
		case p == nil:
			if q.v != [regChunk]Value{} {
				return false
			}
		case q == nil:
			if p.v != [regChunk]Value{} {
				return false
			}
		case p.v != q.v:
			return false
		}
	}
	return true
}
