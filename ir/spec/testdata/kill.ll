; ModuleID = '<stdin>'
source_filename = "kill.c"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

%struct.task = type { i32, %struct.cred*, %struct.task*, i16, i32, %union.anon, double, i128, %struct.opaque*, i8*, [16 x i8], i32 (i32)*, [8 x i8] }
%struct.cred = type { i32, i32, i8, i32 }
%union.anon = type { i64 }
%struct.opaque = type opaque
%struct.triple = type { i64, i64, i64 }

@table = dso_local constant [4 x i32] [i32 1, i32 2, i32 3, i32 4], align 16, !dbg !0
@kill_proc.calls = internal global i32 0, align 4, !dbg !13
@counter = internal global i32 0, align 4, !dbg !94
@current = external global %struct.task*, align 8
@limit = dso_local global i32 0, align 4, !dbg !92

; Function Attrs: nounwind uwtable
define dso_local i32 @on_signal(i32 noundef %0) #0 !dbg !107 {
  call void @llvm.dbg.value(metadata i32 %0, metadata !109, metadata !DIExpression()), !dbg !110
  ret i32 %0, !dbg !111
}

; Function Attrs: nofree nosync nounwind readnone speculatable willreturn
declare void @llvm.dbg.declare(metadata, metadata, metadata) #1

; Function Attrs: nounwind uwtable
define dso_local i32 @kill_proc(i32 noundef %0, i32 noundef %1, i1 noundef zeroext %2, i8 noundef zeroext %3, i8* noundef %4, %struct.task* noundef %5, i32 (i32)* noundef %6, i32 %7, %struct.triple* noundef byval(%struct.triple) align 8 %8, double noundef %9, i32 noundef %10) #0 !dbg !15 {
  %.sroa.0.0.extract.trunc = trunc i32 %7 to i16
  call void @llvm.dbg.value(metadata i16 %.sroa.0.0.extract.trunc, metadata !88, metadata !DIExpression(DW_OP_LLVM_fragment, 0, 16)), !dbg !112
  %.sroa.2.0.extract.shift = lshr i32 %7, 16
  %.sroa.2.0.extract.trunc = trunc i32 %.sroa.2.0.extract.shift to i16
  call void @llvm.dbg.value(metadata i16 %.sroa.2.0.extract.trunc, metadata !88, metadata !DIExpression(DW_OP_LLVM_fragment, 16, 16)), !dbg !112
  call void @llvm.dbg.value(metadata i32 %0, metadata !81, metadata !DIExpression()), !dbg !112
  call void @llvm.dbg.value(metadata i32 %1, metadata !82, metadata !DIExpression()), !dbg !112
  %12 = zext i1 %2 to i8
  call void @llvm.dbg.value(metadata i8 %12, metadata !83, metadata !DIExpression()), !dbg !112
  call void @llvm.dbg.value(metadata i8 %3, metadata !84, metadata !DIExpression()), !dbg !112
  call void @llvm.dbg.value(metadata i8* %4, metadata !85, metadata !DIExpression()), !dbg !112
  call void @llvm.dbg.value(metadata %struct.task* %5, metadata !86, metadata !DIExpression()), !dbg !112
  call void @llvm.dbg.value(metadata i32 (i32)* %6, metadata !87, metadata !DIExpression()), !dbg !112
  call void @llvm.dbg.declare(metadata %struct.triple* %8, metadata !89, metadata !DIExpression()), !dbg !113
  call void @llvm.dbg.value(metadata double %9, metadata !90, metadata !DIExpression()), !dbg !112
  call void @llvm.dbg.value(metadata i32 %10, metadata !91, metadata !DIExpression()), !dbg !112
  %13 = load i32, i32* @kill_proc.calls, align 4, !dbg !114, !tbaa !115
  %14 = add nsw i32 %13, 1, !dbg !114
  store i32 %14, i32* @kill_proc.calls, align 4, !dbg !114, !tbaa !115
  %15 = sext i16 %.sroa.0.0.extract.trunc to i64, !dbg !119
  %16 = getelementptr inbounds %struct.triple, %struct.triple* %8, i32 0, i32 1, !dbg !120
  %17 = load i64, i64* %16, align 8, !dbg !120, !tbaa !121
  %18 = add nsw i64 %15, %17, !dbg !124
  %19 = fptosi double %9 to i32, !dbg !125
  %20 = sext i32 %19 to i64, !dbg !125
  %21 = add nsw i64 %18, %20, !dbg !126
  %22 = sext i32 %10 to i64, !dbg !127
  %23 = add nsw i64 %21, %22, !dbg !128
  %24 = zext i8 %3 to i64, !dbg !129
  %25 = add nsw i64 %23, %24, !dbg !130
  %26 = icmp ne i8* %4, null, !dbg !131
  %27 = zext i1 %26 to i32, !dbg !131
  %28 = sext i32 %27 to i64, !dbg !132
  %29 = add nsw i64 %25, %28, !dbg !133
  %30 = icmp ne i32 (i32)* %6, null, !dbg !134
  %31 = zext i1 %30 to i32, !dbg !134
  %32 = sext i32 %31 to i64, !dbg !135
  %33 = add nsw i64 %29, %32, !dbg !136
  %34 = load i32, i32* @counter, align 4, !dbg !137, !tbaa !115
  %35 = sext i32 %34 to i64, !dbg !137
  %36 = add nsw i64 %35, %33, !dbg !137
  %37 = trunc i64 %36 to i32, !dbg !137
  store i32 %37, i32* @counter, align 4, !dbg !137, !tbaa !115
  %38 = trunc i8 %12 to i1, !dbg !138
  br i1 %38, label %50, label %39, !dbg !140

