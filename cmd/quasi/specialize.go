package main

// This file holds the command specialize, and the way from a specialized
// module to IR, assembly or an object.

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/llir/llvm/ir/enum"
	"github.com/urfave/cli/v2"

	"quasi/pe"
)

func specializeCommand() *cli.Command {
	return &cli.Command{
		Name:  "specialize",
		Usage: "make the specialized module, as IR, assembly or an object",
		UsageText: `quasi specialize -e FUNC [--static NAME=VALUE] [--when EXPR] [-o OUT] INPUT... [-- clang flags]

   quasi specialize -e power --static n=5 power.c                  the whole module on stdout
   quasi specialize -e power --static n=5 --residual power.c       the residual functions alone
   quasi specialize --spec kill.yaml -o kill.o signal.c -- -O2     an object to link instead of signal.o
   quasi specialize -e f --when 'p->kind == KIND_A' -v -o f.s f.c  assembly, and a report on stderr`,
		Description: "The function keeps its name and signature: what is called by that name tests the\n" +
			"quasi-invariants and goes to the residual function, or to the generic code if one does not hold.\n" +
			"The extension of OUT says what to write: .ll, .bc, .s or .o; without -o it is IR on stdout.",
		Flags: append(variantFlags(),
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write `OUT` (.ll .bc .s .o)", Category: outputFlags},
			boolFlag("residual", "", "the residual functions alone, as -O2 leaves them; on stdout, for reading, without attributes, metadata and unrolled loops"),
			boolFlag("no-opt", "", "as the specializer leaves it, before LLVM optimizes"),
			boolFlag("json", "", "print the report as JSON on stdout (needs -o)"),
			guardsFlag(), checkGuardsFlag(), countCallsFlag(),
			budgetFlag(),
		),
		OnUsageError: onUsageError,
		Action:       specializeAction,
	}
}

// budgetFlag sets limits of the specializer.
func budgetFlag() cli.Flag {
	return &cli.StringSliceFlag{
		Name:     "budget",
		Usage:    "limit of the specializer, `NAME=N`: " + strings.Join(budgetNames, ", ") + " (repeatable)",
		Category: whatFlags,
	}
}

var budgetNames = []string{"steps", "insts", "loop-insts", "iterations", "points", "shapes", "depth", "functions", "copies"}

// parseBudget reads the values of --budget.
func parseBudget(args []string) (pe.Budget, error) {
	var b pe.Budget
	fields := []*int{&b.Steps, &b.Insts, &b.LoopInsts, &b.Iterations, &b.Points, &b.Shapes, &b.Depth, &b.Functions, &b.Copies}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		n, err := strconv.Atoi(value)
		if err != nil || n <= 0 {
			return b, fmt.Errorf("--budget %s: want NAME=N with N a positive number", arg)
		}
		i := slices.Index(budgetNames, name)
		if i < 0 {
			return b, fmt.Errorf("--budget %s: there is no limit called %q (%s)", arg, name, strings.Join(budgetNames, ", "))
		}
		*fields[i] = n
	}
	return b, nil
}

// budgetOf reads the flag --budget of a command.
func budgetOf(c *cli.Context) (pe.Budget, error) {
	b, err := parseBudget(c.StringSlice("budget"))
	if err != nil {
		err = usagef(c, "%v", err)
	}
	return b, err
}

func specializeAction(c *cli.Context) error {
	r, err := parseRequest(c)
	if err != nil {
		return err
	}
	out := c.String("output")
	switch ext := filepath.Ext(out); {
	case out == "" || out == "-":
		out = ""
		if c.Bool("json") {
			return usagef(c, "--json needs -o: stdout can hold the report or the module")
		}
	case ext != ".ll" && ext != ".bc" && ext != ".s" && ext != ".o":
		return usagef(c, "-o %s: the extension says what to write: .ll, .bc, .s or .o (a program: quasi build)", out)
	}
	budget, err := budgetOf(c)
	if err != nil {
		return err
	}
	in, err := sortInputs(r.files, false)
	if err != nil {
		return err
	}
	if err := checkOutput(c, out, r); err != nil {
		return err
	}
	s, err := newSession(c, r)
	if err != nil {
		return err
	}
	defer s.Close()
	opts := moduleOptions{residual: c.Bool("residual"), noOpt: c.Bool("no-opt")}
	p, rep, err := s.specializeInputs(c.Context, in, budget)
	if err != nil {
		return err
	}
	made, err := p.write(c.Context, out, opts)
	if err != nil {
		return err
	}
	if err := s.deliver(made, out); err != nil {
		return err
	}
	if p.needsRuntime && !s.quiet {
		what := "what is written has guards"
		if p.guarded == nil || p.guarded.Inserted == nil {
			what = "calls are counted"
		}
		fmt.Fprintf(s.bar, "quasi: remark: %s; link it with the run-time: quasi runtime -o libquasi.a\n", what)
	}
	rep.Guards = p.guarded
	return s.tell(c, rep, out)
}

