; check: an argument of another type than the parameter.
declare void @g(i32)
define void @f(i64 %x) {
  call void @g(i64 %x)
  ret void
}
; CHECK: argument 0 of @g has type i64, not i32
