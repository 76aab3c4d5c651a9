; load: unnamed values and globals keep their meaning.
@0 = private constant [2 x i8] c"a\00"
@1 = global i8* getelementptr ([2 x i8], [2 x i8]* @0, i64 0, i64 0)
define i32 @f(i32 %0, i32) {
  %3 = add i32 %0, %1
  br label %4
4:
  %5 = phi i32 [ %3, %2 ], [ %6, %4 ]
  %6 = add i32 %5, 1
  %7 = icmp eq i32 %6, 9
  br i1 %7, label %8, label %4
8:
  call void @2()
  ret i32 %6
}
define void @2() {
  ret void
}
; CHECK: %5 = phi i32 [ %3, %2 ], [ %6, %4 ]
