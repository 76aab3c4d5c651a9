; Where the rounding mode may change, floating point stays residual, in its order.
; pe: @f #0=1
; run: #include <fenv.h>
; run: #include <stdio.h>
; run: double f(int, double); int main(void) { printf("%a\n", f(1, 1)); }
declare i32 @fesetround(i32)
define double @f(i32 %n, double %x) {
  %i = sitofp i32 %n to double
  %r = call i32 @fesetround(i32 2048)
  %a = fdiv double %i, 3.0
  %s = call i32 @fesetround(i32 0)
  %b = fdiv double %i, 3.0
  %c = fsub double %a, %b
  %d = fmul double %c, %x
  ret double %d
}
; CHECK-LABEL: define internal double @f.v1(
; CHECK: %a = fdiv double
; CHECK: %b = fdiv double
