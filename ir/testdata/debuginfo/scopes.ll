; debuginfo: two files, linked: n is a static variable of each, and a static local of @one.
; struct split is declared in the first and defined in the second.
%struct.split = type { i32 }
@n = internal global i32 1, !dbg !10
@n.2 = internal global i32 2, !dbg !12
@one.n = internal global i32 3, !dbg !14
@one.hidden = internal global i32 4, !dbg !17
@only = global i32 5, !dbg !19
@ptr = global %struct.split* null, !dbg !21
define void @one() !dbg !30 {
  ret void
}
define void @two() !dbg !31 {
  ret void
}
!llvm.dbg.cu = !{!0, !1}
!llvm.module.flags = !{!4}
!0 = distinct !DICompileUnit(language: DW_LANG_C99, file: !2, emissionKind: FullDebug, macros: !40)
!1 = distinct !DICompileUnit(language: DW_LANG_C99, file: !3, emissionKind: FullDebug)
!2 = !DIFile(filename: "one.c", directory: ".")
!3 = !DIFile(filename: "two.c", directory: ".")
!4 = !{i32 2, !"Debug Info Version", i32 3}
!5 = !DIBasicType(name: "int", size: 32, encoding: DW_ATE_signed)
!6 = !DISubroutineType(types: !7)
!7 = !{null}
!10 = !DIGlobalVariableExpression(var: !11, expr: !DIExpression())
!11 = distinct !DIGlobalVariable(name: "n", scope: !0, file: !2, line: 1, type: !5, isLocal: true, isDefinition: true)
!12 = !DIGlobalVariableExpression(var: !13, expr: !DIExpression())
!13 = distinct !DIGlobalVariable(name: "n", scope: !1, file: !3, line: 1, type: !5, isLocal: true, isDefinition: true)
!14 = !DIGlobalVariableExpression(var: !15, expr: !DIExpression())
!15 = distinct !DIGlobalVariable(name: "n", scope: !16, file: !2, line: 2, type: !5, isLocal: true, isDefinition: true)
!16 = distinct !DILexicalBlock(scope: !30, file: !2, line: 2, column: 1)
!17 = !DIGlobalVariableExpression(var: !18, expr: !DIExpression())
!18 = distinct !DIGlobalVariable(name: "hidden", scope: !30, file: !2, line: 3, type: !5, isLocal: true, isDefinition: true)
!19 = !DIGlobalVariableExpression(var: !20, expr: !DIExpression())
!20 = distinct !DIGlobalVariable(name: "only", scope: !0, file: !2, line: 4, type: !5, isLocal: false, isDefinition: true)
!21 = !DIGlobalVariableExpression(var: !22, expr: !DIExpression())
!22 = distinct !DIGlobalVariable(name: "ptr", scope: !0, file: !2, line: 5, type: !23, isLocal: false, isDefinition: true)
!23 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !24, size: 64)
!24 = !DICompositeType(tag: DW_TAG_structure_type, name: "split", file: !2, line: 6, flags: DIFlagFwdDecl)
!25 = !DICompositeType(tag: DW_TAG_structure_type, name: "split", file: !3, line: 6, size: 32, elements: !26)
!26 = !{!27}
!27 = !DIDerivedType(tag: DW_TAG_member, name: "x", scope: !25, file: !3, line: 6, baseType: !5, size: 32)
!30 = distinct !DISubprogram(name: "one", scope: !2, file: !2, line: 7, type: !6, spFlags: DISPFlagDefinition, unit: !0)
!31 = distinct !DISubprogram(name: "two", scope: !3, file: !3, line: 7, type: !6, spFlags: DISPFlagDefinition, unit: !1)
!40 = !{!41}
!41 = !DIMacroFile(file: !2, nodes: !42)
!42 = !{!43, !44, !45, !46, !47, !48}
!43 = !DIMacro(type: DW_MACINFO_define, line: 1, name: "SIGUSR1", value: "10")
!44 = !DIMacro(type: DW_MACINFO_define, line: 2, name: "MASK", value: "(0x3fu)")
!45 = !DIMacro(type: DW_MACINFO_define, line: 3, name: "NEG", value: "-3L")
!46 = !DIMacro(type: DW_MACINFO_define, line: 4, name: "EXPR", value: "1 + 2")
!47 = !DIMacro(type: DW_MACINFO_define, line: 5, name: "TEXT", value: "\22x\22")
!48 = !DIMacro(type: DW_MACINFO_define, line: 6, name: "EMPTY")
