// Operations after which types do not tell what is written.
// term: struct obj.id
// warnings
#include <stdint.h>
#include <stdlib.h>
struct obj { int flags; int id; char name[8]; };
struct view { int a, b; };
struct outer { struct obj first; int rest; };
void *slot;
int *where;
int look(int *p);

void casts(struct obj *o, void *v, char *c, uintptr_t n, struct outer *u) {
	slot = o; // guard: O0,O1: warn: cast-from
	((struct obj *)v)->id = 1; // guard: O0,O1: must-guard by-field; O2: must-guard by-tbaa; O0,O1: warn: cast-to
	((struct obj *)c)->flags = 1; // guard: O0,O1: warn: cast-to
	((struct view *)o)->b = 2; // guard: O0,O1: must-guard by-field; O2: must-guard by-field; O0,O1: warn: cast-from
	((struct obj *)n)->id = 3; // guard: must-guard by-field; warn: cast-integer
	slot = (void *)((uintptr_t)o | 1); // guard: warn: cast-integer
	((struct obj *)u)->id = 4; // guard: must-guard by-field
}
long distance(struct obj *a, struct obj *b) { return a - b; }
struct obj *make(void) {
	struct obj *o = malloc(sizeof *o);
	o->id = 1; // guard: fresh by-field
	return o;
}
int visible(int *p) { return *p; }
int *addresses(struct obj *o) {
	where = &o->id; // guard: warn: address-escapes
	visible(&o->id); // guard: O0,O1: warn: address-taken
	look(&o->id); // guard: not-visible by-call; warn: not-visible; warn: address-escapes
	return &o->id; // guard: warn: address-escapes
}
void arithmetic(struct obj *o, int i) {
	int *p = &o->id;
	p[i] = 3; // guard: O0,O1: may-write by-field; warn: pointer-arithmetic; O2: may-write by-field
	p[-1] = 3; // guard: warn: pointer-arithmetic
}
