package ir

import (
	"strings"
	"testing"
)

// TestPrepass shows the edits of single lines; those whose meaning stays the
// same in LLVM have files in testdata/load.
func TestPrepass(t *testing.T) {
	tests := []struct {
		name, line, want string
	}{
		{"align of a call", "  %p = call noalias align 8 i8* @f()", `  %p = call noalias dereferenceable(9223372036854775816) i8* @f()`},
		{"align of a call with a value named call", "  %call = call align 8 i8* @f()", `  %call = call dereferenceable(9223372036854775816) i8* @f()`},
		{"align first", "  %p = tail call align 8 i8* @f(i8* align 8 %x)", `  %p = tail call dereferenceable(9223372036854775816) i8* @f(i8* align 8 %x)`},
		{"align of a declaration", "declare noalias align 16 dereferenceable(8) i8* @f(i8* align 2)", `declare noalias dereferenceable(9223372036854775824) dereferenceable(8) i8* @f(i8* align 2)`},
		{"align of a definition", `define internal fastcc align 4 %"a b"* @f() align 16 {`, `define internal fastcc dereferenceable(9223372036854775812) %"a b"* @f() align 16 {`},
		{"calling convention by number", "call cc 10 align 4 i8* @f()", `call cc 10 dereferenceable(9223372036854775812) i8* @f()`},
		{"string attribute", `call "a"="align 8" align 8 i8* @f()`, `call "a"="align 8" dereferenceable(9223372036854775816) i8* @f()`},
		{"align of an invoke", "  %x = invoke align 8 i8* @f() to label %a unwind label %b", `  %x = invoke dereferenceable(9223372036854775816) i8* @f() to label %a unwind label %b`},
		{"no align of a result", "call i8* @f(i8* align 8 %x) #1", "call i8* @f(i8* align 8 %x) #1"},
		{"align of a load", "  %x = load i8*, i8** %call , align 8", "  %x = load i8*, i8** %call , align 8"},
		{"canonical NaN", "ret double 0x7FF8000000000000", "ret double 0x7FF8000000000000"},
		{"infinity", "ret double 0x7FF0000000000000", "ret double 0x7FF0000000000000"},
		{"NaN after another type", "call void @f(double 1.0, float 0x7FF8000020000000)", "call void @f(double 1.0, float bitcast (i32 2143289345 to float))"},
		{"type name in a value name", "%x = fadd double %float, 0x7FF8000020000000", "%x = fadd double %float, bitcast (i64 9221120237577961472 to double)"},
		{"NaN in a string", `@s = constant [4 x i8] c"0x7FF8000020000000"`, `@s = constant [4 x i8] c"0x7FF8000020000000"`},
		{"NaN in a name", "ret i32 %0x7FF8000020000000", "ret i32 %0x7FF8000020000000"},
		{"comment", "; call align 8 i8* @f() 0xK00000000000000000001", "; call align 8 i8* @f() 0xK00000000000000000001"},
		{"plain index", "%x = getelementptr i8, i8* bitcast (i32* @a to i8*), i64 %i", "%x = getelementptr i8, i8* bitcast (i32* @a to i8*), i64 %i"},
		{"label like a field", "rank:                ; preds = %a", `"rank":                ; preds = %a`},
		{"label like no field", "ranks:", "ranks:"},
		{"field", "  rank: 3)", "  rank: 3)"},
		{"open parenthesis", "%x = getelementptr i8, i8* (%p, i64 zext (", "%x = getelementptr i8, i8* (%p, i64 zext ("},
	}
	for _, test := range tests {
		out, _, err := prepass(test.line)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if out.text != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, out.text, test.want)
		}
	}
}

// TestPrepassOriginal maps offsets behind edits back.
func TestPrepassOriginal(t *testing.T) {
	text := "declare align 8 i8* @f()\ndeclare align 16 i8* @g()\n"
	out, _, err := prepass(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, mark := range []string{"@f", "\ndeclare", "@g"} {
		if got, want := out.original(strings.Index(out.text, mark)), strings.Index(text, mark); got != want {
			t.Errorf("%q: got %d, want %d", mark, got, want)
		}
	}
}

// TestPrepassLongLiteral: a literal has no more digits than its type.
func TestPrepassLongLiteral(t *testing.T) {
	for literal, fits := range map[string]bool{
		"x86_fp80 0xK00000000000000000001": true, "x86_fp80 0xK000000000000000000001": false,
		"fp128 0xL00000000000000000000000000000001": true, "fp128 0xL000000000000000000000000000000001": false,
		"ppc_fp128 0xM00000000000000000000000000000001": true, "ppc_fp128 0xM000000000000000000000000000000001": false,
		"double 0x3FF0000000000000": true, "double 0x03FF0000000000000": true,
	} {
		_, line, err := prepass("; a comment\n@g = global " + literal + "\n")
		if (err == nil) != fits || !fits && line != 2 {
			t.Errorf("%s: line %d, error %v; fits: %v", literal, line, err, fits)
		}
	}
}

// TestPrepassSelfType: a type may be defined through itself only by way of a
// struct.
func TestPrepassSelfType(t *testing.T) {
	tests := []struct {
		text string
		line int // 0: no fault
	}{
		{"%a = type %a*\n", 1},
		{"%a = type { %a* }\n", 0},
		{"%b = type { i8 }\n%a = type [2 x %c*]\n%c = type void (%a)\n", 2},
		{"%a = type void (%s*)\n%s = type { %a* }\n", 0},
		{"%\"x y\" = type %\"x y\"*\n", 1},
		{"%\"x%y\" = type [2 x %\"x%y\"]\n", 1},
		{"%a = type opaque\n%b = type %a*\n", 0},
		{"%0=type%0*define void @0(){ ret void }", 1},
		{"\n  %a\n= ; a comment\ntype\n%a *\n", 3},
		{"%a = type i8* %b = type void\n(%a, %b)\n", 1},
		{"%a = type i8* %b = type { %b* }\n", 0},
		{"; %a = type %a*\n@s = constant [13 x i8] c\"%a = type %a*\"\n", 0},
	}
	for _, test := range tests {
		_, line, err := prepass(test.text)
		if (err != nil) != (test.line > 0) || line != test.line {
			t.Errorf("%q: got line %d, error %v; want line %d", test.text, line, err, test.line)
		}
	}
}
