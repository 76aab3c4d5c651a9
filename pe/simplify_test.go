package pe

// This file tests simplification (B1 to B9) by values: small programs over
// bytes are specialized for nothing, with the pass and without, and evaluated for
// every argument. evaluate_test.go knows poison and what is undefined.

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"

	"quasi/ir"
	"quasi/ir/irtest"
	"quasi/ir/spec"
)

// residualOf specializes @f of a module for nothing. Its residual function is
// returned alone, without and with simplification.
func residualOf(t testing.TB, src string, off bool) *llir.Func {
	t.Helper()
	p := irtest.LoadString(t, src)
	pt := ir.SolvePointsTo(p)
	cg := ir.BuildCallGraph(p, pt)
	v := &spec.Variant{Name: "g", Fn: irtest.Func(t, p, "f")}
	res, err := Specialize(Config{Prog: p, PT: pt, CG: cg, MR: ir.ComputeModRef(p, pt, cg), Variant: v, Facts: spec.NewFacts(v), NoSimplify: off})
	if err != nil {
		t.Fatal(err)
	}
	irtest.LoadString(t, irtest.Print(t, p)) // checks it
	return res.Residual
}

// refines compares the residual functions of src for all a and those of bs.
func refines(t *testing.T, src string, bs []uint64) {
	t.Helper()
	off, on := residualOf(t, src, true), residualOf(t, src, false)
	want, got := newEval(t, off), newEval(t, on)
	for a := uint64(0); a < 256; a++ {
		for _, b := range bs {
			w := want.run(a, b)
			if w.ub {
				continue
			}
			g := got.run(a, b)
			if g.ub || g.trace != w.trace || !w.poison && (g.poison || g.n != w.n) {
				t.Fatalf("for %d, %d: got %+v, want %+v\n%s\nsimplified:\n%s", a, b, g, w, off.LLString(), on.LLString())
			}
		}
	}
}

func allBytes() []uint64 {
	var all []uint64
	for b := range uint64(256) {
		all = append(all, b)
	}
	return all
}

// edgeBytes are bytes at which comparisons change.
var edgeBytes = []uint64{0, 1, 2, 3, 7, 13, 14, 15, 16, 31, 60, 126, 127, 128, 129, 200, 240, 253, 254, 255}

