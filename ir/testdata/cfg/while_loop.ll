; cfg: the body and the header depend on the loop test, what follows does not.
define void @f(i32 %n) {
entry:
  br label %head
head:
  %i = phi i32 [ 0, %entry ], [ %j, %body ]
  %c = icmp ult i32 %i, %n
  br i1 %c, label %body, label %exit
body:
  %j = add i32 %i, 1
  br label %head
exit:
  ret void
}
; CHECK: head: {{.*}} frontier %head control %head
; CHECK: body: {{.*}} frontier %head control %head
; CHECK: exit: ; rpo {{.}} idom %head pdom -
; CHECK: loop %head depth 1 blocks %head %body latches %body exits %exit
