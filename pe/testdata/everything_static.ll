; With everything static the residual function returns a constant.
; pe: @f #0=10 #1=3
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { printf("%d %d\n", f(10, 3), f(4, 3)); }
define internal i32 @fib(i32 %n) {
  %z = icmp slt i32 %n, 2
  br i1 %z, label %base, label %more
base:
  ret i32 %n
more:
  %a = sub i32 %n, 1
  %b = sub i32 %n, 2
  %x = call i32 @fib(i32 %a)
  %y = call i32 @fib(i32 %b)
  %s = add i32 %x, %y
  ret i32 %s
}
define i32 @f(i32 %n, i32 %m) {
  %r = call i32 @fib(i32 %n)
  %t = alloca [10 x i32]
  %k = sext i32 %m to i64
  %p = getelementptr [10 x i32], [10 x i32]* %t, i64 0, i64 %k
  store i32 %r, i32* %p
  %q = bitcast i32* %p to i8*
  %b = load i8, i8* %q
  %w = zext i8 %b to i32
  %s = mul i32 %w, %r
  ret i32 %s
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK-NEXT: entry:
; CHECK-NEXT: ret i32 3025
