package ir_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/llir/llvm/ir/value"

	"quasi/ir"
	"quasi/ir/irtest"
)

// TestDebugInfo prints all that is asked of debug information, and compares it
// with testdata/debuginfo/types.golden.
func TestDebugInfo(t *testing.T) {
	p := irtest.Load(t, "testdata/debuginfo/types.ll")
	d := p.Debug()
	if d == nil {
		t.Fatal("no debug info")
	}
	var b strings.Builder
	record := func(c *ir.CType) {
		fmt.Fprintf(&b, "%s: %d bytes\n", c, c.Size)
		for _, f := range c.Fields {
			fmt.Fprintf(&b, "  %d %s: %s", f.Off, f.Name, f.Type)
			if f.BitSize > 0 {
				fmt.Fprintf(&b, ", bits %d:%d of %d bytes", f.BitOff, f.BitSize, f.UnitSize)
			}
			b.WriteByte('\n')
		}
	}
	for _, tag := range []string{"task", "cred", "inner", "list", "bits", "gap", "bs"} {
		record(d.Struct(tag))
	}
	record(d.Typedef("point_t"))
	fmt.Fprintln(&b, "members of task:", strings.Join(d.Struct("task").FieldNames(), " "))
	for _, f := range p.Funcs {
		if f.IsDecl() {
			continue
		}
		for _, c := range d.Params(f.LL) {
			ident := "in pieces"
			if c.Param != nil {
				ident = c.Param.String()
			}
			fmt.Fprintf(&b, "@%s %s: %s, %s\n", f.Name(), c.Name, c.Type, ident)
		}
	}
	for _, name := range d.Globals() {
		g, c := d.Global(name)
		fmt.Fprintf(&b, "%s: %s %s\n", name, g.Ident(), c)
	}
	for _, name := range d.Enumerators() {
		v, _ := d.Enumerator(name)
		fmt.Fprintf(&b, "%s = %d\n", name, v)
	}
	f := p.FuncByName("f")
	vars := d.Vars(f.LL)
	for _, v := range f.Values {
		if n := vars[v]; n != "" {
			fmt.Fprintf(&b, "%s is %s\n", v.Ident(), n)
		}
	}
	golden := "testdata/debuginfo/types.golden"
	want, err := os.ReadFile(golden)
	if err != nil || string(want) != b.String() {
		t.Errorf("%s: got\n%s", golden, b.String())
	}
}

func TestDebugInfoCycles(t *testing.T) {
	d := irtest.Load(t, "testdata/debuginfo/types.ll").Names()
	list := d.Struct("list")
	next, _ := list.Field("next")
	back, _ := list.Field("back")
	all, _ := list.Field("all")
	if next.Type.Elem != list {
		t.Errorf("next points to %v, want the struct itself", next.Type.Elem)
	}
	if e := back.Type.Elem; !back.Type.Volatile || !e.Volatile || len(e.Fields) != 3 || e.Size != list.Size {
		t.Errorf("back points to %+v, want a volatile copy of struct list", e)
	}
	if e := all.Type.Elem.Elem; e != list {
		t.Errorf("all points to pointers to %v, want the struct itself", e)
	}
	if _, c := d.Global("atomic"); !c.Atomic {
		t.Error("atomic is not atomic")
	}
}

// TestDebugInfoRenamed checks which of the variables of one name it means where linking has
// renamed one that comes first.
func TestDebugInfoRenamed(t *testing.T) {
	p := irtest.Load(t, "testdata/debuginfo/renamed.ll")
	d := p.Debug()
	for _, name := range []string{"mode", "mode.2"} {
		if g, _ := d.Global(name); g == nil || g.Name() != name {
			t.Errorf("%s is %v", name, g)
		}
	}
	for fn, want := range map[string]string{"a": "mode.2", "b": "mode", "c": "mode"} {
		if g, _ := d.GlobalIn(p.FuncByName(fn).LL, "mode"); g.Name() != want {
			t.Errorf("mode in %s is %s, want %s", fn, g.Name(), want)
		}
	}
}

// TestDebugInfoScopes checks which variable a name means.
func TestDebugInfoScopes(t *testing.T) {
	p := irtest.Load(t, "testdata/debuginfo/scopes.ll")
	d := p.Debug()
	for _, c := range []struct{ fn, name, want string }{
		{"", "n", "@n"}, {"one", "n", "@one.n"}, {"two", "n", "@n.2"}, {"", "one.n", "@one.n"}, {"two", "only", "@only"}, {"", "hidden", "@one.hidden"},
	} {
		var g value.Value
		if c.fn == "" {
			g, _ = d.Global(c.name)
		} else {
			g, _ = d.GlobalIn(p.FuncByName(c.fn).LL, c.name)
		}
		if got := g.Ident(); got != c.want {
			t.Errorf("%s in %q is %s, want %s", c.name, c.fn, got, c.want)
		}
	}
	for name, want := range map[string]int64{"SIGUSR1": 10, "MASK": 0x3f, "NEG": -3} {
		if got, ok := d.Enumerator(name); !ok || got != want {
			t.Errorf("%s is %d, %v, want %d", name, got, ok, want)
		}
	}
	for _, name := range []string{"EXPR", "TEXT", "EMPTY", "nothing"} {
		if v, ok := d.Enumerator(name); ok {
			t.Errorf("%s is %d, want none", name, v)
		}
	}
	if s := d.Struct("split"); s == nil || s.Incomplete {
		t.Errorf("struct split is %+v, want the definition of the other file", s)
	} else if _, c := d.Global("ptr"); c.Elem != s {
		t.Errorf("ptr points to %v, want the definition", c.Elem)
	}
}

