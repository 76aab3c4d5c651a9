package guard

// This file checks ledgers against runs: every store of a program is made to report
// where it writes, every instance of a record where it lies. A store that writes a
// term must have a row, and not one that says it does not.

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/irtest"
)

var (
	ledgerN    = flag.Int("ledger.n", 4, "programs of csmith, and generated ones, to run against their ledgers")
	ledgerSeed = flag.Int("ledger.seed", 1, "seed of the first")
	ledgerKeep = flag.String("ledger.keep", "", "an empty folder for random programs that fail")
)

// The logger: instances are byte ranges with the number of a term.
const logger = `
#include <stdio.h>
#include <stdlib.h>
struct range { char *from, *to; unsigned term; };
static struct range *ranges;
static unsigned long count, room;
static unsigned char *hit;
static unsigned long hits;
static void report(void) {
	FILE *f = fopen(getenv("QUASI_LOG"), "w");
	if (!f) abort();
	for (unsigned long i = 0; i < hits; i++)
		for (unsigned t = 0; t < 8; t++)
			if (hit[i] >> t & 1)
				fprintf(f, "%lu %u\n", i, t);
	fclose(f);
}
void quasi_log_start(unsigned long points) {
	hit = calloc(points, 1);
	hits = points;
	atexit(report);
}
void quasi_log_enter(char *p, unsigned long n, unsigned term) {
	if (count == room)
		ranges = realloc(ranges, (room = 2 * room + 64) * sizeof *ranges);
	ranges[count++] = (struct range){ p, p + n, term };
}
void quasi_log_leave(unsigned long n) { count -= n; }
static struct range heap[1 << 14];
static unsigned long heaps;
void quasi_log_heap(char *p, unsigned long n, unsigned term) {
	for (unsigned long i = 0; i < heaps; i++)
		if (heap[i].from == p && heap[i].to == p + n && heap[i].term == term)
			return;
	if (p && heaps < sizeof heap / sizeof *heap)
		heap[heaps++] = (struct range){ p, p + n, term };
}
static void look(struct range *r, unsigned long count, char *p, unsigned long n, unsigned long pt) {
	for (unsigned long i = count; i-- > 0;)
		if (p < r[i].to && p + n > r[i].from)
			hit[pt] |= 1 << r[i].term;
}
void quasi_log_write(char *p, unsigned long n, unsigned long pt) {
	look(ranges, count, p, n, pt);
	look(heap, heaps, p, n, pt);
}
`

// An instrumenter adds calls of the logger to a module.
type instrumenter struct {
	prog        *ir.Program
	targets     []*target // nil where the module does not know the term
	first, last int       // what is added to the module's points, and the last point of all modules

	start, enter, leave, heap, write *llir.Func
}

func newInstrumenter(p *ir.Program, terms []Term, first, last int) *instrumenter {
	m := p.Module
	in := &instrumenter{prog: p, first: first, last: last}
	for i, term := range terms {
		var t *target
		if loc, err := term.resolve(p); err == nil {
			t = newTarget(p, loc, i)
		}
		in.targets = append(in.targets, t)
	}
	decl := func(name string, params ...types.Type) *llir.Func {
		var ps []*llir.Param
		for _, t := range params {
			ps = append(ps, llir.NewParam("", t))
		}
		return m.NewFunc(name, types.Void, ps...)
	}
	in.start = decl("quasi_log_start", types.I64)
	in.enter = decl("quasi_log_enter", types.I8Ptr, types.I64, types.I32)
	in.leave = decl("quasi_log_leave", types.I64)
	in.heap = decl("quasi_log_heap", types.I8Ptr, types.I64, types.I32)
	in.write = decl("quasi_log_write", types.I8Ptr, types.I64, types.I64)
	return in
}

// each visits the places of a term in an object of type typ at off.
func each(t *target, typ *ir.CType, off int64, visit func(off int64)) {
	if sameRecord(typ, t.typ) {
		visit(off + t.off)
		return
	}
	switch {
	case typ.Kind == ir.CArray:
		for i := range typ.Count {
			each(t, typ.Elem, off+i*typ.Elem.Size, visit)
		}
	case typ.IsRecord():
		for _, f := range typ.Fields {
			if f.BitSize == 0 {
				each(t, f.Type, off+f.Off, visit)
			}
		}
	}
}

