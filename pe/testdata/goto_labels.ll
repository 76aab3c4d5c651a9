; A goto to a known label is a jump; a label loaded at an unknown index of a table is
; told by a switch over the places, one path a distinct label; what stands at no
; place of the table is not reached. Labels are never null; whether two are
; equal is left to run time. With op 1, f would go round for ever.
; pe: @f #0=1
; run: #include <stdio.h>
; run: int f(int, unsigned char, int); int main(void) { for (int op = 0; op < 4; op += op ? 1 : 2) printf("%d %d\n", f(1, op, 5), f(0, op, 5)); }
@table = internal constant [4 x i8*] [i8* blockaddress(@f, %inc), i8* blockaddress(@f, %neg), i8* blockaddress(@f, %inc), i8* blockaddress(@f, %same)]
define i32 @f(i32 %first, i8 %op, i32 %x) {
entry:
  %b = zext i32 %first to i64
  %p = getelementptr inbounds [4 x i8*], [4 x i8*]* @table, i64 0, i64 %b
  %l = load i8*, i8** %p
  %null = icmp eq i8* %l, null
  br i1 %null, label %same, label %go
go:
  %y = phi i32 [ %x, %entry ], [ %n, %neg ]
  %dest = phi i8* [ %l, %entry ], [ %m, %neg ]
  indirectbr i8* %dest, [label %inc, label %neg, label %same]
inc:
  %i = add i32 %y, 1
  ret i32 %i
neg:
  %n = sub i32 0, %y
  %q = zext i8 %op to i64
  %r = getelementptr inbounds [4 x i8*], [4 x i8*]* @table, i64 0, i64 %q
  %m = load i8*, i8** %r
  br label %go
same:
  ret i32 %x
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK-NOT: indirectbr
; CHECK: sub i32 0, %x
; CHECK: switch i64 %q
; CHECK: i64 0, label
; CHECK: i64 3, label
; CHECK-NOT: @table
; CHECK: define i32 @f(
; CHECK: call i32 @f.generic(
