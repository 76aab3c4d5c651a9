; check: the values of a select differ in type.
define i32 @f(i1 %c, i64 %v) {
  %x = select i1 %c, i32 1, i64 %v
  ret i32 %x
}
; CHECK: 1 has type i32, but %v has i64
