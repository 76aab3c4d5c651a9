package ir_test

import (
	"errors"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"quasi/ir"
	"quasi/ir/irtest"
)

// TestLoadErrors loads what is no valid module. The whole message is compared.
func TestLoadErrors(t *testing.T) {
	const typed = "define void @f(i8* %p) {\n  ret void\n}\n"
	tests := []struct {
		name, src, want string
	}{
		{"empty", " \n", "x.ll: the file is empty"},
		{"bitcode", "BC\xc0\xde\x35\x14\x00", "x.ll: this is LLVM bitcode, not text; convert it with llvm-dis-14"},
		{"wrapped_bitcode", "\xde\xc0\x17\x0b\x00\x00", "x.ll: this is LLVM bitcode, not text; convert it with llvm-dis-14"},
		{"object", "\x7fELF\x02\x01", "x.ll: this is an object file or archive, not LLVM IR; compile with clang-14 -S -emit-llvm"},
		{"binary", "define\x00\x01", "x.ll: this is a binary file, not LLVM IR text"},
		{"c", "int main(void) { return 0; }\n", "x.ll: this is not LLVM IR text; compile C with clang-14 -S -emit-llvm"},
		{"c_include", "#include <stdio.h>\n", "x.ll: this is not LLVM IR text; compile C with clang-14 -S -emit-llvm"},
		{"prose", "\xef\xbf\xbdhello\n", "x.ll: this is not LLVM IR text; compile C with clang-14 -S -emit-llvm"},
		{"syntax", typed + "define void @g() {\n  retn void\n}\n", `x.ll:5:3: syntax error at "retn"`},
		{"syntax_end", "define void @g() {\n", "x.ll:2:1: syntax error at the end of the file"},
		{"opaque_pointers", "define void @f(ptr %p) {\n  ret void\n}\n!llvm.ident = !{!0}\n!0 = !{!\"clang version 16.0.6\"}\n",
			"x.ll:1:16: this is IR of LLVM 16 (it has opaque pointers); compile with clang-14, or with -Xclang -no-opaque-pointers if it is clang 15 or 16"},
		{"opaque_pointers_17", "@p = global ptr null\n!0 = !{!\"Ubuntu clang version 17.0.6 (1)\"}\n",
			"x.ll:1:13: this is IR of LLVM 17 (it has opaque pointers); compile with clang-14"},
		{"opaque_pointers_unknown", "@p = global ptr null\n",
			"x.ll:1:13: this is IR of a newer LLVM (it has opaque pointers); compile with clang-14, or with -Xclang -no-opaque-pointers if it is clang 15 or 16"},
		{"newer_attribute", "define void @f() memory(none) {\n  ret void\n}\n!0 = !{!\"clang version 16.0.6\"}\n",
			`x.ll:1:18: this is IR of LLVM 16 ("memory" is not known to LLVM 14); compile with clang-14`},
		{"undefined_local", typed + "define i32 @g() {\n  %x = add i32 1, 2\n  ret i32 %y\n}\n",
			`x.ll:6: @g: unable to locate local identifier "%y" of "@g"`},
		{"undefined_global", "define i32* @g() {\n  ret i32* @nope\n}\n",
			`x.ll:2: @g: unable to locate global identifier "@nope"`},
		{"undefined_in_global", "@a = global i32 0\n@g = global i32* @nope\n",
			`x.ll:2: unable to locate global identifier "@nope"`},
		{"undefined_label", "define void @g() {\n  br label %nope\n}\n",
			`x.ll:2: @g: unable to locate local identifier "%nope"`},
		{"no_half", "@g = global half 0xC\n", "x.ll: @g: llir cannot read this: a constant that is no half is given for a half"},
		{"no_float", "@g = global float 0x1\n", "x.ll: @g: llir cannot read this: a constant that is no float is given for a float"},
		{"required_field", "@g = global i8 0\n!0 = !DIDerivedType(tag: DW_TAG_volatile_type, scope: !1)\n!1 = !{}\n",
			"x.ll: !0 lacks the required field baseType"},
		{"brackets", "@g = global i8 0\n@h = external global " + strings.Repeat("[", 1001) + "\n", "x.ll:2: nested more than 1000 deep"},
		{"stars", "@g = global i8 0\n@h = external global i8" + strings.Repeat("*", 1001) + "\n", "x.ll:2: nested more than 1000 deep"},
		{"long_literal", "@g = global i8 0\n@h = global x86_fp80 0xK000000000000000000001\n",
			"x.ll:2: the literal 0xK000000000000000000001 has too many digits"},
		{"self_type", "%a = type %b*\n%b = type [2 x %a]\n", "x.ll:1: type %a is defined through itself but is no struct"},
		{"big_endian", "target datalayout = \"E-m:e\"\n", `x.ll: target datalayout: "E": big-endian targets are not supported`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ir.Load("x.ll", []byte(test.src))
			if err == nil {
				t.Fatal("no error")
			}
			if got := err.Error(); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			var e *ir.Error
			if !errors.As(err, &e) {
				t.Errorf("%T is no *ir.Error", err)
			}
		})
	}
}

