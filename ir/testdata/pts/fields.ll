; Fields of a struct are told apart; elements of an array are not where the
; index varies, and a constant address is as exact as it was written.
%pair = type { i8*, i8* }

@a = internal global i8 0
@b = internal global i8 0
@pairs = internal global [4 x %pair] zeroinitializer

define internal void @f(i64 %i) {
  %p = getelementptr [4 x %pair], [4 x %pair]* @pairs, i64 0, i64 %i
  %first = getelementptr %pair, %pair* %p, i64 0, i32 0
  %second = getelementptr %pair, %pair* %p, i64 0, i32 1
  store i8* @a, i8** %first
  store i8* @b, i8** %second
  %q = getelementptr [4 x %pair], [4 x %pair]* @pairs, i64 0, i64 3, i32 1
  %x = load i8*, i8** %q
  %y = load i8*, i8** getelementptr ([4 x %pair], [4 x %pair]* @pairs, i64 0, i64 2, i32 0)
  ret void
}

define void @entry() {
  call void @f(i64 1)
  ret void
}
; pts: @f %p = {@pairs[]}
; pts: @f %first = {@pairs[]}
; pts: @f %second = {@pairs+8[]}
; pts: @f %q = {@pairs+8[]}
; pts: @f %x = {@b}
; pts: @f %y = {@a}
; mem: @pairs[] = {@a}
; mem: @pairs+8[] = {@b}
; mem: @pairs+32 = {@a}
; escapes: @entry
