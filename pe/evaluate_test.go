package pe

// This file evaluates small residual functions for the tests of simplification.

import (
	"fmt"
	"testing"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// A rawEval evaluates one function over integers of at most 64 bits. Loads give
// a byte that depends on the address, calls with a result return their argument,
// the others are a trace.
type rawEval struct {
	slots  map[value.Value]int
	blocks map[value.Value]int
	code   [][]evalInst
	vals   []evalValue
}

type evalValue struct {
	n      uint64
	poison bool
}

type evalInst struct {
	node  any
	dst   int
	ops   []int
	width uint
	from  uint
	flags []enum.OverflowFlag
	succs []int
	cases []uint64
	phi   map[int]int // of a phi: operand by predecessor
}

// An evalOutcome is what an evaluation came to.
type evalOutcome struct {
	ub, poison bool
	n          uint64
	trace      string
}

func bitsOf(t types.Type) uint {
	if i, ok := t.(*types.IntType); ok {
		return uint(i.BitSize)
	}
	return 64
}

func newEval(t testing.TB, f *llir.Func) *rawEval {
	e := &rawEval{slots: map[value.Value]int{}, blocks: map[value.Value]int{}}
	for k, b := range f.Blocks {
		e.blocks[b] = k
	}
	for _, p := range f.Params {
		e.slot(p)
	}
	for _, b := range f.Blocks {
		var code []evalInst
		for _, i := range b.Insts {
			in := evalInst{node: i, dst: -1}
			if v, ok := i.(value.Value); ok && !v.Type().Equal(types.Void) {
				in.dst, in.width = e.slot(v), bitsOf(v.Type())
			}
			if phi, ok := i.(*llir.InstPhi); ok {
				in.phi = map[int]int{}
				for _, inc := range phi.Incs {
					in.phi[e.blocks[inc.Pred]] = e.slot(inc.X)
				}
			} else {
				for _, o := range i.(interface{ Operands() []*value.Value }).Operands() {
					in.ops = append(in.ops, e.slot(*o))
					if in.from == 0 {
						in.from = bitsOf((*o).Type())
					}
				}
			}
			switch n := i.(type) {
			case *llir.InstAdd:
				in.flags = n.OverflowFlags
			case *llir.InstSub:
				in.flags = n.OverflowFlags
			}
			code = append(code, in)
		}
		in := evalInst{node: b.Term, dst: -1}
		switch n := b.Term.(type) {
		case *llir.TermRet:
			in.ops = []int{e.slot(n.X)}
		case *llir.TermBr:
			in.succs = []int{e.blocks[n.Target]}
		case *llir.TermCondBr:
			in.ops, in.succs = []int{e.slot(n.Cond)}, []int{e.blocks[n.TargetTrue], e.blocks[n.TargetFalse]}
		case *llir.TermSwitch:
			in.ops, in.succs = []int{e.slot(n.X)}, []int{e.blocks[n.TargetDefault]}
			for _, c := range n.Cases {
				in.succs = append(in.succs, e.blocks[c.Target])
				in.cases = append(in.cases, c.X.(*constant.Int).X.Uint64()&(1<<bitsOf(n.X.Type())-1))
			}
		default:
			t.Fatalf("%T is not evaluated", n)
		}
		e.code = append(e.code, append(code, in))
	}
	return e
}

// slot numbers a value; constants hold their value.
func (e *rawEval) slot(v value.Value) int {
	if k, ok := e.slots[v]; ok {
		return k
	}
	k := len(e.vals)
	e.slots[v] = k
	var x evalValue
	switch c := v.(type) {
	case *constant.Int:
		x.n = c.X.Uint64()
		if c.X.Sign() < 0 {
			x.n = uint64(c.X.Int64())
		}
		x.n &= mask(uint(c.Typ.BitSize))
	case *constant.Poison:
		x.poison = true
	}
	e.vals = append(e.vals, x)
	return k
}

// run evaluates the function for arguments.
func (e *rawEval) run(args ...uint64) (out evalOutcome) {
	for k, a := range args {
		e.vals[k] = evalValue{n: a}
	}
	at, from := 0, -1
	var merged [8]evalValue
	for steps := 0; steps < 1000; steps++ {
		phis := 0
		for _, in := range e.code[at] {
			if in.phi == nil {
				break
			}
			merged[phis] = e.vals[in.phi[from]]
			phis++
		}
		next := -1
		for k := range e.code[at] {
			in := &e.code[at][k]
			if in.phi != nil {
				e.vals[in.dst] = merged[k]
				continue
			}
			var x, y evalValue
			if len(in.ops) > 0 {
				x = e.vals[in.ops[0]]
			}
			if len(in.ops) > 1 {
				y = e.vals[in.ops[1]]
			}
			switch n := in.node.(type) {
			case *llir.TermRet:
				out.n, out.poison = x.n, x.poison
				return out
			case *llir.TermBr:
				next = in.succs[0]
			case *llir.TermCondBr:
				if x.poison {
					return evalOutcome{ub: true}
				}
				next = in.succs[1-x.n&1]
			case *llir.TermSwitch:
				if x.poison {
					return evalOutcome{ub: true}
				}
				next = in.succs[0]
				for k, c := range in.cases {
					if c == x.n {
						next = in.succs[k+1]
					}
				}
			case *llir.InstCall: // its first operand is the callee
				if in.dst >= 0 {
					e.vals[in.dst] = y
					break
				}
				out.trace += fmt.Sprint(" ", y.n, y.poison)
			case *llir.InstLoad:
				if x.poison {
					return evalOutcome{ub: true}
				}
				e.vals[in.dst] = evalValue{n: (x.n*37 + 11) & mask(in.width)}
			case *llir.InstUDiv, *llir.InstURem:
				if x.poison || y.poison || y.n == 0 {
					return evalOutcome{ub: true}
				}
				e.vals[in.dst] = evalValue{n: divide(n, x.n, y.n)}
			case *llir.InstSelect:
				z := e.vals[in.ops[2]]
				if x.n == 1 {
					z = y
				}
				z.poison = z.poison || x.poison
				e.vals[in.dst] = z
			default:
				e.vals[in.dst] = in.pure(x, y)
			}
		}
		at, from = next, at
	}
	return evalOutcome{ub: true}
}

func divide(n any, x, y uint64) uint64 {
	if _, ok := n.(*llir.InstUDiv); ok {
		return x / y
	}
	return x % y
}

// pure evaluates an operation that cannot trap.
func (in *evalInst) pure(x, y evalValue) evalValue {
	w := in.width
	r := evalValue{poison: x.poison || y.poison}
	switch n := in.node.(type) {
	case *llir.InstAdd:
		r.n = x.n + y.n
		r.poison = r.poison || overflows(in.flags, r.n > mask(w), sext(x.n, w)+sext(y.n, w), w)
	case *llir.InstSub:
		r.n = x.n - y.n
		r.poison = r.poison || overflows(in.flags, x.n < y.n, sext(x.n, w)-sext(y.n, w), w)
	case *llir.InstMul:
		r.n = x.n * y.n
	case *llir.InstAnd:
		r.n = x.n & y.n
	case *llir.InstOr:
		r.n = x.n | y.n
	case *llir.InstXor:
		r.n = x.n ^ y.n
	case *llir.InstShl:
		r.n, r.poison = x.n<<y.n, r.poison || y.n >= uint64(w)
	case *llir.InstLShr:
		r.n, r.poison = x.n>>y.n, r.poison || y.n >= uint64(w)
	case *llir.InstAShr:
		r.n, r.poison = uint64(sext(x.n, w)>>min(y.n, 63)), r.poison || y.n >= uint64(w)
	case *llir.InstZExt, *llir.InstTrunc:
		r.n = x.n
	case *llir.InstSExt:
		r.n = uint64(sext(x.n, in.from))
	case *llir.InstICmp:
		if comparison(n.Pred, x.n, y.n, in.from) {
			r.n = 1
		}
	default:
		panic(fmt.Sprintf("%T is not evaluated", n))
	}
	r.n &= mask(w)
	return r
}

func overflows(flags []enum.OverflowFlag, unsigned bool, signed int64, w uint) bool {
	for _, f := range flags {
		if f == enum.OverflowFlagNUW && unsigned || f == enum.OverflowFlagNSW && sext(uint64(signed), w) != signed {
			return true
		}
	}
	return false
}

func comparison(p enum.IPred, x, y uint64, w uint) bool {
	sx, sy := sext(x, w), sext(y, w)
	switch p {
	case enum.IPredEQ:
		return x == y
	case enum.IPredNE:
		return x != y
	case enum.IPredULT:
		return x < y
	case enum.IPredULE:
		return x <= y
	case enum.IPredUGT:
		return x > y
	case enum.IPredUGE:
		return x >= y
	case enum.IPredSLT:
		return sx < sy
	case enum.IPredSLE:
		return sx <= sy
	case enum.IPredSGT:
		return sx > sy
	}
	return sx >= sy
}
