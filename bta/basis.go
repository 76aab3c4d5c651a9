package bta

// This file holds Basis: what of a specification a static verdict rests on.

import (
	"slices"

	"quasi/ir"
	"quasi/ir/spec"
)

// A Ground is a static parameter or a predicate of the specification.
type Ground struct {
	Binding *spec.Binding
	Pred    *spec.Pred // if Binding is nil
}

// maxGrounds bounds the specifications that Basis takes apart.
const maxGrounds = 24

// Basis tells what of the specification a static verdict rests on: without any one
// of these it would be dynamic. It is empty if the program alone makes it static,
// or if of several grounds each is enough; program tells which. The
// verdict is asked for as in Explain.
func Basis(v *Variant, pt ir.Point, r ir.Reg) (needed []Ground, program bool) {
	a := v.an
	goal := verdict{v: v, pt: pt, r: r}
	all := a.cfg.Variant
	var grounds []Ground
	for i := range all.Static {
		grounds = append(grounds, Ground{Binding: &all.Static[i]})
	}
	for _, p := range slices.Concat(all.Always, all.When) {
		grounds = append(grounds, Ground{Pred: p})
	}
	none := *all
	none.Static, none.When, none.Always = nil, nil, nil
	if len(grounds) == 0 || !goal.dynamicUnder(-1, &none) {
		return nil, true
	}
	if len(grounds) > maxGrounds {
		return nil, false
	}
	for i, g := range grounds {
		less := *all
		if g.Binding != nil {
			less.Static = slices.DeleteFunc(slices.Clone(all.Static), func(b spec.Binding) bool { return b.Param == g.Binding.Param })
		} else {
			same := func(p *spec.Pred) bool { return p == g.Pred }
			less.When, less.Always = slices.DeleteFunc(slices.Clone(all.When), same), slices.DeleteFunc(slices.Clone(all.Always), same)
		}
		if goal.dynamicUnder(i, &less) {
			needed = append(needed, g)
		}
	}
	return needed, false
}

// dynamicUnder reports whether the verdict is dynamic with v, the specification of
// the same function without ground i, or without any for -1.
func (g verdict) dynamicUnder(i int, v *spec.Variant) bool {
	a := g.v.an
	res, ok := a.without[i]
	if !ok {
		cfg := a.cfg
		cfg.Variant, cfg.Facts, cfg.Log, cfg.Shuffle = v, spec.NewFacts(v), nil, nil
		var err error
		if res, err = Analyze(cfg); err != nil {
			res = nil
		}
		if a.without == nil {
			a.without = make(map[int]*Result)
		}
		a.without[i] = res
	}
	if res == nil {
		return false
	}
	reached := false
	for _, w := range g.in(res) {
		if g.dynamic(w) {
			return true
		}
		reached = reached || w.in[w.an.prog.BlockAt(g.pt).ID] != nil
	}
	return !reached // the call that leads there is left to run time
}
