; bta: @f
; Volatile and atomic accesses are dynamic, whatever the memory holds.
define i32 @f() {
entry:
  %slot = alloca i32
  store i32 1, i32* %slot
  %a = load volatile i32, i32* %slot
  store i32 1, i32* %slot
  %b = load i32, i32* %slot
  store volatile i32 1, i32* %slot
  %c = load i32, i32* %slot
  %d = atomicrmw add i32* %slot, i32 1 seq_cst
  %e = load i32, i32* %slot
  ret i32 %e
}
; CHECK: %a = load volatile {{.*}} ; D
; CHECK: %b = load {{.*}} ; S
; CHECK: store volatile {{.*}} ; D
; CHECK: %c = load {{.*}} ; D
; CHECK: %d = atomicrmw {{.*}} ; D
; CHECK: %e = load {{.*}} ; D
