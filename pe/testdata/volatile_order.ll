; Volatile accesses are emitted once each and in order, also to private objects and in unrolled loops (P6).
; pe: @f #0=2
; run: #include <stdio.h>
; run: extern int v; int f(int); int main(void) { printf("%d", f(2)); printf(" %d\n", v); }
@v = global i32 3
define i32 @f(i32 %n) {
entry:
  %a = alloca i32
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %i1, %loop ]
  %x = load volatile i32, i32* @v
  store volatile i32 %i, i32* %a
  %y = load volatile i32, i32* @v
  %s = add i32 %x, %y
  store volatile i32 %s, i32* @v
  %i1 = add i32 %i, 1
  %c = icmp slt i32 %i1, %n
  br i1 %c, label %loop, label %done
done:
  %r = load volatile i32, i32* %a
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: load volatile i32, i32* @v
; CHECK: store volatile i32 0
; CHECK-NEXT: load volatile i32, i32* @v
; CHECK-NEXT: add
; CHECK-NEXT: store volatile i32 {{.*}}, i32* @v
; CHECK: load volatile i32, i32* @v
; CHECK: store volatile i32 1
; CHECK: load volatile i32, i32* @v
; CHECK: store volatile i32 {{.*}}, i32* @v
; CHECK: load volatile
; CHECK-NOT: br
; CHECK: ret i32 %r
