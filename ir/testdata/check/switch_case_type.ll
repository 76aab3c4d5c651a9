; check: a case has another type than the switch.
define void @f(i8 %c) {
entry:
  switch i8 %c, label %a [ i32 1, label %a ]
a:
  ret void
}
; CHECK: 1 has type i32, but %c has i8
