package main

// This file holds the ledger against what programs do: every instruction that is seen
// to write a term of an instance must be a row, and none of class proven-disjoint.
//
// The programs' IR is made to tell of its writes, of the memory of its objects, and of
// the terms in them, by calls of testdata/recall/watch.c. What code outside writes
// (library functions, assembly) is seen by the terms' values before and after.

import (
	"bytes"
	"context"
	"flag"
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
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/guard"
	"quasi/ir"
)

var (
	watchN     = flag.Int("watch.n", 6, "how many programs of testdata/c, and of -watch.dir, run watched (0: all)")
	watchDir   = flag.String("watch.dir", "", "a folder with more programs: one C file each, found at any depth")
	watchSeed  = flag.Uint64("watch.seed", 1, "seed of the choice of programs and terms")
	watchTerms = flag.Int("watch.terms", 24, "terms a program, at most")
)

// A watched is a program that runs watched.
type watched struct {
	prog    *ir.Program
	terms   []watchedTerm
	layouts map[string][]int // terms by IR type of their struct
}

// A watchedTerm is a term and where it lies.
type watchedTerm struct {
	term      guard.Term
	record    *types.StructType // nil for a variable
	variable  *llir.Global
	off, size int64
}

func TestWatch(t *testing.T) {
	tc := needLLVM(t)
	paths, err := filepath.Glob("../../testdata/c/*.c")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	random := rand.New(rand.NewPCG(*watchSeed, 0))
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
	runtime := filepath.Join(t.TempDir(), "watch.o")
	compileC(t, tc, runtime, "-O2", "-c", "../../testdata/recall/watch.c")

	var mu sync.Mutex
	count := make(map[guard.Class]int)
	programs, terms := 0, 0
	parallel(len(paths), func(i int) {
		dir, err := os.MkdirTemp(t.TempDir(), "watch")
		if err != nil {
			t.Error(err)
			return
		}
		defer os.RemoveAll(dir)
		w, seen, err := watchProgram(tc, dir, runtime, paths[i])
		if err != nil {
			t.Errorf("%s: %v", paths[i], err)
		}
		if w == nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		programs++
		terms += len(w.terms)
		for c, n := range seen {
			count[c] += n
		}
	})
	fmt.Printf("watch: %d programs of %d, %d terms; writes that were seen, by the class of their rows: %d must-guard, %d may-write, %d not-visible, %d fresh\n",
		programs, len(paths), terms, count[guard.MustGuard], count[guard.MayWrite], count[guard.NotVisible], count[guard.Fresh])
	if programs == 0 || count[guard.MustGuard] == 0 {
		t.Error("no write has been seen; the test says nothing")
	}
}

// watchProgram runs one program watched and counts the writes that it was seen to do
// by the class of their rows. A program that has no terms, or that clang does not
// make, is nil.
func watchProgram(tc *toolchain, dir, runtime, path string) (*watched, map[guard.Class]int, error) {
	raw, module := filepath.Join(dir, "raw.ll"), filepath.Join(dir, "module.ll")
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	clang := func(args ...string) error {
		return exec.CommandContext(ctx, tc.found["clang"], args...).Run()
	}
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	aliasing := "-fstrict-aliasing"
	if bytes.Contains(source, []byte("no-strict-aliasing")) { // GCC's tests ask for it in several ways
		aliasing = "-fno-strict-aliasing"
	}
	if clang("-O1", "-g", "-w", aliasing, "-Xclang", "-disable-llvm-passes", "-S", "-emit-llvm", "-o", raw, path) != nil {
		return nil, nil, nil
	}
	if err := exec.CommandContext(ctx, tc.found["opt"], "-passes=sroa", "-S", "-o", module, raw).Run(); err != nil {
		return nil, nil, err
	}
	text, err := os.ReadFile(module)
	if err != nil {
		return nil, nil, err
	}
	prog, err := ir.Load(module, text)
	if err != nil {
		return nil, nil, err
	}
	w := newWatched(prog)
	if w == nil {
		return nil, nil, nil
	}
	rows, err := w.ledgers()
	if err != nil {
		return w, nil, err
	}
	places := make([]string, prog.NumPoints())
	for pt := range places {
		places[pt] = prog.Position(ir.Point(pt)).String()
	}
	w.instrument()
	var out bytes.Buffer
	if err := ir.Fprint(&out, prog); err != nil {
		return w, nil, err
	}
	if err := os.WriteFile(module, out.Bytes(), 0o666); err != nil {
		return w, nil, err
	}
	exe := filepath.Join(dir, "watched")
	if said, err := exec.CommandContext(ctx, tc.found["clang"], "-O1", "-w", "-fuse-ld=lld", "-o", exe, module, runtime, "-lm", "-lpthread").CombinedOutput(); err != nil {
		if clang("-w", "-fuse-ld=lld", "-o", exe, path, "-lm") != nil {
			return nil, nil, nil // a part of a program
		}
		return nil, nil, fmt.Errorf("%v\n%s", err, said)
	}
	notes := filepath.Join(dir, "notes")
	runs := []programRun{{}}
	if p, err := readProgram(path); err == nil {
		runs = p.runs
	}
	for _, r := range runs {
		// What the program does otherwise is no matter: it may crash, or not end.
		runCtx, cancel := context.WithTimeout(ctx, 10*time.Second)
		cmd := exec.CommandContext(runCtx, exe, r.args...)
		cmd.Dir, cmd.Stdin, cmd.Env = dir, strings.NewReader(r.stdin), append(os.Environ(), "QUASI_WATCH="+notes)
		cmd.Run()
		cancel()
	}
	seen, err := w.judge(notes, rows, places)
	return w, seen, err
}

