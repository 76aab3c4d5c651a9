package main

// This file runs GCC's execution tests (c-torture/execute) through quasi and
// compares what they do with what clang makes of them. `make torture` fetches
// and runs them all; a plain test run tries a handful if they are there.
//
// A program is tried if it exits with 0 both as clang -O0 compiles it and as
// clang -O2 does with the IR that quasi gets. What clang makes of the programs
// is kept beside them, so that a second run costs quasi's part alone.

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"quasi/bta"
	"quasi/guard"
	"quasi/ir"
)

var (
	tortureDir    = flag.String("torture.dir", "../../.cache/torture", "where testdata/torture/fetch.sh has put the programs")
	tortureN      = flag.Int("torture.n", 12, "programs to specialize from main (0: all)")
	tortureSample = flag.Int("torture.sample", 2, "programs to specialize from each of their functions")
	tortureSeed   = flag.Uint64("torture.seed", 1, "seed of the choice of programs")
	tortureDiv    = flag.String("torture.division", "", "mode of the analysis: any for a random one a trial, or its name")
	tortureGuards = flag.String("torture.guards", "", "guard a quasi-invariant about a random variable in every trial: table, quid, or everything for all writes")
	tortureOnly   = flag.String("torture.only", "", "only programs whose name matches this regular expression")
)

// Limits of one program in processor time. A specializer that takes longer has lost.
const (
	tortureRunLimit   = 10 * time.Second
	tortureQuasiLimit = 60 * time.Second
	tortureClangLimit = 60 * time.Second
)

// tortureIR are the clang flags of the IR that quasi gets. They are part of the
// key of what is kept.
var tortureIR = []string{"-O2", "-g", "-fno-discard-value-names", "-Xclang", "-disable-llvm-passes", "-S", "-emit-llvm"}

// tortureFlags are those of the flags that tests ask for which change what a
// program means; the rest is about GCC's passes.
var tortureFlags = regexp.MustCompile(`^(-fwrapv|-fno-strict-overflow|-fgnu89-inline|-std=.*|-fno-common|-finstrument-functions|-fno-builtin.*|-ffast-math|-fno-inline)$`)

var tortureOptions = regexp.MustCompile(`dg-(?:additional-)?options\s+[{"]\s*([^"}]*)["}]\s*(?:}|$)`)

// A tortureProgram is one test and what clang makes of it.
type tortureProgram struct {
	name    string // path below execute, without .c
	sources []string
	flags   []string
	ref     tortureReference
}

// A tortureReference is what clang makes of a program; it is kept as JSON.
type tortureReference struct {
	Key       string
	Discarded string   // why the program says nothing, empty if it does
	Stdout    string   // of the generic program, which exits with 0
	Functions []string // those with a definition
}

// A tortureTrial is one program specialized from one function.
type tortureTrial struct {
	*tortureProgram
	entry   string
	mode    bta.Mode
	failure string
	kind    string        // of failure: refusal, crash, time-out, mismatch
	insts   int           // of the residual functions
	took    time.Duration // of quasi
	guards  []string      // flags that have something guarded
	counts  guardCounts
	put     guard.Inserted
}

// torture tries programs.
type torture struct {
	quasi, clang, opt, link string
	work                    string
	runtime                 []string     // the run-time of guards
	count                   atomic.Int64 // names folders
}

