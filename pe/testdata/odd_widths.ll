; Integers of odd widths wrap at their own width, in registers and in memory.
; pe: @f #0=16777215
; run: #include <stdio.h>
; run: long f(int, long); int main(void) { printf("%ld %ld\n", f(16777215, 3), f(5, 3)); }
define i64 @f(i32 %n, i64 %x) {
  %a = alloca i24
  %m = alloca i64
  store i64 -1, i64* %m
  %b = trunc i32 %n to i24
  %c = add i24 %b, 2
  store i24 %c, i24* %a
  %d = load i24, i24* %a
  %p = bitcast i64* %m to i24*
  store i24 %d, i24* %p
  %e = load i64, i64* %m
  %g = sext i24 %b to i64
  %h = mul i64 %e, %g
  %r = add i64 %h, %x
  ret i64 %r
}
; CHECK-LABEL: define internal i64 @f.v1(
; CHECK-NOT: store
; CHECK: add i64 {{16777215|u0xFFFFFF}}, %x
