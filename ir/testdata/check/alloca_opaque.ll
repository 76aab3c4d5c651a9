; check: an alloca of a type without a size.
%t = type opaque
define void @f() {
  %x = alloca %t
  ret void
}
; CHECK: type %t has no size