// A watchKey is an instruction and a term.
type watchKey struct {
	term int
	at   ir.Point
}

// ledgers are the classes of the rows: of the module as part of a program, and as the
// whole of one, which must both hold.
func (w *watched) ledgers() ([2]map[watchKey]guard.Row, error) {
	var both [2]map[watchKey]guard.Row
	number := make(map[string]int)
	var terms []guard.Term
	for i, t := range w.terms {
		number[t.term.String()] = i
		terms = append(terms, t.term)
	}
	for i, whole := range []bool{false, true} {
		sum, err := guard.Summarize(w.prog, terms, guard.Config{Whole: whole})
		if err != nil {
			return both, err
		}
		l, err := guard.Join([]*guard.Summary{sum})
		if err != nil {
			return both, err
		}
		both[i] = make(map[watchKey]guard.Row)
		for _, r := range l.Rows {
			both[i][watchKey{number[r.Term], r.Pt}] = r
		}
	}
	return both, nil
}

// judge looks up every write that was seen.
func (w *watched) judge(notes string, rows [2]map[watchKey]guard.Row, places []string) (map[guard.Class]int, error) {
	seen := make(map[guard.Class]int)
	text, err := os.ReadFile(notes)
	if err != nil {
		return seen, nil // nothing was written
	}
	var wrong []string
	known := make(map[watchKey]bool)
	for line := range strings.Lines(string(text)) {
		var k watchKey
		if _, err := fmt.Sscan(line, &k.term, &k.at); err != nil {
			return seen, fmt.Errorf("note %q: %v", line, err)
		}
		if known[k] {
			continue
		}
		known[k] = true
		for i, of := range []string{"part of a program", "a whole program"} {
			r, ok := rows[i][k]
			switch {
			case !ok:
				wrong = append(wrong, fmt.Sprintf("  as %s: %s: writes %s, and is no row", of, places[k.at], w.terms[k.term].term))
			case r.Class == guard.ProvenDisjoint:
				wrong = append(wrong, fmt.Sprintf("  as %s: %s: writes %s, but %s: %s", of, places[k.at], w.terms[k.term].term, r.Class, r.Reason))
			case i == 0:
				seen[r.Class]++
			}
		}
	}
	if len(wrong) > 0 {
		return seen, fmt.Errorf("%d writes that the ledger does not know:\n%s", len(wrong), strings.Join(wrong, "\n"))
	}
	return seen, nil
}

// newWatched chooses the terms of a program: members of its structs and variables.
// Nil: it has none, or threads, whose writes during a call are not told from the call's.
func newWatched(p *ir.Program) *watched {
	if main := p.FuncByName("main"); main == nil || main.IsDecl() || p.FuncByName("pthread_create") != nil {
		return nil
	}
	w := &watched{prog: p, layouts: make(map[string][]int)}
	d := p.Debug()
	var all []watchedTerm
	add := func(text string, t watchedTerm) {
		var err error
		if t.term, err = guard.ParseTerm(text); err == nil && t.size > 0 && t.size <= 64 {
			all = append(all, t)
		}
	}
	names := make(map[string]int) // structs of a tag: clang numbers what has the same
	for _, def := range p.Module.TypeDefs {
		tag, _, _ := strings.Cut(strings.TrimPrefix(def.Name(), "struct."), ".")
		names[tag]++
	}
	for _, def := range p.Module.TypeDefs {
		st, ok := def.(*types.StructType)
		tag, isStruct := strings.CutPrefix(def.Name(), "struct.")
		if !ok || !isStruct || st.Opaque || names[tag] != 1 {
			continue
		}
		head, c := "struct "+tag, d.Struct(tag)
		if c == nil {
			head, c = tag, d.Typedef(tag)
		}
		if c == nil || c.Kind != ir.CStruct || c.Incomplete || c.Size != p.Layout.Size(st) {
			continue
		}
		for _, f := range c.Fields {
			if f.Name != "" && f.BitSize == 0 && f.Type.Kind != ir.CStruct && f.Type.Kind != ir.CUnion {
				add(head+"."+f.Name, watchedTerm{record: st, off: f.Off, size: f.Type.Size})
			}
		}
	}
	for _, g := range p.Module.Globals {
		if found, c := d.Global(g.Name()); found == g && c != nil && g.Init != nil && !g.Immutable {
			add(g.Name(), watchedTerm{variable: g, size: c.Size})
		}
	}
	random := rand.New(rand.NewPCG(*watchSeed, uint64(len(all))))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	w.terms = all[:min(*watchTerms, len(all))]
	for i, t := range w.terms {
		if t.record != nil {
			w.layouts[t.record.Name()] = append(w.layouts[t.record.Name()], i)
		}
	}
	if len(w.terms) == 0 {
		return nil
	}
	return w
}

