; Sums and differences of one object's addresses are computed, also as integers; nothing is emitted.
; pe: @f #0=5
define i64 @f(i32 %n) {
  %a = alloca [4 x i32]
  %p = getelementptr [4 x i32], [4 x i32]* %a, i64 0, i64 3
  store i32 %n, i32* %p
  %i = ptrtoint i32* %p to i64
  %j = ptrtoint [4 x i32]* %a to i64
  %k = add i64 %j, 12
  %q = inttoptr i64 %k to i32*
  %v = load i32, i32* %q
  %d = sub i64 %i, %j
  %v64 = sext i32 %v to i64
  %r = mul i64 %v64, %d
  ret i64 %r
}
; CHECK-LABEL: define internal i64 @f.v1(
; CHECK-NEXT: entry:
; CHECK-NEXT: ret i64 60
