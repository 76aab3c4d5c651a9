; ModuleID = 'kill.ll'
source_filename = "kill.c"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

%struct.task = type { i32, %struct.cred*, %struct.task*, i16, i32, %union.anon, double, i128, %struct.opaque*, i8*, [16 x i8], i32 (i32)*, [8 x i8] }
%struct.cred = type { i32, i32, i8, i32 }
%union.anon = type { i64 }
%struct.opaque = type opaque
%struct.triple = type { i64, i64, i64 }

@table = dso_local constant [4 x i32] [i32 1, i32 2, i32 3, i32 4], align 16
@kill_proc.calls = internal global i32 0, align 4
@counter = internal global i32 0, align 4
@current = external global %struct.task*, align 8
@limit = dso_local global i32 0, align 4

; Function Attrs: nounwind uwtable
define dso_local i32 @on_signal(i32 noundef %0) #0 {
  ret i32 %0
}

; Function Attrs: nofree nosync nounwind readnone speculatable willreturn
declare void @llvm.dbg.declare(metadata, metadata, metadata) #1

; Function Attrs: nounwind uwtable
define dso_local i32 @kill_proc(i32 noundef %0, i32 noundef %1, i1 noundef zeroext %2, i8 noundef zeroext %3, i8* noundef %4, %struct.task* noundef %5, i32 (i32)* noundef %6, i32 %7, %struct.triple* noundef byval(%struct.triple) align 8 %8, double noundef %9, i32 noundef %10) #0 {
  %.sroa.0.0.extract.trunc = trunc i32 %7 to i16
  %.sroa.2.0.extract.shift = lshr i32 %7, 16
  %.sroa.2.0.extract.trunc = trunc i32 %.sroa.2.0.extract.shift to i16
  %12 = zext i1 %2 to i8
  %13 = load i32, i32* @kill_proc.calls, align 4, !tbaa !7
  %14 = add nsw i32 %13, 1
  store i32 %14, i32* @kill_proc.calls, align 4, !tbaa !7
  %15 = sext i16 %.sroa.0.0.extract.trunc to i64
  %16 = getelementptr inbounds %struct.triple, %struct.triple* %8, i32 0, i32 1
  %17 = load i64, i64* %16, align 8, !tbaa !11
  %18 = add nsw i64 %15, %17
  %19 = fptosi double %9 to i32
  %20 = sext i32 %19 to i64
  %21 = add nsw i64 %18, %20
  %22 = sext i32 %10 to i64
  %23 = add nsw i64 %21, %22
  %24 = zext i8 %3 to i64
  %25 = add nsw i64 %23, %24
  %26 = icmp ne i8* %4, null
  %27 = zext i1 %26 to i32
  %28 = sext i32 %27 to i64
  %29 = add nsw i64 %25, %28
  %30 = icmp ne i32 (i32)* %6, null
  %31 = zext i1 %30 to i32
  %32 = sext i32 %31 to i64
  %33 = add nsw i64 %29, %32
  %34 = load i32, i32* @counter, align 4, !tbaa !7
  %35 = sext i32 %34 to i64
  %36 = add nsw i64 %35, %33
  %37 = trunc i64 %36 to i32
  store i32 %37, i32* @counter, align 4, !tbaa !7
  %38 = trunc i8 %12 to i1
  br i1 %38, label %50, label %39

39:                                               ; preds = %11
  %40 = load %struct.task*, %struct.task** @current, align 8, !tbaa !14
  %41 = getelementptr inbounds %struct.task, %struct.task* %40, i32 0, i32 1
  %42 = load %struct.cred*, %struct.cred** %41, align 8, !tbaa !16
  %43 = getelementptr inbounds %struct.cred, %struct.cred* %42, i32 0, i32 1
  %44 = load i32, i32* %43, align 4, !tbaa !20
  %45 = getelementptr inbounds %struct.task, %struct.task* %5, i32 0, i32 1
  %46 = load %struct.cred*, %struct.cred** %45, align 8, !tbaa !16
  %47 = getelementptr inbounds %struct.cred, %struct.cred* %46, i32 0, i32 1
  %48 = load i32, i32* %47, align 4, !tbaa !20
  %49 = icmp eq i32 %44, %48
  br i1 %49, label %50, label %57

50:                                               ; preds = %39, %11
  %51 = add nsw i32 %0, %1
  %52 = load i32, i32* @counter, align 4, !tbaa !7
  %53 = add nsw i32 %51, %52
  %54 = load i32, i32* @limit, align 4, !tbaa !7
  %55 = add nsw i32 %53, %54
  %56 = call i32 @declared(i32 noundef %55)
  br label %58

57:                                               ; preds = %39
  br label %58

58:                                               ; preds = %57, %50
  %.0 = phi i32 [ %56, %50 ], [ -1, %57 ]
  ret i32 %.0
}

declare i32 @declared(i32 noundef) #2

; Function Attrs: nofree nosync nounwind readnone speculatable willreturn
declare void @llvm.dbg.value(metadata, metadata, metadata) #1

attributes #0 = { nounwind uwtable "frame-pointer"="none" "min-legal-vector-width"="0" "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="x86-64" "target-features"="+cx8,+fxsr,+mmx,+sse,+sse2,+x87" "tune-cpu"="generic" }
attributes #1 = { nofree nosync nounwind readnone speculatable willreturn }
attributes #2 = { "frame-pointer"="none" "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="x86-64" "target-features"="+cx8,+fxsr,+mmx,+sse,+sse2,+x87" "tune-cpu"="generic" }

!llvm.module.flags = !{!0, !1, !2, !3, !4, !5}
!llvm.ident = !{!6}

!0 = !{i32 7, !"Dwarf Version", i32 5}
!1 = !{i32 2, !"Debug Info Version", i32 3}
!2 = !{i32 1, !"wchar_size", i32 4}
!3 = !{i32 7, !"PIC Level", i32 2}
!4 = !{i32 7, !"PIE Level", i32 2}
!5 = !{i32 7, !"uwtable", i32 1}
!6 = !{!"Debian clang version 14.0.6"}
!7 = !{!8, !8, i64 0}
!8 = !{!"int", !9, i64 0}
!9 = !{!"omnipotent char", !10, i64 0}
!10 = !{!"Simple C/C++ TBAA"}
!11 = !{!12, !13, i64 8}
!12 = !{!"triple", !13, i64 0, !13, i64 8, !13, i64 16}
!13 = !{!"long", !9, i64 0}
!14 = !{!15, !15, i64 0}
!15 = !{!"any pointer", !9, i64 0}
!16 = !{!17, !15, i64 8}
!17 = !{!"task", !8, i64 0, !15, i64 8, !15, i64 16, !8, i64 24, !8, i64 24, !8, i64 25, !9, i64 28, !9, i64 32, !18, i64 40, !19, i64 48, !15, i64 64, !15, i64 72, !9, i64 80, !15, i64 96}
!18 = !{!"double", !9, i64 0}
!19 = !{!"__int128", !9, i64 0}
!20 = !{!21, !8, i64 4}
!21 = !{!"cred", !8, i64 0, !8, i64 4, !22, i64 8, !8, i64 12}
!22 = !{!"_Bool", !9, i64 0}
