package guard

// This file is about variables that go by several names, or that no module defines (D17).

import (
	"fmt"
	"slices"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"

	"quasi/ir"
)

// An Extern is a variable that a module declares, with the first instruction that names it, and
// the first that does more than load it.
type Extern struct {
	Name  string `json:"name"`
	Named Row    `json:"named"`
	Used  *Row   `json:"used,omitempty"`
}

// otherNames are the names of g beside its own: aliases, and what the linker calls the ends of
// its section.
func otherNames(p *ir.Program, g *llir.Global) (names []string) {
	for _, a := range p.Module.Aliases {
		if base, _, ok := p.ConstAddr(a.Aliasee); ok && base == constant.Constant(g) {
			names = append(names, a.Name())
		}
	}
	if g.Section != "" {
		names = append(names, "__start_"+g.Section, "__stop_"+g.Section)
	}
	return names
}

// externs enters the variables that the module declares and an instruction names.
func (s *scan) externs(pt ir.Point, u ir.User, seen map[*llir.Global]int) {
	for _, op := range ir.Operands(u) {
		c, ok := ir.Unwrap(*op).(constant.Constant)
		if !ok {
			continue
		}
		_, loads := u.(*llir.InstLoad)
		variablesIn(c, func(g *llir.Global) {
			if g.Init != nil {
				return
			}
			i, ok := seen[g]
			if !ok {
				i = len(s.sum.Externs)
				seen[g] = i
				s.sum.Externs = append(s.sum.Externs, Extern{Name: g.Name(), Named: s.row(noTerm, pt, NotVisible, ByUnknown, "")})
			}
			if e := &s.sum.Externs[i]; !loads && (e.Used == nil || e.Used.Line == 0) {
				r := s.row(noTerm, pt, NotVisible, ByUnknown, "")
				e.Used = &r
			}
		})
	}
}

// variablesIn visits the variables that a constant names.
func variablesIn(c constant.Constant, visit func(*llir.Global)) {
	switch c := c.(type) {
	case *llir.Global:
		visit(c)
	case *llir.Func, *llir.Alias, *constant.BlockAddress:
	default:
		for _, op := range ir.ConstOperands(c) {
			variablesIn(op, visit)
		}
	}
}

// unnamed are the rows, by unit, of a variable that units know by another name, or that none of
// them defines.
func unnamed(term string, units []*Summary) map[*Summary][]Row {
	rows := make(map[*Summary][]Row)
	defined, symbol := false, ""
	var names []string
	for _, u := range units {
		if sh, ok := u.Shapes[term]; ok {
			if !sh.Variable {
				return nil
			}
			defined, symbol = defined || sh.Defined, sh.Symbol
			names = append(names, sh.Names...)
		}
	}
	for _, u := range units {
		known := false
		for _, e := range u.Externs {
			switch {
			case !known && e.Used != nil && slices.Contains(names, e.Name):
				r := *e.Used
				r.Term, r.Reason = term, fmt.Sprintf("'%s' is another name for it, and this is its first use in the unit", e.Name)
				rows[u], known = append(rows[u], r), true
			case !defined && e.Name == symbol:
				r := e.Named
				r.Term, r.Reason = term, "the variable is defined where code is not visible; this is its first use"
				rows[u], defined = append(rows[u], r), true
			}
		}
	}
	return rows
}

// namesVariable reports whether a term may be a variable.
func (t *target) namesVariable() bool { return t.global != nil || t.blind }
