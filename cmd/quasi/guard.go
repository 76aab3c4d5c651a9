package main

// This file holds the command guard: every write that could break a
// quasi-invariant, in any number of units.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"quasi/guard"
	"quasi/ir/spec"
)

// The categories of guard's flags.
const (
	termFlags = "TERMS"
	unitFlags = "UNITS"
)

func guardCommand() *cli.Command {
	return &cli.Command{
		Name:  "guard",
		Usage: "find every write that could break a quasi-invariant",
		UsageText: `quasi guard --term TERM INPUT... [-- clang flags]
quasi guard --spec FILE INPUT... [-- clang flags]

   quasi guard --term 'struct task_struct.uid' *.c          what may write it, and what hides writes
   quasi guard --term 'struct vdbe.pc' --term db_list x.ll  two terms, LLVM IR
   quasi guard --spec kill.yaml --summary signal.c          the terms of its predicates, counted
   quasi guard --term TERM -p build --cache .guard          all units of build/compile_commands.json
   quasi guard --term TERM --sarif *.c >guard.sarif         for editors and code scanning

   quasi guard --term TERM --emit-summary a.guard a.c       in a build system: each unit by itself,
   quasi guard --term TERM --emit-summary b.guard b.c
   quasi guard --join a.guard b.guard                       and the ledger of all`,
		Description: "A term is a memory location that a quasi-invariant reads: a member of a struct or union in any\n" +
			"instance ('struct T.m', 'struct T.m.n', 'struct T.m[2]'), a variable ('v') or a part of one ('v.m');\n" +
			"static variables of one name, in several files, are one term.\n" +
			"The ledger has a row for each instruction that may write it: must-guard, may-write (guarded\n" +
			"conservatively), fresh (an instance that cannot be bound yet), proven-disjoint, not-visible; and warnings\n" +
			"about operations that take the types' guarantees away. A row that is not visible is a write by code\n" +
			"that is not there: then the ledger is not complete, and --strict makes it exit code 1.\n" +
			"Each input is a unit: it is compiled and summarized by itself, and the summaries are joined.",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "term", Aliases: []string{"t"}, Usage: "find the writes of `TERM` (repeatable)", Category: termFlags},
			&cli.StringSliceFlag{Name: "spec", Usage: "find those of the terms of `FILE`: all that predicates of its 'when' read (repeatable)", Category: termFlags},
			&cli.StringFlag{Name: "entry", Aliases: []string{"e"}, Usage: "the function `FUNC` that --when is about", Category: termFlags},
			&cli.StringSliceFlag{Name: "when", Usage: "find those of the terms of a quasi-invariant: a C `EXPR` over parameters, globals and fields of FUNC (repeatable)", Category: termFlags},
			&cli.StringFlag{Name: "compile-commands", Aliases: []string{"p"}, Usage: "take all C files of `FILE`, a compile_commands.json or its folder, each compiled as it says", Category: unitFlags},
			&cli.StringFlag{Name: "cache", Usage: "keep summaries in `DIR`, and do not make again what is there", Category: unitFlags},
			&cli.IntFlag{Name: "jobs", Aliases: []string{"j"}, Usage: "work on `N` units at a time", DefaultText: "one a processor, fewer if memory is short", Category: unitFlags},
			&cli.BoolFlag{Name: "whole-program", Usage: "the inputs are all of the program but for libraries: link them, and follow pointers through all of it", DisableDefaultText: true, Category: unitFlags},
			&cli.BoolFlag{Name: "all-units", Usage: "the inputs are all of the program but for libraries: its calls through pointers reach them, and of other code what they take the address of, or get from it", DisableDefaultText: true, Category: unitFlags},
			&cli.StringFlag{Name: "emit-summary", Usage: "write the summary of one unit to `OUT`, for --join", Category: unitFlags},
			&cli.BoolFlag{Name: "join", Usage: "the inputs are summaries: print their ledger", DisableDefaultText: true, Category: unitFlags},
			boolFlag("print-terms", "", "print the terms, one a line, and do nothing else"),
			boolFlag("all", "a", "with text: rows that need no guard as well (fresh, proven-disjoint)"),
			boolFlag("summary", "", "print a table: of each term the rows by class and by how they were recognized, and the warnings"),
			boolFlag("json", "", "print the ledger as JSON"),
			boolFlag("sarif", "", "print the ledger as SARIF 2.1.0"),
			boolFlag("strict", "", "exit code 1 if a ledger is not complete"),
			boolFlag("quiet", "q", "no warnings of clang, no progress, no remarks"),
			boolFlag("verbose", "v", "report on stderr: programs run, units with their sizes and times"),
		},
		OnUsageError: onUsageError,
		Action:       guardAction,
	}
}

// A guardRequest is what a command line of guard says.
type guardRequest struct {
	shared   *request // what other commands have as well
	terms    []string
	database string
	cache    string
	jobs     int
	emit     string
	join     bool
	whole    bool
	closed   bool // --all-units
	all      bool
	strict   bool
	form     string // print-terms, summary, json, sarif; empty for text
}

