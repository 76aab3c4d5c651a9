// Package irtest holds what tests of every package share: loading IR, matching
// listings with FileCheck lines, and running LLVM's tools where they are
// installed.
package irtest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"quasi/ir"
)

// Load loads the .ll file path and fails t if it is not valid.
func Load(t testing.TB, path string) *ir.Program {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ir.Load(path, src)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// LoadString loads the text of a module and fails t if it is not valid.
func LoadString(t testing.TB, src string) *ir.Program {
	t.Helper()
	p, err := ir.Load("test.ll", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Func returns the function called name and fails t if p has none.
func Func(t testing.TB, p *ir.Program, name string) *ir.Func {
	t.Helper()
	f := p.FuncByName(name)
	if f == nil {
		t.Fatalf("no function @%s", name)
	}
	return f
}

// Print returns p's module text and fails t if it cannot be printed.
func Print(t testing.TB, p *ir.Program) string {
	t.Helper()
	var sb strings.Builder
	if err := ir.Fprint(&sb, p); err != nil {
		t.Fatal(err)
	}
	return sb.String()
}

// Tool returns the path of an LLVM 14 tool such as opt, and skips t if it is
// not installed.
func Tool(t testing.TB, name string) string {
	t.Helper()
	for _, candidate := range []string{name + "-14", name} {
		path, err := exec.LookPath(candidate)
		if err != nil {
			continue
		}
		out, err := exec.Command(path, "--version").Output()
		if err == nil && bytes.Contains(out, []byte("version 14.")) {
			return path
		}
	}
	t.Skipf("%s of LLVM 14 is not installed", name)
	return ""
}

// runTimeout bounds one run of a tool or of a compiled program.
const runTimeout = time.Minute

// Verify fails t unless LLVM's verifier accepts text. It skips t if opt is not
// installed.
func Verify(t testing.TB, text string) {
	t.Helper()
	opt := Tool(t, "opt")
	ctx, cancel := context.WithTimeout(context.Background(), runTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, opt, "-passes=verify", "-disable-output")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("opt rejects the module: %v\n%s\n%s", err, out, Numbered(text))
	}
}

// Run compiles the module text (and C sources, if any) to a program, runs it
// with args and returns what it printed and its exit status. It skips t if
// clang is not installed.
func Run(t testing.TB, text string, opts RunOptions) (stdout string, status int) {
	t.Helper()
	clang := Tool(t, "clang")
	dir := t.TempDir()
	ll := filepath.Join(dir, "prog.ll")
	if err := os.WriteFile(ll, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(dir, "prog")
	args := append([]string{"-w", "-O1", "-o", exe, ll}, opts.Files...)
	if opts.C != "" {
		c := filepath.Join(dir, "main.c")
		if err := os.WriteFile(c, []byte(opts.C), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, c)
	}
	ctx, cancel := context.WithTimeout(context.Background(), runTimeout)
	defer cancel()
	if out, err := exec.CommandContext(ctx, clang, append(args, "-lm")...).CombinedOutput(); err != nil {
		t.Fatalf("clang: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(ctx, exe, opts.Args...)
	cmd.Stdin = strings.NewReader(opts.Stdin)
	out, err := cmd.Output()
	if ctx.Err() != nil {
		t.Fatalf("the program ran longer than %v", runTimeout)
	}
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatalf("run: %v", err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// RunOptions say what goes with a module when Run runs it.
type RunOptions struct {
	C     string   // source of a C file to link with
	Files []string // other files to link with
	Args  []string
	Stdin string
}

// CompileC compiles C source to IR as the tool does for its input: debug info,
// TBAA, nothing rewritten but allocas promoted by sroa. It skips t if clang or
// opt is not installed.
func CompileC(t testing.TB, src string, flags ...string) string {
	t.Helper()
	clang, opt := Tool(t, "clang"), Tool(t, "opt")
	dir := t.TempDir()
	c := filepath.Join(dir, "in.c")
	if err := os.WriteFile(c, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	raw := filepath.Join(dir, "raw.ll")
	args := append([]string{"-w", "-O1", "-g", "-Xclang", "-disable-llvm-passes", "-S", "-emit-llvm", "-o", raw, c}, flags...)
	if out, err := exec.Command(clang, args...).CombinedOutput(); err != nil {
		t.Fatalf("clang: %v\n%s", err, out)
	}
	out, err := exec.Command(opt, "-passes=sroa", "-S", raw).Output()
	if err != nil {
		t.Fatalf("opt: %v", err)
	}
	return string(out)
}

// Canonical is text as LLVM writes it after reading it, without the lines that
// name the file and in sorted order of named metadata, so that two modules are
// the same if their canonical texts are. It skips t if LLVM is not installed.
func Canonical(t testing.TB, text string) string {
	t.Helper()
	as, dis := Tool(t, "llvm-as"), Tool(t, "llvm-dis")
	bitcode := exec.Command(as, "-o", "-")
	bitcode.Stdin = strings.NewReader(text)
	var complaint bytes.Buffer
	bitcode.Stderr = &complaint
	bc, err := bitcode.Output()
	if err != nil {
		t.Fatalf("llvm-as: %v\n%s\n%s", err, complaint.String(), Numbered(text))
	}
	back := exec.Command(dis, "-o", "-")
	back.Stdin = bytes.NewReader(bc)
	out, err := back.Output()
	if err != nil {
		t.Fatalf("llvm-dis: %v", err)
	}
	var lines, named []string
	for _, line := range strings.Split(string(out), "\n") {
		switch {
		case strings.HasPrefix(line, "; ModuleID"):
		case strings.HasPrefix(line, "!") && !strings.HasPrefix(line, "!0") && strings.Contains(line, " = !{") && line[1] > '9':
			named = append(named, line)
		default:
			lines = append(lines, line)
		}
	}
	slices.Sort(named)
	return strings.Join(append(lines, named...), "\n")
}

// PeakMemory is the most memory this process has had resident, in GiB.
func PeakMemory(tb testing.TB) float64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	for scan := bufio.NewScanner(f); scan.Scan(); {
		var kib float64
		if n, _ := fmt.Sscanf(scan.Text(), "VmHWM: %f", &kib); n == 1 {
			return kib / (1 << 20)
		}
	}
	return 0
}
