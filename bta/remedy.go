package bta

// This file holds Explain: the chain of causes of a dynamic verdict, and what
// would make it static.

import "quasi/ir"

// A RemedyKind classifies remedies.
type RemedyKind uint8

// Remedies. The zero kind says that none is known.
const (
	NoRemedy       RemedyKind = iota // nothing that a user can state or change is known to help
	FixParam                         // state the value of a parameter of the entry function
	StateCell                        // state what memory holds at entry, a quasi-invariant
	StateCondition                   // state that a condition holds, a quasi-invariant
	GiveBody                         // give the body of a function, by linking its source
	RuleOutAlias                     // rule out that a write or pointer means some memory
	RemoveVolatile                   // take away volatile or atomic
	RaiseBudget                      // raise a limit
	NothingLost                      // nothing static needs it: there is nothing to gain
)

// A Remedy is something that a user can state or change so that a cause of a
// dynamic verdict is gone.
type Remedy struct {
	Kind RemedyKind
	Text string      // for people, such as `fix parameter n: --static n=VALUE`
	Flag string      // what to add to the command line, such as `--static n=VALUE`; may be empty
	Pt   ir.Point    // the cause it removes
	Pos  ir.Position // of Pt
}

// An Explanation tells why something is dynamic: a shortest chain of causes,
// and the remedies that together, not each alone, make it static.
type Explanation struct {
	Chain    []Cause
	Remedies []Remedy
}

// Explain tells why register r is dynamic as seen at pt of v or, with ir.NoReg,
// why the instruction at pt is residual, and what would make it static. It
// returns nil where Why does.
func Explain(v *Variant, pt ir.Point, r ir.Reg) *Explanation {
	chain := Why(v, pt, r)
	if chain == nil {
		return nil
	}
	return &Explanation{Chain: chain}
}
