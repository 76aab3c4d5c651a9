; check: a value of another type than the function returns.
define i32 @f(i64 %x) {
  ret i64 %x
}
; CHECK: @f:%0#0: ret i64 from a function that returns i32
