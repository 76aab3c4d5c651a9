package main

// This file counts how often the generic program executes each program point,
// by the variant of a division that it is executed under: a copy of the program
// calls count/count.c at every block, at the beginning of every function, and
// before every call. What a call leads to is in a table, so that one copy serves
// all modes.
//
// Contexts are the variants, besides outsideContext and genericContext. Where a
// specialized function is called and its quasi-invariants hold, its slot chooses
// the context of the entry variant; a call that the division unfolds or
// specializes leads to the context of the callee's variant; any other call
// from inside leads to generic code, in which all is dynamic.

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/bta"
	"quasi/ir"
	"quasi/pe"
)

//go:embed count/count.c
var countRuntime []byte

// The contexts that are no variant.
const (
	outsideContext = iota // not counted
	genericContext
	firstVariantContext
)

// A contextTable is what a division says about contexts.
type contextTable struct {
	weights     []map[int]shares // by context, then block: what becomes of the block's points
	entries     []int            // by specialization: the context of its entry variant
	transitions [][4]int         // context, site, Func.ID, context
}

// blockNumbers numbers the blocks of a program. Equal text gives equal numbers.
func blockNumbers(p *ir.Program) (of map[*ir.Block]int, n int) {
	of = make(map[*ir.Block]int)
	for _, f := range p.Funcs {
		for _, b := range f.Blocks {
			of[b] = n
			n++
		}
	}
	return of, n
}

// newContexts makes the table of a pipeline's divisions, before the module is changed.
func newContexts(p *pipeline) *contextTable {
	t := &contextTable{weights: make([]map[int]shares, firstVariantContext)}
	numbers, _ := blockNumbers(p.prog)
	for _, v := range p.variants {
		first := len(t.weights)
		t.entries = append(t.entries, first+v.bta.Entry.ID)
		for _, bv := range v.bta.Variants {
			t.weights = append(t.weights, t.variant(p, bv, first, numbers))
		}
	}
	slices.SortFunc(t.transitions, func(a, b [4]int) int { return slices.Compare(a[:], b[:]) })
	return t
}

// variant sums up the blocks of a variant, and adds what its calls lead to. The
// variants of its result have contexts from first on.
func (t *contextTable) variant(p *pipeline, v *bta.Variant, first int, numbers map[*ir.Block]int) map[int]shares {
	weights := make(map[int]shares)
	for _, b := range v.Fn.Blocks {
		if !v.Reached(b) {
			continue
		}
		var s shares
		for pt := b.First; pt < b.End(); pt++ {
			if counted(p.prog, pt) {
				s.add(marksOf(v.Exec(pt)), 1)
			}
			if !calls(p.prog, pt) {
				continue
			}
			callees, _ := p.cg.CalleesAt(pt)
			for _, f := range callees {
				if plan := v.Call(pt, f); plan.Callee != nil {
					t.transitions = append(t.transitions, [4]int{first + v.ID, int(pt), f.ID, first + plan.Callee.ID})
				}
			}
		}
		weights[numbers[b]] = s
	}
	return weights
}

// calls reports whether there is a call at pt that may be of a function with a body.
func calls(p *ir.Program, pt ir.Point) bool {
	switch u := p.UserAt(pt).(type) {
	case *llir.InstCall:
		f, ok := u.Callee.(*llir.Func)
		return !ok || !strings.HasPrefix(f.GlobalName, "llvm.")
	case *llir.TermInvoke, *llir.TermCallBr:
		return true
	}
	return false
}

// A counter adds calls of count.c to a program.
type counter struct {
	p                          *ir.Program
	call, choose, enter, block *llir.Func
}

func number(n int) value.Value { return constant.NewInt(types.I64, int64(n)) }

// instrument makes a program count. Slots tell where the quasi-invariants of its
// specializations hold.
func (p *pipeline) instrument() error {
	declare := func(name string, ret types.Type, params ...*llir.Param) *llir.Func {
		return p.prog.Module.NewFunc(name, ret, params...)
	}
	long := func(name string) *llir.Param { return llir.NewParam(name, types.I64) }
	c := &counter{
		p:      p.prog,
		call:   declare("quasi_count_call", types.Void, long("context"), long("site")),
		choose: declare("quasi_count_choose", types.Void, long("specialization")),
		enter:  declare("quasi_count_enter", types.I64, long("function")),
		block:  declare("quasi_count_block", types.Void, long("context"), long("block")),
	}
	numbers, _ := blockNumbers(p.prog)
	for _, f := range p.prog.Funcs {
		if !f.IsDecl() {
			c.function(f, numbers)
		}
	}
	var slots []pe.Slot
	bodies := make([]*llir.Block, len(p.variants))
	for i, v := range p.variants {
		bodies[i] = v.Fn.LL.Blocks[0]
		w := &llir.Func{Sig: v.Fn.LL.Sig, Typ: v.Fn.LL.Typ, Linkage: enum.LinkageInternal, CallingConv: v.Fn.LL.CallingConv, ReturnAttrs: v.Fn.LL.ReturnAttrs, Parent: p.prog.Module}
		for k, q := range v.Fn.LL.Params {
			param := llir.NewParam(fmt.Sprintf("p%d", k), q.Typ)
			param.Attrs = q.Attrs
			w.Params = append(w.Params, param)
		}
		w.SetName(p.prog.FreshName(fmt.Sprintf("%s.count%d", v.Fn.Name(), i)))
		slots = append(slots, pe.Slot{Variant: v.Variant, Residual: w})
	}
	if err := pe.InstallSlots(p.prog, slots); err != nil {
		return err
	}
	for i, s := range slots {
		at := slices.IndexFunc(p.prog.Module.Funcs, func(f *llir.Func) bool { return len(f.Blocks) > 0 && f.Blocks[0] == bodies[i] })
		c.wrapper(s.Residual, p.prog.Module.Funcs[at], i)
		p.prog.Module.Funcs = append(p.prog.Module.Funcs, s.Residual)
	}
	return nil
}