// A watchEditor puts calls into one function.
type watchEditor struct {
	*watched
	fns   map[string]*llir.Func
	insts []llir.Instruction // of the block that is being rebuilt
}

// newWatchEditor declares the functions that are to be called.
func newWatchEditor(w *watched, names ...string) *watchEditor {
	e := &watchEditor{watched: w, fns: make(map[string]*llir.Func)}
	i8p, void := types.I8Ptr, types.Void
	sigs := map[string]*types.FuncType{
		"write":  types.NewFunc(void, i8p, types.I64, types.I32),
		"mark":   types.NewFunc(void, i8p, types.I32, types.I32),
		"fresh":  types.NewFunc(void, i8p, types.I64),
		"block":  types.NewFunc(void, i8p),
		"before": types.NewFunc(types.I64),
		"after":  types.NewFunc(void, types.I64, types.I32),
	}
	for _, name := range names {
		sig := sigs[name]
		f := llir.NewFunc("quasi_watch_"+name, sig.RetType)
		for _, t := range sig.Params {
			f.Params = append(f.Params, llir.NewParam("", t))
		}
		f.Sig = sig
		f.Typ = types.NewPointer(sig)
		e.fns[name] = f
	}
	return e
}

// instrument puts the calls in.
func (w *watched) instrument() {
	names := []string{"write", "mark", "fresh", "block", "before", "after"}
	e := newWatchEditor(w, names...)
	for _, f := range w.prog.Funcs {
		var stack []*llir.InstAlloca
		for _, b := range f.Blocks {
			pt := b.First
			insts := b.LL.Insts
			e.insts = nil
			if f.Name() == "main" && b == f.Blocks[0] {
				e.variables()
			}
			for _, inst := range insts {
				e.instruction(inst, pt)
				if a, ok := inst.(*llir.InstAlloca); ok && b == f.Blocks[0] && a.NElems == nil {
					stack = append(stack, a)
				}
				pt++
			}
			if _, ok := b.LL.Term.(*llir.TermRet); ok {
				for _, a := range stack {
					e.fresh(a)
				}
				e.byValue(f.LL)
			}
			b.LL.Insts = e.insts
		}
	}
	for _, name := range names {
		w.prog.Module.Funcs = append(w.prog.Module.Funcs, e.fns[name])
	}
}

func (e *watchEditor) add(inst llir.Instruction) { e.insts = append(e.insts, inst) }

func (e *watchEditor) call(name string, args ...value.Value) *llir.InstCall {
	c := llir.NewCall(e.fns[name], args...)
	e.add(c)
	return c
}

// address is a pointer as i8*.
func (e *watchEditor) address(v value.Value) value.Value {
	if v.Type().Equal(types.I8Ptr) {
		return v
	}
	if c, ok := v.(constant.Constant); ok {
		return constant.NewBitCast(c, types.I8Ptr)
	}
	c := llir.NewBitCast(v, types.I8Ptr)
	e.add(c)
	return c
}

func i32(n int64) constant.Constant { return constant.NewInt(types.I32, n) }
func i64(n int64) constant.Constant { return constant.NewInt(types.I64, n) }

func (e *watchEditor) at(base value.Value, off int64) value.Value {
	g := llir.NewGetElementPtr(types.I8, e.address(base), i64(off))
	e.add(g)
	return g
}

// variables marks the terms that are there from the beginning.
func (e *watchEditor) variables() {
	for i, t := range e.terms {
		if t.variable != nil {
			e.call("mark", e.address(t.variable), i32(t.size), i32(int64(i)))
		}
	}
	for _, g := range e.prog.Module.Globals {
		if g.Init != nil {
			budget := 256
			e.inside(g, g.ContentType, 0, &budget)
		}
	}
}

