package main

// This file holds what the tests share: running quasi in process, running
// programs, and the tools a test needs.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// outcome is what a program did.
type outcome struct {
	stdout string
	code   int // negative: ended by a signal
}

// quasi runs a command line in process.
func quasi(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(context.Background(), append([]string{"quasi"}, args...), &out, &errs)
	return code, out.String(), errs.String()
}

// mustQuasi runs a command line that has to succeed and returns its stdout.
func mustQuasi(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := quasi(args...)
	if code != exitDone {
		t.Fatalf("quasi %s: exit code %d\n%s", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

// errTimeout says that a program did not end in time.
var errTimeout = errors.New("did not end in time")

// runProgram runs a program to its end.
func runProgram(limit time.Duration, stdin, path string, args ...string) (outcome, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var out bytes.Buffer
	var err error
	for {
		cmd := exec.CommandContext(ctx, path, args...)
		cmd.Stdin = strings.NewReader(stdin)
		cmd.Stdout = &out
		// A program that quasi has written just now is busy for as long as another
		// test has forked, but has not yet executed what it starts.
		if err = cmd.Run(); !errors.Is(err, syscall.ETXTBSY) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return outcome{}, errTimeout
	case errors.As(err, &exit):
		return outcome{out.String(), exit.ExitCode()}, nil
	}
	return outcome{out.String(), 0}, err
}

// limited is a command with a limit on processor time, which says the same on a
// busy machine.
func limited(limit time.Duration, name string, args ...string) []string {
	return append([]string{"prlimit", fmt.Sprintf("--cpu=%d", int(limit.Seconds())), "--core=0", "--", name}, args...)
}

// needLLVM skips a test on machines without the LLVM programs.
func needLLVM(t testing.TB) *toolchain {
	t.Helper()
	tc := &toolchain{}
	for _, name := range []string{"clang", "opt", "llvm-link", "llvm-extract", "llvm-dis"} {
		if _, err := tc.find(context.Background(), name); err != nil {
			t.Skip(err)
		}
	}
	return tc
}

// compileC builds a C file with clang alone.
func compileC(t testing.TB, tc *toolchain, out string, args ...string) {
	t.Helper()
	clang, err := tc.find(context.Background(), "clang")
	if err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command(clang, append([]string{"-w", "-o", out}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("clang: %v\n%s", err, said)
	}
}

// writeFile writes a file into a test's folder and returns its path.
func writeFile(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}
