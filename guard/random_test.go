package guard

// This file generates C programs that write members of structs in every way C has:
// TestLedgerOfRandomRuns runs them against their ledgers.
//
// The programs are legal: they end, every pointer that they follow leads to an object of
// its type, and what lies in a variable is accessed by its type, through char, or through
// a union. They are two units: one knows the structs, the other only what bytes, scalars
// and lists are.

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
)

// A randomRecord is a struct, or a union, of a generated program.
type randomRecord struct {
	name   string // with struct or union, or a typedef
	leaves []randomLeaf
	links  []string // paths of members of type struct link
	parts  []randomPart
	first  *randomRecord // the type of its first member, nil for others
	flex   bool
	plain  bool // any bytes are a value of it
}

// A randomLeaf is a scalar in a record: its type, and how it is reached. A %s stands for
// an index.
type randomLeaf struct {
	path, typ string
	bits      bool // has no address
	union     bool // shares its bytes
	last      int  // the largest index, -1 without one
}

// A randomPart is a record inside a record.
type randomPart struct {
	path string
	rec  *randomRecord
}

// An object is something that a function of a generated program can write.
type randomObject struct {
	ptr   string // an expression: a pointer to it
	rec   *randomRecord
	stays bool // it lives as long as the program
}

type randomProgram struct {
	r       *rand.Rand
	recs    []*randomRecord
	globals []randomObject
	scalars map[string]string // a variable of each type
	funcs   []*randomFunc
	text    strings.Builder
	objects []randomObject // that can be seen here
	depth   int
	names   int
}

// A randomFunc takes a pointer to a record, as its parameter says.
type randomFunc struct {
	name string
	rec  *randomRecord
	void bool // by void *
}

var randomScalars = []string{"char", "unsigned char", "short", "int", "unsigned", "long", "unsigned long long", "float", "double", "_Bool", "int *", "long *", "char *"}

// blindUnit is the unit that knows no structs but that of lists.
const blindUnit = `
#include "shared.h"
void put_int(int *p, int v) { *p = v; }
void put_long(long *p, long v) { *p += v; }
void put_short(short *p, short v) { *p ^= v; }
void put_char(char *p, char v) { *p = v; }
void put_ptr(int **p, int *v) { *p = v; }
void put_any(void *p, unsigned n, int v) { unsigned char *q = p; while (n--) *q++ = v++; }
void copy_any(void *to, const void *from, unsigned n) { char *d = to; const char *s = from; for (unsigned i = 0; i < n; i++) d[i] = s[i]; }
void move_any(void *to, const void *from, unsigned n) { memmove(to, from, n); }
void swap_any(void *a, void *b, unsigned n) { char t[512]; memcpy(t, a, n); memcpy(a, b, n); memcpy(b, t, n); }
void swap_words(void *a, void *b, unsigned n) { char *x = a, *y = b; for (unsigned i = 0; i < n; i++) { char t = x[i]; x[i] = y[i]; y[i] = t; } }
void link_in(struct link *l, struct link *at) { l->next = at->next; l->prev = at; if (at->next) at->next->prev = l; at->next = l; }
void link_out(struct link *l) { if (l->next) l->next->prev = l->prev; if (l->prev) l->prev->next = l->next; l->next = l->prev = 0; }
void *get_memory(unsigned n) { return calloc(n, 1); }
void call_with(void (*f)(void *), void *p) { f(p); }
void put_list(int n, ...) { va_list ap; va_start(ap, n); while (n--) { int *p = va_arg(ap, int *); *p = n; } va_end(ap); }
int *pass_int(int *p) { return p; }
void *pass(void *p) { return p; }
void keep(void *p) { static void *kept; kept = p; (void)kept; }
`

const sharedHeader = `
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
struct link { struct link *next, *prev; };
void put_int(int *, int);
void put_long(long *, long);
void put_short(short *, short);
void put_char(char *, char);
void put_ptr(int **, int *);
void put_any(void *, unsigned, int);
void copy_any(void *, const void *, unsigned);
void move_any(void *, const void *, unsigned);
void swap_any(void *, void *, unsigned);
void swap_words(void *, void *, unsigned);
void link_in(struct link *, struct link *);
void link_out(struct link *);
void *get_memory(unsigned);
void call_with(void (*)(void *), void *);
void put_list(int, ...);
int *pass_int(int *);
void *pass(void *);
void keep(void *);
`

// randomSources are the files of a program, by name.
func randomSources(r *rand.Rand) map[string]string {
	g := &randomProgram{r: r, scalars: make(map[string]string)}
	g.line(`#include "shared.h"`)
	for i := range 3 + r.Intn(3) {
		g.record(i)
	}
	for i, typ := range randomScalars {
		g.scalars[typ] = fmt.Sprintf("s%d", i)
		g.line("%s%s s%d;", g.either("", "static "), typ, i)
	}
	for i, rec := range g.recs {
		if rec.flex {
			continue
		}
		g.line("%s%s v%d, a%d[3];", g.either("", "static "), rec.name, i, i)
		for _, e := range []string{fmt.Sprintf("&v%d", i), fmt.Sprintf("&a%d[0]", i), fmt.Sprintf("&a%d[2]", i)} {
			g.globals = append(g.globals, randomObject{e, rec, true})
		}
	}
	g.line("static struct link head;")
	for i := range 5 + r.Intn(4) {
		g.function(i)
	}
	g.main()
	return map[string]string{"shared.h": sharedHeader, "blind.c": blindUnit, "main.c": g.text.String()}
}

