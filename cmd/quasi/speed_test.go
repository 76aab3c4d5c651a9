package main

// This file measures static execution against the processor: programs that the
// specializer executes as a whole, and the same programs as clang -O0 compiles them.

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"quasi/pe"
)

// BenchmarkStatic reports IR instructions executed a second, and how many times as
// long that takes as running the program of clang -O0 does, its start included:
// both in processor time.
func BenchmarkStatic(b *testing.B) {
	if testing.Short() {
		b.Skip("compiles programs")
	}
	for _, work := range []string{"mix", "sieve", "sorted", "tree"} {
		for _, size := range []int{1, 10, 100} {
			b.Run(fmt.Sprintf("%s/%d", work, size), func(b *testing.B) { benchmarkStatic(b, work, size) })
		}
	}
}

func benchmarkStatic(b *testing.B, work string, size int) {
	tc := needLLVM(b)
	const src = "testdata/speed/static.c"
	macros := []string{"-DWORK=" + work, fmt.Sprintf("-DSIZE=%d", size)}
	dir := b.TempDir()
	prog, module := dir+"/O0", dir+"/static.ll"
	compileC(b, tc, prog, append(macros, "-O0", src)...)
	var native time.Duration
	var want []byte
	const runs = 5
	for range runs {
		cmd := exec.Command(prog)
		out, err := cmd.Output()
		if err != nil {
			b.Fatal(err)
		}
		native += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		want = bytes.TrimSpace(out)
	}

	ws := &workspace{dir: dir}
	if err := tc.compile(context.Background(), ws, src, module, macros); err != nil {
		b.Fatal(err)
	}
	s := &session{request: &request{entry: "main", clang: &clangFlags{}}, tc: tc, ws: ws, bar: newProgress(nil, false)}
	defer s.Close()

	steps := 0
	var took time.Duration
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		p := analyzed(b, s, module)
		b.StartTimer()
		start := processorTime(b)
		if err := p.specialize(pe.Budget{Steps: 1 << 40}); err != nil {
			b.Fatal(err)
		}
		took += processorTime(b) - start
		b.StopTimer()
		steps += p.variants[0].result.Stats.Steps
		if text := p.variants[0].result.Residual.LLString(); !strings.Contains(text, "i32 noundef "+string(want)+")") {
			b.Fatalf("the residual program does not print %s", want)
		}
	}
	b.ReportMetric(float64(steps)/1e6/took.Seconds(), "Minstrs/s")
	b.ReportMetric(took.Seconds()/float64(b.N)/(native.Seconds()/runs), "x-O0")
}

// processorTime is what this process has used so far.
func processorTime(tb testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// analyzed is a module, ready to be specialized as s says.
func analyzed(tb testing.TB, s *session, module string) *pipeline {
	tb.Helper()
	p, err := s.load(context.Background(), &inputs{modules: []string{module}})
	if err == nil {
		err = p.analyze()
	}
	if err != nil {
		tb.Fatal(err)
	}
	return p
}
