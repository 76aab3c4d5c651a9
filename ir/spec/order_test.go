package spec

import (
	"fmt"
	"math/rand"
	"testing"

	"quasi/ir/irtest"
)

// TestOrders: chains of comparisons decide others, and only what follows.
func TestOrders(t *testing.T) {
	p := irtest.LoadString(t, "define void @f(i32 %a, i32 %b, i32 %c, i64 %d, i64 %e) {\n  ret void\n}\n")
	for _, test := range []struct {
		when, query []string
		want        string
	}{
		{[]string{"#0 < #1", "#1 < #2"}, []string{"#0 < #2", "#0 != #2", "#2 > #0", "#2 < #0", "#0 == #2"}, "TTTFF"},
		{[]string{"#0 <= #1", "#1 <= #2"}, []string{"#0 <= #2", "#0 < #2", "#0 == #2", "#2 < #0"}, "T??F"},
		{[]string{"#0 <= #1", "#1 <= #2", "#2 <= #0"}, []string{"#0 == #1", "#1 == #2", "#0 != #2"}, "TTF"},
		{[]string{"#0 < #1", "#1 < #2", "#2 < 10", "#0 >= 0"}, []string{"#0 < 8", "#0 < 7", "#1 < 9", "#0 + 1 < #2", "#0 + 2 < #2", "#0 + 2 <= #2"}, "T?TT?T"},
		{[]string{"#0 < #1"}, []string{"#0 + 1 < #1 + 1", "#0 < #2"}, "??"},
		{[]string{"#0 < #1", "#1 < 100"}, []string{"#0 + 1 < #1 + 1", "#0 - 1 < #1 - 1", "#0 + 1 <= #1"}, "T?T"},
		{[]string{"(unsigned)#0 < (unsigned)#1", "(unsigned)#1 < 100"}, []string{"(unsigned)#0 + 1 < (unsigned)#1 + 1", "#0 < #1", "(unsigned)#0 - 1 < (unsigned)#1"}, "TT?"},
		{[]string{"(unsigned long)#3 < (unsigned long)#4", "(unsigned long)#4 < (unsigned)#0"}, []string{"(unsigned long)#3 < (unsigned)#0", "(unsigned long)#3 + 1 < (unsigned)#0", "(unsigned)#3 < (unsigned)#0"}, "TTT"},
		{[]string{"#0 != #1", "#0 <= #1", "#1 <= #2"}, []string{"#0 < #1", "#0 < #2", "#0 == #2"}, "TTF"},
		{[]string{"#3 < #4", "#4 < #3 + 2", "#3 >= 0", "#3 < 1000"}, []string{"#4 == #3 + 1", "#4 < #3 + 3"}, "TT"},
	} {
		for i, q := range test.query {
			file, err := FromFlags("f", nil, append(append([]string(nil), test.when...), q))
			if err != nil {
				t.Fatal(err)
			}
			r, err := Resolve(p, file)
			got := "?"
			if err != nil {
				got = "F" // Resolve finds the contradiction
			} else {
				v := r.Variants[0]
				e := v.When[len(test.when)].Expr
				v.When = v.When[:len(test.when)]
				f := NewFacts(v)
				if c, _, ok := f.Value(f.Expr(e)); ok {
					got = "FT"[c : c+1]
				}
			}
			if want := test.want[i : i+1]; got != want {
				t.Errorf("when %q: %s is %s, want %s", test.when, q, got, want)
			}
		}
	}
}

// TestOrdersSound asserts comparisons of sums that hold for random values: what
// they decide of other comparisons must be so.
func TestOrdersSound(t *testing.T) {
	decided := 0
	for seed := int64(0); seed < 20_000; seed++ {
		r := rand.New(rand.NewSource(seed))
		w := []int{8, 16, 32, 64}[r.Intn(4)]
		edges := []uint64{0, 1, 2, mask(w), mask(w) - 1, mask(w) >> 1, mask(w)>>1 + 1, 5, 6}
		v := &env{}
		for range paramWidths {
			x := edges[r.Intn(len(edges))]
			if r.Intn(2) == 0 {
				x = uint64(r.Intn(12))
			}
			v.params = append(v.params, x&mask(w))
		}
		term := func() *Expr {
			e := &Expr{Op: OpParam, Type: intType, Width: w, Param: r.Intn(4)}
			if n := r.Intn(9); n < 6 {
				c := &Expr{Op: OpConst, Type: intType, Width: w, Int: signed(edges[n], w)}
				if r.Intn(3) == 0 {
					return c
				}
				e = &Expr{Op: OpAdd, Type: intType, Width: w, Args: []*Expr{e, c}}
			}
			return e
		}
		compare := func() *Expr {
			a, b := term(), term()
			if w < 64 && r.Intn(4) == 0 {
				ext := []Op{OpZExt, OpSExt}[r.Intn(2)]
				a = &Expr{Op: ext, Type: intType, Width: 64, Args: []*Expr{a}}
				b = &Expr{Op: ext, Type: intType, Width: 64, Args: []*Expr{b}}
			}
			return &Expr{Op: OpEq + Op(r.Intn(int(OpSGE-OpEq)+1)), Type: intType, Width: 1, Args: []*Expr{a, b}}
		}
		variant := &Variant{}
		for range 2 + r.Intn(5) {
			e := compare()
			if v.eval(e) == 0 {
				e = &Expr{Op: OpLogNot, Type: intType, Width: 1, Args: []*Expr{e}}
			}
			variant.When = append(variant.When, &Pred{Text: e.String(), Expr: e})
		}
		f := NewFacts(variant)
		describe := func() string {
			s := fmt.Sprint("seed ", seed, " width ", w, " params ", v.params)
			for _, p := range variant.When {
				s += "\n  when " + p.Text
			}
			return s
		}
		if f.Conflict() != nil {
			t.Fatalf("conflict though all hold: %s", describe())
		}
		for range 30 {
			e := compare()
			if got, _, ok := f.Value(f.Expr(e)); ok {
				decided++
				if want := v.eval(e); got != want {
					t.Fatalf("%s decided as %d, is %d: %s", e, got, want, describe())
				}
			}
		}
	}
	t.Logf("%d comparisons decided", decided)
}
