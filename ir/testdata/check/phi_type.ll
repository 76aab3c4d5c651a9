; check: an incoming value has another type than the phi.
define i32 @f(i64 %v) {
entry:
  br label %join
join:
  %x = phi i32 [ %v, %entry ]
  ret i32 %x
}
; CHECK: phi %x has type i32, but %v from %entry has i64
