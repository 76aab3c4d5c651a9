; bta: @f
; for (i = 0; i < n; i++) for (j = 0; j < i; j++): the inner loop compares i, but
; nothing bounds i statically, so both are generalized.
define i32 @f(i32 %n) {
entry:
  br label %outer
outer:
  %i = phi i32 [ 0, %entry ], [ %i.next, %latch ]
  %s = phi i32 [ 0, %entry ], [ %t, %latch ]
  %more = icmp slt i32 %i, %n
  br i1 %more, label %inner, label %exit
inner:
  %j = phi i32 [ 0, %outer ], [ %j.next, %body ]
  %t = phi i32 [ %s, %outer ], [ %t.next, %body ]
  %c = icmp slt i32 %j, %i
  br i1 %c, label %body, label %latch
body:
  %t.next = add i32 %t, %j
  %j.next = add i32 %j, 1
  br label %inner
latch:
  %i.next = add i32 %i, 1
  br label %outer
exit:
  ret i32 %s
}
; CHECK: outer: ; join dyn %n %i %s
; CHECK: inner: ; join dyn {{.*}}%j %t
; CHECK: br i1 %c, {{.*}} ; D
