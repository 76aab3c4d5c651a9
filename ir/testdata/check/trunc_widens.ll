; check: a trunc to a wider type.
define i64 @f(i32 %a) {
  %x = trunc i32 %a to i64
  ret i64 %x
}
; CHECK: trunc from i32 to i64
