; A type that does not fill its bytes is not followed through memory; its stores and loads stay residual and end what is known of the bytes.
; pe: @f #0=1
; run: #include <stdio.h>
; run: int f(int); int main(void) { printf("%d %d %d\n", f(0), f(1), f(2)); }
define i32 @f(i32 %n) {
  %a = alloca [2 x i8]
  %b = getelementptr [2 x i8], [2 x i8]* %a, i64 0, i64 0
  %b1 = getelementptr [2 x i8], [2 x i8]* %a, i64 0, i64 1
  %p = bitcast i8* %b to i1*
  store i8 0, i8* %b
  store i8 9, i8* %b1
  %c = icmp eq i32 %n, 1
  store i1 %c, i1* %p
  %x = load i1, i1* %p
  %y = load i8, i8* %b1
  %x32 = zext i1 %x to i32
  %y32 = zext i8 %y to i32
  %z = shl i32 %x32, 4
  %r = add i32 %z, %y32
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: store i1 true
; CHECK: %x = load i1
