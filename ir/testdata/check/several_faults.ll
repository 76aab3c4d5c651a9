; check: every fault is reported, in order.
define i32 @f(i64 %x) {
  %y = add i32 %x, 1
  ret i64 %x
}
define void @g() {
  ret i32 0
}
; CHECK: @f:%0#0: %x has type i64, not i32
; CHECK: @f:%0#1: ret i64
; CHECK: @g:%0#0: ret i32
