package ir

import (
	"os"
	"testing"

	llir "github.com/llir/llvm/ir"
)

func storesOf(t *testing.T, p *Program) []*llir.InstStore {
	t.Helper()
	var stores []*llir.InstStore
	for _, b := range p.FuncByName("f").Blocks {
		for _, inst := range b.LL.Insts {
			if s, ok := inst.(*llir.InstStore); ok {
				stores = append(stores, s)
			}
		}
	}
	return stores
}

// TestTBAA checks every pair of tags. The expectations are those of LLVM 14's
// aa-eval with -aa-pipeline=tbaa -evaluate-aa-metadata.
func TestTBAA(t *testing.T) {
	src, err := os.ReadFile("testdata/tbaa/structs.ll")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Load("structs.ll", src)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"int", "float", "char", "pointer", "outer.x", "outer.in.i", "inner.i", "inner.f", "twin.in.i", "outer.y", "none", "elsewhere", "old scalar"}
	disjoint := map[string]string{
		"int":        "float pointer inner.f",
		"float":      "int pointer outer.x outer.in.i inner.i twin.in.i outer.y",
		"char":       "",
		"pointer":    "int float outer.x outer.in.i inner.i inner.f twin.in.i outer.y",
		"outer.x":    "float pointer outer.in.i inner.i inner.f twin.in.i outer.y",
		"outer.in.i": "float pointer outer.x inner.f twin.in.i outer.y",
		"inner.i":    "float pointer outer.x inner.f outer.y",
		"inner.f":    "int pointer outer.x outer.in.i inner.i twin.in.i outer.y",
		"twin.in.i":  "float pointer outer.x outer.in.i inner.f outer.y",
		"outer.y":    "float pointer outer.x outer.in.i inner.i inner.f twin.in.i",
		"none":       "",
		"elsewhere":  "",
		"old scalar": "",
	}
	stores := storesOf(t, p)
	if len(stores) != len(names) {
		t.Fatalf("%d stores", len(stores))
	}
	for i, a := range stores {
		got := ""
		for j, b := range stores {
			if TBAANoAlias(p.TBAA(a), p.TBAA(b)) {
				got += " " + names[j]
			}
		}
		if want := disjoint[names[i]]; got != "" && got[1:] != want || got == "" && want != "" {
			t.Errorf("%s is disjoint from%s; want %s", names[i], got, want)
		}
	}
	tag := p.TBAA(stores[5])
	if tag.Base.Name() != "outer" || tag.Access.Name() != "int" || tag.Offset != 4 || tag.Const {
		t.Errorf("tag of outer.in.i: %s %s %d %v", tag.Base.Name(), tag.Access.Name(), tag.Offset, tag.Const)
	}
}
