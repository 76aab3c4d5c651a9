// Without strict aliasing there are no tags: types of records are all there is.
// term: struct obj.id
// flags: -fno-strict-aliasing
// warnings
struct obj { int flags; int id; long more; };
struct other { int flags; int id; };
struct third { int a, b; };
struct third *third;
void stores(struct obj *o, struct other *p, struct third *q, int *r, float *f, char *bytes) {
	o->id = 1; // guard: must-guard by-field
	o->more = 1;
	p->id = 1; // guard: proven-disjoint by-field
	q->b = 1; // guard: may-write by-unknown
	*r = 1; // guard: may-write by-unknown
	*f = 1; // guard: may-write by-unknown
	*(short *)(bytes + 6) = 1; // guard: may-write by-unknown; warn: evidence-destroyed
}
void confuse(struct obj *o) {
	third = (struct third *)o; // guard: O0,O1: warn: cast-from
}
