package ir

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/dominikbraun/graph"
	llir "github.com/llir/llvm/ir"
)

const callGraphModule = `
@table = internal constant [2 x void ()*] [void ()* @even, void ()* @odd]
declare void @ext()
declare i64 @strlen(i8*)
declare void @qsort(i8*, i64, i64, i32 (i8*, i8*)*)

define internal void @even() {
  call void @odd()
  ret void
}
define internal void @odd() {
  call void @even()
  ret void
}
define internal i32 @compare(i8* %a, i8* %b) {
  %n = call i64 @strlen(i8* %a)
  ret i32 0
}
define void @main(i64 %i, i8* %p) {
  %slot = getelementptr [2 x void ()*], [2 x void ()*]* @table, i64 0, i64 %i
  %f = load void ()*, void ()** %slot
  call void %f()
  call void @ext()
  call void @qsort(i8* %p, i64 1, i64 1, i32 (i8*, i8*)* @compare)
  call void asm sideeffect "nop", ""()
  call void asm sideeffect "nop", "~{memory}"()
  ret void
}
define internal void @self(i32 %n) {
  call void @self(i32 %n)
  ret void
}
`

func TestCallGraph(t *testing.T) {
	p, err := Load("calls.ll", []byte(callGraphModule))
	if err != nil {
		t.Fatal(err)
	}
	cg := BuildCallGraph(p, SolvePointsTo(p))

	var calls []string
	for _, inst := range p.FuncByName("main").Blocks[0].LL.Insts {
		if call, ok := inst.(*llir.InstCall); ok {
			fns, unknown := cg.Callees(call)
			calls = append(calls, fmt.Sprintf("%s %v %s", names(fns), unknown, names(cg.Callbacks(call))))
		}
	}
	if got, want := strings.Join(calls, "; "), "even,odd false ; ext true ; qsort false compare;  false ;  true "; got != want {
		t.Errorf("calls of main: %q, want %q", got, want)
	}
	var sccs []string
	for _, scc := range cg.SCCs() {
		sccs = append(sccs, names(scc))
	}
	if got, want := strings.Join(sccs, " "), "ext strlen qsort even,odd compare main self"; got != want {
		t.Errorf("components %q, want %q", got, want)
	}
	for name, want := range map[string]bool{"even": true, "odd": true, "self": true, "main": false, "compare": false} {
		if got := cg.Recursive(p.FuncByName(name)); got != want {
			t.Errorf("Recursive(%s) = %v, want %v", name, got, want)
		}
	}
	if got := names(cg.Callers(p.FuncByName("even"))); got != "odd,main" {
		t.Errorf("callers of even: %s", got)
	}

	// The library's algorithms must see the same graph.
	lib, err := graph.StronglyConnectedComponents(cg.Graph())
	if err != nil || len(lib) != len(cg.SCCs()) {
		t.Errorf("graph library finds %d components, %v; want %d", len(lib), err, len(cg.SCCs()))
	}
	var dot bytes.Buffer
	if err := cg.DOT(&dot); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`"ext" [style=dashed];`, `"main" -> "even";`, `"main" -> unknown;`, `"self" -> "self";`} {
		if !strings.Contains(dot.String(), line) {
			t.Errorf("DOT lacks %s:\n%s", line, dot.String())
		}
	}
}

func names(fns []*Func) string {
	var s []string
	for _, f := range fns {
		s = append(s, f.Name())
	}
	return strings.Join(s, ",")
}
