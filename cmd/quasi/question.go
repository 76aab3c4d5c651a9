package main

// This file finds what a question or an expectation names: a line, a C variable, an
// IR value, the result of a function.

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/value"

	"quasi/bta"
	"quasi/ir"
	"quasi/ir/spec"
)

// A question names points of a program.
type question struct {
	file  string // of FILE:LINE, else empty
	line  int    // 0 if a value is asked for
	fn    string // of FUNC:LINE, FUNC:NAME and @f:%x, else empty
	value string // %x, or a C name
}

// parseQuestion reads LINE, FILE:LINE, FUNC:LINE, %x, @f:%x, FUNC:NAME or a C name.
// Whether what comes before a line is a file or a function shows when it is looked up.
func parseQuestion(s string) (question, error) {
	if n, err := strconv.Atoi(s); err == nil {
		if n <= 0 {
			return question{}, fmt.Errorf("there is no line %s: lines count from 1", s)
		}
		return question{line: n}, nil
	}
	before, after := "", s
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		before, after = s[:i], s[i+1:]
	}
	if after == "" || before == "" && after != s {
		return question{}, fmt.Errorf("'%s' names nothing: expected LINE, FILE:LINE, FUNC:LINE, a variable or FUNC:VARIABLE", s)
	}
	if n, err := strconv.Atoi(after); err == nil {
		if n <= 0 {
			return question{}, fmt.Errorf("there is no line %s: lines count from 1", after)
		}
		if f, ok := strings.CutPrefix(before, "@"); ok {
			return question{fn: f, line: n}, nil
		}
		return question{file: before, line: n}, nil
	}
	return question{fn: strings.TrimPrefix(before, "@"), value: after}, nil
}

// names knows what questions can name.
type names struct {
	prog  *ir.Program
	reach map[*ir.Func]bool       // what the analysis reaches
	entry *ir.Func                // whose variables are named without it, nil for any
	lines map[string]map[int]bool // with code that is reached, by file
}

// names collects what the analyses of variants reach, for hints.
func (p *pipeline) names(variants ...*variant) *names {
	n := &names{prog: p.prog, reach: map[*ir.Func]bool{}, lines: map[string]map[int]bool{}}
	for _, v := range variants {
		for _, bv := range v.bta.Variants {
			n.add(bv)
		}
		n.reach[v.Fn] = true // perhaps as its peeled copy
	}
	return n
}

func (n *names) add(v *bta.Variant) {
	n.reach[v.Fn] = true
	for _, b := range v.Fn.Blocks {
		if !v.Reached(b) {
			continue
		}
		for pt := b.First; pt < b.End(); pt++ {
			pos := n.prog.Position(pt)
			if pos.Line == 0 || !listed(n.prog, pt) {
				continue
			}
			if n.lines[pos.File] == nil {
				n.lines[pos.File] = map[int]bool{}
			}
			n.lines[pos.File][pos.Line] = true
		}
	}
}

// missing is the error that q, said as what, names nothing.
func (n *names) missing(what string, q question) error {
	msg, hint := n.nothing(q)
	if hint != "" {
		hint = "; " + hint
	}
	return fmt.Errorf("%s: %s%s", what, msg, hint)
}

