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

// note records r, once a distinct reason.
func (s *specializer) note(r Reason) {
	k := r
	k.Count = 0
	if s.reasons.index == nil {
		s.reasons.index = make(map[Reason]int)
	}
	if i, ok := s.reasons.index[k]; ok {
		s.reasons.list[i].Count++
		return
	}
	s.reasons.index[k] = len(s.reasons.list)
	k.Count = 1
	s.reasons.list = append(s.reasons.list, k)
	if s.cfg.Log != nil {
		fmt.Fprintf(s.cfg.Log, "%v: %v\n", s.cfg.Prog.Position(r.Pt), k)
	}
}
