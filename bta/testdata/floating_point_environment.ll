; bta: @f
; The module sets the rounding mode: floating point is left to run time, but for comparisons of bits.
declare i32 @fesetround(i32)
define double @f(i32 %d) {
entry:
  %b = fadd double 1.5, 1.0
  %n = fneg double 1.5
  %i = add i32 1, 2
  ret double %b
}
; CHECK: %b = fadd {{.*}} ; D
; CHECK: %n = fneg {{.*}} ; D
; CHECK: %i = add {{.*}} ; S
