; Calls that only static control nests are followed however deep they are.
; pe: @f #0=9 Depth=3
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { printf("%d %d\n", f(9, 3), f(5, 3)); }
define internal i32 @rec(i32 %n, i32 %x) {
entry:
  %z = icmp eq i32 %n, 0
  br i1 %z, label %base, label %more
base:
  ret i32 %x
more:
  %m = sub i32 %n, 1
  %y = mul i32 %x, 3
  %r = call i32 @rec(i32 %m, i32 %y)
  %s = add i32 %r, %n
  ret i32 %s
}
define i32 @f(i32 %n, i32 %x) {
  %r = call i32 @rec(i32 %n, i32 %x)
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK-NOT: call i32 @rec
; CHECK: stats
