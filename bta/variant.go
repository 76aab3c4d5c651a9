package bta

// This file holds Variant, one function under one entry division, and what the
// analysis keeps for it.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	irvalue "github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// A Variant is one function under one entry division. What it answers holds for
// every activation whose arguments and memory are at least as static as its
// entry division says.
type Variant struct {
	ID int // index in Result.Variants
	Fn *ir.Func

	an    *analysis
	fi    *funcInfo
	seq   int // order of creation
	entry entry

	regs     []value  // by Reg: the value where it is defined
	has      []bool   // by Reg: the definition was reached
	in       []*state // by Block.ID: at the block's start, after its phis; nil: not reached
	out      []*state // by Block.ID: before its terminator; nil: control does not get there
	edges    []uint64 // by Block.ID: successors that are taken, see flow.terminator
	exit     exit
	wasExit  exit // before stripVary
	touched  bool // interpreted since what varies was settled last
	stripped bool // what varies is being settled

	stuck   []bool  // by Block.ID: a call in it has not returned so far; out is of an earlier time
	dirty   []bool  // by Block.ID: to be interpreted again
	visits  []int32 // by Block.ID: how often it was
	ndirty  int
	queued  bool
	running bool
	live    bool // the entry reaches it
	asleep  bool // not analyzed again until a call chooses it, see sensitivities

	callers []callSite // where it is unfolded or specialized from
	plans   map[ir.Point][]callee

	joins          []*joinPoint // by Block.ID
	divergentLoops map[*ir.Loop]bool
	mergedSelects  map[ir.Point]bool // selects whose two static values are generalized
	exitJoin       *joinPoint
	own            bool     // has residual functions of its own: recursion under dynamic control
	useless        bool     // unfolding it gains nothing
	lostReturn     bool     // its result is dynamic, rule (R1)
	residualResult bool     // its result has a residual use, rule (N2)
	unlifted       []bool   // by Reg: dynamic by rule (N2), nil for none
	settled        bool     // the joins of dynamic branches are, see round
	forced         []ir.Reg // registers made dynamic where they are defined

	final *finalInfo
}

// A callSite is a block of a variant that calls.
type callSite struct {
	v *Variant
	b *ir.Block
}

// A callee is one of the functions that a call may call, with the variant that
// analyzes it, nil if the call is residual.
type callee struct {
	fn     *ir.Func
	v      *Variant
	reason Reason
}

// funcInfo is what is computed once for a function.
type funcInfo struct {
	order       []*item     // see inOrder
	defs        []*ir.Block // by Reg: the block that defines it
	points      []ir.Point  // by Reg: of its definition, the function's first point for parameters
	classifies  bool        // see classifies
	interest    []interest  // by parameter, see interests
	mod, ref    ir.Effect   // of a call, if effects is set
	effects     bool
	unfoldable  bool
	floats      bool // its floating point is IEEE arithmetic
	small       bool
	extent      int        // see extent
	live        [][]ir.Reg // by Block.ID, see liveIn
	noConst     bool       // entry divisions no longer tell constants apart
	monovariant bool       // one variant for all calls
	mono        *Variant   // that one
	variants    int
}

// mayWrite reports whether a call of f may write o; mayAccess also counts reads.
func (a *analysis) mayWrite(f *ir.Func, o *ir.Object) bool { return a.effects(f).mod.May(o) }

func (a *analysis) mayAccess(f *ir.Func, o *ir.Object) bool {
	fi := a.effects(f)
	return fi.mod.May(o) || fi.ref.May(o)
}

// effects is the info of f with mod and ref set.
func (a *analysis) effects(f *ir.Func) *funcInfo {
	fi := a.info(f)
	if !fi.effects {
		fi.mod, fi.ref, fi.effects = a.mr.FuncMod(f), a.mr.FuncRef(f), true
	}
	return fi
}

// smallFunc is the number of instructions up to which a function is unfolded
// though nothing static reaches it.
const smallFunc = 12

func (a *analysis) info(f *ir.Func) *funcInfo {
	if fi := a.funcs[f]; fi != nil {
		return fi
	}
	fi := &funcInfo{defs: make([]*ir.Block, len(f.Values)), points: make([]ir.Point, len(f.Values))}
	a.funcs[f] = fi
	if f.IsDecl() {
		return fi
	}
	for i := range f.LL.Params {
		fi.defs[i], fi.points[i] = f.Blocks[0], f.First
	}
	r := len(f.LL.Params)
	for _, b := range f.Blocks {
		for pt := b.First; pt < b.End(); pt++ {
			if ir.HasResult(a.prog.UserAt(pt)) {
				fi.defs[r], fi.points[r] = b, pt
				r++
			}
		}
	}
	fi.order = inOrder(f)
	fi.unfoldable = unfoldable(f)
	fi.monovariant = a.cfg.Mode.Monovariant
	fi.floats = ir.FloatModeOf(f.LL.FuncAttrs).Other == ""
	fi.classifies = classifies(f)
	fi.small = int(f.End-f.First) <= smallFunc && len(f.Blocks) <= 3
	return fi
}

