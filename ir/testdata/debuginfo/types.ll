; ModuleID = '<stdin>'
source_filename = "types.c"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

%struct.task = type { i32, i16, i40, %struct.task*, %struct.cred*, %union.anon, i32, [2 x %struct.inner], i32 (i32)*, i8, %struct.point_t, %struct.fwd*, [0 x i8] }
%struct.cred = type { i32, i32 }
%union.anon = type { i32 }
%struct.inner = type { i16, [3 x i8] }
%struct.point_t = type { i32, i32 }
%struct.fwd = type opaque
%struct.big = type { i64, i64, i64 }
%struct.list = type { %struct.list*, %struct.list*, %struct.list** }
%struct.anon = type { i16, i16 }

@table = dso_local global [4 x [3 x i32]] [[3 x i32] [i32 1, i32 0, i32 0], [3 x i32] zeroinitializer, [3 x i32] zeroinitializer, [3 x i32] zeroinitializer], align 16, !dbg !0
@f.calls = internal global i32 0, align 4, !dbg !16
@current = external global %struct.task*, align 8
@counter = internal global i32 0, align 4, !dbg !140
@__const.f.g = private unnamed_addr constant { i8, i8, i8, i8, i8, i8, i8, i8, i8, i8, i8, i8 } { i8 1, i8 0, i8 0, i8 undef, i8 0, i8 0, i8 0, i8 undef, i8 0, i8 0, i8 0, i8 undef }, align 4
@g_u = dso_local global i32 0, align 4, !dbg !142
@atomic = dso_local global i32 0, align 4, !dbg !137

; Function Attrs: nounwind uwtable
define dso_local i32 @f(i32 noundef %0, i1 noundef zeroext %1, i16 noundef signext %2, i8 noundef zeroext %3, i32 %4, %struct.big* noundef byval(%struct.big) align 8 %5, %struct.task* noundef %6, i8* noundef %7, i32 noundef %8) #0 !dbg !18 {
  %.sroa.4 = alloca { %struct.list*, %struct.list** }, align 8
  call void @llvm.dbg.declare(metadata { %struct.list*, %struct.list** }* %.sroa.4, metadata !109, metadata !DIExpression(DW_OP_LLVM_fragment, 64, 128)), !dbg !154
  call void @llvm.dbg.declare(metadata [7 x i8]* undef, metadata !124, metadata !DIExpression(DW_OP_LLVM_fragment, 8, 56)), !dbg !155
  %.sroa.0 = alloca { i16, i8, i24 }, align 8
  call void @llvm.dbg.declare(metadata { i16, i8, i24 }* %.sroa.0, metadata !129, metadata !DIExpression(DW_OP_LLVM_fragment, 0, 64)), !dbg !156
  %.sroa.041.0.extract.trunc = trunc i32 %4 to i16
  call void @llvm.dbg.value(metadata i16 %.sroa.041.0.extract.trunc, metadata !101, metadata !DIExpression(DW_OP_LLVM_fragment, 0, 16)), !dbg !157
  %.sroa.2.0.extract.shift = lshr i32 %4, 16
  %.sroa.2.0.extract.trunc = trunc i32 %.sroa.2.0.extract.shift to i16
  call void @llvm.dbg.value(metadata i16 %.sroa.2.0.extract.trunc, metadata !101, metadata !DIExpression(DW_OP_LLVM_fragment, 16, 16)), !dbg !157
  call void @llvm.dbg.value(metadata i32 %0, metadata !97, metadata !DIExpression()), !dbg !157
  %10 = zext i1 %1 to i8
  call void @llvm.dbg.value(metadata i8 %10, metadata !98, metadata !DIExpression()), !dbg !157
  call void @llvm.dbg.value(metadata i16 %2, metadata !99, metadata !DIExpression()), !dbg !157
  call void @llvm.dbg.value(metadata i8 %3, metadata !100, metadata !DIExpression()), !dbg !157
  call void @llvm.dbg.declare(metadata %struct.big* %5, metadata !102, metadata !DIExpression()), !dbg !158
  call void @llvm.dbg.value(metadata %struct.task* %6, metadata !103, metadata !DIExpression()), !dbg !157
  call void @llvm.dbg.value(metadata i8* %7, metadata !104, metadata !DIExpression()), !dbg !157
  call void @llvm.dbg.value(metadata i32 %8, metadata !105, metadata !DIExpression()), !dbg !157
  %11 = load i32, i32* @f.calls, align 4, !dbg !159, !tbaa !160
  %12 = add nsw i32 %11, 1, !dbg !159
  store i32 %12, i32* @f.calls, align 4, !dbg !159, !tbaa !160
  %13 = trunc i8 %10 to i1, !dbg !164
  %14 = zext i1 %13 to i32, !dbg !164
  %15 = add nsw i32 %0, %14, !dbg !165
  %16 = sext i16 %2 to i32, !dbg !166
  %17 = add nsw i32 %15, %16, !dbg !167
  %18 = zext i8 %3 to i32, !dbg !168
  %19 = add nsw i32 %17, %18, !dbg !169
  %20 = sext i16 %.sroa.041.0.extract.trunc to i32, !dbg !170
  %21 = add nsw i32 %19, %20, !dbg !171
  %22 = sext i32 %21 to i64, !dbg !172
  %23 = getelementptr inbounds %struct.big, %struct.big* %5, i32 0, i32 1, !dbg !173
  %24 = load i64, i64* %23, align 8, !dbg !173, !tbaa !174
  %25 = add nsw i64 %22, %24, !dbg !177
  %26 = getelementptr inbounds %struct.task, %struct.task* %6, i32 0, i32 1, !dbg !178
  %27 = load i16, i16* %26, align 4, !dbg !178
  %28 = lshr i16 %27, 3, !dbg !178
  %29 = and i16 %28, 31, !dbg !178
  %30 = zext i16 %29 to i32, !dbg !178
  %31 = zext i32 %30 to i64, !dbg !179
  %32 = add nsw i64 %25, %31, !dbg !180
  %33 = getelementptr inbounds %struct.task, %struct.task* %6, i32 0, i32 1, !dbg !181
  %34 = load i16, i16* %33, align 4, !dbg !181
  %35 = shl i16 %34, 4, !dbg !181
  %36 = ashr i16 %35, 12, !dbg !181
  %37 = sext i16 %36 to i32, !dbg !181
  %38 = sext i32 %37 to i64, !dbg !182
  %39 = add nsw i64 %32, %38, !dbg !183
  %40 = getelementptr inbounds %struct.task, %struct.task* %6, i32 0, i32 2, !dbg !184
  %41 = bitcast i40* %40 to i64*, !dbg !184
  %42 = load i64, i64* %41, align 8, !dbg !184
  %43 = and i64 %42, 1099511627775, !dbg !184
  %44 = add i64 %39, %43, !dbg !185
  %45 = getelementptr inbounds %struct.task, %struct.task* %6, i32 0, i32 1, !dbg !186
  %46 = load i16, i16* %45, align 4, !dbg !186
  %47 = and i16 %46, 7, !dbg !186
  %48 = zext i16 %47 to i32, !dbg !186
  %49 = zext i32 %48 to i64, !dbg !187
  %50 = add i64 %44, %49, !dbg !188
  %51 = sext i32 %8 to i64, !dbg !189
  %52 = add i64 %50, %51, !dbg !190
  %53 = trunc i64 %52 to i32, !dbg !172
  call void @llvm.dbg.value(metadata i32 %53, metadata !106, metadata !DIExpression()), !dbg !157
  %54 = load %struct.task*, %struct.task** @current, align 8, !dbg !191, !tbaa !193
  %55 = getelementptr inbounds %struct.task, %struct.task* %54, i32 0, i32 4, !dbg !195
  %56 = load %struct.cred*, %struct.cred** %55, align 8, !dbg !195, !tbaa !193
  %57 = getelementptr inbounds %struct.cred, %struct.cred* %56, i32 0, i32 0, !dbg !196
  %58 = load volatile i32, i32* %57, align 4, !dbg !196, !tbaa !197
  %59 = getelementptr inbounds %struct.task, %struct.task* %6, i32 0, i32 4, !dbg !199
  %60 = load %struct.cred*, %struct.cred** %59, align 8, !dbg !199, !tbaa !193
  %61 = getelementptr inbounds %struct.cred, %struct.cred* %60, i32 0, i32 0, !dbg !200
  %62 = load volatile i32, i32* %61, align 4, !dbg !200, !tbaa !197
  %63 = icmp eq i32 %58, %62, !dbg !201
  br i1 %63, label %64, label %71, !dbg !202

