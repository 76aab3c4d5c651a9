; check: getelementptr over another type than the address points to.
define i8* @f(i32* %p) {
  %x = getelementptr i8, i8* %p, i64 1
  ret i8* %x
}
; CHECK: %p has type i32*, not i8*
