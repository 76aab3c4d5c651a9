; bta: @run prog=&code
; A BPF-like interpreter: pc is joined under a dynamic branch, by a phi and by a
; select, and stays static since the switch needs it; the accumulator does not.
%insn = type { i32, i32, i32, i32 }
@code = constant [4 x %insn] [ %insn { i32 1, i32 3, i32 0, i32 0 }, %insn { i32 2, i32 7, i32 0, i32 1 }, %insn { i32 3, i32 9, i32 0, i32 0 }, %insn zeroinitializer ]
define i32 @run(%insn* %prog, i32* %pkt) {
entry:
  br label %loop
loop:
  %pc = phi %insn* [ %prog, %entry ], [ %pc.ld, %ld ], [ %pc.jeq, %jeq.end ], [ %pc.jgt, %jgt ]
  %a = phi i32 [ 0, %entry ], [ %a.ld, %ld ], [ %a, %jeq.end ], [ %a, %jgt ]
  %pcode = getelementptr %insn, %insn* %pc, i64 0, i32 0
  %op = load i32, i32* %pcode
  %pk = getelementptr %insn, %insn* %pc, i64 0, i32 1
  %k = load i32, i32* %pk
  %next = getelementptr %insn, %insn* %pc, i64 1
  switch i32 %op, label %ret [ i32 1, label %ld
                               i32 2, label %jeq
                               i32 3, label %jgt ]
ld:
  %kx = zext i32 %k to i64
  %src = getelementptr i32, i32* %pkt, i64 %kx
  %a.ld = load i32, i32* %src
  %pc.ld = bitcast %insn* %next to %insn*
  br label %loop
jeq:
  %eq = icmp eq i32 %a, %k
  br i1 %eq, label %jeq.t, label %jeq.f
jeq.t:
  %pjt = getelementptr %insn, %insn* %pc, i64 0, i32 2
  %jt = load i32, i32* %pjt
  br label %jeq.end
jeq.f:
  %pjf = getelementptr %insn, %insn* %pc, i64 0, i32 3
  %jf = load i32, i32* %pjf
  br label %jeq.end
jeq.end:
  %off = phi i32 [ %jt, %jeq.t ], [ %jf, %jeq.f ]
  %offx = zext i32 %off to i64
  %pc.jeq = getelementptr %insn, %insn* %next, i64 %offx
  br label %loop
jgt:
  %gt = icmp ugt i32 %a, %k
  %pgt = getelementptr %insn, %insn* %pc, i64 0, i32 2
  %gjt = load i32, i32* %pgt
  %pgf = getelementptr %insn, %insn* %pc, i64 0, i32 3
  %gjf = load i32, i32* %pgf
  %goff = select i1 %gt, i32 %gjt, i32 %gjf
  %goffx = zext i32 %goff to i64
  %pc.jgt = getelementptr %insn, %insn* %next, i64 %goffx
  br label %loop
ret:
  ret i32 %a
}
; CHECK-LABEL: define i32 @run
; CHECK: loop: ; join dyn %pkt %a split %pc
; CHECK-NEXT: %pc = phi {{.*}} ; S
; CHECK-NEXT: %a = phi {{.*}} ; D
; CHECK: %op = load {{.*}} ; S
; CHECK: switch {{.*}} ; S
; CHECK: ld:
; CHECK-NOT: join
; CHECK: %a.ld = load {{.*}} ; D
; CHECK: br i1 %eq, {{.*}} ; D
; CHECK: jeq.end: ; join dyn %pkt %a split %off
; CHECK-NEXT: %off = phi {{.*}} ; S
; CHECK: %goff = select {{.*}} ; S split
; CHECK: ret: ; join dyn %a