// inside marks the terms of the structs in a variable.
func (e *watchEditor) inside(g *llir.Global, t types.Type, off int64, budget *int) {
	switch t := t.(type) {
	case *types.StructType:
		for _, i := range e.layouts[t.Name()] {
			if *budget--; *budget < 0 {
				return
			}
			e.call("mark", e.at(g, off+e.terms[i].off), i32(e.terms[i].size), i32(int64(i)))
		}
		for i, f := range t.Fields {
			e.inside(g, f, off+e.prog.Layout.Offset(t, i), budget)
		}
	case *types.ArrayType:
		for i := range min(t.Len, 64) {
			e.inside(g, t.ElemType, off+int64(i)*e.prog.Layout.Size(t.ElemType), budget)
		}
	}
}

func (e *watchEditor) fresh(a *llir.InstAlloca) {
	e.call("fresh", e.address(a), i64(e.prog.Layout.Size(a.ElemType)))
}

// byValue ends the copies that callers have made of struct arguments.
func (e *watchEditor) byValue(f *llir.Func) {
	for _, p := range f.Params {
		for _, a := range p.Attrs {
			if by, ok := a.(llir.Byval); ok {
				e.call("fresh", e.address(p), i64(e.prog.Layout.Size(by.Typ)))
			}
		}
	}
}

// instruction puts an instruction into the block, with what tells of it.
func (e *watchEditor) instruction(inst llir.Instruction, pt ir.Point) {
	id := i32(int64(pt))
	write := func(p value.Value, t types.Type) {
		e.call("write", e.address(p), i64(e.prog.Layout.StoreSize(t)), id)
	}
	switch inst := inst.(type) {
	case *llir.InstStore:
		write(inst.Dst, inst.Src.Type())
	case *llir.InstAtomicRMW:
		write(inst.Dst, inst.X.Type())
	case *llir.InstCmpXchg:
		write(inst.Ptr, inst.New.Type())
	case *llir.InstCall:
		e.calling(inst, id)
		return
	}
	e.add(inst)
	switch inst := inst.(type) {
	case *llir.InstAlloca:
		if inst.NElems == nil {
			e.fresh(inst)
		}
	case *llir.InstGetElementPtr:
		e.access(inst)
	}
}

// access marks the terms that a member access tells of.
func (e *watchEditor) access(g *llir.InstGetElementPtr) {
	st, ok := g.ElemType.(*types.StructType)
	if !ok || len(g.Indices) < 2 || len(e.layouts[st.Name()]) == 0 {
		return
	}
	k, ok := ir.Unwrap(g.Indices[1]).(*constant.Int)
	if !ok || !types.IsPointer(g.Type()) {
		return
	}
	n := int(k.X.Int64())
	off := e.prog.Layout.Offset(st, n)
	end := off + e.prog.Layout.Size(st.Fields[n])
	var base value.Value
	for _, i := range e.layouts[st.Name()] {
		t := e.terms[i]
		if t.off+t.size <= off || end <= t.off {
			continue
		}
		if base == nil {
			b := llir.NewGetElementPtr(st, g.Src, ir.Unwrap(g.Indices[0]))
			e.add(b)
			base = b
		}
		e.call("mark", e.at(base, t.off), i32(t.size), i32(int64(i)))
	}
}

// calling puts a call into the block.
func (e *watchEditor) calling(c *llir.InstCall, id constant.Constant) {
	callee, _ := ir.Unwrap(c.Callee).(*llir.Func)
	name := ""
	if callee != nil {
		name = callee.Name()
	}
	arg := func(i int) value.Value { return ir.Unwrap(c.Args[i]) }
	switch {
	case strings.HasPrefix(name, "llvm.memcpy."), strings.HasPrefix(name, "llvm.memmove."), strings.HasPrefix(name, "llvm.memset."):
		size := arg(2)
		if !size.Type().Equal(types.I64) {
			z := llir.NewZExt(size, types.I64)
			e.add(z)
			size = z
		}
		e.call("write", e.address(arg(0)), size, id)
		e.add(c)
	case strings.HasPrefix(name, "llvm.lifetime."):
		e.add(c)
		if n, ok := arg(0).(*constant.Int); ok && n.X.Sign() > 0 {
			e.call("fresh", e.address(arg(1)), n)
		}
	case strings.HasPrefix(name, "llvm."), callee != nil && len(callee.Blocks) > 0, strings.Contains(name, "setjmp"), name == "vfork":
		e.add(c)
	case name == "free" || name == "realloc":
		e.call("block", e.address(arg(0)))
		e.add(c)
	case slices.Contains([]string{"malloc", "calloc", "aligned_alloc", "strdup"}, name):
		e.add(c)
		e.call("block", e.address(c))
	default:
		before := e.call("before")
		e.add(c)
		e.call("after", before, id)
	}
}
