; cfg: both arms depend on the branch, the join on nothing.
define void @f(i1 %c) {
entry:
  br i1 %c, label %a, label %b
a:
  br label %join
b:
  br label %join
join:
  ret void
}
; CHECK: entry: ; rpo 0 idom - pdom %join
; CHECK: a: ; rpo {{.}} idom %entry pdom %join frontier %join control %entry
; CHECK: b: ; rpo {{.}} idom %entry pdom %join frontier %join control %entry
; CHECK: join: ; rpo 3 idom %entry pdom -
; CHECK-NOT: control
