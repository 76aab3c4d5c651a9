package main

// This file makes programs whose terms MemGuard protects while they run (build
// --memguard): the writes that their ledger has no row for are what a guard would miss.

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"
	"github.com/urfave/cli/v2"

	"quasi/guard"
	"quasi/ir"
	"quasi/ir/spec"
	"quasi/pe"
)

func memguardFlag() cli.Flag {
	return &cli.BoolFlag{
		Name: "memguard", Usage: "protect what quasi-invariants read while the program runs, instead of guarding writes: at exit it prints the writes that the ledger missed",
		Category: whatFlags, DisableDefaultText: true,
	}
}

// A watching is what a program under MemGuard is to know.
type watching struct {
	Terms     []string      `json:"terms"`
	Number    int           `json:"rows"`
	RowsOf    []int         `json:"rows_of"`             // each of the terms
	Unwatched []testedPred  `json:"unwatched,omitempty"` // what predicates read, and is no term
	Rows      [][]guard.Row `json:"-"`                   // by discriminator - 1
}

// memguardCodegen keeps instructions that write apart: copies of one in two branches
// would lose their positions when they become one.
var memguardCodegen = []string{"-mllvm", "-hoist-common-insts=false", "-mllvm", "-sink-common-insts=false", "-mllvm", "-enable-tail-merge=false"}

// memguardParts are the files of the run-time that MemGuard needs.
func memguardParts() []string {
	parts := []string{"ledger.c", "report.c"}
	for _, pattern := range []string{"interpose*.c", "memguard*.c"} {
		files, _ := fs.Glob(guard.Runtime(), pattern)
		parts = append(parts, files...)
	}
	return parts
}

// memguardLink links MemGuard: the calls that end the life of instances pass by it, and
// nothing is left to be bound in the handler of a trap.
var memguardLink = []string{"-Wl,-u,__quasi_watch", "-Wl,--wrap=free", "-Wl,--wrap=realloc", "-Wl,-z,now"}

// installWatch has MemGuard told of what the slots read, and makes the writes that the
// ledger knows recognizable. The slots are installed.
func (p *pipeline) installWatch(slots []pe.Slot) error {
	prog, err := ir.NewProgram(p.prog.Module, p.prog.Source)
	if err != nil {
		return err
	}
	cfg := guard.Config{Whole: p.whole, Variants: []string{}}
	for _, s := range slots {
		cfg.Variants = append(cfg.Variants, s.Variant.Fn.LL.Name())
	}
	t, err := watchedTerms(prog, slots, cfg)
	if err != nil {
		return err
	}
	if len(t.terms) == 0 {
		return fmt.Errorf("--memguard: there is nothing to watch: the quasi-invariants read no memory that has a name")
	}
	ledger, err := guard.Join([]*guard.Summary{t.sum})
	if err != nil {
		return err
	}
	w := &watching{Terms: ledger.Terms, Number: len(ledger.Rows), RowsOf: make([]int, len(ledger.Terms)), Unwatched: t.not}
	for _, r := range ledger.Rows {
		w.RowsOf[slices.Index(w.Terms, r.Term)]++
	}
	number := make(map[*spec.Expr]int64) // of terms, by the loads' addresses
	var variables []guard.WatchedVariable
	for st, term := range t.of {
		n := slices.Index(ledger.Terms, term)
		number[st.Addr] = int64(n)
		if v, ok := variableOf(st, n); ok {
			variables = append(variables, v)
		}
	}
	for i := range slots {
		slots[i].Watch = func(load *spec.Expr) int64 {
			if n, ok := number[load.Args[0]]; ok {
				return n
			}
			return -1
		}
	}
	if w.Rows, err = guard.Watch(prog, guard.WatchOptions{Rows: ledger.Rows, Terms: t.terms, Variables: variables}); err != nil {
		return err
	}
	pe.WatchSlots(p.prog, slots)
	p.watched = w
	if p.quiet {
		return nil
	}
	for _, v := range p.variants {
		if v.result.Residual == nil && len(v.When) > 0 {
			p.diag.print(diagnostic{kind: "remark", text: v.Name + " stays generic: what its quasi-invariants read is not watched"})
		}
	}
	for _, u := range w.Unwatched {
		p.diag.print(diagnostic{kind: "remark", text: fmt.Sprintf("'%s' is not watched: %s", u.Predicate, u.Why)})
	}
	return nil
}

