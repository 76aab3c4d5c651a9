; bta: @pow n=S
; The loop test depends on %n only, so control stays static; the product does not.
define i32 @pow(i32 %x, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ %n, %entry ], [ %i.next, %loop ]
  %acc = phi i32 [ 1, %entry ], [ %acc.next, %loop ]
  %acc.next = mul i32 %acc, %x
  %i.next = sub i32 %i, 1
  %more = icmp ne i32 %i.next, 0
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %acc.next
}
; CHECK-LABEL: define i32 @pow
; CHECK-NOT: join
; CHECK: %i = phi {{.*}} ; S
; CHECK-NEXT: %acc = phi {{.*}} ; D
; CHECK-NEXT: %acc.next = mul {{.*}} ; D
; CHECK-NEXT: %i.next = sub {{.*}} ; S
; CHECK-NEXT: icmp {{.*}} ; S
; CHECK-NEXT: br i1 %more, {{.*}} ; S
