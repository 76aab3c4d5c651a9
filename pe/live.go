package pe

// This file computes which registers are live where.

import "quasi/ir"

// liveness computes the registers live on entry to each block.
func (c *code) liveness() {
	words := (len(c.regs) + 63) / 64
	type sets struct{ gen, kill []uint64 }
	local := make([]sets, len(c.blocks))
	for i := range c.blocks {
		b := &c.blocks[i]
		gen, kill := make([]uint64, words), make([]uint64, words)
		for _, in := range b.insts {
			for _, a := range in.args {
				if a >= 0 && kill[a/64]>>(uint(a)%64)&1 == 0 {
					gen[a/64] |= 1 << (uint(a) % 64)
				}
			}
			if in.dst != ir.NoReg {
				kill[in.dst/64] |= 1 << (uint(in.dst) % 64)
			}
		}
		local[i] = sets{gen, kill}
		b.live = append([]uint64(nil), gen...)
	}
	rpo := c.fn.RPO()
	for changed := true; changed; {
		changed = false
		for k := len(rpo) - 1; k >= 0; k-- {
			b := &c.blocks[rpo[k].ID]
			l := &local[rpo[k].ID]
			for _, sb := range rpo[k].Succs {
				t := &c.blocks[sb.ID]
				for w := range b.live {
					x := b.live[w] | t.live[w]&^t.phiBits(w)&^l.kill[w]
					changed = changed || x != b.live[w]
					b.live[w] = x
				}
				edge := t.edge(rpo[k].ID)
				for _, p := range t.phis {
					if a := p.args[edge]; a >= 0 && l.kill[a/64]>>(uint(a)%64)&1 == 0 {
						x := b.live[a/64] | 1<<(uint(a)%64)
						changed = changed || x != b.live[a/64]
						b.live[a/64] = x
					}
				}
			}
		}
	}
}

// phiBits returns word w of the set of the block's phis.
func (b *cblock) phiBits(w int) uint64 {
	x := uint64(0)
	for _, p := range b.phis {
		if int(p.dst)/64 == w {
			x |= 1 << (uint(p.dst) % 64)
		}
	}
	return x
}

// liveAfter returns the registers live just after instruction ip of block b.
func (c *code) liveAfter(b, ip int) []uint64 {
	words := (len(c.regs) + 63) / 64
	live := make([]uint64, words)
	for _, sb := range c.blocks[b].llir.Succs {
		t := &c.blocks[sb.ID]
		for w := range live {
			live[w] |= t.live[w] &^ t.phiBits(w)
		}
		edge := t.edge(b)
		for _, p := range t.phis {
			if a := p.args[edge]; a >= 0 {
				live[a/64] |= 1 << (uint(a) % 64)
			}
		}
	}
	for i := len(c.blocks[b].insts) - 1; i > ip; i-- {
		in := &c.blocks[b].insts[i]
		if in.dst != ir.NoReg {
			live[in.dst/64] &^= 1 << (uint(in.dst) % 64)
		}
		for _, a := range in.args {
			if a >= 0 {
				live[a/64] |= 1 << (uint(a) % 64)
			}
		}
	}
	return live
}
