; check: a phi follows another instruction of its block.
define i32 @f(i32 %x) {
entry:
  br label %next
next:
  %y = add i32 %x, 1
  %z = phi i32 [ %x, %entry ]
  ret i32 %z
}
; CHECK: @f:%next#1: phi %z follows another instruction
