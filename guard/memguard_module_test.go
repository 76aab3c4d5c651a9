package guard

import (
	"slices"
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/metadata"

	"quasi/ir"
	"quasi/ir/irtest"
)

const watchedSource = `
struct task { int uid; int gid; };
int mode, other;
void use(struct task *t);
void *memset(void *, int, unsigned long);
void stores(struct task *t) { t->uid = 1; t->gid = 2; mode = 3; }
void clears(struct task *t) { memset(t, 0, sizeof *t); }
void copies(struct task *t, struct task *u) { *t = *u; }
int local(int x) { struct task mine = { x, 1 }; use(&mine); return mine.uid; }
int looped(int x) { int n = 0; while (x--) { struct task each = { x, n }; use(&each); n += each.uid; } return n; }
int plain(int x) { int a[4] = { x }; return a[x & 3]; }
void passes(struct task *t) { use(t); }
`

// TestWatch: rows get discriminators of their own and are volatile; nothing else changes
// but variables that hold a record.
func TestWatchModule(t *testing.T) {
	p := unit(t, "watched.c", watchedSource)
	l, err := joined(t, []string{"struct task.uid", "mode"}, Config{}, p)
	if err != nil {
		t.Fatal(err)
	}
	var terms []Term
	for _, text := range l.Terms {
		term, err := ParseTerm(text)
		if err != nil {
			t.Fatal(err)
		}
		terms = append(terms, term)
	}
	insts := make(map[ir.Point]llir.Instruction)
	for _, r := range l.Rows {
		insts[r.Pt] = p.InstAt(r.Pt)
	}
	var mode, other *llir.Global
	for _, g := range p.Module.Globals {
		switch g.Name() {
		case "mode":
			mode = g
		case "other":
			other = g
		}
	}
	numbered, err := Watch(p, WatchOptions{Rows: l.Rows, Terms: terms, Variables: []WatchedVariable{{Global: mode, Size: 4, Term: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for i, of := range numbered {
		rows += len(of)
		for _, r := range of {
			loc := ir.DebugLoc(insts[r.Pt])
			if loc == nil {
				t.Fatalf("%s has no position", r.Place)
			}
			block, ok := loc.Scope.(*metadata.DILexicalBlockFile)
			if !ok || block.Discriminator != uint64(i+1) || r.Line > 0 && int(loc.Line) != r.Line {
				t.Errorf("row %d, %s: position %+v", i, r.Place, loc)
			}
			if s, ok := insts[r.Pt].(*llir.InstStore); ok && !s.Volatile {
				t.Errorf("%s is not volatile", r.Place)
			}
		}
	}
	if rows != len(l.Rows) || rows < 6 {
		t.Errorf("%d rows are numbered, of %d", rows, len(l.Rows))
	}
	for _, f := range p.Module.Funcs {
		if len(f.Blocks) == 0 {
			continue
		}
		if !slices.Contains(f.FuncAttrs, llir.FuncAttribute(llir.AttrPair{Key: "disable-tail-calls", Value: "true"})) {
			t.Errorf("@%s may make tail calls", f.Name())
		}
		begins, ends, volatile := 0, 0, 0
		for _, b := range f.Blocks {
			for _, i := range b.Insts {
				switch i := i.(type) {
				case *llir.InstStore:
					if i.Volatile {
						volatile++
					}
				case *llir.InstCall:
					if callee, ok := i.Callee.(*llir.Func); ok {
						begins += strings.Count(callee.Name(), "__quasi_local") - strings.Count(callee.Name(), "__quasi_local_ends")
						ends += strings.Count(callee.Name(), "__quasi_local_ends")
					}
					if i.Tail == enum.TailTail {
						t.Errorf("@%s: a tail call of %v", f.Name(), i.Callee)
					}
				case *llir.InstAlloca:
					if strings.Contains(i.ElemType.String(), "task") {
						t.Errorf("@%s: a record is left on the stack", f.Name())
					}
				}
			}
		}
		want := 0
		if f.Name() == "local" || f.Name() == "looped" {
			want = 1
		}
		if begins != want || ends != want {
			t.Errorf("@%s: %d variables are moved to the heap, given back at %d places; want %d", f.Name(), begins, ends, want)
		}
		if f.Name() == "stores" && volatile != 2 {
			t.Errorf("@stores: %d stores are volatile, want those of uid and mode", volatile)
		}
	}
	if mode.Section == "" || mode.Align != 4096 || other.Section != "" {
		t.Errorf("mode is in section %q, aligned to %d; other in %q", mode.Section, mode.Align, other.Section)
	}
	irtest.Verify(t, irtest.Print(t, p))
}

// TestWatchNoDebug: without debug information writes cannot be told apart.
func TestWatchNoDebug(t *testing.T) {
	p := irtest.LoadString(t, "%struct.task = type { i32, i32 }\n"+
		"define void @f(%struct.task* %t) {\n  %a = getelementptr %struct.task, %struct.task* %t, i32 0, i32 0\n  store i32 1, i32* %a\n  ret void\n}\n")
	l, err := joined(t, []string{"struct task.[0]"}, Config{}, p)
	if err != nil || len(l.Rows) != 1 {
		t.Fatalf("%v, %v", l, err)
	}
	if _, err := Watch(p, WatchOptions{Rows: l.Rows}); err == nil || !strings.Contains(err.Error(), "@f has no debug information") {
		t.Errorf("error %v", err)
	}
}