func TestTorture(t *testing.T) {
	tc := needLLVM(t)
	if testing.Short() {
		t.Skip("not wanted")
	}
	programs, err := torturePrograms()
	if err != nil {
		t.Skipf("%v (run testdata/torture/fetch.sh)", err)
	}
	h := &torture{work: t.TempDir(), quasi: filepath.Join(t.TempDir(), "quasi")}
	if out, err := exec.Command("go", "build", "-o", h.quasi, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for tool, path := range map[string]*string{"clang": &h.clang, "opt": &h.opt, "llvm-link": &h.link} {
		if *path, err = tc.find(context.Background(), tool); err != nil {
			t.Fatal(err)
		}
	}
	if *tortureGuards != "" {
		library, err := tc.makeRuntime(context.Background(), &workspace{dir: h.work}, guardParts)
		if err != nil {
			t.Fatal(err)
		}
		h.runtime = []string{library}
	}
	random := rand.New(rand.NewPCG(*tortureSeed, 0))
	random.Shuffle(len(programs), func(i, j int) { programs[i], programs[j] = programs[j], programs[i] })
	if *tortureOnly != "" {
		only, err := regexp.Compile(*tortureOnly)
		if err != nil {
			t.Fatal(err)
		}
		programs = slices.DeleteFunc(programs, func(p *tortureProgram) bool { return !only.MatchString(p.name) })
	}
	fromMain, sample := len(programs), min(*tortureSample, len(programs))
	if *tortureN > 0 {
		fromMain = min(fromMain, *tortureN)
	}

	began := time.Now()
	programs, discarded := h.references(t, programs, max(fromMain, sample))
	fmt.Printf("torture: %d programs compile and exit with 0 (%.0f s)\n", len(programs), time.Since(began).Seconds())
	var trials []*tortureTrial
	for _, p := range programs[:min(fromMain, len(programs))] {
		trials = append(trials, &tortureTrial{tortureProgram: p, entry: "main"})
	}
	said := []string{h.run(t, "main", trials)}
	trials = nil
	for _, p := range programs[:min(sample, len(programs))] {
		for _, f := range p.ref.Functions {
			trials = append(trials, &tortureTrial{tortureProgram: p, entry: f})
		}
	}
	said = append(said, h.run(t, "each", trials))
	fmt.Printf("torture: seed %d: %d programs, %s; %s; %s\n",
		*tortureSeed, len(programs), discards(discarded), strings.Join(said, "; "), spent(time.Since(began)))
}

// torturePrograms lists the programs. Those of builtins are made of three files.
func torturePrograms() ([]*tortureProgram, error) {
	root := filepath.Join(*tortureDir, "execute")
	var programs []*tortureProgram
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "lib" {
			return fs.SkipDir
		}
		name := strings.TrimSuffix(path, ".c")
		if name == path || strings.HasSuffix(name, "-lib") {
			return nil
		}
		p := &tortureProgram{sources: []string{path}, flags: []string{"-w"}}
		if p.name, err = filepath.Rel(root, name); err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range tortureOptions.FindAllSubmatch(text, -1) {
			for _, f := range strings.Fields(string(m[1])) {
				if tortureFlags.MatchString(f) {
					p.flags = append(p.flags, f)
				}
			}
		}
		if filepath.Dir(p.name) == "builtins" {
			// Without it the library functions that they bring check that the
			// compiler has replaced every call of them.
			p.flags = append(p.flags, "-U__OPTIMIZE__")
			p.sources = append(p.sources, name+"-lib.c", filepath.Join(root, "builtins", "lib", "main.c"))
		}
		programs = append(programs, p)
		return nil
	})
	if err == nil && *tortureGuards == guardsQuid {
		programs, err = quidPrograms(programs)
	}
	return programs, err
}

