; Where a goto's label is not known, the function stays generic: first it is tried
; to be unfolded, then the attempt is void and the next one calls it. The labels of
; an entry move along with its generic body.
; pe: @f #0=1
; pe: @g #0=1
; run: #include <stdio.h>
; run: extern void *where; int f(int, int), g(int, int); void *labels(int);
; run: int main(void) { for (int i = 0; i < 2; i++) { where = labels(i); printf("%d %d\n", f(1, 3), g(1, 3)); } }
@where = global i8* null
@table = internal constant [2 x i8*] [i8* blockaddress(@jump, %inc), i8* blockaddress(@jump, %neg)]
@own = internal constant [2 x i8*] [i8* blockaddress(@g, %inc), i8* blockaddress(@g, %neg)]
@x = internal global i64 0
define i8* @labels(i32 %i) {
  %b = zext i32 %i to i64
  %p = getelementptr inbounds [2 x i8*], [2 x i8*]* @table, i64 0, i64 %b
  %l = load i8*, i8** %p
  store i64 %b, i64* @x
  ret i8* %l
}
define internal i32 @jump(i32 %a, i32 %x) {
entry:
  %y = mul i32 %a, %x
  %l = load i8*, i8** @where
  indirectbr i8* %l, [label %inc, label %neg]
inc:
  %i = add i32 %y, 1
  ret i32 %i
neg:
  %n = sub i32 0, %y
  ret i32 %n
}
define i32 @f(i32 %a, i32 %x) {
entry:
  %z = add i32 %a, 2
  %r = call i32 @jump(i32 %z, i32 %x)
  ret i32 %r
}
define i32 @g(i32 %a, i32 %x) {
entry:
  %b = load i64, i64* @x
  %p = getelementptr [2 x i8*], [2 x i8*]* @own, i64 0, i64 %b
  %l = load i8*, i8** %p
  indirectbr i8* %l, [label %inc, label %neg]
inc:
  %i = add i32 %x, 1
  ret i32 %i
neg:
  %n = sub i32 0, %x
  ret i32 %n
}
; CHECK-LABEL: define internal i32 @f.v1(
; CHECK: call i32 @jump(i32 3, i32 %x)
; CHECK: reason: call left generic: @jump: it has a computed goto to a label that is not known
; CHECK: reason: not specializable: @g: it has a computed goto to a label that is not known
