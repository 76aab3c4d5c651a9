package guard

// This file holds what steps do to views and paths, rule (D1).

import (
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// stepped is a view after a step by an unknown number of elements of size bytes:
// somewhere in the array of such elements that it was in, or, outside of these,
// anywhere in the object.
func stepped(l *ir.Layout, v view, size int64) view {
	if lo, hi, ok := arrayAround(l, v.typ, v.lo, size); ok && v.lo == v.hi {
		v.lo, v.hi = lo, hi
		return v
	}
	v.lo, v.hi, v.loose = 0, max(l.Size(v.typ)-1, 0), !v.object
	if flexible(v.typ) {
		v.hi = farEnd
	}
	return v
}

// arrayAround finds the outermost array in t around byte off whose elements have size
// bytes: the first and the last place of an element.
func arrayAround(l *ir.Layout, t types.Type, off, size int64) (lo, hi int64, ok bool) {
	var start int64
	for {
		switch x := t.(type) {
		case *types.StructType:
			i := l.FieldAt(x, off)
			if i < 0 {
				return 0, 0, false
			}
			start += l.Offset(x, i)
			off -= l.Offset(x, i)
			t = x.Fields[i]
		case *types.ArrayType:
			n := l.Size(x.ElemType)
			switch {
			case n < size || n <= 0 || x.Len > 0 && off >= int64(x.Len)*n:
				return 0, 0, false
			case n == size && x.Len == 0:
				return start + off%n, farEnd, true
			case n == size:
				return start + off%n, start + off%n + (int64(x.Len)-1)*n, true
			}
			start += off / n * n
			off %= n
			t = x.ElemType
		default:
			return 0, 0, false
		}
	}
}

// unit is the size of the elements that a step from p goes over, 0 if it may be any.
func (p *path) unit(size int64) int64 {
	if p.bytes {
		return 0
	}
	return size
}

// gcd is the greatest common divisor, that of 0 and x being x.
func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, -a)
}

// flexible reports whether objects of type t may be longer than it says: its last
// member is an array of no or one element.
func flexible(t types.Type) bool {
	for {
		switch x := t.(type) {
		case *types.StructType:
			if x.Opaque || len(x.Fields) == 0 {
				return true
			}
			t = x.Fields[len(x.Fields)-1]
		case *types.ArrayType:
			return x.Len <= 1
		case nil:
			return false
		default:
			return false
		}
	}
}

// withType adds the view that a pointer's own type gives.
func withType(ps []path, elem types.Type) []path {
	st, ok := elem.(*types.StructType)
	if !ok || st.Opaque || st.Name() == "" {
		return ps
	}
	out := make([]path, len(ps))
	for i, p := range ps {
		p.views = slices.Clone(p.views)
		p.add(view{typ: st})
		out[i] = p
	}
	return out
}

// behind are the ways to v, which is cast to another type: after a step by a constant number of
// elements, which optimization makes of a step in bytes, the type of an element is not believed (D3).
func (t *tracer) behind(v value.Value, ps []path) []path {
	out := slices.Clone(ps)
	for i := range out {
		out[i].bytes = true
	}
	gep, ok := ir.Unwrap(v).(*llir.InstGetElementPtr)
	if !ok || len(gep.Indices) != 1 {
		return out
	}
	if n, known := t.index(gep.Indices[0]); !known || n == 0 {
		return out
	}
	for i := range out {
		out[i].views = slices.Clone(out[i].views)
		for j := range out[i].views {
			if w := &out[i].views[j]; w.lo == 0 && w.hi == 0 && w.typ.Equal(gep.ElemType) && !w.object {
				w.loose = true
			}
		}
	}
	return out
}

// add adds a view that is not there.
func (p *path) add(v view) {
	for _, w := range p.views {
		if w.lo == v.lo && w.hi == v.hi && w.typ.Equal(v.typ) && (!w.loose || v.loose) {
			return
		}
	}
	p.views = append(p.views, v)
}

// mergePaths joins the ways to two values. A root that both come from at the same
// distance is one way if the types agree.
func mergePaths(a, b []path) []path {
	all := slices.Clone(a)
	for _, p := range b {
		i := slices.IndexFunc(all, func(q path) bool {
			return q.root == p.root && q.lo == p.lo && q.hi == p.hi && q.step == p.step && q.bytes == p.bytes && slices.EqualFunc(q.views, p.views, func(v, w view) bool {
				return v.lo == w.lo && v.hi == w.hi && v.loose == w.loose && v.typ.Equal(w.typ)
			})
		})
		if i < 0 {
			all = append(all, p)
			continue
		}
		all[i].merged = all[i].merged || p.merged || all[i].via != p.via
	}
	return all
}

// merged are the ways through a phi, or a slot: via is the store to it if there is
// but one.
func merged(ps []path, via *llir.InstStore) []path {
	out := make([]path, len(ps))
	for i, p := range ps {
		if via != nil && p.via == nil && !p.merged {
			p.via = via
		} else {
			p.merged = true
		}
		out[i] = p
	}
	return out
}

// shifted are the ways after a step of n bytes.
func shifted(ps []path, n int64) []path {
	var all []path
	for _, p := range ps {
		q := path{root: p.root, lo: p.lo + n, hi: p.hi + n, step: p.step, bytes: true, merged: p.merged, via: p.via}
		for _, v := range p.views {
			v.lo += n
			v.hi += n
			if v.hi >= 0 {
				q.views = append(q.views, v)
			}
		}
		all = append(all, q)
	}
	return all
}

// somewhere are the ways after a step of an unknown number of bytes that does not
// leave the variable, if it is one.
func somewhere(ps []path) []path {
	var all []path
	for _, p := range ps {
		q := path{root: p.root, lo: -farEnd, hi: farEnd, step: 1, bytes: true, merged: p.merged, via: p.via}
		for _, v := range p.views {
			v.lo, v.hi, v.loose = -farEnd, farEnd, !v.object
			q.views = append(q.views, v)
		}
		all = append(all, q)
	}
	return all
}
