; With nothing static the residual function does what the generic one does.
; pe: @f
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { for (int x = -1; x < 3; x++) for (int n = 0; n < 5; n++) printf("%d\n", f(n, x)); }
declare i32 @abs(i32)
define i32 @f(i32 %n, i32 %x) {
entry:
  %a = alloca [3 x i32]
  %p = getelementptr [3 x i32], [3 x i32]* %a, i64 0, i64 0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %i1, %join ]
  %y = phi i32 [ %x, %entry ], [ %i, %join ]
  %m = urem i32 %i, 3
  %k = zext i32 %m to i64
  %q = getelementptr i32, i32* %p, i64 %k
  store i32 %y, i32* %q
  %c = icmp slt i32 %y, 2
  br i1 %c, label %then, label %join
then:
  %b = call i32 @abs(i32 %y)
  store i32 %b, i32* %p
  br label %join
join:
  %i1 = add i32 %i, 1
  %d = icmp slt i32 %i1, %n
  br i1 %d, label %loop, label %done
done:
  %r = load i32, i32* %p
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: call i32 @abs(
