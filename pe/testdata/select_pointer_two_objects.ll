; A store through a selected address leaks both objects and ends what is known of them; the object itself stays private where both operands name it.
; pe: @f #0=5
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { for (int x = -1; x < 3; x++) printf("%d\n", f(5, x)); }
define i32 @f(i32 %n, i32 %x) {
  %a = alloca i32
  %b = alloca i32
  %c = alloca [2 x i32]
  store i32 %n, i32* %a
  store i32 7, i32* %b
  %c0 = getelementptr [2 x i32], [2 x i32]* %c, i64 0, i64 0
  %c1 = getelementptr [2 x i32], [2 x i32]* %c, i64 0, i64 1
  store i32 1, i32* %c0
  store i32 2, i32* %c1
  %t = icmp sgt i32 %x, 0
  %p = select i1 %t, i32* %a, i32* %b
  store i32 %x, i32* %p
  %q = select i1 %t, i32* %c0, i32* %c1
  store i32 %x, i32* %q
  %u = load i32, i32* %a
  %v = load i32, i32* %b
  %w = load i32, i32* %c0
  %v10 = mul i32 %v, 10
  %w100 = mul i32 %w, 100
  %r0 = add i32 %u, %v10
  %r = add i32 %r0, %w100
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: store i32 5
; CHECK: store i32 7
; CHECK: store i32 %x
; CHECK: store i32 %x
; CHECK: %u = load i32
; CHECK: %v{{.*}} = load i32
; CHECK: %w = load i32
