package bta

import "quasi/ir"

// An Action is what is done with a call.
type Action uint8

// Actions. The zero value leaves the call as it is.
const (
	ResidualCall   Action = iota // call the generic function
	Unfold                       // continue inside the callee, under CallPlan.Callee
	SpecializeCall               // call a residual function of CallPlan.Callee, shared by equal static states
)

// A CallPlan says what is done with one call of one callee.
type CallPlan struct {
	Action Action
	Callee *Variant // nil for ResidualCall
	Reason Reason
}

// Call is the plan for the call at pt if callee is what it calls.
func (v *Variant) Call(pt ir.Point, callee *ir.Func) CallPlan { return CallPlan{} }
