; pe: @f
; A check that a later, stronger one implies stays if a load or a call is between
; the two: what is between must not be executed where it was not, nor skipped.
; run: #include <stdio.h>
; run: void hook(unsigned char c) { printf("<%u>", c); }
; run: unsigned f(const unsigned char *p, unsigned char n);
; run: int main(void) { unsigned char p[20] = {7, 8, 9}; for (unsigned char n = 0; n < 20; n++) printf("%u ", f(p, n)); return 0; }

declare void @hook(i8)

define i32 @f(i8* %p, i8 %n) {
entry:
  %short = icmp ult i8 %n, 3
  br i1 %short, label %fail, label %a
a:
  %v = load volatile i8, i8* %p
  %shorter = icmp ult i8 %n, 6
  br i1 %shorter, label %fail, label %b
b:
  call void @hook(i8 %v)
  %shortest = icmp ult i8 %n, 9
  br i1 %shortest, label %fail, label %pass
pass:
  ret i32 1
fail:
  ret i32 0
}

; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: icmp ult i8 %n, 3
; CHECK: load volatile
; CHECK: icmp ult i8 %n, 6
; CHECK: call void @hook
; CHECK: icmp ult i8 %n, 9
