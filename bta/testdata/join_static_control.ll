; bta: @f s=S
; Where only static control meets there is no specialized point, even inside a loop
; that static control unrolls; where the dynamic branch meets there is one.
define i32 @f(i32 %s, i32 %d) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %i.next, %latch ]
  %x = phi i32 [ 0, %entry ], [ %x.next, %latch ]
  %odd = and i32 %i, 1
  %isodd = icmp ne i32 %odd, 0
  br i1 %isodd, label %a, label %b
a:
  br label %m
b:
  br label %m
m:
  %w = phi i32 [ 3, %a ], [ 4, %b ]
  %dd = icmp eq i32 %d, %i
  br i1 %dd, label %yes, label %latch
yes:
  br label %latch
latch:
  %x.next = phi i32 [ %x, %m ], [ %w, %yes ]
  %i.next = add i32 %i, 1
  %more = icmp slt i32 %i.next, %s
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %x.next
}
; CHECK: loop:{{$}}
; CHECK: m:{{$}}
; CHECK: %w = phi {{.*}} ; S
; CHECK: br i1 %dd, {{.*}} ; D
; CHECK: latch: ; join dyn %d %x.next
; CHECK: br i1 %more, {{.*}} ; S
; CHECK: exit:{{$}}
