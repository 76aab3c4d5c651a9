; Functions of the C library on numbers that the division computes are computed.
; pe: @f #0=305419896
; run: #include <stdio.h>
; run: long f(long); int main(void) { printf("%ld\n", f(305419896)); }
declare i64 @llabs(i64)
declare i32 @ffs(i32)
declare i32 @htonl(i32)
declare i32 @ntohl(i32)
declare zeroext i16 @htons(i16 zeroext)
declare zeroext i16 @ntohs(i16 zeroext)
define i64 @f(i64 %n) {
  %minus = sub i64 0, %n
  %abs = call i64 @llabs(i64 %minus)
  %long = trunc i64 %n to i32
  %short = trunc i64 %n to i16
  %first = call i32 @ffs(i32 %long)
  %none = call i32 @ffs(i32 0)
  %hl = call i32 @htonl(i32 %long)
  %nl = call i32 @ntohl(i32 %long)
  %hs = call zeroext i16 @htons(i16 zeroext %short)
  %ns = call zeroext i16 @ntohs(i16 zeroext %short)
  %l1 = zext i32 %hl to i64
  %l2 = zext i32 %nl to i64
  %s1 = zext i16 %hs to i64
  %s2 = zext i16 %ns to i64
  %f1 = zext i32 %first to i64
  %f2 = zext i32 %none to i64
  %r1 = add i64 %abs, %l1
  %r2 = add i64 %r1, %l2
  %r3 = add i64 %r2, %s1
  %r4 = add i64 %r3, %s2
  %r5 = add i64 %r4, %f1
  %r6 = add i64 %r5, %f2
  ret i64 %r6
}
; CHECK-LABEL: define internal i64 @f.v1(
; CHECK-NOT: call
; CHECK: ret i64 4343312204
