package guard

// This file holds the statements of the programs of random_test.go: ways to write.

import (
	"fmt"
	"strings"
)

// statement writes one statement that writes something, if there is something to write.
func (g *randomProgram) statement() {
	if g.r.Intn(6) == 0 && g.depth < 4 {
		g.line(pick(g, []string{"for (int j = 0; j < 2; j++, i++) {", "if (i & 1) {", "{", "switch (i & 1) case 0: case 1: {"}))
		g.depth++
		g.statement()
		g.statement()
		g.depth--
		g.line("}")
		return
	}
	ways := []func() bool{
		g.assign, g.assign, g.throughPointer, g.throughPointer, g.byHelper, g.byBytes, g.byOffset, g.byCast, g.byContainer, g.byInteger,
		g.copyRecord, g.copyRecord, g.copyMemory, g.copyMemory, g.copyPart, g.byArray, g.byFirst, g.byAtomic, g.byCallback, g.publish,
		g.byKept, g.link, g.byWalk, g.byWalk, g.bySwap, g.byAssembly, g.byLibrary, g.byChoice, g.makeRecord,
	}
	for range 10 {
		if pick(g, ways)() {
			return
		}
	}
}

func isNumber(l randomLeaf) bool { return !strings.Contains(l.typ, "*") }

// assign writes a scalar by its name.
func (g *randomProgram) assign() bool {
	lv, _, l, _, ok := g.leaf(func(randomLeaf) bool { return true })
	if !ok {
		return false
	}
	switch n := g.r.Intn(4); {
	case n == 0 && isNumber(l) && l.typ != "_Bool":
		g.line("%s%s;", lv, g.either("++", "--"))
	case n == 1 && isNumber(l):
		op := "+="
		if l.typ != "float" && l.typ != "double" {
			op = pick(g, []string{"|=", "^=", "-=", "&="})
		}
		g.line("%s %s %s;", lv, op, g.value(l.typ))
	default:
		g.line("%s = %s;", lv, g.value(l.typ))
	}
	return true
}

// throughPointer writes a scalar through pointers to it.
func (g *randomProgram) throughPointer() bool {
	lv, _, l, _, ok := g.leaf(addressable)
	if !ok {
		return false
	}
	p, q := g.name(), g.name()
	g.line("%s *%s = &%s;", l.typ, p, lv)
	switch g.r.Intn(5) {
	case 0:
		g.line("%s **%s = &%s;", l.typ, q, p)
		g.line("**%s = %s;", q, g.value(l.typ))
	case 1:
		g.line("void *%s = pass(%s);", q, p)
		g.line("*(%s *)%s = %s;", l.typ, q, g.value(l.typ))
	case 2:
		g.line("struct { int n; %s *p; } %s = { 1, %s };", l.typ, q, p)
		g.line("*%s.p = %s;", q, g.value(l.typ))
	case 3:
		g.line("%s *%s[2] = { &%s, %s };", l.typ, q, g.scalars[l.typ], p)
		g.line("*%s[i & 1] = %s;", q, g.value(l.typ))
	default:
		g.line("*%s = %s;", p, g.value(l.typ))
	}
	return true
}

// byHelper has the other unit write a scalar.
func (g *randomProgram) byHelper() bool {
	helpers := map[string]string{"int": "put_int", "long": "put_long", "short": "put_short", "char": "put_char", "int *": "put_ptr"}
	lv, _, l, _, ok := g.leaf(func(l randomLeaf) bool { return addressable(l) && helpers[l.typ] != "" })
	if !ok {
		return false
	}
	switch {
	case l.typ == "int" && g.r.Intn(3) == 0:
		g.line("put_list(2, &%s, &%s);", g.scalars["int"], lv)
	case l.typ == "int" && g.r.Intn(3) == 0:
		g.line("*pass_int(&%s) = %s;", lv, g.value(l.typ))
	default:
		g.line("%s(&%s, %s);", helpers[l.typ], lv, g.value(l.typ))
	}
	return true
}

