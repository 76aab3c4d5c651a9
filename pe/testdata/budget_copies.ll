; A static argument that counts up in a dynamic recursion would make one residual
; function a value; past the limit it is dynamic and the rest of the arguments stay known.
; pe: @f c=7 Copies=3
; run: int f(int n, int c); int printf(const char *, ...);
; run: int main(void) { for (int n = 0; n < 9; n++) printf("%d %d\n", f(n, 7), f(n, 6)); }
define i32 @f(i32 %n, i32 %c) {
entry:
  %r = call i32 @grow(i32 %n, i32 1, i32 %c)
  ret i32 %r
}

define internal i32 @grow(i32 %d, i32 %k, i32 %c) {
entry:
  %done = icmp sle i32 %d, 0
  br i1 %done, label %stop, label %more
stop:
  %p = mul i32 %k, %c
  ret i32 %p
more:
  %d1 = sub i32 %d, 1
  %k1 = add i32 %k, 1
  %x = call i32 @grow(i32 %d1, i32 %k1, i32 %c)
  %y = add i32 %x, %k
  ret i32 %y
}
; CHECK: define internal i32 @grow.s1(i32 %d, i32 %k)
; CHECK: mul i32 %k, 7
; CHECK: call i32 @grow.s1(
; CHECK-NOT: @grow.s2
; CHECK: reason: generalized: @grow
