; An address of a slot that goes into residual code inside a struct or vector leaks the slot.
; pe: @f #0=1
; run: #include <stdio.h>
; run: struct two { int *a; long b; }; void take(struct two t) { *t.a += (int)t.b; }
; run: void both(int **p) { ++*p[0]; *p[1] += 2; }
; run: int f(int, long); int main(void) { printf("%d %d\n", f(1, 5), f(1, -7)); }
declare void @take(i32*, i64)
declare void @both(i32**)
define internal void @pass({ i32*, i64 } %t) noinline {
  %a = extractvalue { i32*, i64 } %t, 0
  %b = extractvalue { i32*, i64 } %t, 1
  call void @take(i32* %a, i64 %b)
  ret void
}
define i32 @f(i32 %n, i64 %d) {
entry:
  %x = alloca i32
  %y = alloca i32
  %array = alloca <2 x i32*>
  store i32 10, i32* %x
  store i32 20, i32* %y
  %t0 = insertvalue { i32*, i64 } undef, i32* %x, 0
  %t1 = insertvalue { i32*, i64 } %t0, i64 %d, 1
  call void @pass({ i32*, i64 } %t1)
  %v0 = insertelement <2 x i32*> undef, i32* %x, i32 0
  %v1 = insertelement <2 x i32*> %v0, i32* %y, i32 1
  store <2 x i32*> %v1, <2 x i32*>* %array
  %first = bitcast <2 x i32*>* %array to i32**
  call void @both(i32** %first)
  %a = load i32, i32* %x
  %b = load i32, i32* %y
  %s = mul i32 %a, 1000
  %r = add i32 %s, %b
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK-DAG: store i32 10
; CHECK-DAG: store i32 20
; CHECK: call void @both(
; CHECK: %a = load i32
; CHECK: load i32
