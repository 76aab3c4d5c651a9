; check: a load of a type without a size.
%t = type opaque
define void @f(%t* %p) {
  %x = load %t, %t* %p
  ret void
}
; CHECK: type %t has no size
