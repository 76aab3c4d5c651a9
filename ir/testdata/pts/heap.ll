; One object a call of an allocator. realloc's holds what the old block held,
; calloc's and a cast malloc's are arrays of the struct they are cast to, and a
; declared function allocates if its result is noalias and it has allocsize.
%node = type { %node*, i8* }
@x = internal global i8 0

declare noalias i8* @malloc(i64)
declare noalias i8* @calloc(i64, i64)
declare noalias i8* @realloc(i8*, i64)
declare i32 @posix_memalign(i8**, i64, i64)
declare noalias i8* @arena(i64, i8*) allocsize(0)
declare noalias i8* @plain(i64)
declare void @free(i8*)

define internal void @f(i64 %n, i64 %i) {
  %m = call i8* @malloc(i64 16)
  %one = bitcast i8* %m to %node*
  %data = getelementptr %node, %node* %one, i64 0, i32 1
  store i8* @x, i8** %data
  %next = getelementptr %node, %node* %one, i64 0, i32 0
  store %node* %one, %node** %next
  %big = call i8* @realloc(i8* %m, i64 %n)
  %old = getelementptr i8, i8* %big, i64 8
  %old.p = bitcast i8* %old to i8**
  %kept = load i8*, i8** %old.p
  %c = call i8* @calloc(i64 %n, i64 16)
  %many = bitcast i8* %c to %node*
  %elem = getelementptr %node, %node* %many, i64 %i, i32 1
  %slot = alloca i8*
  %rc = call i32 @posix_memalign(i8** %slot, i64 64, i64 %n)
  %aligned = load i8*, i8** %slot
  %ar = call i8* @arena(i64 8, i8* @x)
  %pl = call i8* @plain(i64 8)
  call void @free(i8* %big)
  ret void
}
; pts: @f %m = {heap f:%m}
; pts: @f %one = {heap f:%m}
; pts: @f %data = {heap f:%m+8}
; pts: @f %next = {heap f:%m}
; pts: @f %big = {heap f:%big}
; pts: @f %old = {heap f:%big+8}
; pts: @f %old.p = {heap f:%big+8}
; pts: @f %kept = {@x}
; pts: @f %c = {heap f:%c[]}
; pts: @f %many = {heap f:%c[]}
; pts: @f %elem = {heap f:%c+8[]}
; pts: @f %slot = {f:%slot}
; pts: @f %aligned = {heap f:%rc}
; pts: @f %ar = {heap f:%ar}
; pts: @f %pl = {?}
; mem: @x = {?}
; mem: heap f:%m = {heap f:%m}
; mem: heap f:%m+8 = {@x}
; mem: heap f:%big = {heap f:%m}
; mem: heap f:%big+8 = {@x}
; mem: f:%slot = {heap f:%rc}
; escapes: @x @malloc @calloc @realloc @posix_memalign @arena @plain @free
