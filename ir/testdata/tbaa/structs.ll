; Struct-path tags. Each store's value names it; the test lists the pairs that
; cannot alias.
;   struct inner { int i; float f; };
;   struct outer { int x; struct inner in; int y; };
;   struct twin { int x; struct inner in; int y; };
define void @f(i32* %i, float* %f, i8* %c, i32** %p) {
  store i32 1, i32* %i, !tbaa !10   ; int
  store float 2.0, float* %f, !tbaa !11   ; float
  store i8 3, i8* %c, !tbaa !12   ; char
  store i32* null, i32** %p, !tbaa !13   ; pointer
  store i32 5, i32* %i, !tbaa !14   ; outer.x
  store i32 6, i32* %i, !tbaa !15   ; outer.in.i
  store i32 7, i32* %i, !tbaa !16   ; inner.i
  store float 8.0, float* %f, !tbaa !17   ; inner.f
  store i32 9, i32* %i, !tbaa !18   ; twin.in.i
  store i32 10, i32* %i, !tbaa !19   ; outer.y
  store i32 11, i32* %i   ; none
  store i32 12, i32* %i, !tbaa !20   ; elsewhere
  store i32 13, i32* %i, !tbaa !5   ; a scalar tag, as before LLVM 3.4
  ret void
}
!1 = !{!"Simple C/C++ TBAA"}
!2 = !{!"omnipotent char", !1, i64 0}
!5 = !{!"int", !2, i64 0}
!6 = !{!"float", !2, i64 0}
!7 = !{!"any pointer", !2, i64 0}
!8 = !{!"inner", !5, i64 0, !6, i64 4}
!9 = !{!"outer", !5, i64 0, !8, i64 4, !5, i64 12}
!3 = !{!"twin", !5, i64 0, !8, i64 4, !5, i64 12}
!4 = !{!"other root"}
!10 = !{!5, !5, i64 0}
!11 = !{!6, !6, i64 0}
!12 = !{!2, !2, i64 0}
!13 = !{!7, !7, i64 0}
!14 = !{!9, !5, i64 0}
!15 = !{!9, !5, i64 4}
!16 = !{!8, !5, i64 0}
!17 = !{!8, !6, i64 4}
!18 = !{!3, !5, i64 4}
!19 = !{!9, !5, i64 12}
!20 = !{!21, !21, i64 0}
!21 = !{!"int", !4, i64 0}
