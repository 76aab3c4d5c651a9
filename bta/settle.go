package bta

// This file holds decisions on calls between runs: recursion under dynamic
// control, callees that are not worth unfolding, and the bound on variants.

import (
	"slices"

	llir "github.com/llir/llvm/ir"

	"quasi/ir"
)

// settleCalls applies the rules (C6) and (C7).
func (a *analysis) settleCalls(live []*Variant) bool {
	again := false
	for _, scc := range variantSCCs(live) {
		if a.recursesDynamically(scc) {
			for _, v := range scc {
				if !v.own {
					v.own = true
					again = true
					a.enqueueReturns(v)
				}
			}
		}
	}
	if again {
		return true
	}
	gains := make(map[*Variant]bool)
	for _, v := range live {
		gains[v] = v == a.entry || v.fi.small || v.own || a.gains(v)
	}
	for changed := true; changed; {
		changed = false
		for _, v := range live {
			v.eachPlan(func(_ *ir.Block, _ ir.Point, c callee) {
				if !gains[v] && c.v != nil && gains[c.v] && !c.v.fi.small {
					gains[v], changed = true, true
				}
			})
		}
	}
	for _, v := range live {
		if gains[v] || v.useless {
			continue
		}
		v.useless = true
		again = true
		for _, c := range v.callers {
			a.enqueue(c.v, c.b)
		}
	}
	return again
}

// gains reports whether following calls into v does more than pass values on: it
// decides a branch, reads static data, calls through a static pointer, keeps
// knowledge of memory that a residual call would lose, or makes such knowledge.
func (a *analysis) gains(v *Variant) bool {
	for _, r := range v.entry.mem {
		for _, c := range r.cells {
			if c.val.bt == Static && c.fill != undef && (r.obj == nil || a.mayWrite(v.Fn, r.obj)) {
				return true
			}
		}
	}
	if v.initializes() {
		return true
	}
	for _, b := range v.Fn.RPO() {
		if v.in[b.ID] == nil {
			continue
		}
		if c := condition(b.LL.Term); c != nil && v.out[b.ID] != nil {
			f := v.endOf(b)
			if f.operand(c).bt == Static {
				return true
			}
		}
		for _, inst := range b.LL.Insts {
			switch i := inst.(type) {
			case *llir.InstLoad:
				if r := v.Fn.Reg(i); v.has[r] && v.regs[r].bt == Static {
					return true
				}
			case *llir.InstCall:
				if _, direct := i.Callee.(*llir.Func); !direct && v.Fn.Reg(i.Callee) != ir.NoReg && v.regs[v.Fn.Reg(i.Callee)].bt == Static {
					return true
				}
			}
		}
	}
	return v.exit.reached && v.exit.ret.bt == Static && v.Fn.LL.Sig.RetType.LLString() != "void"
}

// initializes reports whether v leaves something static in a slot of its callers
// that nobody else can write: then the caller knows it only if the call is followed.
func (v *Variant) initializes() bool {
	for _, r := range v.exit.mem {
		if r.obj == nil || r.obj.Kind != ir.ObjStack || r.obj.Fn == v.Fn || hasObject(v.exit.leaked, r.obj) {
			continue
		}
		for _, c := range r.cells {
			if c.org != 0 && c.val.bt == Static && c.fill != undef {
				return true
			}
		}
	}
	return false
}

// recursesDynamically reports whether a call inside the component is under dynamic
// control: then unfolding would not end.
func (a *analysis) recursesDynamically(scc []*Variant) bool {
	found := false
	for _, v := range scc {
		var controlled []bool
		v.eachPlan(func(b *ir.Block, _ ir.Point, c callee) {
			if found || c.v == nil || !slices.Contains(scc, c.v) {
				return
			}
			if controlled == nil {
				controlled = v.dynamicallyControlled()
			}
			found = controlled[b.ID]
		})
	}
	return found
}

// dynamicallyControlled marks the blocks whose execution depends on a dynamic
// branch, directly or through other branches.
func (v *Variant) dynamicallyControlled() []bool {
	marked := make([]bool, len(v.Fn.Blocks))
	dyn, _ := v.branches()
	branch := make(map[*ir.Block]bool)
	for _, b := range dyn {
		branch[b] = true
	}
	for changed := true; changed; {
		changed = false
		for _, b := range v.Fn.RPO() {
			if marked[b.ID] {
				continue
			}
			for _, c := range v.Fn.ControlDeps(b) {
				if branch[c] || marked[c.ID] {
					marked[b.ID], changed = true, true
					break
				}
			}
		}
	}
	return marked
}

// variantSCCs are the components of the graph of unfolded calls that have a
// cycle, each by seq.
func variantSCCs(live []*Variant) [][]*Variant {
	index := make(map[*Variant]int)
	low := make(map[*Variant]int)
	on := make(map[*Variant]bool)
	var stack []*Variant
	var out [][]*Variant
	var visit func(v *Variant)
	visit = func(v *Variant) {
		index[v] = len(index) + 1
		low[v] = index[v]
		stack = append(stack, v)
		on[v] = true
		self := false
		v.eachPlan(func(_ *ir.Block, _ ir.Point, c callee) {
			switch {
			case c.v == nil:
			case c.v == v:
				self = true
			case index[c.v] == 0:
				visit(c.v)
				low[v] = min(low[v], low[c.v])
			case on[c.v]:
				low[v] = min(low[v], index[c.v])
			}
		})
		if low[v] != index[v] {
			return
		}
		i := slices.Index(stack, v)
		scc := slices.Clone(stack[i:])
		stack = stack[:i]
		for _, w := range scc {
			on[w] = false
		}
		if len(scc) > 1 || self {
			slices.SortFunc(scc, func(x, y *Variant) int { return x.seq - y.seq })
			out = append(out, scc)
		}
	}
	for _, v := range live {
		if index[v] == 0 {
			visit(v)
		}
	}
	return out
}

// manyConstants is the number of variants of a function past which they no longer
// differ in constants alone.
const manyConstants = 8

// limitVariants applies rule (C8).
func (a *analysis) limitVariants(live []*Variant) bool {
	count := make(map[*ir.Func]int)
	var fns []*ir.Func
	for _, v := range live {
		if count[v.Fn]++; count[v.Fn] == 1 {
			fns = append(fns, v.Fn)
		}
	}
	again := false
	for _, f := range fns {
		if fi := a.info(f); count[f] > manyConstants && !fi.noConst {
			fi.noConst = true
			a.requeueCallers(f)
			again = true
		}
	}
	if again || len(live) <= a.cfg.MaxVariants {
		return again
	}
	slices.SortStableFunc(fns, func(f, g *ir.Func) int {
		if count[f] != count[g] {
			return count[g] - count[f]
		}
		return f.ID - g.ID
	})
	over := len(live) - a.cfg.MaxVariants
	for _, f := range fns {
		fi := a.info(f)
		if over <= 0 || count[f] < 2 {
			break
		}
		if fi.mono == nil && f != a.entry.Fn {
			fi.monovariant = true
			a.requeueCallers(f)
			over -= count[f] - 1
			again = true
		}
	}
	return again
}

// requeueCallers makes every call of f choose its variant again.
func (a *analysis) requeueCallers(f *ir.Func) {
	for _, v := range a.variants {
		if v.Fn != f {
			continue
		}
		for _, c := range v.callers {
			a.enqueue(c.v, c.b)
		}
	}
}