// instances makes calls of enter, or heap, for the terms in a variable, or in an object that
// is allocated.
func (in *instrumenter) instances(enter *llir.Func, v value.Value, typ *ir.CType) (calls []llir.Instruction, n int64) {
	for i, t := range in.targets {
		add := func(off int64) {
			cast := llir.NewBitCast(v, types.I8Ptr)
			at := llir.NewGetElementPtr(types.I8, cast, constant.NewInt(types.I64, off))
			calls = append(calls, cast, at, llir.NewCall(enter, at, constant.NewInt(types.I64, t.end-t.off), constant.NewInt(types.I32, int64(i))))
			n++
		}
		switch {
		case t == nil:
		case t.global != nil && v == value.Value(t.global):
			add(t.off)
		case t.global == nil && typ != nil:
			each(t, typ, 0, add)
		}
	}
	return calls, n
}

// A span is what an instruction writes.
type span struct{ addr, n value.Value }

// written is what an instruction writes.
func written(p *ir.Program, inst llir.Instruction) (all []span) {
	size := func(t types.Type) value.Value { return constant.NewInt(types.I64, p.Layout.StoreSize(t)) }
	switch x := inst.(type) {
	case *llir.InstStore:
		return []span{{x.Dst, size(x.Src.Type())}}
	case *llir.InstAtomicRMW:
		return []span{{x.Dst, size(x.X.Type())}}
	case *llir.InstCmpXchg:
		return []span{{x.Ptr, size(x.New.Type())}}
	case *llir.InstCall:
		args := make([]value.Value, len(x.Args))
		for i, a := range x.Args {
			args[i] = ir.Unwrap(a)
		}
		if asm, ok := x.Callee.(*llir.InlineAsm); ok {
			for i := range asmOutputs(asm.Constraint) {
				all = append(all, span{args[i], size(args[i].Type().(*types.PointerType).ElemType)})
			}
			return all
		}
		f, ok := x.Callee.(*llir.Func)
		if !ok || len(f.Blocks) > 0 {
			return nil
		}
		sum, ok := ir.LibFunc(f)
		switch {
		case !ok || strings.HasPrefix(f.Name(), "llvm.lifetime."):
			return nil
		case sum.Copy != nil && sum.Copy.Dst >= 0 && sum.Copy.Len >= 0:
			return []span{{args[sum.Copy.Dst], args[sum.Copy.Len]}}
		case strings.HasPrefix(f.Name(), "llvm.memset."), f.Name() == "memset":
			return []span{{args[0], args[2]}}
		}
		effects := p.ArgEffects(&sum, args)
		for i, a := range args { // what scanf and the like write is as large as its type
			ptr, ok := a.Type().(*types.PointerType)
			if ok && effects[i]&ir.ArgWrite != 0 && !ptr.ElemType.Equal(types.I8) && p.Layout.StoreSize(ptr.ElemType) > 0 {
				all = append(all, span{a, size(ptr.ElemType)})
			}
		}
	}
	return all
}

// allocated is the record that a cast makes of memory that a call returns.
func allocated(inst llir.Instruction) types.Type {
	cast, ok := inst.(*llir.InstBitCast)
	if !ok {
		return nil
	}
	ptr, ok := cast.To.(*types.PointerType)
	call, isCall := cast.From.(*llir.InstCall)
	if !ok || !isCall {
		return nil
	}
	if f, ok := call.Callee.(*llir.Func); !ok || f.Name() != "malloc" && f.Name() != "calloc" && f.Name() != "get_memory" {
		return nil
	}
	return ptr.ElemType
}

// function instruments f. Instances on the stack live from their alloca to the
// return.
func (in *instrumenter) function(f *ir.Func) {
	names := in.prog.Names()
	total := int64(0)
	for _, b := range f.Blocks {
		var insts, entered []llir.Instruction
		add := func(more ...llir.Instruction) { insts = append(insts, more...) }
		if b.ID == 0 && f.Name() == "main" {
			add(llir.NewCall(in.start, constant.NewInt(types.I64, int64(in.last))))
			for _, g := range in.prog.Module.Globals {
				if g.Init != nil {
					_, typ := names.Global(g.Name())
					calls, _ := in.instances(in.enter, g, typ)
					add(calls...)
				}
			}
		}
		for i, inst := range b.LL.Insts {
			if call, ok := inst.(*llir.InstCall); ok && isLifetime(call) {
				continue // variables that do not live at the same time may share their place
			}
			for _, w := range written(in.prog, inst) {
				cast := llir.NewBitCast(w.addr, types.I8Ptr)
				n := w.n
				if !n.Type().Equal(types.I64) {
					ext := llir.NewZExt(n, types.I64)
					add(ext)
					n = ext
				}
				add(cast, llir.NewCall(in.write, cast, n, constant.NewInt(types.I64, int64(in.first)+int64(b.First)+int64(i))))
			}
			add(inst)
			if typ := allocated(inst); typ != nil {
				calls, _ := in.instances(in.heap, inst.(value.Value), names.IRType(typ))
				add(calls...)
			}
			if a, ok := inst.(*llir.InstAlloca); ok && b.ID == 0 {
				calls, n := in.instances(in.enter, a, names.IRType(a.ElemType))
				entered = append(entered, calls...)
				total += n
				add(entered...)
				entered = nil
			}
		}
		if _, ok := b.LL.Term.(*llir.TermRet); ok && total > 0 {
			add(llir.NewCall(in.leave, constant.NewInt(types.I64, total)))
		}
		b.LL.Insts = insts
	}
}

