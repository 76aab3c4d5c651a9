package pe

// This file makes calls of residual functions: it finds the function for what a
// call passes on, or has it made, and bounds how many there are.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"quasi/bta"
	"quasi/ir"
)

// specializedCall calls the residual function of c for the static state of this
// call. It refuses (made is false) if nothing is static or the budget for
// functions is spent. The path ends if it has to wait for the function.
func (j *job) specializedCall(in *inst, c *code, variant *bta.Variant) (made, ends bool) {
	if c.variadic {
		return false, false
	}
	// The callee takes run-time memory of all but private objects for right.
	j.settle()
	run := j.runs
	p, callee := j.specialized(in, c, variant)
	if j.runs != run || j.obsolete {
		return true, true
	}
	if callee == nil {
		return false, false
	}
	if callee.sum == nil {
		j.await(callee, p)
		return true, true
	}
	if callee.users == nil {
		callee.users = make(map[*job]int)
	}
	callee.users[j] = j.runs
	result := j.emitCall(in, p, callee)
	j.returned(in, p, callee.sum, result)
	return true, false
}

// specialized is the residual function of c for the call in, and what the call
// passes on; nil if there can be none.
func (j *job) specialized(in *inst, c *code, variant *bta.Variant) (*passing, *job) {
	s, run := j.s, j.runs
	dynamic := make([]bool, len(c.fn.LL.Params))
	for {
		k := s.kept[c]
		for i, p := range c.fn.LL.Params {
			v := j.val(in.args[i+1])
			switch {
			case v.kind == kDyn:
				dynamic[i] = true
			case byVal(p) != nil, k != nil && k.args[i], v.kind == kList && !j.portable(v):
				dynamic[i] = true
			case variant != nil && (v.kind == kInt || s.obedience != nil) && variant.Reg(ir.Reg(i)) == bta.Dynamic:
				dynamic[i] = true
			}
			if b := based(v); b != 0 && s.obj(b).kind == objHeap {
				dynamic[i] = true
				j.leakValue(v)
			}
			if dynamic[i] && (v.kind != kDyn || v.bits != 0) {
				j.leakValue(v)
			}
		}
		p := j.passes(in, c, dynamic)
		if k != nil {
			p = j.withhold(in, p, k, dynamic)
		}
		h := p.sum()
		made := s.jobsOf[c]
		for _, job := range made {
			if job.hash == h && slices.Equal(job.entry.args, p.args) && job.entry.mem.equal(&p.mem) {
				return p, job
			}
		}
		if args := idle(variant, made, p); len(args) > 0 {
			s.keepLess(in, c, args, nil, "it only counts: nothing static is decided with it")
			if j.runs != run || j.obsolete {
				return nil, nil
			}
			continue
		}
		switch {
		case !p.informs():
			return nil, nil
		case len(made) >= s.cfg.Budget.Copies || len(made) >= fewCopies && s.size() > s.cfg.Budget.Insts/2:
			if !s.keepLess(in, c, nil, p, "") {
				return nil, nil
			}
			if j.runs != run || j.obsolete {
				return nil, nil
			}
			continue
		case len(s.jobs) >= s.cfg.Budget.Functions:
			s.note(Reason{Kind: BudgetSpent, Pt: in.pt, What: "functions", Why: fmt.Sprintf("there are %d residual functions (--budget functions=N)", len(s.jobs))})
			return nil, nil
		}
		job := s.newJob(c, c.fn.Name(), p)
		job.hash, job.variant = h, variant
		s.jobsOf[c] = append(made, job)
		job.start()
		return p, job
	}
}

