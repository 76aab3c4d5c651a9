package main

// This file holds the command runtime: the library that objects with guards are
// linked with.

import (
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"quasi/guard"
)

func runtimeCommand() *cli.Command {
	return &cli.Command{
		Name:  "runtime",
		Usage: "make the library that objects with guards are linked with, or its header",
		UsageText: `quasi runtime -o libquasi.a     the library
   quasi runtime -o quasi.h        the header: QUASI_QUID, guards by hand, slots, MemGuard

   cc -o prog prog.c libquasi.a -lpthread     C with quasi.h, by any C compiler`,
		Description: "`quasi build` links the run-time by itself. What `quasi specialize` writes with guards, and C that\n" +
			"uses quasi.h, is to be linked with libquasi.a; a program gets of it what it uses.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write `OUT` (.a, or quasi.h)", Category: outputFlags},
			boolFlag("quiet", "q", "no progress"),
			boolFlag("verbose", "v", "print the programs that are run"),
		},
		OnUsageError: onUsageError,
		Action:       runtimeAction,
	}
}

func runtimeAction(c *cli.Context) error {
	out := c.String("output")
	header := filepath.Ext(out) == ".h"
	if c.Args().Present() {
		return usagef(c, "there are no inputs, but %q was given", c.Args().First())
	}
	if !header && filepath.Ext(out) != ".a" {
		return usagef(c, "give the library or the header a name: -o libquasi.a or -o quasi.h")
	}
	if err := checkWritable(out); err != nil {
		return err
	}
	s, err := newSession(c, &request{quiet: c.Bool("quiet"), verbose: c.Bool("verbose"), clang: &clangFlags{}})
	if err != nil {
		return err
	}
	defer s.Close()
	if header {
		made := s.ws.path("quasi.h")
		if err := writeHeader(made); err != nil {
			return err
		}
		return install(made, out)
	}
	s.bar.enter("compiling")
	made, err := s.tc.makeRuntime(c.Context, s.ws, nil)
	if err != nil {
		return err
	}
	return install(made, out)
}

// writeHeader writes quasi.h to a file.
func writeHeader(file string) error {
	text, err := fs.ReadFile(guard.Runtime(), "quasi.h")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, text, 0o666); err != nil {
		return cannotWrite(file, cause(err))
	}
	return nil
}
