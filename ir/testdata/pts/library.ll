; Library functions that return, store or call back pointers.
@buf = internal global [16 x i8] zeroinitializer
@table = internal global [4 x i8*] zeroinitializer
@x = internal global i8 0
@fmt = private constant [4 x i8] c"%s \00"
@fmtp = private constant [3 x i8] c"%p\00"

declare i8* @strchr(i8*, i32)
declare i8* @strcpy(i8*, i8*)
declare i8* @strdup(i8*)
declare i64 @strtol(i8*, i8**, i32)
declare i32* @__errno_location()
declare void @qsort(i8*, i64, i64, i32 (i8*, i8*)*)
declare i32 @printf(i8*, ...)
declare i32 (i32)* @signal(i32, i32 (i32)*)

define internal i32 @compare(i8* %l, i8* %r) {
  %lp = bitcast i8* %l to i8**
  %v = load i8*, i8** %lp
  ret i32 0
}

define internal i32 @handler(i32 %n) {
  ret i32 0
}

define internal void @f(i8** %slot) {
  %b = getelementptr [16 x i8], [16 x i8]* @buf, i64 0, i64 0
  %in = call i8* @strchr(i8* %b, i32 0)
  %same = call i8* @strcpy(i8* %b, i8* %in)
  %dup = call i8* @strdup(i8* %b)
  %end = alloca i8*
  %n = call i64 @strtol(i8* %b, i8** %end, i32 10)
  %rest = load i8*, i8** %end
  %errno = call i32* @__errno_location()
  store i8* @x, i8** getelementptr ([4 x i8*], [4 x i8*]* @table, i64 0, i64 2)
  call void @qsort(i8* bitcast ([4 x i8*]* @table to i8*), i64 4, i64 8, i32 (i8*, i8*)* @compare)
  %sorted = load i8*, i8** getelementptr ([4 x i8*], [4 x i8*]* @table, i64 0, i64 1)
  %local = alloca i8
  %shown = alloca i8
  %p1 = call i32 (i8*, ...) @printf(i8* getelementptr ([4 x i8], [4 x i8]* @fmt, i64 0, i64 0), i8* %local)
  %p2 = call i32 (i8*, ...) @printf(i8* getelementptr ([3 x i8], [3 x i8]* @fmtp, i64 0, i64 0), i8* %shown)
  %prev = call i32 (i32)* @signal(i32 2, i32 (i32)* @handler)
  ret void
}
; pts: @compare %l = {@table+0/8}
; pts: @compare %r = {@table+0/8}
; pts: @compare %lp = {@table+0/8}
; pts: @compare %v = {@x}
; pts: @f %slot = {}
; pts: @f %b = {@buf+any}
; pts: @f %in = {@buf+any}
; pts: @f %same = {@buf+any}
; pts: @f %dup = {heap f:%dup}
; pts: @f %end = {f:%end}
; pts: @f %rest = {@buf+any}
; pts: @f %errno = {lib errno+any}
; pts: @f %sorted = {@x}
; pts: @f %local = {f:%local}
; pts: @f %shown = {f:%shown}
; pts: @f %prev = {?}
; mem: @table[] = {@x}
; mem: @table+0/8 = {@x}
; mem: @table+8 = {@x}
; mem: @table+16 = {@x}
; mem: f:%end = {@buf}
; mem: f:%shown = {?}
; escapes: @strchr @strcpy @strdup @strtol @__errno_location @qsort @printf @signal @handler f:%shown
