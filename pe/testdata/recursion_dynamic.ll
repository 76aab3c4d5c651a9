; Recursion under dynamic control gets a residual function that calls itself.
; pe: @f #0=3
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { for (int x = 0; x < 6; x++) printf("%d\n", f(3, x)); }
define internal i32 @power(i32 %b, i32 %n) {
entry:
  %z = icmp sle i32 %n, 0
  br i1 %z, label %base, label %more
base:
  ret i32 1
more:
  %m = sub i32 %n, 1
  %r = call i32 @power(i32 %b, i32 %m)
  %s = mul i32 %r, %b
  ret i32 %s
}
define i32 @f(i32 %b, i32 %n) {
  %r = call i32 @power(i32 %b, i32 %n)
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: call i32 @power.s1(i32
; CHECK-LABEL: define internal i32 @power.s1(i32
; CHECK: call i32 @power.s1(i32
; CHECK: mul i32 {{.*}}, 3
