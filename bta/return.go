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
	for _, b := range v.Fn.RPO() {
		if v.in[b.ID] == nil {
			continue
		}
		f := v.startOf(b)
		done := true
		for ; f.pt < b.TermPoint() && done; f.pt++ {
			if f.execution(v.an.prog.UserAt(f.pt)) != Static {
				return f.pt, true
			}
			done = phiAt(b, f.pt) != nil || f.inst(v.instAt(f.pt))
		}
		if done && len(b.Succs) > 0 && f.execution(b.LL.Term) != Static {
			return f.pt, true
		}
	}
	return 0, false
}
