package pe

import (
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"

	"quasi/bta"
	"quasi/ir"
	"quasi/ir/irtest"
	"quasi/ir/spec"
)

// TestObey specializes a function whose slot and global are known throughout, but that the
// division is made to forget: the residual code of a specializer that obeys has what
// the division says, and no less.
func TestObey(t *testing.T) {
	const src = `
declare void @out(i32)
define i32 @f(i32 %n, i32 %d) {
entry:
  %slot = alloca i32
  %other = alloca i32
  store i32 %n, i32* %slot
  store i32 7, i32* %other
  br label %next
next:
  %x = load i32, i32* %slot
  %c = icmp eq i32 %x, 3
  br i1 %c, label %yes, label %no
yes:
  call void @out(i32 1)
  br label %end
no:
  call void @out(i32 2)
  br label %end
end:
  %y = load i32, i32* %other
  %k = icmp eq i32 %y, 7
  br i1 %k, label %seven, label %less
seven:
  call void @out(i32 7)
  ret i32 %d
less:
  call void @out(i32 8)
  ret i32 %d
}
`
	for _, test := range []struct {
		obey     bool
		has, not []string
	}{
		{false, []string{"@out(i32 1)", "@out(i32 7)"}, []string{"@out(i32 2)", "@out(i32 8)", "icmp"}},
		{true, []string{"@out(i32 1)", "@out(i32 2)", "@out(i32 7)", "br i1"}, []string{"@out(i32 8)"}},
	} {
		p := irtest.LoadString(t, src)
		f := irtest.Func(t, p, "f")
		v := &spec.Variant{Name: "f.v1", Fn: f, Static: []spec.Binding{{Param: 0, Value: spec.Const{Kind: spec.ConstInt, Int: 3, Width: 32}}}}
		pt := ir.SolvePointsTo(p)
		cg := ir.BuildCallGraph(p, pt)
		mr := ir.ComputeModRef(p, pt, cg)
		facts := spec.NewFacts(v)
		slot := pt.ObjectOf(f.Blocks[0].LL.Insts[0].(*llir.InstAlloca))
		res, err := bta.Analyze(bta.Config{Prog: p, PT: pt, CG: cg, MR: mr, Variant: v, Facts: facts, Forced: map[bta.ForcedKey]bta.Reason{
			{Fn: f, Block: f.Blocks[1], Reg: ir.NoReg, Cell: bta.Cell{Obj: slot, Lo: 0, Hi: 4}}: {},
		}})
		if err != nil {
			t.Fatal(err)
		}
		made, err := Specialize(Config{Prog: p, PT: pt, CG: cg, MR: mr, Variant: v, Facts: facts, BTA: res, Obey: test.obey, NoSimplify: true})
		if err != nil {
			t.Fatal(err)
		}
		text := made.Residual.LLString()
		for _, s := range test.has {
			if !strings.Contains(text, s) {
				t.Errorf("obey %v: no %s in\n%s", test.obey, s, text)
			}
		}
		for _, s := range test.not {
			if strings.Contains(text, s) {
				t.Errorf("obey %v: %s in\n%s", test.obey, s, text)
			}
		}
	}
}
