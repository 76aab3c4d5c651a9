package spec

import (
	"errors"
	"strings"
	"testing"

	"quasi/ir"
	"quasi/ir/irtest"
)

// FuzzParse checks that damaged specifications are errors with positions, never
// panics.
func FuzzParse(f *testing.F) {
	for _, text := range faulty {
		if !strings.HasPrefix(text, "speciali") {
			text = "specialize:\n  - function: f\n    " + strings.ReplaceAll(text, "\n", "\n    ") + "\n"
		}
		f.Add([]byte(text))
	}
	f.Add([]byte("specialize:\n  - function: f\n    expect: { \"f:42\": static, 'f.c:7': dynamic, result: static, 12: static-and-dynamic }\n  - function: g\n    expect:\n      x: static\n      \"g:y\": dynamic # both\n"))
	f.Add([]byte("specialize:\n  - function: f\n    static: { a: &g, b: ?, c: \"x\\ty\", d: 'z' }\n    when:\n      - !x\n      - |\n        *p ==\n        3\n    always: \"a \\\n      == b\"\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		bounded(t, len(src), func() {
			file, err := Parse("fuzz.yaml", src)
			if err == nil && file == nil {
				t.Fatal("neither a file nor an error")
			}
			checkErrors(t, err)
		})
	})
}

// FuzzResolve binds whole specifications to a program and draws the
// consequences: as FuzzParse, and Facts ends on what is resolved.
func FuzzResolve(f *testing.F) {
	for _, text := range faulty {
		if !strings.HasPrefix(text, "speciali") {
			text = "specialize:\n  - function: kill_proc\n    " + strings.ReplaceAll(text, "\n", "\n    ") + "\n"
		}
		f.Add([]byte(text))
	}
	f.Add([]byte("specialize:\n  - function: kill_proc\n    as: usr1\n    static: { sig: 10, priv: false, level: 'a', why: \"exit\\n\", from: null, handler: on_signal, state: SLEEPING, pid: ? }\n" +
		"    always: [ current != 0 ]\n    when:\n      - current->last_sig_to->pid == pid  # comment\n      - limit <= 50 || !pid\n    plug: counting\n"))
	p := irtest.Load(f, "testdata/kill.ll")
	f.Fuzz(func(t *testing.T, src []byte) {
		bounded(t, len(src), func() {
			file, err := Parse("fuzz.yaml", src)
			if err != nil {
				return
			}
			r, err := Resolve(p, file)
			checkErrors(t, err)
			if err == nil {
				describe(r)
			}
		})
	})
}

// bounded runs f on size bytes of input, of which large ones find nothing that
// others do not.
func bounded(t *testing.T, size int, f func()) {
	t.Helper()
	const largest, perByte = 1 << 13, 1 << 16
	if size > largest {
		t.Skip()
	}
	irtest.Bounded(t, size, perByte, f)
}

// FuzzPredicate checks that predicates are errors with positions or make Exprs
// whose widths fit, never panics, and that Facts ends on them.
func FuzzPredicate(f *testing.F) {
	p := irtest.Load(f, "testdata/kill.ll")
	for _, e := range clangExprs {
		f.Add(e)
	}
	for _, e := range []string{"current->cred->euid == from->cred->euid", "current->mode & pid", "from->name[pid & 15] == 'a'", "table[2] > &limit - (int *)0",
		"(handler == on_signal) || !handler", "#1 == 3 && $2", "current->[1]->[2] ? pid : sig", "sizeof(struct task) << level", "((struct cred *)from->data)->uid"} {
		f.Add(e)
	}
	f.Fuzz(func(t *testing.T, text string) { bounded(t, len(text), func() { checkPredicate(t, p, text) }) })
}

func checkPredicate(t *testing.T, p *ir.Program, text string) {
	t.Helper()
	file, err := FromFlags("kill_proc", nil, []string{text})
	if err != nil {
		checkErrors(t, err)
		return
	}
	r, err := Resolve(p, file)
	if err != nil {
		checkErrors(t, err)
		return
	}
	e := r.Variants[0].When[0].Expr
	if e.Width != 1 {
		t.Fatalf("%s has width %d", e, e.Width)
	}
	e.Walk(func(e *Expr) { checkWidths(t, e) })
	if f := NewFacts(r.Variants[0]); f.Conflict() != nil {
		t.Fatal("Resolve let a contradiction through")
	}
}

// checkErrors wants each error to be an *Error that prints.
func checkErrors(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	list := []error{err}
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		list = j.Unwrap()
	}
	for _, err := range list {
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%v is a %T", err, err)
		}
		if e.Pos.Line > 0 && e.Pos.Col > len(e.Line)+2 { // Line has no \r at its end
			t.Fatalf("%q at %v, beyond line %q", e.Error(), e.Pos, e.Line)
		}
		if e.Msg == "" || e.Pos.File == "" || strings.Contains(e.Msg+e.Hint, "(MISSING)") || strings.Contains(e.Msg+e.Hint, "%!(EXTRA") {
			t.Fatalf("%q at %v", e.Error(), e.Pos)
		}
	}
}

// checkWidths checks what each operation promises of its operands.
func checkWidths(t *testing.T, e *Expr) {
	t.Helper()
	w := func(i int) int { return e.Args[i].Width }
	args, ok := 2, true
	switch {
	case e.Op == OpConst || e.Op == OpParam || e.Op == OpAddr:
		args = 0
	case e.Op.IsBinary():
		ok = w(0) == e.Width && w(1) == e.Width && !e.Args[0].IsPointer() && !e.Args[1].IsPointer()
	case e.Op.IsCompare():
		ok = e.Width == 1 && w(0) == w(1) && e.Args[0].IsPointer() == e.Args[1].IsPointer()
	case e.Op == OpTrunc:
		args, ok = 1, w(0) > e.Width
	case e.Op.IsCast():
		args, ok = 1, w(0) < e.Width
	case e.Op == OpLoad || e.Op == OpOffset:
		args, ok = 1, e.Args[0].IsPointer()
	case e.Op == OpIndex:
		ok = e.Args[0].IsPointer() && w(1) == 64
	case e.Op == OpPtrToInt:
		args, ok = 1, e.Args[0].IsPointer() && e.Width == 64
	case e.Op == OpLogNot:
		args, ok = 1, e.Width == 1 && w(0) == 1
	case e.Op == OpLogAnd || e.Op == OpLogOr:
		ok = e.Width == 1 && w(0) == 1 && w(1) == 1
	case e.Op == OpCond:
		args, ok = 3, w(0) == 1 && w(1) == e.Width && w(2) == e.Width && e.Args[1].IsPointer() == e.IsPointer()
	default:
		t.Fatalf("operation %d", e.Op)
	}
	if len(e.Args) != args || !ok || e.IsPointer() && e.Width != 64 {
		t.Fatalf("operands do not fit: %s of width %d", e, e.Width)
	}
}