64:                                               ; preds = %9
  %65 = getelementptr inbounds %struct.task, %struct.task* %6, i32 0, i32 9, !dbg !203
  %66 = load i8, i8* %65, align 8, !dbg !203, !tbaa !204, !range !206
  %67 = trunc i8 %66 to i1, !dbg !203
  br i1 %67, label %68, label %71, !dbg !207

68:                                               ; preds = %64
  %69 = load i32, i32* @counter, align 4, !dbg !208, !tbaa !160
  %70 = add nsw i32 %69, 1, !dbg !208
  store i32 %70, i32* @counter, align 4, !dbg !208, !tbaa !160
  br label %71, !dbg !209

71:                                               ; preds = %68, %64, %9
  call void @llvm.dbg.value(metadata i32 0, metadata !107, metadata !DIExpression()), !dbg !210
  br label %72, !dbg !211

72:                                               ; preds = %95, %71
  %.042 = phi i32 [ 0, %71 ], [ %96, %95 ], !dbg !210
  %.0 = phi i32 [ %53, %71 ], [ %94, %95 ], !dbg !157
  call void @llvm.dbg.value(metadata i32 %.0, metadata !106, metadata !DIExpression()), !dbg !157
  call void @llvm.dbg.value(metadata i32 %.042, metadata !107, metadata !DIExpression()), !dbg !210
  %73 = icmp slt i32 %.042, 3, !dbg !212
  br i1 %73, label %75, label %74, !dbg !214

74:                                               ; preds = %72
  br label %97

75:                                               ; preds = %72
  %76 = sext i32 %.042 to i64, !dbg !215
  %77 = getelementptr inbounds [4 x [3 x i32]], [4 x [3 x i32]]* @table, i64 0, i64 %76, !dbg !215
  %78 = getelementptr inbounds [3 x i32], [3 x i32]* %77, i64 0, i64 1, !dbg !215
  %79 = load i32, i32* %78, align 4, !dbg !215, !tbaa !160
  %80 = getelementptr inbounds %struct.task, %struct.task* %6, i32 0, i32 7, !dbg !216
  %81 = getelementptr inbounds [2 x %struct.inner], [2 x %struct.inner]* %80, i64 0, i64 1, !dbg !217
  %82 = getelementptr inbounds %struct.inner, %struct.inner* %81, i32 0, i32 1, !dbg !218
  %83 = sext i32 %.042 to i64, !dbg !217
  %84 = getelementptr inbounds [3 x i8], [3 x i8]* %82, i64 0, i64 %83, !dbg !217
  %85 = load i8, i8* %84, align 1, !dbg !217, !tbaa !219
  %86 = zext i8 %85 to i32, !dbg !217
  %87 = add nsw i32 %79, %86, !dbg !220
  %88 = getelementptr inbounds %struct.task, %struct.task* %6, i32 0, i32 5, !dbg !221
  %89 = bitcast %union.anon* %88 to %struct.anon*, !dbg !221
  %90 = getelementptr inbounds %struct.anon, %struct.anon* %89, i32 0, i32 1, !dbg !221
  %91 = load i16, i16* %90, align 2, !dbg !221, !tbaa !219
  %92 = sext i16 %91 to i32, !dbg !222
  %93 = add nsw i32 %87, %92, !dbg !223
  %94 = add nsw i32 %.0, %93, !dbg !224
  call void @llvm.dbg.value(metadata i32 %94, metadata !106, metadata !DIExpression()), !dbg !157
  br label %95, !dbg !225

