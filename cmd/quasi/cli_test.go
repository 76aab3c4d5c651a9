package main

// This file tests the command line: bad input with its one message, exit codes,
// outputs by extension, and that a failed run leaves nothing.

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const powerC = `int power(int x, int n)
{
    int r = 1;
    while (n-- > 0)
        r *= x;
    return r;
}

int main(int argc, char **argv)
{
    return power(argc, 3);
}
`

const powerLL = `define i32 @power(i32 %x, i32 %n) {
entry:
  %r = mul i32 %x, %n
  ret i32 %r
}
`

// inDir makes a folder with a few inputs, and the folder current.
func inDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	writeFile(t, dir, "power.c", powerC)
	writeFile(t, dir, "power.ll", powerLL)
	writeFile(t, dir, "other.ll", "define i32 @other() {\n  ret i32 7\n}\n")
	writeFile(t, dir, "broken.c", "int f( {\n")
	writeFile(t, dir, "text.ll", "This is a letter.\nNot a module.\n")
	writeFile(t, dir, "syntax.ll", "define i32 @f() {\n  %x = frobnicate i32 1\n  ret i32 0\n}\n")
	writeFile(t, dir, "invalid.ll", "define i32 @f(i32 %a) {\n  %x = add i64 %a, 1\n  ret i32 0\n}\n")
	writeFile(t, dir, "newer.ll", "define i32 @f(ptr %p) {\n  %x = load i32, ptr %p, align 4\n  ret i32 %x\n}\n\n!llvm.ident = !{!0}\n!0 = !{!\"Debian clang version 19.1.7 (3)\"}\n")
	writeFile(t, dir, "opaque.ll", "declare void @g(ptr)\n\ndefine void @f(ptr %p) {\n  call void @g(ptr %p)\n  ret void\n}\n")
	writeFile(t, dir, "notes.txt", "hello\n")
	writeFile(t, dir, "spec.yaml", "specialize:\n  - function: power\n    static: { n: 3 }\n    when: [ \"x == 1\", \"x == 2\" ]\n")
	writeFile(t, dir, "bad.yaml", "specialize:\n  - funktion: power\n")
	writeFile(t, dir, "field.ll", `%struct.s = type { i32, i32 }

define i32 @f(%struct.s* %p) {
  %a = getelementptr %struct.s, %struct.s* %p, i64 0, i32 1
  %x = load i32, i32* %a
  ret i32 %x
}
`)
	return dir
}

