package ir

// This file tells how code computes with floating point: whether it may leave
// the default environment (round to nearest, no traps), and what attributes of a
// function say.

import (
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/value"
)

// environment are the C functions and intrinsics that change or look at the
// floating-point environment.
var environment = map[string]bool{
	"fesetround": true, "fegetround": true, "fesetenv": true, "fegetenv": true, "feholdexcept": true, "feupdateenv": true,
	"feclearexcept": true, "feraiseexcept": true, "fetestexcept": true, "fegetexceptflag": true, "fesetexceptflag": true,
	"feenableexcept": true, "fedisableexcept": true, "fegetexcept": true, "fesetexcept": true,
	"llvm.x86.sse.ldmxcsr": true, "llvm.x86.sse.stmxcsr": true, "llvm.set.rounding": true, "llvm.flt.rounds": true,
}

// PlainFloats reports whether the module leaves the floating-point environment
// as C starts with it: nothing in it looks at the environment or changes it.
func (p *Program) PlainFloats() bool {
	m := p.Module
	for _, f := range m.Funcs {
		if environment[f.Name()] || strings.HasPrefix(f.Name(), "llvm.experimental.constrained.") {
			return false
		}
	}
	for _, a := range m.ModuleAsms {
		if setsEnvironment(a) {
			return false
		}
	}
	for _, f := range m.Funcs {
		for _, b := range f.Blocks {
			for _, i := range b.Insts {
				if c, ok := i.(*llir.InstCall); ok && asmSetsEnvironment(c.Callee) {
					return false
				}
			}
			if c, ok := b.Term.(*llir.TermCallBr); ok && asmSetsEnvironment(c.Callee) {
				return false
			}
		}
	}
	return true
}

func asmSetsEnvironment(callee value.Value) bool {
	a, ok := callee.(*llir.InlineAsm)
	return ok && setsEnvironment(a.Asm)
}

// setsEnvironment looks for instructions on control words.
func setsEnvironment(asm string) bool {
	for _, op := range []string{"mxcsr", "fldcw", "fstcw", "fnstcw", "fldenv", "fstenv", "fnstenv", "xrstor", "frstor", "fninit", "finit"} {
		if strings.Contains(asm, op) {
			return true
		}
	}
	return false
}

// A FloatMode is how a function's floating point is compiled.
type FloatMode struct {
	Other string // attributes that make it something else than IEEE arithmetic, "" if there is none
	Loose string // attributes that let LLVM change results
	Fused bool   // llvm.fmuladd becomes one instruction
}

// FloatModeOf reads the attributes of a function.
func FloatModeOf(attrs []llir.FuncAttribute) FloatMode {
	var m FloatMode
	for _, x := range attrs {
		switch x := x.(type) {
		case *llir.AttrGroupDef:
			n := FloatModeOf(x.FuncAttrs)
			m.Other, m.Loose, m.Fused = m.Other+n.Other, m.Loose+n.Loose, m.Fused || n.Fused
		case enum.FuncAttr:
			if x == enum.FuncAttrStrictFP {
				m.Other += "strictfp;"
			}
		case llir.AttrPair:
			m.pair(x.Key, x.Value)
		}
	}
	return m
}

func (m *FloatMode) pair(key, val string) {
	switch key {
	case "denormal-fp-math", "denormal-fp-math-f32":
		if val != "ieee" && val != "ieee,ieee" && val != "" {
			m.Other += key + "=" + val + ";"
		}
	case "use-soft-float":
		if val == "true" {
			m.Other += key + ";"
		}
	case "unsafe-fp-math", "no-nans-fp-math", "no-infs-fp-math", "no-signed-zeros-fp-math", "approx-func-fp-math":
		if val == "true" {
			m.Loose += key + ";"
		}
	case "target-features":
		for _, f := range strings.Split(val, ",") {
			switch f {
			case "-sse", "-sse2":
				m.Other += f + ";"
			case "+fma", "+fma4":
				m.Fused = true
			}
		}
	}
}

// UnfoldsInto reports whether code of mode m means the same in a function of mode n.
func (m FloatMode) UnfoldsInto(n FloatMode) bool {
	return m.Other == n.Other && (n.Loose == "" || n.Loose == m.Loose)
}
