package ir_test

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"

	"quasi/ir"
	"quasi/ir/irtest"
)

const initializers = "testdata/image/initializers.ll"

// describeImage is an image on one line.
func describeImage(img *ir.Image) string {
	if img == nil {
		return "none"
	}
	s := fmt.Sprintf("size %d", img.Size)
	if img.Zero {
		return s + " zero"
	}
	s += " bytes " + hex.EncodeToString(img.Bytes)
	for _, r := range img.Relocs {
		s += fmt.Sprintf(" reloc %d %s+%d", r.Off, r.Base.Ident(), r.Addend)
	}
	for _, u := range img.Undef {
		s += fmt.Sprintf(" undef %d+%d", u.Off, u.Size)
	}
	return s
}

func TestInitializer(t *testing.T) {
	src, err := os.ReadFile(initializers)
	if err != nil {
		t.Fatal(err)
	}
	p := irtest.Load(t, initializers)
	var sb strings.Builder
	for _, g := range p.Module.Globals {
		fmt.Fprintf(&sb, "%s: %s\n", g.Ident(), describeImage(p.Initializer(g.Init)))
	}
	irtest.Check(t, sb.String(), string(src))
}

// TestInitializerOracle prints the memory of each global in a running program
// and compares it with the image: bytes outside relocations and undef must be
// equal.
func TestInitializerOracle(t *testing.T) {
	p := irtest.Load(t, initializers)
	var decls, calls strings.Builder
	for _, g := range p.Module.Globals {
		name, size := g.Name(), p.Layout.Size(g.ContentType)
		fmt.Fprintf(&decls, "extern unsigned char g_%s[] __asm__(%q);\n", name, name)
		fmt.Fprintf(&calls, "  dump(%q, g_%s, %d);\n", name, name, min(size, 64))
	}
	c := "#include <stdio.h>\n" + decls.String() + `
static void dump(const char *name, unsigned char *p, int n) {
  printf("%s ", name);
  for (int i = 0; i < n; i++) printf("%02x", p[i]);
  printf("\n");
}
int main(void) {
` + calls.String() + "  return 0;\n}\n"
	out, status := irtest.Run(t, irtest.Print(t, p), irtest.RunOptions{C: c, Files: []string{"-no-pie"}})
	if status != 0 {
		t.Fatalf("status %d", status)
	}
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		name, dump, _ := strings.Cut(line, " ")
		memory, err := hex.DecodeString(dump)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range p.Module.Globals {
			if g.Name() == name {
				compareImage(t, name, p.Initializer(g.Init), memory)
			}
		}
	}
}

func compareImage(t *testing.T, name string, img *ir.Image, memory []byte) {
	t.Helper()
	if img == nil {
		return
	}
	skip := make([]bool, len(memory))
	for _, r := range img.Relocs {
		for i := r.Off; i < r.Off+r.Size; i++ {
			skip[i] = true
		}
	}
	for _, u := range img.Undef {
		for i := u.Off; i < u.Off+u.Size; i++ {
			skip[i] = true
		}
	}
	for i, b := range memory {
		got := byte(0)
		if !img.Zero {
			got = img.Bytes[i]
		}
		if !skip[i] && got != b {
			t.Errorf("@%s: byte %d: got %02x, want %02x", name, i, got, b)
		}
	}
}

func TestInitializerShared(t *testing.T) {
	p := irtest.LoadString(t, "@a = global [4 x i32] [i32 1, i32 2, i32 3, i32 4]")
	init := p.Module.Globals[0].Init
	if p.Initializer(init) != p.Initializer(init) {
		t.Error("two images of one constant")
	}
	huge := constant.NewStruct(types.NewStruct(types.I8, types.NewArray(ir.MaxImageSize, types.I8)),
		constant.NewInt(types.I8, 1), constant.NewZeroInitializer(types.NewArray(ir.MaxImageSize, types.I8)))
	if img := p.Initializer(huge); img != nil {
		t.Errorf("an image of %d bytes", img.Size)
	}
}