95:                                               ; preds = %75
  %96 = add nsw i32 %.042, 1, !dbg !226
  call void @llvm.dbg.value(metadata i32 %96, metadata !107, metadata !DIExpression()), !dbg !210
  br label %72, !dbg !227, !llvm.loop !228

97:                                               ; preds = %74
  %.sroa.4.0.sroa_cast14 = bitcast { %struct.list*, %struct.list** }* %.sroa.4 to i8*, !dbg !232
  call void @llvm.lifetime.start.p0i8(i64 16, i8* %.sroa.4.0.sroa_cast14), !dbg !232
  %98 = ptrtoint %struct.list* null to i64, !dbg !154
  call void @llvm.dbg.value(metadata %struct.list* null, metadata !109, metadata !DIExpression(DW_OP_LLVM_fragment, 0, 64)), !dbg !157
  %.sroa.4.0.sroa_cast15 = bitcast { %struct.list*, %struct.list** }* %.sroa.4 to i8*, !dbg !154
  call void @llvm.memset.p0i8.i64(i8* align 8 %.sroa.4.0.sroa_cast15, i8 0, i64 16, i1 false), !dbg !154
  %99 = getelementptr inbounds %struct.task, %struct.task* %6, i32 0, i32 0, !dbg !233
  %100 = load i32, i32* %99, align 8, !dbg !233, !tbaa !160
  %101 = trunc i32 %100 to i8, !dbg !234
  %102 = and i8 %101, 31, !dbg !234
  %103 = and i8 undef, -32, !dbg !234
  %104 = or i8 %103, %102, !dbg !234
  call void @llvm.dbg.value(metadata i8 %104, metadata !124, metadata !DIExpression(DW_OP_LLVM_fragment, 0, 8)), !dbg !157
  %.sroa.0.0.sroa_cast4 = bitcast { i16, i8, i24 }* %.sroa.0 to i8*, !dbg !235
  call void @llvm.lifetime.start.p0i8(i64 8, i8* %.sroa.0.0.sroa_cast4), !dbg !235
  %.sroa.0.0.sroa_cast1 = bitcast { i16, i8, i24 }* %.sroa.0 to i8*, !dbg !156
  call void @llvm.memcpy.p0i8.p0i8.i64(i8* align 8 %.sroa.0.0.sroa_cast1, i8* align 4 getelementptr inbounds ({ i8, i8, i8, i8, i8, i8, i8, i8, i8, i8, i8, i8 }, { i8, i8, i8, i8, i8, i8, i8, i8, i8, i8, i8, i8 }* @__const.f.g, i64 0, i32 0), i64 8, i1 false), !dbg !156
  %.sroa.3.0.copyload = load i32, i32* bitcast (i8* getelementptr inbounds ({ i8, i8, i8, i8, i8, i8, i8, i8, i8, i8, i8, i8 }, { i8, i8, i8, i8, i8, i8, i8, i8, i8, i8, i8, i8 }* @__const.f.g, i64 0, i32 8) to i32*), align 4, !dbg !156
  call void @llvm.dbg.value(metadata i32 %.sroa.3.0.copyload, metadata !129, metadata !DIExpression(DW_OP_LLVM_fragment, 64, 32)), !dbg !157
  %105 = icmp ne %struct.list* null, null, !dbg !236
  br i1 %105, label %106, label %113, !dbg !237

106:                                              ; preds = %97
  %107 = and i8 %104, 31, !dbg !238
  %108 = zext i8 %107 to i32, !dbg !238
  %109 = icmp eq i32 %108, 77, !dbg !239
  br i1 %109, label %110, label %113, !dbg !240

110:                                              ; preds = %106
  %111 = and i32 %.sroa.3.0.copyload, 1048575, !dbg !241
  %112 = icmp ne i32 %111, 0, !dbg !240
  br label %113

113:                                              ; preds = %110, %106, %97
  %114 = phi i1 [ false, %106 ], [ false, %97 ], [ %112, %110 ], !dbg !157
  %115 = zext i1 %114 to i32, !dbg !240
  %116 = add nsw i32 %.0, %115, !dbg !242
  call void @llvm.dbg.value(metadata i32 %116, metadata !106, metadata !DIExpression()), !dbg !157
  %117 = load i32, i32* @counter, align 4, !dbg !243, !tbaa !160
  %118 = add nsw i32 %116, %117, !dbg !244
  %119 = load i32, i32* @g_u, align 4, !dbg !245, !tbaa !160
  %120 = add i32 %118, %119, !dbg !246
  %121 = load atomic i32, i32* @atomic seq_cst, align 4, !dbg !247, !tbaa !219
  %122 = add i32 %120, %121, !dbg !248
  %.sroa.0.0.sroa_cast5 = bitcast { i16, i8, i24 }* %.sroa.0 to i8*, !dbg !249
  call void @llvm.lifetime.end.p0i8(i64 8, i8* %.sroa.0.0.sroa_cast5), !dbg !249
  %.sroa.4.0.sroa_cast16 = bitcast { %struct.list*, %struct.list** }* %.sroa.4 to i8*, !dbg !249
  call void @llvm.lifetime.end.p0i8(i64 16, i8* %.sroa.4.0.sroa_cast16), !dbg !249
  ret i32 %122, !dbg !250
}

; Function Attrs: nofree nosync nounwind readnone speculatable willreturn
declare void @llvm.dbg.declare(metadata, metadata, metadata) #1

; Function Attrs: argmemonly nofree nosync nounwind willreturn
declare void @llvm.lifetime.start.p0i8(i64 immarg, i8* nocapture) #2

; Function Attrs: argmemonly nofree nosync nounwind willreturn
declare void @llvm.lifetime.end.p0i8(i64 immarg, i8* nocapture) #2

; Function Attrs: argmemonly nofree nounwind willreturn writeonly
declare void @llvm.memset.p0i8.i64(i8* nocapture writeonly, i8, i64, i1 immarg) #3

; Function Attrs: argmemonly nofree nounwind willreturn
declare void @llvm.memcpy.p0i8.p0i8.i64(i8* noalias nocapture writeonly, i8* noalias nocapture readonly, i64, i1 immarg) #4

