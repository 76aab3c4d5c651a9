package bta

// This file holds the analysis without return sensitivity (Mode.NoReturn), rule (R1).

import "quasi/ir"

// loseReturns applies (R1): the result of a variant that leaves residual code is
// dynamic. It reports whether there are new ones.
func (a *analysis) loseReturns(live []*Variant) bool {
	residual := make(map[*Variant]bool)
	for _, v := range live {
		_, residual[v] = v.residualPoint()
	}
	for changed := true; changed; {
		changed = false
		for _, v := range live {
			v.eachPlan(func(_ *ir.Block, _ ir.Point, c callee) {
				if c.v != nil && residual[c.v] && !residual[v] {
					residual[v], changed = true, true
				}
			})
		}
	}
	again := false
	for _, v := range live {
		if residual[v] && !v.lostReturn {
			v.lostReturn, again = true, true
		}
	}
	return again
}

// residualPoint is the first point of v that leaves residual code, whatever it returns.
func (v *Variant) residualPoint() (ir.Point, bool) {
	v.final = nil
	defer func() { v.final = nil }()
	for _, b := range v.Fn.RPO() {
		if v.in[b.ID] == nil {
			continue
		}
		for pt := b.First; pt < b.End(); pt++ {
			if pt == b.TermPoint() && (len(b.Succs) == 0 || v.out[b.ID] == nil) {
				break
			}
			if v.Exec(pt) != Static {
				return pt, true
			}
			if phiAt(b, pt) == nil && pt < b.TermPoint() && !v.At(pt+1).Reached() {
				break
			}
		}
	}
	return 0, false
}
