package bta

// This file holds Join: what is merged at a specialized point.

import (
	llir "github.com/llir/llvm/ir"

	"quasi/ir"
)

// A Join says what the specializer generalizes where residual paths meet.
// Everything else that is static at the block is part of the memo key.
type Join struct {
	Block *ir.Block // nil for Variant.Exit

	// DynRegs are the phis of the block and the registers live into it that are
	// dynamic from here on, ascending. Those that are static on an incoming path
	// are lifted there.
	DynRegs []ir.Reg

	// DynMem are the cells that are dynamic from here on and may be static on an
	// incoming path: what is known of them is flushed. By object, then Lo.
	DynMem []Cell

	// Leaked are the objects whose address residual code may hold here.
	Leaked []*ir.Object

	Reason map[ir.Reg]Reason // of every register in DynRegs
}

func phiAt(b *ir.Block, pt ir.Point) *llir.InstPhi {
	if i := int(pt - b.First); i < len(b.LL.Insts) {
		phi, _ := b.LL.Insts[i].(*llir.InstPhi)
		return phi
	}
	return nil
}
