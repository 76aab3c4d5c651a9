; bta: @f
; Unknown code ends what is known of memory that it can reach, and its result is
; dynamic; pure library functions on static data are computed.
@g = global i32 0
@str = constant [4 x i8] c"abc\00"
declare i32 @unknown()
declare i64 @strlen(i8*)
define i64 @f(i8* %d) {
entry:
  store i32 1, i32* @g
  %a = load i32, i32* @g
  %u = call i32 @unknown()
  %b = load i32, i32* @g
  %l = call i64 @strlen(i8* getelementptr ([4 x i8], [4 x i8]* @str, i64 0, i64 0))
  %m = call i64 @strlen(i8* %d)
  ret i64 %l
}
; CHECK: %a = load {{.*}} ; S
; CHECK: %u = call {{.*}} ; D residual
; CHECK: %b = load {{.*}} ; D
; CHECK: %l = call {{.*}} ; S
; CHECK: %m = call {{.*}} ; D
