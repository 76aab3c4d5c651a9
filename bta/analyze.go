package bta

// This file holds Config, Result and Analyze, the driver of the analysis.

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	irvalue "github.com/llir/llvm/ir/value"

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

	// Mode is what the analysis does without.
	Mode Mode

	// MaxVariants bounds the variants of a Result, 0 means 1024. Past it, the
	// entry divisions of the functions with most variants are joined.
	MaxVariants int

	// Forced makes values dynamic that the rules would keep, see ForcedKey.
	Forced map[ForcedKey]Reason

	// MaxTries bounds the analyses that explanations of the Result run again, to
	// find out whether remedies help: 0 means up to 64, by what each costs, a negative
	// number none.
	MaxTries int

	Log io.Writer // nil: silent

	// Shuffle, if not nil, has work be taken up in random order. The Result is the
	// same, which is what tests use this for.
	Shuffle *rand.Rand

	assumed *assumed // by Explain
}

// A ForcedKey names a register or a memory cell at the start of a block, in
// every variant of a function. The block becomes a specialized point and
// generalizes it there; a register that the block itself defines is dynamic from
// its definition on.
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
	NoReason        ReasonKind = iota
	ParamDynamic               // a parameter that the specification does not fix
	GlobalDynamic              // memory at entry that the specification does not fix
	OperandDynamic             // an operand is dynamic
	CellDynamic                // the memory read is dynamic
	UnknownCall                // a call of code that is not here, or that is left residual
	VolatileAccess             // volatile or atomic
	UnknownPointer             // an access through a pointer with unknown targets
	UnknownWrite               // a write through a dynamic pointer that may hit the cell
	DynamicStore               // a dynamic value was stored
	JoinDiffers                // paths of a dynamic branch bring different values and nothing static needs them
	BudgetSpent                // forced by Config.Forced
	NotComputed                // an operation that is left to run time: x86_fp80, va_arg and the like
	Recursion                  // recursion under dynamic control
	NoStaticInput              // a call that nothing static reaches, or that gains nothing by it
	NotUnfoldable              // variadic, setjmp, indirectbr and the like
	StaticInput                // a call that is worth unfolding
	DynamicBranch              // paths of a dynamic branch meet
	LoopControl                // a dynamic branch decides whether a loop goes on
	ResidualUse                // residual code needs what has no literal
	VariableDynamic            // the variable is dynamic elsewhere
	ResidualCallee             // what is called leaves residual code
	CopiesMeet                 // copies made for static values that are no longer needed meet
)

var reasonNames = [...]string{
	NoReason: "none", ParamDynamic: "parameter", GlobalDynamic: "memory-at-entry", OperandDynamic: "operand", CellDynamic: "memory",
	UnknownCall: "unknown-call", VolatileAccess: "volatile", UnknownPointer: "unknown-pointer", UnknownWrite: "unknown-write",
	DynamicStore: "dynamic-store", JoinDiffers: "join", BudgetSpent: "budget", NotComputed: "not-computed", Recursion: "recursion",
	NoStaticInput: "no-static-input", NotUnfoldable: "not-unfoldable", StaticInput: "static-input", DynamicBranch: "dynamic-branch",
	LoopControl: "loop-control", CopiesMeet: "copies-meet", ResidualUse: "residual-use", VariableDynamic: "variable-dynamic",
	ResidualCallee: "residual-callee",
}

// String is the kind as JSON has it, such as `unknown-call`.
func (k ReasonKind) String() string { return reasonNames[k] }

// A Result is the division of everything that the entry function reaches. It is
// immutable but for caches, and not safe for concurrent use.
type Result struct {
	Config   Config
	Entry    *Variant
	Variants []*Variant // by ID: Entry first, the others in the order of their first call
}

// defaultMaxVariants is Config.MaxVariants if that is 0.
const defaultMaxVariants = 1024