// nothing says that q names nothing, and what is near.
func (n *names) nothing(q question) (msg, hint string) {
	fn := q.fn
	if q.line > 0 && q.file != "" && fn == "" && !n.isFile(q.file) {
		fn = q.file
	}
	if fn != "" {
		switch f := n.function(fn); {
		case f == nil && fn == q.file:
			return fmt.Sprintf("the program has no file or function '%s'", fn), cmp.Or(didYouMean(fn, append(n.functions(), n.sources()...)), n.noDebug())
		case f == nil:
			return fmt.Sprintf("the program has no function '%s'", fn), didYouMean(fn, n.functions())
		case q.value != "" && q.value != "result" && !slices.Contains(n.variablesOf(f), q.value):
			return fmt.Sprintf("function '%s' has no variable or value '%s'", fn, q.value), cmp.Or(didYouMean(q.value, n.variablesOf(f)), n.noDebug())
		case !n.reach[f]:
			return fmt.Sprintf("the analysis does not reach function '%s'", fn), ""
		case q.line > 0 && hasLine(f, q.line):
			return neverReached(q.line), ""
		case q.line > 0:
			at := n.prog.PositionOf(f)
			hint = n.noDebug()
			if m := n.nearest(at.File, q.line, func(line int) bool { return hasLine(f, line) }); m > 0 {
				hint = fmt.Sprintf("the nearest line of %s with code is %d", fn, m)
			}
			return fmt.Sprintf("the analysis reaches no code of '%s' on line %d", fn, q.line), hint
		}
		return fmt.Sprintf("the analysis reaches no definition of '%s' in function '%s'", q.value, fn), ""
	}
	if q.line > 0 {
		if f := withLine(n.prog, q.file, q.line, n.reach); f != nil && n.reach[f] {
			return neverReached(q.line), ""
		} else if f != nil {
			return fmt.Sprintf("line %d is in function '%s', which the analysis does not reach", q.line, f.Name()), ""
		}
		hint = n.noDebug()
		near := 0
		for _, file := range n.sources() {
			if sameSource(file, q.file) {
				if m := n.nearest(file, q.line, func(int) bool { return true }); m > 0 && (near == 0 || abs(m-q.line) < abs(near-q.line)) {
					near = m
				}
			}
		}
		if near > 0 {
			hint = fmt.Sprintf("the nearest line with code is %d", near)
		}
		return fmt.Sprintf("the analysis reaches no code on line %d", q.line), hint
	}
	if f := n.function(q.value); f != nil {
		if !f.IsDecl() && !n.reach[f] {
			return fmt.Sprintf("the analysis does not reach function '%s'", q.value), ""
		}
		return fmt.Sprintf("nothing that the analysis reaches calls '%s'", q.value), ""
	}
	if n.entry != nil {
		msg = fmt.Sprintf("there is no variable or value of '%s', and no function, called '%s' that the analysis reaches", n.entry.Name(), q.value)
		return msg, didYouMean(q.value, append(append(n.variables(n.entry.Name()), "result"), n.functions()...))
	}
	return fmt.Sprintf("no function that the analysis reaches has a variable or value '%s'", q.value), cmp.Or(didYouMean(q.value, n.variables("")), n.noDebug())
}

// neverReached says of a line with code that it is not reached.
func neverReached(line int) string {
	return fmt.Sprintf("line %d is never reached: what is known decides against it", line)
}

// withLine is a function with code on a line of its file, of several one that is
// reached; nil for none.
func withLine(p *ir.Program, file string, line int, reach map[*ir.Func]bool) (found *ir.Func) {
	for _, f := range p.Funcs {
		if (found == nil || reach[f]) && sameSource(p.PositionOf(f).File, file) && hasLine(f, line) {
			found = f
		}
	}
	return found
}

// noDebug says that nothing that is reached has a line, "" if something has.
func (n *names) noDebug() string {
	if len(n.lines) > 0 {
		return ""
	}
	return "the program has no debug information: ask about values of its IR, such as %x"
}

// didYouMean is a hint to the nearest of names.
func didYouMean(name string, names []string) string {
	if near := spec.Nearest(name, names); near != "" {
		return "did you mean '" + near + "'?"
	}
	return ""
}

// isFile reports whether some line that is reached is in the file.
func (n *names) isFile(name string) bool {
	for file := range n.lines {
		if sameSource(file, name) {
			return true
		}
	}
	return false
}

// sources are the files of what is reached.
func (n *names) sources() []string {
	var all []string
	for file := range n.lines {
		all = append(all, file)
	}
	sort.Strings(all)
	return all
}

