; Functions whose attributes change arithmetic keep it, and are not unfolded where the attributes differ.
; pe: @f #0=1
define internal double @flush(double %x) "denormal-fp-math"="preserve-sign,preserve-sign" {
  %r = fmul double %x, 0.5
  ret double %r
}
define internal double @fused(double %x) "target-features"="+fma" {
  %r = call double @llvm.fmuladd.f64(double %x, double %x, double -1.0)
  ret double %r
}
declare double @llvm.fmuladd.f64(double, double, double)
declare x86_fp80 @llvm.sqrt.f80(x86_fp80)
define double @f(i32 %n, double %x) {
  %i = sitofp i32 %n to double
  %a = call double @flush(double %i)
  %b = call double @fused(double %i)
  %l = sitofp i32 %n to x86_fp80
  %m = fadd x86_fp80 %l, %l
  %o = fptrunc x86_fp80 %m to double
  %p = fadd nnan double %i, 0x7FF8000000000000
  %q = fsub double 0x7FF0000000000000, 0x7FF0000000000000
  %c = fadd double %a, %b
  %d = fadd double %c, %o
  %e = fadd double %d, %p
  %g = fadd double %e, %q
  ret double %g
}
; CHECK-LABEL: define internal double @f.v1(
; CHECK-DAG: call double @flush(double 1.0)
; CHECK-DAG: call double @fused(double 1.0)
; CHECK-DAG: sitofp i32 1 to x86_fp80
; CHECK-DAG: fadd nnan double 1.0, 0x7FF8000000000000
; CHECK-DAG: fsub double 0x7FF0000000000000, 0x7FF0000000000000
