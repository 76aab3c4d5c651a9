; check: a struct that contains itself by value has no size.
%t = type { i32, %t }
define void @f() {
  %x = alloca %t
  ret void
}
; CHECK: type %t has no size
