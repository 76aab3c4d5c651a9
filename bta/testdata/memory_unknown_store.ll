; bta: @f
; A store through an unknown pointer makes dynamic what it may hit: a global whose
; address is known outside, not a slot whose address never left.
@g = global i32 0
define i32 @f(i32* %p) {
entry:
  %slot = alloca i32
  store i32 1, i32* %slot
  store i32 2, i32* @g
  %before = load i32, i32* @g
  store i32 3, i32* %p
  %after = load i32, i32* @g
  %kept = load i32, i32* %slot
  ret i32 %kept
}
; CHECK: store i32 1, i32* %slot ; S
; CHECK: store i32 2, i32* @g ; SD
; CHECK: %before = load {{.*}} ; S
; CHECK: store i32 3, i32* %p ; SD
; CHECK: %after = load {{.*}} ; D
; CHECK: %kept = load {{.*}} ; S
