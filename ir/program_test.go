package ir_test

import (
	"testing"

	llir "github.com/llir/llvm/ir"

	"quasi/ir"
	"quasi/ir/irtest"
)

// TestNumbers: points, blocks and registers are dense, and every look-up finds
// what was numbered.
func TestNumbers(t *testing.T) {
	p := irtest.LoadString(t, "declare void @d()\n"+everything+"\ndefine void @last() {\n  ret void\n}\n")
	next := ir.Point(0)
	for i, f := range p.Funcs {
		if f.ID != i || p.FuncOf(f.LL) != f || p.FuncByName(f.Name()) != f || f.First != next {
			t.Errorf("@%s: ID %d, first point %d; want %d, %d", f.Name(), f.ID, f.First, i, next)
		}
		for j, b := range f.Blocks {
			if b.ID != j || f.BlockOf(b.LL) != b || b.First != next {
				t.Errorf("%s: ID %d, first point %d; want %d, %d", b.LL.Ident(), b.ID, b.First, j, next)
			}
			for k, inst := range b.LL.Insts {
				pt := b.First + ir.Point(k)
				if p.FuncAt(pt) != f || p.BlockAt(pt) != b || p.InstAt(pt) != inst || p.UserAt(pt) != ir.User(inst) {
					t.Errorf("point %d is not at %s", pt, inst.LLString())
				}
			}
			if pt := b.TermPoint(); p.InstAt(pt) != nil || p.UserAt(pt) != ir.User(b.LL.Term) || p.BlockAt(pt) != b {
				t.Errorf("point %d is not at the terminator of %s", pt, b.LL.Ident())
			}
			next = b.End()
		}
		for r, v := range f.Values {
			if f.Reg(v) != ir.Reg(r) || f.Reg(llir.NewArg(v)) != ir.Reg(r) {
				t.Errorf("%s: got register %d, want %d", v.Ident(), f.Reg(v), r)
			}
		}
		if f.End != next {
			t.Errorf("@%s: end %d, want %d", f.Name(), f.End, next)
		}
	}
	if p.NumPoints() != int(next) {
		t.Errorf("got %d points, want %d", p.NumPoints(), next)
	}
	f, d := p.FuncByName("f"), p.FuncByName("d")
	if f.IsDecl() || !d.IsDecl() || p.FuncByName("nope") != nil || f.Reg(d.LL) != ir.NoReg {
		t.Error("wrong about declarations")
	}
}

// TestNewProgramErrors: a tree that cannot be numbered is an error with a
// position.
func TestNewProgramErrors(t *testing.T) {
	tests := []struct {
		want string
		edit func(f, g *llir.Func)
	}{
		{"m: @f:%a: no terminator", func(f, g *llir.Func) { f.Blocks[0].Term = nil }},
		{"m: @f:%a: branch to %b of another function", func(f, g *llir.Func) { f.Blocks[0].Term = llir.NewBr(g.Blocks[0]) }},
	}
	for _, test := range tests {
		p := irtest.LoadString(t, "define void @f() {\na:\n  ret void\n}\ndefine void @g() {\nb:\n  ret void\n}\n")
		test.edit(p.Module.Funcs[0], p.Module.Funcs[1])
		_, err := ir.NewProgram(p.Module, "m")
		if err == nil || err.Error() != test.want {
			t.Errorf("got error %v, want %s", err, test.want)
		}
	}
}
