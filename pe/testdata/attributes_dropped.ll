; A residual function reads globals that the generic one reached through its argument, so it is not argmemonly any more; what holds for any equivalent code stays.
; pe: @f #0=&g
; run: #include <stdio.h>
; run: extern int g; int f(int *); int main(void) { g = 4; printf("%d\n", f(&g)); int h = 6; printf("%d\n", f(&h)); }
@g = global i32 3
define i32 @f(i32* nocapture readonly %p) #0 {
  %v = load i32, i32* %p
  %r = add i32 %v, 1
  ret i32 %r
}
attributes #0 = { argmemonly inaccessiblemem_or_argmemonly readonly nounwind uwtable speculatable }
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK-NOT: {{argmemonly|readonly uw|speculatable}}
; CHECK-SAME: nounwind
; CHECK: load i32, i32* @g