// byBytes writes the bytes of a number.
func (g *randomProgram) byBytes() bool {
	lv, _, l, _, ok := g.leaf(func(l randomLeaf) bool { return !l.bits && isNumber(l) && l.typ != "_Bool" })
	if !ok {
		return false
	}
	switch p := g.name(); g.r.Intn(4) {
	case 0:
		g.line("put_any(&%s, sizeof %s, i);", lv, lv)
	case 1:
		g.line("for (unsigned %s = 0; %s < sizeof %s; %s++) ((char *)&%s)[%s] = i + %s;", p, p, lv, p, lv, p, p)
	case 2:
		g.line("memset(&%s, i, sizeof %s);", lv, lv)
	default:
		g.line("{ %s %s = %s; memcpy(&%s, &%s, sizeof %s); }", l.typ, p, g.value(l.typ), lv, p, p)
	}
	return true
}

// offset is where a path lies in a record, in bytes.
func offset(rec *randomRecord, path string) string {
	return fmt.Sprintf("((unsigned long)&((%s *)0)->%s)", rec.name, path)
}

// byOffset writes a scalar so many bytes from the beginning of its object.
func (g *randomProgram) byOffset() bool {
	_, path, l, o, ok := g.leaf(func(l randomLeaf) bool { return !l.bits })
	if !ok {
		return false
	}
	g.line("*(%s *)((char *)(%s) + %s) = %s;", l.typ, o.ptr, offset(o.rec, path), g.value(l.typ))
	return true
}

// byCast writes a scalar of an object that a void * leads to.
func (g *randomProgram) byCast() bool {
	_, path, l, o, ok := g.leaf(func(randomLeaf) bool { return true })
	if !ok {
		return false
	}
	p := g.name()
	g.line("void *%s = %s(%s);", p, g.either("", "pass"), o.ptr)
	g.line("((%s *)%s)->%s = %s;", o.rec.name, p, path, g.value(l.typ))
	return true
}

// byContainer writes a scalar of the object around a link or a part.
func (g *randomProgram) byContainer() bool {
	_, path, l, o, ok := g.leaf(func(randomLeaf) bool { return true })
	if !ok {
		return false
	}
	typ, at := "", ""
	switch {
	case len(o.rec.links) > 0:
		typ, at = "struct link", pick(g, o.rec.links)
	case len(o.rec.parts) > 0:
		p := pick(g, o.rec.parts)
		typ, at = p.rec.name, p.path
	default:
		return false
	}
	p := g.name()
	g.line("%s *%s = &(%s)->%s;", typ, p, o.ptr, at)
	g.line("((%s *)((char *)%s - %s))->%s = %s;", o.rec.name, p, offset(o.rec, at), path, g.value(l.typ))
	return true
}

// byInteger writes a scalar of an object whose address was an integer.
func (g *randomProgram) byInteger() bool {
	_, path, l, o, ok := g.leaf(func(l randomLeaf) bool { return !l.bits })
	if !ok {
		return false
	}
	n := g.name()
	g.line("uintptr_t %s = (uintptr_t)(%s);", n, o.ptr)
	if g.r.Intn(2) == 0 {
		g.line("((%s *)%s)->%s = %s;", o.rec.name, n, path, g.value(l.typ))
	} else {
		g.line("*(%s *)(%s + %s) = %s;", l.typ, n, offset(o.rec, path), g.value(l.typ))
	}
	return true
}

// two objects of one type, both kept if the second is.
func (g *randomProgram) two() (a, b randomObject, ok bool) {
	a, ok = g.object(func(o randomObject) bool { return !o.rec.flex })
	if !ok {
		return a, b, false
	}
	b, ok = g.object(func(o randomObject) bool { return o.rec == a.rec && o.ptr != a.ptr })
	return a, b, ok
}

// copyRecord copies an object by assignment.
func (g *randomProgram) copyRecord() bool {
	a, b, ok := g.two()
	if !ok {
		return false
	}
	p := g.name()
	switch g.r.Intn(3) {
	case 0:
		g.line("*(%s) = *(%s);", a.ptr, b.ptr)
	case 1:
		g.line("%s %s = *(%s);", a.rec.name, p, b.ptr)
		g.line("*(%s) = %s;", a.ptr, p)
	default:
		g.line("*(%s) = i & 1 ? *(%s) : *(%s);", a.ptr, b.ptr, a.ptr)
	}
	return true
}

