; load: floats with a short decimal form are printed with all digits (rule F1).
@a = global [4 x float] [float 33554432.0, float -33554432.0, float 67108864.0, float 0x3FB99999A0000000]
@b = global { double, half } { double 9007199254740992.0, half 2048.0 }
define float @f(float %x) {
  %a = fadd float %x, 33554432.0
  ret float %a
}
; CHECK: float 0x4180000000000000, float 0xC180000000000000, float 0x4190000000000000, float 0x3FB99999A0000000
