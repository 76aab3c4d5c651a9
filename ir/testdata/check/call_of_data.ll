; check: a call of something that is no function.
define void @f(i8* %p) {
  call void %p()
  ret void
}
; CHECK: {{callee|not IR}}