// copyMemory copies an object as bytes.
func (g *randomProgram) copyMemory() bool {
	a, b, ok := g.two()
	if !ok {
		return false
	}
	how := pick(g, []string{"memcpy", "memmove", "copy_any", "move_any", "swap_any", "swap_words"})
	if g.r.Intn(4) == 0 {
		p := g.name()
		g.line("void *%s = %s;", p, a.ptr)
		g.line("%s(%s, %s, sizeof(%s));", how, p, b.ptr, a.rec.name)
		return true
	}
	g.line("%s(%s, %s, sizeof(%s));", how, a.ptr, b.ptr, a.rec.name)
	return true
}

// copyPart copies a part of an object, or clears it.
func (g *randomProgram) copyPart() bool {
	o := pick(g, g.objects)
	if len(o.rec.parts) == 0 {
		return false
	}
	part := pick(g, o.rec.parts)
	from, ok := g.object(func(o randomObject) bool { return o.rec == part.rec })
	switch {
	case ok && g.r.Intn(3) > 0:
		g.line("(%s)->%s = *(%s);", o.ptr, part.path, from.ptr)
	case g.r.Intn(2) == 0:
		g.line("memset(&(%s)->%s, 0, sizeof(%s));", o.ptr, part.path, part.rec.name)
	default:
		p := g.name()
		g.line("%s *%s = &(%s)->%s;", part.rec.name, p, o.ptr, part.path)
		g.line("*%s = (%s){0};", p, part.rec.name)
	}
	return true
}

// byArray walks through a member that is an array.
func (g *randomProgram) byArray() bool {
	o := pick(g, g.objects)
	for _, l := range o.rec.leaves {
		if l.last < 0 || l.union || !isNumber(l) || !strings.HasSuffix(l.path, "[%s]") || g.r.Intn(2) == 0 {
			continue
		}
		p, q := g.name(), g.name()
		g.line("%s *%s = (%s)->%s;", l.typ, p, o.ptr, strings.TrimSuffix(l.path, "[%s]"))
		switch g.r.Intn(3) {
		case 0:
			g.line("for (%s *%s = %s; %s < %s + %d; %s++) *%s = i;", l.typ, q, p, q, p, l.last, q, q)
		case 1:
			g.line("*(%s + (i & 1)) = %s;", p, g.value(l.typ))
		default:
			g.line("*++%s = i;", p)
		}
		return true
	}
	return false
}

// byFirst writes through a pointer to the first member, and from it back to the object.
func (g *randomProgram) byFirst() bool {
	o, ok := g.object(func(o randomObject) bool { return o.rec.first != nil })
	if !ok || len(o.rec.first.leaves) == 0 {
		return false
	}
	first := o.rec.first
	l := pick(g, first.leaves)
	if l.last >= 0 {
		return false
	}
	p := g.name()
	g.line("%s *%s = (%s *)(%s);", first.name, p, first.name, o.ptr)
	g.line("%s->%s = %s;", p, l.path, g.value(l.typ))
	if l := pick(g, o.rec.leaves); l.last < 0 {
		g.line("((%s *)%s)->%s = %s;", o.rec.name, p, l.path, g.value(l.typ))
	}
	return true
}

// byAtomic writes by an atomic operation.
func (g *randomProgram) byAtomic() bool {
	lv, _, l, _, ok := g.leaf(func(l randomLeaf) bool { return addressable(l) && (l.typ == "int" || l.typ == "long") })
	if !ok || strings.Contains(g.text.String(), "packed") {
		return false
	}
	switch g.r.Intn(4) {
	case 0:
		g.line("__atomic_store_n(&%s, %s, __ATOMIC_SEQ_CST);", lv, g.value(l.typ))
	case 1:
		g.line("__sync_fetch_and_add(&%s, 3);", lv)
	case 2:
		g.line("__sync_bool_compare_and_swap(&%s, %s, %s);", lv, lv, g.value(l.typ))
	default:
		g.line("__atomic_exchange_n(&%s, %s, __ATOMIC_RELAXED);", lv, g.value(l.typ))
	}
	return true
}

