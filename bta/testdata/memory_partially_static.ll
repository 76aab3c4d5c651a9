; bta: @f
; A structure with a static and a dynamic field, copied by memcpy field by field.
%s = type { i32, i32 }
declare void @llvm.memcpy.p0i8.p0i8.i64(i8*, i8*, i64, i1)
define i32 @f(i32 %d) {
entry:
  %a = alloca %s
  %b = alloca %s
  %a0 = getelementptr %s, %s* %a, i64 0, i32 0
  %a1 = getelementptr %s, %s* %a, i64 0, i32 1
  store i32 7, i32* %a0
  store i32 %d, i32* %a1
  %ap = bitcast %s* %a to i8*
  %bp = bitcast %s* %b to i8*
  call void @llvm.memcpy.p0i8.p0i8.i64(i8* %bp, i8* %ap, i64 8, i1 false)
  %b0 = getelementptr %s, %s* %b, i64 0, i32 0
  %b1 = getelementptr %s, %s* %b, i64 0, i32 1
  %x = load i32, i32* %b0
  %y = load i32, i32* %b1
  %c = icmp eq i32 %x, 7
  br i1 %c, label %t, label %e
t:
  ret i32 %y
e:
  ret i32 %x
}
; CHECK: %x = load {{.*}} ; S
; CHECK: %y = load {{.*}} ; D
; CHECK: br i1 %c, {{.*}} ; S
; CHECK: e: ; not reached
