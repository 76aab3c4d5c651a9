; load: numbers for booleans wherever a constant can stand.
declare void @g(i1)
declare void @llvm.dbg.value(metadata, metadata, metadata)

; CHECK: define void @f() prefix i1 true {
define void @f() prefix i1 3 {
; CHECK: call void @g(i1 noundef true) [ "x"(i1 false) ]
  call void @g(i1 noundef 5) [ "x"(i1 4) ]
  ret void
}

!named = !{!0}
; CHECK: !0 = !{i1 true, float 0x417FFFFFE0000000}
!0 = !{i1 7, float 0x417FFFFFE0000000}
