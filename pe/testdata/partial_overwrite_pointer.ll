; Overwriting one byte of a stored pointer first flushes the pointer; the object that it names leaks (P3).
; pe: @f #0=5
; run: #include <stdio.h>
; run: int f(int, int); int main(void) { printf("%d\n", f(5, 1)); }
define i32 @f(i32 %n, i32 %x) {
  %a = alloca i32
  %s = alloca i32*
  store i32 %n, i32* %a
  store i32* %a, i32** %s
  %b = bitcast i32** %s to i8*
  %low = load i8, i8* %b
  store i8 %low, i8* %b
  %p = load i32*, i32** %s
  %v = load i32, i32* %p
  %r = add i32 %v, %x
  ret i32 %r
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: store i32 5
; CHECK: store i8* {{.*}} align 1
; CHECK: %low = load i8
; CHECK: store i8 %low
; CHECK: %p = load i32*
; CHECK: %v{{.*}} = load i32, i32* %p
