; bta: @main
; A matcher over a table whose nodes point to each other, which calls itself under
; dynamic control: an address that is read at an unknown node of the table leads
; to the table again, so the node stays static.
%node = type { i32, %node*, %node* }

@table = internal constant [3 x %node] [
  %node { i32 1, %node* getelementptr ([3 x %node], [3 x %node]* @table, i64 0, i64 1), %node* getelementptr ([3 x %node], [3 x %node]* @table, i64 0, i64 2) },
  %node { i32 0, %node* null, %node* getelementptr ([3 x %node], [3 x %node]* @table, i64 0, i64 0) },
  %node { i32 2, %node* null, %node* null }]

@other = global %node* null

define i32 @main(i8* %s) {
entry:
  %r = call i32 @match(%node* getelementptr ([3 x %node], [3 x %node]* @table, i64 0, i64 0), i8* %s)
  ret i32 %r
}

; With a caller that nobody sees, points-to knows nothing of the node.
define i32 @elsewhere(i8* %s) {
entry:
  %n = load %node*, %node** @other
  %r = call i32 @match(%node* %n, i8* %s)
  ret i32 %r
}

define internal i32 @match(%node* %pc, i8* %s) {
entry:
  %c = load i8, i8* %s
  %end = icmp eq i8 %c, 0
  br i1 %end, label %fail, label %go
go:
  %op.p = getelementptr %node, %node* %pc, i64 0, i32 0
  %op = load i32, i32* %op.p
  switch i32 %op, label %done [
    i32 0, label %jump
    i32 1, label %split
  ]
jump:
  %y.p = getelementptr %node, %node* %pc, i64 0, i32 2
  %y = load %node*, %node** %y.p
  %t = getelementptr i8, i8* %s, i64 1
  %r = call i32 @match(%node* %y, i8* %t)
  ret i32 %r
split:
  %a.p = getelementptr %node, %node* %pc, i64 0, i32 1
  %a = load %node*, %node** %a.p
  %first = call i32 @match(%node* %a, i8* %s)
  %ok = icmp eq i32 %first, 0
  br i1 %ok, label %done, label %second
second:
  %b.p = getelementptr %node, %node* %pc, i64 0, i32 2
  %b = load %node*, %node** %b.p
  %u = getelementptr i8, i8* %s, i64 1
  %other = call i32 @match(%node* %b, i8* %u)
  ret i32 %other
done:
  ret i32 0
fail:
  ret i32 1
}
; CHECK-LABEL: define internal i32 @match
; CHECK-NOT: switch {{.*}} ; D
; CHECK: %y = load {{.*}} ; S
; CHECK: %r = call {{.*}} specialize @match
; CHECK: %a = load {{.*}} ; S
; CHECK: %b = load {{.*}} ; S
