; A function of the C library's name is not the C library's where the call or its function says so.
; pe: @f #0=5
; run: #include <stdio.h>
; run: long f(long); long g(long); long labs(long x) { return x - 1; } int main(void) { printf("%ld %ld\n", f(5), g(5)); }
declare i64 @labs(i64)
define internal i64 @inner(i64 %n) "no-builtins" {
  %x = call i64 @labs(i64 %n)
  ret i64 %x
}
define internal i64 @other(i64 %n) "no-builtin-labs" {
  %x = call i64 @labs(i64 %n)
  ret i64 %x
}
define i64 @g(i64 %n) {
  ret i64 %n
}
define i64 @f(i64 %n) {
  %x = call i64 @labs(i64 %n) nobuiltin
  %y = call i64 @inner(i64 %n)
  %z = call i64 @other(i64 %n)
  %a = mul i64 %x, %y
  %r = mul i64 %a, %z
  ret i64 %r
}
; CHECK-LABEL: define internal i64 @f.v1(
; CHECK: call i64 @labs(i64 5) nobuiltin
; CHECK: call i64 @inner(i64 5)
; CHECK: call i64 @other(i64 5)
