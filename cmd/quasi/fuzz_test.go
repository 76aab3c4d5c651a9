package main

// This file runs programs of csmith through quasi build and compares what they
// print with what clang makes of them. `make fuzz N=500 SEED=1` runs many; a
// plain test run tries a handful.

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	csmithN    = flag.Int("csmith.n", 4, "programs of csmith to try")
	csmithSeed = flag.Int("csmith.seed", 1, "seed of the first program")
	csmithMode = flag.String("csmith.mode", "", "only this way of specializing: "+strings.Join(modeNames(), ", "))
	csmithKeep = flag.String("csmith.keep", "", "folder for programs that fail, one folder a seed")
)

// csmithInclude is where Debian's libcsmith-dev puts the headers.
const csmithInclude = "/usr/include/csmith"

// Limits of one program. A specializer that takes longer has lost.
const (
	csmithRunLimit   = 5 * time.Second
	csmithBuildLimit = 300 * time.Second
)

// A csmithWay is one way to specialize a program of csmith: main with nothing
// static, its first function, and main with its argument count, which decides
// whether every checksum is printed. These programs read nothing, so that nearly
// all of one could be evaluated; the budgets keep LLVM's part of the work small,
// and have every generalization tried.
type csmithWay struct {
	name  string
	flags []string
}

var csmithWays = []csmithWay{
	{"main", []string{"-e", "main", "--budget", "insts=4000"}},
	{"func_1", []string{"-e", "func_1", "--budget", "insts=2500", "--budget", "points=20"}},
	{"argc", []string{"-e", "main", "--static", "argc=1", "--budget", "steps=5000", "--budget", "insts=3000", "--budget", "loop-insts=300"}},
}

func modeNames() []string {
	var names []string
	for _, w := range csmithWays {
		names = append(names, w.name)
	}
	return names
}

// csmithShapes are flags that vary the programs; a seed takes one of them.
var csmithShapes = [][]string{
	{"--max-funcs", "3"},
	{"--max-funcs", "5", "--max-block-depth", "3", "--inline-function"},
	{"--max-funcs", "2", "--max-block-size", "6", "--max-expr-complexity", "6"},
	{"--max-funcs", "4", "--float", "--no-volatiles"},
	{"--max-funcs", "4", "--max-array-dim", "2", "--max-array-len-per-dim", "5", "--max-struct-fields", "5"},
}

// A verdict is what became of one program.
type verdict struct {
	seed      int
	discarded string // why the program says nothing, empty if it does
	failures  []string
	kind      string // of the first failure: crash or mismatch
}

func TestCsmith(t *testing.T) {
	tc := needLLVM(t)
	if _, err := exec.LookPath("csmith"); err != nil {
		t.Skip("csmith is not on this machine")
	}
	if testing.Short() || *csmithN == 0 {
		t.Skip("not wanted")
	}
	bin := filepath.Join(t.TempDir(), "quasi")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	clang, err := tc.find(context.Background(), "clang")
	if err != nil {
		t.Fatal(err)
	}
	f := &csmith{quasi: bin, clang: clang, dir: t.TempDir()}
	verdicts := make([]verdict, *csmithN)
	var wait sync.WaitGroup
	next := make(chan int)
	for range min(runtime.NumCPU(), 2) {
		wait.Go(func() {
			for i := range next {
				verdicts[i] = f.try(*csmithSeed + i)
			}
		})
	}
	for i := range verdicts {
		next <- i
	}
	close(next)
	wait.Wait()

	passed, failed, discarded := 0, 0, 0
	for _, v := range verdicts {
		switch {
		case v.discarded != "":
			discarded++
		case len(v.failures) > 0:
			failed++
			t.Errorf("seed %d: %s", v.seed, strings.Join(v.failures, "\n"))
		default:
			passed++
		}
	}
	fmt.Printf("csmith: %d passed, %d failed, %d discarded (seeds %d to %d)\n",
		passed, failed, discarded, *csmithSeed, *csmithSeed+*csmithN-1)
}

// csmith tries programs.
type csmith struct {
	quasi, clang string
	dir          string
}

