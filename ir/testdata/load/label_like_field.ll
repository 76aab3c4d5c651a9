; load: C code may call its labels as debug information calls fields.
define i32 @f(i32 %x) {
entry:
  br label %allocated
allocated:
  %allocated.v = add i32 %x, 18
  br label %annotations
annotations:
  %annotations.v = add i32 %x, 17
  br label %associated
associated:
  %associated.v = add i32 %x, 16
  br label %dataLocation
dataLocation:
  %dataLocation.v = add i32 %x, 15
  br label %debugBaseAddress
debugBaseAddress:
  %debugBaseAddress.v = add i32 %x, 14
  br label %defaulted
defaulted:
  %defaulted.v = add i32 %x, 13
  br label %isDecl
isDecl:
  %isDecl.v = add i32 %x, 12
  br label %rangesBaseAddress
rangesBaseAddress:
  %rangesBaseAddress.v = add i32 %x, 11
  br label %rank
rank:
  %rank.v = add i32 %x, 10
  br label %sdk
sdk:
  %sdk.v = add i32 %x, 9
  br label %spFlags
spFlags:
  %spFlags.v = add i32 %x, 8
  br label %stride
stride:
  %stride.v = add i32 %x, 7
  br label %stringLength
stringLength:
  %stringLength.v = add i32 %x, 6
  br label %stringLengthExpression
stringLengthExpression:
  %stringLengthExpression.v = add i32 %x, 5
  br label %stringLocationExpression
stringLocationExpression:
  %stringLocationExpression.v = add i32 %x, 4
  br label %sysroot
sysroot:
  %sysroot.v = add i32 %x, 3
  br label %upperBound
upperBound:
  %upperBound.v = add i32 %x, 2
  br label %name
name:
  ret i32 %upperBound.v
}
; CHECK: {{^}}rank:
; CHECK: {{^}}upperBound:
