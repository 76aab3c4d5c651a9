; bta: @sum
; for (i = 0; i < n; i++) s += tab[i] with dynamic n: i starts static, but no static
; control inside the loop needs it, so i and s are generalized at the header.
@tab = constant [4 x i32] [i32 1, i32 2, i32 3, i32 4]
define i32 @sum(i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %i.next, %body ]
  %s = phi i32 [ 0, %entry ], [ %s.next, %body ]
  %more = icmp slt i32 %i, %n
  br i1 %more, label %body, label %exit
body:
  %ix = sext i32 %i to i64
  %p = getelementptr [4 x i32], [4 x i32]* @tab, i64 0, i64 %ix
  %v = load i32, i32* %p
  %s.next = add i32 %s, %v
  %i.next = add i32 %i, 1
  br label %loop
exit:
  ret i32 %s
}
; CHECK-LABEL: define i32 @sum
; CHECK: loop: ; join dyn %n %i %s
; CHECK-NEXT: %i = phi {{.*}} ; D
; CHECK-NEXT: %s = phi {{.*}} ; D
; CHECK: br i1 %more, {{.*}} ; D
; CHECK: body:
; CHECK-NOT: join
; CHECK: load {{.*}} ; D
; CHECK: exit: ; join dyn %s
