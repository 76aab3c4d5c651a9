package ir_test

import (
	"reflect"
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/irtest"
)

// everything holds an instruction or terminator of each kind that has slices.
const everything = `
declare i32 @g(i32*, ...)
declare i32 @personality(...)
declare void @llvm.assume(i1)
define i32 @f(i32 %x, i32* %p, { i32, [2 x i32] } %s, double %d, i1 %c) personality i32 (...)* @personality {
entry:
  %a = add nuw nsw i32 %x, 1
  %b = getelementptr inbounds i32, i32* %p, i64 1, !note !0
  %e = extractvalue { i32, [2 x i32] } %s, 1, 0
  %i = insertvalue { i32, [2 x i32] } %s, i32 %x, 1, 1
  %m = fmul fast double %d, %d
  %r = call i32 (i32*, ...) @g(i32* nonnull align 4 %b, i32 noundef %a) #0 [ "tag"(i32 %x, i32 %e) ], !note !0
  switch i32 %r, label %join [
    i32 1, label %call
    i32 2, label %join
  ]
call:
  %v = invoke i32 (i32*, ...) @g(i32* nonnull %p) [ "tag"(i32 %a) ] to label %join unwind label %bad
join:
  %j = phi i32 [ %a, %entry ], [ %a, %entry ], [ %v, %call ]
  %k = icmp eq i32 %j, 0
  br i1 %k, label %ind, label %done
ind:
  indirectbr i8* blockaddress(@f, %done), [label %done, label %join2]
join2:
  br label %done
done:
  ret i32 %j
bad:
  %lp = landingpad { i8*, i32 } cleanup catch i8* null
  resume { i8*, i32 } %lp
}
attributes #0 = { nounwind }
!0 = !{}
`

// TestClone copies every instruction and terminator, then overwrites all that
// can be reached of the copy: the original must not change.
func TestClone(t *testing.T) {
	p := irtest.LoadString(t, everything)
	before := irtest.Print(t, p)
	f := irtest.Func(t, p, "f")
	for _, b := range f.Blocks {
		for _, inst := range b.LL.Insts {
			dup := ir.CloneInst(inst)
			checkClone(t, inst, dup)
			scramble(dup)
		}
		dup := ir.CloneTerm(b.LL.Term)
		checkClone(t, b.LL.Term, dup)
		for i, s := range b.LL.Term.Succs() {
			if dup.Succs()[i] != s {
				t.Errorf("%s: successor %d is %v", b.LL.Term.LLString(), i, dup.Succs()[i])
			}
		}
		scramble(dup)
	}
	if after := irtest.Print(t, p); after != before {
		t.Errorf("the original changed:\n%s", after)
	}
}

// checkClone: but for its name, a clone prints as the original.
func checkClone(t *testing.T, old, dup ir.User) {
	t.Helper()
	if n, ok := dup.(interface{ IsUnnamed() bool }); ok && !n.IsUnnamed() {
		t.Errorf("%s has a name", dup.LLString())
	}
	_, want, _ := strings.Cut(" "+old.LLString(), " = ")
	_, got, _ := strings.Cut(" "+dup.LLString(), " = ")
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// scramble overwrites operands and the elements of all slices in reach.
func scramble(u ir.User) {
	other := constant.NewInt(types.I32, 99)
	for _, op := range ir.Operands(u) {
		if a, ok := (*op).(*llir.Arg); ok {
			a.Value = other
			clear(a.Attrs)
		}
		*op = other
	}
	var clearSlices func(v reflect.Value)
	clearSlices = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				clearSlices(v.Field(i))
			}
		case reflect.Slice:
			for i := range v.Len() {
				v.Index(i).SetZero()
			}
		}
	}
	clearSlices(reflect.ValueOf(u).Elem())
}

// TestForgetSuccs: llir caches successors; after a target is replaced they must
// be forgotten.
func TestForgetSuccs(t *testing.T) {
	a, b := llir.NewBlock("a"), llir.NewBlock("b")
	br := llir.NewBr(a)
	br.Succs()
	br.Target = b
	ir.ForgetSuccs(br)
	if got := br.Succs()[0]; got != b {
		t.Errorf("got %s, want %%b", got.Ident())
	}
	ir.ForgetSuccs(llir.NewRet(nil)) // has none to forget
}