// try makes the program of a seed and tries it in every way.
func (f *csmith) try(seed int) verdict {
	v := verdict{seed: seed}
	dir := filepath.Join(f.dir, strconv.Itoa(seed))
	if err := os.Mkdir(dir, 0o777); err != nil {
		v.failures = append(v.failures, err.Error())
		return v
	}
	defer os.RemoveAll(dir)
	src := filepath.Join(dir, "x.c")
	args := append([]string{"--seed", strconv.Itoa(seed), "-o", src}, csmithShapes[seed%len(csmithShapes)]...)
	if out, err := f.command(csmithRunLimit, dir, "csmith", args...); err != nil {
		v.discarded = "csmith: " + err.Error() + out
		return v
	}
	want, why := f.reference(dir, src)
	if why != "" {
		v.discarded = why
		return v
	}
	for _, way := range csmithWays {
		if *csmithMode != "" && *csmithMode != way.name {
			continue
		}
		// LLVM takes nearly all of the time. -O3 finds more, so some get it.
		level := "-O1"
		if seed%4 == 0 {
			level = "-O3"
		}
		if kind, failure := f.compare(dir, src, way, level, want); failure != "" {
			v.failures = append(v.failures, way.name+": "+failure)
			if v.kind == "" {
				v.kind = kind
			}
			f.keep(seed, src, way, level, kind)
		}
	}
	return v
}

// command runs a program in a folder, for csmith leaves a file where it runs,
// with a time limit, and returns what it said.
func (f *csmith) command(limit time.Duration, dir, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	if ctx.Err() != nil {
		err = errTimeout
	}
	return said.String(), err
}

// reference is what the program does according to clang, which has to agree
// with itself; else it returns why the program is discarded.
func (f *csmith) reference(dir, src string) (want outcome, why string) {
	for i, level := range []string{"-O0", "-O2"} {
		prog := filepath.Join(dir, "clang"+level)
		if out, err := f.command(csmithBuildLimit, dir, f.clang, level, "-w", "-I"+csmithInclude, "-o", prog, src); err != nil {
			return want, "clang " + level + ": " + out
		}
		got, err := runProgram(csmithRunLimit, "", prog)
		switch {
		case err != nil:
			return want, level + ": " + err.Error()
		case got.code != 0:
			return want, fmt.Sprintf("%s: exit code %d", level, got.code)
		case i > 0 && got != want:
			return want, "-O0 and -O2 differ"
		}
		want = got
	}
	return want, ""
}

// compare builds the program in one way and runs it.
func (f *csmith) compare(dir, src string, way csmithWay, level string, want outcome) (kind, failure string) {
	prog := filepath.Join(dir, "quasi-"+way.name)
	args := append([]string{"build", "-q"}, way.flags...)
	args = append(args, "-o", prog, src, "--", level, "-w", "-I"+csmithInclude)
	if out, err := f.command(csmithBuildLimit, dir, f.quasi, args...); err != nil {
		if len(out) > 2000 {
			out = out[:2000] + "..."
		}
		return "crash", fmt.Sprintf("quasi build: %v\n%s", err, out)
	}
	got, err := runProgram(3*csmithRunLimit, "", prog)
	switch {
	case errors.Is(err, errTimeout):
		return "mismatch", "the specialized program does not end"
	case err != nil:
		return "mismatch", err.Error()
	case got != want:
		return "mismatch", fmt.Sprintf("got %q, exit code %d, want %q, exit code %d", got.stdout, got.code, want.stdout, want.code)
	}
	return "", ""
}

// keep saves a program that fails, ready for testdata/reduce.sh: preprocessed,
// with the flags that make it fail.
func (f *csmith) keep(seed int, src string, way csmithWay, level, kind string) {
	if *csmithKeep == "" {
		return
	}
	dir := filepath.Join(*csmithKeep, strconv.Itoa(seed))
	if os.MkdirAll(dir, 0o777) != nil {
		return
	}
	if text, err := os.ReadFile(src); err == nil {
		os.WriteFile(filepath.Join(dir, "original.c"), text, 0o666)
	}
	f.command(csmithRunLimit, dir, f.clang, "-E", "-P", "-w", "-I"+csmithInclude, "-o", filepath.Join(dir, "x.c"), src)
	os.WriteFile(filepath.Join(dir, "flags"), []byte(strings.Join(way.flags, " ")+" -- "+level+"\n"), 0o666)
	os.WriteFile(filepath.Join(dir, "kind"), []byte(kind+"\n"), 0o666)
}
