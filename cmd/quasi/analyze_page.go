package main

// This file makes the page of analyze --html: it specializes what was analyzed,
// so that the page can tell what became of it, and has LLVM optimize the residual
// functions if it is there.

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"
	"github.com/urfave/cli/v2"

	"quasi/bta"
	"quasi/ir"
	"quasi/pe"
)

// A pageHead is what the page has without script.
type pageHead struct {
	Mode    string
	Command string
	Version string
	Specs   []pageSummary
	Several bool // specializations

	Functions []string // that are specialized, each once
}

// A pageSummary says of one specialization what was given, and what it came to.
type pageSummary struct {
	Index             int
	Name, Function    string
	Given             []string
	Stays             bool // the function stays generic
	Sizes             []pageSize
	Before, After     int // residual instructions before LLVM optimizes, and after; After is 0 if it has not
	Functions, Nested int
	Spent             []pageSpent
	Facts             []pageFact
	Reasons           []pageReasons
}

// A pageSize is the size of one function.
type pageSize struct {
	Name    string
	Generic bool
	Insts   int
	After   int // optimized; 0 if not known
}

// A pageSpent is how much of a budget was spent.
type pageSpent struct {
	What    string
	Spent   string
	Of      string
	Percent int
	Over    bool
}

// A pageFact is one of pe.Stats.
type pageFact struct {
	What string
	N    int
}

// pageReasons are the decisions of one kind that lost something.
type pageReasons struct {
	Kind string
	Note string
	List []pageReason
}

// A pageReason is a pe.Reason with its place in the page.
type pageReason struct {
	Where, What, Why string
	Times            string
	Func, Place      int
}

// writePage makes the page and puts it at dst.
func (p *pipeline) writePage(ctx context.Context, dst, command string, budget pe.Budget) error {
	seen := map[*variant]map[*bta.Variant]map[ir.Point]*pe.Observation{}
	p.observe = func(v *variant, o pe.Observation) {
		if seen[v] == nil {
			seen[v] = map[*bta.Variant]map[ir.Point]*pe.Observation{}
		}
		if seen[v][o.Variant] == nil {
			seen[v][o.Variant] = map[ir.Point]*pe.Observation{}
		}
		seen[v][o.Variant][o.Pt] = &o
	}
	if err := p.specialize(budget); err != nil {
		return err
	}
	residual, err := p.optimizedResidual(ctx)
	if err != nil {
		return err
	}
	var page []byte
	err = p.phase("making the page", "", func() error {
		b := newPageBuilder(p)
		head := &pageHead{Mode: p.mode.String(), Command: command, Version: version, Several: len(p.variants) > 1}
		for i, v := range p.variants {
			s := b.spec(v, seen[v])
			sum := b.summary(i, v, budget)
			for _, f := range v.result.Funcs {
				pr, after := b.residual(f, residual)
				s.Residual = append(s.Residual, pr)
				sum.size(pageSize{Name: f.Name(), Insts: countInsts(f), After: after})
			}
			head.Specs = append(head.Specs, sum)
			if !slices.Contains(head.Functions, sum.Function) {
				head.Functions = append(head.Functions, sum.Function)
			}
		}
		b.remedies()
		data, err := pressed(b.finish(), maxPlain)
		if err != nil {
			return err
		}
		page, err = makePage("analyze", p.pageTitle(), head, data)
		return err
	})
	if err != nil {
		return err
	}
	return p.deliverPage(page, dst)
}

// maxPlain is the size of JSON above which it is compressed.
const maxPlain = 1 << 20

// pressed is data, or what the script unpacks to data if its JSON is longer than limit.
func pressed(data any, limit int) (any, error) {
	text, err := json.Marshal(data)
	if err != nil || len(text) <= limit {
		return json.RawMessage(text), err
	}
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(text); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return map[string][]byte{"gzip": out.Bytes()}, nil // Marshal writes bytes as base64
}

