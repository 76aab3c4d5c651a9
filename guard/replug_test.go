package guard

// This file runs the replugger: what it promises, a case each (rt/testdata/replug.c), and
// threads that call and replace at random (rt/testdata/replug_stress.c), under sanitizers as well.

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"quasi/ir/irtest"
)

var (
	stressCalls        = flag.Int("replug.calls", 200_000, "calls of each `stress` of the replugger")
	stressReplacements = flag.Int("replug.replacements", 20_000, "replacements of each")
	stressSanitized    = flag.Int("replug.sanitized", 10, "how many times fewer under a sanitizer")
	stressSchedules    = flag.String("replug.schedules", "free,yield,signals,threads", "which schedules")
	stressSeed         = flag.Int("replug.seed", 1, "the seed")
)

// A cBuild is a way to compile the run-time and what uses it.
type cBuild struct {
	name, compiler string
	flags          []string
	env            string
	without        []string // cases
}

var cBuilds = []cBuild{
	{name: "clang", compiler: "clang", flags: []string{"-O2"}},
	{name: "unwind", compiler: "clang", flags: []string{"-O0", "-fexceptions"}},
	{name: "gcc", compiler: "gcc", flags: []string{"-O2"}},
	{name: "thread", compiler: "clang", flags: []string{"-O1", "-fsanitize=thread"}, env: "TSAN_OPTIONS=die_after_fork=0",
		// A thread of the sanitizer's has ended before the last round of destructors, and coroutines are unknown to it.
		without: []string{"destructors", "coroutines"}},
	{name: "address", compiler: "clang", flags: []string{"-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"},
		without: []string{"no_memory"}}, // the sanitizer needs some, too
}

// compileC builds a program, or with -shared an object, from C files of rt.
func (b cBuild) compileC(t *testing.T, out string, args ...string) {
	t.Helper()
	compiler := b.compiler
	if compiler == "clang" {
		compiler = irtest.Tool(t, "clang")
	} else if _, err := exec.LookPath(compiler); err != nil {
		t.Skipf("%s is not installed", compiler)
	}
	run(t, nil, compiler, slices.Concat([]string{"-std=c11", "-g", "-Wall", "-Wextra", "-Werror", "-Irt", "-o", out}, b.flags, args,
		[]string{"-pthread", "-ldl"})...)
}

var replugger = []string{"rt/replug.c", "rt/replug_patch.c"}

// output runs a program in its folder.
func (b cBuild) output(t *testing.T, limit time.Duration, program string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = filepath.Dir(program)
	if b.env != "" {
		cmd.Env = append(os.Environ(), b.env)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

func TestReplug(t *testing.T) {
	for _, b := range cBuilds {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			program := filepath.Join(dir, "replug")
			b.compileC(t, program, append([]string{"-rdynamic", "rt/testdata/replug.c"}, replugger...)...)
			b.compileC(t, filepath.Join(dir, "plugin.so"), "-shared", "-fPIC", "rt/testdata/plugin.c")
			b.compileC(t, filepath.Join(dir, "whole.so"), append([]string{"-shared", "-fPIC", "-fvisibility=hidden", "-Wl,-Bsymbolic",
				"rt/testdata/plugin.c"}, replugger...)...)
			names, _, err := b.output(t, time.Minute, program)
			if err != nil || len(strings.Fields(names)) < 20 {
				t.Fatalf("the cases are %q, %v", names, err)
			}
			for _, name := range strings.Fields(names) {
				if slices.Contains(b.without, name) {
					continue
				}
				t.Run(name, func(t *testing.T) {
					if out, errs, err := b.output(t, 5*time.Minute, program, name); err != nil {
						t.Errorf("%v\n%s%s", err, out, errs)
					} else if errs != "" {
						t.Log(errs)
					}
				})
			}
		})
	}
}