// TestLoadPanics loads modules that llir panics on: an error with a position
// must come of it.
func TestLoadPanics(t *testing.T) {
	for name, src := range map[string]string{
		"gep into i32":      "define void @f(i32* %p) {\n  %x = getelementptr i32, i32* %p, i64 0, i64 0\n  ret void\n}\n",
		"gep field":         "define void @f({ i32 }* %p) {\n  %x = getelementptr { i32 }, { i32 }* %p, i64 0, i32 7\n  ret void\n}\n",
		"insertvalue":       "define void @f(i32 %p) {\n  %x = insertvalue i32 %p, i32 0, 0\n  ret void\n}\n",
		"extractvalue":      "define void @f({ i32 } %p) {\n  %x = extractvalue { i32 } %p, 9\n  ret void\n}\n",
		"decimal x86_fp80":  "define x86_fp80 @f() {\n  ret x86_fp80 1.0\n}\n",
		"call of a pointer": "define void @f(i8* %p) {\n  call void %p()\n  ret void\n}\n",
	} {
		_, err := ir.Load("x.ll", []byte(src))
		var e *ir.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: got error %v", name, err)
			continue
		}
		if e.Pos.Func != "f" {
			t.Errorf("%s: no position in %v", name, err)
		}
	}
}

// TestRoundTrip loads and prints every testdata/load file: its CHECK lines must
// match the module as LLVM writes it out again, which shows that both the
// pre-pass and the printer kept its meaning.
func TestRoundTrip(t *testing.T) {
	files, _ := filepath.Glob("testdata/load/*.ll")
	if len(files) == 0 {
		t.Fatal("no files")
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".ll"), func(t *testing.T) {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			printed := irtest.Print(t, irtest.Load(t, path))
			again, err := ir.Load("again.ll", []byte(printed))
			if err != nil {
				t.Fatalf("what was printed does not load: %v\n%s", err, printed)
			}
			if twice := irtest.Print(t, again); twice != printed {
				t.Errorf("printed twice:\n%s\nonce:\n%s", twice, printed)
			}
			irtest.Check(t, irtest.Canonical(t, printed), string(src))
			if got, want := irtest.Canonical(t, printed), irtest.Canonical(t, string(src)); got != want {
				t.Errorf("LLVM reads the printed module as\n%s\nthe file as\n%s", got, want)
			}
		})
	}
}

// TestPosition: with debug information a point is in the source, without in the
// module.
func TestPosition(t *testing.T) {
	p := irtest.LoadString(t, `
define i32 @f(i32 %x) !dbg !4 {
entry:
  %y = add i32 %x, 1, !dbg !7
  br label %0
0:
  ret i32 %y
}
!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2}
!0 = distinct !DICompileUnit(language: DW_LANG_C99, file: !1, emissionKind: FullDebug)
!1 = !DIFile(filename: "dir/f.c", directory: "/src")
!2 = !{i32 2, !"Debug Info Version", i32 3}
!4 = distinct !DISubprogram(name: "f", file: !1, line: 3, unit: !0)
!6 = distinct !DILexicalBlock(scope: !4, line: 4)
!7 = !DILocation(line: 5, column: 9, scope: !6)
`)
	f := irtest.Func(t, p, "f")
	for pt, want := range []string{"dir/f.c:5:9: @f:%entry#0", "test.ll: @f:%entry#1", "test.ll: @f:%0#0"} {
		if got := p.Position(ir.Point(pt)).String(); got != want {
			t.Errorf("point %d: got %s, want %s", pt, got, want)
		}
	}
	if got, want := p.PositionOf(f).String(), "dir/f.c:3: @f"; got != want {
		t.Errorf("function: got %s, want %s", got, want)
	}
}

