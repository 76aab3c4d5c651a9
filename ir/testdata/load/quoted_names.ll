; load: names that need quotes.
%"struct a" = type { i32 }
@"a b" = global %"struct a" zeroinitializer
define i32 @"odd\22name"(i32 %"x y") {
"a block":
  %"a=b" = add i32 %"x y", 1
  br label %"a,b"
"a,b":
  ret i32 %"a=b"
}
; CHECK: define i32 @"odd\22name"(i32 %"x y")
; CHECK: %"a=b" = add i32 %"x y", 1
