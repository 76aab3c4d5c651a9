package pe

// This file has MemGuard told of what slots read: guard/rt/ledger.c has the other side.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/spec"
)

// WatchSlots makes the slots of functions anew that InstallSlots has made, for slots
// whose Watch is set; the others of the same functions must be given, too. Such a slot
// tells MemGuard of each location before it reads it: only what a test comes to is an
// address for sure.
func WatchSlots(p *ir.Program, slots []Slot) {
	remake(p, slots, func(s Slot) bool { return s.Watch != nil }, nil)
}

// watched tells of a load of e's from addr.
func (d *dispatcher) watched(e *spec.Expr, addr value.Value) {
	if d.watch == nil {
		return
	}
	term := d.watch(e)
	if term < 0 {
		return
	}
	f := runtimeFunc(d.prog, "__quasi_watch", types.Void, types.I8Ptr, types.I64, types.I64)
	size := constant.NewInt(types.I64, int64(e.Width+7)/8)
	d.b.Insts = append(d.b.Insts, llir.NewCall(f, addr, size, constant.NewInt(types.I64, term)))
}
