package main

// This file holds the flags that analyze, specialize and build share.

import (
	"io"

	"github.com/urfave/cli/v2"

	"quasi/bta"
)

// The categories that --help groups flags by.
const (
	whatFlags   = "WHAT TO SPECIALIZE"
	modeFlags   = "ANALYSIS, for comparison with others"
	outputFlags = "OUTPUT"
)

// variantFlags say what to specialize and for which values.
func variantFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "entry", Aliases: []string{"e"}, Usage: "specialize `FUNC`", Category: whatFlags},
		&cli.StringSliceFlag{Name: "static", Usage: "parameter of FUNC with its value: `NAME=VALUE`, an integer, \"string\", null, &global or function (repeatable)", Category: whatFlags},
		&cli.StringSliceFlag{Name: "when", Usage: "quasi-invariant: a C `EXPR` over parameters, globals and fields (repeatable)", Category: whatFlags},
		&cli.StringSliceFlag{Name: "expect", Usage: "demand a binding time: `KEY=TIME`, a line (LINE, FUNC:LINE, FILE:LINE), variable (VAR, FUNC:VAR), \"result\" or FUNC, static, dynamic or static-and-dynamic (repeatable)", Category: whatFlags},
		&cli.StringSliceFlag{Name: "spec", Usage: "specification `FILE` in YAML (repeatable)", Category: whatFlags},
		&cli.IntFlag{Name: "max-variants", Usage: "analyze a function for at most `N` divisions of its arguments", DefaultText: "1024", Category: whatFlags},
		&cli.StringFlag{Name: "division", Usage: "binding times are given to a place at a `point` of the program, or to a variable for the whole program (uniform), as in C-Mix", Value: "point", Category: modeFlags},
		switchFlag(modeFlags, "monovariant", "analyze every function for one division of its arguments and memory"),
		switchFlag(modeFlags, "no-use-sensitivity", "addresses and objects that residual code needs are dynamic everywhere"),
		switchFlag(modeFlags, "no-return-sensitivity", "the result of a call that leaves residual code is dynamic"),
		boolFlag("quiet", "q", "no warnings, no progress"),
		boolFlag("verbose", "v", "report on stderr: programs run, sizes, what was generalized and why, times"),
	}
}

// switchFlag is a flag without a value.
func switchFlag(category, name, usage string) *cli.BoolFlag {
	return &cli.BoolFlag{Name: name, Usage: usage, Category: category, DisableDefaultText: true}
}

// boolFlag is a switch of the output; alias may be empty.
func boolFlag(name, alias, usage string) cli.Flag {
	f := switchFlag(outputFlags, name, usage)
	if alias != "" {
		f.Aliases = []string{alias}
	}
	return f
}

// A request is what the shared flags of a command line say.
type request struct {
	entry       string
	static      []string
	when        []string
	expect      []string
	specs       []string
	maxVariants int
	mode        bta.Mode
	guards      string
	checkGuards bool
	countCalls  bool
	memguard    bool
	quiet       bool
	verbose     bool

	files []string // before "--"
	clang *clangFlags
}

// parseRequest reads the shared flags and splits the arguments at "--".
func parseRequest(c *cli.Context) (*request, error) {
	r := &request{
		entry:       c.String("entry"),
		static:      c.StringSlice("static"),
		when:        c.StringSlice("when"),
		expect:      c.StringSlice("expect"),
		specs:       c.StringSlice("spec"),
		maxVariants: c.Int("max-variants"),
		mode: bta.Mode{
			Uniform:     c.String("division") == "uniform",
			Monovariant: c.Bool("monovariant"),
			NoUse:       c.Bool("no-use-sensitivity"),
			NoReturn:    c.Bool("no-return-sensitivity"),
		},
		guards:      c.String("guards"),
		checkGuards: c.Bool("check-guards"),
		countCalls:  c.Bool("count-calls"),
		memguard:    c.Bool("memguard"),
		quiet:       c.Bool("quiet"),
		verbose:     c.Bool("verbose"),
	}
	if err := checkGuards(c); err != nil {
		return nil, err
	}
	args := c.Args().Slice()
	var after []string
	for i, a := range args {
		if a == "--" {
			args, after = args[:i], args[i+1:]
			break
		}
	}
	r.files = args
	var err error
	if r.clang, err = sortClangFlags(after); err != nil {
		return nil, usagef(c, "%v", err)
	}
	r.files = append(r.files, r.clang.inputs...)
	switch {
	case len(r.files) == 0:
		return nil, usagef(c, "no input")
	case r.entry == "" && len(r.specs) == 0:
		return nil, usagef(c, "nothing to specialize: give -e FUNC or --spec FILE")
	case r.entry == "" && (len(r.static) > 0 || len(r.when) > 0 || len(r.expect) > 0):
		return nil, usagef(c, "--static, --when and --expect belong to -e FUNC")
	case c.String("division") != "point" && c.String("division") != "uniform":
		return nil, usagef(c, "--division is point or uniform, not %q", c.String("division"))
	case r.quiet && r.verbose:
		return nil, usagef(c, "-q and -v exclude each other")
	}
	return r, nil
}

// A session is one command at work: its request, programs, folder and the
// places it prints to.
type session struct {
	*request
	tc     *toolchain
	ws     *workspace
	bar    *progress
	stdout io.Writer
	diag   *diagnostics
}

// newSession begins the work of a command. Close ends it and leaves nothing.
func newSession(c *cli.Context, r *request) (*session, error) {
	ws, err := newWorkspace()
	if err != nil {
		return nil, err
	}
	stderr := c.App.ErrWriter
	colour := wantsColour(stderr)
	bar := newProgress(stderr, isTerminal(stderr) && !r.quiet)
	tc := &toolchain{stderr: bar, colour: colour, quiet: r.quiet, memory: r.mode.Uniform}
	if r.verbose {
		tc.log = bar
	}
	return &session{request: r, tc: tc, ws: ws, bar: bar, stdout: c.App.Writer, diag: newDiagnostics(bar, colour)}, nil
}

// Close removes the temporary folder and ends the progress line.
func (s *session) Close() {
	s.bar.Close()
	s.ws.Close()
}
