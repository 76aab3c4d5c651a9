// Command quasi specializes C programs with respect to what usually holds.
//
// It is the only part of the module that runs other programs, prints and
// exits. Exit codes: 0 done, 1 the input is at fault (a message with its
// position), 2 usage, 3 an internal error, 141 nobody reads its output.
package main

// This file holds the application, its exit codes and the top of every run.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"
)

// The exit codes.
const (
	exitDone     = 0
	exitInput    = 1
	exitUsage    = 2
	exitInternal = 3
	exitPipe     = 128 + int(syscall.SIGPIPE) // nobody reads the output: as if the signal had ended it
)

func main() {
	// The parser of IR writes notes of its own to the standard logger.
	log.SetOutput(io.Discard)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A write to a pipe that nobody reads is to fail, not to end the run with its
	// temporary folder left.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	code := run(ctx, os.Args, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run runs one command line and returns its exit code. When ctx ends, running
// programs are killed, temporary folders removed, and no output is left.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	diag := newDiagnostics(stderr, wantsColour(stderr))
	defer func() {
		if v := recover(); v != nil {
			err := asInternal("command line", "", v)
			diag.report(err)
			code = exitCode(err)
		}
	}()
	out := &output{w: stdout}
	app := newApp(out, stderr)
	ctx = context.WithValue(ctx, argsKey{}, args)
	args, err := reorder(app, args)
	if err == nil {
		err = app.RunContext(ctx, args)
	}
	switch {
	case ctx.Err() != nil && err != nil:
		if part := new(interruptedError); errors.As(err, &part) {
			err = part
		} else {
			err = errors.New("interrupted")
		}
	case errors.Is(out.err, syscall.EPIPE):
		return exitPipe
	case out.err != nil:
		err = cannotWrite("stdout", out.err)
	}
	if err != nil {
		diag.report(err)
	}
	return exitCode(err)
}

// An output is stdout: after a write that fails there are no more, so that what
// prints line by line need not look at each.
type output struct {
	w   io.Writer
	err error // of the first write that failed
}

func (o *output) Write(b []byte) (n int, err error) {
	if o.err == nil {
		n, o.err = o.w.Write(b)
	}
	return n, o.err
}

// newApp returns the application. It never exits: errors come back from Run.
func newApp(stdout, stderr io.Writer) *cli.App {
	cli.VersionFlag = &cli.BoolFlag{Name: "version", Usage: "print the version", DisableDefaultText: true}
	return &cli.App{
		Name:      "quasi",
		Usage:     "specialize C programs with respect to what usually holds",
		UsageText: "quasi COMMAND [flags] INPUT... [-- clang flags]",
		Description: "quasi divides a function and all it calls into what is known (static) and what is\n" +
			"not (dynamic), evaluates the static part, and links the residual code beside the\n" +
			"generic code, which takes over whenever the stated quasi-invariants do not hold.\n" +
			"quasi guard finds every write that could break a quasi-invariant.",
		Version:   version,
		Writer:    stdout,
		ErrWriter: stderr,
		Commands: []*cli.Command{
			analyzeCommand(),
			specializeCommand(),
			buildCommand(),
			guardCommand(),
			memguardCommand(),
			runtimeCommand(),
			benchCommand(),
			compareCommand(),
			versionCommand(),
			completionCommand(),
		},
		EnableBashCompletion:      true,
		DisableSliceFlagSeparator: true,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              onUsageError,
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef(c, "unknown command %q (%s)", c.Args().First(), strings.Join(commandNames(c.App), ", "))
			}
			return cli.ShowAppHelp(c)
		},
	}
}

// commandNames lists the commands a user may type.
func commandNames(app *cli.App) []string {
	var names []string
	for _, c := range app.Commands {
		if !c.Hidden {
			names = append(names, c.Name)
		}
	}
	return names
}

// A usageError says that the command line is at fault.
type usageError struct {
	command string // "quasi build"
	err     error
}

func (e *usageError) Error() string {
	return fmt.Sprintf("%v; see '%s --help'", e.err, e.command)
}

func (e *usageError) Unwrap() error { return e.err }

// usagef is an error about the command line of c.
func usagef(c *cli.Context, format string, args ...any) error {
	name := "quasi"
	if c != nil && c.Command != nil && c.Command.Name != "" && c.Command.Name != "quasi" {
		name += " " + c.Command.Name
	}
	return &usageError{command: name, err: fmt.Errorf(format, args...)}
}

// onUsageError turns what the flag parser says into a usageError, without the
// page of help that cli prints by default.
func onUsageError(c *cli.Context, err error, _ bool) error {
	if flag, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: "); ok {
		if strings.Contains(c.Command.UsageText, "[-- clang flags]") {
			return usagef(c, "there is no flag %s (flags for clang come after --)", flag)
		}
		return usagef(c, "there is no flag %s", flag)
	}
	return usagef(c, "%v", err)
}

// exitCode is the exit code that stands for err.
func exitCode(err error) int {
	var usage *usageError
	var internal *internalError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &internal):
		return exitInternal
	case errors.As(err, &usage):
		return exitUsage
	default:
		return exitInput
	}
}

// reorder moves the flags of a command before its other arguments, because the
// flag parser stops at the first argument that is no flag, and `quasi analyze
// x.c -e f` is how people type. What follows "--" stays as it is, after one
// more "--" that ends the flags for the parser.
func reorder(app *cli.App, args []string) ([]string, error) {
	if len(args) < 2 || args[len(args)-1] == "--generate-bash-completion" {
		return args, nil
	}
	at := 1
	cmd := app.Command(args[at])
	if cmd == nil {
		return args, nil
	}
	for at+1 < len(args) {
		var sub *cli.Command
		for _, s := range cmd.Subcommands {
			if s.HasName(args[at+1]) {
				sub = s
			}
		}
		if sub == nil {
			break
		}
		cmd, at = sub, at+1
	}
	flags := append([]string(nil), args[:at+1]...)
	var rest []string
	for i := at + 1; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			rest = append(rest, args[i:]...)
			i = len(args)
		case len(a) < 2 || a[0] != '-':
			rest = append(rest, a)
		default:
			name, value, hasValue := strings.Cut(strings.TrimLeft(a, "-"), "=")
			f := flagOf(cmd, name)
			if f == nil {
				flags = append(flags, a)
				continue
			}
			// The flag parser refuses -t and --term on one line: the first name stands for all.
			name = "--" + f.Names()[0]
			if hasValue {
				name += "=" + value
			}
			flags = append(flags, name)
			if _, isBool := f.(*cli.BoolFlag); !isBool && !hasValue {
				i++
				if i == len(args) {
					return nil, &usageError{command: "quasi " + cmd.Name, err: fmt.Errorf("flag %s needs a value", a)}
				}
				flags = append(flags, args[i])
			}
		}
	}
	if len(rest) == 0 {
		return flags, nil
	}
	return append(append(flags, "--"), rest...), nil
}

// flagOf is the flag of cmd that has the name, nil if there is none.
func flagOf(cmd *cli.Command, name string) cli.Flag {
	for _, f := range cmd.Flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}
