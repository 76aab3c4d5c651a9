; check: a field of a constant has another type than the struct says.
%s = type { i32, i64 }
@a = global %s { i32 1, i32 2 }
; CHECK: @a: field 1 of %s has type i32
