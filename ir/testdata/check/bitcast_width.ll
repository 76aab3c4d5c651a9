; check: a bitcast between types of different width.
define i64 @f(i32 %a) {
  %x = bitcast i32 %a to i64
  ret i64 %x
}
; CHECK: bitcast from i32 to i64