// checkOutput refuses an output that cannot be written or is an input.
func checkOutput(c *cli.Context, out string, r *request) error {
	if out == "" {
		return nil
	}
	for _, f := range append(append([]string(nil), r.files...), r.specs...) {
		if sameFile(f, out) {
			return usagef(c, "-o %s would overwrite an input", out)
		}
	}
	return checkWritable(out)
}

// specializeInputs runs the phases up to the residual functions.
func (s *session) specializeInputs(ctx context.Context, in *inputs, budget pe.Budget) (*pipeline, *report, error) {
	p, err := s.load(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	if err := p.analyze(); err != nil {
		return nil, nil, err
	}
	if err := p.checkExpectations(); err != nil {
		return nil, nil, err
	}
	if err := p.specialize(budget); err != nil {
		return nil, nil, err
	}
	return p, newReport(p), nil
}

// moduleOptions say what of the module is wanted.
type moduleOptions struct {
	residual bool // residual functions alone
	noOpt    bool // as the specializer leaves it
}

// write makes the module of p in the workspace, in the form that the extension
// of out asks for, and returns its path.
func (p *pipeline) write(ctx context.Context, out string, opts moduleOptions) (string, error) {
	ext := filepath.Ext(out)
	if ext == "" {
		ext = ".ll"
	}
	var residual []string
	if opts.residual {
		for _, f := range p.residualFuncs() {
			residual = append(residual, f.Name())
			f.Linkage = enum.LinkageNone // LLVM would drop what nothing calls
		}
		if len(residual) == 0 {
			return "", fmt.Errorf("no residual function was made; -v says why")
		}
	} else if err := p.installSlots(); err != nil {
		return "", err
	}
	module, err := p.print("specialized.ll")
	if err != nil {
		return "", err
	}
	if opts.noOpt && ext == ".ll" && !opts.residual {
		return module, nil
	}
	p.bar.enter("optimizing")
	if !p.clang.debug && p.watched == nil {
		stripped := p.ws.path("stripped.ll")
		if err := p.tc.stripDebug(ctx, stripped, module); err != nil {
			return "", err
		}
		module = stripped
	}
	level := p.level(opts)
	if opts.residual {
		if !opts.noOpt {
			optimized := p.ws.path("optimized.ll")
			flags := append([]string{level}, p.clang.codegen...)
			if out == "" {
				flags = append(flags, readable...)
			}
			if err := p.tc.finish(ctx, optimized, module, flags); err != nil {
				return "", err
			}
			module = optimized
		}
		alone := p.ws.path("alone.ll")
		if err := p.tc.extract(ctx, alone, module, residual); err != nil {
			return "", err
		}
		if ext == ".ll" {
			if out == "" {
				return alone, forReading(alone)
			}
			return alone, tidy(alone)
		}
		module, level = alone, "-O0" // optimized above, as far as it is wanted
	}
	done := p.ws.path("done" + ext)
	flags := append([]string{level}, p.clang.codegen...)
	if p.watched != nil {
		flags = append(flags, memguardCodegen...)
	}
	if err := p.tc.finish(ctx, done, module, flags); err != nil {
		return "", err
	}
	if ext == ".ll" {
		return done, tidy(done)
	}
	return done, nil
}

// readable are flags that keep a loop one loop, for code that is to be read.
var readable = []string{"-fno-unroll-loops", "-fno-vectorize", "-fno-slp-vectorize"}

// level is the -O flag for the module: the user's, else -O2 for residual
// functions to be read and -O3 for code to be run.
func (p *pipeline) level(opts moduleOptions) string {
	switch {
	case opts.noOpt:
		return "-O0"
	case p.clang.level != "":
		return p.clang.level
	case opts.residual:
		return "-O2"
	}
	return "-O3"
}

// deliver copies what was made to its place, stdout if out is empty.
func (s *session) deliver(made, out string) error {
	if out != "" {
		return install(made, out)
	}
	text, err := os.ReadFile(made)
	if err != nil {
		return err
	}
	_, err = s.stdout.Write(text)
	return err
}

// tell prints the report if it was asked for.
func (s *session) tell(c *cli.Context, rep *report, out string) error {
	s.bar.enter("")
	rep.Output, rep.Phases = out, s.bar.times
	if s.verbose {
		var b bytes.Buffer
		rep.print(&b)
		if _, err := s.bar.Write(b.Bytes()); err != nil {
			return err
		}
	}
	if c.Bool("json") {
		return rep.encode(s.stdout)
	}
	return nil
}
