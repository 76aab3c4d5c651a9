; check: extractelement of something that is no vector.
define i32 @f(<2 x i32> %v, i32 %s) {
  %x = insertelement <2 x i32> %v, i64 0, i32 0
  ret i32 %s
}
; CHECK: i64 into <2 x i32> at i32
