package main

// This file holds the ledger against what programs do a second time, beside
// watch_test.go: MemGuard watches the terms in programs that are optimized as ever, also
// where the kernel and libraries write. A write without a row, or with one that says
// that it is something else, is an error. Rows that are fresh are no matter here: instances
// are taken for bound as soon as the program shows where they are.

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	llir "github.com/llir/llvm/ir"

	"quasi/guard"
	"quasi/ir"
)

// memguardMark takes what watch_test.go puts into programs for MemGuard.
const memguardMark = `#include <stdint.h>
void __quasi_watch(const void *at, uint64_t size, uint64_t term);
void quasi_watch_mark(char *p, uint32_t size, uint32_t term) { __quasi_watch(p, size, term); }
`

func TestMemguardWatch(t *testing.T) {
	tc := needLLVM(t)
	paths, err := filepath.Glob("../../testdata/c/*.c")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	random := rand.New(rand.NewPCG(*watchSeed, 1))
	some := func(paths []string) []string {
		random.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
		if *watchN > 0 {
			paths = paths[:min(*watchN, len(paths))]
		}
		return paths
	}
	paths = some(paths)
	if *watchDir != "" {
		more, err := programsBelow(*watchDir)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, some(more)...)
	}
	ws := &workspace{dir: t.TempDir()}
	library, err := tc.makeRuntime(context.Background(), ws, memguardParts())
	if err != nil {
		t.Fatal(err)
	}
	mark := ws.path("mark.c")
	if err := os.WriteFile(mark, []byte(memguardMark), 0o666); err != nil {
		t.Fatal(err)
	}
	compileC(t, tc, ws.path("mark.o"), "-O2", "-c", mark)

	var mu sync.Mutex
	var total writeReport
	programs, unprotected := 0, uint64(0)
	parallel(len(paths), func(i int) {
		dir, err := os.MkdirTemp(t.TempDir(), "watch")
		if err != nil {
			t.Error(err)
			return
		}
		defer os.RemoveAll(dir)
		rep, err := memguardProgram(tc, &workspace{dir: dir}, []string{ws.path("mark.o"), library}, paths[i], nil)
		if err != nil {
			t.Errorf("%s: %v", paths[i], err)
		}
		if rep == nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		programs++
		total.Writes += rep.Writes
		total.Known += rep.Known
		for _, n := range rep.Unprotected {
			unprotected += n
		}
	})
	fmt.Printf("memguard: %d programs of %d; %d writes to terms, %d by rows that are guarded; %d times a location could not be protected\n",
		programs, len(paths), total.Writes, total.Known, unprotected)
	if programs == 0 || total.Known == 0 {
		t.Error("no write has been seen; the test says nothing")
	}

	// Were rows missing, it would be told.
	dir := &workspace{dir: t.TempDir()}
	rep, err := memguardProgram(tc, dir, []string{ws.path("mark.o"), library}, "../../testdata/c/struct_fields.c", func(r guard.Row) bool { return r.How != guard.ByField })
	if err == nil || rep == nil || rep.Missed == 0 {
		t.Errorf("without the rows of stores to members nothing is missed: %v, %v", rep, err)
	}
}

// programsBelow are the C files of a folder, at any depth.
func programsBelow(dir string) (paths []string, err error) {
	return paths, filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".c") {
			paths = append(paths, path)
		}
		return err
	})
}

