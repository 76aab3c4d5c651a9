package bta

import (
	"fmt"
	"strings"
	"testing"
)

// TestLiterals checks when a call that passes a constant of the program on is
// followed: not where there is much behind it, unless the caller does nothing else
// or it is the specification that says so.
func TestLiterals(t *testing.T) {
	for _, c := range []struct {
		name  string
		text  string
		insts int
		want  Action
	}{
		{"small", "%r = call i32 @callee(i32 %d, i32 3)\n %q = call i32 @other(i32 %r)\n ret i32 %q", 100, Unfold},
		{"large", "%r = call i32 @callee(i32 %d, i32 3)\n %q = call i32 @other(i32 %r)\n ret i32 %q", 2 * largeExtent, ResidualCall},
		{"wrapper", "%r = call i32 @callee(i32 %d, i32 3)\n ret i32 %r", 2 * largeExtent, Unfold},
		{"specification", "%r = call i32 @callee(i32 %d, i32 %s)\n %q = call i32 @other(i32 %r)\n ret i32 %q", 2 * largeExtent, Unfold},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			binding := ""
			if c.name == "specification" {
				binding = " s=3"
			}
			fmt.Fprintf(&b, "; bta: @f%s\ndefine i32 @f(i32 %%d, i32 %%s) {\n%s\n}\n", binding, c.text)
			b.WriteString("define internal i32 @other(i32 %x) {\nentry:\n  ret i32 %x\n}\n")
			b.WriteString("define internal i32 @callee(i32 %d, i32 %k) {\nentry:\n  %c = icmp eq i32 %k, 3\n  br i1 %c, label %a, label %b\na:\n  ret i32 1\nb:\n  %x0 = add i32 %d, %k\n")
			for i := range c.insts {
				fmt.Fprintf(&b, "  %%x%d = xor i32 %%x%d, %%d\n", i+1, i)
			}
			fmt.Fprintf(&b, "  ret i32 %%x%d\n}\n", c.insts)
			res := analyzeText(t, b.String(), nil, nil)
			if got := res.Entry.Call(res.Entry.Fn.First, res.Config.Prog.FuncByName("callee")).Action; got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
			for _, err := range Check(res) {
				t.Error(err)
			}
		})
	}
}
