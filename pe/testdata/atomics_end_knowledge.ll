; An atomic access may synchronize with another thread: what other threads can reach is not known after it; a private object is.
; pe: @f #0=2
; run: #include <stdio.h>
; run: extern int g; int f(int); int main(void) { printf("%d", f(2)); printf(" %d\n", g); }
@g = global i32 3
@lock = global i32 0
define i32 @f(i32 %n) {
  %a = alloca i32
  store i32 %n, i32* %a
  store i32 %n, i32* @g
  %before = load i32, i32* @g
  %old = atomicrmw add i32* @lock, i32 %before seq_cst
  %after = load i32, i32* @g
  fence seq_cst
  %mine = load i32, i32* %a
  %x = add i32 %after, %mine
  %r = add i32 %x, %old
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK-NOT: alloca
; CHECK: store i32 2, i32* @g
; CHECK: atomicrmw add i32* @lock, i32 2 seq_cst
; CHECK-NEXT: %after = load i32, i32* @g
; CHECK-NEXT: fence seq_cst
; CHECK: add i32 %after, 2
