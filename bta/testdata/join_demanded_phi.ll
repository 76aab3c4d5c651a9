; bta: @f
; Two constants meet under a dynamic branch: one decides a switch afterwards and is
; kept apart, the other is only added up and becomes dynamic.
define i32 @f(i1 %d) {
entry:
  br i1 %d, label %a, label %b
a:
  br label %m
b:
  br label %m
m:
  %mode = phi i32 [ 1, %a ], [ 2, %b ]
  %val = phi i32 [ 10, %a ], [ 20, %b ]
  switch i32 %mode, label %two [ i32 1, label %one ]
one:
  br label %end
two:
  br label %end
end:
  %r = phi i32 [ %val, %one ], [ 0, %two ]
  ret i32 %r
}
; CHECK: m: ; join dyn %val split %mode
; CHECK-NEXT: %mode = {{.*}} ; S
; CHECK-NEXT: %val = {{.*}} ; D
; CHECK: switch {{.*}} ; S
; CHECK: end: ; join dyn %r
