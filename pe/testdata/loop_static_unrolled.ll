; A loop whose bound is static is unfolded away.
; pe: @f #1=4
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { for (int x = -2; x < 3; x++) printf("%d %d\n", f(x, 4), f(x, 3)); }
define i32 @f(i32 %x, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %i1, %loop ]
  %p = phi i32 [ 1, %entry ], [ %p1, %loop ]
  %p1 = mul i32 %p, %x
  %i1 = add i32 %i, 1
  %c = icmp slt i32 %i1, %n
  br i1 %c, label %loop, label %done
done:
  ret i32 %p1
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK-NOT: phi
; CHECK-COUNT-4: mul i32
; CHECK-NOT: {{mul|br|icmp}}
; CHECK: ret i32 %p1
; CHECK: }
