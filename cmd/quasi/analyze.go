package main

// This file holds the command analyze: the division, as listings of source or
// IR, and the causes of dynamic values.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"

	"quasi/bta"
)

func analyzeCommand() *cli.Command {
	return &cli.Command{
		Name:  "analyze",
		Usage: "print which parts of a function are static and which are dynamic, and why",
		UsageText: `quasi analyze -e FUNC [--static NAME=VALUE] [--when EXPR] INPUT... [-- clang flags]

   quasi analyze -e power --static n=5 power.c             source lines marked S or D
   quasi analyze -e power --static n=5 --ir power.c        the same for the IR
   quasi analyze -e power --static n=5 --why 7 power.c     what makes line 7 dynamic
   quasi analyze -e power --static n=5 --why r power.c     what makes variable r dynamic`,
		Description: "Marks: S is evaluated when the program is specialized, D is left to run time; SD lines have both,\n" +
			"told apart below the line (S, D, + for what is done at both times).\n" +
			"--why takes a line (LINE or FILE:LINE), an IR value (%x) or a C variable.",
		Flags: append(variantFlags(),
			boolFlag("ir", "", "annotate IR instead of source"),
			&cli.StringFlag{Name: "why", Usage: "print the chain of causes that makes `LINE|VALUE` dynamic", Category: outputFlags},
			boolFlag("json", "", "print the listing as JSON"),
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
	if c.Bool("json") && (c.Bool("ir") || c.String("why") != "") {
		return usagef(c, "--json goes with the source listing alone")
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
	if err := p.analyze(); err != nil {
		return err
	}
	s.bar.enter("")
	switch {
	case c.String("why") != "":
		err = p.printWhy(s.stdout, c.String("why"))
	case c.Bool("json"):
		err = p.encodeListings(s.stdout)
	case c.Bool("ir"):
		err = p.printIR(s.stdout)
	default:
		err = p.printSource(s.stdout)
	}
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
			if l == nil || p.diag.lines(l.File) == nil {
				if err := printVariantIR(w, bv); err != nil {
					return err
				}
				continue
			}
			l.print(w, p.diag.lines(l.File), pal)
		}
	}
	return nil
}

// title says what a specialization is given.
func title(v *variant) string {
	var given []string
	for _, b := range v.Static {
		given = append(given, fmt.Sprintf("%s = %v", strings.TrimPrefix(v.Fn.LL.Params[b.Param].Ident(), "%"), b.Value))
	}
	for _, w := range v.When {
		given = append(given, w.Text)
	}
	for _, a := range v.Always {
		given = append(given, a.Text)
	}
	if len(given) == 0 {
		return v.Name + ": nothing is given"
	}
	return v.Name + ": " + strings.Join(given, ", ")
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
			if err := printVariantIR(w, bv); err != nil {
				return err
			}
		}
	}
	return nil
}

// printVariantIR prints one variant as annotated IR, without the calls and
// metadata that hold debug info.
func printVariantIR(w io.Writer, v *bta.Variant) error {
	var text bytes.Buffer
	if err := bta.FprintVariant(&text, v); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		if !strings.Contains(line, "call void @llvm.dbg.") {
			fmt.Fprint(w, attached.ReplaceAllString(line, ""))
		}
	}
	return nil
}

// attached is metadata on an instruction, which says nothing to a reader of a
// listing.
var attached = regexp.MustCompile(`, !(dbg|tbaa|llvm\.loop) !\d+`)

// encodeListings writes the source listings as JSON.
func (p *pipeline) encodeListings(w io.Writer) error {
	type specialization struct {
		Name     string           `json:"name"`
		Function string           `json:"function"`
		Variants []*sourceListing `json:"variants"`
	}
	all := []specialization{}
	for _, v := range p.variants {
		s := specialization{Name: v.Name, Function: v.Fn.Name(), Variants: []*sourceListing{}}
		for _, bv := range v.bta.Variants {
			if l := listSource(p.prog, bv); l != nil {
				s.Variants = append(s.Variants, l)
			}
		}
		all = append(all, s)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(all)
}
