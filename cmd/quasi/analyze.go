package main

// This file holds the command analyze: the division, as listings of source or
// IR, and the causes of dynamic values.

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"

	"quasi/bta"
	"quasi/ir"
	"quasi/ir/spec"
)

func analyzeCommand() *cli.Command {
	return &cli.Command{
		Name:  "analyze",
		Usage: "print which parts of a function are static and which are dynamic, and why",
		UsageText: `quasi analyze -e FUNC [--static NAME=VALUE] [--when EXPR] INPUT... [-- clang flags]

   quasi analyze -e power --static n=5 power.c             source lines marked S or D
   quasi analyze -e power --static n=5 --ir power.c        the same for the IR
   quasi analyze -e power --static n=5 --why 7 power.c     what makes line 7 dynamic
   quasi analyze -e power --static n=5 --why r power.c     what makes variable r dynamic
   quasi analyze -e power --static n=5 --expect power:6=static power.c   an error if it is not
   quasi analyze -e power --static n=5 --html power.html power.c
                                                           a page to look at: source, causes, what became of it
   quasi analyze -e power --static n=5 --dot=cfg power.c | dot -Tsvg -o power.svg`,
		Description: "Marks: S is evaluated when the program is specialized, D is left to run time; SD lines have both,\n" +
			"told apart below the line (S, D, + for what is done at both times); - is never reached.\n" +
			"--why takes a line (LINE, FILE:LINE or FUNC:LINE), a C variable (NAME or FUNC:NAME), an IR value (%x or @f:%x),\n" +
			"result, FUNC:result, or FUNC for the calls of a function. It\n" +
			"prints the chain of causes of what is dynamic there, and what would make it static; of what is static, what that rests on.\n" +
			"--expect has an error if the analysis does not find the binding time that is demanded.",
		Flags: append(variantFlags(),
			boolFlag("ir", "", "annotate IR instead of source"),
			&cli.StringFlag{Name: "why", Usage: "print what makes `LINE|VALUE` dynamic, and what would make it static", Category: outputFlags},
			boolFlag("json", "", "print the listing, or the answer to --why, as JSON"),
			boolFlag("causes", "", "with --json: causes and remedies of every dynamic point"),
			&cli.StringFlag{Name: "html", Usage: "write a page that holds all of it to `OUT.html`: source, causes, what became of it, residual code", Category: outputFlags},
			budgetFlag(),
			&cli.StringFlag{Name: "dot", Usage: "print a graph for Graphviz: `GRAPH` is callgraph, cfg (of the specialized functions; cfg:FUNC and cfg:FUNC:VARIANT of others) or pointsto", Category: outputFlags},
		),
		OnUsageError: onUsageError,
		Action:       analyzeAction,
	}
}

func analyzeAction(c *cli.Context) error {
	r, err := parseRequest(c)
	if err != nil {
		return err
	}
	switch {
	case c.Bool("json") && c.Bool("ir"):
		return usagef(c, "--json and --ir exclude each other")
	case c.Bool("causes") && (!c.Bool("json") || c.String("why") != ""):
		return usagef(c, "--causes goes with --json, without --why")
	case c.IsSet("why") && c.String("why") == "":
		return usagef(c, "--why needs a line, a variable or a value")
	case c.IsSet("why") && c.Bool("ir"):
		return usagef(c, "--why and --ir exclude each other")
	case c.IsSet("html") && c.String("html") == "":
		return usagef(c, "--html needs a file")
	}
	page := c.String("html")
	if err := checkPage(c, page, r); err != nil {
		return err
	}
	if c.IsSet("dot") {
		for _, other := range []string{"ir", "why", "json"} {
			if c.IsSet(other) {
				return usagef(c, "--dot and --%s exclude each other", other)
			}
		}
		if wrong := checkDOT(c.String("dot")); wrong != "" {
			return usagef(c, "%s", wrong)
		}
	}
	budget, err := budgetOf(c)
	if err != nil {
		return err
	}
	in, err := sortInputs(r.files, false)
	if err != nil {
		return err
	}
	s, err := newSession(c, r)
	if err != nil {
		return err
	}
	defer s.Close()
	p, err := s.load(c.Context, in)
	if err != nil {
		return err
	}
	p.forPage = page != ""
	if err := p.analyze(); err != nil {
		return err
	}
	if err := p.checkExpectations(); err != nil {
		return err
	}
	s.bar.enter("")
	switch {
	case page != "":
		err = p.writePage(c.Context, page, commandLine(c.Context, r), budget)
	case c.IsSet("dot"):
		err = p.printDOT(s.stdout, c.String("dot"))
	case c.String("why") != "":
		err = p.why(s.stdout, c.String("why"), c.Bool("json"))
	case c.Bool("json"):
		err = p.encodeListings(s.stdout, c.Bool("causes"))
	case c.Bool("ir"):
		err = p.printIR(s.stdout)
	default:
		err = p.printSource(s.stdout)
	}
	s.bar.enter("")
	if err == nil && s.verbose {
		for _, t := range s.bar.times {
			fmt.Fprintf(s.bar, "%10.1f ms  %s\n", t.MS, t.Phase)
		}
	}
	return err
}

