package ir_test

import (
	"strings"
	"testing"

	"quasi/ir"
	"quasi/ir/irtest"
)

// A dispatch inside two loops; %base is defined before the inner head and used
// after it, so the second copy of its use has two definitions.
const frames = `
define i32 @run(i32* %code, i32 %n) {
entry:
  br label %enter

enter:
  %at = phi i32 [ 0, %entry ], [ %next, %call ]
  %base = mul i32 %at, %n
  br label %resume

resume:
  %pc = phi i32 [ %at, %enter ], [ %back, %ret ]
  br label %loop

loop:
  %i = phi i32 [ %pc, %resume ], [ %inc, %step ]
  %idx = sext i32 %i to i64
  %p = getelementptr i32, i32* %code, i64 %idx
  %op = load i32, i32* %p
  switch i32 %op, label %step [
    i32 0, label %done
    i32 1, label %call
    i32 2, label %ret
    i32 3, label %step
  ]

step:
  %inc = add i32 %i, 1
  br label %loop

call:
  %next = add i32 %i, 2
  br label %enter

ret:
  %back = add i32 %base, %i
  br label %resume

done:
  %r = add i32 %base, %i
  ret i32 %r
}

define i32 @plain(i32 %op) {
entry:
  br label %loop
loop:
  switch i32 %op, label %loop [
    i32 0, label %loop
    i32 1, label %done
    i32 2, label %loop
    i32 3, label %loop
  ]
done:
  ret i32 0
}
`

// Edges back to the heads lead to the second copy, the loop around the dispatch
// stays one in each, and the result is in SSA form. The outer loops of the second
// copy are entered at both heads, so they are one.
func TestPeel(t *testing.T) {
	p := irtest.LoadString(t, frames)
	f := p.FuncByName("run")
	r := ir.OuterRounds(f)
	if r == nil {
		t.Fatal("no rounds")
	}
	var heads []string
	for _, h := range r.Heads {
		heads = append(heads, h.LL.Name())
	}
	if got, want := strings.Join(heads, " "), "resume enter"; got != want {
		t.Errorf("heads are %q, want %q", got, want)
	}
	peeled := p.Peel(f, r)
	q, err := ir.NewProgram(p.Module, p.Source)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range ir.Check(q) {
		t.Error(err)
	}
	g := q.FuncOf(peeled.Func)
	depth := func(name string) int {
		for _, b := range g.Blocks {
			if b.LL.Name() == name {
				if l := g.Loops().Of(b); l != nil {
					return l.Depth
				}
				return 0
			}
		}
		t.Fatalf("no block %s", name)
		return 0
	}
	for name, want := range map[string]int{"enter": 0, "resume": 0, "loop": 1, "step": 1, "call": 0, "enter.again": 1, "resume.again": 1, "loop.again": 2} {
		if got := depth(name); got != want {
			t.Errorf("%s is in %d loops, want %d", name, got, want)
		}
	}
	if b := g.BlockOf(peeled.First); b == nil || b.LL.Name() != "loop" {
		t.Errorf("the first dispatch is not in %%loop")
	}
	if r := ir.OuterRounds(q.FuncByName("plain")); r != nil {
		t.Errorf("@plain has rounds, but its dispatch is in one loop only")
	}
}
