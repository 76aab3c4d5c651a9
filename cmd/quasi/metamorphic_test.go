package main

// This file holds metamorphic tests over testdata/c: what must not make a
// difference to what the specializer makes. fuzz_metamorphic_test.go has the same
// for programs of csmith.

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/spec"
)

// A subjectIR is a program of testdata/c as IR.
type subjectIR struct {
	*program
	dir  string
	text []byte
	want []outcome // of the generic program's runs, once checkRuns has made them
}

// eachProgram runs a test for every program of testdata/c.
func eachProgram(t *testing.T, test func(t *testing.T, s *subjectIR, tc *toolchain)) {
	tc := needLLVM(t)
	eachSource(t, func(t *testing.T, p *program) {
		test(t, p.compiled(t, tc), tc)
	})
}

// compiled is p as IR.
func (p *program) compiled(t *testing.T, tc *toolchain) *subjectIR {
	t.Helper()
	s := &subjectIR{program: p, dir: t.TempDir()}
	module := filepath.Join(s.dir, "x.ll")
	err := tc.compile(context.Background(), &workspace{dir: s.dir}, p.path, module, []string{"-w", "-fdebug-macro"})
	if err == nil {
		s.text, err = os.ReadFile(module)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// load reads the program anew.
func (s *subjectIR) load(t *testing.T) *ir.Program {
	t.Helper()
	prog, err := ir.Load(s.path, s.text)
	if err != nil {
		t.Fatal(err)
	}
	return prog
}

// A request of a program's head: what to specialize, and with which limits.
type headRequest struct {
	fn           string
	static, when []string
	specs        []string
	budget       []string
}

// readRequest reads the flags of a quasi: line.
func readRequest(t *testing.T, flags []string) *headRequest {
	t.Helper()
	r := new(headRequest)
	for i := 0; i+1 < len(flags); i += 2 {
		value := flags[i+1]
		switch flags[i] {
		case "-e":
			r.fn = value
		case "--static":
			r.static = append(r.static, value)
		case "--when":
			r.when = append(r.when, value)
		case "--spec":
			r.specs = append(r.specs, value)
		case "--budget":
			r.budget = append(r.budget, value)
		default:
			t.Skipf("no test of %s", flags[i])
		}
	}
	return r
}

// file is the specification that r asks for.
func (r *headRequest) file(t *testing.T) *spec.File {
	t.Helper()
	if len(r.specs) == 0 {
		f, err := spec.FromFlags(r.fn, r.static, r.when)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	text, err := os.ReadFile(r.specs[0])
	if err != nil {
		t.Fatal(err)
	}
	f, err := spec.Parse(r.specs[0], text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// specialized specializes a program.
func specialized(t *testing.T, prog *ir.Program, file *spec.File, budget []string, shuffle *rand.Rand) *pipeline {
	t.Helper()
	p := newTestPipeline(prog)
	p.shuffle = shuffle
	limits, err := parseBudget(budget)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{
		func() error { return p.bind(file) }, p.analyze, func() error { return p.specialize(limits) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// specializeText specializes a program and returns the module.
func specializeText(t *testing.T, prog *ir.Program, file *spec.File, budget []string, shuffle *rand.Rand) string {
	t.Helper()
	text, err := specialized(t, prog, file, budget, shuffle).text()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// checkRuns builds a specialized module and compares its runs with those of the
// generic program.
func (s *subjectIR) checkRuns(t *testing.T, tc *toolchain, text string) {
	t.Helper()
	if s.want == nil {
		s.want = s.outcomes(t, tc, s.dir)
	}
	special := filepath.Join(s.dir, "special")
	compileC(t, tc, special, "-O1", writeFile(t, s.dir, "special.ll", withoutDebug(text)), "-lm")
	s.compare(t, special, s.want)
}

// TestNothingStatic specializes every function of a program at once with nothing
// static: the program does what it did.
func TestNothingStatic(t *testing.T) {
	eachProgram(t, func(t *testing.T, s *subjectIR, tc *toolchain) {
		t.Parallel()
		prog := s.load(t)
		var b strings.Builder
		b.WriteString("specialize:\n")
		for _, f := range prog.Funcs {
			if !f.IsDecl() {
				fmt.Fprintf(&b, "  - function: %q\n", f.LL.Name())
			}
		}
		file, err := spec.Parse("all.yaml", []byte(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		s.checkRuns(t, tc, specializeText(t, prog, file, nil, nil))
	})
}

// TestSameBytes specializes again: with another number of processors, and with
// the analysis taking up its work in another order. The module stays the same.
func TestSameBytes(t *testing.T) {
	eachProgram(t, func(t *testing.T, s *subjectIR, tc *toolchain) {
		for _, build := range s.builds {
			t.Run(strings.Join(build, "_"), func(t *testing.T) {
				r := readRequest(t, build)
				was := runtime.GOMAXPROCS(1)
				want := specializeText(t, s.load(t), r.file(t), r.budget, nil)
				runtime.GOMAXPROCS(max(was, 2))
				again := specializeText(t, s.load(t), r.file(t), r.budget, nil)
				runtime.GOMAXPROCS(was)
				if err := sameText(want, again); err != nil {
					t.Errorf("once more: %v", err)
				}
				for seed := range uint64(2) {
					shuffled := specializeText(t, s.load(t), r.file(t), r.budget, rand.New(rand.NewPCG(seed, 0)))
					if err := sameText(want, shuffled); err != nil {
						t.Errorf("order of work %d: %v", seed, err)
					}
				}
			})
		}
	})
}

// TestTwoHalves specializes for one half of what is asked for, and the residual
// function for the other half: the program does what it did.
func TestTwoHalves(t *testing.T) {
	eachProgram(t, func(t *testing.T, s *subjectIR, tc *toolchain) {
		t.Parallel()
		for _, build := range s.builds {
			r := readRequest(t, build)
			if len(r.specs) > 0 || len(r.static)+len(r.when) < 2 {
				continue
			}
			t.Run(strings.Join(build, "_"), func(t *testing.T) {
				cut := (len(r.static) + 1) / 2
				first, rest := *r, *r
				first.static, rest.static = r.static[:cut], r.static[cut:]
				if len(r.static) < 2 {
					// Predicates may need those before them, and need what is static.
					first.static, rest.static = r.static, nil
					first.when, rest.when = r.when[:len(r.when)/2], r.when[len(r.when)/2:]
				} else {
					first.when = nil
				}
				once := specializeText(t, s.load(t), first.file(t), r.budget, nil)
				half, err := ir.Load("half.ll", []byte(once))
				if err != nil {
					t.Fatal(err)
				}
				residual := half.FuncByName(r.fn + ".v1")
				if residual == nil {
					t.Skip("no residual function")
				}
				rest.fn, rest.static = residual.LL.Name(), retyped(half, residual, rest.static)
				s.checkRuns(t, tc, specializeText(t, half, rest.file(t), r.budget, nil))
			})
		}
	})
}

// TestAllStatic calls functions that compute an integer from integers alone with
// constants: their residual functions return what the generic functions return, and
// do nothing else.
func TestAllStatic(t *testing.T) {
	checked := 0
	eachProgram(t, func(t *testing.T, s *subjectIR, tc *toolchain) {
		prog := s.load(t)
		pt := ir.SolvePointsTo(prog)
		mr := ir.ComputeModRef(prog, pt, ir.BuildCallGraph(prog, pt))
		var calls []constCall
		for _, f := range prog.Funcs {
			if c, ok := constCallOf(f, mr); ok && !slices.ContainsFunc(reached(f), isNeverStatic) {
				calls = append(calls, c)
			}
		}
		if len(calls) == 0 {
			t.Skip("no such function")
		}
		want := probe(t, tc, s, calls)
		for i, c := range calls {
			checked++
			if got, text := residualConst(t, s.load(t), c); got == nil {
				t.Errorf("the residual function of %v is no constant:\n%s", c, text)
			} else if *got != want[i] {
				t.Errorf("the residual function of %v returns %d, want %d", c, *got, want[i])
			}
		}
	})
	if checked < 10 {
		t.Errorf("%d functions of constants, want at least 10", checked)
	}
}

// A constCall is a call of a function with constants.
type constCall struct {
	fn   string
	args []int64
}

// String writes the call as C does.
func (c constCall) String() string {
	return c.fn + "(" + strings.Trim(strings.ReplaceAll(fmt.Sprint(c.args), " ", ", "), "[]") + ")"
}

// constCallOf picks arguments for f, if it computes an integer from integers
// and read-only data.
func constCallOf(f *ir.Func, mr *ir.ModRef) (constCall, bool) {
	c := constCall{fn: f.LL.Name()}
	if _, isInt := f.LL.Sig.RetType.(*types.IntType); !isInt || f.IsDecl() || len(f.LL.Params) == 0 || f.LL.Sig.Variadic {
		return c, false
	}
	params := f.Prog.Debug().Params(f.LL)
	for i, q := range f.LL.Params {
		if i >= len(params) || params[i].Param != q {
			return c, false // a struct in pieces
		}
		if t, isInt := q.Typ.(*types.IntType); !isInt || t.BitSize > 64 {
			return c, false
		}
		c.args = append(c.args, []int64{3, 5, 2, 4}[i%4])
	}
	mod, ref := mr.FuncMod(f), mr.FuncRef(f)
	if mod.Unknown || ref.Unknown || len(mod.Objs) > 0 {
		return c, false
	}
	return c, !slices.ContainsFunc(ref.Objs, func(o *ir.Object) bool { return !o.Const })
}

// reached are the functions that calls by name lead to from f.
func reached(f *ir.Func) []*ir.Func {
	all := []*ir.Func{f}
	for i := 0; i < len(all); i++ {
		for _, b := range all[i].LL.Blocks {
			for _, inst := range b.Insts {
				if call, ok := inst.(*llir.InstCall); ok {
					g := f.Prog.FuncByName(nameOf(call.Callee))
					if g != nil && !slices.Contains(all, g) {
						all = append(all, g)
					}
				}
			}
		}
	}
	return all
}

func nameOf(callee value.Value) string {
	if f, ok := callee.(*llir.Func); ok {
		return f.Name()
	}
	return ""
}

// isNeverStatic reports whether f does what is never evaluated: it reads volatile
// memory, or integers from memory that do not fill their bytes, allocates as much
// stack as a value says, or jumps to an address.
func isNeverStatic(f *ir.Func) bool {
	for _, b := range f.LL.Blocks {
		if _, computed := b.Term.(*llir.TermIndirectBr); computed {
			return true
		}
		for _, inst := range b.Insts {
			switch inst := inst.(type) {
			case *llir.InstLoad:
				t, isInt := inst.ElemType.(*types.IntType)
				if inst.Volatile || isInt && t.BitSize%8 != 0 {
					return true
				}
			case *llir.InstAlloca:
				if _, fixed := inst.NElems.(*constant.Int); inst.NElems != nil && !fixed {
					return true
				}
			}
		}
	}
	return false
}

// probe compiles a program that does the calls, runs it and returns their results.
func probe(t *testing.T, tc *toolchain, s *subjectIR, calls []constCall) []int64 {
	t.Helper()
	prog := s.load(t)
	m := prog.Module
	form := m.NewGlobalDef("probe.form", constant.NewCharArrayFromString("%lld\n\x00"))
	zero := constant.NewInt(types.I32, 0)
	formAt := constant.NewGetElementPtr(form.ContentType, form, zero, zero)
	printf := llir.NewFunc("printf", types.I32, llir.NewParam("", types.I8Ptr))
	if f := prog.FuncByName("printf"); f != nil {
		printf = f.LL
	} else {
		printf.Sig.Variadic, printf.Parent = true, m
		m.Funcs = append(m.Funcs, printf)
	}
	entry := m.NewFunc("probe", types.I32)
	b := entry.NewBlock("entry")
	for _, c := range calls {
		f := prog.FuncByName(c.fn).LL
		var args []value.Value
		for i, q := range f.Params {
			args = append(args, constant.NewInt(q.Typ.(*types.IntType), c.args[i]))
		}
		call := llir.NewCall(f, args...)
		call.CallingConv = f.CallingConv
		b.Insts = append(b.Insts, call)
		var r value.Value = call
		if t := f.Sig.RetType.(*types.IntType); t.BitSize < 64 {
			r = b.NewSExt(r, types.I64)
		}
		b.NewCall(printf, formAt, r)
	}
	b.NewRet(zero)
	if f := prog.FuncByName("main"); f != nil {
		f.LL.SetName("main.program")
	}
	main := m.NewFunc("main", types.I32)
	mb := main.NewBlock("entry")
	mb.NewRet(mb.NewCall(entry))
	var text strings.Builder
	if err := ir.Fprint(&text, prog); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(s.dir, "probe")
	compileC(t, tc, program, "-O0", writeFile(t, s.dir, "probe.ll", withoutDebug(text.String())), "-lm")
	out, err := exec.Command(program).Output()
	if err != nil {
		t.Fatal(err)
	}
	var results []int64
	for lines := bufio.NewScanner(strings.NewReader(string(out))); lines.Scan(); {
		n, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, n)
	}
	if len(results) != len(calls) {
		t.Fatalf("the program printed %d results of %d", len(results), len(calls))
	}
	return results
}

// residualConst specializes for a call and returns the constant that its
// residual function returns; nil and its text if it does anything else.
func residualConst(t *testing.T, prog *ir.Program, c constCall) (*int64, string) {
	t.Helper()
	var static []string
	for i, a := range c.args {
		static = append(static, fmt.Sprintf("#%d=%d", i, a))
	}
	file, err := spec.FromFlags(c.fn, static, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := specialized(t, prog, file, nil, nil).variants[0].result.Residual
	if f == nil {
		return nil, "none"
	}
	f.Linkage = enum.LinkageNone
	ir.ResetLocalIDs(f)
	if len(f.Blocks) == 1 && !slices.ContainsFunc(f.Blocks[0].Insts, func(i llir.Instruction) bool { return !ir.IsDebug(i) }) {
		if ret, ok := f.Blocks[0].Term.(*llir.TermRet); ok {
			if x, ok := ret.X.(*constant.Int); ok {
				n := x.X.Int64()
				if x.Typ.BitSize < 64 {
					n = n << (64 - x.Typ.BitSize) >> (64 - x.Typ.BitSize)
				}
				return &n, ""
			}
		}
	}
	return nil, f.LLString()
}