// hasSpec reports whether terms come from predicates.
func (r *guardRequest) hasSpec() bool { return len(r.shared.specs)+len(r.shared.when) > 0 }

// parseGuardRequest reads the command line.
func parseGuardRequest(c *cli.Context) (*guardRequest, error) {
	r := &guardRequest{
		shared: &request{
			entry: c.String("entry"), when: c.StringSlice("when"), specs: c.StringSlice("spec"),
			quiet: c.Bool("quiet"), verbose: c.Bool("verbose"),
		},
		terms: c.StringSlice("term"), database: c.String("compile-commands"), cache: c.String("cache"), jobs: c.Int("jobs"),
		emit: c.String("emit-summary"), join: c.Bool("join"), whole: c.Bool("whole-program"), closed: c.Bool("all-units"), all: c.Bool("all"), strict: c.Bool("strict"),
	}
	var err error
	if r.form, err = formFlag(c, "print-terms", "summary", "json", "sarif"); err != nil {
		return nil, err
	}
	args, after := c.Args().Slice(), []string(nil)
	if i := slices.Index(args, "--"); i >= 0 {
		args, after = args[:i], args[i+1:]
	}
	if r.shared.clang, err = sortClangFlags(after); err != nil {
		return nil, usagef(c, "%v", err)
	}
	r.shared.files = append(args, r.shared.clang.inputs...)
	return r, r.check(c)
}

// formFlag is the one of several forms of output that is asked for, empty for none.
func formFlag(c *cli.Context, forms ...string) (asked string, err error) {
	for _, form := range forms {
		if !c.Bool(form) {
			continue
		}
		if asked != "" {
			return "", usagef(c, "--%s and --%s exclude each other", asked, form)
		}
		asked = form
	}
	return asked, nil
}

// check finds flags that do not go together.
func (r *guardRequest) check(c *cli.Context) error {
	for _, name := range []string{"cache", "emit-summary", "compile-commands"} {
		if c.IsSet(name) && c.String(name) == "" {
			return usagef(c, "--%s needs a name", name)
		}
	}
	switch {
	case r.shared.quiet && r.shared.verbose:
		return usagef(c, "-q and -v exclude each other")
	case c.IsSet("jobs") && r.jobs < 1:
		return usagef(c, "--jobs needs a number above 0")
	case r.all && r.form != "":
		return usagef(c, "--all goes with text; --%s has all rows", r.form)
	case len(r.shared.files) == 0 && r.database == "":
		return usagef(c, "no input")
	case r.join && (len(r.terms) > 0 || r.hasSpec() || r.shared.entry != ""):
		return usagef(c, "--join takes the terms of the summaries")
	case r.join && (r.database != "" || r.cache != "" || r.emit != "" || r.form == "print-terms"):
		return usagef(c, "--join takes summaries alone")
	case r.join && r.whole:
		return usagef(c, "--join and --whole-program exclude each other")
	case r.join:
		return nil
	case r.closed && r.emit != "":
		return usagef(c, "--all-units goes with the join of the summaries, not with --emit-summary")
	case r.whole && (r.database != "" || r.cache != "" || r.emit != ""):
		return usagef(c, "--whole-program links the inputs: it goes neither with --compile-commands nor with --cache and --emit-summary")
	case len(r.shared.when) > 0 && r.shared.entry == "":
		return usagef(c, "--when belongs to -e FUNC")
	case r.shared.entry != "" && len(r.shared.when) == 0:
		return usagef(c, "-e FUNC says what --when is about; there is none")
	case len(r.terms) == 0 && !r.hasSpec():
		return usagef(c, "nothing to find: give --term TERM or --spec FILE")
	case r.emit != "" && (r.form != "" || r.all || r.strict):
		return usagef(c, "--emit-summary writes a summary and prints nothing")
	case r.emit != "" && (len(r.shared.files) != 1 || r.database != ""):
		return usagef(c, "--emit-summary is for one unit")
	case r.database != "" && len(r.shared.files) > 0:
		return usagef(c, "--compile-commands names all units; there is no place for %s", r.shared.files[0])
	}
	for _, f := range r.shared.files {
		if r.emit != "" && sameFile(f, r.emit) {
			return usagef(c, "--emit-summary %s would overwrite an input", r.emit)
		}
	}
	return nil
}

func guardAction(c *cli.Context) error {
	r, err := parseGuardRequest(c)
	if err != nil {
		return err
	}
	s, err := newSession(c, r.shared)
	if err != nil {
		return err
	}
	defer s.Close()
	g := &discovery{session: s, guardRequest: r}
	if r.join {
		err = g.readSummaries()
	} else {
		err = g.makeSummaries(c.Context)
	}
	if err == nil && r.form != "print-terms" && r.emit == "" {
		err = g.ledger()
	}
	return aboutTerms(err)
}

// aboutTerms says of faults in terms that they are in --term.
func aboutTerms(err error) error {
	for _, e := range flatten(err) {
		var fault *spec.Error
		if errors.As(e, &fault) && fault.Pos.File == "" {
			fault.Pos.File, fault.Pos.Line = "--term", 1
		}
	}
	return err
}

