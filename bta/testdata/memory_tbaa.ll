; bta: @f
; A store through an unknown pointer of another type leaves the cell alone, one of
; the same type does not.
@g = global i32 0
@h = global i32 0
define i32 @f(i64* %p, i32* %q) {
entry:
  store i32 1, i32* @g, !tbaa !1
  store i64 2, i64* %p, !tbaa !3
  %kept = load i32, i32* @g, !tbaa !1
  store i32 2, i32* %q, !tbaa !1
  %lost = load i32, i32* @g, !tbaa !1
  ret i32 %kept
}
; CHECK: %kept = load {{.*}} ; S
; CHECK: %lost = load {{.*}} ; D
!0 = !{!"int", !4, i64 0}
!1 = !{!0, !0, i64 0}
!2 = !{!"long", !4, i64 0}
!3 = !{!2, !2, i64 0}
!4 = !{!"omnipotent char", !5, i64 0}
!5 = !{!"Simple C/C++ TBAA"}
