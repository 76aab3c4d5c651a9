package main

// This file tests the command guard: what it prints in each form, units by
// themselves and joined, the cache, and the compilation database.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"quasi/guard"
)

const guardHeader = `struct account { long balance; int owner, limit; };
extern struct account *current;
void charge(struct account *a, long amount);
`

const guardA = `#include "account.h"
struct account *current;
void charge(struct account *a, long amount)
{
    a->balance -= amount;
}
void give(struct account *a, int owner)
{
    a->owner = owner;
}
`

const guardB = `#include "account.h"
#include <string.h>
void grow(void)
{
    current->limit++;
}
void copy(struct account *a, const struct account *b)
{
    *a = *b;
    charge(a, 3);
}
int allowed(void)
{
    return current->owner == 1 && current->limit > 2;
}
`

const guardSpec = `specialize:
  - function: allowed
    when: [ current->owner == 1 ]
`

// inAccounts makes a folder with two units, and the folder current.
func inAccounts(t *testing.T) string {
	t.Helper()
	needLLVM(t)
	dir := t.TempDir()
	t.Chdir(dir)
	writeFile(t, dir, "account.h", guardHeader)
	writeFile(t, dir, "a.c", guardA)
	writeFile(t, dir, "b.c", guardB)
	writeFile(t, dir, "allowed.yaml", guardSpec)
	return dir
}

// guardJSON runs guard --json.
func guardJSON(t *testing.T, args ...string) *guardReport {
	t.Helper()
	var rep guardReport
	if err := json.Unmarshal([]byte(mustQuasi(t, append([]string{"guard", "--json"}, args...)...)), &rep); err != nil {
		t.Fatal(err)
	}
	return &rep
}

// at lists the rows of a term that need guards, as file:line.
func (r *guardReport) at(term string) []string {
	var all []string
	for _, row := range r.Rows {
		if row.Term == term && needsGuard(row.Class) {
			all = append(all, fmt.Sprintf("%s:%d", row.File, row.Line))
		}
	}
	return slices.Compact(all)
}

func TestGuardUnits(t *testing.T) {
	inAccounts(t)
	const owner = "struct account.owner"
	rep := guardJSON(t, "--term", owner, "--term", "current", "a.c", "b.c")
	if got, want := rep.at(owner), []string{"a.c:9", "b.c:9"}; !slices.Equal(got, want) {
		t.Errorf("writes of %s: %q, want %q", owner, got, want)
	}
	if got := rep.at("current"); len(got) != 0 {
		t.Errorf("writes of current: %q, want none", got)
	}
	if want := []string{"a.c", "b.c"}; !slices.Equal(rep.Units, want) {
		t.Errorf("units %q, want %q", rep.Units, want)
	}
	bySpec := guardJSON(t, "--spec", "allowed.yaml", "a.c", "b.c")
	byFlags := guardJSON(t, "-e", "allowed", "--when", "current->owner == 1", "a.c", "b.c")
	for _, other := range []*guardReport{bySpec, byFlags} {
		for _, term := range []string{"current", owner} {
			if got, want := other.at(term), rep.at(term); !slices.Equal(got, want) {
				t.Errorf("writes of %s, a term of a predicate: %q, want %q", term, got, want)
			}
		}
	}
	if got, want := mustQuasi(t, "guard", "--print-terms", "--spec", "allowed.yaml", "--term", "current", "a.c", "b.c"), "current\n"+owner+"\n"; got != want {
		t.Errorf("--print-terms: %q, want %q", got, want)
	}
}

// TestGuardWhole checks that in a whole program more is known: no other code can call
// its functions.
func TestGuardWhole(t *testing.T) {
	dir := inAccounts(t)
	writeFile(t, dir, "w.c", `#include "account.h"
int amount, *at;
void put(int *p) { *p = 1; }
void own(struct account *a) { at = &a->owner; }
int main(void) { struct account a; current = &a; put(&amount); return current->owner; }
`)
	const owner = "struct account.owner"
	args := []string{"--term", owner, "a.c", "b.c", "w.c"}
	apart, whole := guardJSON(t, args...), guardJSON(t, append([]string{"--whole-program"}, args...)...)
	if got, want := apart.at(owner), []string{"a.c:9", "b.c:9", "w.c:3"}; !slices.Equal(got, want) {
		t.Errorf("writes in the units: %q, want %q", got, want)
	}
	if got, want := whole.at(owner), []string{"a.c:9", "b.c:9"}; !slices.Equal(got, want) {
		t.Errorf("writes in the whole program: %q, want %q", got, want)
	}
	if len(whole.Units) != 1 || len(apart.Units) != 3 {
		t.Errorf("units: %q of the whole program, %q", whole.Units, apart.Units)
	}
}

