package ir_test

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"

	"quasi/ir"
	"quasi/ir/irtest"
)

// layoutTypes are the types whose layout is known: size, align and, for
// structs, the offset of the last field, as clang lays them out on x86-64.
var layoutTypes = []struct {
	typ               string
	size, align, last int64
}{
	{"i1", 1, 1, -1},
	{"i8", 1, 1, -1},
	{"i16", 2, 2, -1},
	{"i24", 4, 4, -1},
	{"i32", 4, 4, -1},
	{"i33", 8, 8, -1},
	{"i64", 8, 8, -1},
	{"i65", 16, 8, -1},
	{"i80", 16, 8, -1},
	{"i128", 16, 8, -1},
	{"i256", 32, 8, -1},
	{"half", 2, 2, -1},
	{"float", 4, 4, -1},
	{"double", 8, 8, -1},
	{"x86_fp80", 16, 16, -1},
	{"fp128", 16, 16, -1},
	{"x86_mmx", 8, 8, -1},
	{"i8*", 8, 8, -1},
	{"void ()*", 8, 8, -1},
	{"i8 addrspace(270)*", 4, 4, -1},
	{"i8 addrspace(272)*", 8, 8, -1},
	{"<2 x i8>", 2, 2, -1},
	{"<8 x i1>", 1, 1, -1},
	{"<3 x i128>", 64, 64, -1},
	{"<5 x i7>", 8, 8, -1},
	{"<3 x i8>", 4, 4, -1},
	{"<3 x float>", 16, 16, -1},
	{"<4 x float>", 16, 16, -1},
	{"<8 x float>", 32, 32, -1},
	{"<2 x i8*>", 16, 16, -1},
	{"<1 x i64>", 8, 8, -1},
	{"[0 x i32]", 0, 4, -1},
	{"[3 x i24]", 12, 4, -1},
	{"[5 x { i8, i16 }]", 20, 2, -1},
	{"{}", 0, 1, -1},
	{"{ i8 }", 1, 1, 0},
	{"{ i8, i32 }", 8, 4, 4},
	{"{ i32, i8 }", 8, 4, 4},
	{"<{ i8, i32 }>", 5, 1, 1},
	{"{ i8, <{ i8, i32 }>, i16 }", 8, 2, 6},
	{"{ i8, i128 }", 24, 8, 8},
	{"{ i8, x86_fp80 }", 32, 16, 16},
	{"{ i32, [0 x i64] }", 8, 8, 8},
	{"{ i8, { i8, double }, i8 }", 32, 8, 24},
	{"{ i1, i1, i16, i1 }", 6, 2, 4},
	{"{ <3 x i8>, i8 }", 8, 4, 4},
	{"%struct.node", 24, 8, 16},
}

const layoutHead = `target datalayout = "` + ir.DefaultDataLayout + `"
%struct.node = type { i32, %struct.node*, i8 }
%opaque = type opaque
`

// layoutModule has a function for every type, whose first instruction is a load
// of it.
func layoutModule() string {
	var sb strings.Builder
	sb.WriteString(layoutHead)
	for i, test := range layoutTypes {
		fmt.Fprintf(&sb, "define i64 @f%d(%s* %%p) {\n  %%v = load %s, %s* %%p\n", i, test.typ, test.typ, test.typ)
		fmt.Fprintf(&sb, "  %%d = ptrtoint %s* getelementptr (%s, %s* null, i64 1) to i64\n  ret i64 %%d\n}\n", test.typ, test.typ, test.typ)
	}
	return sb.String()
}

func TestLayout(t *testing.T) {
	p := irtest.LoadString(t, layoutModule())
	for i, test := range layoutTypes {
		f := irtest.Func(t, p, fmt.Sprintf("f%d", i))
		typ := f.LL.Blocks[0].Insts[0].(*llir.InstLoad).ElemType
		if got := p.Layout.Size(typ); got != test.size {
			t.Errorf("size of %s: got %d, want %d", test.typ, got, test.size)
		}
		if got := p.Layout.Align(typ); got != test.align {
			t.Errorf("alignment of %s: got %d, want %d", test.typ, got, test.align)
		}
		if st, ok := typ.(*types.StructType); ok && len(st.Fields) > 0 {
			if got := p.Layout.Offset(st, len(st.Fields)-1); got != test.last {
				t.Errorf("last offset of %s: got %d, want %d", test.typ, got, test.last)
			}
		}
	}
}

