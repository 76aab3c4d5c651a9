package main

// This file holds the command compare: the modes of the analysis side by side
// on one program after another.

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/urfave/cli/v2"

	"quasi/pe"
)

func compareCommand() *cli.Command {
	return &cli.Command{
		Name:  "compare",
		Usage: "compare the modes of the analysis on a program: what is static, sizes, times, speed",
		UsageText: `quasi compare SUBJECT...
   quasi compare -e FUNC [--static NAME=VALUE] [--when EXPR] [--run ARGS] INPUT... [-- clang flags]
   quasi compare --spec FILE [--run ARGS] INPUT... [-- clang flags]

   quasi compare regexp                                  a subject of testdata, by its folder or its subject.yaml too
   quasi compare --all --html compare.html               all subjects, also as a page with plots
   quasi compare --modes=full,uniform --csv regexp       two modes, for a spreadsheet
   quasi compare -e power --static n=5 power.c           what is static, and sizes
   quasi compare -e power --static n=5 --run '3 5' power.c   and how often it is executed, and how fast it is`,
		Description: "A subject has inputs and a checker, as for quasi bench; of other programs --run says how their\n" +
			"main is called. Without it, nothing is executed, and what needs that is left out.\n" +
			"Modes see the same program points: C variables in registers, as all commands have them, or in\n" +
			"memory, one slot a variable, which a uniform division is about; memory:full is the full analysis\n" +
			"of that form. The row production is the pipeline of the other commands, peeled copies included.\n" +
			"Every program that is measured is compared with the generic one first; a difference is exit code 1.\n" +
			"The rows of a program are printed once it is done; interrupted, it writes what it has of the programs before.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "entry", Aliases: []string{"e"}, Usage: "specialize `FUNC`", Category: whatFlags},
			&cli.StringSliceFlag{Name: "static", Usage: "parameter of FUNC with its value: `NAME=VALUE` (repeatable)", Category: whatFlags},
			&cli.StringSliceFlag{Name: "when", Usage: "quasi-invariant: a C `EXPR` over parameters, globals and fields (repeatable)", Category: whatFlags},
			&cli.StringSliceFlag{Name: "spec", Usage: "specification `FILE` in YAML (repeatable)", Category: whatFlags},
			&cli.StringSliceFlag{Name: "run", Usage: "call main with `ARGS`, split as a shell does; ARGS < FILE gives it input (repeatable)", Category: whatFlags},
			switchFlag(whatFlags, "all", "all subjects of testdata"),
			&cli.StringFlag{Name: "testdata", Usage: "the `DIR` with the subjects", DefaultText: "testdata of the nearest folder above that has one", Category: whatFlags},
			&cli.IntFlag{Name: "max-variants", Usage: "analyze a function for at most `N` divisions of its arguments", DefaultText: "1024", Category: whatFlags},
			budgetFlag(),
			&cli.StringFlag{Name: "modes", Usage: "all, or a `LIST` such as production,full,no-use+no-return,memory:full,uniform", DefaultText: "production, full, each switch, all four; memory:full beside uniform", Category: modeFlags},
			boolFlag("json", "", "print JSON instead of a table"),
			boolFlag("csv", "", "print comma-separated values instead of a table"),
			&cli.StringFlag{Name: "html", Usage: "write a page with plots to `FILE`", Category: outputFlags},
			boolFlag("quick", "", "fewer repetitions"),
			boolFlag("no-times", "", "measure no times: the same output whenever it is run"),
			boolFlag("quiet", "q", "no warnings, no progress"),
			boolFlag("verbose", "v", "print the programs that are run"),
		},
		OnUsageError: onUsageError,
		Action:       compareAction,
	}
}

// A compareRequest is what a command line asks for: subjects, or the files of a
// request with the runs of their main.
type compareRequest struct {
	*request
	subjects []string // folders
	runs     []programCall
	modes    []compareMode
	budget   pe.Budget
}

// parseCompare reads the command line.
func parseCompare(c *cli.Context) (*compareRequest, error) {
	cr := &compareRequest{request: &request{
		entry: c.String("entry"), static: c.StringSlice("static"), when: c.StringSlice("when"), specs: c.StringSlice("spec"),
		maxVariants: c.Int("max-variants"), quiet: c.Bool("quiet"), verbose: c.Bool("verbose"), clang: &clangFlags{},
	}}
	var err error
	if cr.modes, err = parseModes(c.String("modes")); err != nil {
		return nil, usagef(c, "%v", err)
	}
	if cr.budget, err = budgetOf(c); err != nil {
		return nil, err
	}
	args := c.Args().Slice()
	if at := slices.Index(args, "--"); at >= 0 {
		if cr.clang, err = sortClangFlags(args[at+1:]); err != nil {
			return nil, usagef(c, "%v", err)
		}
		args = append(args[:at:at], cr.clang.inputs...)
	}
	specified := cr.entry != "" || len(cr.specs) > 0
	hasFlags := slices.Contains(c.Args().Slice(), "--")
	switch {
	case c.Bool("json") && c.Bool("csv"):
		return nil, usagef(c, "--json and --csv exclude each other")
	case c.IsSet("html") && c.String("html") == "":
		return nil, usagef(c, "--html needs a file")
	case cr.quiet && cr.verbose:
		return nil, usagef(c, "-q and -v exclude each other")
	case c.Bool("all") && (len(args) > 0 || specified):
		return nil, usagef(c, "--all takes no other program")
	case !specified && hasFlags:
		return nil, usagef(c, "clang flags go with -e FUNC or --spec FILE; a subject has flags of its own")
	case cr.entry == "" && (len(cr.static) > 0 || len(cr.when) > 0):
		return nil, usagef(c, "--static and --when belong to -e FUNC")
	}
	if c.Bool("all") {
		cr.subjects, err = allSubjects(c.String("testdata"))
		return cr, err
	}
	if len(args) == 0 {
		return nil, usagef(c, "nothing to compare: give subjects, or inputs with -e FUNC or --spec FILE")
	}
	if specified {
		cr.files = args
		for _, text := range c.StringSlice("run") {
			call, err := parseCall(text)
			if err != nil {
				return nil, usagef(c, "--run: %v", err)
			}
			cr.runs = append(cr.runs, call)
		}
		return cr, nil
	}
	if len(c.StringSlice("run")) > 0 {
		return nil, usagef(c, "--run goes with -e FUNC or --spec FILE; a subject has inputs of its own")
	}
	var errs []error
	for _, a := range args {
		dir, err := findSubject(c, a)
		if dir != "" && slices.Contains(cr.subjects, dir) {
			err = usagef(c, "subject %s is there twice", a)
		}
		errs = append(errs, err)
		cr.subjects = append(cr.subjects, dir)
	}
	return cr, errors.Join(errs...)
}

