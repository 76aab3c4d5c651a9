; debuginfo: three files, linked, which has renamed the static variable mode of the first; the others mean the same one.
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

@mode.2 = internal global i32 0, align 4, !dbg !0
@mode = dso_local global i32 0, align 4, !dbg !6

; Function Attrs: nounwind uwtable
define dso_local i32 @a() !dbg !20 {
  %1 = load i32, i32* @mode.2, align 4, !dbg !24, !tbaa !25
  %2 = add nsw i32 %1, 1, !dbg !24
  store i32 %2, i32* @mode.2, align 4, !dbg !24, !tbaa !25
  ret i32 %1, !dbg !29
}

; Function Attrs: nounwind uwtable
define dso_local i32 @b() !dbg !30 {
  %1 = load i32, i32* @mode, align 4, !dbg !31, !tbaa !25
  ret i32 %1, !dbg !32
}

; Function Attrs: nounwind uwtable
define dso_local i32 @c() !dbg !33 {
  %1 = load i32, i32* @mode, align 4, !dbg !34, !tbaa !25
  ret i32 %1, !dbg !35
}


!llvm.dbg.cu = !{!2, !8, !11}
!llvm.ident = !{!13, !13, !13}
!llvm.module.flags = !{!14, !15, !16, !17, !18, !19}

!0 = !DIGlobalVariableExpression(var: !1, expr: !DIExpression())
!1 = distinct !DIGlobalVariable(name: "mode", scope: !2, file: !3, line: 1, type: !5, isLocal: true, isDefinition: true)
!2 = distinct !DICompileUnit(language: DW_LANG_C99, file: !3, producer: "clang", isOptimized: true, runtimeVersion: 0, emissionKind: FullDebug, globals: !4, splitDebugInlining: false, nameTableKind: None)
!3 = !DIFile(filename: "a.c", directory: "/src", checksumkind: CSK_MD5, checksum: "dd313a87af08c993d23e7aa9f7e6510d")
!4 = !{!0}
!5 = !DIBasicType(name: "int", size: 32, encoding: DW_ATE_signed)
!6 = !DIGlobalVariableExpression(var: !7, expr: !DIExpression())
!7 = distinct !DIGlobalVariable(name: "mode", scope: !8, file: !9, line: 1, type: !5, isLocal: false, isDefinition: true)
!8 = distinct !DICompileUnit(language: DW_LANG_C99, file: !9, producer: "clang", isOptimized: true, runtimeVersion: 0, emissionKind: FullDebug, globals: !10, splitDebugInlining: false, nameTableKind: None)
!9 = !DIFile(filename: "b.c", directory: "/src", checksumkind: CSK_MD5, checksum: "0f48bd19fce7e84521e3ec45d0dd8c01")
!10 = !{!6}
!11 = distinct !DICompileUnit(language: DW_LANG_C99, file: !12, producer: "clang", isOptimized: true, runtimeVersion: 0, emissionKind: FullDebug, splitDebugInlining: false, nameTableKind: None)
!12 = !DIFile(filename: "c.c", directory: "/src", checksumkind: CSK_MD5, checksum: "9ae08e469b9c3dc28903d1fd1165ac78")
!13 = !{!"clang"}
!14 = !{i32 7, !"Dwarf Version", i32 5}
!15 = !{i32 2, !"Debug Info Version", i32 3}
!16 = !{i32 1, !"wchar_size", i32 4}
!17 = !{i32 7, !"PIC Level", i32 2}
!18 = !{i32 7, !"PIE Level", i32 2}
!19 = !{i32 7, !"uwtable", i32 1}
!20 = distinct !DISubprogram(name: "a", scope: !3, file: !3, line: 1, type: !21, scopeLine: 1, flags: DIFlagPrototyped | DIFlagAllCallsDescribed, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !2, retainedNodes: !23)
!21 = !DISubroutineType(types: !22)
!22 = !{!5}
!23 = !{}
!24 = !DILocation(line: 1, column: 43, scope: !20)
!25 = !{!26, !26, i64 0}
!26 = !{!"int", !27, i64 0}
!27 = !{!"omnipotent char", !28, i64 0}
!28 = !{!"Simple C/C++ TBAA"}
!29 = !DILocation(line: 1, column: 32, scope: !20)
!30 = distinct !DISubprogram(name: "b", scope: !9, file: !9, line: 1, type: !21, scopeLine: 1, flags: DIFlagPrototyped | DIFlagAllCallsDescribed, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !8, retainedNodes: !23)
!31 = !DILocation(line: 1, column: 32, scope: !30)
!32 = !DILocation(line: 1, column: 25, scope: !30)
!33 = distinct !DISubprogram(name: "c", scope: !12, file: !12, line: 1, type: !21, scopeLine: 1, flags: DIFlagPrototyped | DIFlagAllCallsDescribed, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !11, retainedNodes: !23)
!34 = !DILocation(line: 1, column: 39, scope: !33)
!35 = !DILocation(line: 1, column: 32, scope: !33)
