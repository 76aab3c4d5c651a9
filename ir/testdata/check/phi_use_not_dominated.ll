; check: a phi takes a value from a block that its definition does not dominate.
define i32 @f(i1 %c, i32 %x) {
entry:
  br i1 %c, label %a, label %b
a:
  %y = add i32 %x, 1
  br label %join
b:
  br label %join
join:
  %z = phi i32 [ 0, %a ], [ %y, %b ]
  ret i32 %z
}
; CHECK: @f:%join#0: %y is used where it may not be defined
