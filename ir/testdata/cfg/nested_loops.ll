; cfg: an inner loop with a break out of both.
define void @f(i1 %c, i1 %d, i1 %e) {
entry:
  br label %outer
outer:
  br label %inner
inner:
  br i1 %c, label %next, label %exit
next:
  br i1 %d, label %inner, label %latch
latch:
  br i1 %e, label %outer, label %exit
exit:
  ret void
}
; CHECK: loop %outer depth 1 blocks %outer %inner %next %latch latches %latch exits %exit
; CHECK-NEXT: loop %inner depth 2 blocks %inner %next latches %next exits %latch %exit
; CHECK-NOT: loop
