; check: a store of another type than the address points to.
define void @f(i32* %p, i64 %x) {
  store i64 %x, i64* %p
  ret void
}
; CHECK: %p has type i32*, not i64*
