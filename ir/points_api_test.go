package ir

import (
	"testing"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"
)

// TestValuesMadeLater: a value or call that the solution has never seen may be
// anything.
func TestValuesMadeLater(t *testing.T) {
	p, err := Load("later.ll", []byte(`
@x = internal global i8 0
define internal void @f(i8** %p) {
  %q = alloca i8*
  store i8* @x, i8** %q
  ret void
}`))
	if err != nil {
		t.Fatal(err)
	}
	f := p.FuncByName("f")
	pt := SolvePointsTo(p)
	cg := BuildCallGraph(p, pt)
	mr := ComputeModRef(p, pt, cg)
	q := pt.ObjectOf(f.Blocks[0].LL.Insts[0].(*llir.InstAlloca))

	load := llir.NewLoad(types.I8Ptr, f.LL.Params[0])
	if got := pt.Of(load); !got.Unknown || !pt.MayPoint(got, q) {
		t.Errorf("a new load points to %v, unknown %v; want everything", got.Objs, got.Unknown)
	}
	number := llir.NewTrunc(llir.NewPtrToInt(load, types.I64), types.I8)
	if got := pt.Of(number); got.Unknown || got.Objs != nil {
		t.Errorf("an i8 points to %v", got)
	}
	call := llir.NewCall(f.LL, f.LL.Params[0])
	if _, unknown := cg.Callees(call); !unknown || !mr.Mod(call).May(q) || !mr.Ref(call).May(q) {
		t.Errorf("a new call does not reach everything")
	}
	if store := f.Blocks[0].LL.Insts[1]; !mr.Mod(store).May(q) || mr.Mod(store).Unknown || !mr.Ref(store).Empty() {
		t.Errorf("effects of %v: writes %v, reads %v", store, mr.Mod(store).Objs, mr.Ref(store).Objs)
	}
}

// TestCovers checks which offsets targets stand for.
func TestCovers(t *testing.T) {
	p, err := Load("covers.ll", []byte(`
%s = type { i64, [3 x i32], i32 }
@a = internal global [4 x %s] zeroinitializer
declare noalias i8* @malloc(i64)
define internal void @f(i64 %i, i64 %n) {
  %elem = getelementptr [4 x %s], [4 x %s]* @a, i64 0, i64 %i, i32 1, i64 %i
  %exact = getelementptr [4 x %s], [4 x %s]* @a, i64 0, i64 0, i32 2
  %m = call i8* @malloc(i64 %n)
  %w = bitcast i8* %m to i32*
  %run = getelementptr i32, i32* %w, i64 %i
  ret void
}`))
	if err != nil {
		t.Fatal(err)
	}
	pt := SolvePointsTo(p)
	f := p.FuncByName("f")
	for _, tt := range []struct {
		value   string
		in, out []int64
	}{
		{"%elem", []int64{8, 12, 16, 32, 88}, []int64{0, 20, 24, 44}},
		{"%exact", []int64{20, 44}, []int64{0, 8, 24}}, // in each element: the index 0 says nothing
		{"%run", []int64{0, 4, 400}, []int64{1, 2, 401}},
	} {
		for _, v := range f.Values {
			if v.Ident() != tt.value {
				continue
			}
			ts := pt.Targets(v)
			if len(ts) != 1 {
				t.Fatalf("%s has targets %v", tt.value, targetList(ts))
			}
			for _, off := range tt.in {
				if !pt.Covers(ts[0], off) {
					t.Errorf("%s (%s) does not cover %d", tt.value, targetList(ts), off)
				}
			}
			for _, off := range tt.out {
				if pt.Covers(ts[0], off) {
					t.Errorf("%s (%s) covers %d", tt.value, targetList(ts), off)
				}
			}
		}
	}
}