// A discovery is a run of the command.
type discovery struct {
	*session
	*guardRequest
	units   []*unit
	other   []string // files of a compilation database that are not C
	refused []refusal
}

// makeSummaries makes the summaries of the inputs.
func (g *discovery) makeSummaries(ctx context.Context) error {
	file, err := g.specification()
	if err != nil {
		return err
	}
	var terms []guard.Term
	for _, text := range g.terms {
		t, err := guard.ParseTerm(text)
		if err != nil {
			return err
		}
		terms = addTerm(terms, t)
	}
	if err := g.findUnits(); err != nil {
		return err
	}
	if g.emit != "" {
		if err := checkWritable(g.emit); err != nil {
			return err
		}
	}
	cache, err := newSummaryCache(g.cache)
	if err != nil {
		return err
	}
	s := newSummarizer(g.session, nil, cache, g.jobs)
	if s.whole = g.whole; g.whole {
		if err := s.link(ctx, g); err != nil {
			return err
		}
	}
	if len(file.Entries) > 0 {
		more, err := s.termsOf(ctx, g.units, file)
		if err != nil {
			return err
		}
		for _, t := range more {
			terms = addTerm(terms, t)
		}
		g.refused = s.refused
	}
	if g.form == "print-terms" {
		for _, t := range terms {
			fmt.Fprintln(g.stdout, t)
		}
		return nil
	}
	s.terms = terms
	if err := s.each(ctx, "summarizing", g.units, s.summarize); err != nil {
		return err
	}
	if g.emit == "" {
		return nil
	}
	text, err := g.units[0].sum.encode()
	if err != nil {
		return err
	}
	return s.writeFile(g.emit, text)
}

// findUnits makes units of the inputs.
func (g *discovery) findUnits() error {
	flags := g.clang.compile
	if g.hasSpec() {
		flags = g.compileFlags()
	}
	if g.database != "" {
		var err error
		g.units, g.other, err = readCompileDatabase(g.database, flags)
		return err
	}
	in, err := sortInputs(g.files, false)
	if err != nil {
		return err
	}
	for i, f := range in.modules {
		if slices.Contains(in.modules[:i], f) {
			return fmt.Errorf("%s: is given twice", f)
		}
		if ext := filepath.Ext(f); ext == ".ll" {
			if err := checkText(f); err != nil {
				return err
			}
		}
		g.units = append(g.units, &unit{name: f, file: f, arg: f, flags: flags})
	}
	return nil
}

// readSummaries reads the summaries to be joined.
func (g *discovery) readSummaries() error {
	var terms []string
	for i, f := range g.files {
		if slices.Contains(g.files[:i], f) {
			return fmt.Errorf("%s: is given twice", f)
		}
		sum, err := readSummary(f)
		if err != nil {
			return err
		}
		if i == 0 {
			terms = sum.Summary.Terms
		} else if !slices.Equal(terms, sum.Summary.Terms) {
			return fmt.Errorf("%s: has other terms than %s", f, g.files[0])
		}
		g.units = append(g.units, &unit{name: sum.Unit, file: f, sum: sum})
	}
	return nil
}

// writeFile writes an output, or leaves what was there.
func (s *session) writeFile(dst string, text []byte) error {
	src := s.ws.path("output")
	if err := os.WriteFile(src, text, 0o666); err != nil {
		return cannotWrite(dst, err)
	}
	return install(src, dst)
}

// printTimes prints what each unit took, all of them, and the phases.
func (g *discovery) printTimes() {
	var size int64
	cached := 0
	for _, u := range g.units {
		switch {
		case g.join:
		case u.cached:
			cached++
			fmt.Fprintf(g.bar, "%s: from the cache\n", u.name)
		default:
			size += u.size
			fmt.Fprintf(g.bar, "%s: %.1f MB of IR, compiled in %.0f ms, summarized in %.0f ms\n",
				u.name, float64(u.size)/1e6, ms(u.compile), ms(u.work))
		}
	}
	own, programs, peak := usage()
	fmt.Fprintf(g.bar, "%s, %d from the cache, %.1f MB of IR; processor time: %.1f s, and %.1f s of programs; %.0f MB of memory at the peak\n",
		plural(len(g.units), "unit"), cached, float64(size)/1e6, own.Seconds(), programs.Seconds(), float64(peak)/1e6)
	for _, t := range g.bar.times {
		fmt.Fprintf(g.bar, "%10.1f ms  %s\n", t.MS, t.Phase)
	}
}

// usage is the processor time of this process and of the programs that it has run, and
// the most memory that it has had, in bytes.
func usage() (own, programs time.Duration, peak int64) {
	var self, children syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &self) != nil || syscall.Getrusage(syscall.RUSAGE_CHILDREN, &children) != nil {
		return 0, 0, 0
	}
	return time.Duration(self.Utime.Nano() + self.Stime.Nano()), time.Duration(children.Utime.Nano() + children.Stime.Nano()), self.Maxrss << 10
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
