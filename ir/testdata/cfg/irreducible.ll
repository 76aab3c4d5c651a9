; cfg: a region entered at two blocks is one irreducible loop with both entries.
define void @f(i1 %c, i1 %d) {
entry:
  br i1 %c, label %a, label %b
a:
  br label %b
b:
  br i1 %d, label %a, label %exit
exit:
  ret void
}
; CHECK: loop %{{[ab]}} irreducible entries %a %b depth 1 blocks %a %b latches %a %b exits %exit
; CHECK-NOT: loop
