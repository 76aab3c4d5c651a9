// A member in a union, a record that shares a union with another.
// term: struct tagged.number
// term: struct inner.v
// term: struct any.u
// term: union init.small
// warnings
struct tagged { int kind; union { int number; float real; char bytes[4]; struct { short lo, hi; } half; }; }; // guard: warn: union
struct inner { int u; int v; };
struct twin { int a; int b; };
union both { struct inner inner; struct twin twin; }; // guard: warn: [2] union
// What is initialized with a member of a union has another type in the IR.
union init { unsigned char small; int large; }; // guard: warn: [4] union
static union init ready = { 3 };
int get(void) { return ready.large; }
void set(int i) {
	ready.small = i; // guard: [4] must-guard by-field
}
struct any { long kind; union { long i; double f; } u; };
void as_float(float *p) { *p = 1; } // guard: may-write by-unknown; [2] may-write by-unknown; [3] may-write by-unknown; [4] may-write by-unknown
long any(struct any *a) { return a->u.i; }
void members(struct tagged *t) {
	t->number = 1; // guard: O0,O1: must-guard by-field
	t->real = 1; // guard: must-guard by-field
	t->bytes[1] = 1; // guard: O0,O1: must-guard by-field
	t->half.lo = 1; // guard: must-guard by-field
	t->kind = 1;
}
void twins(struct twin *t, union both *b) {
	t->b = 1; // guard: [2] may-write by-unknown
	b->twin.b = 1; // guard: [2] must-guard by-field
	b->inner.u = 1;
}
