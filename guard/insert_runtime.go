package guard

// This file holds the run-time's text, what of it is put into a module, and the
// attributes that are no longer true there.

import (
	"embed"
	"fmt"
	"io/fs"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"

	"quasi/ir"
)

//go:embed rt/*.c rt/*.h rt/*.ll
var runtimeFiles embed.FS

// Runtime is the run-time that programs with guards are linked with: C11 for clang,
// in one folder. quasi.h is for programs, each .c file is to be compiled.
func Runtime() fs.FS {
	sub, err := fs.Sub(runtimeFiles, "rt")
	if err != nil {
		panic(err)
	}
	return sub
}

// addRuntime puts the functions of rt/guards.ll into the module.
func (in *inserter) addRuntime() error {
	text, err := fs.ReadFile(Runtime(), "guards.ll")
	if err != nil {
		return err
	}
	loaded, err := ir.Load("guards.ll", text)
	if err != nil {
		return err
	}
	rt := loaded.Module
	m := in.prog.Module
	taken := make(map[string]bool)
	for _, f := range m.Funcs {
		taken[f.Name()] = true
	}
	for _, g := range m.Globals {
		taken[g.Name()] = true
	}
	for _, g := range rt.Globals {
		if taken[g.Name()] {
			return fmt.Errorf("the program defines @%s, which belongs to the run-time of guards", g.Name())
		}
		m.Globals = append(m.Globals, g)
	}
	for _, f := range rt.Funcs {
		if taken[f.Name()] {
			return fmt.Errorf("the program defines @%s, which belongs to the run-time of guards", f.Name())
		}
		f.Parent = m
		m.Funcs = append(m.Funcs, f)
		in.funcs[f.Name()] = f
	}
	for _, d := range rt.MetadataDefs {
		d.SetID(-1) // a free one, when the module is printed
	}
	m.MetadataDefs = append(m.MetadataDefs, rt.MetadataDefs...)
	return nil
}

// falseAttrs are attributes of functions that guards may make untrue: a guard
// reads and writes memory of the run-time, and other threads wait for it.
var falseAttrs = map[enum.FuncAttr]bool{
	enum.FuncAttrReadNone: true, enum.FuncAttrReadOnly: true, enum.FuncAttrWriteOnly: true, enum.FuncAttrArgMemOnly: true,
	enum.FuncAttrInaccessibleMemOnly: true, enum.FuncAttrInaccessibleMemOrArgMemOnly: true,
	enum.FuncAttrSpeculatable: true, enum.FuncAttrNoSync: true, enum.FuncAttrNoFree: true,
}

// falseParamAttrs are those of parameters: the run-time may read what they point to,
// and gets the address.
var falseParamAttrs = map[enum.ParamAttr]bool{
	enum.ParamAttrNoCapture: true, enum.ParamAttrReadNone: true, enum.ParamAttrReadOnly: true,
	enum.ParamAttrWriteOnly: true, enum.ParamAttrNoFree: true,
}

// dropAttributes removes (G5) the attributes of all functions with a body, and of calls
// that may call one, that guards may have made untrue. LLVM finds most of them again.
func (in *inserter) dropAttributes() {
	for _, f := range in.prog.Funcs {
		lf := f.LL
		if len(lf.Blocks) == 0 {
			continue
		}
		lf.FuncAttrs = keepFuncAttrs(lf.FuncAttrs)
		for _, p := range lf.Params {
			p.Attrs = keepParamAttrs(p.Attrs)
		}
		for _, b := range lf.Blocks {
			for _, i := range b.Insts {
				c, ok := i.(*llir.InstCall)
				if !ok {
					continue
				}
				if callee, ok := c.Callee.(*llir.Func); ok && len(callee.Blocks) == 0 {
					continue
				}
				c.FuncAttrs = keepFuncAttrs(c.FuncAttrs)
				for _, a := range c.Args {
					if a, ok := a.(*llir.Arg); ok {
						a.Attrs = keepParamAttrs(a.Attrs)
					}
				}
			}
		}
	}
}

func hasAttr(a llir.FuncAttribute, want enum.FuncAttr) bool {
	switch a := a.(type) {
	case *llir.AttrGroupDef:
		for _, in := range a.FuncAttrs {
			if hasAttr(in, want) {
				return true
			}
		}
	case enum.FuncAttr:
		return a == want
	}
	return false
}

func keepFuncAttrs(attrs []llir.FuncAttribute) []llir.FuncAttribute {
	untrue := false
	for _, a := range attrs {
		for f := range falseAttrs {
			untrue = untrue || hasAttr(a, f)
		}
	}
	if !untrue {
		return attrs
	}
	var kept []llir.FuncAttribute
	for _, a := range attrs {
		switch a := a.(type) {
		case *llir.AttrGroupDef:
			kept = append(kept, keepFuncAttrs(expand(a))...)
			continue
		case enum.FuncAttr:
			if falseAttrs[a] {
				continue
			}
		}
		kept = append(kept, a)
	}
	return kept
}

// expand is what a group of attributes holds, without groups.
func expand(g *llir.AttrGroupDef) []llir.FuncAttribute {
	var all []llir.FuncAttribute
	for _, a := range g.FuncAttrs {
		if in, ok := a.(*llir.AttrGroupDef); ok {
			all = append(all, expand(in)...)
		} else {
			all = append(all, a)
		}
	}
	return all
}

func keepParamAttrs(attrs []llir.ParamAttribute) []llir.ParamAttribute {
	var kept []llir.ParamAttribute
	for _, a := range attrs {
		if a, ok := a.(enum.ParamAttr); ok && falseParamAttrs[a] {
			continue
		}
		kept = append(kept, a)
	}
	return kept
}
