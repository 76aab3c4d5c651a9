; load: calls of inline assembly, varargs, operand bundles and attributes.
declare i32 @printf(i8*, ...)
define i32 @f(i32 %x, i8* %s) {
  %a = call i32 asm sideeffect "bswap $0", "=r,0,~{dirflag},~{fpsr},~{flags}"(i32 %x)
  %b = call i32 (i8*, ...) @printf(i8* noundef nonnull align 1 dereferenceable(4) %s, i32 %a)
  call void @llvm.assume(i1 true) [ "align"(i8* %s, i64 16) ]
  ret i32 %b
}
declare void @llvm.assume(i1)
; CHECK: [ "align"(i8* %s, i64 16) ]
