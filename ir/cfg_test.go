package ir_test

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quasi/ir"
	"quasi/ir/irtest"
)

// TestCFG prints what is known of every block and loop of the testdata/cfg
// files and matches it with their CHECK lines.
func TestCFG(t *testing.T) {
	files, _ := filepath.Glob("testdata/cfg/*.ll")
	if len(files) == 0 {
		t.Fatal("no files")
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".ll"), func(t *testing.T) {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var sb strings.Builder
			for _, f := range irtest.Load(t, path).Funcs {
				if err := ir.FprintListing(&sb, f, ir.Listing{Block: describe}); err != nil {
					t.Fatal(err)
				}
				for _, l := range f.Loops().All {
					fmt.Fprintln(&sb, describeLoop(l))
				}
			}
			irtest.Check(t, sb.String(), string(src))
		})
	}
}

func describe(b *ir.Block) string {
	f := b.Fn
	if !b.Reachable() {
		return "unreachable"
	}
	s := fmt.Sprintf("rpo %d idom %s pdom %s", slices.Index(f.RPO(), b), name(f.Dom().IDom(b)), name(f.PostDom().IDom(b)))
	s += list("frontier", f.Dom().Frontier(b)) + list("control", f.ControlDeps(b))
	return s + list("preds", b.Preds) + list("succs", b.Succs)
}

func describeLoop(l *ir.Loop) string {
	s := "loop " + name(l.Header)
	if l.Irreducible {
		s += " irreducible" + list("entries", l.Entries)
	}
	s += fmt.Sprintf(" depth %d", l.Depth)
	return s + list("blocks", l.Blocks) + list("latches", l.Latches) + list("exits", l.Exits)
}

func name(b *ir.Block) string {
	if b == nil {
		return "-"
	}
	return b.LL.Ident()
}

func list(what string, bs []*ir.Block) string {
	if len(bs) == 0 {
		return ""
	}
	s := " " + what
	for _, b := range bs {
		s += " " + name(b)
	}
	return s
}

// randomCFG is the text of a function with n blocks and random edges; some
// blocks end in ret.
func randomCFG(rnd *rand.Rand, n int) string {
	var sb strings.Builder
	sb.WriteString("define void @f(i32 %x) {\nentry:\n  br label %b0\n")
	for i := range n {
		fmt.Fprintf(&sb, "b%d:\n", i)
		to := func() int {
			if rnd.Intn(3) > 0 { // mostly near, so that there are nested loops
				return min(max(i+rnd.Intn(7)-3, 0), n-1)
			}
			return rnd.Intn(n)
		}
		switch rnd.Intn(8) {
		case 0:
			sb.WriteString("  ret void\n")
		case 1, 2, 3:
			fmt.Fprintf(&sb, "  br label %%b%d\n", to())
		case 4:
			fmt.Fprintf(&sb, "  switch i32 %%x, label %%b%d [ i32 0, label %%b%d\n i32 1, label %%b%d ]\n", to(), to(), to())
		default:
			fmt.Fprintf(&sb, "  switch i32 %%x, label %%b%d [ i32 0, label %%b%d ]\n", to(), to())
		}
	}
	sb.WriteString("}\n")
	return sb.String()
}

// reaches returns the blocks that from reaches over next without passing
// through avoid.
func reaches(f *ir.Func, from, avoid *ir.Block, next func(*ir.Block) []*ir.Block) []bool {
	seen := make([]bool, len(f.Blocks))
	if from == avoid {
		return seen
	}
	seen[from.ID] = true
	for work := []*ir.Block{from}; len(work) > 0; {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		for _, s := range next(b) {
			if s != avoid && !seen[s.ID] {
				seen[s.ID] = true
				work = append(work, s)
			}
		}
	}
	return seen
}

func succs(b *ir.Block) []*ir.Block { return b.Succs }

// TestRandomCFG compares dominators, postdominators, frontiers and loops of
// random graphs with their definitions.
func TestRandomCFG(t *testing.T) {
	for seed := range int64(150) {
		rnd := rand.New(rand.NewSource(seed))
		src := randomCFG(rnd, 2+rnd.Intn(24))
		f := irtest.Func(t, irtest.LoadString(t, src), "f")
		checkDominators(t, f)
		checkPostDominators(t, f)
		checkFrontiers(t, f)
		checkLoops(t, f)
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, src)
		}
	}
}

