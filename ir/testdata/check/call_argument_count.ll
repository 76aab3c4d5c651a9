; check: an argument too few.
declare void @g(i32, i32)
define void @f(i32 %x) {
  call void @g(i32 %x)
  ret void
}
; CHECK: 1 arguments for @g of type void (i32, i32)