// TestGuardAllUnits checks that all units of a program together have what it calls
// through pointers, also where summaries are joined.
func TestGuardAllUnits(t *testing.T) {
	dir := inAccounts(t)
	writeFile(t, dir, "w.c", `#include "account.h"
static void each(void (*f)(struct account *)) { f(current); }
static void close_one(struct account *a) { a->owner = 0; }
void (*chosen)(struct account *) = close_one;
int main(void) { each(chosen); return 0; }
`)
	const owner = "struct account.owner"
	mustQuasi(t, "guard", "--term", owner, "--emit-summary", "w.guard", "w.c")
	if code, _, _ := quasi("guard", "--strict", "--join", "w.guard"); code != exitInput {
		t.Errorf("w.c alone: exit code %d, want %d", code, exitInput)
	}
	mustQuasi(t, "guard", "--strict", "--all-units", "--join", "w.guard")
	mustQuasi(t, "guard", "--strict", "--all-units", "--term", owner, "a.c", "w.c")
}

// TestGuardWholeTypes links units with two structs of the same layout: the linker makes
// one IR type of them, and names it for one.
func TestGuardWholeTypes(t *testing.T) {
	dir := inAccounts(t)
	writeFile(t, dir, "first.c", "struct time { long s, u; };\nstruct time now;\nvoid set(struct time *t) { t->s = 1; }\n")
	writeFile(t, dir, "second.c", `struct id { long ms, seq; };
struct id x, y;
void copy(struct id *a, struct id *b) { *a = *b; }
int main(void) { copy(&x, &y); return x.ms; }
`)
	const term = "struct id.ms"
	args := []string{"--term", term, "first.c", "second.c"}
	for _, rep := range []*guardReport{guardJSON(t, args...), guardJSON(t, append([]string{"--whole-program"}, args...)...)} {
		if got := rep.at(term); !slices.Contains(got, "second.c:3") {
			t.Errorf("writes of %s in units %q: %q, want second.c:3 among them", term, rep.Units, got)
		}
	}
}

// TestGuardText checks what people read: diagnostics with code line and caret.
func TestGuardText(t *testing.T) {
	dir := inAccounts(t)
	const term = "struct account.owner"
	writeFile(t, dir, "m.c", "#include <string.h>\n#include \"account.h\"\nvoid reset(struct account *a)\n{\n    memset(a, 0, sizeof *a);\n}\n")
	reset := mustQuasi(t, "guard", "--term", term, "m.c")
	if n := strings.Count(reset, "m.c:5:"); n != 1 || !regexp.MustCompile(`m\.c:5:5: warning: must be guarded: .* \[must-guard, by-fill, memory-function\]\n`).MatchString(reset) {
		t.Errorf("a row with a warning:\n%s", reset)
	}
	out := mustQuasi(t, "guard", "--term", term, "--term", "struct account.limit", "a.c", "b.c")
	for _, want := range []string{
		`(?m)^struct account\.owner: \d+ rows? \(2 must-guard\); complete$`,
		`(?m)^a\.c:9:14: remark: must be guarded: .* \[must-guard, by-field\]\n    a->owner = owner;\n             \^$`,
		`(?m)^b\.c:9:\d+: remark: .* \[must-guard, by-copy\]\n    \*a = \*b;\n +\^$`,
		`(?m)^\nstruct account\.limit: `,
		`(?m)^b\.c:5:19: remark: .*\n    current->limit\+\+;`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("no match of %s in\n%s", want, out)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Errorf("colour where there is no terminal: %q", out)
	}
	table := mustQuasi(t, "guard", "--summary", "--term", term, "a.c", "b.c")
	if !regexp.MustCompile(`^term +must-guard +may-write +not-visible .* warnings  complete\nstruct account\.owner +2 .*\n$`).MatchString(table) {
		t.Errorf("--summary:\n%s", table)
	}
}

