package pe

// This file holds second attempts: a loop that has spent its budget has unfolded for
// nothing, since the rounds that are left need the loop anyway. So the residual
// function is made again, with that loop a loop from its first round.

// maxTries bounds the attempts at one residual function that end early.
const maxTries = 8

// A checkpoint is what an attempt that is given up leaves to undo.
type checkpoint struct {
	jobs    int // residual functions asked for
	funcs   int // functions in the module
	reasons []Reason
	stats   Stats
}

func (s *specializer) checkpoint() checkpoint {
	return checkpoint{len(s.jobs), len(s.cfg.Prog.Module.Funcs), append([]Reason(nil), s.reasons.list...), s.stats}
}

// rewind forgets what was asked for and noted since m. Steps count on: they are work done.
func (s *specializer) rewind(m checkpoint) {
	for k := len(s.jobs) - 1; k >= m.jobs; k-- {
		c := s.jobs[k].code
		s.jobsOf[c] = s.jobsOf[c][:len(s.jobsOf[c])-1]
	}
	s.jobs = s.jobs[:m.jobs]
	s.cfg.Prog.DropFuncs(m.funcs)
	m.stats.Steps = s.stats.Steps
	s.stats = m.stats
	s.reasons.list = m.reasons
	s.reasons.index = make(map[Reason]int)
	for i, r := range m.reasons {
		r.Count = 0
		s.reasons.index[r] = i
	}
}

// keepLoop makes the loop whose header is at key a loop from its first round on, in
// another attempt. It reports whether there is one: it must not cost much.
func (j *job) keepLoop(key placeKey) bool {
	if !j.mayRetry || j.spent || j.s.stats.Steps-j.undo.stats.Steps > j.s.cfg.Budget.Steps/20 {
		return false
	}
	if j.kept == nil {
		j.kept = make(map[placeKey]bool)
	}
	j.kept[key] = true
	j.retry = true
	return true
}
