; Accesses of null and outside an object stay as they are, where they are; code that does not reach them is not affected (P5).
; pe: @f #0=4
define i32 @f(i64 %n, i1 %c) {
entry:
  %a = alloca [4 x i32]
  %first = getelementptr [4 x i32], [4 x i32]* %a, i64 0, i64 0
  store i32 3, i32* %first
  br i1 %c, label %bad, label %good
bad:
  %p = getelementptr [4 x i32], [4 x i32]* %a, i64 0, i64 %n
  %v = load i32, i32* %p
  store i32 1, i32* null
  %w = load i32, i32* null
  %s = add i32 %v, %w
  ret i32 %s
good:
  %x = load i32, i32* %first
  ret i32 %x
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: load i32
; CHECK: store i32 1, i32* null
; CHECK: load i32, i32* null
; CHECK: ret i32 3