// pageTitle names the specializations.
func (p *pipeline) pageTitle() string {
	var names []string
	for _, v := range p.variants {
		names = append(names, v.Name)
	}
	return strings.Join(names, ", ") + " · quasi analyze"
}

// optimizedResidual has LLVM optimize the residual functions by themselves, and
// loads what comes of it; nil if LLVM's programs are not there, or if its result
// cannot be read, which is told.
func (p *pipeline) optimizedResidual(ctx context.Context) (*ir.Program, error) {
	var names []string
	for _, f := range p.residualFuncs() {
		names = append(names, f.Name())
		f.Linkage = enum.LinkageNone // LLVM would drop what nothing calls
	}
	if len(names) == 0 {
		return nil, nil
	}
	module, err := p.print("residual.ll")
	if err != nil {
		return nil, err
	}
	p.bar.enter("optimizing")
	alone, optimized := p.ws.path("alone.ll"), p.ws.path("optimized.ll")
	err = p.tc.extract(ctx, alone, module, names)
	if err == nil {
		flags := append([]string{p.level(moduleOptions{residual: true})}, p.clang.codegen...)
		err = p.tc.finish(ctx, optimized, alone, append(flags, readable...))
	}
	var missing *missingTool
	if errors.As(err, &missing) {
		if !p.quiet {
			p.diag.report(fmt.Errorf("the page has residual code as the specializer leaves it: %w", err))
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(optimized)
	if err != nil {
		return nil, err
	}
	return ir.Load(optimized, text)
}

// residual lists a residual function, optimized if residual has it; after is then
// how many instructions LLVM leaves of it, otherwise 0.
func (b *pageBuilder) residual(f *llir.Func, residual *ir.Program) (pr *pageResidual, after int) {
	fn := funcNamed(residual, f.Name())
	if fn != nil {
		after = countInsts(fn.LL)
	} else {
		if b.unoptimized == nil {
			var err error
			if b.unoptimized, err = ir.NewProgram(b.p.prog.Module, b.p.prog.Source); err != nil {
				panic(err) // pe makes valid modules
			}
		}
		fn = funcNamed(b.unoptimized, f.Name())
	}
	pr = &pageResidual{Name: f.Name(), Lines: []string{}, Places: [][]int{}, Insts: countInsts(fn.LL)}
	for _, l := range b.list(fn) {
		at := []int{}
		if l.ok {
			for _, frame := range fn.Prog.Frames(l.pt) {
				if place := b.place(frame.File, frame.Line); place != 0 {
					at = append(at, place)
				}
			}
		}
		pr.Lines, pr.Places = append(pr.Lines, l.text), append(pr.Places, at)
	}
	return pr, after
}

// funcNamed finds a function with a body, nil if p has none or is nil.
func funcNamed(p *ir.Program, name string) *ir.Func {
	if p == nil {
		return nil
	}
	for _, f := range p.Funcs {
		if f.Name() == name && !f.IsDecl() {
			return f
		}
	}
	return nil
}

// summary says what specialization v came to.
func (b *pageBuilder) summary(i int, v *variant, budget pe.Budget) pageSummary {
	st, limit := v.result.Stats, budget.WithDefaults()
	s := pageSummary{Index: i, Name: v.Name, Function: v.Fn.Name(), Given: given(v), Stays: v.result.Residual == nil, Functions: st.Functions}
	generic := map[*ir.Func]bool{}
	for _, bv := range v.bta.Variants {
		if !generic[bv.Fn] {
			generic[bv.Fn] = true
			f := bv.Fn
			if f == v.body.Fn {
				f = v.Fn // not its peeled copy
			}
			s.Sizes = append(s.Sizes, pageSize{Name: f.Name(), Generic: true, Insts: countInsts(f.LL)})
		}
	}
	spent := func(what string, n, of int) {
		s.Spent = append(s.Spent, pageSpent{What: what, Spent: grouped(n), Of: grouped(of), Percent: min(100, n*100/max(of, 1)), Over: n >= of})
	}
	spent("steps: static instructions executed", st.Steps, limit.Steps)
	spent("insts: residual instructions emitted", st.Insts, limit.Insts)
	spent("functions: residual functions", st.Functions, limit.Functions)
	s.Facts = []pageFact{
		{"specialized points", st.Points}, {"of these found again", st.Hits}, {"states forked", st.Forks},
		{"calls unfolded", st.Unfolded}, {"calls left to generic code", st.Generic},
	}
	s.Reasons = b.reasons(v.result.Reasons)
	return s
}

// grouped is a number in groups of three digits.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "\u202f" + text[i:]
	}
	return text
}

