; pe: @f
; The checks of an interpreter's indexed load, two loads in a row: one comparison
; of sums a load is left. The second load's first checks are implied by the first's.
; run: #include <stdio.h>
; run: unsigned f(const unsigned char *p, unsigned n);
; run: int main(void) { unsigned char p[80] = {0}; for (int i = 0; i < 80; i++) p[i] = (unsigned char)(i * 7);
; run:   for (unsigned n = 1; n < 80; n++) for (int x = 0; x < 16; x++) { p[0] = (unsigned char)(x | 0x40); printf("%u ", f(p, n)); }
; run:   return 0; }

define i32 @f(i8* %p, i32 %n) {
entry:
  %empty = icmp ule i32 %n, 0
  br i1 %empty, label %fail, label %header
header:
  %b = load i8, i8* %p
  %w = zext i8 %b to i32
  %low = and i32 %w, 15
  %x = shl i32 %low, 2
  %x1 = icmp ugt i32 %x, %n
  br i1 %x1, label %fail, label %l1
l1:
  %left1 = sub i32 %n, %x
  %k1 = icmp ugt i32 14, %left1
  br i1 %k1, label %fail, label %l2
l2:
  %at1 = add i32 %x, 14
  %rest1 = sub i32 %n, %at1
  %size1 = zext i32 %rest1 to i64
  %s1 = icmp ugt i64 2, %size1
  br i1 %s1, label %fail, label %load1
load1:
  %i1 = zext i32 %at1 to i64
  %a1 = getelementptr i8, i8* %p, i64 %i1
  %v1 = load i8, i8* %a1
  %is = icmp eq i8 %v1, 98
  br i1 %is, label %found, label %second
second:
  %x2 = icmp ugt i32 %x, %n
  br i1 %x2, label %fail, label %r1
r1:
  %left2 = sub i32 %n, %x
  %k2 = icmp ugt i32 16, %left2
  br i1 %k2, label %fail, label %r2
r2:
  %at2 = add i32 %x, 16
  %rest2 = sub i32 %n, %at2
  %size2 = zext i32 %rest2 to i64
  %s2 = icmp ugt i64 2, %size2
  br i1 %s2, label %fail, label %load2
load2:
  %i2 = zext i32 %at2 to i64
  %a2 = getelementptr i8, i8* %p, i64 %i2
  %v2 = load i8, i8* %a2
  %r = zext i8 %v2 to i32
  ret i32 %r
found:
  ret i32 256
fail:
  ret i32 512
}

; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: icmp ule i32 %n, 0
; CHECK-NOT: icmp ugt
; CHECK: [[END1:%[a-z0-9.]+]] = add i32 %x, 16
; CHECK: icmp ult i32 %n, [[END1]]
; CHECK-NOT: icmp u
; CHECK: icmp eq i8
; CHECK-NOT: icmp ugt
; CHECK: [[END2:%[a-z0-9.]+]] = add i32 %x, 18
; CHECK: icmp ult i32 %n, [[END2]]
; CHECK-NOT: icmp
; CHECK: }