// parallel calls f for the numbers below n, two at a time.
func parallel(n int, f func(int)) {
	var wait sync.WaitGroup
	next := make(chan int)
	for range min(runtime.NumCPU(), 2) {
		wait.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
}

// references finds what clang makes of programs, in their order, until want of
// them are good, and returns these, and the causes of those that it discards.
func (h *torture) references(t *testing.T, programs []*tortureProgram, want int) (good []*tortureProgram, discarded map[string]int) {
	discarded = make(map[string]int)
	for len(programs) > 0 && len(good) < want {
		some := programs[:min(want-len(good), len(programs))]
		programs = programs[len(some):]
		parallel(len(some), func(i int) {
			if err := h.reference(some[i]); err != nil {
				t.Error(err)
				some[i].ref.Discarded = err.Error()
			}
		})
		for _, p := range some {
			if p.ref.Discarded == "" {
				good = append(good, p)
			} else {
				why, _, _ := strings.Cut(p.ref.Discarded, ": ")
				discarded[why]++
			}
		}
	}
	return good, discarded
}

// kept is where something about the program is kept.
func (p *tortureProgram) kept(ext string) string {
	dir := "clang"
	if *tortureGuards == guardsQuid {
		dir = "clang-quid"
	}
	return filepath.Join(*tortureDir, dir, strings.ReplaceAll(p.name, "/", "-")+ext)
}

// reference finds what clang makes of a program, made earlier or here.
func (h *torture) reference(p *tortureProgram) error {
	hash := sha256.New()
	fmt.Fprintln(hash, tortureIR, p.flags)
	for _, src := range p.sources {
		text, err := os.ReadFile(src)
		if err != nil {
			return err
		}
		hash.Write(text)
	}
	key := hex.EncodeToString(hash.Sum(nil))
	if text, err := os.ReadFile(p.kept(".json")); err == nil && json.Unmarshal(text, &p.ref) == nil && p.ref.Key == key {
		return nil
	}
	p.ref = tortureReference{Key: key}
	if err := os.MkdirAll(filepath.Dir(p.kept("")), 0o777); err != nil {
		return err
	}
	dir, err := h.folder()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p.ref.Discarded = h.makeReference(p, dir)
	if p.ref.Discarded == "" {
		text, err := os.ReadFile(p.kept(".ll"))
		if err != nil {
			return err
		}
		p.ref.Functions = definedFunctions(text)
	}
	text, err := json.Marshal(&p.ref)
	if err != nil {
		return err
	}
	return os.WriteFile(p.kept(".json"), text, 0o666)
}

// makeReference makes the IR of a program, runs the generic programs, and
// returns why the program is discarded.
func (h *torture) makeReference(p *tortureProgram, dir string) string {
	var modules []string
	for i, src := range p.sources {
		raw, module := filepath.Join(dir, "raw.ll"), filepath.Join(dir, strconv.Itoa(i)+".ll")
		if said, err := h.command(tortureClangLimit, dir, h.clang, slices.Concat(tortureIR, p.flags, []string{"-o", raw, absolute(src)})...); err != nil {
			return "clang: " + said
		}
		if said, err := h.command(tortureClangLimit, dir, h.opt, "-passes=sroa", "-S", "-o", module, raw); err != nil {
			return "opt: " + said
		}
		modules = append(modules, module)
	}
	if said, err := h.command(tortureClangLimit, dir, h.link, append([]string{"-S", "-o", absolute(p.kept(".ll"))}, modules...)...); err != nil {
		return "llvm-link: " + said
	}
	builds := [][]string{append([]string{"-O0"}, p.flags...), {"-O2", "-w", absolute(p.kept(".ll"))}}
	for _, src := range p.sources {
		builds[0] = append(builds[0], absolute(src))
	}
	if *tortureGuards == guardsQuid { // a program that is no longer as it was may do what is undefined
		builds = append(builds, slices.Concat([]string{"-O0", "-fsanitize=address", "-fno-sanitize-recover=all"}, p.flags, builds[0][len(builds[0])-len(p.sources):]))
	}
	for i, args := range builds {
		prog := filepath.Join(dir, "prog")
		if said, err := h.command(tortureClangLimit, dir, h.clang, append(args, "-lm", "-fuse-ld=lld", "-o", prog)...); err != nil {
			return args[0] + ": " + said
		}
		got, err := h.runTorture(dir, prog)
		switch {
		case err != nil:
			return args[0] + ": " + err.Error()
		case got.code != 0:
			return fmt.Sprintf("%s: exit code %d", args[0], got.code)
		case i > 0 && got.stdout != p.ref.Stdout:
			return "-O0 and -O2 differ"
		}
		p.ref.Stdout = got.stdout
	}
	return ""
}

func absolute(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		panic(err) // the working directory is gone
	}
	return abs
}

var definition = regexp.MustCompile(`(?m)^define (.*?)@("[^"]*"|[-\w$.]+)\(`)

// definedFunctions are the functions that a module defines.
func definedFunctions(module []byte) []string {
	var names []string
	for _, m := range definition.FindAllSubmatch(module, -1) {
		if !bytes.Contains(m[1], []byte("available_externally")) {
			names = append(names, strings.Trim(string(m[2]), `"`))
		}
	}
	return names
}

// folder makes a folder for one program.
func (h *torture) folder() (string, error) {
	dir := filepath.Join(h.work, strconv.FormatInt(h.count.Add(1), 10))
	return dir, os.Mkdir(dir, 0o777)
}

// command runs a tool in a folder with a limit on processor time and returns
// what it said.
func (h *torture) command(limit time.Duration, dir, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*limit)
	defer cancel()
	words := limited(limit, name, args...)
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir = dir
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	if ctx.Err() != nil || cmd.ProcessState != nil && cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime() >= limit {
		err = errTimeout
	}
	return said.String(), err
}

// runTorture runs a program in its folder: some leave files.
func (h *torture) runTorture(dir, prog string) (outcome, error) {
	env := []string{"-C", dir, "QUASI_STATS=" + filepath.Join(dir, "stats"), "QUASI_BACKOFF=0"}
	return runProgram(20*tortureRunLimit, "", "/usr/bin/env", append(env, limited(tortureRunLimit, prog)...)...)
}

