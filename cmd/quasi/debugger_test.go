package main

// This file checks that a debugger shows the C source of residual code: the
// line, and the calls that were unfolded.

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// debuggee marks the lines that residual code must be found at.
const debuggee = `#include <stdio.h>
static int scale(int x, int k)
{
    if (k == 0)
        return 0;
    return x * k + (x >> 3);            // here: scale step f
}
static void step(int *a, int n, int k)
{
    for (int i = 0; i < n; i++) {
        a[i] = scale(a[i], k);          // here: step f
        if (a[i] > 1000)
            puts("large");              // here: step f
    }
}
__attribute__((noinline)) int f(int *a, int n, int k)
{
    step(a, n, k);
    return a[0] + k;                    // here: f
}
int main(int argc, char **argv)
{
    int a[3] = { argc, 2, 3 };
    return f(a, 3, 7) & 1;
}
`

// TestDebugger builds the debuggee and asks LLVM's symbolizer for every address
// of f, into which clang inlines the residual function f.v1.
func TestDebugger(t *testing.T) {
	tc := needLLVM(t)
	symbolizer, err := tc.find(context.Background(), "llvm-symbolizer")
	if err != nil {
		t.Skip(err)
	}
	nm, err := tc.find(context.Background(), "llvm-nm")
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	src, prog := filepath.Join(dir, "debuggee.c"), filepath.Join(dir, "prog")
	if err := os.WriteFile(src, []byte(debuggee), 0o644); err != nil {
		t.Fatal(err)
	}
	mustQuasi(t, "build", "-q", "-e", "f", "--static", "k=7", "--static", "n=3", "-o", prog, src, "--", "-g", "-O1")
	syms, err := exec.Command(nm, "-S", "--defined-only", prog).Output()
	if err != nil {
		t.Fatal(err)
	}
	var from, size uint64
	for line := range strings.Lines(string(syms)) {
		if w := strings.Fields(line); len(w) == 4 && w[3] == "f" {
			from, _ = strconv.ParseUint(w[0], 16, 64)
			size, _ = strconv.ParseUint(w[1], 16, 64)
		}
	}
	if size == 0 {
		t.Fatalf("no function f among\n%s", syms)
	}
	var addrs bytes.Buffer
	for a := from; a < from+size; a++ {
		fmt.Fprintf(&addrs, "%#x\n", a)
	}
	cmd := exec.Command(symbolizer, "--obj="+prog, "--inlines", "--basenames")
	cmd.Stdin = &addrs
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	// An answer is pairs of lines, function and place, inner calls first; a blank
	// line ends it.
	seen := make(map[string]bool)
	for _, answer := range strings.Split(string(out), "\n\n") {
		lines := strings.Split(strings.TrimSpace(answer), "\n")
		var calls []string
		for i := 0; i+1 < len(lines); i += 2 {
			calls = append(calls, lines[i])
		}
		if len(lines) > 1 {
			place := strings.Split(lines[1], ":")
			seen[place[1]+": "+strings.Join(calls, " ")] = true
		}
	}
	for n, line := range strings.Split(debuggee, "\n") {
		if _, want, ok := strings.Cut(line, "// here: "); ok {
			if want = fmt.Sprintf("%d: %s f.v1 f", n+1, want); !seen[want] {
				t.Errorf("no address of f is at line %s; there are %v", want, seen)
			}
		}
	}
}
