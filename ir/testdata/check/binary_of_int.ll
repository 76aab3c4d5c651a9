; check: floating-point addition of integers.
define i32 @f(i32 %a) {
  %x = fadd i32 %a, %a
  ret i32 %x
}
; CHECK: fadd of i32
