package pe

// This file holds state: the static state of one residual path, that is the
// stack of unfolded calls with their registers, and the memory.

import (
	"quasi/bta"
	"quasi/ir"
)

// A ctxID numbers a call context: the chain of call sites through which the
// current function was unfolded. Stack objects are named by (context, alloca),
// so equal states name their objects equally.
type ctxID int32

// A frame is one activation that is being unfolded. A frame that is not the
// top of its stack, or is shared by two states, is never written.
type frame struct {
	code    *code
	ctx     ctxID
	depth   int
	variant *bta.Variant // division that it follows, nil without analysis
	regs    []*regPage
	block   int // where it is: of a caller, the block and index just after the call
	ip      int
	ret     ir.Reg // register of the caller that takes the result, NoReg if none
	dynamic bool   // a dynamic branch was passed since it began
	under   bool   // one was passed in a frame below when it began
	shared  bool
	hashed  bool
	hash    uint64
}

func (f *frame) clone() *frame {
	g := *f
	g.regs = append([]*regPage(nil), f.regs...)
	g.shared, g.hashed = false, false
	return &g
}

// sum hashes a frame: its place and its registers.
func (f *frame) sum() uint64 {
	if f.hashed && f.shared {
		return f.hash
	}
	h := mix(uint64(f.ctx)<<32 ^ uint64(f.block)<<12 ^ uint64(f.ip))
	f.each(func(r ir.Reg, v Value) { h = v.hash(h ^ uint64(r)*0x9e3779b97f4a7c15) })
	f.hash, f.hashed = h, true
	return h
}

func (f *frame) equal(g *frame) bool {
	if f == g {
		return true
	}
	if f.code != g.code || f.ctx != g.ctx || f.block != g.block || f.ip != g.ip || f.ret != g.ret || f.variant != g.variant {
		return false
	}
	return f.sameRegs(g)
}

// A state is everything static on one residual path.
type state struct {
	frames []*frame
	mem    memory
	// straight are the specialized points that the path has passed since it last
	// took a dynamic branch. It is no part of what is compared.
	straight []placeKey
}

func (st *state) top() *frame { return st.frames[len(st.frames)-1] }

// editTop returns the top frame for writing.
func (st *state) editTop() *frame {
	i := len(st.frames) - 1
	if st.frames[i].shared {
		st.frames[i] = st.frames[i].clone()
	}
	return st.frames[i]
}

// editFrame returns frame i for writing.
func (st *state) editFrame(i int) *frame {
	if st.frames[i].shared {
		st.frames[i] = st.frames[i].clone()
	}
	st.frames[i].hashed = false
	return st.frames[i]
}

// fork returns a copy of st; both may go on independently. It costs the depth
// of the stack plus one word a chunk of memory.
func (st *state) fork(fresh func() uint32) *state {
	for _, f := range st.frames {
		f.shared = true
	}
	return &state{frames: append([]*frame(nil), st.frames...), mem: st.mem.fork(fresh)}
}

func (st *state) sum() uint64 {
	h := st.mem.sum()
	for _, f := range st.frames {
		h = mix(h ^ f.sum())
	}
	return h
}

func (st *state) equal(o *state) bool {
	if len(st.frames) != len(o.frames) {
		return false
	}
	for i := len(st.frames) - 1; i >= 0; i-- {
		if !st.frames[i].equal(o.frames[i]) {
			return false
		}
	}
	return st.mem.equal(&o.mem)
}
