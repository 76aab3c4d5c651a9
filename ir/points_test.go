package ir

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"
)

// TestPointsTo compares the solution for each file of testdata/pts with the
// comments in it. Every line of the form
//
//	; pts: @f %x = {@g+8, heap f:%c, ?}
//	; mem: @g+8 = {@h}
//	; escapes: @g f:%a
//
// must hold, and if a file has lines of one form it has them for everything:
// pts for every value of pointer type, mem for every place that holds pointers,
// escapes for every object of the module. A target is OBJECT, OBJECT+OFFSET,
// OBJECT+OFFSET/STRIDE or OBJECT+any, with [] for a place in each element of an
// array; ? is the unknown. A file with the line
// "; entry: @f" is solved as a complete program entered there.
func TestPointsTo(t *testing.T) {
	files, err := filepath.Glob("testdata/pts/*.ll")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".ll"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, err := Load(file, src)
			if err != nil {
				t.Fatal(err)
			}
			checkFacts(t, p, string(src), SolveConfig{})
			checkFacts(t, p, string(src), SolveConfig{NoCollapse: true})
		})
	}
}

func checkFacts(t *testing.T, p *Program, src string, cfg SolveConfig) {
	t.Helper()
	want := make(map[string][]string)
	for _, line := range strings.Split(src, "\n") {
		kind, rest, ok := strings.Cut(strings.TrimPrefix(line, "; "), ":")
		rest = strings.TrimSpace(rest)
		switch {
		case !ok || !strings.HasPrefix(line, "; "):
		case kind == "entry":
			cfg.Entry = append(cfg.Entry, p.FuncByName(rest[1:]))
		case kind == "pts" || kind == "mem" || kind == "escapes":
			want[kind] = append(want[kind], rest)
		}
	}
	if len(want) == 0 {
		t.Errorf("the file claims nothing")
	}
	got := facts(p, SolvePointsToWith(p, cfg))
	for _, kind := range []string{"pts", "mem", "escapes"} {
		if want[kind] == nil {
			continue
		}
		slices.Sort(want[kind])
		have := slices.Clone(got[kind])
		slices.Sort(have)
		if !slices.Equal(have, want[kind]) {
			prefix := "\n; " + kind + ": "
			t.Errorf("%+v: got%s%s\nwant%s%s", cfg, prefix, strings.Join(got[kind], prefix), prefix, strings.Join(want[kind], prefix))
		}
	}
}

// facts are all lines that hold, by kind.
func facts(p *Program, pt *PointsTo) map[string][]string {
	lines := make(map[string][]string)
	for _, f := range p.Funcs {
		if f.IsDecl() {
			continue
		}
		for _, v := range f.Values {
			if _, ok := v.Type().(*types.PointerType); ok {
				lines["pts"] = append(lines["pts"], fmt.Sprintf("@%s %s = {%s}", f.Name(), v.Ident(), targetList(pt.Targets(v))))
			}
		}
	}
	var escapes []string
	for _, o := range pt.Objects() {
		for _, slot := range pt.Contents(o) {
			if o.Kind == ObjUnknown {
				continue
			}
			var names []string
			if slot.Pts.Unknown {
				names = append(names, "?")
			}
			for _, to := range slot.Pts.Objs {
				names = append(names, to.String())
			}
			lines["mem"] = append(lines["mem"], fmt.Sprintf("%s = {%s}", targetString(slot.Target), strings.Join(names, ", ")))
		}
		if pt.Escapes(o) && o.Kind != ObjUnknown {
			escapes = append(escapes, o.String())
		}
	}
	lines["escapes"] = []string{strings.Join(escapes, " ")}
	return lines
}

func targetList(ts []Target) string {
	var names []string
	for _, to := range ts {
		names = append(names, targetString(to))
	}
	return strings.Join(names, ", ")
}

func targetString(to Target) string {
	switch {
	case to.Obj.ID == 0:
		return "?"
	case to.Off < 0 && to.Stride == 0:
		return to.Obj.String() + "+any"
	}
	name := to.Obj.String()
	if to.Off != 0 || to.Stride != 0 {
		name += fmt.Sprintf("+%d", to.Off)
	}
	if to.Stride != 0 {
		name += fmt.Sprintf("/%d", to.Stride)
	}
	if to.EachElement {
		name += "[]"
	}
	return name
}

// TestPointsToLabel asks what the address of a label points to: no object.
func TestPointsToLabel(t *testing.T) {
	p, err := Load("label.ll", []byte(`
define i8* @f() {
entry:
  br label %l
l:
  ret i8* blockaddress(@f, %l)
}
`))
	if err != nil {
		t.Fatal(err)
	}
	ret := p.FuncByName("f").Blocks[1].LL.Term.(*llir.TermRet)
	if pts := SolvePointsTo(p).Of(ret.X); pts.Unknown || len(pts.Objs) > 0 {
		t.Errorf("a label points to %v, unknown %v", pts.Objs, pts.Unknown)
	}
}
