// What optimization makes of several stores.
// term: struct vec.b
// warnings
struct vec { int a, b, c, d; };
void zero(struct vec *v) {
	v->a = 0;
	v->b = 0; // guard: O0,O1: must-guard by-field; O2: must-guard by-fill; O2: warn: memory-function
	v->c = 0;
	v->d = 0;
}
void move(struct vec *restrict v, struct vec *restrict w) {
	v->a = w->a; // guard: O2: must-guard by-field; O2: warn: cast-from; O2: warn: evidence-destroyed
	v->b = w->b; // guard: O0,O1: must-guard by-field
	v->c = w->c;
	v->d = w->d;
}
