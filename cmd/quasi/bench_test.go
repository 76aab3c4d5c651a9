package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quasi/ir"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		in   []float64
		want float64
	}{
		{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1}, 5}, {[]float64{9, 1, 2}, 2},
	} {
		if got := median(c.in); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.in, got, c.want)
		}
	}
}

// Ratios are taken within a layout, so a layout that is slow as a whole does
// not move them.
func TestSamples(t *testing.T) {
	s := newSamples(2)
	for _, text := range []string{"a x 10 1\na y 5 1\n", "a x 40 1\na y 20 1\n", "a x 24 1\na y 8 1\n"} {
		if err := s.add([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.median("a x", 0); got != 24 {
		t.Errorf("median %v, want 24", got)
	}
	if got := s.ratio("a x", "a y", 0); got != 2 {
		t.Errorf("ratio %v, want 2", got)
	}
	if got := s.spread("a x", "a y", 0); got != 50 {
		t.Errorf("spread %v, want 50", got)
	}
	for _, bad := range []string{"", "a x", "a x y"} {
		if s.add([]byte(bad)) == nil {
			t.Errorf("line %q was accepted", bad)
		}
	}
}

func TestTable(t *testing.T) {
	got := table([][]string{{"n", "µs", "ratio"}, {"long", "1.25", "2"}})
	want := "  n       µs  ratio\n  long  1.25      2\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// An interpreter is recognized by any of its marks, a filter has none.
func TestNoDispatch(t *testing.T) {
	for _, c := range []struct {
		name, code string
		raw        string // faults of the specializer's output
		optimized  string // and after LLVM
	}{
		{"filter", `
define i32 @f(i8* %p) {
	%b = load i8, i8* %p
	%c = icmp eq i8 %b, 6
	%r = zext i1 %c to i32
	ret i32 %r
}`, "", ""},
		{"program", `
@program = external constant [4 x i32]
define i32 @f() {
	%v = load i32, i32* getelementptr ([4 x i32], [4 x i32]* @program, i64 0, i64 1)
	ret i32 %v
}`, "@program", "@program"},
		{"loop", `
define i32 @f(i32 %n) {
entry:
	br label %loop
loop:
	%i = phi i32 [ 0, %entry ], [ %j, %loop ]
	%j = add i32 %i, 1
	%c = icmp eq i32 %j, %n
	br i1 %c, label %out, label %loop
out:
	ret i32 %i
}`, "a loop", "a loop"},
		{"switch", `
define i32 @f(i32 %op) {
	switch i32 %op, label %b [ i32 6, label %a ]
a:
	ret i32 1
b:
	ret i32 0
}`, "a switch", ""},
		{"call", `
declare i32 @interpret()
define i32 @f() {
	%r = call i32 @interpret()
	ret i32 %r
}`, "", "a call of @interpret"},
		{"nothing", "declare i32 @f()", "no residual filter", "no residual filter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := ir.Load(c.name+".ll", []byte(c.code))
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range []struct {
				raw  bool
				want string
			}{{true, c.raw}, {false, c.optimized}} {
				err := noDispatch(p, o.raw)
				if (err == nil) != (o.want == "") || err != nil && !strings.Contains(err.Error(), o.want) {
					t.Errorf("raw %v: got %v, want %q", o.raw, err, o.want)
				}
			}
		})
	}
}

// Callees count once, however often and wherever they are called.
func TestSizeOf(t *testing.T) {
	p, err := ir.Load("size.ll", []byte(`
declare void @out()
define void @root() {
	call void @leaf()
	call void @leaf()
	call void @out()
	ret void
}
define void @leaf() {
	call void @root()
	ret void
}
define void @other() {
	ret void
}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := sizeOf(p, "root"); err != nil || got.insts != 6 || got.lines != 0 {
		t.Errorf("got %+v, %v; want 6 instructions, no lines", got, err)
	}
	if _, err := sizeOf(p, "out"); err == nil {
		t.Error("a declaration has a size")
	}
}

func TestFindTestdata(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "testdata", "bpf"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := findTestdata(filepath.Join(dir, "testdata"), "signal"); err == nil {
		t.Error("found a subject that is not there")
	}
	got, err := findTestdata(filepath.Join(dir, "testdata"), "bpf")
	if err != nil || filepath.Base(got) != "testdata" {
		t.Errorf("got %q, %v", got, err)
	}
}
