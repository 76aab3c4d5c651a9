; check: a value is used above its definition in the same block.
define i32 @f(i32 %x) {
  %y = add i32 %z, 1
  %z = add i32 %x, 1
  ret i32 %y
}
; CHECK: @f:%0#0: %z is used before it is defined
