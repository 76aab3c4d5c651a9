package main

// This file edits the text of modules that LLVM programs have written.

import (
	"os"
	"regexp"
	"strings"
)

// tidy drops from a module's text the name of the temporary file that an LLVM
// program read it from.
func tidy(path string) error {
	return editLines(path, func(line string) (string, bool) {
		return line, !strings.HasPrefix(line, "; ModuleID")
	})
}

var (
	moduleNoise = regexp.MustCompile(`^(; ModuleID|source_filename|target |attributes #|; Function Attrs|!)`)
	lineNoise   = regexp.MustCompile(`,? !(tbaa|tbaa\.struct|srcloc|range|noundef|prof|llvm\.loop) !\d+| #\d+|noundef `)
)

// forReading leaves of a module what a reader looks for: functions and globals
// without attribute groups and metadata.
func forReading(path string) error {
	return editLines(path, func(line string) (string, bool) {
		return lineNoise.ReplaceAllString(line, ""), !moduleNoise.MatchString(line)
	})
}

// editLines rewrites a file line by line; of several empty lines one is kept,
// none at the ends.
func editLines(path string, edit func(line string) (kept string, keep bool)) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var b strings.Builder
	gap := false
	for line := range strings.Lines(string(text)) {
		line, keep := edit(strings.TrimSuffix(line, "\n"))
		switch {
		case !keep:
		case line == "":
			gap = b.Len() > 0
		default:
			if gap {
				b.WriteByte('\n')
			}
			gap = false
			b.WriteString(line + "\n")
		}
	}
	return os.WriteFile(path, []byte(b.String()), 0o666)
}
