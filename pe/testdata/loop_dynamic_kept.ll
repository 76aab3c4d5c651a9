; A loop whose bound is dynamic stays a loop: its counter is generalized after a few rounds at most.
; pe: @f #0=4 Points=3
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { for (int x = -2; x < 9; x++) printf("%d\n", f(4, x)); }
define i32 @f(i32 %k, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %i1, %loop ]
  %s = phi i32 [ 0, %entry ], [ %s1, %loop ]
  %t = mul i32 %i, %k
  %s1 = add i32 %s, %t
  %i1 = add i32 %i, 1
  %c = icmp slt i32 %i1, %n
  br i1 %c, label %loop, label %done
done:
  ret i32 %s1
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: phi i32
; CHECK: mul i32 %{{.*}}, 4
; CHECK: reason: budget spent: specialized points
; CHECK: reason: generalized: %i: it differs
