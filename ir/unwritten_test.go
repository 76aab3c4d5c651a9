package ir

import (
	"slices"
	"testing"
)

// FreezeUnwritten makes constants of what cannot change, and of nothing else: each
// variable of the module says in its name what keeps it, or that nothing does.
func TestFreezeUnwritten(t *testing.T) {
	const src = `target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
@stored.perhaps = internal global i32 3
@constant.table = internal global [2 x i32*] [i32* @stored.perhaps, i32* @stored.through.table]
@constant.printed = private global [3 x i8] c"%d\00"
@stored = internal global i32 1
@stored.through.table = internal global i32 1
@external = global i32 1
@escapes = internal global i32 1
@volatile = internal global i32 1
@thread = internal thread_local global i32 1
@section = internal global i32 1, section "mine"
@aliased = internal global i32 1
@used = internal global i32 1
@copied.to = internal global [4 x i8] zeroinitializer
@assembly = internal global i32 1
@name = alias i32, i32* @aliased
@llvm.used = appending global [1 x i8*] [i8* bitcast (i32* @used to i8*)], section "llvm.metadata"
declare void @unknown(i32*)
declare i32 @printf(i8*, ...)
declare i8* @strcpy(i8*, i8*)
define void @f(i64 %i) {
  store i32 2, i32* @stored
  %p = getelementptr [2 x i32*], [2 x i32*]* @constant.table, i64 0, i64 %i
  %q = load i32*, i32** %p
  %c = icmp eq i64 %i, 1
  br i1 %c, label %then, label %end
then:
  %r = load i32*, i32** getelementptr ([2 x i32*], [2 x i32*]* @constant.table, i64 0, i64 1)
  store i32 4, i32* %r
  br label %end
end:
  call void @unknown(i32* @escapes)
  %v = load volatile i32, i32* @volatile
  %n = load i32, i32* @stored.perhaps
  %x = call i32 (i8*, ...) @printf(i8* getelementptr ([3 x i8], [3 x i8]* @constant.printed, i64 0, i64 0), i32 %n)
  %y = call i8* @strcpy(i8* getelementptr ([4 x i8], [4 x i8]* @copied.to, i64 0, i64 0), i8* getelementptr ([3 x i8], [3 x i8]* @constant.printed, i64 0, i64 0))
  call void asm sideeffect "movl $$1, $0", "*m"(i32* elementtype(i32) @assembly)
  ret void
}
`
	p, err := Load("unwritten.ll", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	pt := SolvePointsTo(p)
	mr := ComputeModRef(p, pt, BuildCallGraph(p, pt))
	var got []string
	for _, g := range FreezeUnwritten(p, pt, mr) {
		got = append(got, g.Name())
	}
	// The table's elements are one place for points-to, so that the store through one of
	// them may be to the number too.
	want := []string{"constant.table", "constant.printed"}
	if !slices.Equal(got, want) {
		t.Errorf("frozen %q, want %q", got, want)
	}
}
