; check: a bitcast from a pointer to an integer.
define i64 @f(i8* %a) {
  %x = bitcast i8* %a to i64
  ret i64 %x
}
; CHECK: bitcast from i8* to i64
