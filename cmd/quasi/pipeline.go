package main

// This file runs the phases of the libraries in their order: load, resolve the
// specification, points-to, call graph, mod/ref, then binding times and partial
// evaluation per variant, and the slots at the end.

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"

	llir "github.com/llir/llvm/ir"

	"quasi/bta"
	"quasi/ir"
	"quasi/ir/spec"
	"quasi/pe"
)

// A pipeline is a program under specialization.
type pipeline struct {
	*session
	prog         *ir.Program
	pt           *ir.PointsTo
	cg           *ir.CallGraph
	mr           *ir.ModRef
	variants     []*variant
	obey         bool                           // of pe.Config, also for the full analysis
	shuffle      *rand.Rand                     // of bta.Config
	forPage      bool                           // what is made is for a page of analyze: see pageTries
	whole        bool                           // the module is the whole program but for libraries
	guarded      *guarding                      // what came of guards; nil: none are wanted
	watched      *watching                      // what MemGuard is to watch; nil: nothing
	needsRuntime bool                           // slots are guarded or count
	observe      func(*variant, pe.Observation) // what became of each point of a specialization; nil: nobody asks
}

// A variant is one specialization that was asked for, with what the phases
// make of it.
type variant struct {
	*spec.Variant
	body   *spec.Variant // what is analyzed: the function itself or its peeled copy
	peeled *ir.Peeled    // nil for none
	facts  *spec.Facts
	bta    *bta.Result
	result *pe.Result // nil before partial evaluation
}

// phase runs one phase: named on the progress line, and in the message if it
// panics.
func (s *session) phase(name, fn string, f func() error) error {
	title := name
	if fn != "" {
		title += " of @" + fn
	}
	s.bar.enter(title)
	return protect(name, fn, f)
}

// load makes one module of the inputs, reads it and resolves what to
// specialize in it. The specification is read first: it may be at fault, and
// that takes no compiler to find out.
func (s *session) load(ctx context.Context, in *inputs) (*pipeline, error) {
	file, err := s.specification()
	if err != nil {
		return nil, err
	}
	s.bar.enter("compiling")
	name, text, err := in.module(ctx, s.tc, s.ws, s.compileFlags())
	if err != nil {
		return nil, err
	}
	p := &pipeline{session: s}
	if p.prog, err = s.read(name, text); err != nil {
		return nil, err
	}
	return p, s.phase("resolving the specification", "", func() error {
		return p.bind(file)
	})
}

// read makes a program of a module's text.
func (s *session) read(name string, text []byte) (prog *ir.Program, err error) {
	err = s.phase("loading", "", func() error {
		if prog, err = ir.Load(name, text); err == nil {
			return nil
		}
		if why := explainText(name, text); why != nil {
			return why
		}
		return err
	})
	return prog, err
}

// compileFlags are the flags for C inputs: the user's, and macros in the debug
// info where a specification may name them.
func (s *session) compileFlags() []string {
	if len(s.specs)+len(s.static)+len(s.when) == 0 {
		return s.clang.compile
	}
	return append([]string{"-fdebug-macro"}, s.clang.compile...)
}

// specification reads the specifications and makes one of them: files first,
// then the flags.
func (s *session) specification() (*spec.File, error) {
	all := &spec.File{}
	for _, name := range s.specs {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, cause(err))
		}
		f, err := spec.Parse(name, src)
		if err != nil {
			return nil, err
		}
		all.Entries = append(all.Entries, f.Entries...)
	}
	if s.entry != "" {
		f, err := spec.FromFlags(s.entry, s.static, s.when)
		if err == nil {
			err = f.ExpectFlags(s.expect)
		}
		if err != nil {
			return nil, err
		}
		all.Entries = append(all.Entries, f.Entries...)
	}
	return all, nil
}

// bind resolves the specification and prepares the functions that it names.
func (p *pipeline) bind(f *spec.File) error {
	if err := p.resolve(f); err != nil {
		return err
	}
	return p.peel(f)
}

// resolve binds the specification to the program.
func (p *pipeline) resolve(f *spec.File) error {
	r, err := spec.Resolve(p.prog, f)
	if err != nil {
		return err
	}
	for _, v := range r.Variants {
		p.variants = append(p.variants, &variant{Variant: v})
	}
	return nil
}

// analyze runs the analyses of the whole program, then that of each variant.
func (p *pipeline) analyze() error {
	err := p.phase("points-to", "", func() error { p.pt = ir.SolvePointsTo(p.prog); return nil })
	if err != nil {
		return err
	}
	err = p.phase("call graph", "", func() error { p.cg = ir.BuildCallGraph(p.prog, p.pt); return nil })
	if err != nil {
		return err
	}
	err = p.phase("mod/ref", "", func() error {
		p.mr = ir.ComputeModRef(p.prog, p.pt, p.cg)
		ir.FreezeUnwritten(p.prog, p.pt, p.mr)
		return nil
	})
	if err != nil {
		return err
	}
	for _, v := range p.variants {
		if err := p.phase("binding times", v.Fn.Name(), func() error { return p.bindingTimes(v) }); err != nil {
			return err
		}
	}
	return nil
}

