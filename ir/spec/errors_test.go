package spec

import (
	"flag"
	"os"
	"strings"
	"testing"

	"quasi/ir/irtest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Specifications with faults, in the order of testdata/errors.golden. All but
// those that begin with `specialize` are the body of one entry for kill_proc.
var faulty = []string{
	// the file
	"",
	"# nothing\n",
	"specialise:\n  - function: kill_proc\n",
	"specialize:\n",
	"specialize: []\n",
	"specialize: kill_proc\n",
	"specialize:\n  - kill_proc\n",
	"specialize:\n  - as: fast\n",
	"specialize:\n  - function:\n",
	"specialize:\n  - function: [a, b]\n",
	"specialize:\n  - function: \"kill proc\"\n",
	"specialize:\n\t- function: kill_proc\n",
	"specialize:\n  - function: kill_proc\n---\nspecialize:\n  - function: kill_proc\n",
	"specialize:\n  - function: kill_prc\n",
	"specialize:\n  - function: declared\n",
	"specialize:\n  - function: kill_proc\n    as: fast\n  - function: kill_proc\n    as: fast\n",
	"specialize:\n  - function: kill_proc\n    as: on_signal\n",
	"whne: [ pid == 3 ]",
	"when: [ pid == 3 ]\nwhen: [ sig == 3 ]",
	"plug: count",
	"when: { pid: 3 }",
	"when:\n  - pid: 3",
	"when:\n  -",
	"when: [ why[0] == 'a' ]",
	"static: [ sig, 3 ]",
	// expectations
	"expect: static",
	"expect: [ result ]",
	"expect: { result: statc }",
	"expect: { result: residual }",
	"expect: { result: }",
	"expect: { result: [ static, dynamic ] }",
	"expect: { \"\": static }",
	"expect: { \"kill_proc:42\": static, \"kill_proc:42\": dynamic }",
	"expect: { result: static, 'result': dynamic }",
	"expect:\n  \"kill.c:7\": static\n  pid: stattic",
	// static values
	"static: { sgi: 10 }",
	"static: { nonsense: 10 }",
	"static: { sig: 10, sig: 11 }",
	"static: { sig: 10, \"#1\": 11 }",
	"static: { \"#20\": 11 }",
	"static: { sig: \"10\" }",
	"static: { sig: null }",
	"static: { sig: }",
	"static: { sig: SIGUSR1 }",
	"static: { sig: 3000000000 }",
	"static: { level: 256 }",
	"static: { level: -129 }",
	"static: { priv: 2 }",
	"static: { sig: 1.5 }",
	"static: { sig: pid }",
	"static: { sig: [1, 2] }",
	"static: { weight: heavy }",
	"static: { weight: 1e999 }",
	"static: { pair: 1 }",
	"static: { triple: 1 }",
	"static: { why: hello }",
	"static: { why: 5 }",
	"static: { from: \"text\" }",
	"static: { from: limit }",
	"static: { from: &limt }",
	"static: { handler: on_sigal }",
	// names
	"when:\n  - pdi == 3",
	"when:\n  - current->pod == 3",
	"when:\n  - SLEEPNG == state",
	"when:\n  - curent->pid == 3",
	"when:\n  - SIGUSR1 == sig",
	"when:\n  - current.pid == 3",
	"when:\n  - pid->x == 3",
	"when:\n  - (*current)->pid == 3",
	"when:\n  - current->opaque->x == 3",
	"when:\n  - current->[40] == 3",
	"when:\n  - (struct tsk *)current->data == 0",
	// types
	"when:\n  - current->cred->usage == 3",
	"when:\n  - current->load == 1",
	"when:\n  - weight > 1",
	"when:\n  - current->wide == 1",
	"when:\n  - *current->cred == 1",
	"when:\n  - *current->data == 1",
	"when:\n  - current == 3",
	"when:\n  - current + current",
	"when:\n  - current * 2 == 0",
	"when:\n  - ~current",
	"when:\n  - &pid == 0",
	"when:\n  - &current->mode == 0",
	"when:\n  - pair.a == 1",
	"when:\n  - pid[3] == 1",
	"when:\n  - 100 / pid == 1",
	"when:\n  - pid / 0 == 1",
	"when:\n  - pid << 32 == 1",
	"when:\n  - (struct task *)pid == 0",
	"when:\n  - (float)pid == 0",
	"when:\n  - declared(pid) == 3",
	// syntax
	"when:\n  - pid = 3",
	"when:\n  - pid == 3 pid",
	"when:\n  - (pid == 3",
	"when:\n  - pid == 3)",
	"when:\n  - pid ==",
	"when:\n  - 1 < pid < 3",
	"when:\n  - pid & 1 == 0",
	"when:\n  - pid == 1.0",
	"when:\n  - pid == 12x",
	"when:\n  - pid == 0x1ffffffffffffffff",
	"when:\n  - why == \"abc\"",
	"when:\n  - pid == 'ab'",
	"when:\n  - pid == @3",
	"when:\n  - \"pid == 'a\"",
	"when:\n  - pid++ == 3",
	"when:\n  - pid += 3",
	"when:\n  - pid == 3, sig == 4",
	"when:\n  - |\n    pid == 3 &&\n    sgi == 4",
	"when: 'why[0] == ''a'' && sgi == 2'",
	// contradictions
	"when:\n  - 1 == 2",
	"when:\n  - pid != pid",
	"when:\n  - pid < 3\n  - sig == 1\n  - pid == 3",
	"static: { sig: 10 }\nwhen: [ sig == 11 ]",
	"always: [ current != 0 ]\nwhen: [ current == 0 ]",
	"when:\n  - pid < sig\n  - sig < level\n  - level < 2\n  - pid > 5",
	"static: { priv: 1 }\nwhen: [ \"!priv\" ]",
	"when: [ (pid & 1) == 2 ]",
}

// TestErrors compares what is said of faulty specifications with a golden
// file; -update rewrites it.
func TestErrors(t *testing.T) {
	p := irtest.Load(t, "testdata/kill.ll")
	var b strings.Builder
	for _, text := range faulty {
		if text != "" && text[0] != '#' && !strings.HasPrefix(text, "speciali") {
			text = "specialize:\n  - function: kill_proc\n    " + strings.ReplaceAll(text, "\n", "\n    ") + "\n"
		}
		b.WriteString("==== " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n   | ") + "\n")
		f, err := Parse("kill.yaml", []byte(text))
		if err == nil {
			_, err = Resolve(p, f)
		}
		if err == nil {
			t.Errorf("no error for\n%s", text)
			continue
		}
		b.WriteString(err.Error() + "\n")
	}
	golden(t, "testdata/errors.golden", b.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			t.Fatalf("%s:%d: got\n%s\nwant\n%s", path, i+1, strings.Join(g[i:min(i+8, len(g))], "\n"), strings.Join(w[min(i, len(w)):min(i+8, len(w))], "\n"))
		}
	}
	t.Fatalf("%s: got %d lines, want %d", path, len(g), len(w))
}
