; Masked stores and scatters, in a module without debug information: members have numbers.
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-f80:128-n8:16:32:64-S128"
%struct.s = type { i32, i32, i32, i32 }
define void @f(%struct.s* %p, <4 x i32> %v, <4 x i1> %m, <4 x i32*> %q) {
  %a = bitcast %struct.s* %p to <4 x i32>*
  call void @llvm.masked.store.v4i32.p0v4i32(<4 x i32> %v, <4 x i32>* %a, i32 4, <4 x i1> %m)
  call void @llvm.masked.scatter.v4i32.v4p0i32(<4 x i32> %v, <4 x i32*> %q, i32 4, <4 x i1> %m)
  %b = getelementptr %struct.s, %struct.s* %p, i64 0, i32 1
  store i32 1, i32* %b
  ret void
}
declare void @llvm.masked.store.v4i32.p0v4i32(<4 x i32>, <4 x i32>*, i32, <4 x i1>)
declare void @llvm.masked.scatter.v4i32.v4p0i32(<4 x i32>, <4 x i32*>, i32, <4 x i1>)
