; Cases of a static switch are compared in the width of the switched value.
; pe: @f #0=-1
; run: #include <stdio.h>
; run: int f(int); int main(void) { for (int i = -2; i < 2; i++) printf("%d\n", f(i)); }
define i32 @f(i32 %x) {
  switch i32 %x, label %other [
    i32 0, label %zero
    i32 -1, label %minus
  ]
zero:
  ret i32 10
minus:
  ret i32 20
other:
  ret i32 30
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK-NOT: switch
; CHECK: ret i32 20
