package pe

// This file holds the driver of the tests in testdata: each file is one matter.
//
// A file starts with a line of intent and has, in comments of its language:
//
//	pe: @f n=5 "when p->x == 1" "always g != 0" Insts=100 +trap
//	     Specialize f; several such lines are several variants, in order. n=5
//	     gives a parameter its value (#0=5 in a .ll), a limit of Budget is set by
//	     its name. Words with blanks are quoted.
//	run: C text
//	     Lines of a C program that is linked with the module and calls f. It is
//	     run with the generic and with the specialized module: both must print
//	     the same and exit alike. In a .c file main may be in the file itself,
//	     then "run:" alone is enough.
//	CHECK lines
//	     Matched with the residual functions of the variants, the dispatchers
//	     after them, then a line "reason: ..." a Reason and "stats: ..." a variant.
//
// Every file is specialized without a division, which the CHECK lines see, and
// with one; twice, to the same bytes; and LLVM verifies each module.

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"

	"quasi/bta"
	"quasi/ir"
	"quasi/ir/irtest"
	"quasi/ir/spec"
)

// A caseFile is a file of testdata.
type caseFile struct {
	text     string // of the module
	checks   string
	variants []variantLine
	harness  string
	run      bool
}

// A variantLine is one "pe:" line.
type variantLine struct {
	fn           string
	static, when []string
	always       []string
	budget       Budget
}

// A division says whether a test runs with the analysis.
type division string

const (
	withoutDivision division = "plain"
	withDivision    division = "division"
)

func TestFiles(t *testing.T) {
	for _, pattern := range []string{"testdata/*.ll", "testdata/*.c"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files (%v)", pattern, err)
		}
		for _, path := range files {
			t.Run(filepath.Base(path), func(t *testing.T) {
				t.Parallel()
				testFile(t, path)
			})
		}
	}
}

func testFile(t *testing.T, path string) {
	c := readCase(t, path)
	listing, plain := c.specialize(t, withoutDivision)
	if strings.Contains(c.checks, "CHECK") {
		irtest.Check(t, listing, c.checks)
	}
	if again, _ := c.specialize(t, withoutDivision); again != listing {
		t.Errorf("two runs differ:\n%s\nand\n%s", listing, again)
	}
	_, divided := c.specialize(t, withDivision)
	irtest.Verify(t, plain)
	irtest.Verify(t, divided)
	if !c.run || testing.Short() {
		return
	}
	opts := irtest.RunOptions{C: c.harness}
	want, wantStatus := irtest.Run(t, c.text, opts)
	for mode, text := range map[division]string{withoutDivision: plain, withDivision: divided} {
		got, status := irtest.Run(t, text, opts)
		if got != want || status != wantStatus {
			t.Errorf("%s: got status %d and\n%s\nwant status %d and\n%s\nresidual:\n%s", mode, status, got, wantStatus, want, listing)
		}
	}
}

var headerRE = regexp.MustCompile(`^(?:;|//) ?(pe|run):(.*)$`)

// readCase reads a file; a .c file is compiled as the tool compiles its input.
func readCase(t *testing.T, path string) *caseFile {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := &caseFile{text: string(src), checks: string(src)}
	for _, line := range strings.Split(string(src), "\n") {
		m := headerRE.FindStringSubmatch(line)
		switch {
		case m == nil:
		case m[1] == "pe":
			c.variants = append(c.variants, parseVariant(t, m[2]))
		default:
			c.run = true
			if strings.TrimSpace(m[2]) != "" {
				c.harness += m[2] + "\n"
			}
		}
	}
	if len(c.variants) == 0 {
		t.Fatalf("%s has no pe: line", path)
	}
	if strings.HasSuffix(path, ".c") {
		c.text = irtest.CompileC(t, c.text)
	}
	return c
}

var wordRE = regexp.MustCompile(`"[^"]*"|\S+`)

