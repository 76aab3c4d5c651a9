; load: NaNs keep their payload (rule L2), and also where no type stands beside the literal.
@d = global double 0x7FF0000000000123
@f = global float 0xFFF4000000000000
@quiet = global [2 x float] [float 0x7FF8000000000000, float 0xFFF8000000000000]
@x = global x86_fp80 0xK7FFFC000000000000001
@h = global half 0xH7C01
define double @operand(double %float, i1 %c) {
entry:
  %a = fadd double %float, 0x7FF4000000000001
  br i1 %c, label %one, label %two
one:
  br label %two
two:
  %p = phi double [ 0x7FF8000000000002, %entry ], [ %a, %one ]
  ret double %p
}
define float @vector(<2 x float> %v) {
  %a = fadd <2 x float> %v, <float 0x7FF8000020000000, float 1.0>
  %b = extractelement <2 x float> %a, i32 0
  ret float %b
}
@string = constant [20 x i8] c"0x7FF0000000000123 \00"
; CHECK: @d = global double 0x7FF0000000000123
; CHECK: @f = global float 0xFFF4000000000000
; CHECK: @x = global x86_fp80 0xK7FFFC000000000000001
; CHECK: @h = global half 0xH7C01
; CHECK: @string = constant [20 x i8] c"0x7FF0000000000123 \00"
; CHECK: fadd double %float, 0x7FF4000000000001
; CHECK: phi double [ 0x7FF8000000000002, %entry ], [ %a, %one ]
; CHECK: fadd <2 x float> %v, <float 0x7FF8000020000000, float 1.000000e+00>
