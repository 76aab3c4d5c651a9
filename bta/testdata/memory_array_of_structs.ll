; bta: @f i=S
; One field of every element is dynamic, the other stays static, also where the
; element is static but unknown.
%e = type { i32, i32 }
define i32 @f(i64 %i, i32 %d) {
entry:
  %slot = alloca [8 x %e]
  %k = getelementptr [8 x %e], [8 x %e]* %slot, i64 0, i64 %i, i32 0
  %v = getelementptr [8 x %e], [8 x %e]* %slot, i64 0, i64 %i, i32 1
  store i32 1, i32* %k
  store i32 %d, i32* %v
  %k5p = getelementptr [8 x %e], [8 x %e]* %slot, i64 0, i64 5, i32 0
  %v5p = getelementptr [8 x %e], [8 x %e]* %slot, i64 0, i64 5, i32 1
  %k5 = load i32, i32* %k5p
  %v5 = load i32, i32* %v5p
  %r = add i32 %k5, %v5
  ret i32 %r
}
; CHECK: %k5 = load {{.*}} ; S
; CHECK: %v5 = load {{.*}} ; D
