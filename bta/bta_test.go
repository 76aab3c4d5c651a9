package bta

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"quasi/ir"
	"quasi/ir/irtest"
	"quasi/ir/spec"
)

// TestListings analyzes every testdata/*.ll as its `; bta:` line says and matches
// the listing with its CHECK lines.
func TestListings(t *testing.T) {
	for _, path := range listingFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".ll"), func(t *testing.T) {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			res := analyzeFile(t, path, nil)
			irtest.Check(t, listing(t, res), string(src))
			for _, err := range Check(res) {
				t.Errorf("not congruent: %v", err)
			}
		})
	}
}

// TestOrder checks that the order of the worklist does not change the result.
func TestOrder(t *testing.T) {
	for _, path := range listingFiles(t) {
		want := listing(t, analyzeFile(t, path, nil))
		for seed := range uint64(6) {
			got := listing(t, analyzeFile(t, path, rand.New(rand.NewPCG(seed, 1))))
			if got != want {
				t.Errorf("%s, seed %d: got\n%s\nwant\n%s", path, seed, got, want)
			}
		}
	}
}

func listingFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.ll")
	if err != nil || len(files) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	return files
}

func listing(t *testing.T, res *Result) string {
	t.Helper()
	var buf strings.Builder
	if err := Fprint(&buf, res); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// analyzeFile analyzes a .ll by its first `; bta: @f %x=S %n=3` line: parameters
// that are not named are dynamic, S is static with a value that the analysis does
// not know.
func analyzeFile(t *testing.T, path string, shuffle *rand.Rand) *Result {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return analyzeText(t, string(src), shuffle, nil)
}

func analyzeText(t testing.TB, src string, shuffle *rand.Rand, edit func(*Config)) *Result {
	t.Helper()
	p := irtest.LoadString(t, src)
	_, line, ok := strings.Cut(src, "; bta: @")
	if !ok {
		t.Fatal("no `; bta: @f` line")
	}
	line, _, _ = strings.Cut(line, "\n")
	line, when, _ := strings.Cut(line, " when ")
	words := strings.Fields(line)
	v := variantOf(t, p, words[0], words[1:], when)
	pt := ir.SolvePointsTo(p)
	cg := ir.BuildCallGraph(p, pt)
	cfg := Config{Prog: p, PT: pt, CG: cg, MR: ir.ComputeModRef(p, pt, cg), Variant: v, Facts: spec.NewFacts(v), Shuffle: shuffle}
	if edit != nil {
		edit(&cfg)
	}
	res, err := Analyze(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// variantOf is the variant of function name with the bindings `x=S`, `n=3`,
// `s="text"`, `p=null`, `g=&global`; when is an expression that spec parses.
func variantOf(t testing.TB, p *ir.Program, name string, bindings []string, when string) *spec.Variant {
	t.Helper()
	f := irtest.Func(t, p, name)
	v := &spec.Variant{Name: name, Fn: f}
	if when != "" {
		var preds []string
		for _, w := range strings.Split(when, ";") {
			preds = append(preds, strings.TrimSpace(w))
		}
		file, err := spec.FromFlags(name, nil, preds)
		if err != nil {
			t.Fatal(err)
		}
		res, err := spec.Resolve(p, file)
		if err != nil {
			t.Fatal(err)
		}
		v = res.Variants[0]
	}
	for _, b := range bindings {
		key, val, _ := strings.Cut(b, "=")
		i := slices.IndexFunc(f.LL.Params, func(q *irParam) bool { return q.Name() == strings.TrimPrefix(key, "%") })
		if i < 0 {
			t.Fatalf("@%s has no parameter %s", name, key)
		}
		bind := spec.Binding{Param: i}
		switch {
		case val == "S":
		case val == "null":
			bind.Value = spec.Const{Kind: spec.ConstNull, Width: 64}
		case strings.HasPrefix(val, `"`):
			bind.Value = spec.Const{Kind: spec.ConstString, Str: strings.Trim(val, `"`), Width: 64}
		case strings.HasPrefix(val, "&"):
			bind.Value = spec.Const{Kind: spec.ConstGlobal, Sym: global(p, val[1:]), Width: 64}
		default:
			n, err := strconv.ParseInt(val, 0, 64)
			if err != nil {
				t.Fatal(err)
			}
			w := width(f.LL.Params[i].Typ)
			bind.Value = spec.Const{Kind: spec.ConstInt, Int: uint64(n) & (1<<w - 1), Width: w}
		}
		v.Static = append(v.Static, bind)
	}
	return v
}
