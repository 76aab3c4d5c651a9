package spec

import "quasi/ir"

// This file holds an evaluator of Exprs, the reference for Facts and for what
// clang makes of the same C.

// An env is a state at entry.
type env struct {
	params []uint64
	addrs  map[string]uint64
	mem    func(addr uint64) byte
	bad    bool // a _Bool was read that is neither 0 nor 1
}

// eval computes e; it panics on what no Expr may do.
func (v *env) eval(e *Expr) uint64 {
	switch e.Op {
	case OpConst:
		return uint64(e.Int) & mask(e.Width)
	case OpParam:
		return v.params[e.Param] & mask(e.Width)
	case OpAddr:
		return v.addrs[symName(e.Sym)] + uint64(e.Off)
	case OpOffset:
		return v.eval(e.Args[0]) + uint64(e.Off)
	case OpIndex:
		return v.eval(e.Args[0]) + v.eval(e.Args[1])*uint64(e.Off)
	case OpPtrToInt:
		return v.eval(e.Args[0])
	case OpLoad:
		addr, x := v.eval(e.Args[0]), uint64(0)
		for i := e.Width/8 - 1; i >= 0; i-- {
			x = x<<8 | uint64(v.mem(addr+uint64(i)))
		}
		if e.Type.Kind == ir.CBool && x > 1 {
			v.bad = true
		}
		return x
	case OpLogAnd:
		if v.eval(e.Args[0]) == 0 {
			return 0
		}
		return v.eval(e.Args[1])
	case OpLogOr:
		if v.eval(e.Args[0]) != 0 {
			return 1
		}
		return v.eval(e.Args[1])
	case OpLogNot:
		return v.eval(e.Args[0]) ^ 1
	case OpCond:
		if v.eval(e.Args[0]) != 0 {
			return v.eval(e.Args[1])
		}
		return v.eval(e.Args[2])
	}
	a, b := e.Args[0], e.Args[0]
	if len(e.Args) > 1 {
		b = e.Args[1]
	}
	w := e.Width
	if e.Op.IsCompare() {
		w = a.Width
	}
	x, ok := fold(e.Op, w, a.Width, v.eval(a), v.eval(b))
	if !ok {
		panic("undefined: " + e.String())
	}
	return x
}
