package main

// This file has the kill path of testdata/signal in a program of threads, built with
// guards: whatever the schedule, each call does what it has to, and what the program
// prints is what the generic program prints. `make stress` runs it for long.

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var stressN = flag.Int64("stress.n", 0, "calls of each program of the stress tests; 0: few")

// signalThreads are the flags of quasi build for testdata/signal/threads.c.
func signalThreads(scheme, out string) []string {
	dir := "../../testdata/signal/"
	return []string{"build", "-q", "--spec", dir + "kill_usr1.yaml", "--spec", dir + "kill_0.yaml", "--guards=" + scheme, "--check-guards",
		"-o", out, dir + "signal.c", dir + "threads.c"}
}

// withQuid declares the member for guards of struct task_struct.
const withQuid = "-DTASK_GUARDS=void *quasi_quid;"

// A schedule is a way to run a program of threads: a command before it, and variables of
// its environment.
type schedule struct {
	name    string
	command []string
	env     []string
}

var schedules = []schedule{
	{"two_processors", nil, nil},
	{"one_processor", []string{"taskset", "-c", "0"}, nil},
	{"yields", nil, []string{"YIELD=1"}},
	{"alarms", nil, []string{"ALARM=1", "YIELD=1"}},
	{"fifo", []string{"chrt", "-f", "1"}, []string{"ALARM=1"}},
	{"fifo_one_processor", []string{"taskset", "-c", "0", "chrt", "-f", "1"}, []string{"YIELD=1"}},
	{"round_robin", []string{"chrt", "-r", "1"}, []string{"YIELD=1"}},
}

// possible reports whether this machine allows a schedule.
func (s *schedule) possible() bool {
	return len(s.command) == 0 || exec.Command("env", append(slices.Clone(s.command), "true")...).Run() == nil
}

// run runs a program under a schedule.
func (s *schedule) run(limit time.Duration, prog string, env []string, args ...string) (outcome, error) {
	return runProgram(limit, "", "env", slices.Concat(s.env, env, s.command, []string{prog}, args)...)
}

func TestSignalThreads(t *testing.T) {
	tc := needLLVM(t)
	t.Parallel()
	dir := t.TempDir()
	generic := filepath.Join(dir, "generic")
	compileC(t, tc, generic, "-O2", "-pthread", "../../testdata/signal/signal.c", "../../testdata/signal/threads.c")
	seeds, steps, sends, limit := 6, "1500", int64(20_000), time.Minute
	if *stressN > 0 {
		seeds, steps, sends, limit = 100, "20000", *stressN, time.Hour
	}
	want := make([]outcome, seeds)
	for seed := range seeds {
		var err error
		if want[seed], err = runProgram(limit, "", generic, "script", fmt.Sprint(seed), steps); err != nil || want[seed].code != 0 {
			t.Fatalf("generic program: %v, %v", want[seed], err)
		}
	}
	for _, scheme := range []string{guardsTable, guardsQuid} {
		guarded, stats := filepath.Join(dir, scheme), filepath.Join(dir, scheme+".stats")
		flags := []string{"--", "-pthread"}
		if scheme == guardsQuid {
			flags = append(flags, withQuid)
		}
		mustQuasi(t, append(signalThreads(scheme, guarded), flags...)...)
		env := []string{"QUASI_BACKOFF=0", "QUASI_STATS=" + stats}
		for seed := range seeds {
			got, err := runProgram(limit, "", "env", slices.Concat(env, []string{guarded, "script", fmt.Sprint(seed), steps})...)
			if err != nil || got != want[seed] {
				t.Errorf("%s, script %d: %v, got\n%s\nexit code %d, want\n%s", scheme, seed, err, got.stdout, got.code, want[seed].stdout)
			}
		}
		countGuards(t, scheme+", scripts", stats)
		for i, s := range schedules {
			if !s.possible() {
				t.Logf("%s: not allowed here", s.name)
				continue
			}
			for _, mode := range []string{"free", "alone"} {
				began := time.Now()
				got, err := s.run(limit, guarded, env, mode, fmt.Sprint(i), fmt.Sprint(sends), "4")
				if err != nil || got != (outcome{stdout: "0 wrong, tasks right, wakeups right\n"}) {
					t.Errorf("%s, %s, %s: got %q, exit code %d, %v", scheme, s.name, mode, got.stdout, got.code, err)
				}
				n := countGuards(t, fmt.Sprintf("%s, %s, %s", scheme, s.name, mode), stats)
				if *stressN > 0 {
					fmt.Printf("signal, %s, %s, %s: %d calls in %.0f s; %v\n", scheme, s.name, mode, sends, time.Since(began).Seconds(), n)
				}
			}
		}
	}
}

// countGuards reads the statistics of a program that has ended, and wants variants to have
// come and gone.
func countGuards(t *testing.T, what, stats string) guardCounts {
	t.Helper()
	var n guardCounts
	n.read(stats)
	os.Remove(stats)
	if n.Armed == 0 || n.Violated == 0 {
		t.Errorf("%s: %v", what, n)
	}
	return n
}

// TestSignalThreadsSee has the program of threads find a kill path that is wrong.
func TestSignalThreadsSee(t *testing.T) {
	needLLVM(t)
	t.Parallel()
	dir := t.TempDir()
	src, err := os.ReadFile("../../testdata/signal/signal.c")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"permission": {"(current->euid ^ p->uid) && !suser())", "!suser())"},
		"target":     {"current->last_sig_to = p;", "current->last_sig_to = current;"},
		"pending":    {"p->signal |= mask;", "p->signal = mask;"},
	} {
		broken, prog := filepath.Join(dir, name+".c"), filepath.Join(dir, name)
		text := strings.Replace(string(src), change[0], change[1], 1)
		if text == string(src) {
			t.Fatalf("%s is not in signal.c", change[0])
		}
		if err := os.WriteFile(broken, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		compileC(t, needLLVM(t), prog, "-O1", "-pthread", "-I../../testdata/signal", broken, "../../testdata/signal/threads.c")
		if got, err := runProgram(time.Minute, "", prog, "free", "1", "20000"); err != nil || got.code != 1 || strings.HasPrefix(got.stdout, "0 wrong") {
			t.Errorf("%s: got %q, exit code %d, %v", name, got.stdout, got.code, err)
		}
	}
}

// TestGuardsCancelled counts how often a variant is plugged whose writes are cut off by
// cancellation: again after each.
func TestGuardsCancelled(t *testing.T) {
	needLLVM(t)
	t.Parallel()
	dir := t.TempDir()
	prog, stats := filepath.Join(dir, "prog"), filepath.Join(dir, "stats")
	mustQuasi(t, "build", "-q", "-e", "rate", "--when", "level == 1", "--guards=table", "--check-guards", "-o", prog, "../../testdata/c/guards_cancel.c", "--", "-w", "-pthread")
	if got, err := runProgram(time.Minute, "", "env", "QUASI_BACKOFF=0", "QUASI_STATS="+stats, prog, "3"); err != nil || got.code != 0 {
		t.Fatalf("%v, %v", got, err)
	}
	if n := countGuards(t, "cancelled", stats); n.Armed < 6 {
		t.Errorf("%v, want 6 times", n)
	}
}