// printSource prints the listing of every variant of every specialization;
// functions without debug info are listed as IR.
func (p *pipeline) printSource(w io.Writer) error {
	pal := newPalette(wantsColour(w))
	for i, v := range p.variants {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s\n", title(v))
		for _, bv := range v.bta.Variants {
			fmt.Fprintln(w)
			l := listSource(p.prog, bv)
			missing := l != nil && p.diag.lines(l.File) == nil
			if missing {
				fmt.Fprintf(w, "; %s cannot be read: the IR instead\n", l.File)
			}
			if l == nil || missing {
				if err := printVariantIR(w, bv, pal); err != nil {
					return err
				}
				continue
			}
			l.print(w, p.diag.lines, pal)
		}
	}
	return nil
}

// title says what a specialization is given.
func title(v *variant) string {
	list := given(v)
	if len(list) == 0 {
		return v.Name + ": nothing is given"
	}
	return v.Name + ": " + strings.Join(list, ", ")
}

// given are what a specialization is given, one each.
func given(v *variant) []string {
	var list []string
	for _, s := range v.Static {
		list = append(list, bindingText(v, s))
	}
	for _, w := range v.When {
		list = append(list, w.Text)
	}
	for _, a := range v.Always {
		list = append(list, "always "+a.Text)
	}
	return list
}

// bindingText is a static parameter with its value.
func bindingText(v *variant, b spec.Binding) string {
	return fmt.Sprintf("%s = %v", paramName(v.Fn, b.Param), b.Value)
}

// paramName is what a specification calls a parameter: its name in C or in IR, #N if
// it has none.
func paramName(f *ir.Func, i int) string {
	for k, c := range f.Prog.Names().Params(f.LL) {
		switch {
		case c.Param != f.LL.Params[i]:
		case c.Name == "":
			return fmt.Sprintf("#%d", k)
		default:
			return c.Name
		}
	}
	return f.LL.Params[i].Ident()
}

// printIR prints every variant as annotated IR.
func (p *pipeline) printIR(w io.Writer) error {
	for i, v := range p.variants {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "; %s\n", title(v))
		for _, bv := range v.bta.Variants {
			fmt.Fprintln(w)
			if err := printVariantIR(w, bv, newPalette(wantsColour(w))); err != nil {
				return err
			}
		}
	}
	return nil
}

// printVariantIR prints one variant as annotated IR, without the calls and
// metadata that hold debug info.
func printVariantIR(w io.Writer, v *bta.Variant, p *palette) error {
	var text bytes.Buffer
	if err := bta.FprintVariant(&text, v); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		if !strings.Contains(line, "call void @llvm.dbg.") {
			line = strings.TrimSuffix(attached.ReplaceAllString(line, ""), "\n")
			mark := ""
			if m := irMark.FindStringSubmatch(line); m != nil {
				mark = m[1]
			}
			fmt.Fprintln(w, p.ofMark(mark).Sprint(line))
		}
	}
	return nil
}

// irMark is the binding time at the end of an instruction's line.
var irMark = regexp.MustCompile(`^  .* ; (S|D|SD)(?: [^;]*)?$`)

// attached is metadata on an instruction, which says nothing to a reader of a
// listing.
var attached = regexp.MustCompile(`, !(dbg|tbaa|llvm\.loop) !\d+`)
