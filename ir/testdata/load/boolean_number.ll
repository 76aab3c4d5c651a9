; load: integers of type i1 may be written as any number.
@a = global [2 x i1] [i1 -1, i1 0]
define i1 @f(i1 %c) {
  %a = xor i1 %c, -1
  %b = select i1 2, i1 %a, i1 1
  ret i1 %b
}
; CHECK: %a = xor i1 %c, true