// TestGuardOrder checks that neither the number of jobs nor chance changes a byte.
func TestGuardOrder(t *testing.T) {
	dir := inAccounts(t)
	var names []string
	for i := range 9 {
		name := fmt.Sprintf("u%d.c", i)
		writeFile(t, dir, name, strings.ReplaceAll(strings.ReplaceAll(guardB, "grow", fmt.Sprintf("grow%d", i)), "copy(", fmt.Sprintf("copy%d(", i)))
		names = append(names, name)
	}
	for _, form := range []string{"--json", "--sarif", "--summary", "--all"} {
		args := append([]string{"guard", form, "--term", "struct account.limit", "-j"}, "1")
		one := mustQuasi(t, append(args, names...)...)
		args[len(args)-1] = "5"
		if five := mustQuasi(t, append(args, names...)...); one != five {
			t.Errorf("%s with 1 and with 5 jobs:\n%s\n%s", form, one, five)
		}
	}
}

// TestGuardJoin checks that summaries that are written and joined make the ledger that
// one run makes.
func TestGuardJoin(t *testing.T) {
	dir := inAccounts(t)
	terms := []string{"--term", "struct account.owner", "--term", "struct account.limit"}
	for _, u := range []string{"a", "b"} {
		mustQuasi(t, slices.Concat([]string{"guard", "--emit-summary", u + ".guard"}, terms, []string{u + ".c"})...)
	}
	for _, form := range []string{"--json", "--sarif", "--summary", "--all"} {
		joined := mustQuasi(t, "guard", form, "--join", "a.guard", "b.guard")
		whole := mustQuasi(t, slices.Concat([]string{"guard", form}, terms, []string{"a.c", "b.c"})...)
		if joined != whole {
			t.Errorf("%s joined:\n%s\nof one run:\n%s", form, joined, whole)
		}
	}
	mustQuasi(t, "guard", "--emit-summary", "other.guard", "--term", "current", "b.c")
	text, err := os.ReadFile("a.guard")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "old.guard", strings.Replace(string(text), `"tool":"`, `"tool":"x`, 1))
	writeFile(t, dir, "half.guard", string(text[:len(text)/2]))
	writeFile(t, dir, "terms.guard", strings.Replace(string(text), `"terms":[`, `"terms":[],"former":[`, 1))
	writeFile(t, dir, "calls.guard", strings.Replace(string(text), `"terms":[`, `"calls":[{"callee":"f","once":true}],"terms":[`, 1))
	for _, c := range []struct{ file, want string }{
		{"terms.guard", `terms\.guard: a damaged summary`},
		{"calls.guard", `calls\.guard: a damaged summary`},
		{"a.guard", `a\.guard: is given twice`},
		{"other.guard", `other\.guard: has other terms than a\.guard`},
		{"old.guard", `old\.guard: the summary of another build`},
		{"half.guard", `half\.guard: not a summary`},
		{"a.c", `a\.c: not a summary`},
		{"none.guard", `none\.guard: no such file`},
	} {
		code, stdout, stderr := quasi("guard", "--join", "a.guard", c.file)
		if code != exitInput || stdout != "" || !regexp.MustCompile(c.want).MatchString(stderr) {
			t.Errorf("--join %s: exit code %d, %q, %q; want %s", c.file, code, stdout, stderr, c.want)
		}
	}
}