// overrule looks for a variant of c that fits what is really static in the call
// in, which the division leaves to the generic function, as it knows of nothing
// static there: one that follows a pointer into static data. The division takes
// the activations of a recursive function for one, the state does not.
func (j *job) overrule(in *inst, c *code) *bta.Variant {
	if j.s.cfg.BTA == nil {
		return nil
	}
	var best *bta.Variant
	most := 0
	for _, v := range j.s.cfg.BTA.Variants {
		if v.Fn != c.fn {
			continue
		}
		n, data := 0, false
		for i := range c.fn.LL.Params {
			if v.Reg(ir.Reg(i)) != bta.Static {
				continue
			}
			x := j.val(in.args[i+1])
			if !x.static() {
				n = -1
				break
			}
			n++
			if x.kind == kPtr {
				o := j.s.obj(x.obj)
				data = data || o.ro || o.kind == objFunc
			}
		}
		if n > most && data {
			best, most = v, n
		}
	}
	return best
}

// portable reports whether the list v means the same in another residual function.
func (j *job) portable(v Value) bool {
	return !slices.ContainsFunc(j.s.leaves(v, 0), func(x Value) bool { return x.kind == kPtr && j.s.obj(x.obj).local() })
}

// A keeping is what calls of one function no longer pass on, since it kept changing.
type keeping struct {
	args   []bool // by parameter: passed at run time
	mem    []cellAt
	rounds int
}

// fewCopies is the number of residual functions of one generic function that are
// made however large they are.
const fewCopies = 8

// size is the residual instructions emitted so far.
func (s *specializer) size() int {
	n := 0
	for _, j := range s.jobs {
		if !j.obsolete {
			n += j.rf.insts
		}
	}
	return n
}

// maxKept bounds how often less is passed on to one function, before nothing is.
const maxKept = 8

// withhold takes from p what k says: it is flushed, and not known to the callee.
func (j *job) withhold(in *inst, p *passing, k *keeping, dynamic []bool) *passing {
	if len(k.mem) == 0 {
		return p
	}
	for _, c := range k.mem {
		if i := slices.Index(p.outers, c.id); i >= 0 {
			j.flush(p.objs[i], c.lo, c.hi)
		}
	}
	p = j.passes(in, p.callee, dynamic)
	for _, c := range k.mem {
		if s := p.mem.get(c.id); s != nil && !s.vacant() {
			p.mem.forget(j.s.obj(c.id), c.id, c.lo, c.hi)
		}
	}
	return p
}

// someValues is how many values of an argument that decides nothing get residual
// functions of their own, for what is computed from them.
const someValues = 4

// idle are the arguments of p that decide nothing static, and have other values
// than in many of the functions made.
func idle(variant *bta.Variant, made []*job, p *passing) (args []int) {
	if variant == nil || len(made) < someValues {
		return nil
	}
	for i, v := range p.args {
		if v.kind != kInt || variant.Decides(i) {
			continue
		}
		values := map[Value]bool{v: true}
		for _, j := range made {
			values[j.entry.args[i]] = true
		}
		if len(values) > someValues {
			args = append(args, i)
		}
	}
	return args
}

// keepLess decides what is no longer passed on to c: args, or when it has too many
// residual functions, what keeps changing. Functions that call it are made anew.
// It reports false if there is nothing left to decide.
func (s *specializer) keepLess(in *inst, c *code, args []int, p *passing, why string) bool {
	k := s.kept[c]
	if k == nil {
		k = &keeping{args: make([]bool, len(c.fn.LL.Params))}
		s.kept[c] = k
	}
	var mem []cellAt
	if args == nil {
		if k.rounds++; k.rounds > maxKept {
			return false
		}
		list := append(slices.Clone(s.jobsOf[c]), &job{entry: p})
		args, mem = s.changing(list)
		if len(args)+len(mem) == 0 {
			return false
		}
		why = fmt.Sprintf("it has %d residual functions; this keeps changing between their calls (--budget copies=N)", len(list)-1)
	}
	for _, i := range args {
		k.args[i] = true
		s.note(Reason{Kind: Generalized, Pt: in.pt, What: "@" + c.fn.Name() + ": " + c.fn.LL.Params[i].Ident(), Why: why})
	}
	for _, m := range mem {
		k.mem = append(k.mem, m)
		s.note(Reason{Kind: Generalized, Pt: in.pt, What: "@" + c.fn.Name() + ": " + s.objectName(m.id), Why: why})
	}
	for _, old := range s.jobsOf[c] {
		old.obsolete = true
	}
	s.jobsOf[c] = nil
	for _, j := range s.jobs {
		if !j.obsolete && j.relies(c) {
			j.restart()
		}
	}
	return true
}