// function adds the calls to one function.
func (c *counter) function(f *ir.Func, numbers map[*ir.Block]int) {
	context := llir.NewCall(c.enter, number(f.ID))
	context.SetName(ir.NewLocalNames(f.LL).Fresh("context"))
	// Points are numbers as long as no block has changed.
	changed := make([][]llir.Instruction, len(f.Blocks))
	for i, b := range f.Blocks {
		var out []llir.Instruction
		begun := false
		begin := func() {
			if !begun && i == 0 {
				out = append(out, context)
			}
			if !begun {
				out = append(out, llir.NewCall(c.block, context, number(numbers[b])))
			}
			begun = true
		}
		for pt := b.First; pt < b.TermPoint(); pt++ {
			inst := c.p.InstAt(pt)
			switch inst.(type) {
			case *llir.InstPhi, *llir.InstLandingPad, *llir.InstCatchPad, *llir.InstCleanupPad:
			default:
				begin()
			}
			if calls(c.p, pt) {
				out = append(out, llir.NewCall(c.call, context, number(int(pt))))
			}
			out = append(out, inst)
		}
		begin()
		if calls(c.p, b.TermPoint()) {
			out = append(out, llir.NewCall(c.call, context, number(int(b.TermPoint()))))
		}
		changed[i] = out
	}
	for i, b := range f.Blocks {
		b.LL.Insts = changed[i]
	}
}

// wrapper makes w, which a slot calls where the quasi-invariants of
// specialization i hold, say so and call the generic function.
func (c *counter) wrapper(w, generic *llir.Func, i int) {
	args := make([]value.Value, len(w.Params))
	for k, q := range w.Params {
		args[k] = q
		if len(q.Attrs) > 0 {
			args[k] = llir.NewArg(q, q.Attrs...)
		}
	}
	b := llir.NewBlock("entry")
	call := &llir.InstCall{Callee: generic, Args: args, Typ: generic.Sig.RetType, CallingConv: generic.CallingConv, ReturnAttrs: generic.ReturnAttrs}
	b.Insts = append(b.Insts, llir.NewCall(c.choose, number(i)), call)
	if generic.Sig.RetType.Equal(types.Void) {
		b.Term = llir.NewRet(nil)
	} else {
		call.SetName("result")
		b.Term = llir.NewRet(call)
	}
	w.Blocks = []*llir.Block{b}
}

// A counting is a program that counts, ready to be linked.
type counting struct {
	*comparer
	blocks int
	points map[int]int // by block
	object string      // the program
	driver string      // count.c, an object
}

// newCounting prepares one form of the program.
func (c *comparer) newCounting(mod *moduleText) (*counting, error) {
	file, err := c.specification()
	if err != nil {
		return nil, err
	}
	p, err := c.loadMode(compareMode{}, mod, file)
	if err != nil {
		return nil, err
	}
	k := &counting{comparer: c, points: make(map[int]int), object: c.ws.path("count.o"), driver: c.ws.path("count-run-time.o")}
	numbers, n := blockNumbers(p.prog)
	k.blocks = n
	for b, at := range numbers {
		for pt := b.First; pt < b.End(); pt++ {
			if counted(p.prog, pt) {
				k.points[at]++
			}
		}
	}
	if err := p.phase("instrumenting", "", p.instrument); err != nil {
		return nil, err
	}
	module, err := p.print("count.ll")
	if err != nil {
		return nil, err
	}
	c.bar.enter("compiling what counts")
	stripped, source := c.ws.path("count-stripped.ll"), c.ws.path("count-run-time.c")
	if err := p.tc.stripDebug(c.ctx, stripped, module); err != nil {
		return nil, err
	}
	if err := p.tc.finish(c.ctx, k.object, stripped, append([]string{"-O1", "-fPIC"}, p.clang.codegen...)); err != nil {
		return nil, err
	}
	if err := os.WriteFile(source, countRuntime, 0o666); err != nil {
		return nil, err
	}
	return k, p.tc.run(c.ctx, "clang", "-O2", "-std=gnu11", "-fPIC", "-c", source, "-o", k.driver)
}

