; check: two cases for one number.
define void @f(i8 %c) {
entry:
  switch i8 %c, label %a [
    i8 -1, label %a
    i8 255, label %a
  ]
a:
  ret void
}
; CHECK: two cases for 255
