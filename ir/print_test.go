package ir_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"

	"quasi/ir"
	"quasi/ir/irtest"
)

// TestFprintFunc: annotations stand at line ends, also of an instruction that
// takes several lines, and never break a line.
func TestFprintFunc(t *testing.T) {
	p := irtest.LoadString(t, `
declare i32 @g(i32)
define internal i32 @f(i32 %x) {
entry:
  %y = call i32 @g(i32 %x)
  switch i32 %y, label %a [
    i32 1, label %0
  ]
a:
  br label %0
0:
  ret i32 %y
}`)
	f := irtest.Func(t, p, "f")
	var sb strings.Builder
	if err := ir.FprintFunc(&sb, f, func(pt ir.Point) string { return fmt.Sprintf("point\n%d", pt) }); err != nil {
		t.Fatal(err)
	}
	const want = `define internal i32 @f(i32 %x) {
entry:
  %y = call i32 @g(i32 %x) ; point 0
  switch i32 %y, label %a [ ; point 1
		i32 1, label %0
	]
a:
  br label %0 ; point 2
0:
  ret i32 %y ; point 3
}
`
	if got := sb.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	sb.Reset()
	if err := ir.FprintFunc(&sb, irtest.Func(t, p, "g"), nil); err != nil || sb.String() != "declare i32 @g(i32 %0)\n" {
		t.Errorf("declaration: got %q, %v", sb.String(), err)
	}
}

type fullDisk struct{}

var errFull = errors.New("disk full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

// TestFprintErrors: errors of the writer come back, and what llir cannot print
// is an error, not a panic.
func TestFprintErrors(t *testing.T) {
	p := irtest.LoadString(t, everything)
	if err := ir.Fprint(fullDisk{}, p); !errors.Is(err, errFull) {
		t.Errorf("got error %v, want %v", err, errFull)
	}
	if err := ir.FprintFunc(fullDisk{}, irtest.Func(t, p, "f"), nil); !errors.Is(err, errFull) {
		t.Errorf("got error %v, want %v", err, errFull)
	}
	irtest.Func(t, p, "f").LL.Blocks[0].Term = nil
	if err := ir.Fprint(&strings.Builder{}, p); err == nil {
		t.Error("no error for a block without terminator")
	}
}

// TestFloatDigits prints powers of two and their neighbours, which llir writes
// with too few digits (rule F1), and reads them again.
func TestFloatDigits(t *testing.T) {
	p := irtest.LoadString(t, "define void @f() {\n  ret void\n}\n")
	var want []float64
	add := func(typ *types.FloatType, x float64) {
		p.Module.NewGlobalDef(fmt.Sprintf("g%d", len(want)), constant.NewFloat(typ, x))
		want = append(want, x)
	}
	for e := -20; e < 70; e++ {
		x := 1.0
		for range max(e, -e) {
			if e > 0 {
				x *= 2
			} else {
				x /= 2
			}
		}
		add(types.Double, x)
		add(types.Double, -x)
		add(types.Float, x)
		add(types.Double, x*3)
		add(types.Double, x*0.1)
	}
	again := irtest.LoadString(t, irtest.Print(t, p))
	canonical, err := ir.Load("llvm.ll", []byte(irtest.Canonical(t, irtest.Print(t, p))))
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range want {
		for _, m := range []*ir.Program{again, canonical} {
			if got, _ := m.Module.Globals[i].Init.(*constant.Float).X.Float64(); got != x {
				t.Errorf("%v became %v", x, got)
			}
		}
	}
}

// TestUnnamedEnum checks (F2), and that text that only looks so stays.
func TestUnnamedEnum(t *testing.T) {
	p := irtest.LoadString(t, `
@s = constant [18 x i8] c"tag: DwarfTag(3) \00"
!0 = distinct !DICompileUnit(language: 9999, file: !1, emissionKind: 3, nameTableKind: 7)
!1 = !DIFile(filename: "a.c", directory: ".")
!2 = !DIBasicType(tag: DW_TAG_base_type, name: "t", size: 8, encoding: 99)
`)
	var sb strings.Builder
	if err := ir.Fprint(&sb, p); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`c"tag: DwarfTag(3) \00"`, "language: 9999,", "emissionKind: DebugDirectivesOnly", "nameTableKind: 7)", "encoding: 99)"} {
		if !strings.Contains(sb.String(), want) {
			t.Errorf("%s is missing in\n%s", want, sb.String())
		}
	}
}
