package main

// This file builds programs with guards and a sanitizer of clang: quasi's flags reach
// compiler and linker, what is specialized is still watched, and neither the program
// nor the run-time, which is watched here as well, does what the sanitizer reports.

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// sanitizers are clang's flags for programs, and for the run-time.
var sanitizers = []struct{ name, program, runtime string }{
	{"thread", "-fsanitize=thread", "-fsanitize=thread -O1 -g"},
	{"address", "-fsanitize=address", "-fsanitize=address,undefined -fsanitize-trap=undefined -O1 -g"},
	{"undefined", "-fsanitize=undefined", "-fsanitize=undefined -fsanitize-trap=undefined -O1 -g"},
}

// What a report does; leaks are the programs' own.
var sanitizerOptions = []string{
	"TSAN_OPTIONS=exitcode=66", "ASAN_OPTIONS=detect_leaks=0:exitcode=66", "UBSAN_OPTIONS=halt_on_error=1:exitcode=66",
}

func TestGuardsSanitized(t *testing.T) {
	tc := needLLVM(t)
	n, limit := "4000", time.Minute
	if *stressN > 0 {
		n, limit = "1000000", time.Hour
	}
	for _, s := range sanitizers {
		t.Run(s.name, func(t *testing.T) {
			t.Setenv(envRuntimeFlags, s.runtime)
			dir := t.TempDir()
			env := append([]string{"QUASI_BACKOFF=0", "YIELD=1"}, sanitizerOptions...)
			if s.name != "thread" { // a handler in pthread_join waits for a lock of that sanitizer that its thread has
				env = append(env, "ALARM=1")
			}
			try := func(prog string, want outcome, args ...string) {
				t.Helper()
				got, err := runProgram(limit, "", "env", slices.Concat(env, []string{"sh", "-c", `exec "$0" "$@" 2>&1`, prog}, args)...)
				if err != nil || got != want {
					t.Errorf("%s %q: %v, got\n%s\nexit code %d, want\n%s\nexit code %d", filepath.Base(prog), args, err,
						shorten(got.stdout), got.code, want.stdout, want.code)
				}
			}
			for _, scheme := range []string{guardsTable, guardsQuid} {
				prog := filepath.Join(dir, "signal-"+scheme)
				args := append(signalThreads(scheme, prog), "--", "-pthread", withQuid, "-O1", "-g", s.program)
				for i := range args {
					if strings.HasSuffix(args[i], ".yaml") {
						args[i] = expectingNothing(t, dir, args[i])
					}
				}
				mustQuasi(t, args...)
				for _, mode := range []string{"free", "alone"} {
					try(prog, outcome{stdout: "0 wrong, tasks right, wakeups right\n"}, mode, "3", n)
				}
			}
			eachSource(t, func(t *testing.T, p *program) {
				name := strings.TrimSuffix(filepath.Base(p.path), ".c")
				if !strings.HasPrefix(name, "guards_") || s.name == "thread" && name == "guards_escape" { // that has data races
					t.Skip("not about guards")
				}
				if *stressN == 0 && !slices.Contains([]string{"guards_threads", "guards_ends", "guards_quid"}, name) {
					t.Skip("left to make stress")
				}
				build := slices.IndexFunc(p.builds, func(b []string) bool {
					return slices.ContainsFunc(b, func(f string) bool { return strings.HasPrefix(f, "--guards=") })
				})
				want := p.outcomes(t, tc, dir)
				prog := filepath.Join(dir, name)
				mustQuasi(t, slices.Concat([]string{"build", "-q", "-o", prog, p.path}, p.builds[build], []string{"--", "-w", "-pthread", "-O1", "-g", s.program})...)
				if s.name == "thread" && (name == "guards_stress" || name == "guards_owner") { // they have data races
					if got, err := runProgram(limit, "", "env", slices.Concat(env, []string{prog, "40"})...); err != nil || got.code != 66 {
						t.Errorf("data races are not seen: %q, exit code %d, %v", got.stdout, got.code, err)
					}
					return
				}
				for i, r := range p.runs {
					try(prog, want[i], r.args...)
				}
			})
		})
	}
}

// expectingNothing is a specification without what it expects of residual code: with the
// tests of -fsanitize=undefined in it less is static.
func expectingNothing(t *testing.T, dir, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, filepath.Base(path))
	before, _, _ := strings.Cut(string(text), "    expect:")
	if err := os.WriteFile(out, []byte(before), 0o666); err != nil {
		t.Fatal(err)
	}
	return out
}
