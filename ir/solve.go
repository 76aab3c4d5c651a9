package ir

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

type solver struct{}

// SolvePointsTo computes the points-to sets of p.
func SolvePointsTo(p *Program) *PointsTo {
	pt := &PointsTo{prog: p, site: make(map[value.Value]*Object)}
	add := func(o *Object) {
		o.ID = len(pt.objs)
		pt.objs = append(pt.objs, o)
		pt.esc = append(pt.esc, true)
		if o.Site != nil {
			pt.site[o.Site] = o
		}
	}
	add(&Object{Kind: ObjUnknown, Size: -1})
	for _, g := range p.Module.Globals {
		add(&Object{Kind: ObjGlobal, Site: g, Size: p.Layout.Size(g.ContentType), Const: g.Immutable})
	}
	for _, f := range p.Funcs {
		add(&Object{Kind: ObjFunc, Site: f.LL})
	}
	for _, f := range p.Funcs {
		for _, b := range f.Blocks {
			for _, inst := range b.LL.Insts {
				if a, ok := inst.(*llir.InstAlloca); ok {
					add(&Object{Kind: ObjStack, Site: a, Fn: f, Size: p.Layout.Size(a.ElemType)})
				}
			}
		}
	}
	return pt
}

// Of returns the objects that v may point to.
func (pt *PointsTo) Of(v value.Value) Pts {
	v = Unwrap(v)
	if c, ok := v.(constant.Constant); ok {
		if base, _, ok := pt.prog.ConstAddr(c); ok {
			if base == nil {
				return Pts{}
			}
			if o := pt.site[base]; o != nil {
				return Pts{Objs: []*Object{o}}
			}
		}
	}
	if _, ok := v.Type().(*types.PointerType); !ok {
		return Pts{}
	}
	return Pts{Unknown: true}
}

// Targets returns the places that v may point to, by object and offset.
func (pt *PointsTo) Targets(v value.Value) []Target {
	p := pt.Of(v)
	var ts []Target
	if p.Unknown {
		ts = append(ts, Target{Obj: pt.objs[0], Off: -1})
	}
	for _, o := range p.Objs {
		ts = append(ts, Target{Obj: o, Off: -1})
	}
	return ts
}
