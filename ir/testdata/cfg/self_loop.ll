; cfg: a block that branches to itself is a loop.
define void @f(i1 %c) {
entry:
  br label %loop
loop:
  br i1 %c, label %loop, label %exit
exit:
  ret void
}
; CHECK: loop %loop depth 1 blocks %loop latches %loop exits %exit
