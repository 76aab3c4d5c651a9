; check: a phi lacks a value for one of two predecessors.
define i32 @f(i1 %c) {
entry:
  br i1 %c, label %a, label %join
a:
  br label %join
join:
  %x = phi i32 [ 1, %a ]
  ret i32 %x
}
; CHECK: @f:%join#0: phi %x has no value for the edge from %entry