// nothingWatched is an error if MemGuard is to watch, since no slot is there to be told of.
func (p *pipeline) nothingWatched() error {
	if p.memguard {
		return fmt.Errorf("--memguard: there is nothing to watch: no residual function was made; -v says why")
	}
	return nil
}

// A predicateTerms is what predicates read.
type predicateTerms struct {
	terms []guard.Term
	of    map[*spec.Term]string // those of terms
	sum   *guard.Summary        // of terms
	not   []testedPred
}

// watchedTerms finds the terms of slots that can be watched.
func watchedTerms(prog *ir.Program, slots []pe.Slot, cfg guard.Config) (*predicateTerms, error) {
	t := &predicateTerms{of: make(map[*spec.Term]string)}
	pred := make(map[string]string)
	for _, s := range slots {
		for _, when := range s.Variant.When {
			for _, st := range when.Terms {
				term, err := guard.TermOf(prog, st)
				if g, ok := st.Global.(*llir.Global); ok && g.TLSModel != enum.TLSModelNone {
					err = fmt.Errorf("'%s' is a variable of each thread", st.Text)
				}
				if err != nil {
					t.not = append(t.not, testedPred{when.Text, err.Error()})
					continue
				}
				t.of[st] = term.String()
				if pred[term.String()] == "" {
					pred[term.String()] = when.Text
					t.terms = append(t.terms, term)
				}
			}
		}
	}
	sum, unknown, err := summarizeKnown(prog, t.terms, cfg)
	if err != nil {
		return nil, err
	}
	t.sum = sum
	t.terms = slices.DeleteFunc(t.terms, func(term guard.Term) bool {
		why := unknown[term.String()]
		if why != nil {
			t.not = append(t.not, testedPred{pred[term.String()], why.Msg})
		}
		return why != nil
	})
	maps.DeleteFunc(t.of, func(_ *spec.Term, term string) bool { return unknown[term] != nil })
	return t, nil
}

// variableOf is the part of a variable that t is, if it is one whatever the call.
func variableOf(t *spec.Term, n int) (v guard.WatchedVariable, ok bool) {
	g, ok := t.Global.(*llir.Global)
	if !ok || g.Immutable {
		return v, false
	}
	e, off := t.Addr, int64(0)
	for ; e.Op == spec.OpOffset; e = e.Args[0] {
		off += e.Off
	}
	if e.Op != spec.OpAddr {
		return v, false
	}
	return guard.WatchedVariable{Global: g, Off: off + e.Off, Size: t.Size, Term: n}, true
}

// linkWatched links a program with MemGuard, and puts its ledger into it.
func (p *pipeline) linkWatched(ctx context.Context, object string, others []string) (string, error) {
	parts := memguardParts()
	if len(others) > 0 || p.callsRuntime() {
		parts = nil // all
	}
	library, err := p.tc.makeRuntime(ctx, p.ws, parts)
	if err != nil {
		return "", err
	}
	prog, err := p.link(ctx, object, slices.Concat(others, []string{library}, memguardLink))
	if err != nil {
		return "", err
	}
	return prog, addLedger(prog, p.watched)
}

// addLedger appends its ledger to a program that is linked with MemGuard.
func addLedger(prog string, w *watching) error {
	table, err := ledgerTable(prog, w)
	if err != nil {
		return err
	}
	info, err := os.Stat(prog)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(prog, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(append(make([]byte, -info.Size()&7), table...))
	return errors.Join(err, f.Close())
}