// largeClassifier is the number of instructions up to which a function that only
// returns constants is followed though nothing static reaches it.
const largeClassifier = 64

// classifies reports whether f is a leaf that returns one of several constants:
// then its result can be static though its arguments are not.
func classifies(f *ir.Func) bool {
	if int(f.End-f.First) > largeClassifier || f.LL.Sig.RetType.Equal(types.Void) {
		return false
	}
	seen := make(map[irvalue.Value]bool)
	var constant func(x irvalue.Value) bool
	constant = func(x irvalue.Value) bool {
		if f.Reg(x) == ir.NoReg {
			return true
		}
		if seen[x] {
			return true
		}
		seen[x] = true
		switch i := x.(type) {
		case *llir.InstPhi:
			for _, inc := range i.Incs {
				if !constant(inc.X) {
					return false
				}
			}
			return true
		case *llir.InstSelect:
			return constant(i.ValueTrue) && constant(i.ValueFalse)
		case *llir.InstZExt:
			return constant(i.From)
		case *llir.InstSExt:
			return constant(i.From)
		case *llir.InstTrunc:
			return constant(i.From)
		}
		return false
	}
	for _, b := range f.Blocks {
		for _, inst := range b.LL.Insts {
			if call, ok := inst.(*llir.InstCall); ok && libraryKind(call) == libNone {
				return false
			}
		}
		if ret, ok := b.LL.Term.(*llir.TermRet); ok && !constant(ret.X) {
			return false
		}
	}
	return true
}

// unfoldable applies rule (C1).
func unfoldable(f *ir.Func) bool {
	if f.IsDecl() || !fixed(f.LL.Linkage) || f.LL.Linkage == enum.LinkageAvailableExternally {
		return false
	}
	for _, a := range f.LL.FuncAttrs {
		switch a {
		case enum.FuncAttrReturnsTwice, enum.FuncAttrNaked, enum.FuncAttrOptNone:
			return false
		}
	}
	for _, b := range f.Blocks {
		switch b.LL.Term.(type) {
		case *llir.TermInvoke, *llir.TermCallBr, *llir.TermResume,
			*llir.TermCatchSwitch, *llir.TermCatchRet, *llir.TermCleanupRet:
			return false
		}
		for _, inst := range b.LL.Insts {
			switch i := inst.(type) {
			case *llir.InstCall:
				if g, ok := i.Callee.(*llir.Func); ok && returnsTwice(g) {
					return false
				}
			}
		}
	}
	return true
}

// returnsTwice reports whether f is setjmp or of its kind.
func returnsTwice(f *llir.Func) bool {
	for _, a := range f.FuncAttrs {
		if a == enum.FuncAttrReturnsTwice {
			return true
		}
		if g, ok := a.(*llir.AttrGroupDef); ok && slices.Contains(g.FuncAttrs, llir.FuncAttribute(enum.FuncAttrReturnsTwice)) {
			return true
		}
	}
	switch f.Name() {
	case "setjmp", "_setjmp", "sigsetjmp", "__sigsetjmp", "vfork", "getcontext", "llvm.eh.sjlj.setjmp":
		return true
	}
	return false
}

// newVariant makes the variant of f for an entry division, all blocks unreached.
func (a *analysis) newVariant(f *ir.Func, e entry) *Variant {
	fi := a.info(f)
	fi.variants++
	v := &Variant{
		Fn: f, an: a, fi: fi, seq: len(a.variants), entry: e,
		regs: make([]value, len(f.Values)), has: make([]bool, len(f.Values)),
		in: make([]*state, len(f.Blocks)), out: make([]*state, len(f.Blocks)), edges: make([]uint64, len(f.Blocks)),
		dirty: make([]bool, len(f.Blocks)), stuck: make([]bool, len(f.Blocks)), visits: make([]int32, len(f.Blocks)), joins: make([]*joinPoint, len(f.Blocks)),
		plans: make(map[ir.Point][]callee), divergentLoops: make(map[*ir.Loop]bool), mergedSelects: make(map[ir.Point]bool),
	}
	a.variants = append(a.variants, v)
	for i := range f.LL.Params {
		v.has[i], v.regs[i] = true, e.args[i]
	}
	a.applyForced(v)
	a.enqueue(v, f.Blocks[0])
	return v
}

// calledFrom records that b of u goes on from v's exit.
func (v *Variant) calledFrom(u *Variant, b *ir.Block) {
	for _, c := range v.callers {
		if c.v == u && c.b == b {
			return
		}
	}
	v.callers = append(v.callers, callSite{u, b})
}

// instAt is the instruction at pt, which is not a terminator's.
func (v *Variant) instAt(pt ir.Point) llir.Instruction { return v.an.prog.InstAt(pt) }