// relies reports whether j calls a residual function of c, or waits for one.
func (j *job) relies(c *code) bool {
	if slices.ContainsFunc(j.calls, func(r callRef) bool { return r.callee.code == c }) {
		return true
	}
	for _, old := range j.s.jobs {
		if old.code == c && slices.ContainsFunc(old.waiters, func(w waiter) bool { return w.j == j && w.run == j.runs }) {
			return true
		}
	}
	return false
}

// A component is an argument or a range of memory that residual functions of one
// generic function are told apart by.
type component struct {
	arg      int // -1: cell
	cell     cellAt
	data     bool // every value is an address of static data or of a function
	distinct map[string]bool
	last     int // the last function of the list that brought a new value
}

// changing lists the arguments and cells that are no longer passed on: those that
// still take new values, in the last third of list. Addresses of static data come
// last: there are only so many, and interpreters live on them.
func (s *specializer) changing(list []*job) (args []int, mem []cellAt) {
	var comps []*component
	for k := range list[0].entry.args {
		comps = append(comps, &component{arg: k})
	}
	for _, c := range s.differingCells(list) {
		comps = append(comps, &component{arg: -1, cell: c})
	}
	for _, c := range comps {
		c.data, c.distinct = true, make(map[string]bool)
		for i, j := range list {
			var key string
			var data bool
			if c.arg >= 0 {
				v := j.entry.args[c.arg]
				key, data = v.String(), s.isData(v)
			} else {
				key, data = s.contentKey(&j.entry.mem, c.cell)
			}
			c.data = c.data && data
			if !c.distinct[key] {
				c.distinct[key] = true
				c.last = i
			}
		}
	}
	recent := len(list) - max(3, len(list)/3)
	for _, pass := range []func(c *component) bool{
		func(c *component) bool { return !c.data && c.last >= recent },
		func(c *component) bool { return !c.data },
		func(c *component) bool { return c.last >= recent },
		func(*component) bool { return true },
	} {
		for _, c := range comps {
			switch {
			case len(c.distinct) < 2 || !pass(c):
			case c.arg >= 0:
				args = append(args, c.arg)
			default:
				mem = append(mem, c.cell)
			}
		}
		if len(args)+len(mem) > 0 {
			break
		}
	}
	return args, mem
}

// isData reports whether v is an address of read-only data or a function.
func (s *specializer) isData(v Value) bool {
	return v.kind == kPtr && (s.obj(v.obj).ro || s.obj(v.obj).kind == objFunc)
}

// differingCells are the ranges in which neighbours in list differ.
func (s *specializer) differingCells(list []*job) []cellAt {
	var cells []cellAt
	seen := make(map[cellAt]bool)
	for i := 1; i < len(list); i++ {
		x := &job{s: s, st: &state{mem: list[i].entry.mem}}
		for _, c := range x.difference(&state{mem: list[i-1].entry.mem}, false).mem {
			if !seen[c] {
				seen[c] = true
				cells = append(cells, c)
			}
		}
	}
	return cells
}

// contentKey tells contents of c apart; data tells whether it is only addresses
// of static data.
func (s *specializer) contentKey(m *memory, c cellAt) (key string, data bool) {
	o, st := s.obj(c.id), m.get(c.id)
	var b strings.Builder
	data = true
	for off := c.lo; off < c.hi; off++ {
		if e, ok := st.entryAt(off); ok {
			fmt.Fprintf(&b, "%v,", e.val)
			data = data && s.isData(e.val)
			continue
		}
		tag, x := st.byteAt(o, off)
		if tag&tagKind != tagByte {
			x = 0
		}
		data = data && tag&tagKind != tagByte
		b.WriteByte(tag & tagKind)
		b.WriteByte(x)
	}
	return b.String(), data
}

func itoa(i int) string { return strconv.Itoa(i) }