func TestPositionString(t *testing.T) {
	tests := []struct {
		pos  ir.Position
		want string
	}{
		{ir.Position{}, ""},
		{ir.Position{File: "a.c", Line: 3}, "a.c:3"},
		{ir.Position{File: "a.c", Line: 3, Col: 4, Func: "f", Block: "b", Value: "#2"}, "a.c:3:4: @f:%b#2"},
		{ir.Position{Func: "f", Value: "%x"}, "@f:%x"},
		{ir.Position{File: "a.ll", Value: "@g"}, "a.ll: @g"},
	}
	for _, test := range tests {
		if got := test.pos.String(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// TestLoadMutated loads modules made of valid ones by exchanging, repeating and
// dropping tokens and lines: most are broken in some way that a syntax error
// does not catch. Nothing may panic, and LLVM must accept what Load accepts as
// far as Check looks at it, which TestCheck shows rule by rule.
func TestLoadMutated(t *testing.T) {
	var seeds []string
	for _, pattern := range []string{"testdata/load/*.ll", "testdata/check/valid_*.ll", "testdata/cfg/*.ll", "testdata/image/*.ll"} {
		files, _ := filepath.Glob(pattern)
		for _, path := range files {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			seeds = append(seeds, string(src))
		}
	}
	seeds = append(seeds, everything)
	var pool []string
	for _, s := range seeds {
		pool = append(pool, tokens(s)...)
	}
	rounds := 3000
	if testing.Short() {
		rounds = 300
	}
	for seed := range int64(rounds) {
		src := mutate(rand.New(rand.NewSource(seed)), seeds, pool)
		func() {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("seed %d: panic: %v\n%s", seed, r, src)
				}
			}()
			useAll(src)
		}()
	}
}

// useAll loads src and runs everything that must not fail on a loaded module.
func useAll(src string) error {
	p, err := ir.Load("mutated.ll", []byte(src))
	if err != nil {
		return err
	}
	for _, f := range p.Funcs {
		if f.IsDecl() {
			continue
		}
		f.PostDom()
		f.Loops()
		f.Uses()
		f.ControlDeps(f.Blocks[0])
		for pt := f.First; pt < f.End; pt++ {
			p.Position(pt)
		}
	}
	for _, g := range p.Module.Globals {
		if g.Init != nil {
			p.Initializer(g.Init)
		}
	}
	return ir.Fprint(io.Discard, p)
}

var tokenRE = regexp.MustCompile(`"[^"]*"|[%@!#]?[\w.$-]+|\S`)

func tokens(s string) []string { return tokenRE.FindAllString(s, -1) }

// mutate makes one to four random changes to one of seeds.
func mutate(rnd *rand.Rand, seeds, pool []string) string {
	lines := strings.Split(seeds[rnd.Intn(len(seeds))], "\n")
	for range 1 + rnd.Intn(4) {
		i := rnd.Intn(len(lines))
		switch rnd.Intn(5) {
		case 0:
			lines = slices.Delete(lines, i, i+1)
		case 1:
			j := rnd.Intn(len(lines))
			lines[i], lines[j] = lines[j], lines[i]
		default:
			parts := tokens(lines[i])
			if len(parts) == 0 {
				continue
			}
			k := rnd.Intn(len(parts))
			switch rnd.Intn(4) {
			case 0:
				parts[k] = pool[rnd.Intn(len(pool))]
			case 1:
				parts[k] = parts[rnd.Intn(len(parts))]
			case 2:
				parts = slices.Delete(parts, k, k+1)
			default:
				other := tokens(lines[rnd.Intn(len(lines))])
				if len(other) > 0 {
					parts[k] = other[rnd.Intn(len(other))]
				}
			}
			lines[i] = strings.Join(parts, " ")
		}
		if len(lines) == 0 {
			break
		}
	}
	return strings.Join(lines, "\n")
}