// TestLayoutOracle compares the table with LLVM: llvm-as writes the alignment of
// a load out, and opt folds sizes.
func TestLayoutOracle(t *testing.T) {
	opt := irtest.Tool(t, "opt")
	cmd := exec.Command(opt, "-passes=instcombine", "-S")
	cmd.Stdin = strings.NewReader(layoutModule())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	// instcombine deletes the dead load, so ask for alignments separately.
	as := exec.Command(opt, "-S")
	as.Stdin = strings.NewReader(layoutModule())
	text, err := as.Output()
	if err != nil {
		t.Fatal(err)
	}
	sizes := regexp.MustCompile(`(?m)^  ret i64 (.*)$`).FindAllStringSubmatch(string(out), -1)
	aligns := regexp.MustCompile(`(?m)^  %v = load .*, align (\d+)$`).FindAllStringSubmatch(string(text), -1)
	if len(sizes) != len(layoutTypes) || len(aligns) != len(layoutTypes) {
		t.Fatalf("%d sizes and %d alignments for %d types", len(sizes), len(aligns), len(layoutTypes))
	}
	for i, test := range layoutTypes {
		if n, err := strconv.ParseInt(sizes[i][1], 10, 64); err != nil || n != test.size {
			t.Errorf("size of %s: LLVM says %s, the table %d", test.typ, sizes[i][1], test.size)
		}
		if n, _ := strconv.ParseInt(aligns[i][1], 10, 64); n != test.align {
			t.Errorf("alignment of %s: LLVM says %d, the table %d", test.typ, n, test.align)
		}
	}
}

func TestLayoutSizeless(t *testing.T) {
	l, err := ir.NewLayout("")
	if err != nil {
		t.Fatal(err)
	}
	self := types.NewStruct()
	self.TypeName = "self"
	self.Fields = []types.Type{types.I8, self, self}
	scalable := types.NewVector(4, types.I32)
	scalable.Scalable = true
	for _, typ := range []types.Type{
		types.Void, types.Label, types.Token, types.Metadata, types.NewFunc(types.Void),
		&types.StructType{TypeName: "opaque", Opaque: true},
		types.NewArray(3, &types.StructType{TypeName: "opaque", Opaque: true}),
		types.NewArray(1<<62, types.I64), self, scalable, types.NewStruct(types.I8, types.Void),
	} {
		if n := l.Size(typ); n != -1 {
			t.Errorf("size of %v: got %d, want -1", typ, n)
		}
		if n := l.StoreSize(typ); n != -1 {
			t.Errorf("store size of %v: got %d, want -1", typ, n)
		}
	}
	if n := l.Offset(types.NewStruct(types.I8), 1); n != -1 {
		t.Errorf("offset of a missing field: got %d, want -1", n)
	}
}

func TestNewLayoutErrors(t *testing.T) {
	for layout, want := range map[string]string{
		"E-m:e":         "big-endian",
		"e-p:x:64":      "not a number of bits",
		"e-p:64":        "want pADDRSPACE:SIZE:ABI",
		"e-i64:":        "",
		"e-i99999999:8": "not a number of bits",
		"e-n8:16-S128":  "",
	} {
		_, err := ir.NewLayout(layout)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", layout, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got error %v, want %q", layout, err, want)
		}
	}
}

func TestFieldAt(t *testing.T) {
	l, _ := ir.NewLayout("")
	st := types.NewStruct(types.I8, types.I32, types.I64)
	for off, want := range map[int64]int{0: 0, 3: 0, 4: 1, 7: 1, 8: 2, 15: 2, 16: -1, -1: -1} {
		if got := l.FieldAt(st, off); got != want {
			t.Errorf("field at %d: got %d, want %d", off, got, want)
		}
	}
}

// TestGEP evaluates the getelementptr of each function: off plus scale for each
// index that is not constant.
func TestGEP(t *testing.T) {
	const src = layoutHead + `
define void @first(i32* %p, i64 %i) {
  %a = getelementptr i32, i32* %p, i64 %i
  ret void
}
define void @negative(i32* %p) {
  %a = getelementptr i32, i32* %p, i32 -1
  ret void
}
define void @unsigned(i8* %p) {
  %a = getelementptr i8, i8* %p, i8 255
  ret void
}
define void @nested([4 x { i8, [3 x i16] }]* %p, i32 %i, i64 %j) {
  %a = getelementptr [4 x { i8, [3 x i16] }], [4 x { i8, [3 x i16] }]* %p, i64 1, i32 %i, i32 1, i64 %j
  ret void
}
define void @expression(i8* %p) {
  %a = getelementptr i8, i8* %p, i64 add (i64 ptrtoint (i8* null to i64), i64 5)
  ret void
}
define void @vector(<2 x i8*> %p) {
  %a = getelementptr i8, <2 x i8*> %p, <2 x i64> <i64 1, i64 2>
  ret void
}
define void @opaque(%opaque* %p, i64 %i) {
  %a = getelementptr { i8, i32 }, { i8, i32 }* null, i64 0, i32 1
  ret void
}`
	want := map[string]string{
		"first":      "0 + %i*4",
		"negative":   "-4",
		"unsigned":   "-1",
		"nested":     "34 + %i*8 + %j*2",
		"expression": "5",
		"vector":     "no",
		"opaque":     "4",
	}
	p := irtest.LoadString(t, src)
	for _, f := range p.Funcs {
		inst := f.LL.Blocks[0].Insts[0].(*llir.InstGetElementPtr)
		got := "no"
		if off, vars, ok := p.Layout.GEP(inst.ElemType, inst.Indices); ok {
			got = fmt.Sprint(off)
			for _, v := range vars {
				got += fmt.Sprintf(" + %s*%d", v.Index.Ident(), v.Scale)
			}
		}
		if got != want[f.Name()] {
			t.Errorf("%s: got %s, want %s", f.Name(), got, want[f.Name()])
		}
	}
}
