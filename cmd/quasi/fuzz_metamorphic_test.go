package main

// This file holds what must not make a difference: that a program goes through
// the specializer in two steps instead of one, or once more.

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"quasi/ir"
	"quasi/ir/spec"
)

// halves specializes for one half of what a plan says, then the residual
// function for the other. The order of predicates stays, for one may protect
// the next. Guards are for the second half alone: nothing is specialized that has some.
func (w *worker) halves(prog *ir.Program, plan *fuzzPlan) (kind string, err error) {
	v := plan.variants[0]
	first, err := spec.FromFlags(v.fn, v.static[:len(v.static)/2], v.when[:len(v.when)/2])
	if err != nil {
		return "crash", err
	}
	once, err := w.specialize(prog, first, plan.budget, guardsOff)
	if err != nil {
		return "crash", fmt.Errorf("the first half: %w", err)
	}
	half, err := ir.Load("half.ll", []byte(once))
	if err != nil {
		return "crash", fmt.Errorf("what the first half made: %w", err)
	}
	residual := half.FuncByName(v.fn + ".v1")
	if residual == nil {
		return w.compare(once, plan)
	}
	secondHalf := retyped(half, residual, v.static[len(v.static)/2:])
	file, err := spec.FromFlags(residual.LL.Name(), secondHalf, v.when[len(v.when)/2:])
	if err != nil {
		return "crash", err
	}
	text, err := w.specialize(half, file, plan.budget, *csmithGuards)
	if err != nil {
		return "crash", fmt.Errorf("the second half: %w", err)
	}
	return w.compare(text, plan)
}

// retyped writes static integers as values of the types that f has for its
// parameters: signed ones if no debug information tells.
func retyped(p *ir.Program, f *ir.Func, static []string) []string {
	static = slices.Clone(static)
	for i, s := range static {
		name, value, _ := strings.Cut(s, "=")
		n, err := strconv.ParseUint(strings.TrimSuffix(value, "u"), 10, 64)
		if err != nil {
			continue
		}
		for _, q := range p.Debug().Params(f.LL) {
			if q.Name == name && q.Type.IsInteger() {
				static[i] = name + "=" + num{int(q.Type.Size), q.Type.Signed, n}.normal().String()
			}
		}
	}
	return static
}

// twice specializes two times and compares the bytes.
func (w *worker) twice(prog *ir.Program, plan *fuzzPlan) (kind string, err error) {
	file, err := plan.file()
	if err != nil {
		return "crash", err
	}
	first, err := w.specialize(prog, file, plan.budget, *csmithGuards)
	if err != nil {
		return "crash", err
	}
	if prog, err = w.load(); err != nil {
		return "crash", err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(runtime.NumCPU()))
	second, err := w.specialize(prog, file, plan.budget, *csmithGuards)
	if err != nil {
		return "crash", err
	}
	return "mismatch", sameText(first, second)
}

// sameText is an error that shows the first line that differs.
func sameText(a, b string) error {
	if a == b {
		return nil
	}
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range x {
		if i >= len(y) || x[i] != y[i] {
			other := "the end"
			if i < len(y) {
				other = y[i]
			}
			return fmt.Errorf("line %d differs:\n%s\n%s", i+1, x[i], other)
		}
	}
	return fmt.Errorf("%d lines and %d", len(x), len(y))
}
