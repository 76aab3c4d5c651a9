package pe

// This file tests Config.Observe: listings of generic code with what became of
// each point, matched with CHECK lines.

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"quasi/bta"
	"quasi/ir"
	"quasi/ir/irtest"
	"quasi/ir/spec"
)

// observed specializes the module's function f with what `static` says, and
// lists what became of the points of every function.
func observed(t *testing.T, text, static string) string {
	t.Helper()
	c := &caseFile{variants: []variantLine{parseVariant(t, static)}}
	p := irtest.LoadString(t, text)
	pt := ir.SolvePointsTo(p)
	cg := ir.BuildCallGraph(p, pt)
	mr := ir.ComputeModRef(p, pt, cg)
	file, err := spec.Parse("test.yaml", []byte(c.spec()))
	if err != nil {
		t.Fatal(err)
	}
	r, err := spec.Resolve(p, file)
	if err != nil {
		t.Fatal(err)
	}
	v := r.Variants[0]
	cfg := Config{Prog: p, PT: pt, CG: cg, MR: mr, Variant: v, Facts: spec.NewFacts(v), Budget: c.variants[0].budget}
	if cfg.BTA, err = bta.Analyze(bta.Config{Prog: p, PT: pt, CG: cg, MR: mr, Variant: v, Facts: cfg.Facts}); err != nil {
		t.Fatal(err)
	}
	notes := make(map[ir.Point]string)
	var fns []*ir.Func
	seen := make(map[*ir.Func]bool)
	cfg.Observe = func(o Observation) {
		if !seen[o.Fn] {
			seen[o.Fn] = true
			fns = append(fns, o.Fn)
		}
		notes[o.Pt] += "[" + noteOf(o) + "]"
	}
	if _, err := Specialize(cfg); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, f := range fns {
		if err := ir.FprintFunc(&out, f, func(pt ir.Point) string { return notes[pt] }); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// noteOf is an observation as the tests write it.
func noteOf(o Observation) string {
	parts := []string{fmt.Sprintf("x%d r%d", o.Executed, o.Residual)}
	if o.Lifted > 0 {
		parts = append(parts, fmt.Sprintf("lifted%d", o.Lifted))
	}
	if len(o.Values) > 0 {
		parts = append(parts, strings.Join(o.Values, ","))
	}
	if o.More {
		parts = append(parts, "more")
	}
	if len(o.Taken) > 0 {
		parts = append(parts, fmt.Sprint(o.Taken))
	}
	for _, v := range o.Unfolded {
		parts = append(parts, fmt.Sprintf("unfolded=%s.%d", v.Fn.Name(), v.ID))
	}
	for _, name := range o.Called {
		parts = append(parts, "called="+name)
	}
	return strings.Join(parts, " ")
}

// Loops are counted, values are listed in their order and cut off after MaxValues,
// branches tell where they went, and an unfolded call has the values it returned.
// What the division has for dynamic may be executed all the same: half of one is
// zero, and so is its product.
func TestObserveLoop(t *testing.T) {
	const text = `
define i32 @power(i32 %x, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ %n, %entry ], [ %i.next, %body ]
  %acc = phi i32 [ 1, %entry ], [ %r, %body ]
  %more = icmp ugt i32 %i, 0
  br i1 %more, label %body, label %exit
body:
  %k = call i32 @half(i32 %i)
  %s = mul i32 %x, %k
  %r = mul i32 %acc, %s
  %i.next = sub i32 %i, 1
  br label %loop
exit:
  ret i32 %acc
}

define internal i32 @half(i32 %n) {
  %h = lshr i32 %n, 1
  ret i32 %h
}
; CHECK-LABEL: define i32 @power
; CHECK: %i = phi {{.*}} ; [x7 r0 6,5,4,3 more]
; CHECK: %acc = phi {{.*}} ; [x2 r5 lifted2 1,0]
; CHECK: %more = icmp {{.*}} ; [x7 r0 true,false]
; CHECK: br i1 %more{{.*}} ; [x7 r0 map[0:6 1:1]]
; CHECK: %k = call {{.*}} ; [x6 r0 lifted5 3,2,1,0 unfolded=half.1]
; CHECK: %s = mul {{.*}} ; [x1 r5 0]
; CHECK: %i.next = sub {{.*}} ; [x6 r0 5,4,3,2 more]
; CHECK: ret i32 %acc ; [x0 r1]
; CHECK-LABEL: define internal i32 @half
; CHECK: %h = lshr {{.*}} ; [x6 r0 3,2,1,0]
; CHECK: ret i32 %h ; [x6 r0]
`
	irtest.Check(t, observed(t, text, "@power n=6"), text)
}

// What an attempt did that was made again does not count: the first attempt at
// @f ends at the dynamic branch, after it has run the loop.
func TestObserveAgain(t *testing.T) {
	const text = `
@text = private constant [6 x i8] c"hello\00"

declare i64 @strlen(i8*)

define i64 @f(i64 %d) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i.next, %loop ]
  %i.next = add i64 %i, 1
  %more = icmp ult i64 %i.next, 3
  br i1 %more, label %loop, label %then
then:
  %n = call i64 @strlen(i8* getelementptr ([6 x i8], [6 x i8]* @text, i64 0, i64 0))
  %c = icmp eq i64 %d, %n
  br i1 %c, label %yes, label %no
yes:
  ret i64 %n
no:
  ret i64 %i
}
; CHECK: %i.next = add {{.*}} ; [x3 r0 1,2,3]
; CHECK: %n = call {{.*}} ; [x1 r0 lifted2 5]
; CHECK: %c = icmp {{.*}} ; [x0 r1]
; CHECK: br i1 %c{{.*}} ; [x0 r1]
; CHECK: ret i64 %n ; [x0 r1]
; CHECK: ret i64 %i ; [x0 r1]
`
	irtest.Check(t, observed(t, text, "@f"), text)
}

// A residual function and its static result: the call is left, and has a value. The
// two observations are of the two variants, the call from outside and from within.
func TestObserveResidualCall(t *testing.T) {
	const text = `
@g = global i32 0

define i32 @f(i32 %d, i32 %k) {
  %z = call i32 @walk(i32 %d, i32 %k)
  ret i32 %z
}

define internal i32 @walk(i32 %d, i32 %k) {
entry:
  store i32 %k, i32* @g
  %c = icmp eq i32 %d, 0
  br i1 %c, label %end, label %again
again:
  %e = sub i32 %d, 1
  %r = call i32 @walk(i32 %e, i32 %k)
  br label %end
end:
  ret i32 7
}
; CHECK-LABEL: define internal i32 @walk
; CHECK: store {{.*}} ; [x1 r0][x1 r0]
; CHECK: br i1 %c{{.*}} ; [x0 r1][x0 r1]
; CHECK: %r = call {{.*}} ; [x0 r1 7 called=walk.s1][x0 r1 7 called=walk.s1]
`
	irtest.Check(t, observed(t, text, "@f k=3"), text)
}
