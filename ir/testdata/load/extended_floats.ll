; load: subnormal x86_fp80 and fp128 of any value are read as their bits (rule L2).
@denormal = global x86_fp80 0xK00000000000000000001
@one = global x86_fp80 0xK3FFF8000000000000000
@infinity = global x86_fp80 0xKFFFF8000000000000000
@zero = global x86_fp80 0xK80000000000000000000
@quad = global fp128 0xL00000000000000013FFF000000000000
@quadnan = global fp128 0xL00000000000000017FFF000000000000
; CHECK: @denormal = global x86_fp80 0xK00000000000000000001
; CHECK: @quad = global fp128 0xL00000000000000013FFF000000000000
