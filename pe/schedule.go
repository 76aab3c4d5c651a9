package pe

// This file schedules residual functions. A path that calls one waits until
// something is known of its exits; the others go on. When no path can go on, the
// latest function that paths wait for gets its summary (package-wide least
// fixpoint: of a call in a circle only what is known without it counts), and
// those that wait go on. If more exits come, and the summary does not hold, every
// function that relied on it is made again.
//
// A path that waits for a function which never returns ends at that call.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/types"
)

// A waiter is a path that waits for the summary of a function. Its next
// instruction is the call.
type waiter struct {
	j   *job
	run int
	t   task
	p   *passing
}

// maxChanges bounds how often a summary is replaced before it says nothing any more.
const maxChanges = 12

// schedule makes all residual functions.
func (s *specializer) schedule() {
	for !s.again {
		if j := s.runnable(); j != nil {
			j.walkPending()
		} else if !s.settle() {
			break
		}
	}
	if s.again {
		return
	}
	for _, j := range s.jobs {
		j.endWaiters()
	}
	s.collect()
	for _, j := range s.jobs {
		for _, r := range j.reasons.list {
			s.reasons.add(r, r.Count)
		}
		j.finishExits()
	}
	s.closeEnvironments()
	for _, j := range s.jobs {
		j.complete()
		for _, call := range j.learned {
			s.real[call], s.void = true, true
		}
	}
}

// runnable is the latest function with paths to walk.
func (s *specializer) runnable() *job {
	for i := len(s.jobs) - 1; i >= 0; i-- {
		if j := s.jobs[i]; len(j.pending) > 0 {
			if !j.obsolete {
				return j
			}
			j.pending = nil
		}
	}
	return nil
}

// settle takes in the exits that were found, and lets paths go on that wait. It
// reports whether there is anything to do then.
func (s *specializer) settle() bool {
	again := false
	for i := len(s.jobs) - 1; i > 0; i-- {
		j := s.jobs[i]
		if j.obsolete || j.joined == len(j.exits) {
			continue
		}
		had := j.sum != nil
		if !j.summarize() || !had {
			continue
		}
		if j.changes++; j.changes > maxChanges {
			j.sum = j.nothing()
		}
		for _, u := range s.jobs {
			if run, ok := j.users[u]; ok && run == u.runs && !u.obsolete {
				u.restart()
				again = true
			}
		}
		j.users = nil
	}
	if again {
		return true
	}
	for i := len(s.jobs) - 1; i > 0; i-- {
		j := s.jobs[i]
		if j.sum == nil || len(j.waiters) == 0 {
			continue
		}
		// Paths of the circle go first: they may change the summary.
		var inner, outside []waiter
		for _, w := range j.waiters {
			switch {
			case w.run != w.j.runs || w.j.obsolete:
			case w.j.index >= j.index:
				inner = append(inner, w)
			default:
				outside = append(outside, w)
			}
		}
		if len(inner) == 0 {
			inner, outside = outside, nil
		}
		j.waiters = outside
		for _, w := range inner {
			w.j.pending = append(w.j.pending, w.t)
			again = true
		}
		if again {
			return true
		}
	}
	return false
}

// nothing is the summary that says nothing.
func (j *job) nothing() *summary {
	n := &summary{ret: dynValue, mem: memory{owner: j.s.fresh()}}
	for _, id := range j.outers() {
		s := n.mem.edit(id)
		s.leaked, s.dyn = true, true
	}
	return n
}

// await lets the path wait for callee; the call, which is the instruction before,
// is executed again then.
func (j *job) await(callee *job, p *passing) {
	j.f.ip--
	j.watch.forget()
	callee.waiters = append(callee.waiters, waiter{j, j.runs, task{j.st, j.b}, p})
}

// restart makes the function anew.
func (j *job) restart() {
	j.runs++
	j.reset()
	j.start()
}

