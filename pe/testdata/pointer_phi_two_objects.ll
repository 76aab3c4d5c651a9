; Where a pointer names one of two objects, a store through it must end what is known of both.
; pe: @f #0=5
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { for (int x = -1; x < 3; x++) printf("%d\n", f(5, x)); }
define i32 @f(i32 %n, i32 %x) {
entry:
  %a = alloca i32
  %b = alloca i32
  store i32 %n, i32* %a
  store i32 7, i32* %b
  br label %loop
loop:
  %p = phi i32* [ %a, %entry ], [ %q, %loop ]
  %i = phi i32 [ 0, %entry ], [ %i1, %loop ]
  %c = icmp sgt i32 %x, %i
  %q = select i1 %c, i32* %b, i32* %a
  store i32 %i, i32* %p
  %i1 = add i32 %i, 1
  %more = icmp slt i32 %i1, %x
  br i1 %more, label %loop, label %done
done:
  %u = load i32, i32* %a
  %v = load i32, i32* %b
  %v10 = mul i32 %v, 10
  %r = add i32 %u, %v10
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK-DAG: load i32
; CHECK-DAG: load i32
; CHECK-NOT: ret i32 {{[0-9]}}
