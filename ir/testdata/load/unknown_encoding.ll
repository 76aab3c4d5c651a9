; load: an encoding of a basic type without a name is printed as a number (rule F2).
!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!4}
!0 = distinct !DICompileUnit(language: DW_LANG_C99, file: !1, emissionKind: FullDebug, retainedTypes: !2)
!1 = !DIFile(filename: "c.c", directory: "/")
!2 = !{!3}
!3 = !DIBasicType(name: "complex", size: 128, encoding: DW_ATE_complex_float)
!4 = !{i32 2, !"Debug Info Version", i32 3}
; CHECK: !DIBasicType(name: "complex", size: 128, encoding: DW_ATE_complex_float)
