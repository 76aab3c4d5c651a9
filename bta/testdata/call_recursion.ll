; bta: @main n=S
; Recursion under static control unfolds; under dynamic control it gets functions
; of its own.
define i32 @main(i32 %n, i32 %d) {
entry:
  %a = call i32 @static(i32 %n, i32 %d)
  %b = call i32 @dynamic(i32 %n, i32 %d)
  %c = add i32 %a, %b
  ret i32 %c
}
define internal i32 @static(i32 %n, i32 %d) {
entry:
  %z = icmp eq i32 %n, 0
  br i1 %z, label %done, label %rec
rec:
  %m = sub i32 %n, 1
  %r = call i32 @static(i32 %m, i32 %d)
  %p = mul i32 %r, %d
  ret i32 %p
done:
  ret i32 %d
}
define internal i32 @dynamic(i32 %n, i32 %d) {
entry:
  %z = icmp eq i32 %d, 0
  br i1 %z, label %done, label %rec
rec:
  %m = lshr i32 %d, 1
  %odd = icmp eq i32 %n, 1
  br i1 %odd, label %one, label %two
one:
  %r = call i32 @dynamic(i32 %n, i32 %m)
  ret i32 %r
two:
  %s = call i32 @dynamic(i32 %n, i32 %m)
  ret i32 %s
done:
  ret i32 7
}
; CHECK-LABEL: @main variant 0
; CHECK: %a = call {{.*}} unfold @static
; CHECK: %b = call {{.*}} specialize @dynamic
; CHECK-LABEL: define internal i32 @static
; CHECK: br i1 %z, {{.*}} ; S
; CHECK: %r = call {{.*}} unfold @static
; CHECK-LABEL: define internal i32 @dynamic
; CHECK: br i1 %z, {{.*}} ; D
; CHECK: %odd = icmp {{.*}} ; S
; CHECK: %r = call {{.*}} specialize @dynamic
