; check: the entry block is a branch target.
define void @f() {
entry:
  br label %entry
}
; CHECK: @f: entry block %entry has predecessor %entry
