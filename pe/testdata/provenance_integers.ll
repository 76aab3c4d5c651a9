; An address that went through integer arithmetic that is not followed has leaked; a store through it is seen.
; pe: @f #0=5
; run: #include <stdio.h>
; run: int f(int, long); int main(void) { printf("%d\n", f(5, 0)); }
define i32 @f(i32 %n, i64 %zero) {
  %a = alloca i32
  store i32 %n, i32* %a
  %i = ptrtoint i32* %a to i64
  %x = xor i64 %i, -1
  %y = xor i64 %x, -1
  %p = inttoptr i64 %y to i32*
  store i32 8, i32* %p
  %v = load i32, i32* %a
  %j = add i64 %i, %zero
  %q = inttoptr i64 %j to i32*
  store i32 9, i32* %q
  %w = load i32, i32* %a
  %r = mul i32 %v, %w
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: store i32 8
; CHECK: %v{{.*}} = load i32
; CHECK: store i32 9
; CHECK: %w = load i32
