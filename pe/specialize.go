package pe

// This file holds the entry of the package: Config, Result, Specialize, and the
// list of residual functions still to be made.

import (
	"fmt"
	"io"
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/bta"
	"quasi/ir"
	"quasi/ir/spec"
)

// A Budget bounds one specialization. Every limit counts something of the
// program, never time, so that results do not depend on the machine. A zero
// field means its default.
type Budget struct {
	Steps      int // static instructions executed
	Insts      int // residual instructions emitted, by all residual functions together
	LoopInsts  int // residual instructions that one static loop may unfold to
	Iterations int // of one static loop
	Points     int // specialized points of one program point in one call context
	Shapes     int // of these, how many may differ only in which parts are known
	Depth      int // nested unfolded calls
	Functions  int // residual functions
	Copies     int // residual functions of one generic function
}

// DefaultBudget is what a zero Budget stands for.
var DefaultBudget = Budget{
	Steps:      100_000_000,
	Insts:      60_000,
	LoopInsts:  10_000,
	Iterations: 4_000_000,
	Points:     2_000,
	Shapes:     4,
	Depth:      400,
	Functions:  400,
	Copies:     150,
}

// WithDefaults is b with the limits that it leaves to DefaultBudget.
func (b Budget) WithDefaults() Budget {
	set := func(x *int, d int) {
		if *x <= 0 {
			*x = d
		}
	}
	d := DefaultBudget
	set(&b.Steps, d.Steps)
	set(&b.Insts, d.Insts)
	set(&b.LoopInsts, d.LoopInsts)
	set(&b.Iterations, d.Iterations)
	set(&b.Points, d.Points)
	set(&b.Shapes, d.Shapes)
	set(&b.Depth, d.Depth)
	set(&b.Functions, d.Functions)
	set(&b.Copies, d.Copies)
	return b
}

// Config says what to specialize, with what is known of the program.
type Config struct {
	Prog    *ir.Program
	PT      *ir.PointsTo
	CG      *ir.CallGraph
	MR      *ir.ModRef
	Variant *spec.Variant
	Facts   *spec.Facts
	BTA     *bta.Result // nil: the specializer merges paths by its own means only
	Budget  Budget
	// Obey makes the specializer know no more than BTA says (obey.go): an aid to
	// tell what a division is worth.
	Obey bool
	// NoSimplify leaves the conditions of residual code as they are: an aid to
	// tell what simplification does.
	NoSimplify bool
	// Observe, if not nil, is told what became of every program point that the
	// specialization came to, by variant and point, once it stands.
	Observe func(Observation)
	Log     io.Writer // nil is silent
}

// Stats counts what a specialization did.
type Stats struct {
	Steps     int // static instructions executed
	Points    int // specialized points
	Hits      int // memo look-ups that found one
	Forks     int // states forked
	Unfolded  int // calls unfolded
	Generic   int // calls left to the generic function though it has a body
	Functions int // residual functions
	Insts     int // residual instructions, before LLVM optimizes them
}

// Result is what Specialize made.
type Result struct {
	Residual *llir.Func   // takes the generic function's parameters
	Funcs    []*llir.Func // every residual function, Residual first
	Stats    Stats
	Reasons  []Reason // what was left residual or generalized, and why
}

// A specializer is one run of Specialize.
type specializer struct {
	cfg       Config
	codes     map[*ir.Func]*code
	opaques   []value.Value
	opaqueIDs map[value.Value]uint64

	objects   []object // by ObjID; objects[0] is unused
	globals   map[constant.Constant]ObjID
	stacks    map[stackKey]ObjID
	heap      map[heapKey][]ObjID
	arrays    map[arrayKey]ObjID
	arraysIn  map[ctxID][]ObjID // arrays on the stack of a call context
	instances map[spec.Sym]ObjID
	cells     map[ObjID][]cell // of symbolic instances: every range that was ever known
	bySite    map[*ir.Object][]ObjID
	inContext map[ctxID][]ObjID // stack objects of a call context

	shapes map[types.Type]*shape
	lists  listTable
	floats bool // no code looks at the floating-point environment

	contexts []context
	ctxIDs   map[context]ctxID
	owners   uint32

	obedience *obedience // nil unless the division is obeyed

	lessons
	again bool // a lesson was learned: this attempt is void
	void  bool // so is it, but it may learn more
	tries int  // attempts before this one

	jobs    []*job
	jobsOf  map[*code][]*job // residual functions, by generic function
	outers  map[outerKey]ObjID
	shallow map[*code]bool // not nested deeper than the budget, whatever controls the calls
	kept    map[*code]*keeping
	tells   map[spec.Sym]bool
	stats   Stats
	reasons reasons
}

// A context is a call context: a call site within a context.
type context struct {
	parent ctxID
	call   ir.Point
	fn     *ir.Func
}