// TestGuardCache checks what makes a unit be summarized again, and what does not.
func TestGuardCache(t *testing.T) {
	dir := inAccounts(t)
	term := "struct account.owner"
	run := func(want string, more ...string) string {
		t.Helper()
		code, stdout, stderr := quasi(append([]string{"guard", "-v", "--all", "--cache", "cache", "--term", term, "a.c", "b.c"}, more...)...)
		if code != exitDone {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		var cached []string
		for line := range strings.Lines(stderr) {
			if name, ok := strings.CutSuffix(line, ": from the cache\n"); ok {
				cached = append(cached, name)
			}
		}
		if got := strings.Join(cached, " "); got != want {
			t.Errorf("from the cache: %q, want %q", got, want)
		}
		return stdout
	}
	first := run("")
	if again := run("a.c b.c"); again != first {
		t.Errorf("from the cache:\n%s\nbefore:\n%s", again, first)
	}
	writeFile(t, dir, "b.c", guardB+"void more(struct account *a) { a->owner = 3; }\n")
	if changed := run("a.c"); !strings.Contains(changed, "b.c:16:41") {
		t.Errorf("after a change of b.c:\n%s", changed)
	}
	run("a.c b.c")
	writeFile(t, dir, "account.h", guardHeader+"\n/* a comment */\nextern int more_of_it;\n")
	run("")
	run("", "--", "-DX=1")
	run("a.c b.c", "--", "-DX=1")
	term = "struct account.limit"
	run("")
	damaged := 0
	err := filepath.WalkDir("cache", func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			damaged++
			return os.WriteFile(path, []byte("{"), 0o666)
		}
		return err
	})
	if err != nil || damaged < 4 {
		t.Fatalf("%d files in the cache, %v", damaged, err)
	}
	run("")
	run("a.c b.c")
}

// TestGuardExit checks what the exit code says of ledgers that are not complete.
func TestGuardExit(t *testing.T) {
	dir := inAccounts(t)
	writeFile(t, dir, "c.c", "#include \"account.h\"\nvoid unknown(struct account *a);\nvoid pass(struct account *a) { unknown(a); }\n")
	args := []string{"guard", "--summary", "--term", "struct account.owner", "c.c"}
	code, stdout, stderr := quasi(args...)
	if code != exitDone || !strings.Contains(stderr, "remark: the ledger of struct account.owner is not complete") || !strings.HasSuffix(stdout, "no\n") {
		t.Errorf("not complete: exit code %d\n%s%s", code, stdout, stderr)
	}
	if code, stdout, stderr := quasi(append(args, "--strict")...); code != exitInput || stdout == "" || !strings.Contains(stderr, "error: the ledger of struct account.owner is not complete") {
		t.Errorf("--strict: exit code %d\n%s%s", code, stdout, stderr)
	}
	writeFile(t, dir, "d.c", "int g;\nint f(int *q) { return *q; }\n")
	args = []string{"guard", "--summary", "--term", "g", "-e", "f", "--when", "*q == 1", "d.c"}
	if code, _, stderr := quasi(append(args, "--strict")...); code != exitInput || !strings.Contains(stderr, "error: --when:1:1: *q == 1: '*q' is neither a member") {
		t.Errorf("a predicate over no term: exit code %d\n%s", code, stderr)
	}
	if code, _, stderr := quasi(append(args, "-q")...); code != exitDone || stderr != "" {
		t.Errorf("-q: exit code %d, %q", code, stderr)
	}
}

// sarifFault validates SARIF against its schema, which the library has, and returns
// what is wrong.
func sarifFault(text string) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	var r sarif.Report
	if err := d.Decode(&r); err != nil {
		return err
	}
	whole, err := sarif.FromString(text)
	if err != nil {
		return err
	}
	return whole.Validate()
}

