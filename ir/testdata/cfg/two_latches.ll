; cfg: a continue and the loop end share one header: one loop.
define void @f(i1 %c, i1 %d) {
entry:
  br label %head
head:
  br i1 %c, label %head, label %rest
rest:
  br i1 %d, label %head, label %exit
exit:
  ret void
}
; CHECK: loop %head depth 1 blocks %head %rest latches %head %rest exits %exit
; CHECK-NOT: loop
