; load: the result of a cmpxchg is { T, i1 }.
define i1 @f(i32* %p) {
  %r = cmpxchg weak volatile i32* %p, i32 0, i32 1 acq_rel monotonic
  %ok = extractvalue { i32, i1 } %r, 1
  %s = insertvalue { i32, i1 } %r, i1 %ok, 1
  ret i1 %ok
}
; CHECK: %r = cmpxchg weak volatile i32* %p, i32 0, i32 1 acq_rel monotonic
