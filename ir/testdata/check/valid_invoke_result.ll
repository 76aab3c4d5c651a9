; check: the result of an invoke is there on its normal edge only, also for a phi.
declare i32 @g()
declare i32 @personality(...)
define i32 @f(i1 %c) personality i32 (...)* @personality {
entry:
  br i1 %c, label %call, label %join
call:
  %r = invoke i32 @g() to label %join unwind label %bad
join:
  %p = phi i32 [ %r, %call ], [ 0, %entry ]
  ret i32 %p
bad:
  %lp = landingpad { i8*, i32 } cleanup
  resume { i8*, i32 } %lp
}
