package ir_test

// This file tests Frames: where inlined instructions stem from.

import (
	"slices"
	"testing"

	"quasi/ir"
	"quasi/ir/irtest"
)

func TestFrames(t *testing.T) {
	p := irtest.LoadString(t, `
define i32 @f(i32 %a) !dbg !5 {
  %x = add i32 %a, 1, !dbg !8
  %y = add i32 %x, 1, !dbg !9
  %z = add i32 %y, 1
  ret i32 %z, !dbg !10
}

!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!3}
!0 = distinct !DICompileUnit(language: DW_LANG_C99, file: !1, isOptimized: true, runtimeVersion: 0, emissionKind: FullDebug)
!1 = !DIFile(filename: "main.c", directory: "/")
!2 = !DIFile(filename: "twice.h", directory: "/")
!3 = !{i32 2, !"Debug Info Version", i32 3}
!4 = !DISubroutineType(types: !{null})
!5 = distinct !DISubprogram(name: "f", file: !1, line: 7, type: !4, unit: !0, spFlags: DISPFlagDefinition)
!6 = distinct !DISubprogram(name: "twice", file: !2, line: 2, type: !4, unit: !0, spFlags: DISPFlagDefinition)
!7 = distinct !DILexicalBlock(scope: !6, file: !2, line: 3)
!8 = !DILocation(line: 4, column: 9, scope: !7, inlinedAt: !11)
!9 = !DILocation(line: 8, column: 3, scope: !5)
!10 = !DILocation(line: 9, column: 1, scope: !5)
!11 = distinct !DILocation(line: 8, column: 12, scope: !5)
`)
	f := p.Funcs[0]
	for i, want := range [][]ir.Frame{
		{{Func: "twice", File: "twice.h", Line: 4, Col: 9}, {Func: "f", File: "main.c", Line: 8, Col: 12}},
		{{Func: "f", File: "main.c", Line: 8, Col: 3}},
		nil,
		{{Func: "f", File: "main.c", Line: 9, Col: 1}},
	} {
		if got := p.Frames(f.First + ir.Point(i)); !slices.Equal(got, want) {
			t.Errorf("#%d: got %+v, want %+v", i, got, want)
		}
	}
}
