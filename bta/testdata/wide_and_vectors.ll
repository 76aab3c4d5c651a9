; bta: @f
; Wide integers and vectors are computed as a whole; integers of more than 128 bits are not.
define i64 @f(i64 %d) {
entry:
  %w = add i128 1, 2
  %t = trunc i128 %w to i64
  %x = zext i64 %d to i128
  %m = mul i128 %w, %x
  %big = add i129 1, 2
  %d32 = trunc i64 %d to i32
  %v = insertelement <2 x i32> undef, i32 %d32, i32 0
  %u = insertelement <2 x i32> <i32 1, i32 2>, i32 3, i32 1
  %s = shufflevector <2 x i32> %u, <2 x i32> undef, <2 x i32> <i32 1, i32 0>
  %a = add <2 x i32> %u, %s
  %b = add <2 x i32> %u, %v
  %e = extractelement <2 x i32> %a, i32 0
  %k = icmp slt <2 x i32> %a, %u
  ret i64 %t
}
; CHECK: %w = add {{.*}} ; S
; CHECK: %t = trunc {{.*}} ; S
; CHECK: %x = zext {{.*}} ; D
; CHECK: %m = mul {{.*}} ; D
; CHECK: %big = add {{.*}} ; D
; CHECK: %v = insertelement {{.*}} ; D
; CHECK: %u = insertelement {{.*}} ; S
; CHECK: %s = shufflevector {{.*}} ; S
; CHECK: %a = add {{.*}} ; S
; CHECK: %b = add {{.*}} ; D
; CHECK: %e = extractelement {{.*}} ; S
; CHECK: %k = icmp {{.*}} ; S
