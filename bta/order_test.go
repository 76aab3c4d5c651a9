package bta

// This file tests the order in which blocks are interpreted.

import (
	"slices"
	"testing"
)

// nestedLoops has three loops in each other, with a slot that only the outermost one
// writes, after the others.
const nestedLoops = `; bta: @f n=S
declare i32 @input()
define void @f(i32 %n) {
entry:
  %slot = alloca i32
  store i32 %n, i32* %slot
  br label %a
a:
  %ca = call i32 @input()
  %goa = icmp eq i32 %ca, 0
  br i1 %goa, label %b, label %end
b:
  %cb = call i32 @input()
  %gob = icmp eq i32 %cb, 0
  br i1 %gob, label %c, label %enda
c:
  %cc = call i32 @input()
  %goc = icmp eq i32 %cc, 0
  br i1 %goc, label %bodyc, label %endb
bodyc:
  br label %c
endb:
  br label %b
enda:
  %old = load i32, i32* %slot
  %new = add i32 %old, 1
  store i32 %new, i32* %slot
  br label %a
end:
  ret void
}
`

// TestNestedLoopsSettle: inner loops settle before outer ones go on, which takes few
// visits. With any other order, what comes round by both may differ in every round.
func TestNestedLoopsSettle(t *testing.T) {
	v := analyzeText(t, nestedLoops, nil, nil).Entry
	if most := slices.Max(v.visits); most > 20 {
		t.Errorf("a block was interpreted %d times", most)
	}
}