39:                                               ; preds = %11
  %40 = load %struct.task*, %struct.task** @current, align 8, !dbg !141, !tbaa !142
  %41 = getelementptr inbounds %struct.task, %struct.task* %40, i32 0, i32 1, !dbg !144
  %42 = load %struct.cred*, %struct.cred** %41, align 8, !dbg !144, !tbaa !145
  %43 = getelementptr inbounds %struct.cred, %struct.cred* %42, i32 0, i32 1, !dbg !149
  %44 = load i32, i32* %43, align 4, !dbg !149, !tbaa !150
  %45 = getelementptr inbounds %struct.task, %struct.task* %5, i32 0, i32 1, !dbg !153
  %46 = load %struct.cred*, %struct.cred** %45, align 8, !dbg !153, !tbaa !145
  %47 = getelementptr inbounds %struct.cred, %struct.cred* %46, i32 0, i32 1, !dbg !154
  %48 = load i32, i32* %47, align 4, !dbg !154, !tbaa !150
  %49 = icmp eq i32 %44, %48, !dbg !155
  br i1 %49, label %50, label %57, !dbg !156

50:                                               ; preds = %39, %11
  %51 = add nsw i32 %0, %1, !dbg !157
  %52 = load i32, i32* @counter, align 4, !dbg !158, !tbaa !115
  %53 = add nsw i32 %51, %52, !dbg !159
  %54 = load i32, i32* @limit, align 4, !dbg !160, !tbaa !115
  %55 = add nsw i32 %53, %54, !dbg !161
  %56 = call i32 @declared(i32 noundef %55), !dbg !162
  br label %58, !dbg !163

57:                                               ; preds = %39
  br label %58, !dbg !164

58:                                               ; preds = %57, %50
  %.0 = phi i32 [ %56, %50 ], [ -1, %57 ], !dbg !112
  ret i32 %.0, !dbg !165
}

declare !dbg !166 i32 @declared(i32 noundef) #2

; Function Attrs: nofree nosync nounwind readnone speculatable willreturn
declare void @llvm.dbg.value(metadata, metadata, metadata) #1

attributes #0 = { nounwind uwtable "frame-pointer"="none" "min-legal-vector-width"="0" "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="x86-64" "target-features"="+cx8,+fxsr,+mmx,+sse,+sse2,+x87" "tune-cpu"="generic" }
attributes #1 = { nofree nosync nounwind readnone speculatable willreturn }
attributes #2 = { "frame-pointer"="none" "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="x86-64" "target-features"="+cx8,+fxsr,+mmx,+sse,+sse2,+x87" "tune-cpu"="generic" }