func TestGuardSARIF(t *testing.T) {
	dir := inAccounts(t)
	writeFile(t, dir, "ä b.c", "#include \"account.h\"\nvoid unknown(void *a);\nvoid pass(struct account *a)\n{\n/* ä */ unknown(a); a->owner = 1; a->owner = 1;\n}\n")
	text := mustQuasi(t, "guard", "--sarif", "--term", "struct account.owner", "a.c", "ä b.c")
	if err := sarifFault(text); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var doc struct {
		Runs []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID              string
				RuleIndex           int
				Level               string
				PartialFingerprints map[string]string
				Locations           []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	run := doc.Runs[0]
	for _, k := range guard.Kinds() {
		if kindTitles[k] == "" {
			t.Errorf("nothing is said about warnings of kind %s", k)
		}
	}
	prints, found := map[string]bool{}, false
	for _, r := range run.Results {
		if got := run.Tool.Driver.Rules[r.RuleIndex].ID; got != r.RuleID {
			t.Errorf("rule %d is %q, a result has %q", r.RuleIndex, got, r.RuleID)
		}
		p := r.PartialFingerprints[fingerprintName]
		if p == "" || prints[p] {
			t.Errorf("fingerprint %q is empty or of two results", p)
		}
		prints[p] = true
		at := r.Locations[0].PhysicalLocation
		if r.RuleID == "must-guard" && at.ArtifactLocation.URI == "%C3%A4%20b.c" && at.Region.StartLine == 5 && at.Region.StartColumn == 30 {
			found = true
		}
	}
	if !found {
		t.Errorf("no store in column 30, counted in characters:\n%s", text)
	}
	// The validator finds what is wrong.
	for _, wrong := range [][2]string{{`"version": "2.1.0"`, `"version": "2.2.0"`}, {`"level": "note"`, `"level": "loud"`}, {`"startLine": 5`, `"startLine": 0`}} {
		if !strings.Contains(text, wrong[0]) {
			t.Errorf("no %s in\n%s", wrong[0], text)
		}
		if sarifFault(strings.Replace(text, wrong[0], wrong[1], 1)) == nil {
			t.Errorf("%s is taken for valid", wrong[1])
		}
	}
	// A line above does not change what a result is.
	writeFile(t, dir, "a.c", "\n\n"+guardA)
	moved := mustQuasi(t, "guard", "--sarif", "--term", "struct account.owner", "a.c", "ä b.c")
	sorted := func(text string) []string {
		all := regexp.MustCompile(`"quasiGuard/v1": ".*"`).FindAllString(text, -1)
		slices.Sort(all)
		return all
	}
	if !slices.Equal(sorted(text), sorted(moved)) {
		t.Errorf("fingerprints after an edit elsewhere: %q, before %q", sorted(moved), sorted(text))
	}
}

func TestGuardCompileCommands(t *testing.T) {
	dir := inAccounts(t)
	for _, sub := range []string{"build", "src", "include"} {
		if err := os.Mkdir(sub, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, dir, "include/account.h", guardHeader)
	writeFile(t, dir, "src/a.c", guardA)
	writeFile(t, dir, "src/b.c", "#ifndef WITH\n#error not so\n#endif\n"+strings.Replace(guardB, "WITH", "", 1))
	os.Remove("account.h")
	database := func(entries ...map[string]any) {
		t.Helper()
		var b bytes.Buffer
		if err := json.NewEncoder(&b).Encode(entries); err != nil {
			t.Fatal(err)
		}
		writeFile(t, dir, "build/compile_commands.json", b.String())
	}
	build := filepath.Join(dir, "build")
	a := map[string]any{"directory": build, "file": "../src/a.c", "command": `cc -Werror -MD -MF a.d "-I../inc"lude -O0 -c ../src/a.c -o a.o`}
	b := map[string]any{"directory": build, "file": filepath.Join(dir, "src/b.c"),
		"arguments": []string{"/usr/bin/gcc", "-I", "../include", `-DWITH="x y"`, "-Wp,-MMD,b.d", "-flto", "-c", "-o", "b.o", filepath.Join(dir, "src/b.c")}}
	database(a, b)
	for _, name := range []string{"build", "build/compile_commands.json"} {
		rep := guardJSON(t, "-p", name, "--term", "struct account.owner")
		if got, want := rep.at("struct account.owner"), []string{"src/a.c:9", "src/b.c:12"}; !slices.Equal(got, want) {
			t.Errorf("-p %s: %q, want %q", name, got, want)
		}
		if len(rep.Unseen) != 0 {
			t.Errorf("unseen: %q", rep.Unseen)
		}
	}
	if left, _ := filepath.Glob("build/*"); len(left) != 1 {
		t.Errorf("files in the build folder: %q", left)
	}
	database(a, b, a, map[string]any{"directory": build, "file": "../src/entry.S", "command": "cc -c ../src/entry.S"})
	rep := guardJSON(t, "-p", "build", "--term", "struct account.owner")
	if want := []string{"src/a.c", "src/b.c", "src/a.c (2)"}; !slices.Equal(rep.Units, want) {
		t.Errorf("units %q, want %q", rep.Units, want)
	}
	if want := []string{"src/entry.S"}; !slices.Equal(rep.Unseen, want) || rep.Terms[0].Complete {
		t.Errorf("unseen %q, want %q; complete: %v", rep.Unseen, want, rep.Terms[0].Complete)
	}
	if code, _, stderr := quasi("guard", "--strict", "--summary", "-p", "build", "--term", "struct account.owner"); code != exitInput || !strings.Contains(stderr, "1 file of the program is not C: src/entry.S") {
		t.Errorf("a file that is not C: exit code %d, %s", code, stderr)
	}
	for _, c := range []struct {
		text string
		want string
	}{
		{"[", `not a compilation database`},
		{"[]", `has no C file`},
		{`[{"directory": "/", "command": "cc x.c"}]`, `entry 1 has no file`},
		{`[{"directory": "../src", "file": "a.c", "command": "cc 'x.c"}]`, `src/a\.c: unfinished quote`},
		{`[{"directory": "../src", "file": "a.c"}]`, `src/a\.c: no command`},
		{`[{"directory": "` + dir + `", "file": "x.c", "command": "cc -c x.c"}]`, `compile_commands\.json: x\.c: no such file or directory`},
	} {
		writeFile(t, dir, "build/compile_commands.json", c.text)
		code, stdout, stderr := quasi("guard", "-p", "build", "--term", "struct account.owner")
		if code != exitInput || stdout != "" || !regexp.MustCompile(c.want).MatchString(stderr) {
			t.Errorf("%s: exit code %d, %q, %q; want %s", c.text, code, stdout, stderr, c.want)
		}
	}
}

func TestShellWords(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{``, nil},
		{`cc  -c	x.c`, []string{"cc", "-c", "x.c"}},
		{`cc '-DA="b c"' "-DB=\"d\"" -DC=\"e\" f\ g ''`, []string{"cc", `-DA="b c"`, `-DB="d"`, `-DC="e"`, "f g", ""}},
		{`"\n" '\n' \n ä`, []string{`\n`, `\n`, "n", "ä"}},
	} {
		if got, err := shellWords(c.in); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v; want %q", c.in, got, err, c.want)
		}
	}
	for _, in := range []string{`'`, `a "b`, `'\'`} {
		if got, err := shellWords(in); (err == nil) != (in == `'\'`) {
			t.Errorf("%s: %q, %v", in, got, err)
		}
	}
}

