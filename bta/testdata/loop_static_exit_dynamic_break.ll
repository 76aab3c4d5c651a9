; bta: @find
; for (i = 0; i < 10; i++) if (dyn[i]) break: a static exit of the loop depends on
; i, so i stays static and the loop is unrolled, though its header is a join.
define i32 @find(i32* %dyn) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i.next, %next ]
  %more = icmp ult i64 %i, 10
  br i1 %more, label %body, label %none
body:
  %p = getelementptr i32, i32* %dyn, i64 %i
  %v = load i32, i32* %p
  %hit = icmp ne i32 %v, 0
  br i1 %hit, label %found, label %next
next:
  %i.next = add i64 %i, 1
  br label %loop
found:
  ret i32 1
none:
  ret i32 0
}
; CHECK-LABEL: define i32 @find
; CHECK: loop: ; join dyn %dyn split %i
; CHECK-NEXT: %i = phi {{.*}} ; S
; CHECK: br i1 %more, {{.*}} ; S
; CHECK: body:
; CHECK-NOT: join
; CHECK: br i1 %hit, {{.*}} ; D
; CHECK: next:
; CHECK-NOT: join
; CHECK: found: ; join
