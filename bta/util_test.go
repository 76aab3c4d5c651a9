package bta

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"

	"quasi/ir"
)

type irParam = llir.Param

// global is the global variable called name.
func global(p *ir.Program, name string) constant.Constant {
	for _, g := range p.Module.Globals {
		if g.Name() == name {
			return g
		}
	}
	return nil
}

type irAlloca = llir.InstAlloca