func TestCompilerFlags(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"-c a.c -o a.o -O2", "-O2"},
		{"-I include -Iother -D X=1 -include x.h a.c", "-I include -Iother -D X=1 -include x.h"},
		{"-MMD -MF d -MT t -Wp,-MMD,d -Wp,-DX -flto=thin -x c -g", "-Wp,-DX -g"},
		{"-Xclang -fx --param max=3 -ofile -std=c99 -- a.c", "-Xclang -fx -std=c99"},
	} {
		if got := strings.Join(compilerFlags(strings.Fields(c.in)), " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.in, got, c.want)
		}
	}
}

// TestGuardBadInput gives command lines that are at fault.
func TestGuardBadInput(t *testing.T) {
	dir := inAccounts(t)
	writeFile(t, dir, "broken.c", "int f( {\n")
	writeFile(t, dir, "text.ll", "This is a letter.\n")
	writeFile(t, dir, "u.c", "union either { int i; float f; } e; typedef struct { int i; } named; named n;\n")
	writeFile(t, dir, "none.yaml", "specialize:\n  - function: alowed\n    when: [ x == 1 ]\n")
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no struct", []string{"--term", "struct acount.owner", "a.c", "b.c"}, exitInput, `error: .*struct acount(.|\n)*account`},
		{"a union", []string{"--term", "struct either.i", "u.c"}, exitInput, `--term:1:1: error: there is no struct either\nstruct either.i\n\^~*\nhint: there is a union either`},
		{"misspelt typedef", []string{"--term", "namd.i", "u.c"}, exitInput, `--term:1:1: error: .*'namd'; did you mean 'named'`},
		{"no tag to suggest", []string{"--term", "struct anan.i", "u.c"}, exitInput, `there is no struct anan\n`},
		{"no member", []string{"--term", "struct account.ovner", "a.c"}, exitInput, `error: .*'ovner'(.|\n)*owner`},
		{"no term", []string{"--term", "struct", "a.c"}, exitInput, `--term:1:7: error: there is no tag after 'struct'\nstruct\n +\^`},
		{"an expression", []string{"--term", "current->owner", "a.c"}, exitInput, `error: .*pointer(.|\n)*hint: `},
		{"missing file", []string{"--term", "current", "nothing.c"}, exitInput, `nothing\.c: no such file`},
		{"the same file twice", []string{"--term", "current", "a.c", "b.c", "a.c"}, exitInput, `a\.c: is given twice`},
		{"not IR", []string{"--term", "current", "text.ll"}, exitInput, `text\.ll: not LLVM IR`},
		{"C that does not compile", []string{"--term", "current", "a.c", "broken.c"}, exitInput, `broken\.c:1:8: error(.|\n)*broken\.c: clang-14 failed`},
		{"no function", []string{"--spec", "none.yaml", "a.c", "b.c"}, exitInput, `none\.yaml:2:15: error: .*'alowed'`},
		{"missing spec", []string{"--spec", "nothing.yaml", "a.c"}, exitInput, `nothing\.yaml: no such file`},
		{"bad predicate", []string{"-e", "allowed", "--when", "current->ovner == 1", "b.c"}, exitInput, `--when:1:10: error: .*ovner`},
		{"no folder for the summary", []string{"--term", "current", "--emit-summary", "no/x", "a.c"}, exitInput, `cannot write no/x`},
		{"cache is a file", []string{"--term", "current", "--cache", "a.c", "b.c"}, exitInput, `--cache a\.c: not a directory`},

		{"nothing to find", []string{"a.c"}, exitUsage, `--term TERM or --spec FILE`},
		{"no input", []string{"--term", "current"}, exitUsage, `no input`},
		{"two forms", []string{"--term", "current", "--json", "--sarif", "a.c"}, exitUsage, `--json and --sarif exclude`},
		{"all with JSON", []string{"--term", "current", "--json", "--all", "a.c"}, exitUsage, `--all goes with text`},
		{"jobs", []string{"--term", "current", "-j", "0", "a.c"}, exitUsage, `above 0`},
		{"when without function", []string{"--when", "x == 1", "a.c"}, exitUsage, `belongs to -e`},
		{"function without when", []string{"-e", "allowed", "--term", "current", "a.c"}, exitUsage, `--when`},
		{"two units to emit", []string{"--term", "current", "--emit-summary", "x", "a.c", "b.c"}, exitUsage, `for one unit`},
		{"emit over the input", []string{"--term", "current", "--emit-summary", "a.c", "a.c"}, exitUsage, `would overwrite`},
		{"join with terms", []string{"--join", "--term", "current", "a.guard"}, exitUsage, `terms of the summaries`},
		{"whole program with a cache", []string{"--whole-program", "--cache", "x", "--term", "current", "a.c"}, exitUsage, `--whole-program links`},
		{"a summary of all units", []string{"--all-units", "--emit-summary", "x", "--term", "current", "a.c"}, exitUsage, `--all-units goes with the join`},
		{"whole program of summaries", []string{"--whole-program", "--join", "a.guard"}, exitUsage, `exclude`},
		{"database and inputs", []string{"-p", "build", "--term", "current", "a.c"}, exitUsage, `no place for a\.c`},
		{"refused clang flag", []string{"--term", "current", "a.c", "--", "-c"}, exitUsage, `clang flag -c has no place here`},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := quasi(append([]string{"guard"}, c.args...)...)
			if code != c.code || stdout != "" || !regexp.MustCompile(c.want).MatchString(stderr) {
				t.Errorf("exit code %d, %q, %s; want %d, %s", code, stdout, stderr, c.code, c.want)
			}
		})
	}
	if left, _ := filepath.Glob("*"); len(left) != 8 {
		t.Errorf("left behind: %q", left)
	}
}
