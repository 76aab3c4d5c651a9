; What unknown code can reach, it may change: external globals, what is passed
; to it, and what is stored in either. Internal objects it never sees stay exact.
@ext = external global i8*
@open = global i8* null
@const = constant i8* @seen
@seen = internal global i8 0
@hidden = internal global i8* null
@stored = internal global i8* null
@passed = internal global i8* null

declare i8* @unknown(i8**)

define i8* @f(i8** %p) {
  %own = alloca i8
  %kept = alloca i8*
  store i8* %own, i8** @hidden
  %h = load i8*, i8** @hidden
  store i8* bitcast (i8** @stored to i8*), i8** @open
  %s = load i8*, i8** @stored
  %r = call i8* @unknown(i8** @passed)
  %q = load i8*, i8** @passed
  %e = load i8*, i8** @ext
  %c = load i8*, i8** @const
  %d = load i8*, i8** %p
  store i8* %own, i8** %kept
  %k = load i8*, i8** %kept
  ret i8* %r
}
; pts: @f %p = {?}
; pts: @f %own = {f:%own}
; pts: @f %kept = {f:%kept}
; pts: @f %h = {f:%own}
; pts: @f %s = {?}
; pts: @f %r = {?}
; pts: @f %q = {?}
; pts: @f %e = {?}
; pts: @f %c = {@seen}
; pts: @f %d = {?}
; pts: @f %k = {f:%own}
; escapes: @ext @open @const @seen @stored @passed @unknown @f
