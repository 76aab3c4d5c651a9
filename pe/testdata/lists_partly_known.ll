; Fields and lanes that are known are used though the struct or vector is residual as a whole; what is poison is emitted.
; pe: @f #0=7
; run: #include <stdio.h>
; run: long f(int, int, int*); int main(void) { int s; for (int d = -2; d < 3; d++) printf("%ld\n", f(7, d, &s)); }
declare { i32, i1 } @llvm.sadd.with.overflow.i32(i32, i32)
define internal { i32, i64 } @pair(i32 %n, i32 %d) {
  %w = sext i32 %d to i64
  %a = insertvalue { i32, i64 } undef, i32 %n, 0
  %b = insertvalue { i32, i64 } %a, i64 %w, 1
  ret { i32, i64 } %b
}
define i64 @f(i32 %n, i32 %d, i32* %shared) {
entry:
  %slot = alloca i32
  %p = call { i32, i64 } @pair(i32 %n, i32 %d)
  %x = extractvalue { i32, i64 } %p, 0
  %o = call { i32, i1 } @llvm.sadd.with.overflow.i32(i32 %x, i32 2147483641)
  %over = extractvalue { i32, i1 } %o, 1
  br i1 %over, label %known, label %never
never:
  ret i64 -1
known:
  %y = extractvalue { i32, i64 } %p, 1
  %v1 = insertelement <2 x i32> undef, i32 %d, i32 0
  %v2 = insertelement <2 x i32> %v1, i32 %x, i32 1
  %v3 = shufflevector <2 x i32> %v2, <2 x i32> <i32 3, i32 4>, <4 x i32> <i32 1, i32 0, i32 2, i32 3>
  %v4 = mul <4 x i32> %v3, <i32 10, i32 1, i32 10, i32 10>
  %seventy = extractelement <4 x i32> %v4, i32 0
  %dyn = extractelement <4 x i32> %v4, i32 1
  %thirty = extractelement <4 x i32> %v4, i32 2
  %private = insertvalue { i32*, i32 } undef, i32* %slot, 0
  %private2 = insertvalue { i32*, i32 } %private, i32 5, 1
  %q = extractvalue { i32*, i32 } %private2, 0
  store i32 1000, i32* %q
  %thousand = load i32, i32* %slot
  %s1 = add i32 %seventy, %thirty
  %s2 = add i32 %s1, %thousand
  %s3 = add i32 %s2, %dyn
  %s4 = sext i32 %s3 to i64
  %r = add i64 %s4, %y
  ret i64 %r
}
; CHECK-LABEL: define internal i64 @f.v1(
; CHECK-NOT: with.overflow
; CHECK-NOT: store
; CHECK: extractelement
; CHECK-NOT: extractelement
; CHECK: add i32 1100, %
