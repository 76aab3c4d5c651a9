; load: `align N` among return attributes stays (rule L1).
declare noalias align 16 i8* @a(i8* align 8)
declare i32 @personality(...)
define dso_local noalias nonnull align 8 i8* @f(i8* %x) personality i32 (...)* @personality {
  %p = call noalias nonnull align 8 dereferenceable(4) i8* @a(i8* %x)
  %q = tail call align 64 i8* @a(i8* align 2 %p)
  store i8 0, i8* %p, align 8
  %r = invoke align 4 i8* @a(i8* %q) to label %ok unwind label %bad
ok:
  ret i8* %p
bad:
  %lp = landingpad { i8*, i32 } cleanup
  ret i8* %q
}
; CHECK: declare noalias align 16 i8* @a(i8* align 8)
; CHECK: define dso_local noalias nonnull align 8 i8* @f
; CHECK: call noalias nonnull align 8 dereferenceable(4) i8* @a
; CHECK: tail call align 64 i8* @a(i8* align 2 %p)
; CHECK: invoke align 4 i8* @a(i8* %q)
