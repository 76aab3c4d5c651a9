; check: a value defined on one way of a branch is used behind the join.
define i32 @f(i1 %c, i32 %x) {
entry:
  br i1 %c, label %a, label %join
a:
  %y = add i32 %x, 1
  br label %join
join:
  ret i32 %y
}
; CHECK: @f:%join#0: %y is used where it may not be defined
