; bta: @f
; Unknown code may write a slot only once it can know its address.
declare void @unknown(i32*)
declare void @other()
define i32 @f() {
entry:
  %slot = alloca i32
  store i32 1, i32* %slot
  call void @other()
  %a = load i32, i32* %slot
  call void @unknown(i32* %slot)
  %b = load i32, i32* %slot
  store i32 2, i32* %slot
  %c = load i32, i32* %slot
  call void @other()
  %d = load i32, i32* %slot
  ret i32 %d
}
; CHECK: call void @other() ; D residual
; CHECK-NEXT: %a = load {{.*}} ; S
; CHECK: %b = load {{.*}} ; D
; CHECK: store i32 2, {{.*}} ; SD
; CHECK: %c = load {{.*}} ; S
; CHECK: %d = load {{.*}} ; D
