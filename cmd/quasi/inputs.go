package main

// This file holds the inputs of a command: what may be given, how several
// become one module, and what is said about files that are no input.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
)

// inputs are the files of one command, in the order given.
type inputs struct {
	modules []string // C and IR, which become one module
	objects []string // objects, archives and libraries, for the linker
}

// sortInputs checks that the files exist and sorts them by extension.
// Objects are refused unless the command links.
func sortInputs(files []string, links bool) (*inputs, error) {
	var in inputs
	var errs []error
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f, cause(err)))
			continue
		}
		if info.IsDir() {
			errs = append(errs, fmt.Errorf("%s: is a folder", f))
			continue
		}
		switch ext := filepath.Ext(f); {
		case ext == ".c" || ext == ".i" || ext == ".ll" || ext == ".bc":
			in.modules = append(in.modules, f)
		case ext == ".o" || ext == ".a" || ext == ".so":
			if !links {
				errs = append(errs, fmt.Errorf("%s: machine code cannot be analyzed; quasi build links it", f))
			}
			in.objects = append(in.objects, f)
		default:
			errs = append(errs, fmt.Errorf("%s: not an input: quasi reads C (.c, .i) and LLVM IR (.ll, .bc)", f))
		}
	}
	if len(errs) == 0 && len(in.modules) == 0 {
		errs = append(errs, errors.New("none of the inputs is C or LLVM IR"))
	}
	return &in, errors.Join(errs...)
}

// module makes one module of the inputs and returns its text and a name for
// messages. A single .ll is taken as it is, so it needs no LLVM program.
func (in *inputs) module(ctx context.Context, tc *toolchain, ws *workspace, flags []string) (name string, text []byte, err error) {
	var parts []string
	for i, f := range in.modules {
		part := f
		switch filepath.Ext(f) {
		case ".c", ".i":
			part = ws.path(fmt.Sprintf("%d-%s.ll", i, filepath.Base(f)))
			err = tc.compile(ctx, ws, f, part, flags)
		case ".bc":
			part = ws.path(fmt.Sprintf("%d-%s.ll", i, filepath.Base(f)))
			err = disassemble(ctx, tc, part, f)
		default:
			if len(in.modules) > 1 {
				err = checkText(f)
			}
		}
		if err != nil {
			return "", nil, err
		}
		parts = append(parts, part)
	}
	name, whole := in.modules[0], parts[0]
	if len(parts) > 1 {
		name, whole = "the linked module", ws.path("joined.ll")
		if err := tc.join(ctx, whole, parts); err != nil {
			return "", nil, err
		}
	}
	text, err = os.ReadFile(whole)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", whole, cause(err))
	}
	return name, text, nil
}

var bitcodeProducer = regexp.MustCompile(`Producer: 'LLVM(\d+)`)

// disassemble makes text of bitcode, and one message of whatever llvm-dis has
// to say about a file that it cannot read.
func disassemble(ctx context.Context, tc *toolchain, dst, src string) error {
	var said bytes.Buffer
	quiet := *tc
	quiet.stderr = &said
	err := quiet.disassemble(ctx, dst, src)
	var failed *toolError
	if !errors.As(err, &failed) {
		return err
	}
	if m := bitcodeProducer.FindSubmatch(said.Bytes()); m != nil && string(m[1]) != llvmMajor {
		return newerIR(src, "LLVM "+string(m[1]))
	}
	return fmt.Errorf("%s: not LLVM bitcode that %s can read", src, failed.name)
}

// checkText refuses a file that is no IR of LLVM 14 by its looks, for messages
// better than a linker's.
func checkText(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("%s: %w", file, cause(err))
	}
	defer f.Close()
	head := make([]byte, 1<<20)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		return fmt.Errorf("%s: %w", file, cause(err))
	}
	return explainText(file, head[:n])
}

var (
	looksLikeIR = regexp.MustCompile(`(?m)^(source_filename\s*=|target (datalayout|triple)\s*=|define\s|declare\s|@[-\w$."]+\s*=|%[-\w$."]+\s*=\s*type|!\S+\s*=\s*!|; ModuleID)`)
	// opaquePointer is the type ptr where IR has types, not a name such as %ptr.
	opaquePointer = regexp.MustCompile(`(?m)^[^;"]*[\s(,]ptr(\s|,|\)|$)`)
	// laterSyntax is what LLVM 14 does not know: attributes memory(...),
	// captures(...), range(...), nofpclass(...) and debug records.
	laterSyntax = regexp.MustCompile(`(?m)(^[^;"]*[\s(](memory|captures|range|nofpclass)\([a-z0-9]|^\s*#dbg_)`)
	producer    = regexp.MustCompile(`clang version (\d+)\.`)
)

// explainText says why text is not the IR that quasi reads: no IR at all, or
// that of a later LLVM. It returns nil if it looks right.
func explainText(name string, text []byte) error {
	if bytes.HasPrefix(text, []byte("BC\xc0\xde")) {
		return fmt.Errorf("%s: is bitcode; name it .bc", name)
	}
	if !looksLikeIR.Match(text) {
		return fmt.Errorf("%s: not LLVM IR", name)
	}
	made := ""
	if m := producer.FindSubmatch(text); m != nil {
		if n, _ := strconv.Atoi(string(m[1])); n > 14 {
			made = "LLVM " + string(m[1])
		}
	}
	if opaquePointer.Match(text) {
		if made == "" {
			made = "LLVM 15 or later"
		}
		return newerIR(name, made+" (opaque pointers)")
	}
	if made == "" && laterSyntax.Match(text) {
		made = "LLVM 15 or later"
	}
	if made != "" {
		return newerIR(name, made)
	}
	return nil
}

// newerIR says what to do with the IR of a later LLVM.
func newerIR(name, made string) error {
	return fmt.Errorf("%s: the IR of %s; quasi reads that of LLVM %s: give it the C source, or compile that with clang-%[3]s -O2 -g -Xclang -disable-llvm-passes -S -emit-llvm", name, made, llvmMajor)
}