// memguardProgram runs one program under MemGuard, with the rows that are wanted, nil for
// all. Nil: it has no terms, or clang does not make it.
func memguardProgram(tc *toolchain, ws *workspace, with []string, path string, wanted func(guard.Row) bool) (*writeReport, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	raw, module, object, exe := ws.path("raw.ll"), ws.path("module.ll"), ws.path("module.o"), ws.path("watched")
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	aliasing := "-fstrict-aliasing"
	if bytes.Contains(source, []byte("no-strict-aliasing")) {
		aliasing = "-fno-strict-aliasing"
	}
	if exec.CommandContext(ctx, tc.found["clang"], "-O2", "-g", "-w", aliasing, "-Xclang", "-disable-llvm-passes", "-S", "-emit-llvm", "-o", raw, path).Run() != nil {
		return nil, nil
	}
	if err := exec.CommandContext(ctx, tc.found["opt"], "-passes=sroa", "-S", "-o", module, raw).Run(); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(module)
	if err != nil {
		return nil, err
	}
	prog, err := ir.Load(module, text)
	if err != nil {
		return nil, err
	}
	w := newWatched(prog)
	if w == nil {
		return nil, nil
	}
	w.keep(func(t watchedTerm) bool { return t.size <= 8 })
	if len(w.terms) == 0 {
		return nil, nil
	}
	var terms []guard.Term
	watch := &watching{}
	for _, t := range w.terms {
		terms = append(terms, t.term)
		watch.Terms = append(watch.Terms, t.term.String())
	}
	sum, err := guard.Summarize(prog, terms, guard.Config{Whole: true})
	if err != nil {
		return nil, err
	}
	ledger, err := guard.Join([]*guard.Summary{sum})
	if err != nil {
		return nil, err
	}
	if wanted != nil {
		ledger.Rows = slices.DeleteFunc(ledger.Rows, func(r guard.Row) bool { return !wanted(r) })
	}
	if watch.Rows, err = guard.Watch(prog, guard.WatchOptions{Rows: ledger.Rows, Terms: terms}); err != nil {
		return nil, err
	}
	w.markMembers()
	var out bytes.Buffer
	if err := ir.Fprint(&out, prog); err != nil {
		return nil, err
	}
	if err := os.WriteFile(module, out.Bytes(), 0o666); err != nil {
		return nil, err
	}
	if err := tc.finish(ctx, object, module, append([]string{"-O2", "-w"}, memguardCodegen...)); err != nil {
		return nil, err
	}
	args := slices.Concat([]string{"-w", "-lm", object}, with, memguardLink)
	if said, err := exec.CommandContext(ctx, tc.found["clang"], append(args, "-lm", "-o", exe)...).CombinedOutput(); err != nil {
		if exec.CommandContext(ctx, tc.found["clang"], "-w", "-o", exe, path, "-lm").Run() != nil {
			return nil, nil // a part of a program
		}
		return nil, fmt.Errorf("%v\n%s", err, said)
	}
	if err := addLedger(exe, watch); err != nil {
		return nil, err
	}
	return runMemguard(ctx, ws, exe, path)
}

// runMemguard runs the program as it is run in other tests, and judges what it reports.
func runMemguard(ctx context.Context, ws *workspace, exe, path string) (*writeReport, error) {
	notes := ws.path("notes")
	runs := []programRun{{}}
	if p, err := readProgram(path); err == nil {
		runs = p.runs
	}
	for _, r := range runs {
		runCtx, cancel := context.WithTimeout(ctx, 10*time.Second)
		cmd := exec.CommandContext(runCtx, exe, r.args...)
		cmd.Dir, cmd.Stdin, cmd.Env = ws.dir, strings.NewReader(r.stdin), append(os.Environ(), "QUASI_MEMGUARD_REPORT="+notes)
		cmd.Run() // what the program does otherwise is no matter: it may crash, or not end
		cancel()
	}
	rep := newWriteReport()
	if _, err := os.Stat(notes); err != nil {
		return rep, nil // it has crashed, or did not end
	}
	if err := rep.read(notes); err != nil {
		return nil, err
	}
	rep.sort()
	var wrong []string
	for i := range rep.Misses {
		if m := &rep.Misses[i]; m.Class != guard.Fresh.String() {
			wrong = append(wrong, fmt.Sprintf("  %s:%d:%d: %s [%s]", m.File, m.Line, m.Col, m.message(), m.tags()))
		}
	}
	if len(wrong) > 0 {
		return rep, fmt.Errorf("%d places that the ledger does not know:\n%s", len(wrong), strings.Join(wrong, "\n"))
	}
	return rep, nil
}

// keep drops the terms that are not wanted.
func (w *watched) keep(wanted func(watchedTerm) bool) {
	w.terms = slices.DeleteFunc(w.terms, func(t watchedTerm) bool { return !wanted(t) })
	clear(w.layouts)
	for i, t := range w.terms {
		if t.record != nil {
			w.layouts[t.record.Name()] = append(w.layouts[t.record.Name()], i)
		}
	}
}

// markMembers has the program tell where terms are, and nothing else.
func (w *watched) markMembers() {
	e := newWatchEditor(w, "mark")
	for _, f := range w.prog.Module.Funcs {
		for i, b := range f.Blocks {
			insts := b.Insts
			e.insts = nil
			if f.Name() == "main" && i == 0 {
				e.variables()
			}
			for _, inst := range insts {
				e.add(inst)
				if g, ok := inst.(*llir.InstGetElementPtr); ok {
					e.access(g)
				}
			}
			b.Insts = e.insts
		}
	}
	w.prog.Module.Funcs = append(w.prog.Module.Funcs, e.fns["mark"])
}