// Specialize emits residual functions for one variant into the module of
// cfg.Prog. The generic program is not changed; see InstallSlot. It always ends
// with correct residual code: a spent budget costs speed of the result, and is
// told in Reasons. The error is not nil only if the variant names a function
// that has no body.
func Specialize(cfg Config) (*Result, error) {
	cfg.Budget = cfg.Budget.WithDefaults()
	fn := cfg.Variant.Fn
	if fn.IsDecl() {
		return nil, fmt.Errorf("@%s has no body to specialize", fn.Name())
	}
	known := lessons{refused: make(map[*ir.Func]string), real: make(map[uint64]bool)}
	m := cfg.Prog.Module
	funcs, globals, defs := len(m.Funcs), len(m.Globals), len(m.MetadataDefs)
	for tries := 0; ; tries++ {
		s := newSpecializer(cfg, known)
		s.tries = tries
		if res := s.attempt(fn); !s.again && !s.void {
			s.observe()
			return res, nil
		}
		cfg.Prog.DropFuncs(funcs)
		m.Globals = m.Globals[:globals]
		m.MetadataDefs = m.MetadataDefs[:defs]
	}
}

// Lessons are what attempts to specialize have found out too late to heed: the
// next attempt does. Each attempt that is void adds some, of which there are
// finitely many.
type lessons struct {
	refused map[*ir.Func]string // functions that cannot be specialized, and why
	real    map[uint64]bool     // calls in context whose memory must be allocated at run time
}

// refuse makes the next attempt leave f to the generic code.
func (s *specializer) refuse(f *ir.Func, why string) {
	s.refused[f], s.again = why, true
}

func newSpecializer(cfg Config, known lessons) *specializer {
	s := &specializer{
		cfg:       cfg,
		lessons:   known,
		codes:     make(map[*ir.Func]*code),
		opaqueIDs: make(map[value.Value]uint64),
		objects:   make([]object, 1),
		globals:   make(map[constant.Constant]ObjID),
		stacks:    make(map[stackKey]ObjID),
		heap:      make(map[heapKey][]ObjID),
		arrays:    make(map[arrayKey]ObjID),
		arraysIn:  make(map[ctxID][]ObjID),
		instances: make(map[spec.Sym]ObjID),
		cells:     make(map[ObjID][]cell),
		bySite:    make(map[*ir.Object][]ObjID),
		inContext: make(map[ctxID][]ObjID),
		ctxIDs:    make(map[context]ctxID),
		jobsOf:    make(map[*code][]*job),
		shapes:    make(map[types.Type]*shape),
		lists:     newListTable(),
		outers:    make(map[outerKey]ObjID),
		shallow:   make(map[*code]bool),
		kept:      make(map[*code]*keeping),
	}
	s.floats = cfg.Prog.PlainFloats()
	if cfg.Obey && cfg.BTA != nil {
		s.obedience = newObedience()
	}
	return s
}

// attempt makes the residual functions, unless s.again is set at its end.
func (s *specializer) attempt(fn *ir.Func) *Result {
	code := s.compile(fn)
	if code.variadic {
		code.refuse("it takes a variable number of arguments")
	}
	if code.refusal != "" {
		s.note(Reason{Kind: NotSpecializable, Pt: fn.First, What: "@" + fn.Name(), Why: code.refusal})
		return &Result{Residual: nil, Stats: s.stats, Reasons: s.reasons.list}
	}
	entry := s.newJob(code, s.cfg.Variant.Name, nil)
	if s.cfg.BTA != nil {
		entry.variant = s.cfg.BTA.Entry
	}
	entry.start()
	s.schedule()
	res := &Result{Residual: entry.rf.ll, Stats: s.stats, Reasons: s.reasons.list}
	for _, j := range s.jobs {
		res.Funcs = append(res.Funcs, j.rf.ll)
		res.Stats.Insts += j.rf.insts
	}
	res.Stats.Functions = len(s.jobs)
	return res
}

// newJob adds a residual function of code; entry is what calls of it pass on, nil
// for the entry of the variant, whose arguments the variant binds.
func (s *specializer) newJob(c *code, name string, entry *passing) *job {
	j := &job{s: s, code: c, rf: newRFunc(name), entry: entry, index: len(s.jobs), facts: s.cfg.Facts, alone: s.obedience == nil}
	j.declare()
	j.reset()
	s.jobs = append(s.jobs, j)
	return j
}

// declare makes the empty llir function of j. It takes all parameters of the
// generic function at the entry, only the dynamic ones elsewhere.
func (j *job) declare() {
	g := j.code.fn.LL
	var params []*llir.Param
	for i, p := range g.Params {
		if j.entry != nil && j.entry.args[i].static() {
			continue
		}
		q := llir.NewParam(p.LocalName, p.Typ)
		q.Attrs = append([]llir.ParamAttribute(nil), p.Attrs...)
		if j.entry != nil && j.entry.args[i].obj != 0 {
			// Residual code also gets at the object by its known address.
			q.Attrs = slices.DeleteFunc(q.Attrs, func(a llir.ParamAttribute) bool { return a == enum.ParamAttrNoAlias })
		}
		params = append(params, q)
	}
	f := llir.NewFunc(j.rf.name, g.Sig.RetType, params...)
	f.Linkage = enum.LinkageInternal
	f.CallingConv = g.CallingConv
	f.ReturnAttrs = append([]llir.ReturnAttribute(nil), g.ReturnAttrs...)
	f.FuncAttrs = residualAttrs(g.FuncAttrs)
	j.rf.ll = f
}

