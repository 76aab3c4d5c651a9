; bta: @f op=1
; What read-only memory and a static parameter decide is not reached otherwise, so
; it does not spoil the division.
@mode = constant i32 2
@g = global i32 0
define i32 @f(i32 %op, i32 %d) {
entry:
  %slot = alloca i32
  store i32 5, i32* %slot
  switch i32 %op, label %other [ i32 1, label %one ]
other:
  store i32 %d, i32* %slot
  br label %one
one:
  %m = load i32, i32* @mode
  %c = icmp eq i32 %m, 3
  br i1 %c, label %three, label %end
three:
  store i32 %d, i32* %slot
  br label %end
end:
  %v = load i32, i32* %slot
  ret i32 %v
}
; CHECK: other: ; not reached
; CHECK: three: ; not reached
; CHECK: %v = load {{.*}} ; S
