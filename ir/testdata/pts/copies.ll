; Copies: phi, select, casts, aggregates and vectors as values, thread-locals,
; aliases. Only %l's loop makes a cycle.
@a = internal global i8 0
@b = internal thread_local global i8 0
@c = internal alias i8, i8* @b

define internal i8* @f(i1 %t, i8* %x, { i8*, i64 } %s, <2 x i8*> %v) {
entry:
  br i1 %t, label %l, label %r
l:
  %p = phi i8* [ @a, %entry ], [ %q, %l ]
  %q = select i1 %t, i8* %p, i8* %x
  br i1 %t, label %l, label %r
r:
  %m = phi i8* [ %x, %entry ], [ null, %l ]
  %e = extractvalue { i8*, i64 } %s, 0
  %w = insertelement <2 x i8*> %v, i8* %e, i32 1
  %y = extractelement <2 x i8*> %w, i32 0
  %z = freeze i8* %y
  ret i8* %z
}

define internal void @g() {
  %s = insertvalue { i8*, i64 } undef, i8* @c, 0
  %v = insertelement <2 x i8*> undef, i8* @a, i32 0
  %r = call i8* @f(i1 0, i8* @b, { i8*, i64 } %s, <2 x i8*> %v)
  ret void
}
; pts: @f %x = {@b}
; pts: @f %p = {@a, @b}
; pts: @f %q = {@a, @b}
; pts: @f %m = {@b}
; pts: @f %e = {@b}
; pts: @f %y = {@a, @b}
; pts: @f %z = {@a, @b}
; pts: @g %r = {@a, @b}
; escapes: 
