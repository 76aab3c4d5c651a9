; check: in unreachable code nothing need be dominated, and phis list such edges.
define i32 @f(i32 %x) {
entry:
  br label %join
dead:
  %y = add i32 %z, 1
  %z = add i32 %y, 1
  br label %join
join:
  %p = phi i32 [ %x, %entry ], [ %z, %dead ]
  ret i32 %p
}