// run makes trials, prints what takes long, and says what came of them.
func (h *torture) run(t *testing.T, way string, trials []*tortureTrial) string {
	began := time.Now()
	var failed atomic.Int64
	parallel(len(trials), func(i int) {
		tr := trials[i]
		var err error
		if tr.mode, err = drawMode(*tortureDiv, *tortureSeed, textSeed(tr.name), textSeed(tr.entry)); err != nil {
			t.Error(err)
			return
		}
		if h.try(tr); tr.failure != "" {
			failed.Add(1)
			t.Errorf("%s from %s: %s: %s", tr.name, tr.entry, tr.kind, tr.failure)
		}
	})
	if *tortureGuards != "" {
		var counts guardCounts
		var put guard.Inserted
		for _, tr := range trials {
			counts.add(tr.counts)
			addInserted(&put, tr.put)
		}
		fmt.Printf("torture %s: guards: %+v; %v\n", way, put, counts)
	}
	kinds := map[string]int{}
	folded, insts := 0, 0
	for _, tr := range trials {
		kinds[tr.kind]++
		if tr.failure == "" && tr.insts < 10 {
			folded++
		}
		insts += tr.insts
	}
	fmt.Printf("torture %s: %d residual programs of fewer than 10 instructions, %d instructions in all, in %.0f s\n",
		way, folded, insts, time.Since(began).Seconds())
	h.tell(way, trials)
	return fmt.Sprintf("%s: %d trials, %d agree, %d failed (%d mismatches, %d crashes, %d time-outs, %d refusals)",
		way, len(trials), kinds[""], failed.Load(), kinds["mismatch"], kinds["crash"], kinds["time-out"], kinds["refusal"])
}

// tell prints the slowest trials, and writes all of them to a file.
func (h *torture) tell(way string, trials []*tortureTrial) {
	var list bytes.Buffer
	slices.SortFunc(trials, func(a, b *tortureTrial) int { return b.insts - a.insts })
	for _, tr := range trials {
		fmt.Fprintf(&list, "%7d %7.2fs %-9s %s %s\n", tr.insts, tr.took.Seconds(), tr.kind, tr.name, tr.entry)
	}
	os.WriteFile(filepath.Join(*tortureDir, way+".txt"), list.Bytes(), 0o666)
	slices.SortFunc(trials, func(a, b *tortureTrial) int { return int(b.took - a.took) })
	for _, tr := range trials[:min(5, len(trials))] {
		fmt.Printf("torture %s: %6.2f s for %s from %s\n", way, tr.took.Seconds(), tr.name, tr.entry)
	}
}

// try specializes a program from one function and compares it with the generic
// one.
func (h *torture) try(tr *tortureTrial) {
	dir, err := h.folder()
	if err != nil {
		tr.kind, tr.failure = "crash", err.Error()
		return
	}
	defer os.RemoveAll(dir)
	special, prog := filepath.Join(dir, "special.ll"), filepath.Join(dir, "prog")
	began := time.Now()
	input, flags := tr.input()
	specialize := func(guards []string) (string, error) {
		args := slices.Concat([]string{"specialize", "-q", "--no-opt", "--json", "-e", tr.entry, "-o", special, absolute(input)}, guards, modeArgs(tr.mode), []string{"--"}, flags)
		return h.command(tortureQuasiLimit, dir, h.quasi, args...)
	}
	tr.guards = h.guards(tr.tortureProgram, tr.entry)
	said, err := specialize(tr.guards)
	if len(tr.guards) > 0 && err != nil && strings.Contains(said, "--when:1:") { // it cannot be said of that variable
		tr.guards = nil
		said, err = specialize(nil)
	}
	tr.took = time.Since(began)
	var exit *exec.ExitError
	switch {
	case errors.Is(err, errTimeout):
		tr.kind, tr.failure = "time-out", "quasi takes too long"
	case errors.As(err, &exit) && (exit.ExitCode() == exitInput || exit.ExitCode() == exitUsage):
		tr.kind, tr.failure = "refusal", said
	case err != nil:
		tr.kind, tr.failure = "crash", fmt.Sprintf("quasi: %v\n%s", err, said)
	default:
		h.compare(tr, dir, special, prog, said)
	}
	if tr.failure != "" {
		if len(tr.failure) > 2000 {
			tr.failure = tr.failure[:2000] + "..."
		}
		tr.failure += "\n" + h.repeat(tr)
	}
}