// analysis is the state of one Analyze.
type analysis struct {
	cfg   Config
	prog  *ir.Program
	pts   *ir.PointsTo
	cg    *ir.CallGraph
	mr    *ir.ModRef
	facts *spec.Facts

	refs       *refTable
	consts     map[constant.Constant]value
	byPT       map[irvalue.Value]ptTargets
	tags       map[ir.TBAATag]*ir.TBAATag
	images     map[*ir.Object]*ir.Image
	targetSets map[ref]*refSet // see constTargets
	loans      map[*llir.InstCall][]ir.Loan
	singles    map[*ir.Object]bool
	funcs      map[*ir.Func]*funcInfo
	sccOf      map[*ir.Func][]*ir.Func // components of the call graph, see interests
	strings    []*ir.Object            // of string parameters

	hasFacts bool              // there are predicates
	bare     bool              // the specification states nothing at all: what is static is in the program
	bases    map[spec.Sym]bool // instances that predicates read
	terms    map[termKey]bool
	termTags map[termKey]*ir.TBAATag

	entry     *Variant
	variants  []*Variant // all that were made, by seq
	byHash    map[uint64][]*Variant
	bounded   bool // a bound on variants was met while the forward analysis ran: its order shows
	pending   []*Variant
	depth     int
	varying   bool // the second half of settleStates
	forced    []forcedEntry
	writes    *writeIndex         // of this round
	addresses *demand             // of this round, see addressDemand
	seeds     map[*Variant][]seed // of this round, see seedsOf
	replays   flow
	fields    map[uint64][]*fieldSet
	spell     *spec.Speller
	replies   map[question]*reply // of Why and Explain
	trials    map[string]*Result  // of Explain, by what is assumed
	work      int                 // instructions interpreted
	without   map[int]*Result     // of Basis, by the ground that is left out

	uniform *uniform // nil unless the mode is uniform
	use     *use     // nil unless the mode is without use sensitivity

	plainFloats bool       // no code looks at the floating-point environment
	shuffle     *rand.Rand // nil: the usual order
}

// Analyze divides the program for one variant of the specification. The error is
// an *ir.Error: the function has no body, or a parameter's number is wrong.
func Analyze(cfg Config) (*Result, error) {
	if cfg.Variant.Fn.IsDecl() {
		pos := cfg.Prog.PositionOf(cfg.Variant.Fn)
		return nil, &ir.Error{Pos: pos, Err: fmt.Errorf("@%s has no body", cfg.Variant.Fn.Name())}
	}
	for _, b := range cfg.Variant.Static {
		if b.Param < 0 || b.Param >= len(cfg.Variant.Fn.LL.Params) {
			pos := cfg.Prog.PositionOf(cfg.Variant.Fn)
			return nil, &ir.Error{Pos: pos, Err: fmt.Errorf("@%s has no parameter %d", cfg.Variant.Fn.Name(), b.Param)}
		}
	}
	a := newAnalysis(cfg, nil)
	// The predicates do not say as what type their cells are accessed; the
	// program's loads do. Once they are known, TBAA protects the cells.
	if len(a.terms) > 0 {
		if tags := a.learnTags(a.settleStates()); len(tags) > 0 {
			a = newAnalysis(cfg, tags)
		}
	}
	live := a.rounds()
	a.replays = flow{}
	for i, v := range live {
		v.ID = i
	}
	return &Result{Config: cfg, Entry: a.entry, Variants: live}, nil
}

// rounds analyzes until no decision is left to take. It returns the live variants.
func (a *analysis) rounds() []*Variant {
	for round := 1; ; round++ {
		live := a.settleStates()
		more := a.round(live)
		a.logf("round %d: %d variants, %d made", round, len(live), len(a.variants))
		if !more {
			return live
		}
	}
}

// learnTags finds how the program's loads access the cells that predicates read,
// those that all loads access in one way.
func (a *analysis) learnTags(live []*Variant) map[termKey]*ir.TBAATag {
	tags := make(map[termKey]*ir.TBAATag)
	for _, v := range live {
		for _, b := range v.Fn.RPO() {
			if v.in[b.ID] == nil {
				continue
			}
			f := v.startOf(b)
			for f.pt = f.start(); f.pt < b.TermPoint(); f.pt++ {
				inst := b.LL.Insts[f.pt-b.First]
				if i, ok := inst.(*llir.InstLoad); ok {
					f.learn(i, tags)
				}
				if !f.inst(inst) {
					break
				}
			}
		}
	}
	for k, t := range tags {
		if t == nil {
			delete(tags, k)
		}
	}
	return tags
}

