package ir

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"
)

// TestModRef compares the effects of every call and function of a module with
// those that its comments claim.
func TestModRef(t *testing.T) {
	src, err := os.ReadFile("testdata/modref/effects.ll")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Load("effects.ll", src)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, line := range strings.Split(string(src), "\n") {
		if strings.HasPrefix(line, "; mod: ") || strings.HasPrefix(line, "; ref: ") {
			want = append(want, line)
		}
	}
	pt := SolvePointsTo(p)
	cg := BuildCallGraph(p, pt)
	mr := ComputeModRef(p, pt, cg)
	var got []string
	note := func(name string, mod, ref Effect) {
		got = append(got, fmt.Sprintf("; mod: %s = {%s}", name, effectList(mod)), fmt.Sprintf("; ref: %s = {%s}", name, effectList(ref)))
	}
	for _, f := range p.Funcs {
		if f.IsDecl() {
			continue
		}
		for _, b := range f.Blocks {
			for _, inst := range b.LL.Insts {
				if call, ok := inst.(*llir.InstCall); ok {
					name := call.Ident()
					if !HasResult(call) {
						name = "!" + call.Callee.(*llir.Func).Name()
					}
					note("@"+f.Name()+" "+name, mr.Mod(call), mr.Ref(call))
				}
			}
		}
		note("@"+f.Name(), mr.FuncMod(f), mr.FuncRef(f))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func effectList(e Effect) string {
	var names []string
	if e.Unknown {
		names = append(names, "?")
	}
	for _, o := range e.Objs {
		names = append(names, o.String())
	}
	return strings.Join(names, ", ")
}