func (g *randomProgram) line(format string, args ...any) {
	fmt.Fprintf(&g.text, strings.Repeat("\t", g.depth)+format+"\n", args...)
}

func (g *randomProgram) either(a, b string) string {
	if g.r.Intn(2) == 0 {
		return a
	}
	return b
}

func (g *randomProgram) name() string {
	g.names++
	return fmt.Sprintf("n%d", g.names)
}

func pick[T any](g *randomProgram, all []T) T { return all[g.r.Intn(len(all))] }

// record declares a record.
func (g *randomProgram) record(i int) {
	r := &randomRecord{plain: true}
	isUnion := i > 0 && g.r.Intn(5) == 0
	var b strings.Builder
	kind := "struct"
	if isUnion {
		kind = "union"
	}
	r.name = fmt.Sprintf("%s r%d", kind, i)
	b.WriteString(r.name)
	if !isUnion && g.r.Intn(6) == 0 {
		b.Reset()
		b.WriteString("typedef struct")
		r.name = fmt.Sprintf("t%d", i)
	}
	b.WriteString(" {\n")
	for j := range 2 + g.r.Intn(6) {
		g.member(&b, r, fmt.Sprintf("m%d", j), j == 0, isUnion)
	}
	if len(r.leaves) == 0 {
		b.WriteString("\tint z;\n")
		r.leaves = append(r.leaves, randomLeaf{"z", "int", false, isUnion, -1})
	}
	if !isUnion && g.r.Intn(5) == 0 && i > 0 {
		r.flex, r.plain = true, false
		elem := pick(g, g.recs)
		if elem.flex {
			b.WriteString("\tint f[];\n")
			r.leaves = append(r.leaves, randomLeaf{"f[%s]", "int", false, false, 1})
		} else {
			fmt.Fprintf(&b, "\t%s f[];\n", elem.name)
			r.add("f[0]", elem, false)
			r.add("f[1]", elem, false)
		}
	}
	b.WriteString("}")
	if g.r.Intn(8) == 0 {
		b.WriteString(" __attribute__((packed))")
	}
	if strings.HasPrefix(r.name, "t") {
		b.WriteString(" " + r.name)
	}
	g.line("%s;", b.String())
	g.recs = append(g.recs, r)
}

// add enters the leaves of a part.
func (r *randomRecord) add(path string, part *randomRecord, union bool) {
	r.parts = append(r.parts, randomPart{path, part})
	for _, l := range part.leaves {
		l.path, l.union = path+"."+l.path, l.union || union
		r.leaves = append(r.leaves, l)
	}
	for _, l := range part.links {
		r.links = append(r.links, path+"."+l)
	}
	for _, p := range part.parts {
		r.parts = append(r.parts, randomPart{path + "." + p.path, p.rec})
	}
	r.plain = r.plain && part.plain
}

// member adds a member to the declaration of r.
func (g *randomProgram) member(b *strings.Builder, r *randomRecord, name string, first, union bool) {
	leaf := func(path, typ string, bits bool, last int) {
		r.leaves = append(r.leaves, randomLeaf{path, typ, bits, union, last})
		r.plain = r.plain && !strings.Contains(typ, "*") && typ != "_Bool"
	}
	scalar := func() string {
		if typ := pick(g, randomScalars); !union || !strings.Contains(typ, "*") {
			return typ
		}
		return "long"
	}
	var inner []*randomRecord
	for _, rec := range g.recs {
		if !rec.flex && (!union || rec.plain) {
			inner = append(inner, rec)
		}
	}
	switch n := g.r.Intn(10); {
	case n < 4:
		typ := scalar()
		fmt.Fprintf(b, "\t%s %s;\n", typ, name)
		leaf(name, typ, false, -1)
	case n == 4:
		fmt.Fprintf(b, "\tunsigned %s : 3, %sx : 9;\n", name, name)
		leaf(name, "unsigned", true, -1)
		leaf(name+"x", "unsigned", true, -1)
	case n == 5:
		typ := scalar()
		fmt.Fprintf(b, "\t%s %s[4];\n", typ, name)
		leaf(name+"[%s]", typ, false, 3)
	case n == 6 && !union:
		fmt.Fprintf(b, "\tstruct link %s;\n", name)
		r.links, r.plain = append(r.links, name), false
	case n == 7 && !union:
		fmt.Fprintf(b, "\tunion { int %si; long %sl; unsigned char %sc[8]; };\n", name, name, name)
		for _, l := range []randomLeaf{{name + "i", "int", false, true, -1}, {name + "l", "long", false, true, -1}, {name + "c[%s]", "unsigned char", false, true, 7}} {
			r.leaves = append(r.leaves, l)
		}
	case n >= 8 && len(inner) > 0:
		rec := pick(g, inner)
		if g.r.Intn(3) == 0 {
			fmt.Fprintf(b, "\t%s %s[2];\n", rec.name, name)
			r.add(name+"[0]", rec, union)
			r.add(name+"[1]", rec, union)
			break
		}
		fmt.Fprintf(b, "\t%s %s;\n", rec.name, name)
		r.add(name, rec, union)
		if first && !union {
			r.first = rec
		}
	default:
		fmt.Fprintf(b, "\tint %s;\n", name)
		leaf(name, "int", false, -1)
	}
}

