; A loop that would unfold to too much code is a loop from its first round but one, and
; what it carries in memory is generalized by whole integers: of %room only the low byte differs in the first rounds.
; pe: @f #0=100 LoopInsts=60
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { printf("%d %d\n", f(100, 3), f(7, 3)); }
define i32 @f(i32 %n, i32 %x) {
entry:
  %s = alloca { i32, i32 }
  %kind = getelementptr { i32, i32 }, { i32, i32 }* %s, i32 0, i32 0
  %room = getelementptr { i32, i32 }, { i32, i32 }* %s, i32 0, i32 1
  store i32 3, i32* %kind
  store i32 7996, i32* %room
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %i1, %loop ]
  %acc = phi i32 [ %x, %entry ], [ %acc2, %loop ]
  %r = load i32, i32* %room
  %r1 = sub i32 %r, 4
  store i32 %r1, i32* %room
  %k = load i32, i32* %kind
  %acc1 = mul i32 %acc, %k
  %acc2 = add i32 %acc1, %r1
  %i1 = add i32 %i, 1
  %c = icmp slt i32 %i1, %n
  br i1 %c, label %loop, label %done
done:
  ret i32 %acc2
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: mul
; CHECK: phi
; CHECK-NOT: store i8
; CHECK: mul i32 {{.*}}, 3
; CHECK-NOT: mul
; CHECK: ret i32
; CHECK: reason: budget spent: residual instructions of one loop
