package main

// This file holds the division as JSON: every point of every variant, with causes
// and remedies if they are asked for.

import (
	"io"

	llir "github.com/llir/llvm/ir"

	"quasi/bta"
	"quasi/ir"
)

// A variantJSON is one function under one entry division.
type variantJSON struct {
	*sourceListing
	Points []pointJSON `json:"points"`
}

// encodeListings writes all variants as JSON, with the causes and remedies of dynamic
// points if they are asked for.
func (p *pipeline) encodeListings(w io.Writer, causes bool) error {
	type specialization struct {
		Name     string        `json:"name"`
		Function string        `json:"function"`
		Variants []variantJSON `json:"variants"`
	}
	all := []specialization{}
	for _, v := range p.variants {
		s := specialization{Name: v.Name, Function: v.Fn.Name(), Variants: []variantJSON{}}
		for _, bv := range v.bta.Variants {
			l := listSource(p.prog, bv)
			if l == nil {
				l = &sourceListing{Function: bv.Fn.Name(), Variant: bv.ID, Params: paramMarks(p.prog, bv), File: p.prog.Source, Lines: []lineMark{}}
			}
			s.Variants = append(s.Variants, variantJSON{l, p.points(bv, causes)})
		}
		all = append(all, s)
	}
	return printJSON(w, all)
}

// points are the parameters and all points of v that are reached, but for debug
// intrinsics and plain jumps.
func (p *pipeline) points(v *bta.Variant, causes bool) []pointJSON {
	all := []pointJSON{}
	add := func(a asked) {
		x := p.point(v, a)
		if causes && a.dynamic(v) {
			if e := a.explain(v); e != nil {
				x.explained(e)
			}
		}
		all = append(all, x)
	}
	for i := range v.Fn.LL.Params {
		add(asked{v.Fn.First, ir.Reg(i)})
	}
	for _, b := range v.Fn.Blocks {
		if !v.Reached(b) {
			continue
		}
		for pt := b.First; pt < b.End(); pt++ {
			if _, phi := p.prog.InstAt(pt).(*llir.InstPhi); phi || listed(p.prog, pt) {
				add(asked{pt, p.regAt(v.Fn, pt)})
			}
		}
	}
	return all
}
