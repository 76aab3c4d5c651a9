; Variable arguments are two private objects and a va_list over them; a va_arg that
; stays an instruction finds the real thing. Nothing is left where all is known.
; pe: @f
; pe: @g
; run: #include <stdio.h>
; run: long f(int), g(int); int main(void) { printf("%ld %ld\n", f(3), g(4)); }
%list = type { i32, i32, i8*, i8* }
declare void @llvm.va_start(i8*)
declare void @llvm.va_copy(i8*, i8*)
declare void @llvm.va_end(i8*)
define internal i64 @second(i32 %n, ...) {
entry:
  %ap = alloca %list, align 16
  %bp = alloca %list, align 16
  %a = bitcast %list* %ap to i8*
  %b = bitcast %list* %bp to i8*
  call void @llvm.va_start(i8* %a)
  call void @llvm.va_copy(i8* %b, i8* %a)
  %gp = getelementptr %list, %list* %bp, i64 0, i32 0
  %o = load i32, i32* %gp
  %save = getelementptr %list, %list* %bp, i64 0, i32 3
  %s = load i8*, i8** %save
  %o2 = add i32 %o, 8
  %p = getelementptr i8, i8* %s, i32 %o2
  %q = bitcast i8* %p to i64*
  %v = load i64, i64* %q
  call void @llvm.va_end(i8* %b)
  call void @llvm.va_end(i8* %a)
  ret i64 %v
}
define internal i64 @taken(i32 %n, ...) {
entry:
  %ap = alloca %list, align 16
  %a = bitcast %list* %ap to i8*
  call void @llvm.va_start(i8* %a)
  %x = va_arg %list* %ap, i32
  %y = va_arg %list* %ap, i64
  call void @llvm.va_end(i8* %a)
  %z = sext i32 %x to i64
  %r = sub i64 %z, %y
  ret i64 %r
}
define i64 @f(i32 %x) {
  %r = call i64 (i32, ...) @second(i32 1, i32 %x, i64 42, i32 5)
  ret i64 %r
}
define i64 @g(i32 %x) {
  %r = call i64 (i32, ...) @taken(i32 1, i32 %x, i64 42)
  ret i64 %r
}
; CHECK-LABEL: define internal i64 @f.v1(
; CHECK-NOT: va_
; CHECK: ret i64 42
; CHECK-LABEL: define internal i64 @g.v1(
; CHECK: va_arg
; CHECK-NOT: reason