func TestRelocAt(t *testing.T) {
	p := irtest.Load(t, initializers)
	for _, g := range p.Module.Globals {
		if g.Name() != "list" {
			continue
		}
		img := p.Initializer(g.Init)
		if r, ok := img.RelocAt(8); !ok || r.Base != constant.Constant(g) {
			t.Errorf("relocation at 8: got %v, %v", r, ok)
		}
		if _, ok := img.RelocAt(9); ok {
			t.Error("a relocation at 9")
		}
	}
}

// TestConstInt evaluates integer constant expressions; LLVM agrees, since its
// assembler folds the same text.
func TestConstInt(t *testing.T) {
	tests := []struct {
		typ, expr, want string
	}{
		{"i32", "-1", "4294967295"},
		{"i32", "u0xFF", "255"},
		{"i1", "true", "1"},
		{"i8", "add (i8 200, i8 100)", "44"},
		{"i8", "sub (i8 1, i8 2)", "255"},
		{"i8", "mul (i8 16, i8 17)", "16"},
		{"i8", "udiv (i8 -1, i8 2)", "127"},
		{"i8", "sdiv (i8 -7, i8 2)", "253"},
		{"i8", "srem (i8 -7, i8 2)", "255"},
		{"i8", "urem (i8 -7, i8 2)", "1"},
		{"i8", "udiv (i8 1, i8 0)", ""},
		{"i8", "sdiv (i8 -128, i8 -1)", ""},
		{"i8", "shl (i8 3, i8 7)", "128"},
		{"i8", "shl (i8 1, i8 8)", ""},
		{"i8", "lshr (i8 -2, i8 1)", "127"},
		{"i8", "ashr (i8 -2, i8 1)", "255"},
		{"i8", "and (i8 12, i8 10)", "8"},
		{"i8", "or (i8 12, i8 10)", "14"},
		{"i8", "xor (i8 12, i8 10)", "6"},
		{"i32", "zext (i8 -1 to i32)", "255"},
		{"i32", "sext (i8 -1 to i32)", "4294967295"},
		{"i8", "trunc (i32 511 to i8)", "255"},
		{"i1", "icmp slt (i8 -1, i8 1)", "1"},
		{"i1", "icmp ult (i8 -1, i8 1)", "0"},
		{"i1", "icmp eq (i8* @a, i8* getelementptr (i8, i8* @a, i64 0))", "1"},
		{"i8", "select (i1 icmp sge (i8 0, i8 0), i8 1, i8 2)", "1"},
		{"i64", "ptrtoint (i8* getelementptr (i8, i8* null, i64 5) to i64)", "5"},
		{"i64", "ptrtoint (i8* inttoptr (i64 9 to i8*) to i64)", "9"},
		{"i64", "ptrtoint (i8* @a to i64)", ""},
		{"i8", "undef", ""},
	}
	for _, test := range tests {
		p := irtest.LoadString(t, fmt.Sprintf("@a = external global i8\n@x = global %s %s\n", test.typ, test.expr))
		n, ok := p.ConstInt(p.Module.Globals[1].Init)
		got := ""
		if ok {
			got = n.String()
		}
		if got != test.want {
			t.Errorf("%s %s: got %q, want %q", test.typ, test.expr, got, test.want)
		}
	}
}

func TestConstInt64(t *testing.T) {
	l, _ := ir.NewLayout("")
	if n, ok := l.ConstInt64(constant.NewInt(types.I32, -5)); !ok || n != -5 {
		t.Errorf("i32 -5: got %d, %v", n, ok)
	}
	wide := &constant.Int{Typ: types.I128, X: new(big.Int).Lsh(big.NewInt(1), 100)}
	if n, ok := l.ConstInt64(wide); ok {
		t.Errorf("i128: got %d", n)
	}
}
