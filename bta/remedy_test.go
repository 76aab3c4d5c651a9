package bta

import (
	"slices"
	"strings"
	"testing"

	"quasi/ir"
	"quasi/ir/spec"
)

// remedies are those of the register called name in v, by kind, joined.
func remedies(t *testing.T, v *Variant, name string) (text string, checked bool) {
	t.Helper()
	x := Explain(v, v.Fn.End-1, regNamed(t, v, name))
	if x == nil {
		return "", false
	}
	var all []string
	for _, r := range x.Remedies {
		all = append(all, r.Kind.String()+" "+r.String())
	}
	return strings.Join(all, "; "), x.Checked
}

// TestExplain: remedies without debug information, of each kind that needs no C.
func TestExplain(t *testing.T) {
	v := analyzeText(t, `; bta: @f s=S
%pair = type { i32, i32 }
@g = global i32 0
declare i32 @opaque(i32)
declare void @unknown(i32*)
define i32 @f(i32 %s, i32 %d, i32 %e, %pair* %p) {
entry:
  %slot = alloca i32
  %one = add i32 %s, %d
  %two = mul i32 %one, %e
  %same = sub i32 %two, %one
  %global = load i32, i32* @g
  %second = getelementptr %pair, %pair* %p, i64 0, i32 1
  %field = load i32, i32* %second
  %mixed = add i32 %field, %d
  %called = call i32 @opaque(i32 %s)
  %sum = add i32 %called, %field
  %volatile = load volatile i32, i32* %slot
  %wide = sitofp i32 %s to x86_fp80
  %less = icmp slt i32 %d, %e
  br i1 %less, label %a, label %b
a:
  br label %m
b:
  br label %m
m:
  %joined = phi i32 [ 1, %a ], [ 2, %b ]
  store i32 1, i32* %slot
  call void @unknown(i32* %slot)
  %after = load i32, i32* %slot
  ret i32 %joined
}
`, nil, nil).Entry
	for _, test := range []struct {
		reg, want string
		checked   bool
	}{
		{"%s", "", false},
		{"%one", "fix-parameter fix parameter d: --static d=VALUE", true},
		{"%two", "fix-parameter fix parameter d: --static d=VALUE; fix-parameter fix parameter e: --static e=VALUE", true},
		{"%same", "fix-parameter fix parameter d: --static d=VALUE; fix-parameter fix parameter e: --static e=VALUE", true},
		{"%global", "state-memory state what g holds: --when 'g == VALUE'", true},
		{"%field", "state-memory state what p->[1] holds: --when 'p->[1] == VALUE'", true},
		{"%mixed", "fix-parameter fix parameter d: --static d=VALUE; state-memory state what p->[1] holds: --when 'p->[1] == VALUE'", true},
		{"%called", "give-body give the body of @opaque: add the file that defines it to the inputs", true},
		{"%sum", "state-memory state what p->[1] holds: --when 'p->[1] == VALUE'; give-body give the body of @opaque: add the file that defines it to the inputs", true},
		{"%volatile", "remove-volatile remove the qualifier volatile, if nothing else reads or writes the object", true},
		{"%wide", "none %wide is an operation that is left to run time", false},
		{"%less", "state-condition state how d < e turns out: --when 'd < e'", true},
		{"%joined", "state-condition state how d < e turns out: --when 'd < e'", true},
		{"%after", "give-body give the body of @unknown: add the file that defines it to the inputs", true},
	} {
		if got, checked := remedies(t, v, test.reg); got != test.want || checked != test.checked {
			t.Errorf("%s: got\n%s (checked %v)\nwant\n%s (checked %v)", test.reg, got, checked, test.want, test.checked)
		}
	}
	if x := Explain(v, v.Fn.First, ir.NoReg); x != nil {
		t.Errorf("an alloca is explained: %+v", x)
	}
}

// TestExplainBudget: what the specializer has generalized needs a higher limit.
func TestExplainBudget(t *testing.T) {
	v := analyzeText(t, counting, nil, func(c *Config) {
		f := c.Variant.Fn
		c.Forced = map[ForcedKey]Reason{
			{Fn: f, Block: f.Blocks[1], Reg: f.Reg(phiAt(f.Blocks[1], f.Blocks[1].First))}: {Text: "1000 states (--budget points=N)"},
		}
	}).Entry
	if got, _ := remedies(t, v, "%next"); got != "raise-budget raise the limit: 1000 states (--budget points=N)" {
		t.Errorf("got %s", got)
	}
}

