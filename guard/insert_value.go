package guard

// This file guards parameters that are structs passed by value: the call has written
// them on the stack, where an earlier object may still be bound.

import (
	"slices"

	llir "github.com/llir/llvm/ir"

	"quasi/ir"
)

// parameters puts guards where f begins, after its variables. No other code has run since
// the call, and nobody knows the new objects; so it is no harm that the writes have been done.
func (in *inserter) parameters(f *ir.Func) {
	entry := f.LL.Blocks[0]
	at := slices.IndexFunc(entry.Insts, func(i llir.Instruction) bool { _, ok := i.(*llir.InstAlloca); return !ok })
	if at < 0 {
		at = len(entry.Insts)
	}
	e := &emitter{in: in, loc: in.locationAt(f.Blocks[0], at)}
	for _, q := range f.LL.Params {
		if typ := byValue(q); typ != nil {
			held := e.call("quasi.write", e.pointer(q), i64(in.prog.Layout.Size(typ)))
			e.call("quasi.done", held)
			in.stats.Writes++
			in.stats.Guards++
		}
	}
	entry.Insts = slices.Insert(entry.Insts, at, e.out...)
}
