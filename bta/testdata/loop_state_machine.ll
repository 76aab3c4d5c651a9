; bta: @f
; A state that a dynamically controlled loop only replaces by constants takes
; finitely many values: it stays static.
declare i32 @getc()
define i32 @f() {
entry:
  br label %loop
loop:
  %state = phi i32 [ 0, %entry ], [ %next, %latch ]
  %n = phi i32 [ 0, %entry ], [ %n.next, %latch ]
  %c = call i32 @getc()
  %eof = icmp slt i32 %c, 0
  br i1 %eof, label %exit, label %go
go:
  switch i32 %state, label %inword [ i32 0, label %space ]
space:
  %sp = icmp eq i32 %c, 32
  br i1 %sp, label %latch, label %word
word:
  br label %latch
inword:
  %sp2 = icmp eq i32 %c, 32
  br i1 %sp2, label %back, label %latch
back:
  br label %latch
latch:
  %next = phi i32 [ 0, %space ], [ 1, %word ], [ 1, %inword ], [ 0, %back ]
  %inc = phi i32 [ 0, %space ], [ 1, %word ], [ 0, %inword ], [ 0, %back ]
  %n.next = add i32 %n, %inc
  br label %loop
exit:
  ret i32 %n
}
; CHECK: loop: ; join dyn %n split %state
; CHECK: switch {{.*}} ; S
; CHECK: latch: ; join dyn %n %inc split %next
; CHECK: exit: ; join dyn %n
