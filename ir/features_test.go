package ir_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"quasi/ir"
	"quasi/ir/irtest"
)

// metadataNumber is left out of a comparison: llir writes named metadata in
// another order than clang, and LLVM numbers nodes as it meets them.
var metadataNumber = regexp.MustCompile(`![0-9]+|, splitDebugInlining: (true|false)`)

// unordered is a module's lines without metadata numbers, sorted.
func unordered(text string) string {
	lines := strings.Split(metadataNumber.ReplaceAllString(text, ""), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestFeatures compiles C that makes rare IR, at several levels, and compares
// what Fprint writes after Load with what clang wrote.
func TestFeatures(t *testing.T) {
	clang := irtest.Tool(t, "clang")
	for _, flags := range []string{"-O1 -g -Xclang -disable-llvm-passes", "-O2", "-O3 -mavx512f -g", "-O0 -fsanitize=undefined"} {
		t.Run(strings.ReplaceAll(flags, " ", ""), func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out.ll")
			args := append(strings.Fields(flags), "-w", "-S", "-emit-llvm", "-o", out, "testdata/load/features.c")
			if msg, err := exec.Command(clang, args...).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, msg)
			}
			src, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			p, err := ir.Load(out, src)
			if err != nil {
				t.Fatal(err)
			}
			got := unordered(irtest.Canonical(t, irtest.Print(t, p)))
			want := unordered(irtest.Canonical(t, string(src)))
			if got != want {
				t.Error(firstDifference(got, want))
			}
		})
	}
}

// firstDifference quotes the first lines that differ.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got\n" + g[i] + "\nwant\n" + w[i]
		}
	}
	return "one module has more lines"
}
