package guard

import (
	"fmt"
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"

	"quasi/ir"
	"quasi/ir/irtest"
)

// insertions are functions, and what is to stand in them once every write has a
// guard: guards with their sizes in bytes, and in between S for a store, A for an atomic
// operation or fence, L! for a volatile load, and calls by name.
var insertions = []struct{ name, body, want string }{
	// One guard around neighbours.
	{"neighbours", "p->a = 1; p->b = 2; p->c = x;", "write(12) S S S done"},
	{"neighbours_backwards", "p->c = 1; p->a = 2;", "write(12) S S done"},
	{"neighbours_apart", "p->a = 1; p->rest[9] = 2;", "write(52) S S done"},
	{"neighbours_computed", "p->a = p->b * 2 + x; p->b = p->a;", "write(8) S S done"},
	{"same_twice", "p->a = 1; p->a = x;", "write(4) S S done"},
	{"element", "p[3].a = 1; p[3].b = 2;", "write(8) S S done"},
	{"by_increment", "p->a++; p->b |= 4;", "write(8) S S done"},
	// What must not share a guard.
	{"call_between", "p->a = 1; other(); p->b = 2;", "store(4) S leave other store(4) S leave"},
	{"indirect_between", "p->a = 1; p->hook(); p->b = 2;", "store(4) S leave ? store(4) S leave"},
	{"volatile_between", "p->a = 1; x = tick; p->b = x;", "store(4) S leave L! store(4) S leave"},
	{"volatile_store", "p->a = 1; tick = 2; p->b = x;", "store(4) S leave store(4) S leave store(4) S leave"},
	{"fence_between", "p->a = 1; __atomic_thread_fence(__ATOMIC_SEQ_CST); p->b = 2;", "store(4) S leave A store(4) S leave"},
	{"atomic_between", "p->a = 1; __atomic_fetch_add(&p->c, 1, __ATOMIC_RELAXED); p->b = 2;", "store(4) S leave write(4) A done store(4) S leave"},
	{"atomic_load_between", "p->a = 1; x = __atomic_load_n(&p->c, __ATOMIC_ACQUIRE); p->b = x;", "store(4) S leave L! store(4) S leave"},
	{"two_instances", "p->a = 1; q->a = 2; p->b = 3;", "store(4) S leave store(4) S leave store(4) S leave"},
	{"variable_element", "p->rest[x] = 1; p->a = 2;", "store(4) S leave store(4) S leave"},
	{"branch_between", "p->a = 1; if (x) p->b = 2; p->c = 3;", "store(4) S leave store(4) S leave store(4) S leave"},
	{"far_apart", "p->a = 1; p->far = 2;", "store(4) S leave store(8) S leave"},
	// Kinds of writes.
	{"pointer", "p->next = q;", "store(8) S leave"},
	{"floating", "p->d = 2.5;", "store(8) S leave"},
	{"too_wide", "p->ld = 2.5L;", "write(10) S done"},
	{"bit_field", "p->bits = 3;", "store(1) S leave"},
	{"copied", "*p = *q;", "write(1168) llvm.memcpy.p0i8.p0i8.i64 done"},
	{"copied_some", "__builtin_memmove(p, q, x);", "write(?) llvm.memmove.p0i8.p0i8.i64 done"},
	{"cleared", "__builtin_memset(p, 0, 16);", "write(16) llvm.memset.p0i8.i64 done"},
	{"text", "strcpy(p->text, \"abc\");", "write(-1) strcpy done"},
	{"scanned", "sscanf(\"1\", \"%d\", &p->a);", "write(-1) sscanf done"},
	{"exchanged", "__atomic_exchange_n(&p->a, 3, __ATOMIC_SEQ_CST);", "write(4) A done"},
	{"compared", "__sync_bool_compare_and_swap(&p->a, 3, 4);", "write(4) A done"},
	{"atomic_store", "__atomic_store_n(&p->a, 3, __ATOMIC_RELEASE);", "write(4) S done"},
	{"non_temporal", "__builtin_nontemporal_store(3, &p->a); p->b = 4;", "write(8) S S A done"},
	{"freed", "free(p);", "gone(0) free leave"},
	{"grown", "realloc(p, x);", "gone(0) realloc leave"},
	{"unmapped", "munmap(p, x);", "gone(?) munmap leave"},
}

const insertionHead = `
int sscanf(const char *, const char *, ...); char *strcpy(char *, const char *);
void free(void *); void *realloc(void *, unsigned long); int munmap(void *, unsigned long);
volatile int tick; void other(void);
struct s { int a, b, c, rest[10]; void (*hook)(void); struct s *next; double d; long double ld; unsigned bits : 3; char text[8];
           char gap[1048]; long far; };
`

