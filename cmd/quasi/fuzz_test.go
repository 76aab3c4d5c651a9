package main

// This file runs programs of csmith through the specializer and compares what
// they print with what clang makes of them, each in two ways: (a) main or the
// first function, with next to nothing static; (b) functions inside, with a
// random part static of what one of their activations really gets, so that all
// others take the generic path. Some also in those of fuzz_metamorphic_test.go.
// `make fuzz N=500 SEED=1` runs many; a plain test
// run tries a handful.

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"quasi/guard"
)

var (
	csmithN       = flag.Int("csmith.n", 6, "programs of csmith to try")
	csmithSeed    = flag.Int("csmith.seed", 1, "seed of the first program")
	csmithMode    = flag.String("csmith.mode", "", "only this way: "+wayNames())
	csmithDiv     = flag.String("csmith.division", "", "mode of the analysis: any for a random one a build, or its name")
	csmithGuards  = flag.String("csmith.guards", "", "guard what quasi-invariants read: table, quid, or everything for all writes")
	csmithKeep    = flag.String("csmith.keep", "", "folder for builds that fail, one folder a build")
	csmithCache   = flag.String("csmith.cache", "", "folder for what does not depend on the specializer")
	csmithPrepare = flag.Bool("csmith.prepare", false, "fill the cache only")
	csmithJobs    = flag.Int("csmith.jobs", min(runtime.NumCPU(), 8), "programs at a time")
)

// cacheFolder is the folder of -csmith.cache; go test runs in the package's.
func cacheFolder() string { return *csmithCache }

// fuzzWorkerLimit is for one program in all ways. A specializer that takes
// longer has lost.
const fuzzWorkerLimit = 180 * time.Second

// TestCsmithGuards is TestCsmith for a few programs with each scheme of guards; a campaign
// names one with -csmith.guards.
func TestCsmithGuards(t *testing.T) {
	if *csmithGuards != "" || *csmithPrepare {
		t.Skip("a campaign")
	}
	n, seed := *csmithN, *csmithSeed
	defer func() { *csmithGuards, *csmithN, *csmithSeed = "", n, seed }()
	for _, c := range []struct {
		scheme  string
		seed, n int
	}{{guardsTable, 50030, 2}, {guardsQuid, 60002, 4}, {guardsEverything, 62002, 2}} {
		*csmithGuards, *csmithN, *csmithSeed = c.scheme, min(n, c.n), c.seed
		t.Run(c.scheme, TestCsmith)
	}
}

func TestCsmith(t *testing.T) {
	tc := needLLVM(t)
	if _, err := exec.LookPath("csmith"); err != nil {
		t.Skip("csmith is not on this machine")
	}
	if testing.Short() || *csmithN == 0 {
		t.Skip("not wanted")
	}
	dir := t.TempDir()
	if _, err := newFuzzMaker(tc, dir, cacheFolder()); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	verdicts := make([]*verdict, *csmithN)
	var wait sync.WaitGroup
	next := make(chan int)
	for range *csmithJobs {
		wait.Go(func() {
			for i := range next {
				verdicts[i] = tryInProcess(dir, *csmithSeed+i)
				for _, f := range verdicts[i].Failures {
					fmt.Printf("seed %d, %s: %s: %s (%s)\n", verdicts[i].Seed, f.Way, f.Kind, f.Text, f.Kept)
				}
			}
		})
	}
	for i := range verdicts {
		if i > 0 && i%500 == 0 {
			fmt.Printf("csmith: %d tried, %.0f a minute\n", i, float64(i)/time.Since(began).Minutes())
		}
		next <- i
	}
	close(next)
	wait.Wait()
	tell(t, verdicts, time.Since(began))
}

// tell sums verdicts up. The last line has it all.
func tell(t *testing.T, verdicts []*verdict, took time.Duration) {
	passed, failed, builds := 0, 0, 0
	var guards guardCounts
	var inserted guard.Inserted
	discarded := make(map[string]int)
	times := make(map[string]time.Duration)
	for _, v := range verdicts {
		builds += v.Builds
		guards.add(v.Guards)
		addInserted(&inserted, v.Inserted)
		for phase, d := range v.Times {
			times[phase] += d
		}
		switch {
		case v.Discarded != "":
			why, _, _ := strings.Cut(v.Discarded, "\n")
			discarded[why]++
		case len(v.Failures) > 0:
			failed++
			for _, f := range v.Failures {
				t.Errorf("seed %d, %s: %s", v.Seed, f.Way, f.Kind)
			}
		default:
			passed++
		}
	}
	for _, phase := range sortedKeys(times) {
		fmt.Printf("  %-10s %8.1f s\n", phase, times[phase].Seconds())
	}
	if *csmithGuards != "" {
		fmt.Printf("  guards: %+v\n  guards: %v\n", inserted, guards)
	}
	fmt.Printf("csmith: seeds %d to %d: %d programs, %d passed (%d builds), %s, %d failed; %s, %.0f programs a minute\n",
		*csmithSeed, *csmithSeed+*csmithN-1, len(verdicts), passed, builds, discards(discarded), failed,
		spent(took), float64(passed+failed)/took.Minutes())
}

// discards says how many programs are discarded, and why.
func discards(discarded map[string]int) string {
	var list []string
	n := 0
	for _, why := range sortedKeys(discarded) {
		n += discarded[why]
		list = append(list, fmt.Sprintf("%d: %s", discarded[why], why))
	}
	if n == 0 {
		return "0 discarded"
	}
	return fmt.Sprintf("%d discarded (%s)", n, strings.Join(list, "; "))
}

// spent says what a campaign has cost: time, and the processor time of this
// process and of those that it has started and that have ended.
func spent(took time.Duration) string {
	var cpu time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err == nil {
			cpu += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	return fmt.Sprintf("%.0f s of processor time in %.0f s", cpu.Seconds(), took.Seconds())
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// tryInProcess tries the program of a seed in a process of its own.
func tryInProcess(objects string, seed int) *verdict {
	v := &verdict{Seed: seed}
	dir := filepath.Join(objects, strconv.Itoa(seed))
	lost := func(kind, text string) *verdict {
		kept := filepath.Join(*csmithKeep, strconv.Itoa(seed)+"-*")
		v.Failures = append(v.Failures, fuzzFailure{Way: "process", Kind: kind, Text: shorten(text), Kept: kept})
		return v
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		return lost("crash", err.Error())
	}
	defer os.RemoveAll(dir)
	exe, err := os.Executable()
	if err != nil {
		return lost("crash", err.Error())
	}
	ctx, cancel := context.WithTimeout(context.Background(), fuzzWorkerLimit)
	defer cancel()
	args := []string{"-test.run", "^TestCsmithWorker$", "-test.timeout", "0"}
	flag.VisitAll(func(f *flag.Flag) {
		if strings.HasPrefix(f.Name, "csmith.") {
			args = append(args, "-"+f.Name+"="+f.Value.String())
		}
	})
	cmd := exec.CommandContext(ctx, exe, args...)
	cmd.Env = slices.Concat(os.Environ(), []string{
		envFuzzSeed + "=" + strconv.Itoa(seed), envFuzzDir + "=" + objects, "GOMAXPROCS=1", "GOGC=400",
	})
	// A compiler that it has started must not go on without it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	out, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return lost("slow", "did not end in time")
	case err != nil:
		return lost("crash", string(out))
	}
	text, err := os.ReadFile(filepath.Join(dir, verdictFile))
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		return lost("crash", err.Error())
	}
	return v
}
