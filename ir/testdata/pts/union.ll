; A union has the type of one member. The other begins with a tag, so that its
; array lies across the first one's end: text[i] may reach the pointer.
%first = type { [8 x i8], i8* }
%other = type { i32, [8 x i8] }
@u = internal global %first zeroinitializer
@x = internal global i8 0

define internal void @f(i64 %i) {
  %text = getelementptr %other, %other* bitcast (%first* @u to %other*), i64 0, i32 1
  %at = getelementptr [8 x i8], [8 x i8]* %text, i64 0, i64 %i
  store i8 1, i8* %at
  %p = getelementptr %first, %first* @u, i64 0, i32 1
  store i8* @x, i8** %p
  %name = getelementptr %first, %first* @u, i64 0, i32 0, i64 %i
  ret void
}
; pts: @f %text = {@u+0/1, @u+4}
; pts: @f %at = {@u+0/1, @u+4/1}
; pts: @f %p = {@u+8}
; pts: @f %name = {@u[]}
; mem: @u[] = {@x}
; mem: @u+0/1 = {@x}
; mem: @u+4 = {@x}
; mem: @u+4/1 = {@x}
; mem: @u+8 = {@x}
; escapes: 