// runLogged runs the instrumented modules of a program: the terms that each point has
// written, as `POINT TERM`.
func runLogged(t *testing.T, modules []*ir.Program) (lines []string, ok bool) {
	t.Helper()
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(file("log.c"), []byte(logger), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"-w", "-O0", "-o", file("p"), file("log.c"), "-lm"}
	for i, p := range modules {
		var text bytes.Buffer
		if err := ir.Fprint(&text, p); err != nil {
			t.Fatal(err)
		}
		name := file(fmt.Sprintf("%d.ll", i))
		if err := os.WriteFile(name, text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	run(t, nil, irtest.Tool(t, "clang"), args...)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, file("p"))
	cmd.Env = append(os.Environ(), "QUASI_LOG="+file("log"))
	if cmd.Run() != nil {
		return nil, false // it does not end, or ends in another way than others
	}
	log, err := os.ReadFile(file("log"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(log)), "\n"), true
}

// checkRun compares the ledger of a program with a run, and returns how many of the
// writes that hit a term it has checked.
func checkRun(t *testing.T, modules []*ir.Program, terms []Term, cfg Config) (writes int, ok bool) {
	t.Helper()
	rows := make(map[string]Row)
	var sums []*Summary
	var places []string
	for i, p := range modules {
		cfg.Unit = fmt.Sprint(i)
		s, err := Summarize(p, terms, cfg)
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, s)
	}
	l, err := Join(sums)
	if err != nil {
		t.Fatal(err)
	}
	var firsts []int
	for _, p := range modules {
		firsts = append(firsts, len(places))
		for pt := range p.NumPoints() {
			places = append(places, p.Position(ir.Point(pt)).String())
		}
	}
	for _, r := range l.Rows {
		unit, _ := strconv.Atoi(r.Unit)
		rows[fmt.Sprintf("%d %d", firsts[unit]+int(r.Pt), numbered(terms, r.Term)-1)] = r
	}
	for i, p := range modules {
		in := newInstrumenter(p, terms, firsts[i], len(places))
		for _, f := range p.Funcs {
			if !f.IsDecl() {
				in.function(f)
			}
		}
	}
	lines, ok := runLogged(t, modules)
	if !ok {
		return 0, false
	}
	for _, line := range lines {
		var pt, term int
		if n, _ := fmt.Sscan(line, &pt, &term); n != 2 {
			continue
		}
		writes++
		switch r, ok := rows[line]; {
		case !ok:
			t.Errorf("%s writes %s: there is no row", places[pt], terms[term])
		case r.Class == ProvenDisjoint || r.Class == NotVisible:
			t.Errorf("%s writes %s: its row is %v, %s", places[pt], terms[term], r.Class, r.Reason)
		}
	}
	return writes, true
}

// randomTerms are terms of p: members of records, variables and parts of them.
func randomTerms(p *ir.Program, r *rand.Rand, most int) []Term {
	names := p.Names()
	var pool []Term
	seen := make(map[string]bool)
	var walk func(t Term, typ *ir.CType, depth int)
	walk = func(t Term, typ *ir.CType, depth int) {
		if text := t.String(); len(t.steps) > 0 && !seen[text] {
			seen[text] = true
			pool = append(pool, t)
		}
		if depth > 3 {
			return
		}
		with := func(s step) Term { return Term{head: t.head, steps: append(append([]step{}, t.steps...), s)} }
		switch {
		case typ.Kind == ir.CArray && typ.Count > 0:
			walk(with(step{num: r.Int63n(typ.Count)}), typ.Elem, depth+1)
		case typ.IsRecord():
			for _, f := range typ.Fields {
				if f.Name != "" && f.Type.Size > 0 {
					walk(with(step{name: f.Name, member: true}), f.Type, depth+1)
				}
			}
		}
	}
	for _, def := range p.Module.TypeDefs {
		if c := names.IRType(def); c.IsRecord() && !c.Incomplete && recordName(c) != "" && len(c.Fields) > 0 && c.Fields[0].Name != "" {
			for range 3 {
				walk(Term{head: recordName(c)}, c, 0)
			}
		}
	}
	for _, g := range p.Module.Globals {
		if g.Init == nil || strings.Contains(g.Name(), ".") || g.Immutable {
			continue
		}
		if _, typ := names.Global(g.Name()); typ != nil && r.Intn(4) == 0 {
			pool = append(pool, Term{head: g.Name()})
			walk(Term{head: g.Name()}, typ, 1)
		}
	}
	r.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
	return pool[:min(most, len(pool))]
}

