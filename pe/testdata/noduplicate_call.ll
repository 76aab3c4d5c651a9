; A call marked noduplicate must stay one call in the program text, so neither it
; nor a function that holds it is unfolded: the call of @once stays a call.
; pe: @f x=1
define i32 @f(i32 %x, i32 %y) {
entry:
  %a = call i32 @once(i32 %x, i32 %y)
  %b = call i32 @once(i32 %x, i32 %a)
  ret i32 %b
}

define internal i32 @once(i32 %x, i32 %y) {
entry:
  call void @barrier() noduplicate
  %s = add i32 %x, %y
  ret i32 %s
}

define void @barrier() noinline {
  ret void
}
; CHECK-LABEL: define internal i32 @f.v1
; CHECK: call i32 @once(
; CHECK: call i32 @once(
; CHECK-NOT: call void @barrier
