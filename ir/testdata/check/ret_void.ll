; check: ret void from a function that returns a value.
define i32 @f() {
  ret void
}
; CHECK: ret void from a function that returns i32
