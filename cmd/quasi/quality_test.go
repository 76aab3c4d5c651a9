package main

// This file checks what residual code looks like over the programs of testdata/c:
// LLVM's verifier accepts it after each pass of -O2, debug locations lead to the
// source, and nothing is left that only specialization needed.

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/irtest"
)

// TestResidualQuality looks at the residual functions of the first build of
// each program that is not its main function, as the specializer leaves them and
// after opt -O2.
func TestResidualQuality(t *testing.T) {
	opt, err := needLLVM(t).find(context.Background(), "opt")
	if err != nil {
		t.Fatal(err)
	}
	eachSource(t, func(t *testing.T, p *program) {
		t.Parallel()
		build := p.builds[0]
		if len(p.builds) > 1 {
			build = p.builds[1]
		}
		dir := t.TempDir()
		left, made := filepath.Join(dir, "left.ll"), filepath.Join(dir, "opt.ll")
		mustQuasi(t, slices.Concat([]string{"specialize", "-q", "--no-opt", "-o", left, p.path}, build, []string{"--", "-g", "-w"})...)
		if out, err := exec.Command(opt, "-passes=default<O2>", "-verify-each", "-S", "-o", made, left).CombinedOutput(); err != nil {
			t.Fatalf("opt -O2 -verify-each: %v\n%s", err, out)
		}
		before, after := irtest.Load(t, left), irtest.Load(t, made)
		for _, f := range before.Funcs {
			if f.IsDecl() || !isResidual(f) {
				continue
			}
			checkLocations(t, f)
			checkAttributes(t, f)
			if g := after.FuncByName(f.Name()); g != nil && !g.IsDecl() {
				checkLeftovers(t, g)
			}
		}
	})
}

// isResidual reports whether f was made by the specializer: its subprogram has
// the name of no C function.
func isResidual(f *ir.Func) bool {
	sp := subprogram(f)
	return sp != nil && strings.ContainsAny(sp.Name, ".")
}

func subprogram(f *ir.Func) *metadata.DISubprogram {
	for _, a := range f.LL.Metadata {
		if sp, ok := a.Node.(*metadata.DISubprogram); ok {
			return sp
		}
	}
	return nil
}

// checkLocations wants a location on everything that does something, which leads
// through the calls that were unfolded to the residual function.
func checkLocations(t *testing.T, f *ir.Func) {
	own := subprogram(f)
	for _, b := range f.Blocks {
		for pt := b.First; pt < b.End(); pt++ {
			u := f.Prog.UserAt(pt)
			loc := ir.DebugLoc(u)
			if loc == nil {
				if mustHaveLocation(u) {
					t.Errorf("@%s: no location: %s", f.Name(), u.LLString())
				}
				continue
			}
			for loc.InlinedAt != nil {
				loc = loc.InlinedAt
			}
			if sp, _ := loc.Scope.(*metadata.DISubprogram); sp != own {
				t.Errorf("@%s: location of %s does not lead to the function", f.Name(), u.LLString())
			}
		}
	}
}

// mustHaveLocation tells what stems from source: not phis, jumps and stack
// objects, nor the constants, cleared memory and addresses that paths bring to
// where they meet.
func mustHaveLocation(u any) bool {
	switch u := u.(type) {
	case *llir.InstCall:
		f, direct := u.Callee.(*llir.Func)
		return !ir.IsDebug(u) && !(direct && strings.HasPrefix(f.Name(), "llvm.memset."))
	case *llir.InstLoad, *llir.TermCondBr, *llir.TermSwitch, *llir.TermRet, *llir.InstAdd, *llir.InstMul, *llir.InstICmp:
		return true
	}
	return false
}

// checkAttributes wants none that is about what the generic function does with
// all its parameters.
func checkAttributes(t *testing.T, f *ir.Func) {
	head := f.LL.LLString()
	head, _, _ = strings.Cut(head, "{\n")
	for _, a := range []string{"readnone", "readonly", "writeonly", "argmemonly", "inaccessiblemem", "speculatable", "returns_twice", "alwaysinline", "optnone", "allocsize"} {
		for _, word := range strings.Fields(head[strings.LastIndexByte(head, ')')+1:]) {
			if strings.HasPrefix(word, a) {
				t.Errorf("@%s has the attribute %s", f.Name(), word)
			}
		}
	}
}

// checkLeftovers wants no stack object that is never read, no phi of one value,
// no block that nothing reaches.
func checkLeftovers(t *testing.T, f *ir.Func) {
	for _, b := range f.Blocks {
		if b != f.Blocks[0] && len(b.Preds) == 0 {
			t.Errorf("@%s: nothing reaches %s", f.Name(), b.LL.Ident())
		}
		for _, i := range b.LL.Insts {
			switch i := i.(type) {
			case *llir.InstAlloca:
				if !read(f, i, 0) {
					t.Errorf("@%s: nothing reads %s", f.Name(), i.LLString())
				}
			case *llir.InstPhi:
				same := map[value.Value]bool{}
				for _, in := range i.Incs {
					if in.X != value.Value(i) {
						same[in.X] = true
					}
				}
				if len(same) == 1 && len(i.Incs) > 1 {
					t.Errorf("@%s: a phi of one value: %s", f.Name(), i.LLString())
				}
			}
		}
	}
}

// read reports whether memory at address v may be read: by a load, a call, or
// through a copy of the address that is kept.
func read(f *ir.Func, v value.Value, depth int) bool {
	if depth > 20 {
		return true
	}
	for _, b := range f.Blocks {
		for pt := b.First; pt < b.End(); pt++ {
			u := f.Prog.UserAt(pt)
			uses := false
			for _, op := range ir.Operands(u) {
				uses = uses || ir.Unwrap(*op) == v
			}
			if !uses {
				continue
			}
			switch u := u.(type) {
			case *llir.InstStore:
				if u.Src == v {
					return true
				}
			case *llir.InstGetElementPtr, *llir.InstBitCast:
				if read(f, u.(value.Value), depth+1) {
					return true
				}
			case *llir.InstCall:
				if c, ok := u.Callee.(*llir.Func); ok {
					if strings.HasPrefix(c.Name(), "llvm.lifetime") || strings.HasPrefix(c.Name(), "llvm.dbg") || strings.HasPrefix(c.Name(), "llvm.memset") {
						continue
					}
					if strings.HasPrefix(c.Name(), "llvm.memcpy") && ir.Unwrap(u.Args[1]) != v {
						continue
					}
				}
				return true
			default:
				return true
			}
		}
	}
	return false
}
