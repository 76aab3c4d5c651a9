; bta: @f
; Floating point and wide integers are left to run time; they may be moved.
define double @f(i32 %d) {
entry:
  %slot = alloca double
  store double 1.5, double* %slot
  %a = load double, double* %slot
  %b = fadd double %a, 1.0
  %w = add i128 1, 2
  ret double %b
}
; CHECK: store double {{.*}} ; S
; CHECK: %a = load {{.*}} ; S
; CHECK: %b = fadd {{.*}} ; D
; CHECK: %w = add {{.*}} ; D
