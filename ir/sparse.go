package ir

// This file holds sparse, the set of small integers that the points-to solver
// keeps for every node. golang.org/x/tools/container/intsets.Sparse is a linked
// list of 256-bit blocks with a 64-byte head each; most sets here have one or
// two members, and there are hundreds of thousands of them.

import (
	"iter"
	"math/bits"
	"slices"
)

// A sparse is a set of non-negative int32. The zero value is empty. It is 64
// members to a block, blocks in ascending order, none empty.
type sparse struct{ blocks []sparseBlock }

type sparseBlock struct {
	bits  uint64
	index int32
}

// find returns the position of the block with the given index, or where it
// would be.
func (s *sparse) find(index int32) (at int, ok bool) {
	if n := len(s.blocks); n == 0 || s.blocks[n-1].index < index {
		return n, false
	}
	return slices.BinarySearchFunc(s.blocks, index, func(b sparseBlock, i int32) int { return int(b.index) - int(i) })
}

func (s *sparse) has(x int32) bool {
	at, ok := s.find(x >> 6)
	return ok && s.blocks[at].bits&(1<<(x&63)) != 0
}

// add adds x and reports whether it was new.
func (s *sparse) add(x int32) bool {
	at, ok := s.find(x >> 6)
	bit := uint64(1) << (x & 63)
	if !ok {
		s.blocks = slices.Insert(s.blocks, at, sparseBlock{bit, x >> 6})
		return true
	}
	if s.blocks[at].bits&bit != 0 {
		return false
	}
	s.blocks[at].bits |= bit
	return true
}

func (s *sparse) empty() bool { return len(s.blocks) == 0 }

func (s *sparse) len() int {
	n := 0
	for _, b := range s.blocks {
		n += bits.OnesCount64(b.bits)
	}
	return n
}

func (s *sparse) equal(t *sparse) bool { return slices.Equal(s.blocks, t.blocks) }

func (s *sparse) clone() sparse { return sparse{slices.Clone(s.blocks)} }

// all yields the members in ascending order. The set must not change meanwhile.
func (s *sparse) all() iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for _, b := range s.blocks {
			for w := b.bits; w != 0; w &= w - 1 {
				if !yield(b.index<<6 + int32(bits.TrailingZeros64(w))) {
					return
				}
			}
		}
	}
}

// unionNew adds the members of t that are not in mask (which may be nil) to s,
// those that were new to fresh also, and reports whether there were any. It is
// linear in the number of blocks.
func (s *sparse) unionNew(t, mask, fresh *sparse) bool {
	changed, missing := false, 0
	for i, at := 0, 0; i < len(t.blocks); i++ {
		b := t.blocks[i].without(mask)
		if b.bits == 0 {
			continue
		}
		at = s.advance(at, b.index)
		if at == len(s.blocks) || s.blocks[at].index != b.index {
			fresh.or(b)
			missing++
			changed = true
			continue
		}
		if add := b.bits &^ s.blocks[at].bits; add != 0 {
			s.blocks[at].bits |= add
			fresh.or(sparseBlock{add, b.index})
			changed = true
		}
	}
	if missing > 0 {
		s.insertMissing(t, mask, missing)
	}
	return changed
}

// advance returns the first position from at on whose block is not before
// index. Short steps are the rule, long ones are searched.
func (s *sparse) advance(at int, index int32) int {
	for range 4 {
		if at == len(s.blocks) || s.blocks[at].index >= index {
			return at
		}
		at++
	}
	rest := sparse{s.blocks[at:]}
	n, _ := rest.find(index)
	return at + n
}

// insertMissing merges in the blocks of t that s has no block for.
func (s *sparse) insertMissing(t, mask *sparse, missing int) {
	n := len(s.blocks)
	s.blocks = slices.Grow(s.blocks, missing)[:n+missing]
	i, j, k := n-1, len(t.blocks)-1, n+missing-1
	for k > i {
		switch {
		case i >= 0 && (j < 0 || s.blocks[i].index > t.blocks[j].index):
			s.blocks[k] = s.blocks[i]
			i--
			k--
		case i >= 0 && s.blocks[i].index == t.blocks[j].index:
			j--
		default:
			if b := t.blocks[j].without(mask); b.bits != 0 {
				s.blocks[k] = b
				k--
			}
			j--
		}
	}
}

// or adds the members of one block.
func (s *sparse) or(b sparseBlock) {
	at, ok := s.find(b.index)
	if ok {
		s.blocks[at].bits |= b.bits
		return
	}
	s.blocks = slices.Insert(s.blocks, at, b)
}

// without is b less the members of mask.
func (b sparseBlock) without(mask *sparse) sparseBlock {
	if mask == nil {
		return b
	}
	if at, ok := mask.find(b.index); ok {
		b.bits &^= mask.blocks[at].bits
	}
	return b
}

// subtract removes the members of t.
func (s *sparse) subtract(t *sparse) {
	kept := s.blocks[:0]
	for _, b := range s.blocks {
		if b = b.without(t); b.bits != 0 {
			kept = append(kept, b)
		}
	}
	s.blocks = kept
}
