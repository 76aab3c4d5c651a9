; check: the operands of an addition differ in type.
define i64 @f(i64 %a, i32 %b) {
  %x = add i64 %a, %b
  ret i64 %x
}
; CHECK: %a has type i64, but %b has i32
