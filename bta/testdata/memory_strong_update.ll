; bta: @f x=S
; A store to a single object at a known offset overwrites what was there: the slot
; is dynamic after the first store and static after the second.
define i32 @f(i32 %x, i32 %d) {
entry:
  %slot = alloca i32
  store i32 %d, i32* %slot
  %a = load i32, i32* %slot
  store i32 %x, i32* %slot
  %b = load i32, i32* %slot
  %c = icmp eq i32 %b, 3
  br i1 %c, label %t, label %e
t:
  ret i32 %a
e:
  ret i32 %b
}
; CHECK: store i32 %d, {{.*}} ; D
; CHECK: %a = load {{.*}} ; D
; CHECK: store i32 %x, {{.*}} ; S
; CHECK: %b = load {{.*}} ; S
; CHECK: br i1 %c, {{.*}} ; S
; CHECK-NOT: join