// subjectFile describes a subject in its folder.
const subjectFile = "subject.yaml"

// findSubject is the folder of a subject given by its name, its folder or its file.
func findSubject(c *cli.Context, arg string) (string, error) {
	path := arg
	if filepath.Base(path) == subjectFile {
		path = filepath.Dir(path)
	}
	if _, err := os.Stat(filepath.Join(path, subjectFile)); err == nil {
		return filepath.Abs(path)
	}
	if data, err := findTestdata(c.String("testdata"), arg); err == nil && filepath.IsLocal(arg) {
		if _, err := os.Stat(filepath.Join(data, arg, subjectFile)); err == nil {
			return filepath.Join(data, arg), nil
		}
	}
	if info, err := os.Stat(arg); err == nil && !info.IsDir() {
		return "", usagef(c, "nothing to specialize in %s: give -e FUNC or --spec FILE", arg)
	}
	return "", usagef(c, "there is no subject %q: want a folder with a %s, its name in testdata, or inputs with -e FUNC or --spec FILE", arg, subjectFile)
}

// allSubjects are the folders of all subjects, by name, the slow ones last.
func allSubjects(data string) ([]string, error) {
	data, err := findTestdata(data, "subject")
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(data, "*", subjectFile))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no folder has a %s", data, subjectFile)
	}
	var fast, slow []string
	for _, name := range files {
		// What is wrong with the file is said when its turn has come.
		var s subject
		if text, err := os.ReadFile(name); err == nil && yaml.Unmarshal(text, &s) == nil && s.Slow {
			slow = append(slow, filepath.Dir(name))
		} else {
			fast = append(fast, filepath.Dir(name))
		}
	}
	return append(fast, slow...), err
}

func compareAction(c *cli.Context) error {
	cr, err := parseCompare(c)
	if err != nil {
		return err
	}
	html := c.String("html")
	if html != "" {
		if err := checkOutput(c, html, cr.request); err != nil {
			return err
		}
	}
	s, err := newSession(c, cr.request)
	if err != nil {
		return err
	}
	defer s.Close()
	cmp := &comparer{session: s, ctx: c.Context, modes: cr.modes, repeats: 3, quick: c.Bool("quick"), noTimes: c.Bool("no-times"), budget: cr.budget}
	if cmp.quick || cmp.noTimes {
		cmp.repeats = 1
	}
	done := func(*programReport) error { return nil }
	if !c.Bool("json") && !c.Bool("csv") {
		done = newCompareTable(s.stdout, cr).add
	}
	all, failed := cmp.compare(cr, done)
	s.bar.rest()
	if len(all.Programs) == 0 {
		return failed
	}
	switch {
	case c.Bool("json"):
		err = all.json(s.stdout)
	case c.Bool("csv"):
		err = all.csv(s.stdout)
	}
	if err == nil && html != "" {
		var page []byte
		if page, err = all.page(); err == nil {
			err = s.deliverPage(page, html)
		}
	}
	return errors.Join(failed, err)
}

// An interruptedError says what a run that was interrupted has done before.
type interruptedError struct{ done []string }

func (e *interruptedError) Error() string {
	return "interrupted; what there is covers " + strings.Join(e.done, ", ") + " alone"
}

// compare compares the modes on all that was asked for, and calls done after each
// program. Subjects that fail are in the error, what was found of the others in the
// comparison; interrupted, it has those before.
func (c *comparer) compare(cr *compareRequest, done func(*programReport) error) (*comparison, error) {
	all := &comparison{}
	add := func(p *programReport) error {
		all.Programs = append(all.Programs, p)
		c.bar.rest()
		return done(p)
	}
	if len(cr.subjects) == 0 {
		p, err := c.program(cr)
		if err == nil {
			err = add(p)
		}
		return all, err
	}
	var failed []error
	for i, dir := range cr.subjects {
		if len(cr.subjects) > 1 {
			c.bar.title(fmt.Sprintf("%s (%d of %d)", filepath.Base(dir), i+1, len(cr.subjects)))
		}
		p, err := c.subject(dir)
		if err == nil {
			if err := add(p); err != nil {
				return all, err
			}
		}
		if c.ctx.Err() != nil && (err != nil || i+1 < len(cr.subjects)) {
			if len(all.Programs) == 0 {
				return all, c.ctx.Err()
			}
			stopped := &interruptedError{}
			for _, p := range all.Programs {
				stopped.done = append(stopped.done, p.Name)
			}
			return all, stopped
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", filepath.Base(dir), err))
		}
	}
	return all, errors.Join(failed...)
}
