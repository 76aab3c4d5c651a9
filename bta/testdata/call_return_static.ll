; bta: @f
; A call that stays residual in part returns a static value.
@log = global i32 0
define i32 @f(i32 %d) {
entry:
  %r = call i32 @note(i32 %d, i32 3)
  %c = icmp eq i32 %r, 4
  br i1 %c, label %t, label %e
t:
  ret i32 %d
e:
  ret i32 0
}
define internal i32 @note(i32 %d, i32 %k) {
entry:
  store i32 %d, i32* @log
  %r = add i32 %k, 1
  %c = icmp sgt i32 %r, 100
  br i1 %c, label %big, label %small
big:
  ret i32 0
small:
  ret i32 %r
}
; CHECK-LABEL: define i32 @f
; CHECK: br i1 %c, {{.*}} ; S
; CHECK: e: ; not reached
; CHECK-LABEL: define internal i32 @note
; CHECK: store i32 %d, {{.*}} ; D
; CHECK: %r = add {{.*}} ; S
