package main

// This file tests programs under MemGuard: those of testdata/memguard say in their heads
// what the ledger misses (missed: LINE:COL TEXT, - for no place), which must be all that
// they report, and what else they say; those of testdata/c that are about guards report nothing.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A memguardCase is a program of testdata/memguard.
type memguardCase struct {
	path    string
	build   []string // flags
	clang   []string // what follows -- in them
	objects []string // C files that are no module
	missed  []string
	says    string // besides
	reports string // besides, where reports are
}

func readMemguardCase(path string) (*memguardCase, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c := &memguardCase{path: path}
	for line := range strings.Lines(string(src)) {
		text, ok := strings.CutPrefix(strings.TrimSpace(line), "//")
		if !ok {
			break
		}
		key, arg, _ := strings.Cut(strings.TrimSpace(text), ": ")
		switch key {
		case "quasi":
			c.build = strings.Fields(arg)
			if i := slices.Index(c.build, "--"); i >= 0 {
				c.build, c.clang = c.build[:i], c.build[i+1:]
			}
		case "object":
			c.objects = append(c.objects, filepath.Join(filepath.Dir(path), arg))
		case "says":
			c.says = arg + "\n"
		case "reports":
			c.reports += arg + "\n"
		case "missed":
			c.missed = append(c.missed, arg)
		}
	}
	slices.Sort(c.missed)
	return c, nil
}