// TestNames checks the fallback to the names and types of the IR.
func TestNames(t *testing.T) {
	p := irtest.LoadString(t, `
%struct.s = type { i32, i8, %struct.s*, [4 x i16] }
@g = global %struct.s* null
define i64 @f(i32 %n, %struct.s* %p, i1 %b, double %d) {
  ret i64 0
}
`)
	if p.Debug() != nil {
		t.Error("module has debug info")
	}
	d := p.Names()
	var got []string
	for _, c := range d.Params(p.FuncByName("f").LL) {
		got = append(got, fmt.Sprintf("%s %s", c.Type, c.Name))
	}
	if g, w := strings.Join(got, ", "), "int n, struct s * p, _Bool b, double d"; g != w {
		t.Errorf("parameters are %s, want %s", g, w)
	}
	_, c := d.Global("g")
	var fields []string
	for _, f := range c.Elem.Fields {
		fields = append(fields, fmt.Sprintf("%d %s", f.Off, f.Type))
	}
	if g, w := strings.Join(fields, ", "), "0 int, 4 char, 8 struct s *, 16 short [4]"; g != w {
		t.Errorf("fields are %s, want %s", g, w)
	}
	if c.Elem.Fields[2].Type.Elem != c.Elem {
		t.Error("the struct does not point to itself")
	}
}

// TestDebugInfoDamaged has a typedef of itself.
func TestDebugInfoDamaged(t *testing.T) {
	p := irtest.LoadString(t, `
@g = global i32 0, !dbg !1
!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!9}
!0 = distinct !DICompileUnit(language: DW_LANG_C99, file: !3, emissionKind: FullDebug)
!1 = !DIGlobalVariableExpression(var: !2, expr: !DIExpression())
!2 = distinct !DIGlobalVariable(name: "g", scope: !0, file: !3, line: 1, type: !4, isDefinition: true)
!3 = !DIFile(filename: "x.c", directory: ".")
!4 = !DIDerivedType(tag: DW_TAG_typedef, name: "a", baseType: !5)
!5 = !DIDerivedType(tag: DW_TAG_const_type, baseType: !4)
!9 = !{i32 2, !"Debug Info Version", i32 3}
`)
	if _, c := p.Debug().Global("g"); c.Kind != ir.CVoid {
		t.Errorf("g has type %s, want void", c)
	}
}

// TestParamsOfResidual looks at parameters of functions that have a subprogram but
// no variables, as residual functions do: one with a struct in pieces has those
// of the IR.
func TestParamsOfResidual(t *testing.T) {
	p := irtest.LoadString(t, `
define i32 @whole(i8 %c) !dbg !5 {
  ret i32 0
}
define i32 @pieces(i64 %s.0, i64 %s.1, i8 %c) !dbg !6 {
  ret i32 0
}
!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!9}
!0 = distinct !DICompileUnit(language: DW_LANG_C99, file: !3, emissionKind: FullDebug)
!1 = !DIBasicType(name: "unsigned char", size: 8, encoding: DW_ATE_unsigned_char)
!2 = !DIBasicType(name: "int", size: 32, encoding: DW_ATE_signed)
!3 = !DIFile(filename: "x.c", directory: ".")
!4 = !DICompositeType(tag: DW_TAG_structure_type, name: "s", size: 128)
!5 = distinct !DISubprogram(name: "whole", scope: !3, file: !3, type: !7, spFlags: DISPFlagDefinition, unit: !0)
!6 = distinct !DISubprogram(name: "pieces", scope: !3, file: !3, type: !8, spFlags: DISPFlagDefinition, unit: !0)
!7 = !DISubroutineType(types: !{!2, !1})
!8 = !DISubroutineType(types: !{!2, !4, !1})
!9 = !{i32 2, !"Debug Info Version", i32 3}
`)
	for _, c := range []struct{ fn, want string }{
		{"whole", "c:unsigned char"},
		{"pieces", "s.0:long s.1:long c:char"},
	} {
		for _, f := range p.Funcs {
			if f.LL.Name() != c.fn {
				continue
			}
			var got []string
			for _, q := range p.Debug().Params(f.LL) {
				got = append(got, q.Name+":"+q.Type.String())
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("parameters of %s: got %s, want %s", c.fn, s, c.want)
			}
		}
	}
}
