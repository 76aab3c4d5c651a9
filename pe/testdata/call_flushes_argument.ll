; An address that unknown code gets leaks: dirty bytes are stored before the call and nothing is known after it (P3, P4).
; pe: @f #0=5
; run: #include <stdio.h>
; run: int f(int, int); void ext(int *p) { *p += 2; } int main(void) { for (int x = -1; x < 3; x++) printf("%d\n", f(5, x)); }
declare void @ext(i32*)
define i32 @f(i32 %n, i32 %x) {
  %a = alloca i32
  %b = alloca i32
  store i32 %n, i32* %a
  store i32 %n, i32* %b
  call void @ext(i32* %a)
  %v = load i32, i32* %a
  %w = load i32, i32* %b
  %y = mul i32 %w, %x
  %r = add i32 %v, %y
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: %a = alloca i32
; CHECK-NOT: alloca
; CHECK: store i32 5
; CHECK-NOT: store
; CHECK: call void @ext(
; CHECK: load i32, i32* %a
; CHECK: mul i32 5, %x
