package main

// This file holds a test of ledgers of linked units.

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"quasi/guard"
)

// llvm-link makes struct id struct stamp, for their elements are the same. No write of an id
// may be lost by that: of variables, through pointers, on the stack, in a larger struct.
func TestGuardMergedTypes(t *testing.T) {
	needLLVM(t)
	dir := t.TempDir()
	first := writeFile(t, dir, "first.c", `struct stamp { long s, u; };
struct log { struct stamp from, to; };
struct stamp now;
struct log all;
void tick(struct stamp *t) { t->s = 1; }
`)
	second := writeFile(t, dir, "second.c", `struct id { long high, low; };
struct range { struct id first, last; };
struct id x, y;
struct range r;
void tick(void *);
void link_ids(struct id **);
void copy(struct id *a, struct id *b) { *a = *b; }
void set(struct id *a) { a->high = 3; }
void shift(struct range *a) { a->first = a->last; }
void out(struct id *a) { long *h = &a->high; *h = 4; }
struct id next(struct id a) { a.high++; return a; }
int main(void)
{
    struct id l = { 1, 2 };
    set(&l);
    copy(&x, &l);
    out(&y);
    shift(&r);
    r.last = next(y);
    return x.high;
}
`)
	said := mustQuasi(t, "guard", "-q", "--json", "--whole-program", "--term", "struct id.high", first, second, "--", "-fno-strict-aliasing")
	var l struct{ Rows []guard.Row }
	if err := json.Unmarshal([]byte(said), &l); err != nil {
		t.Fatal(err)
	}
	var lines []int
	for _, r := range l.Rows {
		if filepath.Base(r.File) == "second.c" && (r.Class == guard.MustGuard || r.Class == guard.MayWrite) {
			lines = append(lines, r.Line)
		}
	}
	for _, line := range []int{7, 8, 9, 10, 19} {
		if !slices.Contains(lines, line) {
			t.Errorf("line %d of second.c is no row; lines %v are", line, lines)
		}
	}
}
