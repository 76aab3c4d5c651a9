; A long static computation before the first dynamic branch is not made twice: the limit on steps is not spent.
; pe: @f #1=7 Steps=250
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { for (int x = -2; x < 4; x++) printf("%d\n", f(x, 7)); }
define i32 @f(i32 %x, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %i1, %loop ]
  %s = phi i32 [ %n, %entry ], [ %s1, %loop ]
  %s1 = add i32 %s, %i
  %i1 = add i32 %i, 1
  %c = icmp slt i32 %i1, 40
  br i1 %c, label %loop, label %done
done:
  %neg = icmp slt i32 %x, 0
  br i1 %neg, label %a, label %b
a:
  ret i32 0
b:
  ret i32 %s1
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: icmp slt i32 %x, 0
; CHECK: 787
; CHECK-NOT: budget spent