// TestSimplifyRules evaluates one program a rule for every value of two bytes.
func TestSimplifyRules(t *testing.T) {
	// Each body ends in blocks fail and pass.
	for name, body := range map[string]string{
		"B1 trunc fits":           `%x = zext i8 %a to i16 %s = and i16 %x, 100 %t = trunc i16 %s to i8 %c = icmp ugt i8 %t, 100 br i1 %c, label %fail, label %pass`,
		"B1 trunc does not fit":   `%x = zext i8 %a to i16 %s = add i16 %x, 9 %t = trunc i16 %s to i8 %c = icmp ult i8 %t, %a br i1 %c, label %fail, label %pass`,
		"B1 sext of a byte":       `%x = sext i8 %a to i16 %c = icmp ugt i16 %x, 127 br i1 %c, label %fail, label %pass`,
		"B2 add may wrap":         `%s = add i8 %a, 14 %c = icmp ult i8 %s, 14 br i1 %c, label %fail, label %pass`,
		"B2 add does not":         `%m = and i8 %a, 60 %s = add i8 %m, 14 %c = icmp ult i8 %s, 14 br i1 %c, label %fail, label %pass`,
		"B2 sub of a constant":    `%k = icmp ult i8 %a, 12 br i1 %k, label %fail, label %n n: %s = sub i8 %a, 12 %c = icmp ugt i8 2, %s br i1 %c, label %fail, label %pass`,
		"B2 sub without a check":  `%s = sub i8 %a, 12 %c = icmp ugt i8 2, %s br i1 %c, label %fail, label %pass`,
		"B2 sub of a base":        `%k = icmp ugt i8 %b, %a br i1 %k, label %fail, label %n n: %s = sub i8 %a, %b %c = icmp ult i8 %s, 14 br i1 %c, label %fail, label %pass`,
		"B2 proven after":         `%s = sub i8 %a, %b %k = icmp ugt i8 %b, %a br i1 %k, label %fail, label %n n: %c = icmp ugt i8 %s, %a br i1 %c, label %fail, label %pass`,
		"B3 bounds":               `%x = lshr i8 %a, 2 %y = urem i8 %b, 7 %s = add i8 %x, %y %o = or i8 %s, %y %c = icmp ugt i8 %y, %o br i1 %c, label %fail, label %pass`,
		"B3 division":             `%d = or i8 %b, 2 %x = udiv i8 %a, %d %c = icmp ugt i8 %x, 127 br i1 %c, label %fail, label %pass`,
		"B3 product":              `%x = or i8 %a, 100 %y = or i8 %b, 3 %s = mul i8 %y, %x %c = icmp ult i8 %s, 200 br i1 %c, label %fail, label %pass`,
		"B4 signed":               `%k = icmp slt i8 %a, 0 br i1 %k, label %fail, label %n n: %l = icmp slt i8 %a, %b br i1 %l, label %m, label %fail m: %c = icmp ult i8 %a, %b br i1 %c, label %pass, label %fail`,
		"B4 negative":             `%k = icmp slt i8 %a, -5 br i1 %k, label %n, label %fail n: %c = icmp ult i8 %a, -5 br i1 %c, label %pass, label %fail`,
		"B4 signed, signs differ": `%l = icmp slt i8 %a, %b br i1 %l, label %n, label %fail n: %c = icmp ult i8 %a, %b br i1 %c, label %pass, label %fail`,
		"B4 not equal":            `%k = icmp eq i8 %a, 0 br i1 %k, label %fail, label %n n: %c = icmp ult i8 %a, 1 br i1 %c, label %fail, label %pass`,
		"B4 equal":                `%k = icmp eq i8 %a, %b br i1 %k, label %n, label %fail n: %c = icmp ugt i8 %a, %b br i1 %c, label %fail, label %pass`,
		"B4 truth value":          `%k = icmp ult i8 %a, %b %z = zext i1 %k to i8 %l = icmp ne i8 %z, 0 br i1 %l, label %n, label %fail n: %c = icmp uge i8 %a, %b br i1 %c, label %fail, label %pass`,
		"B4 conjunction":          `%k = icmp ult i8 %a, %b %l = icmp ult i8 %b, 9 %z = and i1 %k, %l br i1 %z, label %n, label %fail n: %c = icmp ugt i8 %a, 8 br i1 %c, label %fail, label %pass`,
		"B4 switch":               `switch i8 %a, label %fail [ i8 3, label %n i8 -3, label %pass ] n: %c = icmp ult i8 %a, %b br i1 %c, label %fail, label %m m: %d = icmp ugt i8 %b, 3 br i1 %d, label %fail, label %pass`,
		"B5 join":                 `%k = icmp ult i8 %a, 9 br i1 %k, label %l, label %r l: %kl = icmp ult i8 %b, 20 br i1 %kl, label %j, label %fail r: %kr = icmp ult i8 %b, 30 br i1 %kr, label %j, label %fail j: %p = phi i8 [ %a, %l ], [ 40, %r ] %c = icmp ugt i8 %b, 29 br i1 %c, label %fail, label %m m: %d = icmp ugt i8 %p, 40 br i1 %d, label %fail, label %pass`,
		"B5 lower bound":          `%o = or i8 %b, 64 %k = icmp ult i8 %a, 9 br i1 %k, label %l, label %j l: br label %j j: %p = phi i8 [ %a, %l ], [ %o, %entry ] %c = icmp ult i8 %p, 64 br i1 %c, label %fail, label %pass`,
		"B5 loop":                 `%s = and i8 %b, 3 br label %h h: %i = phi i8 [ %s, %entry ], [ %j, %h ] %j = add i8 %i, 1 %c = icmp ugt i8 %j, 10 br i1 %c, label %pass, label %h`,
		"B6 path":                 `%k = icmp ult i8 %a, %b br i1 %k, label %n, label %fail n: %x = load i8, i8* %q %l = icmp ult i8 %b, %x br i1 %l, label %m, label %fail m: %s = add i8 %a, 1 %c = icmp ult i8 %s, %x br i1 %c, label %pass, label %fail`,
		"B8 two bases":            `%m = and i8 %b, 60 %k = icmp ugt i8 %m, %a br i1 %k, label %fail, label %n n: %x = load i8, i8* %q %s = sub i8 %a, %m %c = icmp ult i8 %s, 14 br i1 %c, label %fail, label %pass`,
		"B8 may wrap":             `%m = and i8 %b, 250 %k = icmp ugt i8 %m, %a br i1 %k, label %fail, label %n n: %x = load i8, i8* %q %s = sub i8 %a, %m %c = icmp ult i8 %s, 14 br i1 %c, label %fail, label %pass`,
		"B9 chain":                `%m = and i8 %b, 60 %k = icmp ugt i8 %m, %a br i1 %k, label %fail, label %n n: %s = sub i8 %a, %m %l = icmp ugt i8 14, %s br i1 %l, label %fail, label %o o: %y = add i8 %m, 14 %u = sub i8 %a, %y %z = zext i8 %u to i64 %c = icmp ugt i64 2, %z br i1 %c, label %fail, label %pass`,
		"B9 not implied":          `%k = icmp ugt i8 %b, %a br i1 %k, label %fail, label %n n: %s = sub i8 %a, %b %l = icmp ugt i8 14, %s br i1 %l, label %fail, label %pass`,
		"B9 flags":                `%m = and i8 %b, 60 %k = icmp ugt i8 %m, %a br i1 %k, label %fail, label %n n: %s = sub nuw i8 %a, %m %l = icmp ugt i8 14, %s br i1 %l, label %fail, label %pass`,
		"B9 poison by flags":      `%m = and i8 %a, 60 %k = icmp ugt i8 %m, 27 br i1 %k, label %fail, label %n n: %w = add nsw i8 %m, 100 %l = icmp ugt i8 %w, 120 br i1 %l, label %fail, label %pass`,
		"B9 poison elsewhere":     `%x = add nsw i8 %a, 100 %k = icmp ult i8 %a, 20 br i1 %k, label %l, label %r l: %d = icmp ugt i8 %x, 107 br i1 %d, label %pass, label %fail r: %c = icmp ugt i8 %b, 100 br i1 %c, label %fail, label %n n: %m = and i8 %x, 3 %e = icmp ult i8 %m, %b br i1 %e, label %fail, label %pass`,
		"B9 phis differ":          `%k = icmp ult i8 %a, 9 br i1 %k, label %j, label %n n: %l = icmp ult i8 %a, 12 br i1 %l, label %j, label %pass j: %p = phi i8 [ %a, %entry ], [ %b, %n ] ret i8 %p`,
		"B9 phis agree":           `%k = icmp ult i8 %a, 9 br i1 %k, label %j, label %n n: %l = icmp ult i8 %a, 12 br i1 %l, label %j, label %pass j: %p = phi i8 [ %b, %entry ], [ %b, %n ] ret i8 %p`,
		"B9 load between":         `%k = icmp ult i8 %a, 9 br i1 %k, label %fail, label %n n: %x = load i8, i8* %q %l = icmp ult i8 %a, 12 br i1 %l, label %fail, label %pass`,
		"B9 both ways":            `%k = icmp ult i8 %a, 9 br i1 %k, label %pass, label %n n: %l = icmp ult i8 %a, 12 br i1 %l, label %pass, label %fail`,
	} {
		t.Run(name, func(t *testing.T) {
			src := opaqueArgs + lines(body) + "\nfail:\n ret i8 0\npass:\n ret i8 1\n}\n"
			refines(t, src, allBytes())
		})
	}
}

