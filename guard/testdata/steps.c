// Steps between elements, without tags: optimization makes one of the cast, so what
// they say of the type is not believed.
// term: struct longer.id
// flags: -fno-strict-aliasing
struct pair { int a, b; };
struct longer { struct pair p; int id; };
struct other { int a, b, id; };
void steps(struct other *p, struct pair *q, int i) {
	((struct longer *)q)->id = 1; // guard: O0,O1: must-guard by-field; O2: may-write by-unknown
	p[1].a = 1; // guard: O2: may-write by-unknown
	p[i].a = 1;
	p[0].b = 1;
}