; Function Attrs: nounwind uwtable
define dso_local void @h(%struct.big* noalias sret(%struct.big) align 8 %0, i32 noundef %1, i64 %2, i64 noundef %3, i64 noundef %4, i64 noundef %5, double noundef %6, i64 noundef %7) #0 !dbg !251 {
  %.sroa.04.0.extract.trunc = trunc i64 %2 to i32
  call void @llvm.dbg.value(metadata i32 %.sroa.04.0.extract.trunc, metadata !260, metadata !DIExpression(DW_OP_LLVM_fragment, 0, 32)), !dbg !266
  %.sroa.25.0.extract.shift = lshr i64 %2, 32
  %.sroa.25.0.extract.trunc = trunc i64 %.sroa.25.0.extract.shift to i32
  call void @llvm.dbg.value(metadata i32 %.sroa.25.0.extract.trunc, metadata !260, metadata !DIExpression(DW_OP_LLVM_fragment, 32, 32)), !dbg !266
  %.sroa.2.0.insert.ext = zext i64 %5 to i128
  %.sroa.2.0.insert.shift = shl i128 %.sroa.2.0.insert.ext, 64
  %.sroa.2.0.insert.mask = and i128 undef, 18446744073709551615
  %.sroa.2.0.insert.insert = or i128 %.sroa.2.0.insert.mask, %.sroa.2.0.insert.shift
  %.sroa.0.0.insert.ext = zext i64 %4 to i128
  %.sroa.0.0.insert.mask = and i128 %.sroa.2.0.insert.insert, -18446744073709551616
  %.sroa.0.0.insert.insert = or i128 %.sroa.0.0.insert.mask, %.sroa.0.0.insert.ext
  call void @llvm.dbg.value(metadata i32 %1, metadata !259, metadata !DIExpression()), !dbg !266
  call void @llvm.dbg.value(metadata i64 %3, metadata !261, metadata !DIExpression()), !dbg !266
  call void @llvm.dbg.value(metadata i128 %.sroa.0.0.insert.insert, metadata !262, metadata !DIExpression()), !dbg !266
  call void @llvm.dbg.value(metadata double %6, metadata !263, metadata !DIExpression()), !dbg !266
  call void @llvm.dbg.value(metadata i64 %7, metadata !264, metadata !DIExpression()), !dbg !266
  call void @llvm.dbg.declare(metadata %struct.big* %0, metadata !265, metadata !DIExpression()), !dbg !267
  %9 = getelementptr inbounds %struct.big, %struct.big* %0, i32 0, i32 0, !dbg !268
  %10 = sext i32 %1 to i64, !dbg !269
  store i64 %10, i64* %9, align 8, !dbg !268, !tbaa !270
  %11 = getelementptr inbounds %struct.big, %struct.big* %0, i32 0, i32 1, !dbg !268
  %12 = sext i32 %.sroa.04.0.extract.trunc to i64, !dbg !271
  store i64 %12, i64* %11, align 8, !dbg !268, !tbaa !174
  %13 = getelementptr inbounds %struct.big, %struct.big* %0, i32 0, i32 2, !dbg !268
  %14 = sext i64 %3 to i128, !dbg !272
  %15 = add nsw i128 %14, %.sroa.0.0.insert.insert, !dbg !273
  %16 = sitofp i128 %15 to double, !dbg !272
  %17 = fadd double %16, %6, !dbg !274
  %18 = uitofp i64 %7 to double, !dbg !275
  %19 = fadd double %17, %18, !dbg !276
  %20 = fptosi double %19 to i64, !dbg !272
  store i64 %20, i64* %13, align 8, !dbg !268, !tbaa !277
  ret void, !dbg !278
}

; Function Attrs: nofree nosync nounwind readnone speculatable willreturn
declare void @llvm.dbg.value(metadata, metadata, metadata) #1

attributes #0 = { nounwind uwtable "frame-pointer"="none" "min-legal-vector-width"="0" "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="x86-64" "target-features"="+cx8,+fxsr,+mmx,+sse,+sse2,+x87" "tune-cpu"="generic" }
attributes #1 = { nofree nosync nounwind readnone speculatable willreturn }
attributes #2 = { argmemonly nofree nosync nounwind willreturn }
attributes #3 = { argmemonly nofree nounwind willreturn writeonly }
attributes #4 = { argmemonly nofree nounwind willreturn }

!llvm.dbg.cu = !{!2}
!llvm.module.flags = !{!147, !148, !149, !150, !151, !152}
!llvm.ident = !{!153}

