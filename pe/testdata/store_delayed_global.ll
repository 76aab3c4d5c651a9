; Of static stores to a global the last one before unknown code is emitted, long runs of bytes at once.
; pe: @f
; run: #include <stdio.h>
; run: int g; char t[100]; void f(void); void show(void) { printf("%d %d %d\n", g, t[0], t[99]); } int main(void) { f(); show(); }
@g = external global i32
@t = external global [100 x i8]
declare void @show()
declare void @llvm.memset.p0i8.i64(i8*, i8, i64, i1)
define void @f() {
  store i32 1, i32* @g
  store i32 2, i32* @g
  call void @llvm.memset.p0i8.i64(i8* getelementptr ([100 x i8], [100 x i8]* @t, i64 0, i64 0), i8 3, i64 100, i1 false)
  call void @llvm.memset.p0i8.i64(i8* getelementptr ([100 x i8], [100 x i8]* @t, i64 0, i64 0), i8 4, i64 100, i1 false)
  call void @show()
  store i32 3, i32* @g
  store i32 4, i32* @g
  ret void
}
; CHECK-LABEL: define internal void @f.v1(
; CHECK-NOT: store i32 1
; CHECK: store i32 2, i32* @g
; CHECK: call void @llvm.memset
; CHECK-NOT: memset
; CHECK: call void @show()
; CHECK-NOT: store i32 3
; CHECK: store i32 4, i32* @g
; CHECK: ret void
