package main

// This file runs the commands that README.md shows and compares what they print.

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// An example is a command of README.md with what it prints.
type example struct{ command, output string }

// readmeExamples are the indented lines that begin with `$ `, each with the indented
// and empty lines after it.
func readmeExamples(text string) []example {
	var all []example
	inside := false
	for _, line := range strings.Split(text, "\n") {
		code, indented := strings.CutPrefix(line, "    ")
		command, begins := strings.CutPrefix(code, "$ ")
		switch {
		case indented && begins:
			command, _, _ = strings.Cut(command, "  #")
			all = append(all, example{command: strings.TrimSpace(command)})
			inside = true
		case inside && (indented || line == ""):
			all[len(all)-1].output += code + "\n"
		default:
			inside = false
		}
	}
	return all
}

// TestReadme runs the examples in a folder with the programs that they are about, but
// for pipes, in which other programs may be missing.
func TestReadme(t *testing.T) {
	needLLVM(t)
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"c/loop_power.c", "c/enum_switch.c", "c/enum_switch.yaml",
		"signal/signal.c", "signal/table.c", "signal/signal.h", "signal/table.h", "signal/impl.h", "signal/kill_usr1.yaml", "signal/kill_0.yaml",
		"../cmd/quasi/testdata/memguard/overflow.c"} {
		src, err := os.ReadFile(filepath.Join("../../testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, dir, filepath.Base(name), string(src))
	}
	t.Chdir(dir)
	examples := readmeExamples(string(text))
	if len(examples) < 8 {
		t.Fatalf("README.md has %d examples", len(examples))
	}
	for _, e := range examples {
		if strings.Contains(e.command, " | ") {
			continue
		}
		words, err := splitWords(e.command)
		if err != nil {
			t.Fatalf("%s: %v", e.command, err)
		}
		var got string
		if words[0] == "quasi" {
			_, stdout, stderr := quasi(words[1:]...)
			got = stdout + stderr
		} else {
			out, _ := exec.Command(words[0], words[1:]...).CombinedOutput()
			got = string(out)
		}
		if strings.TrimRight(got, "\n") != strings.TrimRight(e.output, "\n") {
			t.Errorf("%s\nprints\n%s\nREADME.md has\n%s", e.command, got, e.output)
		}
	}
}