// function writes a function.
func (g *randomProgram) function(i int) {
	f := &randomFunc{name: fmt.Sprintf("f%d", i), rec: pick(g, g.recs), void: g.r.Intn(3) == 0}
	if f.void {
		g.line("%svoid %s(void *q0, int i) {", g.either("", "static "), f.name)
		g.line("\t%s *p0 = q0;", f.rec.name)
	} else {
		g.line("%svoid %s(%s *p0, int i) {", g.either("", "static "), f.name, f.rec.name)
	}
	g.depth++
	g.objects = append(slices.Clone(g.globals), randomObject{"p0", f.rec, false}, randomObject{"p0", f.rec, false}, randomObject{"p0", f.rec, false})
	g.locals()
	for range 4 + g.r.Intn(7) {
		g.statement()
	}
	g.depth--
	g.line("}")
	g.line("static void c%d(void *p) { %s(p, 1); }", i, f.name)
	g.funcs = append(g.funcs, f)
}

// locals declares objects of a function.
func (g *randomProgram) locals() {
	for range g.r.Intn(3) {
		rec := pick(g, g.recs)
		n := g.name()
		switch {
		case g.r.Intn(2) == 0 || rec.flex:
			how := pick(g, []string{"malloc", "get_memory"})
			g.line("%s *%s = %s(sizeof *%s + 2048);", rec.name, n, how, n)
			g.line("memset(%s, 0, sizeof *%s + 2048);", n, n)
			g.objects = append(g.objects, randomObject{n, rec, true})
		default:
			g.line("%s %s = {0};", rec.name, n)
			g.objects = append(g.objects, randomObject{"&" + n, rec, false})
		}
	}
}

// main calls all functions with objects of their types.
func (g *randomProgram) main() {
	g.line("int main(int argc, char **argv) {")
	g.depth++
	g.line("int i = argc;")
	g.objects = slices.Clone(g.globals)
	for _, rec := range g.recs {
		n := g.name()
		g.line("%s *%s = calloc(1, sizeof *%s + 2048);", rec.name, n, n)
		g.objects = append(g.objects, randomObject{n, rec, true})
	}
	for range 2 {
		for _, f := range g.funcs {
			if o, ok := g.object(func(o randomObject) bool { return o.rec == f.rec }); ok {
				g.line("%s(%s, i);", f.name, o.ptr)
			}
		}
	}
	for range 4 {
		g.statement()
	}
	g.line("return 0;")
	g.depth--
	g.line("}")
}

// object is one of the objects that are as asked for.
func (g *randomProgram) object(ok func(randomObject) bool) (randomObject, bool) {
	var all []randomObject
	for _, o := range g.objects {
		if ok(o) {
			all = append(all, o)
		}
	}
	if len(all) == 0 {
		return randomObject{}, false
	}
	return pick(g, all), true
}

// leaf is a scalar in one of the objects: an expression for it, its path and the object.
func (g *randomProgram) leaf(ok func(randomLeaf) bool) (lvalue, path string, l randomLeaf, o randomObject, found bool) {
	for range 20 {
		o = pick(g, g.objects)
		if len(o.rec.leaves) == 0 {
			continue
		}
		if l = pick(g, o.rec.leaves); !ok(l) {
			continue
		}
		path = l.path
		if l.last >= 0 {
			index := fmt.Sprint(g.r.Intn(l.last + 1))
			if g.r.Intn(2) == 0 {
				index = fmt.Sprintf("(i & %d)", l.last)
			}
			path = fmt.Sprintf(path, index)
		}
		return fmt.Sprintf("(%s)->%s", o.ptr, path), path, l, o, true
	}
	return "", "", l, o, false
}

func addressable(l randomLeaf) bool { return !l.bits && !l.union }

// value is an expression of a scalar type.
func (g *randomProgram) value(typ string) string {
	switch {
	case !strings.Contains(typ, "*"):
		return fmt.Sprintf("(%s)(i * %d + %d)", typ, g.r.Intn(9), g.r.Intn(100))
	case g.r.Intn(4) > 0:
		elem := strings.TrimSpace(strings.TrimSuffix(typ, "*"))
		if lv, _, _, o, ok := g.leaf(func(l randomLeaf) bool { return l.typ == elem && addressable(l) }); ok && o.stays {
			return "&" + lv
		}
		return "&" + g.scalars[elem]
	}
	return "0"
}
