package bta

import (
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"

	"quasi/ir"
)

// why is the chain for the register called name in variant v, its kinds joined.
func why(t *testing.T, v *Variant, name string) string {
	t.Helper()
	r := regNamed(t, v, name)
	var kinds []string
	for _, c := range Why(v, v.Fn.End-1, r) {
		kinds = append(kinds, c.Text)
	}
	return strings.Join(kinds, "; ")
}

func regNamed(t *testing.T, v *Variant, name string) ir.Reg {
	t.Helper()
	for r, x := range v.Fn.Values {
		if x.Ident() == name {
			return ir.Reg(r)
		}
	}
	t.Fatalf("@%s has no %s", v.Fn.Name(), name)
	return ir.NoReg
}

func TestWhy(t *testing.T) {
	res := analyzeText(t, `; bta: @f s=S
@g = global i32 0
declare void @unknown(i32*)
declare i32 @opaque()
define i32 @f(i32 %s, i32 %d, i32* %p) {
entry:
  %slot = alloca i32
  %fromparam = add i32 %s, %d
  %fromglobal = load i32, i32* @g
  %fromcall = call i32 @opaque()
  %vol = load volatile i32, i32* %slot
  %fp = sitofp i32 %s to x86_fp80
  store i32 %fromparam, i32* %slot
  %fromstore = load i32, i32* %slot
  store i32 1, i32* %slot
  call void @unknown(i32* %slot)
  %killed = load i32, i32* %slot
  store i32 2, i32* %slot
  store i32 3, i32* %p
  %hit = load i32, i32* %slot
  %through = load i32, i32* %p
  %c = icmp eq i32 %d, 0
  br i1 %c, label %a, label %b
a:
  br label %m
b:
  br label %m
m:
  %joined = phi i32 [ 1, %a ], [ 2, %b ]
  %inner = call i32 @h(i32 %joined, i32 %s)
  ret i32 %inner
}
define internal i32 @h(i32 %x, i32 %y) {
entry:
  %z = add i32 %x, %y
  %c = icmp eq i32 %y, 7
  br i1 %c, label %t, label %e
t:
  ret i32 %z
e:
  ret i32 %x
}
`, nil, nil)
	v := res.Entry
	for _, test := range []struct{ reg, want string }{
		{"%fromparam", "%fromparam is computed from a dynamic value; parameter %d of @f is not fixed by the specification"},
		{"%fromglobal", "%fromglobal is loaded from g, which is dynamic here; g is not fixed by the specification"},
		{"%fromcall", "the call is residual: @opaque is not defined here"},
		{"%vol", "%vol is a volatile or atomic load"},
		{"%fp", "%fp is an operation that is left to run time"},
		{"%fromstore", "%fromstore is loaded from f:%slot[0:4), which is dynamic here; a dynamic value is stored to f:%slot[0:4); %fromparam is computed from a dynamic value; parameter %d of @f is not fixed by the specification"},
		{"%killed", "%killed is loaded from f:%slot[0:4), which is dynamic here; the residual call of @unknown may write f:%slot[0:4): @unknown is not defined here"},
		{"%hit", "%hit is loaded from f:%slot[0:4), which is dynamic here; a store through a dynamic pointer may write f:%slot[0:4)"},
		{"%joined", "%joined differs between the paths of the branch at test.ll: @f:%entry#16, and nothing static needs it apart; %c is computed from a dynamic value; parameter %d of @f is not fixed by the specification"},
	} {
		if got := why(t, v, test.reg); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.reg, got, test.want)
		}
	}
	if got := Why(v, v.Fn.End-1, regNamed(t, v, "%s")); got != nil {
		t.Errorf("a static register has causes: %v", got)
	}
	// Into a callee: its parameter is dynamic because of the argument.
	h := res.Variants[1]
	want := "%z is computed from a dynamic value; parameter %x of @h is dynamic where it is called; %joined differs between the paths"
	if got := why(t, h, "%z"); !strings.HasPrefix(got, want) {
		t.Errorf("%%z of @h: got\n%s\nwant\n%s...", got, want)
	}
}

// TestWhyEnds checks that every dynamic register has a chain that ends at a root.
func TestWhyEnds(t *testing.T) {
	for _, path := range listingFiles(t) {
		res := analyzeFile(t, path, nil)
		for _, v := range res.Variants {
			for r := range v.Fn.Values {
				if !v.has[r] || v.regs[r].bt != Dynamic {
					continue
				}
				chain := Why(v, v.fi.points[r], ir.Reg(r))
				if len(chain) == 0 {
					t.Errorf("%s: @%s: %s has no cause", path, v.Fn.Name(), v.Fn.Values[r].Ident())
					continue
				}
				switch last := chain[len(chain)-1]; last.Kind {
				case OperandDynamic, CellDynamic, DynamicStore:
					t.Errorf("%s: @%s: %s ends at %v", path, v.Fn.Name(), v.Fn.Values[r].Ident(), last)
				}
			}
			for pt := v.Fn.First; pt < v.Fn.End; pt++ {
				b := v.an.prog.BlockAt(pt)
				if _, store := v.an.prog.UserAt(pt).(*llir.InstStore); store && v.Reached(b) && v.Exec(pt) == Dynamic {
					if len(Why(v, pt, ir.NoReg)) == 0 {
						t.Errorf("%s: the store at %v has no cause", path, v.an.prog.Position(pt))
					}
				}
			}
		}
	}
}
