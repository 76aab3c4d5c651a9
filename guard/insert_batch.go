package guard

// This file holds batches: neighbouring stores to one instance have one guard
// around all of them.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// batchSpan is the most bytes from the first to the last that a batch may write.
const batchSpan = 1024

// batch returns how many of writes, from the first on, share a guard (rule G6): plain
// stores at constant distances from one pointer, with nothing in between that calls,
// synchronizes or is volatile.
func (in *inserter) batch(b *ir.Block, writes []*write) int {
	if !batches(writes[0]) {
		return 1
	}
	layout := in.prog.Layout
	base, lo := baseOf(layout, writes[0].addr)
	hi := lo + writes[0].bytes
	instance, start := in.quidInstance(writes[0])
	n := 1
	for ; n < len(writes); n++ {
		w := writes[n]
		if !batches(w) || !quiet(b.LL.Insts[writes[n-1].at+1:w.at]) || w.record != writes[0].record {
			break
		}
		at, off := baseOf(layout, w.addr)
		if at != base {
			break
		}
		if instance != nil { // the guard looks at this instance alone
			if other, at := in.quidInstance(w); other != instance || at != start {
				break
			}
		}
		lo, hi = min(lo, off), max(hi, off+w.bytes)
		if hi-lo > batchSpan {
			break
		}
	}
	return n
}

// batches reports whether a write may be one of several under one guard.
func batches(w *write) bool {
	s, ok := w.inst.(*llir.InstStore)
	return ok && !s.Atomic && !s.Volatile
}

// quiet reports whether nothing in insts calls, synchronizes or is volatile: no
// other code can run there, and nobody can tell where a guard ends.
func quiet(insts []llir.Instruction) bool {
	for _, i := range insts {
		switch i := i.(type) {
		case *llir.InstLoad:
			if i.Atomic || i.Volatile {
				return false
			}
		case *llir.InstStore:
			if i.Atomic || i.Volatile {
				return false
			}
		case *llir.InstCall:
			if !ir.IsDebug(i) {
				return false
			}
		case *llir.InstFence, *llir.InstAtomicRMW, *llir.InstCmpXchg, *llir.InstVAArg:
			return false
		}
	}
	return true
}

// baseOf splits an address into a pointer and a constant distance in bytes.
func baseOf(layout *ir.Layout, addr value.Value) (base value.Value, off int64) {
	for {
		switch a := addr.(type) {
		case *llir.InstBitCast:
			addr = a.From
		case *constant.ExprBitCast:
			addr = a.From
		case *llir.InstGetElementPtr:
			n, ok := offsetOf(layout, a.ElemType, a.Indices)
			if !ok {
				return addr, off
			}
			addr, off = a.Src, off+n
		case *constant.ExprGetElementPtr:
			indices := make([]value.Value, len(a.Indices))
			for i, x := range a.Indices {
				if ix, ok := x.(*constant.Index); ok {
					x = ix.Constant
				}
				indices[i] = x
			}
			n, ok := offsetOf(layout, a.ElemType, indices)
			if !ok {
				return addr, off
			}
			addr, off = a.Src, off+n
		default:
			return addr, off
		}
		if !types.IsPointer(addr.Type()) {
			return addr, off // a vector of pointers
		}
	}
}

// offsetOf is how far constant indices lead.
func offsetOf(layout *ir.Layout, elem types.Type, indices []value.Value) (off int64, ok bool) {
	for i, x := range indices {
		c, ok := x.(*constant.Int)
		if !ok || !c.X.IsInt64() {
			return 0, false
		}
		n := c.X.Int64()
		switch {
		case i == 0:
			off += n * layout.Size(elem)
			continue
		}
		switch t := elem.(type) {
		case *types.StructType:
			off += layout.Offset(t, int(n))
			elem = t.Fields[n]
		case *types.ArrayType:
			off += n * layout.Size(t.ElemType)
			elem = t.ElemType
		default:
			return 0, false
		}
	}
	return off, true
}

// union is the range of memory that a batch writes, from before its first store on.
func union(e *emitter, group []*write) (addr value.Value, size int64) {
	layout := e.in.prog.Layout
	base, lo := baseOf(layout, group[0].addr)
	hi := lo + group[0].bytes
	for _, w := range group[1:] {
		_, off := baseOf(layout, w.addr)
		lo, hi = min(lo, off), max(hi, off+w.bytes)
	}
	addr = e.pointer(base)
	if lo != 0 {
		addr = e.emit(llir.NewGetElementPtr(types.I8, addr, i64(lo)))
	}
	return addr, hi - lo
}
