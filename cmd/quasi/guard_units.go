package main

// This file makes the summaries of guard: each unit by itself, as many at a time as
// processors and memory allow, in an order that does not matter.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/llir/llvm/ir/metadata"
	"golang.org/x/sync/semaphore"

	"quasi/guard"
	"quasi/ir"
)

// A unit is one input of guard, by itself: nothing is linked.
type unit struct {
	name  string   // for messages and in the ledger
	file  string   // C or IR
	arg   string   // the file as clang is given it
	dir   string   // where clang runs; empty: here
	flags []string // for clang

	text    string // the IR that was made of it; empty before
	sum     *unitSummary
	said    bytes.Buffer // what clang had to say
	err     error
	cached  bool
	size    int64 // of the IR
	compile time.Duration
	work    time.Duration // from IR to summary
}

// isC reports whether clang has to make IR of the unit.
func (u *unit) isC() bool {
	ext := filepath.Ext(u.file)
	return ext == ".c" || ext == ".i"
}

// memoryPerByte is what the phases of guard need, at most, of memory for one byte of
// IR text; measured on SQLite, Lua and Redis.
const memoryPerByte = 40

// A summarizer makes the summaries of units.
type summarizer struct {
	*session
	terms  []guard.Term
	cache  *summaryCache // nil for none
	jobs   int
	whole  bool // the one unit is the whole program
	memory *semaphore.Weighted
	budget int64
	done   atomic.Int64 // units
	files  atomic.Int64 // temporary ones

	refused      []refusal
	clangVersion string // what clang says, for keys of the cache
}

// newSummarizer bounds the work: jobs at a time (0: as many as there are processors),
// in three quarters of the memory that is free.
func newSummarizer(s *session, terms []guard.Term, cache *summaryCache, jobs int) *summarizer {
	if jobs == 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	budget := freeMemory() / 4 * 3
	debug.SetMemoryLimit(budget) // the collector works harder before that
	return &summarizer{session: s, terms: terms, cache: cache, jobs: jobs, memory: semaphore.NewWeighted(budget), budget: budget}
}

// freeMemory is how much memory is available without swapping; 4 GiB if the system
// does not say.
func freeMemory() int64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err == nil {
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			if len(f) >= 2 && f[0] == "MemAvailable:" {
				if kib, err := strconv.ParseInt(f[1], 10, 64); err == nil && kib > 0 {
					return kib << 10
				}
			}
		}
	}
	return 4 << 30
}