// learn records how a load accesses a predicate's cell, nil if in several ways.
func (f *flow) learn(i *llir.InstLoad, tags map[termKey]*ir.TBAATag) {
	p, off, ok := f.place(f.operand(i.Src))
	if !ok {
		return
	}
	k := termKey{p, off, f.prog.Layout.StoreSize(i.ElemType)}
	if !f.terms[k] {
		return
	}
	t := f.tag(i)
	if old, seen := tags[k]; seen && old != t {
		t = nil
	}
	tags[k] = t
}

// newAnalysis begins an analysis with the alias tags of the predicates' cells, as
// far as they are known.
func newAnalysis(cfg Config, tags map[termKey]*ir.TBAATag) *analysis {
	if cfg.MaxVariants <= 0 {
		cfg.MaxVariants = defaultMaxVariants
	}
	a := &analysis{
		cfg: cfg, prog: cfg.Prog, pts: cfg.PT, cg: cfg.CG, mr: cfg.MR, facts: cfg.Facts,
		fields: make(map[uint64][]*fieldSet), plainFloats: cfg.Prog.PlainFloats(),
		refs: newRefTable(cfg.Prog), consts: make(map[constant.Constant]value), byPT: make(map[irvalue.Value]ptTargets),
		tags: make(map[ir.TBAATag]*ir.TBAATag), images: make(map[*ir.Object]*ir.Image), targetSets: make(map[ref]*refSet), loans: make(map[*llir.InstCall][]ir.Loan), singles: make(map[*ir.Object]bool),
		funcs: make(map[*ir.Func]*funcInfo), byHash: make(map[uint64][]*Variant), bases: make(map[spec.Sym]bool),
		terms: make(map[termKey]bool), termTags: tags,
		shuffle: cfg.Shuffle, forced: sortForced(cfg.Forced),
	}
	a.hasFacts = len(cfg.Variant.When)+len(cfg.Variant.Always) > 0
	if cfg.assumed != nil {
		a.hasFacts = a.hasFacts || len(cfg.assumed.named)+len(cfg.assumed.static)+len(cfg.assumed.conds) > 0
	}
	a.bare = !a.hasFacts && len(cfg.Variant.Static) == 0 && (cfg.assumed == nil || len(cfg.assumed.params) == 0)
	for _, t := range a.facts.Terms() {
		a.bases[t.Base] = true
	}
	for _, t := range tags {
		a.tags[*t] = t
	}
	if cfg.Mode.Uniform {
		a.uniform = newUniform(a)
	}
	if cfg.Mode.NoUse {
		a.use = newUse(a)
	}
	a.entry = a.newVariant(cfg.Variant.Fn, a.specEntry())
	if cfg.Mode.Monovariant {
		a.info(cfg.Variant.Fn).mono = a.entry
	}
	return a
}

// settleStates runs the forward analysis until nothing changes: first what is
// static, then, which depends on it and not the other way round, what varies
// between residual copies. It returns the live variants.
func (a *analysis) settleStates() []*Variant {
	a.varying = false
	for again := true; again; {
		a.solve()
		again = false
		for _, v := range a.variants {
			if v.touched {
				again = a.prune(v) || again
			}
		}
	}
	live := a.markLive()
	a.varying = true
	seen := make(map[*Variant]bool)
	for again := true; again; {
		done := make(map[*region]*region)
		for _, v := range live {
			seen[v] = true
			if v.touched && !v.stripped {
				v.stripVary(done)
				v.stripped = true
				a.enqueueAll(v)
			}
		}
		a.solve()
		// Where less varies at an exit than before, the callers start afresh.
		again = false
		for _, v := range live {
			if !v.stripped || !v.variesLess() {
				continue
			}
			for _, c := range v.callers {
				if c.v.live && !c.v.stripped {
					c.v.touched, again = true, true
				}
			}
		}
		// Where less has leaked than in the first half, calls may choose variants that
		// the decisions of the next round would not see otherwise.
		live = a.markLive()
		for _, v := range live {
			again = again || !seen[v]
		}
	}
	for _, v := range a.variants {
		v.touched = v.touched && !v.live
		v.stripped = false
	}
	return live
}

