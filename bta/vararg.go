package bta

// This file holds the rules for functions with a variable number of arguments (B12):
// the arguments lie in the object that points-to has for them, the register save
// area first, the overflow area from vaOverflow on.

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"

	"quasi/ir"
	"quasi/ir/spec"
)

const (
	vaOverflow = 256 // in the object of the arguments
	vaMost     = 4096

	vaSummary = 2 * vaMost // cells of what the arguments of each class have in common
	vaMarks   = 3 * vaMost // from here on, a cell at the offset of each argument tells its class
	vaClasses = 4
)

// passVariable is the object of the variable arguments of a call of fn, nil if there
// are none that the analysis can tell.
func (f *flow) passVariable(i *llir.InstCall, fn *ir.Func) memory {
	start := ir.VaStart(fn)
	if !fn.LL.Sig.Variadic || start == nil || f.cg.Recursive(fn) {
		return nil
	}
	o := f.pts.ObjectOf(start)
	list, ok := f.prog.Layout.VarArgs(fn.LL, i)
	if !ok || o == nil || list.StackSize > vaMost {
		return nil
	}
	cs := []cell{{hi: vaOverflow + list.StackSize, fill: undef, val: value{refs: f.refs.empty}}}
	for _, a := range list.Args {
		at := a.Off
		if a.Stack {
			at += vaOverflow
		}
		v := f.operand(i.Args[a.Index])
		if a.Copy == nil {
			cs = put(cs, cell{lo: at, hi: at + a.Size, val: f.abstract(v, false, f.info(fn).noConst)})
			continue
		}
		cs = cut(cs, at, at+a.Size)
		from, off, ok := f.place(v)
		if !ok {
			continue
		}
		for _, c := range f.copyOf(from, off, a.Size) {
			c.lo, c.hi, c.org = c.lo-off+at, c.hi-off+at, 0
			c.val = f.abstract(c.val, false, f.info(fn).noConst)
			cs = put(cs, c)
		}
	}
	cs = f.summarize(i, list, cs)
	cs = slices.DeleteFunc(cs, func(c cell) bool { return c.val == dynamic })
	return memory{{place: place{obj: o}, cells: cs}}
}

// summarize adds the cells that tell what the arguments of each class have in common,
// and of what class each argument is.
func (f *flow) summarize(i *llir.InstCall, list ir.VarList, cs []cell) []cell {
	var joined [vaClasses]value
	var seen [vaClasses]bool
	for _, a := range list.Args {
		k := vaClass(strip(i.Args[a.Index]).Type())
		if a.Copy != nil || k < 0 {
			continue
		}
		mark := vaMarks + a.Off
		if a.Stack {
			mark += vaOverflow
		}
		cs = put(cs, cell{lo: mark, hi: mark + 1, val: value{sym: f.facts.Const(uint64(k), 8)}})
		v := f.abstract(f.operand(i.Args[a.Index]), false, true)
		if seen[k] {
			v = f.joinValue(joined[k], v, false)
		}
		joined[k], seen[k] = v, true
	}
	for k, v := range joined {
		if seen[k] {
			at := int64(vaSummary + 8*k)
			cs = put(cs, cell{lo: at, hi: at + 8, val: v})
		}
	}
	return cs
}

// vaClass is the class of variable arguments of type t, -1 if there is none.
func vaClass(t types.Type) int {
	switch t := t.(type) {
	case *types.PointerType:
		return 0
	case *types.IntType:
		if t.BitSize <= 32 {
			return 1
		}
		return 2
	case *types.FloatType:
		return 3
	}
	return -1
}

// isVariable reports whether o is the variable arguments of a function.
func isVariable(o *ir.Object) bool {
	_, ok := o.Site.(*llir.InstCall)
	return ok && o.Kind == ir.ObjStack
}

// readVariable is the value of a load of type t from variable arguments, ok false if
// addr does not lead there or to one argument of that class: what all arguments
// of the type have in common. At a place where no such argument is, no defined
// execution reads; the analysis may get there before it knows all ways.
func (f *flow) readVariable(addr value, t types.Type) (v value, ok bool) {
	k := vaClass(t)
	if addr.bt == Dynamic || addr.refs == nil || len(addr.refs.refs) != 1 || k < 0 {
		return value{}, false
	}
	r := addr.refs.refs[0]
	if !isVariable(r.obj) {
		return value{}, false
	}
	if r.exact() {
		mark, _, ok := f.facts.Value(f.readPlace(place{obj: r.obj}, vaMarks+r.off, 1, 8).sym)
		if ok && (int(mark) == k || (mark^uint64(k))&1 == 0 && k <= 2) {
			return value{}, false // pointers and long integers may stand for each other
		}
		return value{refs: f.refs.empty}, true
	}
	at := int64(vaSummary + 8*k)
	v = f.readPlace(place{obj: r.obj}, at, 8, width(t))
	v.vary = v.bt == Static && (v.vary || addr.vary)
	if v.bt == Static {
		v.sym = spec.NoSym
	}
	return v, true
}

// variadicInforms reports whether a call passes static variable arguments.
func (f *flow) variadicInforms(i *llir.InstCall, fn *ir.Func) bool {
	for k := len(fn.LL.Params); fn.LL.Sig.Variadic && k < len(i.Args); k++ {
		if f.operand(i.Args[k]).bt == Static {
			return true
		}
	}
	return false
}

// vaStart sets up a va_list over the arguments.
func (f *flow) vaStart(i *llir.InstCall) {
	list, ok := f.prog.Layout.VarNamed(f.fn().LL)
	o := f.pts.ObjectOf(ir.VaStart(f.fn()))
	if !ok || o == nil || f.v == f.entry || f.cg.Recursive(f.fn()) {
		f.fillRange(f.operand(i.Args[0]), strip(i.Args[0]), ir.VaListSize, true, dynamic)
		return
	}
	dst := f.operand(i.Args[0])
	for _, part := range []struct {
		off, size int64
		val       value
	}{
		{ir.VaListGP, 4, value{sym: f.facts.Const(uint64(list.GP), 32)}},
		{ir.VaListFP, 4, value{sym: f.facts.Const(uint64(list.FP), 32)}},
		{ir.VaListStack, 8, value{refs: f.refs.one(o, vaOverflow+list.Stack)}},
		{ir.VaListSave, 8, value{refs: f.refs.one(o, 0)}},
	} {
		f.write(f.move(dst, part.off), strip(i.Args[0]), part.size, part.val, nil)
	}
}
