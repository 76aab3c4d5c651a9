package pe

import (
	"strings"
	"testing"

	"github.com/llir/llvm/ir/types"

	"quasi/bta"
	"quasi/ir"
	"quasi/ir/irtest"
	"quasi/ir/spec"
)

// FuzzSpecialize specializes a function of a test module of which tokens are
// exchanged, where the loader accepts it: no panic, the division is congruent,
// and the residual module is one that the loader accepts, in bounded memory.
func FuzzSpecialize(f *testing.F) {
	texts := irtest.Texts(f, "testdata/*.ll", "../bta/testdata/*.ll")
	for i := range texts {
		f.Add(uint16(i), uint8(i), []byte{0, 0, byte(i), 130, 5, 0, byte(7 * i), 3})
	}
	f.Fuzz(func(t *testing.T, seed uint16, static uint8, edits []byte) {
		text := irtest.Mutate(texts[int(seed)%len(texts)], edits)
		irtest.Bounded(t, len(text), 1<<20, func() { specializeText(t, text, static) })
		if t.Failed() {
			t.Logf("static %d of module:\n%s", static, text)
		}
	})
}

// specializeText specializes each function of text; bit i of static gives
// parameter i a value.
func specializeText(t *testing.T, text string, static uint8) {
	p, err := ir.Load("fuzz.ll", []byte(text))
	if err != nil {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			t.Logf("static %d of module:\n%s", static, text)
			panic(r)
		}
	}()
	pt := ir.SolvePointsTo(p)
	cg := ir.BuildCallGraph(p, pt)
	mr := ir.ComputeModRef(p, pt, cg)
	var slots []Slot
	for _, fn := range p.Funcs {
		if fn.IsDecl() || len(slots) == 3 {
			continue
		}
		v := &spec.Variant{Name: fn.Name() + ".v1", Fn: fn}
		for i, param := range fn.LL.Params {
			if it, ok := param.Typ.(*types.IntType); ok && static>>(i&7)&1 == 1 && it.BitSize <= 64 {
				w := int(it.BitSize)
				v.Static = append(v.Static, spec.Binding{Param: i, Value: spec.Const{Kind: spec.ConstInt, Int: uint64(i+3) & mask(uint(w)), Width: w}})
			}
		}
		facts := spec.NewFacts(v)
		div, err := bta.Analyze(bta.Config{Prog: p, PT: pt, CG: cg, MR: mr, Variant: v, Facts: facts})
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range bta.Check(div) {
			t.Error(err)
		}
		budget := Budget{Steps: 20_000, Insts: 2_000, LoopInsts: 500, Iterations: 2_000, Points: 200, Depth: 20, Functions: 20}
		res, err := Specialize(Config{Prog: p, PT: pt, CG: cg, MR: mr, Variant: v, Facts: facts, BTA: div, Budget: budget})
		if err != nil {
			t.Fatal(err)
		}
		if res.Residual != nil {
			slots = append(slots, Slot{Variant: v, Residual: res.Residual})
		}
	}
	if err := InstallSlots(p, slots); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := ir.Fprint(&out, p); err != nil {
		t.Fatal(err)
	}
	if _, err := ir.Load("residual.ll", []byte(out.String())); err != nil {
		t.Errorf("the residual module does not load: %v\n%s", err, irtest.Numbered(out.String()))
	}
}
