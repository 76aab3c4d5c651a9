; Calls that nest deeper than the limit where paths part go to functions of their own, or stay calls (Depth, Functions).
; pe: @f #0=9 Depth=3 Functions=4
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
  %big = icmp sgt i32 %r, 100
  br i1 %big, label %less, label %same
less:
  %s = add i32 %r, %n
  ret i32 %s
same:
  ret i32 %r
}
define i32 @f(i32 %n, i32 %x) {
  %r = call i32 @rec(i32 %n, i32 %x)
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: call i32 @rec.s1(
; CHECK-LABEL: define internal i32 @rec.s1(
; CHECK: ret i32
