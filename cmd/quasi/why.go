package main

// This file answers `quasi analyze --why`: what makes a line or value dynamic.

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/value"

	"quasi/bta"
	"quasi/ir"
)

// A question is the argument of --why.
type question struct {
	file  string // may be empty
	line  int    // 0 if a value is asked for
	fn    string // of @f:%x, else empty
	value string // %x, or a C name
}

// parseQuestion reads LINE, FILE:LINE, %x, @f:%x or a C name.
func parseQuestion(s string) question {
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return question{line: n}
	}
	if i := strings.LastIndexByte(s, ':'); i > 0 {
		if n, err := strconv.Atoi(s[i+1:]); err == nil && n > 0 {
			return question{file: s[:i], line: n}
		}
		if strings.HasPrefix(s, "@") {
			return question{fn: s[1:i], value: s[i+1:]}
		}
	}
	return question{value: s}
}

// printWhy prints, for every dynamic instruction that the question means, the
// chain of causes down to where it begins.
func (p *pipeline) printWhy(w io.Writer, arg string) error {
	q := parseQuestion(arg)
	found, dynamic := 0, 0
	for _, v := range p.variants {
		seen := map[string]bool{}
		for _, bv := range v.bta.Variants {
			for _, a := range p.askedFor(bv, q) {
				found++
				if !a.dynamic(bv) {
					continue
				}
				dynamic++
				if text := p.chain(bv, a); !seen[text] {
					seen[text] = true
					fmt.Fprintln(w, text)
				}
			}
		}
	}
	switch {
	case found == 0 && q.line > 0:
		return fmt.Errorf("--why %s: the analysis reaches no instruction of that line", arg)
	case found == 0:
		return fmt.Errorf("--why %s: no function that the analysis reaches has such a value", arg)
	case dynamic == 0:
		fmt.Fprintf(w, "%s: static\n", arg)
	}
	return nil
}

// An asked is an instruction or a parameter that a question means.
type asked struct {
	pt  ir.Point
	reg ir.Reg // ir.NoReg where the instruction yields no value
}

// dynamic reports whether a is dynamic in v.
func (a asked) dynamic(v *bta.Variant) bool {
	if a.reg != ir.NoReg {
		return v.Reg(a.reg) == bta.Dynamic
	}
	return v.Exec(a.pt) == bta.Dynamic
}

// askedFor lists what the question means in v.
func (p *pipeline) askedFor(v *bta.Variant, q question) []asked {
	var all []asked
	if q.line == 0 {
		if q.fn != "" && q.fn != v.Fn.Name() {
			return nil
		}
		for i, val := range v.Fn.Values {
			if p.isCalled(val, q.value) {
				all = append(all, asked{p.pointOf(v.Fn, val), ir.Reg(i)})
			}
		}
		return all
	}
	for _, b := range v.Fn.Blocks {
		if !v.Reached(b) {
			continue
		}
		for pt := b.First; pt < b.End(); pt++ {
			pos := p.prog.Position(pt)
			if !listed(p.prog, pt) || pos.Line != q.line || !sameSource(pos.File, q.file) {
				continue
			}
			all = append(all, asked{pt, p.regAt(v.Fn, pt)})
		}
	}
	return all
}

// sameSource reports whether the file of a position is the one asked for: none
// asked for means any, and a base name stands for the path.
func sameSource(file, asked string) bool {
	return asked == "" || file == asked || filepath.Base(file) == asked
}

// isCalled reports whether val has the name: %x in IR, x in C.
func (p *pipeline) isCalled(val any, name string) bool {
	n, ok := val.(interface{ Ident() string })
	if !ok {
		return false
	}
	if strings.HasPrefix(name, "%") {
		return n.Ident() == name
	}
	d := p.prog.Debug()
	v, isValue := val.(value.Value)
	return d != nil && isValue && d.ValueName(v) == name || n.Ident() == "%"+name
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

// chain is the chain of causes of a in v, one line each, the last being where
// it begins.
func (p *pipeline) chain(v *bta.Variant, a asked) string {
	var b strings.Builder
	pos := p.prog.Position(a.pt)
	what := "instruction"
	if a.reg != ir.NoReg {
		what = v.Fn.Values[a.reg].Ident()
		if d := p.prog.Debug(); d != nil {
			if name := d.ValueName(v.Fn.Values[a.reg]); name != "" && "%"+name != what {
				what += " (" + name + ")"
			}
		}
	} else if inst, ok := p.prog.UserAt(a.pt).(llir.Terminator); ok {
		what = strings.SplitN(inst.LLString(), " ", 2)[0]
	}
	fmt.Fprintf(&b, "%v: %s is dynamic\n", pos, what)
	for _, c := range causes(v, a) {
		fmt.Fprintf(&b, "  %v\n", c)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// causes asks the analysis: for a parameter what makes it dynamic at the entry,
// for an instruction why it is residual.
func causes(v *bta.Variant, a asked) []bta.Cause {
	if a.reg != ir.NoReg && int(a.reg) < len(v.Fn.LL.Params) {
		return bta.Why(v, a.pt, a.reg)
	}
	if chain := bta.Why(v, a.pt, ir.NoReg); chain != nil || a.reg == ir.NoReg {
		return chain
	}
	return bta.Why(v, a.pt+1, a.reg) // executed, but its value is not known
}