// Every write that hits a term when a program of csmith runs is in the ledger.
func TestLedgerOfRuns(t *testing.T) {
	if _, err := exec.LookPath("csmith"); err != nil {
		t.Skip("csmith is not installed")
	}
	total := 0
	for i := range *ledgerN {
		seed := *ledgerSeed + i
		file := filepath.Join(t.TempDir(), "p.c")
		src := run(t, nil, "csmith", "--seed", fmt.Sprint(seed), "--max-funcs", "4", "--no-volatiles", "--max-block-depth", "3")
		if err := os.WriteFile(file, src, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, mode := range modes {
			t.Run(fmt.Sprintf("%d/%s", seed, mode), func(t *testing.T) {
				r := rand.New(rand.NewSource(int64(seed)))
				p := compile(t, file, mode, "-I/usr/include/csmith")
				terms := randomTerms(p, r, 8)
				cfg := Config{Whole: r.Intn(2) == 0, NoPoints: r.Intn(3) == 0}
				if n, ok := checkRun(t, []*ir.Program{p}, terms, cfg); ok {
					total += n
				}
			})
		}
	}
	if total == 0 {
		t.Error("no write of a term has been seen; the test says nothing")
	}
	t.Logf("%d writes of terms checked", total)
}

// The same of programs written for what csmith does not write.
func TestLedgerOfOwnRuns(t *testing.T) {
	files, err := filepath.Glob("testdata/run/*.c")
	if err != nil || len(files) == 0 {
		t.Fatal("no programs", err)
	}
	for _, file := range files {
		e := readExpectation(t, file)
		for _, mode := range modes {
			for _, cfg := range []Config{{}, {Whole: true}, {NoPoints: true}} {
				t.Run(fmt.Sprintf("%s/%s/%v-%v", filepath.Base(file), mode, cfg.Whole, cfg.NoPoints), func(t *testing.T) {
					n, ok := checkRun(t, []*ir.Program{compile(t, file, mode)}, e.terms, cfg)
					if !ok || n == 0 {
						t.Errorf("the program failed, or wrote no term")
					}
				})
			}
		}
	}
}

// The same of programs of random_test.go, as separate units and linked.
func TestLedgerOfRandomRuns(t *testing.T) {
	total := 0
	for i := range *ledgerN {
		seed := *ledgerSeed + i
		r := rand.New(rand.NewSource(int64(seed)))
		dir := t.TempDir()
		for name, text := range randomSources(r) {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		others := []string{"small", "aliased", "vectors"}
		for _, mode := range append(modes, "inlined", others[seed%len(others)]) {
			t.Run(fmt.Sprintf("%d/%s", seed, mode), func(t *testing.T) {
				var modules []*ir.Program
				for _, name := range []string{"main.c", "blind.c"} {
					modules = append(modules, compile(t, filepath.Join(dir, name), mode))
				}
				terms := randomTerms(modules[0], r, 8)
				cfg := Config{NoPoints: r.Intn(3) == 0}
				if r.Intn(2) == 0 {
					modules = []*ir.Program{linked(t, modules)}
					cfg.Whole = true
				}
				n, ok := checkRun(t, modules, terms, cfg)
				if total += n; !ok {
					t.Log("the program takes too long")
				}
				if t.Failed() && *ledgerKeep != "" {
					run(t, nil, "cp", "-rT", dir, filepath.Join(*ledgerKeep, fmt.Sprint(seed)))
				}
				t.Logf("%v, %+v", terms, cfg)
			})
		}
	}
	if total == 0 {
		t.Error("no write of a term has been seen; the test says nothing")
	}
	t.Logf("%d writes of terms checked", total)
}
