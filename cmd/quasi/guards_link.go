package main

// This file makes the library of the run-time, and links programs with it.

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"quasi/guard"
	"quasi/ir"
)

// guardParts are the files that guards alone may need. What a program names of the
// others it finds in the library as well, at the price of compiling them.
var guardParts = []string{"guards.c"}

// envRuntimeFlags names a variable with more flags for clang when it compiles the run-time,
// for tests that watch it with sanitizers. The run-time of a program that is built with one
// has none otherwise: it looks at memory of other threads, and its lock is not the program's.
const envRuntimeFlags = "QUASI_RUNTIME_FLAGS"

// linkGuards makes the library if slots need it, or the program calls functions of
// quasi.h. A program gets of it what it refers to.
func (p *pipeline) linkGuards(ctx context.Context, in *inputs) ([]string, error) {
	byHand := p.callsRuntime()
	var parts []string // nil: all
	switch {
	case !p.needsRuntime && !byHand:
		return nil, nil
	case !byHand && len(in.objects) == 0:
		parts = guardParts
	}
	library, err := p.tc.makeRuntime(ctx, p.ws, parts)
	return []string{library}, err
}

// callsRuntime reports whether the program calls functions of quasi.h by hand.
func (p *pipeline) callsRuntime() bool {
	return slices.ContainsFunc(p.prog.Funcs, func(f *ir.Func) bool { return f.IsDecl() && strings.HasPrefix(f.Name(), "quasi_") })
}

// runtimes are the libraries that this process has made, by what they were made of.
var runtimes struct {
	sync.Mutex
	made map[string][]byte
}

// makeRuntime makes libquasi.a in the workspace, of the parts named, nil for all.
func (t *toolchain) makeRuntime(ctx context.Context, ws *workspace, parts []string) (library string, err error) {
	dir := ws.path("runtime")
	if err := os.CopyFS(dir, guard.Runtime()); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	library = filepath.Join(dir, "libquasi.a")
	clang, err := t.find(ctx, "clang")
	if err != nil {
		return "", err
	}
	key := strings.Join(append([]string{clang, os.Getenv(envRuntimeFlags)}, parts...), "\x00")
	runtimes.Lock()
	defer runtimes.Unlock()
	if made, ok := runtimes.made[key]; ok {
		return library, os.WriteFile(library, made, 0o666)
	}
	if err := t.compileRuntime(ctx, dir, library, parts); err != nil {
		return "", err
	}
	made, err := os.ReadFile(library)
	if err != nil {
		return "", err
	}
	if runtimes.made == nil {
		runtimes.made = make(map[string][]byte)
	}
	runtimes.made[key] = made
	return library, nil
}

// compileRuntime makes the library of what is in dir.
func (t *toolchain) compileRuntime(ctx context.Context, dir, library string, parts []string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.c"))
	if err != nil {
		return err
	}
	var objects []string
	for _, f := range files {
		if parts != nil && !slices.Contains(parts, filepath.Base(f)) {
			continue
		}
		object := strings.TrimSuffix(f, ".c") + ".o"
		objects = append(objects, object)
		// Functions of libc are looked up when the program starts: MemGuard's handlers cannot
		// wait for that, for it writes to a page that may be guarded.
		args := []string{"-std=c11", "-O2", "-fPIC", "-fno-plt", "-Wall", "-c", "-o", object, f}
		args = append(args, strings.Fields(os.Getenv(envRuntimeFlags))...)
		if err := t.run(ctx, "clang", args...); err != nil {
			return fmt.Errorf("the run-time of guards: %w", err)
		}
	}
	return t.run(ctx, "llvm-ar", append([]string{"crsD", library}, objects...)...)
}
