; cfg: unreachable blocks have no place in orders and trees.
define void @f() {
entry:
  br label %exit
dead:
  br label %exit
exit:
  ret void
}
; CHECK: entry: ; rpo 0 idom - pdom %exit
; CHECK: dead: ; unreachable
; CHECK: exit: ; rpo 1 idom %entry pdom -
