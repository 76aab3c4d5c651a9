; Guards as functions that are always inlined: what stands before and after a
; guarded write. NEST and ARMED are the first two words of a thread.

@__quasi_self = external thread_local(initialexec) global [2 x i32]
@__quasi_lines = external global [65536 x i8]

declare preserve_mostcc void @__quasi_store(i8*, i64, i64, i8**)
declare i64 @__quasi_write(i8*, i64, i8**)
declare preserve_mostcc void @__quasi_done(i64)
declare preserve_mostcc void @__quasi_gone(i8*, i64)

define internal void @quasi.enter() alwaysinline nounwind {
  %nest = getelementptr [2 x i32], [2 x i32]* @__quasi_self, i64 0, i64 0
  %n = load atomic volatile i32, i32* %nest monotonic, align 4
  %m = add i32 %n, 1
  store atomic volatile i32 %m, i32* %nest monotonic, align 4
  fence syncscope("singlethread") seq_cst
  ret void
}

define internal void @quasi.leave() alwaysinline nounwind {
  fence syncscope("singlethread") seq_cst
  %nest = getelementptr [2 x i32], [2 x i32]* @__quasi_self, i64 0, i64 0
  %n = load atomic volatile i32, i32* %nest monotonic, align 4
  %m = sub i32 %n, 1
  store atomic volatile i32 %m, i32* %nest monotonic, align 4
  ret void
}

; quasi.line is not zero if something may be bound in the line of an address.
define internal i8 @quasi.line(i64 %addr) alwaysinline nounwind {
  %line = lshr i64 %addr, 6
  %i = and i64 %line, 65535
  %p = getelementptr [65536 x i8], [65536 x i8]* @__quasi_lines, i64 0, i64 %i
  %v = load atomic i8, i8* %p unordered, align 1
  ret i8 %v
}

; quasi.store stands before a store of a value of at most eight bytes. span is
; size-1, or 0 if the store cannot straddle a line.
define internal void @quasi.store(i8* %at, i64 %size, i64 %span, i64 %value) alwaysinline nounwind {
  call void @quasi.enter()
  %p = getelementptr [2 x i32], [2 x i32]* @__quasi_self, i64 0, i64 1
  %armed = load atomic volatile i32, i32* %p monotonic, align 4
  %idle = icmp eq i32 %armed, 0
  br i1 %idle, label %done, label %look, !prof !0
look:
  %addr = ptrtoint i8* %at to i64
  %last = add i64 %addr, %span
  %a = call i8 @quasi.line(i64 %addr)
  %b = call i8 @quasi.line(i64 %last)
  %ab = or i8 %a, %b
  %near = zext i8 %ab to i32
  %new = and i32 %armed, 2
  %any = or i32 %near, %new
  %none = icmp eq i32 %any, 0
  br i1 %none, label %done, label %call, !prof !0
call:
  call preserve_mostcc void @__quasi_store(i8* %at, i64 %size, i64 %value, i8** null)
  br label %done
done:
  ret void
}

; quasi.write stands before all other writes; quasi.done, after them, gets its result.
define internal i64 @quasi.write(i8* %at, i64 %size) alwaysinline nounwind {
entry:
  call void @quasi.enter()
  %p = getelementptr [2 x i32], [2 x i32]* @__quasi_self, i64 0, i64 1
  %armed = load atomic volatile i32, i32* %p monotonic, align 4
  %idle = icmp eq i32 %armed, 0
  br i1 %idle, label %done, label %look, !prof !0
look:
  %span = add i64 %size, -1
  %long = icmp ugt i64 %span, 63
  br i1 %long, label %call, label %short
short:
  %addr = ptrtoint i8* %at to i64
  %last = add i64 %addr, %span
  %a = call i8 @quasi.line(i64 %addr)
  %b = call i8 @quasi.line(i64 %last)
  %ab = or i8 %a, %b
  %near = zext i8 %ab to i32
  %new = and i32 %armed, 2
  %any = or i32 %near, %new
  %none = icmp eq i32 %any, 0
  br i1 %none, label %done, label %call, !prof !0
call:
  %held = call i64 @__quasi_write(i8* %at, i64 %size, i8** null)
  br label %done
done:
  %r = phi i64 [ 0, %entry ], [ 0, %short ], [ %held, %call ]
  ret i64 %r
}

define internal void @quasi.done(i64 %held) alwaysinline nounwind {
  fence syncscope("singlethread") seq_cst
  %none = icmp eq i64 %held, 0
  br i1 %none, label %done, label %call, !prof !0
call:
  call preserve_mostcc void @__quasi_done(i64 %held)
  br label %done
done:
  call void @quasi.leave()
  ret void
}

; quasi.gone stands before the end of what an allocator gave out: of size bytes,
; or of as many as malloc knows if size is 0. quasi.leave comes after it.
define internal void @quasi.gone(i8* %at, i64 %size) alwaysinline nounwind {
  call void @quasi.enter()
  %p = getelementptr [2 x i32], [2 x i32]* @__quasi_self, i64 0, i64 1
  %armed = load atomic volatile i32, i32* %p monotonic, align 4
  %idle = icmp eq i32 %armed, 0
  br i1 %idle, label %done, label %call, !prof !0
call:
  call preserve_mostcc void @__quasi_gone(i8* %at, i64 %size)
  br label %done
done:
  ret void
}

; The same where the instance has a member for guards.
define internal i1 @quasi.quid(i8** %quid) alwaysinline nounwind {
  call void @quasi.enter()
  %q = load atomic i8*, i8** %quid unordered, align 8
  %none = icmp eq i8* %q, null
  %p = getelementptr [2 x i32], [2 x i32]* @__quasi_self, i64 0, i64 1
  %armed = load atomic volatile i32, i32* %p monotonic, align 4
  %new = icmp ult i32 %armed, 2
  %both = and i1 %none, %new
  ret i1 %both
}

define internal void @quasi.store.quid(i8* %at, i64 %size, i64 %value, i8** %quid) alwaysinline nounwind {
  %idle = call i1 @quasi.quid(i8** %quid)
  br i1 %idle, label %done, label %call, !prof !0
call:
  call preserve_mostcc void @__quasi_store(i8* %at, i64 %size, i64 %value, i8** %quid)
  br label %done
done:
  ret void
}

define internal i64 @quasi.write.quid(i8* %at, i64 %size, i8** %quid) alwaysinline nounwind {
entry:
  %idle = call i1 @quasi.quid(i8** %quid)
  br i1 %idle, label %done, label %call, !prof !0
call:
  %held = call i64 @__quasi_write(i8* %at, i64 %size, i8** %quid)
  br label %done
done:
  %r = phi i64 [ 0, %entry ], [ %held, %call ]
  ret i64 %r
}

!0 = !{!"branch_weights", i32 2000, i32 1}
