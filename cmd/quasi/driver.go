package main

// This file finds and runs the LLVM programs: clang, opt, llvm-link,
// llvm-extract and llvm-dis of LLVM 14, whose IR has the typed pointers that
// package ir reads.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// llvmMajor is the release whose programs quasi runs.
const llvmMajor = "14"

// debianPackages hold the programs of toolchain on Debian.
const debianPackages = "clang-14 llvm-14 lld-14"

// A toolchain runs LLVM programs. The zero value looks for them on demand.
type toolchain struct {
	stderr io.Writer         // gets what the programs say
	colour bool              // ask clang for coloured diagnostics
	quiet  bool              // show what a program says only if it fails
	log    io.Writer         // gets each command line; nil for none
	memory bool              // C variables stay in memory: sroa does not run
	dir    string            // where programs run; empty: here
	found  map[string]string // program name to path
}

// A missingTool says that an LLVM program is not on the machine.
type missingTool struct {
	name  string
	where string // what was looked at
}

func (e *missingTool) Error() string {
	return fmt.Sprintf("%s of LLVM %s is not on this machine (%s); on Debian: apt-get install %s; "+
		"elsewhere set QUASI_LLVM to the bin folder of an LLVM %[2]s", e.name, llvmMajor, e.where, debianPackages)
}

// find returns the path of an LLVM program. $QUASI_LLVM, a bin folder, is the
// only place when it is set; otherwise NAME-14 on the PATH, Debian's own
// folder, and NAME on the PATH if it says that it is version 14.
func (t *toolchain) find(ctx context.Context, name string) (string, error) {
	if p, ok := t.found[name]; ok {
		return p, nil
	}
	p, err := lookup(ctx, name)
	if err != nil {
		return "", err
	}
	if t.found == nil {
		t.found = map[string]string{}
	}
	t.found[name] = p
	return p, nil
}

func lookup(ctx context.Context, name string) (string, error) {
	if dir := os.Getenv("QUASI_LLVM"); dir != "" {
		for _, n := range []string{name + "-" + llvmMajor, name} {
			p := filepath.Join(dir, n)
			if !isExecutable(p) {
				continue
			}
			if v := toolVersion(ctx, p); v != llvmMajor {
				return "", fmt.Errorf("%s is LLVM %s (QUASI_LLVM=%s); quasi works with LLVM %s", p, orUnknown(v), dir, llvmMajor)
			}
			return p, nil
		}
		return "", &missingTool{name: name, where: "QUASI_LLVM=" + dir}
	}
	if p, err := exec.LookPath(name + "-" + llvmMajor); err == nil {
		return p, nil
	}
	if p := filepath.Join("/usr/lib/llvm-"+llvmMajor+"/bin", name); isExecutable(p) {
		return p, nil
	}
	p, err := exec.LookPath(name)
	if err != nil {
		return "", &missingTool{name: name, where: "neither " + name + "-" + llvmMajor + " nor " + name + " on the PATH"}
	}
	if v := toolVersion(ctx, p); v != llvmMajor {
		return "", &missingTool{name: name, where: p + " is LLVM " + orUnknown(v)}
	}
	return p, nil
}

func orUnknown(v string) string {
	if v == "" {
		return "of an unknown version"
	}
	return v
}

func isExecutable(p string) bool {
	info, err := os.Stat(p)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

var versionLine = regexp.MustCompile(`version (\d+)\.`)

// toolVersion is the major version that a program prints, "" if it prints none.
func toolVersion(ctx context.Context, path string) string {
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return ""
	}
	if m := versionLine.FindSubmatch(out); m != nil {
		return string(m[1])
	}
	return ""
}

// A toolError says that an LLVM program failed; what it had to say is on
// stderr already.
type toolError struct {
	name string
	err  error
}

func (e *toolError) Error() string { return fmt.Sprintf("%s failed (%v)", e.name, e.err) }
func (e *toolError) Unwrap() error { return e.err }

