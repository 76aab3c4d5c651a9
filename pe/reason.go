package pe

// This file holds Reason: why something stayed residual or was generalized.

import (
	"fmt"

	"quasi/ir"
)

// A ReasonKind classifies a Reason.
type ReasonKind uint8

const (
	NotSpecializable ReasonKind = iota // a function that cannot be unfolded or specialized
	CallLeft                           // a call of a function with a body was left to the generic code
	Generalized                        // a static component was made dynamic at a program point
	BudgetSpent                        // a limit was reached
)

func (k ReasonKind) String() string {
	return [...]string{"not specializable", "call left generic", "generalized", "budget spent"}[k]
}

// A Reason is one decision of the specializer that lost an opportunity.
type Reason struct {
	Kind  ReasonKind
	Pt    ir.Point
	What  string // the function, register or limit
	Why   string
	Count int // how often, at this point
}

func (r Reason) String() string {
	s := fmt.Sprintf("%s: %s: %s", r.Kind, r.What, r.Why)
	if r.Count > 1 {
		s += fmt.Sprintf(" (%d times)", r.Count)
	}
	return s
}

type reasons struct {
	list  []Reason
	index map[Reason]int
}

// note records r, which holds for the whole specialization.
func (s *specializer) note(r Reason) {
	if s.reasons.add(r, 1) {
		s.log(r)
	}
}

// note records r, which is forgotten if the residual function is made again.
func (j *job) note(r Reason) {
	if j.reasons.add(r, 1) {
		j.s.log(r)
	}
}

func (s *specializer) log(r Reason) {
	if s.cfg.Log != nil {
		fmt.Fprintf(s.cfg.Log, "%v: %v\n", s.cfg.Prog.Position(r.Pt), r)
	}
}

// add counts r, and reports whether it is new.
func (l *reasons) add(r Reason, times int) bool {
	r.Count = 0
	if l.index == nil {
		l.index = make(map[Reason]int)
	}
	i, ok := l.index[r]
	if !ok {
		i = len(l.list)
		l.index[r] = i
		l.list = append(l.list, r)
	}
	l.list[i].Count += times
	return !ok
}
