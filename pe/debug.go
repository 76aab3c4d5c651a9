package pe

// This file gives residual code source positions. A residual function has a
// subprogram of its own; what it holds counts as inlined into it: the generic
// function at its line, unfolded callees at their call sites. So a debugger at a
// residual instruction shows the C line and the calls that led there.

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/metadata"

	"quasi/ir"
)

// positions makes the debug locations of one residual function.
type positions struct {
	sub  *metadata.DISubprogram // nil: the generic function has no debug information
	at   map[ctxID]*metadata.DILocation
	locs map[located]*metadata.DILocation
	defs []metadata.Definition // for the module
}

// located is a location of the generic program in a call context.
type located struct {
	ctx ctxID
	loc *metadata.DILocation
}

// subprogramOf is the debug information of a function, nil if it has none.
func subprogramOf(f *llir.Func) *metadata.DISubprogram {
	for _, a := range f.Metadata {
		if a.Name == "dbg" {
			sp, _ := a.Node.(*metadata.DISubprogram)
			return sp
		}
	}
	return nil
}

// openPositions gives the residual function of j, whose first context is ctx, its
// subprogram.
func (j *job) openPositions(ctx ctxID) {
	g := subprogramOf(j.code.fn.LL)
	if g == nil || j.pos.sub != nil {
		return
	}
	sub := &metadata.DISubprogram{MetadataID: -1, Distinct: true, Scope: g.File, File: g.File,
		Line: g.Line, ScopeLine: g.ScopeLine, Type: g.Type, Flags: g.Flags,
		SPFlags: enum.DISPFlagLocalToUnit | enum.DISPFlagDefinition | enum.DISPFlagOptimized, Unit: g.Unit}
	entry := &metadata.DILocation{MetadataID: -1, Distinct: true, Line: g.ScopeLine, Scope: sub}
	j.pos = positions{sub: sub, at: map[ctxID]*metadata.DILocation{ctx: entry}, locs: make(map[located]*metadata.DILocation)}
	j.define(sub)
	j.define(entry)
}

// define adds a metadata node to the module, once the function is named.
func (j *job) define(d metadata.Definition) {
	j.pos.defs = append(j.pos.defs, d)
}

// unfoldedAt notes that context ctx is the unfolding of call in the current frame.
func (j *job) unfoldedAt(ctx ctxID, call llir.Instruction) {
	if j.pos.sub == nil || j.pos.at[ctx] != nil {
		return
	}
	parent := j.f.ctx
	loc := ir.DebugLoc(call)
	if loc == nil {
		j.pos.at[ctx] = j.pos.at[parent]
		return
	}
	at := *loc
	at.MetadataID, at.Distinct = -1, true
	at.InlinedAt = j.within(parent, loc.InlinedAt)
	j.define(&at)
	j.pos.at[ctx] = &at
}

// position is the location of a residual copy of i, an instruction or
// terminator, in the current frame.
func (j *job) position(i any) *metadata.DILocation {
	loc := ir.DebugLoc(i)
	if loc == nil || j.pos.sub == nil {
		return nil
	}
	key := located{j.f.ctx, loc}
	if l := j.pos.locs[key]; l != nil {
		return l
	}
	l := *loc
	l.MetadataID, l.Distinct = -1, false
	l.InlinedAt = j.within(j.f.ctx, loc.InlinedAt)
	j.define(&l)
	j.pos.locs[key] = &l
	return &l
}

// within hangs a chain of inlined-at locations of the generic program, which
// may be empty, under the place of its context.
func (j *job) within(ctx ctxID, chain *metadata.DILocation) *metadata.DILocation {
	if chain == nil {
		return j.pos.at[ctx]
	}
	key := located{ctx, chain}
	if l := j.pos.locs[key]; l != nil {
		return l
	}
	l := *chain
	l.MetadataID = -1
	l.InlinedAt = j.within(ctx, chain.InlinedAt)
	j.define(&l)
	j.pos.locs[key] = &l
	return &l
}

// here is the location of what is executed now, nil between two blocks.
func (j *job) here() *metadata.DILocation {
	if j.pos.sub == nil || j.f == nil || j.f.ip == 0 {
		return nil
	}
	if in := &j.f.code.blocks[j.f.block].insts[j.f.ip-1]; in.node != nil {
		return j.position(in.node)
	} else {
		return j.position(in.term)
	}
}

// placed gives a residual terminator its location.
func (j *job) placed(t llir.Terminator) llir.Terminator {
	setLoc(t, j.here())
	return t
}

// setLoc gives an instruction or terminator that has no location the location l.
func setLoc(i any, l *metadata.DILocation) {
	if l == nil || ir.DebugLoc(i) != nil {
		return
	}
	if md := metadataOf(i); md != nil {
		*md = append(*md, &metadata.Attachment{Name: "dbg", Node: l})
	}
}

// clone copies an instruction of the current frame for residual code, with the
// source position that it has there.
func (j *job) clone(i llir.Instruction) llir.Instruction {
	j.watch.emits(i)
	c := cloneResidual(i)
	if l := j.position(i); l != nil {
		md := metadataOf(c)
		*md = append(*md, &metadata.Attachment{Name: "dbg", Node: l})
	}
	return c
}

// used are the nodes that locations of residual instructions need, in order.
func (p *positions) used() []metadata.Definition {
	seen := make(map[*metadata.DILocation]bool)
	for _, l := range p.locs {
		for l != nil && !seen[l] {
			seen[l] = true
			l = l.InlinedAt
		}
	}
	var out []metadata.Definition
	for _, d := range p.defs {
		if l, ok := d.(*metadata.DILocation); !ok || seen[l] {
			out = append(out, d)
		}
	}
	return out
}
