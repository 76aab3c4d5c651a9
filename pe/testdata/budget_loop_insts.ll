; A static loop that unfolds to too much code stays a loop after the limit (LoopInsts).
; pe: @f #0=1000 LoopInsts=10
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { printf("%d %d\n", f(1000, 3), f(5, 3)); }
define i32 @f(i32 %n, i32 %x) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %i1, %loop ]
  %s = phi i32 [ %x, %entry ], [ %s2, %loop ]
  %s1 = mul i32 %s, 5
  %s2 = add i32 %s1, %i
  %i1 = add i32 %i, 1
  %c = icmp slt i32 %i1, %n
  br i1 %c, label %loop, label %done
done:
  ret i32 %s2
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: phi i32
; CHECK: reason: budget spent: residual instructions of one loop: {{.*}} (--budget loop-insts=N)