var scalarGlobal = regexp.MustCompile(`(?m)^@([A-Za-z_]\w*) = (?:[a-z_]+ )*global (?:(\[)\d+ x )?i(?:8|16|32|64)\]? (?:(-?\d+)|(zeroinitializer)|\[i\d+ (-?\d+)[,\]])`)

// guards are flags for a quasi-invariant about a random variable of the program: that
// it is what it is at first, or about a member that a pointer leads to (quidPredicates).
// There are none if there is no such variable.
func (h *torture) guards(p *tortureProgram, entry string) []string {
	if *tortureGuards == "" {
		return nil
	}
	module, err := os.ReadFile(p.kept(".ll"))
	if err != nil {
		return nil
	}
	preds := scalarPredicates(module)
	if *tortureGuards == guardsQuid {
		prog, err := ir.Load(p.kept(".ll"), module)
		if err != nil {
			return nil
		}
		preds = quidPredicates(prog)
	}
	if len(preds) == 0 {
		return nil
	}
	random := rand.New(rand.NewPCG(*tortureSeed, textSeed(p.name+entry)))
	flags := []string{"--guards=" + *tortureGuards, "--check-guards"}
	for _, pred := range preds[random.IntN(len(preds))] {
		flags = append(flags, "--when", pred)
	}
	return flags
}

// scalarPredicates are what holds at first of the scalar variables of a module.
func scalarPredicates(module []byte) [][]string {
	var all [][]string
	for _, m := range scalarGlobal.FindAllStringSubmatch(string(module), -1) {
		name, value := m[1], m[3]+m[5]
		if m[4] != "" {
			value = "0"
		}
		if m[2] != "" {
			name += "[0]"
		}
		all = append(all, []string{name + " == " + value})
	}
	return all
}

// input is what is specialized: the IR that was made for the reference or, for a
// uniform division, where variables are to stay in memory, the source with clang's flags
// for it.
func (tr *tortureTrial) input() (path string, flags []string) {
	if tr.mode.Uniform && len(tr.sources) == 1 {
		return tr.sources[0], tr.flags
	}
	return tr.kept(".ll"), nil
}

// compare builds the specialized module, runs it, and notes its size.
func (h *torture) compare(tr *tortureTrial, dir, special, prog, said string) {
	var rep report
	if err := json.Unmarshal([]byte(said), &rep); err != nil {
		tr.kind, tr.failure = "crash", err.Error()+"\n"+said
		return
	}
	if rep.Guards != nil && rep.Guards.Inserted != nil {
		tr.put = *rep.Guards.Inserted
	}
	for _, v := range rep.Variants {
		if v.Residual == "" {
			tr.insts += v.Generic
		}
		for _, f := range v.Functions {
			tr.insts += f.Instructions
		}
	}
	// A warning says that the module is not what it should be, its debug
	// information for one.
	args := slices.Concat([]string{"-O2", "-Wno-override-module", special}, h.runtime, []string{"-lm", "-fuse-ld=lld", "-o", prog})
	said, err := h.command(tortureClangLimit, dir, h.clang, args...)
	if err != nil || strings.Contains(said, "warning: ignoring") {
		tr.kind, tr.failure = "crash", fmt.Sprintf("clang: %v\n%s", err, said)
		if errors.Is(err, errTimeout) {
			tr.kind = "time-out"
		}
		return
	}
	got, err := h.runTorture(dir, prog)
	tr.counts.read(filepath.Join(dir, "stats"))
	switch {
	case err != nil:
		tr.kind, tr.failure = "mismatch", err.Error()
	case got.code != 0 || got.stdout != tr.ref.Stdout:
		tr.kind = "mismatch"
		tr.failure = fmt.Sprintf("got %q, exit code %d, want %q, exit code 0", got.stdout, got.code, tr.ref.Stdout)
	}
}

// repeat is the command that shows a failure again.
func (h *torture) repeat(tr *tortureTrial) string {
	input, flags := tr.input()
	words := slices.Concat([]string{"bin/quasi", "build"}, tr.guards, modeArgs(tr.mode), []string{"-e", tr.entry, "-o", "/tmp/prog", relative(input), "--", "-O2", "-lm"}, flags)
	for i := range words {
		words[i] = quoted(words[i])
	}
	return "again: " + strings.Join(words, " ") + " && /tmp/prog"
}

// relative is a path as seen from the top of the repository.
func relative(path string) string {
	if rel, err := filepath.Rel(absolute("../.."), absolute(path)); err == nil {
		return rel
	}
	return path
}
