; A point with too many states is generalized; the loop ends with the right result (Points).
; pe: @f #1=7 Points=2 Shapes=1
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { for (int x = -2; x < 20; x++) printf("%d\n", f(x, 7)); }
@t = private constant [8 x i32] [i32 3, i32 1, i32 4, i32 1, i32 5, i32 9, i32 2, i32 6]
define i32 @f(i32 %x, i32 %n) {
entry:
  %a = alloca [2 x i32]
  %a0 = getelementptr [2 x i32], [2 x i32]* %a, i64 0, i64 0
  store i32 %n, i32* %a0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %i1, %next ]
  %s = phi i32 [ 0, %entry ], [ %s1, %next ]
  %k = and i32 %i, 7
  %k64 = zext i32 %k to i64
  %p = getelementptr [8 x i32], [8 x i32]* @t, i64 0, i64 %k64
  %v = load i32, i32* %p
  %old = load i32, i32* %a0
  %new = add i32 %old, %v
  %odd = and i32 %v, 1
  %isodd = icmp eq i32 %odd, 1
  br i1 %isodd, label %mul, label %next
mul:
  store i32 %new, i32* %a0
  br label %next
next:
  %s1 = add i32 %s, %new
  %i1 = add i32 %i, 1
  %c = icmp slt i32 %i1, %x
  br i1 %c, label %loop, label %done
done:
  %last = load i32, i32* %a0
  %r = mul i32 %last, %s1
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: phi i32
; CHECK: reason: budget spent: specialized points: one program point was specialized {{[0-9]+}} times (--budget points=N)
