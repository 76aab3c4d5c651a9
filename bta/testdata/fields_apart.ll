; bta: @f
; The fields of a struct in a register have binding times of their own, through a call too.
define internal { i32, i32 } @pair(i32 %d) {
entry:
  %a = insertvalue { i32, i32 } undef, i32 7, 0
  %b = insertvalue { i32, i32 } %a, i32 %d, 1
  ret { i32, i32 } %b
}
define i32 @f(i32 %d) {
entry:
  %p = call { i32, i32 } @pair(i32 %d)
  %x = extractvalue { i32, i32 } %p, 0
  %y = extractvalue { i32, i32 } %p, 1
  %o = call { i32, i1 } @llvm.sadd.with.overflow.i32(i32 %x, i32 1)
  %r = extractvalue { i32, i1 } %o, 0
  %s = add i32 %r, %y
  ret i32 %s
}
declare { i32, i1 } @llvm.sadd.with.overflow.i32(i32, i32)
; CHECK-LABEL: @f
; CHECK: %p = call {{.*}} ; S unfold @pair
; CHECK: %x = extractvalue {{.*}} ; S
; CHECK: %y = extractvalue {{.*}} ; D
; CHECK: %o = call {{.*}} ; S
; CHECK: %r = extractvalue {{.*}} ; S
; CHECK: %s = add {{.*}} ; D
