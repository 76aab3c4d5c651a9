package guard

// This file follows addresses from parameters into the callers, where these are known.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// maxCallers bounds the ways from one parameter, maxCallDepth how many calls they lead through.
const (
	maxCallers   = 48
	maxCallDepth = 4
)

// A callSite is a call of a function by its name.
type callSite struct {
	fn   *ir.Func // the caller
	args []value.Value
}

// findCallers finds the functions all of whose calls are in the module, with these.
func (s *scan) findCallers() {
	s.callers = make(map[*llir.Func][]callSite)
	known := func(f *llir.Func) bool {
		return len(f.Blocks) > 0 && (isLocal(f.Linkage) || s.cfg.Whole && f.Name() != "main")
	}
	open := make(map[*llir.Func]bool)
	taken := func(c constant.Constant) { s.functionsNamed(c, func(f *llir.Func) { open[f] = true }) }
	for _, g := range s.prog.Module.Globals {
		if g.Init != nil {
			taken(g.Init)
		}
	}
	for _, a := range s.prog.Module.Aliases {
		taken(a.Aliasee)
	}
	for _, i := range s.prog.Module.IFuncs {
		taken(i.Resolver)
	}
	for _, f := range s.prog.Funcs {
		for pt := f.First; pt < f.End; pt++ {
			u := s.prog.UserAt(pt)
			var callee *value.Value
			var args []value.Value
			switch x := u.(type) {
			case *llir.InstCall:
				callee, args = &x.Callee, x.Args
			case *llir.TermInvoke:
				callee, args = &x.Invokee, x.Args
			}
			for _, op := range ir.Operands(u) {
				c, ok := ir.Unwrap(*op).(constant.Constant)
				if !ok {
					continue
				}
				if g, ok := c.(*llir.Func); ok && op == callee {
					if known(g) && len(args) == len(g.Params) {
						s.callers[g] = append(s.callers[g], callSite{f, args})
					} else {
						open[g] = true
					}
					continue
				}
				taken(c)
			}
		}
	}
	for f := range open {
		delete(s.callers, f)
	}
}

// functionsNamed visits the functions that a constant names.
func (s *scan) functionsNamed(c constant.Constant, visit func(*llir.Func)) {
	switch c := c.(type) {
	case *llir.Func:
		visit(c)
	case *llir.Global, *constant.BlockAddress:
	case *llir.Alias:
		s.functionsNamed(c.Aliasee, visit)
	default:
		for _, op := range ir.ConstOperands(c) {
			s.functionsNamed(op, visit)
		}
	}
}

// ways are the ways to an address that the function at hand has. Those from a parameter come from
// what the callers pass, if all of them are known and there are not too many.
func (s *scan) ways(v value.Value) []path { return s.fromCallers(s.fn, s.tr.trace(v), nil) }

func (s *scan) fromCallers(f *ir.Func, ps []path, open []*llir.Param) []path {
	var all []path
	for _, p := range ps {
		param, ok := p.root.(*llir.Param)
		if !ok || len(open) == maxCallDepth || slices.Contains(open, param) {
			all = append(all, p)
			continue
		}
		i := slices.Index(f.LL.Params, param)
		sites := s.callers[f.LL]
		if _, isCopy := s.newObject(param); i < 0 || isCopy || len(sites) == 0 || len(sites) > maxCallers {
			all = append(all, p)
			continue
		}
		var more []path
		for _, site := range sites {
			passed := s.fromCallers(site.fn, s.tracerOf(site.fn).trace(site.args[i]), append(slices.Clip(open), param))
			for _, q := range passed {
				more = mergePaths(more, []path{s.behindCall(q, p)})
			}
			if len(more) > maxCallers {
				break
			}
		}
		if len(more) > maxCallers {
			more = []path{p}
		}
		all = append(all, more...)
	}
	return all
}

// behindCall is the way p, of a function, from what comes by q to the parameter that it begins at.
func (s *scan) behindCall(q, p path) path {
	r := path{root: q.root, lo: q.lo + p.lo, hi: q.hi + p.hi, step: p.step, bytes: true, merged: true, views: slices.Clone(p.views)}
	l := s.prog.Layout
	for _, v := range q.views {
		if p.lo == p.hi {
			v.lo += p.lo
			v.hi += p.lo
			if n := l.Size(v.typ); n >= 0 && (v.hi < 0 || v.lo >= n && !v.object && !flexible(v.typ)) {
				continue
			}
		} else {
			v = stepped(l, v, 0)
		}
		r.add(v)
	}
	return r
}

// tracerOf is a tracer of f.
func (s *scan) tracerOf(f *ir.Func) *tracer {
	t := s.tracers[f]
	if t == nil {
		t = newTracer(s.prog, f)
		s.tracers[f] = t
	}
	return t
}
