; check: two edges from one switch bring different values.
define i32 @f(i32 %v) {
entry:
  switch i32 %v, label %join [
    i32 1, label %join
  ]
join:
  %x = phi i32 [ 1, %entry ], [ 2, %entry ]
  ret i32 %x
}
; CHECK: @f:%join#0: phi %x has two values from %entry