// opaqueArgs opens @f with bytes of which the specializer has no symbols: calls
// return their argument.
const opaqueArgs = `declare void @sink(i8)
declare i8 @get(i8)
define i8 @f(i8 %a.arg, i8 %b.arg, i8* %q) {
entry:
%a = call i8 @get(i8 %a.arg)
%b = call i8 @get(i8 %b.arg)
`

// lines puts the instructions of a one-line body on lines of their own.
func lines(body string) string {
	words := strings.Fields(body)
	var sb strings.Builder
	depth := 0
	for i, w := range words {
		depth += strings.Count(w, "[") - strings.Count(w, "]")
		start := w == "br" || w == "ret" || w == "switch" || strings.HasSuffix(w, ":") || i+1 < len(words) && words[i+1] == "="
		if start && depth == 0 {
			sb.WriteString("\n")
		}
		sb.WriteString(w + " ")
	}
	return sb.String()
}

// TestSimplifyRandom does so for random programs.
func TestSimplifyRandom(t *testing.T) {
	n := 400
	if testing.Short() {
		n = 60
	}
	for seed := range n {
		g := &checkGen{r: rand.New(rand.NewSource(int64(seed)))}
		src := g.program()
		if t.Run(fmt.Sprint(seed), func(t *testing.T) { refines(t, src, edgeBytes) }); t.Failed() {
			return
		}
	}
}

