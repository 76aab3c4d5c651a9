; check: extractvalue of a field that is not there.
define i32 @f({ i32, i32 } %s) {
  %x = extractvalue { i32, i32 } %s, 1
  %y = extractvalue { i32, i32 } %s, 0
  %z = insertvalue { i32, i32 } %s, i64 0, 1
  ret i32 %x
}
; CHECK: @f:%0#2: { i32, i32 } has no element [1] of type i64
