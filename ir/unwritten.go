package ir

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
)

// FreezeUnwritten makes constants of the variables of the module that nothing
// writes and nobody outside can name: their initial content is their content. It
// returns them. Variables that volatile accesses read stay what they are.
func FreezeUnwritten(p *Program, pt *PointsTo, mr *ModRef) []*llir.Global {
	if len(p.Module.ModuleAsms) > 0 {
		return nil // assembly may name anything
	}
	written := make(map[*Object]bool)
	mark := func(objs []*Object) {
		for _, o := range objs {
			written[o] = true
		}
	}
	for _, f := range p.Funcs {
		if f.IsDecl() {
			continue
		}
		mark(mr.FuncMod(f).Objs)
		for _, b := range f.Blocks {
			for _, i := range b.LL.Insts {
				switch i := i.(type) {
				case *llir.InstLoad:
					if i.Volatile || i.Atomic {
						mark(pt.Of(i.Src).Objs)
					}
				case *llir.InstCall:
					if _, asm := i.Callee.(*llir.InlineAsm); asm {
						for _, a := range i.Args {
							mark(pt.Of(Unwrap(a)).Objs)
						}
					}
				}
			}
		}
	}
	named := make(map[constant.Constant]bool)
	for _, a := range p.Module.Aliases {
		if base, _, ok := p.ConstAddr(a.Aliasee); ok {
			named[base] = true
		}
	}
	var frozen []*llir.Global
	for _, g := range p.Module.Globals {
		o := pt.ObjectOf(g)
		if g.Immutable || g.Init == nil || o == nil || written[o] || named[g] || pt.Escapes(o) || !hidden(g) {
			continue
		}
		g.Immutable, o.Const = true, true
		frozen = append(frozen, g)
	}
	return frozen
}

// hidden reports whether g is a plain variable that only its own module can name.
func hidden(g *llir.Global) bool {
	if g.Linkage != enum.LinkageInternal && g.Linkage != enum.LinkagePrivate {
		return false
	}
	_, undefined := g.Init.(*constant.Undef)
	return !undefined && g.TLSModel == enum.TLSModelNone && !g.ExternallyInitialized && g.Section == "" && g.Comdat == nil
}
