; Bit-fields set one by one in memory that was never written, and a load of which some bytes were: what is
; undefined is as good as zero.
; pe: @f #0=5
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { printf("%d %d\n", f(5, 3), f(6, 4)); }
define i32 @f(i32 %n, i32 %x) {
  %bits = alloca i32, align 4
  %u = alloca i64, align 8
  %old = load i32, i32* %bits, align 4
  %cleared = and i32 %old, -16
  %set = or i32 %cleared, %n
  store i32 %set, i32* %bits, align 4
  %again = load i32, i32* %bits, align 4
  %field = and i32 %again, 15
  %half = bitcast i64* %u to i32*
  store i32 %n, i32* %half, align 8
  %whole = load i64, i64* %u, align 8
  %low = trunc i64 %whole to i32
  %sum = add i32 %field, %low
  %r = mul i32 %sum, %x
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK-NOT: load
; CHECK: mul i32 10, %x
; CHECK: ret i32