func parseVariant(t *testing.T, line string) variantLine {
	t.Helper()
	var v variantLine
	for _, w := range wordRE.FindAllString(line, -1) {
		w = strings.Trim(w, `"`)
		name, value, _ := strings.Cut(w, "=")
		limit := reflect.ValueOf(&v.budget).Elem().FieldByName(name)
		switch {
		case w[0] == '@':
			v.fn = w[1:]
		case strings.HasPrefix(w, "when "):
			v.when = append(v.when, w[5:])
		case strings.HasPrefix(w, "always "):
			v.always = append(v.always, w[7:])
		case limit.IsValid():
			n, err := strconv.Atoi(value)
			if err != nil {
				t.Fatalf("pe: %s: %v", w, err)
			}
			limit.SetInt(int64(n))
		default:
			v.static = append(v.static, w)
		}
	}
	return v
}

// spec is the specification that the pe: lines say.
func (c *caseFile) spec() string {
	var sb strings.Builder
	sb.WriteString("specialize:\n")
	list := func(key string, texts []string) {
		for i, x := range texts {
			if i == 0 {
				fmt.Fprintf(&sb, "    %s:\n", key)
			}
			fmt.Fprintf(&sb, "      - %s\n", strconv.Quote(x))
		}
	}
	for _, v := range c.variants {
		fmt.Fprintf(&sb, "  - function: %s\n", v.fn)
		for i, x := range v.static {
			if i == 0 {
				sb.WriteString("    static:\n")
			}
			name, value, _ := strings.Cut(x, "=")
			if strings.HasPrefix(value, "'") {
				value = strconv.Quote(strings.Trim(value, "'"))
			}
			fmt.Fprintf(&sb, "      %q: %s\n", name, value)
		}
		list("when", v.when)
		list("always", v.always)
	}
	return sb.String()
}

// specialize returns the listing that CHECK lines match and the whole module.
func (c *caseFile) specialize(t *testing.T, mode division) (listing, module string) {
	t.Helper()
	p := irtest.LoadString(t, c.text)
	pt := ir.SolvePointsTo(p)
	cg := ir.BuildCallGraph(p, pt)
	mr := ir.ComputeModRef(p, pt, cg)
	f, err := spec.Parse("test.yaml", []byte(c.spec()))
	if err != nil {
		t.Fatal(err)
	}
	r, err := spec.Resolve(p, f)
	if err != nil {
		t.Fatal(err)
	}
	var slots []Slot
	var shown []*llir.Func
	var notes strings.Builder
	for i, v := range r.Variants {
		cfg := Config{Prog: p, PT: pt, CG: cg, MR: mr, Variant: v, Facts: spec.NewFacts(v), Budget: c.variants[i].budget}
		if mode == withDivision {
			cfg.BTA, err = bta.Analyze(bta.Config{Prog: p, PT: pt, CG: cg, MR: mr, Variant: v, Facts: cfg.Facts})
			if err != nil {
				t.Fatal(err)
			}
		}
		res, err := Specialize(cfg)
		if err != nil {
			t.Fatal(err)
		}
		slots = append(slots, Slot{Variant: v, Residual: res.Residual})
		shown = append(shown, res.Funcs...)
		for _, reason := range res.Reasons {
			fmt.Fprintf(&notes, "reason: %v\n", reason)
		}
		fmt.Fprintf(&notes, "stats: %+v\n", res.Stats)
	}
	if err := InstallSlots(p, slots); err != nil {
		t.Fatal(err)
	}
	module = irtest.Print(t, p)
	seen := make(map[string]bool)
	for _, v := range r.Variants {
		if !seen[v.Fn.LL.Name()] {
			seen[v.Fn.LL.Name()] = true
			shown = append(shown, v.Fn.LL)
		}
	}
	for _, f := range shown {
		listing += definition(module, f.Ident()) + "\n"
	}
	return listing + notes.String(), module
}

// definition cuts the definition of a function out of a module's text.
func definition(module, ident string) string {
	lines := strings.Split(module, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, "define ") || !strings.Contains(line, " "+ident+"(") {
			continue
		}
		for k := i; k < len(lines); k++ {
			if lines[k] == "}" {
				return strings.Join(lines[i:k+1], "\n") + "\n"
			}
		}
	}
	return ""
}