// TestBadInput gives each command line that is at fault: its exit code, and
// what its message must have. No output file may be left.
func TestBadInput(t *testing.T) {
	needLLVM(t)
	inDir(t)
	for _, c := range []struct {
		name string
		args string // split as a shell does
		code int
		want string // regexp over stderr
	}{
		{"missing file", "build -e power -o out nothing.c", exitInput, `^quasi: error: nothing\.c: no such file or directory\n$`},
		{"two missing files", "build -e power -o out nothing.c less.c", exitInput, `nothing\.c: .*\n.*less\.c: `},
		{"folder", "analyze -e power .", exitInput, `is a folder`},
		{"missing spec", "build --spec nothing.yaml -o out power.c", exitInput, `nothing\.yaml: no such file`},
		{"not an input", "build -e power -o out notes.txt", exitInput, `notes\.txt: not an input: quasi reads C`},
		{"not IR", "specialize -e f -o out.ll text.ll", exitInput, `^quasi: error: text\.ll: not LLVM IR\n$`},
		{"not IR among several", "specialize -e f -o out.ll power.ll text.ll", exitInput, `^quasi: error: text\.ll: not LLVM IR\n$`},
		{"IR that does not parse", "analyze -e f syntax.ll", exitInput, `syntax\.ll:2.*error: `},
		{"IR that is invalid", "analyze -e f invalid.ll", exitInput, `invalid\.ll.*error: .*@f`},
		{"IR of a newer LLVM", "specialize -e f -o out.ll newer.ll", exitInput, `newer\.ll: the IR of LLVM 19 \(opaque pointers\); quasi reads that of LLVM 14: .*clang-14`},
		{"IR of an unnamed newer LLVM", "analyze -e f opaque.ll", exitInput, `opaque\.ll: the IR of LLVM 15 or later`},
		{"newer IR among several", "specialize -e f -o out.ll power.ll newer.ll", exitInput, `^quasi: error: newer\.ll: the IR of LLVM 19`},
		{"C that does not compile", "build -e f -o out broken.c", exitInput, `broken\.c:1:8: error: (.|\n)*clang-14 failed`},
		{"object to analyze", "analyze -e power power.c libx.a", exitInput, `libx\.a: no such file`},
		{"unknown function", "build -e powr -o out power.c", exitInput, `error: .*powr(.|\n)*power`},
		{"unknown parameter", "build -e power --static m=3 -o out power.c", exitInput, `error: .*\bm\b`},
		{"unknown name in when", "build -e power --when 'y == 3' -o out power.c", exitInput, `error: .*\by\b`},
		{"bad expression", "build -e power --when 'x == ' -o out power.c", exitInput, `error: (.|\n)*\^`},
		{"contradiction", "build -e power --when 'x == 1' --when 'x == 2' -o out power.c", exitInput, `error: (.|\n)*x == 2`},
		{"contradiction in a file", "build --spec spec.yaml -o out power.c", exitInput, `spec\.yaml:4:\d+.*error: `},
		{"contradiction with static", "build -e power --static x=1 --when 'x == 2' -o out power.c", exitInput, `error: `},
		{"bad spec", "build --spec bad.yaml -o out power.c", exitInput, `bad\.yaml:2:\d+.*error: .*funktion(.|\n)*function`},
		{"field without debug info", "specialize -e f --when 'p->b == 1' -o out.ll field.ll", exitInput, `(?i)debug info`},
		{"no folder for the output", "build -e power -o nowhere/out power.c", exitInput, `cannot write nowhere/out: no such file or directory`},
		{"output is a folder", "specialize -e power -o dir.ll power.c", exitInput, `cannot write dir\.ll: it is a folder`},
		{"linker fails", "build -e power -o out power.c -- -lnosuchlibrary", exitInput, `nosuchlibrary(.|\n)*clang-14 failed`},
		{"why of no line", "analyze -e power --why 300 power.c", exitInput, `--why 300: `},
		{"why of no call", "analyze -e power --why power power.c", exitInput, `--why power: nothing that the analysis reaches calls 'power'`},
		{"why of a function that is not reached", "analyze -e power --why main power.c", exitInput, `--why main: the analysis does not reach function 'main'`},
		{"why without debug info", "analyze -e power --why 5 power.ll", exitInput, `no code on line 5; the program has no debug information`},
		{"why of no value", "analyze -e power --why nothing power.c", exitInput, `--why nothing: `},

		{"unknown command", "frobnicate", exitUsage, `unknown command "frobnicate" \(analyze, specialize, build`},
		{"unknown flag", "build -e power --wen x power.c", exitUsage, `there is no flag -wen \(flags for clang come after --\); see 'quasi build --help'`},
		{"unknown flag where clang has none", "runtime -x", exitUsage, `there is no flag -x; see 'quasi runtime --help'`},
		{"two names of a flag", "guard -t nothing --term r power.c", exitInput, `no variable(.|\n)*'nothing'`},
		{"library with an input", "runtime -o quasi.h power.c", exitUsage, `there are no inputs, but "power.c" was given`},
		{"no value", "build power.c -e", exitUsage, `flag -e needs a value`},
		{"no input", "build -e power -o out", exitUsage, `no input; see 'quasi build --help'`},
		{"nothing to specialize", "build -o out power.c", exitUsage, `-e FUNC or --spec FILE`},
		{"static without function", "build --spec spec.yaml --static n=1 -o out power.c", exitUsage, `belong to -e`},
		{"no output", "build -e power power.c", exitUsage, `-o PROG`},
		{"unknown extension", "specialize -e power -o out.exe power.c", exitUsage, `\.ll, \.bc, \.s or \.o`},
		{"overwrite", "specialize -e power -o power.ll power.ll", exitUsage, `would overwrite an input`},
		{"json needs an output", "specialize -e power --json power.c", exitUsage, `--json needs -o`},
		{"why and ir", "analyze -e power --why 5 --ir power.c", exitUsage, `--why and --ir exclude each other`},
		{"page without a name", "analyze -e power --html '' power.c", exitUsage, `--html needs a file`},
		{"json and ir", "analyze -e power --json --ir power.c", exitUsage, `--json`},
		{"quiet and verbose", "analyze -e power -q -v power.c", exitUsage, `exclude`},
		{"unknown limit", "build -e power --budget speed=3 -o out power.c", exitUsage, `no limit called "speed"`},
		{"bad limit", "build -e power --budget steps=some -o out power.c", exitUsage, `NAME=N`},
		{"refused clang flag", "build -e power -o out power.c -- -c", exitUsage, `clang flag -c has no place here`},
		{"unknown shell", "completion tcsh", exitUsage, `bash, zsh or fish`},
	} {
		t.Run(c.name, func(t *testing.T) {
			os.MkdirAll("dir.ll", 0o777)
			args, err := splitWords(c.args)
			if err != nil {
				t.Fatal(err)
			}
			before := listDir(t, ".")
			code, stdout, stderr := quasi(args...)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if !regexp.MustCompile(c.want).MatchString(stderr) {
				t.Errorf("stderr\n%s\nwant a match of %s", stderr, c.want)
			}
			if strings.Count(stderr, "error: ") == 0 || strings.Contains(stderr, "\x1b") {
				t.Errorf("stderr has no error, or colours\n%s", stderr)
			}
			if stdout != "" {
				t.Errorf("stdout has %q", stdout)
			}
			if after := listDir(t, "."); after != before {
				t.Errorf("files\n%s\nbefore\n%s", after, before)
			}
		})
	}
}

