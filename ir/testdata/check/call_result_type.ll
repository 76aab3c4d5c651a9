; check: a call takes another type than the function returns.
declare i64 @g()
define i32 @f() {
  %x = call i32 @g()
  ret i32 %x
}
; CHECK: @g returns i64, not i32