// size adds a function to the table of sizes.
func (s *pageSummary) size(z pageSize) {
	s.Sizes = append(s.Sizes, z)
	s.Before += z.Insts
	s.After += z.After
}

// reasonNotes say what the kinds of pe.Reason mean.
var reasonNotes = []struct {
	kind pe.ReasonKind
	note string
}{
	{pe.BudgetSpent, "A limit ended what was going on; --budget raises it."},
	{pe.Generalized, "Something known was given up where paths meet, since nothing static needs it or it kept changing."},
	{pe.CallLeft, "The residual code calls the generic function."},
	{pe.NotSpecializable, "The function is called as it is."},
}

// reasons sorts reasons by kind, the costly ones first.
func (b *pageBuilder) reasons(list []pe.Reason) []pageReasons {
	var all []pageReasons
	for _, k := range reasonNotes {
		group := pageReasons{Kind: k.kind.String(), Note: k.note}
		for _, r := range list {
			if r.Kind != k.kind {
				continue
			}
			pos := b.p.prog.Position(r.Pt)
			pr := pageReason{What: r.What, Why: r.Why, Func: b.function(b.p.prog.BlockAt(r.Pt).Fn), Place: b.place(pos.File, pos.Line)}
			if r.Count > 1 {
				pr.Times = times(r.Count)
			}
			pos.File = filepath.Base(pos.File)
			pos.Block, pos.Value = "", ""
			pr.Where = pos.String()
			group.List = append(group.List, pr)
		}
		if len(group.List) > 0 {
			all = append(all, group)
		}
	}
	return all
}

// checkPage refuses a page that cannot be written, and flags that do not go with one.
func checkPage(c *cli.Context, page string, r *request) error {
	if page == "" {
		if c.IsSet("budget") {
			return usagef(c, "--budget goes with --html: nothing else specializes")
		}
		return nil
	}
	for _, other := range []string{"ir", "why", "json", "dot"} {
		if c.IsSet(other) {
			return usagef(c, "--html does not go with --%s: the page holds all of it", other)
		}
	}
	return checkOutput(c, page, r)
}

// argsKey is the key of the command line in a context.
type argsKey struct{}

// commandLine is the command as it was typed, without where its output goes and
// without folders that are no part of the inputs' names.
func commandLine(ctx context.Context, r *request) string {
	args, _ := ctx.Value(argsKey{}).([]string)
	shown := []string{"quasi"}
	for i := 1; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--html" || a == "-html":
			i++
			continue
		case strings.HasPrefix(a, "--html=") || strings.HasPrefix(a, "-html="):
			continue
		case slices.Contains(r.files, a):
		default:
			a = absolutePath.ReplaceAllString(a, "$1$2")
		}
		shown = append(shown, quoted(a))
	}
	return strings.Join(shown, " ")
}

// absolutePath is a path from the root in an argument, as in -I/usr/include/x.
var absolutePath = regexp.MustCompile(`^(|-[IL]|-isystem|[^ /]*=)/(?:[^/ ]*/)*([^/ ]*)$`)

// plainArg needs no quotes in a shell.
var plainArg = regexp.MustCompile(`^[\w@%+=:,./-]+$`)

// quoted is an argument as a shell takes it.
func quoted(a string) string {
	if plainArg.MatchString(a) {
		return a
	}
	return "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
}
