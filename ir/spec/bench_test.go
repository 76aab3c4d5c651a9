package spec

import (
	"fmt"
	"testing"

	"quasi/ir/irtest"
)

// BenchmarkNewFacts asserts n predicates over one structure.
func BenchmarkNewFacts(b *testing.B) {
	p := irtest.Load(b, "testdata/kill.ll")
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var when []string
			for i := range n {
				when = append(when, fmt.Sprintf("from->name[%d] == current->name[%d] && table[%d] != %d", i, i+1, i, i))
			}
			file, err := FromFlags("kill_proc", nil, when)
			if err != nil {
				b.Fatal(err)
			}
			r, err := Resolve(p, file)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				NewFacts(r.Variants[0])
			}
		})
	}
}

// BenchmarkOp asks for values that are decided, known already, and not.
func BenchmarkOp(b *testing.B) {
	f := NewFacts(&Variant{})
	x, y := f.Param(0, 32), f.Param(1, 32)
	for b.Loop() {
		f.Op(OpAdd, 32, f.Const(3, 32), f.Const(4, 32))
		f.Op(OpULT, 1, f.Op(OpAdd, 32, x, y), f.Const(9, 32))
	}
}
