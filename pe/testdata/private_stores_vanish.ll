; Stores to an object whose address no residual code holds are executed, not emitted (P2).
; pe: @f #0=5
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { for (int x = -1; x < 3; x++) printf("%d %d\n", f(5, x), f(4, x)); }
define i32 @f(i32 %n, i32 %x) {
  %a = alloca i32
  store i32 %n, i32* %a
  %v = load i32, i32* %a
  %w = mul i32 %v, 3
  store i32 %w, i32* %a
  %u = load i32, i32* %a
  %r = add i32 %u, %x
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK-NOT: alloca
; CHECK-NOT: store
; CHECK: %r = add i32 15, %x
; CHECK: ret i32 %r
; CHECK-LABEL: define i32 @f(
; CHECK: icmp eq i32 %n, 5
; CHECK: @f.v1(
; CHECK: @f.generic(
