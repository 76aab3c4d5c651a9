; bta: @run code=&adder
; A threaded interpreter: the label that is taken is static, though dynamic control
; joins the loop. A dynamic index into the table is split, not dynamic; the function
; @jump, whose label comes from memory, is not unfolded.
@adder = constant [4 x i8] c"\00\01\00\02"
@table = internal constant [3 x i8*] [i8* blockaddress(@run, %add), i8* blockaddress(@run, %skip), i8* blockaddress(@run, %halt)]
@where = global i8* null
define i32 @run(i8* %code, i32 %x) {
entry:
  %op = load i8, i8* %code
  %opx = zext i8 %op to i64
  %p0 = getelementptr inbounds [3 x i8*], [3 x i8*]* @table, i64 0, i64 %opx
  %l0 = load i8*, i8** %p0
  br label %go
add:
  %sum = add i32 %acc, %x
  %pc1 = getelementptr i8, i8* %pc, i64 1
  br label %next
skip:
  %neg = icmp slt i32 %acc, 0
  %pc2 = getelementptr i8, i8* %pc, i64 1
  br i1 %neg, label %next, label %again
again:
  %xx = zext i32 %x to i64
  %px = getelementptr inbounds [3 x i8*], [3 x i8*]* @table, i64 0, i64 %xx
  %lx = load i8*, i8** %px
  br label %go
next:
  %acc1 = phi i32 [ %sum, %add ], [ %acc, %skip ]
  %pcn = phi i8* [ %pc1, %add ], [ %pc2, %skip ]
  %opn = load i8, i8* %pcn
  %opnx = zext i8 %opn to i64
  %pn = getelementptr inbounds [3 x i8*], [3 x i8*]* @table, i64 0, i64 %opnx
  %ln = load i8*, i8** %pn
  br label %go
go:
  %acc = phi i32 [ 0, %entry ], [ %acc, %again ], [ %acc1, %next ]
  %pc = phi i8* [ %code, %entry ], [ %pc2, %again ], [ %pcn, %next ]
  %dest = phi i8* [ %l0, %entry ], [ %lx, %again ], [ %ln, %next ]
  indirectbr i8* %dest, [label %add, label %skip, label %halt]
halt:
  %r = call i32 @jump(i32 1, i32 %acc)
  ret i32 %r
}
define internal i32 @jump(i32 %n, i32 %x) {
entry:
  %l = load i8*, i8** @where
  %c = icmp eq i32 %n, 1
  br i1 %c, label %go, label %neg
go:
  indirectbr i8* %l, [label %inc, label %neg]
inc:
  %i = add i32 %x, 1
  ret i32 %i
neg:
  ret i32 %x
}
; CHECK-LABEL: define i32 @run
; CHECK: %lx = load {{.*}} ; S split
; CHECK: %ln = load {{.*}} ; S
; CHECK: %pc = phi {{.*}} ; S
; CHECK: %dest = phi {{.*}} ; S
; CHECK: indirectbr {{.*}} ; S
; CHECK: call i32 @jump{{.*}} ; D residual
