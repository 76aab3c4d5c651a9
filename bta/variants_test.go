package bta

import (
	"fmt"
	"strings"
	"testing"
)

// manyDivisions calls @g with every division of its six parameters.
func manyDivisions() string {
	var sb strings.Builder
	sb.WriteString("; bta: @f s=S\ndefine i32 @f(i32 %s, i32 %d) {\nentry:\n")
	for n := range 64 {
		fmt.Fprintf(&sb, "  %%r%d = call i32 @g(", n)
		for k := range 6 {
			arg := "%s"
			if n>>k&1 == 1 {
				arg = "%d"
			}
			fmt.Fprintf(&sb, "i32 %s", arg)
			if k < 5 {
				sb.WriteString(", ")
			}
		}
		sb.WriteString(")\n")
	}
	sb.WriteString("  ret i32 %r0\n}\ndefine internal i32 @g(i32 %a, i32 %b, i32 %c, i32 %d, i32 %e, i32 %f) {\nentry:\n")
	sb.WriteString("  %x1 = add i32 %a, %b\n  %x2 = add i32 %x1, %c\n  %x3 = add i32 %x2, %d\n  %x4 = add i32 %x3, %e\n  %x5 = add i32 %x4, %f\n")
	for i, r := range []string{"a", "b", "c", "d", "e", "f"} {
		fmt.Fprintf(&sb, "  %%c%d = icmp eq i32 %%%s, 1\n  br i1 %%c%d, label %%t%d, label %%n%d\nt%d:\n  ret i32 %d\nn%d:\n", i, r, i, i, i, i, i, i)
	}
	sb.WriteString("  ret i32 %x5\n}\n")
	return sb.String()
}

// TestMaxVariants checks that past the bound a function has one variant, whose entry is
// the join of all calls, and that the bound is not felt below it.
func TestMaxVariants(t *testing.T) {
	src := manyDivisions()
	if n := len(analyzeText(t, src, nil, nil).Variants); n < 60 {
		t.Errorf("unbounded: %d variants", n)
	}
	res := analyzeText(t, src, nil, func(c *Config) { c.MaxVariants = 8 })
	if n := len(res.Variants); n > 8 {
		t.Errorf("bound 8: %d variants", n)
	}
	// Joined over all calls, nothing of @g is static: no call is worth unfolding.
	g := res.Config.Prog.FuncByName("g")
	for pt := res.Entry.Fn.First; pt < res.Entry.Fn.End-1; pt++ {
		if plan := res.Entry.Call(pt, g); plan.Action != ResidualCall || plan.Reason.Kind != NoStaticInput {
			t.Fatalf("past the bound the plan of a call is %v: %+v", plan.Action, plan.Reason)
		}
	}
	for _, err := range Check(res) {
		t.Error(err)
	}
}

// TestQueries checks the answers that listings do not show.
func TestQueries(t *testing.T) {
	res := analyzeText(t, `; bta: @f s=S
@g = global i32 0
define i32 @f(i32 %s, i32 %d) {
entry:
  %slot = alloca i32
  %twice = add i32 %s, %s
  store i32 %twice, i32* @g
  %mixed = mul i32 %twice, %d
  %c = icmp eq i32 %d, 0
  br i1 %c, label %a, label %b
a:
  ret i32 1
b:
  ret i32 %mixed
}
`, nil, nil)
	v := res.Entry
	f := v.Fn
	twice := regNamed(t, v, "%twice")
	if bt := v.Reg(twice); bt != StaticDynamic {
		t.Errorf("%%twice, which is lifted, is %v", bt)
	}
	mul := f.First + 3
	for operand, want := range []BindingTime{StaticDynamic, Dynamic} {
		if got := v.Use(mul, operand); got != want {
			t.Errorf("operand %d of the product is %v, want %v", operand, got, want)
		}
	}
	if got := v.Use(f.First+1, 0); got != Static {
		t.Errorf("operand of a static sum is %v", got)
	}
	g := res.Config.PT.ObjectOf(res.Config.Prog.Module.Globals[0])
	if before, after := v.At(f.First+2).Mem(g, 0, 4), v.At(mul).Mem(g, 0, 4); before != Dynamic || after != Static {
		t.Errorf("@g is %v before and %v after the store", before, after)
	}
	if !v.DynamicControl() {
		t.Error("no dynamic control")
	}
	if v.Exit() == nil {
		t.Error("dynamic control reaches two returns, and there is no exit join")
	}
	if got := v.At(f.End - 1); got.Reg(twice) != Static || !got.Reached() {
		t.Error("a static register is not static at the end")
	}
	if len(SourceBindings(res)) != 0 {
		t.Error("source bindings without debug locations")
	}
}