// byCallback has a function called that is there already.
func (g *randomProgram) byCallback() bool {
	if len(g.funcs) == 0 {
		return false
	}
	f := pick(g, g.funcs)
	o, ok := g.object(func(o randomObject) bool { return o.rec == f.rec })
	if !ok {
		return false
	}
	c := "c" + strings.TrimPrefix(f.name, "f")
	switch p := g.name(); {
	case g.r.Intn(3) == 0:
		g.line("call_with(%s, %s);", c, o.ptr)
	case g.r.Intn(2) == 0:
		g.line("void (*volatile %s)(void *) = %s;", p, c)
		g.line("%s(%s);", p, o.ptr)
	default:
		g.line("%s(%s, 2);", f.name, o.ptr)
	}
	return true
}

// publish puts a pointer to a scalar into a member, and writes by way of the member.
func (g *randomProgram) publish() bool {
	lv, _, l, _, ok := g.leaf(func(l randomLeaf) bool {
		return !l.union && (l.typ == "int *" || l.typ == "long *" || l.typ == "char *")
	})
	if !ok {
		return false
	}
	elem := strings.TrimSuffix(l.typ, " *")
	target, _, _, o, ok := g.leaf(func(l randomLeaf) bool { return addressable(l) && l.typ == elem })
	if !ok || !o.stays {
		return false
	}
	g.line("%s = &%s;", lv, target)
	g.line("*%s = %s;", lv, g.value(elem))
	return true
}

// byKept writes through a pointer that a member holds.
func (g *randomProgram) byKept() bool {
	lv, _, l, _, ok := g.leaf(func(l randomLeaf) bool {
		return !l.union && (l.typ == "int *" || l.typ == "long *" || l.typ == "char *")
	})
	if !ok {
		return false
	}
	g.line("if (%s) *%s = %s;", lv, lv, g.value(strings.TrimSuffix(l.typ, " *")))
	return true
}

// link puts an object into the list, and walks through it.
func (g *randomProgram) link() bool {
	o, ok := g.object(func(o randomObject) bool { return o.stays && len(o.rec.links) > 0 })
	if !ok {
		return false
	}
	l, p := pick(g, o.rec.links), g.name()
	g.line("head.next = head.prev = 0;")
	g.line("link_in(&(%s)->%s, &head);", o.ptr, l)
	g.line("for (struct link *%s = head.next; %s; %s = 0) {", p, p, p)
	leaf := pick(g, o.rec.leaves)
	if leaf.last < 0 {
		g.line("\t((%s *)((char *)%s - %s))->%s = %s;", o.rec.name, p, offset(o.rec, l), leaf.path, g.value(leaf.typ))
	}
	g.line("}")
	g.line("link_out(head.next);")
	return true
}

// byAssembly writes by inline assembly.
func (g *randomProgram) byAssembly() bool {
	lv, _, _, _, ok := g.leaf(func(l randomLeaf) bool { return addressable(l) && l.typ == "int" })
	if !ok {
		return false
	}
	if g.r.Intn(2) == 0 {
		g.line(`__asm__ volatile("incl %%0" : "+m"(%s));`, lv)
	} else {
		g.line(`__asm__ volatile("movl $3, (%%0)" : : "r"(&%s) : "memory");`, lv)
	}
	return true
}

// byLibrary has a function of the C library write.
func (g *randomProgram) byLibrary() bool {
	lv, _, l, _, ok := g.leaf(func(l randomLeaf) bool {
		return addressable(l) && (l.typ == "int" || l.typ == "long" || l.typ == "char *" || l.typ == "double")
	})
	if !ok {
		return false
	}
	switch l.typ {
	case "int":
		g.line(`sscanf("12", "%%d", &%s);`, lv)
	case "long":
		g.line(`{ char %s[8] = "77"; sscanf(%s, "%%ld", &%s); }`, "b", "b", lv)
	case "char *":
		g.line(`strtol("12", &%s, 10);`, lv)
		g.line(`%s = 0;`, lv)
	default:
		g.line(`{ extern double modf(double, double *); modf(i * 1.5, &%s); }`, lv)
	}
	return true
}

