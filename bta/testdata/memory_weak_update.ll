; bta: @f i=S
; A store at a static but unknown index may hit any element: a dynamic one makes the
; array dynamic, but not the fields around it; a static one leaves all static.
%s = type { i32, [4 x i32], i32 }
define i32 @f(i64 %i, i32 %d) {
entry:
  %slot = alloca %s
  %head = getelementptr %s, %s* %slot, i64 0, i32 0
  %tail = getelementptr %s, %s* %slot, i64 0, i32 2
  %elem = getelementptr %s, %s* %slot, i64 0, i32 1, i64 %i
  %third = getelementptr %s, %s* %slot, i64 0, i32 1, i64 3
  store i32 1, i32* %head
  store i32 2, i32* %tail
  store i32 3, i32* %third
  store i32 4, i32* %elem
  %still = load i32, i32* %third
  store i32 %d, i32* %elem
  %lost = load i32, i32* %third
  %h = load i32, i32* %head
  %t = load i32, i32* %tail
  ret i32 %lost
}
; CHECK: %still = load {{.*}} ; S
; CHECK: store i32 %d, {{.*}} ; D
; CHECK: %lost = load {{.*}} ; D
; CHECK: %h = load {{.*}} ; S
; CHECK: %t = load {{.*}} ; S
