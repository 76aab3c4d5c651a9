; bta: @f x=S
; One function, two divisions: each call is analyzed for its own arguments.
define i32 @f(i32 %x, i32 %d) {
entry:
  %a = call i32 @g(i32 %x, i32 %d)
  %b = call i32 @g(i32 %d, i32 %x)
  %c = icmp eq i32 %a, 3
  br i1 %c, label %t, label %e
t:
  ret i32 %a
e:
  ret i32 %b
}
define internal i32 @g(i32 %p, i32 %q) {
entry:
  %c = icmp sgt i32 %p, 4
  br i1 %c, label %t, label %e
t:
  ret i32 1
e:
  ret i32 2
}
; CHECK-LABEL: define i32 @f
; CHECK: %a = call {{.*}} ; S unfold @g.1
; CHECK: %b = call {{.*}} ; S unfold @g.2
; CHECK: br i1 %c, {{.*}} ; S
; CHECK-LABEL: @g variant 1: %p=S %q=D
; CHECK: br i1 %c, {{.*}} ; S
; CHECK-LABEL: @g variant 2: %p=D %q=S
; CHECK: br i1 %c, {{.*}} ; D
