; Pointers as numbers. They escape, unless the number is turned back at once,
; compared, or used for a difference or its low bits. A number that is only
; copied keeps its targets: @c's goes through memory.
@a = internal global i8 0
@b = internal global i8 0
@c = internal global i8 0
@d = internal global i8 0
@e = internal global i64 0
@word = internal global i64 0
@tagged = internal global i64 0

define internal i64 @f(i64 %n) {
  %round = ptrtoint i8* @a to i64
  %p = inttoptr i64 %round to i8*
  %bn = ptrtoint i8* @b to i64
  %masked = and i64 %bn, -8
  %q = inttoptr i64 %masked to i8*
  store i64 ptrtoint (i8* @c to i64), i64* @word
  %moved = load i8*, i8** bitcast (i64* @word to i8**)
  %x = ptrtoint i8* %moved to i64
  %y = ptrtoint i8* @d to i64
  %diff = sub i64 %x, %y
  %low = and i64 %y, 7
  %cmp = icmp eq i64 %x, %low
  %k = inttoptr i64 5 to i8*
  %w = inttoptr i64 %n to i8*
  %ei = ptrtoint i64* @e to i64
  store i64 %ei, i64* @tagged, !tbaa !0
  %t = load i8*, i8** bitcast (i64* @tagged to i8**)
  %l = load i64, i64* @tagged, !tbaa !0
  %v = inttoptr i64 %l to i8*
  ret i64 %diff
}

define i64 @entry(i64 %n) {
  %r = call i64 @f(i64 %n)
  ret i64 %r
}
!0 = !{!1, !1, i64 0}
!1 = !{!"long", !2, i64 0}
!2 = !{!"omnipotent char", !3, i64 0}
!3 = !{!"Simple C/C++ TBAA"}
; pts: @f %p = {@a}
; pts: @f %q = {?}
; pts: @f %moved = {@c}
; pts: @f %k = {}
; pts: @f %w = {?}
; pts: @f %t = {}
; pts: @f %v = {?}
; mem: @b = {?}
; mem: @c = {?}
; mem: @e = {?}
; mem: @word = {@c}
; escapes: @b @c @e @entry
