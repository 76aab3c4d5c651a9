package ir

// This file holds what is read off the control-flow graph alone: reverse
// postorder and reachability.

// RPO returns the blocks that the entry reaches, in reverse postorder: a block
// comes before its successors except along back edges. The slice is shared and
// must not be changed.
func (f *Func) RPO() []*Block {
	if f.facts.rpo != nil || len(f.Blocks) == 0 {
		return f.facts.rpo
	}
	type frame struct {
		b    *Block
		next int
	}
	seen := make([]bool, len(f.Blocks))
	post := make([]*Block, 0, len(f.Blocks))
	stack := []frame{{b: f.Blocks[0]}}
	seen[0] = true
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if top.next == len(top.b.Succs) {
			post = append(post, top.b)
			stack = stack[:len(stack)-1]
			continue
		}
		s := top.b.Succs[top.next]
		top.next++
		if !seen[s.ID] {
			seen[s.ID] = true
			stack = append(stack, frame{b: s})
		}
	}
	for i, j := 0, len(post)-1; i < j; i, j = i+1, j-1 {
		post[i], post[j] = post[j], post[i]
	}
	order := make([]int32, len(f.Blocks))
	for i := range order {
		order[i] = -1
	}
	for i, b := range post {
		order[b.ID] = int32(i)
	}
	f.facts.rpo, f.facts.order = post, order
	return post
}

// rpoIndex is the place of b in RPO, -1 if b is unreachable.
func (b *Block) rpoIndex() int32 {
	b.Fn.RPO()
	return b.Fn.facts.order[b.ID]
}

// Reachable reports whether the entry reaches b.
func (b *Block) Reachable() bool { return b.rpoIndex() >= 0 }

// Invalidate drops what was derived from f's blocks (orders, trees, loops,
// uses). It does not renumber; make a new Program for that.
func (f *Func) Invalidate() { f.facts = funcFacts{} }
