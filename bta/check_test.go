package bta

import (
	"strings"
	"testing"

	"quasi/ir"
)

const checked = `; bta: @f s=S
@g = global i32 0
define i32 @f(i32 %s, i32 %d, i32* %p) {
entry:
  %slot = alloca i32
  store i32 %d, i32* %slot
  %x = load i32, i32* %slot
  %y = add i32 %x, %s
  %c = icmp eq i32 %y, 0
  br i1 %c, label %a, label %b
a:
  %r = call i32 @h(i32 %d, i32 %s)
  br label %m
b:
  br label %m
m:
  %k = phi i32 [ 1, %a ], [ 2, %b ]
  ret i32 %k
}
define internal i32 @h(i32 %x, i32 %y) {
entry:
  %c = icmp eq i32 %y, 7
  br i1 %c, label %t, label %e
t:
  ret i32 %y
e:
  ret i32 %x
}
`

// TestCheckFindsFaults plants one fault at a time in a congruent result.
func TestCheckFindsFaults(t *testing.T) {
	static := func(v *Variant, r ir.Reg) { v.regs[r] = value{} }
	for _, test := range []struct {
		name, want string
		plant      func(t *testing.T, res *Result)
	}{
		{"static operation on a dynamic operand", "K1", func(t *testing.T, res *Result) { static(res.Entry, regNamed(t, res.Entry, "%y")) }},
		{"static load of a dynamic cell", "K2", func(t *testing.T, res *Result) { static(res.Entry, regNamed(t, res.Entry, "%x")) }},
		{"static branch without a join", "K1", func(t *testing.T, res *Result) { static(res.Entry, regNamed(t, res.Entry, "%c")) }},
		{"missing join", "K6", func(t *testing.T, res *Result) { res.Entry.joins[3], res.Entry.final = nil, nil }},
		{"join without its phi", "K7", func(t *testing.T, res *Result) {
			j := res.Entry.Join(res.Entry.Fn.Blocks[3])
			j.DynRegs = nil
		}},
		{"cell static at a block's start only", "K3", func(t *testing.T, res *Result) {
			s := *res.Entry.in[3]
			s.mem = s.mem.with(place{obj: slotOf(res)}, []cell{{hi: 4, fill: bytes}})
			res.Entry.in[3] = &s
		}},
		{"edge left out", "K3", func(t *testing.T, res *Result) { res.Entry.edges[0] = 1 }},
		{"parameter more static than its argument", "K5", func(t *testing.T, res *Result) { res.Variants[1].entry.args[0] = value{} }},
		{"result more static than what is returned", "K5", func(t *testing.T, res *Result) { static(res.Entry, regNamed(t, res.Entry, "%r")) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			res := analyzeText(t, checked, nil, nil)
			if errs := Check(res); len(errs) > 0 {
				t.Fatalf("before: %v", errs)
			}
			test.plant(t, res)
			errs := Check(res)
			if len(errs) == 0 {
				t.Fatal("the fault is not found")
			}
			if got := errs[0].Error(); !strings.Contains(got, test.want) {
				t.Errorf("got %v, want a breach of %s", errs, test.want)
			}
		})
	}
}

func slotOf(res *Result) *ir.Object {
	return res.Config.PT.ObjectOf(res.Entry.Fn.Blocks[0].LL.Insts[0].(*irAlloca))
}
