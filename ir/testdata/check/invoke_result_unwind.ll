; check: the result of an invoke is not there where it unwinds to.
declare i32 @g()
declare i32 @personality(...)
define i32 @f() personality i32 (...)* @personality {
entry:
  %r = invoke i32 @g() to label %ok unwind label %bad
ok:
  ret i32 %r
bad:
  %lp = landingpad { i8*, i32 } cleanup
  ret i32 %r
}
; CHECK: @f:%bad#1: %r is used where it may not be defined
