package main

// This file reads compile_commands.json, in which build systems write down how
// each file is compiled, and makes units of its entries.

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// compileDatabaseName is the name that build systems give the file.
const compileDatabaseName = "compile_commands.json"

// A compileCommand is an entry of a compilation database.
type compileCommand struct {
	Directory string   `json:"directory"`
	File      string   `json:"file"`
	Command   string   `json:"command"`
	Arguments []string `json:"arguments"`
	Output    string   `json:"output"`
}

// readCompileDatabase makes units of the C files in a compilation database, which
// is named itself or by its folder; other lists the files that are not C.
func readCompileDatabase(name string, more []string) (units []*unit, other []string, err error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		name = filepath.Join(name, compileDatabaseName)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, cause(err))
	}
	var commands []compileCommand
	if err := json.Unmarshal(text, &commands); err != nil {
		return nil, nil, fmt.Errorf("%s: not a compilation database, an array of objects with directory, file, and command or arguments", name)
	}
	seen := make(map[string]int)
	for i, c := range commands {
		if c.File == "" {
			return nil, nil, fmt.Errorf("%s: entry %d has no file", name, i+1)
		}
		dir := c.Directory
		if !filepath.IsAbs(dir) { // against the standard, but some write it so
			dir = filepath.Join(filepath.Dir(name), dir)
		}
		if dir, err = filepath.Abs(dir); err != nil {
			return nil, nil, err
		}
		file := c.File
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		shown := shortPath(file)
		if ext := filepath.Ext(file); ext != ".c" && ext != ".i" {
			other = append(other, shown)
			continue
		}
		if _, err := os.Stat(file); err != nil {
			return nil, nil, fmt.Errorf("%s: %s: %w", name, shown, cause(err))
		}
		args := c.Arguments
		if len(args) == 0 {
			if args, err = shellWords(c.Command); err != nil {
				return nil, nil, fmt.Errorf("%s: %s: %w", name, shown, err)
			}
		}
		if len(args) == 0 {
			return nil, nil, fmt.Errorf("%s: %s: no command", name, shown)
		}
		flags, err := sortClangFlags(compilerFlags(args[1:]))
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %s: %w", name, shown, err)
		}
		u := &unit{name: shown, file: file, arg: c.File, dir: dir}
		u.flags = append(append(append(u.flags, flags.compile...), "-w"), more...)
		// A file may be compiled several times, each time to be another unit.
		if seen[shown]++; seen[shown] > 1 {
			u.name = fmt.Sprintf("%s (%d)", shown, seen[shown])
		}
		units = append(units, u)
	}
	if len(units) == 0 {
		return nil, nil, fmt.Errorf("%s: has no C file", name)
	}
	return units, other, nil
}

// dropped are the flags of a compiler that say what to make and where, and not how:
// with the number of arguments that follow each.
var dropped = map[string]int{
	"-c": 0, "-S": 0, "-E": 0, "-emit-llvm": 0, "-o": 1, "-x": 1,
	"-M": 0, "-MM": 0, "-MD": 0, "-MMD": 0, "-MG": 0, "-MP": 0, "-MV": 0, "-MF": 1, "-MT": 1, "-MQ": 1, "-MJ": 1,
	"-Xassembler": 1, "--param": 1,
}

// compilerFlags leaves of a compiler's arguments what decides the meaning of the
// file: no inputs, no outputs.
func compilerFlags(args []string) []string {
	var kept []string
	for i := 0; i < len(args); i++ {
		a := args[i]
		n, drop := dropped[a]
		switch {
		case drop:
			i += n
		case strings.HasPrefix(a, "-Wp,-M"), strings.HasPrefix(a, "-flto"), strings.HasPrefix(a, "-o"):
		case a == "--":
			return kept
		case !strings.HasPrefix(a, "-"):
		default:
			kept = append(kept, a)
			if _, takes := separateValue[a]; (takes || a == "-Xclang") && i+1 < len(args) {
				i++
				kept = append(kept, args[i])
			}
		}
	}
	return kept
}

// shellWords splits a command as a shell does that substitutes nothing: at white
// space outside quotes; a backslash takes the next character as it is, within "" only
// if that is one of \ " $ `.
func shellWords(s string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord, quote := false, byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote == '\'' && c != quote:
			word.WriteByte(c)
		case quote != 0 && c == quote:
			quote = 0
		case c == '\\' && i+1 < len(s) && (quote == 0 || strings.IndexByte("\\\"$`", s[i+1]) >= 0):
			i++
			word.WriteByte(s[i])
			inWord = true
		case quote != 0:
			word.WriteByte(c)
		case c == '\'' || c == '"':
			quote, inWord = c, true
		case c == ' ' || c == '\t' || c == '\n':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("unfinished quote in %s", s)
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// shortPath is how a file is called from here: relative if it is below the current
// folder.
func shortPath(file string) string {
	here, err := os.Getwd()
	if err != nil {
		return file
	}
	rel, err := filepath.Rel(here, file)
	if err != nil || rel == ".." || strings.HasPrefix(rel, "../") {
		return file
	}
	return rel
}
