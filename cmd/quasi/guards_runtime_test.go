package main

// This file tests the run-time of guards beyond what it does to a program's result:
// guards by hand, statistics, the policy of arming, variants that are armed from the start.

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// guardsSource is a file of testdata/guards.
func guardsSource(name string) string { return filepath.Join("../../testdata/guards", name) }

// runtimeLibrary makes libquasi.a and quasi.h, and returns their folder.
func runtimeLibrary(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	mustQuasi(t, "runtime", "-q", "-o", filepath.Join(dir, "libquasi.a"))
	mustQuasi(t, "runtime", "-q", "-o", filepath.Join(dir, "quasi.h"))
	return dir
}

// runWith runs a program with settings of its environment; it must end with exit code 0.
func runWith(t *testing.T, env []string, path string, args ...string) string {
	t.Helper()
	got, err := runProgram(20*time.Second, "", "env", append(append(append([]string(nil), env...), path), args...)...)
	if err != nil || got.code != 0 {
		t.Fatalf("%s %s %q: %v, exit code %d\n%s", strings.Join(env, " "), path, args, err, got.code, got.stdout)
	}
	return got.stdout
}

// processStatistics is a line of a .json file of QUASI_STATS.
type processStatistics struct {
	Pid      int
	Variants []struct {
		Name                                 string
		Guarded, Plugged                     bool
		Armed, Refused, Kept, Held, Violated *int
		Ns                                   *struct{ Plugged, Unplugged, Held int }
		Calls                                *struct{ Specialized, Generic int }
	}
}

// readStatistics reads a .json file of QUASI_STATS.
func readStatistics(t *testing.T, path string) []processStatistics {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []processStatistics
	for line := range strings.Lines(string(text)) {
		var p processStatistics
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&p); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, p)
	}
	return all
}

// TestGuardsByHand has a C program that no specializer has seen declare a variant,
// compiled by two compilers.
func TestGuardsByHand(t *testing.T) {
	tc := needLLVM(t)
	dir := runtimeLibrary(t)
	args := []string{"-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O2", "-I" + dir, guardsSource("byhand.c"), filepath.Join(dir, "libquasi.a"), "-lpthread"}
	compileC(t, tc, filepath.Join(dir, "clang"), args...)
	programs := []string{"clang"}
	if gcc, err := exec.LookPath("gcc"); err == nil {
		if said, err := exec.Command(gcc, append(args, "-o", filepath.Join(dir, "gcc"))...).CombinedOutput(); err != nil {
			t.Fatalf("gcc: %v\n%s", err, said)
		}
		programs = append(programs, "gcc")
	}
	for _, p := range programs {
		stats := filepath.Join(dir, p+".json")
		said := runWith(t, []string{"QUASI_STATS=" + stats}, filepath.Join(dir, p))
		if !strings.Contains(said, "wrong: 0\n") {
			t.Errorf("%s:\n%s", p, said)
		}
		all := readStatistics(t, stats)
		if len(all) != 1 || len(all[0].Variants) != 1 || all[0].Variants[0].Name != "quiet" || all[0].Variants[0].Calls != nil {
			t.Errorf("%s: statistics %+v", p, all)
		}
	}
	// What a program does not use of the run-time is not in it.
	nm, err := tc.find(t.Context(), "llvm-nm")
	if err != nil {
		t.Fatal(err)
	}
	symbols, err := exec.Command(nm, filepath.Join(dir, "clang")).CombinedOutput()
	if err != nil || !strings.Contains(string(symbols), "quasi_declare") || strings.Contains(string(symbols), "memguard") {
		t.Errorf("symbols: %v\n%s", err, symbols)
	}
}

