; Recursion under static control is unfolded; every activation has stack objects of its own.
; pe: @f #0=4
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { for (int x = -1; x < 3; x++) printf("%d\n", f(4, x)); }
define internal i32 @rec(i32 %n, i32 %x, i32* %up) {
entry:
  %a = alloca i32
  store i32 %n, i32* %a
  %z = icmp eq i32 %n, 0
  br i1 %z, label %base, label %more
base:
  store i32 %x, i32* %up
  ret i32 %x
more:
  %m = sub i32 %n, 1
  %r = call i32 @rec(i32 %m, i32 %x, i32* %a)
  %v = load i32, i32* %a
  %w = mul i32 %v, %n
  store i32 %w, i32* %up
  %s = add i32 %r, %w
  ret i32 %s
}
define i32 @f(i32 %n, i32 %x) {
  %a = alloca i32
  %r = call i32 @rec(i32 %n, i32 %x, i32* %a)
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK-NOT: call
; CHECK-NOT: br
; CHECK: ret i32
; CHECK: }
