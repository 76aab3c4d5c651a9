; A store that stands for static ones has the alignment of its place: an object here has a certain one, another module's has none.
; pe: @f
; run: #include <stdio.h>
; run: struct s { long a; int b; } there; extern struct s g; void f(void); int main(void) { f(); printf("%d %d %d\n", (int)g.a, g.b, there.b); }
%s = type { i64, i32 }
@g = global %s zeroinitializer, align 16
@there = external global %s, align 16
define void @f() {
  store i64 5, i64* getelementptr (%s, %s* @g, i64 0, i32 0), align 16
  store i32 6, i32* getelementptr (%s, %s* @g, i64 0, i32 1), align 8
  store i32 7, i32* getelementptr (%s, %s* @there, i64 0, i32 1), align 4
  ret void
}
; CHECK-LABEL: define internal void @f.v1(
; CHECK-DAG: store i64 5, i64* {{.*}} align 16
; CHECK-DAG: store i32 6, i32* {{.*}} align 8
; CHECK-DAG: store i32 7, i32* {{.*}} align 1
; CHECK: ret void
