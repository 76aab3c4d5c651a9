; check: a comparison of different types.
define i1 @f(i32 %a, i64 %b) {
  %x = icmp eq i32 %a, %b
  ret i1 %x
}
; CHECK: %a has type i32, but %b has i64
