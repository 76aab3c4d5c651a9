package ir_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"

	"quasi/ir"
	"quasi/ir/irtest"
)

// TestCheck loads every testdata/check file: the faults found must be those of
// its CHECK lines, one a line; a file named valid_* has none. LLVM must agree
// about which files are valid.
func TestCheck(t *testing.T) {
	files, _ := filepath.Glob("testdata/check/*.ll")
	if len(files) == 0 {
		t.Fatal("no files")
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".ll"), func(t *testing.T) {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			valid := strings.HasPrefix(filepath.Base(path), "valid_")
			p, err := ir.Load(path, src)
			switch {
			case valid && err != nil:
				t.Fatal(err)
			case valid:
				irtest.Verify(t, irtest.Print(t, p))
				return
			case err == nil:
				t.Fatal("no fault found")
			}
			irtest.Check(t, err.Error(), string(src))
			if got, want := strings.Count(err.Error(), "\n")+1, strings.Count(string(src), "CHECK:"); got != want {
				t.Errorf("got %d faults, want %d:\n%v", got, want, err)
			}
			as := irtest.Tool(t, "llvm-as")
			if out, err := exec.Command(as, "-o", os.DevNull, path).CombinedOutput(); err == nil {
				t.Errorf("llvm-as accepts the file\n%s", out)
			}
		})
	}
}

// TestCheckEdited checks faults that no text has, since llir's parser refuses
// them or cannot express them: each edit of a valid module must be found.
func TestCheckEdited(t *testing.T) {
	const src = `
@g = global i32 0
define i32 @f(i32 %x) {
entry:
  %y = add i32 %x, 1
  br label %next
next:
  ret i32 %y
}
define i32 @h(i32 %a) {
entry:
  %b = add i32 %a, 1
  br label %next
next:
  ret i32 %b
}`
	tests := []struct {
		name, want string
		edit       func(p *ir.Program, f, h *llir.Func)
	}{
		{"global_twice", "@g: defined more than once", func(p *ir.Program, f, h *llir.Func) {
			p.Module.Globals[0].SetName("f")
			p.Module.Globals[0].SetName("g")
			h.SetName("g")
		}},
		{"local_twice", "%y is defined more than once", func(p *ir.Program, f, h *llir.Func) {
			f.Params[0].SetName("y")
		}},
		{"function_added", "the module has 3 functions, 2 of them numbered", func(p *ir.Program, f, h *llir.Func) {
			p.Module.NewFunc("new", types.Void)
		}},
		{"instruction_added", "block %entry has 2 instructions, other than when it was numbered", func(p *ir.Program, f, h *llir.Func) {
			b := f.Blocks[0]
			b.Insts = append(b.Insts, llir.NewAdd(f.Params[0], f.Params[0]))
		}},
		{"block_added", "2 blocks are numbered, there are 3", func(p *ir.Program, f, h *llir.Func) {
			f.NewBlock("more").NewRet(constant.NewInt(types.I32, 0))
		}},
		{"target_changed", "block %entry branches elsewhere than when it was numbered", func(p *ir.Program, f, h *llir.Func) {
			f.Blocks[0].Term = llir.NewUnreachable()
		}},
		{"foreign_value", "@f:%next#0: %b is not a value of this function", func(p *ir.Program, f, h *llir.Func) {
			f.Blocks[1].Term.(*llir.TermRet).X = h.Blocks[0].Insts[0].(*llir.InstAdd)
		}},
		{"foreign_function", "@other is not in the module", func(p *ir.Program, f, h *llir.Func) {
			other := llir.NewFunc("other", types.I32)
			f.Blocks[1].Term.(*llir.TermRet).X = constant.NewPtrToInt(other, types.I32)
			h.Blocks[0].Insts[0].(*llir.InstAdd).X = other
		}},
		{"parameter_type", "parameter %x has type i64, not i32", func(p *ir.Program, f, h *llir.Func) {
			f.Params[0].Typ = types.I64
		}},
		{"parameter_removed", "signature has 1 parameters, definition 0", func(p *ir.Program, f, h *llir.Func) {
			f.Params = nil
		}},
		{"initializer", "@g: initializer has type i64, not i32", func(p *ir.Program, f, h *llir.Func) {
			p.Module.Globals[0].Init = constant.NewInt(types.I64, 0)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := irtest.LoadString(t, src)
			test.edit(p, irtest.Func(t, p, "f").LL, irtest.Func(t, p, "h").LL)
			var found []string
			for _, err := range ir.Check(p) {
				found = append(found, err.Error())
			}
			if got := strings.Join(found, "\n"); !strings.Contains(got, test.want) {
				t.Errorf("got faults\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}
