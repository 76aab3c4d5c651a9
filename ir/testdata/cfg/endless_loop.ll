; cfg: a loop without exit hangs on the virtual exit by its last block; the way into it is a control dependence.
define void @f(i1 %c) {
entry:
  br i1 %c, label %head, label %exit
head:
  br label %body
body:
  br label %head
exit:
  ret void
}
; CHECK: entry: ; rpo 0 idom - pdom -
; CHECK: head: {{.*}} pdom %body frontier %head control %entry
; CHECK: body: {{.*}} pdom - frontier %head control %entry
; CHECK: exit: {{.*}} pdom - control %entry
; CHECK: loop %head depth 1 blocks %head %body latches %body
