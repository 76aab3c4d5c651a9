; check: floating-point comparison of integers.
define i1 @f(i32 %a) {
  %x = fcmp oeq i32 %a, %a
  ret i1 %x
}
; CHECK: fcmp operand type
