package main

// This file holds what tests of guards share.

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"quasi/guard"
)

// guardCounts sums up what the run-time tells of variants.
type guardCounts struct {
	Variants, Armed, Refused, Kept, Held, Violated int
}

func (g *guardCounts) add(h guardCounts) {
	g.Variants += h.Variants
	g.Armed += h.Armed
	g.Refused += h.Refused
	g.Kept += h.Kept
	g.Held += h.Held
	g.Violated += h.Violated
}

func (g guardCounts) String() string {
	return fmt.Sprintf("%d variants armed %d times, refused %d times, unplugged %d times; %d writes left them plugged, %d held them",
		g.Variants, g.Armed, g.Refused, g.Violated, g.Kept, g.Held)
}

// addInserted adds what one insertion has put in.
func addInserted(sum *guard.Inserted, n guard.Inserted) {
	sum.Writes += n.Writes
	sum.Guards += n.Guards
	sum.Batches += n.Batches
	sum.Quid += n.Quid
}

// read adds what programs have written to the file of QUASI_STATS; there is none if
// no variant was ever armed.
func (g *guardCounts) read(path string) {
	text, _ := os.ReadFile(path)
	for line := range strings.Lines(string(text)) {
		var plugged int
		h := guardCounts{Variants: 1}
		_, counts, _ := strings.Cut(line, ": plugged")
		if n, _ := fmt.Sscanf(counts, "%d, armed %d, refused %d, kept %d, held %d, violated %d", &plugged, &h.Armed, &h.Refused, &h.Kept, &h.Held, &h.Violated); n == 6 {
			g.add(h)
		}
	}
}

// TestGuards builds the programs guards_*.c of testdata/c with a guard for every write
// there is, whatever the ledger says. They do what clang -O0 makes of them, their
// variants are armed and unplugged, and no plugged one is ever called while a
// quasi-invariant does not hold (--check-guards).
func TestGuards(t *testing.T) {
	tc := needLLVM(t)
	eachSource(t, func(t *testing.T, p *program) {
		if !strings.HasPrefix(filepath.Base(p.path), "guards_") {
			t.Skip("not about guards")
		}
		t.Parallel()
		dir := t.TempDir()
		want := p.outcomes(t, tc, dir)
		for i, build := range p.builds {
			if i == 0 || !slices.ContainsFunc(build, func(s string) bool { return strings.HasPrefix(s, "--guards=") }) {
				continue
			}
			t.Run(strings.Join(build, "_"), func(t *testing.T) {
				for _, scheme := range []string{guardsTable, guardsEverything} {
					stats := filepath.Join(dir, fmt.Sprintf("stats%d-%s", i, scheme))
					guarded := filepath.Join(dir, fmt.Sprintf("guarded%d-%s", i, scheme))
					flags := slices.Clone(build)
					for i, f := range flags {
						if strings.HasPrefix(f, "--guards=") {
							flags[i] = "--guards=" + scheme
						}
					}
					mustQuasi(t, slices.Concat([]string{"build", "-q", "-o", guarded, p.path}, flags, []string{"--", "-w"})...)
					for i, r := range p.runs {
						args := append([]string{"QUASI_STATS=" + stats, "QUASI_BACKOFF=0", guarded}, r.args...)
						got, err := runProgram(20*time.Second, r.stdin, "env", args...)
						if err != nil || got != want[i] {
							t.Errorf("guards %s on %q: got %q, exit code %d, %v, want %q, exit code %d",
								scheme, r.args, got.stdout, got.code, err, want[i].stdout, want[i].code)
						}
					}
					var n guardCounts
					n.read(stats)
					if n.Armed == 0 || n.Violated == 0 {
						t.Errorf("guards %s: %v", scheme, n)
					}
				}
			})
		}
	})
}