// byChoice writes through a pointer to one of two scalars, or objects.
func (g *randomProgram) byChoice() bool {
	lv, _, l, _, ok := g.leaf(addressable)
	if !ok {
		return false
	}
	if a, b, ok := g.two(); ok && g.r.Intn(2) == 0 && len(a.rec.leaves) > 0 {
		if l := pick(g, a.rec.leaves); l.last < 0 {
			g.line("(i & 1 ? %s : %s)->%s = %s;", a.ptr, b.ptr, l.path, g.value(l.typ))
			return true
		}
	}
	p := g.name()
	g.line("%s *%s = &%s;", l.typ, p, g.scalars[l.typ])
	g.line("if (i & %d) %s = &%s;", 1+g.r.Intn(3), p, lv)
	g.line("*%s = %s;", p, g.value(l.typ))
	return true
}

// makeRecord assigns a value that an expression makes.
func (g *randomProgram) makeRecord() bool {
	o, ok := g.object(func(o randomObject) bool { return !o.rec.flex })
	if !ok {
		return false
	}
	p := g.name()
	g.line("%s %s;", o.rec.name, p)
	g.line("memset(&%s, 0, sizeof %s);", p, p)
	for range 2 {
		if l := pick(g, o.rec.leaves); l.last < 0 {
			g.line("%s.%s = %s;", p, l.path, g.value(l.typ))
		}
	}
	g.line("*(%s) = %s;", o.ptr, p)
	return true
}

// byWalk writes in a loop over an array of records.
func (g *randomProgram) byWalk() bool {
	i := g.r.Intn(len(g.recs))
	rec := g.recs[i]
	l := pick(g, rec.leaves)
	if rec.flex || l.last >= 0 {
		return false
	}
	a, p, v := fmt.Sprintf("a%d", i), g.name(), g.value(l.typ)
	switch g.r.Intn(6) {
	case 0:
		g.line("for (%s *%s = %s; %s < %s + 3; %s++) %s->%s = %s;", rec.name, p, a, p, a, p, p, l.path, v)
	case 1:
		g.line("%s *%s = %s;", rec.name, p, a)
		g.line("do %s->%s = %s; while (++%s < %s + (i & 3));", p, l.path, v, p, a)
	case 2:
		g.line("%s *%s = %s + 3;", rec.name, p, a)
		g.line("while (%s > %s) (--%s)->%s = %s;", p, a, p, l.path, v)
	case 3:
		if l.bits {
			return false
		}
		g.line("for (int %s = i & 1; %s < 3; %s++) *(%s *)((char *)%s + %s * sizeof(%s) + %s) = %s;",
			p, p, p, l.typ, a, p, rec.name, offset(rec, l.path), v)
	case 4:
		if l.bits {
			return false
		}
		q := g.name()
		g.line("%s *%s[] = { &%s[0].%s, &%s[2].%s, &%s };", l.typ, p, a, l.path, a, l.path, g.scalars[l.typ])
		g.line("for (%s **%s = %s; %s < %s + 3; %s++) **%s = %s;", l.typ, q, p, q, p, q, q, v)
	default:
		if !rec.plain {
			return false
		}
		g.line("for (char *%s = (char *)%s; %s < (char *)(%s + 3); %s += 1 + (i & 1)) *%s ^= 5;", p, a, p, a, p, p)
	}
	return true
}

// bySwap writes through pointers that change places in a loop.
func (g *randomProgram) bySwap() bool {
	a, b, ok := g.two()
	if !ok {
		return false
	}
	l := pick(g, a.rec.leaves)
	if l.last >= 0 {
		return false
	}
	p, q, t := g.name(), g.name(), g.name()
	g.line("%s *%s = %s, *%s = %s;", a.rec.name, p, a.ptr, q, b.ptr)
	g.line("for (int j = 0; j < 3; j++) {")
	g.line("\t%s *%s = %s;", a.rec.name, t, p)
	g.line("\t%s = %s;", p, q)
	g.line("\t%s = %s;", q, t)
	g.line("\t%s->%s = %s;", p, l.path, g.value(l.typ))
	g.line("}")
	return true
}