// The stress is in itself a test: it ends with 0 if what it saw was right, with 3 if the
// schedule is not allowed here.
func TestReplugStress(t *testing.T) {
	for _, b := range cBuilds {
		if b.name == "unwind" {
			continue
		}
		calls, replacements := *stressCalls, *stressReplacements
		if b.name == "thread" || b.name == "address" {
			calls, replacements = calls / *stressSanitized, replacements / *stressSanitized
		}
		t.Run(b.name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "stress")
			b.compileC(t, program, append([]string{"rt/testdata/replug_stress.c"}, replugger...)...)
			for _, kind := range []string{"pointer", "simple", "counting", "patched"} {
				for _, schedule := range strings.Split(*stressSchedules, ",") {
					t.Run(kind+"_"+schedule, func(t *testing.T) {
						out, errs, err := b.output(t, time.Hour, program, kind, schedule, "4", fmt.Sprint(calls), fmt.Sprint(replacements), fmt.Sprint(*stressSeed))
						if exit := (*exec.ExitError)(nil); err != nil {
							if e, ok := err.(*exec.ExitError); ok {
								exit = e
							}
							if exit != nil && exit.ExitCode() == 3 {
								t.Skip(out)
							}
							t.Fatalf("%v\n%s%s", err, out, errs)
						}
						t.Log(strings.TrimSpace(out))
					})
				}
			}
			// Who poisons without having waited is found out.
			for seed := 1; ; seed++ {
				out, errs, err := b.output(t, time.Hour, program, "unwaited", "yield", "4", "500000", "50000", fmt.Sprint(seed))
				if err != nil && (strings.Contains(errs, "poisoned function") || strings.Contains(errs, "data race")) {
					break
				} else if err != nil || seed == 20 {
					t.Fatalf("poisoned functions were not found out: %v\n%s%s", err, out, errs)
				}
			}
		})
	}
}

// Slots have types.
func TestReplugTypes(t *testing.T) {
	const program = `
#include "quasi.h"
int one(int x);
static long two(int x) { return x; }
static QUASI_SLOT(COUNTING, int (int)) op = QUASI_INIT(COUNTING, one);
QUASI_PATCHED(patched, one);
void use(void) { quasi_call(op, 1); quasi_call_patched(patched, 1); quasi_replug(op, one); quasi_replug(patched, one); (void)two; %s }
`
	for _, compiler := range []string{"clang", "gcc"} {
		b := cBuild{compiler: compiler}
		if compiler == "clang" {
			b.compiler = irtest.Tool(t, "clang")
		} else if _, err := exec.LookPath(compiler); err != nil {
			continue
		}
		for statement, right := range map[string]bool{
			"":                                     true,
			"quasi_replug(op, two);":               false,
			"quasi_replug_begin(patched, two, 0);": false,
			"quasi_replug_if(op, two, quasi_stamp(op));": false,
			"quasi_call(op, op);":                        false,
			"quasi_call(op);":                            false,
			"quasi_call_patched(patched, op);":           false,
			"quasi_call_patched(op, 1);":                 false,
		} {
			dir := t.TempDir()
			file := filepath.Join(dir, "types.c")
			if err := os.WriteFile(file, fmt.Appendf(nil, program, statement), 0o666); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(b.compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", "-Irt", "-fsyntax-only", file).CombinedOutput()
			if (err == nil) != right {
				t.Errorf("%s: %q: %v\n%s", compiler, statement, err, out)
			}
		}
	}
}

// A program without PATCHED slots needs nothing of rt/replug_patch.c.
func TestReplugUnpatched(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "counting.c")
	const program = `
#include "quasi.h"
int one(int x) { return x + 1; }
int two(int x) { return x + 2; }
static QUASI_SLOT(COUNTING, int (int)) op = QUASI_INIT(COUNTING, one);
int main(void) { return quasi_call(op, 1) - 2 + quasi_replug(op, two) + quasi_call(op, 1) - 3; }
`
	if err := os.WriteFile(file, []byte(program), 0o666); err != nil {
		t.Fatal(err)
	}
	cBuilds[0].compileC(t, filepath.Join(dir, "counting"), file, "-Wno-missing-prototypes", "rt/replug.c")
	if _, errs, err := cBuilds[0].output(t, time.Minute, filepath.Join(dir, "counting")); err != nil {
		t.Errorf("%v\n%s", err, errs)
	}
}