// runWatched returns stdout, stderr and the exit code.
func runWatched(t *testing.T, program string, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	var cmd *exec.Cmd
	for {
		out.Reset()
		errs.Reset()
		cmd = exec.CommandContext(ctx, program, args...)
		cmd.Stdout, cmd.Stderr, cmd.Env = &out, &errs, append(os.Environ(), env...)
		if err := cmd.Run(); !errors.Is(err, syscall.ETXTBSY) { // see runProgram
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if ctx.Err() != nil {
		t.Fatalf("%s does not end; it has printed\n%s%s", program, out.String(), errs.String())
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

var warningLine = regexp.MustCompile(`(?m)^(?:\S+?\.c:(\d+:\d+)|quasi): warning: (.*)$`)

// warnings are the misses that a program or `quasi memguard` prints, in the form of the heads.
func warnings(text string) []string {
	var found []string
	for _, m := range warningLine.FindAllStringSubmatch(text, -1) {
		place := m[1]
		if place == "" {
			place = "-"
		}
		found = append(found, place+" "+m[2])
	}
	slices.Sort(found)
	return found
}

func TestMemguard(t *testing.T) {
	tc := needLLVM(t)
	paths, err := filepath.Glob("testdata/memguard/*.c")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".c"), func(t *testing.T) {
			t.Parallel()
			testMemguard(t, tc, path)
		})
	}
}

func testMemguard(t *testing.T, tc *toolchain, path string) {
	c, err := readMemguardCase(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	plain, prog, notes := filepath.Join(dir, "plain"), filepath.Join(dir, "prog"), filepath.Join(dir, "notes")
	args := append([]string{"build", "-q", "--memguard", "-o", prog}, c.build...)
	reference := append([]string{"-w", "-O1", path}, c.clang...)
	for i, src := range c.objects {
		object := filepath.Join(dir, fmt.Sprintf("%d.o", i))
		compileC(t, tc, object, "-O1", "-c", src)
		args, reference = append(args, object), append(reference, object)
	}
	compileC(t, tc, plain, reference...)
	args = append(append(append(args, path), "--"), c.clang...)
	mustQuasi(t, args...)

	wantOut, _, wantCode := runWatched(t, plain, nil)
	out, said, code := runWatched(t, prog, nil)
	if out != wantOut || code != wantCode {
		t.Errorf("exit code %d, output\n%swant exit code %d, output\n%s", code, out, wantCode, wantOut)
	}
	if got := warnings(said); !slices.Equal(got, c.missed) {
		t.Errorf("the program reports\n%s\nthat is\n  %s\nwant\n  %s", said, strings.Join(got, "\n  "), strings.Join(c.missed, "\n  "))
	}
	if len(c.missed) == 0 && said != c.says+c.reports {
		t.Errorf("nothing is missed, and the program says\n%swant\n%s%s", said, c.says, c.reports)
	}
	// The figures are always there when they are asked for.
	if _, said, _ := runWatched(t, prog, []string{"QUASI_MEMGUARD_REPORT=1"}); !someWrites.MatchString(said) {
		t.Errorf("no figures of writes: %q", said)
	}
	// The exit code tells of misses where that is asked for.
	if wantCode == 0 {
		want := 0
		if len(c.missed) > 0 {
			want = 66
		}
		if _, _, code := runWatched(t, prog, []string{"QUASI_MEMGUARD_EXIT=66"}); code != want {
			t.Errorf("with QUASI_MEMGUARD_EXIT the exit code is %d, want %d", code, want)
		}
	}
	// quasi memguard prints what the program does, of two runs twice as much.
	for range 2 {
		if _, said, _ := runWatched(t, prog, []string{"QUASI_MEMGUARD_REPORT=" + notes}); said != c.says {
			t.Errorf("with a file for its report the program prints %q", said)
		}
	}
	testMemguardReport(t, c, notes)
}

var someWrites = regexp.MustCompile(`(?m)^quasi: memguard: [1-9]\d* writes? to terms, `)

var countOf = regexp.MustCompile(`, \d+ times`)

func testMemguardReport(t *testing.T, c *memguardCase, notes string) {
	stdout := mustQuasi(t, "memguard", notes)
	var want []string
	for _, m := range c.missed {
		want = append(want, countOf.ReplaceAllString(m, ""))
	}
	got := warnings(countOf.ReplaceAllString(stdout, ""))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("quasi memguard prints\n%s\nwant\n  %s", stdout, strings.Join(want, "\n  "))
	}
	stdout = mustQuasi(t, "memguard", "--json", notes)
	var rep writeReport
	if err := json.Unmarshal([]byte(stdout), &rep); err != nil {
		t.Fatalf("--json: %v", err)
	}
	count := uint64(0)
	for _, m := range rep.Misses {
		count += m.Count
	}
	if rep.Writes == 0 || rep.Known+rep.Missed != rep.Writes || count != rep.Missed || len(rep.Misses) != len(c.missed) {
		t.Errorf("--json: the figures do not add up:\n%s", stdout)
	}
	stdout = mustQuasi(t, "memguard", "--sarif", notes)
	if err := sarifFault(stdout); err != nil {
		t.Errorf("--sarif: %v\n%s", err, stdout)
	}
	if n := strings.Count(stdout, `"ruleIndex"`); n != len(c.missed) {
		t.Errorf("--sarif has %d results, want %d", n, len(c.missed))
	}
	code, _, stderr := quasi("memguard", "--strict", "--summary", notes)
	if want := min(len(c.missed), 1); code != want {
		t.Errorf("--strict: exit code %d, want %d\n%s", code, want, stderr)
	}
}

// TestMemguardGuards runs programs about guards under MemGuard: the ledger has all of
// their writes.
func TestMemguardGuards(t *testing.T) {
	tc := needLLVM(t)
	for _, name := range []string{"guards_writes", "guards_overlap", "guards_stress"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := readProgram(filepath.Join("../../testdata/c", name+".c"))
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			plain, prog := filepath.Join(dir, "plain"), filepath.Join(dir, "prog")
			compileC(t, tc, plain, "-w", "-O1", "-pthread", p.path)
			flags := slices.DeleteFunc(slices.Clone(p.builds[len(p.builds)-1]), func(f string) bool {
				return strings.HasPrefix(f, "--guards") || f == "--check-guards"
			})
			args := append([]string{"build", "-q", "--memguard", "-o", prog}, flags...)
			if i := slices.Index(args, "--"); i >= 0 {
				args = slices.Insert(args, i, p.path)
			} else {
				args = append(args, p.path, "--")
			}
			mustQuasi(t, append(args, "-pthread")...)
			for _, r := range p.runs {
				wantOut, _, wantCode := runWatched(t, plain, nil, r.args...)
				notes := filepath.Join(dir, "notes")
				out, said, code := runWatched(t, prog, []string{"QUASI_MEMGUARD_REPORT=" + notes}, r.args...)
				if out != wantOut || code != wantCode || said != "" {
					t.Errorf("%v: exit code %d, output\n%s%swant exit code %d, output\n%s", r.args, code, out, said, wantCode, wantOut)
				}
				rep := newWriteReport()
				if err := rep.read(notes); err != nil {
					t.Fatal(err)
				}
				if rep.Writes == 0 || rep.Missed != 0 || len(rep.Unprotected) != 0 {
					stdout := mustQuasi(t, "memguard", notes)
					t.Errorf("%v: something is missed, or nothing was seen:\n%s", r.args, stdout)
				}
			}
		})
	}
}

