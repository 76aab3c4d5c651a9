; cfg: equal edges of a switch count once for predecessors.
define void @f(i32 %x) {
entry:
  switch i32 %x, label %exit [
    i32 1, label %a
    i32 2, label %a
  ]
a:
  br label %exit
exit:
  ret void
}
; CHECK: entry: {{.*}} succs %exit %a %a
; CHECK: a: {{.*}} control %entry preds %entry succs %exit
; CHECK: exit: {{.*}} preds %entry %a
