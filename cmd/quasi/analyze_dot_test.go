package main

// This file tests analyze --dot: what is in the graphs, and that Graphviz takes them.

import (
	"os/exec"
	"strings"
	"testing"
)

// wantSVG has Graphviz draw a graph, if it is there.
func wantSVG(t *testing.T, graph string) {
	t.Helper()
	dot, err := exec.LookPath("dot")
	if err != nil {
		t.Log("there is no Graphviz on this machine: not drawn")
		return
	}
	cmd := exec.Command(dot, "-Tsvg")
	cmd.Stdin = strings.NewReader(graph)
	var said, svg strings.Builder
	cmd.Stdout, cmd.Stderr = &svg, &said
	if err := cmd.Run(); err != nil || said.Len() > 0 || !strings.Contains(svg.String(), "</svg>") {
		t.Errorf("dot: %v\n%s\n%s", err, said.String(), graph)
	}
}

// TestDOT draws each graph of real code and looks for what must be in it, and for
// what must not.
func TestDOT(t *testing.T) {
	needLLVM(t)
	kill := []string{"--spec", "../../testdata/signal/kill_usr1.yaml", "../../testdata/signal/signal.c"}
	machine := []string{"-e", "run", "--static", "code=&countdown", "../../testdata/c/interpreter_stack.c"}
	for _, c := range []struct {
		graph  string
		args   []string
		want   []string
		never  []string
		unique string // stands once
	}{
		{"callgraph", kill, []string{`"f.kill_proc" -> "f.send_sig" [style=solid`, `"f.generate" -> "f.wake_up_process" [style=dashed`, `-> unknown`}, []string{`"f.main"`, "specialize\""}, ""},
		{"cfg", kill, []string{"kill_proc_usr1: @kill_proc, variant 0", "%cmp = icmp slt i32 %sig, 0", "not reached", `style=dotted`, `style=bold`}, []string{"@send_sig, variant"}, "subgraph"},
		{"cfg:send_sig", kill, []string{"@send_sig, variant 1", "specialized point", "peripheries=2"}, []string{"@kill_proc, variant"}, "subgraph"},
		{"cfg:send_sig:1", kill, []string{"@send_sig, variant 1"}, nil, "subgraph"},
		{"pointsto", kill, []string{`@current\n8 bytes`, `-> outside [label="+48"]`}, nil, "digraph"},
		{"callgraph", machine, []string{`"f.run"`}, nil, "digraph"},
		{"cfg", machine, []string{"case 0", "switch"}, nil, ""},
		{"pointsto", machine, []string{`run:%stack\n64 bytes" style=rounded`, "%code of @run", `p0 -> o`}, nil, ""},
	} {
		t.Run(c.graph, func(t *testing.T) {
			args := append([]string{"analyze", "-q", "--dot=" + c.graph}, c.args...)
			graph := mustQuasi(t, args...)
			for _, w := range c.want {
				if !strings.Contains(graph, w) {
					t.Errorf("no %q in\n%s", w, graph)
				}
			}
			for _, w := range c.never {
				if strings.Contains(graph, w) {
					t.Errorf("%q is in\n%s", w, graph)
				}
			}
			if c.unique != "" && strings.Count(graph, c.unique) != 1 {
				t.Errorf("%d times %q in\n%s", strings.Count(graph, c.unique), c.unique, graph)
			}
			if again := mustQuasi(t, args...); again != graph {
				t.Error("two runs wrote different graphs")
			}
			wantSVG(t, graph)
		})
	}
}

// TestDOTNames has names in a module that mean something to Graphviz and in HTML.
func TestDOTNames(t *testing.T) {
	dir := inDir(t)
	writeFile(t, dir, "names.ll", `@"g<\22>\\n&" = global i32* null

declare void @"ext\22];\\"(i32*)

define i32 @"f\22<b>\FF"(i32* %"p\22&", i1 %c) {
"e<]>":
  br i1 %c, label %"b\22", label %"c&amp;"
"b\22":
  store i32* %"p\22&", i32** @"g<\22>\\n&"
  call void @"ext\22];\\"(i32* %"p\22&")
  ret i32 1
"c&amp;":
  ret i32 0
}
`)
	for _, graph := range []string{"callgraph", "cfg", "pointsto"} {
		wantSVG(t, mustQuasi(t, "analyze", "-q", "-e", "f\"<b>\xff", "--dot", graph, "names.ll"))
	}
}

// TestDOTBounded leaves objects out of a graph that would have too many, and says so.
func TestDOTBounded(t *testing.T) {
	dir := inDir(t)
	var text strings.Builder
	text.WriteString("define void @f() {\n")
	for i := range maxDotObjects + 7 {
		name := "@g" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		text.WriteString("  store i32 0, i32* " + name + "\n")
	}
	text.WriteString("  ret void\n}\n")
	for i := range maxDotObjects + 7 {
		text.WriteString("@g" + string(rune('a'+i/26)) + string(rune('a'+i%26)) + " = global i32 0\n")
	}
	writeFile(t, dir, "many.ll", text.String())
	graph := mustQuasi(t, "analyze", "-q", "-e", "f", "--dot", "pointsto", "many.ll")
	if !strings.Contains(graph, "// Left out: 7 more objects.") || !strings.Contains(graph, "7 more objects are left out") {
		t.Errorf("the graph does not say what was left out:\n%.600s", graph)
	}
	wantSVG(t, graph)
}

// TestDOTUsage refuses graphs that there are not.
func TestDOTUsage(t *testing.T) {
	inDir(t)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--dot=tree"}, exitUsage, "--dot is callgraph, cfg"},
		{[]string{"--dot=cfg:"}, exitUsage, "--dot is callgraph, cfg"},
		{[]string{"--dot=cfg", "--json"}, exitUsage, "exclude"},
		{[]string{"--dot=cfg:main"}, exitInput, "the program has no function 'main'"},
		{[]string{"--dot=cfg:power:7"}, exitInput, "there is no such variant of 'power', but 0"},
		{[]string{"--dot=cfg:power:x"}, exitUsage, "a variant is a number"},
	} {
		code, stdout, stderr := quasi(append([]string{"analyze", "-q", "-e", "power", "power.ll"}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.want) || stdout != "" {
			t.Errorf("%q: exit code %d, stdout %q, stderr %q; want %d and %q", c.args, code, stdout, stderr, c.code, c.want)
		}
	}
}
