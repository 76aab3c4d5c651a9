; bta: @f
; float and double are computed; what has no type of the machine's SSE registers is not.
declare double @sqrt(double)
declare double @sin(double)
define double @f(i32 %d) {
entry:
  %slot = alloca double
  store double 1.5, double* %slot
  %a = load double, double* %slot
  %b = fadd double %a, 1.0
  %c = call double @sqrt(double %b)
  %s = call double @sin(double %b)
  %l = fcmp olt double %c, 2.0
  %i = fptosi double %c to i32
  %x = sitofp i32 %i to double
  %y = sitofp i32 %d to double
  %z = fmul double %x, %y
  %e = fpext double %c to x86_fp80
  %h = fptrunc double %c to half
  ret double %z
}
; CHECK: store double {{.*}} ; S
; CHECK: %a = load {{.*}} ; S
; CHECK: %b = fadd {{.*}} ; S
; CHECK: %c = call {{.*}} ; S
; CHECK: %s = call {{.*}} ; D
; CHECK: %l = fcmp {{.*}} ; S
; CHECK: %i = fptosi {{.*}} ; S
; CHECK: %x = sitofp {{.*}} ; S
; CHECK: %y = sitofp {{.*}} ; D
; CHECK: %z = fmul {{.*}} ; D
; CHECK: %e = fpext {{.*}} ; D
; CHECK: %h = fptrunc {{.*}} ; D