// each runs f on all units, as many at a time as there are jobs. Of units that fail,
// the errors are joined in the units' order.
func (s *summarizer) each(ctx context.Context, what string, units []*unit, f func(context.Context, *unit) error) error {
	if err := s.findTools(ctx, units); err != nil {
		return err
	}
	s.done.Store(0)
	s.bar.enter(what)
	next := make(chan *unit)
	var wg sync.WaitGroup
	for range min(s.jobs, len(units)) {
		wg.Go(func() {
			for u := range next {
				if len(units) > 1 {
					s.bar.show(fmt.Sprintf("%s: %d of %d, %s", what, s.done.Load(), len(units), u.name))
				}
				u.err = protect(what, "", func() error { return f(ctx, u) })
				s.done.Add(1)
			}
		})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, u := range units {
			if ctx.Err() != nil {
				break
			}
			next <- u
		}
		close(next)
		wg.Wait()
	}()
	select {
	case <-done:
	case <-ctx.Done(): // programs are killed, and will be gone soon; analyses are not waited for
		select {
		case <-done:
		case <-time.After(time.Second):
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var errs []error
	for _, u := range units {
		if u.said.Len() > 0 {
			s.bar.Write(u.said.Bytes())
			u.said.Reset()
		}
		var failed *toolError
		if errors.As(u.err, &failed) && len(units) > 1 {
			u.err = fmt.Errorf("%s: %w", u.name, u.err)
		}
		if u.err != nil {
			errs = append(errs, u.err)
		}
	}
	return errors.Join(errs...)
}

// findTools looks for the programs that the units need, so that units which work at
// the same time find them found.
func (s *summarizer) findTools(ctx context.Context, units []*unit) error {
	var need []string
	for _, u := range units {
		switch {
		case u.isC():
			need = append(need, "clang", "opt")
		case filepath.Ext(u.file) == ".bc":
			need = append(need, "llvm-dis")
		}
	}
	for _, name := range need {
		if _, err := s.tc.find(ctx, name); err != nil {
			return err
		}
	}
	if slices.Contains(need, "clang") && s.cache != nil && s.clangVersion == "" {
		path, _ := s.tc.find(ctx, "clang")
		said, err := exec.CommandContext(ctx, path, "--version").Output()
		if err != nil {
			return &toolError{name: filepath.Base(path), err: err}
		}
		s.clangVersion = string(said)
	}
	return nil
}

// tools is the toolchain for one unit.
func (s *summarizer) tools(u *unit) *toolchain {
	tc := *s.tc
	tc.dir, tc.stderr = u.dir, &u.said
	return &tc
}

// summarize makes the summary of a unit, or takes it from the cache.
func (s *summarizer) summarize(ctx context.Context, u *unit) error {
	key, err := s.cache.key(ctx, s, u)
	if err != nil {
		return err
	}
	if u.sum = s.cache.get(key); u.sum != nil {
		u.cached = true
		return nil
	}
	if err := s.makeText(ctx, u); err != nil {
		return err
	}
	info, err := os.Stat(u.text)
	if err != nil {
		return err
	}
	u.size = info.Size()
	// A unit that needs more than there is gets all of it, alone.
	weight := min(u.size*memoryPerByte, s.budget)
	if err := s.memory.Acquire(ctx, weight); err != nil {
		return err
	}
	defer s.memory.Release(weight)
	began := time.Now()
	prog, err := s.loadUnit(u)
	if err != nil {
		return err
	}
	sum, err := guard.Summarize(prog, s.terms, guard.Config{Unit: u.name, Whole: s.whole})
	if err != nil {
		return err
	}
	u.sum = &unitSummary{Unit: u.name, Dir: unitDir(prog), Summary: sum}
	u.work = time.Since(began)
	s.forget(u)
	return s.cache.put(s, key, u.sum)
}

// makeText makes u.text, the IR of the unit, if it is not there.
func (s *summarizer) makeText(ctx context.Context, u *unit) error {
	if u.text != "" {
		return nil
	}
	began := time.Now()
	defer func() { u.compile = time.Since(began) }()
	switch filepath.Ext(u.file) {
	case ".c", ".i":
		dst := s.ws.path(s.fresh(".ll"))
		if err := s.tools(u).compile(ctx, s.ws, u.arg, dst, u.flags); err != nil {
			return err
		}
		u.text = dst
	case ".bc":
		dst := s.ws.path(s.fresh(".ll"))
		if err := disassemble(ctx, s.tools(u), dst, u.file); err != nil {
			return err
		}
		u.text = dst
	default:
		u.text = u.file
	}
	return nil
}

// forget removes IR that was made of the unit.
func (s *summarizer) forget(u *unit) {
	if u.text != u.file {
		os.Remove(u.text)
	}
	u.text = ""
}

// fresh names a temporary file.
func (s *summarizer) fresh(ext string) string {
	return fmt.Sprintf("unit-%d%s", s.files.Add(1), ext)
}

// link makes one unit of all: the whole program.
func (s *summarizer) link(ctx context.Context, g *discovery) error {
	if err := s.each(ctx, "compiling", g.units, s.makeText); err != nil {
		return err
	}
	if len(g.units) == 1 {
		return nil
	}
	whole := &unit{name: "the linked module", text: s.ws.path("joined.ll")}
	var parts []string
	for _, u := range g.units {
		parts = append(parts, u.text)
		whole.compile += u.compile
	}
	s.bar.enter("linking")
	if err := s.tc.join(ctx, whole.text, parts); err != nil {
		return err
	}
	g.units = []*unit{whole}
	return nil
}

// loadUnit reads the IR of a unit.
func (s *summarizer) loadUnit(u *unit) (*ir.Program, error) {
	text, err := os.ReadFile(u.text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", u.name, cause(err))
	}
	prog, err := ir.Load(u.name, text)
	if err != nil {
		if why := explainText(u.name, text); why != nil {
			return nil, why
		}
	}
	return prog, err
}

// unitDir is the folder that names of files in the debug information of a module are
// relative to, empty if it does not say.
func unitDir(prog *ir.Program) string {
	if units := prog.Module.NamedMetadataDefs["llvm.dbg.cu"]; units != nil {
		for _, n := range units.Nodes {
			if cu, ok := n.(*metadata.DICompileUnit); ok && cu.File != nil && cu.File.Directory != "" {
				return cu.File.Directory
			}
		}
	}
	return ""
}
