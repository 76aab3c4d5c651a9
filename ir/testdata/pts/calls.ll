; Calls through pointers are resolved as the pointers are; a call through
; another prototype still passes arguments by position. @other is never called,
; so its parameter points nowhere.
@a = internal global i8 0
@b = internal global i8 0
@table = internal constant [2 x i8* (i8*)*] [i8* (i8*)* @id, i8* (i8*)* bitcast (i8* (i8*, i8*)* @keep to i8* (i8*)*)]
@kept = internal global i8* null
@hook = internal global void (i8*)* null

define internal i8* @id(i8* %p) {
  ret i8* %p
}

define internal i8* @keep(i8* %p, i8* %q) {
  store i8* %p, i8** @kept
  ret i8* null
}

define internal void @other(i8* %p) {
  ret void
}

define internal void @hooked(i8* %p) {
  ret void
}

define internal void @f(i64 %i) {
  %slot = getelementptr [2 x i8* (i8*)*], [2 x i8* (i8*)*]* @table, i64 0, i64 %i
  %fn = load i8* (i8*)*, i8* (i8*)** %slot
  %r = call i8* %fn(i8* @a)
  %k = load i8*, i8** @kept
  store void (i8*)* @hooked, void (i8*)** @hook
  %h = load void (i8*)*, void (i8*)** @hook
  call void %h(i8* @b)
  %s = call i8* bitcast (i8* (i8*)* @id to i8* (i8*, i32)*)(i8* @b, i32 1)
  ret void
}
; pts: @id %p = {@a, @b}
; pts: @keep %p = {@a}
; pts: @keep %q = {}
; pts: @other %p = {}
; pts: @hooked %p = {@b}
; pts: @f %slot = {@table[]}
; pts: @f %fn = {@id, @keep}
; pts: @f %r = {@a, @b}
; pts: @f %k = {@a}
; pts: @f %h = {@hooked}
; pts: @f %s = {@a, @b}
