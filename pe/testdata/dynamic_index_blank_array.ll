; A store at a dynamic index into a private array of which nothing is known ends that its bytes are undefined (P4).
; pe: @f
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { for (int i = 0; i < 3; i++) printf("%d\n", f(i, i)); }
define i32 @f(i32 %i, i32 %j) {
  %a = alloca [4 x i32]
  %i64 = sext i32 %i to i64
  %p = getelementptr [4 x i32], [4 x i32]* %a, i64 0, i64 %i64
  store i32 5, i32* %p
  %j64 = sext i32 %j to i64
  %q = getelementptr [4 x i32], [4 x i32]* %a, i64 0, i64 %j64
  %first = getelementptr [4 x i32], [4 x i32]* %a, i64 0, i64 0
  %c = icmp eq i32 %i, 0
  br i1 %c, label %zero, label %other
zero:
  %x = load i32, i32* %first
  ret i32 %x
other:
  %y = load i32, i32* %q
  ret i32 %y
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: store i32 5
; CHECK-NOT: ret i32 undef
; CHECK: ret i32 %x
