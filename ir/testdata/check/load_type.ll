; check: a load of another type than the address points to.
define i32 @f(i64* %p) {
  %x = load i32, i32* %p
  ret i32 %x
}
; CHECK: %p has type i64*, not i32*