!0 = !DIGlobalVariableExpression(var: !1, expr: !DIExpression())
!1 = distinct !DIGlobalVariable(name: "table", scope: !2, file: !3, line: 27, type: !144, isLocal: false, isDefinition: true)
!2 = distinct !DICompileUnit(language: DW_LANG_C99, file: !3, producer: "Debian clang version 14.0.6", isOptimized: true, runtimeVersion: 0, emissionKind: FullDebug, enums: !4, globals: !15, splitDebugInlining: false, nameTableKind: None)
!3 = !DIFile(filename: "types.c", directory: ".", checksumkind: CSK_MD5, checksum: "6ef30330e3c0ec5458738eb46a51e48f")
!4 = !{!5, !11}
!5 = !DICompositeType(tag: DW_TAG_enumeration_type, name: "color", file: !3, line: 10, baseType: !6, size: 32, elements: !7)
!6 = !DIBasicType(name: "int", size: 32, encoding: DW_ATE_signed)
!7 = !{!8, !9, !10}
!8 = !DIEnumerator(name: "RED", value: 0)
!9 = !DIEnumerator(name: "GREEN", value: 5)
!10 = !DIEnumerator(name: "BLUE", value: -1)
!11 = !DICompositeType(tag: DW_TAG_enumeration_type, file: !3, line: 22, baseType: !12, size: 32, elements: !13)
!12 = !DIBasicType(name: "unsigned int", size: 32, encoding: DW_ATE_unsigned)
!13 = !{!14}
!14 = !DIEnumerator(name: "ANONYMOUS", value: 77)
!15 = !{!0, !16, !137, !140, !142}
!16 = !DIGlobalVariableExpression(var: !17, expr: !DIExpression())
!17 = distinct !DIGlobalVariable(name: "calls", scope: !18, file: !3, line: 30, type: !6, isLocal: true, isDefinition: true)
!18 = distinct !DISubprogram(name: "f", scope: !3, file: !3, line: 29, type: !19, scopeLine: 29, flags: DIFlagPrototyped | DIFlagAllCallsDescribed, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !2, retainedNodes: !96)
!19 = !DISubroutineType(types: !20)
!20 = !{!6, !6, !21, !23, !24, !25, !29, !35, !95, !5}
!21 = !DIDerivedType(tag: DW_TAG_typedef, name: "bool", file: !3, line: 4, baseType: !22)
!22 = !DIBasicType(name: "_Bool", size: 8, encoding: DW_ATE_boolean)
!23 = !DIBasicType(name: "short", size: 16, encoding: DW_ATE_signed)
!24 = !DIBasicType(name: "unsigned char", size: 8, encoding: DW_ATE_unsigned_char)
!25 = distinct !DICompositeType(tag: DW_TAG_structure_type, name: "bs", file: !3, line: 24, size: 32, elements: !26)
!26 = !{!27, !28}
!27 = !DIDerivedType(tag: DW_TAG_member, name: "a", scope: !25, file: !3, line: 24, baseType: !23, size: 16)
!28 = !DIDerivedType(tag: DW_TAG_member, name: "b", scope: !25, file: !3, line: 24, baseType: !23, size: 16, offset: 16)
!29 = distinct !DICompositeType(tag: DW_TAG_structure_type, name: "big", file: !3, line: 25, size: 192, elements: !30)
!30 = !{!31, !33, !34}
!31 = !DIDerivedType(tag: DW_TAG_member, name: "a", scope: !29, file: !3, line: 25, baseType: !32, size: 64)
!32 = !DIBasicType(name: "long", size: 64, encoding: DW_ATE_signed)
!33 = !DIDerivedType(tag: DW_TAG_member, name: "b", scope: !29, file: !3, line: 25, baseType: !32, size: 64, offset: 64)
!34 = !DIDerivedType(tag: DW_TAG_member, name: "c", scope: !29, file: !3, line: 25, baseType: !32, size: 64, offset: 128)
!35 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !36, size: 64)
!36 = distinct !DICompositeType(tag: DW_TAG_structure_type, name: "task", file: !3, line: 13, size: 704, elements: !37)
!37 = !{!38, !39, !40, !41, !42, !44, !45, !55, !64, !65, !76, !80, !81, !87, !90}
!38 = !DIDerivedType(tag: DW_TAG_member, name: "pid", scope: !36, file: !3, line: 14, baseType: !6, size: 32)
!39 = !DIDerivedType(tag: DW_TAG_member, name: "flags", scope: !36, file: !3, line: 14, baseType: !12, size: 3, offset: 32, flags: DIFlagBitField, extraData: i64 32)
!40 = !DIDerivedType(tag: DW_TAG_member, name: "mode", scope: !36, file: !3, line: 14, baseType: !12, size: 5, offset: 35, flags: DIFlagBitField, extraData: i64 32)
!41 = !DIDerivedType(tag: DW_TAG_member, name: "sg", scope: !36, file: !3, line: 14, baseType: !6, size: 4, offset: 40, flags: DIFlagBitField, extraData: i64 32)
!42 = !DIDerivedType(tag: DW_TAG_member, name: "wide", scope: !36, file: !3, line: 14, baseType: !43, size: 40, offset: 64, flags: DIFlagBitField, extraData: i64 64)
!43 = !DIBasicType(name: "unsigned long", size: 64, encoding: DW_ATE_unsigned)
!44 = !DIDerivedType(tag: DW_TAG_member, name: "next", scope: !36, file: !3, line: 15, baseType: !35, size: 64, offset: 128)
!45 = !DIDerivedType(tag: DW_TAG_member, name: "cred", scope: !36, file: !3, line: 15, baseType: !46, size: 64, offset: 192)
!46 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !47, size: 64)
!47 = !DIDerivedType(tag: DW_TAG_const_type, baseType: !48)
!48 = distinct !DICompositeType(tag: DW_TAG_structure_type, name: "cred", file: !3, line: 12, size: 64, elements: !49)
!49 = !{!50, !52}
!50 = !DIDerivedType(tag: DW_TAG_member, name: "euid", scope: !48, file: !3, line: 12, baseType: !51, size: 32)
!51 = !DIDerivedType(tag: DW_TAG_volatile_type, baseType: !6)
!52 = !DIDerivedType(tag: DW_TAG_member, name: "uid", scope: !48, file: !3, line: 12, baseType: !53, size: 32, offset: 32)
!53 = !DIDerivedType(tag: DW_TAG_const_type, baseType: !54)
!54 = !DIDerivedType(tag: DW_TAG_typedef, name: "uint32_t", file: !3, line: 5, baseType: !12)
!55 = !DIDerivedType(tag: DW_TAG_member, scope: !36, file: !3, line: 16, baseType: !56, size: 32, offset: 256)
!56 = distinct !DICompositeType(tag: DW_TAG_union_type, scope: !36, file: !3, line: 16, size: 32, elements: !57)
!57 = !{!58, !59}
!58 = !DIDerivedType(tag: DW_TAG_member, name: "a", scope: !56, file: !3, line: 16, baseType: !6, size: 32)
!59 = !DIDerivedType(tag: DW_TAG_member, scope: !56, file: !3, line: 16, baseType: !60, size: 32)
!60 = distinct !DICompositeType(tag: DW_TAG_structure_type, scope: !56, file: !3, line: 16, size: 32, elements: !61)
!61 = !{!62, !63}
!62 = !DIDerivedType(tag: DW_TAG_member, name: "lo", scope: !60, file: !3, line: 16, baseType: !23, size: 16)
!63 = !DIDerivedType(tag: DW_TAG_member, name: "hi", scope: !60, file: !3, line: 16, baseType: !23, size: 16, offset: 16)
!64 = !DIDerivedType(tag: DW_TAG_member, name: "col", scope: !36, file: !3, line: 17, baseType: !5, size: 32, offset: 288)
!65 = !DIDerivedType(tag: DW_TAG_member, name: "in", scope: !36, file: !3, line: 17, baseType: !66, size: 96, offset: 320)
!66 = !DICompositeType(tag: DW_TAG_array_type, baseType: !67, size: 96, elements: !74)
!67 = distinct !DICompositeType(tag: DW_TAG_structure_type, name: "inner", file: !3, line: 11, size: 48, elements: !68)
!68 = !{!69, !70}
!69 = !DIDerivedType(tag: DW_TAG_member, name: "s", scope: !67, file: !3, line: 11, baseType: !23, size: 16)
!70 = !DIDerivedType(tag: DW_TAG_member, name: "c", scope: !67, file: !3, line: 11, baseType: !71, size: 24, offset: 16)
!71 = !DICompositeType(tag: DW_TAG_array_type, baseType: !24, size: 24, elements: !72)
!72 = !{!73}
!73 = !DISubrange(count: 3)
!74 = !{!75}
!75 = !DISubrange(count: 2)
!76 = !DIDerivedType(tag: DW_TAG_member, name: "fn", scope: !36, file: !3, line: 17, baseType: !77, size: 64, offset: 448)
!77 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !78, size: 64)
!78 = !DISubroutineType(types: !79)
!79 = !{!6, !6}
!80 = !DIDerivedType(tag: DW_TAG_member, name: "ok", scope: !36, file: !3, line: 17, baseType: !21, size: 8, offset: 512)
!81 = !DIDerivedType(tag: DW_TAG_member, name: "pt", scope: !36, file: !3, line: 17, baseType: !82, size: 64, offset: 544)
!82 = !DIDerivedType(tag: DW_TAG_typedef, name: "point_t", file: !3, line: 8, baseType: !83)
!83 = distinct !DICompositeType(tag: DW_TAG_structure_type, file: !3, line: 8, size: 64, elements: !84)
!84 = !{!85, !86}
!85 = !DIDerivedType(tag: DW_TAG_member, name: "x", scope: !83, file: !3, line: 8, baseType: !6, size: 32)
!86 = !DIDerivedType(tag: DW_TAG_member, name: "y", scope: !83, file: !3, line: 8, baseType: !6, size: 32, offset: 32)
!87 = !DIDerivedType(tag: DW_TAG_member, name: "f", scope: !36, file: !3, line: 17, baseType: !88, size: 64, offset: 640)
!88 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !89, size: 64)
!89 = !DICompositeType(tag: DW_TAG_structure_type, name: "fwd", file: !3, line: 9, flags: DIFlagFwdDecl)
!90 = !DIDerivedType(tag: DW_TAG_member, name: "name", scope: !36, file: !3, line: 18, baseType: !91, offset: 704)
!91 = !DICompositeType(tag: DW_TAG_array_type, baseType: !92, elements: !93)
!92 = !DIBasicType(name: "char", size: 8, encoding: DW_ATE_signed_char)
!93 = !{!94}
!94 = !DISubrange(count: -1)
!95 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: null, size: 64)
!96 = !{!97, !98, !99, !100, !101, !102, !103, !104, !105, !106, !107, !109, !124, !129}
!97 = !DILocalVariable(name: "pid", arg: 1, scope: !18, file: !3, line: 29, type: !6)
!98 = !DILocalVariable(name: "b", arg: 2, scope: !18, file: !3, line: 29, type: !21)
!99 = !DILocalVariable(name: "s", arg: 3, scope: !18, file: !3, line: 29, type: !23)
!100 = !DILocalVariable(name: "c", arg: 4, scope: !18, file: !3, line: 29, type: !24)
!101 = !DILocalVariable(name: "bs", arg: 5, scope: !18, file: !3, line: 29, type: !25)
!102 = !DILocalVariable(name: "big", arg: 6, scope: !18, file: !3, line: 29, type: !29)
!103 = !DILocalVariable(name: "t", arg: 7, scope: !18, file: !3, line: 29, type: !35)
!104 = !DILocalVariable(name: "unused", arg: 8, scope: !18, file: !3, line: 29, type: !95)
!105 = !DILocalVariable(name: "col", arg: 9, scope: !18, file: !3, line: 29, type: !5)
!106 = !DILocalVariable(name: "sum", scope: !18, file: !3, line: 31, type: !6)
!107 = !DILocalVariable(name: "i", scope: !108, file: !3, line: 33, type: !6)
!108 = distinct !DILexicalBlock(scope: !18, file: !3, line: 33, column: 3)
!109 = !DILocalVariable(name: "l", scope: !18, file: !3, line: 34, type: !110)
!110 = distinct !DICompositeType(tag: DW_TAG_structure_type, name: "list", file: !3, line: 19, size: 192, elements: !111)
!111 = !{!112, !115, !119}
!112 = !DIDerivedType(tag: DW_TAG_member, name: "next", scope: !110, file: !3, line: 19, baseType: !113, size: 64)
!113 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !114, size: 64)
!114 = !DIDerivedType(tag: DW_TAG_typedef, name: "list_t", file: !3, line: 7, baseType: !110)
!115 = !DIDerivedType(tag: DW_TAG_member, name: "back", scope: !110, file: !3, line: 19, baseType: !116, size: 64, offset: 64)
!116 = !DIDerivedType(tag: DW_TAG_volatile_type, baseType: !117)
!117 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !118, size: 64)
!118 = !DIDerivedType(tag: DW_TAG_volatile_type, baseType: !110)
!119 = !DIDerivedType(tag: DW_TAG_member, name: "all", scope: !110, file: !3, line: 19, baseType: !120, size: 64, offset: 128)
!120 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !121, size: 64)
!121 = !DIDerivedType(tag: DW_TAG_const_type, baseType: !122)
!122 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !123, size: 64)
!123 = !DIDerivedType(tag: DW_TAG_const_type, baseType: !114)
!124 = !DILocalVariable(name: "ub", scope: !18, file: !3, line: 34, type: !125)
!125 = distinct !DICompositeType(tag: DW_TAG_union_type, name: "bits", file: !3, line: 20, size: 64, elements: !126)
!126 = !{!127, !128}
!127 = !DIDerivedType(tag: DW_TAG_member, name: "low", scope: !125, file: !3, line: 20, baseType: !12, size: 5, flags: DIFlagBitField, extraData: i64 0)
!128 = !DIDerivedType(tag: DW_TAG_member, name: "whole", scope: !125, file: !3, line: 20, baseType: !32, size: 64)
!129 = !DILocalVariable(name: "g", scope: !18, file: !3, line: 34, type: !130)
!130 = distinct !DICompositeType(tag: DW_TAG_structure_type, name: "gap", file: !3, line: 21, size: 96, elements: !131)
!131 = !{!132, !133, !134, !135, !136}
!132 = !DIDerivedType(tag: DW_TAG_member, name: "a", scope: !130, file: !3, line: 21, baseType: !12, size: 3, flags: DIFlagBitField, extraData: i64 0)
!133 = !DIDerivedType(tag: DW_TAG_member, name: "b", scope: !130, file: !3, line: 21, baseType: !12, size: 3, offset: 7, flags: DIFlagBitField, extraData: i64 0)
!134 = !DIDerivedType(tag: DW_TAG_member, name: "after", scope: !130, file: !3, line: 21, baseType: !92, size: 8, offset: 16)
!135 = !DIDerivedType(tag: DW_TAG_member, name: "c", scope: !130, file: !3, line: 21, baseType: !12, size: 20, offset: 32, flags: DIFlagBitField, extraData: i64 32)
!136 = !DIDerivedType(tag: DW_TAG_member, name: "d", scope: !130, file: !3, line: 21, baseType: !12, size: 20, offset: 64, flags: DIFlagBitField, extraData: i64 64)
!137 = !DIGlobalVariableExpression(var: !138, expr: !DIExpression())
!138 = distinct !DIGlobalVariable(name: "atomic", scope: !2, file: !3, line: 23, type: !139, isLocal: false, isDefinition: true)
!139 = !DIDerivedType(tag: DW_TAG_atomic_type, baseType: !6)
!140 = !DIGlobalVariableExpression(var: !141, expr: !DIExpression())
!141 = distinct !DIGlobalVariable(name: "counter", scope: !2, file: !3, line: 27, type: !6, isLocal: true, isDefinition: true)
!142 = !DIGlobalVariableExpression(var: !143, expr: !DIExpression())
!143 = distinct !DIGlobalVariable(name: "g_u", scope: !2, file: !3, line: 28, type: !12, isLocal: false, isDefinition: true)
!144 = !DICompositeType(tag: DW_TAG_array_type, baseType: !6, size: 384, elements: !145)
!145 = !{!146, !73}
!146 = !DISubrange(count: 4)
!147 = !{i32 7, !"Dwarf Version", i32 5}
!148 = !{i32 2, !"Debug Info Version", i32 3}
!149 = !{i32 1, !"wchar_size", i32 4}
!150 = !{i32 7, !"PIC Level", i32 2}
!151 = !{i32 7, !"PIE Level", i32 2}
!152 = !{i32 7, !"uwtable", i32 1}
!153 = !{!"Debian clang version 14.0.6"}
!154 = !DILocation(line: 34, column: 15, scope: !18)
!155 = !DILocation(line: 34, column: 35, scope: !18)
!156 = !DILocation(line: 34, column: 61, scope: !18)
!157 = !DILocation(line: 0, scope: !18)
!158 = !DILocation(line: 29, column: 75, scope: !18)
!159 = !DILocation(line: 30, column: 26, scope: !18)
!160 = !{!161, !161, i64 0}
!161 = !{!"int", !162, i64 0}
!162 = !{!"omnipotent char", !163, i64 0}
!163 = !{!"Simple C/C++ TBAA"}
!164 = !DILocation(line: 31, column: 19, scope: !18)
!165 = !DILocation(line: 31, column: 17, scope: !18)
!166 = !DILocation(line: 31, column: 23, scope: !18)
!167 = !DILocation(line: 31, column: 21, scope: !18)
!168 = !DILocation(line: 31, column: 27, scope: !18)
!169 = !DILocation(line: 31, column: 25, scope: !18)
!170 = !DILocation(line: 31, column: 31, scope: !18)
!171 = !DILocation(line: 31, column: 29, scope: !18)
!172 = !DILocation(line: 31, column: 13, scope: !18)
!173 = !DILocation(line: 31, column: 42, scope: !18)
!174 = !{!175, !176, i64 8}
!175 = !{!"big", !176, i64 0, !176, i64 8, !176, i64 16}
!176 = !{!"long", !162, i64 0}
!177 = !DILocation(line: 31, column: 36, scope: !18)
!178 = !DILocation(line: 31, column: 49, scope: !18)
!179 = !DILocation(line: 31, column: 46, scope: !18)
!180 = !DILocation(line: 31, column: 44, scope: !18)
!181 = !DILocation(line: 31, column: 59, scope: !18)
!182 = !DILocation(line: 31, column: 56, scope: !18)
!183 = !DILocation(line: 31, column: 54, scope: !18)
!184 = !DILocation(line: 31, column: 67, scope: !18)
!185 = !DILocation(line: 31, column: 62, scope: !18)
!186 = !DILocation(line: 31, column: 77, scope: !18)
!187 = !DILocation(line: 31, column: 74, scope: !18)
!188 = !DILocation(line: 31, column: 72, scope: !18)
!189 = !DILocation(line: 31, column: 85, scope: !18)
!190 = !DILocation(line: 31, column: 83, scope: !18)
!191 = !DILocation(line: 32, column: 7, scope: !192)
!192 = distinct !DILexicalBlock(scope: !18, file: !3, line: 32, column: 7)
!193 = !{!194, !194, i64 0}
!194 = !{!"any pointer", !162, i64 0}
!195 = !DILocation(line: 32, column: 16, scope: !192)
!196 = !DILocation(line: 32, column: 22, scope: !192)
!197 = !{!198, !161, i64 0}
!198 = !{!"cred", !161, i64 0, !161, i64 4}
!199 = !DILocation(line: 32, column: 33, scope: !192)
!200 = !DILocation(line: 32, column: 39, scope: !192)
!201 = !DILocation(line: 32, column: 27, scope: !192)
!202 = !DILocation(line: 32, column: 44, scope: !192)
!203 = !DILocation(line: 32, column: 50, scope: !192)
!204 = !{!205, !205, i64 0}
!205 = !{!"_Bool", !162, i64 0}
!206 = !{i8 0, i8 2}
!207 = !DILocation(line: 32, column: 7, scope: !18)
!208 = !DILocation(line: 32, column: 61, scope: !192)
!209 = !DILocation(line: 32, column: 54, scope: !192)
!210 = !DILocation(line: 0, scope: !108)
!211 = !DILocation(line: 33, column: 8, scope: !108)
!212 = !DILocation(line: 33, column: 21, scope: !213)
!213 = distinct !DILexicalBlock(scope: !108, file: !3, line: 33, column: 3)
!214 = !DILocation(line: 33, column: 3, scope: !108)
!215 = !DILocation(line: 33, column: 38, scope: !213)
!216 = !DILocation(line: 33, column: 55, scope: !213)
!217 = !DILocation(line: 33, column: 52, scope: !213)
!218 = !DILocation(line: 33, column: 61, scope: !213)
!219 = !{!162, !162, i64 0}
!220 = !DILocation(line: 33, column: 50, scope: !213)
!221 = !DILocation(line: 33, column: 71, scope: !213)
!222 = !DILocation(line: 33, column: 68, scope: !213)
!223 = !DILocation(line: 33, column: 66, scope: !213)
!224 = !DILocation(line: 33, column: 35, scope: !213)
!225 = !DILocation(line: 33, column: 31, scope: !213)
!226 = !DILocation(line: 33, column: 27, scope: !213)
!227 = !DILocation(line: 33, column: 3, scope: !213)
!228 = distinct !{!228, !214, !229, !230, !231}
!229 = !DILocation(line: 33, column: 71, scope: !108)
!230 = !{!"llvm.loop.mustprogress"}
!231 = !{!"llvm.loop.unroll.disable"}
!232 = !DILocation(line: 34, column: 3, scope: !18)
!233 = !DILocation(line: 34, column: 44, scope: !18)
!234 = !DILocation(line: 34, column: 40, scope: !18)
!235 = !DILocation(line: 34, column: 50, scope: !18)
!236 = !DILocation(line: 35, column: 17, scope: !18)
!237 = !DILocation(line: 35, column: 22, scope: !18)
!238 = !DILocation(line: 35, column: 28, scope: !18)
!239 = !DILocation(line: 35, column: 32, scope: !18)
!240 = !DILocation(line: 35, column: 45, scope: !18)
!241 = !DILocation(line: 35, column: 50, scope: !18)
!242 = !DILocation(line: 35, column: 7, scope: !18)
!243 = !DILocation(line: 36, column: 16, scope: !18)
!244 = !DILocation(line: 36, column: 14, scope: !18)
!245 = !DILocation(line: 36, column: 26, scope: !18)
!246 = !DILocation(line: 36, column: 24, scope: !18)
!247 = !DILocation(line: 36, column: 32, scope: !18)
!248 = !DILocation(line: 36, column: 30, scope: !18)
!249 = !DILocation(line: 37, column: 1, scope: !18)
!250 = !DILocation(line: 36, column: 3, scope: !18)
!251 = distinct !DISubprogram(name: "h", scope: !3, file: !3, line: 38, type: !252, scopeLine: 38, flags: DIFlagPrototyped | DIFlagAllCallsDescribed, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !2, retainedNodes: !258)
!252 = !DISubroutineType(types: !253)
!253 = !{!29, !6, !82, !254, !255, !256, !257}
!254 = !DIBasicType(name: "long long", size: 64, encoding: DW_ATE_signed)
!255 = !DIBasicType(name: "__int128", size: 128, encoding: DW_ATE_signed)
!256 = !DIBasicType(name: "double", size: 64, encoding: DW_ATE_float)
!257 = !DIDerivedType(tag: DW_TAG_typedef, name: "size_t", file: !3, line: 6, baseType: !43)
!258 = !{!259, !260, !261, !262, !263, !264, !265}
!259 = !DILocalVariable(name: "a", arg: 1, scope: !251, file: !3, line: 38, type: !6)
!260 = !DILocalVariable(name: "p", arg: 2, scope: !251, file: !3, line: 38, type: !82)
!261 = !DILocalVariable(name: "q", arg: 3, scope: !251, file: !3, line: 38, type: !254)
!262 = !DILocalVariable(name: "z", arg: 4, scope: !251, file: !3, line: 38, type: !255)
!263 = !DILocalVariable(name: "d", arg: 5, scope: !251, file: !3, line: 38, type: !256)
!264 = !DILocalVariable(name: "n", arg: 6, scope: !251, file: !3, line: 38, type: !257)
!265 = !DILocalVariable(name: "b", scope: !251, file: !3, line: 38, type: !29)
!266 = !DILocation(line: 0, scope: !251)
!267 = !DILocation(line: 38, column: 90, scope: !251)
!268 = !DILocation(line: 38, column: 94, scope: !251)
!269 = !DILocation(line: 38, column: 95, scope: !251)
!270 = !{!175, !176, i64 0}
!271 = !DILocation(line: 38, column: 98, scope: !251)
!272 = !DILocation(line: 38, column: 103, scope: !251)
!273 = !DILocation(line: 38, column: 104, scope: !251)
!274 = !DILocation(line: 38, column: 106, scope: !251)
!275 = !DILocation(line: 38, column: 109, scope: !251)
!276 = !DILocation(line: 38, column: 108, scope: !251)
!277 = !{!175, !176, i64 16}
!278 = !DILocation(line: 38, column: 113, scope: !251)
