// Steps inside an array that is a member stay in it.
// term: struct vec.n
// term: struct vec.data[2]
struct vec { int n; int data[4]; int end; };
void step(struct vec *v, int i) {
	int *p = v->data;
	p[i] = 1; // guard: [2] may-write by-field
}
void walk(struct vec *v, int stop) {
	for (int *p = v->data; *p != stop; p++)
		*p = 0; // guard: [2] may-write by-field
}
void elements(struct vec *v, int n) {
	for (struct vec *p = v; p < v + n; p++) {
		p->end = 1;
		p->n = 2; // guard: must-guard by-field
	}
}
void leave(struct vec *v, int i) {
	int *p = &v->end;
	p[i] = 1; // guard: may-write by-field; [2] may-write by-field
}