// endWaiters ends the paths that wait for a function which never returns.
func (j *job) endWaiters() {
	for _, w := range j.waiters {
		if w.run != w.j.runs || w.j.obsolete {
			continue
		}
		c := w.j
		c.st, c.b = w.t.st, w.t.b
		c.f = c.st.editTop()
		in := &c.f.code.blocks[c.f.block].insts[c.f.ip]
		c.f.ip++
		c.emitCall(in, w.p, j)
		c.b.term = c.placed(llir.NewUnreachable())
	}
	j.waiters = nil
}

// collect drops the functions that nothing calls any more.
func (s *specializer) collect() {
	seen := map[*job]bool{s.jobs[0]: true}
	work := []*job{s.jobs[0]}
	for len(work) > 0 {
		j := work[len(work)-1]
		work = work[:len(work)-1]
		for _, c := range j.calls {
			if !seen[c.callee] {
				seen[c.callee] = true
				work = append(work, c.callee)
			}
		}
	}
	s.jobs = slices.DeleteFunc(s.jobs, func(j *job) bool { return !seen[j] })
	for i, j := range s.jobs {
		j.index = i
		j.name(i)
	}
}

// closeEnvironments gives every residual function the addresses of the outer
// objects that it, or a function that it calls, needs.
func (s *specializer) closeEnvironments() {
	for _, j := range s.jobs {
		j.rf.here = nil
	}
	for changed := true; changed; {
		changed = false
		for i := len(s.jobs) - 1; i >= 0; i-- {
			j := s.jobs[i]
			n := len(j.env)
			for _, c := range j.calls {
				for k, id := range c.callee.outers() {
					if c.callee.env[id] != nil {
						j.stackBase(c.objs[k])
					}
				}
			}
			changed = changed || len(j.env) > n
		}
	}
	for _, j := range s.jobs {
		for _, id := range j.outers() {
			if p := j.env[id]; p != nil {
				j.rf.ll.Params = append(j.rf.ll.Params, p)
				j.rf.ll.Sig.Params = append(j.rf.ll.Sig.Params, p.Typ)
			}
		}
		j.rf.ll.Typ = nil
		for _, c := range j.calls {
			call := c.inst.node.(*llir.InstCall)
			for k, id := range c.callee.outers() {
				if c.callee.env[id] != nil {
					call.Args = append(call.Args, nil)
					c.inst.ops = append(c.inst.ops, j.stackBase(c.objs[k]))
				}
			}
		}
	}
}

// environment is the parameter that holds the address of outer object id.
func (j *job) environment(id ObjID) rval {
	o := j.s.obj(id)
	name := "outer"
	if o.site != nil {
		if v, ok := o.site.Site.(interface{ Name() string }); ok && v.Name() != "" {
			name = v.Name()
		}
	}
	p := llir.NewParam(name, types.I8Ptr)
	j.env[id] = p
	return j.rf.addValue(p, p.Typ, nil)
}

// name gives the residual function, number i of its specialization, its name.
func (j *job) name(i int) {
	m := j.s.cfg.Prog.Module
	name := j.rf.name
	if i > 0 {
		name = j.code.fn.Name() + ".s" + itoa(i)
	}
	name = j.s.cfg.Prog.FreshName(name)
	j.rf.ll.SetName(name)
	j.rf.name = name
	j.rf.ll.Parent = m
	m.Funcs = append(m.Funcs, j.rf.ll)
	m.Globals = append(m.Globals, j.data...)
	if j.pos.sub != nil {
		j.pos.sub.Name, j.pos.sub.LinkageName = name, name
		j.rf.ll.Metadata = append(j.rf.ll.Metadata, &metadata.Attachment{Name: "dbg", Node: j.pos.sub})
	}
}

// complete writes the finished function.
func (j *job) complete() {
	j.rf.before = nil
	j.rf.finish()
	if !j.s.cfg.NoSimplify {
		j.rf.simplify()
		j.rf.narrow()
	}
	j.rf.sweep()
	j.rf.compress()
	j.rf.lower(j.rf.ll)
	if j.pos.sub != nil {
		m := j.s.cfg.Prog.Module
		m.MetadataDefs = append(m.MetadataDefs, j.pos.used()...)
	}
}
