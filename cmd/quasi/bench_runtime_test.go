package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"quasi/ir/irtest"
)

// What the program of bench runtime prints is what the tables are made of.
func TestBenchReplug(t *testing.T) {
	program := filepath.Join(t.TempDir(), "replug")
	rt := "../../guard/rt"
	args := []string{"-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-I" + rt, "-o", program, "../../testdata/runtime/replug.c",
		rt + "/replug.c", rt + "/replug_patch.c", "-pthread"}
	if out, err := exec.Command(irtest.Tool(t, "clang"), args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := exec.Command(program).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	b := &bench{replug: newSamples(1)}
	if err := b.replug.add(text); err != nil {
		t.Fatal(err)
	}
	calls, err := b.replugCalls()
	if err != nil {
		t.Fatal(err)
	}
	replacements, err := b.replugReplacements()
	if err != nil {
		t.Fatal(err)
	}
	missing := strings.Count(calls+replacements, " -  ") + strings.Count(calls+replacements, " -\n")
	if one := strings.Contains(calls, "one processor"); !one && missing > 0 || one && missing != len(replugRows)+4 {
		t.Errorf("%d cells are empty:\n%s%s", missing, calls, replacements)
	}
	for _, r := range replugRows {
		if !strings.Contains(calls, "  "+r.head+" ") {
			t.Errorf("no row %q in\n%s", r.head, calls)
		}
	}
}

// On one processor, and where priorities are not allowed, the tables say so.
func TestBenchReplugNotes(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{"policy 1\ncall/direct/1 2\ncall/simple/1 3\n", "one processor"},
		{"policy 0\ncall/direct/1 2\ncall/direct/2 2\n", "not allowed"},
	} {
		b := &bench{replug: newSamples(1)}
		if err := b.replug.add([]byte(c.lines)); err != nil {
			t.Fatal(err)
		}
		got, err := b.replugCalls()
		if err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%v, and no %q in\n%s", err, c.want, got)
		}
	}
}
