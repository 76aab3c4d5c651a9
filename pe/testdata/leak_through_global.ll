; A pointer to a local that is stored in a global leaks it; a later store through an unknown pointer ends what is known.
; pe: @f #0=5
; run: #include <stdio.h>
; run: extern int *g; int f(int, int **); int main(void) { printf("%d\n", f(5, &g)); }
@g = global i32* null
define i32 @f(i32 %n, i32** %q) {
  %a = alloca i32
  store i32 %n, i32* %a
  store i32* %a, i32** @g
  %p = load i32*, i32** %q
  store i32 9, i32* %p
  %v = load i32, i32* %a
  ret i32 %v
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: store i32 5
; CHECK: store i8* {{.*}}, i8** bitcast (i32** @g to i8**)
; CHECK: store i32 9
; CHECK: %v{{.*}} = load i32
; CHECK-NOT: ret i32 5