// listDir lists a folder's files, hidden ones too.
func listDir(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, "\n")
}

// TestNoClang: without the LLVM programs the message names the Debian packages.
func TestNoClang(t *testing.T) {
	dir := inDir(t)
	t.Setenv("QUASI_LLVM", filepath.Join(dir, "empty"))
	code, _, stderr := quasi("build", "-e", "power", "-o", "out", "power.c")
	if code != exitInput || !strings.Contains(stderr, "clang-14 llvm-14 lld-14") || !strings.Contains(stderr, "QUASI_LLVM=") {
		t.Errorf("exit code %d, stderr\n%s", code, stderr)
	}
	if strings.Count(stderr, "\n") != 1 {
		t.Errorf("more than one message\n%s", stderr)
	}
	if _, err := os.Stat("out"); err == nil {
		t.Error("an output is left")
	}
	// A module in text needs no LLVM program to be analyzed.
	mustQuasi(t, "analyze", "-e", "power", "power.ll")
}

// TestOtherClang: programs of another release are refused by name.
func TestOtherClang(t *testing.T) {
	dir := inDir(t)
	script := "#!/bin/sh\necho 'Debian clang version 19.1.7 (3)'\n"
	writeFile(t, dir, "clang", script)
	if err := os.Chmod(filepath.Join(dir, "clang"), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("QUASI_LLVM", dir)
	code, _, stderr := quasi("build", "-e", "power", "-o", "out", "power.c")
	if code != exitInput || !strings.Contains(stderr, "is LLVM 19") || !strings.Contains(stderr, "works with LLVM 14") {
		t.Errorf("exit code %d, stderr\n%s", code, stderr)
	}
}

// TestSpecializeOutputs writes each kind of output and looks at its first
// bytes.
func TestSpecializeOutputs(t *testing.T) {
	needLLVM(t)
	inDir(t)
	for name, head := range map[string]string{
		"out.ll": "source_filename", "out.bc": "BC\xc0\xde", "out.s": "\t.text", "out.o": "\x7fELF",
	} {
		mustQuasi(t, "specialize", "power.c", "-e", "power", "--static", "n=3", "-o", name)
		got, err := os.ReadFile(name)
		if err != nil || !strings.HasPrefix(string(got), head) {
			t.Errorf("%s starts with %.20q, %v, want %q", name, got, err, head)
		}
	}
	if text := mustQuasi(t, "specialize", "-e", "power", "power.c"); !strings.Contains(text, "define dso_local i32 @main") {
		t.Errorf("stdout lacks the module\n%s", text)
	}
	again := mustQuasi(t, "specialize", "-e", "power", "--static", "n=3", "power.c")
	if once, err := os.ReadFile("out.ll"); err != nil || string(once) != again {
		t.Errorf("two runs differ, or %v", err)
	}
	raw := mustQuasi(t, "specialize", "-e", "power", "--static", "n=3", "--no-opt", "power.c")
	if !strings.Contains(raw, "@power.generic") {
		t.Errorf("the module has no generic function\n%s", raw)
	}
}

// TestResidual: the residual functions stand alone, with nothing of the rest.
func TestResidual(t *testing.T) {
	needLLVM(t)
	inDir(t)
	text := mustQuasi(t, "specialize", "-e", "power", "--static", "n=3", "--residual", "power.c")
	if strings.Count(text, "define ") != 1 || strings.Contains(text, "@main") || strings.Contains(text, "br ") {
		t.Errorf("residual code\n%s", text)
	}
	mustQuasi(t, "specialize", "-e", "power", "--static", "n=3", "--residual", "-o", "out.s", "power.c")
	if s, err := os.ReadFile("out.s"); err != nil || !strings.Contains(string(s), "imull") {
		t.Errorf("assembly %v\n%s", err, s)
	}
}

// TestBuildInputs builds of C, IR, bitcode, an object and a library at once,
// with flags for the compiler and the linker.
func TestBuildInputs(t *testing.T) {
	tc := needLLVM(t)
	dir := inDir(t)
	writeFile(t, dir, "main.c", `#include "five.h"
int power(int, int);
int other(void);
int object(int);
double floor(double);
int main(int argc, char **argv) { return power(SIDE, FIVE) + other() + object(argc) + (int)floor(argc + 0.5); }
`)
	os.Mkdir("inc", 0o777)
	writeFile(t, dir, "inc/five.h", "#define FIVE 5\n")
	writeFile(t, dir, "object.c", "int object(int x) { return x + 100; }\n")
	writeFile(t, dir, "alone.c", "int power(int x, int n) { int r = 1; while (n-- > 0) r *= x; return r; }\n")
	compileC(t, tc, "object.o", "-c", "object.c")
	compileC(t, tc, "other.bc", "-c", "-emit-llvm", "-x", "ir", "other.ll")
	mustQuasi(t, "build", "main.c", "alone.c", "-e", "power", "--static", "n=5", "other.bc", "object.o", "-o", "prog",
		"--", "-DSIDE=2", "-Iinc", "-lm")
	got, err := runProgram(10*time.Second, "", "./prog")
	if want := (outcome{"", 32 + 7 + 101 + 1}); err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

// TestReport reads the JSON report.
func TestReport(t *testing.T) {
	needLLVM(t)
	inDir(t)
	text := mustQuasi(t, "build", "-e", "power", "--static", "n=3", "--json", "-o", "prog", "power.c")
	var r report
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(r.Variants) != 1 || r.Variants[0].Function != "power" || r.Variants[0].Residual == "" || r.Output != "prog" || len(r.Phases) < 5 {
		t.Errorf("report %+v", r)
	}
	if n := len(r.Variants[0].Functions); n != 1 {
		t.Errorf("%d residual functions, want 1", n)
	}
}

// TestQuiet: a run that succeeds says nothing under -q, not even clang's
// warnings, and says them without.
func TestQuiet(t *testing.T) {
	needLLVM(t)
	dir := inDir(t)
	writeFile(t, dir, "warn.c", "int power(int x, int n) { x == n; return x; }\nint main(void) { return power(1, 2); }\n")
	if _, stdout, stderr := quasi("build", "-q", "-e", "power", "-o", "prog", "warn.c"); stdout+stderr != "" {
		t.Errorf("with -q: %q %q", stdout, stderr)
	}
	if _, _, stderr := quasi("build", "-e", "power", "-o", "prog", "warn.c"); strings.Count(stderr, "warning: ") != 1 {
		t.Errorf("without -q: %q", stderr)
	}
}

// TestHelp: every command has help with an example.
func TestHelp(t *testing.T) {
	for _, name := range []string{"analyze", "specialize", "build"} {
		text := mustQuasi(t, name, "--help")
		if !strings.Contains(text, "quasi "+name+" -e power") && !strings.Contains(text, "quasi "+name+" --spec") {
			t.Errorf("help of %s has no example\n%s", name, text)
		}
	}
	code, stdout, _ := quasi("--help")
	if code != exitDone || !strings.Contains(stdout, "analyze") {
		t.Errorf("exit code %d, help\n%s", code, stdout)
	}
	if text := mustQuasi(t, "version"); !strings.HasPrefix(text, "quasi "+version) {
		t.Errorf("version prints %q", text)
	}
}

// TestCompletion: each shell gets a script.
func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if text := mustQuasi(t, "completion", shell); !strings.Contains(text, "quasi") {
			t.Errorf("%s: %q", shell, text)
		}
	}
}

