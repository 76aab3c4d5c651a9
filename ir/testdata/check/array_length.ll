; check: an array constant with an element too few.
@a = global [3 x i32] [i32 1, i32 2]
; CHECK: @a
