; memcpy keeps fields apart: of one element of an array, of a struct copied to
; memory without a type, and of a copy of unknown length. Atomic exchange and
; compare-and-swap move pointers, as do loads of wide integers.
%s = type { i8*, [2 x i8*], i8* }
@a = internal global i8 0
@b = internal global i8 0
@c = internal global i8 0
@src = internal global [2 x %s] [%s { i8* @a, [2 x i8*] [i8* @b, i8* null], i8* @c }, %s zeroinitializer]
@dst = internal global %s zeroinitializer
@all = internal global [2 x %s] zeroinitializer
@cell = internal global i8* null
@wide = internal global i128 0

declare noalias i8* @malloc(i64)
declare void @llvm.memcpy.p0i8.p0i8.i64(i8*, i8*, i64, i1)

define internal void @f(i64 %i, i64 %n) {
  %e = getelementptr [2 x %s], [2 x %s]* @src, i64 0, i64 %i
  %eb = bitcast %s* %e to i8*
  call void @llvm.memcpy.p0i8.p0i8.i64(i8* bitcast (%s* @dst to i8*), i8* %eb, i64 32, i1 0)
  call void @llvm.memcpy.p0i8.p0i8.i64(i8* bitcast ([2 x %s]* @all to i8*), i8* bitcast ([2 x %s]* @src to i8*), i64 %n, i1 0)
  %m = call i8* @malloc(i64 %n)
  call void @llvm.memcpy.p0i8.p0i8.i64(i8* %m, i8* %eb, i64 32, i1 0)
  %old = atomicrmw xchg i64* bitcast (i8** @cell to i64*), i64 ptrtoint (i8* @a to i64) seq_cst
  %cx = cmpxchg i8** @cell, i8* null, i8* @b seq_cst seq_cst
  %won = extractvalue { i8*, i1 } %cx, 0
  %w = load i128, i128* bitcast (%s* @dst to i128*)
  store i128 %w, i128* @wide
  ret void
}
; pts: @f %e = {@src[]}
; pts: @f %eb = {@src[]}
; pts: @f %m = {heap f:%m}
; pts: @f %won = {@a, @b}
; mem: @a = {?}
; mem: @src[] = {@a}
; mem: @src+8[] = {@b}
; mem: @src+24[] = {@c}
; mem: @dst = {@a}
; mem: @dst+8[] = {@b}
; mem: @dst+8/8 = {@b}
; mem: @dst+24 = {@c}
; mem: @all[] = {@a}
; mem: @all+0/32 = {@a}
; mem: @all+8/32 = {@b}
; mem: @all+16/32 = {@b}
; mem: @all+24/32 = {@c}
; mem: @cell = {@a, @b}
; mem: @wide = {@a, @b}
; mem: @wide+8 = {@a, @b}
; mem: heap f:%m = {@a}
; mem: heap f:%m+8/8 = {@b}
; mem: heap f:%m+24 = {@c}
; escapes: @a @malloc @llvm.memcpy.p0i8.p0i8.i64
