package ir_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"quasi/ir"
	"quasi/ir/irtest"
)

// loadSeeds are the modules that fuzzing starts from.
var loadSeeds = []string{"testdata/*/*.ll", "../bta/testdata/*.ll", "../pe/testdata/*.ll"}

// maxFuzz bounds the size of inputs: larger ones find nothing that these do not.
const maxFuzz = 1 << 16

// perByte bounds what Load may allocate for a byte of input.
const perByte = 1 << 14

// FuzzLoad loads any bytes: an error with a position, or a module that prints
// as text that loads and prints the same again and can be analyzed. It never panics, and what it
// allocates is bounded by the size of the input.
func FuzzLoad(f *testing.F) {
	for _, text := range irtest.Texts(f, loadSeeds...) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > maxFuzz {
			t.Skip()
		}
		irtest.Bounded(t, len(src), perByte, func() { checkLoad(t, string(src)) })
	})
}

// FuzzLoadTokens is FuzzLoad for a test module of which tokens are exchanged.
func FuzzLoadTokens(f *testing.F) {
	texts := irtest.Texts(f, loadSeeds...)
	for i := range texts {
		f.Add(uint16(i), []byte{0, 0, byte(i), 130})
	}
	f.Fuzz(func(t *testing.T, seed uint16, edits []byte) {
		text := irtest.Mutate(texts[int(seed)%len(texts)], edits)
		irtest.Bounded(t, len(text), perByte, func() { checkLoad(t, text) })
		if t.Failed() {
			t.Logf("module:\n%s", text)
		}
	})
}

// checkLoad loads src and holds it against what Load promises.
func checkLoad(t *testing.T, src string) {
	p, err := ir.Load("fuzz.ll", []byte(src))
	if err != nil {
		checkPositions(t, err)
		return
	}
	for _, fn := range p.Funcs {
		if !fn.IsDecl() {
			fn.PostDom()
			fn.Loops()
			fn.Uses()
			fn.ControlDeps(fn.Blocks[0])
		}
	}
	for _, g := range p.Module.Globals {
		if g.Init != nil {
			p.Initializer(g.Init)
		}
	}
	var once, twice strings.Builder
	if err := ir.Fprint(&once, p); err != nil {
		t.Fatalf("what was loaded does not print: %v", err)
	}
	if strings.TrimSpace(once.String()) == "" {
		return // Load refuses a file with nothing in it
	}
	again, err := ir.Load("again.ll", []byte(once.String()))
	if err != nil {
		t.Fatalf("what was printed does not load: %v\n%s", err, irtest.Numbered(once.String()))
	}
	if err := ir.Fprint(&twice, again); err != nil {
		t.Fatal(err)
	}
	if twice.String() != once.String() {
		t.Fatalf("printed twice:\n%s\nonce:\n%s", twice.String(), once.String())
	}
}

// checkPositions checks that each error that err joins is an *ir.Error with a
// file.
func checkPositions(t *testing.T, err error) {
	t.Helper()
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			checkPositions(t, e)
		}
		return
	}
	var e *ir.Error
	if !errors.As(err, &e) || e.Pos.File == "" {
		t.Errorf("error without a position: %v", err)
	}
}

// TestHostileSize loads inputs whose only fault is that something in them is
// far too deep or too large: an error or a module, in bounded memory and time.
func TestHostileSize(t *testing.T) {
	const n = 200_000
	for name, src := range map[string]string{
		"struct type":   "@g = external global " + strings.Repeat("{", n) + strings.Repeat("}", n) + "\n",
		"array type":    "@g = external global " + strings.Repeat("[1 x ", n) + "i8" + strings.Repeat("]", n) + "\n",
		"pointer type":  "@g = external global i8" + strings.Repeat("*", n) + "\n",
		"constant":      "@g = global i8* " + strings.Repeat("bitcast (i8* ", n) + "null" + strings.Repeat(" to i8*)", n) + "\n",
		"metadata":      "!0 = !{" + strings.Repeat("!{", n) + strings.Repeat("}", n) + "}\n",
		"array length":  "@g = global [4611686018427387904 x i8] zeroinitializer\n@h = global [4294967295 x [4294967295 x i64]] zeroinitializer\n",
		"integer width": "@g = global i8388607 0\n@h = global i8388608 0\n",
		"alias chain":   aliasChain(n / 10),
		"type chain":    typeChain(n / 10),
		"brackets":      strings.Repeat("(", n) + "\n@g = global i8 0\n",
	} {
		t.Run(name, func(t *testing.T) {
			irtest.Bounded(t, len(src), perByte, func() { checkLoad(t, src) })
		})
	}
}

func aliasChain(n int) string {
	var sb strings.Builder
	sb.WriteString("@a0 = global i8 0\n")
	for i := range n {
		sb.WriteString("@a" + strconv.Itoa(i+1) + " = alias i8, i8* @a" + strconv.Itoa(i) + "\n")
	}
	return sb.String()
}

func typeChain(n int) string {
	var sb strings.Builder
	for i := range n {
		sb.WriteString("%t" + strconv.Itoa(i) + " = type [2 x %t" + strconv.Itoa(i+1) + "]\n")
	}
	sb.WriteString("%t" + strconv.Itoa(n) + " = type i8\n@g = external global %t0*\n")
	return sb.String()
}
