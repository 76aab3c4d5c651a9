; Effects of instructions and functions. Lines "; mod: @f %x = {...}" and ref
; tell those of a call (named by its result or, without one, by its callee as
; !callee), those of a whole function have no name after @f. Unknown code may
; call @counted, so it may write @y although it does not know @y.
@x = internal global i32 0
@y = internal global i32 0
@z = internal global i32 0
@ptr = internal global i32* null
@fmt = private constant [6 x i8] c"%s %d\00"
@fmtn = private constant [3 x i8] c"%n\00"
@array = internal global [4 x i32] zeroinitializer

declare i32 @printf(i8*, ...)
declare i8* @malloc(i64)
declare void @free(i8*)
declare i64 @strlen(i8*)
declare void @unknown()
declare i32 @pure(i32) readnone
declare i32 @reads(i32*) readonly
declare void @qsort(i8*, i64, i64, i32 (i8*, i8*)*)
declare void @llvm.memcpy.p0i8.p0i8.i64(i8*, i8*, i64, i1)

define internal void @leaf(i32* %p) {
  %own = alloca i32
  store i32 1, i32* %own
  store i32 1, i32* %p
  %v = load i32, i32* @z
  ret void
}
; mod: @leaf = {@x, @y}
; ref: @leaf = {@z}

define internal void @twice(i32 %n) {
  call void @leaf(i32* @x)
  call void @leaf(i32* @y)
  %more = icmp eq i32 %n, 0
  br i1 %more, label %again, label %done
again:
  call void @twice(i32 0)
  br label %done
done:
  ret void
}
; mod: @twice !leaf = {@x, @y}
; ref: @twice !leaf = {@z}
; mod: @twice !leaf = {@x, @y}
; ref: @twice !leaf = {@z}
; mod: @twice !twice = {@x, @y}
; ref: @twice !twice = {@z}
; mod: @twice = {@x, @y}
; ref: @twice = {@z}

define internal i32 @compare(i8* %a, i8* %b) {
  %n = load i32, i32* @x
  %m = add i32 %n, 1
  store i32 %m, i32* @x
  ret i32 %m
}
; mod: @compare = {@x}
; ref: @compare = {@x}

define internal void @library(i8* %s) {
  %local = alloca i8
  %len = call i64 @strlen(i8* %local)
  %p1 = call i32 (i8*, ...) @printf(i8* getelementptr ([6 x i8], [6 x i8]* @fmt, i64 0, i64 0), i8* %local, i32 1)
  %p2 = call i32 (i8*, ...) @printf(i8* getelementptr ([3 x i8], [3 x i8]* @fmtn, i64 0, i64 0), i32* @y)
  %m = call i8* @malloc(i64 4)
  call void @free(i8* %m)
  call void @qsort(i8* bitcast ([4 x i32]* @array to i8*), i64 4, i64 4, i32 (i8*, i8*)* @compare)
  call void @llvm.memcpy.p0i8.p0i8.i64(i8* bitcast (i32* @y to i8*), i8* bitcast (i32* @z to i8*), i64 4, i1 0)
  ret void
}
; mod: @library %len = {}
; ref: @library %len = {library:%local}
; mod: @library %p1 = {lib stdio}
; ref: @library %p1 = {@fmt, lib stdio, library:%local}
; mod: @library %p2 = {@y, lib stdio}
; ref: @library %p2 = {@fmtn, lib stdio}
; mod: @library %m = {heap library:%m}
; ref: @library %m = {}
; mod: @library !free = {heap library:%m}
; ref: @library !free = {}
; mod: @library !qsort = {@x, @array}
; ref: @library !qsort = {@x, @array}
; mod: @library !llvm.memcpy.p0i8.p0i8.i64 = {@y}
; ref: @library !llvm.memcpy.p0i8.p0i8.i64 = {@z}
; mod: @library = {@x, @y, @array, lib stdio, heap library:%m}
; ref: @library = {@x, @z, @fmt, @fmtn, @array, lib stdio}

define void @exported(i32* %p) {
  %a = call i32 @pure(i32 1)
  %b = call i32 @reads(i32* @z)
  store i32 1, i32* %p
  call void @unknown()
  fence acquire
  ret void
}
; mod: @exported %a = {}
; ref: @exported %a = {}
; mod: @exported %b = {}
; ref: @exported %b = {?}
; mod: @exported !unknown = {?, @y}
; ref: @exported !unknown = {?}
; mod: @exported = {?, @y}
; ref: @exported = {?}

define void @counted() {
  store i32 2, i32* @y
  ret void
}
; mod: @counted = {@y}
; ref: @counted = {}

; Each activation of @again has %kept and %pair to itself. %lent is known to the
; activation that it calls, which may write it through %p.
declare void @llvm.lifetime.start.p0i8(i64, i8*)
define internal void @again(i32* %p) {
  %kept = alloca i32
  %pair = alloca { i32, i32 }
  %lent = alloca i32
  %bytes = bitcast i32* %kept to i8*
  call void @llvm.lifetime.start.p0i8(i64 4, i8* %bytes)
  store i32 1, i32* %kept
  %second = getelementptr { i32, i32 }, { i32, i32 }* %pair, i64 0, i32 1
  store i32 2, i32* %second
  %v = load i32, i32* %second
  store i32 %v, i32* %p
  call void @again(i32* %lent)
  ret void
}
; mod: @again !llvm.lifetime.start.p0i8 = {again:%kept}
; ref: @again !llvm.lifetime.start.p0i8 = {}
; mod: @again !again = {again:%lent}
; ref: @again !again = {}
; mod: @again = {again:%lent}
; ref: @again = {}
