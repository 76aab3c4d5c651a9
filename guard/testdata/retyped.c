// Small structs on the stack, of which optimization makes integers.
// term: struct pair.a
// config: variants use
struct pair { int a, b; };
struct quad { int v[4]; };
int use(struct pair *p) { return p->a; }
int copied(struct pair *q) {
	struct pair p = *q; // guard: O0,O1: must-guard by-copy; O2: may-write by-object
	return use(&p);
}