// TestResetLocalIDs inserts an unnamed instruction between others, which shifts
// their numbers.
func TestResetLocalIDs(t *testing.T) {
	p := irtest.LoadString(t, `
define i32 @f(i32 %0) {
  %2 = add i32 %0, 1
  %3 = mul i32 %2, 2
  ret i32 %3
}`)
	f := irtest.Func(t, p, "f").LL
	first := f.Blocks[0].Insts[0].(*llir.InstAdd)
	extra := llir.NewXor(f.Params[0], first)
	f.Blocks[0].Insts = append([]llir.Instruction{first, extra}, f.Blocks[0].Insts[1:]...)
	irtest.Check(t, irtest.Print(t, p), `
CHECK: %2 = add i32 %0, 1
CHECK-NEXT: %3 = xor i32 %0, %2
CHECK-NEXT: %4 = mul i32 %2, 2
CHECK-NEXT: ret i32 %4`)
}

func TestRenameFunc(t *testing.T) {
	p := irtest.LoadString(t, `
@table = global void ()* @f
define void @f() {
  call void @f()
  ret void
}
define void @taken() {
  ret void
}`)
	f := irtest.Func(t, p, "f")
	p.RenameFunc(f.LL, "f") // no change
	p.RenameFunc(f.LL, "f.generic")
	irtest.Check(t, irtest.Print(t, p), `
CHECK: @table = global void ()* @f.generic
CHECK: define void @f.generic()
CHECK: call void @f.generic()`)
	if got := p.FreshName("f"); got != "f" {
		t.Errorf("the old name is not free: got %q", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic for a name that is taken")
		}
	}()
	p.RenameFunc(f.LL, "taken")
}

func TestFreshName(t *testing.T) {
	p := irtest.LoadString(t, "@a = global i32 0\n@a.1 = global i32 0\ndeclare void @b()\n")
	for _, want := range []string{"a.2", "a.3"} {
		if got := p.FreshName("a"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	p.Module.NewFunc("c", types.Void)
	for prefix, want := range map[string]string{"b": "b.1", "c": "c.1", "d": "d"} {
		if got := p.FreshName(prefix); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestLocalNames(t *testing.T) {
	p := irtest.LoadString(t, everything)
	names := ir.NewLocalNames(irtest.Func(t, p, "f").LL)
	for _, test := range [][2]string{{"x", "x.1"}, {"x", "x.2"}, {"done", "done.1"}, {"v", "v.1"}, {"", "v.2"}, {"12", "v.3"}, {"new", "new"}} {
		if got := names.Fresh(test[0]); got != test[1] {
			t.Errorf("fresh %q: got %q, want %q", test[0], got, test[1])
		}
	}
}

func TestSetName(t *testing.T) {
	p := irtest.LoadString(t, everything)
	f := irtest.Func(t, p, "f")
	ir.SetName(f.LL.Params[0], "renamed")
	ir.SetName(f.Blocks[1].LL.Term, "result")
	ir.SetName(f.Blocks[0].LL.Term, "nothing") // a switch has no result
	irtest.Check(t, irtest.Print(t, p), `
CHECK: define i32 @f(i32 %renamed,
CHECK: %a = add nuw nsw i32 %renamed, 1
CHECK: %result = invoke
CHECK: [ %result, %call ]`)
}

// TestUses: every use of a register is found, with its operand, and no other.
func TestUses(t *testing.T) {
	p := irtest.LoadString(t, everything)
	f := irtest.Func(t, p, "f")
	uses := f.Uses()
	found := make(map[ir.Use]bool)
	for r, v := range f.Values {
		for _, use := range uses.Of(ir.Reg(r)) {
			op := *ir.Operands(p.UserAt(use.Pt))[use.Operand]
			if ir.Unwrap(op) != v {
				t.Errorf("%s is not operand %d at %v", v.Ident(), use.Operand, p.Position(use.Pt))
			}
			found[use] = true
		}
	}
	n := 0
	for pt := f.First; pt < f.End; pt++ {
		for i, op := range ir.Operands(p.UserAt(pt)) {
			if f.Reg(*op) != ir.NoReg {
				n++
				if !found[ir.Use{Pt: pt, Operand: i}] {
					t.Errorf("%s at %v is missing", (*op).Ident(), p.Position(pt))
				}
			}
		}
	}
	if n != len(found) {
		t.Errorf("got %d uses, want %d", len(found), n)
	}
	bundle := ir.Use{Pt: f.First + 5, Operand: 4}
	if !found[bundle] {
		t.Errorf("no use in an operand bundle; the call has %d operands", len(ir.Operands(p.UserAt(bundle.Pt))))
	}
}

func TestPointOf(t *testing.T) {
	p := irtest.LoadString(t, everything)
	f := irtest.Func(t, p, "f")
	for pt := f.First; pt < f.End; pt++ {
		if got, ok := f.PointOf(p.UserAt(pt).(value.User)); !ok || got != pt {
			t.Errorf("point of %s: got %d, %v, want %d", p.UserAt(pt).LLString(), got, ok, pt)
		}
	}
	if _, ok := f.PointOf(llir.NewRet(nil)); ok {
		t.Error("a point for what is not in the function")
	}
}