// TestBinary runs the program itself: exit codes and streams as a shell sees
// them, and an interrupted run that leaves nothing.
func TestBinary(t *testing.T) {
	needLLVM(t)
	bin := filepath.Join(t.TempDir(), "quasi")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	inDir(t)
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"build", "-e", "main", "-o", "prog", "power.c"}, exitDone},
		{[]string{"build", "-e", "main", "-o", "lost", "nothing.c"}, exitInput},
		{[]string{"build"}, exitUsage},
	} {
		o, err := runProgram(20*time.Second, "", bin, c.args...)
		if err != nil || o.code != c.code {
			t.Errorf("%v: exit code %d, %v, want %d", c.args, o.code, err, c.code)
		}
	}
	if o, err := runProgram(10*time.Second, "", "./prog"); err != nil || o.code != 1 {
		t.Errorf("the program: %v, %v, want exit code 1", o, err)
	}
	for _, c := range []struct{ typed, want string }{{"", "specialize"}, {"build --s", "--static"}, {"guard --t", "--term"}, {"completion", "zsh"}} {
		args := append(strings.Fields(c.typed), "--generate-bash-completion")
		if o, err := runProgram(10*time.Second, "", bin, args...); err != nil || !strings.Contains(o.stdout, c.want) {
			t.Errorf("completion of %q: %q, %v, want %s", c.typed, o.stdout, err, c.want)
		}
	}
	interrupt(t, bin)
	lostOutput(t, bin)
	if left := listDir(t, tmp); left != "" {
		t.Errorf("left in the temporary folder: %s", left)
	}
}