// TestMemguardEnvironment: what the environment asks for at start is heeded, or refused by
// name, and each miss is reported once, also where some are reported before an exec that fails.
func TestMemguardEnvironment(t *testing.T) {
	needLLVM(t)
	dir := t.TempDir()
	writeFile(t, dir, "a.c", `#include <stdlib.h>
#include <unistd.h>
struct pair { int before[1]; int word; } pair = { .word = 7 };
__attribute__((noinline)) int get(void) { return pair.word == 7; }
__attribute__((noinline)) void overflow(int i, int v) { pair.before[i] = v; }
int main(int argc, char **argv)
{
    int seven = get();
    overflow(argc, 8);
    execlp("no-such-program", "no-such-program", (char *)0);
    clearenv();
    overflow(argc, 9);
    overflow(argc, 10);
    return get() + !seven;
}
`)
	prog, notes := filepath.Join(dir, "a"), filepath.Join(dir, "notes")
	mustQuasi(t, "build", "-q", "--memguard", "-e", "get", "--when", "pair.word == 7", "-o", prog, filepath.Join(dir, "a.c"))
	missed := regexp.MustCompile(`wrote pair.word \(7 -> 8\) \[missed\]\n(?s:.*) 1 missed at 1 place\n(?s:.*)` +
		`wrote pair.word \(7 -> 8\), 2 times \[missed\]\n(?s:.*) 2 missed at 1 place\n`)
	for _, c := range []struct {
		env, says string
		printed   bool
		code      int
	}{
		{"QUASI_MEMGUARD_REPORT=", "", true, 0},
		{"QUASI_MEMGUARD_REPORT=0", "", false, 0},
		{"QUASI_MEMGUARD_REPORT=" + notes, "", false, 0},
		{"QUASI_MEMGUARD_REPORT=notes", "QUASI_MEMGUARD_REPORT=notes is not 0, 1 or the full name of a file", true, 0},
		{"QUASI_MEMGUARD_REPORT=" + dir + "/none/notes", "/none/notes: cannot be written", true, 0},
		{"QUASI_MEMGUARD_REPORT=/dev/full", "/dev/full: not all of the report could be written", false, 0},
		{"QUASI_MEMGUARD_EXIT=255", "", true, 255},
		{"QUASI_MEMGUARD_EXIT=256", "QUASI_MEMGUARD_EXIT=256 is not an exit code", true, 0},
		{"QUASI_MEMGUARD_EXIT=x", "QUASI_MEMGUARD_EXIT=x is not an exit code", true, 0},
	} {
		_, said, code := runWatched(t, prog, []string{c.env})
		if code != c.code || !strings.Contains(said, c.says) || strings.Contains(said, "QUASI_") != (c.says != "") || missed.MatchString(said) != c.printed {
			t.Errorf("%s: exit code %d, want %d; the program says\n%s", c.env, code, c.code, said)
		}
	}
	// The log is written at the end, whatever way that is.
	writeFile(t, dir, "b.c", "#include <unistd.h>\nint mode = 2;\n__attribute__((noinline)) int get(int x) { return mode == 2 ? x : -x; }\nint main(void) { get(1); mode = 3; _exit(0); }\n")
	mustQuasi(t, "build", "-q", "--memguard", "-e", "get", "--when", "mode == 2", "-o", prog+"b", filepath.Join(dir, "b.c"))
	runWatched(t, prog+"b", []string{"QUASI_MEMGUARD_LOG=" + filepath.Join(dir, "log")})
	if log, err := os.ReadFile(filepath.Join(dir, "log")); err != nil || !strings.Contains(string(log), `"term":"mode"`) {
		t.Errorf("of a program that calls _exit the log is %q, %v", log, err)
	}
	stdout := mustQuasi(t, "memguard", "--summary", notes)
	if want := "pair.word: 3 writes, 3 missed; protected at 1 location\n3 writes to terms, 0 of them by rows of the ledger, 3 missed at 1 place\n"; stdout != want {
		t.Errorf("quasi memguard prints %q, want %q", stdout, want)
	}
}

func TestMemguardFaults(t *testing.T) {
	needLLVM(t)
	dir := t.TempDir()
	t.Chdir(dir)
	writeFile(t, dir, "a.c", "int mode;\nint get(int x) { return mode == 1 ? x : 0; }\nint at(int *p) { return *p == 1; }\nint main(void) { return get(1) + at(&mode); }\n")
	writeFile(t, dir, "empty", "")
	writeFile(t, dir, "damaged", "{\"writes\":1,\"known\":1,\"missed\":0,\"lost\":0}\n{\"term\":\n")
	writeFile(t, dir, "other", "{\"hello\":1}\n")
	build := func(flags ...string) []string {
		return append(append([]string{"build", "--memguard", "-o", "a"}, flags...), "a.c")
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"guards", build("-e", "get", "--when", "mode == 1", "--guards=table"), exitUsage, "goes with no guards"},
		{"check", build("-e", "get", "--when", "mode == 1", "--check-guards"), exitUsage, "goes with no guards"},
		{"sanitizer", append(build("-e", "get", "--when", "mode == 1"), "--", "-fsanitize=address"), exitUsage, "exclude each other"},
		{"no term", build("-e", "get", "--when", "x == 1"), exitInput, "there is nothing to watch"},
		{"no name", build("-e", "at", "--when", "*p == 1"), exitInput, "there is nothing to watch"},
		{"no report", []string{"memguard"}, exitUsage, "QUASI_MEMGUARD_REPORT"},
		{"two forms", []string{"memguard", "--json", "--sarif", "empty"}, exitUsage, "exclude each other"},
		{"no file", []string{"memguard", "missing"}, exitInput, "missing: no such file"},
		{"folder", []string{"memguard", "."}, exitInput, ".: is a directory"},
		{"twice", []string{"memguard", "empty", "empty"}, exitInput, "empty: is given twice"},
		{"damaged", []string{"memguard", "damaged"}, exitInput, "damaged:2: is no line of a report"},
		{"other", []string{"memguard", "other"}, exitInput, "other:1: is no line of a report"},
		{"empty", []string{"memguard", "empty"}, exitDone, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, _, stderr := quasi(c.args...)
			if code != c.code || !strings.Contains(stderr, c.want) {
				t.Errorf("exit code %d, want %d\n%s", code, c.code, stderr)
			}
			if _, err := os.Stat("a"); err == nil {
				t.Error("a program is left")
			}
		})
	}
}
