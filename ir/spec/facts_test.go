package spec

import (
	"fmt"
	"math/rand"
	"testing"

	"quasi/ir"
)

var (
	intType = &ir.CType{Kind: ir.CInt, Name: "int", Size: 4, Signed: true}
	ptrType = &ir.CType{Kind: ir.CPointer, Size: 8}
)

// Parameters of the random programs: their widths.
var paramWidths = []int{64, 64, 32, 32, 16, 16, 8, 8, 1}

// genExpr makes a random expression of width w, nested no deeper than depth.
func genExpr(r *rand.Rand, w, depth int) *Expr {
	e := &Expr{Type: intType, Width: w}
	arg := func(w int) *Expr { return genExpr(r, w, depth-1) }
	if depth == 0 || r.Intn(6) == 0 {
		if r.Intn(3) == 0 {
			e.Op, e.Int = OpConst, signed(genConst(r), w)
			return e
		}
		for i := r.Intn(len(paramWidths)); ; i = (i + 1) % len(paramWidths) {
			if paramWidths[i] == w {
				e.Op, e.Param = OpParam, i
				return e
			}
		}
	}
	wider := map[int][]int{8: {16, 32, 64}, 16: {32, 64}, 32: {64}, 1: {8, 32}}
	narrower := map[int][]int{64: {8, 16, 32, 1}, 32: {8, 16, 1}, 16: {8, 1}, 8: {1}}
	switch k := r.Intn(10); {
	case w == 1 && k < 7:
		e.Op = OpEq + Op(r.Intn(int(OpSGE-OpEq)+1))
		n := []int{8, 16, 32, 64}[r.Intn(4)]
		e.Args = []*Expr{arg(n), arg(n)}
	case w == 1 && k < 9:
		e.Op = OpLogAnd + Op(r.Intn(3))
		e.Args = []*Expr{arg(1), arg(1)}
		if e.Op == OpLogNot {
			e.Args = e.Args[:1]
		}
	case k < 2 && len(narrower[w]) > 0:
		e.Op = OpZExt + Op(r.Intn(2))
		ns := narrower[w]
		e.Args = []*Expr{arg(ns[r.Intn(len(ns))])}
	case k == 2 && len(wider[w]) > 0:
		e.Op = OpTrunc
		ns := wider[w]
		e.Args = []*Expr{arg(ns[r.Intn(len(ns))])}
	case k == 3 && w >= 8:
		e.Op = OpLoad
		addr := &Expr{Op: OpOffset, Type: ptrType, Width: 64, Off: int64(r.Intn(3) * 8), Args: []*Expr{arg(64)}}
		e.Args = []*Expr{addr}
		if w == 8 && r.Intn(2) == 0 {
			e.Type = cBool
		}
		if r.Intn(3) == 0 {
			e.Args[0] = &Expr{Op: OpIndex, Type: ptrType, Width: 64, Off: int64(1 + r.Intn(4)), Args: []*Expr{arg(64), arg(64)}}
		}
	case k == 4:
		e.Op = OpCond
		e.Args = []*Expr{arg(1), arg(w), arg(w)}
	case w == 1:
		return arg(1)
	default:
		e.Op = OpAdd + Op(r.Intn(int(OpAShr-OpAdd)+1))
		e.Args = []*Expr{arg(w), arg(w)}
		switch e.Op {
		case OpSDiv, OpSRem, OpUDiv, OpURem:
			e.Args[1] = &Expr{Op: OpConst, Type: intType, Width: w, Int: int64(1 + r.Intn(9))}
		case OpShl, OpLShr, OpAShr:
			e.Args[1] = &Expr{Op: OpConst, Type: intType, Width: w, Int: int64(r.Intn(w))}
		}
	}
	return e
}

