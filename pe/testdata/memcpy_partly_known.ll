; A copied struct keeps what is known, member by member; only unknown bytes are copied at run time.
; pe: @f #0=5
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { for (int x = -1; x < 3; x++) printf("%d\n", f(5, x)); }
%S = type { i32, i32, i8*, i32 }
declare void @llvm.memcpy.p0i8.p0i8.i64(i8*, i8*, i64, i1)
define i32 @f(i32 %n, i32 %x) {
  %s = alloca %S
  %t = alloca %S
  %s0 = getelementptr %S, %S* %s, i32 0, i32 0
  %s1 = getelementptr %S, %S* %s, i32 0, i32 1
  %s2 = getelementptr %S, %S* %s, i32 0, i32 2
  store i32 %n, i32* %s0
  store i32 %x, i32* %s1
  %s8 = bitcast %S* %s to i8*
  store i8* %s8, i8** %s2
  %t8 = bitcast %S* %t to i8*
  call void @llvm.memcpy.p0i8.p0i8.i64(i8* %t8, i8* %s8, i64 24, i1 false)
  %t0 = getelementptr %S, %S* %t, i32 0, i32 0
  %t1 = getelementptr %S, %S* %t, i32 0, i32 1
  %t2 = getelementptr %S, %S* %t, i32 0, i32 2
  %a = load i32, i32* %t0
  %b = load i32, i32* %t1
  %p = load i8*, i8** %t2
  %pi = bitcast i8* %p to i32*
  %c = load i32, i32* %pi
  %ab = mul i32 %a, %c
  %r = add i32 %ab, %b
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: store i32 %x
; CHECK: call void @llvm.memcpy{{.*}} i64 4, i1 false)
; CHECK-NOT: memcpy
; CHECK: %b = load i32
; CHECK-NOT: load
; CHECK: %r = add i32 25, %b