// TestExplainTries: without tries the candidates are given, unchecked.
func TestExplainTries(t *testing.T) {
	src := `; bta: @f s=S
define i32 @f(i32 %s, i32 %d) {
entry:
  %x = add i32 %s, %d
  ret i32 %x
}
`
	v := analyzeText(t, src, nil, func(c *Config) { c.MaxTries = -1 }).Entry
	if got, checked := remedies(t, v, "%x"); got != "fix-parameter fix parameter d: --static d=VALUE" || checked {
		t.Errorf("got %s, checked %v", got, checked)
	}
	if n := len(v.an.trials); n != 0 {
		t.Errorf("%d trials", n)
	}
}

// TestBasis: what static values rest on.
func TestBasis(t *testing.T) {
	v := analyzeText(t, `; bta: @f s=S t=S
define i32 @f(i32 %s, i32 %t, i32 %d) {
entry:
  %one = add i32 %s, 1
  %both = add i32 %one, %t
  %own = add i32 3, 4
  ret i32 %d
}
`, nil, nil).Entry
	for _, test := range []struct {
		reg     string
		params  []int
		program bool
	}{{"%one", []int{0}, false}, {"%both", []int{0, 1}, false}, {"%own", nil, true}} {
		r := regNamed(t, v, test.reg)
		grounds, program := Basis(v, v.fi.points[r], ir.NoReg)
		if len(grounds) != len(test.params) || program != test.program {
			t.Errorf("%s: %+v, %v", test.reg, grounds, program)
			continue
		}
		for i, g := range grounds {
			if g.Binding == nil || g.Binding.Param != test.params[i] {
				t.Errorf("%s: ground %d is %+v", test.reg, i, g)
			}
		}
	}
}

// TestRemediesHold tries remedies of all dynamic registers of the listings with
// values: stated as a specification, they make the register static, or keep control
// from it.
func TestRemediesHold(t *testing.T) {
	tried := 0
	for _, path := range listingFiles(t) {
		res := analyzeFile(t, path, nil)
		v := res.Entry
		done := make(map[string]bool)
		for r := range v.Fn.Values {
			if !v.has[r] || v.regs[r].bt != Dynamic {
				continue
			}
			pt := v.Fn.End - 1
			x := Explain(v, pt, ir.Reg(r))
			if x == nil || !x.Checked {
				continue
			}
			for _, value := range []string{"0", "1", "5"} {
				with, ok := stated(res.Config, x.Remedies, value)
				if !ok {
					continue
				}
				tried++
				cfg := res.Config
				cfg.Variant, cfg.Facts = with, spec.NewFacts(with)
				after, err := Analyze(cfg)
				if err != nil {
					t.Fatalf("%s: %v", path, err)
				}
				goal := verdict{v: v, pt: pt, r: ir.Reg(r)}
				if w := after.Entry; goal.dynamic(w) && !done[x.Remedies[0].Text] {
					done[x.Remedies[0].Text] = true
					t.Errorf("%s: %s is dynamic still with %v, VALUE %s: %v", path, v.Fn.Values[r].Ident(), x.Remedies, value, Why(w, pt, ir.Reg(r)))
				}
			}
		}
	}
	t.Logf("%d sets of remedies tried", tried)
	if tried < 20 {
		t.Errorf("only %d sets of remedies could be tried", tried)
	}
}

// stated is the specification of cfg with what remedies state, each VALUE being
// value; ok is false if no specification says it, or it contradicts the others.
func stated(cfg Config, remedies []Remedy, value string) (v *spec.Variant, ok bool) {
	var static, when []string
	for _, r := range remedies {
		kind, rest, _ := strings.Cut(r.Flag, " ")
		text := strings.ReplaceAll(strings.Trim(rest, "'"), "VALUE", value)
		switch {
		case r.Flag == "" || strings.Contains(r.Flag, "VARIABLE") || strings.Contains(rest, "--"):
			return nil, false
		case kind == "--static":
			static = append(static, strings.ReplaceAll(text, "'", ""))
		default:
			when = append(when, text)
		}
	}
	file, err := spec.FromFlags(cfg.Variant.Fn.Name(), static, when)
	if err != nil {
		return nil, false
	}
	more, err := spec.Resolve(cfg.Prog, file)
	if err != nil {
		return nil, false
	}
	with := *cfg.Variant
	with.Static = slices.Concat(cfg.Variant.Static, more.Variants[0].Static)
	slices.SortFunc(with.Static, func(a, b spec.Binding) int { return a.Param - b.Param })
	with.When = slices.Concat(cfg.Variant.When, more.Variants[0].When)
	return &with, spec.NewFacts(&with).Conflict() == nil
}