// checkDominators: a dominates b if removing a cuts b off from the entry.
func checkDominators(t *testing.T, f *ir.Func) {
	t.Helper()
	d := f.Dom()
	for _, a := range f.RPO() {
		left := reaches(f, f.Blocks[0], a, succs)
		for _, b := range f.RPO() {
			if got, want := d.Dominates(a, b), !left[b.ID]; got != want {
				t.Errorf("%s dominates %s: got %v, want %v", name(a), name(b), got, want)
			}
		}
	}
}

// checkPostDominators: among blocks that reach an exit, a postdominates b if
// removing a keeps b from reaching one, unless b can also fall into an endless
// region without passing a.
func checkPostDominators(t *testing.T, f *ir.Func) {
	t.Helper()
	d := f.PostDom()
	ends := func(b, avoid *ir.Block) bool {
		for id, ok := range reaches(f, b, avoid, succs) {
			if ok && len(f.Blocks[id].Succs) == 0 {
				return true
			}
		}
		return false
	}
	for _, a := range f.RPO() {
		for _, b := range f.RPO() {
			if !ends(b, nil) {
				continue
			}
			want := !ends(b, a)
			for id, ok := range reaches(f, b, a, succs) {
				if ok && !ends(f.Blocks[id], nil) {
					want = want && a == b
				}
			}
			if got := d.Dominates(a, b); got != want {
				t.Errorf("%s postdominates %s: got %v, want %v", name(a), name(b), got, want)
			}
		}
	}
}

// checkFrontiers: y is in the frontier of x if x dominates a predecessor of y
// and does not strictly dominate y.
func checkFrontiers(t *testing.T, f *ir.Func) {
	t.Helper()
	d := f.Dom()
	for _, x := range f.RPO() {
		var want []*ir.Block
		for _, y := range f.Blocks {
			in := false
			for _, p := range y.Preds {
				in = in || (p.Reachable() && d.Dominates(x, p))
			}
			if in && y.Reachable() && (x == y || !d.Dominates(x, y)) {
				want = append(want, y)
			}
		}
		if got := d.Frontier(x); !slices.Equal(got, want) {
			t.Errorf("frontier of %s: got%s, want%s", name(x), list("", got), list("", want))
		}
	}
}

// checkLoops: two blocks on a common cycle share a loop and only those do, a
// reducible header dominates its loop, and no entry is missing.
func checkLoops(t *testing.T, f *ir.Func) {
	t.Helper()
	loops := f.Loops()
	outermost := func(b *ir.Block) *ir.Loop {
		l := loops.Of(b)
		for l != nil && l.Parent != nil {
			l = l.Parent
		}
		return l
	}
	onCycle := func(a, b *ir.Block) bool {
		for _, s := range a.Succs {
			if reaches(f, s, nil, succs)[b.ID] && reaches(f, b, nil, succs)[a.ID] {
				return true
			}
		}
		return false
	}
	for _, a := range f.RPO() {
		for _, b := range f.RPO() {
			la, lb := outermost(a), outermost(b)
			if got, want := la != nil && la == lb, onCycle(a, b); got != want {
				t.Errorf("%s and %s in one loop: got %v, want %v", name(a), name(b), got, want)
			}
		}
	}
	for _, l := range loops.All {
		for _, b := range l.Blocks {
			if !l.Irreducible && !f.Dom().Dominates(l.Header, b) {
				t.Errorf("header %s does not dominate %s", name(l.Header), name(b))
			}
			for _, p := range b.Preds {
				if p.Reachable() && !l.Contains(p) && !slices.Contains(l.Entries, b) {
					t.Errorf("loop %s: %s is entered from %s but is no entry", name(l.Header), name(b), name(p))
				}
			}
			if l.Parent != nil && !l.Parent.Contains(b) {
				t.Errorf("%s is in loop %s but not in its parent", name(b), name(l.Header))
			}
		}
	}
}