// variesLess reports whether the exit of v held something that varied before v was
// stripped and does not now.
func (v *Variant) variesLess() bool {
	if v.wasExit.ret.vary && !v.exit.ret.vary {
		return true
	}
	for _, r := range v.wasExit.mem {
		for _, c := range r.cells {
			if !c.val.vary {
				continue
			}
			for _, n := range over(v.exit.mem.cells(r.place), c.lo, c.hi) {
				if n.val.bt == Static && !n.val.vary {
					return true
				}
			}
		}
	}
	return false
}

// stripVary forgets what varies between copies, and which slots have leaked: both
// are found again from what is static now.
func (v *Variant) stripVary(done map[*region]*region) {
	v.wasExit = v.exit
	for r := range v.regs {
		v.regs[r].vary = false
	}
	for i := range v.in {
		if v.in[i] != nil {
			s := *v.in[i]
			s.mem, s.leaked = s.mem.stripVary(done), nil
			v.in[i] = &s
		}
		if v.out[i] != nil {
			s := *v.out[i]
			s.mem, s.leaked = s.mem.stripVary(done), nil
			v.out[i] = &s
		}
	}
	v.exit.ret.vary = false
	v.exit.mem, v.exit.leaked = v.exit.mem.stripVary(done), nil
}

// logf writes a line to Config.Log.
func (a *analysis) logf(format string, args ...any) {
	if a.cfg.Log != nil {
		fmt.Fprintf(a.cfg.Log, "bta: @"+a.entry.Fn.Name()+": "+format+"\n", args...)
	}
}

// markLive finds the variants that the entry reaches through its plans: the entry
// first, then in the order of their first call.
func (a *analysis) markLive() []*Variant {
	for _, v := range a.variants {
		v.live = false
	}
	a.entry.live = true
	live := []*Variant{a.entry}
	for i := 0; i < len(live); i++ {
		live[i].eachPlan(func(_ *ir.Block, _ ir.Point, c callee) {
			if c.v != nil && !c.v.live {
				c.v.live = true
				live = append(live, c.v)
			}
		})
	}
	return live
}

// prune forgets blocks that control no longer gets to, since a call before them has
// turned out not to return. It reports whether other blocks depend on that.
func (a *analysis) prune(v *Variant) bool {
	again := false
	for i, b := range v.Fn.Blocks {
		if !v.stuck[i] || v.out[i] == nil {
			continue
		}
		for _, s := range v.takenSuccs(b) {
			a.enqueue(v, s)
			again = true
		}
		v.out[i] = nil
	}
	seen := make([]bool, len(v.Fn.Blocks))
	seen[0] = true
	work := []*ir.Block{v.Fn.Blocks[0]}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		for _, s := range v.takenSuccs(b) {
			if !seen[s.ID] {
				seen[s.ID] = true
				work = append(work, s)
			}
		}
	}
	for i := range seen {
		if !seen[i] {
			v.in[i], v.out[i], v.stuck[i] = nil, nil, false
		}
	}
	return again
}

// eachPlan visits the plans of the calls that v reaches, by point.
func (v *Variant) eachPlan(visit func(b *ir.Block, pt ir.Point, c callee)) {
	pts := make([]ir.Point, 0, len(v.plans))
	for pt := range v.plans {
		pts = append(pts, pt)
	}
	slices.Sort(pts)
	for _, pt := range pts {
		b := v.an.prog.BlockAt(pt)
		for _, c := range v.plans[pt] {
			if v.in[b.ID] == nil {
				break
			}
			visit(b, pt, c)
		}
	}
}
