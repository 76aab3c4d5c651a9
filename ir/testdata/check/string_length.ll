; check: a string constant with a byte too many.
@a = global { i8, [2 x i8] } { i8 0, [2 x i8] c"abc" }
; CHECK: {{.*}}