// A checkGen makes programs that check bounds: a graph of blocks without
// cycles, with comparisons of sums and differences of what is in scope.
type checkGen struct {
	r    *rand.Rand
	sb   strings.Builder
	next int
}

func (g *checkGen) pick(list []string) string { return list[g.r.Intn(len(list))] }

func (g *checkGen) name() string {
	g.next++
	return fmt.Sprintf("%%v%d", g.next)
}

func (g *checkGen) operand(scope []string) string {
	if g.r.Intn(4) == 0 {
		return fmt.Sprint([]int{0, 1, 2, 4, 12, 14, 16, 20, 60, 100, 127, -1, -2, -14, -128}[g.r.Intn(15)])
	}
	return g.pick(scope)
}

func (g *checkGen) program() string {
	n := 4 + g.r.Intn(8)
	succs := make([][2]int, n)
	preds := make([][]int, n+2)
	idom := make([]int, n+2)
	for i := range n {
		for k := range 2 {
			succs[i][k] = min(i+1+g.r.Intn(3), n+1)
			if g.r.Intn(3) == 0 {
				succs[i][k] = n + g.r.Intn(2)
			}
		}
	}
	for i := 1; i < n; i++ {
		reached := false
		for _, to := range succs[:i] {
			reached = reached || to[0] == i || to[1] == i
		}
		if !reached {
			succs[i-1][1] = i
		}
	}
	for i, to := range succs {
		if to[0] == to[1] {
			succs[i][0] = n
			if to[1] == n {
				succs[i][0] = n + 1
			}
		}
		for _, s := range succs[i] {
			preds[s] = append(preds[s], i)
		}
	}
	for i := 1; i < n+2; i++ {
		d := -1
		for _, p := range preds[i] {
			for d >= 0 && d != p {
				if d > p {
					d = idom[d]
				} else {
					p = idom[p]
				}
			}
			d = p
		}
		idom[i] = max(d, 0)
	}
	scopes := make([][]string, n+2)
	g.sb.WriteString(opaqueArgs + "br label %b0\n")
	for i := range n {
		fmt.Fprintf(&g.sb, "b%d:\n", i)
		scope := []string{"%a", "%b"}
		if i > 0 {
			scope = append([]string(nil), scopes[idom[i]]...)
		}
		if len(preds[i]) > 1 && g.r.Intn(2) == 0 {
			v := g.name()
			fmt.Fprintf(&g.sb, "%s = phi i8 ", v)
			for k, p := range preds[i] {
				if k > 0 {
					g.sb.WriteString(", ")
				}
				fmt.Fprintf(&g.sb, "[ %s, %%b%d ]", g.operand(scopes[p]), p)
			}
			g.sb.WriteString("\n")
			scope = append(scope, v)
		}
		for range g.r.Intn(4) {
			scope = append(scope, g.instruction(scope))
		}
		if g.r.Intn(6) == 0 {
			fmt.Fprintf(&g.sb, "call void @sink(i8 %s)\n", g.pick(scope))
		}
		scopes[i] = scope
		fmt.Fprintf(&g.sb, "br i1 %s, label %%b%d, label %%b%d\n", g.condition(scope), succs[i][0], succs[i][1])
	}
	for i := n; i < n+2; i++ {
		if len(preds[i]) == 0 {
			fmt.Fprintf(&g.sb, "b%d:\nret i8 %d\n", i, i)
			continue
		}
		fmt.Fprintf(&g.sb, "b%d:\n", i)
		v := fmt.Sprint(i)
		if g.r.Intn(2) == 0 {
			v = g.pick(scopes[idom[i]])
		}
		fmt.Fprintf(&g.sb, "ret i8 %s\n", v)
	}
	g.sb.WriteString("}\n")
	return g.sb.String()
}