// TestRuntimeCommand links an object with guards and the library.
func TestRuntimeCommand(t *testing.T) {
	tc := needLLVM(t)
	dir := t.TempDir()
	object, library, header, prog := filepath.Join(dir, "f.o"), filepath.Join(dir, "libquasi.a"), filepath.Join(dir, "quasi.h"), filepath.Join(dir, "prog")
	code, _, said := quasi("specialize", "-e", "direct", "--when", "mode == 1", "--guards=everything", "-o", object, "../../testdata/c/guards_extent.c")
	if code != exitDone || !strings.Contains(said, "quasi runtime") {
		t.Fatalf("exit code %d\n%s", code, said)
	}
	mustQuasi(t, "runtime", "-q", "-o", library)
	mustQuasi(t, "runtime", "-q", "-o", header)
	if text, err := os.ReadFile(header); err != nil || !strings.Contains(string(text), "QUASI_QUID") {
		t.Errorf("the header: %v", err)
	}
	compileC(t, tc, prog, object, library)
	compileC(t, tc, prog+"0", "-O0", "-w", "../../testdata/c/guards_extent.c")
	want, err := runProgram(10*time.Second, "", prog+"0", "2")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := runProgram(10*time.Second, "", prog, "2"); err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for _, out := range []string{"", "prog", "x.o"} {
		if code, _, said := quasi("runtime", "-o", out); code != exitUsage {
			t.Errorf("-o %q: exit code %d\n%s", out, code, said)
		}
	}
}

// TestGuardsSameName guards a variable while another file has a static one of its name, which
// linking renames, in either order of the files.
func TestGuardsSameName(t *testing.T) {
	needLLVM(t)
	dir := t.TempDir()
	t.Chdir(dir)
	writeFile(t, dir, "a.c", "static int mode; void set_a(int v) { mode = v; } int get_a(void) { return mode; }\n")
	b := `#include <stdio.h>
%sint mode = 2; void set_a(int); int get_a(void); void set_b(int v) { mode = v; }
__attribute__((noinline)) int get_b(int x) { return mode == 2 ? x + 100 : -x; }
int main(void)
{
    set_a(7); printf("%%d ", get_b(1));
    set_b(3); printf("%%d ", get_b(1));
    set_b(2); printf("%%d %%d\n", get_b(1), get_a());
    return 0;
}
`
	for _, linkage := range []string{"", "static "} {
		writeFile(t, dir, "b.c", fmt.Sprintf(b, linkage))
		for _, files := range [][]string{{"a.c", "b.c"}, {"b.c", "a.c"}} {
			mustQuasi(t, append([]string{"build", "-e", "get_b", "--when", "mode == 2", "--guards=table", "--check-guards", "-o", "prog"}, files...)...)
			if got, err := runProgram(10*time.Second, "", "./prog"); err != nil || got.stdout != "101 -1 101 7\n" {
				t.Errorf("%smode, %q: %v, %+v", linkage, files, err, got)
			}
		}
	}
}

// TestGuardsRefused has predicates tested at every call whose terms' writes cannot all
// be seen, and says where.
func TestGuardsRefused(t *testing.T) {
	needLLVM(t)
	src := filepath.Join(t.TempDir(), "x.c")
	text := "int open, closed; void outside(int *);\n" +
		"static int hidden;\n" +
		"int f(int x) { return open == 1 && hidden == 2 && closed == 3 ? x : -x; }\n" +
		"void g(void) { hidden++; closed = 1; outside(&open); }\n" +
		"int main(void) { g(); return f(1); }\n"
	if err := os.WriteFile(src, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "x.o")
	code, _, said := quasi("specialize", "-v", "-e", "f", "--when", "hidden == 2", "--when", "open == 1", "--when", "x > 0", "--guards=table", "-o", out, src)
	if code != exitDone {
		t.Fatalf("exit code %d\n%s", code, said)
	}
	for _, want := range []string{"'hidden == 2' is guarded", "'open == 1' is tested at every call: ", "'x > 0' is tested at every call: it reads no memory", "guards: 1 writes have 1 guards"} {
		if !strings.Contains(said, want) {
			t.Errorf("not said: %s\n%s", want, said)
		}
	}
	if code, _, said := quasi("build", "-e", "f", "--guards=sometimes", "-o", out, src); code != exitUsage || !strings.Contains(said, "sometimes") {
		t.Errorf("exit code %d\n%s", code, said)
	}
}
