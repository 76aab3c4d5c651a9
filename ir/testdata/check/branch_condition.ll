; check: a branch on something else than i1.
define void @f(i8 %c) {
entry:
  br i8 %c, label %a, label %a
a:
  ret void
}
; CHECK: condition %c has type i8, not i1
