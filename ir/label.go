package ir

// This file holds what an edit does to the addresses of blocks.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/value"
)

// MoveLabels makes every blockaddress of f in m one of g: the blocks of f have
// become g's. It costs the constants of the module.
func MoveLabels(m *llir.Module, f, g *llir.Func) {
	seen := make(map[constant.Constant]bool)
	var visit func(v value.Value)
	visit = func(v value.Value) {
		if md, ok := v.(*metadata.Value); ok {
			if x, ok := md.Value.(value.Value); ok {
				visit(x)
			}
			return
		}
		c, ok := Unwrap(v).(constant.Constant)
		if !ok {
			return
		}
		switch c := c.(type) {
		case *llir.Global, *llir.Func, *llir.Alias, *llir.IFunc, *constant.Int, *constant.CharArray:
			return
		case *constant.BlockAddress:
			if c.Func == constant.Constant(f) {
				c.Func = g
			}
			return
		}
		if seen[c] {
			return
		}
		seen[c] = true
		for _, op := range constOperands(c) {
			visit(op)
		}
	}
	for _, x := range m.Globals {
		if x.Init != nil {
			visit(x.Init)
		}
	}
	for _, fn := range m.Funcs {
		for _, b := range fn.Blocks {
			for _, inst := range b.Insts {
				if u, ok := inst.(value.User); ok {
					for _, op := range Operands(u) {
						visit(*op)
					}
				}
			}
			if u, ok := b.Term.(value.User); ok {
				for _, op := range Operands(u) {
					visit(*op)
				}
			}
		}
	}
}