// residualAttrs keeps the attributes that hold for any code that does what the
// generic function does: those on code generation and on unwinding. Attributes
// on inlining and optimization would hinder LLVM.
func residualAttrs(attrs []llir.FuncAttribute) []llir.FuncAttribute {
	var kept []llir.FuncAttribute
	for _, a := range attrs {
		switch a := a.(type) {
		case *llir.AttrGroupDef:
			kept = append(kept, residualAttrs(a.FuncAttrs)...)
		case enum.FuncAttr:
			switch a {
			case enum.FuncAttrNoInline, enum.FuncAttrOptNone, enum.FuncAttrAlwaysInline, enum.FuncAttrInlineHint,
				enum.FuncAttrReadNone, enum.FuncAttrReadOnly, enum.FuncAttrWriteOnly, enum.FuncAttrArgMemOnly,
				enum.FuncAttrInaccessibleMemOnly, enum.FuncAttrInaccessibleMemOrArgMemOnly, enum.FuncAttrSpeculatable,
				enum.FuncAttrNoRecurse, enum.FuncAttrReturnsTwice, enum.FuncAttrNaked:
				continue
			}
			kept = append(kept, a)
		case llir.AttrString, llir.AttrPair:
			kept = append(kept, a)
		}
	}
	return kept
}

// fresh returns an owner number that no page carries.
func (s *specializer) fresh() uint32 {
	s.owners++
	return s.owners
}

// context numbers the context of call within parent.
func (s *specializer) context(parent ctxID, call ir.Point, fn *ir.Func) ctxID {
	k := context{parent, call, fn}
	if id, ok := s.ctxIDs[k]; ok {
		return id
	}
	s.contexts = append(s.contexts, k)
	id := ctxID(len(s.contexts))
	s.ctxIDs[k] = id
	return id
}

type stackKey struct {
	ctx ctxID
	reg ir.Reg // the alloca, or the by-value parameter
}

// addObject numbers an object.
func (s *specializer) addObject(o object) ObjID {
	id := ObjID(len(s.objects))
	s.objects = append(s.objects, o)
	if o.site != nil {
		s.bySite[o.site] = append(s.bySite[o.site], id)
	}
	return id
}

func (s *specializer) obj(id ObjID) *object { return &s.objects[id] }

// constObject returns the object of a global or function, 0 if its address is
// not that of an object of its own (aliases, ifuncs, thread-locals).
func (s *specializer) constObject(c constant.Constant) ObjID {
	if id, ok := s.globals[c]; ok {
		return id
	}
	var o object
	switch g := c.(type) {
	case *llir.Global:
		if g.TLSModel != 0 || g.AddrSpace != 0 {
			return 0
		}
		o = object{kind: objGlobal, global: g, size: s.cfg.Prog.Layout.Size(g.ContentType), site: s.cfg.PT.ObjectOf(g)}
		o.single = g.UnnamedAddr == enum.UnnamedAddrNone && ownLinkage(g.Linkage)
		if g.Immutable && g.Init != nil && definitive(g.Linkage) && !g.ExternallyInitialized {
			if img := s.cfg.Prog.Initializer(g.Init); img != nil {
				o.ro, o.image = true, img
			}
		}
		if o.size < 0 {
			o.size = 0
		}
	case *llir.Func:
		o = object{kind: objFunc, fn: g, size: 1}
		o.single = g.UnnamedAddr == enum.UnnamedAddrNone && ownLinkage(g.Linkage)
	case *constant.BlockAddress:
		o = object{kind: objLabel, label: g}
	default:
		return 0
	}
	id := s.addObject(o)
	s.globals[c] = id
	return id
}

// ownLinkage reports whether a symbol of this linkage has an address that no
// other symbol has and that is not null.
func ownLinkage(l enum.Linkage) bool {
	switch l {
	case enum.LinkageNone, enum.LinkageExternal, enum.LinkageInternal, enum.LinkagePrivate:
		return true
	}
	return false
}

// definitive reports whether a definition of this linkage is the one that runs.
func definitive(l enum.Linkage) bool {
	switch l {
	case enum.LinkageNone, enum.LinkageExternal, enum.LinkageInternal, enum.LinkagePrivate,
		enum.LinkageLinkOnceODR, enum.LinkageWeakODR:
		return true
	}
	return false
}

// stackObject returns the object of an alloca in a call context.
func (s *specializer) stackObject(ctx ctxID, reg ir.Reg, elem types.Type, align uint64, size int64, site value.Value) ObjID {
	k := stackKey{ctx, reg}
	if id, ok := s.stacks[k]; ok {
		return id
	}
	name := ""
	if n, ok := site.(value.Named); ok {
		name = namedOnly(n)
	}
	id := s.addObject(object{kind: objStack, name: name, ctx: ctx, elem: elem, align: align, size: size, site: s.cfg.PT.ObjectOf(site), single: true})
	s.stacks[k] = id
	s.inContext[ctx] = append(s.inContext[ctx], id)
	return id
}

func undefOf(typ types.Type) value.Value { return constant.NewUndef(typ) }