func genConst(r *rand.Rand) uint64 {
	switch r.Intn(4) {
	case 0:
		return uint64(r.Intn(4))
	case 1:
		return uint64(1) << r.Intn(64)
	case 2:
		return 1<<r.Intn(64) - 1
	}
	return -uint64(r.Intn(300))
}

func genEnv(r *rand.Rand) *env {
	seed := r.Uint64()
	v := &env{mem: func(a uint64) byte {
		h := (a ^ seed) * 0x9e3779b97f4a7c15
		if h>>40&3 != 0 {
			return 0
		}
		return byte(h >> 56 & 3)
	}}
	for range paramWidths {
		x := genConst(r)
		if r.Intn(2) == 0 {
			x = uint64(r.Intn(3))
		}
		v.params = append(v.params, x)
	}
	return v
}

// anyBad reports whether some load of e, evaluated or not, reads a _Bool that
// is neither 0 nor 1.
func anyBad(v *env, e *Expr) bool {
	v.bad = false
	e.Walk(func(x *Expr) {
		if x.Op == OpLoad {
			v.eval(x)
		}
	})
	return v.bad
}

// TestFactsSound checks that in a state in which the predicates hold, every
// value that Facts decides is the value it has, and values with one Sym are
// equal.
func TestFactsSound(t *testing.T) {
	decided := 0
	for seed := int64(0); seed < 6000; seed++ {
		r := rand.New(rand.NewSource(seed))
		v := genEnv(r)
		variant := &Variant{}
		if r.Intn(3) == 0 {
			i := r.Intn(len(paramWidths))
			c := Const{Kind: ConstInt, Int: v.params[i] & mask(paramWidths[i]), Width: paramWidths[i]}
			variant.Static = append(variant.Static, Binding{Param: i, Value: c})
		}
		for i := 0; i < 1+r.Intn(4); i++ {
			e := genExpr(r, 1, 1+r.Intn(4))
			v.bad = false
			holds := v.eval(e) != 0
			if v.bad || anyBad(v, e) {
				continue
			}
			if !holds {
				e = &Expr{Op: OpLogNot, Type: intType, Width: 1, Args: []*Expr{e}}
			}
			variant.When = append(variant.When, &Pred{Text: e.String(), Expr: e})
		}
		f := NewFacts(variant)
		describe := func() string {
			s := fmt.Sprint("seed ", seed, " params ", v.params)
			for _, p := range variant.When {
				s += "\n  when " + p.Text
			}
			return s
		}
		if f.Conflict() != nil {
			t.Fatalf("conflict though all hold: %s", describe())
		}
		bySym := map[Sym]uint64{}
		for i := 0; i < 40; i++ {
			e := genExpr(r, []int{1, 8, 16, 32, 64, 1}[r.Intn(6)], r.Intn(4))
			if i < len(variant.When) {
				e = variant.When[i].Expr
			}
			if anyBad(v, e) {
				continue
			}
			s, want := f.Expr(e), v.eval(e)
			if s == NoSym {
				continue
			}
			if f.Width(s) != e.Width {
				t.Fatalf("%s has width %d, want %d: %s", e, f.Width(s), e.Width, describe())
			}
			if got, _, ok := f.Value(s); ok && got != want {
				t.Fatalf("%s decided as %d, is %d: %s", e, got, want, describe())
			} else if ok {
				decided++
			}
			if b := f.boundsOf(s); b.excludes(want) || b.empty {
				t.Fatalf("%s bounds %+v exclude %d: %s", e, *b, want, describe())
			}
			if old, ok := bySym[s]; ok && old != want {
				t.Fatalf("%s has Sym %d = %s of a value %d, is %d: %s", e, s, f.String(s), old, want, describe())
			}
			bySym[s] = want
			base, off := f.Split(s)
			if bv, ok := bySym[base]; ok && e.Width == 64 && bv+uint64(off) != want {
				t.Fatalf("%s splits into %s%+d: %s", e, f.String(base), off, describe())
			}
		}
	}
	t.Logf("%d values decided", decided)
}