// interrupt sends SIGINT to a build whose clang hangs.
func interrupt(t *testing.T, bin string) {
	t.Helper()
	fake := t.TempDir()
	writeFile(t, fake, "clang", "#!/bin/sh\ncase $1 in --version) echo clang version 14.0.6;; *) exec sleep 60;; esac\n")
	if err := os.Chmod(filepath.Join(fake, "clang"), 0o777); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "build", "-e", "main", "-o", "never", "power.c")
	cmd.Env = append(os.Environ(), "QUASI_LLVM="+fake)
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err == nil || !strings.Contains(said.String(), "interrupted") {
		t.Errorf("an interrupted build: %v, %q", err, said.String())
	}
	if _, err := os.Stat("never"); err == nil {
		t.Error("an interrupted build left its output")
	}
}

// lostOutput prints where nobody reads, and where there is no room.
func lostOutput(t *testing.T, bin string) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	read.Close()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	for _, c := range []struct {
		stdout *os.File
		code   int
		want   string
	}{
		{write, exitPipe, ""},
		{full, exitInput, "quasi: error: cannot write stdout: no space left on device\n"},
	} {
		for _, how := range []string{"-q", "--ir", "--json", "--why=n", "--dot=cfg"} {
			cmd := exec.Command(bin, "analyze", "-e", "power", "power.c", how)
			var said strings.Builder
			cmd.Stdout, cmd.Stderr = c.stdout, &said
			if cmd.Run(); cmd.ProcessState.ExitCode() != c.code || said.String() != c.want {
				t.Errorf("%s: exit code %d, stderr %q, want %d and %q", how, cmd.ProcessState.ExitCode(), said.String(), c.code, c.want)
			}
		}
	}
}

// TestInternalError: a panic names phase and function, and exit code 3.
func TestInternalError(t *testing.T) {
	err := protect("partial evaluation", "f", func() error { panic("%x has two values") })
	if exitCode(err) != exitInternal {
		t.Errorf("exit code %d", exitCode(err))
	}
	if got, want := err.Error(), "internal error in partial evaluation, function @f: %x has two values"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	outer := protect("analysis", "g", func() error { panic(err) })
	if outer.Error() != err.Error() {
		t.Errorf("a wrapped error became %v", outer)
	}
}
