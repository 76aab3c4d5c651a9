; check: a phi has a value for a block that is no predecessor.
define i32 @f() {
entry:
  br label %join
other:
  ret i32 0
join:
  %x = phi i32 [ 1, %entry ], [ 2, %other ]
  ret i32 %x
}
; CHECK: @f:%join#0: phi %x has more edges from %other than the block has
