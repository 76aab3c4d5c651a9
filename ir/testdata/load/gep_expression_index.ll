; load: constant expressions as indices of getelementptr are put back (rule L3).
@g = global [4 x i32] zeroinitializer
define i32* @scalar([4 x i32]* %p) {
  %a = getelementptr inbounds [4 x i32], [4 x i32]* %p, i64 0, i64 zext (i32 ptrtoint ([4 x i32]* @g to i32) to i64)
  %b = getelementptr i32, i32* %a, i64 sub nuw (i64 0, i64 ptrtoint ([4 x i32]* @g to i64))
  ret i32* %b
}
define <2 x i8*> @vector(i8* %p) {
  %a = getelementptr i8, i8* %p, <2 x i64> <i64 ptrtoint ([4 x i32]* @g to i64), i64 and (i64 ptrtoint ([4 x i32]* @g to i64), i64 7)>
  ret <2 x i8*> %a
}
define <2 x i8*> @undef(i8* %p) {
  %a = getelementptr i8, i8* %p, <2 x i64> zeroinitializer
  ret <2 x i8*> %a
}
define i64 @number() {
  ret i64 1900000000
}
; CHECK: i64 zext (i32 ptrtoint ([4 x i32]* @g to i32) to i64)
; CHECK: i64 sub nuw (i64 0, i64 ptrtoint ([4 x i32]* @g to i64))
; CHECK: <2 x i64> <i64 ptrtoint ([4 x i32]* @g to i64), i64 and (i64 ptrtoint ([4 x i32]* @g to i64), i64 7)>
; CHECK-NOT: quasi.load