!llvm.dbg.cu = !{!2}
!llvm.module.flags = !{!100, !101, !102, !103, !104, !105}
!llvm.ident = !{!106}

!0 = !DIGlobalVariableExpression(var: !1, expr: !DIExpression())
!1 = distinct !DIGlobalVariable(name: "table", scope: !2, file: !3, line: 38, type: !96, isLocal: false, isDefinition: true)
!2 = distinct !DICompileUnit(language: DW_LANG_C99, file: !3, producer: "Debian clang version 14.0.6", isOptimized: true, runtimeVersion: 0, emissionKind: FullDebug, enums: !4, retainedTypes: !11, globals: !12, splitDebugInlining: false, nameTableKind: None)
!3 = !DIFile(filename: "kill.c", directory: ".", checksumkind: CSK_MD5, checksum: "2c36cbc43c16641e0107b2d62c9db69c")
!4 = !{!5}
!5 = !DICompositeType(tag: DW_TAG_enumeration_type, name: "state", file: !3, line: 8, baseType: !6, size: 32, elements: !7)
!6 = !DIBasicType(name: "int", size: 32, encoding: DW_ATE_signed)
!7 = !{!8, !9, !10}
!8 = !DIEnumerator(name: "RUNNING", value: 0)
!9 = !DIEnumerator(name: "SLEEPING", value: 4)
!10 = !DIEnumerator(name: "STOPPED", value: -1)
!11 = !{!6}
!12 = !{!0, !13, !92, !94}
!13 = !DIGlobalVariableExpression(var: !14, expr: !DIExpression())
!14 = distinct !DIGlobalVariable(name: "calls", scope: !15, file: !3, line: 44, type: !6, isLocal: true, isDefinition: true)
!15 = distinct !DISubprogram(name: "kill_proc", scope: !3, file: !3, line: 42, type: !16, scopeLine: 43, flags: DIFlagPrototyped | DIFlagAllCallsDescribed, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !2, retainedNodes: !80)
!16 = !DISubroutineType(types: !17)
!17 = !{!6, !6, !6, !18, !19, !20, !23, !67, !70, !75, !54, !5}
!18 = !DIBasicType(name: "_Bool", size: 8, encoding: DW_ATE_boolean)
!19 = !DIBasicType(name: "unsigned char", size: 8, encoding: DW_ATE_unsigned_char)
!20 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !21, size: 64)
!21 = !DIDerivedType(tag: DW_TAG_const_type, baseType: !22)
!22 = !DIBasicType(name: "char", size: 8, encoding: DW_ATE_signed_char)
!23 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !24, size: 64)
!24 = distinct !DICompositeType(tag: DW_TAG_structure_type, name: "task", file: !3, line: 14, size: 896, elements: !25)
!25 = !{!26, !27, !38, !39, !40, !41, !42, !43, !53, !55, !57, !60, !62, !66}
!26 = !DIDerivedType(tag: DW_TAG_member, name: "pid", scope: !24, file: !3, line: 15, baseType: !6, size: 32)
!27 = !DIDerivedType(tag: DW_TAG_member, name: "cred", scope: !24, file: !3, line: 16, baseType: !28, size: 64, offset: 64)
!28 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !29, size: 64)
!29 = distinct !DICompositeType(tag: DW_TAG_structure_type, name: "cred", file: !3, line: 9, size: 128, elements: !30)
!30 = !{!31, !34, !35, !36}
!31 = !DIDerivedType(tag: DW_TAG_member, name: "uid", scope: !29, file: !3, line: 10, baseType: !32, size: 32)
!32 = !DIDerivedType(tag: DW_TAG_typedef, name: "uid_t", file: !3, line: 5, baseType: !33)
!33 = !DIBasicType(name: "unsigned int", size: 32, encoding: DW_ATE_unsigned)
!34 = !DIDerivedType(tag: DW_TAG_member, name: "euid", scope: !29, file: !3, line: 10, baseType: !32, size: 32, offset: 32)
!35 = !DIDerivedType(tag: DW_TAG_member, name: "root", scope: !29, file: !3, line: 11, baseType: !18, size: 8, offset: 64)
!36 = !DIDerivedType(tag: DW_TAG_member, name: "usage", scope: !29, file: !3, line: 12, baseType: !37, size: 32, offset: 96)
!37 = !DIDerivedType(tag: DW_TAG_volatile_type, baseType: !6)
!38 = !DIDerivedType(tag: DW_TAG_member, name: "last_sig_to", scope: !24, file: !3, line: 17, baseType: !23, size: 64, offset: 128)
!39 = !DIDerivedType(tag: DW_TAG_member, name: "mode", scope: !24, file: !3, line: 18, baseType: !33, size: 3, offset: 192, flags: DIFlagBitField, extraData: i64 192)
!40 = !DIDerivedType(tag: DW_TAG_member, name: "kind", scope: !24, file: !3, line: 18, baseType: !33, size: 5, offset: 195, flags: DIFlagBitField, extraData: i64 192)
!41 = !DIDerivedType(tag: DW_TAG_member, name: "prio", scope: !24, file: !3, line: 19, baseType: !6, size: 4, offset: 200, flags: DIFlagBitField, extraData: i64 192)
!42 = !DIDerivedType(tag: DW_TAG_member, name: "state", scope: !24, file: !3, line: 20, baseType: !5, size: 32, offset: 224)
!43 = !DIDerivedType(tag: DW_TAG_member, scope: !24, file: !3, line: 21, baseType: !44, size: 64, offset: 256)
!44 = distinct !DICompositeType(tag: DW_TAG_union_type, scope: !24, file: !3, line: 21, size: 64, elements: !45)
!45 = !{!46, !48}
!46 = !DIDerivedType(tag: DW_TAG_member, name: "whole", scope: !44, file: !3, line: 22, baseType: !47, size: 64)
!47 = !DIBasicType(name: "long", size: 64, encoding: DW_ATE_signed)
!48 = !DIDerivedType(tag: DW_TAG_member, scope: !44, file: !3, line: 23, baseType: !49, size: 64)
!49 = distinct !DICompositeType(tag: DW_TAG_structure_type, scope: !44, file: !3, line: 23, size: 64, elements: !50)
!50 = !{!51, !52}
!51 = !DIDerivedType(tag: DW_TAG_member, name: "low", scope: !49, file: !3, line: 23, baseType: !6, size: 32)
!52 = !DIDerivedType(tag: DW_TAG_member, name: "high", scope: !49, file: !3, line: 23, baseType: !6, size: 32, offset: 32)
!53 = !DIDerivedType(tag: DW_TAG_member, name: "load", scope: !24, file: !3, line: 25, baseType: !54, size: 64, offset: 320)
!54 = !DIBasicType(name: "double", size: 64, encoding: DW_ATE_float)
!55 = !DIDerivedType(tag: DW_TAG_member, name: "wide", scope: !24, file: !3, line: 26, baseType: !56, size: 128, offset: 384)
!56 = !DIBasicType(name: "__int128", size: 128, encoding: DW_ATE_signed)
!57 = !DIDerivedType(tag: DW_TAG_member, name: "opaque", scope: !24, file: !3, line: 27, baseType: !58, size: 64, offset: 512)
!58 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !59, size: 64)
!59 = !DICompositeType(tag: DW_TAG_structure_type, name: "opaque", file: !3, line: 7, flags: DIFlagFwdDecl)
!60 = !DIDerivedType(tag: DW_TAG_member, name: "data", scope: !24, file: !3, line: 28, baseType: !61, size: 64, offset: 576)
!61 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: null, size: 64)
!62 = !DIDerivedType(tag: DW_TAG_member, name: "name", scope: !24, file: !3, line: 29, baseType: !63, size: 128, offset: 640)
!63 = !DICompositeType(tag: DW_TAG_array_type, baseType: !22, size: 128, elements: !64)
!64 = !{!65}
!65 = !DISubrange(count: 16)
!66 = !DIDerivedType(tag: DW_TAG_member, name: "handler", scope: !24, file: !3, line: 30, baseType: !67, size: 64, offset: 768)
!67 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !68, size: 64)
!68 = !DISubroutineType(types: !69)
!69 = !{!6, !6}
!70 = distinct !DICompositeType(tag: DW_TAG_structure_type, name: "pair", file: !3, line: 32, size: 32, elements: !71)
!71 = !{!72, !74}
!72 = !DIDerivedType(tag: DW_TAG_member, name: "a", scope: !70, file: !3, line: 32, baseType: !73, size: 16)
!73 = !DIBasicType(name: "short", size: 16, encoding: DW_ATE_signed)
!74 = !DIDerivedType(tag: DW_TAG_member, name: "b", scope: !70, file: !3, line: 32, baseType: !73, size: 16, offset: 16)
!75 = distinct !DICompositeType(tag: DW_TAG_structure_type, name: "triple", file: !3, line: 33, size: 192, elements: !76)
!76 = !{!77, !78, !79}
!77 = !DIDerivedType(tag: DW_TAG_member, name: "a", scope: !75, file: !3, line: 33, baseType: !47, size: 64)
!78 = !DIDerivedType(tag: DW_TAG_member, name: "b", scope: !75, file: !3, line: 33, baseType: !47, size: 64, offset: 64)
!79 = !DIDerivedType(tag: DW_TAG_member, name: "c", scope: !75, file: !3, line: 33, baseType: !47, size: 64, offset: 128)
!80 = !{!81, !82, !83, !84, !85, !86, !87, !88, !89, !90, !91}
!81 = !DILocalVariable(name: "pid", arg: 1, scope: !15, file: !3, line: 42, type: !6)
!82 = !DILocalVariable(name: "sig", arg: 2, scope: !15, file: !3, line: 42, type: !6)
!83 = !DILocalVariable(name: "priv", arg: 3, scope: !15, file: !3, line: 42, type: !18)
!84 = !DILocalVariable(name: "level", arg: 4, scope: !15, file: !3, line: 42, type: !19)
!85 = !DILocalVariable(name: "why", arg: 5, scope: !15, file: !3, line: 42, type: !20)
!86 = !DILocalVariable(name: "from", arg: 6, scope: !15, file: !3, line: 42, type: !23)
!87 = !DILocalVariable(name: "handler", arg: 7, scope: !15, file: !3, line: 42, type: !67)
!88 = !DILocalVariable(name: "pair", arg: 8, scope: !15, file: !3, line: 43, type: !70)
!89 = !DILocalVariable(name: "triple", arg: 9, scope: !15, file: !3, line: 43, type: !75)
!90 = !DILocalVariable(name: "weight", arg: 10, scope: !15, file: !3, line: 43, type: !54)
!91 = !DILocalVariable(name: "state", arg: 11, scope: !15, file: !3, line: 43, type: !5)
!92 = !DIGlobalVariableExpression(var: !93, expr: !DIExpression())
!93 = distinct !DIGlobalVariable(name: "limit", scope: !2, file: !3, line: 36, type: !6, isLocal: false, isDefinition: true)
!94 = !DIGlobalVariableExpression(var: !95, expr: !DIExpression())
!95 = distinct !DIGlobalVariable(name: "counter", scope: !2, file: !3, line: 37, type: !6, isLocal: true, isDefinition: true)
!96 = !DICompositeType(tag: DW_TAG_array_type, baseType: !97, size: 128, elements: !98)
!97 = !DIDerivedType(tag: DW_TAG_const_type, baseType: !6)
!98 = !{!99}
!99 = !DISubrange(count: 4)
!100 = !{i32 7, !"Dwarf Version", i32 5}
!101 = !{i32 2, !"Debug Info Version", i32 3}
!102 = !{i32 1, !"wchar_size", i32 4}
!103 = !{i32 7, !"PIC Level", i32 2}
!104 = !{i32 7, !"PIE Level", i32 2}
!105 = !{i32 7, !"uwtable", i32 1}
!106 = !{!"Debian clang version 14.0.6"}
!107 = distinct !DISubprogram(name: "on_signal", scope: !3, file: !3, line: 39, type: !68, scopeLine: 39, flags: DIFlagPrototyped | DIFlagAllCallsDescribed, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !2, retainedNodes: !108)
!108 = !{!109}
!109 = !DILocalVariable(name: "sig", arg: 1, scope: !107, file: !3, line: 39, type: !6)
!110 = !DILocation(line: 0, scope: !107)
!111 = !DILocation(line: 39, column: 26, scope: !107)
!112 = !DILocation(line: 0, scope: !15)
!113 = !DILocation(line: 43, column: 47, scope: !15)
!114 = !DILocation(line: 45, column: 8, scope: !15)
!115 = !{!116, !116, i64 0}
!116 = !{!"int", !117, i64 0}
!117 = !{!"omnipotent char", !118, i64 0}
!118 = !{!"Simple C/C++ TBAA"}
!119 = !DILocation(line: 46, column: 14, scope: !15)
!120 = !DILocation(line: 46, column: 30, scope: !15)
!121 = !{!122, !123, i64 8}
!122 = !{!"triple", !123, i64 0, !123, i64 8, !123, i64 16}
!123 = !{!"long", !117, i64 0}
!124 = !DILocation(line: 46, column: 21, scope: !15)
!125 = !DILocation(line: 46, column: 34, scope: !15)
!126 = !DILocation(line: 46, column: 32, scope: !15)
!127 = !DILocation(line: 46, column: 48, scope: !15)
!128 = !DILocation(line: 46, column: 46, scope: !15)
!129 = !DILocation(line: 46, column: 56, scope: !15)
!130 = !DILocation(line: 46, column: 54, scope: !15)
!131 = !DILocation(line: 46, column: 69, scope: !15)
!132 = !DILocation(line: 46, column: 64, scope: !15)
!133 = !DILocation(line: 46, column: 62, scope: !15)
!134 = !DILocation(line: 46, column: 86, scope: !15)
!135 = !DILocation(line: 46, column: 77, scope: !15)
!136 = !DILocation(line: 46, column: 75, scope: !15)
!137 = !DILocation(line: 46, column: 11, scope: !15)
!138 = !DILocation(line: 47, column: 7, scope: !139)
!139 = distinct !DILexicalBlock(scope: !15, file: !3, line: 47, column: 7)
!140 = !DILocation(line: 47, column: 12, scope: !139)
!141 = !DILocation(line: 47, column: 15, scope: !139)
!142 = !{!143, !143, i64 0}
!143 = !{!"any pointer", !117, i64 0}
!144 = !DILocation(line: 47, column: 24, scope: !139)
!145 = !{!146, !143, i64 8}
!146 = !{!"task", !116, i64 0, !143, i64 8, !143, i64 16, !116, i64 24, !116, i64 24, !116, i64 25, !117, i64 28, !117, i64 32, !147, i64 40, !148, i64 48, !143, i64 64, !143, i64 72, !117, i64 80, !143, i64 96}
!147 = !{!"double", !117, i64 0}
!148 = !{!"__int128", !117, i64 0}
!149 = !DILocation(line: 47, column: 30, scope: !139)
!150 = !{!151, !116, i64 4}
!151 = !{!"cred", !116, i64 0, !116, i64 4, !152, i64 8, !116, i64 12}
!152 = !{!"_Bool", !117, i64 0}
!153 = !DILocation(line: 47, column: 44, scope: !139)
!154 = !DILocation(line: 47, column: 50, scope: !139)
!155 = !DILocation(line: 47, column: 35, scope: !139)
!156 = !DILocation(line: 47, column: 7, scope: !15)
!157 = !DILocation(line: 48, column: 25, scope: !139)
!158 = !DILocation(line: 48, column: 33, scope: !139)
!159 = !DILocation(line: 48, column: 31, scope: !139)
!160 = !DILocation(line: 48, column: 43, scope: !139)
!161 = !DILocation(line: 48, column: 41, scope: !139)
!162 = !DILocation(line: 48, column: 12, scope: !139)
!163 = !DILocation(line: 48, column: 5, scope: !139)
!164 = !DILocation(line: 49, column: 3, scope: !15)
!165 = !DILocation(line: 50, column: 1, scope: !15)
!166 = !DISubprogram(name: "declared", scope: !3, file: !3, line: 40, type: !68, flags: DIFlagPrototyped, spFlags: DISPFlagOptimized, retainedNodes: !167)
!167 = !{}
