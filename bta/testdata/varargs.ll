; bta: @f
; Variable arguments: at known places each is what was passed; at unknown ones what
; all of its type are.
%list = type { i32, i32, i8*, i8* }
declare void @llvm.va_start(i8*)
define internal i64 @pick(i32 %n, ...) {
entry:
  %ap = alloca %list, align 16
  %a = bitcast %list* %ap to i8*
  call void @llvm.va_start(i8* %a)
  %save = getelementptr %list, %list* %ap, i64 0, i32 3
  %s = load i8*, i8** %save
  br label %loop
loop:
  %at = phi i32 [ 8, %entry ], [ %next, %loop ]
  %p = getelementptr i8, i8* %s, i32 %at
  %pi = bitcast i8* %p to i32*
  %pl = bitcast i8* %p to i64*
  %int = load i32, i32* %pi
  %long = load i64, i64* %pl
  %next = add i32 %at, 8
  %more = icmp ult i32 %next, 40
  br i1 %more, label %loop, label %end
end:
  %p1 = getelementptr i8, i8* %s, i32 8
  %q1 = bitcast i8* %p1 to i32*
  %first = load i32, i32* %q1
  %p2 = getelementptr i8, i8* %s, i32 24
  %q2 = bitcast i8* %p2 to i32*
  %third = load i32, i32* %q2
  ret i64 %long
}
define i64 @f(i32 %x) {
  %r = call i64 (i32, ...) @pick(i32 1, i32 7, i64 42, i32 %x, i64 43)
  ret i64 %r
}
; CHECK-LABEL: define internal i64 @pick
; CHECK: %int = load {{.*}} ; D
; CHECK: %long = load {{.*}} ; S
; CHECK: %first = load {{.*}} ; S
; CHECK: %third = load {{.*}} ; D
