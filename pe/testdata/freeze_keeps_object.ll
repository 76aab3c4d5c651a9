; A frozen address is still based on its object: a store through it ends what is known (P4).
; pe: @f
; run: #include <stdio.h>
; run: int f(int); int main(void) { for (int i = 0; i < 4; i++) printf("%d\n", f(i)); }
define i32 @f(i32 %i) {
  %a = alloca [4 x i32]
  %first = getelementptr [4 x i32], [4 x i32]* %a, i64 0, i64 0
  store i32 1, i32* %first
  %i64 = sext i32 %i to i64
  %p = getelementptr [4 x i32], [4 x i32]* %a, i64 0, i64 %i64
  %q = freeze i32* %p
  store i32 5, i32* %q
  %x = load i32, i32* %first
  ret i32 %x
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: store i32 1
; CHECK: store i32 5
; CHECK: load i32
; CHECK-NOT: ret i32 1
