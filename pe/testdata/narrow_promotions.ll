; Arithmetic and comparisons on promoted integers are done in their own width, where that is the same.
; pe: @f
; run: #include <stdio.h>
; run: unsigned f(unsigned, unsigned, int, int);
; run: int main(void) { unsigned v[] = { 0, 3, 4, 5, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff };
; run:   for (int a = 0; a < 8; a++) for (int b = 0; b < 8; b++) printf("%x ", f(v[a], v[b], (int)v[b], (int)v[a])); return 0; }
define i32 @f(i32 %x, i32 %y, i32 %s, i32 %t) {
entry:
  %x64 = zext i32 %x to i64
  %y64 = zext i32 %y to i64
  %s64 = sext i32 %s to i64
  %t64 = sext i32 %t to i64
  %room = icmp ult i64 %x64, 4
  %left = sub i64 %x64, 4
  %left32 = trunc i64 %left to i32
  %order = icmp uge i64 %x64, %y64
  %same = icmp eq i64 %s64, %t64
  %signed.kept = icmp ult i64 %s64, 4
  %big.kept = icmp sgt i64 %x64, 3
  %mixed.kept = icmp eq i64 %s64, %x64
  %mul = mul nsw i64 %s64, %y64
  %mul32 = trunc i64 %mul to i32
  %shared.kept = add i64 %x64, %y64
  %shared32.kept = trunc i64 %shared.kept to i32
  %high = lshr i64 %shared.kept, 32
  %high32 = trunc i64 %high to i32
  %b0 = zext i1 %room to i32
  %b1 = zext i1 %order to i32
  %b2 = zext i1 %same to i32
  %b3 = zext i1 %signed.kept to i32
  %b4 = zext i1 %big.kept to i32
  %b5 = zext i1 %mixed.kept to i32
  %c1 = shl i32 %b1, 1
  %c2 = shl i32 %b2, 2
  %c3 = shl i32 %b3, 3
  %c4 = shl i32 %b4, 4
  %c5 = shl i32 %b5, 5
  %o1 = or i32 %b0, %c1
  %o2 = or i32 %o1, %c2
  %o3 = or i32 %o2, %c3
  %o4 = or i32 %o3, %c4
  %o5 = or i32 %o4, %c5
  %m1 = xor i32 %o5, %left32
  %m2 = mul i32 %m1, 31
  %m3 = add i32 %m2, %mul32
  %m4 = mul i32 %m3, 31
  %m5 = add i32 %m4, %shared32.kept
  %m6 = mul i32 %m5, 31
  %m7 = add i32 %m6, %high32
  ret i32 %m7
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: %room = icmp ult i32 %x, 4
; CHECK: %left32 = sub i32 %x, 4
; CHECK: %order = icmp uge i32 %x, %y
; CHECK: %same = icmp eq i32 %s, %t
; CHECK: %signed.kept = icmp ult i64
; CHECK: %big.kept = icmp sgt i64
; CHECK: %mixed.kept = icmp eq i64
; CHECK: %mul32 = mul i32 %s, %y
; CHECK: %shared32.kept = trunc i64 %shared.kept to i32
