; Structs, vectors and wide integers go through memory byte by byte; so do scalars read as another type.
; pe: @f #0=3
; run: #include <stdio.h>
; run: long f(int, long); int main(void) { printf("%ld %ld\n", f(3, 5), f(3, -1)); }
@table = internal constant { i32, double, <2 x float> } { i32 9, double 2.5, <2 x float> <float 1.0, float -0.5> }
define i64 @f(i32 %n, i64 %d) {
entry:
  %m = alloca i128
  %s = alloca { i32, double, <2 x float> }
  %c = load { i32, double, <2 x float> }, { i32, double, <2 x float> }* @table
  %c2 = insertvalue { i32, double, <2 x float> } %c, i32 %n, 0
  store { i32, double, <2 x float> } %c2, { i32, double, <2 x float> }* %s
  %p0 = getelementptr { i32, double, <2 x float> }, { i32, double, <2 x float> }* %s, i64 0, i32 0
  %three = load i32, i32* %p0
  %p1 = getelementptr { i32, double, <2 x float> }, { i32, double, <2 x float> }* %s, i64 0, i32 1
  %p1i = bitcast double* %p1 to i64*
  %bits = load i64, i64* %p1i
  %p2 = getelementptr { i32, double, <2 x float> }, { i32, double, <2 x float> }* %s, i64 0, i32 2
  %v = load <2 x float>, <2 x float>* %p2
  %sum = fadd <2 x float> %v, <float 1.0, float 1.0>
  %pair = bitcast <2 x float> %sum to i64
  %w0 = zext i64 %bits to i128
  %w1 = shl i128 %w0, 64
  %w2 = zext i64 %pair to i128
  %w = or i128 %w1, %w2
  store i128 %w, i128* %m
  %back = load i128, i128* %m
  %half = bitcast i128* %m to <2 x i64>*
  %halves = load <2 x i64>, <2 x i64>* %half
  %h1 = extractelement <2 x i64> %halves, i32 1
  %top = lshr i128 %back, 100
  %t = trunc i128 %top to i64
  %r1 = add i64 %t, %h1
  %z = zext i32 %three to i64
  %r2 = mul i64 %r1, %z
  %r3 = add i64 %r2, %d
  ret i64 %r3
}
; CHECK-LABEL: define internal i64 @f.v1(
; CHECK-NEXT: entry:
; CHECK-NEXT: add i64 {{[-u0-9A-Fx]+}}, %d
; CHECK-NEXT: ret