// run runs one program to its end. Its diagnostics go to t.stderr; a crash or
// a bad exit is a toolError.
func (t *toolchain) run(ctx context.Context, name string, args ...string) error {
	path, err := t.find(ctx, name)
	if err != nil {
		return err
	}
	if t.log != nil {
		fmt.Fprintf(t.log, "+ %s %s\n", filepath.Base(path), strings.Join(args, " "))
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = t.dir
	var said bytes.Buffer
	cmd.Stdout = &said
	cmd.Stderr = &said
	err = cmd.Run()
	if t.stderr != nil && (err != nil || !t.quiet) {
		t.stderr.Write(said.Bytes())
	}
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	return &toolError{name: filepath.Base(path), err: err}
}

// compile makes the IR of a C file that the analysis wants: types and debug
// info present, nothing rewritten but, unless t.memory is set, locals promoted to registers. It is -O2
// and not -O1, at which clang forbids LLVM to unroll any loop later on.
func (t *toolchain) compile(ctx context.Context, w *workspace, src, dst string, flags []string) error {
	raw := dst + ".raw.ll"
	args := append(t.colourFlags(), analysisFlags...)
	args = append(args, flags...)
	args = append(args, "-S", "-emit-llvm", "-o", raw, "-c", src)
	if err := t.run(ctx, "clang", args...); err != nil {
		return err
	}
	if t.memory {
		return os.Rename(raw, dst)
	}
	defer os.Remove(raw)
	return t.run(ctx, "opt", "-passes=sroa", "-S", "-o", dst, raw)
}

// analysisFlags have clang make the IR that the analysis wants.
var analysisFlags = []string{"-O2", "-g", "-fno-discard-value-names", "-Xclang", "-disable-llvm-passes"}

// preprocess writes what compile would see of a C file. It says nothing but errors.
func (t *toolchain) preprocess(ctx context.Context, dst, src string, flags []string) error {
	quiet := *t
	quiet.quiet = true
	args := append(t.colourFlags(), analysisFlags...)
	args = append(args, flags...)
	if slices.Contains(flags, "-fdebug-macro") {
		args = append(args, "-dD")
	}
	return quiet.run(ctx, "clang", append(args, "-E", "-o", dst, src)...)
}

func (t *toolchain) colourFlags() []string {
	if t.colour {
		return []string{"-fcolor-diagnostics"}
	}
	return nil
}

// join links several modules into one.
func (t *toolchain) join(ctx context.Context, dst string, modules []string) error {
	return t.run(ctx, "llvm-link", append([]string{"-S", "-o", dst}, modules...)...)
}

// disassemble makes text of bitcode.
func (t *toolchain) disassemble(ctx context.Context, dst, src string) error {
	return t.run(ctx, "llvm-dis", "-o", dst, src)
}

// stripDebug drops debug info.
func (t *toolchain) stripDebug(ctx context.Context, dst, src string) error {
	return t.run(ctx, "opt", "-passes=verify", "-strip-debug", "-S", "-o", dst, src)
}

// finish runs clang over a module: optimization at the flags' level, then text
// (.ll), bitcode (.bc), assembly (.s) or an object (.o).
func (t *toolchain) finish(ctx context.Context, dst, src string, flags []string) error {
	args := append([]string{"-Wno-override-module", "-Wno-unused-command-line-argument"}, flags...)
	switch filepath.Ext(dst) {
	case ".ll":
		args = append(args, "-S", "-emit-llvm")
	case ".bc":
		args = append(args, "-c", "-emit-llvm")
	case ".s":
		args = append(args, "-S")
	default:
		args = append(args, "-c")
	}
	return t.run(ctx, "clang", append(args, "-o", dst, src)...)
}

// extract keeps the named functions of a module and declares the rest.
func (t *toolchain) extract(ctx context.Context, dst, src string, funcs []string) error {
	args := []string{"-S", "-o", dst}
	for _, f := range funcs {
		args = append(args, "--func="+f)
	}
	return t.run(ctx, "llvm-extract", append(args, src)...)
}

// link makes the program (or shared object) dst.
func (t *toolchain) link(ctx context.Context, dst string, args []string) error {
	all := append([]string{"-Wno-unused-command-line-argument", "-o", dst}, args...)
	return t.run(ctx, "clang", all...)
}
