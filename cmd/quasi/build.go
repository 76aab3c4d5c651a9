package main

// This file holds the command build: compile, specialize, optimize, link.

import (
	"context"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

func buildCommand() *cli.Command {
	return &cli.Command{
		Name:  "build",
		Usage: "compile, specialize, optimize and link a program",
		UsageText: `quasi build -e FUNC [--static NAME=VALUE] [--when EXPR] -o PROG INPUT... [-- clang flags]

   quasi build -e power --static n=5 -o power power.c          one function, one static parameter
   quasi build --spec kill.yaml -o kill signal.c main.c        all that a specification asks for
   quasi build -e run -o vm vm.c lib.o -- -DNDEBUG -Iinc -lm   flags go to clang
   quasi build --memguard --spec kill.yaml -o kill signal.c    for tests: prints writes that guards would miss
   quasi build -e main -o x x.c                                nothing static: behaves as x.c does`,
		Description: "Inputs are C (.c, .i), LLVM IR (.ll, .bc), which become one module, and objects, archives and\n" +
			"shared libraries (.o, .a, .so), which are linked. After --, -D, -I and the like go to the compiler,\n" +
			"-l, -L and the like to the linker, -f and -m to both; -O3 is the default.",
		Flags: append(variantFlags(),
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the program `PROG`", Category: outputFlags},
			boolFlag("json", "", "print the report as JSON on stdout"),
			guardsFlag(), checkGuardsFlag(), countCallsFlag(), memguardFlag(),
			budgetFlag(),
		),
		OnUsageError: onUsageError,
		Action:       buildAction,
	}
}

func buildAction(c *cli.Context) error {
	r, err := parseRequest(c)
	if err != nil {
		return err
	}
	out := c.String("output")
	if out == "" || out == "-" {
		return usagef(c, "give the program a name: -o PROG")
	}
	if r.memguard && slices.ContainsFunc(r.clang.link, func(f string) bool { return strings.HasPrefix(f, "-fsanitize") }) {
		return usagef(c, "--memguard and -fsanitize exclude each other: both handle faults")
	}
	budget, err := budgetOf(c)
	if err != nil {
		return err
	}
	in, err := sortInputs(r.files, true)
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
	p, rep, err := s.specializeInputs(c.Context, in, budget)
	if err != nil {
		return err
	}
	p.whole = len(in.objects) == 0 && !slices.ContainsFunc(s.clang.link, exportsSymbols)
	object, err := p.write(c.Context, "program.o", moduleOptions{})
	if err != nil {
		return err
	}
	prog, err := p.linkWith(c.Context, object, in)
	if err != nil {
		return err
	}
	if err := install(prog, out); err != nil {
		return err
	}
	rep.Guards, rep.Memguard = p.guarded, p.watched
	return s.tell(c, rep, out)
}

// exportsSymbols reports whether a linker flag lets code outside the program name its
// symbols.
func exportsSymbols(flag string) bool {
	return flag == "-shared" || flag == "-rdynamic" || strings.HasPrefix(flag, "-Wl,") || strings.HasPrefix(flag, "-Xlinker")
}

// linkWith links the program with the run-time that it needs.
func (p *pipeline) linkWith(ctx context.Context, object string, in *inputs) (string, error) {
	if p.watched != nil {
		return p.linkWatched(ctx, object, in.objects)
	}
	runtime, err := p.linkGuards(ctx, in)
	if err != nil {
		return "", err
	}
	return p.link(ctx, object, append(slices.Clone(in.objects), runtime...))
}

// link makes the program of the specialized object and the others.
func (p *pipeline) link(ctx context.Context, object string, others []string) (string, error) {
	p.bar.enter("linking")
	prog := p.ws.path("program")
	args := append([]string{object}, others...)
	if err := p.tc.link(ctx, prog, append(args, p.clang.link...)); err != nil {
		return "", err
	}
	_, err := os.Stat(prog)
	return prog, err
}
