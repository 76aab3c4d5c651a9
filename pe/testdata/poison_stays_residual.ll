; Overflow under nsw, division by zero and a shift too far are emitted with their operands, not evaluated (P5).
; pe: @f #0=2147483647 #1=0
define i32 @f(i32 %n, i32 %z, i1 %c, i32 %x) {
entry:
  %wrap = add i32 %n, 1
  br i1 %c, label %bad, label %good
bad:
  %o = add nsw i32 %n, 1
  %d = sdiv i32 %n, %z
  %m = urem i32 %n, %z
  %min = sdiv i32 -2147483648, -1
  %e = lshr exact i32 %n, 1
  %s = shl i32 %n, 32
  %a1 = add i32 %o, %d
  %a2 = add i32 %a1, %m
  %a3 = add i32 %a2, %min
  %a4 = add i32 %a3, %e
  %a5 = add i32 %a4, %s
  ret i32 %a5
good:
  %r = add i32 %wrap, %x
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK-NOT: %wrap
; CHECK: %o = add nsw i32 {{2147483647|u0x7FFFFFFF}}, 1
; CHECK: %d = sdiv i32 {{2147483647|u0x7FFFFFFF}}, 0
; CHECK: %m = urem i32 {{2147483647|u0x7FFFFFFF}}, 0
; CHECK: %min = sdiv i32 -2147483648, -1
; CHECK: %e = lshr exact i32 {{2147483647|u0x7FFFFFFF}}, 1
; CHECK: %s = shl i32 {{2147483647|u0x7FFFFFFF}}, 32
; CHECK: %r = add i32 -2147483648, %x