func TestInsert(t *testing.T) {
	var src strings.Builder
	src.WriteString(insertionHead)
	for _, c := range insertions {
		fmt.Fprintf(&src, "void %s(struct s *p, struct s *q, int x) { %s }\n", c.name, c.body)
	}
	p := unit(t, "insert.c", src.String())
	for _, f := range p.Funcs { // parameters are not stored
		for _, b := range f.Blocks {
			for _, i := range b.LL.Insts {
				if _, ok := i.(*llir.InstAlloca); ok {
					t.Fatalf("@%s has variables in memory", f.Name())
				}
			}
		}
	}
	in, err := Insert(p, Everything(p), InsertOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range insertions {
		if got := guardsIn(p, c.name); got != c.want {
			t.Errorf("%s: %s\ngot  %s\nwant %s", c.name, c.body, got, c.want)
		}
	}
	if in.Batches == 0 || in.Guards >= in.Writes {
		t.Errorf("inserted %+v", *in)
	}
	irtest.Verify(t, irtest.Print(t, p))
}

// guardsIn lists the guards and writes of a function.
func guardsIn(p *ir.Program, name string) string {
	var list []string
	for _, b := range p.FuncByName(name).LL.Blocks {
		for _, i := range b.Insts {
			switch i := i.(type) {
			case *llir.InstStore:
				list = append(list, "S")
			case *llir.InstAtomicRMW, *llir.InstCmpXchg, *llir.InstFence:
				list = append(list, "A")
			case *llir.InstLoad:
				if i.Volatile || i.Atomic {
					list = append(list, "L!")
				}
			case *llir.InstCall:
				f, ok := i.Callee.(*llir.Func)
				switch {
				case !ok:
					list = append(list, "?")
				case ir.IsDebug(i) || strings.HasPrefix(f.Name(), "llvm.lifetime"):
				case !strings.HasPrefix(f.Name(), "quasi."):
					list = append(list, f.Name())
				case len(i.Args) < 2:
					list = append(list, strings.TrimPrefix(f.Name(), "quasi."))
				default:
					size := "?"
					if n, ok := i.Args[1].(*constant.Int); ok {
						size = n.X.String()
					}
					list = append(list, fmt.Sprintf("%s(%s)", strings.TrimPrefix(f.Name(), "quasi."), size))
				}
			}
		}
	}
	return strings.Join(list, " ")
}

// TestInsertBatchesOff has a guard for every write.
func TestInsertBatchesOff(t *testing.T) {
	p := unit(t, "insert.c", insertionHead+"void f(struct s *p) { p->a = 1; p->b = 2; }")
	in, err := Insert(p, Everything(p), InsertOptions{NoBatch: true})
	if err != nil || in.Guards != 2 || in.Batches != 0 {
		t.Errorf("%+v, %v", in, err)
	}
	if got, want := guardsIn(p, "f"), "store(4) S leave store(4) S leave"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestInsertQuid looks at a member for guards only where the rows name the record and
// nothing else, and only for records that are allowed.
func TestInsertQuid(t *testing.T) {
	const src = `
struct q { int a; void *quasi_quid; int b; } one;
struct q *all;
void by_type(struct q *p) { p->a = 1; }
void indexed(int i) { all[i].b = 2; }
void neighbours(struct q *p) { p->a = 1; p->b = 2; }
void two(struct q *p) { p[0].a = 1; p[1].a = 2; p[1].b = 3; }
void member(struct q *p, int i) { int *at = &p->a; at[i] = 2; }
void copied(struct q *p) { *p = one; }
void through(void *p) { *(int *)p = 1; }
void take(struct q *p) { through(&p->b); }
`
	for _, allowed := range []bool{true, false} {
		p := unit(t, "quid.c", src)
		l, err := joined(t, []string{"struct q.a", "struct q.b"}, Config{}, p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Insert(p, l.Rows, InsertOptions{Quid: map[string]bool{"struct q": allowed}}); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{
			"by_type": "store.quid(4) S leave", "indexed": "store.quid(4) S leave", "neighbours": "write.quid(20) S S done",
			"two": "store.quid(4) S leave write.quid(20) S S done", "member": "store(4) S leave",
			"copied": "write(24) llvm.memcpy.p0i8.p0i8.i64 done", "through": "store(4) S leave",
		}
		for f, w := range want {
			if !allowed && f == "two" { // a table tells of all instances
				w = "write(44) S S S done"
			}
			if !allowed {
				w = strings.ReplaceAll(w, ".quid", "")
			}
			if got := guardsIn(p, f); got != w {
				t.Errorf("allowed %v: %s: got %s, want %s", allowed, f, got, w)
			}
		}
		irtest.Verify(t, irtest.Print(t, p))
	}
}

// TestInsertAttributes drops what guards make untrue, of functions and of calls of them,
// and nothing of functions that are not there.
func TestInsertAttributes(t *testing.T) {
	p := irtest.LoadString(t, `
define void @f(i32* nocapture writeonly %p) #0 {
  store i32 1, i32* %p
  ret void
}
define void @g(i32* nocapture %p) argmemonly nosync nounwind {
  call void @f(i32* nocapture %p) #1
  call void @h(i32* nocapture %p) #1
  ret void
}
declare void @h(i32* nocapture) #1
attributes #0 = { argmemonly writeonly nofree nosync nounwind "frame-pointer"="all" }
attributes #1 = { argmemonly nounwind }
`)
	if _, err := Insert(p, Everything(p), InsertOptions{}); err != nil {
		t.Fatal(err)
	}
	text := irtest.Print(t, p)
	irtest.Verify(t, text)
	irtest.Check(t, text, `
CHECK: define void @f(i32* %p) nounwind "frame-pointer"="all"
CHECK: call void @quasi.store
CHECK: define void @g(i32* %p) nounwind {
CHECK: call void @f(i32* %p) nounwind
CHECK: call void @h(i32* nocapture %p) #1
`)
}

// TestInsertRefused names writes that cannot have a guard.
func TestInsertRefused(t *testing.T) {
	p := irtest.LoadString(t, `
declare i8* @memcpy(i8*, i8*, i64)
define i8* @tail(i8* %p, i8* %q, i64 %n) {
  %r = musttail call i8* @memcpy(i8* %p, i8* %q, i64 %n)
  ret i8* %r
}
define void @bare(i32* %p) naked {
  store i32 1, i32* %p
  unreachable
}
declare i32 @_setjmp(i8*)
define i32 @twice(i8* %p) {
  %r = call i32 @_setjmp(i8* %p)
  ret i32 %r
}
define i32 @cast(i32* %p) {
  %r = call i32 bitcast (i32 (i8*)* @_setjmp to i32 (i32*)*)(i32* %p)
  ret i32 %r
}
declare i32 @mark(i8*) returns_twice
define i32 @marked(i8* %p) {
  %r = call i32 @mark(i8* %p)
  ret i32 %r
}
`)
	for _, f := range []string{"tail", "bare", "twice", "cast", "marked"} {
		rows := []Row{{Term: "struct s.a", Class: MustGuard, Pt: p.FuncByName(f).First}}
		if _, err := Insert(p, rows, InsertOptions{}); err == nil || !strings.Contains(err.Error(), "@"+f) {
			t.Errorf("@%s: %v", f, err)
		}
	}
	taken := irtest.LoadString(t, "@__quasi_lines = global i8 0\ndefine void @f(i32* %p) {\n store i32 1, i32* %p\n ret void\n}\n")
	if _, err := Insert(taken, Everything(taken), InsertOptions{}); err == nil || !strings.Contains(err.Error(), "__quasi_lines") {
		t.Errorf("a name of the run-time is taken: %v", err)
	}
}

// TestInsertTwice inserts guards of stores that have no locations, in several blocks: the
// locations that they get are numbered the same each time.
func TestInsertTwice(t *testing.T) {
	var src strings.Builder
	src.WriteString("@x = global i32 0\n")
	for i := range 8 {
		fmt.Fprintf(&src, "define void @f%d() !dbg !%d {\n  store i32 %d, i32* @x\n  ret void\n}\n", i, i+4, i)
	}
	src.WriteString("!llvm.dbg.cu = !{!0}\n!llvm.module.flags = !{!3}\n" +
		"!0 = distinct !DICompileUnit(language: DW_LANG_C99, file: !1, emissionKind: FullDebug)\n!1 = !DIFile(filename: \"x.c\", directory: \"/\")\n" +
		"!2 = !DISubroutineType(types: !{null})\n!3 = !{i32 2, !\"Debug Info Version\", i32 3}\n")
	for i := range 8 {
		fmt.Fprintf(&src, "!%d = distinct !DISubprogram(name: \"f%d\", file: !1, line: %d, type: !2, unit: !0, spFlags: DISPFlagDefinition)\n", i+4, i, i+1)
	}
	first := ""
	for range 8 {
		p := irtest.LoadString(t, src.String())
		if _, err := Insert(p, Everything(p), InsertOptions{}); err != nil {
			t.Fatal(err)
		}
		text := irtest.Print(t, p)
		if first == "" {
			first = text
			irtest.Verify(t, text)
		}
		if text != first {
			t.Fatalf("got\n%s\nwant\n%s", text, first)
		}
	}
}

// TestInsertByValue guards parameters on the stack where the function begins, after its
// variables, but not those whose address goes nowhere.
func TestInsertByValue(t *testing.T) {
	p := unit(t, "value.c", `
struct s { int a; long rest[4]; } *last; void other(struct s *);
void kept(int x, struct s p) { struct s mine = p; other(&mine); last = &p; }
int local(int x, struct s p) { p.a = x; return p.a; }
`)
	l, err := joined(t, []string{"struct s.a"}, Config{}, p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Insert(p, l.Rows, InsertOptions{}); err != nil {
		t.Fatal(err)
	}
	for f, want := range map[string]string{
		"kept": "write(40) done write(40) llvm.memcpy.p0i8.p0i8.i64 done other S", "local": "S",
	} {
		if got := guardsIn(p, f); got != want {
			t.Errorf("%s: got %s, want %s", f, got, want)
		}
	}
	irtest.Verify(t, irtest.Print(t, p))
}
