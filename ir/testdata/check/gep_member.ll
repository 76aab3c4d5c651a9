; check: an index into a struct is a constant of type i32.
%s = type { i32, [4 x i32] }
define void @f(%s* %p, i32 %i) {
  %ok = getelementptr %s, %s* %p, i64 0, i32 1, i1 1
  %wide = getelementptr %s, %s* %p, i64 0, i64 1
  %narrow = getelementptr %s, %s* %p, i64 0, i1 1
  ret void
}
; CHECK: @f:%0#1: index 1 into a struct is not an i32 that numbers a member
; CHECK: @f:%0#2: index true into a struct is not an i32 that numbers a member