// weigh has the program run once for each mode, in the environment that run gets,
// and adds what it has executed to the rows.
func (k *counting) weigh(results []*modeResult, rep *formReport, run func(env []string) error) error {
	executed := uint64(0)
	for _, r := range results {
		k.bar.enter("counting, " + r.String())
		table, counts := k.ws.path("count-table"), k.ws.path("counts")
		if err := os.WriteFile(table, r.contexts.text(k.blocks), 0o666); err != nil {
			return err
		}
		os.Remove(counts)
		if err := run(append(os.Environ(), "QUASI_COUNT_TABLE="+table, "QUASI_COUNT_OUT="+counts)); err != nil {
			return err
		}
		text, err := os.ReadFile(counts)
		if err != nil {
			return errors.New("the program that counts has left no counts: it has to end as C programs do")
		}
		if r.row.Executed == nil {
			r.row.Executed = &shares{}
		}
		sum := r.contexts.sum(string(text), k.points)
		r.row.Executed.addAll(sum)
		executed = sum.total()
	}
	rep.Executed += executed
	return nil
}

// text is the table as count.c reads it.
func (t *contextTable) text(blocks int) []byte {
	var out strings.Builder
	fmt.Fprintln(&out, len(t.weights), blocks, len(t.entries), len(t.transitions))
	for _, e := range t.entries {
		fmt.Fprintln(&out, e)
	}
	for _, x := range t.transitions {
		fmt.Fprintln(&out, x[0], x[1], x[2], x[3])
	}
	return []byte(out.String())
}

// sum reads counts and sums up what becomes of what was executed. Points are
// those of each block.
func (t *contextTable) sum(counts string, points map[int]int) shares {
	var sum shares
	for line := range strings.Lines(counts) {
		var context, block int
		var n uint64
		fmt.Sscan(line, &context, &block, &n)
		w, ok := t.weights[context][block]
		if !ok {
			w.Dynamic = uint64(points[block]) // in generic code
		}
		sum.addAll(shares{n * w.Static, n * w.Both, n * w.Dynamic, 0})
	}
	return sum
}

// countForms has each form of a program counted, by a function that gets what
// counts, the modes of that form, and where to add what is executed.
func (c *comparer) countForms(forms map[form]*moduleText, results []*modeResult, rep *programReport, count func(*counting, []*modeResult, *formReport) error) error {
	for _, fr := range rep.Forms {
		f := inRegisters
		if fr.Form == inMemory.String() {
			f = inMemory
		}
		k, err := c.newCounting(forms[f])
		if err != nil {
			return err
		}
		if err := count(k, ofForm(results, f), fr); err != nil {
			return err
		}
	}
	return nil
}

// countProgram counts what the calls of main execute.
func (c *comparer) countProgram(calls []programCall, in *inputs, forms map[form]*moduleText, results []*modeResult, rep *programReport) error {
	return c.countForms(forms, results, rep, func(k *counting, some []*modeResult, fr *formReport) error {
		program := c.ws.path("count")
		if err := c.tc.link(c.ctx, program, slices.Concat([]string{k.object, k.driver}, in.objects, c.clang.link)); err != nil {
			return err
		}
		for _, call := range calls {
			err := k.weigh(some, fr, func(env []string) error {
				_, err := c.execute(program, call, env)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// countSubject counts what the measured inputs of a subject execute, one call each.
func (c *comparer) countSubject(b *bench, s *subject, forms map[form]*moduleText, results []*modeResult, rep *programReport) error {
	builds := []subjectBuild{{name: "null"}, {name: "count"}}
	return c.countForms(forms, results, rep, func(k *counting, some []*modeResult, fr *formReport) error {
		if err := errors.Join(install(k.object, b.made("count-all.o")), install(k.driver, b.made("count-run-time.o"))); err != nil {
			return err
		}
		if err := b.isolate(s, "count", append([]string{"count-all.o"}, s.support()...)); err != nil {
			return err
		}
		if err := b.subjectWritten(s, builds); err != nil {
			return err
		}
		if err := b.object("count-driver.o", b.driver("count.c"), "-w", "-I"+b.driver("")); err != nil {
			return err
		}
		program := b.made("count")
		objects := b.paths(append(s.objects(builds), "builds-check.o", "count-driver.o", "count-run-time.o"))
		if err := b.link(program, append(objects, s.Link...)...); err != nil {
			return err
		}
		return k.weigh(some, fr, func(env []string) error {
			cmd := exec.CommandContext(c.ctx, program)
			cmd.Env = env
			text, err := cmd.CombinedOutput()
			if err != nil {
				c.bar.Write(text)
				return fmt.Errorf("count: %w", err)
			}
			return nil
		})
	})
}
