package bta

// This file holds Config, Result and Analyze, the driver of the analysis.

import (
	"io"

	"quasi/ir"
	"quasi/ir/spec"
)

// A Config is what Analyze works on.
type Config struct {
	Prog    *ir.Program
	PT      *ir.PointsTo
	CG      *ir.CallGraph
	MR      *ir.ModRef
	Variant *spec.Variant
	Facts   *spec.Facts

	// MaxVariants bounds the variants of a Result, 0 means 1024. Past it, the
	// entry divisions of the functions with most variants are joined.
	MaxVariants int

	// Forced makes values dynamic that the rules would keep, see ForcedKey.
	Forced map[ForcedKey]Reason

	Log io.Writer // nil: silent
}

// A ForcedKey names a register or a memory cell at the start of a block, in
// every variant of a function. Where it is forced the block is a specialized
// point and generalizes it.
type ForcedKey struct {
	Fn    *ir.Func
	Block *ir.Block // nil means the entry block
	Reg   ir.Reg    // ir.NoReg for a cell
	Cell  Cell      // if Reg is ir.NoReg
}

// A Cell is the bytes [Lo, Hi) of an object, or of the symbolic instance at
// Base if Obj is nil.
type Cell struct {
	Obj    *ir.Object
	Base   spec.Sym
	Lo, Hi int64
}

// A Reason says why a decision was taken.
type Reason struct {
	Kind ReasonKind
	Pt   ir.Point // the point to blame: of the branch, the call, the write; meaningless for ParamDynamic
	Text string   // for people, lower case, no full stop; may be empty
}

// A ReasonKind classifies Reasons.
type ReasonKind uint8

// Reasons. The zero kind is no reason.
const (
	NoReason       ReasonKind = iota
	ParamDynamic              // a parameter that the specification does not fix
	GlobalDynamic             // memory at entry that the specification does not fix
	OperandDynamic            // an operand is dynamic
	CellDynamic               // the memory read is dynamic
	UnknownCall               // a call of code that is not here, or that is left residual
	VolatileAccess            // volatile or atomic
	UnknownPointer            // an access through a pointer with unknown targets
	UnknownWrite              // a write through a dynamic pointer that may hit the cell
	DynamicStore              // a dynamic value was stored
	JoinDiffers               // paths of a dynamic branch bring different values and nothing static needs them
	BudgetSpent               // forced by Config.Forced
	NotComputed               // an operation that is left to run time: floating point, wide integers, vectors
	Recursion                 // recursion under dynamic control
	NoStaticInput             // a call that nothing static reaches
	NotUnfoldable             // variadic, setjmp, indirectbr and the like
	StaticInput               // a call that is worth unfolding
)

// A Result is the division of everything that the entry function reaches. It is
// immutable but for caches, and not safe for concurrent use.
type Result struct {
	Config   Config
	Entry    *Variant
	Variants []*Variant // by ID, Entry first
}

// Analyze divides the program for one variant of the specification.
func Analyze(cfg Config) (*Result, error) {
	v := &Variant{Fn: cfg.Variant.Fn, cfg: &cfg}
	return &Result{Config: cfg, Entry: v, Variants: []*Variant{v}}, nil
}

// A Variant is one function under one entry division.
type Variant struct {
	ID  int
	Fn  *ir.Func
	cfg *Config
}

// Reg is the binding time of r where it is defined, StaticDynamic if it is
// static and residual code needs it.
func (v *Variant) Reg(r ir.Reg) BindingTime { return Dynamic }

// At is the division just before pt, never nil.
func (v *Variant) At(pt ir.Point) *Division { return &Division{} }

// Use is the binding time of one operand (index in ir.Operands) where it is used.
func (v *Variant) Use(pt ir.Point, operand int) BindingTime { return Dynamic }

// Exec is Static if the instruction at pt is executed by the specializer and
// leaves nothing, Dynamic if it is residual, StaticDynamic if both.
func (v *Variant) Exec(pt ir.Point) BindingTime { return Dynamic }

// Reached reports whether the analysis reaches b; what it says of other blocks is
// all dynamic.
func (v *Variant) Reached(b *ir.Block) bool { return true }

// Join is nil unless b is a specialized point.
func (v *Variant) Join(b *ir.Block) *Join {
	if len(b.Preds) < 2 {
		return nil
	}
	j := &Join{Block: b}
	for pt := b.First; pt < b.TermPoint(); pt++ {
		phi := phiAt(b, pt)
		if phi == nil {
			break
		}
		j.DynRegs = append(j.DynRegs, v.Fn.Reg(phi))
	}
	return j
}

// Exit is what is generalized where v returns; nil unless dynamic control
// reaches different returns.
func (v *Variant) Exit() *Join { return nil }

// SplitSelect reports whether the select at pt, whose condition is dynamic and
// whose operands are static and differ, is to become a branch because static
// computation needs its result.
func (v *Variant) SplitSelect(pt ir.Point) bool { return false }

// DynamicControl reports whether v has a branch that is dynamic, itself or in
// what it unfolds.
func (v *Variant) DynamicControl() bool { return true }
