package ir_test

// This file tests Frames: where inlined instructions stem from.

import (
	"slices"
	"testing"

	"quasi/ir"
	"quasi/ir/irtest"
)

// TestFramesAbsolute has the parts of absolute paths that clang, run in /home/x/build,
// makes of /home/x/src/main.c and /usr/include/a.h; beside them a path that was relative.
func TestFramesAbsolute(t *testing.T) {
	p := irtest.LoadString(t, `
define i32 @f(i32 %a) !dbg !5 {
  %x = add i32 %a, 1, !dbg !8
  %y = add i32 %x, 1, !dbg !9
  ret i32 %y, !dbg !10
}

!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!3}
!0 = distinct !DICompileUnit(language: DW_LANG_C99, file: !1, isOptimized: true, runtimeVersion: 0, emissionKind: FullDebug)
!1 = !DIFile(filename: "/home/x/src/main.c", directory: "/home/x/build")
!2 = !DIFile(filename: "src/main.c", directory: "/home/x")
!3 = !{i32 2, !"Debug Info Version", i32 3}
!4 = !DISubroutineType(types: !{null})
!5 = distinct !DISubprogram(name: "f", file: !2, line: 7, type: !4, unit: !0, spFlags: DISPFlagDefinition)
!6 = !DIFile(filename: "/usr/include/a.h", directory: "")
!7 = !DIFile(filename: "made/b.h", directory: "/home/x/build")
!8 = !DILocation(line: 8, column: 3, scope: !5)
!9 = !DILocation(line: 1, column: 1, scope: !11)
!10 = !DILocation(line: 2, column: 1, scope: !12)
!11 = !DILexicalBlockFile(scope: !5, file: !6, discriminator: 0)
!12 = !DILexicalBlockFile(scope: !5, file: !7, discriminator: 0)
`)
	f := p.Funcs[0]
	if got, want := p.PositionOf(f).File, "/home/x/src/main.c"; got != want {
		t.Errorf("the function is in %s, want %s", got, want)
	}
	for i, want := range []string{"/home/x/src/main.c", "/usr/include/a.h", "made/b.h"} {
		pt := f.First + ir.Point(i)
		if got := p.Frames(pt)[0].File; got != want || p.Position(pt).File != want {
			t.Errorf("point %d: got %s and %s, want %s", i, got, p.Position(pt).File, want)
		}
	}
}

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
