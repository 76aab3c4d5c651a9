package ir

// This file holds Program, Func and Block: dense numbers around the llir tree.

import (
	"fmt"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// A Point is a program point: the place just before one instruction or
// terminator. Points are dense over a Program, so a slice can be indexed by
// Point; Program.Position expands one, as token.FileSet does a token.Pos.
type Point uint32

// A Reg is the dense number of an SSA value inside its function: parameters
// first, then every instruction and terminator in textual order that yields a
// value (type not void).
type Reg int32

// NoReg is the number of what is not an SSA value of the function.
const NoReg Reg = -1

// A Program is one module with dense numbers around its tree.
type Program struct {
	Module *llir.Module
	Source string  // name of what it was loaded from, for messages
	Layout *Layout // sizes, offsets and alignment of the module's data layout
	Funcs  []*Func // definitions and declarations, in module order

	byFunc map[*llir.Func]*Func
	points int
	images map[constant.Constant]*Image
	names  nameSet    // taken by globals; see FreshName
	named  int        // number of globals when names was read
	debug  *DebugInfo // see Names
}

// A Func is a function of a Program. Declarations have no Blocks.
type Func struct {
	ID     int
	LL     *llir.Func
	Prog   *Program
	Blocks []*Block      // textual order; Blocks[0] is the entry
	Values []value.Value // indexed by Reg

	First Point // of the function's first instruction
	End   Point // one past its last

	regs    map[value.Value]Reg
	byBlock map[*llir.Block]*Block
	facts   funcFacts
}

// funcFacts caches what is derived from a function's blocks on demand.
type funcFacts struct {
	rpo     []*Block
	order   []int32 // place in rpo by Block.ID, -1 if unreachable
	dom     *DomTree
	postdom *DomTree
	loops   *LoopForest
	control [][]*Block
	uses    *Uses
	points  map[value.User]Point
}

// A Block is a basic block of a Func.
type Block struct {
	ID    int // index in Func.Blocks
	LL    *llir.Block
	Fn    *Func
	First Point    // of the block's first instruction; its terminator is First+len(LL.Insts)
	Succs []*Block // one an edge, in the terminator's operand order (duplicates possible)
	Preds []*Block // distinct, by ID
}

// NewProgram numbers a module. It does not check it; see Check.
func NewProgram(m *llir.Module, source string) (*Program, error) {
	layout, err := NewLayout(m.DataLayout)
	if err != nil {
		return nil, &Error{Pos: Position{File: source}, Err: err}
	}
	p := &Program{Module: m, Source: source, Layout: layout, byFunc: make(map[*llir.Func]*Func, len(m.Funcs))}
	for i, lf := range m.Funcs {
		f := &Func{ID: i, LL: lf, Prog: p}
		p.Funcs = append(p.Funcs, f)
		p.byFunc[lf] = f
		if err := f.number(Point(p.points)); err != nil {
			return nil, err
		}
		p.points = int(f.End)
	}
	return p, nil
}

// number assigns blocks, registers and points of f, the first point being first.
func (f *Func) number(first Point) error {
	f.First = first
	f.regs = make(map[value.Value]Reg)
	f.byBlock = make(map[*llir.Block]*Block, len(f.LL.Blocks))
	addValue := func(v value.Value) {
		f.regs[v] = Reg(len(f.Values))
		f.Values = append(f.Values, v)
	}
	for _, p := range f.LL.Params {
		addValue(p)
	}
	pt := first
	for i, lb := range f.LL.Blocks {
		b := &Block{ID: i, LL: lb, Fn: f, First: pt}
		f.Blocks = append(f.Blocks, b)
		f.byBlock[lb] = b
		for _, inst := range lb.Insts {
			if v, ok := inst.(value.Value); ok && !v.Type().Equal(types.Void) {
				addValue(v)
			}
		}
		if v, ok := lb.Term.(value.Value); ok && !v.Type().Equal(types.Void) {
			addValue(v)
		}
		pt += Point(len(lb.Insts) + 1)
	}
	f.End = pt
	for _, b := range f.Blocks {
		if b.LL.Term == nil {
			return f.errorf(b, "no terminator")
		}
		for _, s := range b.LL.Term.Succs() {
			sb := f.byBlock[s]
			if sb == nil {
				return f.errorf(b, "branch to %s of another function", s.Ident())
			}
			b.Succs = append(b.Succs, sb)
		}
	}
	for _, b := range f.Blocks {
		seen := make(map[*Block]bool, len(b.Succs))
		for _, s := range b.Succs {
			if !seen[s] {
				seen[s] = true
				s.Preds = append(s.Preds, b)
			}
		}
	}
	return nil
}

// errorf is a fault of block b that keeps f from being numbered.
func (f *Func) errorf(b *Block, format string, args ...any) error {
	pos := f.Prog.PositionOf(f)
	pos.Block = b.LL.Name()
	return &Error{Pos: pos, Err: fmt.Errorf(format, args...)}
}

// NumPoints is the number of program points; points are 0 .. NumPoints-1.
func (p *Program) NumPoints() int { return p.points }

// FuncOf returns the Func around lf, nil if lf is not of this program.
func (p *Program) FuncOf(lf *llir.Func) *Func { return p.byFunc[lf] }

// FuncByName returns the function called name (without @), or nil.
func (p *Program) FuncByName(name string) *Func {
	for _, f := range p.Funcs {
		if f.LL.Name() == name {
			return f
		}
	}
	return nil
}

// FuncAt returns the function that holds pt.
func (p *Program) FuncAt(pt Point) *Func {
	lo, hi := 0, len(p.Funcs)
	for lo < hi {
		mid := (lo + hi) / 2
		if p.Funcs[mid].End <= pt {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return p.Funcs[lo]
}

// BlockAt returns the block that holds pt.
func (p *Program) BlockAt(pt Point) *Block {
	f := p.FuncAt(pt)
	lo, hi := 0, len(f.Blocks)
	for lo < hi {
		mid := (lo + hi) / 2
		if f.Blocks[mid].End() <= pt {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return f.Blocks[lo]
}

// InstAt returns the instruction at pt, nil if pt is before a terminator.
func (p *Program) InstAt(pt Point) llir.Instruction {
	b := p.BlockAt(pt)
	if i := int(pt - b.First); i < len(b.LL.Insts) {
		return b.LL.Insts[i]
	}
	return nil
}

// IsDecl reports whether f has no body here.
func (f *Func) IsDecl() bool { return len(f.Blocks) == 0 }

// Name is the function's name without @.
func (f *Func) Name() string { return f.LL.Name() }

// Reg returns the number of v in f, NoReg if v is a constant or of another
// function. A call argument may be wrapped in *llir.Arg.
func (f *Func) Reg(v value.Value) Reg {
	if a, ok := v.(*llir.Arg); ok {
		v = a.Value
	}
	if r, ok := f.regs[v]; ok {
		return r
	}
	return NoReg
}

// BlockOf returns the Block around lb, nil if lb is not of f.
func (f *Func) BlockOf(lb *llir.Block) *Block { return f.byBlock[lb] }

// End is one past the point of the block's terminator.
func (b *Block) End() Point { return b.First + Point(len(b.LL.Insts)+1) }

// TermPoint is the point of the block's terminator.
func (b *Block) TermPoint() Point { return b.First + Point(len(b.LL.Insts)) }
