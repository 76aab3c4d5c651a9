package bta

import (
	"testing"

	"quasi/ir"
)

const counting = `; bta: @f n=S
define i32 @f(i32 %n, i32 %d) {
entry:
  %slot = alloca i32
  store i32 7, i32* %slot
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %x = load i32, i32* %slot
  %next = add i32 %i, %x
  %more = icmp slt i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %next
}
`

// TestForced checks that what the specializer forces is dynamic from there on, that
// the block is a specialized point then, and that Why says so.
func TestForced(t *testing.T) {
	plain := analyzeText(t, counting, nil, nil).Entry
	if j := plain.Join(plain.Fn.Blocks[1]); j != nil {
		t.Fatalf("without force the static loop has a join: %+v", j)
	}
	res := analyzeText(t, counting, nil, func(c *Config) {
		f := c.Variant.Fn
		c.Forced = map[ForcedKey]Reason{
			{Fn: f, Block: f.Blocks[1], Reg: f.Reg(phiAt(f.Blocks[1], f.Blocks[1].First))}: {Text: "1000 states"},
		}
	})
	v := res.Entry
	i := regNamed(t, v, "%i")
	if bt := v.Reg(i); bt != Dynamic {
		t.Errorf("forced %%i is %v", bt)
	}
	j := v.Join(v.Fn.Blocks[1])
	if j == nil || j.By.Kind != BudgetSpent || j.Reason[i].Kind != BudgetSpent {
		t.Errorf("the join of the forced block is %+v", j)
	}
	if got, want := why(t, v, "%i"), "%i was generalized here: 1000 states"; got != want {
		t.Errorf("why: got %q, want %q", got, want)
	}
	if v.Reg(regNamed(t, v, "%x")) == Dynamic {
		t.Error("the cell is dynamic though only the register is forced")
	}
}

func TestForcedCellAndParameter(t *testing.T) {
	res := analyzeText(t, counting, nil, func(c *Config) {
		f := c.Variant.Fn
		slot := c.PT.ObjectOf(f.Blocks[0].LL.Insts[0].(*irAlloca))
		c.Forced = map[ForcedKey]Reason{
			{Fn: f, Block: f.Blocks[1], Reg: ir.NoReg, Cell: Cell{Obj: slot, Lo: 0, Hi: 4}}: {},
			{Fn: f, Reg: 0}: {},
		}
	})
	v := res.Entry
	if bt := v.Reg(regNamed(t, v, "%x")); bt != Dynamic {
		t.Errorf("a load of the forced cell is %v", bt)
	}
	j := v.Join(v.Fn.Blocks[1])
	if len(j.DynMem) != 1 || j.DynMem[0].Lo != 0 || j.DynMem[0].Hi != 4 {
		t.Errorf("the join flushes %v", j.DynMem)
	}
	if bt := v.At(v.Fn.Blocks[1].First).Reg(0); bt != Dynamic {
		t.Errorf("the forced parameter is %v in the loop", bt)
	}
	for _, err := range Check(res) {
		t.Error(err)
	}
}