// TestGuardsStart has variants of variables plugged before main: first calls are
// specialized, also those of constructors. It counts calls, in threads that end, and
// in a library that is loaded and unloaded.
func TestGuardsStart(t *testing.T) {
	tc := needLLVM(t)
	dir := runtimeLibrary(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	source, main, spec := guardsSource("start.c"), guardsSource("start_main.c"), guardsSource("start.yaml")
	mustQuasi(t, "build", "-q", "--spec", spec, "--count-calls", "--check-guards", "-o", at("one"), source, main)
	// The slots of a module of their own, linked with the library.
	mustQuasi(t, "specialize", "-q", "--spec", spec, "--count-calls", "-o", at("start.o"), source)
	compileC(t, tc, at("modules"), at("start.o"), main, at("libquasi.a"))
	compileC(t, tc, at("static"), "-static", at("start.o"), main, at("libquasi.a"))
	mustQuasi(t, "build", "-q", "--spec", spec, "--count-calls", "-o", at("libstart.so"), source, "--", "-shared", "-fPIC")
	compileC(t, tc, at("shared"), main, at("libstart.so"), "-Wl,-rpath,"+dir)
	compileC(t, tc, at("loading"), guardsSource("start_load.c"), "-ldl", "-lpthread")
	compileC(t, tc, at("plain"), "-O0", source, main)
	want := runWith(t, nil, at("plain"))
	for _, prog := range []string{"one", "modules", "static", "shared"} {
		stats := at(prog + ".json")
		if got := runWith(t, []string{"QUASI_STATS=" + stats, "QUASI_BACKOFF=0"}, at(prog)); got != want {
			t.Errorf("%s: got %q, want %q", prog, got, want)
		}
		all := readStatistics(t, stats)
		if len(all) != 1 || len(all[0].Variants) != 4 {
			t.Fatalf("%s: %+v", prog, all)
		}
		for _, v := range all[0].Variants {
			calls := map[string][2]int{"start_mode.v1": {3, 2}, "start_level.v1": {1, 3}, "start_hidden.v1": {2, 2}, "start_chased.v1": {2, 2}}[v.Name]
			if v.Calls == nil || v.Calls.Specialized != calls[0] || v.Calls.Generic != calls[1] {
				t.Errorf("%s: calls of %s: %+v, want %v", prog, v.Name, v.Calls, calls)
			}
			if !v.Guarded || v.Armed == nil || *v.Armed != 1 || *v.Violated != 1 || v.Plugged || v.Ns == nil || v.Ns.Plugged == 0 || v.Ns.Unplugged == 0 {
				t.Errorf("%s: %+v", prog, v)
			}
		}
	}
	stats := at("loading.json")
	if got := runWith(t, []string{"QUASI_STATS=" + stats}, at("loading"), at("libstart.so")); got != "6 40 80\n" {
		t.Errorf("loading: %q", got)
	}
	for _, p := range readStatistics(t, stats) {
		for _, v := range p.Variants {
			if v.Name == "start_mode.v1" && (*v.Armed != 1 || v.Calls.Specialized != 3 || v.Calls.Generic != 1) {
				t.Errorf("loading: %+v, %+v", v, v.Calls)
			}
		}
	}
	// Without the flag nothing is counted, and with it also where nothing is guarded.
	for flags, want := range map[string]string{
		"--guards=table": "violated 0; ns plugged", "--guards=off --count-calls": "not guarded; calls specialized ",
	} {
		args := append([]string{"build", "-q", "-e", "work", "--when", "mode == 1", "-o", at("flags"), guardsSource("flap.c")}, strings.Fields(flags)...)
		mustQuasi(t, append(args, "--", "-I"+dir)...)
		path := at("flags.txt")
		runWith(t, []string{"QUASI_STATS=" + path}, at("flags"), "0")
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), want) || strings.Contains(string(text), "calls") != strings.Contains(flags, "calls") {
			t.Errorf("%s: %v, %s", flags, err, text)
		}
		os.Remove(path)
	}
}

// TestGuardsPolicy has a variant flap: it is armed no more often than the policy says,
// and when it no longer flaps it is plugged as soon as it says.
func TestGuardsPolicy(t *testing.T) {
	needLLVM(t)
	dir := runtimeLibrary(t)
	prog := filepath.Join(dir, "flap")
	mustQuasi(t, "build", "-q", "-e", "work", "--when", "mode == 1", "--guards=table", "-o", prog, guardsSource("flap.c"), "--", "-I"+dir)
	const always = 1 << 60 // ticks: every life is short
	for _, c := range []struct {
		env   string
		args  []string
		most  int // the policy
		ticks int
	}{
		{"QUASI_BACKOFF=", nil, 4096, 0},
		{fmt.Sprintf("QUASI_BACKOFF=100,%d", always), nil, 100, always},
		{fmt.Sprintf("QUASI_BACKOFF=1,%d", always), nil, 1, always},
		{"QUASI_BACKOFF=0", nil, 0, 0},
		{"QUASI_BACKOFF=100,0", nil, 0, 0},
		{"QUASI_BACKOFF=0", []string{"50", fmt.Sprint(always)}, 50, always},
	} {
		const calls = 20000
		said := runWith(t, []string{c.env}, prog, append([]string{fmt.Sprint(calls)}, c.args...)...)
		if len(c.args) > 0 {
			said = strings.TrimPrefix(said, "policy 0\n")
		}
		var armed, then int
		if _, err := fmt.Sscanf(said, "armed %d\nthen %d\n", &armed, &then); err != nil {
			t.Fatalf("%s: %q", c.env, said)
		}
		bound := int(math.Log2(float64(c.most+1))) + 2 + calls/(c.most+1)
		least := calls / (c.most + 1)
		if c.most == 4096 { // by time: a life that another process has made long starts anew
			bound, least = calls, 2
		}
		if armed > bound || armed < least {
			t.Errorf("%s %v: armed %d times, want %d to %d", c.env, c.args, armed, least, bound)
		}
		if then > c.most+1 {
			t.Errorf("%s %v: plugged after %d calls, want at most %d", c.env, c.args, then, c.most+1)
		}
	}
	for _, wrong := range []string{"x", "-1", "5,", "5,x", "99999999999999999999", "5 6"} {
		said, err := exec.Command("env", "QUASI_BACKOFF="+wrong, prog, "0").CombinedOutput()
		if err != nil || !strings.Contains(string(said), "QUASI_BACKOFF="+wrong+" is not CALLS or CALLS,TICKS; it is 4096,2000000") {
			t.Errorf("QUASI_BACKOFF=%s: %v, %s", wrong, err, said)
		}
	}
	if got := runWith(t, nil, prog, "0", "-1", "0"); !strings.HasPrefix(got, "policy -22\n") {
		t.Errorf("quasi_backoff(-1, 0): %q", got)
	}
}
