; Pointers that step through memory. A loop's pointer into an array stays there;
; one over a struct's bytes merges the struct; in memory without a type the
; places are runs; container_of finds the struct from any element.
%item = type { i64, [4 x i8*], i8* }
@a = internal global i8 0
@b = internal global i8 0
@items = internal global [3 x %item] zeroinitializer
@single = internal global %item zeroinitializer

declare noalias i8* @malloc(i64)

define internal void @array(i1 %t) {
entry:
  %first = getelementptr [3 x %item], [3 x %item]* @items, i64 0, i64 0
  br label %loop
loop:
  %p = phi %item* [ %first, %entry ], [ %next, %loop ]
  %last = getelementptr %item, %item* %p, i64 0, i32 2
  store i8* @a, i8** %last
  %next = getelementptr %item, %item* %p, i64 1
  br i1 %t, label %loop, label %done
done:
  ret void
}

define internal void @bytes(i64 %i) {
  %from = bitcast %item* @single to i8*
  %byte = getelementptr i8, i8* %from, i64 %i
  %as = bitcast i8* %byte to i8**
  store i8* @b, i8** %as
  %field = getelementptr %item, %item* @single, i64 0, i32 2
  %y = load i8*, i8** %field
  ret void
}

define internal void @raw(i64 %n, i64 %i) {
  %m = call i8* @malloc(i64 %n)
  %ptrs = bitcast i8* %m to i8**
  %slot = getelementptr i8*, i8** %ptrs, i64 %i
  store i8* @a, i8** %slot
  %third = getelementptr i8*, i8** %ptrs, i64 3
  %x = load i8*, i8** %third
  ret void
}

define internal %item* @container(i64 %i) {
  %elem = getelementptr [3 x %item], [3 x %item]* @items, i64 0, i64 1, i32 1, i64 %i
  %bytes = bitcast i8** %elem to i8*
  %back = getelementptr i8, i8* %bytes, i64 -24
  %item = bitcast i8* %back to %item*
  ret %item* %item
}
; pts: @array %first = {@items[]}
; pts: @array %p = {@items[]}
; pts: @array %last = {@items+40[]}
; pts: @array %next = {@items[]}
; pts: @bytes %from = {@single+any}
; pts: @bytes %byte = {@single+any}
; pts: @bytes %as = {@single+any}
; pts: @bytes %field = {@single+any}
; pts: @bytes %y = {@b}
; pts: @raw %m = {heap raw:%m}
; pts: @raw %ptrs = {heap raw:%m}
; pts: @raw %slot = {heap raw:%m+0/8}
; pts: @raw %third = {heap raw:%m+24}
; pts: @raw %x = {@a}
; pts: @container %elem = {@items+8[]}
; pts: @container %bytes = {@items+8[]}
; pts: @container %back = {@items+0/8}
; pts: @container %item = {@items+0/8}
; mem: @items[] = {@a}
; mem: @items+0/8 = {@a}
; mem: @items+8[] = {@a}
; mem: @items+40[] = {@a}
; mem: @single+any = {@b}
; mem: heap raw:%m = {@a}
; mem: heap raw:%m+0/8 = {@a}
; mem: heap raw:%m+24 = {@a}
; escapes: @malloc
