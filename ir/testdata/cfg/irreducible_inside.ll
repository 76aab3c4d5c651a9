; cfg: an irreducible region inside a loop, and a loop inside the region.
define void @f(i1 %c, i1 %d, i1 %e, i1 %g) {
entry:
  br label %head
head:
  br i1 %c, label %a, label %b
a:
  br label %body
body:
  br i1 %e, label %body, label %b
b:
  br i1 %d, label %a, label %latch
latch:
  br i1 %g, label %head, label %exit
exit:
  ret void
}
; CHECK: loop %head depth 1 blocks %head %a %body %b %latch latches %latch exits %exit
; CHECK-NEXT: loop %{{[ab]}} irreducible entries %a %b depth 2 blocks %a %body %b latches %body %b exits %latch
; CHECK-NEXT: loop %body depth 3 blocks %body latches %body exits %b