// bindingTimes analyzes the peeled copy of v's function, if there is one, and
// takes it if its first dispatch is static and the other is not: then it is what
// peeling has gained. Otherwise it analyzes the function itself.
func (p *pipeline) bindingTimes(v *variant) error {
	tries := 0
	if p.forPage {
		tries = p.pageTries(v.Fn)
	}
	analyze := func(body *spec.Variant) (err error) {
		v.body, v.facts = body, spec.NewFacts(body)
		v.bta, err = bta.Analyze(bta.Config{
			Prog: p.prog, PT: p.pt, CG: p.cg, MR: p.mr,
			Variant: body, Facts: v.facts, Mode: p.mode, MaxVariants: p.maxVariants, MaxTries: tries, Shuffle: p.shuffle,
		})
		return err
	}
	if v.peeled != nil {
		body := *v.Variant
		body.Fn = p.prog.FuncOf(v.peeled.Func)
		if err := analyze(&body); err != nil {
			return err
		}
		dispatch := func(lb *llir.Block) bta.BindingTime {
			b := body.Fn.BlockOf(lb)
			return v.bta.Entry.Use(b.TermPoint(), 0)
		}
		if dispatch(v.peeled.First).IsStatic() && !dispatch(v.peeled.Again).IsStatic() {
			return nil
		}
	}
	return analyze(v.Variant)
}

// peel makes peeled copies of the functions to be specialized, where something of
// what is known may hold in the first rounds of an interpreter's loops only. The
// program is numbered anew if there are any.
func (p *pipeline) peel(f *spec.File) error {
	copies := make(map[*llir.Func]*ir.Peeled)
	for _, v := range p.variants {
		if copies[v.Fn.LL] == nil && !v.Fn.IsDecl() && len(v.Static)+len(v.When)+len(v.Always) > 0 {
			if r := ir.OuterRounds(v.Fn); r != nil {
				if c := p.prog.Peel(v.Fn, r); c != nil {
					copies[v.Fn.LL] = c
				}
			}
		}
	}
	if len(copies) == 0 {
		return nil
	}
	var err error
	if p.prog, err = ir.NewProgram(p.prog.Module, p.prog.Source); err != nil {
		return err
	}
	p.variants = nil
	if err := p.resolve(f); err != nil {
		return err
	}
	for _, v := range p.variants {
		v.peeled = copies[v.Fn.LL]
	}
	return nil
}

// dropPeeled removes the peeled copies, which residual code does not refer to.
func (p *pipeline) dropPeeled() {
	for _, v := range p.variants {
		if v.peeled != nil {
			v.peeled.Drop(p.prog.Module)
		}
	}
}

// specialize adds the residual functions of every variant to the module.
func (p *pipeline) specialize(budget pe.Budget) error {
	for _, v := range p.variants {
		err := p.phase("partial evaluation", v.Fn.Name(), func() error {
			cfg := pe.Config{
				Prog: p.prog, PT: p.pt, CG: p.cg, MR: p.mr,
				Variant: v.body, Facts: v.facts, BTA: v.bta, Budget: budget, Obey: p.obey || p.mode != (bta.Mode{}),
			}
			if p.observe != nil {
				cfg.Observe = func(o pe.Observation) { p.observe(v, o) }
			}
			var err error
			v.result, err = pe.Specialize(cfg)
			return err
		})
		if err != nil {
			return err
		}
	}
	p.dropPeeled()
	return nil
}

// installSlots puts a dispatcher under the name of every specialized function.
func (p *pipeline) installSlots() error {
	return p.phase("slots", "", func() error {
		var slots []pe.Slot
		for _, v := range p.variants {
			if v.result.Residual != nil {
				slots = append(slots, pe.Slot{Variant: v.Variant, Residual: v.result.Residual})
			}
		}
		if len(slots) == 0 {
			return p.nothingWatched()
		}
		if err := pe.InstallSlots(p.prog, slots); err != nil {
			return err
		}
		if p.memguard {
			return p.installWatch(slots)
		}
		return p.finishSlots(slots)
	})
}

// print writes the module to a file of the workspace.
func (p *pipeline) print(name string) (path string, err error) {
	path = p.ws.path(name)
	err = p.phase("printing", "", func() error {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		if err := ir.Fprint(f, p.prog); err != nil {
			f.Close()
			return err
		}
		return f.Close()
	})
	return path, err
}

// residualFuncs are the residual functions of all variants.
func (p *pipeline) residualFuncs() []*llir.Func {
	var funcs []*llir.Func
	for _, v := range p.variants {
		funcs = append(funcs, v.result.Funcs...)
	}
	return funcs
}

// countInsts counts instructions and terminators, without debug intrinsics.
func countInsts(f *llir.Func) int {
	n := 0
	for _, b := range f.Blocks {
		n++
		for _, inst := range b.Insts {
			if !ir.IsDebug(inst) {
				n++
			}
		}
	}
	return n
}
