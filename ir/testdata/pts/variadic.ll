; The variadic arguments of a function are one object; va_start stores its
; address in the list. A struct passed by value is the callee's own copy.
%va = type { i32, i32, i8*, i8* }
%s = type { i8*, i8* }
@a = internal global i8 0
@b = internal global i8 0

declare void @llvm.va_start(i8*)

define internal i8* @f(i32 %n, ...) {
  %list = alloca %va
  %bytes = bitcast %va* %list to i8*
  call void @llvm.va_start(i8* %bytes)
  %area.p = getelementptr %va, %va* %list, i64 0, i32 3
  %area = load i8*, i8** %area.p
  %arg = getelementptr i8, i8* %area, i64 16
  %arg.p = bitcast i8* %arg to i8**
  %x = load i8*, i8** %arg.p
  %y = va_arg %va* %list, i8*
  ret i8* %x
}

define internal i8* @by(%s* byval(%s) %copy) {
  %first = getelementptr %s, %s* %copy, i64 0, i32 0
  %v = load i8*, i8** %first
  ret i8* %v
}

define internal void @g() {
  %local = alloca %s
  %p0 = getelementptr %s, %s* %local, i64 0, i32 0
  %p1 = getelementptr %s, %s* %local, i64 0, i32 1
  store i8* @a, i8** %p0
  store i8* @b, i8** %p1
  %r = call i8* (i32, ...) @f(i32 1, i8* @a, i32 3)
  %q = call i8* @by(%s* byval(%s) %local)
  ret void
}
; pts: @f %list = {f:%list}
; pts: @f %bytes = {f:%list}
; pts: @f %area.p = {f:%list+16}
; pts: @f %area = {f:varargs+any}
; pts: @f %arg = {f:varargs+any}
; pts: @f %arg.p = {f:varargs+any}
; pts: @f %x = {@a}
; pts: @f %y = {@a}
; pts: @by %copy = {by:%copy}
; pts: @by %first = {by:%copy}
; pts: @by %v = {@a}
; pts: @g %local = {g:%local}
; pts: @g %p0 = {g:%local}
; pts: @g %p1 = {g:%local+8}
; pts: @g %r = {@a}
; pts: @g %q = {@a}
; mem: f:varargs+any = {@a}
; mem: by:%copy = {@a}
; mem: by:%copy+8 = {@b}
; mem: f:%list = {f:varargs}
; mem: f:%list+8 = {f:varargs}
; mem: f:%list+16 = {f:varargs}
; mem: g:%local = {@a}
; mem: g:%local+8 = {@b}
; escapes: @llvm.va_start
