; cfg: a block whose paths end in different exits has no postdominator.
define void @f(i1 %c) {
entry:
  br i1 %c, label %a, label %b
a:
  ret void
b:
  unreachable
}
; CHECK: entry: ; rpo 0 idom - pdom -
; CHECK: a: {{.*}} pdom - control %entry
; CHECK: b: {{.*}} pdom - control %entry