// nearest is the line with code that is nearest to line, 0 if there is none.
func (n *names) nearest(file string, line int, ok func(int) bool) int {
	best := 0
	for l := range n.lines[file] {
		if ok(l) && (best == 0 || abs(l-line) < abs(best-line) || abs(l-line) == abs(best-line) && l < best) {
			best = l
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// hasLine reports whether f has code on a line of its file.
func hasLine(f *ir.Func, line int) bool {
	for pt := f.First; pt < f.End; pt++ {
		if onLine(f, pt, line) {
			return true
		}
	}
	return false
}

// onLine reports whether pt is code on a line of f's file.
func onLine(f *ir.Func, pt ir.Point, line int) bool {
	pos := f.Prog.Position(pt)
	return pos.Line == line && pos.File == f.Prog.PositionOf(f).File && listed(f.Prog, pt)
}

// function finds a function by its IR or C name.
func (n *names) function(name string) *ir.Func {
	if f := n.prog.FuncByName(name); f != nil {
		return f
	}
	for _, f := range n.prog.Funcs {
		if !f.IsDecl() && n.prog.Names().ValueName(f.LL) == name {
			return f
		}
	}
	return nil
}

// functions are the names of functions with bodies.
func (n *names) functions() []string {
	var all []string
	for _, f := range n.prog.Funcs {
		if !f.IsDecl() {
			all = append(all, f.Name())
		}
	}
	return all
}

// variables are the names of variables of a function that is reached, of all for
// an empty name.
func (n *names) variables(fn string) []string {
	var all []string
	for f := range n.reach {
		if fn != "" && !isFunction(n.prog, f, fn) {
			continue
		}
		all = append(all, n.variablesOf(f)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// variablesOf are the names of the variables and values of f.
func (n *names) variablesOf(f *ir.Func) []string {
	var all []string
	for _, name := range n.prog.Names().Vars(f.LL) {
		all = append(all, name)
	}
	for _, v := range f.Values {
		all = append(all, v.Ident())
	}
	return all
}

// isFunction reports whether f is called name in IR or in C.
func isFunction(p *ir.Program, f *ir.Func, name string) bool {
	return f.Name() == name || p.Names().ValueName(f.LL) == name
}

// isFunction reports whether f is what a question calls name: the function of that name
// in IR or in C, or its peeled copy.
func (p *pipeline) isFunction(f *ir.Func, name string) bool {
	for _, v := range p.variants {
		if v.peeled != nil && v.peeled.Func == f.LL && isFunction(p.prog, v.Fn, name) {
			return true
		}
	}
	return isFunction(p.prog, f, name)
}

// askedFor lists what the question means in v.
func (p *pipeline) askedFor(v *bta.Variant, q question) []asked {
	if q.fn != "" && !p.isFunction(v.Fn, q.fn) {
		return nil
	}
	if q.line == 0 {
		return p.valuesCalled(v, q.value)
	}
	var all []asked
	ofFunc := q.fn != "" || q.file != "" && p.isFunction(v.Fn, q.file)
	for _, b := range v.Fn.Blocks {
		if !v.Reached(b) {
			continue
		}
		for pt := b.First; pt < b.End(); pt++ {
			meant := onLine(v.Fn, pt, q.line)
			if !ofFunc {
				pos := p.prog.Position(pt)
				meant = pos.Line == q.line && sameSource(pos.File, q.file) && listed(p.prog, pt)
			}
			if meant {
				all = append(all, asked{pt, p.regAt(v.Fn, pt)})
			}
		}
	}
	return all
}

// valuesCalled lists the values of v that a name means: an IR value, or those that
// a C variable has. Of a variable in memory they are what is loaded from it or, if
// nothing is, stored to it.
func (p *pipeline) valuesCalled(v *bta.Variant, name string) []asked {
	var all, stores []asked
	vars := p.prog.Names().Vars(v.Fn.LL)
	slot := func(x value.Value) bool {
		_, isSlot := x.(*llir.InstAlloca)
		return isSlot && vars[x] == name
	}
	for i, val := range v.Fn.Values {
		x, ok := val.(value.Value)
		if !ok || slot(x) && !strings.HasPrefix(name, "%") {
			continue
		}
		if x.Ident() == name || !strings.HasPrefix(name, "%") && (vars[x] == name || vars[x] == "" && x.Ident() == "%"+name) {
			pt := p.pointOf(v.Fn, val)
			if v.Reached(p.prog.BlockAt(pt)) {
				all = append(all, asked{pt, ir.Reg(i)})
			}
		}
	}
	if strings.HasPrefix(name, "%") {
		return all
	}
	for _, b := range v.Fn.Blocks {
		for pt := b.First; pt < b.TermPoint() && v.Reached(b); pt++ {
			switch i := p.prog.InstAt(pt).(type) {
			case *llir.InstLoad:
				if slot(i.Src) {
					all = append(all, asked{pt, v.Fn.Reg(i)})
				}
			case *llir.InstStore:
				if slot(i.Dst) {
					stores = append(stores, asked{pt, ir.NoReg})
				}
			}
		}
	}
	if len(all) == 0 {
		return stores
	}
	return all
}

// sameSource reports whether the file of a position is the one asked for: none
// asked for means any, and a base name stands for the path.
func sameSource(file, asked string) bool {
	if asked == "" || file == asked || filepath.Base(file) == asked {
		return true
	}
	if filepath.IsAbs(asked) {
		if abs, err := filepath.Abs(file); err == nil {
			file = abs
		}
	}
	return filepath.Clean(file) == filepath.Clean(asked)
}

// pointOf is where val is defined; parameters are defined at the entry.
func (p *pipeline) pointOf(f *ir.Func, val any) ir.Point {
	if u, ok := val.(value.User); ok {
		if pt, ok := f.PointOf(u); ok {
			return pt
		}
	}
	return f.First
}

// regAt is the register that the instruction at pt defines.
func (p *pipeline) regAt(f *ir.Func, pt ir.Point) ir.Reg {
	if v, ok := p.prog.UserAt(pt).(value.Value); ok {
		return f.Reg(v)
	}
	return ir.NoReg
}
