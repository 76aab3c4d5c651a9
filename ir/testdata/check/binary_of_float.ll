; check: integer addition of floating point.
define double @f(double %a) {
  %x = add double %a, %a
  ret double %x
}
; CHECK: add of double
