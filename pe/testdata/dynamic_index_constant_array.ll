; A load at a dynamic index of a constant array is residual; of the array itself everything stays known.
; pe: @f #1=2
; run: #include <stdio.h>
; run: int f(long, long); int main(void) { for (int i = 0; i < 4; i++) printf("%d\n", f(i, 2)); }
@t = private unnamed_addr constant [4 x i32] [i32 3, i32 1, i32 4, i32 1]
define i32 @f(i64 %i, i64 %k) {
  %p = getelementptr [4 x i32], [4 x i32]* @t, i64 0, i64 %i
  %v = load i32, i32* %p
  %q = getelementptr [4 x i32], [4 x i32]* @t, i64 0, i64 %k
  %w = load i32, i32* %q
  %r = mul i32 %v, %w
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: %v = load i32
; CHECK-NOT: load
; CHECK: mul i32 %v, 4