// instruction adds one that makes a byte.
func (g *checkGen) instruction(scope []string) string {
	x, y, v := g.pick(scope), g.operand(scope), g.name()
	flags := ""
	if g.r.Intn(6) == 0 {
		flags = g.pick([]string{"nuw ", "nsw ", "nuw nsw "})
	}
	switch g.r.Intn(10) {
	case 0, 1, 2:
		fmt.Fprintf(&g.sb, "%s = sub %si8 %s, %s\n", v, flags, x, y)
	case 3, 4:
		fmt.Fprintf(&g.sb, "%s = add %si8 %s, %s\n", v, flags, x, y)
	case 5:
		fmt.Fprintf(&g.sb, "%s = and i8 %s, %d\n", v, x, []int{1, 15, 60, 100, 120}[g.r.Intn(5)])
	case 6:
		fmt.Fprintf(&g.sb, "%s = %s i8 %s, %d\n", v, g.pick([]string{"lshr", "shl", "ashr", "udiv", "urem", "mul"}), x, 1+g.r.Intn(4))
	case 7:
		fmt.Fprintf(&g.sb, "%s = %s i8 %s, %s\n", v, g.pick([]string{"or", "xor", "and"}), x, y)
	case 8:
		fmt.Fprintf(&g.sb, "%s = load i8, i8* %%q\n", v)
	default:
		c := g.condition(scope)
		fmt.Fprintf(&g.sb, "%s = select i1 %s, i8 %s, i8 %s\n", v, c, x, y)
	}
	return v
}

// condition adds a comparison, some of a wider sum or of two at once.
func (g *checkGen) condition(scope []string) string {
	pred := g.pick([]string{"ult", "ule", "ugt", "uge", "ult", "ugt", "slt", "sge", "eq", "ne"})
	x, y, v := g.operand(scope), g.operand(scope), g.name()
	switch g.r.Intn(6) {
	case 0:
		wx, wy := g.name(), g.name()
		fmt.Fprintf(&g.sb, "%s = %s i8 %s to i16\n%s = add i16 %s, %d\n", wx, g.pick([]string{"zext", "sext"}), x, wy, wx, g.r.Intn(300)-20)
		fmt.Fprintf(&g.sb, "%s = icmp %s i16 %s, %d\n", v, pred, wy, g.r.Intn(300))
	case 1:
		l, r := g.name(), g.name()
		fmt.Fprintf(&g.sb, "%s = icmp %s i8 %s, %s\n", l, pred, x, y)
		fmt.Fprintf(&g.sb, "%s = icmp %s i8 %s, %s\n", r, "ult", g.operand(scope), g.operand(scope))
		switch g.r.Intn(4) {
		case 0:
			fmt.Fprintf(&g.sb, "%s = and i1 %s, %s\n", v, l, r)
		case 1:
			fmt.Fprintf(&g.sb, "%s = or i1 %s, %s\n", v, l, r)
		case 2:
			fmt.Fprintf(&g.sb, "%s = select i1 %s, i1 true, i1 %s\n", v, l, r)
		default:
			fmt.Fprintf(&g.sb, "%s = xor i1 %s, true\n", v, l)
		}
	default:
		fmt.Fprintf(&g.sb, "%s = icmp %s i8 %s, %s\n", v, pred, x, y)
	}
	return v
}

// BenchmarkSimplify specializes n checks of one value in a row, against n others.
func BenchmarkSimplify(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		var sb strings.Builder
		sb.WriteString(opaqueArgs + "br label %l0\n")
		for i := range n {
			fmt.Fprintf(&sb, "l%d:\n%%x%[1]d = load i8, i8* %%q\n%%c%[1]d = icmp ugt i8 %%x%[1]d, %%b\nbr i1 %%c%[1]d, label %%fail, label %%m%[1]d\n", i)
			fmt.Fprintf(&sb, "m%d:\n%%s%[1]d = sub i8 %%b, %%x%[1]d\n%%d%[1]d = icmp ult i8 %%s%[1]d, 14\nbr i1 %%d%[1]d, label %%fail, label %%l%d\n", i, i+1)
		}
		fmt.Fprintf(&sb, "l%d:\n ret i8 1\nfail:\n ret i8 0\n}\n", n)
		for _, off := range []bool{true, false} {
			b.Run(fmt.Sprintf("%d/off=%v", n, off), func(b *testing.B) {
				for range b.N {
					residualOf(b, sb.String(), off)
				}
			})
		}
	}
}
