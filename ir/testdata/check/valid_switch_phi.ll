; check: a phi has one entry for every edge of a switch.
define i32 @f(i32 %v) {
entry:
  switch i32 %v, label %other [
    i32 1, label %join
    i32 2, label %join
  ]
other:
  br label %join
join:
  %x = phi i32 [ 1, %entry ], [ 1, %entry ], [ %v, %other ]
  ret i32 %x
}
