package ir

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestRandomPointsTo solves random programs twice and once without uniting
// nodes: all three solutions must be the same.
func TestRandomPointsTo(t *testing.T) {
	for seed := range uint64(300) {
		src := randomModule(rand.New(rand.NewPCG(seed, 7)))
		p, err := Load("random.ll", []byte(src))
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, src)
		}
		var entry []*Func
		if seed%2 == 0 {
			entry = []*Func{p.FuncByName("f0")}
		}
		pt, again := SolvePointsToWith(p, SolveConfig{Entry: entry}), SolvePointsToWith(p, SolveConfig{Entry: entry})
		if a, b := fmt.Sprint(facts(p, pt)), fmt.Sprint(facts(p, again)); a != b {
			t.Fatalf("seed %d: two runs differ:\n%s\n%s", seed, a, b)
		}
		first := factLines(p, pt)
		if apart := factLines(p, SolvePointsToWith(p, SolveConfig{Entry: entry, NoCollapse: true})); apart != first {
			t.Fatalf("seed %d: solutions with (-) and without (+) uniting nodes:\n%s\n%s", seed, lineDiff(first, apart), src)
		}
	}
}

// factLines are the facts of a solution by object, sorted. Places are left out:
// u stands for all places of the objects that escape, and whether one of them was
// seen, stepped on from, or copied before u was, depends on the order.
func factLines(p *Program, pt *PointsTo) string {
	var lines []string
	for _, f := range p.Funcs {
		for _, v := range f.Values {
			set := pt.Of(v)
			lines = append(lines, fmt.Sprintf("@%s %s = %v %v", f.Name(), v.Ident(), set.Unknown, set.Objs))
		}
	}
	for _, o := range pt.Objects() {
		lines = append(lines, fmt.Sprintf("escapes %s %v", o, pt.Escapes(o)))
		if !pt.Escapes(o) {
			held := pt.deref(Pts{Objs: []*Object{o}})
			lines = append(lines, fmt.Sprintf("mem %s = %v %v", o, held.Unknown, held.Objs))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// lineDiff lists the lines of only one of two texts.
func lineDiff(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	var diff []string
	for _, l := range as {
		if !slices.Contains(bs, l) {
			diff = append(diff, "- "+l)
		}
	}
	for _, l := range bs {
		if !slices.Contains(as, l) {
			diff = append(diff, "+ "+l)
		}
	}
	return strings.Join(diff, "\n")
}

// randomModule is a module of small functions that shuffle i8 pointers about:
// every operation that has a rule of its own, in any order.
func randomModule(rng *rand.Rand) string {
	const globals, functions = 4, 4
	var sb strings.Builder
	sb.WriteString("%s = type { i8*, [2 x i8*], i64, i8* }\n")
	linkage := []string{"internal global", "internal global", "global"}
	for i := range globals {
		fmt.Fprintf(&sb, "@g%d = %s %%s zeroinitializer\n", i, linkage[rng.IntN(len(linkage))])
		fmt.Fprintf(&sb, "@r%d = internal global [3 x %%s] zeroinitializer\n", i)
	}
	sb.WriteString(`declare noalias i8* @malloc(i64)
declare i8* @unknown(i8*)
declare void @llvm.memcpy.p0i8.p0i8.i64(i8*, i8*, i64, i1)
`)
	for f := range functions {
		internal := []string{"internal ", "internal ", ""}[rng.IntN(3)]
		fmt.Fprintf(&sb, "define %si8* @f%d(i8* %%v0, i8* %%v1, i64 %%i) {\n", internal, f)
		values := []string{"%v0", "%v1"}
		pick := func() string {
			if rng.IntN(4) > 0 {
				return values[rng.IntN(len(values))]
			}
			if rng.IntN(3) == 0 {
				return fmt.Sprintf("bitcast (i8* (i8*, i8*, i64)* @f%d to i8*)", rng.IntN(functions))
			}
			if rng.IntN(2) == 0 {
				return fmt.Sprintf("bitcast ([3 x %%s]* @r%d to i8*)", rng.IntN(globals))
			}
			return fmt.Sprintf("bitcast (%%s* @g%d to i8*)", rng.IntN(globals))
		}
		for n := range 12 + rng.IntN(20) {
			v := fmt.Sprintf("%%x%d", n)
			line := func(format string, args ...any) { fmt.Fprintf(&sb, "  "+format+"\n", args...) }
			switch rng.IntN(13) {
			case 0:
				line("%s.a = alloca %%s", v)
				line("%s = bitcast %%s* %s.a to i8*", v, v)
			case 1:
				line("%s = call i8* @malloc(i64 %d)", v, 40*(1+rng.IntN(2)))
			case 2, 3:
				line("%s.p = bitcast i8* %s to i8**", v, pick())
				line("%s = load i8*, i8** %s.p", v, v)
			case 4, 5:
				line("%s.p = bitcast i8* %s to i8**", v, pick())
				line("store i8* %s, i8** %s.p", pick(), v)
				continue
			case 6:
				line("%s.s = bitcast i8* %s to %%s*", v, pick())
				line("%s.f = getelementptr %%s, %%s* %s.s, i64 0, i32 %d", v, v, []int{0, 3}[rng.IntN(2)])
				line("%s = bitcast i8** %s.f to i8*", v, v)
			case 7:
				line("%s.s = bitcast i8* %s to %%s*", v, pick())
				line("%s.f = getelementptr %%s, %%s* %s.s, i64 %%i, i32 1, i64 %%i", v, v)
				line("%s = bitcast i8** %s.f to i8*", v, v)
			case 8:
				line("%s = getelementptr i8, i8* %s, i64 %s", v, pick(), []string{"8", "-8", "40", "%i"}[rng.IntN(4)])
			case 9:
				line("%s = select i1 1, i8* %s, i8* %s", v, pick(), pick())
			case 10:
				line("%s = call i8* @f%d(i8* %s, i8* %s, i64 1)", v, rng.IntN(functions), pick(), pick())
			case 11:
				line("%s.p = bitcast i8* %s to i8* (i8*, i8*, i64)*", v, pick())
				line("%s = call i8* %s.p(i8* %s, i8* %s, i64 2)", v, v, pick(), pick())
			case 12:
				if rng.IntN(3) == 0 {
					line("%s = call i8* @unknown(i8* %s)", v, pick())
					break
				}
				line("call void @llvm.memcpy.p0i8.p0i8.i64(i8* %s, i8* %s, i64 %s, i1 0)", pick(), pick(), []string{"40", "16", "%i"}[rng.IntN(3)])
				continue
			}
			values = append(values, v)
		}
		fmt.Fprintf(&sb, "  ret i8* %s\n}\n", pick())
	}
	return sb.String()
}
