package bta

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestRandom analyzes random programs: the result is congruent, the same for every
// order of the worklist unless bounds on variants are met, and names the same blocks
// again in a second run.
func TestRandom(t *testing.T) {
	compared := 0
	for seed := range uint64(150) {
		compared += checkRandom(t, seed)
	}
	if compared < 400 {
		t.Errorf("only %d orders could be compared", compared)
	}
}

func FuzzAnalyze(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { checkRandom(t, seed) })
}

// checkRandom returns how many orders it has compared.
func checkRandom(t *testing.T, seed uint64) (compared int) {
	t.Helper()
	src := randomProgram(rand.New(rand.NewPCG(seed, 7)))
	res := analyzeText(t, src, nil, nil)
	for _, err := range Check(res) {
		t.Errorf("seed %d: %v", seed, err)
	}
	want := listing(t, res)
	for order := range uint64(3) {
		other := analyzeText(t, src, rand.New(rand.NewPCG(order, 3)), nil)
		if res.Entry.an.bounded || other.Entry.an.bounded {
			continue
		}
		compared++
		if got := listing(t, other); got != want {
			t.Errorf("seed %d: order %d gives\n%s\nwant\n%s", seed, order, got, want)
			break
		}
	}
	if t.Failed() {
		t.Fatalf("program:\n%s\nlisting:\n%s", src, want)
	}
	return compared
}

// randomProgram is a module with two functions of random control flow over two
// slots, a global and a few registers.
func randomProgram(r *rand.Rand) string {
	var sb strings.Builder
	sb.WriteString("; bta: @f %s=S\n@g = global i32 0\n@tab = constant [8 x i32] [i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 0]\ndeclare i32 @ext(i32)\ndeclare void @take(i32*)\n")
	randomFunc(&sb, r, "f", 3+r.IntN(9), true)
	randomFunc(&sb, r, "h", 2+r.IntN(4), r.IntN(4) == 0)
	return sb.String()
}

func randomFunc(sb *strings.Builder, r *rand.Rand, name string, n int, calls bool) {
	succs := make([][]int, n)
	preds := make([][]int, n)
	for b := range n {
		k := 2
		if b == n-1 {
			k = 0
		} else if r.IntN(3) == 0 {
			k = 1
		}
		for range k {
			s := 1 + r.IntN(n-1)
			if r.IntN(3) > 0 && b+1 < n {
				s = b + 1 + r.IntN(min(3, n-b-1))
			}
			if len(succs[b]) == 1 && succs[b][0] == s {
				continue
			}
			succs[b] = append(succs[b], s)
			preds[s] = append(preds[s], b)
		}
	}
	fmt.Fprintf(sb, "define i32 @%s(i32 %%s, i32 %%d, i32* %%p) {\n", name)
	// Every block defines %vB_0..%vB_2; operands come from the entry, the block
	// itself or, through phis, from predecessors.
	for b := range n {
		fmt.Fprintf(sb, "b%d:\n", b)
		vals := []string{"%s", "%d", fmt.Sprint(r.IntN(5))}
		if b > 0 {
			for k := range 2 {
				if len(preds[b]) == 0 {
					break
				}
				var inc []string
				for _, p := range preds[b] {
					x := fmt.Sprintf("%%v%d_%d", p, r.IntN(3))
					if r.IntN(4) == 0 {
						x = fmt.Sprint(r.IntN(4))
					}
					inc = append(inc, fmt.Sprintf("[ %s, %%b%d ]", x, p))
				}
				fmt.Fprintf(sb, "  %%q%d_%d = phi i32 %s\n", b, k, strings.Join(inc, ", "))
				vals = append(vals, fmt.Sprintf("%%q%d_%d", b, k))
			}
		} else {
			sb.WriteString("  %slot = alloca i32\n  %arr = alloca [4 x i32]\n  store i32 3, i32* %slot\n")
		}
		pick := func() string { return vals[r.IntN(len(vals))] }
		for k := range 3 {
			v := fmt.Sprintf("%%v%d_%d", b, k)
			randomInst(sb, r, v, pick, calls)
			vals = append(vals, v)
		}
		switch len(succs[b]) {
		case 0:
			fmt.Fprintf(sb, "  ret i32 %s\n", pick())
		case 1:
			fmt.Fprintf(sb, "  br label %%b%d\n", succs[b][0])
		default:
			fmt.Fprintf(sb, "  %%c%d = icmp slt i32 %s, %s\n  br i1 %%c%d, label %%b%d, label %%b%d\n", b, pick(), pick(), b, succs[b][0], succs[b][1])
		}
	}
	sb.WriteString("}\n")
}

func randomInst(sb *strings.Builder, r *rand.Rand, v string, pick func() string, calls bool) {
	elem := func(of, typ string) {
		fmt.Fprintf(sb, "  %s.m = and i32 %s, 3\n  %s.p = getelementptr %s, %s* %s, i64 0, i32 %s.m\n", v, pick(), v, typ, typ, of, v)
	}
	switch r.IntN(13) {
	case 0, 1:
		fmt.Fprintf(sb, "  %s = add i32 %s, %s\n", v, pick(), pick())
	case 2:
		fmt.Fprintf(sb, "  %s = and i32 %s, %s\n", v, pick(), pick())
	case 3:
		fmt.Fprintf(sb, "  store i32 %s, i32* %%slot\n  %s = load i32, i32* %%slot\n", pick(), v)
	case 4:
		fmt.Fprintf(sb, "  %s = load i32, i32* %%slot\n", v)
	case 5:
		elem("%arr", "[4 x i32]")
		fmt.Fprintf(sb, "  store i32 %s, i32* %s.p\n  %s = add i32 %s, 1\n", pick(), v, v, pick())
	case 6:
		elem("%arr", "[4 x i32]")
		fmt.Fprintf(sb, "  %s = load i32, i32* %s.p\n", v, v)
	case 7:
		elem("@tab", "[8 x i32]")
		fmt.Fprintf(sb, "  %s = load i32, i32* %s.p\n", v, v)
	case 8:
		fmt.Fprintf(sb, "  %s.c = icmp eq i32 %s, %s\n  %s = select i1 %s.c, i32 %s, i32 %s\n", v, pick(), pick(), v, v, pick(), pick())
	case 9:
		fmt.Fprintf(sb, "  store i32 %s, i32* @g\n  %s = load i32, i32* @g\n", pick(), v)
	case 10:
		fmt.Fprintf(sb, "  store i32 %s, i32* %%p\n  %s = load i32, i32* @g\n", pick(), v)
	case 11:
		if r.IntN(3) == 0 {
			fmt.Fprintf(sb, "  call void @take(i32* %%slot)\n")
		}
		fmt.Fprintf(sb, "  %s = call i32 @ext(i32 %s)\n", v, pick())
	default:
		if !calls {
			fmt.Fprintf(sb, "  %s = sub i32 %s, 1\n", v, pick())
			return
		}
		slot := []string{"%slot", "@g", "%p"}[r.IntN(3)]
		fmt.Fprintf(sb, "  %s = call i32 @h(i32 %s, i32 %s, i32* %s)\n", v, pick(), pick(), slot)
	}
}
