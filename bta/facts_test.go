package bta

import (
	"testing"

	"quasi/ir"
	"quasi/ir/spec"
)

// pred is `field at off of param == other`, all 32 bits.
func fieldOf(param int, off int64) *spec.Expr {
	ptr := &ir.CType{Kind: ir.CPointer, Size: 8, Elem: &ir.CType{Kind: ir.CInt, Name: "int", Size: 4, Signed: true}}
	p := &spec.Expr{Op: spec.OpParam, Param: param, Width: 64, Type: ptr}
	addr := &spec.Expr{Op: spec.OpOffset, Args: []*spec.Expr{p}, Off: off, Width: 64, Type: ptr}
	return &spec.Expr{Op: spec.OpLoad, Args: []*spec.Expr{addr}, Width: 32, Type: ptr.Elem}
}

func intConst(n int64) *spec.Expr {
	return &spec.Expr{Op: spec.OpConst, Int: n, Width: 32, Type: &ir.CType{Kind: ir.CInt, Name: "int", Size: 4, Signed: true}}
}

func equal(x, y *spec.Expr) *spec.Pred {
	return &spec.Pred{Text: "test", Expr: &spec.Expr{Op: spec.OpEq, Args: []*spec.Expr{x, y}, Width: 1, Type: x.Type}}
}

func withPreds(preds ...*spec.Pred) func(*Config) {
	return func(c *Config) {
		c.Variant.When = preds
		c.Facts = spec.NewFacts(c.Variant)
	}
}

const symbolic = `; bta: @f
%s = type { i32, i32, i32 }
declare void @unknown()
define i32 @f(%s* %p, %s* %q, i64* %other) {
entry:
  %px = getelementptr %s, %s* %p, i64 0, i32 0
  %py = getelementptr %s, %s* %p, i64 0, i32 1
  %qx = getelementptr %s, %s* %q, i64 0, i32 0
  %x = load i32, i32* %px, !tbaa !1
  %y = load i32, i32* %py, !tbaa !1
  %z = load i32, i32* %qx, !tbaa !1
  %same = xor i32 %y, %z
  %diff = icmp ne i32 %same, 0
  br i1 %diff, label %never, label %next
never:
  ret i32 1
next:
  store i64 1, i64* %other, !tbaa !3
  %x2 = load i32, i32* %px, !tbaa !1
  %r = call i32 @sub(%s* %p)
  call void @unknown()
  %x3 = load i32, i32* %px, !tbaa !1
  store i32 5, i32* %px, !tbaa !1
  %x4 = load i32, i32* %px, !tbaa !1
  %y4 = load i32, i32* %py, !tbaa !1
  ret i32 %x3
}
define internal i32 @sub(%s* %p) {
entry:
  %px = getelementptr %s, %s* %p, i64 0, i32 0
  %x = load i32, i32* %px, !tbaa !1
  %c = icmp eq i32 %x, 3
  br i1 %c, label %t, label %e
t:
  ret i32 0
e:
  %y = add i32 %x, 1
  ret i32 %y
}
!0 = !{!"int", !4, i64 0}
!1 = !{!0, !0, i64 0}
!2 = !{!"long", !4, i64 0}
!3 = !{!2, !2, i64 0}
!4 = !{!"omnipotent char", !5, i64 0}
!5 = !{!"Simple C/C++ TBAA"}
`

// TestFacts checks symbolic instances: a predicate gives a field behind a dynamic
// pointer its value, or makes two fields equal and so decides a branch; a callee sees
// it; writes of another type leave it, unknown code ends it; a store gives it a value.
func TestFacts(t *testing.T) {
	res := analyzeText(t, symbolic, nil, withPreds(equal(fieldOf(0, 0), intConst(3)), equal(fieldOf(0, 4), fieldOf(1, 0))))
	v := res.Entry
	for _, test := range []struct {
		reg  string
		want BindingTime
	}{
		{"%p", Dynamic}, {"%x", Static}, {"%y", Dynamic}, {"%z", Dynamic}, {"%same", Static}, {"%diff", Static},
		{"%x2", Static}, {"%r", Static}, {"%x3", Dynamic}, {"%x4", Static}, {"%y4", Dynamic},
	} {
		if got := v.Reg(regNamed(t, v, test.reg)); got.IsStatic() != test.want.IsStatic() {
			t.Errorf("%s is %v, want %v", test.reg, got, test.want)
		}
	}
	if v.Reached(v.Fn.Blocks[1]) {
		t.Error("the branch that the facts decide is followed both ways")
	}
	if len(res.Variants) != 2 || res.Variants[1].Reached(res.Variants[1].Fn.Blocks[2]) {
		t.Errorf("the callee does not see the fact: %d variants", len(res.Variants))
	}
	for _, err := range Check(res) {
		t.Error(err)
	}
	// Without the predicates nothing of this holds.
	v = analyzeText(t, symbolic, nil, nil).Entry
	for _, reg := range []string{"%x", "%same", "%x2", "%r"} {
		if got := v.Reg(regNamed(t, v, reg)); got != Dynamic {
			t.Errorf("without predicates %s is %v", reg, got)
		}
	}
}
