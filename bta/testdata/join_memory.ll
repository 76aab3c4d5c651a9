; bta: @f
; Cells that differ between the paths of a dynamic branch: the one that decides a
; branch stays, the other is flushed. A cell that no path writes is left alone.
@out = global i32 0
define i32 @f(i1 %d) {
entry:
  %mode = alloca i32
  %val = alloca i32
  %keep = alloca i32
  store i32 0, i32* %mode
  store i32 0, i32* %val
  store i32 9, i32* %keep
  br i1 %d, label %a, label %m
a:
  store i32 1, i32* %mode
  store i32 10, i32* %val
  br label %m
m:
  %x = load i32, i32* %mode
  %y = load i32, i32* %val
  %z = load i32, i32* %keep
  %c = icmp eq i32 %x, 1
  br i1 %c, label %t, label %e
t:
  ret i32 %y
e:
  ret i32 %z
}
; CHECK: a:
; CHECK-NOT: join
; CHECK: m: ; join flush f:%val[0:4)
; CHECK-NEXT: %x = load {{.*}} ; S
; CHECK-NEXT: %y = load {{.*}} ; D
; CHECK-NEXT: %z = load {{.*}} ; S
; CHECK: br i1 %c, {{.*}} ; S
